#!/bin/sh
# sumico.sh - o cliente some sem uma palavra (a tampa do notebook se fecha, o
# cabo sai): nenhum FIN, nenhum RST. O keepalive do sistema descobre, em uns 60
# segundos, e o servidor solta o lugar dele, com -n 1 e com varios.
#
#   [SERVIDOR=programa] [CLIENTE=programa] sh tests/sumico.sh   (como root)
#
# Duas maquinas de mentira (network namespaces) ligadas por um cabo (veth), que
# se tira. Linux, iproute2 e root; senao, diz que nao rodou (com EXIGIR=1, e
# falha). Espera linhas do servidor; por tempo, so o vigia de 180 segundos.
cd "$(dirname "$0")/.." || exit 1
SERVIDOR=${SERVIDOR:-./servidor}
CLIENTE=${CLIENTE:-./cliente}
. tests/contas.sh
ca=sumico$$s la=sumico$$c # a maquina do servidor e a do cliente
processos=

if [ -z "$VIGIADO" ]; then
    VIGIADO=1 timeout -k 10 180 sh "$0" && exit 0
    estado=$?
    [ $estado = 124 ] && echo "FALHOU sumico: 180 segundos e o servidor nada" &&
        echo "0 passed, 1 failed"
    exit $estado
fi
pasta_propria sumico
limpar() {
    for p in $processos; do
        kill -KILL "$p" 2>/dev/null
    done
    ip netns del $ca 2>/dev/null
    ip netns del $la 2>/dev/null
}

if ! { ip netns add $ca && ip netns add $la &&
    ip -n $ca link add cabo type veth peer name cabo netns $la &&
    ip -n $ca link set lo up && ip -n $ca link set cabo up &&
    ip -n $la link set cabo up && ip -n $ca addr add 10.99.0.1/24 dev cabo &&
    ip -n $la addr add 10.99.0.2/24 dev cabo; } 2>"$pasta/erro"; then
    pulado "sumico: sem network namespaces ($(head -n 1 "$pasta/erro"))"
    concluir
fi

esperar() { # DESCRITOR MOLDE: le linhas ate uma que case
    while IFS= read -r linha <&"$1"; do
        # shellcheck disable=SC2254
        case $linha in $2) return 0 ;; esac
    done
    return 1
}
conversa() { # MAQUINA PORTA: alguem bem comportado
    [ "$(printf 'oi\nsair\n' |
        ip netns exec "$1" "$CLIENTE" 10.99.0.1 "$2" 2>/dev/null)" = 'oi
sair' ]
}

mkfifo "$pasta/um" "$pasta/varios"
ip netns exec $ca "$SERVIDOR" -a 10.99.0.1 -n 1 7001 >"$pasta/um" &
um=$!
ip netns exec $ca "$SERVIDOR" -a 10.99.0.1 -n 8 7008 >"$pasta/varios" &
varios=$!
processos="$um $varios"
exec 3<"$pasta/um" 4<"$pasta/varios"
esperar 3 'servidor TCP em*'
esperar 4 'servidor TCP em*'
for porta in 7001 7008; do # ninguem digita: calado, depois do primeiro oi
    mkfifo "$pasta/teclado$porta"
    ip netns exec $la "$CLIENTE" 10.99.0.1 $porta \
        <"$pasta/teclado$porta" >/dev/null 2>&1 &
    processos="$processos $!"
done
exec 5>"$pasta/teclado7001" 6>"$pasta/teclado7008"
echo oi >&5
echo oi >&6
esperar 3 'cliente 1: 3 bytes*' && esperar 4 'cliente 1: 3 bytes*'
julgar $? 'sumico: os dois clientes conversam'
ip -n $la link set cabo down
conversa $ca 7008 # de dentro da maquina do servidor
julgar $? 'sumico: com um sumido, os outros sao atendidos (-n 8)'
esperar 3 'cliente 1 caiu: *'
julgar $? "sumico: -n 1: ${linha#cliente 1 }"
esperar 4 'cliente 1 caiu: *'
julgar $? "sumico: -n 8: ${linha#cliente 1 }"
ip -n $la link set cabo up
conversa $la 7001
julgar $? 'sumico: de volta o cabo, -n 1 atende'
conversa $la 7008
julgar $? 'sumico: de volta o cabo, -n 8 atende'
for p in $um $varios; do
    kill -INT "$p"
    wait "$p"
    julgar $? 'sumico: Ctrl-C encerra o servidor com 0'
done
concluir
