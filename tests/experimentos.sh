#!/bin/sh
# experimentos.sh - docs/experimentos.md, digitada em terminais: veja
# experimentos.py.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar experimentos python3
exec python3 tests/experimentos.py "$@"
