/*
 * suite.c - os testes de caixa preta: servidor e cliente vistos de fora.
 *
 *   CASOS="tcp_sair udp" SERVIDOR=./outro tests/bin/suite     (veja ensaio.h)
 */
#include "ensaio.h"

/* primeiro os que esperam segundos: enquanto isso, os outros correm */
static const struct caso *tabelas[] = {casos_udp,     casos_rastro, casos_erros,
                                       casos_falhas,  casos_vida,   casos_tcp,
                                       casos_cliente, casos_uso,    NULL};

int main(void) { return executar(tabelas); }
