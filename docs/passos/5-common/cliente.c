/*
 * cliente.c - passo 5: envia cada linha e mostra o que volta, em TCP e em UDP.
 *
 *   cliente [-t|-u] [endereco [porta]]
 */
#include "common.h"

/* TCP: ja conectado, send e recv nao precisam de endereco. */
static void conversar_tcp(int s) {
    char linha[4000], buffer[TAM_BUFFER];
    int n;
    while (fgets(linha, sizeof linha, stdin) != NULL) {
        if (send(s, linha, strlen(linha), 0) < 0) falhou("send");
        n = recv(s, buffer, sizeof buffer, 0); /* espera a resposta */
        if (n < 0) falhou("recv");
        if (n == 0) break; /* o servidor encerrou */
        printf("servidor> %.*s", n, buffer);
        if (e_sair(linha, strlen(linha))) break;
    }
}

/* UDP: cada linha e um datagrama, com o endereco de destino. */
static void conversar_udp(int s, struct sockaddr_in *servidor) {
    char linha[4000], buffer[TAM_BUFFER];
    int n;
    while (fgets(linha, sizeof linha, stdin) != NULL) {
        n = sendto(s, linha, strlen(linha), 0, (struct sockaddr *)servidor,
                   sizeof *servidor);
        if (n < 0) falhou("sendto");
        n = recvfrom(s, buffer, sizeof buffer, 0, NULL, NULL);
        if (n < 0) falhou("recvfrom");
        printf("servidor> %.*s", n, buffer);
        if (e_sair(linha, strlen(linha))) break;
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in servidor; /* o endereco do outro lado */
    const char *endereco = ENDERECO;
    int s, i = 1, porta = PORTA, tipo = SOCK_STREAM;
    if (i < argc && strcmp(argv[i], "-u") == 0) tipo = SOCK_DGRAM;
    if (i < argc && argv[i][0] == '-') i++; /* era -t ou -u */
    if (i < argc) endereco = argv[i++];
    if (i < argc) porta = atoi(argv[i++]);
    montar_endereco(&servidor, endereco, porta);
    iniciar_rede();

    s = socket(AF_INET, tipo, 0);
    if (s < 0) falhou("socket");
    if (tipo == SOCK_DGRAM) {
        printf("pronto; sair termina\n");
        conversar_udp(s, &servidor);
    } else {
        if (connect(s, (struct sockaddr *)&servidor, sizeof servidor) < 0)
            falhou("connect");
        printf("conectado; sair termina\n");
        conversar_tcp(s);
    }
    printf("fim da conversa\n");
    close(s);
    encerrar_rede();
    return 0;
}
