#!/bin/sh
# somar.sh 'COMANDO' ... - roda cada comando, mostra o que ele mostra e soma as
# linhas finais "N passed, N failed"; antes do total, sozinho na ultima linha,
# repete as linhas FALHOU de todos. Um comando sem essa linha vale um caso. Sai
# com 1 se algo falhou.
pasta=$(mktemp -d) || exit 1
trap 'rm -rf "$pasta"' EXIT
passaram=0 falharam=0 pulados=0
for comando in "$@"; do
    printf '\n== %s\n' "$comando"
    { sh -c "$comando"; echo $? >"$pasta/estado"; } 2>&1 </dev/null |
        tee "$pasta/saida"
    estado=$(cat "$pasta/estado")
    conta=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' \
        "$pasta/saida" | tail -n 1 | tr -d ,)
    if [ -z "$conta" ]; then
        [ "$estado" -eq 0 ] && conta='1 passed 0 failed' ||
            conta='0 passed 1 failed'
    fi
    set_conta() { p=$1 f=$3 s=${5:-0}; }
    set_conta $conta
    # saiu com erro sem contar falha: e uma falha
    [ "$estado" -ne 0 ] && [ "$f" -eq 0 ] && f=1
    if [ "$f" -ne 0 ]; then
        printf '   %s: %s\n' "$comando" "$f"
        sed -n '/^ *FALHOU/s/^ */      /p' "$pasta/saida" | awk '!ja[$0]++'
    fi >>"$pasta/falhas"
    passaram=$((passaram + p)) falharam=$((falharam + f))
    pulados=$((pulados + s))
done
[ ! -s "$pasta/falhas" ] || { printf '\nFalhou em:\n' && cat "$pasta/falhas"; }
echo
if [ "$pulados" -gt 0 ]; then
    echo "$passaram passed, $falharam failed, $pulados skipped"
else
    echo "$passaram passed, $falharam failed"
fi
[ "$falharam" -eq 0 ]
