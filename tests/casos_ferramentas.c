/* casos_ferramentas.c - o par conversa com ncat e socat, nos dois papeis. (Com
 * nc, telnet e um servidor web, as paginas conversam: experimentos.md 11 a 13,
 * exercicios.md 22.) O que nao esta instalado nao se aplica; com EXIGIR=1,
 * falha. */
#include "ensaio.h"

/* forma comeca pelo nome da ferramenta; 1 se o resto dela pede UDP. */
static int em_udp(void) {
    char nome[32];
    sscanf(forma, "%31s", nome);
    exigir_ferramenta(nome);
    return strstr(forma, "-u") || strstr(forma, "UDP");
}

/* Digita, espera o eco, diz sair; em TCP, o servidor fecha e a ferramenta
 * termina. */
static void fala_com_o_servidor(void) {
    int udp = em_udp();
    struct programa *s = servidor("%s", udp ? "-u" : ""), *f;
    f = rodar(FERRAMENTA, forma, s->porta);
    digitar_e_ver(f, "ol\xc3\xa1\n");
    esperar_linha(s, SAIDA, "cliente 1: 5 bytes \"ol\xc3\xa1\\n\"");
    digitar_e_ver(f, "sair\n");
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    if (udp) return;
    fim_da_entrada(f);
    exigir_saida(f, 0, "ol\xc3\xa1\nsair\n");
}

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

/* qual: quantos bytes quaisquer, alem do texto. */
static void cliente_fala_com(void) {
    static char dados[300000];
    unsigned semente = 21;
    int udp = em_udp(), porta = 0;
    struct programa *f;
    /* uma porta livre agora: eles nao dizem qual o sistema escolheu */
    close(udp ? abrir_udp("127.0.0.1", &porta) : reservar(&porta));
    f = rodar(FERRAMENTA, forma, porta);
    esperar_texto(f, ERRO,
                  *forma == 'n' ? "Listening on 127.0.0.1" : "ing on AF=2");
    exigir_eco(udp ? "-u" : "", porta, "um\ndois\nol\xc3\xa1\n", 13);
    encher(dados, sizeof dados, &semente);
    if (qual > 0) exigir_eco("", porta, dados, (size_t)qual);
}

const struct caso casos_ferramentas[] = {
    {"ncat_fala_com_o_servidor", fala_com_o_servidor, "ncat 127.0.0.1 %d"},
    {"ncat_fala_com_o_servidor_udp", fala_com_o_servidor,
     "ncat -u 127.0.0.1 %d"},
    {"socat_fala_com_o_servidor", fala_com_o_servidor,
     "socat - TCP:127.0.0.1:%d"},
    {"socat_fala_com_o_servidor_udp", fala_com_o_servidor,
     "socat - UDP:127.0.0.1:%d"},
    {"cliente_fala_com_ncat", cliente_fala_com,
     "ncat -v -k -l -e /bin/cat 127.0.0.1 %d", 3000},
    {"cliente_fala_com_ncat_udp", cliente_fala_com,
     "ncat -v -u -l -e /bin/cat 127.0.0.1 %d"},
    {"cliente_fala_com_socat", cliente_fala_com,
     "socat -d -d TCP-LISTEN:%d,bind=127.0.0.1,fork EXEC:/bin/cat", 300000},
    {"cliente_fala_com_socat_udp", cliente_fala_com,
     "socat -d -d UDP-RECVFROM:%d,bind=127.0.0.1,fork EXEC:/bin/cat"},
    {NULL, NULL}};
