#!/bin/sh
# somar.sh 'COMANDO' ... - roda cada comando, mostra o que ele mostra e soma as
# contas "N passed, N failed[, N skipped]" com que terminam, que ate o fim se
# leem de outro modo: so a ultima linha e o total. Um comando sem conta vale um
# caso. Antes do total, os PULADO e, por ultimo, os FALHOU de todos, pelo nome.
# Sai com 1 se algo falhou. O que comeca com "ao lado: " roda ao lado dos que
# vem depois dele, e se mostra no fim: e para o que quase so espera.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
ao_lado=
# shellcheck disable=SC2086,SC2317
limpar() { [ -z "$ao_lado" ] || kill $ao_lado 2>/dev/null; }
pasta_propria somar
: >"$pasta/PULADO"
: >"$pasta/FALHOU"

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

# lembrar VEREDITO: as linhas do comando que o tem, para o fim
lembrar() {
    grep -q "^$1 " "$pasta/vistos" || return
    echo "$comando:"
    awk -v v="$1" '$1 == v && !ja[$0]++ { print "   " $0 }' "$pasta/vistos"
} >>"$pasta/$1"

# comecar COMANDO: o titulo
comecar() {
    comando=$1
    printf '\n== %s\n' "$comando"
    : >"$pasta/vistos"
    comeco=$(date +%s)
}

# contar ESTADO: o que mostrar viu do comando, que saiu com esse codigo
contar() {
    read -r p f s <"$pasta/conta" || {
        p=0 f=0 s=0
        [ "$1" -eq 0 ] && p=1
    }
    # saiu com erro sem contar falha: e uma falha; com 3, falta uma ferramenta
    if [ "$1" -eq 3 ] && [ "$f" -eq 0 ]; then
        s=1
        echo "PULADO $comando" | tee -a "$pasta/vistos"
    elif [ "$1" -ne 0 ] && [ "$f" -eq 0 ]; then
        f=1
        echo "FALHOU $comando: saiu com $1" | tee -a "$pasta/vistos"
    fi
    echo "   em $(($(date +%s) - comeco)) s"
    passaram=$((passaram + p)) falharam=$((falharam + f))
    pulados=$((pulados + s))
    lembrar PULADO
    lembrar FALHOU
}

for comando; do
    case $comando in
    'ao lado: '*)
        n=$((${n:-0} + 1))
        echo "${comando#*: }" >"$pasta/comando$n"
        { sh "$pasta/comando$n"; echo $? >"$pasta/estado$n"; } \
            >"$pasta/saida$n" 2>&1 </dev/null &
        ao_lado="$ao_lado $!"
        continue
        ;;
    esac
    comecar "$comando"
    { sh -c "$comando"; echo $? >"$pasta/estado"; } 2>&1 </dev/null | mostrar
    contar "$(cat "$pasta/estado")"
done
n=0
for processo in $ao_lado; do
    n=$((n + 1))
    comecar "$(cat "$pasta/comando$n")"
    wait "$processo"
    mostrar <"$pasta/saida$n"
    contar "$(cat "$pasta/estado$n")"
done
echo
cat "$pasta/PULADO"
[ $pulados -eq 0 ] || echo "pulados: $pulados"
cat "$pasta/FALHOU"
echo "$passaram passed, $falharam failed"
[ $falharam -eq 0 ]
