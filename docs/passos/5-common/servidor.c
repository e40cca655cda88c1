/*
 * servidor.c - passo 5: eco em TCP e em UDP.
 *
 *   servidor [-t|-u] [porta [endereco]]
 */
#include "common.h"

/* TCP: um cliente por vez, ate que ele encerre ou diga sair. */
static void atender_um_por_vez(int s) {
    char buffer[TAM_BUFFER];
    int c, n;
    while (1) {
        c = accept(s, NULL, NULL); /* espera; c e a conversa com um deles */
        if (c < 0) falhou("accept");
        printf("chegou um cliente\n");
        while ((n = recv(c, buffer, sizeof buffer, 0)) > 0) {
            printf("recebi %d bytes: %.*s", n, n, buffer);
            if (send(c, buffer, n, 0) < 0) falhou("send");
            if (e_sair(buffer, n)) break;
        }
        if (n < 0) falhou("recv");
        printf(n == 0 ? "encerrou\n" : "disse sair\n");
        close(c); /* e volta a esperar em accept */
    }
}

/* UDP: cada datagrama volta a quem o enviou. */
static void atender_datagramas(int s) {
    struct sockaddr_in quem;
    socklen_t tamanho;
    char buffer[TAM_BUFFER];
    int n;
    while (1) {
        tamanho = sizeof quem; /* na ida, quanto cabe; na volta, quanto veio */
        n = recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&quem,
                     &tamanho);
        if (n < 0) falhou("recvfrom");
        printf("%s:%d enviou %d bytes: %.*s", inet_ntoa(quem.sin_addr),
               ntohs(quem.sin_port), n, n, buffer);
        n = sendto(s, buffer, n, 0, (struct sockaddr *)&quem, tamanho);
        if (n < 0) falhou("sendto");
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in aqui; /* o endereco em que este servidor atende */
    const char *endereco = ENDERECO;
    int s, i = 1, porta = PORTA, tipo = SOCK_STREAM;
    if (i < argc && strcmp(argv[i], "-u") == 0) tipo = SOCK_DGRAM;
    if (i < argc && argv[i][0] == '-') i++; /* era -t ou -u */
    if (i < argc) porta = atoi(argv[i++]);
    if (i < argc) endereco = argv[i++];
    montar_endereco(&aqui, endereco, porta);
    iniciar_rede();

    s = socket(AF_INET, tipo, 0);
    if (s < 0) falhou("socket");
    if (bind(s, (struct sockaddr *)&aqui, sizeof aqui) < 0) falhou("bind");
    if (tipo == SOCK_STREAM && listen(s, 5) < 0) falhou("listen");
    printf("servidor: esperando em %s:%d (Ctrl-C termina)\n", endereco, porta);
    if (tipo == SOCK_STREAM) atender_um_por_vez(s);
    else atender_datagramas(s);
    close(s);
    encerrar_rede();
    return 0;
}
