/* recv_zero.c - o cliente se foi, recv devolve 0 na hora, para sempre, e este
 * laco nunca acaba. Fale com ele pelo cliente do passo 3. */
#include <stdio.h>
#include <string.h>
#ifdef _WIN32
#include <winsock2.h>
#else
#include <arpa/inet.h>
#include <sys/socket.h>
#endif

int main(void) {
    struct sockaddr_in aqui;
    char buffer[1000];
    int s, c, n;
#ifdef _WIN32
    WSADATA dados;
    WSAStartup(MAKEWORD(2, 2), &dados);
#endif
    memset(&aqui, 0, sizeof aqui);
    aqui.sin_family = AF_INET;
    aqui.sin_port = htons(7777);
    aqui.sin_addr.s_addr = inet_addr("127.0.0.1");
    s = socket(AF_INET, SOCK_STREAM, 0);
    bind(s, (struct sockaddr *)&aqui, sizeof aqui);
    listen(s, 5);
    c = accept(s, NULL, NULL);
    while (1) {
        n = recv(c, buffer, sizeof buffer, 0);
        if (n < 0) break;
        printf("recebi %d bytes\n", n);
        send(c, buffer, n, 0);
    }
    return 0;
}
