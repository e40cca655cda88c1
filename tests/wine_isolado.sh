#!/bin/sh
# wine_isolado.sh PROGRAMA.exe OPCOES... - o mesmo que wine, no Windows desta
# VAGA (ensaio.h), uma das copias de windows.sh. Mas um caso pode ter posto o
# programa em uma rede de ensaio (unshare), e os sockets quem abre e o
# wineserver, que ficou fora: ali, roda em mais uma copia, com um so dela.
#
# REDE_DE_FORA: a rede de windows.sh.
if [ "$(readlink /proc/self/ns/net)" = "$REDE_DE_FORA" ]; then
    WINEPREFIX="$WINEPREFIX-$VAGA" exec wine "$@"
fi
copia=$(mktemp -d -p "${WINEPREFIX%/*}") || exit 1
cp -al "$WINEPREFIX/." "$copia"
cp --remove-destination "$WINEPREFIX"/*.reg "$copia" # o wineserver os muda
export WINEPREFIX="$copia"
wine "$@"
codigo=$?
wineserver -k
rm -rf "$copia"
exit $codigo
