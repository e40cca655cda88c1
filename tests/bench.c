/*
 * bench.c - a carga de bench.py: os clientes que ele ligou a um servidor de eco
 * trocam mensagens com ele, cada um com uma no ar. So Linux.
 *
 *   tests/bin/bench PID SEGUNDOS DESCRITOR...
 *
 * Mostra as mensagens por segundo, e quantos microssegundos de processador o
 * servidor (PID) gastou em cada uma. Sai com 1 se uma troca falhou.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define TAM_MENSAGEM 32 /* bytes */

static double relogio(clockid_t qual) {
    struct timespec t;
    clock_gettime(qual, &t);
    return (double)t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    static char buffer[65536];
    struct epoll_event ev[512];
    clockid_t cpu;
    double inicio, agora, antes, bytes = 0;
    int ep = epoll_create1(0), i, r, prontos = 1;
    if (argc < 4 || clock_getcpuclockid(atoi(argv[1]), &cpu) != 0) return 2;
    memset(ev, 0, sizeof ev);
    ev[0].events = EPOLLIN;
    for (i = argc - 1; i >= 3; i--) { /* sendo um so, ev[0] ja e ele */
        ev[0].data.fd = atoi(argv[i]);
        epoll_ctl(ep, EPOLL_CTL_ADD, ev[0].data.fd, &ev[0]);
    }
    antes = relogio(cpu);
    agora = inicio = relogio(CLOCK_MONOTONIC);
    for (i = 3; i < argc; i++)
        send(atoi(argv[i]), buffer, TAM_MENSAGEM, MSG_NOSIGNAL);
    while (agora - inicio < atof(argv[2])) {
        if (argc > 4) prontos = epoll_wait(ep, ev, 512, 100);
        for (i = 0; i < prontos; i++) {
            r = (int)recv(ev[i].data.fd, buffer, sizeof buffer, 0);
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
