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

# Comandos do shell, um por quem se mede; o que falta nao sabe fazer isso
NU = 'tests/bin/bench_nu poll PORTA'
NC = {'nc': 'nc -l -k 127.0.0.1 PORTA <>"$PASTA/fifo" >&0'}
NC_UDP = {'nc': 'nc -l -u 127.0.0.1 PORTA <>"$PASTA/fifo" >&0'}
OS_TCP = {'ncat': 'ncat -l -k -m 2000 -e /bin/cat 127.0.0.1 PORTA',
          'socat': 'socat TCP-LISTEN:PORTA,bind=127.0.0.1,fork,reuseaddr PIPE'}
OS_UDP = {'ncat': 'ncat -l -k -u -e /bin/cat 127.0.0.1 PORTA',
          'socat': 'socat UDP-LISTEN:PORTA,bind=127.0.0.1,fork,reuseaddr PIPE'}
TODOS = ('nosso', 'nu', 'nc', 'ncat', 'socat')


def tcp(nome, falam, calados, opcoes, outros={}, nu=NU):
    return nome, TCP, falam, calados, {
        'nosso': f'./servidor {opcoes} PORTA', 'nu': nu, **outros}


def udp(nome, falam, opcoes, outros={}):
    return nome, UDP, falam, 0, {
        'nosso': f'./servidor -u {opcoes} PORTA',
        'nu': 'tests/bin/bench_nu udp PORTA', **outros}


MENSAGENS = [
    tcp('TCP, 1 cliente, `-n 1`', 1, 0, '-q -n 1', {**NC, **OS_TCP},
        'tests/bin/bench_nu um PORTA'),
    tcp('TCP, 1 cliente', 1, 0, '-q -n 2000', {**NC, **OS_TCP}),
    tcp('TCP, 1 cliente e 200 calados', 1, 200, '-q -n 2000'),
    tcp('TCP, 1 cliente e 1000 calados', 1, 1000, '-q -n 2000'),
    tcp('TCP, 32 clientes', 32, 0, '-q', OS_TCP),
    tcp('TCP, 32 clientes, com registro', 32, 0, ''),
    tcp('TCP, 200 clientes', 200, 0, '-q -n 2000', OS_TCP),
    tcp('TCP, 500 clientes', 500, 0, '-q -n 2000', OS_TCP),
    udp('UDP, 1 cliente', 1, '-q', {**NC_UDP, **OS_UDP}),
    udp('UDP, 32 clientes', 32, '-q', OS_UDP),
    udp('UDP, 32 clientes, com registro', 32, '')]

CLIENTES = {'nosso': './cliente 127.0.0.1 PORTA',
            'nu': 'tests/bin/bench_nu cliente PORTA',
            'nc': 'nc -N 127.0.0.1 PORTA', 'ncat': 'ncat 127.0.0.1 PORTA',
            'socat': 'socat -t 30 - TCP:127.0.0.1:PORTA'}
SO_CLIENTES = {quem: (NU, CLIENTES[quem]) for quem in TODOS}
OS_DOIS = {'nosso': ('./servidor -q PORTA', CLIENTES['nosso']),
           'nu': (NU, CLIENTES['nu'])}
ARQUIVOS = [  # nome, arquivo, e de cada um o servidor e o cliente
    ('bytes quaisquer: cliente, pelo mesmo eco nu', 'bytes', SO_CLIENTES),
    ('bytes quaisquer: cliente e servidor', 'bytes', OS_DOIS),
    ('texto: cliente, pelo mesmo eco nu', 'texto', SO_CLIENTES),
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
        try:
            os.killpg(servidor.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
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
    os.environ['ORIGEM'] = f'{os.environ["PASTA"]}/{arquivo}'
    with no_ar(comandos[0], TCP, 0) as (_, porta):
        try:
            ligar(porta).close()
        except TimeoutError:
            return 0, 0
        inicio = time.monotonic()
        copia = iniciar(f'timeout {PRAZO} {comandos[1]} <"$ORIGEM" '
                        '>"$PASTA/destino"', porta, 1)
        certo = copia.wait() == 0
        levou = time.monotonic() - inicio
    certo &= subprocess.call('cmp -s "$ORIGEM" "$PASTA/destino"',
                             shell=True) == 0
    return (TAM_ARQUIVO / levou if certo else 0), 0


def criar_arquivos(pasta):
    """Um com qualquer byte, ao acaso, como o de uma foto; o outro com linhas de
    texto de 0 a 127 bytes. Em nenhum ha a linha "sair"."""
    sorteio = random.Random(1)
    with open(pasta + '/bytes', 'wb') as f:
        f.write(sorteio.randbytes(1000000) * TAM_ARQUIVO)
    letras = b'abcdefghijklmnopqrstuvwxyz' * 6
    linhas = []
    while sum(map(len, linhas)) < 1000000:
        i = sorteio.randrange(26)
        linhas += [letras[i:i + sorteio.randrange(128)] + b'\n'
                   for _ in range(1000)]
    with open(pasta + '/texto', 'wb') as f:
        f.write((b''.join(linhas)[:999999] + b'\n') * TAM_ARQUIVO)


# ---- Mostrar ----------------------------------------------------------------

def numero(x, casas=0):
    return f'{x:.{casas}f}'.replace('.', ',')


def razao(nosso, outro):
    """Nosso sobre outro, rodada a rodada: mediana e extremos."""
    falhas = sum(o[0] == 0 for o in outro)
    if falhas:
        return f'falhou em {falhas} de {len(outro)}'
    v = [n[0] / o[0] for n, o in zip(nosso, outro)]
    return (f'{numero(statistics.median(v), 2)} ({numero(min(v), 2)} a '
            f'{numero(max(v), 2)})')


def tabela(titulo, unidade, casos, existem):
    outros = existem[2:]
    colunas = [titulo, f'nosso, {unidade}', f'nu, {unidade}', 'nosso / nu']
    if unidade == 'msg/s':
        colunas.insert(3, 'CPU por mensagem, em microssegundos: nosso, nu')
    colunas += [f'nosso / `{quem}`' for quem in outros]
    print('\n| ' + ' | '.join(colunas) + ' |\n| --- |' +
          ' ---: |' * (len(colunas) - 1))
    for caso in casos:
        print('bench:', caso[0], file=sys.stderr)
        medidas = {quem: [] for quem in existem}
        for r in range(RODADAS):
            for quem in existem:
                if quem not in caso[-1] or (quem in outros and r >= DOS_OUTROS):
                    continue
                if unidade == 'msg/s':
                    m = medir_mensagens(caso[-1][quem], *caso[1:-1])
                else:
                    m = medir_arquivo(caso[-1][quem], caso[1])
                medidas[quem].append(m)
        taxas, cpus = ([statistics.median(m[k] for m in medidas[quem])
                        for quem in ('nosso', 'nu')] for k in (0, 1))
        linha = f'| {caso[0]} | {numero(taxas[0])} | {numero(taxas[1])} |'
        if unidade == 'msg/s':
            linha += f' {numero(cpus[0], 2)}, {numero(cpus[1], 2)} |'
        for quem in existem[1:]:
            linha += (f' {razao(medidas["nosso"], medidas[quem])} |'
                      if medidas[quem] else ' |')
        print(linha, flush=True)


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
    existem = ['nosso', 'nu']
    for quem, prova in (('nc', 'nc -h 2>&1 | grep -q OpenBSD'),
                        ('ncat', 'command -v ncat >/dev/null'),
                        ('socat', 'command -v socat >/dev/null')):
        if subprocess.call(prova, shell=True) == 0:
            existem.append(quem)
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


def medir_curva(programa):
    tabela('mensagens de um cliente que fala', 'msg/s',
           [tcp(f'{n} calados', 1, n, '-q -n 10000',
                nu=f'{programa} -q -n 10000 PORTA')
            for n in (0, 200, 1000, 5000)], ['nosso', 'nu'])


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
        medir_curva(sys.argv[2])
    else:
        criar_arquivos(pasta)
        medir_tudo()
