/*
 * servidor.c - passo 1: o slide. Espera um cliente, devolve o que ele envia
 * e, quando ele encerra, termina. Nada se confere.
 */
#include <stdio.h>
#include <string.h>
#ifdef _WIN32
#include <winsock2.h>     /* no Windows, todas as chamadas vem daqui */
#define close closesocket /* o close do Windows so fecha arquivos */
#else
#include <arpa/inet.h>  /* o endereco: sockaddr_in, htons... */
#include <sys/socket.h> /* as chamadas: socket, send, recv... */
#include <unistd.h>     /* close */
#endif

int main(void) {
    struct sockaddr_in aqui; /* o endereco em que este servidor atende */
    char buffer[1000];
    int s, c, n;
#ifdef _WIN32
    WSADATA dados;
    WSAStartup(MAKEWORD(2, 2), &dados); /* liga o Winsock */
#endif
    memset(&aqui, 0, sizeof aqui); /* limpa tudo, e com isso sin_zero */
    aqui.sin_family = AF_INET;
    aqui.sin_port = htons(7777); /* a rede usa big-endian */
    aqui.sin_addr.s_addr = inet_addr("127.0.0.1");

    s = socket(AF_INET, SOCK_STREAM, 0);
    bind(s, (struct sockaddr *)&aqui, sizeof aqui);
    listen(s, 5);              /* ate 5 clientes na fila */
    c = accept(s, NULL, NULL); /* espera; c e a conversa com um deles */
    while ((n = recv(c, buffer, sizeof buffer, 0)) > 0) { /* espera bytes */
        printf("recebi %d bytes: %.*s\n", n, n, buffer);
        send(c, buffer, n, 0);
    }
    close(c); /* fim da conversa */
    close(s); /* ninguem mais escuta na porta */
    return 0;
}
