# dependencias.mak - o que falta no Makefile.win que o Dev-C++ escreve a cada
# compilacao: os dois projetos o incluem (MakeIncludes).

# mudou common.h: o F9 compila de novo
$(OBJ): ../../common.h

# conjunto de 32 bits (as bibliotecas dele ficam em lib32): programa de 32
ifneq ($(findstring lib32,$(LIBS)),)
CFLAGS += -m32
LIBS += -m32
endif

# F12 e Limpar: o 6.3 escreve o caminho do apagador sem aspas...
ifneq ($(findstring INTERNAL_DEL,$(DEL)),)
DEL := "$(strip $(subst INTERNAL_DEL,,$(DEL)))" INTERNAL_DEL
endif
# ... e do 5.50 ao 6.2 o del do Windows recebe obj/x.o com a barra errada
ifeq ($(firstword $(DEL)),del)
DEL = del /f /q $(subst /,\,$(OBJ) $(BIN)) & rem
endif
