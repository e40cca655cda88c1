#!/bin/sh
# windows.sh - o que se prova dos .exe, no Wine. Partes:
#
#   suite    a de make test: servidor.exe com o cliente do Linux, o contrario, e
#            os dois .exe; e eles com ncat e socat
#   console  o que se digita e se le em um console: veja console.py
#   passos   os de docs/passos
#
#   [CASOS=...] [PARALELO=4] [TEMPO=3] sh tests/windows.sh [PARTE...]
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar windows.sh x86_64-w64-mingw32-gcc wine wineserver tmux bash python3
pasta_propria windows
export WINEPREFIX="$pasta/windows" WINEDEBUG=-all LC_ALL=C.UTF-8
export PASTA="$pasta" TEMPO="${TEMPO:-3}"
# sem .NET nem navegador; nem a area de trabalho, que ninguem ve e que as vezes
# o console espera 10 segundos em vao
export WINEDLLOVERRIDES='mscoree,mshtml=;explorer.exe=d'
unset DISPLAY WAYLAND_DISPLAY

# ---- O Windows --------------------------------------------------------------

limpar() {
    trap '' HUP INT TERM
    for windows in "$pasta"/windows*; do
        WINEPREFIX=$windows wineserver -k 2>/dev/null
    done
}

# Liga um Windows com um so wineserver ate o fim. O cmd, que espera uma entrada
# que nao vem, nunca o deixa sem nenhum programa: os servicos dele terminariam
# e, se outro programa comecasse nesse instante, ficaria sem rede ou sem Ctrl-C.
ligar_windows() { # PASTA
    WINEPREFIX=$1 wineserver -p 2>/dev/null
    WINEPREFIX=$1 wine cmd <"$pasta/nada" >/dev/null 2>&1 &
}

# Os .exe, com o Makefile, sem nada do nivel de cima. E o Windows: espera que
# ele acabe de se fazer (wineserver -w).
if ! { cp Makefile servidor.c cliente.c common.h "$pasta" &&
    env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u CFLAGS -u LDFLAGS \
        make -s -C "$pasta" OS=Windows_NT CC=x86_64-w64-mingw32-gcc &&
    mkdir "$WINEPREFIX" && timeout 300 wineboot -i >/dev/null 2>&1 &&
    timeout 100 wineserver -w &&
    mkfifo "$pasta/nada" && exec 7<>"$pasta/nada"; }; then
    falhou 'windows.sh: nao fiz os .exe, ou o Wine nao funciona aqui'
    concluir
fi

# insistir TITULO COMANDO... - roda os casos, e os conta. O wineserver do Wine
# 8.0 as vezes se aborta (server/sock.c: sock_get_poll_events, "Assertion
# `sock->obj.ops == &sock_ops' failed"), ou perde um programa que comeca ("wine
# client error"): quem falha tem outra chance, sozinho, e o relato diz; e mais
# uma, se o que se viu foi essa mensagem. Vale o ultimo veredito de cada caso.
insistir() {
    titulo=$1 rodadas=1
    shift
    "$@" >"$pasta/saida" 2>&1
    cp "$pasta/saida" "$pasta/todas"
    for culpado in '' 'wine client error'; do
        sed -nE "/FALHOU .*$culpado/s/^(\\[.*\\] )?FALHOU //p" "$pasta/saida" |
            sort -u >"$pasta/falhas"
        [ -s "$pasta/falhas" ] || break
        sed 's/^/outra chance: /' "$pasta/falhas"
        CASOS=$(sed 's/:.*//' "$pasta/falhas") PARALELO=1 "$@" \
            >"$pasta/saida" 2>&1
        cat "$pasta/saida" >>"$pasta/todas"
        rodadas=$((rodadas + 1))
    done
    awk -v rodadas=$rodadas '
        { sub(/^\[[^]]*\] /, ""); nome = $2; sub(/:$/, "", nome) }
        /^(ok|FALHOU|PULADO) / { visto[nome] = $1; linha[nome] = $0 }
        /^[0-9]+ passed, / { fins++ }
        END { if (fins < rodadas) exit
              for (n in visto) {
                  conta[visto[n]]++
                  print linha[n] (visto[n] != "FALHOU" ? "" :
                      " -- de novo: CASOS=" n " sh tests/windows.sh")
              }
              printf "%d passed, %d failed, %d skipped\n", conta["ok"],
                     conta["FALHOU"], conta["PULADO"] }' \
        "$pasta/todas" | sort >"$pasta/saida"
    juntar "$titulo" "$pasta/saida"
}

# ---- As partes --------------------------------------------------------------

suite() {
    # um Windows para cada caso que roda ao lado de outros: com o wineserver
    # morrem, ou ficam sem Ctrl-C, todos os programas do mesmo Windows
    vaga=0
    while [ $vaga -lt "${PARALELO:-4}" ]; do
        # os arquivos sao os mesmos; menos o registro, que o wineserver muda
        cp -al "$WINEPREFIX" "$WINEPREFIX-$vaga" || exit 1
        cp --remove-destination "$WINEPREFIX"/*.reg "$WINEPREFIX-$vaga"
        ligar_windows "$WINEPREFIX-$vaga"
        vaga=$((vaga + 1))
    done
    isolado="sh tests/wine_isolado.sh $pasta"
    export SERVIDOR="$isolado/servidor.exe" CLIENTE=./cliente
    insistir 'servidor do Windows' tests/bin/suite
    export SERVIDOR=./servidor CLIENTE="$isolado/cliente.exe"
    insistir 'cliente do Windows' tests/bin/suite
    export SERVIDOR="$isolado/servidor.exe"
    # cada um ja foi visto com todos; juntos, bastam as conversas
    casos=$CASOS
    export CASOS="${CASOS:-tcp_ udp_ cliente_ sair}"
    insistir 'os dois do Windows' tests/bin/suite
    export CASOS="${casos:-ncat socat}" VAGA=0
    insistir 'ncat e socat com os do Windows' python3 tests/ferramentas.py
    CASOS=$casos
}

console() {
    x86_64-w64-mingw32-gcc -o "$pasta/fechar_janela.exe" tests/fechar_janela.c
    julgar $? 'fechar_janela.c compila'
    insistir 'o console do Windows' python3 tests/console.py
}

passos() {
    insistir 'os passos do Windows' python3 tests/passos.py windows
}

ligar_windows "$WINEPREFIX"
[ $# -gt 0 ] || set -- suite console passos
for parte; do
    $parte
done
concluir
