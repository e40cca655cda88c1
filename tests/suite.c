/*
 * suite.c - os testes de caixa preta: servidor e cliente vistos de fora.
 *
 *   tests/bin/suite           make test: a rede, a linha de comando e a tela
 *   tests/bin/suite a_fundo   make conferir: o rastro contra o strace, e as
 *                             conversas com ncat e socat
 *   tests/bin/suite tudo      os dois
 *
 * Com escolhas (veja ensaio.h), entre todos:
 *   CASOS="tcp_sair udp" SERVIDOR=./outro tests/bin/suite
 */
#include "ensaio.h"

/* primeiro os que esperam segundos: enquanto isso, os outros correm */
static const struct caso *tabelas[] = {
    casos_udp,    casos_rastro,      casos_erros, casos_falhas, casos_vida,
    casos_tcp,    casos_cliente,     casos_uso, /* de make test */
    casos_strace, casos_ferramentas, NULL,
};
enum { DE_TODO_DIA = 8 };

int main(int argc, char **argv) {
    const char *casos = getenv("CASOS");
    if (argc > 1 && strcmp(argv[1], "a_fundo") == 0)
        return executar(tabelas + DE_TODO_DIA);
    if (argc < 2 && (!casos || !*casos)) tabelas[DE_TODO_DIA] = NULL;
    return executar(tabelas);
}
