#!/bin/sh
# exercicios.sh - as solucoes dos exercicios: veja exercicios.py.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar exercicios python3 patch
exec python3 tests/exercicios.py "$@"
