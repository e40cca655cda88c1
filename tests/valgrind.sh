#!/bin/sh
# valgrind.sh - a suite de novo, com os dois programas sob valgrind: nenhum
# erro de memoria, nenhum vazamento, nenhum descritor aberto no fim. Um caso
# por exigencia. So contam os processos que terminaram por si: os que a suite
# mata de proposito nao chegam a fechar nada. A pilha de um fio que ainda le o
# teclado quando o servidor se vai ("possibly lost") nao e um vazamento.
cd "$(dirname "$0")/.." || exit 1
pasta=$(mktemp -d) || exit 1
trap 'rm -rf "$pasta"' EXIT
if ! command -v valgrind >/dev/null; then
    echo "NAO RODOU: valgrind nao esta instalado"
    [ "$EXIGIR" = 1 ] && echo "0 passed, 1 failed" && exit 1
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
v="valgrind -q --leak-check=full --show-leak-kinds=definite,indirect \
--errors-for-leak-kinds=definite,indirect --track-fds=yes \
--error-exitcode=99 --log-file=$pasta/%p.log"
passaram=0 falharam=0
conferir() {
    if [ "$2" = 0 ]; then
        echo "ok valgrind: $1"
        passaram=$((passaram + 1))
    else
        echo "FALHOU valgrind: $1"
        falharam=$((falharam + 1))
    fi
}
SERVIDOR="$v ./servidor" CLIENTE="$v ./cliente" TEMPO=${TEMPO:-6} \
    GRANDE=${GRANDE:-5} tests/bin/suite tudo >"$pasta/suite" 2>&1
estado=$?
grep -v '^ok' "$pasta/suite"
conferir "a suite passa sob valgrind" $estado
n=$(ls "$pasta" | grep -c '\.log$')
[ "$n" -gt 20 ]
conferir "$n processos vigiados" $?
# erros e vazamentos
if grep -lE 'Invalid|uninitialised|definitely lost|indirectly lost|overlap' \
    "$pasta"/*.log >"$pasta/ruins" 2>/dev/null; then
    cat $(head -n 3 "$pasta/ruins") | head -n 60
    false
fi
conferir "nenhum erro, nenhum vazamento" $?
# descritores alem da entrada, da saida e do erro que nao foram herdados
awk '/Open .*(socket|file descriptor)/ { aberto = $0; next }
     aberto != "" && /inherited from parent/ { aberto = ""; next }
     aberto != "" { print FILENAME ": " aberto; ruim = 1; aberto = "" }
     END { exit ruim }' "$pasta"/*.log >"$pasta/abertos"
estado=$?
head -n 5 "$pasta/abertos"
conferir "nenhum descritor aberto no fim" $estado
echo "$passaram passed, $falharam failed"
[ "$falharam" -eq 0 ]
