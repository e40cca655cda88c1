/*
 * suite.c - os testes de caixa preta: servidor e cliente vistos de fora.
 *
 *   make test        ou, com escolhas (veja ensaio.h):
 *   CASOS="tcp_sair udp" SERVIDOR="valgrind -q ./servidor" tests/bin/suite
 */
#include "ensaio.h"

extern const struct caso casos_udp[];
extern const struct caso casos_tcp[];
extern const struct caso casos_cliente[];
extern const struct caso casos_uso[];

int main(void) {
    static const struct caso *const tabelas[] = {
        casos_udp, casos_tcp, casos_cliente, casos_uso, NULL};
    return executar(tabelas);
}
