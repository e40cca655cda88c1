#!/bin/sh
# somar.sh 'COMANDO' ... - roda cada comando, mostra o que ele mostra e soma as
# contas "N passed, N failed[, N skipped]" com que terminam, que ate o fim se
# leem de outro modo: so a ultima linha e o total. Um comando sem conta vale um
# caso. Antes do total, os PULADO e os FALHOU de todos, pelo nome. Sai com 1 se
# algo falhou.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
pasta_propria somar
: >"$pasta/lembrar"

# le a saida de um comando; a ultima conta fica em $pasta/conta
mostrar() {
    : >"$pasta/conta"
    while IFS= read -r linha || [ -n "$linha" ]; do
        nu=${linha#"${linha%%[![:space:]]*}"}
        case $nu in '['*'] '*) nu=${nu#*'] '} ;; esac
        case $nu in
        [0-9]*' passed, '[0-9]*' failed'*)
            # shellcheck disable=SC2086
            set -- $nu
            echo "$1 ${3%,} ${5:-0}" >"$pasta/conta"
            linha="   certos: $1; falhas: ${3%,}; pulados: ${5:-0}"
            ;;
        'FALHOU '* | 'PULADO '*) printf '%s\n' "$nu" >>"$pasta/vistos" ;;
        esac
        printf '%s\n' "$linha"
    done
}

for comando; do
    printf '\n== %s\n' "$comando"
    : >"$pasta/vistos"
    comeco=$(date +%s)
    { sh -c "$comando"; echo $? >"$pasta/estado"; } 2>&1 </dev/null | mostrar
    estado=$(cat "$pasta/estado")
    read -r p f s <"$pasta/conta" || {
        p=0 f=0 s=0
        [ "$estado" -eq 0 ] && p=1
    }
    # saiu com erro sem contar falha: e uma falha; com 3, falta uma ferramenta
    if [ "$estado" -eq 3 ] && [ "$f" -eq 0 ]; then
        s=1
        echo "PULADO $comando" | tee -a "$pasta/vistos"
    elif [ "$estado" -ne 0 ] && [ "$f" -eq 0 ]; then
        f=1
        echo "FALHOU $comando: saiu com $estado" | tee -a "$pasta/vistos"
    fi
    echo "   em $(($(date +%s) - comeco)) s"
    passaram=$((passaram + p)) falharam=$((falharam + f))
    pulados=$((pulados + s))
    if [ -s "$pasta/vistos" ]; then
        printf '%s:\n' "$comando"
        awk '!ja[$0]++ { print "   " $0 }' "$pasta/vistos"
    fi >>"$pasta/lembrar"
done
echo
cat "$pasta/lembrar"
[ $pulados -eq 0 ] || echo "pulados: $pulados"
echo "$passaram passed, $falharam failed"
[ $falharam -eq 0 ]
