/* casos_erros.c - cada erro que um aluno encontra: provocado de verdade, e
 * uma linha so, com a chamada, a causa, o codigo e o que tentar. */
#include "ensaio.h"
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* O programa saiu com este codigo e disse um erro so, que e esta linha
 * (molde de printf): "programa: chamada(onde): causa (CODIGO). dica". */
COMO_PRINTF(3, 4)
static void exigir_erro(struct programa *p, int codigo, const char *formato,
                        ...) {
    char molde[512], inicio[32];
    FORMATAR(molde, formato);
    exigir_codigo(p, codigo);
    sprintf(inicio, "%s: ", p->nome);
    exigir_vezes(p, ERRO, inicio, 1);
    esperar_linha(p, ERRO, "%s", molde);
}

/* O mesmo, e nada mais foi escrito: nem antes, nem depois, nem em stdout. */
COMO_PRINTF(3, 4)
static void exigir_so_o_erro(struct programa *p, int codigo,
                             const char *formato, ...) {
    char molde[512];
    FORMATAR(molde, formato);
    exigir_erro(p, codigo, "%s", molde);
    exigir_vezes(p, ERRO, "\n", 1);
    exigir_texto("stdout", tudo(p, SAIDA), "");
}

/* ---- Do servidor ------------------------------------------------------ */

/* O comando que a dica sugere e de verdade, e com as mesmas -u e -a. */
static void exigir_porta_em_uso(const char *opcoes, int porta) {
    exigir_so_o_erro(rodar(SERVIDOR, "%s%d", opcoes, porta), 1,
                     "servidor: bind(%s:%d): endereco ja em uso (%s). * "
                     "Tente %sservidor %s%d",
                     strchr(opcoes, 'a') ? "0.0.0.0" : "127.0.0.1", porta,
                     nome_do_erro(SERVIDOR, "EADDRINUSE"), aqui(SERVIDOR),
                     opcoes, porta < 65535 ? porta + 1 : 7777);
}

/* De outro programa; e o caso da aula, dois servidores nossos na mesma porta: o
 * primeiro, nem percebe. */
static void erro_porta_em_uso(void) {
    int porta, porta_udp = 0;
    struct programa *s = servidor("");
    escutar(&porta);
    exigir_porta_em_uso("", porta);
    abrir_udp("127.0.0.1", &porta_udp);
    exigir_porta_em_uso("-u ", porta_udp);
    exigir_porta_em_uso("", s->porta);
    exigir_porta_em_uso("-a 0.0.0.0 ", s->porta);
    ligar(s->porta);
    esperar_linha(s, SAIDA, "cliente 1 chegou de *");
    porta_udp = 65535; /* a ultima: a sugestao nao pode ser 65536 */
    if (abrir_udp("127.0.0.1", &porta_udp) >= 0)
        exigir_porta_em_uso("-u ", porta_udp);
}

/* Dois servidores parados entre bind e listen (-s): a porta so se decide em
 * listen, e o segundo fica sabendo. */
static void erro_listen(void) {
    struct programa *a, *b;
    int porta, um = 1, s = reservar(&porta);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &um, sizeof um);
    if (e_windows(SERVIDOR))
        nao_se_aplica("no Windows o segundo bind ja falha");
    a = rodar(SERVIDOR, "-s %d", porta);
    b = rodar(SERVIDOR, "-s %d", porta);
    digitar(a, "\n\n");
    esperar_texto(a, ERRO, ">> listen");
    digitar(b, "\n\n");
    esperar_texto(b, ERRO, ">> listen");
    digitar(a, "\n");
    esperar_linha(a, SAIDA, "servidor TCP *");
    fim_da_entrada(b);
    exigir_erro(b, 1,
                "servidor: listen(*): endereco ja em uso (EADDRINUSE). "
                "*Tente ./servidor %d",
                porta + 1);
    fim_da_entrada(a);
    parar(a);
}

static void erro_endereco_alheio(void) {
    exigir_so_o_erro(rodar(SERVIDOR, "-a 203.0.113.1 0"), 1,
                     "servidor: bind(203.0.113.1:0): endereco que nao e desta "
                     "maquina (%s). *-a*",
                     nome_do_erro(SERVIDOR, "EADDRNOTAVAIL"));
}

/* ---- Do cliente ------------------------------------------------------- */

static void erro_recusada(void) {
    int porta;
    reservar(&porta);
    exigir_so_o_erro(
        cliente(porta, ""), 1,
        "cliente: connect(127.0.0.1:%d): conexao recusada (%s). Ha um "
        "servidor TCP *",
        porta, nome_do_erro(CLIENTE, "ECONNREFUSED"));
}

/* No meio da conversa; e depois de termos dito tudo. As contas do que foi e do
 * que veio continuam certas. */
static void erro_desfeita(void) {
    struct programa *c;
    int vez;
    if (e_windows(CLIENTE))
        nao_se_aplica("o wine as vezes mostra um RST como fim normal");
    for (vez = 0; vez < 2; vez++) {
        c = cliente_nosso("");
        digitar_e_ouvir(c, "oi\n");
        if (vez == 1) fim_da_entrada(c);
        if (vez == 1) receber_fim(c->s);
        falar_e_ver(c, "parte");
        desfazer(c->s);
        exigir_erro(c, 1,
                    "cliente: recv(127.0.0.1:%d): conexao desfeita pelo "
                    "outro lado (ECONNRESET). *",
                    c->porta);
        esperar_linha(c, ERRO,
                      "fim da conversa: 3 bytes enviados, 5 recebidos");
        exigir_saida(c, 1, "parte");
    }
}

/* send para quem ja saiu: so quando o cliente nao esta em recv; a sua saida,
 * que ninguem le, o segura em write. */
static void erro_conexao_ja_fechada(void) {
    static char muito[16384]; /* mais do que cabe no pipe */
    struct programa *c;
    int par[2];
    abrir_cano(par);
    como.saida = par[1];
    c = cliente_nosso("");
    close(par[1]);
    esperar_linha(c, ERRO, "conectado a *");
    enviar(c->s, muito, sizeof muito);
    meio_fechar(c->s);
    desfazer(c->s);
    digitar(c, "tem alguem ai?\n");
    esperar_linha(c, ERRO, "cliente: send(*): conexao %s). *",
                  e_windows(CLIENTE) ? "* (WSAE*" : "ja fechada (EPIPE");
    while (read(par[0], muito, sizeof muito) > 0) continue;
    exigir_codigo(c, 1);
}

/* Um cliente UDP com estes argumentos diz oi em vao, e este e o erro. */
static void exigir_em_vao(const char *argumentos, const char *erro) {
    struct programa *c = rodar(CLIENTE, "-u %s", argumentos);
    digitar_tudo(c, "oi\n");
    exigir_erro(c, 1, "cliente: %s", erro);
    exigir_saida(c, 1, "");
}

static void erro_porta_zero(void) {
    if (e_windows(CLIENTE)) nao_se_aplica("no Windows o codigo e outro");
    exigir_em_vao("127.0.0.1 0",
                  "sendto(127.0.0.1:0): argumento invalido (EINVAL). Confira "
                  "*porta*");
}

/* Sem resposta: o que mais se ve em UDP com o servidor fora do ar. (A porta
 * continua nossa, mas so ouve a si mesma: quem envia recebe um ICMP.) */
static void erro_sem_resposta(void) {
    struct programa *c = cliente_nosso("-u");
    struct sockaddr e;
    socklen_t t = sizeof e;
    getsockname(c->s, &e, &t);
    connect(c->s, &e, t);
    digitar_tudo(c, "oi\n");
    exigir_erro(c, 1,
                "cliente: recvfrom(127.0.0.1:%d): a linha 1 ficou sem "
                "resposta. *-u*",
                c->porta);
    exigir_saida(c, 1, "");
}

/* ---- Enderecos e nomes ------------------------------------------------ */

/* Uma parte de um nome tem no maximo 63 letras: este nao pode existir, e por
 * isso nenhuma pergunta sai da maquina. */
static void erro_nome(void) {
    char nome[80];
    memset(nome, 'x', 64);
    strcpy(nome + 64, ".invalid");
    exigir_so_o_erro(rodar(CLIENTE, "%s", nome), 1,
                     "cliente: getaddrinfo(%s): nome nao encontrado (*). Tente "
                     "o numero*",
                     nome);
}

/* IPv6, e a porta colada ao endereco: diz-se onde ela vai. */
static void erro_ipv6(void) {
    char *todos = strdup("::1 :: fe80::1%eth0 2001:db8::1 ::ffff:127.0.0.1 "
                         "127.0.0.1:7777"),
         *e;
    static const char fim[] = "nao e endereco IPv4 (a porta vem depois). *-h";
    while ((e = strsep(&todos, " ")) != NULL) {
        exigir_so_o_erro(rodar(CLIENTE, "%s", e), 2, "cliente: '%s' %s", e,
                         fim);
        exigir_so_o_erro(rodar(SERVIDOR, "-a %s", e), 2, "servidor: -a '%s' %s",
                         e, fim);
    }
}

/* ---- Em uma rede so nossa --------------------------------------------- */

/* 1 se conseguiu escrever texto no arquivo. */
static int escrever_em(const char *arquivo, const char *texto) {
    FILE *f = fopen(arquivo, "we");
    if (!f) return 0;
    fputs(texto, f);
    return fclose(f) == 0;
}

/* Uma mudanca na rede de ensaio, com ioctl. */
static void mudar_rede(unsigned long pedido, void *o_que) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ioctl(s, pedido, o_que) < 0)
        falta("nao posso mudar a rede de ensaio: %s", strerror(errno));
    close(s);
}

static void por_ip(struct sockaddr *a, const char *ip) {
    struct sockaddr_in *e = (struct sockaddr_in *)a;
    e->sin_family = AF_INET;
    e->sin_addr.s_addr = inet_addr(ip);
}

/* O endereco da interface lo; 0.0.0.0: nenhum. */
static void mudar_lo(const char *ip) {
    struct ifreq i;
    memset(&i, 0, sizeof i);
    strcpy(i.ifr_name, "lo");
    por_ip(&i.ifr_addr, ip);
    mudar_rede(SIOCSIFADDR, &i);
    i.ifr_flags = IFF_UP | IFF_RUNNING;
    mudar_rede(SIOCSIFFLAGS, &i);
}

/* Daqui em diante este caso e os seus programas tem uma rede so deles, em que
 * nada existe alem de 127.0.0.1: nenhum pacote sai da maquina. */
static void rede_so_nossa(int quem) {
    char mapa[64];
    sprintf(mapa, "0 %d 1", (int)getuid());
    if (e_windows(quem)) nao_se_aplica("o Wine nao entra na rede de ensaio");
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
            falta("nao posso criar uma rede de ensaio: %s", strerror(errno));
        escrever_em("/proc/self/uid_map", mapa);
    }
    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    mudar_lo("127.0.0.1");
}

/* UDP: quem perguntou perde a rede antes da resposta. O registro o diz, e o
 * servidor segue. */
static void erro_nao_recebeu(void) {
    struct programa *s;
    rede_so_nossa(SERVIDOR);
    s = servidor("-u");
    congelar(s);
    enviar_udp(novo_udp(), s->porta, "oi\n", 3);
    mudar_lo("0.0.0.0");
    mandar_sinal(s, SIGCONT);
    esperar_linha(s, SAIDA, "cliente 1: 3 bytes *");
    esperar_linha(s, ERRO, "servidor: sendto(127.0.0.1:*): *rede (E*");
    mudar_lo("127.0.0.1");
    enviar_udp(novo_udp(), s->porta, "e agora?\n", 9);
    esperar_linha(s, SAIDA, "cliente 2: 9 bytes *");
}

/* Nem rede, nem rota; um endereco de difusao, que pede permissao, como uma
 * porta abaixo de 1024; e uma rota que diz que a maquina nao se alcanca. */
static void erro_sem_rota(void) {
    static const char fim[] = "cliente: connect(203.0.113.1:7777): nao ha %s. "
                              "Confira *";
    struct rtentry r;
    rede_so_nossa(CLIENTE);
    exigir_so_o_erro(rodar(CLIENTE, "203.0.113.1 7777"), 1, fim,
                     "rede (ENETUNREACH)");
    exigir_em_vao("203.0.113.1 7777",
                  "sendto(203.0.113.1:7777): nao ha rede (ENETUNREACH). "
                  "Confira *");
    exigir_em_vao("127.255.255.255 7777",
                  "sendto(127.255.255.255:7777): permissao negada (EACCES). "
                  "Porta abaixo de 1024*difusao*");
    memset(&r, 0, sizeof r);
    por_ip(&r.rt_dst, "203.0.113.1");
    r.rt_flags = RTF_UP | RTF_HOST | RTF_REJECT;
    mudar_rede(SIOCADDRT, &r);
    exigir_so_o_erro(rodar(CLIENTE, "203.0.113.1 7777"), 1, fim,
                     "rota (EHOSTUNREACH)");
}

/* Uma porta cuja fila esta cheia nao responde; e se desiste logo. */
static void erro_tempo_esgotado(void) {
    int porta, e;
    rede_so_nossa(CLIENTE);
    if (!escrever_em("/proc/sys/net/ipv4/tcp_syn_retries", "1"))
        falta("nao posso encurtar a espera de connect");
    e = escutar(&porta);
    listen(e, 0);
    ligar(porta); /* ocupa o unico lugar */
    exigir_so_o_erro(
        cliente(porta, ""), 1,
        "cliente: connect(127.0.0.1:%d): tempo esgotado (ETIMEDOUT). *", porta);
}

/* Nesta rede nao ha quem conte os enderecos de um nome; com qual, a lista da
 * maquina, /etc/hosts, tem um, mas IPv6, e entao a libc escolhe o erro. */
static void erro_do_nome(void) {
    char arquivo[512];
    rede_so_nossa(CLIENTE);
    if (qual) {
        fchmod(arquivo_temporario(arquivo, sizeof arquivo), 0644);
        escrever_em(arquivo, "2001:db8::1 maquina.exemplo\n");
        if (mount(arquivo, "/etc/hosts", NULL, MS_BIND, NULL) < 0)
            falta("nao posso trocar /etc/hosts: %s", strerror(errno));
    }
    exigir_so_o_erro(rodar(CLIENTE, "maquina.exemplo"), 1,
                     "cliente: getaddrinfo(maquina.exemplo): %s. Tente o "
                     "numero",
                     qual ? "*" : "o DNS nao responde (EAI_AGAIN)");
}

const struct caso casos_erros[] = {
    {"erro_sem_resposta", erro_sem_resposta},
    {"erro_porta_em_uso", erro_porta_em_uso},
    {"erro_listen", erro_listen},
    {"erro_endereco_alheio", erro_endereco_alheio},
    {"erro_recusada", erro_recusada},
    {"erro_desfeita", erro_desfeita},
    {"erro_conexao_ja_fechada", erro_conexao_ja_fechada},
    {"erro_porta_zero", erro_porta_zero},
    {"erro_nome", erro_nome},
    {"erro_ipv6", erro_ipv6},
    {"erro_tempo_esgotado", erro_tempo_esgotado},
    {"erro_nao_recebeu", erro_nao_recebeu},
    {"erro_sem_rota", erro_sem_rota},
    {"erro_nome_sem_ipv4", erro_do_nome, "", 1},
    {"erro_servico_de_nomes", erro_do_nome, "", 0},
    {NULL, NULL}};
