/* casos_tcp.c - o servidor TCP visto da rede: eco, sair, -n, sinais. */
#include "ensaio.h"

/* ---- Eco -------------------------------------------------------------- */

static void tcp_eco(void) {
    struct programa *s = servidor("%s", forma);
    int c = ligar(s->porta);
    eco(c, "ola"); /* volta sem esperar o fim da linha */
    eco_bytes(c, "\0\r\n\xff", 4);
    close(c);
    esperar_linha(s, SAIDA, "cliente 1 chegou de 127.0.0.1:*");
    esperar_linha(s, SAIDA, "cliente 1: 3 bytes \"ola\"");
    esperar_linha(s, SAIDA, "cliente 1: 4 bytes \"\\x00\\r\\n\\xff\"");
    esperar_linha(s, SAIDA, "cliente 1 saiu");
    parar_com(s, "resumo: clientes 1, mensagens 2, bytes 7");
}

/* ---- A linha sair ----------------------------------------------------- */

/* Todas as maneiras de cortar "sair\n" e "sair\r\n" em segmentos: o bit i de
 * cortes diz se ha corte depois do byte i. Espera o eco de cada pedaco antes
 * do proximo, e assim cada um chega ao servidor separado. */
static void tcp_sair(void) {
    static const char *const formas[] = {"sair\n", "sair\r\n"};
    struct programa *s = servidor("%s", forma);
    int f, cortes;
    for (f = 0; f < 2; f++) {
        const char *texto = formas[f];
        int n = (int)strlen(texto);
        for (cortes = 0; cortes < 1 << (n - 1); cortes++) {
            int i, de = 0, c = ligar(s->porta);
            for (i = 0; i < n; i++) {
                if (i < n - 1 && !(cortes >> i & 1)) continue;
                eco_bytes(c, texto + de, (size_t)(i + 1 - de));
                de = i + 1;
            }
            exigir_fim(c);
            esperar_linha(s, SAIDA, "cliente * saiu (disse sair)");
        }
    }
}

/* Linhas que quase dizem sair: todas de uma vez, e um byte por segmento. */
static void tcp_nao_e_sair(void) {
    static const char linhas[] = "sairx\n sair\nxsair\nsair "
                                 "\nSAIR\nsai\nair\nsair\rx\nsair\r\r\n\rsair\n"
                                 "ssair\nsairsair\nsa ir\n\n\r\nsair\tx\nx "
                                 "sair\n\0sair\nsair\r\0\nsair\0"
                                 "\nsair\0\r\nsair\rsair\nsair\r\0x\n";
    struct programa *s = servidor("-q %s", forma);
    int c = ligar(s->porta);
    size_t i;
    eco_bytes(c, linhas, sizeof linhas - 1);
    for (i = 0; i < sizeof linhas - 1; i++) eco_bytes(c, linhas + i, 1);
    eco(c, "sair"); /* ainda nao acabou a linha... */
    eco(c, "am\n"); /* ...e nao era sair */
    eco(c, "sair\n");
    receber_fim(c);
}

/* O que segue sair se ignora, e nem por isso a conexao e desfeita (RST). */
static void tcp_sair_e_lixo(void) {
    static char muito[300000];
    struct programa *s = servidor("%s", forma);
    int c = ligar(s->porta);
    memset(muito, 'x', sizeof muito);
    memcpy(muito, "oi\r\nsair\r\n", 10);
    enviar(c, muito, sizeof muito);
    receber_texto(c, "oi\r\nsair\r\n");
    receber_fim(c);
    enviar_texto(c, "e mais lixo ainda\n");
    close(c);
    esperar_linha(s, SAIDA, "cliente 1: 10 bytes \"oi\\r\\nsair\\r\\n\"");
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    parar_com(s, "resumo: clientes 1, mensagens 1, bytes 10");
    exigir_sem(s, SAIDA, "lixo");
}

/* Quem diz sair e nunca fecha o seu lado, ou desfaz a conexao sem ler o eco,
 * so saiu; e nao prende o servidor. */
static void tcp_sair_sem_fechar(void) {
    struct programa *s = servidor("%s", forma);
    int a = ligar(s->porta), b;
    eco(a, "sair\n");
    receber_fim(a);
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    b = ligar(s->porta);
    enviar_texto(b, "sair\n");
    esperar_fd(b, POLLRDHUP, "que o servidor se despedisse");
    desfazer(b);
    esperar_linha(s, SAIDA, "cliente 2 saiu (disse sair)");
    eco(ligar(s->porta), "minha vez\n");
}

/* ---- -n: quantos ao mesmo tempo --------------------------------------- */

/* Com -n qual, o cliente qual + 1 espera a sua vez: ate um sair ninguem o ouve.
 */
static void espera_a_vez(void) {
    struct programa *s = servidor("%s", forma);
    int n = qual, c[200], demais, i, volta;
    for (i = 0; i < n; i++) eco(c[i] = ligar(s->porta), "estou dentro\n");
    demais = ligar(s->porta);
    enviar_texto(demais, "e eu?\n");
    for (volta = 0; volta < 10; volta++)
        for (i = 0; i < n; i++) eco(c[i], "converso\n");
    exigir_nada(demais, "a quem espera a vez");
    exigir_vezes(s, SAIDA, " chegou de ", n);
    close(c[0]);
    receber_texto(demais, "e eu?\n");
    esperar_linha(s, SAIDA, "cliente 1 saiu");
    esperar_linha(s, SAIDA, "cliente %d chegou de *", n + 1);
    for (i = 1; i < n; i++) eco(c[i], "continuo\n");
    eco(demais, "obrigado\n");
    parar_com(s, "resumo: clientes %d, *", n + 1);
}

/* ---- Ctrl-C e SIGTERM ------------------------------------------------- */

static void exigir_fim_com(struct programa *s, int sinal, const char *resumo) {
    mandar_sinal(s, sinal);
    exigir_codigo(s, 0);
    esperar_linha(s, SAIDA, "%s", resumo);
    exigir_texto("depois do resumo", tudo(s, SAIDA) + s->saida.lido, "");
    exigir_texto("stderr do servidor", tudo(s, ERRO), "");
}

static void sinais(void) {
    struct programa *s;
    int c;
    if (qual != SIGINT && e_windows(SERVIDOR))
        nao_se_aplica("no Windows nao ha SIGTERM; o Ctrl-C tem o seu caso");
    signal(SIGHUP, SIG_DFL);
    s = servidor("%s", forma); /* sem ninguem */
    exigir_fim_com(s, qual, "resumo: clientes 0, mensagens 0, bytes 0");

    s = servidor("%s", forma); /* com um cliente calado */
    c = ligar(s->porta);
    eco(c, "oi\n");
    exigir_fim_com(s, qual, "resumo: clientes 1, mensagens 1, bytes 3");
    exigir_com(s, SAIDA, "cliente 1 saiu (fim do servidor)\n");
    exigir_fim(c);
}

/* Com nohup, o servidor fica. */
static void sinal_ignorado(void) {
    struct programa *s;
    int c;
    so_posix(SERVIDOR);
    signal(SIGHUP, SIG_IGN);
    s = servidor("%s", forma);
    c = ligar(s->porta);
    mandar_sinal(s, SIGHUP);
    eco(c, "oi\n");
    exigir_fim_com(s, SIGTERM, "resumo: clientes 1, mensagens 1, bytes 3");
}

/* O Ctrl-C de verdade: a tecla, no terminal do servidor. Ele mostra ^C, e o que
 * vem depois comeca em outra linha. */
static void ctrl_c_no_terminal(void) {
    struct programa *s;
    int c;
    no_terminal(SERVIDOR);
    s = servidor("");
    c = ligar(s->porta);
    eco(c, "oi\n");
    esperar_linha(s, SAIDA, "cliente 1: 3 bytes \"oi\\n\"");
    exigir_um_processo(s); /* cada um passaria a linha do ^C */
    digitar(s, "\003");
    exigir_codigo(s, 0);
    exigir_texto("depois do Ctrl-C", tudo(s, SAIDA) + s->saida.lido,
                 "\ncliente 1 saiu (fim do servidor)\n"
                 "resumo: clientes 1, mensagens 1, bytes 3\n");
}

/* ---- O registro ------------------------------------------------------- */

static void registro_escapado(void) {
    static const char *const casos[][2] = {
        {"\x1b[2Jlimpei\x07\x08\x7f a\r\nb\tc\n",
         "\\x1b[2Jlimpei\\x07\\x08\\x7f a\\r\\nb\\tc\\n"},
        {"diz \"oi\" c:\\temp", "diz \\\"oi\\\" c:\\\\temp"},
        {"ol\xc3\xa1, \xe2\x82\xac \xf0\x9f\x98\x80",
         "ol\xc3\xa1, \xe2\x82\xac \xf0\x9f\x98\x80"},
        /* CSI em UTF-8 (C1); nada; Latin-1; longos demais (o segundo, um ESC);
         * meio par UTF-16; passa de 10FFFF; outro longo demais; cortado */
        {"\xc2\x9b.\xff\xfe.\xe1.\xc0\xaf.\xe0\x80\x9b.\xed\xa0\x80."
         "\xf4\x90\x80\x80.\xf0\x80\x80\x9b.\xe2\x82",
         "\\xc2\\x9b.\\xff\\xfe.\\xe1.\\xc0\\xaf.\\xe0\\x80\\x9b."
         "\\xed\\xa0\\x80.\\xf4\\x90\\x80\\x80.\\xf0\\x80\\x80\\x9b."
         "\\xe2\\x82"},
        {"\x01\x01\x01\x01\x01\x01\x01", "\\x01\\x01\\x01\\x01\\x01\\x01\\x01"},
        {"\x01\x01\x01\x01\x01\x01\x01\x01", "\\x01 (8 vezes)"}};
    struct programa *s = servidor("");
    int c = ligar(s->porta);
    char *todos = (char *)malloc(65536);
    size_t i;
    for (i = 0; i < sizeof casos / sizeof *casos; i++) {
        eco(c, casos[i][0]);
        esperar_linha(s, SAIDA, "cliente 1: %d bytes \"%s\"",
                      (int)strlen(casos[i][0]), casos[i][1]);
    }
    for (i = 0; i < 65536; i++) /* todo par de bytes, de 128 em 128 */
        todos[i] = (char)(i % 2 ? i / 2 % 256 : i / 512 + 128);
    for (i = 0; i < 65536; i += 128) eco_bytes(c, todos + i, 128);
    close(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu");
    exigir_visivel("o registro", s->saida.dados, s->saida.n);
}

/* ---- Em que condicoes se inicia --------------------------------------- */

/* Logo depois de um servidor sair (com uma conexao que ele mesmo fechou, em
 * TIME_WAIT), outro toma a mesma porta. */
static void mesma_porta_em_seguida(void) {
    struct programa *s = servidor("");
    int porta = s->porta, c = ligar(porta);
    eco(c, "sair\n");
    exigir_fim(c);
    parar(s);
    s = rodar(SERVIDOR, "%d", porta);
    esperar_texto(s, SAIDA, "servidor TCP em 127.0.0.1:");
    eco(ligar(porta), "de novo\n");
    parar(s);
}

const struct caso casos_tcp[] = {
    {"tcp_eco_um tcp_eco_varios", tcp_eco},
    {"tcp_sair_um tcp_sair_varios", tcp_sair},
    {"tcp_nao_e_sair_um tcp_nao_e_sair_varios", tcp_nao_e_sair},
    {"tcp_sair_e_lixo_um tcp_sair_e_lixo_varios", tcp_sair_e_lixo},
    {"tcp_sair_sem_fechar_um tcp_sair_sem_fechar_varios", tcp_sair_sem_fechar},
    {"tcp_n_1", espera_a_vez, "-n 1", 1},
    {"tcp_n_2", espera_a_vez, "-n 2", 2},
    {"tcp_n_padrao_e_64", espera_a_vez, "", 64},
    {"tcp_n_200", espera_a_vez, "-n 200", 200},
    {"sinal_int_um sinal_int_varios", sinais, NULL, SIGINT},
    {"sinal_hup_um sinal_hup_varios", sinais, NULL, SIGHUP},
    {"sinal_hup_ignorado_um sinal_hup_ignorado_varios", sinal_ignorado},
    {"sinal_term_um sinal_term_varios", sinais, NULL, SIGTERM},
    {"ctrl_c_no_terminal", ctrl_c_no_terminal},
    {"registro_escapado", registro_escapado},
    {"mesma_porta_em_seguida", mesma_porta_em_seguida},
    {NULL, NULL}};
