#!/bin/sh
# compiladores.sh - compila os dois programas com todos os compiladores e
# padroes prometidos, e os testes com os que um aluno pode ter, sem um so
# aviso. Um caso por compilador e fonte.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
pasta_propria compiladores

# tentar COMPILADOR OPCOES FONTE...
tentar() {
    compilador=$1 opcoes=$2
    shift 2
    if ! command -v "$compilador" >/dev/null; then
        pulado "$compilador $opcoes: nao esta instalado"
        return
    fi
    for fonte; do
        # shellcheck disable=SC2086
        $compilador -Wall -Wextra $opcoes -o "$pasta/exe" "$fonte" $libs \
            >"$pasta/avisos" 2>&1 && [ ! -s "$pasta/avisos" ]
        julgar $? "$compilador $opcoes $fonte" "$pasta/avisos"
    done
}

libs=-pthread
for padrao in gnu90 gnu99 gnu11 gnu17; do
    tentar gcc "-O2 -std=$padrao" servidor.c cliente.c
    tentar clang "-std=$padrao" servidor.c cliente.c
done
for padrao in gnu++98 gnu++17; do
    tentar g++ "-O2 -x c++ -std=$padrao" servidor.c cliente.c
done
tentar gcc '-O3 -D_FORTIFY_SOURCE=2' servidor.c cliente.c
tentar tcc '' servidor.c cliente.c
tentar musl-gcc '-O2' servidor.c cliente.c
libs=-lws2_32
for windows in x86_64-w64-mingw32 i686-w64-mingw32; do
    tentar $windows-gcc '-std=gnu90' servidor.c cliente.c
    tentar $windows-gcc '-O2 -std=gnu17' servidor.c cliente.c
    tentar $windows-g++ '-x c++ -std=gnu++98' servidor.c cliente.c
    tentar $windows-g++ '-x c++ -std=gnu++17' servidor.c cliente.c
done

# make test e make conferir, com o que houver: um padrao velho e um novo
libs=
suite='tests/ensaio.c tests/suite.c tests/casos_*.c'
# shellcheck disable=SC2086
{
    tentar gcc '-c -O2 -std=gnu90' $suite
    tentar clang '-c' $suite
    tentar g++ '-c -x c++' $suite
    tentar tcc '-c' $suite
    tentar gcc '-c -O2' tests/bench*.c tests/faltas.c docs/*.c
    tentar clang '-c -Wno-unused-function' tests/fuzz.c
}
tentar x86_64-w64-mingw32-gcc '-c' tests/fechar_janela.c
concluir
