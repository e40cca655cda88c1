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
extern const struct caso casos_ferramentas[];
extern const struct caso casos_rastro[];
extern const struct caso casos_erros[];
extern const struct caso casos_falhas[];

/* primeiro os que esperam segundos: enquanto isso, os outros correm */
static const struct caso *const tabelas[] = {
    casos_udp,
    casos_rastro,
    casos_erros,
    casos_falhas,
    casos_tcp,
    casos_cliente,
    casos_uso,
    casos_ferramentas,
    NULL,
};

int main(void) {
    return executar(tabelas);
}
