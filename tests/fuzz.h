/*
 * fuzz.h - o que as tres provas com libFuzzer tem em comum: as chamadas ao
 * sistema que os programas fazem passam a ser nossas. Quem o inclui traz
 * depois o fonte de um dos programas e define as chamadas que conduz; as
 * outras nunca acontecem.
 *
 * Cada prova (fuzz_*.c) recebe bytes quaisquer, conduz com eles o programa e
 * confere o que ele faz contra uma definicao mais simples. tests/fuzz.sh
 * compila e roda as tres.
 */
#ifndef FUZZ_H
#define FUZZ_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXIGIR(verdade)                                                  \
    do {                                                                 \
        if (!(verdade)) {                                                \
            fprintf(stderr, "%s:%d: nao vale: %s\n", __FILE__, __LINE__, \
                    #verdade);                                           \
            abort();                                                     \
        }                                                                \
    } while (0)

/* ---- A entrada da prova, lida em ordem -------------------------------- */

static const uint8_t *roteiro;
static size_t resta_roteiro;

static int proximo(void) { /* 0 a 255; 0 quando acabou */
    if (resta_roteiro == 0) return 0;
    resta_roteiro--;
    return *roteiro++;
}

/* ---- O que o programa escreve ----------------------------------------- */

static char escrito[2][1 << 20]; /* stdout e stderr */
static size_t n_escrito[2];

static void esquecer_escrito(void) { n_escrito[0] = n_escrito[1] = 0; }

/* Nem um byte de controle (nem C1), e so UTF-8 bem formado; \n se pode. */
static int visivel_sem_controle(const char *texto, size_t n, int pode_lf) {
    size_t i = 0;
    while (i < n) {
        const uint8_t *b = (const uint8_t *)texto + i;
        size_t resta = n - i, k, tam;
        unsigned long c;
        if (b[0] == '\n' && pode_lf) {
            i++;
            continue;
        }
        tam = b[0] < 0x80 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
        if (tam > resta || (b[0] >= 0x80 && b[0] < 0xc2) || b[0] > 0xf4)
            return 0;
        c = tam == 1 ? b[0] : b[0] & (0xffu >> (tam + 1));
        for (k = 1; k < tam; k++) {
            if (b[k] < 0x80 || b[k] > 0xbf) return 0;
            c = c * 64 + (b[k] - 0x80);
        }
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return 0;
        if ((tam == 3 && c < 0x800) || (tam == 4 && c < 0x10000)) return 0;
        if ((c >= 0xd800 && c < 0xe000) || c > 0x10ffff) return 0;
        i += tam;
    }
    return 1;
}

static void escrito_agora(int fd, const void *dados, size_t n) {
    if (n > sizeof escrito[0] - n_escrito[fd - 1])
        n_escrito[fd - 1] = 0; /* ja conferido linha a linha */
    EXIGIR(n <= sizeof escrito[0]);
    memcpy(escrito[fd - 1] + n_escrito[fd - 1], dados, n);
    n_escrito[fd - 1] += n;
}

static ssize_t nosso_write(int fd, const void *dados, size_t n) {
    EXIGIR(fd == 1 || fd == 2);
    escrito_agora(fd, dados, n);
    return (ssize_t)n;
}

/* ---- exit, que aqui so sai do programa -------------------------------- */

static jmp_buf fora;
static int codigo_de_saida; /* -1: o programa nao saiu */

static void nosso_exit(int codigo) {
    codigo_de_saida = codigo;
    longjmp(fora, 1);
}

/* ---- A entrada do programa e a rede: cada prova faz as suas ----------- */

ssize_t nosso_read(int fd, void *p, size_t n);
int nosso_getaddrinfo(const char *nome, const char *servico,
                      const struct addrinfo *filtro, struct addrinfo **achado);
int nosso_poll(struct pollfd *p, nfds_t n, int ms);
int nosso_accept(int s, struct sockaddr *e, socklen_t *n);
ssize_t nosso_recv(int s, void *dados, size_t n, int flags);
ssize_t nosso_send(int s, const void *dados, size_t n, int flags);
ssize_t nosso_recvfrom(int s, void *dados, size_t n, int flags,
                       struct sockaddr *e, socklen_t *t);
ssize_t nosso_sendto(int s, const void *dados, size_t n, int flags,
                     const struct sockaddr *e, socklen_t t);
int nosso_shutdown(int s, int como);
int nosso_close(int s);
int nosso_clock_gettime(clockid_t qual, struct timespec *t);
unsigned nosso_sleep(unsigned segundos);
int nosso_isatty(int fd);
/* as que uma prova nao define */
#pragma weak nosso_read
#pragma weak nosso_getaddrinfo
#pragma weak nosso_poll
#pragma weak nosso_accept
#pragma weak nosso_recv
#pragma weak nosso_send
#pragma weak nosso_recvfrom
#pragma weak nosso_sendto
#pragma weak nosso_shutdown
#pragma weak nosso_close
#pragma weak nosso_clock_gettime
#pragma weak nosso_sleep
#pragma weak nosso_isatty

#define main           main_do_programa
#define write          nosso_write
#define exit           nosso_exit
#define read           nosso_read
#define getaddrinfo    nosso_getaddrinfo
#define freeaddrinfo   (void)
#define poll           nosso_poll
#define accept         nosso_accept
#define recv           nosso_recv
#define send           nosso_send
#define recvfrom       nosso_recvfrom
#define sendto         nosso_sendto
#define shutdown       nosso_shutdown
#define close          nosso_close
#define clock_gettime  nosso_clock_gettime
#define sleep          nosso_sleep
#define isatty         nosso_isatty
#define fcntl(s, o, v) ((void)(s), (void)(v), 0)

/* Separa o resto do roteiro em palavras, como a linha de comando. */
static int palavras_do_roteiro(char **argv, int max, char *memoria,
                               size_t cabe) {
    int argc = 1;
    size_t i = 0;
    while (resta_roteiro > 0 && argc < max - 1 && i + 1 < cabe) {
        argv[argc++] = memoria + i;
        while (i + 1 < cabe && (memoria[i] = (char)proximo()) != '\0') i++;
        memoria[i++] = '\0';
    }
    argv[argc] = NULL;
    return argc;
}

/* Onde acaba a primeira linha sair, olhando linha por linha; 0: nao ha. */
static int sair_simples(const char *dados, int n) {
    int inicio = 0, i, t;
    for (i = 0; i < n; i++) {
        if (dados[i] != '\n') continue;
        t = i - inicio;
        if ((t == 4 && memcmp(dados + inicio, "sair", 4) == 0) ||
            (t == 5 && memcmp(dados + inicio, "sair\r", 5) == 0))
            return i + 1;
        inicio = i + 1;
    }
    return 0;
}

/* Uma vez da prova: o primeiro byte escolhe o que provar, e o roteiro e o
 * resto. 0 se nao ha o bastante, ou ha demais. */
static int comecar(const uint8_t *dados, size_t n, size_t max) {
    if (n < 2 || n > max) return 0;
    roteiro = dados + 1;
    resta_roteiro = n - 1;
    n_escrito[0] = n_escrito[1] = 0;
    codigo_de_saida = -1;
    return 1;
}

/* Uso errado: codigo 2 e, em stderr, uma linha so, visivel, com a ajuda. */
static void conferir_uso_errado(const char *programa) {
    static const char ajuda[] = " -h\n";
    const char *e = escrito[1];
    size_t n = n_escrito[1];
    EXIGIR(n_escrito[0] == 0);
    EXIGIR(n > sizeof ajuda && memchr(e, '\n', n) == e + n - 1);
    EXIGIR(visivel_sem_controle(e, n - 1, 0));
    EXIGIR(strncmp(e, programa, strlen(programa)) == 0);
    EXIGIR(memcmp(e + n - 4, ajuda, 4) == 0);
}

#endif
