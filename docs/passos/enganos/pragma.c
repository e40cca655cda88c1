/* pragma.c - #pragma comment nao liga a biblioteca: o gcc nem o le.
 * So Windows: gcc pragma.c -o pragma */
#include <stdio.h>
#include <winsock2.h>
#pragma comment(lib, "ws2_32.lib")

int main(void) {
    WSADATA dados;
    printf("WSAStartup = %d\n", WSAStartup(MAKEWORD(2, 2), &dados));
    return 0;
}
