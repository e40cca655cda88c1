/* buffer_n.c - se chegam 8 bytes, buffer[8] ja e de outra variavel. Aqui quem
 * traz os bytes e fread, que, como recv, diz quantos vieram. */
#include <stdio.h>

int main(void) {
    struct {
        char buffer[8], vizinho;
    } x = {"", 'A'};
    int n = (int)fread(x.buffer, 1, sizeof x.buffer, stdin);
    x.buffer[n] = '\0';
    printf("chegaram %d bytes; o vizinho, que era 65, e %d\n", n, x.vizinho);
    return 0;
}
