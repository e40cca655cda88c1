/* casos_uso.c - a linha de comando: opcoes, ajuda, erros de uso, a linha de
 * inicio, -a e -q. */
#include "ensaio.h"
#include <ifaddrs.h>

struct erro_de_uso {
    const char *linha;   /* o que se digitou depois do nome do programa */
    const char *culpado; /* o que a mensagem tem de citar */
};

/* Sai com 2; stdout vazio; stderr: uma linha com o culpado e com -h. */
static void exigir_erro_de_uso(int quem, struct programa *p, const char *linha,
                               const char *culpado) {
    const char *nome = quem == SERVIDOR ? "servidor" : "cliente", *mensagem;
    int codigo = esperar_saida(p);
    exigir(codigo == 2, "\"%s %s\" saiu com %d, esperava 2; stderr \"%s\"",
           nome, linha, codigo, tudo(p, ERRO));
    exigir(*tudo(p, SAIDA) == '\0',
           "\"%s %s\": esperava nada em stdout, vi \"%s\"", nome, linha,
           tudo(p, SAIDA));
    mensagem = proxima_linha(p, ERRO);
    exigir(mensagem && p->erro.lido == p->erro.n,
           "\"%s %s\": esperava uma linha em stderr, vi \"%s\"", nome, linha,
           mostra(p->erro.dados, p->erro.n));
    exigir(strncmp(mensagem, nome, strlen(nome)) == 0 &&
               mensagem[strlen(nome)] == ':',
           "\"%s %s\": a mensagem devia comecar com o nome do programa: "
           "\"%s\"",
           nome, linha, mensagem);
    exigir(strstr(mensagem, culpado) != NULL,
           "\"%s %s\": a mensagem devia citar \"%s\": \"%s\"", nome, linha,
           culpado, mensagem);
    exigir(casa(mensagem, "* -h"),
           "\"%s %s\": a mensagem devia acabar dizendo como pedir ajuda: "
           "\"%s\"",
           nome, linha, mensagem);
}

static void erros_de_uso(int quem, const struct erro_de_uso *erros) {
    for (; erros->linha; erros++)
        exigir_erro_de_uso(quem, rodar(quem, "%s", erros->linha), erros->linha,
                           erros->culpado);
}

static void servidor_uso_porta(void) {
    static const struct erro_de_uso erros[] = {
        {"77x", "77x"},        {"x77", "x77"},     {"70000", "70000"},
        {"65536", "65536"},    {"99999", "99999"}, {"123456789012", "1234567"},
        {"4294967376", "429"}, {"+80", "+80"},     {"0x50", "0x50"},
        {"7.5", "7.5"},        {"7777,", "7777,"}, {"''", "porta"},
        {"7777 8888", "8888"}, {"7777 -q x", "x"}, {"-- 0 1", "1"},
        {"-u 77x", "77x"},     {"-1", "-1"},       {NULL, NULL}};
    erros_de_uso(SERVIDOR, erros);
}

static void servidor_uso_n_e_x(void) {
    static const struct erro_de_uso erros[] = {{"-n 0 0", "-n"},
                                               {"-n 10001 0", "10001"},
                                               {"-n -1 0", "-1"},
                                               {"-n x 0", "'x'"},
                                               {"-n 2x 0", "2x"},
                                               {"-n '' 0", "-n"},
                                               {"-n 99999999999 0", "999"},
                                               {"-n", "-n"},
                                               {"0 -n", "-n"},
                                               {"-n 1.5 0", "1.5"},
                                               {"-x 101 -u 0", "101"},
                                               {"-u -x -1 0", "-1"},
                                               {"-u -x 5% 0", "5%"},
                                               {"-u -x '' 0", "-x"},
                                               {"-u -x", "-x"},
                                               {"-ux", "-x"},
                                               {NULL, NULL}};
    erros_de_uso(SERVIDOR, erros);
}

static void servidor_uso_conflitos(void) {
    static const struct erro_de_uso erros[] = {
        {"-t -u 0", "-u"},   {"-u -t 0", "-t"},   {"-tu 0", "-u"},
        {"-n 5 -u 0", "-n"}, {"-u -n 5 0", "-n"}, {"-u -n 64 0", "-n"},
        {"0 -u -n 1", "-n"}, {"-x 5 0", "-x"},    {"-t -x 5 0", "-x"},
        {"-x 0 0", "-x"},    {"-x 5 0 -t", "-x"}, {NULL, NULL}};
    erros_de_uso(SERVIDOR, erros);
}

static void servidor_uso_opcoes(void) {
    static const struct erro_de_uso erros[] = {
        {"-z 0", "-z"},
        {"-qz 0", "-z"},
        {"0 -z", "-z"},
        {"--help", "-"},
        {"-a", "-a"},
        {"0 -a", "-a"},
        {"-a '' 0", "-a"},
        {"-a x 0", "'x'"},
        {"-a 1.2.3 0", "1.2.3"},
        {"-a 1.2.3.4.5 0", "1.2.3.4.5"},
        {"-a ::1 0", "::1"},
        {"-a 256.0.0.1 0", "256.0.0.1"},
        {"-a 7777", "7777"},
        {"-a 127.0.0.1x 0", "127.0.0.1x"},
        {"-a 1..2.3 0", "1..2"},
        {"-a localhost 0", "localhost"},
        {NULL, NULL}};
    erros_de_uso(SERVIDOR, erros);
}

static void cliente_uso(void) {
    static const struct erro_de_uso erros[] = {{"127.0.0.1 77x", "77x"},
                                               {"127.0.0.1 70000", "70000"},
                                               {"127.0.0.1 ''", "porta"},
                                               {"127.0.0.1 -5", "-5"},
                                               {"127.0.0.1 7777 x", "x"},
                                               {"-t -u", "-u"},
                                               {"-u -t", "-t"},
                                               {"-ut 127.0.0.1", "-u"},
                                               {"127.0.0.1 7777 -t -u", "-u"},
                                               {"-z", "-z"},
                                               {"-q", "-q"},
                                               {"-n 5", "-n"},
                                               {"-x 5 -u", "-x"},
                                               {"-a 127.0.0.1", "-a"},
                                               {"-- 127.0.0.1 7777 x", "x"},
                                               {"1.2.3 7777", "1.2.3"},
                                               {"256.1.1.1 7777", "256.1.1.1"},
                                               {"::1 7777", "::1"},
                                               {NULL, NULL}};
    erros_de_uso(CLIENTE, erros);
}

/* O que se digitou volta na mensagem sem mandar no terminal. */
static void uso_errado_escapado(void) {
    static const char *const porta[] = {"7\x1b[2J\n7", NULL};
    static const char *const nome[] = {"127.0.0.1", "\x9b\x07", NULL};
    static char longo[9000];
    const char *const demais[] = {longo, NULL};
    struct programa *p = rodar_palavras(SERVIDOR, porta);
    exigir_erro_de_uso(SERVIDOR, p, "7<ESC>[2J<LF>7", "7\\x1b[2J\\n7");
    exigir(!strchr(tudo(p, ERRO), '\x1b'),
           "esperava o ESC escapado, e ele passou");
    if (!e_windows(CLIENTE)) { /* la os argumentos nao sao bytes */
        p = rodar_palavras(CLIENTE, nome);
        exigir_erro_de_uso(CLIENTE, p, "127.0.0.1 <9b><07>", "\\x9b\\x07");
    }
    memset(longo, '7', sizeof longo - 1);
    p = rodar_palavras(SERVIDOR, demais);
    exigir_erro_de_uso(SERVIDOR, p, "7777... (9000 vezes)", "7777777");
}

/* ---- Ajuda ------------------------------------------------------------ */

static void exigir_ajuda(int quem, const char *linha, const char *letras) {
    struct programa *p = rodar(quem, "%s", linha);
    char opcao[8];
    exigir_codigo(p, 0);
    exigir_texto("stderr da ajuda", tudo(p, ERRO), "");
    for (; *letras; letras++) {
        snprintf(opcao, sizeof opcao, "  -%c ", *letras);
        exigir(strstr(tudo(p, SAIDA), opcao) != NULL,
               "esperava -%c na ajuda, vi \"%s\"", *letras, tudo(p, SAIDA));
    }
    exigir_com(p, SAIDA, "7777");       /* a porta padrao */
    exigir_sem(p, SAIDA, "127.0.0.1:"); /* nem iniciou */
}

/* Em um terminal, uma mensagem se quebra entre palavras na coluna 80. */
static void erro_no_terminal(void) {
    char porta[70];
    int n, maior = 0;
    if (e_windows(SERVIDOR)) nao_se_aplica("no wine o terminal e outro");
    for (n = 20; n < 60; n++) {
        struct programa *p;
        char *linha, *inteira = (char *)malloc(400);
        memset(porta, 'x', sizeof porta);
        porta[n] = '\0';
        como.saida = como.erro = PTY;
        p = rodar(SERVIDOR, "%s", porta);
        exigir_codigo(p, 2);
        snprintf(inteira, 400, "%s", tudo(p, SAIDA));
        for (linha = strtok(inteira, "\n"); linha; linha = strtok(NULL, "\n"))
            if ((int)strlen(linha) > maior) maior = (int)strlen(linha);
        snprintf(inteira, 400, "%s", tudo(p, SAIDA));
        for (linha = inteira; *linha; linha++)
            if (*linha == '\n') *linha = ' ';
        exigir(
            casa(inteira, "servidor: porta '*': use 0 a 65535. Ajuda: * -h "),
            "esperava as palavras todas, vi \"%s\"", inteira);
        free(inteira);
    }
    exigir(maior == 79, "esperava linhas de ate 79 colunas, vi %d", maior);
}

static void ajuda(void) {
    exigir_ajuda(SERVIDOR, "-h", "tuvsqanxh");
    exigir_ajuda(SERVIDOR, "-u -h", "tuvsqanxh");
    exigir_ajuda(SERVIDOR, "0 -qh", "tuvsqanxh");
    exigir_ajuda(CLIENTE, "-h", "tuvsh");
    exigir_ajuda(CLIENTE, "127.0.0.1 7777 -h", "tuvsh");
}

/* ---- Formas certas ---------------------------------------------------- */

static void ida_e_volta(int porta) {
    int c = ligar(porta);
    eco(c, "oi\n");
    close(c);
}

/* A porta que se pediu e a que se ve; se outro processo a ocupa agora, ao
 * menos e ela que o erro cita. */
static void exigir_porta(const char *opcoes, int porta) {
    struct programa *s = rodar(SERVIDOR, "%s", opcoes);
    const char *linha = proxima_linha(s, SAIDA);
    char molde[80];
    if (linha) {
        snprintf(molde, sizeof molde, "servidor * em 127.0.0.1:%d *", porta);
        exigir(casa(linha, molde), "esperava \"%s\", vi \"%s\"", molde, linha);
        mandar_sinal(s, SIGINT);
        exigir_codigo(s, 0);
        return;
    }
    exigir_codigo(s, 1);
    esperar_linha(s, ERRO, "servidor: bind(127.0.0.1:%d): *(%s)*", porta,
                  nome_do_erro(SERVIDOR, "EADDRINUSE"));
}

static void porta_padrao(void) {
    exigir_porta("-q", 7777);
    exigir_porta("-u", 7777);
}

static void porta_limites(void) {
    exigir_porta("65535", 65535);
    exigir_porta("-u 65535", 65535);
    exigir_porta("-- 65535", 65535);
}

/* Um cliente com estes argumentos diz oi, e oi volta. */
COMO_PRINTF(1, 2) static void conversar(const char *formato, ...) {
    char argumentos[128];
    struct programa *c;
    FORMATAR(argumentos, formato);
    c = rodar(CLIENTE, "%s", argumentos);
    digitar_e_sair(c, "oi\n", 0);
    exigir_texto("stdout", tudo(c, SAIDA), "oi\n");
}

static void opcoes_depois_da_porta(void) {
    struct programa *s = rodar(SERVIDOR, "0 -q");
    anotar_inicio(s, proxima_linha(s, SAIDA));
    ida_e_volta(s->porta);
    parar(s);
    exigir_sem(s, SAIDA, "chegou");

    s = rodar(SERVIDOR, "0 -u -a 127.0.0.1 -x 0");
    anotar_inicio(s, linha_exata(s, SAIDA, "servidor UDP em 127.0.0.1:*"));
    conversar("127.0.0.1 %d -u", s->porta);
    parar(s);

    s = servidor("-t -qn2"); /* letras juntas */
    conversar("127.0.0.1 -t %d", s->porta);
}

static void n_limites(void) {
    ida_e_volta(servidor("-n 1")->porta);
    ida_e_volta(servidor("-n 10000")->porta);
}

static void cliente_por_nome(void) {
    conversar("localhost %d", servidor("")->porta);
}

/* Sem argumentos: 127.0.0.1 e 7777. Se ha algum servidor la agora nao importa,
 * nem o que ele faz. */
static void cliente_padrao(void) {
    struct programa *c;
    como.entrada = NULA;
    c = rodar(CLIENTE, "%s", "");
    esperar_texto(c, ERRO, "127.0.0.1:7777");
    como.entrada = NULA;
    c = rodar(CLIENTE, "-u 127.0.0.1");
    esperar_texto(c, ERRO, "127.0.0.1:7777");
    exigir_codigo(c, 0); /* nada a enviar */
}

/* ---- A linha de inicio, -a e -q --------------------------------------- */

/* A segunda linha e um comando: o que esta depois de "cliente " serve. */
static void exigir_comando(struct programa *s, const char *opcoes,
                           const char *ip) {
    const char *linha = esperar_linha(s, SAIDA, "*: %scliente %s%s %d",
                                      aqui(SERVIDOR), opcoes, ip, s->porta);
    conversar("%s", strstr(linha, "cliente ") + 8);
}

COMO_PRINTF(2, 3)
static void exigir_inicio(struct programa *s, const char *formato, ...) {
    char molde[80];
    FORMATAR(molde, formato);
    exigir(casa(s->primeira_linha, molde),
           "esperava a primeira linha \"%s\", vi \"%s\"", molde,
           s->primeira_linha);
}

static void linha_de_inicio(void) {
    struct programa *s = servidor("");
    exigir_inicio(s, "servidor TCP em 127.0.0.1:%d *", s->porta);
    exigir_comando(s, "", "127.0.0.1");
    s = servidor("-u");
    exigir_inicio(s, "servidor UDP em 127.0.0.1:%d *", s->porta);
    exigir_comando(s, "-u ", "127.0.0.1");
}

/* O outro endereco de casa; sem ele (macOS) o caso nao se aplica. */
static void exigir_127_0_0_2(void) {
    int porta = 0, u = abrir_udp("127.0.0.2", &porta);
    if (u < 0) nao_se_aplica("este sistema nao tem 127.0.0.2");
    close(u);
}

static void a_um_endereco(void) {
    struct programa *s, *c;
    exigir_127_0_0_2();
    s = servidor("-a 127.0.0.2");
    exigir_inicio(s, "servidor TCP em 127.0.0.2:*");
    exigir_comando(s, "", "127.0.0.2");
    c = cliente(s->porta, ""); /* em 127.0.0.1 nao ha ninguem */
    exigir_codigo(c, 1);
    esperar_texto(c, ERRO, nome_do_erro(CLIENTE, "ECONNREFUSED"));
    if (!e_windows(SERVIDOR)) { /* o wine responde de 127.0.0.1 */
        s = servidor("-a 127.0.0.2 -u");
        exigir_comando(s, "-u ", "127.0.0.2");
    }
    s = servidor(""); /* e o normal e so 127.0.0.1 */
    c = rodar(CLIENTE, "127.0.0.2 %d", s->porta);
    exigir_codigo(c, 1);
    esperar_texto(c, ERRO, nome_do_erro(CLIENTE, "ECONNREFUSED"));
}

/* Com 0.0.0.0, um comando para cada endereco IPv4 da maquina. */
static void a_todos(void) {
    struct programa *s = servidor("-a 0.0.0.0 %s", forma);
    struct ifaddrs *todos, *i;
    char comando_dele[120];
    exigir_inicio(s, "servidor * em 0.0.0.0:*");
    exigir_comando(s, forma, "127.0.0.1");
    parar(s);
    getifaddrs(&todos);
    for (i = todos; i; i = i->ifa_next) {
        struct sockaddr_in *e = (struct sockaddr_in *)i->ifa_addr;
        if (!e || e->sin_family != AF_INET) continue;
        snprintf(comando_dele, sizeof comando_dele, "cliente %s%s %d\n", forma,
                 inet_ntoa(e->sin_addr), s->porta);
        exigir_com(s, SAIDA, comando_dele);
    }
    freeifaddrs(todos);
    exigir_sem(s, SAIDA, "cliente 0.0.0.0");
    exigir_sem(s, SAIDA, "cliente -u 0.0.0.0");
}

/* -q: da linha de inicio, que acaba no comando, ate o resumo, nada. */
static void exigir_quieto(struct programa *s, const char *comando_dele,
                          const char *resumo) {
    mandar_sinal(s, SIGINT);
    exigir_codigo(s, 0);
    esperar_texto(s, SAIDA, comando_dele);
    proxima_linha(s, SAIDA);
    exigir_texto("depois da linha de inicio", s->saida.dados + s->saida.lido,
                 resumo);
    exigir_texto("stderr", tudo(s, ERRO), "");
}

static void quieto_tcp(void) {
    struct programa *s = servidor("-q");
    int c = ligar(s->porta);
    eco(c, "oi\nsair\n");
    exigir_fim(c);
    ida_e_volta(s->porta);
    exigir_quieto(s, "cliente 127.0.0.1 ",
                  "resumo: clientes 2, mensagens 2, bytes 11\n");
}

static void quieto_udp(void) {
    struct programa *s = servidor("-q -u");
    eco_udp(novo_udp(), s->porta, "sair", 4);
    exigir_quieto(s, "cliente -u 127.0.0.1 ",
                  "resumo: clientes 1, mensagens 1, bytes 4\n");
}

const struct caso casos_uso[] = {
    {"servidor_uso_porta", servidor_uso_porta},
    {"servidor_uso_n_e_x", servidor_uso_n_e_x},
    {"servidor_uso_conflitos", servidor_uso_conflitos},
    {"servidor_uso_opcoes", servidor_uso_opcoes},
    {"cliente_uso", cliente_uso},
    {"uso_errado_escapado", uso_errado_escapado},
    {"erro_no_terminal", erro_no_terminal},
    {"ajuda", ajuda},
    {"porta_padrao", porta_padrao},
    {"porta_limites", porta_limites},
    {"opcoes_depois_da_porta", opcoes_depois_da_porta},
    {"n_limites", n_limites},
    {"cliente_por_nome", cliente_por_nome},
    {"cliente_padrao", cliente_padrao},
    {"linha_de_inicio", linha_de_inicio},
    {"a_um_endereco", a_um_endereco},
    {"a_todos_tcp", a_todos, ""},
    {"a_todos_udp", a_todos, "-u "},
    {"quieto_tcp", quieto_tcp},
    {"quieto_udp", quieto_udp},
    {NULL, NULL}};
