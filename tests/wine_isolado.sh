#!/bin/sh
# wine_isolado.sh PROGRAMA.exe OPCOES... - o mesmo que wine, no Windows desta
# VAGA (ensaio.h). Mas um caso pode ter posto o programa em uma rede de ensaio
# (unshare), e os sockets quem abre e o wineserver, que ficou fora: ali, roda em
# mais uma copia do Windows, com um wineserver seu.
#
# wine_isolado.sh --copiar PASTA - so faz a copia.
#
# REDE_DE_FORA: a rede de windows.sh.

# Os arquivos sao os mesmos (ligacoes); o registro nao, que o wineserver muda.
copiar() {
    cp -al "$WINEPREFIX/." "$1" &&
        cp --remove-destination "$WINEPREFIX"/*.reg "$1"
}

if [ "$1" = --copiar ]; then
    mkdir "$2" && copiar "$2"
    exit
fi
if [ "$(readlink /proc/self/ns/net)" = "$REDE_DE_FORA" ]; then
    export WINEPREFIX="$WINEPREFIX-$VAGA"
    exec wine "$@"
fi
copia=$(mktemp -d -p "${WINEPREFIX%/*}") && copiar "$copia" || exit 1
export WINEPREFIX="$copia"
wine "$@"
codigo=$?
wineserver -k
rm -rf "$copia"
exit $codigo
