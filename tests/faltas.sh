#!/bin/sh
# faltas.sh - o que os programas fazem quando o sistema falta: compila faltas.c
# duas vezes (a biblioteca do LD_PRELOAD e a suite) e roda. CASOS=, SERVIDOR=,
# CLIENTE=... como em ensaio.h; so programas ligados dinamicamente, no Linux.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
pasta_propria faltas
export FALTAS_SO="$pasta/faltas.so"
echo 'int nada;' >"$pasta/nada.c"
if ! ${CC:-cc} -shared -fPIC -o "$pasta/nada.so" "$pasta/nada.c" \
    2>"$pasta/erro"; then
    pulado "faltas: sem bibliotecas: $(head -n 1 "$pasta/erro")"
    concluir
fi
if ${CC:-cc} -O1 -Wall -Wextra -DINJETAR -shared -fPIC -o "$FALTAS_SO" \
    tests/faltas.c -ldl &&
    ${CC:-cc} -O1 -Wall -Wextra -o "$pasta/faltas" tests/ensaio.c \
        tests/faltas.c; then
    "$pasta/faltas"
    exit
fi
falhou 'faltas: nao compilou'
concluir
