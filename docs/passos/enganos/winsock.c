/* winsock.c - o cabecalho e a biblioteca de 1993 ainda servem para o slide...
 * So Windows: gcc winsock.c -o winsock -lwsock32 */
#include <stdio.h>
#include <winsock.h>

int main(void) {
    WSADATA dados;
    WSAStartup(MAKEWORD(1, 1), &dados);
    printf("versao %d.%d, socket %s\n", LOBYTE(dados.wVersion),
           HIBYTE(dados.wVersion),
           socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET ? "nao" : "sim");
    return 0;
}
