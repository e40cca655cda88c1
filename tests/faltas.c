/*
 * faltas.c - o sistema falta com os programas: memoria da rede que acaba,
 * descritores do sistema, um fio que nao se abre, o relogio que para. Cada
 * caso escolhe a chamada e o erro, e olha quantas vezes ela foi feita: quem
 * espera girando se denuncia pela conta, e nao pelo tempo.
 *
 *   sh tests/faltas.sh        compila os dois lados e roda
 *
 * Este arquivo e as duas coisas: com -DINJETAR, a biblioteca que o LD_PRELOAD
 * poe entre o programa e o sistema; sem, a suite. Conversam por um arquivo
 * mapeado (struct injecao). So Linux com a glibc, ligada dinamicamente.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    ACCEPT,
    SEND,
    RECV,
    RECVFROM,
    POLL,
    READ,
    FIO_NOVO,
    VOLTA, /* poll que espera, e nao so pergunta: so se conta */
    HORA,  /* a hora do dia, que alguem pode acertar: so se conta */
    CHAMADAS
};

struct injecao {
    volatile int erro[CHAMADAS];  /* o errno a dar; 0: nenhum */
    volatile int resta[CHAMADAS]; /* quantas vezes; -1: sempre */
    volatile long feitas[CHAMADAS];
    volatile int parado; /* 1: o relogio nao anda */
    volatile int salto;  /* segundos que ele adianta */
    volatile int segura; /* 1: read ainda nao le a entrada */
    volatile int nagle;  /* de um socket que enviou: 1, TCP_NODELAY falta */
};

#ifdef INJETAR /* ---- Dentro do programa -------------------------------- */

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static struct injecao *eu;

__attribute__((constructor)) static void abrir(void) {
    const char *nome = getenv("INJECAO");
    int fd = nome ? open(nome, O_RDWR) : -1;
    static struct injecao nada;
    eu = &nada;
    if (fd < 0) return;
    eu = (struct injecao *)mmap(NULL, sizeof *eu, PROT_READ | PROT_WRITE,
                                MAP_SHARED, fd, 0);
    close(fd);
}

static int falha(int qual) {
    eu->feitas[qual]++;
    if (!eu->erro[qual] || eu->resta[qual] == 0) return 0;
    if (eu->resta[qual] > 0) eu->resta[qual]--;
    errno = eu->erro[qual];
    return 1;
}

/* A funcao do sistema, com outra no lugar: faz o que esta em antes, que pode
 * devolver por ela, e depois chama a verdadeira. */
#define NO_LUGAR(tipo, nome, argumentos, valores, antes)                  \
    tipo nome argumentos {                                                \
        static tipo(*verdadeira) argumentos;                              \
        if (!verdadeira) *(void **)&verdadeira = dlsym(RTLD_NEXT, #nome); \
        antes;                                                            \
        return verdadeira valores;                                        \
    }

NO_LUGAR(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms), {
    if (ms != 0) eu->feitas[VOLTA]++;
    if (n < 2) eu->feitas[POLL]++; /* de um so: conta, e nao falha */
    else if (falha(POLL)) return -1;
})

/* A chamada que bloqueia falha quando teria o que devolver, e nao antes. */
static int falha_com_algo(int s, int qual) {
    struct pollfd p;
    p.fd = s;
    p.events = POLLIN;
    if (!(fcntl(s, F_GETFL) & O_NONBLOCK) && ppoll(&p, 1, NULL, NULL) < 0)
        return 1;
    return falha(qual);
}

NO_LUGAR(int, accept, (int s, struct sockaddr *e, socklen_t *n), (s, e, n),
         if (falha_com_algo(s, ACCEPT)) return -1)
NO_LUGAR(ssize_t, recvfrom,
         (int s, void *p, size_t n, int flags, struct sockaddr *e,
          socklen_t *t),
         (s, p, n, flags, e, t), if (falha_com_algo(s, RECVFROM)) return -1)
NO_LUGAR(ssize_t, recv, (int s, void *p, size_t n, int flags), (s, p, n, flags),
         if (falha(RECV)) return -1)
NO_LUGAR(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), {
    while (fd == 0 && eu->segura) usleep(1000);
    if (fd == 0 && falha(READ)) return -1;
})
NO_LUGAR(int, pthread_create,
         (pthread_t * f, const pthread_attr_t *a, void *(*g)(void *), void *p),
         (f, a, g, p), if (falha(FIO_NOVO)) return errno)
NO_LUGAR(ssize_t, send, (int s, const void *p, size_t n, int flags),
         (s, p, n, flags), {
             int sim = 0;
             socklen_t t = sizeof sim;
             if (!getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &sim, &t) && !sim)
                 eu->nagle = 1;
             if (falha(SEND)) return -1;
         })

NO_LUGAR(int, clock_gettime, (clockid_t qual, struct timespec *t), (qual, t), {
    static struct timespec era; /* antes de parar */
    if (qual != CLOCK_MONOTONIC) eu->feitas[HORA]++;
    if (!eu->parado || !era.tv_sec) verdadeira(CLOCK_MONOTONIC, &era);
    if (qual == CLOCK_MONOTONIC) {
        *t = era;
        t->tv_sec += eu->salto;
        return 0;
    }
})
NO_LUGAR(time_t, time, (time_t * t), (t), eu->feitas[HORA]++)
NO_LUGAR(int, gettimeofday, (struct timeval * t, void *nada), (t, nada),
         eu->feitas[HORA]++)

#else /* ---- A suite ----------------------------------------------------- */

#include "ensaio.h"

#define REPOUSO 1500 /* ms em que se contam as chamadas */
#define POUCAS  30   /* chamadas nesse tempo: quem gira faz milhares */

static const char *const nomes[] = {
    "accept", "send", "recv", "recvfrom", "poll", "read", "pthread_create"};
static struct injecao *falta; /* a do programa que se iniciou por ultimo */

/* Do proximo programa em diante, ate so_este(): as chamadas falham como se
 * escreve em *falta. */
static void injetar(void) {
    char nome[512];
    int fd = arquivo_temporario(nome, sizeof nome);
    void *p;
    exigir(ftruncate(fd, sizeof *falta) == 0, "ftruncate");
    p = mmap(NULL, sizeof *falta, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    exigir(p != MAP_FAILED, "mmap: %s", strerror(errno));
    close(fd);
    setenv("INJECAO", nome, 1);
    setenv("LD_PRELOAD", getenv("FALTAS_SO"), 1);
    falta = (struct injecao *)p;
}

static void so_este(void) {
    unsetenv("INJECAO");
    unsetenv("LD_PRELOAD");
}

static void falhar_em(int chamada, int erro, int vezes) {
    falta->resta[chamada] = vezes;
    falta->erro[chamada] = erro;
}

static struct programa *servidor_em_falta(const char *opcoes) {
    struct programa *s;
    injetar();
    s = servidor("%s", opcoes);
    so_este();
    return s;
}

/* Um cliente que le desta entrada, e em que a chamada falha desde o comeco. */
static struct programa *cliente_em_falta(const char *opcoes, int entrada,
                                         int chamada, int erro, int vezes) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    injetar();
    falhar_em(chamada, erro, vezes);
    como.entrada = entrada;
    c = cliente(s->porta, "%s", opcoes);
    so_este();
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    return c;
}

/* Enquanto o tempo passa, a chamada nao se repete sem parar. */
static void exigir_repouso(int chamada, const char *quando) {
    long antes = falta->feitas[chamada], polls = falta->feitas[POLL];
    poll(NULL, 0, REPOUSO);
    antes = falta->feitas[chamada] - antes;
    polls = falta->feitas[POLL] - polls;
    exigir(antes <= POUCAS && polls <= POUCAS,
           "esperava ate %d chamadas em %d ms %s, vi %ld; e %ld poll", POUCAS,
           REPOUSO, quando, antes, polls);
}

/* A hora do dia so serve a quem sorteia, uma vez: alguem pode acerta-la, e a
 * pausa, a despedida e a espera de quem a olhasse nao acabariam. */
static void exigir_relogio(void) {
    exigir(falta->feitas[HORA] <= 1,
           "esperava que ninguem olhasse a hora do dia, vi %ld vezes",
           falta->feitas[HORA]);
}

static void conversa(int porta) {
    int c = ligar(porta);
    eco(c, "oi\n");
    close(c);
}

static void esperar_erro(struct programa *p, int chamada, int erro) {
    const char *l = esperar_linha(p, ERRO, "%s: %s(*): * (%s). *", p->nome,
                                  nomes[chamada], strerrorname_np(erro));
    exigir(!strstr(l, "raro"), "esperava a causa em palavras, vi \"%s\"", l);
}

/* ---- O cliente -------------------------------------------------------- */

/* A chamada que a tabela diz falha com esse erro: ele sai ja, com 1, e o conta,
 * com a causa em palavras. */
static void cliente_falha(void) {
    int chamada = 0;
    struct programa *c;
    while (strcmp(nomes[chamada], forma) != 0) chamada++;
    c = cliente_em_falta(chamada == RECVFROM ? "-u" : "", PIPE, chamada, qual,
                         -1);
    if (chamada == SEND || chamada == RECVFROM) digitar(c, "oi\n");
    if (chamada == RECVFROM) fim_da_entrada(c);
    exigir_codigo(c, 1);
    esperar_erro(c, chamada, qual);
    exigir(falta->feitas[chamada] <= POUCAS,
           "esperava ate %d chamadas de %s, vi %ld", POUCAS, forma,
           falta->feitas[chamada]);
    exigir_relogio();
}

/* EINTR e EAGAIN nao sao falhas. */
static void read_passa(void) {
    struct programa *c = cliente_em_falta(forma, PIPE, READ, qual, 3);
    digitar(c, "oi\nsair\n");
    exigir_saida(c, 0, "oi\nsair\n");
    exigir_relogio();
}

/* Uma entrada que nao bloqueia, e ninguem digita: espera parado. */
static void entrada_solta_parada(void) {
    struct programa *c;
    int par[2];
    abrir_cano(par);
    sem_bloquear(par[0]);
    c = cliente_em_falta(forma, par[0], READ, 0, 0);
    exigir_repouso(READ, "a ler uma entrada vazia");
    c->entrada = par[1];
    digitar(c, "sair\n");
    exigir_codigo(c, 0);
}

/* O servidor encerra com a entrada ainda por ler: o que ja veio se le. Se e so
 * o fim dela, disse-se tudo, e deu certo; uma linha ja nao se envia. */
static void fim_com_entrada(void) {
    struct programa *c;
    injetar();
    falta->segura = 1;
    c = cliente_nosso("");
    digitar_tudo(c, forma);
    meio_fechar(c->s);
    while (c->vivo && falta->feitas[POLL] == 0) { /* olha se ha entrada */
        poll(NULL, 0, 5);
        ler_o_que_ha();
    }
    falta->segura = 0;
    exigir_codigo(c, *forma ? 1 : 0);
    exigir(falta->feitas[SEND] == 0, "esperava que nada se enviasse");
}

/* ---- O servidor ------------------------------------------------------- */

/* Enquanto faltam recursos a chamada nao se repete sem parar, e se conta uma
 * vez; quem esperava e atendido quando deixam de faltar. */
static void accept_falta(void) {
    struct programa *s = servidor_em_falta(forma);
    int c;
    falhar_em(ACCEPT, qual, -1);
    c = ligar(s->porta);
    enviar_texto(c, "tem lugar?\n");
    esperar_erro(s, ACCEPT, qual);
    exigir_repouso(ACCEPT, "sem recursos");
    ler_o_que_ha();
    exigir_vezes(s, ERRO, strerrorname_np(qual), 1);
    falhar_em(ACCEPT, 0, 0);
    receber_texto(c, "tem lugar?\n");
    eco(c, "sair\n");
    receber_fim(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)"); /* e nao fechou */
    conversa(s->porta);
    exigir_relogio();
}

/* Quem desistiu na fila nao e falta de nada: o proximo e aceito. */
static void accept_desistiu(void) {
    struct programa *s = servidor_em_falta(forma);
    falhar_em(ACCEPT, ECONNABORTED, 2);
    conversa(s->porta);
    conversa(s->porta);
    falhar_em(ACCEPT, EINTR, 2);
    conversa(s->porta);
    exigir_texto("stderr", tudo(s, ERRO), "");
}

/* O servidor nao consegue enviar o eco: o cliente ve a conexao desfeita (RST),
 * e nao um fim em ordem com uma parte a menos. */
static void eco_que_faltou(void) {
    struct programa *s = servidor_em_falta(forma);
    int c = ligar(s->porta);
    falhar_em(SEND, ENOBUFS, 1);
    enviar_texto(c, "oi\n");
    exigir_corte(c);
    exigir(!falta->nagle, "esperava TCP_NODELAY em quem envia");
}

/* poll ou recvfrom falha sem parar: conta-se, poucas vezes, e ninguem gira;
 * depois atende; e Ctrl-C vale mesmo na falta. */
static void espera_falta(void) {
    int udp = *forma == '-', chamada = udp ? RECVFROM : POLL, c;
    struct programa *s = servidor_em_falta(forma);
    falhar_em(chamada, qual, -1);
    c = udp ? novo_udp() : ligar(s->porta);
    if (udp) enviar_udp(c, s->porta, "oi\n", 3);
    else enviar_texto(c, "oi\n");
    esperar_erro(s, chamada, qual);
    exigir_repouso(chamada, "com ela a falhar");
    ler_o_que_ha();
    exigir(vezes(tudo(s, ERRO), "\n") < 10,
           "esperava menos de 10 linhas, vi %s", tudo(s, ERRO));
    falhar_em(chamada, 0, 0);
    if (udp) receber_udp_texto(c, "oi\n");
    else receber_texto(c, "oi\n");
    falhar_em(chamada, qual, -1);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
}

/* Faltou descritor, e quem esperava entra assim que alguem sai, sem esperar a
 * pausa passar (aqui o relogio nao anda). */
static void vaga_na_hora(void) {
    struct programa *s = servidor_em_falta("-n 10");
    int um = ligar(s->porta), dois;
    eco(um, "um\n");
    falta->parado = 1;
    falhar_em(ACCEPT, EMFILE, 1);
    dois = ligar(s->porta);
    enviar_texto(dois, "dois\n");
    esperar_erro(s, ACCEPT, EMFILE);
    close(um);
    receber_texto(dois, "dois\n");
    falta->parado = 0;
}

/* Quem disse sair tem um minuto para fechar, com -s; e outro e atendido. */
static void despedida(void) {
    struct programa *s;
    int um, outro;
    como.entrada = NULA;
    s = servidor_em_falta("-s");
    falta->parado = 1;
    eco(outro = ligar(s->porta), "oi\n");
    eco(um = ligar(s->porta), "sair\n");
    receber_fim(um);
    eco(outro, "oi\n"); /* um ja tem o seu prazo */
    falta->salto = 59;
    eco(outro, "oi\n");
    eco(outro, "oi\n"); /* entre os dois, olhou-se o prazo de todos */
    exigir_sem(s, ERRO, "close(");
    falta->salto = 61;
    esperar_linha(s, ERRO, "close(*) = 0");
}

/* Ctrl-C enquanto -n 1 espera que feche quem disse sair: o prazo, que aqui
 * nunca vem, ja nao importa. */
static void ctrl_c_na_despedida(void) {
    struct programa *s = servidor_em_falta("-n 1");
    int c = ligar(s->porta);
    falta->parado = 1;
    eco(c, "sair\n");
    receber_fim(c);
    mandar_sinal(s, SIGINT);
    exigir_codigo(s, 0);
}

/* 4000 esperam na fila: o servidor os aceita em poucas voltas, e nao em uma
 * volta para cada um. */
static void tempestade(void) {
    struct programa *s;
    static int c[4000];
    long antes;
    int k = 0;
    FILE *f = fopen("/proc/sys/net/core/somaxconn", "r");
    exigir(f && fscanf(f, "%d", &k) == 1, "somaxconn");
    if (k < 4096) nao_se_aplica("somaxconn e %d", k);
    limitar_os_nossos(4200);
    s = servidor_em_falta("-q -n 10000");
    conversa(s->porta);
    congelar(s);
    for (k = 0; k < 4000; k++) {
        c[k] = ligar(s->porta);
        enviar(c[k], "eu\n", 3);
    }
    antes = falta->feitas[VOLTA];
    mandar_sinal(s, SIGCONT);
    for (k = 0; k < 4000; k++) receber_texto(c[k], "eu\n");
    antes = falta->feitas[VOLTA] - antes;
    exigir(falta->feitas[ACCEPT] >= 4001, "esperava 4001 accept, vi %ld",
           falta->feitas[ACCEPT]);
    exigir(antes < 200, "esperava menos de 200 voltas para 4000, vi %ld",
           antes);
    for (k = 0; k < 4000; k++) close(c[k]);
}

static const struct caso casos_faltas[] = {
    {"send_enobufs", cliente_falha, "send", ENOBUFS},
    {"send_enomem", cliente_falha, "send", ENOMEM},
    {"send_eperm", cliente_falha, "send", EPERM},
    {"recv_falha", cliente_falha, "recv", ENOMEM},
    {"recvfrom_falha", cliente_falha, "recvfrom", EIO},
    {"fio_falha", cliente_falha, "pthread_create", EAGAIN},
    {"read_eio", cliente_falha, "read", EIO},
    {"read_ebadf", cliente_falha, "read", EBADF},
    {"read_eisdir", cliente_falha, "read", EISDIR},
    {"read_einval", cliente_falha, "read", EINVAL},
    {"read_efault", cliente_falha, "read", EFAULT},
    {"read_enomem", cliente_falha, "read", ENOMEM},
    {"read_eintr_tcp", read_passa, "-t", EINTR},
    {"read_eintr_udp", read_passa, "-u", EINTR},
    {"read_eagain_tcp", read_passa, "-t", EAGAIN},
    {"read_eagain_udp", read_passa, "-u", EAGAIN},
    {"entrada_solta_tcp", entrada_solta_parada, "-t"},
    {"entrada_solta_udp", entrada_solta_parada, "-u"},
    {"fim_com_o_fim_da_entrada", fim_com_entrada, ""},
    {"fim_com_uma_linha", fim_com_entrada, "oi\n"},
    {"accept_emfile_um accept_emfile_varios", accept_falta, NULL, EMFILE},
    {"accept_enfile_um accept_enfile_varios", accept_falta, NULL, ENFILE},
    {"accept_enobufs_um accept_enobufs_varios", accept_falta, NULL, ENOBUFS},
    {"accept_enomem_um accept_enomem_varios", accept_falta, NULL, ENOMEM},
    {"accept_desistiu_um accept_desistiu_varios", accept_desistiu},
    {"eco_que_faltou_um eco_que_faltou_varios", eco_que_faltou},
    {"poll_enomem", espera_falta, "", ENOMEM},
    {"poll_einval", espera_falta, "", EINVAL},
    {"recvfrom_enomem", espera_falta, "-u", ENOMEM},
    {"recvfrom_enobufs", espera_falta, "-u", ENOBUFS},
    {"recvfrom_eio", espera_falta, "-u", EIO},
    {"vaga_na_hora", vaga_na_hora},
    {"despedida", despedida},
    {"ctrl_c_na_despedida", ctrl_c_na_despedida},
    {"tempestade", tempestade},
    {NULL, NULL}};

int main(void) {
    static const struct caso *tabelas[] = {casos_faltas, NULL};
    return executar(tabelas);
}
#endif
