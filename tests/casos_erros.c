/* casos_erros.c - cada erro que um aluno encontra: provocado de verdade, e
 * uma linha so, com a chamada, a causa, o codigo e o que tentar. */
#include "ensaio.h"
#ifdef __linux__
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#endif

/* ---- O que os casos usam ---------------------------------------------- */

/* O programa saiu com este codigo e disse um erro so, que e esta linha
 * (molde de printf): "programa: chamada(onde): causa (CODIGO). dica". */
COMO_PRINTF(3, 4)
static void exigir_erro(struct programa *p, int codigo, const char *formato,
                        ...) {
    char molde[512], inicio[32], *erro;
    FORMATAR(molde, formato);
    exigir_codigo(p, codigo);
    sprintf(inicio, "%s: ", p->nome);
    exigir_vezes(p, ERRO, inicio, 1);
    erro = strdup(strstr(tudo(p, ERRO), inicio));
    erro[strcspn(erro, "\n")] = '\0';
    exigir(casa(erro, molde), "esperava o erro \"%s\", vi \"%s\"", molde, erro);
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

/* O comando que a dica sugere e de verdade, e do mesmo protocolo. */
static void exigir_porta_em_uso(const char *opcoes, int porta) {
    exigir_so_o_erro(rodar(SERVIDOR, "%s%d", opcoes, porta), 1,
                     "servidor: bind(127.0.0.1:%d): endereco ja em uso (%s). * "
                     "Tente %sservidor %s%d",
                     porta, nome_do_erro(SERVIDOR, "EADDRINUSE"),
                     aqui(SERVIDOR), opcoes, porta < 65535 ? porta + 1 : 7777);
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
    digitar_e_sair(cliente(s->porta, ""), "continua no ar?\n", 0);
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
    exigir_so_o_erro(cliente(porta, ""), 1,
                     "cliente: connect(127.0.0.1:%d): conexao recusada (%s). O "
                     "servidor esta no ar*",
                     porta, nome_do_erro(CLIENTE, "ECONNREFUSED"));
}

/* No meio da conversa; e depois de termos dito tudo. */
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
        exigir_saida(c, 1, "parte");
    }
}

/* send para quem ja saiu: so quando o cliente nao esta em recv; a sua saida,
 * que ninguem le, o segura em write. */
static void erro_conexao_ja_fechada(void) {
    char lixo[16384];
    int leitura;
    struct programa *c = cliente_preso("", &leitura);
    const char *linha;
    digitar(c, "tem alguem ai?\n");
    linha = esperar_linha(c, ERRO, "cliente: *");
    exigir(casa(linha, e_windows(CLIENTE)
                           ? "cliente: send(*): conexao * (WSAE*). *"
                           : "cliente: send(*): conexao ja fechada (EPIPE). *"),
           "esperava o erro de send, vi \"%s\"", linha);
    while (read(leitura, lixo, sizeof lixo) > 0)
        ;
    exigir_codigo(c, 1);
}

static void erro_porta_zero(void) {
    struct programa *c = cliente(0, "-u");
    if (e_windows(CLIENTE)) nao_se_aplica("no Windows o codigo e outro");
    digitar_e_sair(c, "oi\n", 1);
    exigir_erro(c, 1,
                "cliente: sendto(127.0.0.1:0): argumento invalido "
                "(EINVAL). Confira *porta*");
}

/* Sem resposta: o que mais se ve em UDP com o servidor fora do ar. */
static void erro_sem_resposta(void) {
    struct programa *c = cliente_nosso("-u");
    close(c->s);
    digitar_e_sair(c, "oi\n", 1);
    exigir_erro(c, 1,
                "cliente: recvfrom(127.0.0.1:%d): a linha 1 ficou sem "
                "resposta. *-u*",
                c->porta);
    exigir_texto("stdout", tudo(c, SAIDA), "");
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
    static const char *const enderecos[] = {"::1",
                                            "::",
                                            "fe80::1%eth0",
                                            "2001:db8::1",
                                            "::ffff:127.0.0.1",
                                            "127.0.0.1:7777"};
    static const char fim[] = "nao e endereco IPv4 (a porta vem depois). *-h";
    size_t i;
    for (i = 0; i < sizeof enderecos / sizeof *enderecos; i++) {
        exigir_so_o_erro(rodar(CLIENTE, "%s", enderecos[i]), 2,
                         "cliente: '%s' %s", enderecos[i], fim);
        exigir_so_o_erro(rodar(SERVIDOR, "-a %s", enderecos[i]), 2,
                         "servidor: -a '%s' %s", enderecos[i], fim);
    }
}

/* ---- Em uma rede so nossa --------------------------------------------- */

#ifdef __linux__
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
        nao_se_aplica("nao posso mudar a rede de ensaio: %s", strerror(errno));
    close(s);
}

/* Daqui em diante este caso e os seus programas tem uma rede so deles, em que
 * nada existe alem de 127.0.0.1: nenhum pacote sai da maquina. */
static void rede_so_nossa(int quem) {
    struct ifreq i;
    int uid = (int)getuid();
    char mapa[64];
    if (e_windows(quem)) nao_se_aplica("o Wine nao entra na rede de ensaio");
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
            nao_se_aplica("nao posso criar uma rede de ensaio: %s",
                          strerror(errno));
        snprintf(mapa, sizeof mapa, "0 %d 1", uid);
        escrever_em("/proc/self/uid_map", mapa);
    }
    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    memset(&i, 0, sizeof i);
    strcpy(i.ifr_name, "lo");
    i.ifr_flags = IFF_UP | IFF_RUNNING;
    mudar_rede(SIOCSIFFLAGS, &i);
}

static struct sockaddr ip(const char *texto) {
    struct sockaddr a;
    struct sockaddr_in e;
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_addr.s_addr = inet_addr(texto);
    memcpy(&a, &e, sizeof a);
    return a;
}

/* A interface lo tem (ou deixa de ter) mais este endereco. */
static void endereco_a_mais(const char *texto, int tem) {
    struct ifreq i;
    memset(&i, 0, sizeof i);
    strcpy(i.ifr_name, "lo:1");
    if (tem) i.ifr_addr = ip(texto); /* se nao, ifr_flags e 0: sem IFF_UP */
    mudar_rede(tem ? SIOCSIFADDR : SIOCSIFFLAGS, &i);
}

/* UDP: quem perguntou perdeu a rede antes da resposta. O registro o diz, e o
 * servidor segue. */
static void erro_nao_recebeu(void) {
    struct programa *s;
    int porta = 0, u;
    rede_so_nossa(SERVIDOR);
    s = servidor("-u");
    endereco_a_mais("10.9.8.7", 1);
    u = abrir_udp("10.9.8.7", &porta);
    exigir(u >= 0, "bind: %s", strerror(errno));
    congelar(s);
    enviar_udp(u, s->porta, "oi\n", 3);
    endereco_a_mais("10.9.8.7", 0);
    mandar_sinal(s, SIGCONT);
    esperar_linha(s, SAIDA, "cliente 1: 3 bytes \"oi\\n\"");
    esperar_linha(s, ERRO, "servidor: sendto(10.9.8.7:*): *rede (E*");
    eco_udp(novo_udp(), s->porta, "e agora?\n", 9);
}
/* Nem rede, nem rota; um endereco de difusao, que pede permissao, como uma
 * porta abaixo de 1024; e uma rota que diz que a maquina nao se alcanca. */
static void erro_sem_rota(void) {
    struct rtentry r;
    struct programa *c;
    rede_so_nossa(CLIENTE);
    exigir_so_o_erro(rodar(CLIENTE, "203.0.113.1 7777"), 1,
                     "cliente: connect(203.0.113.1:7777): nao ha rede "
                     "(ENETUNREACH). Confira *");
    c = rodar(CLIENTE, "-u 203.0.113.1 7777");
    digitar_e_sair(c, "oi\n", 1);
    exigir_erro(c, 1,
                "cliente: sendto(203.0.113.1:7777): nao ha rede "
                "(ENETUNREACH). Confira *");
    c = rodar(CLIENTE, "-u 127.255.255.255 7777");
    digitar_e_sair(c, "oi\n", 1);
    exigir_erro(c, 1,
                "cliente: sendto(127.255.255.255:7777): permissao negada "
                "(EACCES). Porta abaixo de 1024*difusao*");
    memset(&r, 0, sizeof r);
    r.rt_dst = ip("203.0.113.0");
    r.rt_genmask = ip("255.255.255.0");
    r.rt_flags = RTF_UP | RTF_REJECT;
    mudar_rede(SIOCADDRT, &r);
    exigir_so_o_erro(rodar(CLIENTE, "203.0.113.1 7777"), 1,
                     "cliente: connect(203.0.113.1:7777): nao ha rota "
                     "(EHOSTUNREACH). Confira *");
}

/* Uma porta cuja fila esta cheia nao responde; e se desiste logo. */
static void erro_tempo_esgotado(void) {
    int porta, e;
    rede_so_nossa(CLIENTE);
    if (!escrever_em("/proc/sys/net/ipv4/tcp_syn_retries", "1"))
        nao_se_aplica("nao posso encurtar a espera de connect");
    e = escutar(&porta);
    listen(e, 0);
    ligar(porta); /* ocupa o unico lugar */
    exigir_so_o_erro(
        cliente(porta, ""), 1,
        "cliente: connect(127.0.0.1:%d): tempo esgotado (ETIMEDOUT). *", porta);
}

/* Um servico de nomes nosso: resolv.conf aponta para ele, nesta rede. */
static int servico_de_nomes(void) {
    char arquivo[512];
    int porta = 53, u, a;
    rede_so_nossa(CLIENTE);
    a = arquivo_temporario(arquivo, sizeof arquivo);
    if (!escrever_em(arquivo, "nameserver 127.0.0.1\n"
                              "options timeout:1 attempts:1\n"))
        falhar("%s: %s", arquivo, strerror(errno));
    fchmod(a, 0644);
    close(a);
    if (mount(arquivo, "/etc/resolv.conf", NULL, MS_BIND, NULL) < 0)
        nao_se_aplica("nao posso trocar resolv.conf: %s", strerror(errno));
    u = abrir_udp("127.0.0.1", &porta);
    if (u < 0) nao_se_aplica("nao posso abrir a porta 53 da rede de ensaio");
    return u;
}

/* Responde a toda pergunta com este codigo (RFC 1035), em um processo ao lado.
 * Com 0, o nome tem um endereco, ::1, mas so IPv6 (tipo AAAA, 28). */
static pid_t responder(int u, int codigo) {
    static const unsigned char aaaa[] = {0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 9,
                                         0,    16, 0, 0,  0, 0, 0, 0, 0, 0,
                                         0,    0,  0, 0,  0, 0, 0, 1};
    unsigned char p[600];
    struct sockaddr_in e;
    socklen_t t = sizeof e;
    ssize_t n;
    int i;
    pid_t pid = fork();
    if (pid != 0) return pid;
    for (i = 0; i < 256; i++) /* o relato do caso e um deles */
        if (i != u) close(i);
    fcntl(u, F_SETFL, 0); /* sem O_NONBLOCK */
    while ((n = recvfrom(u, p, 512, 0, (struct sockaddr *)&e, &t)) >= 12) {
        p[2] |= 0x80; /* uma resposta */
        p[3] = (unsigned char)(0x80 | codigo);
        if (codigo == 0 && p[n - 3] == 28) { /* o tipo da pergunta */
            p[7] = 1;                        /* quantos enderecos */
            memcpy(p + n, aaaa, sizeof aaaa);
            n += (ssize_t)sizeof aaaa;
        }
        sendto(u, p, (size_t)n, 0, (struct sockaddr *)&e, t);
        t = sizeof e;
    }
    _exit(0);
    return 0; /* o tcc nao sabe que _exit nao volta */
}

/* O servico de nomes responde com este codigo (3: o nome nao existe; 0: existe,
 * mas sem endereco IPv4) ou, com -1, nao responde; forma: o que o cliente diz.
 */
static void erro_do_nome(void) {
    int u = servico_de_nomes();
    pid_t pid = qual < 0 ? close(u) : responder(u, qual);
    struct programa *c = rodar(CLIENTE, "maquina.exemplo.");
    esperar_saida(c);
    if (pid > 0) kill(pid, SIGKILL);
    exigir_so_o_erro(c, 1,
                     "cliente: getaddrinfo(maquina.exemplo.): %s. Tente o "
                     "numero",
                     forma);
}
#endif

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
#ifdef __linux__
    {"erro_tempo_esgotado", erro_tempo_esgotado},
    {"erro_nao_recebeu", erro_nao_recebeu},
    {"erro_sem_rota", erro_sem_rota},
    {"erro_nome_nao_existe", erro_do_nome, "nome nao encontrado (EAI_NONAME)",
     3},
    {"erro_nome_sem_ipv4", erro_do_nome, "n* (*)", 0}, /* a libc escolhe */
    {"erro_servico_de_nomes", erro_do_nome, "o DNS nao responde (EAI_AGAIN)",
     -1},
#endif
    {NULL, NULL}};
