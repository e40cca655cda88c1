/*
 * fuzz_texto.c - o que common.h faz com bytes que vem de fora, em pedacos
 * quaisquer: escapar, procurar_sair, e_sair e ler_numero.
 */
#include "fuzz.h"
#define PROGRAMA "servidor"
#define OUTRO    "cliente"
#include "../common.h"

#define MAIOR 4096

int nosso_isatty(int fd) {
    (void)fd;
    return 0;
}

/* De 1 a max bytes, conforme o roteiro de cortes. */
static int corte(const uint8_t *cortes, int n, int *i, int max) {
    int k = n > 0 ? cortes[(*i)++ % n] + 1 : max;
    return k < max ? k : max;
}

/* 1 se os k bytes sao um caractere que se mostra como esta. */
static int mostra_se(const char *p, size_t k) {
    unsigned char b = (unsigned char)*p;
    size_t tam = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
    unsigned long c;
    if (tam != k || !visivel_sem_controle(p, k, 0)) return 0;
    if (k == 2) return memcmp(p, "\xd8\x9c", 2) != 0; /* U+061C */
    if (k != 3) return 1;
    c = (b & 0xfUL) << 12 | (p[1] & 0x3fUL) << 6 | (p[2] & 0x3fUL);
    return !(c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
             (c >= 0x2066 && c <= 0x2069)); /* mudam o sentido do texto */
}

/* O que escapar deve escrever, um caractere depois do outro. */
static void escapar_simples(char *p, const char *dados, size_t n, int aspas) {
    size_t i = 0, k, iguais;
    while (i < n) {
        for (k = 1; k <= 4 && k <= n - i; k++)
            if (mostra_se(dados + i, k)) break;
        if (k <= 4 && k <= n - i) {
            if (aspas && (dados[i] == '"' || dados[i] == '\\')) *p++ = '\\';
            memcpy(p, dados + i, k);
            p += k;
            i += k;
            continue;
        }
        switch (dados[i]) {
        case '\n': p += sprintf(p, "\\n"); break;
        case '\r': p += sprintf(p, "\\r"); break;
        case '\t': p += sprintf(p, "\\t"); break;
        default: p += sprintf(p, "\\x%02x", dados[i] & 0xff);
        }
        for (iguais = 1; i + iguais < n && dados[i + iguais] == dados[i];)
            iguais++;
        if (iguais < 8) iguais = 1;
        else p += sprintf(p, " (%d vezes)", (int)iguais);
        i += iguais;
    }
    *p = '\0';
}

static void provar_escapar(const uint8_t *cortes, int nc, const char *dados,
                           int n) {
    static char inteiro[4 * MAIOR + 40], junto[4 * MAIOR + 40];
    char pedaco[400];
    int i = 0, c = 0, tamanho, usados, aspas = nc % 2;
    size_t p = 0;
    escapar_simples(junto, dados, (size_t)n, aspas);
    usados = escapar(inteiro, sizeof inteiro, dados, n, aspas);
    EXIGIR(usados == n);
    EXIGIR(strcmp(junto, inteiro) == 0);
    EXIGIR(visivel_sem_controle(inteiro, strlen(inteiro), 0));
    /* um destino pequeno, varias vezes */
    *junto = '\0';
    for (i = 0; i < n; i += usados) {
        tamanho = 40 + (nc ? cortes[c++ % nc] : 0);
        memset(pedaco, 'x', sizeof pedaco);
        usados = escapar(pedaco, tamanho, dados + i, n - i, aspas);
        EXIGIR(usados > 0 && usados <= n - i);
        EXIGIR(strlen(pedaco) < (size_t)tamanho);
        EXIGIR(visivel_sem_controle(pedaco, strlen(pedaco), 0));
        strcpy(junto + p, pedaco);
        p += strlen(pedaco);
    }
    EXIGIR(strcmp(junto, inteiro) == 0 || n == 0);
}

static void provar_sair(const uint8_t *cortes, int nc, const char *dados,
                        int n) {
    struct linha estado = {"", 0};
    int i = 0, c = 0, k, r = 0;
    static const char *const formas[] = {"sair", "sair\n", "sair\r\n",
                                         "sair\r"};
    int e = 0;
    while (i < n && r == 0) {
        char *copia; /* so este pedaco: ler fora dele e um erro */
        k = corte(cortes, nc, &c, n - i);
        copia = (char *)malloc((size_t)k);
        memcpy(copia, dados + i, (size_t)k);
        r = procurar_sair(&estado, copia, k);
        EXIGIR(r >= 0 && r <= k);
        free(copia);
        if (r == 0) i += k;
    }
    EXIGIR((r > 0 ? i + r : 0) == sair_simples(dados, n));
    for (k = 0; k < 4; k++)
        if ((size_t)n == strlen(formas[k]) &&
            memcmp(dados, formas[k], (size_t)n) == 0)
            e = 1;
    EXIGIR((e_sair(dados, n) != 0) == e);
}

static void provar_numero(int menor, int maior, const char *dados, int n) {
    char texto[MAIOR + 1];
    int i, certo = n >= 1 && n <= 5;
    long valor = 0;
    memcpy(texto, dados, (size_t)n);
    texto[n] = '\0';
    n = (int)strlen(texto);
    for (i = 0, certo = n >= 1 && n <= 5; i < n && certo; i++) {
        if (texto[i] < '0' || texto[i] > '9') certo = 0;
        valor = valor * 10 + (texto[i] - '0');
    }
    if (valor < menor || valor > maior) certo = 0;
    esquecer_escrito();
    codigo_de_saida = -1;
    if (setjmp(fora) == 0)
        EXIGIR(ler_numero("porta", texto, menor, maior) == valor);
    EXIGIR(codigo_de_saida == (certo ? -1 : 2));
    if (!certo) conferir_uso_errado("servidor: ");
}

int LLVMFuzzerTestOneInput(const uint8_t *dados, size_t n) {
    int nc, menor, maior;
    if (n < 1 || n > MAIOR) return 0;
    nc = dados[0] % 16;
    if ((size_t)nc + 1 > n) return 0;
    roteiro = dados + 1 + nc;
    n -= (size_t)nc + 1;
    provar_escapar(dados + 1, nc, (const char *)roteiro, (int)n);
    provar_sair(dados + 1, nc, (const char *)roteiro, (int)n);
    menor = dados[0] & 1;
    maior = dados[0] & 2 ? 100 : dados[0] & 4 ? 10000 : 65535;
    provar_numero(menor, maior, (const char *)roteiro, (int)n);
    return 0;
}
