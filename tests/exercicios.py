#!/usr/bin/env python3
# exercicios.py - as solucoes dos exercicios de docs/exercicios.md: aplica cada
# docs/solucoes/NN-nome.patch a uma copia dos fontes, compila sem um aviso,
# com os vigias da memoria, prova com conversas de verdade e digita os blocos da
# pagina (experimentos.py). No 1 e no 22 a prova e a pagina.
#
#   [CC=compilador] [EXIGIR=1] [RENOVAR=1] python3 tests/exercicios.py [NN...]
#
# Quando os fontes mudam, um patch ainda se aplica se o contexto e parecido, e
# RENOVAR=1 o reescreve com o contexto de agora. Se ele "nao se aplica":
#
#   mkdir /tmp/b; cp *.[ch] /tmp/b; patch -d /tmp/b -p1 <docs/solucoes/NN-*
#   ... em /tmp/b, faca a mao o que ficou nos .rej ...
#   git diff --no-index -U1 --no-prefix, ou diff -pU1, de cada arquivo
import datetime
import glob
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
sys.dont_write_bytecode = True
from contas import raiz, sh
from terminais import PIPE, Falha, Programa, Pulado, casos_da_suite, executar, \
    exigir, le, ligar as ligar_em, mandar, pode_ter_rede, precisar, troca

PAGINA = raiz + '/docs/exercicios.md'
with open(PAGINA, encoding='utf-8') as f:
    pagina = f.read()
DUAS_FORMAS = '', '-n 1'
porta = 0  # a do ultimo servidor


# ---- O que todos usam -------------------------------------------------------

def servidor(opcoes='', antes=''):
    global porta
    s = Programa(f'{antes}exec ./servidor {opcoes} 0', saida=PIPE)
    s.ve('em 127.0.0.1:')
    porta = int(s.ve_ate(' '))
    return s


def parar(s):
    s.mata(signal.SIGTERM)
    s.sai(0)


def ligar(tipo=socket.SOCK_STREAM):
    return ligar_em(porta, tipo)


def acaba(s, espera=b''):
    """Encerra o nosso lado; chega o que se espera, e o fim."""
    s.shutdown(socket.SHUT_WR)
    exigir('o fim da conversa', espera, le(s, len(espera) + 1))


def cliente(entrada, opcoes=''):
    """O codigo, stdout e stderr de um ./cliente com essa entrada."""
    r = subprocess.run(f'exec ./cliente {opcoes} 127.0.0.1 {porta}', shell=True,
                       input=entrada, capture_output=True, timeout=60)
    return r.returncode, r.stdout, r.stderr.decode()


def secao(numero):
    """Da pagina, este exercicio."""
    return re.search(rf'^## {numero}\. .*?(?=^## |\Z)', pagina, re.M | re.S)[0]


def bloco(linguagem, numero):
    """O primeiro bloco da pagina nessa linguagem, nesse exercicio."""
    m = re.search(rf'^```{linguagem}\n(.*?)^```', secao(numero), re.M | re.S)
    return m and m[1]


def citados(texto):
    """Os CASOS= de um texto da pagina."""
    return re.findall(r"CASOS='?([\w ]+)'? make test", texto)


# ---- Cada exercicio ---------------------------------------------------------

def ensaio_02():
    for s in map(servidor, DUAS_FORMAS):
        troca(ligar(), b'123\noi, \xc3\xa1 p~s\nsair\n',
              b'123\nOI, \xc3\xa1 P~S\nSAIR\n')
        s.ve('cliente 1 saiu (disse sair)')
    s = servidor('-u -x 100')  # o que se perdeu nao se transformou
    cliente(b'oi\n', '-u')
    for _ in range(3):
        s.ve(': 3 bytes "oi\\n"')


def ensaio_03():
    for s in map(servidor, ('', '-n 1', '-u')):
        antes = datetime.datetime.now().replace(microsecond=0)
        if '-u' in s.nome:
            c = ligar(socket.SOCK_DGRAM)
            c.send(b'que horas sao?')
            visto = c.recv(100)
        else:  # ninguem precisa perguntar
            visto = le(ligar(), 100)
        hora = datetime.datetime.strptime(visto.decode(), '%d/%m/%Y %H:%M:%S\n')
        if not antes <= hora <= datetime.datetime.now():
            raise Falha(f'a hora nao e a de agora: {visto!r}')


def ensaio_04():
    for s in map(servidor, DUAS_FORMAS):
        troca(c := ligar(), b'um dois\n\n  tres   palavras aqui \nsair\n',
              b'2\n0\n3\n1\n')
        acaba(c)
        c = ligar()
        c.sendall(b'um do')  # uma palavra em dois pedacos e uma so
        s.ve('cliente 2: 5 bytes ')
        troca(c, b'is\n', b'2\n')
        acaba(c)
    servidor('-u')
    c = ligar(socket.SOCK_DGRAM)
    for envia, espera in ((b'um dois\n', b'2\n'), (b'', b'0\n'),
                          (b'um dois tres', b'3\n'), (b'a\nb b\n', b'1\n2\n')):
        troca(c, envia, espera)
    # um numero enorme de palavras e, no mesmo recv, um mar de linhas vazias: a
    # resposta e maior que a pergunta, e cabe?
    s = servidor()
    c = ligar()
    c.sendall(b'x ' * 123456)
    falta = 246912
    while falta > 0:  # todas chegaram
        s.ve('cliente 1: ')
        falta -= int(s.ve_ate(' bytes'))
    s.mata(signal.SIGSTOP)
    c.sendall(b'\n' * 60000)
    s.mata(signal.SIGCONT)
    troca(c, b'', b'123456\n' + b'0\n' * 59999)

    def linha_sem_fim():
        try:
            while True:
                c.sendall(b'sem fim ' * 8192)
        except OSError:
            pass
    threading.Thread(target=linha_sem_fim, daemon=True).start()
    troca(ligar(), b'e eu?\n', b'2\n')  # nao toma o servidor para si


def ensaio_05():
    s = servidor()
    a, b, c = (ligar(), ligar(), ligar())
    s.ve('cliente 3 chegou de ')
    for quem, diz, outros in ((a, b'oi\n', (b, c)), (b, b'ola\n', (a, c)),
                              (a, b'sair\n', (b, c)), (c, b'tchau\n', (b,))):
        quem.sendall(diz)
        for outro in outros:
            troca(outro, b'', diz)
    acaba(a)  # o que disse sair nao le mais
    acaba(b)
    acaba(c)
    s.ve('cliente 1 saiu (disse sair)')


def ensaio_08():
    """A suite, que prova o servico todo, passa como antes."""
    mandar(f'SERVIDOR=$PWD/servidor TEMPO=2 timeout 500 make -s -C {raiz} test '
           '>suite || { grep FALHOU suite; tail -n 1 suite; false; }', 'a suite')


def ensaio_16():
    visto = sh('ulimit -n 4; exec ./servidor 0')[1]
    if not re.search(r'epoll_create1\(127\.0\.0\.1:.*\(EMFILE\)', visto):
        raise Falha(f'sem um descritor para epoll: {visto}')
    ensaio_08()


def ensaio_17():
    s = servidor()
    a, b = ligar(), ligar()
    s.ve('cliente 2 chegou de ')
    s.digita('bom dia a todos\n')
    troca(a, b'', b'bom dia a todos\n')
    troca(b, b'', b'bom dia a todos\n')
    a.sendall(b'bom dia, professor\n')
    s.ve('cliente 1: 19 bytes "bom dia, professor')
    troca(a, b'sair\n', b'tchau\n')
    s.digita('ainda ai?\n')
    troca(b, b'', b'ainda ai?\n')
    acaba(a)
    s.digita('\x04')  # Ctrl-D: o servidor continua
    b.sendall(b'sim\n')
    s.ve('cliente 2: 4 bytes "sim')
    acaba(b)
    s.ve('cliente 2 saiu')


def ensaio_18():
    uso = 'ERR use: OPERACAO NUMERO NUMERO'
    for _ in map(servidor, DUAS_FORMAS):
        c = ligar()
        for pedido, resposta in (
                ('ADD 10 2', 'OK 12'), ('SUB 10 12', 'OK -2'),
                ('MUL 99999 99999', 'OK 9999800001'), ('DIV 7 2', 'OK 3.5'),
                ('DIV 1 0', 'ERR divisao por zero'), ('ADD 1', uso), ('', uso),
                ('POT 2 3', 'ERR so sei ADD, SUB, MUL e DIV'),
                ('ADD 1 2 3', uso), ('ADD 1 2\r', 'OK 3'),
                ('9' * 81, 'ERR linha grande demais'), ('ADD 2 2', 'OK 4')):
            for pedaco in pedido[:3], pedido[3:]:
                c.sendall(pedaco.encode())
            troca(c, b'\n', resposta.encode() + b'\n')
        troca(c, b'sair\n', b'OK tchau\n')
        acaba(c)
        # um mar de linhas vazias: a resposta e muito maior que a pergunta
        exigir('200000 erros', (uso + '\n').encode() * 200000,
               cliente(b'\n' * 200000)[1])


def ensaio_19():
    def guardados(quando, *esperado):
        exigir(quando, list(esperado), sorted(glob.glob('recebido-*')))
        for nome in esperado:
            os.remove(nome)
    foto = bytes(range(256)) * 2000 + b'\nsair\n' + b'\0' * 99999
    recebi = f'recebi {len(foto)} bytes\n'.encode()
    for s in map(servidor, DUAS_FORMAS):
        exigir('resposta', (0, recebi), cliente(foto)[:2])
        with open('recebido-1', 'rb') as f:
            exigir('a foto gravada e igual', True, f.read() == foto)
        acaba(ligar(), b'recebi 0 bytes\n')
        c = ligar()
        c.sendall(b'metade\n')
        s.ve('cliente 3: 7 bytes ')
        exigir('antes do fim', ['recebido-3.parte'], glob.glob('*.parte'))
        parar(s)  # Ctrl-C: nada que pareca inteiro
        guardados('depois de Ctrl-C', 'recebido-1', 'recebido-2')
    s = servidor()  # dois ao mesmo tempo
    a, b = ligar(), ligar()
    for c, texto in (a, b'um\n'), (b, b'dois\n'), (a, b'tres\n'):
        c.sendall(texto)
    acaba(a, b'recebi 8 bytes\n')
    acaba(b, b'recebi 5 bytes\n')
    for nome, texto in ('recebido-1', 'um\ntres\n'), ('recebido-2', 'dois\n'):
        with open(nome) as f:
            exigir(nome, texto, f.read())
    parar(s)
    guardados('dois', 'recebido-1', 'recebido-2')
    s = servidor(antes='ulimit -S -f 8; ')  # um disco em que so cabem 4 KB
    exigir('o disco encheu', b'nao gravei: o disco encheu?\n', cliente(foto)[1])
    parar(s)
    guardados('disco cheio')


def ensaio_20():
    def m(texto):  # o tamanho, e a mensagem
        return struct.pack('!I', len(texto)) + texto
    muitas = b''.join(b'linha %d\n' % i for i in range(9999))
    for s in map(servidor, ('-v', '-v -n 1')):
        codigo, _, rastro = cliente(b'oi\n', '-v')
        exigir('codigo', 0, codigo)
        for parte in (r', "\x00\x00\x00\x03oi\n", 7, 0) = 7',
                      r', "\x00\x00\x00\x03", 4, 0) = 4',
                      r', "oi\n", 3, 0) = 3'):
            exigir(f'no rastro, {parte}', True, parte in rastro)
        exigir('muitas mensagens', (0, muitas), cliente(muitas)[:2])
        c = ligar()  # o tamanho, e a mensagem, em pedacos
        c.sendall(b'\0\0')
        s.ve(r'recv(4, "\x00\x00", ')
        c.sendall(b'\0\3o')
        s.ve(r'recv(4, "\x00\x03o", ')
        troca(c, b'i\n' + m(b'sair'), m(b'oi\n') + m(b'sair'))
        acaba(c)
    for s in map(servidor, DUAS_FORMAS):
        exigir('sair', b'sair\n', cliente(b'sair\ndois\n')[1])
        s.ve('cliente 1 saiu (disse sair)')
        acaba_logo = ligar()  # sem htonl, 5 sao 83886080 bytes
        acaba_logo.sendall(b'\5\0\0\0oi')
        s.ve('cliente 2 recusado: mensagem de 83886080 bytes')
        acaba(acaba_logo)
    with socket.create_server(('127.0.0.1', 0)) as escuta:  # e no cliente
        c = Programa(f'exec ./cliente -v 127.0.0.1 {escuta.getsockname()[1]}')
        s = escuta.accept()[0]
        s.sendall(b'\0\0')
        c.ve(r'recv(3, "\x00\x00", 4, 0) = 2')
        s.sendall(b'\0\3oi\n')
        c.ve('servidor> oi')
        s.close()
        c.sai(1)
    with open('estrutura.c', 'w') as f:
        f.write(bloco('c', 20))
    exigir('a struct da pagina', bloco('text', 20), mandar(
        '${CC:-cc} -Wall -Wextra -Werror estrutura.c && ./a.out', 'a struct'))


def ensaio_21():
    for _ in map(servidor, DUAS_FORMAS):
        for n in 1, 2:
            c = ligar()
            troca(c, b'', b'bem-vindo, voce e o cliente %d\n' % n)
            troca(c, b'oi\nsair\n', b'oi\nsair\n')
            acaba(c)
    servidor('-u')
    troca(ligar(socket.SOCK_DGRAM), b'oi', b'oi')


def ensaio_23():
    # haja ou nao quem escute na 7777
    exigir('pergunta', False, 'servidor [' in sh('echo oi | ./cliente')[1])
    s = Programa('exec ./servidor')
    s.ve('porta [7777]: ')
    s.digita('0\n')
    s.ve('em 127.0.0.1:')
    onde = s.ve_ate(' ')
    c = Programa('exec ./cliente')
    for pergunta, resposta in (
            ('servidor [127.0.0.1]: ', ''), ('porta [7777]: ', onde),
            (f'conectado a 127.0.0.1:{onde} (TCP)', 'oi'),
            ('servidor> oi\n', 'sair')):
        c.ve(pergunta)
        c.digita(resposta + '\n')
    c.ve('servidor> sair\n')
    c.sai(0)
    s.digita('\x03')
    s.ve('resumo: clientes 1, mensagens 2, bytes 8')
    servidor()  # com argumentos nada se pergunta


# ---- Aplicar, compilar, provar ----------------------------------------------

def exercicio(numero, patch):
    os.mkdir('a')
    mandar(f'cp {raiz}/*.[ch] {raiz}/Makefile a; cp a/* .', 'cp')
    if patch:
        precisar('patch')
        mandar(f'patch -p1 -s <{patch}',
               f'{patch} nao se aplica; veja o comeco de exercicios.py')
    if patch and os.environ.get('RENOVAR'):
        mandar('for f in servidor.c cliente.c common.h; do diff -pU1 --label '
               f'a/$f --label b/$f a/$f $f; done >{patch}; true', 'RENOVAR')
    # com os vigias da memoria, se o compilador os tem
    mandar("set -- '-O1 -g -Wall -Wextra -Werror'; make CFLAGS=\"$1 "
           '-fsanitize=address,undefined -fno-sanitize-recover=all" || '
           'make CFLAGS="$1"', 'nao compila')
    if ensaio := globals().get('ensaio_' + numero):
        ensaio()
    elif not bloco('console', int(numero)):
        raise Falha('nada o prova: nem ensaio, nem bloco da pagina')
    verdes = ' '.join(citados(secao(int(numero))))
    if verdes:
        mandar('SERVIDOR=$PWD/servidor CLIENTE=$PWD/cliente TEMPO=2 CASOS="'
               f'{verdes}" make -s -C {raiz} test >suite || '
               '{ grep FALHOU suite; false; }',
               f'a pagina diz que ficam verdes: {verdes}')
    for p in Programa.todos:  # sem um erro de memoria
        if 'exec ./servidor' in p.nome:
            parar(p)
    if bloco('console', int(numero)):
        visto = mandar(
            f'EXPERIMENTOS={numero} SERVIDOR=$PWD/servidor CLIENTE=$PWD/cliente'
            f' python3 {raiz}/tests/experimentos.py {PAGINA}', 'a pagina')
        if motivo := re.search('^PULADO.*: (.*)', visto):
            raise Pulado(motivo[1])


def casos_nomeados():
    """Os casos que a pagina nomeia, com as chamadas do sistema de fora, ainda
    existem."""
    casos = casos_da_suite()
    fontes = ''.join(open(f).read() for f in glob.glob(raiz + '/*.[ch]'))
    nomes = set(re.findall('`([a-z]+(?:_[a-z0-9]+)+)`', pagina))
    nomes -= set(casos + re.findall(r'\w+', fontes))
    partes = set(' '.join(citados(pagina)).split()) - {'nome'}
    faltam = [n for n in nomes if not re.match('epoll_|inet_|fd_', n)] + \
        [parte for parte in partes if not any(parte in c for c in casos)]
    exigir('casos que nao existem', [], faltam)


os.environ['ASAN_OPTIONS'] = 'detect_leaks=0'  # no fim, ele para o processo
subprocess.check_call(['make', '-s', '-C', raiz, 'all', 'tests/bin/suite'])
patches = {os.path.basename(p)[:2]: p
           for p in glob.glob(raiz + '/docs/solucoes/*.patch')}
patches['22'] = None
executar([('os casos que a pagina nomeia', casos_nomeados)] *
         (not sys.argv[1:]) +
         [(f'exercicio {numero}', exercicio, numero, patches[numero])
          for numero in sorted(patches)
          if numero in sys.argv[1:] or not sys.argv[1:]],
         2 if pode_ter_rede() else 1)
