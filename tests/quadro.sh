#!/bin/sh
# quadro.sh - o quadro de make demo (docs/quadro.c) diz a verdade? quadro.py: a
# ordem, as medidas, o que da errado, a pausa, as figuras.
#
#   [SERVIDOR=programa] [CLIENTE=programa] [VEZES=30] sh tests/quadro.sh
#   sh tests/quadro.sh desenhar     refaz docs/img/quadro.svg e quadro-perda.svg
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar quadro python3
exec python3 tests/quadro.py "$@"
