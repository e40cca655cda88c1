#!/bin/sh
# acaso.sh - o que o acaso acha, sob os verificadores: o servidor contra
# clientes ao acaso (imersao.c) e o cliente contra servidores ao acaso (azar.c),
# com o AddressSanitizer e com o ThreadSanitizer. Nem um byte errado.
#
#   [SEGUNDOS=120] [SEMENTE=n] sh tests/acaso.sh [asan] [tsan]
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
pasta_propria acaso
export SEGUNDOS="${SEGUNDOS:-120}" ASAN_OPTIONS=detect_leaks=1
export TSAN_OPTIONS=exitcode=66:report_thread_leaks=0
compilar() { # FEITIO OPCOES...
    feitio=$1
    shift
    for programa in servidor cliente; do
        ${CC:-gcc} -g -O1 -Wall -Wextra "$@" -o "$pasta/$programa.$feitio" \
            $programa.c -pthread || return 1
    done
}
for prova in imersao azar; do
    ${CC:-gcc} -O2 -Wall -Wextra -o "$pasta/$prova" tests/$prova.c || exit 1
done
[ $# -gt 0 ] || set -- asan tsan
for feitio; do
    # setarch -R: o ThreadSanitizer nao quer enderecos sorteados
    case $feitio in
    asan) antes='' opcoes='-fsanitize=address,undefined -fno-sanitize-recover=all' ;;
    *) antes='setarch -R' opcoes=-fsanitize=thread ;;
    esac
    # shellcheck disable=SC2086
    if ! compilar "$feitio" $opcoes; then
        falhou "acaso $feitio: nao compilou"
        continue
    fi
    SERVIDOR="$antes $pasta/servidor.$feitio" "$pasta/imersao" \
        >"$pasta/imersao-$feitio" 2>&1 &
    CLIENTE="$antes $pasta/cliente.$feitio" "$pasta/azar" \
        >"$pasta/azar-$feitio" 2>&1 &
done
wait
for feitio; do
    for prova in imersao azar; do
        [ -e "$pasta/$prova-$feitio" ] || continue
        grep -v '^[0-9]* passed' "$pasta/$prova-$feitio"
        juntar "$prova $feitio" "$pasta/$prova-$feitio"
    done
done
concluir
