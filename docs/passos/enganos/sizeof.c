/* sizeof.c - sizeof conta o vetor todo; strlen, as letras. Precisa de um
 * servidor na porta 7777. */
#include <stdio.h>
#include <string.h>
#ifdef _WIN32
#include <winsock2.h>
#else
#include <arpa/inet.h>
#include <sys/socket.h>
#endif

int main(void) {
    struct sockaddr_in servidor;
    char mensagem[200] = "oi";
    int s;
#ifdef _WIN32
    WSADATA dados;
    WSAStartup(MAKEWORD(2, 2), &dados);
#endif
    memset(&servidor, 0, sizeof servidor);
    servidor.sin_family = AF_INET;
    servidor.sin_port = htons(7777);
    servidor.sin_addr.s_addr = inet_addr("127.0.0.1");
    s = socket(AF_INET, SOCK_STREAM, 0);
    connect(s, (struct sockaddr *)&servidor, sizeof servidor);
    printf("enviei %d bytes\n", (int)send(s, mensagem, sizeof mensagem, 0));
    recv(s, mensagem, sizeof mensagem, 0);
    return 0;
}
