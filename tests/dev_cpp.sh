#!/bin/sh
# dev_cpp.sh - os projetos de docs/dev-cpp compilam como no Dev-C++? dev_cpp.py.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar 'os projetos do Dev-C++' python3 make wine x86_64-w64-mingw32-gcc \
    i686-w64-mingw32-gcc
exec python3 tests/dev_cpp.py
