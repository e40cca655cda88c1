#!/bin/sh
# erros.sh - docs/erros.md tem uma entrada para cada mensagem que os programas
# escrevem, e nenhuma para uma que eles nao escrevem mais.
#
#   sh tests/erros.sh           confere
#   sh tests/erros.sh -l        lista as mensagens achadas nos fontes
#
# As mensagens sao os textos que os fontes dao a uso_errado, ler_numero,
# apresentar, registrar, escrever..., e os do motivo de uma saida: de cada
# linha, os pedacos fixos (os que "%d" nao troca) tem de estar, na ordem, em um
# titulo "### ..." da pagina. E os da tabela erros[]: a causa e o codigo em um
# titulo, a dica no texto dele.
#
# Ao contrario: cada titulo das partes que falam dos programas (de PRIMEIRA a
# ULTIMA) e o de uma dessas mensagens; e o de cada parte anterior (o compilador,
# o terminal) e provocado aqui, ou esta em FORA_DAQUI com o motivo.
#
# Por fim, os enganos da parte "O rastro mostra o engano": cada um e cometido em
# uma copia dos programas, e o rastro tem de mostrar o que a pagina diz.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
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
    /^static void ajudar/, /^}/ { next } # -h mostra o que a pagina nao repete
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
        outro = nome == "servidor" ? "cliente" : "servidor"
        if (arquivo ~ /common/) nome = outro = "%s"
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
                if (palavra == "OUTRO") { lit = lit outro; tem = 1; continue }
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
/^(uso_errado|ler_numero|apresentar|registrar|registrar_bytes|escrever)$/ ||
                        (ultima ~ /^(strcpy|sprintf)$/ &&
                         substr(tudo, i, 6) ~ /^(motivo|format|perdid|linha,)$/)))
                        na_chamada = nivel
                } else if (c == ")") {
                    if (na_chamada == nivel) na_chamada = 0
                    nivel--
                } else if (c == "}" && celulas >= 2) { # [codigo,] causa, dica
                    if (celulas == 3) codigo = celula[1]
                    print "T\t" arquivo "\t" celula[celulas - 1] "\t" codigo \
                        "\t" celula[celulas]
                    celulas = 0
                    codigo = ""
                } else if (c == ";") tabela = 0
            }
        }
    }' "$1"
}

pasta_propria erros
t=$pasta
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
        fixo = $3
        gsub(/%[-0-9.]*[a-z]| /, "", fixo)
        for (k = achou = 0; ++k <= titulos;)
            if (acha(titulo[k], $3)) {
                achou = 1
                # "cliente %u %s" esta em muitos titulos, e nao e nenhum deles
                if (fixo != "cliente") usado[k] = 1
            }
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
echo "   os programas e a pagina: certos: $passaram; falhas: $falharam"

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
    grep '^### ' "$pagina" | grep -F -e "$mensagem" >"$t/titulo"
    cat "$t/titulo" >>"$t/provocados"
    if [ ! -s "$t/titulo" ]; then
        falhou "sem entrada na pagina: $mensagem"
    elif ! tem "$1"; then
        pulado "$mensagem: falta $1"
    else
        (cd "$t/c" && "$@") >"$t/saida" 2>&1
        grep -qF -e "$mensagem" "$t/saida"
        julgar $? "$mensagem" "$t/saida"
    fi
}

mkdir "$t/c" "$t/c/vazia" "$t/c/antigo"
cp servidor.c cliente.c common.h "$t/c"
cp servidor.c "$t/c/vazia"
cd "$t/c" || exit 1
raiz=$OLDPWD
pagina=$raiz/$pagina
: >"$t/provocados"
echo 'int main(void) { for (int i = 0; i < 2; i++); return 0; }' >for.c
echo 'int main(void) { int n = 1; int n = 2; return n; }' >duas.c
echo 'int main(void) { x = 1; return 0; }' >sem.c
echo 'int main(void) { return 0 }' >ponto.c
printf 'int main(void) { return \342\200\234; }\n' >aspas.c
echo 'int main(void) { return socket(2, 1, 0); }' >implicita.c
printf '#include <stdlib.h>\nint main(void) { char *p = malloc(2); %s\n' \
    'return p == 0; }' >malloc.cpp
printf '#include <windows.h>\n#include <winsock2.h>\n' >ordem.c
printf '#include <sys/socket.h>\n#include <netinet/in.h>\n%s\n%s\n%s\n' \
    'int main(void) { struct sockaddr_in aqui; socklen_t tamanho = 16;' \
    'bind(3, aqui, sizeof aqui);' \
    'return accept(3, (struct sockaddr *)&aqui, tamanho); }' >valor.c
printf '#pragma comment(lib, "ws2_32.lib")\nint main(void) { return 0; }\n' \
    >pragma.c
echo 'int main(void) { int *p = 0; return *p; }' >nulo.c
: >vazio.c
printf 'alvo:\n    comando\n' >Makefile
printf 'x' >servidor
chmod -x servidor
# um programa de outro processador: so o comeco, que e o que o sistema le
printf '\177ELF\002\001\001\000\0\0\0\0\0\0\0\0\002\0\377\377%0200d' 0 >alheio
chmod +x alheio
w64=x86_64-w64-mingw32-gcc
w32=i686-w64-mingw32-gcc
# os cabecalhos de um MinGW de mingw.org: sem as versoes do mingw-w64, e sem o
# que o par usa do Winsock 2.2
for f in winsock2.h ws2tcpip.h; do
    printf '#include_next <%s>\n#undef __MINGW64_VERSION_MAJOR\n' $f
    printf '#undef %s\n' POLLIN POLLOUT SO_EXCLUSIVEADDRUSE SRWLOCK_INIT
done >antigo/winsock2.h
sed '/include_next/!d; s/winsock2/ws2tcpip/' antigo/winsock2.h | head -n 1 |
    cat - antigo/winsock2.h | sed '2{/include_next/d;}' >antigo/ws2tcpip.h
for f in windows io; do
    printf '#include_next <%s.h>\n#undef __MINGW64_VERSION_MAJOR\n' $f \
        >antigo/$f.h
done

provocar 'common.h: No such file or directory' gcc -c vazia/servidor.c
provocar 'servidor.c: No such file or directory' gcc -c outra/servidor.c
provocar 'winsock2.h: No such file or directory' gcc -D_WIN32 -c servidor.c
echo '#include <sys/socket.h>' >posix.c
provocar 'sys/socket.h: No such file or directory' $w64 -c posix.c
for f in servidor cliente; do
    provocar 'MinGW antigo' $w64 -Iantigo -c $f.c
    grep -m 1 'error:' "$t/saida" | grep -q '#error'
    julgar $? "$f.c, em um MinGW antigo: o #error vem primeiro" "$t/saida"
done
provocar "'for' loop initial declarations are only allowed in C99" \
    gcc -std=gnu90 for.c
for o in -std=c99 -ansi; do
    provocar "storage size of 'acao' isn't known" gcc $o -c servidor.c
    if tem $w64; then
        $w64 $o -c servidor.c -o o.o >"$t/saida" 2>&1
        julgar $? "$o, no Windows: compila" "$t/saida"
    fi
done
provocar "redefinition of 'n'" gcc duas.c
provocar "'x' undeclared (first use in this function)" gcc sem.c
provocar "expected ';' before" gcc ponto.c
provocar "stray '\\342' in program" gcc aspas.c
provocar "implicit declaration of function 'socket'" gcc implicita.c
provocar "incompatible type for argument 2 of 'bind'" gcc -w valor.c
provocar "passing argument 3 of 'accept' makes pointer from integer" gcc valor.c
provocar "invalid conversion from 'void*' to 'char*'" g++ malloc.cpp
provocar "ignoring '#pragma comment '" $w64 -Wall pragma.c
provocar 'Please include winsock2.h before windows.h' $w64 -c ordem.c
# shellcheck disable=SC2016 # as crases sao da mensagem
{
    provocar 'undefined reference to `__imp_WSAStartup' $w64 servidor.c
    provocar 'undefined reference to `_imp__WSAStartup@8' $w32 servidor.c
    provocar 'undefined reference to `WSAPoll' $w64 servidor.c -lwsock32
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
provocar 'make: command not found' bash -c 'PATH=/nada; make'
provocar 'gcc: command not found' bash -c 'PATH=/nada; gcc'
provocar './servidor: Permission denied' sh -c ./servidor
provocar 'servidor: command not found' bash -c servidor
provocar './servidor: No such file or directory' \
    bash -c 'cd vazia && ./servidor'
provocar 'cannot execute binary file: Exec format error' bash -c ./alheio
gcc -w -O0 nulo.c -o nulo 2>/dev/null
provocar 'Segmentation fault' bash -c './nulo; true'

# O XP nao tem o que os .exe pedem ao Windows antes de comecar.
if tem $w64; then
    $w64 servidor.c -o servidor.exe -lws2_32 2>"$t/saida"
    for f in WSAPoll AcquireSRWLockExclusive; do
        x86_64-w64-mingw32-objdump -p servidor.exe | grep -qw $f
        julgar $? "servidor.exe pede $f, que o Windows XP nao tem"
    done
fi

# O que nao se provoca aqui, e por que. O texto vem de onde se diz.
FORA_DAQUI='
cannot open output file servidor.exe|so o Windows tranca um programa em uso
pthread_create|glibc anterior a 2.34
Arquivo Fonte não compilado|Dev-C++: Lang/Portuguese.lng, 61007 e 61018
O Projeto não está compilado|Dev-C++: Lang/Portuguese.lng, 61006 e 61017
Seu projeto não contém informações de depuração|Portuguese.lng, 60014
No mapping for the Unicode character|Dev-C++ 6.3: os seus issues 113, 222, 239
gcc'"'"' não é reconhecido|cmd.exe em portugues; o do Wine diz outra coisa
'"'.'"' não é reconhecido|cmd.exe em portugues; o do Wine diz outra coisa
está reservado para uso futuro|PowerShell: ParserStrings, em portugues
A entrada do procedimento WSAPoll|Windows XP; o que ele nao tem, acima
não é compatível com a versão do Windows|erro 216 da Microsoft; veja dev_cpp.sh
'
sed "/^${PRIMEIRA}/q" "$pagina" | grep '^### ' >"$t/titulos"
while IFS= read -r titulo; do
    grep -qxF -e "$titulo" "$t/provocados" && continue
    printf '%s' "$FORA_DAQUI" | while IFS='|' read -r pedaco motivo; do
        case $pedaco in '') continue ;; esac
        case $titulo in *"$pedaco"*) echo "$motivo" ;; esac
    done >"$t/motivo"
    [ -s "$t/motivo" ]
    julgar $? "$titulo: nao se provoca aqui: $(cat "$t/motivo")"
done <"$t/titulos"

compilar() { # programa, ao lado do seu .c
    "${CC:-cc}" -w "$1.c" -o "$1" -pthread 2>"$t/saida"
}

# ---- As palavras de perror --------------------------------------------------

# cada codigo da pagina que as mostra: sao as do sistema (na glibc)
sed -n 's/^### .*(\(E[A-Z]*\))`$/\1/p
    s/.*`perror`: `\(.*\)`\.$/=\1/p' "$pagina" |
    awk '/^=/ { print codigo "\t" substr($0, 2) } { codigo = $0 }' >"$t/diz"
{
    printf '#include <errno.h>\n#include <stdio.h>\n#include <string.h>\n'
    echo 'int main(void) {'
    awk '{ print "printf(\"%s\\t%s\\n\", \"" $1 "\", strerror(" $1 "));" }' \
        "$t/diz"
    echo 'return 0; }'
} >"$t/perror.c"
compilar "$t/perror" && "$t/perror" >"$t/e-diz"
[ "$(wc -l <"$t/diz")" -gt 15 ] && diff "$t/diz" "$t/e-diz" >"$t/saida"
julgar $? 'as palavras de perror sao as do sistema' "$t/saida"

# ---- Os enganos -------------------------------------------------------------

sed -n '/^## O rastro mostra o engano/,/^## O que os/p' "$pagina" >"$t/parte"
TEMPO=20 # segundos, no maximo, para cada conversa
servidor=
limpar() {
    [ -z "$servidor" ] || kill "$servidor" 2>/dev/null
}

# enganar NOME ARQUIVO SED...: uma copia dos programas, com o engano.
enganar() {
    engano=$1 arquivo=$2
    shift 2
    rm -rf "$t/e"
    mkdir "$t/e"
    cp "$raiz"/*.[ch] "$t/e"
    sed "$@" "$raiz/$arquivo" >"$t/e/$arquivo"
    if cmp -s "$raiz/$arquivo" "$t/e/$arquivo"; then
        falhou "$engano: nao se achou o que trocar em $arquivo"
        return 1
    fi
    f=servidor
    [ "$arquivo" != cliente.c ] || f=cliente
    compilar "$t/e/$f" && return
    julgar 1 "$engano: $f.c nao compila" "$t/saida"
    return 1
}

# e os dois sem engano nenhum
mkdir "$t/bom"
cp "$raiz"/*.[ch] "$t/bom"
for f in servidor cliente; do
    compilar "$t/bom/$f" || julgar 1 "$f.c nao compila" "$t/saida"
done

# O servidor enganado, com -v, em segundo plano; o que ele diz se le com ate.
comecar() { # opcoes
    rm -f "$t/fila"
    mkfifo "$t/fila"
    : >"$t/viu"
    timeout -s INT $TEMPO "$t/e/servidor" -v "$@" >"$t/fila" 2>&1 &
    servidor=$!
    exec 3<"$t/fila"
}

# ate TEXTO: le o que o servidor diz ate uma linha que tenha o texto.
ate() {
    while IFS= read -r linha <&3; do
        printf '%s\n' "$linha" >>"$t/viu"
        case $linha in *"$1"*) return 0 ;; esac
    done
    return 1
}

terminar() {
    kill -INT $servidor 2>/dev/null
    cat <&3 >>"$t/viu"
    wait $servidor
    servidor=
    exec 3<&-
}

# a porta que o servidor escolheu: a pagina fala em 7777
porta_do() {
    sed -n 's/^servidor [TU][CD]P em .*:\([0-9]*\) .*/\1/p' "$t/viu"
}

# mostrado TEXTO...: a pagina e o que se viu tem cada um, e nesta ordem.
mostrado() {
    for texto; do
        grep -qF -e "$texto" "$t/parte" || {
            falhou "$engano: a pagina nao mostra $texto"
            return
        }
    done
    printf '%s\n' "$@" | awk '
        NR == FNR { quero[++n] = $0; next }
        BEGIN { k = 1 }
        k <= n && index($0, quero[k]) { k++ }
        END { exit k <= n }' - "$t/viu"
    julgar $? "$engano: $*" "$t/viu"
}

UM='/^static void atender_um_por_vez/,/^}/'
LEVA='{AF_INET, htons(7777), "127.0.0.1"}'

engano='sem htons'
# duas portas livres: a que se pede, e a de bytes trocados
if enganar "$engano" common.h 's/htons((unsigned short)porta)/porta/'; then
    for porta in 7777 7778 7779 $(awk 'BEGIN { srand(); for (i = 0; i < 20; i++)
        print 4096 + int(rand() * 28000) }'); do
        trocada=$((porta % 256 * 256 + porta / 256))
        [ $trocada -ge 1024 ] || continue
        comecar -n 1 $porta
        ate 'servidor TCP em'
        achou=$?
        terminar
        [ $achou -ne 0 ] || break
    done
    grep -q "servidor TCP em 127.0.0.1:$trocada " "$t/viu"
    julgar $? "$engano: o servidor esta na porta $trocada, e nao na $porta" \
        "$t/viu"
    sed "s/htons($trocada)/htons(24862)/" "$t/viu" >"$t/como" # e a da pagina
    mv "$t/como" "$t/viu"
    mostrado 'bind(3, {AF_INET, htons(24862), "127.0.0.1"}, 16) = 0'
fi

# Estes nao chegam a escutar: a porta pode ser a da pagina.
engano='sem sin_family, servidor'
if enganar "$engano" common.h '/e->sin_family = AF_INET/d'; then
    timeout $TEMPO "$t/e/servidor" -v 7777 >"$t/viu" 2>&1
    mostrado 'bind(3, {0, htons(7777), "127.0.0.1"}, 16) = -1 EAFNOSUPPORT'
fi

engano='sizeof de um ponteiro'
if enganar "$engano" servidor.c 's/ Bind(\(.*\)sizeof aqui/ Bind(\1sizeof \&aqui/'
then
    timeout $TEMPO "$t/e/servidor" -v 7777 >"$t/viu" 2>&1
    mostrado "bind(3, $LEVA, 8) = -1 EINVAL"
fi

engano='listen antes de bind'
if enganar "$engano" servidor.c -e 's/r = Bind([^;]*;/r = @;/' -e \
    's/r = Listen([^;]*;/r = Bind(s, (struct sockaddr *)\&aqui, sizeof aqui);/' \
    -e 's/r = @/r = Listen(s, FILA)/'; then
    timeout $TEMPO "$t/e/servidor" -v 7777 >"$t/viu" 2>&1
    mostrado 'listen(3, 4096) = 0' "bind(3, $LEVA, 16) = -1 EINVAL"
fi

# Os que precisam de um cliente: o servidor escolhe a porta.
# conversar ESPERA...: um cliente diz "oi", ate que o servidor diga cada uma
conversar() {
    comecar -n 1 0
    ate 'servidor TCP em'
    (echo oi | timeout $TEMPO "$t/bom/cliente" 127.0.0.1 "$(porta_do)" \
        >"$t/cliente" 2>&1) &
    cliente=$!
    for espera; do ate "$espera"; done
    terminar
    wait $cliente
}

engano='tamanho, sem &'
if enganar "$engano" servidor.c "$UM"'s/&tamanho/tamanho/'; then
    conversar EFAULT
    mostrado 'accept(3, ..., ...) = -1 EFAULT'
fi
UDP='/^static void atender_datagramas/,/^}/'
engano='tamanho = 0'
if enganar "$engano" servidor.c -e \
    "$UDP"'s/socklen_t tamanho = sizeof quem/socklen_t tamanho = 0/' \
    -e "$UDP"'s/struct sockaddr_in quem;/struct sockaddr_in quem = {0};/'; then
    comecar -u 0
    ate 'servidor UDP em'
    echo oi | timeout $TEMPO "$t/bom/cliente" -u 127.0.0.1 "$(porta_do)" \
        >"$t/cliente" 2>&1 &
    cliente=$!
    ate 'sendto('
    terminar
    kill $cliente
    wait $cliente 2>/dev/null
    mostrado 'recvfrom(3, "oi\n", 65536, 0, {0, htons(0), "0.0.0.0"}, 16) = 3' \
        '= -1 EINVAL'
fi
engano='accept sem endereco'
if enganar "$engano" servidor.c \
    "$UM"'s/(struct sockaddr \*)&quem, &tamanho/NULL, NULL/'; then
    conversar 'recv(4, "", '
    # nao e um engano, e a pagina nao o mostra; mas o rastro o diz
    grep -qF 'accept(3, ..., ...) = 4' "$t/viu"
    julgar $? "$engano: accept(3, ..., ...) = 4" "$t/viu"
fi
engano='Recv no socket da escuta'
if enganar "$engano" servidor.c "$UM"'s/Recv(s, /Recv(escuta, /'; then
    conversar ENOTCONN
    mostrado 'recv(3, ..., 65536, 0) = -1 ENOTCONN'
fi
engano='Send no socket da escuta'
if enganar "$engano" servidor.c "$UM"'s/Send(s, /Send(escuta, /'; then
    conversar EPIPE
    mostrado 'send(3, "oi\n", 3, 0) = -1 EPIPE'
fi
engano='sem listen'
if enganar "$engano" servidor.c '/r = Listen(/d'; then
    comecar -n 1 0
    ate EINVAL
    terminar
    mostrado 'accept(3, ..., ...) = -1 EINVAL'
    ! grep -q '^listen(' "$t/viu"
    julgar $? "$engano: nenhuma linha de listen" "$t/viu"
fi
engano='0 nao e o fim'
if enganar "$engano" servidor.c \
    "$UM"'s/while (n > 0 && !c.disse_sair)/while (n >= 0 \&\& !c.disse_sair)/'
then
    fim='recv(4, "", 65536, 0) = 0'
    conversar "$fim" "$fim" "$fim"
    mostrado "$fim" "$fim" "$fim"
fi

engano='Close no socket da escuta'
if enganar "$engano" servidor.c "$UM"'s/Close(s)/Close(escuta)/'; then
    conversar EBADF
    mostrado 'close(3) = 0' 'accept(3, ..., ...) = -1 EBADF'
fi

engano='sem Close'
if enganar "$engano" servidor.c "$UM{/Close(s)/d;}"; then
    comecar -n 1 0
    ate 'servidor TCP em'
    for vez in 1 2; do
        echo oi | timeout $TEMPO "$t/bom/cliente" 127.0.0.1 "$(porta_do)" \
            >"$t/cliente$vez" 2>&1 &
        ate 'recv('"$((vez + 3))"', "", 65536, 0) = 0'
    done
    terminar
    wait
    ! grep -q 'close(4)' "$t/viu" && grep -q '^accept.* = 5$' "$t/viu"
    julgar $? "$engano: close(4) nao vem, e o accept seguinte devolve 5" \
        "$t/viu"
    sed -i '/close(3)/d' "$t/viu"
    mostrado 'recv(4, "", 65536, 0) = 0'
fi

engano='sem SO_REUSEADDR'
if ! tem bash; then
    pulado "$engano: falta bash"
elif enganar "$engano" servidor.c '/ligar(.*OPCAO_DA_PORTA/d'; then
    comecar -n 1 0
    ate 'servidor TCP em'
    porta=$(porta_do)
    # um cliente que so fecha depois do servidor: e este que guarda a porta
    timeout $TEMPO bash -c "exec 4<>/dev/tcp/127.0.0.1/$porta; echo sair >&4
        cat <&4" 3<&- >"$t/cliente" 2>&1
    terminar
    timeout $TEMPO "$t/e/servidor" -v "$porta" 2>&1 |
        sed "s/htons($porta)/htons(7777)/" >"$t/viu"
    mostrado "bind(3, $LEVA, 16) = -1 EADDRINUSE"
fi

engano='sem sin_family, cliente'
if enganar "$engano" cliente.c 's/^    SOCKET s = Socket/    servidor.sin_family = 0;\n&/'
then
    cp "$t/bom/servidor" "$t/e/servidor"
    comecar -n 1 0
    ate 'servidor TCP em'
    porta=$(porta_do)
    echo oi | timeout $TEMPO "$t/e/cliente" -v 127.0.0.1 "$porta" 3<&- 2>&1 |
        sed "s/htons($porta)/htons(7777)/" >"$t/como"
    terminar
    mv "$t/como" "$t/viu"
    mostrado 'connect(3, {0, htons(7777), "127.0.0.1"}, 16) = 0'
    grep -q '^\(send\|recv\).* = -1 E' "$t/viu"
    julgar $? "$engano: depois, um erro em send ou recv" "$t/viu"
fi

concluir
