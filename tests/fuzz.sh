#!/bin/sh
# fuzz.sh - fuzz.c por um tempo, com a libFuzzer do clang, o AddressSanitizer e
# o UndefinedBehaviorSanitizer.
#
#   [SEGUNDOS=20] [EXIGIR=1] sh tests/fuzz.sh
#
# Comeca pelas sementes daqui e inventa o resto. O que derruba a prova e
# mostrado (em Base64) e deve virar semente. Faltando o clang ou a libFuzzer:
# diz que nao rodou; com EXIGIR=1, e falha.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar fuzz clang
pasta_propria fuzz
if ! clang -g -O1 -Wall -Wextra -Wno-unused-function -pthread \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
    -o "$pasta/prova" tests/fuzz.c 2>"$pasta/erro"; then
    if grep -q 'cannot find .*clang_rt' "$pasta/erro"; then
        pulado 'fuzz: o clang nao tem a libFuzzer'
    else
        julgar 1 'fuzz: compila' "$pasta/erro"
    fi
    concluir
fi

# Uma semente por linha, como texto de printf(1). O primeiro byte: de 0 a 15,
# tantos cortes (que vem a seguir), e o resto e texto; de 16 a 31, UDP.
mkdir "$pasta/sementes"
while read -r texto; do
    n=$((n + 1))
    # shellcheck disable=SC2059
    printf "$texto" >"$pasta/sementes/$n"
done <<'FIM'
\003\000\001\002\303\251\342\202\254\360\237\230\200\033[2J
\000\342\200\252\342\200\256\342\201\246\342\201\251\330\234
\001\000\342\200\216\342\200\217\0\0\0\0\0\0\0\0\0"\134
\001\000\302\233\355\240\200\364\220\200\200\340\200\233\377
\002\003oi\numa linha\n\303
\002\000\342\202\254\342\202\n\033[2J
\020\003\005\003\377\376\001\377\012\020
\020\002\003\004\005\001\001\007\001\001\001\005\004abcd
\020\003\003\004\005\004\001\001\000\000\000\001\001\003\002x
\020\003\372\003\001\001\007\005\005\005\005\005\005\005\005
\020\001\377\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001
FIM
# e compridas: uma linha que nao cabe em uma escrita, e conversas inteiras
printf '\001\000%s\nfim' "$(seq -s , 400)" >"$pasta/sementes/linha"
for n in 1 2 3 4 5 6 7 8 9; do
    # shellcheck disable=SC2059
    { printf "\\020\\00$n"; head -c 1500 /dev/urandom; } >"$pasta/sementes/udp$n"
done

"$pasta/prova" -max_total_time="${SEGUNDOS:-20}" -max_len=4096 -len_control=0 \
    -timeout=10 -artifact_prefix="$pasta/" "$pasta/sementes" \
    >"$pasta/registro" 2>&1
estado=$?
{ grep -E 'Assertion|ERROR|runtime error' "$pasta/registro"
  grep -v '^#[0-9]' "$pasta/registro" | tail -n 30; } >"$pasta/fim"
julgar $estado fuzz "$pasta/fim"
concluir
