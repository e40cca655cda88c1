#!/bin/sh
# sanitizadores.sh - a suite de novo, com os programas feitos de outro modo:
#
#   asan   AddressSanitizer e UndefinedBehaviorSanitizer: memoria e vazamentos
#   msan   MemorySanitizer: o que se usa sem ter sido escrito
#   tsan   ThreadSanitizer, no cliente (o que tem dois fios)
#   musl   a outra libc
#
# Em todos, quem sai com um descritor a mais sai com 97. Um caso por caso. E, ao
# lado, o que o acaso acha (acaso.py).
#
#   [SEGUNDOS=60] [SEMENTE=2022] sh tests/sanitizadores.sh
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
precisar sanitizadores gcc clang musl-gcc setarch python3
pasta_propria sanitizadores
chmod 755 "$pasta"
export SEGUNDOS="${SEGUNDOS:-60}" SEMENTE="${SEMENTE:-2022}"
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
# o fio que le o teclado pode estar vivo no fim: nao ha como espera-lo
export TSAN_OPTIONS=exitcode=66:report_thread_leaks=0

cat >"$pasta/descritores.c" <<'FIM'
#include <fcntl.h>
#include <unistd.h>
static int herdado[1024], d;
__attribute__((constructor)) static void comecar(void) {
    for (d = 0; d < 1024; d++) herdado[d] = fcntl(d, F_GETFD) >= 0;
}
__attribute__((destructor)) static void acabar(void) {
    for (d = 3; d < 1024; d++)
        if (!herdado[d] && fcntl(d, F_GETFD) >= 0) _exit(97);
}
FIM
compilar() { # FEITIO COMPILADOR
    for programa in servidor cliente; do
        $2 -Wall -Wextra -o "$pasta/$programa.$1" $programa.c \
            "$pasta/descritores.c" -pthread
        julgar $? "$programa $1: compila"
    done
}
compilar asan 'gcc -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
compilar msan 'clang -g -O0 -fsanitize=memory'
compilar tsan 'gcc -g -O1 -fsanitize=thread'
compilar musl 'musl-gcc -O2 -static'
# setarch -R: o ThreadSanitizer nao quer enderecos sorteados
tsan="setarch -R $pasta/cliente.tsan"

SERVIDOR=./servidor python3 tests/acaso.py imersao >"$pasta/imersao" 2>&1 &
SERVIDOR=$pasta/servidor.asan python3 tests/acaso.py imersao \
    >"$pasta/imersao_asan" 2>&1 &
CLIENTE=$pasta/cliente.asan python3 tests/acaso.py azar \
    >"$pasta/azar_asan" 2>&1 &
CLIENTE=$tsan python3 tests/acaso.py azar >"$pasta/azar_tsan" 2>&1 &

rodar() { # FEITIO SERVIDOR CLIENTE [CASOS; senao, todos]
    export SERVIDOR="$2" CLIENTE="$3" CASOS="$4" TEMPO=4 GRANDE="${GRANDE:-20}"
    tests/bin/suite >"$pasta/saida"
    juntar "$1" "$pasta/saida"
    python3 tests/ferramentas.py >"$pasta/saida"
    juntar "$1, com outras ferramentas" "$pasta/saida"
}
rodar asan "$pasta/servidor.asan" "$pasta/cliente.asan"
rodar msan,tsan "$pasta/servidor.msan" "$tsan"
rodar musl,msan "$pasta/servidor.musl" "$pasta/cliente.msan"
rodar musl "$pasta/servidor.musl" "$pasta/cliente.musl" 'cliente uso erro udp'
wait
for prova in imersao imersao_asan azar_asan azar_tsan; do
    grep -v '^[0-9]* passed' "$pasta/$prova"
    juntar "$prova" "$pasta/$prova"
done
concluir
