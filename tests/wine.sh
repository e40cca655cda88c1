# shellcheck shell=sh
# wine.sh - o que windows.sh e console.sh tem em comum: os .exe e um Windows (um
# prefixo do Wine) so deles, em uma pasta que some no fim. Nao se roda: le-se
# com ". tests/wine.sh", do nivel de cima.
#
# Antes: $FERRAMENTAS, as que o teste usa alem do mingw-w64 e do Wine; parar,
# uma funcao chamada no fim. Depois: $pasta, com servidor.exe e cliente.exe, e
# o Wine pronto.

. tests/contas.sh
# shellcheck disable=SC2086
precisar "${0##*/}" x86_64-w64-mingw32-gcc wine wineserver $FERRAMENTAS
pasta_propria windows
export WINEPREFIX="$pasta/windows" WINEDEBUG=-all LC_ALL=C.UTF-8
# sem .NET nem navegador; nem a area de trabalho, que ninguem ve e que as vezes
# o console espera 10 segundos em vao
export WINEDLLOVERRIDES='mscoree,mshtml=;explorer.exe=d'
unset DISPLAY WAYLAND_DISPLAY

limpar() {
    trap '' HUP INT TERM
    parar
    for windows in "$pasta"/windows*; do
        WINEPREFIX=$windows wineserver -k 2>/dev/null
    done
}

# fazer PASTA COMPILADOR - os .exe com o Makefile, em uma pasta a parte: nada
# se mistura ao que make fez no nivel de cima.
fazer() {
    mkdir -p "$1" && cp Makefile servidor.c cliente.c common.h "$1" &&
        env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u CFLAGS -u LDFLAGS \
            make -s -C "$1" OS=Windows_NT "CC=$2"
}

# Liga o Windows de $WINEPREFIX com um so wineserver ate o fim. O cmd, que
# espera uma entrada que nao vem, nunca o deixa sem nenhum programa: os servicos
# dele terminariam e, se outro programa comecasse nesse instante, ficaria sem
# rede ou sem Ctrl-C.
ligar_windows() {
    wineserver -p 2>/dev/null
    wine cmd <"$pasta/nada" >/dev/null 2>&1 &
}

# Faz o Windows e espera que ele acabe de se fazer (wineserver -w).
if ! { fazer "$pasta" x86_64-w64-mingw32-gcc && mkdir "$WINEPREFIX" &&
    timeout 300 wineboot -i >/dev/null 2>&1 && timeout 100 wineserver -w &&
    mkfifo "$pasta/nada" && exec 7<>"$pasta/nada"; }; then
    falhou "${0##*/}: nao fiz os .exe, ou o Wine nao funciona aqui"
    concluir
fi
ligar_windows
