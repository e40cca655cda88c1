/* servidor.c - passo 2: confere. Se uma chamada falha, diz qual e por que. */
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
    struct sockaddr_in aqui; /* o endereco em que este servidor atende */
    char buffer[1000];
    int s, c, n;
#ifdef _WIN32
    WSADATA dados;
    if (WSAStartup(MAKEWORD(2, 2), &dados) != 0) falhou("WSAStartup");
#endif
    memset(&aqui, 0, sizeof aqui); /* limpa tudo, e com isso sin_zero */
    aqui.sin_family = AF_INET;
    aqui.sin_port = htons(7777); /* a rede usa big-endian */
    aqui.sin_addr.s_addr = inet_addr("127.0.0.1");

    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0) falhou("socket");
    if (bind(s, (struct sockaddr *)&aqui, sizeof aqui) < 0) falhou("bind");
    if (listen(s, 5) < 0) falhou("listen");
    printf("servidor: esperando na porta 7777\n");
    c = accept(s, NULL, NULL); /* espera; c e a conversa com um deles */
    if (c < 0) falhou("accept");
    while ((n = recv(c, buffer, sizeof buffer, 0)) > 0) { /* espera bytes */
        printf("recebi %d bytes: %.*s\n", n, n, buffer);
        if (send(c, buffer, n, 0) < 0) falhou("send");
    }
    if (n < 0) falhou("recv");
    close(c); /* fim da conversa */
    close(s); /* ninguem mais escuta na porta */
    return 0;
}
