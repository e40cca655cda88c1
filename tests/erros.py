#!/usr/bin/env python3
# erros.py - docs/erros.md tem uma entrada para cada mensagem que os programas
# escrevem, e nenhuma para uma que eles nao escrevem mais.
#
# As mensagens sao os textos dos fontes que parecem uma frase, menos a ajuda e o
# rastro: de cada linha, os pedacos fixos (os que "%d" nao troca) tem de estar,
# na ordem, em um titulo "### ..." da pagina. E os da tabela erros[]: a causa e
# o codigo em um titulo, a dica no texto dele.
#
# Ao contrario: cada titulo das partes que falam dos programas e o de uma dessas
# mensagens; e o de cada parte anterior (o compilador, o terminal) e provocado
# aqui, ou esta em FORA_DAQUI com o motivo.
#
# Por fim, a tabela "O rastro mostra o engano": cada um e cometido em uma copia
# dos programas, e o rastro tem de mostrar o que a linha dele diz.
import errno
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
sys.dont_write_bytecode = True
from contas import concluir, dizer, julgar, raiz, sh, sinais_terminam
from terminais import (PIPE, Falha, Programa, executar, mandar, pode_ter_rede,
                       rede_propria)

os.chdir(raiz)
os.environ.update(LC_ALL='C', MAKEFLAGS='')
sinais_terminam()
with open('docs/erros.md', encoding='utf-8') as f:
    pagina = f.read()
W64, W32 = 'x86_64-w64-mingw32-gcc', 'i686-w64-mingw32-gcc'


# ---- As mensagens dos fontes ------------------------------------------------

ERRO = re.compile(r'\{[^{}"]*"(\w*)",\s*"([a-z][^"]*)",\s*"([^"]*)"\}')
# nem frases, nem mensagens: nomes, formatos do rastro, o que -s anuncia
NAO_SAO = re.compile(r'\w*$|\w+\(|[{/+]|.*%02x|passo \d|(ante|depoi)s de tudo|'
                     r' \(%d vezes|os sockets$|sair\\r')


def extrair(arquivo):
    """As mensagens, com os % da printf: (texto, codigo, dica); sem os dois
    ultimos, se nao e da tabela erros[]."""
    with open(arquivo) as f:
        fonte = f.read()
    nomes = {'servidor.c': ('servidor', 'cliente'),
             'cliente.c': ('cliente', 'servidor')}.get(arquivo, ('%s', '%s'))
    for molde, troca in (
            (r'\bajuda\[\] =.*?;\n', ''), (r'/\*.*?\*/', ''),
            (r'^[ \t]*#([^\n]*\\\n)*[^\n]*', ''), (r"'(\\.|[^'\\])'", ''),
            (r'\\(["\\])', '\1'),  # uma aspa dentro de um texto
            (r'\bPASTA\b', '"./"'), (r'\bPROGRAMA\b', f'"{nomes[0]}"'),
            (r'\bOUTRO\b', f'"{nomes[1]}"'), (r'"\s+"', '')):
        fonte = re.sub(molde, troca, fonte, flags=re.M | re.S)
    for codigo, causa, dica in ERRO.findall(fonte):
        yield causa, codigo, dica
    for texto in re.findall('"([^"]*)"', ERRO.sub('', fonte)):
        for l in texto.replace('\1', '"').split(r'\n'):
            if l in ('caiu', 'saiu', 'porta') or re.search(
                    '[a-z]{3}', l) and not NAO_SAO.match(l):
                yield l.replace('%%', '%'), None, ''


def acha(texto, molde):
    """Os pedacos fixos do molde estao no texto, na ordem?"""
    onde = 0
    for p in re.split('%[-0-9.]*[a-z]', molde):
        p = p.strip(' ')
        i = texto.find(p, onde)
        if i < 0:
            return False
        onde = i + len(p)
    return onde > 0


def os_programas():
    i = pagina.index('\n## O comando estava errado')
    f = pagina.index('\n## Nenhuma mensagem')
    entradas = dict(re.findall(r'^### (.*)\n((?:(?!##).*\n)*)', pagina[i:f],
                               re.M))
    usadas, vistas = set(), set()
    for arquivo in 'common.h', 'servidor.c', 'cliente.c':
        mensagens = [m for m in extrair(arquivo) if m not in vistas]
        vistas.update(mensagens)
        queixas = []
        for texto, codigo, dica in mensagens:
            if codigo is None:
                achadas = [t for t in entradas if acha(t, texto)]
            else:
                achadas = [t for t, corpo in entradas.items()
                           if acha(t, f'`{texto} (') and (
                               codigo in t or f'`WSA{codigo}`' in corpo)]
            queixas += [f'a entrada {t} nao diz: {dica}' for t in achadas
                        if dica and not acha(entradas[t], dica)]
            if not achadas:
                queixas.append(f'sem entrada na pagina: {texto} {codigo or ""}')
            # "cliente %u %s" esta em muitos titulos, e nao e nenhum deles
            if re.sub('%[-0-9.]*[a-z]| ', '', texto) != 'cliente':
                usadas.update(achadas)
        # a colheita dos fontes nao pode vir vazia sem que se note
        if len(mensagens) < 12:
            queixas.append(f'so {len(mensagens)} mensagens')
        julgar(f'{arquivo}: as {len(mensagens)} mensagens estao na pagina',
               queixas)
    julgar('cada entrada e de uma mensagem dos programas',
           [f'os programas nao dizem: {t}' for t in entradas
            if t not in usadas])


def palavras_de_perror():
    """As de cada codigo sao as do sistema (na glibc)."""
    dizem = re.findall(r'^### .*\((E[A-Z]+)\)`\n(?:(?!#).*\n)*?'
                       r'.*`perror`: `(.*)`\.$', pagina, re.M)
    if len(dizem) <= 15:
        yield 'sumiram'
    for codigo, texto in dizem:
        certo = os.strerror(getattr(errno, codigo))
        if texto != certo:
            yield f'{codigo}: a pagina diz {texto}, e o sistema, {certo}'


# ---- O compilador e o terminal ----------------------------------------------

ARQUIVOS = {
    'for.c': 'int main(void) { for (int i = 0; i < 2; i++); return 0; }',
    'duas.c': 'int main(void) { int n = 1; int n = 2; return n; }',
    'sem.c': 'int main(void) { x = 1; return 0; }',
    'ponto.c': 'int main(void) { return 0 }',
    'aspas.c': 'int main(void) { return \u201c; }',
    'implicita.c': 'int main(void) { return socket(2, 1, 0); }',
    'malloc.cpp': '#include <stdlib.h>\n'
                  'int main(void) { char *p = malloc(2); return p == 0; }',
    'ordem.c': '#include <windows.h>\n#include <winsock2.h>',
    'valor.c': '#include <sys/socket.h>\n#include <netinet/in.h>\n'
               'int main(void) { struct sockaddr_in aqui; socklen_t n = 16;\n'
               'bind(3, aqui, sizeof aqui);\n'
               'return accept(3, (struct sockaddr *)&aqui, n); }',
    'pragma.c': '#pragma comment(lib, "ws2_32.lib")\nint main(void) { }',
    'nulo.c': 'int main(void) { int *p = 0; return *p; }',
    'posix.c': '#include <sys/socket.h>',
    'vazio.c': '',
    'servidor': 'x',
    'com/Makefile': 'alvo:\n    comando',
    # os cabecalhos de um MinGW de mingw.org: sem as versoes do mingw-w64, e sem
    # o que o par usa do Winsock 2.2
    **{f'antigo/{nome}.h': f'#include_next <{nome}.h>\n'
       '#undef __MINGW64_VERSION_MAJOR\n' + ''.join(
           f'#undef {n}\n' for n in ('POLLIN', 'POLLOUT', 'SRWLOCK_INIT',
                                     'SO_EXCLUSIVEADDRUSE')
           if nome.startswith('w') and nome != 'windows')
       for nome in ('winsock2', 'ws2tcpip', 'windows', 'io')},
}
PROVOCAM = r'''
common.h: No such file or directory|gcc -c vazia/servidor.c
servidor.c: No such file or directory|gcc -c outra/servidor.c
winsock2.h: No such file or directory|gcc -D_WIN32 -c servidor.c
sys/socket.h: No such file or directory|W64 -c posix.c
MinGW antigo|W64 -Iantigo -c servidor.c
MinGW antigo|W64 -Iantigo -c cliente.c
'for' loop initial declarations are only allowed in C99|gcc -std=gnu90 for.c
storage size of 'acao' isn't known|gcc -std=c99 -c servidor.c
storage size of 'acao' isn't known|gcc -ansi -c servidor.c
redefinition of 'n'|gcc duas.c
'x' undeclared (first use in this function)|gcc sem.c
expected ';' before|gcc ponto.c
stray '\342' in program|gcc aspas.c
implicit declaration of function 'socket'|gcc implicita.c
incompatible type for argument 2 of 'bind'|gcc -w valor.c
passing argument 3 of 'accept' makes pointer from integer|gcc valor.c
invalid conversion from 'void*' to 'char*'|g++ malloc.cpp
ignoring '#pragma comment '|W64 -Wall pragma.c
Please include winsock2.h before windows.h|W64 -c ordem.c
undefined reference to `__imp_WSAStartup|W64 servidor.c
undefined reference to `_imp__WSAStartup@8|W32 servidor.c
undefined reference to `WSAPoll|W64 servidor.c -lwsock32
undefined reference to `main|gcc vazio.c
multiple definition of `main|gcc servidor.c cliente.c -pthread
cannot find -lws2_32|gcc servidor.c -lws2_32 -pthread
ld returned 1 exit status|gcc vazio.c
missing separator|make -C com
No targets specified and no makefile found|make
No rule to make target|make nada
make: command not found|bash -c 'PATH=/nada; make'
gcc: command not found|bash -c 'PATH=/nada; gcc'
./servidor: Permission denied|sh -c ./servidor
servidor: command not found|bash -c servidor
./servidor: No such file or directory|bash -c 'cd vazia && ./servidor'
cannot execute binary file: Exec format error|bash -c ./alheio
Segmentation fault|bash -c 'gcc -w -O0 nulo.c -o nulo; ./nulo; true'
'''
# O que nao se provoca aqui, e por que. O texto vem de onde se diz.
FORA_DAQUI = '''
cannot open output file servidor.exe|so o Windows tranca um programa em uso
pthread_create|glibc anterior a 2.34
Arquivo Fonte não compilado|Dev-C++: Lang/Portuguese.lng, 61007 e 61018
O Projeto não está compilado|Dev-C++: Lang/Portuguese.lng, 61006 e 61017
Seu projeto não contém informações de depuração|Portuguese.lng, 60014
No mapping for the Unicode character|Dev-C++ 6.3: os seus issues 113, 222, 239
gcc' não é reconhecido|cmd.exe em portugues; o do Wine diz outra coisa
'.' não é reconhecido|cmd.exe em portugues; o do Wine diz outra coisa
está reservado para uso futuro|PowerShell: ParserStrings, em portugues
A entrada do procedimento WSAPoll|Windows XP; o que ele nao tem, abaixo
não é compatível com a versão do Windows|erro 216 da Microsoft; veja dev_cpp.py
'''


def tabela(texto):
    return [l.split('|', 1) for l in texto.strip().splitlines()]


def provocar(pasta):
    os.mkdir(f'{pasta}/vazia')
    for f in 'servidor.c', 'cliente.c', 'common.h':
        shutil.copy(f, pasta)
    shutil.copy('servidor.c', f'{pasta}/vazia')
    for nome, texto in ARQUIVOS.items():
        os.makedirs(os.path.dirname(f'{pasta}/{nome}'), exist_ok=True)
        with open(f'{pasta}/{nome}', 'w', encoding='utf-8') as f:
            f.write(texto)
    # um programa de outro processador: so o comeco, que e o que o sistema le
    with open(f'{pasta}/alheio', 'wb') as f:
        f.write(b'\177ELF\2\1\1\0' + bytes(8) + b'\2\0\377\377' + b'0' * 200)
    os.chmod(f'{pasta}/alheio', 0o755)
    titulos = re.findall('^### (.*)', pagina.split(
        '\n## O comando estava errado')[0], re.M)
    sem_prova = set(titulos) - {t for t in titulos for pedaco, _ in tabela(
        FORA_DAQUI) if pedaco in t}
    for mensagem, comando in tabela(PROVOCAM):
        comando = comando.replace('W64', W64).replace('W32', W32)
        dela = {t for t in titulos if mensagem in t}
        sem_prova -= dela
        if not shutil.which(comando.split()[0]):
            dizer('PULADO', mensagem, f'falta {comando.split()[0]}')
            continue
        visto = sh(comando, cwd=pasta)[1]
        queixas = [] if mensagem in visto else visto.splitlines()[:20]
        if not dela:
            queixas.append('sem entrada na pagina')
        # o #error tem de vir primeiro
        if 'antigo' in mensagem and '#error' not in re.search(
                '.*error:.*|$', visto)[0]:
            queixas.append('o #error nao vem primeiro')
        julgar(mensagem, queixas)
    julgar('cada titulo do compilador e do terminal e provocado',
           [f'{t}: nao se provoca, e nao esta em FORA_DAQUI'
            for t in sem_prova])
    if shutil.which(W64):
        for o in '-std=c99', '-ansi':
            julgar(f'{o}, no Windows: compila', sh(
                f'{W64} {o} -c servidor.c', cwd=pasta)[1].splitlines())
        pedem = sh(f'{W64} servidor.c -o s.exe -lws2_32 && '
                   'x86_64-w64-mingw32-objdump -p s.exe', cwd=pasta)[1]
        julgar('servidor.exe pede ao Windows o que o XP nao tem', [
            f'nao pede {f}' for f in ('WSAPoll', 'AcquireSRWLockExclusive')
            if f not in pedem])


# ---- Os enganos -------------------------------------------------------------

UM = r'(?s)(static void atender_um_por_vez\(.*?)'
UDP = r'(?s)(static void atender_datagramas\(.*?)'
# o comeco da linha da tabela: o arquivo, o que se troca, como se roda, e o que
# mais o rastro mostra, que a pagina diz em palavras
ENGANOS = {
    '`sin_port = porta`': ('common.h', [
        (r'htons\(\(unsigned short\)porta\)', 'porta')], 'so',
        'servidor TCP em 127.0.0.1:24862 '),
    'sem `sin_family`, no servidor': ('common.h', [
        (r'e->sin_family = AF_INET;', '')], 'so'),
    'sem `sin_family`, no cliente': ('cliente.c', [
        (r'(    SOCKET s = Socket)', r'    servidor.sin_family = 0;\n\1')],
        'cliente', ' = -1 E'),
    '`sizeof &aqui`': ('servidor.c', [
        (r'( Bind\(.*)sizeof aqui', r'\1sizeof &aqui')], 'so'),
    '`listen` antes': ('servidor.c', [
        (r'r = (Bind\([^;]*);', r'r = @;'),
        (r'r = Listen\([^;]*;',
         'r = Bind(s, (struct sockaddr *)&aqui, sizeof aqui);'),
        ('r = @', 'r = Listen(s, FILA)')], 'so'),
    '`tamanho`, sem `&`': ('servidor.c', [
        (UM + '&tamanho', r'\1tamanho')], '-n 1'),
    '`tamanho = 0`': ('servidor.c', [
        (UDP + 'tamanho = sizeof quem', r'\1tamanho = 0'),
        (UDP + 'sockaddr_in quem;', r'\1sockaddr_in quem = {0};')], '-u'),
    '`Recv` no socket': ('servidor.c', [
        (UM + r'Recv\(s, ', r'\1Recv(escuta, ')], '-n 1'),
    '`Send` no socket': ('servidor.c', [
        (UM + r'Send\(s, ', r'\1Send(escuta, ')], '-n 1'),
    'sem `listen`': ('servidor.c', [(r'if \(.*r = Listen\(.*', '')], 'so'),
    '`n >= 0`': ('servidor.c', [
        (UM + r'while \(n > 0 && !c', r'\1while (n >= 0 && !c')], '-n 1',
        *['recv(4, "", 65536, 0) = 0'] * 3),
    '`Close` no socket': ('servidor.c', [
        (UM + r'Close\(s\)', r'\1Close(escuta)')], '-n 1'),
    'sem `Close`': ('servidor.c', [
        (UM + r'Close\(s\);', r'\1')], '-n 1', ' = 5\n'),
    'sem `SO_REUSEADDR`': ('servidor.c', [
        (r' \w+\(s, SOL_SOCKET, OPCAO_DA_PORTA, 1\);', '')], 'reabre'),
}


def cometer(arquivo, trocas, programa):
    for f in 'servidor.c', 'cliente.c', 'common.h':
        with open(f'{raiz}/{f}') as de, open(f, 'w') as para:
            texto = de.read()
            for velho, novo in trocas if f == arquivo else ():
                texto, vezes = re.subn(velho, novo, texto)
                if not vezes:
                    raise Falha(f'nao se achou o que trocar em {f}: {velho}')
            para.write(texto)
    mandar(f'{os.environ.get("CC") or "cc"} -w {programa}.c -o {programa} '
           '-pthread', 'cc')


def enganar(arquivo, trocas, como, quer, nunca):
    """Comete o engano, e espera ver no rastro o que se quer, nessa ordem."""
    cometer(arquivo, trocas, 'cliente' if como == 'cliente' else 'servidor')
    rede_propria()  # nela a porta da pagina nunca foi usada
    u = '-u' if como == '-u' else ''
    servidor = f'servidor -v {u or "-n 1"} 7777'
    cliente = f'cliente -v {u} 127.0.0.1 7777'
    if como == 'cliente':
        Programa(f'"{raiz}"/{servidor}', saida=PIPE).ve('para falar')
        s = Programa(f'echo oi | ./{cliente}', saida=PIPE)
    else:
        s = Programa(f'./{servidor}', saida=PIPE)
    if como[0] == '-':
        s.ve('para falar')
        s.lido = 0
        for _ in 'dois', 'clientes':
            Programa(f'echo oi | "{raiz}"/{cliente}', saida=PIPE)
    if como == 'reabre':  # quem fecha primeiro guarda a porta: o servidor
        s.ve('para falar')
        with socket.create_connection(('127.0.0.1', 7777)) as c:
            c.sendall(b'sair\n')
            while c.recv(100):
                pass
        s.mata(signal.SIGKILL)
        s.codigo()
        s = Programa(f'./{servidor}', saida=PIPE)
    for texto in quer:
        s.ve(texto)
    for texto in nunca:
        if texto.encode() in s.visto:
            raise Falha(f'o rastro mostra {texto}: {s.visto.decode()}')


def enganos():
    parte = pagina[pagina.index('\n## O rastro mostra o engano'):]
    linhas = [l.split(' | ') for l in re.findall(
        r'^\| (.* \| .* \| .*) \|$', parte[:parte.index('\n## O que os')],
        re.M)[2:]]
    julgar('cada engano da tabela se comete aqui', [
        l[0] for l in linhas if not any(map(l[0].startswith, ENGANOS))])
    for nome, (arquivo, trocas, como, *mais) in ENGANOS.items():
        diz = [l[1] for l in linhas if l[0].startswith(nome)]
        if len(diz) != 1:
            julgar(nome, ['nao esta na pagina'])
            continue
        nunca = re.findall('(?:não vem|nenhuma linha) `([^`]*)`', diz[0])
        quer = [t for t in re.findall('`([^`]*)`', diz[0]) if t not in nunca
                and re.search(r' = -?\d|^-1 E', t)]
        yield nome, enganar, arquivo, trocas, como, quer + mais, nunca


os_programas()
julgar('as palavras de perror sao as do sistema', [*palavras_de_perror()])
with tempfile.TemporaryDirectory(prefix='erros.') as pasta:
    provocar(pasta)
casos = [*enganos()]
if not pode_ter_rede():
    dizer('PULADO', 'os enganos: falta permissao para criar uma rede')
    concluir()
executar(casos)
