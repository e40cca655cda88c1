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

static void tcp_byte_a_byte(void) {
    struct programa *s = servidor("%s", forma);
    int i, c = ligar(s->porta);
    for (i = 0; i < 256; i++) {
        unsigned char b = (unsigned char)i;
        eco_bytes(c, &b, 1);
    }
    meio_fechar(c);
    receber_fim(c);
    parar_com(s, "resumo: clientes 1, mensagens 256, bytes 256");
}

/* Envia e recebe ao mesmo tempo; o que volta tem de ser o que foi. */
static void tcp_muitos_bytes(void) {
    enum { N = 8 << 20 };
    struct programa *s = servidor("-q %s", forma);
    char *vai = (char *)malloc(N), *volta = (char *)malloc(N);
    size_t foi = 0, voltou = 0;
    unsigned semente = 1;
    int c = ligar(s->porta);
    encher(vai, N, &semente);
    while (voltou < N) {
        ssize_t n;
        esperar_fd(c, POLLIN | (foi < N ? POLLOUT : 0), "o eco de 8 MB");
        n = send(c, vai + foi, N - foi, MSG_NOSIGNAL);
        if (n > 0) foi += (size_t)n;
        n = recv(c, volta + voltou, N - voltou, 0);
        exigir(n != 0, "esperava o resto do eco, e vi o fim em %lu",
               (unsigned long)voltou);
        if (n > 0) voltou += (size_t)n;
    }
    exigir_bytes("eco de 8 MB", volta, N, vai, N);
    meio_fechar(c);
    receber_fim(c);
    parar_com(s, "resumo: clientes 1, *, bytes %d", N);
}

/* ---- A linha sair ----------------------------------------------------- */

static void tcp_sair(void) {
    static const char *const formas[] = {"sair\n", "sair\r\n"};
    struct programa *s = servidor("%s", forma);
    int i, c;
    for (i = 0; i < 2; i++) {
        c = ligar(s->porta);
        eco(c, formas[i]);
        exigir_fim(c);
        esperar_linha(s, SAIDA,
                      i == 0 ? "cliente 1: 5 bytes \"sair\\n\""
                             : "cliente 2: 6 bytes \"sair\\r\\n\"");
        esperar_linha(s, SAIDA, "cliente * saiu (disse sair)");
    }
}

/* Todas as maneiras de cortar "sair\n" e "sair\r\n" em segmentos: o bit i de
 * cortes diz se ha corte depois do byte i. Espera o eco de cada pedaco antes
 * do proximo, e assim cada um chega ao servidor separado. */
static void tcp_sair_cortado(void) {
    static const char *const formas[] = {"sair\n", "sair\r\n"};
    struct programa *s = servidor("-q %s", forma);
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
        }
    }
}

static void tcp_nao_e_sair(void) {
    static const struct {
        const char *dados;
        size_t n; /* se nao e ate o \0 */
    } linhas[] = {{"sairx\n", 0},      {" sair\n", 0},   {"xsair\n", 0},
                  {"sair \n", 0},      {"SAIR\n", 0},    {"sai\n", 0},
                  {"air\n", 0},        {"sair\rx\n", 0}, {"sair\r\r\n", 0},
                  {"\rsair\n", 0},     {"ssair\n", 0},   {"sairsair\n", 0},
                  {"sa ir\n", 0},      {"\n", 0},        {"\r\n", 0},
                  {"sair\tx\n", 0},    {"x sair\n", 0},  {"\0sair\n", 6},
                  {"sair\r\0\n", 7},   {"sair\0\n", 6},  {"sair\0\r\n", 7},
                  {"sair\rsair\n", 0}, {"sair\r\0", 6}};
    struct programa *s = servidor("-q %s", forma);
    size_t i, k, n, passo;
    int c = ligar(s->porta), vez;
    for (vez = 0; vez < 2; vez++)
        for (i = 0; i < sizeof linhas / sizeof *linhas; i++) {
            n = linhas[i].n ? linhas[i].n : strlen(linhas[i].dados);
            passo = vez == 0 ? n : 1; /* depois, um byte por segmento */
            for (k = 0; k < n; k += passo)
                eco_bytes(c, linhas[i].dados + k, passo);
            eco(c, "continua\n");
        }
    eco(c, "sair"); /* ainda nao acabou a linha... */
    eco(c, "am\n"); /* ...e nao era sair */
    eco(c, "sair\n");
    receber_fim(c);
}

/* O que segue sair se ignora, e nem por isso a conexao e desfeita (RST). */
static void tcp_sair_e_lixo(void) {
    enum { LIXO = 300000 };
    struct programa *s = servidor("%s", forma);
    char *muito = (char *)malloc(LIXO);
    int c = ligar(s->porta);
    enviar_texto(c, "um\ndois\nsair\nlixo\nsair\n");
    receber_texto(c, "um\ndois\nsair\n");
    exigir_fim(c);
    c = ligar(s->porta);
    memset(muito, 'x', LIXO);
    memcpy(muito, "oi\r\nsair\r\n", 10);
    enviar(c, muito, LIXO);
    receber_texto(c, "oi\r\nsair\r\n");
    receber_fim(c);
    enviar_texto(c, "e mais lixo ainda\n");
    close(c);
    esperar_linha(s, SAIDA, "cliente 1: 13 bytes \"um\\ndois\\nsair\\n\"");
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    esperar_linha(s, SAIDA, "cliente 2: 10 bytes \"oi\\r\\nsair\\r\\n\"");
    esperar_linha(s, SAIDA, "cliente 2 saiu (disse sair)");
    parar_com(s, "resumo: clientes 2, mensagens 2, bytes 23");
    exigir_sem(s, SAIDA, "lixo");
}

/* Quem diz sair e nunca fecha o seu lado nao prende o servidor. */
static void tcp_sair_sem_fechar(void) {
    struct programa *s = servidor("%s", forma);
    int a = ligar(s->porta), b;
    eco(a, "sair\n");
    receber_fim(a);
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    b = ligar(s->porta);
    eco(b, "minha vez\n");
    close(b);
    esperar_linha(s, SAIDA, "cliente 2 saiu");
}

/* Quem diz sair e desfaz a conexao sem ler o eco tambem so saiu. */
static void tcp_sair_sem_ler(void) {
    struct programa *s = servidor("%s", forma);
    int a = ligar(s->porta);
    enviar_texto(a, "sair\n");
    esperar_fd(a, POLLRDHUP, "que o servidor se despedisse");
    desfazer(a);
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
}

/* ---- -n: quantos ao mesmo tempo --------------------------------------- */

/* Com -n qual, o cliente qual + 1 espera a sua vez: ate um sair ninguem o ouve.
 */
static void espera_a_vez(void) {
    struct programa *s = servidor("%s", forma);
    int n = qual, *c = (int *)malloc(sizeof(int) * (size_t)n), demais, i, volta;
    char linha[64];
    for (i = 0; i < n; i++) eco(c[i] = ligar(s->porta), "estou dentro\n");
    demais = ligar(s->porta);
    enviar_texto(demais, "e eu?\n");
    for (volta = 0; volta < 10; volta++)
        for (i = 0; i < n; i++) eco(c[i], "converso\n");
    exigir_nada(demais, "a quem espera a vez");
    snprintf(linha, sizeof linha, "cliente %d chegou", n + 1);
    exigir_sem(s, SAIDA, linha);
    close(c[0]);
    receber_texto(demais, "e eu?\n");
    esperar_linha(s, SAIDA, "cliente 1 saiu");
    esperar_linha(s, SAIDA, "cliente %d chegou de *", n + 1);
    for (i = 1; i < n; i++) eco(c[i], "continuo\n");
    eco(demais, "obrigado\n");
    for (i = 1; i < n; i++) close(c[i]);
    close(demais);
    for (i = 1; i <= n; i++) esperar_linha(s, SAIDA, "cliente * saiu");
    parar_com(s, "resumo: clientes %d, *", n + 1);
}

/* A fila guarda os bytes e ate o fim de quem espera. */
static void tcp_fila_completa(void) {
    struct programa *s = servidor("-n 1");
    int c[20], i;
    char texto[32];
    for (i = 0; i < 20; i++) {
        c[i] = ligar(s->porta);
        snprintf(texto, sizeof texto, "sou o %d\n", i + 1);
        enviar_texto(c[i], texto);
        meio_fechar(c[i]);
    }
    for (i = 0; i < 20; i++) {
        snprintf(texto, sizeof texto, "sou o %d\n", i + 1);
        receber_texto(c[i], texto);
        receber_fim(c[i]);
    }
    parar_com(s, "resumo: clientes 20, mensagens 20, *");
}

/* Quem nao le o seu eco nao atrapalha os outros; e quando le, esta tudo la. */
static void tcp_um_lento_nao_para_os_outros(void) {
    enum { N = 32 << 20 }; /* mais do que cabe nos buffers dos dois lados */
    struct programa *s = servidor("-q");
    char *vai = (char *)malloc(N), *volta = (char *)malloc(N);
    int lento = ligar(s->porta), outro, i;
    size_t foi = 0, li;
    unsigned semente = 3;
    encher(vai, N, &semente);
    outro = ligar(s->porta);
    for (i = 0; i < 200; i++) {
        ssize_t n = send(lento, vai + foi, N - foi, MSG_NOSIGNAL);
        if (n > 0) foi += (size_t)n;
        eco(outro, "e eu?\n");
    }
    li = enviar_lendo(lento, vai + foi, N - foi, volta, N);
    receber(lento, volta + li, N - li);
    exigir_bytes("o eco do lento", volta, N, vai, N);
}

/* ---- Ctrl-C e SIGTERM ------------------------------------------------- */

/* Envia sem ler ate que o servidor pare de ler: esta parado em send, ou, com
 * muitos clientes, guardando o que nao coube. Nao ha evento que diga isso de
 * fora: damos por parado quando nada anda por um tempo. */
static void entupir(int c) {
    static char nada[65536];
    const char *t = getenv("TEMPO");
    int espera = 300 * (t && atoi(t) > 1 ? atoi(t) : 1);
    memset(nada, 'x', sizeof nada);
    while (ha(c, POLLOUT, espera))
        if (send(c, nada, sizeof nada, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            falhar("send: %s", strerror(errno));
}

static void exigir_fim_com(struct programa *s, int sinal, const char *resumo) {
    mandar_sinal(s, sinal);
    exigir_codigo(s, 0);
    esperar_linha(s, SAIDA, "%s", resumo);
    exigir(proxima_linha(s, SAIDA) == NULL,
           "esperava que o resumo fosse a ultima linha");
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

    s = servidor("%s", forma); /* logo depois de uma despedida */
    c = ligar(s->porta);
    eco(c, "sair\n");
    receber_fim(c);
    exigir_fim_com(s, qual, "resumo: clientes 1, mensagens 1, bytes 5");
    close(c);
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

/* Parado em send, por um cliente que nao le o que pediu. */
static void sinal_entupido(void) {
    static const int quais[] = {SIGINT, SIGTERM};
    int i;
    for (i = 0; i < (e_windows(SERVIDOR) ? 1 : 2); i++) {
        struct programa *s = servidor("-q %s", forma);
        entupir(ligar(s->porta));
        exigir_fim_com(s, quais[i], "resumo: clientes 1, *");
    }
}

/* O Ctrl-C de verdade: a tecla, no terminal do servidor. */
static void ctrl_c_no_terminal(void) {
    struct programa *s;
    no_terminal(SERVIDOR);
    s = servidor("");
    digitar(s, "\003");
    exigir_codigo(s, 0);
    esperar_linha(s, SAIDA, "resumo: clientes 0, mensagens 0, bytes 0");
}

/* O terminal mostra ^C: o que vem depois comeca em outra linha. */
static void ctrl_c_com_cliente(void) {
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
    close(c);
}

/* ---- O registro ------------------------------------------------------- */

static void registro_escapado(void) {
    static const struct {
        const char *vem, *mostra;
    } casos[] = {
        {"\x1b[2Jlimpei", "\\x1b[2Jlimpei"},
        {"a\r\nb\tc\n", "a\\r\\nb\\tc\\n"},
        {"\x07\x08\x7f", "\\x07\\x08\\x7f"},
        {"ol\xc3\xa1, a\xc3\xa7\xc3\xa3o \xe2\x82\xac \xf0\x9f\x98\x80",
         "ol\xc3\xa1, a\xc3\xa7\xc3\xa3o \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xc2\x9b"
         "2J",
         "\\xc2\\x9b2J"}, /* C1: CSI em UTF-8 */
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xe1", "\\xe1"},                            /* Latin-1 */
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* longo demais */
        {"\xe0\x80\x9b", "\\xe0\\x80\\x9b"},          /* ESC, longo demais */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* meio par UTF-16 */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* passa de 10FFFF */
        {"diz \"oi\" c:\\temp",
         "diz \\\"oi\\\" c:\\\\temp"}, /* aspas e barra */
        {"\x01\x01\x01\x01\x01\x01\x01", "\\x01\\x01\\x01\\x01\\x01\\x01\\x01"},
        {"\x01\x01\x01\x01\x01\x01\x01\x01", "\\x01 (8 vezes)"},
        {"\xe2\x82", "\\xe2\\x82"}}; /* cortado */
    struct programa *s = servidor("");
    int c = ligar(s->porta);
    char *todos = (char *)malloc(65536);
    size_t i;
    for (i = 0; i < sizeof casos / sizeof *casos; i++) {
        eco(c, casos[i].vem);
        esperar_linha(s, SAIDA, "cliente 1: %d bytes \"%s\"",
                      (int)strlen(casos[i].vem), casos[i].mostra);
    }
    for (i = 0; i < 65536; i++) /* todo par de bytes, de 128 em 128 */
        todos[i] = (char)(i % 2 ? i / 2 % 256 : i / 512 + 128);
    for (i = 0; i < 65536; i += 128) eco_bytes(c, todos + i, 128);
    close(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu");
    exigir_visivel("o registro", s->saida.dados, s->saida.n);
}

/* Da mensagem comprida mostra-se o tamanho e o comeco. */
static void registro_cortado(void) {
    struct programa *s = servidor("");
    int c = ligar(s->porta);
    char muito[5000];
    const char *linha;
    memset(muito, 'a', sizeof muito);
    eco_bytes(c, muito, sizeof muito);
    linha = esperar_linha(s, SAIDA, "cliente 1: * bytes \"aaaa*\"...");
    exigir(strlen(linha) < 400, "esperava menos de 400 letras, vi %s", linha);
}

static void resumo_certo(void) {
    struct programa *s = servidor("-n 2");
    int a = ligar(s->porta), b;
    eco(a, "1234567");
    b = ligar(s->porta);
    eco(b, "12");
    eco(a, "1");
    close(b);
    esperar_linha(s, SAIDA, "cliente 2 saiu");
    b = ligar(s->porta);
    eco(b, "123\n");
    close(b);
    esperar_linha(s, SAIDA, "cliente 3 saiu");
    parar_com(s, "resumo: clientes 3, mensagens 4, bytes 14");
}

/* ---- Em que condicoes se inicia --------------------------------------- */

/* Logo depois de um servidor sair (com conexoes que ele mesmo fechou, em
 * TIME_WAIT), outro toma a mesma porta. */
static void mesma_porta_em_seguida(void) {
    struct programa *s = servidor(""), *outro;
    int porta = s->porta, c = ligar(porta);
    eco(c, "sair\n");
    exigir_fim(c);
    c = ligar(porta);
    eco(c, "ate o fim do servidor\n");
    parar(s);
    exigir_fim(c);
    outro = rodar(SERVIDOR, "%d", porta);
    esperar_texto(outro, SAIDA, "servidor TCP em 127.0.0.1:");
    c = ligar(porta);
    eco(c, "de novo\n");
    close(c);
    esperar_linha(outro, SAIDA, "cliente 1 saiu");
    parar(outro);
}

static void servidor_sem_entrada(void) {
    como.entrada = FECHADA;
    eco(ligar(servidor("")->porta), "sem stdin\n");
    como.entrada = NULA;
    eco(ligar(servidor("-n 1")->porta), "stdin vazio\n");
}

const struct caso casos_tcp[] = {
    {"tcp_eco_um", tcp_eco},
    {"tcp_eco_varios", tcp_eco},
    {"tcp_byte_a_byte_um", tcp_byte_a_byte},
    {"tcp_byte_a_byte_varios", tcp_byte_a_byte},
    {"tcp_muitos_bytes_um", tcp_muitos_bytes},
    {"tcp_muitos_bytes_varios", tcp_muitos_bytes},
    {"tcp_sair_um", tcp_sair},
    {"tcp_sair_varios", tcp_sair},
    {"tcp_sair_cortado_um", tcp_sair_cortado},
    {"tcp_sair_cortado_varios", tcp_sair_cortado},
    {"tcp_nao_e_sair_um", tcp_nao_e_sair},
    {"tcp_nao_e_sair_varios", tcp_nao_e_sair},
    {"quase_sair_um", tcp_nao_e_sair},
    {"quase_sair_varios", tcp_nao_e_sair},
    {"tcp_sair_e_lixo_um", tcp_sair_e_lixo},
    {"tcp_sair_e_lixo_varios", tcp_sair_e_lixo},
    {"tcp_sair_sem_fechar_um", tcp_sair_sem_fechar},
    {"tcp_sair_sem_fechar_varios", tcp_sair_sem_fechar},
    {"tcp_sair_sem_ler_um", tcp_sair_sem_ler},
    {"tcp_sair_sem_ler_varios", tcp_sair_sem_ler},
    {"tcp_n_1", espera_a_vez, "-n 1", 1},
    {"tcp_n_2", espera_a_vez, "-n 2", 2},
    {"tcp_n_padrao_e_64", espera_a_vez, "", 64},
    {"tcp_n_200", espera_a_vez, "-n 200", 200},
    {"tcp_fila_completa", tcp_fila_completa},
    {"tcp_um_lento_nao_para_os_outros", tcp_um_lento_nao_para_os_outros},
    {"sinal_entupido_um", sinal_entupido},
    {"sinal_entupido_varios", sinal_entupido},
    {"sinal_int_um", sinais, "-n 1", SIGINT},
    {"sinal_int_varios", sinais, "", SIGINT},
    {"sinal_hup_um", sinais, "-n 1", SIGHUP},
    {"sinal_hup_varios", sinais, "", SIGHUP},
    {"sinal_hup_ignorado_um", sinal_ignorado, "-n 1", 0},
    {"sinal_hup_ignorado_varios", sinal_ignorado, "", 0},
    {"sinal_term_um", sinais, "-n 1", SIGTERM},
    {"sinal_term_varios", sinais, "", SIGTERM},
    {"ctrl_c_no_terminal", ctrl_c_no_terminal},
    {"ctrl_c_com_cliente", ctrl_c_com_cliente},
    {"registro_escapado", registro_escapado},
    {"registro_cortado", registro_cortado},
    {"resumo_certo", resumo_certo},
    {"mesma_porta_em_seguida", mesma_porta_em_seguida},
    {"servidor_sem_entrada", servidor_sem_entrada},
    {NULL, NULL}};
