#!/usr/bin/env python3
"""bench.py - mede o par servidor/cliente ao lado do laco mais nu que faz as
mesmas chamadas (bench_nu.c) e de nc, ncat e socat, se ha. So Linux.

    make bench                          perto de dois minutos
    make bench RODADAS=15 SEGUNDOS=1    mais demorado, menos ruido

    python3 tests/bench.py curva PROGRAMA
        a curva de calados (0 a 5000): outro servidor, como o de epoll, no
        lugar do nu

Em stdout as tabelas, em Markdown, entre duas marcas; em stderr, o andamento.

So razoes se comparam: cada rodada mede o nosso e logo depois o nu, e da razao
entre os dois se mostram a mediana e os extremos das rodadas. Cada programa
comeca de novo em cada medida.

Com muitos clientes, servidor e carga (bench.c) rodam em nucleos diferentes. Com
um so eles se revezam, e ficam no mesmo nucleo: acordar o outro a cada mensagem
custa mais que a mensagem, e mediria o nucleo, nao o programa.
"""
import contextlib
import os
import random
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from contas import com_o_pai

RODADAS = int(os.environ.get('RODADAS') or 15)
SEGUNDOS = float(os.environ.get('SEGUNDOS') or 0.1)  # de cada medida
DOS_OUTROS = min(5, RODADAS)  # rodadas de nc, ncat e socat
TAM_ARQUIVO = 96  # milhoes de bytes do arquivo grande
MENSAGEM = b'uma linha de trinta e dois byte\n'
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
PRAZO = 60  # segundos: a medida que demora mais falhou

# Comandos do shell: de cada um, o servidor TCP, o UDP e o cliente
EXEC = '-e /bin/cat 127.0.0.1 PORTA'
FIFO = '127.0.0.1 PORTA <>"$PASTA/fifo" >&0'
LIGAR = 'LISTEN:PORTA,bind=127.0.0.1,fork,reuseaddr PIPE'
OUTROS = {
    'nc': (f'nc -l -k {FIFO}', f'nc -l -u {FIFO}', 'nc -N 127.0.0.1 PORTA'),
    'ncat': (f'ncat -l -k -m 2000 {EXEC}', f'ncat -l -k -u {EXEC}',
             'ncat 127.0.0.1 PORTA'),
    'socat': (f'socat TCP-{LIGAR}', f'socat UDP-{LIGAR}',
              'socat -t 30 - TCP:127.0.0.1:PORTA')}
TODOS = ('nc', 'ncat', 'socat')
MUITOS = TODOS[1:]  # nc so atende um por vez


def caso(nome, nu, falam, calados, opcoes, outros=()):
    """Uma linha da tabela: quem se mede, e os comandos de cada um; nu: qual dos
    lacos nus."""
    udp = nu == 'udp'
    return nome, UDP if udp else TCP, falam, calados, {
        'nosso': f'./servidor {opcoes} PORTA',
        'nu': f'tests/bin/bench_nu {nu} PORTA',
        **{outro: OUTROS[outro][udp] for outro in outros}}


MENSAGENS = [
    caso('TCP, 1 cliente, `-n 1`', 'um', 1, 0, '-q -n 1', TODOS),
    caso('TCP, 1 cliente', 'poll', 1, 0, '-q -n 2000', TODOS),
    caso('TCP, 1 cliente e 200 calados', 'poll', 1, 200, '-q -n 2000'),
    caso('TCP, 1 cliente e 1000 calados', 'poll', 1, 1000, '-q -n 2000'),
    caso('TCP, 32 clientes', 'poll', 32, 0, '-q', MUITOS),
    caso('TCP, 32 clientes, com registro', 'poll', 32, 0, ''),
    caso('TCP, 200 clientes', 'poll', 200, 0, '-q -n 2000', MUITOS),
    caso('TCP, 500 clientes', 'poll', 500, 0, '-q -n 2000', MUITOS),
    caso('UDP, 1 cliente', 'udp', 1, 0, '-u -q', TODOS),
    caso('UDP, 32 clientes', 'udp', 32, 0, '-u -q', MUITOS),
    caso('UDP, 32 clientes, com registro', 'udp', 32, 0, '-u')]

NU = 'tests/bin/bench_nu poll PORTA'
CLIENTES = {'nosso': (NU, './cliente 127.0.0.1 PORTA'),
            'nu': (NU, 'tests/bin/bench_nu cliente PORTA'),
            **{outro: (NU, OUTROS[outro][2]) for outro in TODOS}}
OS_DOIS = {'nosso': ('./servidor -q PORTA', CLIENTES['nosso'][1]),
           'nu': CLIENTES['nu']}
ARQUIVOS = [  # nome, arquivo, e de cada um o servidor e o cliente
    ('bytes quaisquer: cliente, pelo mesmo eco nu', 'bytes', CLIENTES),
    ('bytes quaisquer: cliente e servidor', 'bytes', OS_DOIS),
    ('texto: cliente, pelo mesmo eco nu', 'texto', CLIENTES),
    ('texto: cliente e servidor', 'texto', OS_DOIS)]


# ---- Processos --------------------------------------------------------------

livres = sorted(os.sched_getaffinity(0))
NUCLEOS = [{livres[0]}, {livres[1]}] if len(livres) > 1 else [set(livres)] * 2


@contextlib.contextmanager
def no_ar(comando, tipo, nucleo):
    """Um servidor, em uma porta livre; no fim acaba ele, e os filhos: nenhum
    atrapalha a proxima medida."""
    with socket.socket(type=tipo) as s:
        s.bind(('127.0.0.1', 0))
        porta = s.getsockname()[1]
    servidor = iniciar(comando, porta, nucleo)
    try:
        yield servidor, porta
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(servidor.pid, signal.SIGKILL)
        servidor.wait()


def iniciar(comando, porta, nucleo):
    def comecar():
        com_o_pai()
        os.sched_setaffinity(0, NUCLEOS[nucleo])
    return subprocess.Popen(
        'exec ' + comando.replace('PORTA', str(porta)), shell=True,
        start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=comecar)


def ligar(porta, tipo=TCP):
    """Um cliente que ja fez a primeira troca: so assim se sabe que o servidor o
    atende. Um que ainda nao abriu a porta recusa: insiste."""
    for _ in range(1000):
        s = socket.socket(type=tipo)
        try:
            s.settimeout(5 if tipo == TCP else 0.2)
            s.connect(('127.0.0.1', porta))
            s.sendall(MENSAGEM)
            if s.recv(100) == MENSAGEM:
                if tipo == TCP:
                    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                s.settimeout(None)
                return s
        except OSError:
            time.sleep(0.005)
        s.close()
    raise TimeoutError


# ---- Medir: (quantos por segundo, microssegundos de CPU); (0, 0): falhou ----

def medir_mensagens(comando, tipo, falam, calados):
    with no_ar(comando, tipo, falam == 1) as (servidor, porta):
        try:
            ligados = [ligar(porta, tipo) for _ in range(falam + calados)]
            fds = [s.fileno() for s in ligados[:falam]]
            r = subprocess.run(
                ['tests/bin/bench', *map(str, (servidor.pid, SEGUNDOS, *fds))],
                timeout=PRAZO, text=True, stdout=subprocess.PIPE, check=True,
                pass_fds=fds)
            return tuple(float(x) for x in r.stdout.split())
        except (OSError, subprocess.SubprocessError):
            return 0, 0


def medir_arquivo(comandos, arquivo):
    """O arquivo grande vai e volta; o que voltou tem de ser igual."""
    with no_ar(comandos[0], TCP, 0) as (_, porta):
        try:
            ligar(porta).close()
        except TimeoutError:
            return 0, 0
        inicio = time.monotonic()
        copia = iniciar(f'timeout {PRAZO} {comandos[1]} <"$PASTA/{arquivo}" '
                        '>"$PASTA/destino"', porta, 1)
        certo = copia.wait() == 0
        levou = time.monotonic() - inicio
    certo &= subprocess.call(f'cmp -s "$PASTA/{arquivo}" "$PASTA/destino"',
                             shell=True) == 0
    return (TAM_ARQUIVO / levou if certo else 0), 0


def criar_arquivos(pasta):
    """Um com qualquer byte, ao acaso, como o de uma foto; o outro com linhas de
    texto de 0 a 127 bytes. Em nenhum ha a linha "sair"."""
    sorteio = random.Random(1)
    letras = b'abcdefghijklmnopqrstuvwxyz' * 6
    texto = b''.join(letras[i % 26:][:sorteio.randrange(128)] + b'\n'
                     for i in range(20000))
    for nome, milhao in (('bytes', sorteio.randbytes(1000000)),
                         ('texto', texto[:999999] + b'\n')):
        with open(f'{pasta}/{nome}', 'wb') as f:
            f.write(milhao * TAM_ARQUIVO)


# ---- Mostrar ----------------------------------------------------------------

def numero(x, casas=0):
    return f'{x:.{casas}f}'.replace('.', ',')


def razao(nosso, outro):
    """Nosso sobre outro, rodada a rodada: mediana e extremos."""
    if not outro:
        return ''
    if falhas := sum(o[0] == 0 for o in outro):
        return f'falhou em {falhas} de {len(outro)}'
    v = [n[0] / o[0] for n, o in zip(nosso, outro)]
    return (f'{numero(statistics.median(v), 2)} ({numero(min(v), 2)} a '
            f'{numero(max(v), 2)})')


def tabela(titulo, unidade, casos, existem):
    medir = medir_mensagens if unidade == 'msg/s' else medir_arquivo
    cpu = ['CPU por mensagem, em microssegundos: nosso, nu']
    colunas = [titulo, f'nosso, {unidade}', f'nu, {unidade}',
               *cpu[:unidade == 'msg/s'], 'nosso / nu',
               *(f'nosso / `{quem}`' for quem in existem[2:])]
    print('\n| ' + ' | '.join(colunas) + ' |\n| --- |' +
          ' ---: |' * (len(colunas) - 1))
    for nome, *como, comandos in casos:
        print('bench:', nome, file=sys.stderr)
        medidas = {quem: [] for quem in existem}
        for r in range(RODADAS):
            for quem in existem if r < DOS_OUTROS else existem[:2]:
                if quem in comandos:
                    medidas[quem].append(medir(comandos[quem], *como))
        taxas, cpus = ([statistics.median(m[k] for m in medidas[quem])
                        for quem in ('nosso', 'nu')] for k in (0, 1))
        celulas = [nome, *map(numero, taxas)]
        if unidade == 'msg/s':
            celulas.append(f'{numero(cpus[0], 2)}, {numero(cpus[1], 2)}')
        celulas += [razao(medidas['nosso'], medidas[quem])
                    for quem in existem[1:]]
        print('|' + ''.join(f' {c} |' if c else ' |' for c in celulas),
              flush=True)


def tabela_de_tamanhos():
    """64 clientes, cada um com uma mensagem; depois, todos enviam e nenhum le,
    ate que o sistema nao aceite mais nada de ninguem."""
    with no_ar('./servidor -q PORTA', TCP, 0) as (servidor, porta):
        def pico():  # KB
            with open(f'/proc/{servidor.pid}/status') as f:
                return re.search(r'VmHWM:\s+(\d+)', f.read())[1]
        ligados = [ligar(porta) for _ in range(64)]
        print('\n| tamanho | KB |\n| --- | ---: |\n| pico de memória do '
              f'servidor, {len(ligados)} clientes | {pico()} |')
        for s in ligados:
            s.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                while True:
                    s.send(bytes(65536))
        print(f'| o mesmo, se nenhum lê o seu eco | {pico()} |')
    for nome in 'servidor', 'cliente', 'servidor.exe', 'cliente.exe':
        if os.path.exists(nome):
            print(f'| `{nome}` | {numero(os.path.getsize(nome) / 1024, 1)} |')


# ---- main -------------------------------------------------------------------

def medir_tudo():
    existem = ['nosso', 'nu', *(
        outro for outro, prova in zip(TODOS, ('nc -h 2>&1 | grep -q OpenBSD',
                                              'ncat --version', 'socat -V'))
        if subprocess.call(f'{prova} >/dev/null 2>&1', shell=True) == 0)]
    nucleos = ('com 1 cliente, servidor e carga no mesmo núcleo; com mais, '
               'cada um no seu' if NUCLEOS[0] != NUCLEOS[1]
               else 'servidor e carga no mesmo núcleo')
    print('<!-- make bench: daqui -->\n\n'
          f'Medianas de {RODADAS} rodadas alternadas, {DOS_OUTROS} com os '
          f'outros (entre parênteses, a menor e a maior), '
          f'{numero(SEGUNDOS, 2)} s cada medida, mensagens de 32 bytes, '
          'servidor com `-q`, salvo onde se diz "com registro" (que vai para '
          f'`/dev/null`); {nucleos}.')
    tabela('mensagens', 'msg/s', MENSAGENS, existem)
    tabela('arquivo grande, ida e volta', 'MB/s', ARQUIVOS, existem)
    tabela_de_tamanhos()
    print('\n<!-- make bench: ate aqui -->')


os.sched_setaffinity(0, NUCLEOS[1])
resource.setrlimit(resource.RLIMIT_NOFILE,
                   (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
# na memoria, se se pode: nem disco nem cache
memoria = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
with tempfile.TemporaryDirectory(dir=memoria, prefix='bench-') as pasta:
    os.environ['PASTA'] = pasta
    os.mkfifo(pasta + '/fifo')
    if sys.argv[1:2] == ['curva']:
        tabela('mensagens de um cliente que fala', 'msg/s',
               [(f'{n} calados', TCP, 1, n, {
                   'nosso': './servidor -q -n 10000 PORTA',
                   'nu': f'{sys.argv[2]} -q -n 10000 PORTA'})
                for n in (0, 200, 1000, 5000)], ['nosso', 'nu'])
    else:
        criar_arquivos(pasta)
        medir_tudo()
