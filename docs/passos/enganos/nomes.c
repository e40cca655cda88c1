/* nomes.c - ...mas o que veio depois, como procurar um nome, nao esta nela.
 * So Windows: gcc nomes.c -o nomes -lwsock32 */
#include <stdio.h>
#include <winsock2.h>
#include <ws2tcpip.h>

int main(void) {
    WSADATA dados;
    struct addrinfo *achado;
    WSAStartup(MAKEWORD(2, 2), &dados);
    printf("localhost: %d\n", getaddrinfo("localhost", NULL, NULL, &achado));
    return 0;
}
