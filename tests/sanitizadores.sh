#!/bin/sh
# sanitizadores.sh - a suite de novo, com os programas feitos de outro modo:
# AddressSanitizer e UndefinedBehaviorSanitizer nos dois, ThreadSanitizer no
# cliente (o que tem dois fios), e os dois com musl em vez da glibc. Um caso
# por caso da suite.
#
#   sh tests/sanitizadores.sh [asan] [tsan] [musl]
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar sanitizadores gcc musl-gcc setarch
pasta_propria sanitizadores
chmod 755 "$pasta"
export ASAN_OPTIONS=detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
# o fio que le o teclado pode estar vivo no fim: nao ha como espera-lo
export TSAN_OPTIONS=exitcode=66:report_thread_leaks=0

# rodar NOME 'CC do servidor' 'CC do cliente' 'comando que vem antes'
rodar() {
    mkdir "$pasta/$1"
    if $2 -Wall -Wextra -o "$pasta/$1/servidor" servidor.c -pthread &&
        $3 -Wall -Wextra -o "$pasta/$1/cliente" cliente.c -pthread; then
        SERVIDOR="$pasta/$1/servidor" CLIENTE="$4 $pasta/$1/cliente" \
            TEMPO=4 GRANDE=${GRANDE:-20} tests/bin/suite tudo >"$pasta/saida"
        juntar "$1" "$pasta/saida"
    else
        falhou "$1: nao compilou"
    fi
}
asan='gcc -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
[ $# -gt 0 ] || set -- asan tsan musl
for feitio; do
    case $feitio in
    asan) rodar asan "$asan" "$asan" ;;
    # setarch -R: o ThreadSanitizer nao quer enderecos sorteados
    tsan) rodar tsan 'gcc -O2' 'gcc -g -O1 -fsanitize=thread' 'setarch -R' ;;
    musl) rodar musl 'musl-gcc -O2 -static' 'musl-gcc -O2 -static' ;;
    esac
done
concluir
