#!/bin/sh
# docs.sh - as paginas dizem a verdade? Veja docs.py.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar docs python3
exec python3 tests/docs.py
