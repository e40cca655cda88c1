/* casos_udp.c - UDP: o servidor visto da rede e o cliente visto por um
 * servidor nosso, que erra de proposito. */
#include "ensaio.h"

/* ---- O servidor ------------------------------------------------------- */

static void udp_eco_de_todo_tamanho(void) {
    static const int tamanhos[] = {0,    1,    0,    2,     508,   511,   1472,
                                   1473, 4096, 9000, 65000, 65507, 65506, 0};
    struct programa *s = servidor("-u");
    static char dados[65507];
    unsigned semente = 7;
    int i, soma = 0, n = sizeof tamanhos / sizeof *tamanhos, u = novo_udp();
    for (i = 0; i < n; i++) {
        encher(dados, (size_t)tamanhos[i], &semente);
        eco_udp(u, s->porta, dados, (size_t)tamanhos[i]);
        esperar_linha(s, SAIDA, "cliente 1: %d bytes \"*", tamanhos[i]);
        soma += tamanhos[i];
    }
    parar_com(s, "resumo: clientes 1, mensagens %d, bytes %d", n, soma);
}

static void udp_sair(void) {
    static const char *const sim[] = {"sair", "sair\n", "sair\r\n"};
    static const char *const nao[] = {
        "sairx", " sair", "sair\n\n", "sair ", "Sair", "oi\nsair\n", "sair\nx"};
    struct programa *s = servidor("-u");
    int u = novo_udp();
    size_t i;
    for (i = 0; i < sizeof nao / sizeof *nao; i++)
        eco_udp(u, s->porta, nao[i], strlen(nao[i]));
    eco_udp(u, s->porta, "basta", 5);
    esperar_linha(s, SAIDA, "cliente 1: 5 bytes \"basta\"");
    exigir_sem(s, SAIDA, "saiu");
    for (i = 0; i < sizeof sim / sizeof *sim; i++) {
        eco_udp(u, s->porta, sim[i], strlen(sim[i]));
        esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    }
    eco_udp(u, s->porta, "voltei", 6); /* UDP: nada fechou */
    parar(s);
    exigir_vezes(s, SAIDA, "disse sair", 3);
}

/* Um datagrama vindo da porta do proprio servidor (outro eco) se descarta. */
static void udp_porta_igual_a_do_servidor(void) {
    struct programa *s = servidor("-u");
    int porta = s->porta, outro = abrir_udp("127.0.0.2", &porta), i;
    if (outro < 0) nao_se_aplica("este sistema nao tem 127.0.0.2");
    for (i = 0; i < 3; i++) {
        enviar_udp(outro, s->porta, "eco", 3);
        esperar_linha(s, SAIDA, "cliente 1: ignorado, *");
    }
    eco_udp(novo_udp(), s->porta, "oi", 2); /* ja teria respondido ao outro */
    exigir_nada(outro, "na porta igual a do servidor");
    parar_com(s, "resumo: clientes *, mensagens 1, bytes 2");
}

#define NA_VINDA "cliente 1: datagrama perdido na vinda (-x): 4 bytes \"sair\""
#define NA_VOLTA "cliente 1: resposta perdida na volta (-x): 4 bytes \"sair\""

/* Com -x qual, o que se perde, e onde, se registra e se conta; nada chega a
 * mais nem a menos. (-x 99 passaria por -x 100 uma vez em 400; com -x 50, a
 * chance de errar e de 1 em 10^34.) */
static void udp_perda(void) {
    enum { N = 600 };
    struct programa *s = servidor("-u -x %d", qual);
    int u = novo_udp(), i, vinda, volta, voltaram = 0;
    char resto[8], fim[32];
    for (i = 0; i < N; i++) {
        enviar_udp(u, s->porta, "sair", 4);
        if (i == 0) esperar_linha(s, SAIDA, "cliente 1 chegou de *");
        while (casa(esperar_linha(s, SAIDA, "cliente 1: *"), NA_VOLTA))
            ;
        while (recv(u, resto, sizeof resto, 0) == 4) voltaram++;
    }
    enviar_udp(novo_udp(), s->porta, "fim", 3);
    esperar_linha(s, SAIDA, "cliente 2: *"); /* os outros ja foram todos */
    parar(s);
    while (recv(u, resto, sizeof resto, 0) == 4) voltaram++;
    vinda = vezes(tudo(s, SAIDA), NA_VINDA "\n");
    volta = vezes(tudo(s, SAIDA), NA_VOLTA "\n");
    exigir(voltaram == N - vinda - volta,
           "de %d esperava %d menos %d ecos, vi %d", N, N - vinda, volta,
           voltaram);
    exigir(abs(voltaram - N * (100 - qual) / 100) < (qual % 100 ? 150 : 1),
           "com -x %d vi %d ecos de %d", qual, voltaram, N);
    exigir(abs(vinda - volta) <= (vinda + volta) / 2,
           "esperava metade na vinda, vi %d na vinda e %d na volta", vinda,
           volta);
    /* de um sair que nao chegou, ninguem sabe */
    exigir_vezes(s, SAIDA, "cliente 1: 4 bytes \"sair\"\n", N - vinda);
    exigir_vezes(s, SAIDA, "cliente 1 saiu (disse sair)\n", N - vinda);
    sprintf(fim, ", perdidos %d (-x)\n", vezes(tudo(s, SAIDA), "(-x): "));
    exigir_com(s, SAIDA, fim);
}

static void udp_endereco_e_cliente(void) {
    struct programa *s = servidor("-u");
    int u[5], i;
    for (i = 0; i < 5; i++) u[i] = novo_udp();
    for (i = 0; i < 15; i++) { /* tres voltas */
        eco_udp(u[i % 5], s->porta, "\x1b[\n", 3);
        if (i < 5) esperar_linha(s, SAIDA, "cliente %d chegou de *", i + 1);
        esperar_linha(s, SAIDA, "cliente %d: 3 bytes \"\\x1b[\\n\"", i % 5 + 1);
    }
    parar_com(s, "resumo: clientes 5, mensagens 15, bytes 45");
}

/* ---- O cliente: quando tudo vai bem ----------------------------------- */

static void cliente_udp_linha_e_datagrama(void) {
    struct programa *c = cliente_nosso("-u");
    esperar_texto(c, ERRO, "127.0.0.1:");
    digitar(c, "um\ndo");
    pergunta(c, "um\n");
    digitar_tudo(c, "is\n\nfim");
    resposta(c, ""); /* uma resposta vazia e uma resposta, tambem a primeira */
    pergunta(c, "dois\n");
    resposta(c, "22"); /* nao e o eco: serve */
    pergunta(c, "\n");
    resposta(c, "");
    pergunta(c, "fim");
    resposta(c, "FIM");
    exigir_saida(c, 0, "22FIM");
}

static void udp_cliente_sair(void) {
    static const char *const formas[] = {"oi\nsair\n", "oi\nsair\r\n"};
    struct programa *s = servidor("-u"), *c;
    char texto[32];
    int i;
    for (i = 0; i < 2; i++) {
        c = cliente(s->porta, "-u");
        /* de uma vez: depois de sair ele ja pode ter acabado */
        sprintf(texto, "%sdepois\n", formas[i]);
        digitar(c, texto);
        exigir_saida(c, 0, formas[i]); /* a entrada continua aberta */
        esperar_linha(s, SAIDA, "cliente * saiu (disse sair)");
    }
    exigir_sem(s, SAIDA, "depois");
}

/* ---- O cliente: quando algo se perde ---------------------------------- */

/* O servidor ignora as duas primeiras copias. */
static void cliente_udp_tenta_3_vezes(void) {
    struct programa *c = cliente_nosso("-u");
    int i;
    digitar_tudo(c, "um\n");
    for (i = 1; i <= 3; i++) pergunta(c, "um\n");
    resposta(c, "um\n");
    for (i = 2; i <= 3; i++)
        esperar_linha(c, ERRO,
                      "linha 1 sem resposta em 1000 ms: tentativa %d de 3", i);
    exigir_saida(c, 0, "um\n");
}

/* Resposta de outro endereco, ou de outra porta, nao serve. */
static void cliente_udp_outro_endereco(void) {
    struct programa *c = cliente_nosso("-u");
    int outra = novo_udp(), igual = c->porta;
    int outro = abrir_udp("127.0.0.2", &igual);
    digitar_tudo(c, "oi\n");
    pergunta(c, "oi\n");
    enviar_udp(outra, c->dele, "falsa\n", 6);
    enviar_udp(outra, c->dele, "oi\n", 3);
    if (outro >= 0) enviar_udp(outro, c->dele, "falsa\n", 6);
    resposta(c, "verdadeira\n");
    exigir_saida(c, 0, "verdadeira\n");
    esperar_linha(c, ERRO,
                  "ignorada: resposta de outro endereco, 127.0.0.1:*. Se e o "
                  "mesmo servidor, use esse");
}

const struct caso casos_udp[] = {
    {"cliente_udp_tenta_3_vezes", cliente_udp_tenta_3_vezes},
    {"cliente_udp_outro_endereco", cliente_udp_outro_endereco},
    {"cliente_udp_linha_e_datagrama", cliente_udp_linha_e_datagrama},
    {"udp_cliente_sair", udp_cliente_sair},
    {"udp_eco_de_todo_tamanho", udp_eco_de_todo_tamanho},
    {"udp_sair", udp_sair},
    {"udp_porta_igual_a_do_servidor", udp_porta_igual_a_do_servidor},
    {"udp_perda_0", udp_perda, "", 0},
    {"udp_perda_50", udp_perda, "", 50},
    {"udp_perda_100", udp_perda, "", 100},
    {"udp_endereco_e_cliente", udp_endereco_e_cliente},
    {NULL, NULL}};
