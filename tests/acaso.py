#!/usr/bin/env python3
"""acaso.py - o que o acaso acha: um dos programas contra muitos do outro lado,
que se comportam bem ou mal, sempre no pior momento. Nem um byte errado.

    python3 tests/acaso.py imersao    # ./servidor, com centenas de clientes
    python3 tests/acaso.py azar       # ./cliente, contra servidores ao acaso

De SEGUNDOS (20), SEMENTE (sorteada), SERVIDOR e CLIENTE do ambiente: os
programas podem ter varias palavras. Linux (/proc).
"""
import asyncio
import collections
import contextlib
import os
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import time
from subprocess import PIPE

from contas import com_o_pai, concluir, dizer

SEGUNDOS = float(os.environ.get('SEGUNDOS', 20))
SEMENTE = int(os.environ.get('SEMENTE', time.time_ns() % 100000))
LIMITE = float(os.environ.get('LIMITE', 120))  # segundos de uma conversa
FALHAS = 20  # depois de tantas, acaba
RST = struct.pack('ii', 1, 0)  # SO_LINGER, 0 segundos
SAIR = b'.\nsair\n'

sortear = random.randint  # de a ate b, inclusive
vezes, errados = collections.Counter(), collections.Counter()  # por nome


class Errado(Exception):
    """Uma conversa que nao foi como devia."""


class Acabou(Exception):
    """Uma conversa que acaba aqui, por vontade de quem a conduz."""


def exigir(verdade, motivo):
    if not verdade:
        raise Errado(motivo)


def contar(certo, texto):
    dizer('ok' if certo else 'FALHOU', texto)


async def provar(nome, conversa):
    vezes[nome] += 1
    try:
        await asyncio.wait_for(conversa.viver(), LIMITE)
    except (Errado, asyncio.TimeoutError) as e:
        errados[nome] += 1
        print(f'{nome}, {conversa}: {e!r}', flush=True)


def escrever_livro():
    """Bytes quaisquer, com muita linha que quase diz sair e nenhuma que diz:
    de onde sai tudo o que se envia."""
    quase = [b'\nsai\n', b'\nsairr\n', b'\nsair \n', b'\r\nxsair\r\r\n',
             b'\n\r\nsa\nir\n']
    p = b''.join(random.randbytes(sortear(0, 100)) + random.choice(quase)
                 for _ in range(20000))  # mais de um milhao
    return re.sub(rb'sair(?=\r?\n)', b'Sair', p + b'.') * 5


def trecho(n):
    i = sortear(0, 1000000)
    return LIVRO[i:i + n]


# ---- Esperar, e passar bytes ------------------------------------------------

async def tentar(fd, funcao, *valores, escrever=False, prazo=None):
    """funcao(*valores), quando ela ja nao bloquear; antes, a vez dos outros."""
    await asyncio.sleep(0)
    laco = asyncio.get_running_loop()
    por, tirar = ((laco.add_writer, laco.remove_writer) if escrever
                  else (laco.add_reader, laco.remove_reader))
    while True:
        try:
            return funcao(*valores)
        except BlockingIOError:
            vez = asyncio.Event()
            por(fd, vez.set)
            try:
                await asyncio.wait_for(vez.wait(), prazo)
            finally:
                tirar(fd)


async def juntos(*coisas):
    """Todas ao mesmo tempo; a primeira que falha acaba com as outras."""
    tarefas = [asyncio.ensure_future(c) for c in coisas]
    try:
        await asyncio.gather(*tarefas)
    finally:
        for t in tarefas:
            t.cancel()
        await asyncio.wait(tarefas)


class Fluxo:
    """Os bytes que entram por um lado e tem de sair, iguais, pelo outro."""

    def __init__(self, texto):
        self.texto, self.foi, self.voltou = texto, 0, 0
        self.chegou = asyncio.Event()

    def __str__(self):
        return f'foram {self.foi} de {len(self.texto)}, sairam {self.voltou}'

    async def enviar(self, fd, ate, prazo=None):
        """Do que falta ate ali, o que couber."""
        d = memoryview(self.texto)[self.foi:ate]
        self.foi += await tentar(fd, os.write, fd, d, escrever=True,
                                 prazo=prazo)

    async def receber(self, fd, n):
        """Ate n bytes, conferidos; False: foi o fim."""
        d = await tentar(fd, os.read, fd, n)
        i, self.voltou = self.voltou, self.voltou + len(d)
        exigir(self.voltou <= self.foi, f'saiu mais do que entrou: {self}')
        exigir(d == self.texto[i:self.voltou], f'um byte errado: {self}')
        self.chegou.set()
        return d != b''

    async def esperar(self, pronto):
        """Espera, a cada pedaco que chega, que pronto() de certo."""
        while not pronto():
            self.chegou.clear()
            await self.chegou.wait()


# ---- Imersao: a turma contra o servidor -------------------------------------

TRAVADO = 0.5  # segundos sem conseguir enviar
FILA_DE_UM = 4  # clientes ao mesmo tempo no servidor de -n 1
MEIO_FECHA, DIZ_SAIR, FECHA, DESFAZ = range(4)  # como um cliente acaba

# Um modo de se comportar; de cada par (a, b) sorteia-se de a ate b.
Modo = collections.namedtuple('Modo', [
    'nome', 'peso',  # quantas vezes mais comum
    'bom',  # espera tudo o que deve voltar; os outros saem de qualquer jeito
    'envia', 'rajada',  # bytes ao todo; por vez
    'fim',
    'pensa',  # ms entre rajadas
    'le',  # bytes por leitura; 0: so le depois de acabar, ou de travar
    'descansa',  # ms entre leituras
    'buffer',  # SO_RCVBUF e SO_SNDBUF
    'eco'],  # espera-o antes da proxima rajada
    defaults=[(0, 0), 65536, 0, 0, 0])
ORDEM, MALES = (MEIO_FECHA, DIZ_SAIR), (FECHA, DESFAZ)
MODOS = [
    Modo('conversa', 30, 1, (1, 10000), (1, 900), ORDEM, (0, 200), eco=1),
    Modo('arquivo', 6, 1, (100000, 1000000), (500, 65536), ORDEM),
    Modo('byte a byte', 6, 1, (10, 80), (1, 1), ORDEM, (0, 30), le=1, eco=1),
    Modo('sair aos pedacos', 6, 1, (1, 40), (1, 4), (DIZ_SAIR, DIZ_SAIR),
         (0, 5), le=3),
    Modo('leitor lento', 6, 1, (20000, 200000), (8000, 8000), ORDEM, (0, 20),
         le=2000, descansa=20, buffer=32768),
    Modo('le so depois', 10, 1, (500000, 3000000), (65536, 65536), ORDEM, le=0,
         buffer=65536),
    Modo('so chega e sai', 20, 0, (0, 0), (1, 1), (MEIO_FECHA, DESFAZ)),
    Modo('calado', 10, 0, (1, 1), (1, 1), MALES, (300, 2500)),
    Modo('desiste', 20, 0, (1, 300000), (1, 20000), MALES, (0, 30),
         descansa=10),
    Modo('diz sair e some', 10, 0, (50000, 400000), (65536, 65536),
         (DIZ_SAIR, DIZ_SAIR), le=0, buffer=65536),
    Modo('nunca le', 10, 0, (100000, 3000000), (65536, 65536),
         (MEIO_FECHA, DESFAZ), le=0, buffer=65536)]


class Servidor:
    def __init__(self, opcoes):
        comando = os.environ.get('SERVIDOR', './servidor').split()
        self.nome = 'servidor ' + opcoes
        self.processo = subprocess.Popen(
            [*comando, *opcoes.split(), '0'], stdout=PIPE, text=True,
            preexec_fn=com_o_pai)
        porta = re.search(r':(\d+)', self.processo.stdout.readline())
        self.processo.stdout.readline()
        if not porta:
            contar(False, f'{self.nome}: nao comecou')
            concluir()
        self.onde = ('127.0.0.1', int(porta[1]))
        self.descritores = len(self.estado()[0])
        self.vivos = self.ligados = self.foram = self.voltaram = 0

    def estado(self):
        """Os descritores, se dorme (S), quantas vezes dormiu."""
        proc = f'/proc/{self.processo.pid}/'
        with open(proc + 'status') as f:
            status = f.read()
        return (os.listdir(proc + 'fd'), re.search(r'State:\s+(.)', status)[1],
                re.search(r'\nvoluntary\D+(\d+)', status)[1])

    async def repousar(self):
        """Todos sairam: espera que ele feche o que abriu, e que durma um pouco
        sem acordar nem uma vez."""
        limite, quieto, antes = time.monotonic() + LIMITE, 0, None
        while quieto < 5 and time.monotonic() < limite:
            await asyncio.sleep(0.05)
            visto = self.estado()
            certo = (visto == antes and visto[1] == 'S'
                     and len(visto[0]) == self.descritores)
            quieto, antes = quieto + 1 if certo else 0, visto
        contar(quieto == 5, f'{self.nome}: sem ninguem, esperava que dormisse, '
               f'com {self.descritores} descritores; descritores, estado e '
               f'vezes que dormiu: {antes}')

    def encerrar(self):
        """Ctrl-C: sai com 0, e as contas do resumo, a ultima linha, dao."""
        self.processo.send_signal(2)
        resumo = self.processo.communicate(timeout=LIMITE)[0].strip()
        contar(self.processo.returncode == 0,
               f'{self.nome}: saiu com {self.processo.returncode}')
        numeros = [int(x) for x in re.findall(r'\d+', resumo)[:3]] + [0] * 3
        contar(numeros[0] == self.ligados
               and self.voltaram <= numeros[2] <= self.foram,
               f'{self.nome}: {resumo}; foram {self.ligados} clientes, que '
               f'enviaram {self.foram} bytes e receberam {self.voltaram}')


class Cliente:
    def __init__(self, modo, servidor):
        self.m, self.servidor = modo, servidor
        self.fim = sortear(*modo.fim)
        self.f = Fluxo(trecho(sortear(*modo.envia)) +
                       (SAIR if self.fim == DIZ_SAIR else b''))
        self.le = asyncio.Event()
        if modo.le:
            self.le.set()
        self.s = socket.socket()
        self.s.setblocking(False)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if modo.buffer:
            for opcao in socket.SO_RCVBUF, socket.SO_SNDBUF:
                self.s.setsockopt(socket.SOL_SOCKET, opcao, modo.buffer)
            # como em uma rede: com os 64 KB da interface lo, o sistema guarda
            # quase 3 MB por conexao, e o servidor nunca teria o que guardar
            self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)

    def __str__(self):
        return f'{self.servidor.nome}; {self.f}'

    async def pensar(self):
        await asyncio.sleep(sortear(*self.m.pensa) / 1e3)

    async def viver(self):
        v = self.servidor
        v.vivos, v.ligados = v.vivos + 1, v.ligados + 1
        try:
            await asyncio.get_running_loop().sock_connect(self.s, v.onde)
            await self.pensar()
            await juntos(self.enviar(), self.receber())
        except Acabou:
            pass
        except OSError as e:
            exigir(not self.m.bom, e)
        finally:
            if self.fim == DESFAZ:
                self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            self.s.close()
            v.vivos, v.foram = v.vivos - 1, v.foram + self.f.foi
            v.voltaram += self.f.voltou

    async def enviar_ate(self, ate):
        """Um pouco. Se trava, quem ainda nao le comeca a ler; ou desiste."""
        try:
            await self.f.enviar(self.s.fileno(), ate,
                                None if self.le.is_set() else TRAVADO)
        except asyncio.TimeoutError:
            self.le.set()
            if not self.m.bom:
                raise Acabou from None

    async def enviar(self):
        f = self.f
        while f.foi < len(f.texto):
            ate = min(f.foi + sortear(*self.m.rajada), len(f.texto))
            while f.foi < ate:
                await self.enviar_ate(ate)
            if self.m.eco:
                await f.esperar(lambda: f.voltou == f.foi)
            await self.pensar()
        self.le.set()
        if self.fim in (FECHA, DESFAZ):
            raise Acabou
        if self.fim == MEIO_FECHA:
            self.s.shutdown(socket.SHUT_WR)
        elif sortear(0, 1):  # o que vem depois da linha sair se ignora
            with contextlib.suppress(OSError):
                self.s.send(trecho(sortear(1, 5000)))
        if not self.m.bom and sortear(0, 1):
            raise Acabou  # nem espera o resto

    async def receber(self):
        await self.le.wait()
        while await self.f.receber(self.s.fileno(), self.m.le or 65536):
            await asyncio.sleep(self.m.descansa / 1e3)
        falta = self.f.voltou < len(self.f.texto)
        exigir(not (self.m.bom and falta), 'o servidor encerrou antes da hora')
        if falta:
            raise Acabou


async def conviver(varios, um):
    """Gente entra e sai por SEGUNDOS; depois, todos saem."""
    comeco, vivos = time.monotonic(), set()
    while ((t := time.monotonic() - comeco) < SEGUNDOS
           and varios.processo.poll() is None and um.processo.poll() is None
           and errados.total() <= FALHAS):
        # 280 e mais do que -n 200 atende: ha fila
        lotacao = (150, 280, 60)[int(t / 3) % 3]
        for _ in range(min(5, lotacao - len(vivos))):  # 250 por segundo
            modo, = random.choices(MODOS, [m.peso for m in MODOS])
            c = asyncio.ensure_future(provar(modo.nome, Cliente(
                modo, um if um.vivos < FILA_DE_UM else varios)))
            vivos.add(c)
            c.add_done_callback(vivos.discard)
        await asyncio.sleep(0.02)
    if vivos:
        await asyncio.wait(vivos)


async def imersao():
    servidores = [Servidor('-q -n 200'), Servidor('-q -n 1')]
    try:
        await conviver(*servidores)
        for s in servidores:
            await s.repousar()
            s.encerrar()
    except (OSError, subprocess.TimeoutExpired) as e:  # /proc/PID sumiu
        contar(False, f'um servidor terminou, ou nao termina: {e}')
    finally:
        for s in servidores:
            s.processo.kill()


# ---- Azar: o cliente contra servidores ao acaso -----------------------------

VEZES = 12  # clientes de cada vez
FIM_DA_ENTRADA, LINHA_SAIR, FICA_ABERTA = range(3)  # como o usuario acaba
FINAIS = ['espera o fim', 'so se cala', 'fecha no meio', 'desfaz a conexao']
ESPERA, CALA, S_FECHA, S_DESFAZ = range(4)  # como o servidor acaba


def tamanho(maior):
    """Muitas vezes pouco, as vezes muito."""
    t = random.choice([3, 100, 5000, 70000])
    return sortear(0, min(t, maior) if sortear(0, 5) else maior)


class Vez:
    """Um cliente, com entradas e saidas que sao pipes, as vezes sem bloqueio,
    que as vezes ninguem le; e o seu servidor."""

    def __init__(self):
        self.eco = sortear(0, 1)  # devolve o que leu; senao, fala por si
        self.final, self.acaba = sortear(0, 3), sortear(0, 2)
        if self.final == ESPERA and self.acaba == FICA_ABERTA:
            self.acaba = LINHA_SAIR
        vale, sobra = trecho(tamanho(3000000)), b''  # o que se deve enviar
        if self.acaba == LINHA_SAIR:
            vale, sobra = vale + SAIR, trecho(sortear(0, 40))
        dito = vale if self.eco else trecho(tamanho(3000000))
        self.digitado, self.dito = Fluxo(vale + sobra), Fluxo(dito)
        self.vale = len(vale)
        self.ponto = len(dito)  # bytes ate o final
        if self.final != ESPERA:
            self.ponto = tamanho(self.ponto)
        # devagar demais e so demora: no maximo uns milhares de pedacos
        self.pedaco = max(1 + tamanho(65535), self.vale // 3000,
                          len(dito) // 3000)
        self.viu_fim = False
        self.erro = b''

    def __str__(self):
        return (f'{"eco" if self.eco else "falador"}, entrada {self.acaba}, '
                f'valem {self.vale}; digitado: {self.digitado}; dito: '
                f'{self.dito}; stderr: {self.erro[-400:]}')

    async def viver(self):
        comando = os.environ.get('CLIENTE', './cliente').split()
        if sortear(0, 3) == 0:
            comando.append('-v')
        soltos = [fd for fd in range(3) if sortear(0, 1)]
        with (socket.create_server(('127.0.0.1', 0)) as escuta,
              subprocess.Popen(
                  [*comando, '127.0.0.1', str(escuta.getsockname()[1])],
                  bufsize=0, stdin=PIPE, stdout=PIPE, stderr=PIPE,
                  preexec_fn=lambda: [os.set_blocking(fd, False)
                                      for fd in soltos]) as p):
            for f in escuta, p.stdin, p.stdout, p.stderr:
                os.set_blocking(f.fileno(), False)
            try:
                await juntos(self.digitar(p.stdin), self.ler_saida(p.stdout),
                             self.ler_erro(p.stderr), self.servir(escuta))
                while p.poll() is None:
                    await asyncio.sleep(0.01)
            finally:
                p.kill()
        self.conferir(p.returncode)

    async def digitar(self, cano):
        f = self.digitado
        try:
            while f.foi < len(f.texto):
                await f.enviar(cano.fileno(), f.foi + sortear(1, 65536))
                await self.descansar()
        except BrokenPipeError:
            cano.close()  # ja nao se le
        if self.acaba != FICA_ABERTA:
            cano.close()

    async def descansar(self):
        if sortear(0, 15) == 0:
            await asyncio.sleep(sortear(0, 200) / 1e3)

    async def ler_saida(self, cano):
        while await self.dito.receber(cano.fileno(), sortear(1, 65536)):
            await self.descansar()

    async def ler_erro(self, cano):
        while d := await tentar(cano, os.read, cano.fileno(), 65536):
            self.erro = (self.erro + d)[-8192:]
            await self.descansar()

    async def servir(self, escuta):
        s, _ = await tentar(escuta, escuta.accept)
        with s, contextlib.suppress(OSError, Acabou):  # desfeita, por nos
            s.setblocking(False)                        # ou por ele
            await juntos(self.servidor_le(s), self.servidor_diz(s))

    async def servidor_le(self, s):
        while await self.digitado.receber(s.fileno(), self.pedaco):
            exigir(self.digitado.voltou <= self.vale, 'enviou depois de sair')
        self.viu_fim = True

    async def servidor_diz(self, s):
        leu, f = self.digitado, self.dito
        while f.foi < self.ponto:
            if self.eco:
                await leu.esperar(lambda: leu.voltou > f.foi or self.viu_fim)
            pode = leu.voltou if self.eco else self.ponto
            if f.foi == pode:
                break
            await f.enviar(s.fileno(), min(pode, f.foi + self.pedaco))
        if self.final == CALA:
            s.shutdown(socket.SHUT_WR)
        elif self.final == S_DESFAZ:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
        if self.final in (S_FECHA, S_DESFAZ):
            raise Acabou

    def conferir(self, codigo):
        """O cliente terminou: tudo o que se pode exigir dele."""
        leu, mostrou = self.digitado.voltou, self.dito.voltou
        erro = self.erro.decode('utf8', 'replace')
        contas_dele = re.search(r'fim da conversa: (\d+) bytes enviados, '
                                r'(\d+) recebidos', erro)
        if self.final == S_DESFAZ or self.acaba == FICA_ABERTA:
            codigos = {1}
        else:
            codigos = {0} if self.final == ESPERA else {0, 1}
        exigir(codigo in codigos, f'saiu com {codigo}, esperava {codigos}')
        exigir(codigo == 1 or leu == self.vale or self.final == S_FECHA,
               'saiu com 0, e nem tudo chegou ao servidor')
        exigir(not re.search('Sanitizer|runtime error', erro),
               'um verificador se queixou')
        exigir(contas_dele, 'nao disse as contas do fim')
        exigir(leu <= int(contas_dele[1]) <= self.vale,
               f'disse que enviou {contas_dele[1]}')
        exigir(int(contas_dele[2]) == mostrou,
               f'disse que recebeu {contas_dele[2]}')
        exigir(mostrou == self.dito.foi or self.final not in (ESPERA, CALA),
               'o fim foi em ordem, e nao mostrou tudo')


async def azar():
    fim = time.monotonic() + SEGUNDOS

    async def um_lugar():
        while time.monotonic() < fim and errados.total() <= FALHAS:
            v = Vez()
            await provar('o servidor ' + FINAIS[v.final], v)

    await asyncio.gather(*(um_lugar() for _ in range(VEZES)))


random.seed(SEMENTE)
LIVRO = escrever_livro()
print(f'{sys.argv[1]}: {SEGUNDOS:.0f} segundos, SEMENTE={SEMENTE}', flush=True)
resource.setrlimit(resource.RLIMIT_NOFILE,
                   (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run({'imersao': imersao, 'azar': azar}[sys.argv[1]]())
for nome in sorted(vezes):
    contar(not errados[nome], f'{nome}: {vezes[nome]}, errados {errados[nome]}')
concluir()
