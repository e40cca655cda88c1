#!/bin/sh
# demo.sh - uma conversa de verdade, por TCP e depois por UDP (make demo).
#
#   [SERVIDOR=programa] [CLIENTE=programa] sh tests/demo.sh
#
# Sobe um servidor em uma porta livre, digita frases no cliente, mostra os
# dois lados na ordem em que as coisas acontecem e encerra o servidor com o
# sinal de Ctrl-C. Sai com 0 so se cada resposta foi igual ao que se enviou.
# Cada passo espera uma linha de um dos programas; por tempo, so espera o
# vigia, que desfaz tudo se um deles emudece.

cd "$(dirname "$0")/.." || exit 1
SERVIDOR=${SERVIDOR:-./servidor}
CLIENTE=${CLIENTE:-./cliente}
LIMITE=60 # segundos, para a demonstracao inteira

dir=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX") || exit 1
servidor= # o processo, enquanto existe
cliente=

limpar() {
    for p in $vigia $servidor $cliente; do
        kill "$p" 2>/dev/null
    done
    rm -rf "$dir"
}
trap limpar EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap : PIPE # quem escreve para um programa que caiu recebe um erro

(
    trap 'kill "$s" 2>/dev/null; exit' TERM
    sleep $LIMITE &
    s=$!
    wait "$s"
    echo "demo: FALHOU: nada terminou em $LIMITE segundos" >&2
    kill -TERM $$
) &
vigia=$!

falhar() {
    printf 'demo: FALHOU: %s\n' "$1" >&2
    exit 1
}

# A proxima linha de um dos lados, para $linha e para a tela.
ler_servidor() {
    IFS= read -r linha <&3 || falhar 'o servidor parou de falar'
    printf 'servidor | %s\n' "$linha"
}

ler_cliente() {
    IFS= read -r linha <&5 || falhar 'o cliente parou de falar'
    printf 'cliente  | %s%s\n' "$1" "$linha"
}

# Digita uma frase e confere a resposta.
dizer() {
    printf 'cliente  | digitado: %s\n' "$1"
    printf '%s\n' "$1" >&4 || falhar 'o cliente nao le mais o que se digita'
    ler_servidor
    case $linha in *chegou*) ler_servidor ;; esac # em UDP, so agora
    ler_cliente 'recebido: '
    [ "$linha" = "$1" ] || falhar "a resposta nao e o que se enviou: $1"
    certas=$((certas + 1))
}

# Um servidor, um cliente, uma conversa. $1: TCP ou UDP; $2: -t ou -u.
conversar() {
    mkfifo "$dir/servidor$2" "$dir/digitado$2" "$dir/cliente$2"

    $SERVIDOR "$2" 0 >"$dir/servidor$2" &
    servidor=$!
    exec 3<"$dir/servidor$2"
    ler_servidor
    porta=${linha##*:}
    porta=${porta%% *}
    ler_servidor

    $CLIENTE "$2" 127.0.0.1 "$porta" \
        <"$dir/digitado$2" >"$dir/cliente$2" 2>&1 3<&- &
    cliente=$!
    exec 4>"$dir/digitado$2" 5<"$dir/cliente$2"
    ler_cliente
    case $linha in
    conectado*|pronto*) ;;
    *) falhar "o cliente $1 nao comecou a conversa" ;;
    esac
    [ "$1" = UDP ] || ler_servidor # chegou de ...

    dizer "$(printf 'Ol\303\241, servidor!')"
    dizer "$(printf 'A\303\247\303\243o e rea\303\247\303\243o: \303\251 o eco.')"
    dizer sair

    while IFS= read -r linha <&5; do # o adeus do cliente, se houver
        printf 'cliente  | %s\n' "$linha"
    done
    wait "$cliente" || falhar "o cliente $1 saiu com codigo $?"
    cliente=
    ler_servidor
    exec 4>&- 5<&-

    echo '         | Ctrl-C no servidor'
    kill -INT "$servidor"
    ler_servidor
    wait "$servidor" || falhar "o servidor $1 saiu com codigo $?"
    servidor=
    exec 3<&-
    case $linha in
    resumo:*) ;;
    *) falhar "o servidor $1 nao fez o resumo" ;;
    esac
}

certas=0
echo '--- TCP: uma conexao, um fluxo de bytes ---'
conversar TCP -t
echo
echo '--- UDP: sem conexao, cada mensagem e um datagrama ---'
conversar UDP -u
echo
echo "demo: tudo certo, $certas respostas iguais ao que se enviou"
