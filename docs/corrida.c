/*
 * corrida.c - memoria compartilhada sem sincronizacao: dois fios de execucao
 * (threads) somam na mesma variavel, e somas se perdem.
 *
 *   gcc -pthread -o corrida docs/corrida.c
 *   ./corrida            sem trava: o total da menos do que devia
 *   ./corrida trava      com trava: da certo, e leva mais tempo
 *
 * soma++ parece uma coisa so, mas sao tres: ler, somar 1, guardar. Se os dois
 * fios leem 7 ao mesmo tempo, os dois guardam 8, e uma soma se perdeu.
 */
#include <pthread.h>
#include <stdio.h>

#define VEZES 100000000 /* somas de cada fio */

static volatile int soma; /* dos dois fios; volatile: sempre na memoria */
static int com_trava;
static pthread_mutex_t trava = PTHREAD_MUTEX_INITIALIZER;

static void *somar(void *nada) {
    int i;
    for (i = 0; i < VEZES; i++) {
        if (com_trava) pthread_mutex_lock(&trava);
        soma++;
        if (com_trava) pthread_mutex_unlock(&trava);
    }
    return nada;
}

int main(int argc, char **argv) {
    pthread_t a, b;
    (void)argv;
    com_trava = argc > 1;
    pthread_create(&a, NULL, somar, NULL);
    pthread_create(&b, NULL, somar, NULL);
    pthread_join(a, NULL); /* espera os dois */
    pthread_join(b, NULL);
    printf("devia dar %d, deu %d: %d somas perdidas\n", 2 * VEZES, soma,
           2 * VEZES - soma);
    return 0;
}
