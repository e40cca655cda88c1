#!/usr/bin/env python3
# dev_cpp.py - os projetos de docs/dev-cpp compilam como no Dev-C++?
#
# Faz o que o Dev-C++ faz com um .dev: le o arquivo, escreve o Makefile.win ao
# lado dele e chama make, em C de 1990 e sem nenhum aviso, com o conjunto de 64
# bits e com o de 32 (aqui, os dois mingw-w64), como o 5.11 e como o 6.3. As
# regras vem do codigo-fonte dele (Compiler.pas, Project.pas, devCFG.pas); o
# que compilar e com que, so dos .dev. Depois confere o F5 (-g3), o common.h
# que mudou, o F12, de que DLLs o .exe precisa e, com o Wine, que ele roda (a
# conversa, windows.sh a prova).
import configparser
import glob
import os
import re
import shutil
import sys
import tempfile
sys.dont_write_bytecode = True
from contas import concluir, dizer, julgar, raiz, sh, sinais_terminam

OPCOES = '-std=gnu90 -Wall -Wextra -Werror'
GCC = {64: 'x86_64-w64-mingw32-gcc', 32: 'i686-w64-mingw32-gcc'}
for programa in 'make', 'wine', *GCC.values():
    if not shutil.which(programa):
        dizer('PULADO', 'os projetos do Dev-C++', f'falta {programa}')
        concluir()
os.environ.update(LC_ALL='C', MAKEFLAGS='',
                  WINEDEBUG=os.environ.get('WINEDEBUG', '-all'))
sinais_terminam()
mesa = tempfile.TemporaryDirectory(prefix='dev_cpp.')  # some no fim
pasta, bin = mesa.name, mesa.name + '/bin'


# ---- Os programas que o Makefile.win chama ----------------------------------

def ferramenta(nome, texto):
    os.makedirs(os.path.dirname(nome), exist_ok=True)
    with open(nome, 'w') as f:
        f.write(f'#!/bin/sh\n{texto}\n')
    os.chmod(nome, 0o755)


# O gcc do TDM-GCC faz programas de 64 bits e, com -m32, de 32; o do Debian e
# um para cada.
ferramenta(f'{bin}/gcc.exe', f'''case " $* " in
*" -m32 "*) exec {GCC[32]} "$@" ;;
esac
exec {GCC[64]} "$@"''')
# Como cada versao apaga: a variavel do Makefile.win, o que ha nela, e se
# funciona sem o nosso dependencias.mak: no 6.3, o caminho sem aspas nao e um
# comando; do 5.50 ao 6.2, o del do Windows nao acha obj/x.o.
DEVCPP = f'{pasta}/Program Files (x86)/Dev-Cpp/devcpp.exe'
APAGAR = {'5.11': ('RM', 'rm.exe -f', True),
          '6.2': ('DEL', 'del /f /q', False),
          '6.3': ('DEL', f'{DEVCPP} INTERNAL_DEL', False)}
ferramenta(f'{bin}/rm.exe', 'exec rm "$@"')
ferramenta(f'{bin}/cmd', 'exec wine cmd /c "$2"')
ferramenta(DEVCPP, '[ "$1" = INTERNAL_DEL ] && shift && exec rm -f "$@"')


# ---- O que o Dev-C++ faz ----------------------------------------------------

# As caixas de "Opcoes do Compilador", na ordem dos algarismos de
# CompilerSettings: c vai para CFLAGS, l para LIBS. A 7 escolhe -m32 ou -m64;
# as "?" sao listas, de que so se conhece o 0. O 6.3 tem uma a mais, a 22.
CAIXAS = '''-ansi:c -fno-asm:c -traditional-cpp:c ?:cl ?:cl ?:cl ?:cl -m:cl ?:cl
    -w:c -Wall:c -Wextra:c -pedantic:c -fsyntax-only:c -Werror:c
    -Wfatal-errors:c -pg:cl -lobjc:l -g3:cl -nostdlib:cl -mwindows:cl -s:l
    -fverbose-asm:c -S:c -pipe:c'''.split()
ESCOLHIDO_32 = '0000000100000000000000000'

# As chaves de um .dev que se imitam aqui; as outras tem de valer o que esta em
# FIXAS, ou 0, ou nada.
IMITADAS = ('FileName Name MakeIncludes Linker ObjectOutput CompilerSettings '
            'UnitCount').split()
FIXAS = {'Type': '1', 'Ver': '2', 'Compile': '1', 'Link': '1',
         'Priority': '1000'}


def pedem(algarismos, versao, etapa):
    """O que os algarismos pedem a uma etapa, c ou l."""
    caixas = CAIXAS[:22] + ['?:cl'] * (versao != '5.11') + CAIXAS[22:]
    opcoes = [caixa.split(':')[0] for n, caixa in zip(algarismos, caixas)
              if n != '0' and etapa in caixa.split(':')[1]]
    lado = '-m32' if algarismos[7:8] == '1' else '-m64'
    return ' '.join(lado if o == '-m' else o for o in opcoes)


class Projeto:
    """Um .dev da pasta corrente, e o Makefile.win que se escreve dele."""

    def __init__(self, nome):
        self.ini = configparser.ConfigParser(interpolation=None)
        self.ini.optionxform = str
        self.ini.read(nome)
        p = self.ini['Project']
        self.nome, self.exe = nome, nome[:-3] + 'exe'
        self.algarismos = p['CompilerSettings']
        self.linker = p['Linker'].replace('_@@_', ' ')
        unidades = [f'Unit{i + 1}' for i in range(int(p['UnitCount']))]
        self.unidades = [self.ini.get(u, 'FileName', fallback=u).replace(
            '\\', '/') for u in unidades]
        # cabecalhos so aparecem na arvore do projeto
        self.fontes = [u for u in self.unidades if u[-2:] != '.h']
        # os .o: em ObjectOutput ou, sem isso, ao lado dos fontes
        self.objetos = [os.path.join(
            p['ObjectOutput'].replace('\\', '/') or os.path.dirname(f),
            os.path.basename(f)[:-1] + 'o') for f in self.fontes]
        self.produtos = [self.exe, *self.objetos]

    def make(self, alvos, versao, bits=64, algarismos='', inclui=True):
        """make, com o Makefile.win dessa versao e desse conjunto."""
        a = algarismos or self.algarismos
        cflags = pedem(a, versao, 'c')
        depurar = ' -D__DEBUG__' if '-g3' in cflags else ''
        lib = 'lib' if bits == 64 else 'lib32'
        apagador, com_que, _ = APAGAR[versao]
        texto = f'''\
CC       = gcc.exe{depurar}
OBJ      = {' '.join(self.objetos)}
LINKOBJ  = {' '.join(self.objetos)}
LIBS     = -L"C:/Program Files (x86)/Dev-Cpp/MinGW64/{lib}" -static-libgcc \
{self.linker} {pedem(a, versao, 'l')}
BIN      = {self.exe}
CFLAGS   = {cflags} {OPCOES}
{apagador} = {com_que}

.PHONY: all all-before all-after clean clean-custom

all: all-before $(BIN) all-after

{'include ' * inclui}{self.ini['Project']['MakeIncludes'] * inclui}

clean: clean-custom
	${{{apagador}}} $(OBJ) $(BIN)

$(BIN): $(OBJ)
	$(CC) $(LINKOBJ) -o $(BIN) $(LIBS)
''' + ''.join(f'''
{objeto}: {fonte}
	$(CC) -c {fonte} -o {objeto} $(CFLAGS)
''' for fonte, objeto in zip(self.fontes, self.objetos))
        os.makedirs(os.path.dirname(self.objetos[0]), exist_ok=True)
        with open('Makefile.win', 'w') as f:
            f.write(texto)
        janela = f'SHELL={bin}/cmd' if versao == '6.2' else ''
        return sh(f'PATH={bin}:$PATH make -f Makefile.win {alvos} {janela}')


# ---- As provas: as queixas de cada uma --------------------------------------

def formato(p):
    """O projeto se abre e se salva sem surpresa no Dev-C++."""
    with open(p.nome, 'rb') as f:
        for l in f:
            if not l.endswith(b'\r\n'):
                yield f'linha sem CR LF: {l}'
    for secao in p.ini.sections():
        for chave, valor in p.ini[secao].items():
            certo = FIXAS.get(chave, '0')
            if chave not in IMITADAS and valor not in (certo, ''):
                yield f'[{secao}] {chave}={valor}: so se imita {certo}'
    for f in *p.unidades, p.ini['Project']['MakeIncludes']:
        if not os.path.isfile(f):
            yield f'{f} nao existe'


def depuracao(p):
    """F5: com menos algarismos que caixas ele nao consegue marcar -g3, e
    pergunta para sempre; com os nossos, ja esta marcada (e -s, nao)."""
    if len(p.algarismos) != len(CAIXAS):
        yield f'{len(p.algarismos)} algarismos, e nao {len(CAIXAS)}'
    for versao in '5.11', '6.3':
        if (visto := pedem(p.algarismos, versao, 'l')) != '-g3':
            yield f'{versao}: esperava so -g3 no ligador, vi {visto}'


def construir(p, versao, bits, algarismos=''):
    """Compila do nada, e o .exe e o que se espera."""
    for f in filter(os.path.exists, p.produtos):
        os.remove(f)
    codigo, visto = p.make('all', versao, bits, algarismos)
    if codigo:
        yield visto
        return
    exe = sh(f'{GCC[bits][:-3]}objdump -fhp {p.exe}')[1]
    if ('pei-x86-64' if bits == 64 else 'pei-i386') not in exe:
        yield f'o .exe nao e de {bits} bits'
    if not algarismos and not ('debug_info' in exe and re.search(
            f' -g3 .*{OPCOES}', visto)):
        yield f'as opcoes nao chegaram ao gcc, ou o F5 nao tem do que precisa'
    # so DLLs do proprio Windows: as que o Wine traz no lugar delas
    for dll in re.findall('DLL Name: (.*)', exe) or ['nenhuma DLL']:
        if not os.path.exists(f'{system32}/{dll.lower()}'):
            yield f'{dll}: nao e do Windows'
    # o Wine de 64 bits do Debian nao roda os de 32
    if bits == 64 and 'uso: ' not in sh(f'wine {p.exe} -h')[1]:
        yield 'o .exe nao roda'


def cabecalho(p, versao):
    """common.h mudou depois de tudo: F9 compila de novo. Sem o nosso
    dependencias.mak, nao."""
    p.make('all', versao)
    for f in arquivos():
        os.utime(f'../../{f}', (1e9, 1e9))
    os.utime('../../common.h')
    if p.make('-q all', versao, inclui=False)[0]:
        yield 'compilaria tambem sem dependencias.mak'
    visto = p.make('all', versao)[1]
    if f' -c {p.fontes[0]} ' not in visto:
        yield 'nao compilou de novo: ' + visto


def f12(p, versao):
    """Apaga de verdade (o que e velho nao sobra) e faz tudo de novo."""
    for inclui in False, True:
        for f in p.produtos:
            with open(f, 'w') as g:
                g.write('velho')
        # no Wine, o cmd.exe nao roda o nosso gcc
        alvos = 'clean' if versao == '6.2' else 'clean all'
        visto = p.make(alvos, versao, inclui=inclui)[1]
        sobrou = [f for f in filter(os.path.exists, p.produtos)
                  if os.path.getsize(f) == len('velho')]
        if bool(sobrou) == (inclui or APAGAR[versao][2]):
            yield (f'{"com" if inclui else "sem"} dependencias.mak, '
                   f'sobrou {sobrou}: {visto}')


def avulso(p, gcc):
    """Com -lws2_32 na caixa do compilador, um arquivo fora do projeto vira um
    programa. Um projeto, em que ela nao chega ao ligador, da o erro que a
    pagina mostra."""
    fonte, exe = p.fontes[0], f'{pasta}/avulso.exe'
    codigo, visto = sh(f'{gcc} {fonte} -o {exe} {p.linker} -I. -L. '
                       '-static-libgcc')
    if codigo:
        yield visto
    visto = sh(f'{gcc} -c {fonte} -o {exe}.o {p.linker} && '
               f'{gcc} {exe}.o -o {exe}')[1]
    erro = re.search('undefined reference to .*WSAStartup.*', visto)
    with open(f'{raiz}/docs/dev-cpp.md', encoding='utf-8') as f:
        if not erro or erro[0] not in f.read():
            yield f'o erro nao e o que a pagina mostra: {visto}'


def arquivos():
    """Todos os da copia do que o aluno baixa."""
    return {os.path.relpath(f'{onde}/{f}', '../..')
            for onde, _, nomes in os.walk('../..') for f in nomes}


def novos(antes):
    """O que se produz fica em docs/dev-cpp, e o git o ignora."""
    depois = arquivos() - antes
    codigo, ignora = sh('git check-ignore --stdin', '\n'.join(depois), cwd=raiz)
    for f in depois:
        if not f.startswith('docs/dev-cpp/'):
            yield f'{f}: novo, fora de docs/dev-cpp'
        elif codigo < 2 and f not in ignora.splitlines():
            yield f'{f}: o git nao o ignora'  # 128: nao ha repositorio


system32 = sh(r"winepath -u 'C:\windows\system32'")[1].strip()
if not os.path.isdir(system32):
    dizer('FALHOU', 'o Wine nao funciona', system32)
    concluir()
os.chdir(raiz)
copia = f'{pasta}/arvore/docs/dev-cpp'
os.makedirs(copia)
for f in glob.glob('*.[ch]'):
    shutil.copy(f, f'{pasta}/arvore')
for f in glob.glob('docs/dev-cpp/*.[dm]*'):
    shutil.copy(f, copia)
os.chdir(copia)
antes = arquivos()
projetos = [Projeto(f) for f in sorted(glob.glob('*.dev'))]
for p in projetos:
    julgar(f'{p.nome}: formato do Dev-C++', [*formato(p)])
    julgar(f'{p.nome}: -g3 marcada e -s nao', [*depuracao(p)])
for bits, gcc in GCC.items():
    for versao in '6.3', '5.11':
        for p in projetos:
            julgar(f'{p.nome}: {versao}, conjunto de {bits} bits',
                   [*construir(p, versao, bits)])
    for p in projetos:
        julgar(f'{p.nome}: arquivo avulso, {gcc}', [*avulso(p, gcc)])
for p in projetos:
    julgar(f'{p.nome}: conjunto de 32 bits escolhido na barra',
           [*construir(p, '5.11', 32, ESCOLHIDO_32)])
    for versao in APAGAR:
        julgar(f'{p.nome}: {versao}: F12 apaga tudo', [*f12(p, versao)])
        if versao != '6.2':
            julgar(f'{p.nome}: {versao}: common.h mudou, o F9 compila de novo',
                   [*cabecalho(p, versao)])
julgar('nada novo fora de docs/dev-cpp, e o git ignora o que ha de novo',
       [*novos(antes)])
concluir()
