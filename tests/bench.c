/*
 * bench.c - a carga de bench.py: liga clientes a um servidor de eco e mede
 * quantas mensagens por segundo alguns deles trocam com ele, cada um com uma no
 * ar, enquanto os outros se calam. So Linux.
 *
 *   tests/bin/bench tcp|udp FALAM CALADOS PORTA PID SEGUNDOS
 *
 * Mostra as mensagens por segundo, e quantos microssegundos de processador o
 * servidor (PID) gastou em cada uma. Sai com 1 se uma troca falhou.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TAM_BUFFER   65536
#define TAM_MENSAGEM 32 /* bytes de cada mensagem */
#define MAX_LIGADOS  5100

static const char mensagem[] = "uma linha de trinta e dois byte\n";
static char buffer[TAM_BUFFER];
static int ligados[MAX_LIGADOS];

static double relogio(clockid_t qual) {
    struct timespec t;
    clock_gettime(qual, &t);
    return (double)t.tv_sec + t.tv_nsec / 1e9;
}

/* Liga um cliente e faz a primeira troca: so assim se sabe que o servidor o
 * atende. Um que ainda nao abriu a porta recusa: insiste. Descritor ou -1. */
static int ligar(int tipo, const struct sockaddr_in *e) {
    struct pollfd p;
    int sim = 1, vezes;
    p.events = POLLIN;
    for (vezes = 0; vezes < 1000; vezes++) {
        p.fd = socket(AF_INET, tipo, 0);
        if (tipo == SOCK_STREAM)
            setsockopt(p.fd, IPPROTO_TCP, TCP_NODELAY, &sim, sizeof sim);
        if (connect(p.fd, (const struct sockaddr *)e, sizeof *e) == 0 &&
            send(p.fd, mensagem, TAM_MENSAGEM, MSG_NOSIGNAL) > 0 &&
            poll(&p, 1, tipo == SOCK_STREAM ? 5000 : 200) > 0 &&
            recv(p.fd, buffer, TAM_BUFFER, 0) == TAM_MENSAGEM)
            return p.fd;
        close(p.fd);
        usleep(5000);
    }
    return -1;
}

/* Os primeiros n ligados trocam mensagens, por tantos segundos. */
static int trocar(int n, pid_t servidor, double segundos) {
    struct epoll_event ev[512];
    clockid_t cpu = CLOCK_MONOTONIC;
    double inicio, agora, antes, bytes = 0;
    int ep = epoll_create1(0), i, r, prontos = 1;
    memset(ev, 0, sizeof ev);
    ev[0].events = EPOLLIN;
    for (i = n - 1; i >= 0; i--) { /* sendo um so, ev[0] ja e ele */
        ev[0].data.fd = ligados[i];
        epoll_ctl(ep, EPOLL_CTL_ADD, ligados[i], &ev[0]);
    }
    clock_getcpuclockid(servidor, &cpu);
    antes = relogio(cpu);
    agora = inicio = relogio(CLOCK_MONOTONIC);
    for (i = 0; i < n; i++)
        send(ligados[i], mensagem, TAM_MENSAGEM, MSG_NOSIGNAL);
    while (agora - inicio < segundos) {
        if (n > 1) prontos = epoll_wait(ep, ev, 512, 100);
        for (i = 0; i < prontos; i++) {
            r = (int)recv(ev[i].data.fd, buffer, TAM_BUFFER, 0);
            if (r <= 0 || send(ev[i].data.fd, buffer, r, MSG_NOSIGNAL) != r)
                return 1;
            bytes += r;
        }
        agora = relogio(CLOCK_MONOTONIC);
    }
    printf("%.1f %.4f\n", bytes / TAM_MENSAGEM / (agora - inicio),
           (relogio(cpu) - antes) * 1e6 * TAM_MENSAGEM / bytes);
    return 0;
}

int main(int argc, char **argv) {
    struct sockaddr_in e;
    int i, falam, n;
    if (argc != 7) return 2;
    falam = atoi(argv[2]);
    n = falam + atoi(argv[3]);
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)atoi(argv[4]));
    e.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (i = 0; i < n && i < MAX_LIGADOS; i++) {
        ligados[i] = ligar(*argv[1] == 't' ? SOCK_STREAM : SOCK_DGRAM, &e);
        if (ligados[i] < 0) return 1;
    }
    return trocar(falam, atoi(argv[5]), atof(argv[6]));
}
