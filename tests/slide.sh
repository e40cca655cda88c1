#!/bin/sh
# slide.sh - os programas se leem como o slide? Uma copia dos dois .c com a
# inicial de cada chamada em minuscula (Bind vira bind) compila sem um aviso,
# com os prototipos do sistema, e passa os casos de TCP e de UDP. E o que um
# leitor encontra: montar_endereco e Socket no alto de common.h, nenhuma funcao
# maior que uma tela, nenhuma linha maior que o projetor.
#
#   [CC=compilador] sh tests/slide.sh
cd "$(dirname "$0")/.." || exit 1
. tests/contas.sh
pasta_propria slide
CC=${CC:-cc}

chamadas='Socket Bind Listen Accept Connect Send Recv Sendto Recvfrom Shutdown
    Close Poll'
cp common.h "$pasta"
for f in servidor cliente; do
    cp "$f.c" "$pasta/$f.c"
    for c in $chamadas; do
        minuscula=$(printf '%s' "$c" | tr 'A-Z' 'a-z')
        sed "s/\\([^A-Za-z_]\\)$c(/\\1$minuscula(/g" "$pasta/$f.c" >"$pasta/novo"
        mv "$pasta/novo" "$pasta/$f.c"
    done
    cmp -s "$f.c" "$pasta/$f.c" && echo 'nenhuma chamada' >"$pasta/saida"
    $CC -O2 -Wall -Wextra -Werror -o "$pasta/$f" "$pasta/$f.c" -pthread \
        >"$pasta/saida" 2>&1
    julgar $? "${f}_em_minusculas_compila" "$pasta/saida"
done
SERVIDOR=$pasta/servidor CLIENTE=$pasta/cliente \
    CASOS='tcp_eco tcp_sair_um tcp_sair_varios tcp_n_ udp_eco udp_sair
        cliente_udp_devolve cliente_sair cliente_texto cliente_arquivo_grande' \
    tests/bin/suite >"$pasta/saida" 2>&1
julgar $? em_minusculas_conversa "$pasta/saida"

# ate LINHA MOLDE ARQUIVO: o molde aparece ate essa linha
ate() {
    n=$(grep -nE "$2" "$3" | head -n 1 | cut -d: -f1)
    [ -n "$n" ] && [ "$n" -le "$1" ]
    julgar $? "$3: $2 ate a linha $1 (esta na ${n:-nenhuma})"
}
ate 110 '^static int montar_endereco\(' common.h
ate 170 '^static SOCKET Socket\(' common.h

for f in servidor.c cliente.c common.h; do
    awk -v f="$f" 'length > 80 { print f ":" NR ": passa de 80 colunas" }
        /^[a-z].*\(/ && !/;$/ { nome = $0; comeco = NR }
        /^}/ && comeco && NR - comeco + 1 > 42 {
            print f ": " NR - comeco + 1 " linhas: " nome }
        /^}/ { comeco = 0 }' "$f"
done >"$pasta/saida"
[ ! -s "$pasta/saida" ]
julgar $? 'funcoes de uma tela, linhas de 80 colunas' "$pasta/saida"
concluir
