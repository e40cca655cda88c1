/*
 * cliente.c - passo 1: o slide. Conecta-se ao servidor, envia uma mensagem,
 * mostra a resposta e termina. Nada se confere.
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
    struct sockaddr_in servidor; /* o endereco do outro lado */
    const char *mensagem = "oi, servidor";
    char buffer[1000] = "";
    int s, n;
#ifdef _WIN32
    WSADATA dados;
    WSAStartup(MAKEWORD(2, 2), &dados); /* liga o Winsock */
#endif
    memset(&servidor, 0, sizeof servidor);
    servidor.sin_family = AF_INET;
    servidor.sin_port = htons(7777); /* a rede usa big-endian */
    servidor.sin_addr.s_addr = inet_addr("127.0.0.1");

    s = socket(AF_INET, SOCK_STREAM, 0);
    connect(s, (struct sockaddr *)&servidor, sizeof servidor);
    send(s, mensagem, strlen(mensagem), 0);
    n = recv(s, buffer, sizeof buffer, 0); /* espera a resposta */
    printf("servidor> %.*s\n", n, buffer); /* recv nao poe o \0 do fim */
    close(s);
    return 0;
}
