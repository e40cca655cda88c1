#!/usr/bin/env python3
"""console.py - o console do Windows: digita em um de verdade (o do Wine, dentro
do tmux) e le o que o outro lado recebeu e o que a tela mostra.

Acentos em qualquer pagina de codigo; entrada e saida por console, pipe e
arquivo; Ctrl-C, fechar a janela, o servidor que termina, os dois cliques.
windows.sh o chama, com o Wine pronto e, em PASTA, os .exe. Do ambiente: CASOS,
so os casos que tem no nome uma destas palavras; TEMPO multiplica os prazos.
"""
import fcntl
import itertools
import os
import re
import signal
import socket
import subprocess
import termios

from contas import raiz
from terminais import PIPE, Falha, Programa, executar

EXE = ('servidor.exe', 'cliente.exe', 'fechar_janela.exe')
TEXTO = 'ação ñ €'


# ---- Janelas e programas ------------------------------------------------

def exigir(verdade, motivo):
    if not verdade:
        raise Falha(motivo + ''.join(f'; em {p.nome!r}, {p.falta()!r}'
                                     for p in Programa.todos))


def ate(o_que, condicao):
    """Espera que a condicao de certo."""
    while not condicao():
        Programa.ler(0.05, o_que)


class Janela:
    """Um console novo, em que roda um comando do shell; o codigo de saida vai
    para o arquivo codigo. Entre os Programa, para se mostrar e acabar."""
    fd = None

    def __init__(self, comando):
        self.nome = comando
        Programa.todos.append(self)
        for exe in EXE:
            os.symlink(f'{os.environ["PASTA"]}/{exe}', exe)
        self.tmux('new-session', '-d', '-x', '100', '-y', '30',
                  'bash', '-o', 'pipefail', '-c', f'trap : INT\n{comando}\n'
                  'echo $? >codigo\nexec sleep 1000')
        self.tty = self.tmux('display-message', '-p', '#{pane_tty}').strip()

    def tmux(self, *comando):
        self.p = subprocess.Popen(
            ['tmux', '-u', '-f', '/dev/null', '-S', 'tmux', *comando],
            stdout=PIPE, text=True)
        return self.p.communicate()[0]

    def mata(self, _):
        self.tmux('kill-server')

    def tela(self):
        return self.tmux('capture-pane', '-p')

    def falta(self):
        return re.sub('\n+', '\n', self.tela())

    def ve(self, texto):
        ate(f'na tela: {texto!r}', lambda: texto in self.tela())

    def le_o_teclado(self):
        """O Wine ja tomou o terminal para ler dele, e leu tudo o que havia."""
        fd = os.open(self.tty, os.O_RDWR | os.O_NOCTTY)
        canonico = termios.tcgetattr(fd)[3] & termios.ICANON
        resta = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))  # um int
        os.close(fd)
        return not canonico and resta == bytes(4)

    def tecla(self, *teclas):
        ate('que o console lesse o teclado', self.le_o_teclado)
        self.tmux('send-keys', *teclas)

    def digita(self, linha):
        # aos poucos: o Wine le 4096 bytes por vez, e corta o que for
        for i in range(0, len(linha), 250):
            self.tecla('-l', linha[i:i + 250])
        self.tecla('Enter')

    def ctrl_c(self):
        self.tmux('send-keys', 'C-c')

    def terminou(self):
        return os.path.exists('codigo') and os.path.getsize('codigo')

    def sai(self, codigo):
        ate('que o programa terminasse', self.terminou)
        with open('codigo') as f:
            saiu = int(f.read())
        exigir(saiu == codigo, f'saiu com {saiu}, esperava {codigo}')

    def sem_enter(self):
        exigir('Tecle ENTER' not in self.tela(), 'pediu ENTER')

    def anuncia(self, chamada):
        """Em -s: espera que seja a ultima anunciada."""
        ate(f'>> {chamada}:', lambda: [chamada] ==
            re.findall(r'>> (\w+):', self.tela())[-1:])

    def passa(self, *chamadas, linha=''):
        """Em -s, um ENTER em cada uma destas."""
        for chamada in chamadas:
            self.anuncia(chamada)
            self.digita(linha)


def porta(texto):
    return re.search(r':(\d+) \(Ctrl-C', texto)[1]


def servidor_linux(opcoes=''):
    s = Programa(f'exec {raiz}/servidor {opcoes} 0', saida=PIPE)
    s.porta = porta(s.ve_ate('para falar com ele'))
    return s


# ---- Os casos: o nome e o da funcao e os argumentos ---------------------

CASOS = []


def com(*argumentos):
    return lambda f: CASOS.extend(
        ('_'.join((f.__name__, *a)).replace('-', ''), f, *a)
        for a in argumentos)


def produto(*listas):
    return itertools.product(*(lista.split() for lista in listas))


# em UDP, o teclado, a tela e os arquivos sao os mesmos: basta um de cada
@com(*produto('-t', '437 850 1252 65001'), ('-u', '850'))
def acento_digitado(modo, pagina):
    s = servidor_linux(modo)
    j = Janela(f"wine cmd /c 'chcp {pagina} & "
               f"cliente.exe {modo} 127.0.0.1 {s.porta}'")
    j.ve('termina.')
    exigir(f': {pagina}' in j.tela(), 'chcp nao mudou a pagina')
    j.digita(TEXTO)
    s.ve(f'cliente 1: {len(TEXTO.encode()) + 1} bytes "{TEXTO}\\n"')
    j.ve(f'servidor> {TEXTO}')
    j.digita('😀')  # dois WCHAR; na tela, o Wine so mostra os de um
    s.ve('bytes "😀\\n"')
    j.digita('sair')  # o console do Wine nao deixa digitar Ctrl-Z
    j.sai(0)
    for linha in TEXTO, f'servidor> {TEXTO}', 'sair', 'servidor> sair':
        j.ve(f'\n{linha}\n')  # o que chega nao cai sobre o que se digita
    s.ve('disse sair')


@com(*produto('-t', 'pipe arquivo', 'console pipe arquivo'),
     ('-u', 'pipe', 'pipe'), ('-u', 'arquivo', 'arquivo'))
def cliente_com(modo, entrada, saida):
    """O que passa tem tudo o que o Windows mudaria em "modo texto". De e para
    um arquivo, com as setas do proprio cmd."""
    s = servidor_linux(modo)
    original = f'{TEXTO}\r\nnulo\0ctrl-z\x1afim'.encode() + b'\xff\n\r\rsem fim'
    with open('original', 'wb') as f:
        f.write(original)
    j = Janela(('cat original | ' if entrada == 'pipe' else '') +
               f"wine cmd /c 'cliente.exe {modo} 127.0.0.1 {s.porta}" +
               (' <original' if entrada == 'arquivo' else '') +
               {'console': "'", 'arquivo': " >volta'",
                'pipe': "' | cat >volta"}[saida])
    linhas = rf'{TEXTO}\r', r'nulo\x00ctrl-z\x1afim\xff', r'\r\rsem fim'
    for linha in linhas:
        s.ve(linha)
    j.sai(0)
    if saida == 'console':  # cada linha com a marca, os controles escapados
        for linha in linhas:
            j.ve(f'servidor> {linha}')
    else:
        exigir_iguais('volta', original)
    s.mata(signal.SIGINT)
    s.ve(f', bytes {len(original)}')


def exigir_iguais(arquivo, original):
    with open(arquivo, 'rb') as f:
        volta = f.read()
    i = len(os.path.commonprefix([volta, original]))
    exigir(volta == original, f'de {len(original)} bytes, voltaram '
           f'{len(volta)}; do {i} em diante, {volta[i:][:50]}, esperava '
           f'{original[i:][:50]}')


@com(*produto('ctrl_c fechar', '-n1 -n2'))
def fim_do_servidor(jeito, opcao):
    """Um cliente do Linux que espera o teclado ve o servidor.exe terminar."""
    j = Janela(f'wine servidor.exe {opcao} 0')
    j.ve('para falar com ele')
    c = Programa(f'exec {raiz}/cliente 127.0.0.1 {porta(j.tela())}', PIPE, PIPE)
    c.digita(f'{TEXTO}\n')
    j.ve(f'bytes "{TEXTO}\\n"')
    if jeito == 'ctrl_c':
        j.ctrl_c()
    else:
        exigir(subprocess.call(['wine', EXE[2], 'servidor.exe']) == 0,
               'nao fechei a janela')
    j.ve('cliente 1 saiu (fim do servidor)')
    j.ve('resumo: clientes ')
    j.sai(0)
    j.sem_enter()
    c.sai(1)


# em um cmd, ou sozinho no console (dois cliques no .exe): ai espera um ENTER
ONDE = 'cmd sozinho'


def aberto(onde, comando):
    return Janela(f"wine cmd /c '{comando}'" if onde == 'cmd' else
                  f'wine {comando}')


def acabar(onde, j, codigo):
    if onde == 'sozinho':
        j.ve('Tecle ENTER')
        exigir(not j.terminou(), 'nao esperou o ENTER')
        j.tecla('Enter')  # um so
        j.sai(codigo)
        exigir('erro incomum' not in j.tela(), 'o ENTER foi parar em send')
    else:
        j.sai(codigo)
        j.sem_enter()


@com(*produto(ONDE, '-t -s'))
def servidor_termina(onde, opcao):
    s = servidor_linux()
    j = aberto(onde, f'cliente.exe {opcao} 127.0.0.1 {s.porta}')
    if opcao == '-s':
        j.passa('WSAStartup', 'socket', 'connect')
    s.ve('cliente 1 chegou')
    j.ve('termina.')
    s.mata(signal.SIGINT)
    j.ve('o servidor encerrou a conversa antes de voce')
    acabar(onde, j, 1)


@com(*produto('recusado porta_em_uso uso_errado ajuda', ONDE))
def ao_abrir(erro, onde):
    comando, codigo, texto = {
        'recusado': ('cliente.exe 127.0.0.1 PORTA', 1,
                     'conexao recusada (WSAECONNREFUSED)'),
        'porta_em_uso': ('servidor.exe PORTA', 1,
                         'endereco ja em uso (WSAEADDRINUSE)'),
        'uso_errado': ('servidor.exe -n 0', 2, "-n '0': use 1 a 10000"),
        'ajuda': ('cliente.exe -h', 0, r'uso: .\cliente')}[erro]
    with socket.socket() as s:  # tem a porta, e nela nao escuta
        s.bind(('127.0.0.1', 0))
        j = aberto(onde, comando.replace('PORTA', str(s.getsockname()[1])))
        j.ve(texto)
        acabar(onde, j, codigo)


@com(())
def ctrl_c_no_cliente():
    s = servidor_linux()
    j = Janela(f'wine cliente.exe 127.0.0.1 {s.porta}')
    s.ve('cliente 1 chegou')
    j.ve('termina.')
    j.ctrl_c()
    ate('que o cliente terminasse', j.terminou)
    j.sem_enter()
    s.ve('cliente 1 ')  # saiu, ou caiu


@com(())
def linha_comprida():
    """Muito maior do que se escreve de uma vez; e uma letra de dois bytes chega
    em dois pedacos."""
    with socket.create_server(('127.0.0.1', 0)) as escuta:
        j = Janela(f'wine cliente.exe 127.0.0.1 {escuta.getsockname()[1]}')
        j.ve('termina.')
        s, _ = escuta.accept()
    texto = ('a' + 'ã' * 1500 + 'fim\n').encode()
    s.sendall(texto[:2])
    j.ve('servidor> a')
    s.sendall(texto[2:])
    j.ve('ãfim')
    exigir(j.tela().count('ã') == 1500, 'a linha mudou')
    exigir(j.tela().count('servidor> ') == 1, 'mais de uma marca')


@com(('-t', '1'), ('-t', '0'), ('-t', '8191'), ('-u', '1'))
def linha_colada(modo, letras):
    """Uma linha maior do que o console entrega de uma vez, com um par de WCHAR
    (um emoji) no lugar do corte: chega inteira, em UTF-8, e e uma linha so."""
    s = servidor_linux(modo)
    linha = 'a' * int(letras) + '😀' * 1030
    original = f'{linha}\n'.encode()
    j = Janela(f"wine cmd /c 'cliente.exe {modo} 127.0.0.1 {s.porta}' | "
               'cat >volta')
    j.ve('termina.')
    j.digita(linha)
    ate('a linha toda de volta',
        lambda: os.path.getsize('volta') >= len(original))
    j.digita('sair')
    j.sai(0)
    exigir_iguais('volta', original + b'sair\n')
    if modo == '-u':
        s.ve(f'cliente 1: {len(original)} bytes')


@com(())
def passo_servidor():
    j = Janela('wine servidor.exe -s 0')
    j.passa('WSAStartup', 'socket', 'bind', linha='isto vale um ENTER')
    j.anuncia('listen')
    exigir('sin_zero   00 00 00 00 00 00 00 00' in j.tela(), 'faltam os bytes')
    j.passa('listen')
    j.ve('para falar com ele')
    c = Programa(f'echo oi | {raiz}/cliente 127.0.0.1 {porta(j.tela())}',
                 saida=PIPE)
    j.passa('accept', 'recv', 'send')
    j.ve('send(')
    j.passa('recv', 'closesocket')
    j.ve('closesocket(')
    c.sai(0)
    j.ctrl_c()  # fora de uma pausa
    j.ve('resumo: clientes 1, mensagens 1, bytes 3')
    j.sai(0)


@com(('socket',), ('socket', 'bind'), ('socket', 'bind', 'listen'))
def passo_ctrl_c(*chamadas):
    """Ctrl-C em uma pausa encerra com 0. O console do Wine, ao contrario do do
    Windows, continua a ler a linha: la falta um ENTER."""
    j = Janela('wine servidor.exe -s 0')
    j.passa('WSAStartup', *chamadas[:-1])
    j.anuncia(chamadas[-1])
    j.ctrl_c()
    # sem Ctrl-C, ENTER so o levaria a esperar um cliente
    ate('que o programa terminasse',
        lambda: j.terminou() or j.tmux('send-keys', 'Enter'))
    j.sai(0)


@com(())
def passo_cliente():
    s = servidor_linux()
    j = Janela(f"wine cmd /c 'cliente.exe -s 127.0.0.1 {s.porta}'")
    j.passa('WSAStartup', 'socket', 'connect')
    j.ve('termina.')
    j.digita(TEXTO)
    j.ve(f'servidor> {TEXTO}')
    j.digita('sair')
    j.passa('shutdown', 'closesocket', 'WSACleanup')
    j.sai(0)


so = os.environ.get('CASOS', '').split()
executar([c for c in CASOS if not so or any(s in c[0] for s in so)], 1)
