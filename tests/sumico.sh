#!/bin/sh
# sumico.sh - a rede some sem uma palavra (a tampa do notebook se fecha, o cabo
# sai): nenhum FIN, nenhum RST, os pacotes se perdem. Quem ficou descobre em uns
# 120 segundos: o servidor, com -n 1 e com varios, calado (keepalive) ou no meio
# do envio (TCP_USER_TIMEOUT); o cliente, calado. Quem vive nao e cortado: nem
# quem parou de ler por um minuto, nem quem espera dois e meio na fila de -n 1
# com muito a enviar.
#
#   [SERVIDOR=programa] [CLIENTE=programa] sh tests/sumico.sh   (como root)
#
# Duas maquinas de mentira (network namespaces) e, entre elas, uma terceira, que
# deixa de repassar. Linux, iproute2 e root; senao, diz que nao rodou (com
# EXIGIR=1, e falha). As esperas correm juntas, ate PRAZO segundos.
cd "$(dirname "$0")/.." || exit 1
SERVIDOR=${SERVIDOR:-./servidor}
CLIENTE=${CLIENTE:-./cliente}
PRAZO=${PRAZO:-220} PAUSA=${PAUSA:-75}
. tests/contas.sh
ca=sumico$$s meio=sumico$$m la=sumico$$c
processos=

if [ -z "$VIGIADO" ]; then
    VIGIADO=1 timeout -k 10 $((PRAZO + 80)) sh "$0" && exit 0
    estado=$?
    [ $estado = 124 ] && echo "FALHOU sumico: o vigia cansou" &&
        echo "0 passed, 1 failed"
    exit $estado
fi
pasta_propria sumico
limpar() {
    for p in $processos; do
        kill -KILL "$p" 2>/dev/null
    done
    for p in $ca $meio $la; do
        for q in $(ip netns pids "$p" 2>/dev/null); do
            kill -KILL "$q" 2>/dev/null
        done
        ip netns del "$p" 2>/dev/null
    done
}

cabo() { # MAQUINA REDE: um cabo dela ate o meio
    ip -n "$1" link add cabo type veth peer name "$1" netns $meio &&
        ip -n "$1" link set lo up && ip -n "$1" link set cabo up &&
        ip -n $meio link set "$1" up &&
        ip -n "$1" addr add "10.99.$2.1/24" dev cabo &&
        ip -n $meio addr add "10.99.$2.254/24" dev "$1" &&
        ip -n "$1" route add default via "10.99.$2.254"
}
repassar() { # 1 ou 0
    ip netns exec $meio sh -c "echo $1 >/proc/sys/net/ipv4/ip_forward"
}
if ! { ip netns add $ca && ip netns add $meio && ip netns add $la &&
    cabo $ca 1 && cabo $la 2 && repassar 1; } 2>"$pasta/erro"; then
    pulado "sumico: sem network namespaces ($(head -n 1 "$pasta/erro"))"
    concluir
fi

conferir() { # NOME ESTADO
    julgar "$2" "sumico: $1"
}
limite=$(($(date +%s) + 30)) # de todas as esperas
ate() { # COMANDO...: espera que ele de certo
    until "$@" 2>/dev/null; do
        [ "$(date +%s)" -ge $limite ] && return 1
        sleep 0.5
    done
}
conversa() { # MAQUINA PORTA: alguem bem comportado
    [ "$(printf 'oi\nsair\n' | timeout 20 \
        ip netns exec "$1" "$CLIENTE" 10.99.1.1 "$2" 2>/dev/null)" = 'oi
sair' ]
}
servir() { # PORTA OPCOES...: o registro em $pasta/s-PORTA
    porta=$1
    shift
    ip netns exec $ca "$SERVIDOR" -a 10.99.1.1 "$@" "$porta" \
        >"$pasta/s-$porta" &
    eval "pid$porta=$!"
    processos="$processos $!"
    ate grep -q '^servidor TCP em' "$pasta/s-$porta"
}
cliente_de() { # MAQUINA PORTA NOME, a entrada em 3: o codigo em $pasta/NOME
    (
        ip netns exec "$1" "$CLIENTE" 10.99.1.1 "$2" <&3 3<&- \
            >"$pasta/saida-$3" 2>"$pasta/erro-$3"
        echo $? >"$pasta/$3"
    ) &
    processos="$processos $!"
}
descritores() {
    find "/proc/$1/fd" -mindepth 1 | wc -l
}
saiu() { # NOME: o cliente acabou com 1
    [ "$(cat "$pasta/$1")" = 1 ]
}
passou() { # SEGUNDOS desde o comeco
    [ $(($(date +%s) - comeco)) -ge "$1" ]
}
sobram() { # PID QUANTOS descritores
    [ "$(descritores "$1")" -le "$2" ]
}

servir 7001 -n 1 && servir 7008 -n 8 && servir 7011 -q -n 1 &&
    servir 7018 -q -n 8 && servir 7028 -q -n 8 && servir 7031 -q -n 1
conferir 'os servidores comecam' $?
# shellcheck disable=SC2154 # pid7018: de servir, por eval
antes=$(descritores "$pid7018")

# os calados: ninguem digita depois do primeiro oi
for porta in 7001 7008; do
    mkfifo "$pasta/teclado$porta"
    exec 3<>"$pasta/teclado$porta" # ler e escrever: nao bloqueia
    echo oi >&3
    cliente_de $la $porta calado$porta
done
ate grep -q '^cliente 1: 3 bytes' "$pasta/s-7001" &&
    ate grep -q '^cliente 1: 3 bytes' "$pasta/s-7008"
conferir 'os dois clientes conversam' $?
# os que enviam sem parar
for porta in 7011 7018; do
    mkfifo "$pasta/enchente$porta"
    exec 3<>"$pasta/enchente$porta"
    yes 'uma linha qualquer' >"$pasta/enchente$porta" &
    processos="$processos $!"
    cliente_de $la $porta envia$porta
    ate test -s "$pasta/saida-envia$porta"
done
conferir 'os dois que enviam sem parar conversam' $?
# um que vive, e le so depois da pausa
head -c 20000000 /dev/urandom >"$pasta/muito"
(
    ip netns exec $ca "$CLIENTE" 10.99.1.1 7028 <"$pasta/muito" \
        2>"$pasta/erro-pausa" | (
        sleep "$PAUSA"
        cat
    ) >"$pasta/volta"
    cmp "$pasta/muito" "$pasta/volta" >"$pasta/pausa" 2>&1 && : >"$pasta/igual"
) &
processos="$processos $!"
# um que espera a vez: o lugar e de outro, que so o deixa bem depois
mkfifo "$pasta/teclado7031"
exec 3<>"$pasta/teclado7031"
echo oi >&3
cliente_de $ca 7031 primeiro
ate test -s "$pasta/saida-primeiro"
head -c 1000000 /dev/urandom >"$pasta/bastante"
exec 3<"$pasta/bastante"
cliente_de $ca 7031 segundo
ate grep -q conectado "$pasta/erro-segundo"
conferir 'um conversa, e outro entra na fila' $?

repassar 0
comeco=$(date +%s)
limite=$((comeco + PRAZO))
conversa $ca 7008 # de dentro da maquina do servidor
conferir 'com um sumido, os outros sao atendidos (-n 8)' $?
conversa $ca 7018
conferir 'com um sumido a meio do envio, os outros sao atendidos (-n 8)' $?
for porta in 7001 7008; do
    ate grep -q '^cliente 1 caiu: ' "$pasta/s-$porta"
    conferir "o calado some, porta $porta: $(sed -n \
        's/^cliente 1 caiu: //p' "$pasta/s-$porta") \
($(($(date +%s) - comeco)) s)" $?
done
for porta in 7001 7008; do
    ate saiu calado$porta
    conferir "o servidor some e o cliente calado sai com 1, porta $porta \
($(($(date +%s) - comeco)) s): $(tail -n 2 "$pasta/erro-calado$porta" |
        head -n 1)" $?
done
ate test -e "$pasta/igual"
conferir "quem parou de ler por $PAUSA s recebe tudo" $?
ate sobram "$pid7018" "$antes"
conferir "quem enviava some, -n 8 ($(($(date +%s) - comeco)) s)" $?
ate conversa $ca 7011
conferir "quem enviava some, -n 1 ($(($(date +%s) - comeco)) s)" $?
ate passou 150
echo sair >"$pasta/teclado7031"
ate cmp -s "$pasta/bastante" "$pasta/saida-segundo"
conferir 'quem esperou a vez por 150 s e atendido, ate o ultimo byte' $?
repassar 1
for porta in 7001 7008 7011 7018; do
    conversa $la $porta
    conferir "de volta o cabo, atende na porta $porta" $?
done
for porta in 7001 7008 7011 7018; do
    eval "p=\$pid$porta"
    kill -INT "$p"
    wait "$p"
    conferir "Ctrl-C encerra com 0 o servidor da porta $porta" $?
done
concluir
