#!/bin/sh
# sanitizadores.sh - a suite de novo, com os programas feitos de outro modo:
# AddressSanitizer e UndefinedBehaviorSanitizer nos dois, ThreadSanitizer no
# cliente (o que tem dois fios), e os dois com musl em vez da glibc. Um caso
# por caso da suite.
cd "$(dirname "$0")/.." || exit 1
pasta=$(mktemp -d) && chmod 755 "$pasta" || exit 1
trap 'rm -rf "$pasta"' EXIT
export ASAN_OPTIONS=detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
# o fio que le o teclado pode estar vivo no fim: nao ha como espera-lo
export TSAN_OPTIONS=exitcode=66:report_thread_leaks=0

# rodar NOME 'CC do servidor' 'CC do cliente' 'comando que vem antes'
rodar() {
    echo "-- $1"
    mkdir -p "$pasta/$1"
    if $2 -Wall -Wextra -o "$pasta/$1/servidor" servidor.c -pthread &&
        $3 -Wall -Wextra -o "$pasta/$1/cliente" cliente.c -pthread; then
        SERVIDOR="$pasta/$1/servidor" CLIENTE="$4 $pasta/$1/cliente" \
            TEMPO=4 GRANDE=${GRANDE:-20} tests/bin/suite tudo
    else
        echo "0 passed, 1 failed"
    fi
}
asan='gcc -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
{
    rodar asan "$asan" "$asan"
    # setarch -R: o ThreadSanitizer nao quer enderecos sorteados
    rodar tsan 'gcc -O2' 'gcc -g -O1 -fsanitize=thread' 'setarch -R'
    rodar musl 'musl-gcc -O2 -static' 'musl-gcc -O2 -static'
} 2>&1 | tee "$pasta/saida" | grep -v '^ok '
awk '/^[0-9]+ passed, [0-9]+ failed/ {
         p += $1; f += $3; n++
     }
     END { print p + 0 " passed, " f + (n < 3) " failed"; exit f + (n < 3) > 0 }
' "$pasta/saida"
