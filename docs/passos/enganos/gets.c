/* gets.c - gets nao sabe o tamanho do vetor: escreve por cima do vizinho. */
#include <stdio.h>

int main(void) {
    struct {
        char nome[8], senha[8];
    } x = {"", "segredo"};
    gets(x.nome); /* digite mais de 7 letras */
    printf("a senha agora e \"%s\"\n", x.senha);
    return 0;
}
