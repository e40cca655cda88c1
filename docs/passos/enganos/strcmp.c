/* strcmp.c - fgets guarda o \n: a linha e "sair\n", e nao "sair". */
#include <stdio.h>
#include <string.h>

int main(void) {
    char linha[80];
    if (fgets(linha, sizeof linha, stdin) == NULL) return 1;
    printf("igual a \"sair\": %s\n", strcmp(linha, "sair") ? "nao" : "sim");
    printf("igual a \"sair\\n\": %s\n",
           strcmp(linha, "sair\n") ? "nao" : "sim");
    return 0;
}
