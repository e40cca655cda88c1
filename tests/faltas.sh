#!/bin/sh
# faltas.sh - o que os programas fazem quando o sistema falta: compila faltas.c
# duas vezes (a biblioteca do LD_PRELOAD e a suite) e roda. CASOS=, SERVIDOR=,
# CLIENTE=... como em ensaio.h; so programas ligados dinamicamente, no Linux.
cd "$(dirname "$0")/.." || exit 1
pasta=$(mktemp -d) || exit 1
trap 'rm -rf "$pasta"' EXIT
export FALTAS_SO="$pasta/faltas.so"
if ! ${CC:-cc} -O1 -Wall -Wextra -DINJETAR -shared -fPIC -o "$FALTAS_SO" \
    tests/faltas.c -ldl 2>"$pasta/erro"; then
    echo "NAO RODOU: nao se pode fazer a biblioteca: $(head -n 1 "$pasta/erro")"
    [ "$EXIGIR" = 1 ] && echo "0 passed, 1 failed" && exit 1
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
${CC:-cc} -O1 -Wall -Wextra -o "$pasta/faltas" tests/ensaio.c tests/faltas.c &&
    "$pasta/faltas"
