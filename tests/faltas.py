# faltas.py - o sistema falta com os programas: memoria da rede que acaba,
# descritores do sistema, um fio que nao se abre, o relogio que para. Cada caso
# escolhe a chamada e o erro, e olha quantas vezes ela foi feita: quem espera
# girando se denuncia pela conta, e nao pelo tempo. As faltas: faltas.c.
#
#   [SERVIDOR=./servidor] [CLIENTE=./cliente] [CASOS='read accept'] \
#       python3 tests/faltas.py        CASOS: partes dos nomes
import ctypes
import errno
import mmap
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
sys.dont_write_bytecode = True
from contas import raiz
from terminais import (PIPE, Programa, Pulado, executar, exigir, garantir, le,
                       ligar, troca)

REPOUSO = 1.5  # segundos em que se contam as chamadas
POUCAS = 30  # chamadas nesse tempo: quem gira faz milhares
BIBLIOTECA = raiz + '/tests/bin/faltas.so'
CHAMADAS = ['accept', 'send', 'recv', 'recvfrom', 'poll', 'read',
            'pthread_create', 'volta', 'hora']


class Injecao(ctypes.Structure):  # como em faltas.c
    _fields_ = [
        ('erro', ctypes.c_int * len(CHAMADAS)),
        ('resta', ctypes.c_int * len(CHAMADAS)),
        ('feitas', ctypes.c_long * len(CHAMADAS)),
        *((nome, ctypes.c_int) for nome in 'parado salto segura nagle'.split())]


class EmFalta(Programa):
    """Um programa a que o sistema falta. As faltas: (chamada, erro, vezes),
    desde o comeco."""

    def __init__(self, comando, *faltas, entrada=PIPE, segura=0):
        arquivo = os.path.abspath(f'injecao{len(Programa.todos)}')
        with open(arquivo, 'w+b') as f:
            f.truncate(ctypes.sizeof(Injecao))
            self.injecao = Injecao.from_buffer(mmap.mmap(f.fileno(), 0))
        self.injecao.segura = segura
        for falta in faltas:
            self.falhar(*falta)
        super().__init__(f'exec env LD_PRELOAD={BIBLIOTECA} INJECAO={arquivo} '
                         + comando, entrada, PIPE, cwd=raiz)

    def falhar(self, chamada, erro, vezes=-1):  # -1: sempre
        i = CHAMADAS.index(chamada)
        self.injecao.resta[i] = vezes
        self.injecao.erro[i] = getattr(errno, erro)

    def feitas(self, chamada):
        return self.injecao.feitas[CHAMADAS.index(chamada)]

    def repousa(self, chamada):
        """Enquanto o tempo passa, a chamada nao se repete sem parar."""
        antes = self.feitas(chamada), self.feitas('poll')
        time.sleep(REPOUSO)
        mais = self.feitas(chamada) - antes[0], self.feitas('poll') - antes[1]
        garantir(max(mais) <= POUCAS, f'esperava ate {POUCAS} {chamada} e '
                 f'poll em {REPOUSO} s, vi {mais}')

    def conta(self, chamada, erro):
        """Ele diz a chamada, o erro, e a causa em palavras."""
        self.ve(f' ({erro}). ')
        *_, linha = self.visto[:self.lido].decode().split('\n')
        garantir(re.match(rf'\w+: {chamada}\(.*\): (?!.*raro)', linha),
                 f'esperava {chamada}(...) e a causa, vi {linha!r}')


def servidor(opcoes, **resto):
    s = EmFalta(f'{os.environ.get("SERVIDOR") or "./servidor"} {opcoes} 0',
                **resto)
    s.ve(' (Ctrl-C termina)\n')
    s.porta = int(re.search(rb':(\d+) \(Ctrl-C', s.visto)[1])
    return s


def cliente(opcoes, *faltas, porta=0, **resto):
    porta = porta or servidor('-q ' + opcoes).porta
    c = EmFalta(f'{os.environ.get("CLIENTE") or "./cliente"} {opcoes} '
                f'127.0.0.1 {porta}', *faltas, **resto)
    c.ve(f'127.0.0.1:{porta}')
    return c


# ---- O cliente --------------------------------------------------------------

def cliente_falha(chamada, erro):
    """Ele sai ja, com 1, e o conta."""
    c = cliente('-u' if chamada == 'recvfrom' else '', (chamada, erro))
    if chamada in ('send', 'recvfrom'):
        c.digita('oi\n')
    c.p.stdin.close()
    c.conta(chamada, erro)
    c.sai(1)
    garantir(c.feitas(chamada) <= POUCAS, f'{c.feitas(chamada)} vezes')


def read_passa(opcoes, erro):
    """EINTR e EAGAIN nao sao falhas."""
    c = cliente(opcoes, ('read', erro, 3))
    c.digita('oi\nsair\n')
    c.ve('oi\nsair\n')
    c.sai(0)


def entrada_solta(opcoes):
    """Uma entrada que nao bloqueia, e ninguem digita: espera parado."""
    leitura, escrita = os.pipe2(os.O_NONBLOCK)
    c = cliente(opcoes, entrada=leitura)
    c.repousa('read')
    os.write(escrita, b'sair\n')
    c.sai(0)


def fim_com_entrada(texto, codigo):
    """O servidor encerra com a entrada ainda por ler: o que ja veio se le. Se e
    so o fim dela, disse-se tudo, e deu certo; uma linha ja nao se envia."""
    escuta = socket.create_server(('127.0.0.1', 0))
    c = cliente('', porta=escuta.getsockname()[1], segura=1)
    s, _ = escuta.accept()
    c.digita(texto)
    c.p.stdin.close()
    s.shutdown(socket.SHUT_WR)
    while c.p.poll() is None and not c.feitas('poll'):  # olha se ha entrada
        Programa.ler(0.01)
    c.injecao.segura = 0
    c.sai(codigo)
    exigir('quantos send', 0, c.feitas('send'))


# ---- O servidor -------------------------------------------------------------

def conversa(s):
    with ligar(s.porta) as c:
        troca(c, b'oi\n', b'oi\n')


def accept_falta(opcoes, erro):
    """Enquanto faltam recursos a chamada nao se repete sem parar, e se conta
    uma vez; quem esperava e atendido quando deixam de faltar."""
    s = servidor(opcoes)
    s.falhar('accept', erro)
    c = ligar(s.porta)
    c.sendall(b'tem lugar?\n')
    s.conta('accept', erro)
    s.repousa('accept')
    Programa.ler(0)
    exigir('quantas vezes o conta', 1, s.visto.count(b': accept('))
    s.falhar('accept', erro, 0)
    troca(c, b'sair\n', b'tem lugar?\nsair\n')
    exigir('depois de sair', b'', le(c, 1))
    s.ve('cliente 1 saiu (disse sair)')  # e nao fechou
    conversa(s)


def accept_desistiu(opcoes):
    """Quem desistiu na fila nao e falta de nada: o proximo e aceito."""
    s = servidor(opcoes)
    s.falhar('accept', 'ECONNABORTED', 2)
    conversa(s)
    conversa(s)
    s.falhar('accept', 'EINTR', 2)
    conversa(s)
    Programa.ler(0)
    exigir('quantas vezes o conta', 0, s.visto.count(b'accept('))


def espera_falta(chamada, erro):
    """poll ou recvfrom falha sem parar: conta-se, poucas vezes, e ninguem gira;
    depois atende; e Ctrl-C vale mesmo na falta."""
    udp = chamada == 'recvfrom'
    s = servidor('-u' if udp else '')
    s.falhar(chamada, erro)
    c = ligar(s.porta, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    c.sendall(b'oi\n')
    s.conta(chamada, erro)
    s.repousa(chamada)
    Programa.ler(0)
    n = s.visto.count(f': {chamada}('.encode())
    garantir(n < 10, f'contou-o {n} vezes em {REPOUSO} s')
    s.falhar(chamada, erro, 0)
    exigir('o eco', b'oi\n', le(c, 3))
    s.falhar(chamada, erro)


def vaga_na_hora():
    """Faltou descritor, e quem esperava entra assim que alguem sai, sem esperar
    a pausa passar (aqui o relogio nao anda)."""
    s = servidor('-n 10')
    um = ligar(s.porta)
    troca(um, b'um\n', b'um\n')
    s.injecao.parado = 1
    s.falhar('accept', 'EMFILE', 1)
    dois = ligar(s.porta)
    dois.sendall(b'dois\n')
    s.conta('accept', 'EMFILE')
    um.close()
    exigir('o eco do segundo', b'dois\n', le(dois, 5))
    s.injecao.parado = 0


def despedida():
    """Quem disse sair tem um minuto para fechar, com -s; e outro e atendido."""
    s = servidor('-s', entrada=open(os.devnull))
    s.injecao.parado = 1
    outro, um = ligar(s.porta), ligar(s.porta)
    troca(outro, b'oi\n', b'oi\n')
    troca(um, b'sair\n', b'sair\n')
    exigir('depois de sair', b'', le(um, 1))
    troca(outro, b'oi\n', b'oi\n')  # um ja tem o seu prazo
    s.injecao.salto = 59
    troca(outro, b'oi\n', b'oi\n')
    troca(outro, b'oi\n', b'oi\n')  # entre os dois, olhou-se o prazo de todos
    Programa.ler(0)
    exigir('quantos close', 0, s.visto.count(b'close('))
    s.injecao.salto = 61
    s.ve('close(')


def ctrl_c_na_despedida():
    """Ctrl-C enquanto -n 1 espera que feche quem disse sair: o prazo, que aqui
    nunca vem, ja nao importa."""
    s = servidor('-n 1')
    c = ligar(s.porta)
    s.injecao.parado = 1
    troca(c, b'sair\n', b'sair\n')
    exigir('depois de sair', b'', le(c, 1))
    s.mata(signal.SIGINT)
    s.sai(0)


def tempestade():
    """4000 esperam na fila: o servidor os aceita em poucas voltas, e nao em uma
    volta para cada um."""
    _, maximo = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open('/proc/sys/net/core/somaxconn') as f:
        if int(f.read()) < 4096 or maximo < 4200:
            raise Pulado('poucos descritores, ou a fila de listen e curta')
    resource.setrlimit(resource.RLIMIT_NOFILE, (maximo, maximo))
    s = servidor('-q -n 10000')
    conversa(s)
    s.mata(signal.SIGSTOP)
    os.waitpid(s.p.pid, os.WUNTRACED)
    fila = [ligar(s.porta) for _ in range(4000)]
    for c in fila:
        c.sendall(b'eu\n')
    antes = s.feitas('volta')
    s.mata(signal.SIGCONT)
    for c in fila:
        exigir('o eco', b'eu\n', le(c, 3))
    voltas, aceitos = s.feitas('volta') - antes, s.feitas('accept')
    garantir(voltas < 200 and aceitos > 4000, 'esperava menos de 200 voltas '
             f'para 4001, vi {voltas} para {aceitos}')


# ---- Os casos ---------------------------------------------------------------

def ate_o_fim(funcao, *valores):
    """E ninguem olha a hora do dia, que so serve a quem sorteia, uma vez: pode
    ser acertada, e a pausa ou a despedida de quem a olhasse nao acabaria. Quem
    envia o faz sem o algoritmo de Nagle; quem ainda vive sai com 0."""
    funcao(*valores)
    for p in Programa.todos:
        garantir(p.feitas('hora') <= 1, f'{p.nome}: olhou a hora do dia '
                 f'{p.feitas("hora")} vezes')
        exigir(p.nome + ' sem TCP_NODELAY', 0, p.injecao.nagle)
        if p.p.poll() is None:
            p.mata(signal.SIGTERM)
            p.sai(0)


def com_erros(nome, erros, funcao, *resto):
    return [(f'{nome}_{erro.lower()}', funcao, *resto, erro)
            for erro in erros.split()]


casos = [
    *com_erros('send', 'ENOBUFS ENOMEM EPERM', cliente_falha, 'send'),
    *com_erros('recv', 'ENOMEM', cliente_falha, 'recv'),
    *com_erros('udp_recvfrom', 'EIO', cliente_falha, 'recvfrom'),
    *com_erros('fio', 'EAGAIN', cliente_falha, 'pthread_create'),
    *com_erros('read', 'EIO EBADF EISDIR EINVAL EFAULT ENOMEM', cliente_falha,
               'read'),
    *com_erros('read_tcp', 'EINTR EAGAIN', read_passa, '-t'),
    *com_erros('read_udp', 'EINTR EAGAIN', read_passa, '-u'),
    ('entrada_solta_tcp', entrada_solta, '-t'),
    ('entrada_solta_udp', entrada_solta, '-u'),
    ('fim_com_o_fim_da_entrada', fim_com_entrada, '', 0),
    ('fim_com_uma_linha', fim_com_entrada, 'oi\n', 1),
    *com_erros('poll', 'ENOMEM EINVAL', espera_falta, 'poll'),
    *com_erros('recvfrom', 'ENOMEM ENOBUFS EIO', espera_falta, 'recvfrom'),
    ('vaga_na_hora', vaga_na_hora),
    ('despedida', despedida),
    ('ctrl_c_na_despedida', ctrl_c_na_despedida),
    ('tempestade', tempestade)]
for nome, opcoes in ('um', '-n 1'), ('varios', ''):
    casos += [
        *com_erros('accept_' + nome, 'EMFILE ENFILE ENOBUFS ENOMEM',
                   accept_falta, opcoes),
        ('accept_desistiu_' + nome, accept_desistiu, opcoes)]
os.makedirs(raiz + '/tests/bin', exist_ok=True)
subprocess.run(f'{os.environ.get("CC") or "cc"} -O1 -Wall -Wextra -shared '
               f'-fPIC -o {BIBLIOTECA} {raiz}/tests/faltas.c -ldl',
               shell=True, check=True)
partes = os.environ.get('CASOS', '').split() or ['']
executar((nome, ate_o_fim, *resto) for nome, *resto in casos
         if any(parte in nome for parte in partes))
