/* pause.c - pause e um comando do cmd.exe, e nao uma funcao. */
#include <stdlib.h>

int main(void) { return system("pause") != 0; }
