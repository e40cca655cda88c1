# Makefile - compila, demonstra e testa o par servidor/cliente.
#
#   make               compila servidor e cliente
#   make demo          o quadro: as chamadas dos dois lados, em uma conversa
#   make test          a suite: o que os dois fazem na rede e na tela
#   make conferir      as paginas, os passos, os exercicios, as mensagens
#   make test-windows  os .exe, no Wine: a mesma suite e o console
#   make bench         mede, ao lado do laco mais nu com as mesmas chamadas
#   make clean         apaga o que foi produzido
#
# Windows, no cmd.exe: mingw32-make. Do Linux para o Windows:
#   make OS=Windows_NT CC=x86_64-w64-mingw32-gcc

CFLAGS ?= -O2 -Wall -Wextra

ifeq ($(OS),Windows_NT)
ifeq ($(origin CC),default)
CC = gcc
endif
EXE = .exe
LIBS = -lws2_32
else
LIBS = -pthread
endif

# dentro do Windows os comandos sao os do cmd.exe
ifdef ComSpec
SHELL := $(ComSpec)
APAGAR = del /q /f
else
APAGAR = rm -rf
LIXO = tests/bin docs/quadro
endif

all: servidor$(EXE) cliente$(EXE)

servidor$(EXE): servidor.c common.h
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ servidor.c $(LIBS)

cliente$(EXE): cliente.c common.h
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ cliente.c $(LIBS)

# SERVIDOR= e CLIENTE= trocam os programas; PAUSA=1 espera ENTER nas trocas
docs/quadro: docs/quadro.c
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<

demo: all docs/quadro
	@docs/quadro

# a suite: o que um aluno quebra ao mudar uma linha, e nada mais. SERVIDOR=,
# CLIENTE=, CASOS=... veja tests/ensaio.h
SUITE = tests/ensaio.c tests/suite.c $(wildcard tests/casos_*.c)

tests/bin/suite: $(SUITE) tests/ensaio.h
	mkdir -p tests/bin
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(SUITE)

test: all tests/bin/suite
	@tests/bin/suite

# o resto: o que as paginas mandam digitar, os passos, as solucoes dos
# exercicios, as mensagens; o rastro, contra o que o strace ve. Precisa de
# python3; o que mais faltar e pulado
conferir: all tests/bin/suite
	@python3 tests/somar.py 'python3 tests/ferramentas.py' \
	    'python3 tests/experimentos.py' 'sh tests/slide.sh' \
	    'python3 tests/exercicios.py' 'python3 tests/passos.py' \
	    'python3 tests/quadro.py' 'python3 tests/erros.py' 'python3 tests/docs.py'

# os .exe no Wine: precisa de mingw-w64, wine, tmux e python3
test-windows: all tests/bin/suite
	@python3 tests/somar.py 'sh tests/windows.sh' 'python3 tests/dev_cpp.py'

# mede; so Linux, com Python. RODADAS=, SEGUNDOS=: veja tests/bench.py
tests/bin/%: tests/%.c
	mkdir -p tests/bin
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBS)

bench: all tests/bin/bench tests/bin/bench_nu
	@python3 tests/bench.py

clean:
	-$(APAGAR) servidor servidor.exe cliente cliente.exe $(LIXO)

.PHONY: all demo test conferir test-windows bench clean
