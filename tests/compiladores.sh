#!/bin/sh
# compiladores.sh - compila os dois programas com todos os compiladores e
# padroes prometidos, sem um so aviso. Um caso por compilador e programa.
# Compilador que falta: diz que nao rodou; com EXIGIR=1, e uma falha.
cd "$(dirname "$0")/.." || exit 1
exe=$(mktemp) || exit 1
trap 'rm -f "$exe" "$exe.exe"' EXIT
passaram=0 falharam=0 pulados=0

tentar() {
    compilador=$1
    opcoes=$2
    if ! command -v "$compilador" >/dev/null; then
        echo "NAO RODOU $compilador $opcoes: nao esta instalado"
        if [ "$EXIGIR" = 1 ]; then
            falharam=$((falharam + 1))
        else
            pulados=$((pulados + 1))
        fi
        return
    fi
    case $compilador in
    *mingw*) libs=-lws2_32 ;;
    *) libs=-pthread ;;
    esac
    for programa in servidor cliente; do
        nome="$compilador $opcoes $programa.c"
        if avisos=$($compilador -Wall -Wextra $opcoes -o "$exe" $programa.c \
            $libs 2>&1) && [ -z "$avisos" ]; then
            echo "ok $nome"
            passaram=$((passaram + 1))
        else
            printf 'FALHOU %s:\n%s\n' "$nome" "$avisos"
            falharam=$((falharam + 1))
        fi
    done
}

for padrao in gnu90 gnu99 gnu11 gnu17; do
    tentar gcc "-O2 -std=$padrao"
    tentar clang "-std=$padrao"
done
for padrao in gnu++98 gnu++17; do
    tentar g++ "-O2 -x c++ -std=$padrao"
    tentar x86_64-w64-mingw32-g++ "-x c++ -std=$padrao"
done
tentar gcc '-O3 -D_FORTIFY_SOURCE=2'
tentar tcc ''
tentar musl-gcc '-O2'
for windows in x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc; do
    tentar $windows '-std=gnu90'
    tentar $windows '-O2 -std=gnu17'
done
if [ "$pulados" -gt 0 ]; then
    echo "$passaram passed, $falharam failed, $pulados skipped"
else
    echo "$passaram passed, $falharam failed"
fi
[ "$falharam" -eq 0 ]
