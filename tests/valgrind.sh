#!/bin/sh
# valgrind.sh - a suite de novo, com os dois programas sob valgrind: nenhum
# erro de memoria, nenhum vazamento, nenhum descritor aberto no fim. Um caso
# por caso da suite e por exigencia. So contam os processos que terminaram por si: os que a suite
# mata de proposito nao chegam a fechar nada. A pilha de um fio que ainda le o
# teclado quando o servidor se vai ("possibly lost") nao e um vazamento.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar valgrind valgrind
pasta_propria valgrind
v="valgrind -q --leak-check=full --show-leak-kinds=definite,indirect \
--errors-for-leak-kinds=definite,indirect --track-fds=yes \
--error-exitcode=99 --log-file=$pasta/%p.log"
SERVIDOR="$v ./servidor" CLIENTE="$v ./cliente" TEMPO=${TEMPO:-6} \
    GRANDE=${GRANDE:-5} tests/bin/suite tudo >"$pasta/suite" 2>&1
juntar valgrind "$pasta/suite"
set -- "$pasta"/*.log
[ $# -gt 20 ]
julgar $? "valgrind: $# processos vigiados"
# erros e vazamentos
grep -hE -A 12 'Invalid|uninitialised|definitely lost|indirectly lost|overlap' \
    "$@" >"$pasta/ruins"
[ ! -s "$pasta/ruins" ]
julgar $? 'valgrind: nenhum erro, nenhum vazamento' "$pasta/ruins"
# descritores alem da entrada, da saida e do erro que nao foram herdados
awk '/Open .*(socket|file descriptor)/ { aberto = $0; next }
     aberto != "" && /inherited from parent/ { aberto = ""; next }
     aberto != "" { print FILENAME ": " aberto; aberto = "" }
    ' "$@" >"$pasta/abertos"
[ ! -s "$pasta/abertos" ]
julgar $? 'valgrind: nenhum descritor aberto no fim' "$pasta/abertos"
concluir
