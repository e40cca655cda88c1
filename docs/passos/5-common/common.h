/* common.h - passo 5: o que servidor.c e cliente.c tem em comum. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h> /* socklen_t */
#define close closesocket
#else
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#define ENDERECO   "127.0.0.1"
#define PORTA      7777
#define TAM_BUFFER 1000 /* bytes por recv, no maximo */

/* Preenche a estrutura do slide: familia, porta, endereco e o resto zero. */
static void montar_endereco(struct sockaddr_in *e, const char *ip, int porta) {
    memset(e, 0, sizeof *e);
    e->sin_family = AF_INET;
    e->sin_port = htons(porta);
    e->sin_addr.s_addr = inet_addr(ip);
}

/* 1 se os n bytes sao a linha sair. */
static int e_sair(const char *dados, int n) {
    return n == 5 && memcmp(dados, "sair\n", 5) == 0;
}

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

/* Antes de qualquer chamada de rede. So o Windows precisa. */
static void iniciar_rede(void) {
#ifdef _WIN32
    WSADATA dados;
    if (WSAStartup(MAKEWORD(2, 2), &dados) != 0) falhou("WSAStartup");
#endif
}

/* Depois da ultima: cada WSAStartup pede um WSACleanup. */
static void encerrar_rede(void) {
#ifdef _WIN32
    WSACleanup();
#endif
}
