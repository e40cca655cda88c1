#!/bin/sh
# wine_isolado.sh PROGRAMA.exe OPCOES... - o mesmo que wine, no Windows desta
# VAGA (ensaio.h), uma das copias de windows.sh.
WINEPREFIX="$WINEPREFIX-$VAGA" exec wine "$@"
