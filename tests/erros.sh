#!/bin/sh
# erros.sh - docs/erros.md tem uma entrada para cada mensagem que os programas
# escrevem, e nenhuma para uma que eles nao escrevem mais.
#
#   sh tests/erros.sh           confere
#   sh tests/erros.sh -l        lista as mensagens achadas nos fontes
#
# As mensagens sao os textos que os fontes dao a uso_errado, ler_numero,
# apresentar, registrar, escrever e fprintf, e os do motivo de uma saida: de cada linha, os
# pedacos fixos (os que "%d" nao troca) tem de estar, na ordem, em um titulo
# "### ..." da pagina. E os da tabela erros[]: a causa e o codigo em um titulo,
# a dica no texto dele.
#
# Ao contrario: cada titulo das partes que falam dos programas (de PRIMEIRA a
# ULTIMA) e o de uma dessas mensagens.
#
# E as mensagens do compilador que se podem provocar aqui sao provocadas: o
# titulo tem de ser o que ele diz. O compilador que falta e pulado; com
# EXIGIR=1, e falha.
cd "$(dirname "$0")/.." || exit 1
pagina=docs/erros.md
PRIMEIRA='## O comando estava errado'
ULTIMA='## Nenhuma mensagem'
LC_ALL=C
export LC_ALL

# As mensagens de um fonte: "M", arquivo, texto (uma linha, com os % da printf);
# ou "T", arquivo, causa, codigo, dica. Entre os campos, TAB.
extrair() {
    awk -v arquivo="$1" '
    { sub(/\r$/, "") }
    /^[ \t]*#/ { # as macros nao escrevem nada por si
        while (/\\$/ && (getline resto) > 0) $0 = resto
        next
    }
    { tudo = tudo $0 "\n" }

    # o texto entre aspas que comeca em i; avanca i ate depois dele
    function literal(   s, c) {
        s = ""
        for (i++; (c = substr(tudo, i, 1)) != "\""; i++) {
            if (c == "\\") {
                c = substr(tudo, ++i, 1)
                if (c == "n") c = "\n"
            }
            s = s c
        }
        i++
        return s
    }

    # acabou um texto (os literais vizinhos ja se juntaram)
    function acabou_texto(   l, n, k) {
        if (!tem) return
        tem = 0
        if (tabela) celula[++celulas] = lit
        else if (na_chamada) {
            n = split(lit, l, "\n")
            for (k = 1; k <= n; k++)
                if (l[k] ~ /[A-Za-z][a-z]/ && l[k] !~ /%02x/) { # nem os bytes
                    gsub(/%%/, "%", l[k])
                    print "M\t" arquivo "\t" l[k]
                }
        }
        lit = ""
    }

    END {
        nome = arquivo ~ /servidor/ ? "servidor" : "cliente"
        if (arquivo ~ /common/) nome = "%s"
        n = length(tudo)
        for (i = 1; i <= n;) {
            c = substr(tudo, i, 1)
            if (substr(tudo, i, 2) == "/*") {
                i += index(substr(tudo, i + 2), "*/") + 3
            } else if (c == "\047") { # uma letra entre aspas simples
                i += substr(tudo, i + 1, 1) == "\\" ? 3 : 2
                i += index(substr(tudo, i), "\047")
            } else if (c == "\"") {
                lit = lit literal()
                tem = 1
            } else if (match(substr(tudo, i, 80), /^[A-Za-z_][A-Za-z_0-9]*/)) {
                palavra = substr(tudo, i, RLENGTH)
                i += RLENGTH
                if (palavra == "PASTA") { lit = lit "./"; tem = 1; continue }
                if (palavra == "PROGRAMA") { lit = lit nome; tem = 1; continue }
                acabou_texto()
                if (ultima == "erro" || palavra == "erros")
                    if (substr(tudo, i, 9) ~ /^(\[\])? = \{/) {
                        tabela = 1
                        celulas = 0
                        codigo = ""
                    }
                if (tabela && palavra ~ /^E[A-Z]+$/) codigo = palavra
                ultima = palavra
            } else {
                i++
                if (c ~ /[ \t\n]/) continue
                acabou_texto()
                if (c == "(") {
                    nivel++
                    if (!na_chamada && (ultima ~ \
/^(uso_errado|ler_numero|apresentar|registrar|escrever|fprintf)$/ ||
                        (ultima ~ /^(strcpy|sprintf)$/ &&
                         substr(tudo, i, 6) ~ /^(motivo|format)$/)))
                        na_chamada = nivel
                } else if (c == ")") {
                    if (na_chamada == nivel) na_chamada = 0
                    nivel--
                } else if (c == "}" && celulas == 2) {
                    print "T\t" arquivo "\t" celula[1] "\t" codigo "\t" \
                        celula[2]
                    celulas = 0
                    codigo = ""
                } else if (c == ";") tabela = 0
            }
        }
    }' "$1"
}

t=$(mktemp -d "${TMPDIR:-/tmp}/erros.XXXXXX") || exit 1
trap 'rm -rf "$t"' EXIT
trap 'exit 1' HUP INT TERM
for f in common.h servidor.c cliente.c; do extrair "$f"; done |
    awk -F '\t' '!ja[$1 FS $3 FS $4]++' >"$t/mensagens"
if [ "$1" = -l ]; then
    cat "$t/mensagens"
    exit 0
fi

# ---- Os programas e a pagina ------------------------------------------------

awk -F '\t' -v primeira="$PRIMEIRA" -v ultima="$ULTIMA" '
    # onde acabam, em texto, os pedacos fixos do molde, na ordem; 0: nao estao
    function acha(texto, molde,   pedaco, n, k, p, onde) {
        gsub(/%[-0-9.]*[a-z]/, "\001", molde)
        n = split(molde, pedaco, "\001")
        onde = 1
        for (k = 1; k <= n; k++) {
            p = pedaco[k]
            sub(/^ +/, "", p)
            sub(/ +$/, "", p)
            if (p == "") continue
            if (!index(substr(texto, onde), p)) return 0
            onde += index(substr(texto, onde), p) + length(p) - 1
        }
        return onde > 1
    }
    function julgar(certo, o_que) {
        if (certo) passaram++
        else {
            falharam++
            print "FALHOU " o_que
        }
    }

    FILENAME ~ /md$/ {
        if (/^## /) {
            if (index($0, primeira) == 1) vale = 1
            if (index($0, ultima) == 1) vale = 0
            if (index($0, primeira) == 1) achei_primeira = 1
            if (index($0, ultima) == 1) achei_ultima = 1
        }
        if (/^### / && vale) {
            titulo[++titulos] = substr($0, 5)
            linha[titulos] = FNR
        } else if (titulos && vale) corpo[titulos] = corpo[titulos] "\n" $0
        next
    }
    $1 == "M" {
        for (k = achou = 0; ++k <= titulos;)
            if (acha(titulo[k], $3)) achou = usado[k] = 1
        julgar(achou, $2 ": sem entrada na pagina: " $3)
        do_fonte[$2]++
    }
    $1 == "T" {
        for (k = achou = 0; ++k <= titulos;)
            if (acha(titulo[k], "`" $3 " (" ($4 ? $4 : "%s") ")`") ||
                acha(titulo[k], "`" $3 " (") &&
                acha(corpo[k], "`WSA" $4 "`")) {
                achou = usado[k] = 1
                julgar(acha(corpo[k], $5), $2 ": a entrada " titulo[k] \
                    " nao diz: " $5)
            }
        julgar(achou, $2 ": sem entrada na pagina: " $3 " (" $4 ")")
        na_tabela++
    }
    END {
        for (k = 1; k <= titulos; k++)
            julgar(usado[k], "pagina, linha " linha[k] \
                ": os programas nao dizem: " titulo[k])
        # a colheita dos fontes nao pode vir vazia sem que se note
        julgar(na_tabela >= 15, "tabela erros[]: so " na_tabela + 0)
        julgar(do_fonte["common.h"] >= 2, "common.h: poucas mensagens")
        julgar(do_fonte["servidor.c"] >= 15, "servidor.c: poucas mensagens")
        julgar(do_fonte["cliente.c"] >= 12, "cliente.c: poucas mensagens")
        julgar(achei_primeira && achei_ultima, "a pagina mudou de partes")
        print passaram + 0, falharam + 0 >"/dev/stderr"
    }' "$pagina" "$t/mensagens" 2>"$t/conta"
read -r passaram falharam <"$t/conta"
pulados=0

# ---- O compilador -----------------------------------------------------------

# No macOS, gcc e um outro nome do clang, que diz tudo com outras palavras.
tem() {
    command -v "$1" >/dev/null || return 1
    case $1 in gcc | g++) ! "$1" --version | grep -q clang ;; esac
}

# provocar MENSAGEM COMANDO...: o comando a escreve, e ela esta em um titulo.
provocar() {
    mensagem=$1
    shift
    if ! tem "$1"; then
        if [ "$EXIGIR" = 1 ]; then
            falharam=$((falharam + 1))
            echo "FALHOU falta $1: $mensagem"
        else
            pulados=$((pulados + 1))
            echo "pulado $mensagem (falta $1)"
        fi
        return
    fi
    if ! grep '^### ' "$pagina" | grep -qF -e "$mensagem"; then
        falharam=$((falharam + 1))
        echo "FALHOU sem entrada na pagina: $mensagem"
    elif (cd "$t/c" && "$@") >"$t/saida" 2>&1; grep -qF -e "$mensagem" \
        "$t/saida"; then
        passaram=$((passaram + 1))
    else
        falharam=$((falharam + 1))
        echo "FALHOU $* nao diz: $mensagem"
        head -n 5 "$t/saida"
    fi
}

mkdir "$t/c" "$t/c/vazia"
cp servidor.c cliente.c common.h "$t/c"
cp servidor.c "$t/c/vazia"
cd "$t/c" || exit 1
pagina=$OLDPWD/$pagina
echo 'int main(void) { for (int i = 0; i < 2; i++); return 0; }' >for.c
echo 'int main(void) { int n = 1; int n = 2; return n; }' >duas.c
echo 'int main(void) { x = 1; return 0; }' >sem.c
echo 'int main(void) { return 0 }' >ponto.c
printf 'int main(void) { return \342\200\234; }\n' >aspas.c
echo 'int main(void) { return socket(2, 1, 0); }' >implicita.c
printf '#include <stdlib.h>\nint main(void) { char *p = malloc(2); %s\n' \
    'return p == 0; }' >malloc.cpp
printf '#include <windows.h>\n#include <winsock2.h>\n' >ordem.c
: >vazio.c
printf 'alvo:\n    comando\n' >Makefile
printf 'x' >servidor
chmod -x servidor
w64=x86_64-w64-mingw32-gcc
w32=i686-w64-mingw32-gcc

provocar 'common.h: No such file or directory' gcc -c vazia/servidor.c
provocar 'servidor.c: No such file or directory' gcc -c outra/servidor.c
provocar 'winsock2.h: No such file or directory' gcc -D_WIN32 -c servidor.c
echo '#include <sys/socket.h>' >posix.c
provocar 'sys/socket.h: No such file or directory' $w64 -c posix.c
provocar "'for' loop initial declarations are only allowed in C99" \
    gcc -std=gnu90 for.c
provocar "redefinition of 'n'" gcc duas.c
provocar "'x' undeclared (first use in this function)" gcc sem.c
provocar "expected ';' before" gcc ponto.c
provocar "stray '\\342' in program" gcc aspas.c
provocar "implicit declaration of function 'socket'" gcc implicita.c
provocar "invalid conversion from 'void*' to 'char*'" g++ malloc.cpp
provocar 'Please include winsock2.h before windows.h' $w64 -c ordem.c
# shellcheck disable=SC2016 # as crases sao da mensagem
{
    provocar 'undefined reference to `__imp_WSAStartup' $w64 servidor.c
    provocar 'undefined reference to `_imp__WSAStartup@8' $w32 servidor.c
    provocar 'undefined reference to `main' gcc vazio.c
    provocar 'multiple definition of `main' gcc servidor.c cliente.c -pthread
}
provocar 'cannot find -lws2_32' gcc servidor.c -lws2_32 -pthread
provocar 'ld returned 1 exit status' gcc vazio.c
provocar 'missing separator' make
rm Makefile
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
provocar 'No targets specified and no makefile found' make
provocar 'No rule to make target' make nada
provocar './servidor: Permission denied' sh -c ./servidor
provocar 'servidor: command not found' bash -c servidor
provocar './servidor: No such file or directory' \
    bash -c 'cd vazia && ./servidor'

# ---- A conta ----------------------------------------------------------------

if [ $pulados -gt 0 ]; then
    echo "$passaram passed, $falharam failed, $pulados skipped"
else
    echo "$passaram passed, $falharam failed"
fi
[ "$falharam" -eq 0 ]
