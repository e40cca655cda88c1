#!/bin/sh
# wine_isolado.sh PROGRAMA.exe OPCOES... - o mesmo que wine. Mas um caso pode
# ter posto o programa em uma rede de ensaio (unshare), e os sockets quem abre
# e o wineserver, que ficou fora: ali, roda em uma copia do Windows, com um
# wineserver seu. REDE_DE_FORA: a rede de windows.sh.
[ "$(readlink /proc/self/ns/net)" != "$REDE_DE_FORA" ] || exec wine "$@"
copia=$(mktemp -d -p "${WINEPREFIX%/*}") && cp -al "$WINEPREFIX/." "$copia" ||
    exit 1
export WINEPREFIX="$copia"
wine "$@"
codigo=$?
wineserver -k
rm -rf "$copia"
exit $codigo
