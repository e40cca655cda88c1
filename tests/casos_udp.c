/* casos_udp.c - UDP: o servidor visto da rede e o cliente visto por um
 * servidor nosso, que erra de proposito. */
#include "ensaio.h"

/* ---- O servidor ------------------------------------------------------- */

/* Depois de tudo, um cliente de verdade. */
static void bem_atendido(struct programa *s) {
    struct programa *c = cliente(s->porta, "-u");
    digitar(c, "boa noite\nsair\n");
    exigir_saida(c, 0, "boa noite\nsair\n");
}

static void udp_eco_de_todo_tamanho(void) {
    static const int tamanhos[] = {0,    1,    0,    2,     508,   511,   1472,
                                   1473, 4096, 9000, 65000, 65507, 65506, 0};
    struct programa *s = servidor("-u");
    static char dados[65507];
    unsigned semente = 7;
    int i, soma = 0, n = sizeof tamanhos / sizeof *tamanhos, u = novo_udp();
    exigir(strstr(s->primeira_linha, "UDP") != NULL,
           "esperava UDP na primeira linha, vi %s", s->primeira_linha);
    for (i = 0; i < n; i++) {
        encher(dados, (size_t)tamanhos[i], &semente);
        eco_udp(u, s->porta, dados, (size_t)tamanhos[i]);
        esperar_linha(s, SAIDA, "cliente 1: %d bytes \"*", tamanhos[i]);
        soma += tamanhos[i];
    }
    if (qual) bem_atendido(s);
    else parar_com(s, "resumo: clientes 1, mensagens %d, bytes %d", n, soma);
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
    if (qual) bem_atendido(s);
    else parar_com(s, "resumo: clientes *, mensagens 1, bytes 2");
}

#define NA_VINDA "cliente 1: datagrama perdido na vinda (-x): 2 bytes \"oi\""
#define NA_VOLTA "cliente 1: resposta perdida na volta (-x): 2 bytes \"oi\""

static void udp_perda_100(void) {
    struct programa *s = servidor("-u -x 100");
    int u = novo_udp(), i, k, vinda = 0;
    char na_volta[16];
    for (i = 0; i < 600; i++) { /* 99 por cento passaria uma vez em 400 */
        enviar_udp(u, s->porta, "oi", 2);
        if (i == 0) esperar_linha(s, SAIDA, "cliente 1 chegou de *");
        if (casa(esperar_linha(s, SAIDA, "cliente 1: *"), NA_VINDA)) vinda++;
        else esperar_linha(s, SAIDA, NA_VOLTA);
    }
    for (i = k = 0; i < 40; i++) { /* de um sair que nao chegou, ninguem sabe */
        enviar_udp(u, s->porta, "sair", 4);
        if (casa(esperar_linha(s, SAIDA, "cliente 1: *"), "*na vinda*")) k++;
        else esperar_linha(s, SAIDA, "cliente 1: *na volta*");
    }
    vinda += k;
    exigir(vinda > 200 && vinda < 440,
           "esperava de 201 a 439 perdidos na vinda, vi %d", vinda);
    exigir_nada(u, "com -x 100");
    sprintf(na_volta, "%d", 640 - vinda);
    exigir(strstr(parar(s), na_volta) != NULL, "esperava %s, vi %s", na_volta,
           tudo(s, SAIDA));
    exigir_com(s, SAIDA, "perdidos 640 (-x)");
    exigir_vezes(s, SAIDA, "saiu (disse sair)", 40 - k);
}

static void udp_perda_0(void) {
    struct programa *s = servidor("-u -x 0");
    int u = novo_udp(), i;
    for (i = 0; i < 300; i++) eco_udp(u, s->porta, &i, sizeof i);
    parar_com(s,
              "resumo: clientes 1, mensagens 300, bytes 1200, perdidos 0 (-x)");
}

/* Nem tudo, nem nada: em 400, a chance de errar aqui e de 1 em 10^34. */
static void udp_perda_50(void) {
    struct programa *s = servidor("-u -x 50");
    int u = novo_udp(), i, vinda, voltaram = 0, perdidos;
    char fim[80], letra;
    const char *resumo;
    for (i = 0; i < 400; i++) {
        enviar_udp(u, s->porta, "oi", 2);
        while (casa(esperar_linha(s, SAIDA, "cliente 1: *"), NA_VOLTA))
            ;
    }
    enviar_udp(novo_udp(), s->porta, "fim", 3);
    esperar_linha(s, SAIDA, "cliente 2: *"); /* os outros ja foram todos */
    resumo = parar(s);
    while (recv(u, &letra, 1, MSG_DONTWAIT) > 0) voltaram++;
    perdidos = 400 - voltaram;
    exigir(perdidos > 100 && perdidos < 300,
           "esperava de 101 a 299 perdidos, vi %d", perdidos);
    vinda = vezes(tudo(s, SAIDA), NA_VINDA);
    exigir(vinda > perdidos / 4 && vinda < perdidos * 3 / 4,
           "esperava perto de metade de %d na vinda, vi %d", perdidos, vinda);
    perdidos += strstr(tudo(s, SAIDA), "(-x): 3 bytes \"fim\"") != NULL;
    sprintf(fim, "perdidos %d (-x)", perdidos);
    exigir(strstr(resumo, fim) != NULL, "esperava \"%s\", vi \"%s\"", fim,
           resumo);
}

static void udp_cada_endereco_um_cliente(void) {
    struct programa *s = servidor("-u");
    int u[5], i, volta;
    for (i = 0; i < 5; i++) u[i] = novo_udp();
    for (volta = 0; volta < 3; volta++)
        for (i = 0; i < 5; i++) {
            eco_udp(u[i], s->porta, "oi\n", 3);
            if (volta == 0)
                esperar_linha(s, SAIDA, "cliente %d chegou de 127.0.0.1:*",
                              i + 1);
            esperar_linha(s, SAIDA, "cliente %d: 3 bytes \"oi\\n\"", i + 1);
        }
    parar_com(s, "resumo: clientes 5, mensagens 15, bytes 45");
}

static void udp_registro_escapado(void) {
    struct programa *s = servidor("-u");
    int u = novo_udp();
    eco_udp(u, s->porta, "\x1b]0;x\x07\xc2\x9b\xff\r\nol\xc3\xa1", 15);
    esperar_linha(s, SAIDA,
                  "cliente 1: 15 bytes "
                  "\"\\x1b]0;x\\x07\\xc2\\x9b\\xff\\r\\nol\xc3\xa1\"");
}

static void udp_sinais(void) {
    static const int sinais[] = {SIGINT, SIGTERM};
    struct programa *s;
    int i, u;
    for (i = 0; i < 2; i++) {
        if (sinais[i] == SIGTERM && e_windows(SERVIDOR)) continue;
        s = servidor("-u");
        u = novo_udp();
        eco_udp(u, s->porta, "oi", 2);
        mandar_sinal(s, sinais[i]);
        exigir_codigo(s, 0);
        esperar_linha(s, SAIDA, "resumo: clientes 1, mensagens 1, bytes 2");
        close(u);
    }
}

/* ---- O cliente: quando tudo vai bem ----------------------------------- */

/* Com esta entrada o cliente sai com codigo e devolve estes bytes. */
static void conversar(int porta, const char *entrada, size_t n,
                      const char *esperado, size_t m, int codigo) {
    struct programa *c = cliente(porta, "-u");
    digitar_bytes(c, entrada, n);
    acabar(c, codigo);
    exigir_bytes("stdout do cliente", c->saida.dados, c->saida.n, esperado, m);
}

static void cliente_udp_devolve(void) {
    static const char *const textos[] = {
        "uma linha\n",
        "a\nb\nc\n",
        "ultima sem fim de linha",
        "a\n\n\nb\n",
        "\n",
        "",
        "acentua\xc3\xa7\xc3\xa3o\r\nWindows\r\n",
        "\x1b[2J controle\n",
        "\0com zero\n"};
    struct programa *s = servidor("-u");
    size_t i;
    for (i = 0; i < sizeof textos / sizeof *textos; i++) {
        size_t n = i < 8 ? strlen(textos[i]) : 10; /* a que tem \0 */
        conversar(s->porta, textos[i], n, textos[i], n, 0);
    }
}

static void cliente_udp_devolve_arquivo(void) {
    struct programa *s = servidor("-u -q");
    char *texto = (char *)malloc(200000), *p = texto;
    int i;
    for (i = 0; i < 3000; i++)
        p += sprintf(p, "linha %d, %*s\n", i, i % 80, "com acento \xc3\xa9");
    conversar(s->porta, texto, (size_t)(p - texto), texto, (size_t)(p - texto),
              0);
}

/* O proximo datagrama do cliente tem de ser texto. Copias a mais de anterior
 * (o cliente as manda se esta maquina, ocupada, demora a responder) passam. */
static void receber_mensagem(struct programa *c, const char *texto,
                             const char *anterior) {
    char b[100];
    size_t n, a = strlen(anterior);
    do n = receber_udp(c->s, b, sizeof b, &c->dele);
    while (a > 0 && n == a && memcmp(b, anterior, n) == 0);
    exigir_bytes("datagrama do cliente", b, n, texto, strlen(texto));
}

static void cliente_udp_cada_linha_um_datagrama(void) {
    struct programa *c = cliente_nosso("-u");
    esperar_texto(c, ERRO, "127.0.0.1:");
    digitar(c, "um\ndo");
    pergunta(c, "um\n");
    digitar_tudo(c, "is\ntres");
    resposta(c, "1");
    receber_mensagem(c, "dois\n", "um\n");
    resposta(c, "22");
    receber_mensagem(c, "tres", "dois\n");
    resposta(c, ""); /* resposta vazia tambem e resposta */
    exigir_saida(c, 0, "122");
}

static void cliente_udp_sair(void) {
    static const char *const formas[] = {"oi\nsair\n", "oi\nsair\r\n"};
    struct programa *s = servidor("-u"), *c;
    char texto[32];
    int i;
    for (i = 0; i < 2; i++) {
        c = cliente(s->porta, "-u");
        /* de uma vez: depois de sair ele ja pode ter acabado */
        sprintf(texto, "%sdepois\n", formas[i]);
        digitar(c, texto);
        exigir_codigo(c, 0); /* a entrada continua aberta */
        exigir_texto("stdout", tudo(c, SAIDA), formas[i]);
        esperar_linha(s, SAIDA, "cliente * saiu (disse sair)");
    }
    exigir_sem(s, SAIDA, "depois");
    c = cliente(s->porta, "-u");
    digitar_e_sair(c, "sairx\n sair\nfim\n", 0);
    exigir_texto("stdout", tudo(c, SAIDA), "sairx\n sair\nfim\n");
}

static void cliente_udp_no_terminal(void) {
    struct programa *c;
    so_posix(CLIENTE);
    como.entrada = como.saida = PTY;
    c = cliente_nosso("-u");
    digitar_e_ouvir(c, "oi\n");
    resposta(c, "a\x1b[2J\r\nb");
    esperar_texto(c, SAIDA, "servidor> a\\x1b[2J\\r\nservidor> b\n");
    acabar(c, 0);
}

/* ---- O cliente: quando algo se perde ---------------------------------- */

/* O servidor ignora as qual primeiras copias de cada mensagem. */
static void ignorar_copias(void) {
    int i, m;
    struct programa *c = cliente_nosso("-u");
    digitar_tudo(c, "um\ndois\n");
    for (m = 0; m < 2; m++) {
        const char *texto = m ? "dois\n" : "um\n";
        receber_mensagem(c, texto, m ? "um\n" : "");
        for (i = 0; i < qual; i++) pergunta(c, texto);
        resposta(c, texto);
        for (i = 0; i < qual; i++) {
            esperar_linha(c, ERRO, "*%d de 3", i + 2);
        }
    }
    exigir_saida(c, 0, "um\ndois\n");
}

/* "um" foi 3 vezes, sem resposta, e o cliente ja perguntou "dois". */
static struct programa *um_sem_resposta(void) {
    int i;
    struct programa *c = cliente_nosso("-u");
    digitar_tudo(c, "um\ndois\n");
    for (i = 0; i < 3; i++) pergunta(c, "um\n");
    pergunta(c, "dois\n");
    return c;
}

/* Sem resposta: 3 envios, conta e vai em frente; sai com 1. */
static void cliente_udp_desiste_e_segue(void) {
    struct programa *c = um_sem_resposta();
    resposta(c, "dois\n");
    exigir_saida(c, 1, "dois\n");
    esperar_linha(c, ERRO, "cliente: recvfrom(127.0.0.1:%d): *linha 1 *",
                  c->porta);
}

static void cliente_udp_sem_ninguem_la(void) {
    struct programa *c = cliente_nosso("-u");
    close(c->s);
    digitar_e_sair(c, "oi\n", 1);
    exigir_texto("stdout", tudo(c, SAIDA), "");
    esperar_linha(c, ERRO, "*3 de 3");
    esperar_linha(c, ERRO, "cliente: recvfrom(*): *linha 1 *");
}

static void cliente_udp_com_perda_100(void) {
    struct programa *s = servidor("-u -x 100"), *c = cliente(s->porta, "-u");
    int i;
    digitar_tudo(c, "oi\n");
    esperar_linha(c, ERRO, "linha 1 sem resposta em 1000 ms: tentativa 2 de 3");
    esperar_linha(c, ERRO, "linha 1 sem resposta em 1000 ms: tentativa 3 de 3");
    esperar_linha(c, ERRO, "cliente: recvfrom(*): a linha 1 ficou sem *");
    exigir_saida(c, 1, "");
    for (i = 0; i < 3; i++)
        esperar_linha(s, SAIDA, "cliente 1: * perdid* na v* (-x): *");
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

/* A resposta a mensagem 1 so chega depois de ter ido a 2. */
static void cliente_udp_resposta_atrasada(void) {
    struct programa *c = um_sem_resposta();
    resposta(c, "um\n");
    resposta(c, "dois\n");
    exigir_saida(c, 1, "dois\n");
}

/* Um servico que nao e o eco responde o que quiser; ate nada. */
static void cliente_udp_outro_servico(void) {
    struct programa *c = cliente_nosso("-u");
    digitar_tudo(c, "um\ndois\n");
    pergunta(c, "um\n");
    resposta(c, "");
    pergunta(c, "dois\n");
    resposta(c, "DOIS\n");
    exigir_saida(c, 0, "DOIS\n");
}

/* A mensagem repetida tem duas respostas: a segunda nao e da proxima. */
static void cliente_udp_resposta_dobrada(void) {
    struct programa *c = cliente_nosso("-u");
    digitar_tudo(c, "um\ndois\ntres\n");
    pergunta(c, "um\n");
    pergunta(c, "um\n");
    resposta(c, "um\n");
    receber_mensagem(c, "dois\n", "um\n");
    resposta(c, "um\n");
    resposta(c, "dois\n");
    receber_mensagem(c, "tres\n", "dois\n");
    resposta(c, "tres\n");
    exigir_saida(c, 0, "um\ndois\ntres\n");
}

/* Uma linha de mais de 65507 bytes nao cabe; as outras vao. */
static void cliente_udp_linha_grande(void) {
    struct programa *s = servidor("-u -q"), *c;
    static char dados[400000], certo[400000];
    size_t n = 0, m = 0;
    static const int tamanhos[] = {10, 65506, 65507, 10, 200000, 65506, 3};
    size_t i;
    for (i = 0; i < sizeof tamanhos / sizeof *tamanhos; i++) {
        size_t t = (size_t)tamanhos[i] + 1; /* com o \n */
        memset(dados + n, 'a' + (int)i, t);
        dados[n + t - 1] = '\n';
        if (t <= 65507) {
            memcpy(certo + m, dados + n, t);
            m += t;
        }
        n += t;
    }
    c = cliente(s->porta, "-u");
    digitar_bytes(c, dados, n);
    acabar(c, 1);
    exigir_bytes("as que cabem", c->saida.dados, c->saida.n, certo, m);
    for (i = 3; i <= 5; i += 2) {
        esperar_linha(c, ERRO, "cliente: sendto(*65507*");
        esperar_linha(c, ERRO, "a linha %d nao foi enviada", (int)i);
    }
    memset(dados, 'z', 65507); /* 65507 exatos, sem \n: cabe */
    conversar(s->porta, dados, 65507, dados, 65507, 0);
    conversar(s->porta, dados, 65508, "", 0, 1);
}

const struct caso casos_udp[] = {
    {"cliente_udp_desiste_e_segue", cliente_udp_desiste_e_segue},
    {"cliente_udp_tenta_3_vezes", ignorar_copias, "-u", 2},
    {"cliente_udp_tenta_2_vezes", ignorar_copias, "-u", 1},
    {"cliente_udp_sem_ninguem_la", cliente_udp_sem_ninguem_la},
    {"cliente_udp_com_perda_100", cliente_udp_com_perda_100},
    {"cliente_udp_resposta_atrasada", cliente_udp_resposta_atrasada},
    {"cliente_udp_resposta_dobrada", cliente_udp_resposta_dobrada},
    {"cliente_udp_outro_servico", cliente_udp_outro_servico},
    {"cliente_udp_outro_endereco", cliente_udp_outro_endereco},
    {"cliente_udp_devolve", cliente_udp_devolve},
    {"cliente_udp_devolve_arquivo", cliente_udp_devolve_arquivo},
    {"cliente_udp_cada_linha_um_datagrama",
     cliente_udp_cada_linha_um_datagrama},
    {"cliente_udp_sair", cliente_udp_sair},
    {"cliente_udp_no_terminal", cliente_udp_no_terminal},
    {"cliente_udp_linha_grande", cliente_udp_linha_grande},
    {"udp_eco_de_todo_tamanho", udp_eco_de_todo_tamanho},
    {"udp_tamanhos", udp_eco_de_todo_tamanho, "", 1},
    {"udp_sair", udp_sair},
    {"udp_porta_igual_a_do_servidor", udp_porta_igual_a_do_servidor},
    {"udp_da_mesma_porta", udp_porta_igual_a_do_servidor, "", 1},
    {"udp_perda_100", udp_perda_100},
    {"udp_perda_0", udp_perda_0},
    {"udp_perda_50", udp_perda_50},
    {"udp_cada_endereco_um_cliente", udp_cada_endereco_um_cliente},
    {"udp_registro_escapado", udp_registro_escapado},
    {"udp_sinais", udp_sinais},
    {NULL, NULL}};
