/* cliente.c - passo 3: o laco. Cada linha vai e volta; sair termina. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <winsock2.h>     /* no Windows, todas as chamadas vem daqui */
#define close closesocket /* o close do Windows so fecha arquivos */
#else
#include <arpa/inet.h>  /* o endereco: sockaddr_in, htons... */
#include <sys/socket.h> /* as chamadas: socket, send, recv... */
#include <unistd.h>     /* close */
#endif

/* A chamada devolveu um valor negativo: diz qual foi e por que, e termina. */
static void falhou(const char *chamada) {
#ifdef _WIN32
    char causa[300] = "";
    int codigo = WSAGetLastError();
    FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, 0, codigo, 0, causa, 300, 0);
    CharToOemA(causa, causa); /* os acentos, na tabela do cmd.exe */
    fprintf(stderr, "%s: erro %d: %s\n", chamada, codigo, causa);
#else
    perror(chamada); /* a causa esta em errno */
#endif
    exit(1);
}

int main(void) {
    struct sockaddr_in servidor; /* o endereco do outro lado */
    char linha[4000], buffer[1000];
    int s, n;
#ifdef _WIN32
    WSADATA dados;
    if (WSAStartup(MAKEWORD(2, 2), &dados) != 0) falhou("WSAStartup");
#endif
    memset(&servidor, 0, sizeof servidor);
    servidor.sin_family = AF_INET;
    servidor.sin_port = htons(7777); /* a rede usa big-endian */
    servidor.sin_addr.s_addr = inet_addr("127.0.0.1");

    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0) falhou("socket");
    if (connect(s, (struct sockaddr *)&servidor, sizeof servidor) < 0)
        falhou("connect");
    printf("conectado; sair termina\n");
    while (fgets(linha, sizeof linha, stdin) != NULL) {
        if (send(s, linha, strlen(linha), 0) < 0) falhou("send");
        n = recv(s, buffer, sizeof buffer, 0); /* espera a resposta */
        if (n < 0) falhou("recv");
        if (n == 0) break; /* o servidor encerrou */
        printf("servidor> %.*s", n, buffer);
        if (strcmp(linha, "sair\n") == 0) break;
    }
    printf("fim da conversa\n");
    close(s);
    return 0;
}
