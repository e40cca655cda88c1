#!/bin/sh
# windows.sh - a suite de make test com os programas do Windows, no
# Wine: servidor.exe com o cliente do Linux, o contrario, e os dois .exe. No
# fim, as DLLs de que eles precisam. (O console e com console.sh.)
#
# Do ambiente: CASOS, PARALELO, TEMPO..., como em ensaio.h.
cd "$(dirname "$0")/.." || exit 1
parar() { :; }
. tests/wine.sh
export TEMPO="${TEMPO:-3}"

# Um Windows para cada caso que roda ao lado de outros. O wineserver do Wine 8.0
# as vezes se aborta (server/sock.c: sock_get_poll_events, "Assertion
# `sock->obj.ops == &sock_ops' failed"), e com ele morrem, ou ficam sem Ctrl-C,
# todos os programas do mesmo Windows.
vaga=0
while [ $vaga -lt "${PARALELO:-4}" ]; do
    sh tests/wine_isolado.sh --copiar "$WINEPREFIX-$vaga" || exit 1
    (
        export WINEPREFIX="$WINEPREFIX-$vaga"
        ligar_windows
    )
    vaga=$((vaga + 1))
done

# suite TITULO SERVIDOR CLIENTE QUAIS_SAO_EXE
# Se ainda assim ele se aborta, o caso falha sem culpa: tem outra chance,
# sozinho, e o relato diz. O que falha duas vezes e uma falha.
suite() {
    export SERVIDOR=$2 CLIENTE=$3 WINDOWS=$4
    tests/bin/suite tudo >"$pasta/uma" 2>&1
    nomes=$(sed -n 's/^\[.*\] FALHOU \([a-z0-9_]*\).*/\1/p' "$pasta/uma")
    if [ -n "$nomes" ]; then
        sed -n 's/^\[.*\] FALHOU /na primeira vez, falhou /p' "$pasta/uma"
        CASOS=$nomes PARALELO=1 tests/bin/suite tudo >"$pasta/outra" 2>&1
        # os pulados e os certos da primeira; o resto, da segunda
        awk 'FNR == NR { if (/^PULADO /) print
                         if (/^[0-9]+ passed, /) { p = $1; s = $5 }
                         next }
             /^[0-9]+ passed, / { printf "%d passed, %d failed, %d skipped\n",
                                  p + $1, $3, s + $5; next }
             /^FALHOU /' "$pasta/uma" "$pasta/outra" >"$pasta/soma"
        mv "$pasta/soma" "$pasta/uma"
    fi
    juntar "$1" "$pasta/uma"
}

# So as que vem com o Windows; nada de libgcc, libwinpthread, libssp...
conferir_dlls() {
    for alvo in x86_64-w64-mingw32 i686-w64-mingw32; do
        fazer "$pasta/$alvo" $alvo-gcc
        for exe in servidor.exe cliente.exe; do
            dlls=$($alvo-objdump -p "$pasta/$alvo/$exe" |
                sed -n 's/.*DLL Name: //p' | tr 'A-Z\n' 'a-z ')
            sobra=$(printf '%s' "$dlls" | tr ' ' '\n' | grep -Evx \
                '(kernel32|ws2_32|msvcrt|ucrtbase|api-ms-win-crt-.*)\.dll')
            # sem ws2_32 nao ha rede: nao se leu a lista direito
            [ -z "$sobra" ] && [ -z "${dlls##*ws2_32.dll*}" ]
            julgar $? "dlls_${alvo%%-*}_$exe: $dlls"
        done
    done
}

servidor_exe="sh tests/wine_isolado.sh $pasta/servidor.exe"
cliente_exe="sh tests/wine_isolado.sh $pasta/cliente.exe"
REDE_DE_FORA=$(readlink /proc/self/ns/net)
export REDE_DE_FORA
suite 'servidor do Windows' "$servidor_exe" ./cliente servidor
suite 'cliente do Windows' ./servidor "$cliente_exe" cliente
# cada um ja foi visto com todos; juntos, bastam as conversas
export CASOS="${CASOS:-tcp_ udp_ cliente_ sair}"
suite 'os dois do Windows' "$servidor_exe" "$cliente_exe" servidor,cliente
conferir_dlls
concluir
