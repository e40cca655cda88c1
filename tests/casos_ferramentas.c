/* casos_ferramentas.c - o par conversa com os programas que o aluno ja tem:
 * nc, ncat, socat, telnet, um servidor web. O que nao esta instalado nao se
 * aplica (com EXIGIR=1, e falha). */
#include "ensaio.h"

/* ---- Eles como clientes do nosso servidor ----------------------------- */

/* O programa e a primeira palavra do comando. */
static void exigir_primeira(const char *comando_todo) {
    char nome[32];
    exigir(sscanf(comando_todo, "%31s", nome) == 1, "sem comando");
    exigir_ferramenta(nome);
}

/* Digita, espera o eco, diz sair; em TCP, o servidor fecha e a ferramenta
 * termina. qual: o que se escreve entre o endereco e a porta. */
static void conversar(void) {
    int udp = strstr(forma, "-u") || strstr(forma, "UDP");
    struct programa *s, *f;
    exigir_primeira(forma);
    s = servidor("%s", udp ? "-u" : "");
    f = rodar(FERRAMENTA, "%s%c%d", forma, qual, s->porta);
    digitar_e_ver(f, "ol\xc3\xa1\n");
    esperar_linha(s, SAIDA, "cliente 1: 5 bytes \"ol\xc3\xa1\\n\"");
    digitar_e_ver(f, "sair\n");
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    if (udp) return;
    fim_da_entrada(f);
    exigir_saida(f, 0, "ol\xc3\xa1\nsair\n");
}

static void socat_fala_com_o_servidor(void) {
    struct programa *s, *f;
    exigir_ferramenta("socat");
    s = servidor("");
    f = rodar(FERRAMENTA, "socat - TCP:127.0.0.1:%d", s->porta);
    digitar_tudo(
        f, "um\ndois"); /* meio fechamento: o resto volta e o servidor fecha */
    exigir_saida(f, 0, "um\ndois");
    esperar_linha(s, SAIDA, "cliente 1 saiu");
}

/* No terminal, como se usa; o telnet envia \r\n. */
static void telnet_fala_com_o_servidor(void) {
    struct programa *s, *f;
    exigir_ferramenta("telnet");
    s = servidor("");
    como.entrada = como.saida = como.erro = PTY;
    f = rodar(FERRAMENTA, "telnet 127.0.0.1 %d", s->porta);
    esperar_linha(s, SAIDA, "cliente 1 chegou de *");
    esperar_texto(f, SAIDA, "Connected");
    digitar(f, "ola\n");
    esperar_linha(s, SAIDA, "cliente 1: 5 bytes \"ola\\r\\n\"");
    esperar_texto(f, SAIDA, "ola");
    digitar(f, "sair\n");
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    esperar_texto(f, SAIDA, "sair");
    esperar_texto(f, SAIDA, "closed by foreign host");
    esperar_saida(f);
}

/* ---- Eles como servidores do nosso cliente ---------------------------- */

/* O cliente recebe de volta, byte a byte, o que envia. Duas delicadezas com
 * ncat -e: acabar a entrada so depois do eco (quando o cliente fecha o seu
 * sentido, ele larga o resto), e pouco de cada vez (ele escreve ao programa
 * sem ler dele, e os dois param com os pipes cheios). */
static void exigir_eco(const char *opcoes, int porta, const char *dados,
                       size_t n) {
    struct programa *c = cliente(porta, "%s", opcoes);
    digitar_bytes(c, dados, n);
    while (c->saida.n < n && c->vivo) esperar_algo();
    acabar(c, 0);
    exigir_bytes("stdout do cliente", c->saida.dados, c->saida.n, dados, n);
}

/* Uma porta livre agora, para quem nao diz qual o sistema escolheu. */
static int porta_livre(int udp) {
    int porta = 0;
    close(udp ? abrir_udp("127.0.0.1", &porta) : reservar(&porta));
    return porta;
}

/* qual: quantos bytes quaisquer, alem do texto. */
static void cliente_fala_com(void) {
    static char dados[300000];
    unsigned semente = 21;
    int udp = strstr(forma, "-u") || strstr(forma, "UDP");
    int porta = porta_livre(udp);
    struct programa *f;
    exigir_primeira(forma);
    f = rodar(FERRAMENTA, forma, porta);
    esperar_texto(f, ERRO,
                  *forma == 'n' ? "Listening on 127.0.0.1"
                  : udp         ? "receiving on AF=2"
                                : "listening on AF=2");
    exigir_eco(udp ? "-u" : "", porta, "um\ndois\nol\xc3\xa1\n", 13);
    encher(dados, sizeof dados, &semente);
    if (qual > 0) exigir_eco("", porta, dados, (size_t)qual);
}

/* Duas pessoas: uma no cliente, a outra no nc. */
static void cliente_fala_com_nc(void) {
    struct programa *f, *c;
    const char *linha;
    exigir_ferramenta("nc");
    f = rodar(FERRAMENTA, "nc -l -v 127.0.0.1 0");
    linha = proxima_linha(f, ERRO);
    if (!linha || !casa(linha, "Listening on * *")) {
        exigir(!getenv("EXIGIR"), "este nc nao e o do OpenBSD");
        nao_se_aplica("este nc nao e o do OpenBSD");
    }
    c = cliente(atoi(strrchr(linha, ' ') + 1), "");
    digitar(c, "oi, nc\n");
    esperar_texto(f, SAIDA, "oi, nc\n");
    digitar(f, "oi, cliente\n");
    esperar_texto(c, SAIDA, "oi, cliente\n");
    mandar_sinal(f, SIGTERM); /* o nc vai embora: o cliente conta logo */
    exigir_codigo(c, 1);
    esperar_texto(c, ERRO, "o servidor encerrou a conversa");
}

/* Um servidor web de verdade devolve este mesmo arquivo. */
static void cliente_fala_com_servidor_web(void) {
    struct programa *f, *c;
    const char *linha;
    exigir_ferramenta("python3");
    f = rodar(FERRAMENTA, "python3 -u -m http.server --bind 127.0.0.1 "
                          "--directory tests 0");
    linha = esperar_linha(f, SAIDA, "Serving HTTP on 127.0.0.1 port *");
    c = cliente(atoi(strstr(linha, "port ") + 5), "");
    digitar_e_sair(c, "GET /ensaio.h HTTP/1.0\r\n\r\n", 0);
    esperar_texto(c, SAIDA, "200 OK\r\n");
    esperar_texto(c, SAIDA, "\r\n\r\n/*\n * ensaio.h");
    esperar_texto(c, SAIDA, "\n#endif\n");
}

const struct caso casos_ferramentas[] = {
    {"nc_fala_com_o_servidor", conversar, "nc 127.0.0.1", ' '},
    {"nc_fala_com_o_servidor_udp", conversar, "nc -u 127.0.0.1", ' '},
    {"ncat_fala_com_o_servidor", conversar, "ncat 127.0.0.1", ' '},
    {"ncat_fala_com_o_servidor_udp", conversar, "ncat -u 127.0.0.1", ' '},
    {"socat_fala_com_o_servidor", socat_fala_com_o_servidor},
    {"socat_fala_com_o_servidor_udp", conversar, "socat - UDP:127.0.0.1", ':'},
    {"telnet_fala_com_o_servidor", telnet_fala_com_o_servidor},
    {"cliente_fala_com_ncat", cliente_fala_com,
     "ncat -v -k -l -e /bin/cat 127.0.0.1 %d", 3000},
    {"cliente_fala_com_ncat_udp", cliente_fala_com,
     "ncat -v -u -l -e /bin/cat 127.0.0.1 %d"},
    {"cliente_fala_com_socat", cliente_fala_com,
     "socat -d -d TCP-LISTEN:%d,bind=127.0.0.1,fork EXEC:/bin/cat", 300000},
    {"cliente_fala_com_socat_udp", cliente_fala_com,
     "socat -d -d UDP-RECVFROM:%d,bind=127.0.0.1,fork EXEC:/bin/cat"},
    {"cliente_fala_com_nc", cliente_fala_com_nc},
    {"cliente_fala_com_servidor_web", cliente_fala_com_servidor_web},
    {NULL, NULL}};
