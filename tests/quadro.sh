#!/bin/sh
# quadro.sh - o quadro de make demo (docs/quadro.c) diz a verdade?
#
#   [SERVIDOR=programa] [CLIENTE=programa] [VEZES=30] sh tests/quadro.sh
#   sh tests/quadro.sh desenhar     refaz docs/img/quadro.svg e quadro-perda.svg
#
# O codigo de saida, as 80 colunas, as 30 linhas de cada parte; em VEZES
# quadros, de seis em seis ao mesmo tempo, nenhum efeito antes da causa; uma
# resposta errada, um servidor que nao sobe; a pausa; o que fica no ar depois
# de interrompido; as figuras, iguais ao que se ve hoje.

cd "$(dirname "$0")/.." || exit 1
VEZES=${VEZES:-30}
PARALELO=6
CC=${CC:-cc}
LC_ALL=C
export LC_ALL
unset PAUSA

if [ "$1" = desenhar ]; then
    make -s all docs/quadro || exit 1
    docs/quadro --svg tcp >docs/img/quadro.svg &&
        docs/quadro --svg perda >docs/img/quadro-perda.svg
    exit
fi

# shellcheck source=tests/contas.sh
. tests/contas.sh
pasta_propria quadro
t=$pasta
make -s docs/quadro || exit 1

# queixas NOME: certo se o arquivo de queixas esta vazio; e o esvazia
queixas() {
    [ ! -s "$t/queixas" ]
    julgar $? "$1" "$t/queixas"
    : >"$t/queixas"
}

# ordem QUADRO: as queixas. A causa de cada linha esta acima dela, e as chamadas
# de cada lado sao as da conversa, na ordem dela. Le so o texto.
ordem() {
    awk '
        function erro(o_que) { print NR ": " o_que ": " $0 }
        function sequencia(nome, achada, regra) {
            if (achada !~ "^" regra "$") print nome ": " achada
        }
        function fim_da_parte() {
            if (parte == "TCP") {
                sequencia("cliente", c, "(WSAStartup )?socket connect send " \
                    "recv send (shutdown recv recv|recv shutdown recv|" \
                    "recv recv shutdown) close (WSACleanup )?")
                sequencia("servidor", s, "(WSAStartup )?socket bind listen " \
                    "accept recv send recv send shutdown recv close " \
                    "(accept )?close (WSACleanup )?")
            } else if (parte) {
                sequencia("cliente", c, "(WSAStartup )?socket ((sendto )+" \
                    "recvfrom )+close (WSACleanup )?")
                sequencia("servidor", s, "(WSAStartup )?socket bind " \
                    "((recvfrom )+sendto )+(recvfrom )?close (WSACleanup )?")
            }
            if (parte && linhas > 30) print parte ": " linhas " linhas"
        }
        { n = $0; gsub(/[\200-\277]/, "", n)
          if (length(n) > 80) erro(length(n) " colunas") }
        /^(TCP|UDP):/ {
            fim_da_parte()
            parte = substr($0, 1, 3); linhas = 0; c = s = ""
            escuta = tem_porta = conexoes = aceitas = 0
            foi["c"] = foi["s"] = veio["c"] = veio["s"] = 0
            fim["c"] = fim["s"] = 0
        }
        /^demo: tudo certo/ { fim_da_parte(); parte = ""; tudo_certo = 1 }
        { linhas += $0 != "" }
        linhas < 4 || !/[a-zA-Z]\(.* = -?[0-9]/ { next }
        {
            eu = /^                                      / ? "s" : "c"
            ele = eu == "s" ? "c" : "s"
            match($0, /[a-zA-Z]+\(/)
            nome = substr($0, RSTART, RLENGTH - 1)
            r = $0; sub(/^.*\) = /, "", r); r += 0
            if (eu == "s") s = s nome " "; else c = c nome " "
            sub(/closesocket/, "close", s); sub(/closesocket/, "close", c)
            if (r < 0) next
            if (nome == "listen") escuta = 1
            if (nome == "bind") tem_porta = 1
            if (nome == "connect" && (!escuta || eu == "s"))
                erro("connect antes de listen")
            if (nome == "connect") conexoes++
            if (nome == "accept" && ++aceitas > conexoes)
                erro("accept antes de connect")
            if (nome == "send") foi[eu] += r
            if (nome == "sendto") foi[eu]++
            if (nome == "sendto" && !tem_porta) erro("sendto antes de bind")
            if (nome == "recv") veio[eu] += r
            if (nome == "recvfrom") veio[eu]++
            if (veio[eu] > foi[ele]) erro("recebe o que nao se enviou")
            if (nome == "recv" && r == 0 && !fim[ele])
                erro("recv = 0 antes do fim do outro")
            if (nome == "shutdown" || nome ~ /^close/) fim[eu] = 1
            if (nome ~ /^recv/ && !/<-*\047|\047->/ && !/<\047/)
                erro("recebe sem seta")
        }
        END { if (!tudo_certo) print "nao acaba em demo: tudo certo" }' "$1"
}

# ---- Um quadro --------------------------------------------------------------

docs/quadro >"$t/quadro" 2>"$t/queixas" ||
    echo "saiu com codigo $?" >>"$t/queixas"
queixas 'quadro: sai com 0'
ordem "$t/quadro" >"$t/queixas"
queixas 'quadro: 80 colunas, 30 linhas por parte, causa antes do efeito'
[ "$(grep -c '^[A-Z]*: ' "$t/quadro")" -eq 3 ] || cat "$t/quadro" >"$t/queixas"
queixas 'quadro: TCP, UDP e a perda'
for nota in '(-x: finge que n' '(1 s sem resposta: envia de novo)'; do
    grep -qF -e "$nota" "$t/quadro" || echo "falta $nota" >>"$t/queixas"
done
queixas 'quadro: um datagrama se perde e volta a ser enviado'

# quem confere a ordem ve uma ordem errada? Troca duas linhas vizinhas.
awk '/connect\(/ { guardada = $0; next } { print }
     guardada { print guardada; guardada = "" }' "$t/quadro" >"$t/trocado"
ordem "$t/trocado" | grep -q 'accept antes de connect' ||
    echo 'accept antes de connect passou' >>"$t/queixas"
awk '!ja && /\047-> recv/ { ja = 1; print; print antes; antes = ""; next }
     NR > 1 && antes != "" { print antes } { antes = $0 }
     END { print antes }' "$t/quadro" >"$t/trocado"
ordem "$t/trocado" | grep -q 'recebe o que nao se enviou' ||
    echo 'recv antes de send passou' >>"$t/queixas"
queixas 'quadro: uma ordem errada se veria'

# ---- Muitos, ao mesmo tempo -------------------------------------------------

# a perda leva um segundo, ou mais: um quadro em cada PARALELO a tem
n=0
while [ $n -lt "$VEZES" ]; do
    i=0
    while [ $i -lt $PARALELO ] && [ $n -lt "$VEZES" ]; do
        perda=
        [ $i -gt 0 ] || perda=perda
        { docs/quadro tcp udp $perda >"$t/quadro$i" 2>&1
          ordem "$t/quadro$i" >"$t/ordem$i"
          [ ! -s "$t/ordem$i" ] || cat "$t/quadro$i" >>"$t/ordem$i"; } &
        i=$((i + 1)) n=$((n + 1))
    done
    wait
    cat "$t"/ordem* >>"$t/queixas"
done
queixas "quadro: a ordem nunca e errada ($n vezes)"

# ---- O que da errado --------------------------------------------------------

cat >"$t/estraga.h" <<'C'
#include <string.h>
#include <sys/socket.h>
static inline long enviar_errado(int s, const void *p, size_t n, int f) {
    char c[65536];
    memcpy(c, p, n);
    c[0] ^= 1;
    return send(s, c, n, f);
}
static inline long enviar_errado_a(int s, const void *p, size_t n, int f,
                                   const struct sockaddr *e, socklen_t t) {
    char c[65536];
    memcpy(c, p, n);
    c[n - 1] ^= 1;
    return sendto(s, c, n, f, e, t);
}
#define send enviar_errado
#define sendto enviar_errado_a
C
$CC -w -include "$t/estraga.h" -o "$t/errado" servidor.c -pthread
for parte in tcp udp; do
    SERVIDOR="$t/errado" docs/quadro $parte >"$t/saida" 2>&1 &&
        cat "$t/saida" >"$t/queixas"
    grep -q 'FALHOU: a resposta nao e o que se enviou' "$t/saida" ||
        cat "$t/saida" >"$t/queixas"
    queixas "quadro: resposta errada por $parte"
done
SERVIDOR=false docs/quadro >"$t/saida" 2>&1 && cat "$t/saida" >"$t/queixas"
grep -q 'FALHOU: o servidor terminou' "$t/saida" ||
    cat "$t/saida" >"$t/queixas"
queixas 'quadro: um servidor que nao sobe'
docs/quadro tcp >/dev/full 2>"$t/saida" && cat "$t/saida" >"$t/queixas"
[ -e /dev/full ] || : >"$t/queixas"
queixas 'quadro: disco cheio'

# ---- A pausa, e o que fica no ar --------------------------------------------

mkfifo "$t/teclas" "$t/tela"
PAUSA=1 docs/quadro tcp <"$t/teclas" >"$t/tela" 2>&1 &
quadro=$!
exec 4>"$t/teclas" 5<"$t/tela"
pedidos=0 chamadas=
while read -r linha <&5; do
    case $linha in
    ENTER:*)
        pedidos=$((pedidos + 1))
        chamadas="$chamadas|"
        if [ $pedidos -eq 4 ]; then kill -TERM $quadro; else echo >&4; fi
        ;;
    *'connect('*) chamadas="${chamadas}c" ;;
    *'recv('*) chamadas="${chamadas}r" ;;
    *'deu a '*) porta=${linha##* } porta=${porta%)} ;;
    esac
done
exec 4>&- 5<&-
wait $quadro
[ $? -eq 143 ] || echo 'interrompido, nao saiu com 143' >>"$t/queixas"
[ "$chamadas" = '|c|rr|rrrr|' ] || echo "$chamadas" >>"$t/queixas"
queixas 'quadro: PAUSA=1 espera um ENTER por troca'
./cliente 127.0.0.1 "$porta" </dev/null >"$t/saida" 2>&1 &&
    echo "o servidor ainda atende na porta $porta" >"$t/queixas"
queixas 'quadro: interrompido, nao deixa nada no ar'
PAUSA=1 docs/quadro tcp </dev/null >"$t/saida" 2>&1 ||
    cat "$t/saida" >"$t/queixas"
queixas 'quadro: PAUSA=1 e a entrada acaba: segue sem esperar'
if command -v expect >/dev/null; then
    # a cada pedido, Ctrl-D; o quarto nao vem antes do terceiro Ctrl-D
    expect -c 'set timeout 60; set pedidos 0
        spawn -noecho env PAUSA=1 docs/quadro tcp
        expect {
            "ENTER:" { incr pedidos; send "\004"; exp_continue }
            timeout  { exit 9 }
            eof      { exit $pedidos }
        }' >"$t/saida" 2>&1
    [ $? -eq 4 ] || cat "$t/saida" >"$t/queixas"
    queixas 'quadro: PAUSA=1 em um terminal, Ctrl-D vale um ENTER'
else
    pulado 'quadro: Ctrl-D: falta expect'
fi

# ---- As figuras -------------------------------------------------------------

# so os textos, sem as portas e sem onde estao: dois fios do cliente podem
# trocar de ordem, e o Ctrl-C pode chegar antes da chamada que interrompe
textos() {
    grep '<text' "$1" | grep -v EINTR |
        sed 's/<[^>]*>//g; s/:[0-9][0-9]*/:P/g
             s/127.0.0.1 [0-9]*/127.0.0.1 P/; s/deu a [0-9]*/deu a P/' |
        grep -vx '[1-4]' | sort # o passo ao lado sai com a sua linha
}
for figura in tcp:quadro perda:quadro-perda; do
    SERVIDOR='' CLIENTE='' docs/quadro --svg "${figura%:*}" >"$t/nova" 2>&1
    textos "$t/nova" >"$t/hoje"
    textos "docs/img/${figura#*:}.svg" | diff - "$t/hoje" >"$t/queixas"
    queixas "a figura docs/img/${figura#*:}.svg mostra uma conversa de hoje"
done

concluir
