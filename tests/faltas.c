/*
 * faltas.c - o sistema falta com os programas: memoria da rede que acaba,
 * descritores do sistema, um fio que nao se abre, o relogio que anda para
 * tras. Cada caso escolhe a chamada e o erro, e olha quantas vezes ela foi
 * feita: quem espera girando se denuncia pela conta, e nao pelo tempo.
 *
 *   sh tests/faltas.sh        compila os dois lados e roda
 *
 * Este arquivo e as duas coisas: com -DINJETAR, a biblioteca que o LD_PRELOAD
 * poe entre o programa e o sistema; sem, a suite. Conversam por um arquivo
 * mapeado (struct injecao). So Linux com ligacao dinamica.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    ACCEPT,
    SEND,
    RECV,
    SENDTO,
    RECVFROM,
    POLL,
    VOLTA, /* poll que espera, e nao so pergunta */
    READ,
    FIO_NOVO,
    CHAMADAS
};

struct injecao {
    volatile int erro[CHAMADAS];  /* o errno a dar; 0: nenhum */
    volatile int resta[CHAMADAS]; /* quantas vezes; -1: sempre */
    volatile long feitas[CHAMADAS];
    volatile long relogio; /* segundos a mais na hora do dia */
    volatile int parado;   /* 1: nenhum relogio anda */
    volatile int nagle;    /* de um socket que enviou: 1, TCP_NODELAY falta */
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

#define VERDADEIRA(tipo, nome, ...)         \
    static tipo (*de_verdade)(__VA_ARGS__); \
    if (!de_verdade) *(void **)&de_verdade = dlsym(RTLD_NEXT, #nome)

/* A chamada que bloqueia falha quando teria o que devolver, e nao antes. */
static int esperar_o_que_ler(int s) {
    struct pollfd p;
    VERDADEIRA(int, poll, struct pollfd *, nfds_t, int);
    if (fcntl(s, F_GETFL) & O_NONBLOCK) return 0;
    p.fd = s;
    p.events = POLLIN;
    return de_verdade(&p, 1, -1);
}

int accept(int s, struct sockaddr *e, socklen_t *n) {
    VERDADEIRA(int, accept, int, struct sockaddr *, socklen_t *);
    if (esperar_o_que_ler(s) < 0) return -1;
    return falha(ACCEPT) ? -1 : de_verdade(s, e, n);
}

ssize_t send(int s, const void *p, size_t n, int flags) {
    int um = 0;
    socklen_t t = sizeof um;
    VERDADEIRA(ssize_t, send, int, const void *, size_t, int);
    if (getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &um, &t) == 0 && !um)
        eu->nagle = 1;
    return falha(SEND) ? -1 : de_verdade(s, p, n, flags);
}

ssize_t recv(int s, void *p, size_t n, int flags) {
    VERDADEIRA(ssize_t, recv, int, void *, size_t, int);
    return falha(RECV) ? -1 : de_verdade(s, p, n, flags);
}

ssize_t sendto(int s, const void *p, size_t n, int flags,
               const struct sockaddr *e, socklen_t t) {
    VERDADEIRA(ssize_t, sendto, int, const void *, size_t, int,
               const struct sockaddr *, socklen_t);
    return falha(SENDTO) ? -1 : de_verdade(s, p, n, flags, e, t);
}

ssize_t recvfrom(int s, void *p, size_t n, int flags, struct sockaddr *e,
                 socklen_t *t) {
    VERDADEIRA(ssize_t, recvfrom, int, void *, size_t, int, struct sockaddr *,
               socklen_t *);
    if (esperar_o_que_ler(s) < 0) return -1;
    return falha(RECVFROM) ? -1 : de_verdade(s, p, n, flags, e, t);
}

int poll(struct pollfd *p, nfds_t n, int ms) {
    VERDADEIRA(int, poll, struct pollfd *, nfds_t, int);
    if (ms != 0) eu->feitas[VOLTA]++;
    if (n < 2) { /* de um so: conta, e nao falha */
        eu->feitas[POLL]++;
        return de_verdade(p, n, ms);
    }
    return falha(POLL) ? -1 : de_verdade(p, n, ms);
}

ssize_t read(int fd, void *p, size_t n) {
    VERDADEIRA(ssize_t, read, int, void *, size_t);
    return fd == 0 && falha(READ) ? -1 : de_verdade(fd, p, n);
}

int pthread_create(pthread_t *f, const pthread_attr_t *a, void *(*g)(void *),
                   void *p) {
    VERDADEIRA(int, pthread_create, pthread_t *, const pthread_attr_t *,
               void *(*)(void *), void *);
    return falha(FIO_NOVO) ? errno : de_verdade(f, a, g, p);
}

static struct timespec hora(clockid_t qual) {
    static struct timespec era[16];
    struct timespec t;
    VERDADEIRA(int, clock_gettime, clockid_t, struct timespec *);
    de_verdade(qual, &t);
    if (eu->parado && qual < 16 && era[qual].tv_sec) t = era[qual];
    if (qual < 16) era[qual] = t;
    if (qual == CLOCK_REALTIME || qual == CLOCK_REALTIME_COARSE)
        t.tv_sec += eu->relogio;
    return t;
}

int clock_gettime(clockid_t qual, struct timespec *t) {
    *t = hora(qual);
    return 0;
}

int gettimeofday(struct timeval *t, void *nada) {
    struct timespec agora = hora(CLOCK_REALTIME);
    (void)nada;
    t->tv_sec = agora.tv_sec;
    t->tv_usec = agora.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *onde) {
    time_t t = hora(CLOCK_REALTIME).tv_sec;
    if (onde) *onde = t;
    return t;
}

#else /* ---- A suite ----------------------------------------------------- */

#include "ensaio.h"

#define REPOUSO 1500 /* ms em que se contam as chamadas */
#define POUCAS  30   /* chamadas nesse tempo: quem gira faz milhares */

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

/* O programa ja comecou (e abriu o arquivo): os outros sao normais. */
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

/* Um cliente em que esta chamada falha assim desde o comeco. */
static struct programa *cliente_em_falta(const char *opcoes, int chamada,
                                         int erro, int vezes) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    injetar();
    falhar_em(chamada, erro, vezes);
    c = cliente(s->porta, "%s", opcoes);
    if (chamada != READ && chamada != RECV && chamada != FIO_NOVO)
        esperar_linha(c, ERRO, "*127.0.0.1:*");
    return c;
}

/* A chamada nao se repete sem parar. */
static void exigir_repouso(int chamada, const char *quando) {
    long antes = falta->feitas[chamada];
    poll(NULL, 0, REPOUSO);
    antes = falta->feitas[chamada] - antes;
    exigir(antes <= POUCAS, "esperava ate %d chamadas em %d ms %s, vi %ld",
           POUCAS, REPOUSO, quando, antes);
}

static void conversa(int porta) {
    int c = ligar(porta);
    eco(c, "oi\n");
    close(c);
}

static const char *codigo(int erro) {
    static const struct {
        int erro;
        const char *nome;
    } nomes[] = {{EAGAIN, "EAGAIN"}, {EBADF, "EBADF"},     {EFAULT, "EFAULT"},
                 {EINVAL, "EINVAL"}, {EIO, "EIO"},         {EISDIR, "EISDIR"},
                 {EMFILE, "EMFILE"}, {ENFILE, "ENFILE"},   {ENOMEM, "ENOMEM"},
                 {EPERM, "EPERM"},   {ENOBUFS, "ENOBUFS"}, {0, "?"}};
    int i = 0;
    while (nomes[i].erro && nomes[i].erro != erro) i++;
    return nomes[i].nome;
}

static void esperar_erro(struct programa *p, const char *chamada, int erro) {
    const char *l = esperar_linha(p, ERRO, "%s: %s(*): * (%s). *", p->nome,
                                  chamada, codigo(erro));
    exigir(!strstr(l, "raro"), "esperava a causa em palavras, vi \"%s\"", l);
}

/* ---- O cliente -------------------------------------------------------- */

/* A conexao vive, e send falha: sai ja, com 1. */
static void send_falha(void) {
    struct programa *c = cliente_em_falta("", SEND, qual, -1);
    so_este();
    digitar(c, "oi\n");
    exigir_codigo(c, 1);
    esperar_erro(c, "send", qual);
}

static void recv_falha(void) {
    struct programa *c = cliente_em_falta("", RECV, ENOMEM, -1);
    exigir_codigo(c, 1);
    esperar_erro(c, "recv", ENOMEM);
}

static void fio_falha(void) {
    struct programa *c = cliente_em_falta("", FIO_NOVO, EAGAIN, -1);
    exigir_codigo(c, 1);
    esperar_erro(c, "pthread_create", EAGAIN);
}

/* Cada errno de read tem causa e dica; EINTR e EAGAIN nao sao falhas. */
static void read_falha(void) {
    static const int erros[] = {EIO, EBADF, EISDIR, EINVAL, EFAULT, ENOMEM};
    size_t k;
    for (k = 0; k < sizeof erros / sizeof *erros; k++) {
        struct programa *c = cliente_em_falta("", READ, erros[k], -1);
        exigir_codigo(c, 1);
        esperar_erro(c, "read", erros[k]);
        so_este();
    }
}

static void read_passa(void) {
    struct programa *c = cliente_em_falta(forma, READ, qual, 3);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    digitar(c, "oi\nsair\n");
    exigir_saida(c, 0, "oi\nsair\n");
}

/* Uma entrada que nao bloqueia, e ninguem digita: espera parado. */
static void entrada_solta_parada(void) {
    struct programa *s = servidor("-q %s", forma), *c;
    int par[2];
    abrir_cano(par);
    sem_bloquear(par[0]);
    como.entrada = par[0];
    injetar();
    c = cliente(s->porta, "%s", forma);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    exigir_repouso(READ, "a ler uma entrada vazia");
    exigir_repouso(POLL, "a esperar uma entrada vazia");
    c->entrada = par[1];
    digitar(c, "sair\n");
    exigir_codigo(c, 0);
}

/* recvfrom falha: conta-se, e o cliente nao gira ate o prazo. */
static void recvfrom_falha_no_cliente(void) {
    struct programa *c = cliente_em_falta("-u", RECVFROM, EIO, -1);
    digitar_e_sair(c, "oi\n", 1);
    esperar_erro(c, "recvfrom", EIO);
    exigir(falta->feitas[RECVFROM] <= POUCAS,
           "esperava ate %d chamadas de recvfrom, vi %ld", POUCAS,
           falta->feitas[RECVFROM]);
}

/* ---- O servidor: accept, poll, recvfrom, sendto ----------------------- */

static void accept_falta(void) {
    struct programa *s = servidor_em_falta(forma);
    int c;
    falhar_em(ACCEPT, qual, -1);
    c = ligar(s->porta);
    enviar_texto(c, "tem lugar?\n");
    esperar_erro(s, "accept", qual);
    exigir_repouso(ACCEPT, "sem recursos");
    exigir_repouso(POLL, "sem recursos");
    ler_o_que_ha();
    exigir_vezes(s, ERRO, codigo(qual), 1);
    falhar_em(ACCEPT, 0, 0);
    receber_texto(c, "tem lugar?\n");
    close(c);
    conversa(s->porta);
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
}

/* A chamada falha sem parar: conta-se, poucas vezes, e ninguem gira. */
static void exigir_falta_calma(struct programa *s, const char *nome,
                               int chamada, int erro) {
    esperar_erro(s, nome, erro);
    exigir_repouso(chamada, "com ela a falhar");
    ler_o_que_ha();
    exigir(vezes(tudo(s, ERRO), "\n") < 10,
           "esperava menos de 10 linhas, vi %s", tudo(s, ERRO));
}

static void poll_enomem(void) {
    struct programa *s = servidor_em_falta("");
    int c;
    conversa(s->porta);
    falhar_em(POLL, ENOMEM, -1);
    c = ligar(s->porta);
    enviar_texto(c, "oi\n");
    exigir_falta_calma(s, "poll", POLL, ENOMEM);
    falhar_em(POLL, 0, 0);
    receber_texto(c, "oi\n");
    close(c);
}

static void poll_einval(void) {
    struct programa *s = servidor_em_falta("");
    falhar_em(POLL, EINVAL, -1);
    close(ligar(s->porta));
    exigir_falta_calma(s, "poll", POLL, EINVAL);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
}

static void recvfrom_falta(void) {
    struct programa *s = servidor_em_falta("-u");
    int u = novo_udp();
    falhar_em(RECVFROM, qual, -1);
    enviar_udp(u, s->porta, "de novo\n", 8);
    exigir_falta_calma(s, "recvfrom", RECVFROM, qual);
    falhar_em(RECVFROM, 0, 0);
    receber_udp_texto(u, "de novo\n");
    falhar_em(RECVFROM, qual, -1);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
}

static void nao_recebeu(void) {
    struct programa *s = servidor_em_falta("-u");
    int u = novo_udp();
    falhar_em(SENDTO, EPERM, 1);
    enviar_udp(u, s->porta, "oi\n", 3);
    esperar_linha(s, ERRO, "servidor: sendto(127.0.0.1:*): *(EPERM). *");
    eco_udp(u, s->porta, "e agora?\n", 9);
}

/* Cada send parte logo, nos dois programas ou so no servidor? No servidor, que
 * e quem responde. */
static void sem_nagle(void) {
    struct programa *s = servidor_em_falta(forma);
    conversa(s->porta);
    exigir(falta->feitas[SEND] > 0, "esperava ao menos um send");
    exigir(!falta->nagle, "esperava TCP_NODELAY em quem envia");
}

/* Faltou descritor, e quem esperava entra assim que alguem sai, sem esperar a
 * pausa passar (aqui nenhum relogio anda). */
static void vaga_na_hora(void) {
    struct programa *s = servidor_em_falta("-n 10");
    int um = ligar(s->porta), dois;
    eco(um, "um\n");
    falta->parado = 1;
    falhar_em(ACCEPT, EMFILE, 1);
    dois = ligar(s->porta);
    enviar_texto(dois, "dois\n");
    esperar_erro(s, "accept", EMFILE);
    close(um);
    receber_texto(dois, "dois\n");
    falta->parado = 0;
    close(dois);
}

/* ---- O relogio que anda para tras ------------------------------------- */

/* Quem disse sair e nao fecha: a despedida acaba assim mesmo. */
static void relogio_na_despedida(void) {
    struct programa *s = servidor_em_falta(forma);
    int c = ligar(s->porta);
    eco(c, "sair\n");
    receber_fim(c);
    falta->relogio = -86400;
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    conversa(s->porta);
    close(c);
}

/* A pausa depois de uma falta de descritores acaba. */
static void relogio_na_pausa(void) {
    struct programa *s = servidor_em_falta("-n 10");
    int c;
    falhar_em(ACCEPT, EMFILE, 1);
    c = ligar(s->porta);
    enviar_texto(c, "oi\n");
    esperar_erro(s, "accept", EMFILE);
    falta->relogio = -86400;
    receber_texto(c, "oi\n");
    close(c);
}

/* Ninguem responde, e o relogio salta: a espera e a mesma. */
static void relogio_no_cliente(void) {
    int k, estranho = novo_udp();
    struct programa *c;
    struct timespec antes, depois;
    long ms;
    injetar();
    c = cliente_nosso("-u");
    esperar_linha(c, ERRO, "pronto para *");
    digitar_e_ouvir(c, "oi\n");
    for (k = 2; k <= 3; k++) {
        clock_gettime(CLOCK_MONOTONIC, &antes);
        falta->relogio = (long)qual * k;
        enviar_udp(estranho, c->dele, "x", 1); /* acorda o cliente */
        pergunta(c, "oi\n");
        clock_gettime(CLOCK_MONOTONIC, &depois);
        ms = (depois.tv_sec - antes.tv_sec) * 1000 +
             (depois.tv_nsec - antes.tv_nsec) / 1000000;
        exigir(ms > 300, "esperava mais de 300 ms, repetiu em %ld", ms);
        esperar_linha(c, ERRO, "*em 1000 ms: tentativa %d de 3", k);
    }
    falta->relogio = (long)qual * 5;
    acabar(c, 1);
}

/* O aviso de que se espera o servidor vem assim mesmo. */
static void relogio_no_aviso(void) {
    struct programa *c;
    injetar();
    c = cliente_nosso("");
    digitar_e_ouvir(c, "sair\n");
    receber_fim(c->s);
    falta->relogio = -86400;
    esperar_linha(c, ERRO, "*esperando que o servidor encerre*");
    close(c->s);
    exigir_codigo(c, 0);
}

/* ---- Muitos de uma vez ------------------------------------------------ */

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
    {"send_enobufs", send_falha, "", ENOBUFS},
    {"send_enomem", send_falha, "", ENOMEM},
    {"send_eperm", send_falha, "", EPERM},
    {"recv_falha", recv_falha},
    {"fio_falha", fio_falha},
    {"read_falha", read_falha},
    {"read_eintr_tcp", read_passa, "-t", EINTR},
    {"read_eintr_udp", read_passa, "-u", EINTR},
    {"read_eagain_tcp", read_passa, "-t", EAGAIN},
    {"read_eagain_udp", read_passa, "-u", EAGAIN},
    {"entrada_solta_parada_tcp", entrada_solta_parada, "-t"},
    {"entrada_solta_parada_udp", entrada_solta_parada, "-u"},
    {"recvfrom_falha_no_cliente", recvfrom_falha_no_cliente},
    {"accept_emfile_um", accept_falta, "-n 1", EMFILE},
    {"accept_emfile_varios", accept_falta, "", EMFILE},
    {"accept_enfile_um", accept_falta, "-n 1", ENFILE},
    {"accept_enfile_varios", accept_falta, "", ENFILE},
    {"accept_enobufs_um", accept_falta, "-n 1", ENOBUFS},
    {"accept_enobufs_varios", accept_falta, "", ENOBUFS},
    {"accept_enomem_um", accept_falta, "-n 1", ENOMEM},
    {"accept_enomem_varios", accept_falta, "", ENOMEM},
    {"accept_desistiu_um", accept_desistiu},
    {"accept_desistiu_varios", accept_desistiu},
    {"eco_que_faltou_um", eco_que_faltou},
    {"eco_que_faltou_varios", eco_que_faltou},
    {"poll_enomem", poll_enomem},
    {"poll_einval", poll_einval},
    {"recvfrom_enomem", recvfrom_falta, "-u", ENOMEM},
    {"recvfrom_enobufs", recvfrom_falta, "-u", ENOBUFS},
    {"recvfrom_eio", recvfrom_falta, "-u", EIO},
    {"nao_recebeu", nao_recebeu},
    {"sem_nagle_um", sem_nagle},
    {"sem_nagle_varios", sem_nagle},
    {"vaga_na_hora", vaga_na_hora},
    {"relogio_na_despedida_um", relogio_na_despedida},
    {"relogio_na_despedida_varios", relogio_na_despedida},
    {"relogio_na_pausa", relogio_na_pausa},
    {"relogio_atrasa_no_cliente", relogio_no_cliente, "", -3600},
    {"relogio_adianta_no_cliente", relogio_no_cliente, "", 3600},
    {"relogio_no_aviso", relogio_no_aviso},
    {"tempestade", tempestade},
    {NULL, NULL}};

int main(void) {
    static const struct caso *tabelas[] = {casos_faltas, NULL};
    return executar(tabelas);
}
#endif
