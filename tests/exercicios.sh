#!/bin/sh
# exercicios.sh - as solucoes dos exercicios de docs/exercicios.md: aplica cada
# tests/exercicios/NN-nome.patch a uma copia dos fontes, compila sem um aviso,
# prova com conversas de verdade e digita os blocos da pagina
# (tests/experimentos.py). O 22 nao muda os programas: so a pagina.
#
#   [CC=compilador] [EXIGIR=1] sh tests/exercicios.sh [NN...]
#
# Quando os fontes mudam, um patch ainda se aplica se o contexto e parecido. Se
# a mensagem for "nao se aplica", refaca-o:
#
#   mkdir -p /tmp/a /tmp/b; cp *.[ch] /tmp/a; cp *.[ch] /tmp/b
#   (cd /tmp/b && patch -p1 <.../tests/exercicios/NN-nome.patch)
#   ... em /tmp/b, faca a mao o que ficou nos .rej; apague .rej e .orig ...
#   (cd /tmp && diff -u a/servidor.c b/servidor.c) >tests/exercicios/NN-nome.patch
#
# E, para so renovar o contexto e os numeros de linha de todos os que ainda se
# aplicam: RENOVAR=1 sh tests/exercicios.sh
#
# Toda espera e por uma linha; LIMITE e so o vigia de cada exercicio.
cd "$(dirname "$0")/.." || exit 1
LIMITE=120
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

# ---- Um exercicio (em um processo so dele) ----------------------------------

falhar() {
    printf '%s\n' "$*" >>"$pasta/motivo"
    exit 1
}

# Sobe o servidor com as opcoes dadas; acha a porta na primeira linha.
servidor() {
    rm -f "$pasta/registro"
    mkfifo "$pasta/registro"
    ./servidor "$@" 0 >"$pasta/registro" <"${teclado:-/dev/null}" &
    filhos="$filhos $!"
    no_ar=$!
    exec 3<"$pasta/registro"
    registro "servidor * em 127.0.0.1:* (Ctrl-C termina)"
    porta=${linha##*:}
    porta=${porta%% *}
}

# A proxima linha do servidor que casa com o molde, para $linha.
registro() {
    while IFS= read -r linha <&3; do
        # shellcheck disable=SC2254
        case $linha in $1) return ;; esac
    done
    falhar "o servidor terminou sem dizer: $1"
}

parar() {
    kill -TERM "$no_ar"
    wait "$no_ar" || falhar 'o servidor nao saiu com 0'
    exec 3<&-
}

# exigir O_QUE ESPERADO VISTO
exigir() {
    [ "$2" = "$3" ] || falhar "$1: esperava \"$2\", vi \"$3\""
}

linhas() { # cada argumento e uma linha
    printf '%s\n' "$@"
}

ensaio_01() {
    servidor -u -x 100
    visto=$(linhas oi | ./cliente -u 127.0.0.1 "$porta" 2>&1)
    exigir codigo 1 $?
    case $visto in
    *"sem resposta em 1000 ms: tentativa 2 de 5"*"tentativa 5 de 5"*) ;;
    *) falhar "nao houve cinco tentativas: $visto" ;;
    esac
    for _ in 1 2 3 4 5; do registro 'cliente 1: * perdid[ao] na v*'; done
    parar
}

ensaio_02() {
    for modo in '' '-n 1' -u; do
        # shellcheck disable=SC2086
        servidor $modo
        u=${modo%-n 1}
        visto=$(linhas 123 'oi, Mundo 7' 'p~s' sair |
            ./cliente $u 127.0.0.1 "$porta" 2>/dev/null)
        exigir "codigo $modo" 0 $?
        exigir "resposta $modo" "$(linhas 123 'OI, MUNDO 7' 'P~S' SAIR)" \
            "$visto"
        registro 'cliente 1 saiu (disse sair)'
        parar
    done
    servidor -u -x 100 # o que se perdeu nao se transformou
    linhas oi | ./cliente -u 127.0.0.1 "$porta" >/dev/null 2>&1
    for _ in 1 2 3; do registro 'cliente 1: * perdid[ao] na v*"oi*'; done
    parar
}

ensaio_03() {
    for modo in '' '-n 1' -u; do
        # shellcheck disable=SC2086
        servidor $modo
        u=${modo%-n 1}
        : >"$pasta/pergunta" # em TCP ninguem precisa perguntar
        [ -z "$u" ] || echo 'que horas sao?' >"$pasta/pergunta"
        antes=$(date '+%Y%m%d%H%M%S')
        # o codigo nao conta: em TCP o servidor encerra antes do cliente
        visto=$(./cliente $u 127.0.0.1 "$porta" <"$pasta/pergunta" 2>/dev/null)
        depois=$(date '+%Y%m%d%H%M%S')
        linhas "$visto" | grep -Eq \
            '^[0-9]{2}/[0-9]{2}/[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}$' ||
            falhar "isto nao e data e hora: $visto"
        hora=$(linhas "$visto" | awk -F '[/ :]' '{ print $3 $2 $1 $4 $5 $6 }')
        { [ "$antes" -le "$hora" ] && [ "$hora" -le "$depois" ]; } ||
            falhar "a hora nao e a de agora: $visto"
        parar
    done
}

# teclas N [OPCOES]: um cliente a quem se digita em $pasta/teclasN; o que ele
# mostra vai para $pasta/vistoN
teclas() {
    mkfifo "$pasta/teclas$1" "$pasta/visto$1"
    qual=$1
    shift
    ./cliente "$@" 127.0.0.1 "$porta" <"$pasta/teclas$qual" \
        >"$pasta/visto$qual" 2>"$pasta/rastro$qual" &
    ele=$!
    filhos="$filhos $ele"
}

# Um numero enorme de palavras e, no mesmo recv, um mar de linhas vazias: a
# resposta e maior que a pergunta, e cabe?
resposta_grande() {
    servidor
    mkfifo "$pasta/rastro1"
    teclas 1 -v
    exec 4>"$pasta/teclas1" 5<"$pasta/visto1" 6<"$pasta/rastro1"
    awk 'BEGIN { for (i = 0; i < 123456; i++) printf "x " }' >&4
    soma=0
    while [ $soma -lt 246912 ]; do # todos chegaram
        registro 'cliente 1: * bytes *'
        linha=${linha#cliente 1: }
        soma=$((soma + ${linha%% bytes*}))
    done
    kill -STOP "$no_ar"
    awk 'BEGIN { for (i = 0; i < 60000; i++) printf "\n" }' >&4
    soma=0
    while [ $soma -lt 60000 ]; do # todos partiram
        read -r visto <&6 || falhar 'o cliente nao enviou tudo'
        case $visto in 'send('*'\n'*) soma=$((soma + ${visto##*= })) ;; esac
    done
    kill -CONT "$no_ar"
    exec 4>&-
    visto=$(sort <&5 | uniq -c | tr -s ' \n' ' ')
    exigir 'a resposta grande' ' 59999 0 1 123456 ' "$visto"
    exec 5<&- 6<&-
    parar
}

# Quem nunca acaba uma linha nao toma o servidor para si.
linha_sem_fim() {
    servidor -q
    yes 'sem fim' | tr '\n' ' ' | ./cliente 127.0.0.1 "$porta" >/dev/null 2>&1 &
    filhos="$filhos $!"
    visto=$(linhas 'e eu?' | ./cliente 127.0.0.1 "$porta" 2>/dev/null)
    exigir 'o outro cliente le' 2 "$visto"
    kill $!
    parar
}

ensaio_04() {
    for modo in '' '-n 1' -u; do
        # shellcheck disable=SC2086
        servidor $modo
        u=${modo%-n 1}
        visto=$(linhas 'um dois' '' '  tres   palavras aqui ' sair |
            ./cliente $u 127.0.0.1 "$porta" 2>/dev/null)
        exigir "codigo $modo" 0 $?
        exigir "resposta $modo" "$(linhas 2 0 3 1)" "$visto"
        if [ -z "$u" ]; then # uma palavra em dois pedacos e uma so
            teclas 9
            exec 4>"$pasta/teclas9" 5<"$pasta/visto9"
            printf 'um do' >&4
            registro 'cliente 2: 5 bytes *'
            printf 'is\n' >&4
            exec 4>&-
            exigir pedacos 2 "$(cat <&5)"
            wait $ele || falhar 'o cliente dos pedacos nao saiu com 0'
            exec 5<&-
            rm "$pasta/teclas9" "$pasta/visto9"
        else # um datagrama sem fim de linha tambem tem resposta
            visto=$(printf 'um dois tres' | ./cliente -u 127.0.0.1 "$porta" \
                2>/dev/null)
            exigir 'sem fim de linha' 3 "$visto"
        fi
        parar
    done
    resposta_grande
    linha_sem_fim
}

ensaio_05() {
    servidor
    teclas 1
    exec 4>"$pasta/teclas1" 5<"$pasta/visto1"
    registro 'cliente 1 chegou de *'
    teclas 2
    exec 6>"$pasta/teclas2" 7<"$pasta/visto2"
    registro 'cliente 2 chegou de *'
    teclas 3
    exec 8>"$pasta/teclas3" 9<"$pasta/visto3"
    registro 'cliente 3 chegou de *'
    echo oi >&4
    IFS= read -r visto <&7 && exigir 'o 2 le' oi "$visto"
    IFS= read -r visto <&9 && exigir 'o 3 le' oi "$visto"
    echo ola >&6
    IFS= read -r visto <&5 && exigir 'o 1 le so os outros' ola "$visto"
    IFS= read -r visto <&9 && exigir 'o 3 le' ola "$visto"
    echo sair >&4
    IFS= read -r visto <&7 && exigir 'o 2 le' sair "$visto"
    registro 'cliente 1 saiu (disse sair)'
    echo tchau >&8
    IFS= read -r visto <&7 && exigir 'o 2 le, sem o 1' tchau "$visto"
    exec 4>&- 6>&- 8>&-
    exigir 'o 1 nao le mais' '' "$(cat <&5)"
    registro 'cliente * saiu'
    registro 'cliente * saiu'
    parar
}

# A suite, que prova o servico todo, tem de passar como antes. Para na primeira
# falha: um servidor que gira levaria os prazos de todos os casos.
ensaio_08() {
    make -s -C "$raiz" all tests/bin/suite || falhar 'a suite nao compila'
    mkfifo "$pasta/suite"
    (cd "$raiz" && SERVIDOR=$pasta/b/servidor TEMPO=2 exec tests/bin/suite) \
        >"$pasta/suite" 2>&1 &
    filhos="$filhos $!"
    while IFS= read -r linha; do
        case $linha in *'] FALHOU '*) falhar "${linha#*] }" ;; esac
    done <"$pasta/suite"
    wait $! || falhar "a suite terminou mal: $linha"
}
ensaio_16() {
    [ "$(uname)" = Linux ] || return 0 # epoll e do Linux
    # shellcheck disable=SC3045
    (ulimit -n 4 && exec ./servidor 0) </dev/null >/dev/null 2>"$pasta/erro"
    case $(cat "$pasta/erro") in
    *'epoll_create1(127.0.0.1:'*'(EMFILE)'*) ;;
    *) falhar "sem um descritor para epoll: $(cat "$pasta/erro")" ;;
    esac
    ensaio_08
}

ensaio_17() {
    teclado=$pasta/teclado # do servidor
    mkfifo "$teclado"
    exec 4<>"$teclado"
    servidor
    teclas 1
    exec 5>"$pasta/teclas1" 6<"$pasta/visto1"
    registro 'cliente 1 chegou de *'
    teclas 2
    exec 7>"$pasta/teclas2" 8<"$pasta/visto2"
    registro 'cliente 2 chegou de *'
    echo 'bom dia a todos' >&4
    IFS= read -r visto <&6 && exigir 'o 1 le' 'bom dia a todos' "$visto"
    IFS= read -r visto <&8 && exigir 'o 2 le' 'bom dia a todos' "$visto"
    echo 'bom dia, professor' >&5
    registro 'cliente 1: 19 bytes "bom dia, professor*'
    echo sair >&5
    IFS= read -r visto <&6 && exigir 'o 1 le' tchau "$visto"
    registro 'cliente 1 saiu (disse sair)'
    echo 'ainda ai?' >&4
    IFS= read -r visto <&8 && exigir 'o 2 le' 'ainda ai?' "$visto"
    exec 4>&- 5>&- 7>&-
    registro 'cliente 2 saiu'
    parar
}

ensaio_18() {
    for modo in '' '-n 1'; do
        # shellcheck disable=SC2086
        servidor $modo
        visto=$({
            linhas 'ADD 10 2' 'SUB 10 12' 'MUL 99999 99999' 'DIV 7 2' \
                'DIV 1 0' 'ADD 1' 'POT 2 3' 'ADD 1 2 3' ''
            printf 'ADD 1 2\r\n'
            awk 'BEGIN { for (i = 0; i < 81; i++) printf "9"; print "" }'
            linhas 'ADD 2 2' sair
        } | ./cliente 127.0.0.1 "$porta" 2>/dev/null)
        exigir "codigo $modo" 0 $?
        exigir "respostas $modo" "$(linhas 'OK 12' 'OK -2' 'OK 9999800001' \
            'OK 3.5' 'ERR divisao por zero' 'ERR use: OPERACAO NUMERO NUMERO' \
            'ERR so sei ADD, SUB, MUL e DIV' \
            'ERR use: OPERACAO NUMERO NUMERO' \
            'ERR use: OPERACAO NUMERO NUMERO' 'OK 3' \
            'ERR linha grande demais' 'OK 4' 'OK tchau')" "$visto"
        # um mar de linhas vazias: a resposta e muito maior que a pergunta
        visto=$(awk 'BEGIN { for (i = 0; i < 200000; i++) print "" }' |
            ./cliente 127.0.0.1 "$porta" 2>/dev/null | sort | uniq -c)
        exigir "200000 erros $modo" \
            '200000 ERR use: OPERACAO NUMERO NUMERO' "${visto#"${visto%%2*}"}"
        parar
    done
}

# Um arquivo que o eco estragaria: bytes quaisquer e, no meio, a linha sair.
fazer_foto() {
    cat servidor >"$pasta/foto"
    printf '\nsair\n' >>"$pasta/foto"
    cat cliente >>"$pasta/foto"
    bytes=$(wc -c <"$pasta/foto")
    bytes=$((bytes)) # sem os espacos que alguns wc poem
}

ensaio_19() {
    fazer_foto
    for modo in '' '-n 1'; do
        rm -f recebido-*
        # shellcheck disable=SC2086
        servidor $modo
        visto=$(./cliente 127.0.0.1 "$porta" <"$pasta/foto" 2>/dev/null)
        exigir "codigo $modo" 0 $?
        exigir "resposta $modo" "recebi $bytes bytes" "$visto"
        cmp "$pasta/foto" recebido-1 || falhar "recebido-1 nao e a foto $modo"
        visto=$(: | ./cliente 127.0.0.1 "$porta" 2>/dev/null)
        exigir "arquivo vazio $modo" 'recebi 0 bytes' "$visto"
        teclas 1
        exec 4>"$pasta/teclas1" 5<"$pasta/visto1"
        echo metade >&4
        registro 'cliente 3: 7 bytes *'
        exigir "antes do fim $modo" 'recebido-1 recebido-2 recebido-3.parte' \
            "$(echo recebido-*)"
        parar # Ctrl-C: nada que pareca inteiro
        exigir "depois de Ctrl-C $modo" 'recebido-1 recebido-2' \
            "$(echo recebido-*)"
        exec 4>&- 5<&-
        wait $ele
        rm "$pasta/teclas1" "$pasta/visto1"
    done
    servidor # dois ao mesmo tempo
    teclas 1
    exec 4>"$pasta/teclas1" 5<"$pasta/visto1"
    registro 'cliente 1 chegou de *'
    teclas 2 4>&- 5<&- # senao o 2 seguraria a entrada do 1
    exec 6>"$pasta/teclas2" 7<"$pasta/visto2"
    registro 'cliente 2 chegou de *'
    echo um >&4
    echo dois >&6
    echo tres >&4
    exec 4>&-
    IFS= read -r visto <&5 && exigir 'o 1 le' 'recebi 8 bytes' "$visto"
    exec 6>&-
    IFS= read -r visto <&7 && exigir 'o 2 le' 'recebi 5 bytes' "$visto"
    exigir recebido-1 "$(linhas um tres)" "$(cat recebido-1)"
    exigir recebido-2 dois "$(cat recebido-2)"
    exec 5<&- 7<&-
    parar
    rm recebido-*
    # shellcheck disable=SC3045
    ulimit -S -f 8 # um disco em que so cabem 4 KB
    servidor
    visto=$(./cliente 127.0.0.1 "$porta" <"$pasta/foto" 2>/dev/null)
    exigir 'o disco encheu' 'nao gravei: o disco encheu?' "$visto"
    parar
    [ -z "$(ls recebido-* 2>/dev/null)" ] || falhar "ficou: $(ls recebido-*)"
    # shellcheck disable=SC3045
    ulimit -S -f unlimited
}

# O que o servidor de -v ja recebeu: a proxima linha do rastro com $1.
rastro() {
    while IFS= read -r linha <&6; do
        case $linha in *"$1"*) return ;; esac
    done
}

# O bloco da pagina na linguagem $1 do exercicio $2.
bloco() {
    awk -v n="## $2. " -v abre="\`\`\`$1" '/^## / { aqui = index($0, n) == 1 }
        /^```/ { dentro = aqui && $0 == abre; next }
        dentro' "$raiz/docs/exercicios.md"
}

ensaio_20() {
    awk 'BEGIN { for (i = 0; i < 9999; i++) print "linha", i }' >"$pasta/texto"
    make -s -C "$pasta/a" cliente || falhar 'o cliente de antes nao compila'
    mkfifo "$pasta/rastro"
    exec 6<>"$pasta/rastro"
    for modo in '' '-n 1'; do
        # shellcheck disable=SC2086
        servidor $modo
        visto=$(echo oi | ./cliente -v 127.0.0.1 "$porta" 2>&1)
        exigir "codigo $modo" 0 $?
        for parte in ', "\x00\x00\x00\x03oi\n", 7, 0) = 7' \
            ', "\x00\x00\x00\x03", 4, 0) = 4' ', "oi\n", 3, 0) = 3'; do
            case $visto in *"$parte"*) ;; *) falhar "sem $parte: $visto" ;; esac
        done
        registro 'cliente 1: 3 bytes "oi*'
        ./cliente 127.0.0.1 "$porta" <"$pasta/texto" >"$pasta/volta" \
            2>/dev/null || falhar "muitas mensagens: codigo $?"
        cmp "$pasta/texto" "$pasta/volta" || falhar "as mensagens mudaram"
        visto=$(linhas sair | ./cliente 127.0.0.1 "$porta" 2>/dev/null)
        exigir "sair $modo" sair "$visto"
        registro 'cliente 3 saiu (disse sair)'
        # sem htonl, 5 sao 83886080 bytes
        printf '\005\000\000\000oi' | "$pasta/a/cliente" 127.0.0.1 "$porta" \
            >/dev/null 2>&1
        registro 'cliente 4 recusado: mensagem de 83886080 bytes'
        parar
        # o tamanho, e a mensagem, em pedacos
        # shellcheck disable=SC2086
        servidor -v $modo 2>&6
        mkfifo "$pasta/crus"
        "$pasta/a/cliente" 127.0.0.1 "$porta" <"$pasta/crus" >"$pasta/volta" \
            2>/dev/null &
        ele=$!
        filhos="$filhos $ele"
        exec 4>"$pasta/crus"
        printf '\000\000' >&4
        rastro 'recv(4, "\x00\x00", '
        printf '\000\003o' >&4
        rastro 'recv(4, "\x00\x03o", '
        printf 'i\n\000\000\000\004sair' >&4
        exec 4>&-
        wait $ele || falhar "pedacos $modo: codigo $?"
        printf '\000\000\000\003oi\n\000\000\000\004sair' >"$pasta/certo"
        cmp "$pasta/certo" "$pasta/volta" || falhar "os pedacos mudaram $modo"
        parar
        rm "$pasta/crus"
    done
    exec 6<&-
    bloco c 20 >"$pasta/estrutura.c"
    ${CC:-cc} -Wall -Wextra -Werror -o "$pasta/estrutura" "$pasta/estrutura.c" ||
        falhar 'o programa da pagina nao compila'
    exigir 'a struct da pagina' "$(bloco text 20)" "$("$pasta/estrutura")"
}

ensaio_21() {
    for modo in '' '-n 1'; do
        # shellcheck disable=SC2086
        servidor $modo
        visto=$(linhas oi sair | ./cliente 127.0.0.1 "$porta" 2>/dev/null)
        exigir "o primeiro $modo" \
            "$(linhas 'bem-vindo, voce e o cliente 1' oi sair)" "$visto"
        teclas 1
        exec 4>"$pasta/teclas1" 5<"$pasta/visto1"
        IFS= read -r visto <&5 # antes que se digite
        exigir "o segundo $modo" 'bem-vindo, voce e o cliente 2' "$visto"
        echo sair >&4
        exec 4>&-
        exigir "depois o eco $modo" sair "$(cat <&5)"
        wait $ele || falhar "codigo $modo"
        exec 5<&-
        rm "$pasta/teclas1" "$pasta/visto1"
        parar
    done
    servidor -u
    exigir UDP oi "$(linhas oi | ./cliente -u 127.0.0.1 "$porta" 2>/dev/null)"
    parar
}

ensaio_22() { :; } # e a pagina: nc no lugar de cada um

# no_terminal N PROGRAMA: como teclas, mas em um terminal
no_terminal() {
    mkfifo "$pasta/teclas$1" "$pasta/visto$1"
    script -qec "$2" /dev/null <"$pasta/teclas$1" >"$pasta/visto$1" &
    ele=$!
    filhos="$filhos $ele"
}

# ate FD TEXTO [ANTES]: a proxima linha do descritor que tem TEXTO, para $linha;
# ANTES tem de aparecer ate ali. O que se digita adiantado aparece onde calha.
ate() {
    visto=''
    while IFS= read -r linha <&"$1"; do
        visto=$visto$linha
        case $linha in *"$2"*) break ;; esac
    done
    case $visto in *"$3"*"$2"*) ;; *) falhar "faltou $3 $2: $visto" ;; esac
}

ensaio_23() {
    visto=$(echo oi | ./cliente 2>&1) # haja ou nao quem escute na 7777
    case $visto in *'servidor ['*) falhar "perguntou: $visto" ;; esac
    command -v script >/dev/null || falhar 'falta o programa script (bsdutils)'
    no_terminal 1 ./servidor
    quem=$ele
    exec 4>"$pasta/teclas1" 5<"$pasta/visto1"
    echo 0 >&4
    ate 5 'servidor TCP em 127.0.0.1:' 'porta [7777]: '
    porta=${linha##*127.0.0.1:}
    porta=${porta%% *}
    no_terminal 2 ./cliente
    exec 6>"$pasta/teclas2" 7<"$pasta/visto2"
    linhas '' "$porta" >&6
    ate 7 "conectado a 127.0.0.1:$porta (TCP)" 'servidor [127.0.0.1]: '
    linhas oi sair >&6
    ate 7 'servidor> oi'
    ate 7 'servidor> sair'
    wait $ele || falhar "o cliente saiu com $?"
    printf '\003' >&4 # Ctrl-C
    ate 5 'bytes 8' 'resumo: '
    wait $quem || falhar "o servidor saiu com $?"
    exec 4>&- 5<&- 6>&- 7<&-
    servidor # com argumentos nada se pergunta
    parar
}

# Os fontes com a solucao, em $pasta/b, compilados.
preparar() {
    mkdir "$pasta/a" "$pasta/b"
    cp ./*.c ./*.h Makefile "$pasta/a"
    cp ./*.c ./*.h Makefile "$pasta/b"
    [ ! -f "$1" ] || patch -d "$pasta/b" -p1 -s <"$1" >"$pasta/saida" 2>&1 ||
        falhar "$1 nao se aplica mais; veja como refaze-lo em $0
$(cat "$pasta/saida")"
    rm -f "$pasta/b"/*.orig
    if [ -n "$RENOVAR" ] && [ -f "$1" ]; then
        for f in servidor.c cliente.c common.h; do
            (cd "$pasta" && diff -u --label "a/$f" --label "b/$f" \
                "a/$f" "b/$f")
        done >"$pasta/patch"
        cp "$pasta/patch" "$1"
    fi
    opcoes='-O1 -g -Wall -Wextra -Werror'
    export ASAN_OPTIONS=detect_leaks=0 # no fim, ele para o processo e gira
    # com os vigias da memoria, se o compilador os tem
    vigias='-fsanitize=address,undefined -fno-sanitize-recover=all'
    echo 'int main(void) { return 0; }' >"$pasta/v.c"
    # shellcheck disable=SC2086
    ${CC:-cc} $vigias -o "$pasta/v" "$pasta/v.c" 2>/dev/null &&
        "$pasta/v" && opcoes="$opcoes $vigias"
    make -C "$pasta/b" CFLAGS="$opcoes" >"$pasta/saida" 2>&1 ||
        falhar "nao compila: $(cat "$pasta/saida")"
}

if [ "$1" = --um ]; then
    patch=$2 pasta=$3 filhos='' raiz=$PWD
    trap 'for p in $filhos; do kill "$p" 2>/dev/null; done' EXIT
    trap 'exit 1' HUP INT TERM
    trap : PIPE
    preparar "$patch"
    cd "$pasta/b" || exit 1
    n=${patch##*/}
    n=${n%%-*}
    "ensaio_$n"
    # a pagina mostra uma conversa?
    [ -n "$(bloco console "${n#0}")" ] || exit 0
    EXPERIMENTOS=$n SERVIDOR=$PWD/servidor CLIENTE=$PWD/cliente \
        python3 "$raiz/tests/experimentos.py" "$raiz/docs/exercicios.md" \
        >"$pasta/saida" 2>&1 || falhar "a pagina: $(cat "$pasta/saida")"
    exit 0
fi

# ---- Todos ------------------------------------------------------------------

. tests/contas.sh
precisar exercicios patch python3
pasta_propria exercicios
um='' vigia=''
limpar() { kill $um $vigia 2>/dev/null; }

for p in tests/exercicios/[0-9][0-9]-*.patch 22-nc; do
    n=${p##*/}
    case " $* " in *' '"${n%%-*}"' '* | '  ') ;; *) continue ;; esac
    mkdir "$pasta/$n"
    sh "$0" --um "$p" "$pasta/$n" &
    um=$!
    (
        trap 'kill $s 2>/dev/null; exit' TERM
        sleep $LIMITE &
        s=$!
        wait $s
        echo "nada terminou em $LIMITE segundos" >>"$pasta/$n/motivo"
        kill $um
    ) &
    vigia=$!
    wait $um
    julgar $? "exercicio ${n%.patch}" "$pasta/$n/motivo"
    kill $vigia 2>/dev/null
    wait $vigia 2>/dev/null
    um='' vigia=''
    rm -rf "${pasta:?}/$n"
done
concluir
