/* fflush.c - fflush(stdin) nao esvazia o teclado: so a msvcrt, do Windows,
 * faz isso. No resto do mundo o \n do scanf continua la. */
#include <stdio.h>

int main(void) {
    char nome[80] = "";
    int idade = 0;
    if (scanf("%d", &idade) != 1) return 1;
    fflush(stdin);
    if (fgets(nome, sizeof nome, stdin) == NULL) return 1;
    printf("idade %d, nome \"%s\"\n", idade, nome);
    return 0;
}
