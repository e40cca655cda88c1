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

printf 's/\\([^A-Za-z_]\\)%s(/\\1%s(/g\n' Socket socket Bind bind \
    Listen listen Accept accept Connect connect Send send Recv recv \
    Sendto sendto Recvfrom recvfrom Shutdown shutdown Close close \
    Poll poll >"$pasta/minusculas"
cp common.h "$pasta"
for f in servidor cliente; do
    sed -f "$pasta/minusculas" $f.c >"$pasta/$f.c"
    ! cmp $f.c "$pasta/$f.c" >"$pasta/saida" 2>&1 &&
        ${CC:-cc} -O2 -Wall -Wextra -Werror -o "$pasta/$f" "$pasta/$f.c" \
            -pthread >"$pasta/saida" 2>&1
    julgar $? "${f}_em_minusculas_compila" "$pasta/saida"
done
SERVIDOR=$pasta/servidor CLIENTE=$pasta/cliente \
    CASOS='tcp_eco tcp_sair_um tcp_sair_varios tcp_n_ udp_eco udp_sair
        udp_cliente_devolve cliente_sair cliente_texto cliente_arquivo_grande' \
    tests/bin/suite >"$pasta/saida" 2>&1
julgar $? em_minusculas_conversa "$pasta/saida"

{
    head -n 110 common.h | grep -q '^static int montar_endereco(' ||
        echo 'common.h: montar_endereco longe do alto'
    head -n 170 common.h | grep -q '^static SOCKET Socket(' ||
        echo 'common.h: Socket longe do alto'
    awk 'length > 80 { print FILENAME ":" FNR ": passa de 80 colunas" }
        /^[a-z].*\(/ && !/;$/ { nome = $0; comeco = FNR }
        /^}/ && comeco && FNR - comeco + 1 > 42 {
            print FILENAME ": " FNR - comeco + 1 " linhas: " nome }
        /^}/ || FNR == 1 { comeco = 0 }' servidor.c cliente.c common.h
} >"$pasta/saida"
[ ! -s "$pasta/saida" ]
julgar $? 'funcoes de uma tela, linhas de 80 colunas' "$pasta/saida"
concluir
