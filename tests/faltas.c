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
#include <sys/wait.h>

#define REPOUSO 1500 /* ms em que se contam as chamadas */
#define POUCAS  30   /* chamadas nesse tempo: quem gira faz milhares */

/* O proximo programa falha como se escreve em *resultado; o seguinte, se
 * so_este() veio antes, nao. */
static struct injecao *injetar(void) {
    char nome[] = "injecao.XXXXXX";
    char caminho[512], pasta[400];
    int fd = mkstemp(nome);
    void *p;
    exigir(fd >= 0, "mkstemp: %s", strerror(errno));
    exigir(ftruncate(fd, sizeof(struct injecao)) == 0, "ftruncate");
    p = mmap(NULL, sizeof(struct injecao), PROT_READ | PROT_WRITE, MAP_SHARED,
             fd, 0);
    exigir(p != MAP_FAILED, "mmap: %s", strerror(errno));
    close(fd);
    exigir(getcwd(pasta, sizeof pasta) != NULL, "getcwd");
    snprintf(caminho, sizeof caminho, "%s/%s", pasta, nome);
    setenv("INJECAO", caminho, 1);
    setenv("LD_PRELOAD", getenv("FALTAS_SO"), 1);
    return (struct injecao *)p;
}

/* O programa ja comecou (e abriu o arquivo): os outros sao normais. */
static void so_este(void) {
    unlink(getenv("INJECAO"));
    unsetenv("INJECAO");
    unsetenv("LD_PRELOAD");
}

static void falhar_em(struct injecao *i, int qual, int erro, int vezes) {
    i->resta[qual] = vezes;
    i->erro[qual] = erro;
}

/* A chamada nao se repete sem parar. */
static void exigir_repouso(struct injecao *i, int qual, const char *quando) {
    long antes = i->feitas[qual];
    poll(NULL, 0, REPOUSO);
    antes = i->feitas[qual] - antes;
    exigir(antes <= POUCAS, "%ld chamadas em %d ms %s", antes, REPOUSO, quando);
}

/* Le o que o programa ja escreveu, sem esperar. */
static void ler_o_que_ha(struct programa *p) {
    struct pollfd v;
    v.fd = p->erro.fd;
    v.events = POLLIN;
    if (poll(&v, 1, 0) > 0) esperar_algo();
}

static void conversa(int porta) {
    int c = ligar(porta);
    enviar_texto(c, "oi\n");
    receber_texto(c, "oi\n");
    close(c);
}

static void esperar_erro(struct programa *p, const char *chamada,
                         const char *codigo) {
    char molde[96];
    const char *l;
    snprintf(molde, sizeof molde, "%s: %s(*): * (%s). *", p->nome, chamada,
             codigo);
    l = esperar_linha(p, ERRO, molde);
    exigir(!strstr(l, "raro"), "nao se explica: \"%s\"", l);
}

/* ---- O cliente -------------------------------------------------------- */

/* A conexao vive, e send falha: sai ja, com 1. */
static void send_falha(int erro, const char *nome) {
    struct programa *s = servidor("-q"), *c;
    struct injecao *i = injetar();
    falhar_em(i, SEND, erro, -1);
    c = cliente(s->porta, "");
    esperar_linha(c, ERRO, "conectado a *");
    so_este();
    digitar(c, "oi\n");
    exigir_codigo(c, 1);
    esperar_erro(c, "send", nome);
}
static void send_enobufs(void) { send_falha(ENOBUFS, "ENOBUFS"); }
static void send_enomem(void) { send_falha(ENOMEM, "ENOMEM"); }
static void send_eperm(void) { send_falha(EPERM, "EPERM"); }

static void recv_falha(void) {
    struct programa *s = servidor("-q"), *c;
    struct injecao *i = injetar();
    falhar_em(i, RECV, ENOMEM, -1);
    c = cliente(s->porta, "");
    exigir_codigo(c, 1);
    so_este();
    esperar_erro(c, "recv", "ENOMEM");
}

static void fio_falha(void) {
    struct programa *s = servidor("-q"), *c;
    struct injecao *i = injetar();
    falhar_em(i, FIO_NOVO, EAGAIN, -1);
    c = cliente(s->porta, "");
    exigir_codigo(c, 1);
    so_este();
    esperar_erro(c, "pthread_create", "EAGAIN");
}

/* Cada errno de read tem causa e dica; EINTR e EAGAIN nao sao falhas. */
static void read_falha(void) {
    static const struct {
        int erro;
        const char *nome;
    } erros[] = {{EIO, "EIO"},       {EBADF, "EBADF"},   {EISDIR, "EISDIR"},
                 {EINVAL, "EINVAL"}, {EFAULT, "EFAULT"}, {ENOMEM, "ENOMEM"}};
    struct programa *s = servidor("-q"), *c;
    size_t k;
    for (k = 0; k < sizeof erros / sizeof *erros; k++) {
        falhar_em(injetar(), READ, erros[k].erro, -1);
        c = cliente(s->porta, "");
        exigir_codigo(c, 1);
        so_este();
        esperar_erro(c, "read", erros[k].nome);
    }
}

static void read_passa(const char *opcoes, int erro) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    falhar_em(injetar(), READ, erro, 3);
    c = cliente(s->porta, "%s", opcoes);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    so_este();
    digitar(c, "oi\nsair\n");
    exigir_codigo(c, 0);
    exigir_texto("stdout", tudo(c, SAIDA), "oi\nsair\n");
}
static void read_eintr_tcp(void) { read_passa("-t", EINTR); }
static void read_eintr_udp(void) { read_passa("-u", EINTR); }
static void read_eagain_tcp(void) { read_passa("-t", EAGAIN); }
static void read_eagain_udp(void) { read_passa("-u", EAGAIN); }

/* Uma entrada que nao bloqueia, e ninguem digita: espera parado. */
static void entrada_solta_parada(const char *opcoes) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    struct injecao *i;
    int par[2];
    exigir(pipe(par) == 0, "pipe: %s", strerror(errno));
    fcntl(par[0], F_SETFL, O_NONBLOCK);
    fcntl(par[1], F_SETFD, FD_CLOEXEC);
    como.entrada = par[0];
    i = injetar();
    c = cliente(s->porta, "%s", opcoes);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    so_este();
    exigir_repouso(i, READ, "a ler uma entrada vazia");
    exigir_repouso(i, POLL, "a esperar uma entrada vazia");
    c->entrada = par[1];
    digitar(c, "sair\n");
    exigir_codigo(c, 0);
}
static void entrada_solta_parada_tcp(void) { entrada_solta_parada("-t"); }
static void entrada_solta_parada_udp(void) { entrada_solta_parada("-u"); }

/* recvfrom falha: conta-se, e o cliente nao gira ate o prazo. */
static void recvfrom_falha_no_cliente(void) {
    struct programa *s = servidor("-u -q"), *c;
    struct injecao *i = injetar();
    falhar_em(i, RECVFROM, EIO, -1);
    c = cliente(s->porta, "-u");
    esperar_linha(c, ERRO, "pronto para *");
    so_este();
    digitar(c, "oi\n");
    fim_da_entrada(c);
    exigir_codigo(c, 1);
    esperar_erro(c, "recvfrom", "EIO");
    exigir(i->feitas[RECVFROM] <= POUCAS, "%ld chamadas de recvfrom",
           i->feitas[RECVFROM]);
}

/* ---- O servidor: accept, poll, recvfrom, sendto ----------------------- */

static void accept_falta(int erro, const char *nome) {
    struct injecao *i = injetar();
    struct programa *s = servidor(forma);
    int c;
    so_este();
    falhar_em(i, ACCEPT, erro, -1);
    c = ligar(s->porta);
    enviar_texto(c, "tem lugar?\n");
    esperar_erro(s, "accept", nome);
    exigir_repouso(i, ACCEPT, "sem recursos");
    exigir_repouso(i, POLL, "sem recursos");
    ler_o_que_ha(s);
    exigir(vezes(tudo(s, ERRO), nome) == 1, "avisou mais de uma vez: %s",
           tudo(s, ERRO));
    falhar_em(i, ACCEPT, 0, 0);
    receber_texto(c, "tem lugar?\n");
    close(c);
    conversa(s->porta);
}
static void accept_emfile(void) { accept_falta(EMFILE, "EMFILE"); }
static void accept_enfile(void) { accept_falta(ENFILE, "ENFILE"); }
static void accept_enobufs(void) { accept_falta(ENOBUFS, "ENOBUFS"); }
static void accept_enomem(void) { accept_falta(ENOMEM, "ENOMEM"); }

/* Quem desistiu na fila nao e falta de nada: o proximo e aceito. */
static void accept_desistiu(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor(forma);
    so_este();
    falhar_em(i, ACCEPT, ECONNABORTED, 2);
    conversa(s->porta);
    conversa(s->porta);
    falhar_em(i, ACCEPT, EINTR, 2);
    conversa(s->porta);
    exigir_texto("stderr", tudo(s, ERRO), "");
}

/* O servidor nao consegue enviar o eco: o cliente ve a conexao desfeita (RST),
 * e nao um fim em ordem com uma parte a menos. */
static void eco_que_faltou(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor(forma);
    int c = ligar(s->porta);
    so_este();
    falhar_em(i, SEND, ENOBUFS, 1);
    enviar_texto(c, "oi\n");
    receber_reset(c);
}

static void poll_enomem(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor("");
    int c;
    so_este();
    conversa(s->porta);
    falhar_em(i, POLL, ENOMEM, -1);
    c = ligar(s->porta);
    enviar_texto(c, "oi\n");
    esperar_erro(s, "poll", "ENOMEM");
    exigir_repouso(i, POLL, "com poll a falhar");
    ler_o_que_ha(s);
    exigir(vezes(tudo(s, ERRO), "\n") < 10, "avisa sem parar: %s",
           tudo(s, ERRO));
    falhar_em(i, POLL, 0, 0);
    receber_texto(c, "oi\n");
    close(c);
}

static void poll_einval(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor("");
    so_este();
    falhar_em(i, POLL, EINVAL, -1);
    close(ligar(s->porta));
    esperar_erro(s, "poll", "EINVAL");
    exigir_repouso(i, POLL, "com poll a falhar");
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
}

static void recvfrom_falta(int erro, const char *nome) {
    struct injecao *i = injetar();
    struct programa *s = servidor("-u");
    int porta = 0, u = abrir_udp("127.0.0.1", &porta);
    so_este();
    falhar_em(i, RECVFROM, erro, -1);
    enviar_udp(u, "127.0.0.1", s->porta, "de novo\n", 8);
    esperar_erro(s, "recvfrom", nome);
    exigir_repouso(i, RECVFROM, "com recvfrom a falhar");
    ler_o_que_ha(s);
    exigir(vezes(tudo(s, ERRO), "\n") < 10, "avisa sem parar: %s",
           tudo(s, ERRO));
    falhar_em(i, RECVFROM, 0, 0);
    receber_udp_texto(u, "de novo\n");
    falhar_em(i, RECVFROM, erro, -1);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
}
static void recvfrom_enomem(void) { recvfrom_falta(ENOMEM, "ENOMEM"); }
static void recvfrom_enobufs(void) { recvfrom_falta(ENOBUFS, "ENOBUFS"); }
static void recvfrom_eio(void) { recvfrom_falta(EIO, "EIO"); }

static void nao_recebeu(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor("-u");
    int porta = 0, u = abrir_udp("127.0.0.1", &porta);
    so_este();
    falhar_em(i, SENDTO, EPERM, 1);
    enviar_udp(u, "127.0.0.1", s->porta, "oi\n", 3);
    esperar_linha(s, SAIDA, "cliente 1 nao recebeu: *");
    enviar_udp(u, "127.0.0.1", s->porta, "e agora?\n", 9);
    receber_udp_texto(u, "e agora?\n");
}

/* Cada send parte logo, nos dois programas ou so no servidor? No servidor, que
 * e quem responde. */
static void sem_nagle(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor(forma);
    so_este();
    conversa(s->porta);
    exigir(i->feitas[SEND] > 0, "nao passou por send");
    exigir(!i->nagle, "enviou sem TCP_NODELAY");
}

/* Faltou descritor, e quem esperava entra assim que alguem sai, sem esperar a
 * pausa passar (aqui nenhum relogio anda). */
static void vaga_na_hora(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor("-n 10");
    int um, dois;
    so_este();
    um = ligar(s->porta);
    enviar_texto(um, "um\n");
    receber_texto(um, "um\n");
    i->parado = 1;
    falhar_em(i, ACCEPT, EMFILE, 1);
    dois = ligar(s->porta);
    enviar_texto(dois, "dois\n");
    esperar_erro(s, "accept", "EMFILE");
    close(um);
    receber_texto(dois, "dois\n");
    i->parado = 0;
    close(dois);
}

/* ---- O relogio que anda para tras ------------------------------------- */

/* Quem disse sair e nao fecha: a despedida acaba assim mesmo. */
static void relogio_na_despedida(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor(forma);
    int c;
    so_este();
    c = ligar(s->porta);
    enviar_texto(c, "sair\n");
    receber_texto(c, "sair\n");
    receber_fim(c);
    i->relogio = -86400;
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    conversa(s->porta);
    close(c);
}

/* A pausa depois de uma falta de descritores acaba. */
static void relogio_na_pausa(void) {
    struct injecao *i = injetar();
    struct programa *s = servidor("-n 10");
    int c;
    so_este();
    falhar_em(i, ACCEPT, EMFILE, 1);
    c = ligar(s->porta);
    enviar_texto(c, "oi\n");
    esperar_erro(s, "accept", "EMFILE");
    i->relogio = -86400;
    receber_texto(c, "oi\n");
    close(c);
}

/* Ninguem responde, e o relogio salta: a espera e a mesma. */
static void relogio_no_cliente(long salto) {
    int porta = 0, outra = 0, de, u = abrir_udp("127.0.0.1", &porta), k;
    int estranho = abrir_udp("127.0.0.1", &outra);
    struct injecao *i = injetar();
    struct programa *c = cliente(porta, "-u");
    struct timespec antes, depois;
    char dados[16];
    long ms;
    esperar_linha(c, ERRO, "pronto para *");
    so_este();
    digitar(c, "oi\n");
    receber_udp(u, dados, sizeof dados, NULL, &de);
    for (k = 2; k <= 3; k++) {
        char molde[64];
        clock_gettime(CLOCK_MONOTONIC, &antes);
        i->relogio = salto * k;
        enviar_udp(estranho, "127.0.0.1", de, "x", 1); /* acorda o cliente */
        receber_udp(u, dados, sizeof dados, NULL, &de);
        clock_gettime(CLOCK_MONOTONIC, &depois);
        ms = (depois.tv_sec - antes.tv_sec) * 1000 +
             (depois.tv_nsec - antes.tv_nsec) / 1000000;
        exigir(ms > 300, "nao esperou: repetiu em %ld ms", ms);
        sprintf(molde, "*em 1000 ms: tentativa %d de 3", k);
        esperar_linha(c, ERRO, molde);
    }
    i->relogio = salto * 5;
    fim_da_entrada(c);
    exigir_codigo(c, 1);
}
static void relogio_atrasa_no_cliente(void) { relogio_no_cliente(-3600); }
static void relogio_adianta_no_cliente(void) { relogio_no_cliente(3600); }

/* O aviso de que se espera o servidor vem assim mesmo. */
static void relogio_no_aviso(void) {
    int porta, escuta = escutar(&porta), s;
    struct injecao *i = injetar();
    struct programa *c = cliente(porta, "");
    s = aceitar(escuta);
    so_este();
    digitar(c, "sair\n");
    receber_texto(s, "sair\n");
    receber_fim(s);
    i->relogio = -86400;
    esperar_linha(c, ERRO, "*esperando que o servidor encerre*");
    close(s);
    exigir_codigo(c, 0);
}

/* ---- Muitos de uma vez ------------------------------------------------ */

/* 4000 esperam na fila: o servidor os aceita em poucas voltas, e nao em uma
 * volta para cada um. */
static void tempestade(void) {
    struct rlimit r;
    struct injecao *i;
    struct programa *s;
    static int c[4000];
    siginfo_t info;
    long antes;
    int k;
    FILE *f = fopen("/proc/sys/net/core/somaxconn", "r");
    exigir(f && fscanf(f, "%d", &k) == 1, "somaxconn");
    if (k < 4096) nao_se_aplica("somaxconn e %d", k);
    getrlimit(RLIMIT_NOFILE, &r);
    if (r.rlim_max < 4200) nao_se_aplica("o limite de descritores e menor");
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
    i = injetar();
    s = servidor("-q -n 10000");
    so_este();
    conversa(s->porta);
    mandar_sinal(s, SIGSTOP);
    while (waitid(P_PID, (id_t)s->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0)
        exigir(errno == EINTR, "waitid: %s", strerror(errno));
    for (k = 0; k < 4000; k++) {
        c[k] = ligar(s->porta);
        enviar(c[k], "eu\n", 3);
    }
    antes = i->feitas[VOLTA];
    mandar_sinal(s, SIGCONT);
    for (k = 0; k < 4000; k++) receber_texto(c[k], "eu\n");
    antes = i->feitas[VOLTA] - antes;
    exigir(i->feitas[ACCEPT] >= 4001, "so %ld accept", i->feitas[ACCEPT]);
    exigir(antes < 200, "%ld voltas para 4000 clientes", antes);
    for (k = 0; k < 4000; k++) close(c[k]);
}

static const struct caso casos_faltas[] = {
    {"send_enobufs", send_enobufs},
    {"send_enomem", send_enomem},
    {"send_eperm", send_eperm},
    {"recv_falha", recv_falha},
    {"fio_falha", fio_falha},
    {"read_falha", read_falha},
    {"read_eintr_tcp", read_eintr_tcp},
    {"read_eintr_udp", read_eintr_udp},
    {"read_eagain_tcp", read_eagain_tcp},
    {"read_eagain_udp", read_eagain_udp},
    {"entrada_solta_parada_tcp", entrada_solta_parada_tcp},
    {"entrada_solta_parada_udp", entrada_solta_parada_udp},
    {"recvfrom_falha_no_cliente", recvfrom_falha_no_cliente},
    {"accept_emfile_um", accept_emfile},
    {"accept_emfile_varios", accept_emfile},
    {"accept_enfile_um", accept_enfile},
    {"accept_enfile_varios", accept_enfile},
    {"accept_enobufs_um", accept_enobufs},
    {"accept_enobufs_varios", accept_enobufs},
    {"accept_enomem_um", accept_enomem},
    {"accept_enomem_varios", accept_enomem},
    {"accept_desistiu_um", accept_desistiu},
    {"accept_desistiu_varios", accept_desistiu},
    {"eco_que_faltou_um", eco_que_faltou},
    {"eco_que_faltou_varios", eco_que_faltou},
    {"poll_enomem", poll_enomem},
    {"poll_einval", poll_einval},
    {"recvfrom_enomem", recvfrom_enomem},
    {"recvfrom_enobufs", recvfrom_enobufs},
    {"recvfrom_eio", recvfrom_eio},
    {"nao_recebeu", nao_recebeu},
    {"sem_nagle_um", sem_nagle},
    {"sem_nagle_varios", sem_nagle},
    {"vaga_na_hora", vaga_na_hora},
    {"relogio_na_despedida_um", relogio_na_despedida},
    {"relogio_na_despedida_varios", relogio_na_despedida},
    {"relogio_na_pausa", relogio_na_pausa},
    {"relogio_atrasa_no_cliente", relogio_atrasa_no_cliente},
    {"relogio_adianta_no_cliente", relogio_adianta_no_cliente},
    {"relogio_no_aviso", relogio_no_aviso},
    {"tempestade", tempestade},
    {NULL, NULL}};

int main(void) {
    static const struct caso *tabelas[] = {casos_faltas, NULL};
    return executar(tabelas);
}
#endif
