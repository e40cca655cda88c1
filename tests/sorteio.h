/* sorteio.h - o que imersao.c e azar.c tem em comum: a hora, o sorteio, e o
 * livro de onde saem todos os bytes que se enviam. */
#ifndef SORTEIO_H
#define SORTEIO_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TAM_LIVRO 1000003

static unsigned char livro[TAM_LIVRO];
static unsigned long acaso; /* o estado do sorteio */

static double agora(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* De a ate b. O sorteio e sempre o mesmo para a mesma SEMENTE (a ordem em que
 * a rede anda, nao). */
static long sortear(long a, long b) {
    acaso = (acaso * 1103515245UL + 12345UL) & 0xffffffffUL;
    return a + (long)((acaso >> 8) * (double)(b - a + 1) / 16777216.0);
}

/* O byte i de quem comeca aqui no livro; se diz_sair, os ultimos dos total
 * sao a linha sair (o ponto acaba outra linha). */
static unsigned char byte_do_livro(long inicio, long i, int diz_sair,
                                   long total) {
    static const char sair[] = ".\nsair\n";
    if (diz_sair && i >= total - 7 && i < total)
        return (unsigned char)sair[i - (total - 7)];
    return livro[(inicio + i) % TAM_LIVRO];
}

/* close que envia RST. */
static void fechar_com_rst(int s) {
    struct linger l;
    l.l_onoff = 1;
    l.l_linger = 0;
    setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    close(s);
}

/* Bytes quaisquer, com muita linha que quase diz sair e nenhuma que diz. */
static void escrever_livro(void) {
    static const char *const quase[] = {"\nsai\n", "\nsairr\n", "\nsair \n",
                                        "\r\nxsair\r\r\n", "\n\r\nsa\nir\n"};
    unsigned char *p;
    long i;
    for (i = 0; i < TAM_LIVRO; i++) livro[i] = (unsigned char)sortear(0, 255);
    for (i = 0; i < 20000; i++) {
        const char *q = quase[sortear(0, 4)];
        memcpy(livro + sortear(0, TAM_LIVRO - 20), q, strlen(q));
    }
    livro[TAM_LIVRO - 1] = '.';
    while ((p = (unsigned char *)memmem(livro, TAM_LIVRO, "sair\n", 5)) ||
           (p = (unsigned char *)memmem(livro, TAM_LIVRO, "sair\r\n", 6)))
        *p = 'S'; /* dois pedacos sobrepostos */
}

/* SEGUNDOS e SEMENTE do ambiente; escreve o livro. Devolve os segundos. */
static double preparar_sorteio(const char *nome) {
    const char *s = getenv("SEGUNDOS"), *n = getenv("SEMENTE");
    double segundos = s ? atof(s) : 100;
    acaso = n ? strtoul(n, NULL, 10) : 2022;
    signal(SIGPIPE, SIG_IGN);
    printf("%s: %.0f segundos, SEMENTE=%lu\n", nome, segundos, acaso);
    fflush(stdout);
    escrever_livro();
    return segundos;
}

#endif
