/* getch.c - conio.h so existe no Windows; e, enquanto getch espera a tecla,
 * ninguem le o que chega da rede. */
#include <conio.h>

int main(void) { return getch() == 27; }
