#!/bin/sh
# passos.sh - os passos de docs/passos, e as paginas que os mostram.
#
#   [EXIGIR=1] sh tests/passos.sh [paginas] [compilar] [rodar] [windows]
#
# paginas:  cada listagem de docs/construir.md e da aula e do proprio arquivo,
#           e quem digita o que a pagina manda chega a cada passo, letra por
#           letra; os prototipos da tabela sao os do sistema.
# compilar: cada passo, sem um aviso, com cada compilador que ha aqui; e cada
#           engano de "O seu programa no Dev-C++".
# rodar:    cada par conversa, cada quebra quebra, cada cura cura (passos.py).
# windows:  os pares conversam como .exe, no Wine (de make test-windows).
#
# Sem argumento, as tres primeiras. O que falta na maquina e pulado, com o motivo; com
# EXIGIR=1, e falha. CASOS=... escolhe casos de "rodar".
#
# Na pagina, antes de cada bloco, um comentario diz o que ele e:
#   <!-- passo: 1-o-slide/servidor.c inteiro -->           o arquivo todo
#   <!-- passo: 2-confere/servidor.c de 1-o-slide/servidor.c -->
#           uma mudanca, em linhas " ", "-" e "+"; as mudancas, na ordem da
#           pagina, levam de um arquivo ao outro
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
LC_ALL=C
export LC_ALL
CC=${CC:-cc}
partes=${*:-paginas compilar rodar}
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

# ---- As paginas -------------------------------------------------------------

# blocos PAGINA: cada bloco marcado vai para $t/N, e para $t/blocos uma linha
# "N linha arquivo tipo origem"
blocos() {
    awk -v t="$t" '
        /^<!-- passo: / {
            n++; print n, NR, $3, $4, $5 >>(t "/blocos")
            printf "" >(t "/" n); esperando = 1; next
        }
        esperando && /^```/ { esperando = 0; dentro = 1; next }
        dentro && /^```/ { dentro = 0; close(t "/" n); next }
        dentro { print >(t "/" n); next }
        esperando && /./ { print FILENAME ":" NR ": a marca nao tem bloco" }
        /^```(c|diff)$/ && FILENAME ~ /construir/ {
            print FILENAME ":" NR ": uma listagem sem marca"
        }' n="$(wc -l <"$t/blocos")" "$1"
}

# mudar ARQUIVO MUDANCA: aplica as linhas " ", "-" e "+" ao arquivo. O lugar
# tem de ser um so: quem digita nao adivinha.
mudar() {
    awk '
        NR == FNR {
            marca = substr($0, 1, 1); linha = substr($0, 2)
            if (marca != "+") velhas[++v] = linha
            if (marca != "-") novas[++m] = linha
            next
        }
        { texto[++total] = $0 }
        END {
            for (i = 1; i + v - 1 <= total; i++) {
                for (k = 1; k <= v && texto[i + k - 1] == velhas[k]; k++)
                    continue
                if (k > v) { lugares++; aqui = i }
            }
            if (lugares != 1) {
                print "a mudanca cabe em " lugares + 0 " lugares"
                exit 1
            }
            for (i = 1; i < aqui; i++) print texto[i]
            for (k = 1; k <= m; k++) print novas[k]
            for (i = aqui + v; i <= total; i++) print texto[i]
        }' "$2" "$1" >"$t/mudado" || { cat "$t/mudado"; return 1; }
    cp "$t/mudado" "$1"
}

conferir_listagens() {
    mkdir "$t/feito"
    : >"$t/blocos"
    blocos $pagina >"$t/queixas"
    do_roteiro=$(wc -l <"$t/blocos")
    blocos docs/aula.md >>"$t/queixas"
    sem_queixas 'cada listagem diz de que arquivo e' "$t/queixas"

    : >"$t/queixas"
    while read -r n linha arquivo tipo origem; do
        onde="bloco da linha $linha, $arquivo"
        copia=$t/feito/$(echo "$arquivo" | tr / :)
        case $tipo in
        inteiro)
            cmp "$t/$n" "$passos/$arquivo" || echo "$onde: nao e o arquivo"
            [ "$n" -gt "$do_roteiro" ] || cp "$t/$n" "$copia"
            ;;
        de)
            # parte do que a propria pagina fez do passo anterior
            [ -f "$copia" ] ||
                cp "$t/feito/$(echo "$origem" | tr / :)" "$copia" ||
                echo "$onde: a pagina ainda nao fez $origem"
            mudar "$copia" "$t/$n" || echo "$onde: nao se aplica"
            ;;
        *) echo "$onde: marca desconhecida: $tipo" ;;
        esac
    done <"$t/blocos" >"$t/queixas" 2>&1
    sem_queixas "as listagens sao dos arquivos ($(wc -l <"$t/blocos" | tr -d ' '))" \
        "$t/queixas"

    for f in "$passos"/[1-5]-*/*.[ch]; do
        feito=$t/feito/$(echo "${f#"$passos"/}" | tr / :)
        if [ -f "$feito" ]; then
            diff "$feito" "$f" >"$t/queixas"
        else
            echo 'a pagina nao o faz' >"$t/queixas"
        fi
        sem_queixas "quem digita a pagina chega a ${f#"$passos"/}" "$t/queixas"
    done
}

# As linhas do slide, na tabela da aula, sao do passo 1.
conferir_tabela_da_aula() {
    awk -F '|' '/^\| esta linha do slide/ { dentro = 1; next }
        dentro && !/^\|/ { exit }
        dentro && !/^\| ---/ { print $2 }' docs/aula.md |
        grep -o '`[^`]*`' | tr -d '`' >"$t/linhas"
    while IFS= read -r codigo; do
        cat $passos/1-*/*.c | grep -qF -e "$codigo" || echo "nao e: $codigo"
    done <"$t/linhas" >"$t/queixas"
    [ "$(wc -l <"$t/linhas")" -ge 10 ] || echo 'a tabela sumiu' >>"$t/queixas"
    sem_queixas 'a tabela da aula cita as linhas do passo 1' "$t/queixas"
}

# Cada prototipo se declara de novo, depois do seu #include e do uso da
# chamada: se fosse outro, ou se o #include nao o trouxesse, nao compilaria.
conferir_prototipos() {
    tem gcc 'os prototipos' || return
    : >"$t/queixas"
    awk -F ' *[|] *' '/^\| chamada \|/ { dentro = 1; next }
        dentro && !/^\|/ { exit }
        dentro && !/^\| ---/ { print $3 "|" $4 "|" $5 }' $pagina |
        tr -d '`' >"$t/tabela"
    [ "$(wc -l <"$t/tabela")" -ge 20 ] || echo 'a tabela sumiu' >"$t/queixas"
    while IFS='|' read -r aqui la include; do
        if [ -n "$aqui" ]; then
            nome=$(echo "$aqui" | sed 's/(.*//; s/.*[ *]//')
            printf '#include %s\nvoid *usa(void) { return (void *)%s; }\n%s;\n' \
                "$include" "$nome" "$aqui" >"$t/p.c"
            gcc -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Werror \
                -fsyntax-only "$t/p.c" || echo "Linux: $nome"
        fi
        command -v $w64 >/dev/null || continue
        nome=$(echo "$la" | sed 's/(.*//; s/.*[ *]//')
        printf '#define _WIN32_WINNT 0x0600\n#include <winsock2.h>\n%s\n%s\n%s\n' \
            '#include <ws2tcpip.h>' "void *usa(void) { return (void *)$nome; }" \
            "$la;" | sed 's/^void perror.*//' >"$t/p.c"
        $w64 -w -fsyntax-only "$t/p.c" || echo "Windows: $nome"
    done <"$t/tabela" >>"$t/queixas" 2>&1
    sem_queixas "os prototipos sao os do sistema ($(wc -l <"$t/tabela" | tr -d ' '))" \
        "$t/queixas"
    tem $w64 'os prototipos do Windows' >/dev/null
}

conferir_tamanho() {
    for f in "$passos"/*/*.[ch]*; do
        limite=60
        case $f in */5-*) limite=80 ;; esac
        [ "$(wc -l <"$f")" -le $limite ] || echo "$f: mais de $limite linhas"
        grep -n '.\{81\}' "$f" /dev/null
        grep -n '[^ -~]' "$f" /dev/null
    done >"$t/queixas"
    sem_queixas 'os passos cabem na tela, em ASCII' "$t/queixas"
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
    w32=i686-w64-mingw32
    for padrao in gnu90 gnu17; do
        com gcc -O2 -std=$padrao
        com clang -std=$padrao
    done
    for padrao in gnu++98 gnu++17; do
        com g++ -O2 -x c++ -std=$padrao
        com ${w64%-gcc}-g++ -x c++ -std=$padrao
    done
    com $w64 -std=gnu90
    com $w32-gcc -O2 -std=gnu17
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
        $1 "$f" -o "${f%.c}$2" $3 >>"$t/queixas" 2>&1
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
    juntar 'sh tests/passos.sh rodar' "$t/saida"
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

# o Windows (do Wine) e a pasta, que some no fim, sao de wine.sh
case $partes in
*windows*)
    # shellcheck disable=SC2034 # e de wine.sh
    FERRAMENTAS=
    parar() { :; }
    . tests/wine.sh
    ;;
*) pasta_propria passos ;;
esac
t=$pasta
for parte in $partes; do
    case $parte in
    paginas)
        conferir_listagens
        conferir_tabela_da_aula
        conferir_prototipos
        conferir_tamanho
        ;;
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
