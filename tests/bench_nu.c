/*
 * bench_nu.c - os lacos mais nus que fazem as mesmas chamadas que servidor e
 * cliente: sem conferir, contar nem registrar. bench.c mede os dois lado a
 * lado.
 *
 *   bench_nu um|poll|udp|cliente PORTA
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TAM_BUFFER   65536 /* bytes por recv, como em common.h */
#define MAX_CLIENTES 2000

static char buffer[TAM_BUFFER];

/* Um socket na porta, com as opcoes que o servidor liga. */
static int abrir(int tipo, const struct sockaddr_in *e) {
    int s = socket(AF_INET, tipo, 0), sim = 1;
    if (tipo == SOCK_STREAM) {
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &sim, sizeof sim);
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &sim, sizeof sim);
        setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &sim, sizeof sim);
    }
    if (bind(s, (const struct sockaddr *)e, sizeof *e) < 0) exit(1);
    if (tipo == SOCK_STREAM) listen(s, 1024);
    return s;
}

/* O laco do slide: um cliente por vez. */
static void um(const struct sockaddr_in *e) {
    int escuta = abrir(SOCK_STREAM, e), s, n;
    for (;;) {
        s = accept(escuta, NULL, NULL);
        while ((n = (int)recv(s, buffer, TAM_BUFFER, 0)) > 0)
            send(s, buffer, n, MSG_NOSIGNAL);
        close(s);
    }
}

/* Muitos ao mesmo tempo. Um send pode ficar com menos do que se pediu, ou
 * bloquear por um cliente que nao le: aqui ninguem cuida disso. */
static void varios(const struct sockaddr_in *e) {
    static struct pollfd p[MAX_CLIENTES + 1];
    int n = 1, i, r;
    p[0].fd = abrir(SOCK_STREAM, e);
    p[0].events = POLLIN;
    for (;;) {
        poll(p, n, -1);
        for (i = n - 1; i > 0; i--) {
            if (!p[i].revents) continue;
            r = (int)recv(p[i].fd, buffer, TAM_BUFFER, 0);
            if (r > 0) {
                send(p[i].fd, buffer, r, MSG_NOSIGNAL);
            } else {
                close(p[i].fd);
                p[i] = p[--n];
            }
        }
        if (p[0].revents && n <= MAX_CLIENTES) {
            p[n].fd = accept(p[0].fd, NULL, NULL);
            p[n].events = POLLIN;
            p[n++].revents = 0;
        }
    }
}

static void datagramas(const struct sockaddr_in *e) {
    int s = abrir(SOCK_DGRAM, e), n;
    struct sockaddr_in de;
    socklen_t tamanho;
    for (;;) {
        tamanho = sizeof de;
        n = (int)recvfrom(s, buffer, TAM_BUFFER, 0, (struct sockaddr *)&de,
                          &tamanho);
        sendto(s, buffer, n, 0, (struct sockaddr *)&de, sizeof de);
    }
}

/* O fio que envia a entrada. */
static void *enviar(void *s) {
    static char entrada[TAM_BUFFER];
    int n, r, feito;
    while ((n = (int)read(0, entrada, TAM_BUFFER)) > 0)
        for (feito = 0; feito < n; feito += r)
            if ((r = (int)send(*(int *)s, entrada + feito, n - feito, 0)) < 0)
                exit(1);
    shutdown(*(int *)s, SHUT_WR);
    return NULL;
}

static int cliente(const struct sockaddr_in *e) {
    int s = socket(AF_INET, SOCK_STREAM, 0), n;
    pthread_t fio;
    if (connect(s, (const struct sockaddr *)e, sizeof *e) < 0) return 1;
    pthread_create(&fio, NULL, enviar, &s);
    while ((n = (int)recv(s, buffer, TAM_BUFFER, 0)) > 0)
        if (write(1, buffer, n) != n) return 1;
    return 0;
}

int main(int argc, char **argv) {
    struct sockaddr_in e;
    if (argc != 3) return 2;
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)atoi(argv[2]));
    e.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (strcmp(argv[1], "um") == 0) um(&e);
    if (strcmp(argv[1], "poll") == 0) varios(&e);
    if (strcmp(argv[1], "udp") == 0) datagramas(&e);
    return cliente(&e);
}
