#!/bin/sh
# passos.sh - os passos de docs/passos compilam, conversam e quebram como
# docs/construir.md diz. (As listagens: docs.py.)
#
#   [EXIGIR=1] sh tests/passos.sh [compilar] [rodar] [windows]
#
# compilar: cada passo, sem um aviso, com cada compilador que ha aqui; e cada
#           engano de "O seu programa no Dev-C++".
# rodar:    cada par conversa, cada quebra quebra, cada cura cura (passos.py).
# windows:  os pares conversam como .exe, no Wine (de make test-windows).
#
# Sem argumento, as duas primeiras. O que falta na maquina e pulado, com o
# motivo; com EXIGIR=1, e falha. CASOS=... escolhe casos de "rodar".
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
LC_ALL=C
export LC_ALL
CC=${CC:-cc}
partes=${*:-compilar rodar}
pagina=docs/construir.md
passos=docs/passos
w64=x86_64-w64-mingw32-gcc

# sem_queixas NOME ARQUIVO: certo se o arquivo esta vazio
sem_queixas() {
    head -n 12 "$2" >"$t/comeco"
    [ ! -s "$2" ]
    julgar $? "$1" "$t/comeco"
}

# tem PROGRAMA NOME: esta instalado? Se nao, NOME e pulado.
tem() {
    command -v "$1" >/dev/null || { pulado "$2: falta $1"; return 1; }
}

# ---- Compilar ---------------------------------------------------------------

# com COMPILADOR OPCOES: todos os passos, sem um aviso
com() {
    tem "$1" "os passos com $*" || return
    # shellcheck disable=SC2086
    (cd "$t/o" && "$@" -Wall -Wextra -c $fontes) >"$t/queixas" 2>&1
    sem_queixas "os passos com $*" "$t/queixas"
}

# um padrao velho e um novo de cada; quem liga e "rodar" e "windows"
compilar_tudo() {
    mkdir "$t/o"
    fontes=$(printf "$PWD/%s " "$passos"/[1-5]-*/*.c)
    for padrao in gnu90 gnu17; do
        com gcc -O2 -std=$padrao
        com clang -std=$padrao
    done
    com g++ -O2 -x c++ -std=gnu++98
    com g++ -O2 -x c++ -std=gnu++17
    com ${w64%-gcc}-g++ -x c++ -std=gnu++98
    com i686-w64-mingw32-gcc -std=gnu90
    com tcc
    com musl-gcc -O2
}

# diz NOME TEXTO COMANDO...: o comando o escreve (e a pagina tambem o diz)
diz() {
    nome="engano $1" texto=$2
    shift 2
    case $1 in ./*) ;; *) tem "$1" "$nome" || return ;; esac
    : >"$t/queixas"
    (cd "$t/enganos" && "$@") </dev/null >"$t/viu" 2>&1
    grep -qF -e "$texto" "$t/viu" || {
        echo "$* nao diz: $texto"
        cat "$t/viu"
    } >"$t/queixas"
    sem_queixas "$nome" "$t/queixas"
}

# e a pagina tambem
pagina_diz() {
    grep -qF -e "$1" $pagina || echo "a pagina nao diz: $1" >>"$t/faltam"
}

enganos() {
    mkdir -p "$t/enganos" && cp $passos/enganos/* "$t/enganos"
    : >"$t/faltam"
    # a biblioteca
    pagina_diz "ignoring '#pragma comment '"
    pagina_diz 'undefined reference to'
    diz pragma_ignorado "ignoring '#pragma comment '" $w64 -Wall -c pragma.c
    diz pragma_nao_liga 'WSAStartup' $w64 pragma.c -o pragma.exe
    diz nomes_sem_ws2_32 'getaddrinfo' $w64 nomes.c -o nomes.exe -lwsock32
    for f in pragma:-lws2_32 nomes:-lws2_32 winsock:-lwsock32 \
        winsock:-lws2_32; do
        tem $w64 "engano $f" || continue
        (cd "$t/enganos" && $w64 "${f%:*}.c" -o liga.exe "${f#*:}") \
            >"$t/queixas" 2>&1
        sem_queixas "engano ${f%:*} liga com ${f#*:}" "$t/queixas"
    done
    # o teclado e a janela
    for f in fflush buffer_n strcmp pause; do
        $CC -Wall -Wextra "$t/enganos/$f.c" -o "$t/enganos/$f" \
            >"$t/queixas" 2>&1
        sem_queixas "engano $f compila, sem um aviso" "$t/queixas"
    done
    diz gets 'a senha agora e "ijkl"' sh -c \
        'gcc -w -std=gnu90 gets.c -o gets && echo abcdefghijkl | ./gets'
    diz fflush 'idade 7, nome "
"' sh -c 'printf "7\nana\n" | ./fflush'
    pagina_diz 'pause: not found'
    diz pause 'not found' ./pause
    pagina_diz 'conio.h: No such file or directory'
    diz getch 'conio.h: No such file or directory' gcc -c getch.c
    pagina_diz 'de `bom dia` envia só `bom`'
    diz cin 'envio "bom"' sh -c 'g++ cin.cpp -o cin && echo bom dia | ./cin'
    # os bytes
    pagina_diz 'um vizinho que valia 65 passa a valer 0'
    diz buffer_n 'o vizinho, que era 65, e 0' sh -c \
        'printf 12345678 | ./buffer_n'
    diz strcmp 'igual a "sair": nao' sh -c 'echo sair | ./strcmp'
    diz strcmp_com_n 'igual a "sair\n": sim' sh -c 'echo sair | ./strcmp'
    sem_queixas 'os enganos, na pagina' "$t/faltam"
}

# ---- Rodar ------------------------------------------------------------------

# pares COMPILADOR FIM LIBS: os programas em $t/pares/1/servidor... A porta, que
# nos passos e fixa, passa a vir do ambiente: os casos rodam lado a lado.
pares() {
    : >"$t/queixas"
    for f in "$passos"/[1-5]-*/*.[ch] "$passos"/enganos/sizeof.c \
        "$passos"/enganos/recv_zero.c; do
        destino=${f#"$passos"/}
        destino=$t/pares/${destino%%[-/]*}
        mkdir -p "$destino"
        {
            echo '#include <stdlib.h>'
            sed 's/htons(7777)/htons((unsigned short)atoi(getenv("PORTA")))/' \
                "$f"
        } >"$destino/${f##*/}"
    done
    for f in "$t"/pares/*/*.c; do
        # shellcheck disable=SC2086 # $3 pode ser nada
        $1 -Wall -Wextra "$f" -o "${f%.c}$2" $3 >>"$t/queixas" 2>&1
    done
    sem_queixas "os pares, com $1" "$t/queixas"
}

# casos VARIAVEIS...: passos.py, com elas no ambiente; fica em $t/saida
casos() {
    env "$@" PASSOS="$t/pares" python3 tests/passos.py >"$t/saida" 2>&1
}

rodar() {
    tem python3 'os passos, a rodar' || return
    pares "$CC" '' ''
    casos A=
    juntar 'os passos, a rodar' "$t/saida"
}

# ---- Windows ----------------------------------------------------------------

windows() {
    w=$pasta
    t=$w/passos
    mkdir -p "$t/enganos"
    pares $w64 .exe -lws2_32
    for f in pragma nomes winsock; do
        $w64 -w $passos/enganos/$f.c -o "$t/enganos/$f.exe" -lws2_32
    done
    diz winsock_exe 'versao 1.1, socket sim' wine winsock.exe
    diz pragma_exe 'WSAStartup = 0' wine pragma.exe
    diz nomes_exe 'localhost: 0' wine nomes.exe
    tem python3 'os passos, a rodar' || return
    casos EXE=.exe PARALELO=1 TEMPO=3
    # o wineserver do Wine 8 as vezes se aborta (veja windows.sh): o que falha
    # tem outra chance, e o relato diz
    nomes=$(sed -n 's/^.*FALHOU \([a-z0-9_]*\):.*/\1/p' "$t/saida" | sort -u)
    if [ -n "$nomes" ]; then
        sed '/^[0-9]* passed/d; s/FALHOU/na primeira vez, falhou/' "$t/saida"
        passaram=$((passaram + $(grep -c '^ok ' "$t/saida")))
        casos EXE=.exe PARALELO=1 TEMPO=3 CASOS="$nomes"
    fi
    juntar 'os passos do Windows' "$t/saida"
}

# ---- A conta ----------------------------------------------------------------

pasta_propria passos # o Windows (do Wine) e de windows.sh
t=$pasta
for parte in $partes; do
    case $parte in
    compilar)
        compilar_tudo
        enganos
        ;;
    rodar) rodar ;;
    windows) windows ;;
    *) falhou "parte desconhecida: $parte" ;;
    esac
done
concluir
