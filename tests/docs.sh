#!/bin/sh
# docs.sh - as paginas dizem a verdade?
#
#   [SERVIDOR=programa] [CLIENTE=programa] [EXIGIR=1] sh tests/docs.sh
#
# Em README.md e docs/*.md: os links levam a arquivos e titulos que existem;
# cada referencia `arquivo.c: funcao` e a uma funcao definida ali; cada pagina
# comeca dizendo o que se aprende e em quanto tempo; a ortografia (hunspell;
# com EXIGIR=1, sem ele e falha). Em docs/aula.md: todos os assuntos da aula,
# na ordem dela, e os rastros iguais aos dos programas. Em docs/en.md: as
# opcoes que a ajuda mostra.

cd "$(dirname "$0")/.." || exit 1
SERVIDOR=${SERVIDOR:-./servidor}
CLIENTE=${CLIENTE:-./cliente}
LIMITE=60 # segundos, para as conversas com os programas
LC_ALL=C
export LC_ALL

. tests/contas.sh
pasta_propria docs
t=$pasta
servidor='' cliente='' vigia='' leitor=''
limpar() {
    for p in $vigia $servidor $cliente $leitor; do kill "$p" 2>/dev/null; done
}
trap : PIPE

# queixas NOME: certo se o arquivo de queixas esta vazio
queixas() {
    [ ! -s "$t/queixas" ]
    julgar $? "$1" "$t/queixas"
}

paginas="README.md $(find docs tests -name '*.md' | sort | tr '\n' ' ')"

# ---- Ler Markdown -----------------------------------------------------------

# a pagina sem os blocos de codigo; as linhas continuam com o seu numero
sem_blocos() {
    awk '{ s = $0; sub(/^[ >]*/, "", s) }
         !bloco && s ~ /^(```|~~~)/ { bloco = substr(s, 1, 3); print ""; next }
         bloco { if (index(s, bloco) == 1) bloco = ""; print ""; next }
         { print }' "$1"
}

# sem o codigo entre crases, mesmo que mude de linha dentro do paragrafo
sem_codigo() {
    sem_blocos "$1" | awk '
        function limpar(s,   r, n, marca, i, dentro) {
            r = ""
            while (match(s, /`+/)) {
                marca = substr(s, RSTART, RLENGTH)
                n = RLENGTH
                r = r substr(s, 1, RSTART - 1)
                s = substr(s, RSTART + n)
                i = fecho(s, marca, n)
                if (!i) { r = r marca; continue }
                dentro = substr(s, 1, i - 1)
                gsub(/[^\n]/, "", dentro)
                r = r dentro
                s = substr(s, i + n)
            }
            return r s
        }
        # onde, em s, esta a proxima sequencia de exatamente n crases
        function fecho(s, marca, n,   base) {
            base = 0
            while (match(s, /`+/)) {
                if (RLENGTH == n) return base + RSTART
                base += RSTART + RLENGTH - 1
                s = substr(s, RSTART + RLENGTH)
            }
            return 0
        }
        /^[ >]*$/ { if (p != "") printf "%s", limpar(p); p = ""; print; next }
        { p = p $0 "\n" }
        END { printf "%s", limpar(p) }'
}

# as ancoras dos titulos da pagina, como o GitHub as forma
ancoras() {
    sem_blocos "$1" | grep '^##* ' | sed 's/^##* *//; s/ *$//' |
        tr 'A-Z\200-\236' 'a-z\240-\276' |
        awk '{ gsub(/[^-_ a-z0-9\200-\377]/, ""); gsub(/ /, "-")
               print vezes[$0]++ ? $0 "-" (vezes[$0] - 1) : $0 }'
}

# ---- Links ------------------------------------------------------------------

for p in $paginas; do
    sem_codigo "$p" | awk '
        { s = $0
          while (match(s, /\]\([^)]*\)/)) {
              print NR " " substr(s, RSTART + 2, RLENGTH - 3)
              s = substr(s, RSTART + RLENGTH)
          }
          s = $0
          while (match(s, /(src|href)="[^"]*"/)) {
              alvo = substr(s, RSTART, RLENGTH)
              sub(/^[^"]*"/, "", alvo); sub(/"$/, "", alvo)
              print NR " " alvo
              s = substr(s, RSTART + RLENGTH)
          } }' >"$t/links"
    while read -r linha alvo; do
        alvo=${alvo%% \"*}
        case $alvo in
        http://* | https://* | mailto:*) continue ;;
        esac
        arquivo=${alvo%%#*}
        ancora=${alvo#"$arquivo"}
        ancora=${ancora#\#}
        case $arquivo in
        '') arquivo=$p ;;
        *) arquivo=$(dirname "$p")/$arquivo ;;
        esac
        if [ ! -e "$arquivo" ]; then
            echo "$p:$linha: $alvo: o arquivo nao existe"
        elif [ -n "$ancora" ]; then
            ancora=$(printf '%s' "$ancora" | tr 'A-Z\200-\236' 'a-z\240-\276')
            ancoras "$arquivo" | grep -qxF -e "$ancora" ||
                echo "$p:$linha: $alvo: o titulo nao existe"
        fi
    done <"$t/links" >"$t/queixas"
    queixas "links de $p ($(wc -l <"$t/links" | tr -d ' '))"
done

# ---- Referencias ao codigo --------------------------------------------------

# define ARQUIVO FUNCAO: a funcao esta definida, e nao so declarada, no arquivo?
define() {
    awk -v nome="$2" '
        /^[A-Za-z_]/ && $0 ~ "[ *(]" nome "[(),]" { s = ""; lendo = 1 }
        lendo { s = s $0
                if (match(s, /[{;]/)) {
                    if (substr(s, RSTART, 1) == "{") achou = 1
                    lendo = 0
                } }
        END { exit !achou }' "$1"
}

: >"$t/queixas"
total=0
for p in $paginas; do
    # o texto do link e o arquivo a que ele leva tem de concordar
    sem_blocos "$p" | grep -o '\[`[^]`]*\.[ch]: [^]`]*`\]([^)]*)' |
        while read -r ref; do
            arquivo=${ref#'[`'}
            arquivo=${arquivo%%:*}
            alvo=${ref##*'('}
            alvo=${alvo%')'}
            [ "$(basename "$alvo")" = "$(basename "$arquivo")" ] ||
                echo "$p: $ref: o link leva a outro arquivo"
        done >>"$t/queixas"
    sem_blocos "$p" | grep -o '`[A-Za-z0-9_./-]*\.[ch]: [A-Za-z_0-9]*`' |
        tr -d '`' | sort -u >"$t/refs"
    total=$((total + $(wc -l <"$t/refs")))
    while read -r arquivo funcao; do
        arquivo=${arquivo%:}
        if [ ! -f "$arquivo" ]; then
            echo "$p: $arquivo: nao existe"
        elif ! define "$arquivo" "$funcao"; then
            echo "$p: $funcao nao esta definida em $arquivo"
        fi
    done <"$t/refs" >>"$t/queixas"
done
[ "$total" -gt 0 ] || echo "nenhuma referencia encontrada" >>"$t/queixas"
queixas "as funcoes citadas existem ($total)"

# ---- O alto de cada pagina --------------------------------------------------

for p in docs/*.md; do
    [ "$p" = docs/en.md ] && continue
    for inicio in '**O que se aprende:** ' '**Tempo:** '; do
        head -n 10 "$p" | awk -v i="$inicio" 'index($0, i) == 1 &&
            length($0) > length(i) { achou = 1 } END { exit !achou }' ||
            echo "$p: falta, no alto, a linha que comeca com $inicio"
    done
done >"$t/queixas"
queixas 'cada pagina diz o que se aprende e em quanto tempo'

# ---- Ortografia -------------------------------------------------------------

# o texto em portugues: sem codigo, comentarios, alvos de links, URLs e HTML,
# e sem o que esta em italico, que e de outra lingua
texto() {
    sem_codigo "$1" | awk '
        { s = $0
          while (1) {
              if (coment) {
                  i = index(s, "-->")
                  if (!i) { s = ""; break }
                  s = substr(s, i + 3); coment = 0
              }
              i = index(s, "<!--")
              if (!i) break
              antes = antes substr(s, 1, i - 1)
              s = substr(s, i + 4); coment = 1
          }
          s = antes s; antes = ""
          gsub(/\]\([^)]*\)/, "] ", s)
          gsub(/\[![A-Z]*\]/, "", s)
          gsub(/<code>[^<]*<\/code>/, "", s)
          gsub(/<[^>]*>/, " ", s)
          gsub(/https?:[^ )]*/, "", s)
          sub(/^ *[*] /, "", s)
          gsub(/[*][*]/, "\001", s)
          gsub(/[*][^*\001]*[*]/, " ", s)
          gsub(/[*_|\001]/, " ", s)
          print s }'
}

dicionario=docs/.dicionario
if command -v hunspell >/dev/null &&
    echo casa | hunspell -d pt_BR -i UTF-8 -l >/dev/null 2>&1; then
    : >"$t/queixas"
    sort -u -c "$dicionario" 2>/dev/null ||
        echo "$dicionario: fora de ordem; use LC_ALL=C sort -u" >"$t/queixas"
    queixas "o dicionario esta em ordem"
    # um erro de proposito tem de ser visto
    echo 'coneccao' | hunspell -d pt_BR -i UTF-8 -p "$dicionario" -l |
        grep -q . || echo "hunspell nao viu um erro" >"$t/queixas"
    queixas 'o corretor ve um erro'
    for p in $paginas; do
        [ "$p" = docs/en.md ] && continue
        # no README, o que vem depois do titulo "English" e ingles
        case $p in
        README.md) texto "$p" | sed '/^##* .*English/,$d' ;;
        *) texto "$p" ;;
        esac >"$t/texto"
        hunspell -d pt_BR -i UTF-8 -p "$dicionario" -l "$t/texto" | sort -u |
            while read -r palavra; do
                linha=$(grep -nF -e "$palavra" "$t/texto" | head -n 1)
                echo "$p:${linha%%:*}: $palavra"
            done >"$t/queixas"
        queixas "ortografia de $p"
    done
else
    pulado 'ortografia: falta hunspell com o dicionario pt_BR'
fi

# ---- Os assuntos da aula ----------------------------------------------------

# sem acentos e em minusculas
simples() {
    sed -e "s/$(printf '\303[\200-\203\240-\243]')/a/g" \
        -e "s/$(printf '\303[\210-\212\250-\252]')/e/g" \
        -e "s/$(printf '\303[\214-\216\254-\256]')/i/g" \
        -e "s/$(printf '\303[\222-\225\262-\265]')/o/g" \
        -e "s/$(printf '\303[\231-\234\271-\274]')/u/g" \
        -e "s/$(printf '\303[\207\247]')/c/g" | tr 'A-Z' 'a-z'
}

aula=docs/aula.md
simples <"$aula" >"$t/aula"

# os titulos, na ordem dos slides
antes=0
while read -r titulo; do
    n=$(grep -nE "^## .*$titulo" "$t/aula" | head -n 1 | cut -d: -f1)
    if [ -z "$n" ]; then
        echo "falta o titulo: $titulo"
    elif [ "$n" -le "$antes" ]; then
        echo "fora de ordem: $titulo"
    else
        antes=$n
    fi
done >"$t/queixas" <<FIM
comunicacao entre processos \\(ipc\\)
sincronizacao: relogios, sinais e semaforos
memoria compartilhada e troca de mensagem
o que e um socket
os passos do cliente e do servidor
stream e datagrama
estrutura de um socket: .sockaddr_in
criacao do socket: .socket
associacao a uma porta: .bind
envio em udp: .sendto
recepcao em udp: .recvfrom
fechando o socket: .close
windows: .wsastartup
windows: dev-c
FIM
queixas 'os assuntos da aula, na ordem dos slides'

# as palavras dos slides, uma a uma
for termo in ipc 'inter-process communication' contexto threads pipe rpc \
    relogios sinais semaforos hosts aplicacao transporte navegador \
    'banco de dados' ssh telnet sock_stream sock_dgram sock_raw in_addr \
    sin_family sin_port sin_addr sin_zero pf_inet af_inet af_unix af_ipso af_ns \
    'socket(int family, int type, int protocol)' 'bind(int socket,' \
    'sendto(int socket,' 'recvfrom(int socket,' 'close(int socket)' \
    sizeof msg_len addr_len buffer 'wsastartup(word' wversionrequested \
    lpwsadata wsadata makeword wsacleanup servidor.cpp cliente.cpp dev-c++ \
    listen accept connect 'send(' 'recv('; do
    grep -qF -e "$termo" "$t/aula" || echo "falta: $termo"
done >"$t/queixas"
queixas 'nenhum termo dos slides ficou de fora'

# os numeros das tabelas sao os do sistema
{
    echo '#include <netinet/in.h>'
    echo 'int certo[1];'
    sed -n 's/^| `\(IPPROTO_[A-Z]*\)` | \([0-9]*\) |.*/typedef int \1_[\1 == \2 ? 1 : -1];/p
        s/^| `\(sin_[a-z]*\)` | \([0-9]*\) |.*/typedef int \1_[sizeof ((struct sockaddr_in *)0)->\1 == \2 ? 1 : -1];/p' "$aula" |
        grep -v IPPROTO_GGP # que o Linux nao conhece
} >"$t/numeros.c"
if [ "$(grep -c typedef "$t/numeros.c")" -lt 9 ]; then
    echo 'a aula nao tem mais as tabelas de IPPROTO_* e de sin_*'
else
    ${CC:-cc} -c -o "$t/numeros.o" "$t/numeros.c" 2>&1
fi >"$t/queixas"
queixas 'os numeros das tabelas sao os do sistema'

# ---- A corrida da secao 3 ---------------------------------------------------

# com trava, nunca se perde uma soma; sem ela, ao menos em uma de vinte vezes
if ${CC:-cc} -pthread -o "$t/corrida" docs/corrida.c 2>"$t/queixas"; then
    "$t/corrida" trava | grep -q 'deu 200000000: 0 somas' ||
        echo 'com trava, perdeu somas' >"$t/queixas"
    n=0
    until "$t/corrida" | grep -q ': [1-9][0-9]* somas perdidas'; do
        n=$((n + 1))
        [ $n -lt 20 ] || { echo 'nao se ve a corrida' >"$t/queixas"; break; }
    done
fi
queixas 'docs/corrida.c: a corrida se ve, e a trava a desfaz'

# ---- Os rastros da aula, contra os programas --------------------------------

# o bloco que vem depois de <!-- $1 -->
bloco_da_aula() {
    awk -v marca="<!-- $1 -->" '
        $0 == marca { esperando = 1; next }
        esperando && /^```/ { esperando = 0; dentro = 1; next }
        dentro && /^```/ { exit }
        dentro { print }' "$aula"
}

# So a porta muda de uma vez para outra, e os bytes dela tem de conferir. O
# sinal do fim pode chegar antes da chamada que interrompe. A ordem nao conta:
# o cliente tem dois fios.
normalizar() {
    awk '/= -1 EINTR$/ { next }
         $1 == "sin_port" && sprintf("%02x%02x = 0x%02x%02x", int($4 / 256),
             $4 % 256, int($4 / 256), $4 % 256) == $2 $3 " = " $6 {
             print "    sin_port   P"; next }
         { gsub(/htons\([0-9]+\)/, "htons(P)")
           gsub(/127\.0\.0\.1:[0-9]+/, "127.0.0.1:P")
           gsub(/servidor [0-9]+$/, "servidor P")
           sub(/^[^ ]*servidor(\.exe)?: /, "servidor: ")
           print }' | sort
}

# comparar TITULO ARQUIVO: o bloco da aula e o que o programa escreveu
comparar() {
    bloco_da_aula "$1" | normalizar >"$t/pagina"
    # o que o cliente diz em palavras nao e rastro
    grep -vE '^(conectado a|pronto para|fim da conversa)' "$2" |
        normalizar >"$t/programa"
    if [ -s "$t/pagina" ]; then
        diff "$t/pagina" "$t/programa" >"$t/queixas"
    else
        echo 'a aula nao tem esse bloco' >"$t/queixas"
    fi
    queixas "a aula mostra o que se ve: $1"
}

# ligar OPCOES: sobe um servidor em porta livre; a porta fica em $porta
ligar() {
    rm -f "$t/fala"
    mkfifo "$t/fala"
    "$SERVIDOR" "$@" 0 >"$t/fala" 2>"$t/servidor" &
    servidor=$!
    exec 3<"$t/fala"
    read -r linha <&3
    porta=${linha#*127.0.0.1:}
    porta=${porta%% *}
    cat <&3 >"$t/linhas" & # as outras linhas
    leitor=$!
}

# despedida: espera que o servidor TCP feche a conversa
despedida() {
    until grep -q '^close' "$t/servidor"; do
        kill -0 "$servidor" 2>/dev/null || break
        sleep 0.1
    done
}

desligar() {
    kill -INT "$servidor"
    wait "$servidor"
    servidor=
    wait "$leitor"
    leitor=
    exec 3<&-
}

# conversar OPCOES: o dialogo da aula; cada linha espera a resposta da outra
conversar() {
    rm -f "$t/ida" "$t/volta"
    mkfifo "$t/ida" "$t/volta"
    "$CLIENTE" -v "$@" 127.0.0.1 "$porta" <"$t/ida" >"$t/volta" \
        2>"$t/cliente" 3<&- &
    cliente=$!
    exec 4>"$t/ida" 5<"$t/volta"
    printf 'ol\303\241\n' >&4
    read -r linha <&5
    printf 'sair\n' >&4
    read -r linha <&5
    exec 4>&-
    wait "$cliente"
    cliente=
    exec 5<&-
}

if [ -x "$SERVIDOR" ] && [ -x "$CLIENTE" ]; then
    (
        trap 'kill "$s" 2>/dev/null; exit' TERM
        sleep $LIMITE &
        s=$!
        wait "$s"
        echo "FALHOU a conversa: nada terminou em $LIMITE segundos"
        kill -TERM $$
    ) &
    vigia=$!

    ligar -n 1 -v
    conversar
    despedida
    desligar
    comparar 'rastro: servidor -n 1' "$t/servidor"
    comparar 'rastro: cliente' "$t/cliente"

    ligar -u -v
    conversar -u
    desligar
    comparar 'rastro: servidor -u' "$t/servidor"
    comparar 'rastro: cliente -u' "$t/cliente"

    ligar -q
    "$SERVIDOR" "$porta" >/dev/null 2>"$t/segundo" </dev/null 3<&-
    [ $? -eq 1 ] || echo 'o codigo de saida nao foi 1' >>"$t/segundo"
    desligar
    comparar 'saida: porta em uso' "$t/segundo"

    kill "$vigia"
    wait "$vigia" 2>/dev/null
    vigia=

    # docs/en.md tem as opcoes que a ajuda mostra, e nenhuma a mais
    { "$SERVIDOR" -h; "$CLIENTE" -h; } | grep -o '^  -[a-z]' | tr -d ' ' |
        sort -u >"$t/ajuda"
    grep -o '^| `-[a-z]' docs/en.md | tr -d '|` ' | sort -u >"$t/en"
    diff "$t/ajuda" "$t/en" >"$t/queixas"
    queixas 'docs/en.md tem as opcoes dos programas'
else
    falhou "os rastros da aula: compile antes, com make"
fi
concluir
