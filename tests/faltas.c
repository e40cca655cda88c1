/*
 * faltas.c - a biblioteca que o LD_PRELOAD poe entre um programa e o sistema:
 * as chamadas falham quando faltas.py manda, e se contam. Os dois conversam por
 * um arquivo mapeado (struct injecao, que faltas.py repete). So Linux com a
 * glibc.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* As duas ultimas so se contam: o poll que espera, e nao so pergunta; a hora do
 * dia, que alguem pode acertar. */
enum { ACCEPT, SEND, RECV, RECVFROM, POLL, READ, FIO_NOVO, VOLTA, HORA, TODAS };

struct injecao {
    volatile int erro[TODAS];  /* o errno a dar; 0: nenhum */
    volatile int resta[TODAS]; /* quantas vezes; -1: sempre */
    volatile long feitas[TODAS];
    volatile int parado; /* 1: o relogio nao anda */
    volatile int salto;  /* segundos que ele adianta */
    volatile int segura; /* 1: read ainda nao le a entrada */
    volatile int nagle;  /* de um socket que enviou: 1, TCP_NODELAY falta */
};

static struct injecao *eu;

__attribute__((constructor)) static void abrir(void) {
    int fd = open(getenv("INJECAO"), O_RDWR);
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
