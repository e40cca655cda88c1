/*
 * suite.c - os testes de caixa preta: servidor e cliente vistos de fora.
 *
 *   make test        ou, com escolhas (veja ensaio.h):
 *   CASOS="tcp_sair udp" SERVIDOR="valgrind -q ./servidor" tests/bin/suite
 */
#include "ensaio.h"

extern const struct caso casos_udp[];
extern const struct caso casos_tcp[];

int main(void)
{
    static const struct caso *const tabelas[] = {casos_udp, casos_tcp, NULL};
    return executar(tabelas);
}
