#!/bin/sh
# erros.sh - docs/erros.md e o que os programas e o compilador dizem: erros.py.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar erros python3
exec python3 tests/erros.py "$@"
