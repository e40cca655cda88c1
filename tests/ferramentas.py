# ferramentas.py - o par visto por outros programas: o rastro (-v) contra o que
# o strace ve, e os erros que so ele provoca; conversas com ncat e socat. (Com
# nc, telnet e a web, as paginas conversam: experimentos.md 11 a 13.)
#
#   [SERVIDOR=./servidor] [CLIENTE=./cliente] [CASOS='ncat socat'] \
#       python3 tests/ferramentas.py        CASOS: partes dos nomes
import glob
import os
import random
import re
import signal
import socket
import subprocess
from functools import partial
from contas import raiz
from terminais import (PIPE, Falha, Programa, Pulado, executar, exigir,
                       precisar)

SERVIDOR = os.environ.get('SERVIDOR') or './servidor'
CLIENTE = os.environ.get('CLIENTE') or './cliente'
LONGA = 'uma linha com mais de trinta e dois bytes\n'


def iniciar(comando):
    """Um programa, com pipes; stderr vai com stdout."""
    return Programa('exec ' + comando, PIPE, PIPE, cwd=raiz)


def porta_de(servidor):
    servidor.ve(' (Ctrl-C termina)\n')
    return re.search(r':(\d+) \(Ctrl-C', servidor.visto.decode())[1]


# ---- O rastro contra o strace -----------------------------------------------
#
# O programa roda sob "strace -ff", com -v, e as duas listas de chamadas tem de
# ser a mesma, por fio: mesma ordem, mesmos descritores, argumentos, dados (ate
# 32 bytes), resultado e nome do erro.
#
# Do que o strace mostra, sao do programa: socket(AF_INET, SOCK_STREAM ou
# SOCK_DGRAM, 0), sem mais nada no tipo (a libc pede SOCK_CLOEXEC), e toda
# chamada sobre um descritor que um desses socket ou um accept devolveu e que
# close ainda nao fechou. O resto e da libc (o carregador, o arquivo hosts,
# AF_UNIX, AF_NETLINK). Fora do rastro, por contrato, ficam setsockopt,
# getsockopt, getsockname e getpeername.

CHAMADAS = ('-e trace=socket,bind,listen,accept,accept4,connect,sendto,sendmsg,'
            'sendmmsg,recvfrom,recvmsg,recvmmsg,shutdown,close')

# como o strace escreve -> como nos escrevemos
TRADUCAO = [
    (r'\) +=', ') ='),                           # ele alinha o =
    (r' = \? ERESTART.*', ' = -1 EINTR'),        # o que o programa ve
    (r'( = \d+| = -1 \w+) .*', r'\1'),           # sem a explicacao
    (r'^sendto\((.*), NULL, 0\)', r'send(\1)'),  # no Linux, um sendto sem
    (r'^recvfrom\((.*), NULL, NULL\)', r'recv(\1)'),  # destino; idem
    (r'0x[0-9a-f]+', '...'),                     # um ponteiro
    (r'IPPROTO_IP', '0'),
    (r'sa_family=|sin_port=|sin_addr=', ''),     # so o valor
    (r'inet_addr\(("[^"]*")\)', r'\1'),
    (r'\.\.\., \[16\]\)', '..., ...)'),          # a chamada falhou
    (r', \[16\]\)', ', 16)')]


def traduzir(notas, nossos):
    """As chamadas do programa nas notas do strace. nossos: os descritores dele
    ate agora."""
    for linha in notas.splitlines():
        # nem as que nao voltaram (= ?), nem os sinais (---)
        if not re.match(r'\w+\(.*\) += (-?\d|\? ERESTART)', linha):
            continue
        for de, para in TRADUCAO:
            linha = re.sub(de, para, linha)
        nome, descritor, resultado = re.match(
            r'(\w+)\((\w+).* = (-?\d+)', linha).groups()
        if re.match(r'socket\(AF_INET, SOCK_(STREAM|DGRAM), 0\)', linha) or \
                descritor in nossos:
            yield linha
            if nome in ('socket', 'accept'):
                nossos.add(resultado)
            if nome == 'close':
                nossos.remove(descritor)


class SobStrace(Programa):
    """Um dos dois sob strace. Com -D o programa continua a ser nosso filho, e
    o strace fica ao lado; so quando ele acaba se fecham os pipes."""

    def __init__(self, comando, opcoes=''):
        prova = subprocess.run('strace -D -f -o /dev/null true', shell=True,
                               stderr=PIPE, text=True)
        if prova.returncode != 0:
            raise Pulado('o strace nao roda aqui: ' + prova.stderr.strip())
        self.arquivo = f'{os.getcwd()}/notas{len(Programa.todos)}'
        vigia = os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
        super().__init__(  # o LeakSanitizer nao funciona sob strace
            f'exec strace -D -ff -s 32 {CHAMADAS} {opcoes} '
            f'-o {self.arquivo} {comando}',
            PIPE, PIPE, cwd=raiz, env={**os.environ, 'ASAN_OPTIONS': vigia})

    def notas(self):
        """O que o strace viu de cada fio, ate o fim; primeiro, o principal."""
        self.codigo()
        principal = f'{self.arquivo}.{self.p.pid}'
        for fio in sorted(glob.glob(self.arquivo + '.*'),
                          key=lambda arquivo: arquivo != principal):
            with open(fio, errors='replace') as f:
                yield f.read()

    def conferir(self, codigo, mostra=()):
        """Sai com este codigo; o rastro e uma mistura do que o strace diz de
        cada fio; e se veem estas linhas, em ordem (_: qualquer coisa)."""
        self.sai(codigo)
        principal, *outros = self.notas()
        fios = [list(traduzir(principal, set()))]
        # o principal abre e fecha o que os outros usam
        fios += [list(traduzir(outro, {str(d) for d in range(1024)}))
                 for outro in outros]
        visto = self.visto.decode(errors='replace')
        for linha in re.findall(r'^[a-z]+\(.*\) = .*', visto, re.M):
            fio = next((f for f in fios if f[:1] == [linha]), None)
            if fio is None:
                raise Falha(f'no rastro, {linha}; no strace, agora: '
                            f'{[f[:1] for f in fios]}')
            fio.pop(0)
        exigir('o resto, no strace', [], sum(fios, []))
        resta = iter(visto.splitlines())
        for texto in mostra:
            molde = re.escape(texto).replace('_', '.*')
            if not any(re.fullmatch(molde, linha) for linha in resta):
                raise Falha(f'esperava {texto}, vi {visto}')

    def dormir(self):
        """Espera que pare em uma chamada que espera."""
        while True:
            with open(f'/proc/{self.p.pid}/stat') as f:
                if f.read().rpartition(') ')[2][0] == 'S':
                    return
            Programa.ler(0.005)


def conversa(opcoes='', no_servidor='', no_cliente='', volta='oi\n',
             calado=False, servidor=(), cliente=()):
    """Os dois, cada um sob o seu strace, com estas opcoes. O cliente diz oi, e
    volta isto; se nada, ele acaba com 1. No fim, ou enquanto ele se cala,
    Ctrl-C no servidor. servidor, cliente: o que cada um mostra."""
    udp = '-u' in opcoes
    s = SobStrace(f'{SERVIDOR} -v {opcoes} 0', no_servidor)
    nome = '127.0.0.1' if no_cliente else 'localhost'  # que a libc procura
    c = SobStrace(f'{CLIENTE} -v {"-u" * udp} {nome} {porta_de(s)}', no_cliente)
    c.digita('oi\n')
    if volta:
        c.ve('\n' + volta)
        c.digita(LONGA)
        c.ve('\n' + LONGA)
    if not calado:
        if volta and '-n 1' in opcoes:
            c.digita('sair\n')
        c.p.stdin.close()
        c.conferir(0 if volta else 1, cliente)
        if not udp:
            s.ve('\nclose(')
    s.dormir()
    s.p.send_signal(signal.SIGINT)
    s.conferir(0, servidor)
    if calado:
        c.conferir(1)


def falha_logo(comando, chamada, erro):
    SobStrace(comando, f'-e inject={chamada}:error={erro}').conferir(
        1, [f'{chamada}(_) = -1 {erro}'])


def sem_rastro(opcoes, por_mensagem):
    """Sem -v, cada mensagem custa ao servidor um recv e um send (e, com varios,
    um poll): nenhuma outra chamada ao sistema. E os dois pedem ao socket: sem
    Nagle, urgentes no seu lugar, e keepalive."""
    s = SobStrace(f'{SERVIDOR} -q {opcoes} 0', '-e trace=all')
    c = SobStrace(f'{CLIENTE} 127.0.0.1 {porta_de(s)}', '-e trace=all')
    for _ in range(50):
        c.digita('oi\n')
        c.ve('oi\n')
    c.p.stdin.close()
    c.sai(0)
    s.p.terminate()
    s.sai(0)
    for p in c, s:
        notas, *_ = p.notas()
        for opcao in 'TCP_NODELAY', 'SO_OOBINLINE', 'SO_KEEPALIVE':
            if opcao + ', [1]' not in notas:
                raise Falha(f'esperava setsockopt(..., {opcao}): {notas}')
    # do primeiro recv ao ultimo send; o AddressSanitizer faz outras
    n = notas[notas.index('recvfrom('):notas.rindex('sendto(')].count('\n') + 1
    if n > 50 * por_mensagem and not os.environ.get('ASAN_OPTIONS'):
        raise Falha(f'esperava {50 * por_mensagem} chamadas, vi {n}')


# ---- ncat e socat -----------------------------------------------------------

def fala_com_o_servidor(udp, ferramenta):
    """Digita, espera o eco, diz sair; em TCP, o servidor fecha e a ferramenta
    termina."""
    precisar(ferramenta.split()[0])
    s = iniciar(f'{SERVIDOR} {"-u" * udp} 0')
    f = iniciar(ferramenta + porta_de(s))
    for digitado, no_servidor in (
            ('olá\n', 'cliente 1: 5 bytes "olá\\n"\n'),
            ('sair\n', 'cliente 1 saiu (disse sair)\n')):
        f.digita(digitado)
        f.ve(digitado)
        s.ve(no_servidor)
    if not udp:
        f.p.stdin.close()
        f.sai(0)


def cliente_fala_com(udp, ferramenta):
    """O cliente recebe de volta, byte a byte, o que envia: um texto e, em TCP,
    bytes quaisquer (menos CR, que Programa esconde). Duas delicadezas com
    ncat -e: acabar a entrada so depois do eco (quando o cliente fecha o seu
    sentido, ele larga o resto), e pouco de cada vez (ele escreve ao programa
    sem ler dele, e os dois param com os pipes cheios)."""
    precisar(ferramenta.split()[0])
    # eles nao dizem que porta o sistema escolheu: escolhemos nos, e este socket
    # a guarda de todos, menos de quem usa SO_REUSEADDR, como eles
    tipo = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
    guarda = socket.socket(type=tipo)
    guarda.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    guarda.bind(('127.0.0.1', 0))
    porta = str(guarda.getsockname()[1])
    iniciar(ferramenta.replace('PORTA', porta)).ve('ing on ')
    dados = 'um\ndois\nolá\n'.encode()
    if not udp:
        dados += random.Random(21).randbytes(300000).replace(b'\r', b'')
    c = iniciar(f'{CLIENTE} {"-u" * udp} 127.0.0.1 {porta} 2>/dev/null')
    for i in range(0, len(dados), 20000):
        c.digita(dados[i:i + 20000])
        while len(c.visto) < len(dados[:i + 20000]):
            Programa.ler()
    c.p.stdin.close()
    c.sai(0)
    exigir('o eco', dados, c.visto)


# ---- Os casos ---------------------------------------------------------------

EAGAIN = '-e inject={}:error=EAGAIN:when=1..2'.format
EPIPE = '-e inject=sendto:error=EPIPE:when=1'
# dos bytes que diz que aceitou, o strace nao envia nenhum
UM_BYTE = '-e inject=sendto:retval=1:when=1'
O_RESTO = ['send(_, 3, 0) = 1', 'send(_, 2, 0) = 2']
casos = {
    'strace_udp': partial(
        conversa, '-u', servidor=['recvfrom(_ = -1 EINTR']),
    'strace_perda': partial(
        conversa, '-u -x 100 -a 0.0.0.0', volta='',
        cliente=3 * ['sendto(_, "oi\\n", 3, 0, _) = 3']),
    'strace_um': partial(
        conversa, '-n 1', servidor=['accept(_, ..., ...) = -1 EINTR']),
    'strace_um_calado': partial(
        conversa, '-n 1', calado=True,
        servidor=['recv(_, ..., 65536, 0) = -1 EINTR']),
    'strace_varios': partial(conversa),
    'strace_varios_calado': partial(conversa, calado=True),
    # o strace segura a volta de send e de shutdown, e o que eles causam vem
    # antes; os dois fios contam na ordem em que aconteceu
    'strace_ordem': partial(
        conversa, no_cliente='-e inject=sendto,shutdown:delay_exit=300000',
        cliente=['send(_', 'recv(_, "oi\\n", _', 'send(_',
                 'shutdown(_, SHUT_WR) = 0', 'recv(_, "", 65536, 0) = 0']),
    'recv_tente_depois': partial(
        conversa, no_servidor=EAGAIN('recvfrom'),
        servidor=['recv(_) = -1 EAGAIN', 'recv(_) = 3']),
    'send_tente_depois': partial(
        conversa, no_servidor=EAGAIN('sendto'),
        servidor=['send(_) = -1 EAGAIN', 'send(_) = 3']),
    'recv_falha': partial(
        conversa, no_servidor='-e inject=recvfrom:error=ECONNRESET:when=1',
        volta='', servidor=['recv(_) = -1 ECONNRESET']),
    'cliente_sendto_falha': partial(
        conversa, '-u', no_cliente='-e inject=sendto:error=EINVAL:when=1',
        volta='', cliente=['sendto(_, "oi\\n", 3, 0, _) = -1 EINVAL']),
    'cliente_send_falha': partial(
        conversa, no_cliente=EPIPE, volta='',
        cliente=['send(_) = -1 EPIPE', 'shutdown(_, SHUT_RDWR) = 0']),
    'cliente_send_aceita_um': partial(
        conversa, no_cliente=UM_BYTE, volta='i\n', cliente=[
            *O_RESTO, 'fim da conversa: 45 bytes enviados, 44 recebidos'])}
for forma, opcoes, chamadas in ('um', '-n 1', 2), ('varios', '', 3):
    casos.update({
        'send_aceita_um_' + forma: partial(
            conversa, opcoes, UM_BYTE, volta='i\n', servidor=O_RESTO),
        'send_falha_' + forma: partial(
            conversa, opcoes, EPIPE, volta='', servidor=['send(_) = -1 EPIPE'],
            cliente=['recv(_) = -1 ECONNRESET']),
        'accept_falha_' + forma: partial(
            conversa, opcoes, '-e inject=accept:error=EMFILE:when=1',
            servidor=['accept(_, ..., ...) = -1 EMFILE', 'accept(_) = 4']),
        'sem_rastro_' + forma: partial(sem_rastro, opcoes, chamadas)})
for comando, chamada, erro in (
        (f'{SERVIDOR} -v 0', 'socket', 'EMFILE'),
        (f'{SERVIDOR} -v 0', 'bind', 'EADDRINUSE'),
        (f'{SERVIDOR} -v 0', 'listen', 'EADDRINUSE'),
        (f'{CLIENTE} -v 127.0.0.1 9', 'connect', 'ECONNREFUSED')):
    casos['strace_falha_de_' + chamada] = partial(
        falha_logo, comando, chamada, erro)
for ferramenta, fala, escuta in (
        ('ncat', '127.0.0.1 ', '-v -k -l -e /bin/cat 127.0.0.1 PORTA'),
        ('ncat', '-u 127.0.0.1 ', '-v -u -l -e /bin/cat 127.0.0.1 PORTA'),
        ('socat', '- TCP:127.0.0.1:', '-d -d TCP-LISTEN:PORTA,bind=127.0.0.1,'
         'reuseaddr,fork EXEC:/bin/cat'),
        ('socat', '- UDP:127.0.0.1:', '-d -d UDP-RECVFROM:PORTA,bind=127.0.0.1,'
         'reuseaddr,fork EXEC:/bin/cat')):
    udp = '-u' in fala or 'UDP' in fala
    casos[f'{ferramenta}_fala_com_o_servidor' + '_udp' * udp] = partial(
        fala_com_o_servidor, udp, f'{ferramenta} {fala}')
    casos[f'cliente_fala_com_{ferramenta}' + '_udp' * udp] = partial(
        cliente_fala_com, udp, f'{ferramenta} {escuta}')
so = os.environ.get('CASOS', '').split()
executar([(nome, caso) for nome, caso in casos.items()
          if not so or any(parte in nome for parte in so)])
