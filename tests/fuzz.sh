#!/bin/sh
# fuzz.sh - cada prova fuzz_*.c por um tempo, com a libFuzzer do clang, o
# AddressSanitizer e o UndefinedBehaviorSanitizer.
#
#   [SEGUNDOS=15] [EXIGIR=1] sh tests/fuzz.sh [texto] [servidor] [cliente]
#
# Uma prova comeca pelas sementes daqui e inventa o resto. O que a derruba e
# mostrado (em Base64) e deve virar semente; SEGUNDOS vale para cada prova.
# Faltando o clang ou a libFuzzer: diz que nao rodou; com EXIGIR=1, e falha.
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
pasta_propria fuzz
compilar() { # FONTE DESTINO
    clang -g -O1 -Wall -Wextra -Wno-unused-function \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        -o "$2" "$1" -pthread
}
cat >"$pasta/vazia.c" <<'FIM'
int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n);
int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) {
    return d == 0 && n != 0;
}
FIM
if ! compilar "$pasta/vazia.c" "$pasta/vazia" 2>/dev/null; then
    pulado 'fuzz: o clang com a libFuzzer nao esta instalado'
    concluir
fi

# Sementes: o texto de printf(1) e um arquivo do comeco da prova.
vez=0
semente() { # PROVA TEXTO
    vez=$((vez + 1))
    mkdir -p "$pasta/$1"
    # shellcheck disable=SC2059
    printf "$2" >"$pasta/$1/$vez"
}
sempre() { # repete uma palavra: muito, para uma linha so
    i=0
    while [ $i -lt 400 ]; do
        printf '%s' "$1"
        i=$((i + 1))
    done
}

# texto: quantos cortes (mod 16), os cortes, e os bytes
semente texto '\000sair\n'
semente texto '\001\000oi\r\nsair\r\nresto'
semente texto '\002\001\000xsair\nsair \nsairr\nsair\r\r\nsair\n'
semente texto '\000sair'
semente texto '\000sair\r\n'
semente texto '\00065535'
semente texto '\00099999'
semente texto '\0000010000'
semente texto '\003\000\001\002\303\251\342\202\254\360\237\230\200\033[2J'
semente texto '\000\342\200\252\342\200\256\342\201\246\342\201\251\330\234'
semente texto '\000\342\200\216\342\200\217\0\0\0\0\0\0\0\0\0"\134'
semente texto '\001\000\302\233\355\240\200\364\220\200\200\340\200\233\377'

# servidor: 0, linha de comando; 1, -n 1; 2, poll; 3, UDP; 192 mais: com -v
semente servidor '\000-t\0007777'
semente servidor '\000-a\0000.0.0.0\000-n\00010\0000'
semente servidor '\000-u\000-x\00030\0005000'
semente servidor '\000-x\0005'
semente servidor '\000-u\000-n\0005'
semente servidor '\000-t\000-u'
semente servidor '\000-a\000::1'
semente servidor '\000-h'
semente servidor '\000-vsq\000--\0001'
semente servidor '\001\010oi\nsair\nmais\003\002\001\011sair\r\n1234\007\007'
semente servidor '\301\020uma linha maior\377\010sair\nab\001\002\003\004'
semente servidor '\002\003\377\011oi\nsair\n..\377\003\001\377\002\371\377\003'
semente servidor '\302\004\377\020aaaaaaaaaaaaaaaa\017\252\377\001\376\125\001'
semente servidor '\003\001\011\010oi\n\001\010\004sair\005\373\000'
semente servidor '\303\002\377\010\003abc\011\004sair\001\000\377'

# cliente: 0, linha de comando; 1, UDP; 2, o terminal
semente cliente '\000\000localhost\0007777'
semente cliente '\000\001-u\000nao.existe\0001'
semente cliente '\000\002-v\000127.0.0.1\00070000'
semente cliente '\000\000::1'
semente cliente '\000\000256.1.1.1'
semente cliente '\000\000a\0001\0002'
semente cliente '\001\003\005\003\377\376\001\377\012\020'
semente cliente '\001\002\003\004\005\001\001\007\001\001\001\005\004abcd'
semente cliente '\001\003\003\004\005\004\001\001\000\000\000\001\001\003\002x'
semente cliente '\001\003\372\003\001\001\007\005\005\005\005\005\005\005\005'
semente cliente '\002\003oi\numa linha\n\303'
semente cliente '\002\000\342\202\254\342\202\n\033[2J'
semente cliente "\\002\\007$(sempre '\001')\\nfim"

[ $# -gt 0 ] || set -- texto servidor cliente
for prova; do
    if ! compilar "tests/fuzz_$prova.c" "$pasta/prova_$prova"; then
        falhou "fuzz $prova: nao compilou"
        continue
    fi
    "$pasta/prova_$prova" -max_total_time="${SEGUNDOS:-15}" -max_len=4096 \
        -timeout=10 -artifact_prefix="$pasta/" "$pasta/$prova" \
        >"$pasta/registro" 2>&1
    estado=$?
    grep -v '^#[0-9]' "$pasta/registro" | tail -n 40 >"$pasta/fim"
    julgar $estado "fuzz $prova" "$pasta/fim"
done
concluir
