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
import os
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import time

from contas import com_o_pai

SEGUNDOS = float(os.environ.get('SEGUNDOS', 20))
SEMENTE = int(os.environ.get('SEMENTE', time.time_ns() % 100000))
LIMITE = float(os.environ.get('LIMITE', 120))  # segundos de uma conversa
FALHAS = 20  # depois de tantas, acaba
RST = struct.pack('ii', 1, 0)  # SO_LINGER, 0 segundos

sortear = random.randint  # de a ate b, inclusive
certos = falhas = 0


class Errado(Exception):
    """Uma conversa que nao foi como devia."""


class Acabou(Exception):
    """Uma conversa que acaba aqui, por vontade de quem a conduz."""


def exigir(verdade, motivo):
    if not verdade:
        raise Errado(motivo)


def contar(certo, texto):
    global certos, falhas
    certos, falhas = certos + bool(certo), falhas + (not certo)
    print('ok' if certo else 'FALHOU', texto, flush=True)


def escrever_livro():
    """Bytes quaisquer, com muita linha que quase diz sair e nenhuma que diz:
    de onde sai tudo o que se envia."""
    p = bytearray(random.randbytes(1000003))
    for _ in range(20000):
        q = random.choice([b'\nsai\n', b'\nsairr\n', b'\nsair \n',
                           b'\r\nxsair\r\r\n', b'\n\r\nsa\nir\n'])
        i = sortear(0, len(p) - 20)
        p[i:i + len(q)] = q
    p[-1:] = b'.'
    return re.sub(rb'sair(?=\r?\n)', b'Sair', bytes(p)) * 5


def trecho(n):
    i = sortear(0, 1000000)
    return LIVRO[i:i + n]


# ---- Esperar, sem perder o que ja se leu ------------------------------------

async def pronto(fd, escrever=False, prazo=None):
    laco = asyncio.get_running_loop()
    vez = laco.create_future()
    por, tirar = ((laco.add_writer, laco.remove_writer) if escrever
                  else (laco.add_reader, laco.remove_reader))
    por(fd, lambda: vez.done() or vez.set_result(1))
    try:
        await asyncio.wait_for(vez, prazo)
    finally:
        tirar(fd)


async def tentar(fd, funcao, *valores, escrever=False, prazo=None):
    """funcao(*valores), quando ela ja nao bloquear; antes, a vez dos outros."""
    await asyncio.sleep(0)
    while True:
        try:
            return funcao(*valores)
        except BlockingIOError:
            await pronto(fd, escrever, prazo)


async def juntos(*coisas):
    """Todas ao mesmo tempo; a primeira que falha acaba com as outras."""
    tarefas = [asyncio.ensure_future(c) for c in coisas]
    try:
        await asyncio.gather(*tarefas)
    finally:
        for t in tarefas:
            t.cancel()
        await asyncio.wait(tarefas)


# ---- Imersao: a turma contra o servidor -------------------------------------

TRAVADO = 0.5  # segundos sem conseguir enviar
REENVIO = 0.3  # segundos ate repetir um datagrama
FILA_DE_UM = 4  # clientes ao mesmo tempo no servidor de -n 1
MEIO_FECHA, DIZ_SAIR, FECHA, DESFAZ = range(4)  # como um cliente acaba

# Um modo de se comportar; de cada par (a, b) sorteia-se de a ate b.
Modo = collections.namedtuple('Modo', [
    'nome', 'peso',  # quantas vezes mais comum
    'bom',  # espera tudo o que deve voltar; os outros saem de qualquer jeito
    'envia', 'rajada',  # bytes ao todo; por vez. Em UDP: datagramas; bytes
    'fim',
    'pensa',  # ms entre rajadas
    'le',  # bytes por leitura; 0: so le depois de acabar, ou de travar
    'descansa',  # ms entre leituras
    'buffer',  # SO_RCVBUF e SO_SNDBUF
    'eco',  # espera-o antes da proxima rajada
    'urgente',  # a ultima rajada vai com MSG_OOB
    'udp'], defaults=[(0, 0), 65536, 0, 0, 0, 0, 0])
ORDEM, MALES = (MEIO_FECHA, DIZ_SAIR), (FECHA, DESFAZ)
MODOS = [
    Modo('conversa', 30, 1, (1, 10000), (1, 900), ORDEM, (0, 200), eco=1),
    Modo('arquivo', 6, 1, (100000, 1000000), (65536, 65536), ORDEM),
    Modo('byte a byte', 6, 1, (10, 80), (1, 1), ORDEM, (0, 30), le=1, eco=1),
    Modo('sair aos pedacos', 6, 1, (1, 40), (1, 4), (DIZ_SAIR, DIZ_SAIR),
         (0, 5), le=3),
    Modo('urgente e bom', 3, 1, (1, 3000), (1, 1000),
         (MEIO_FECHA, MEIO_FECHA), (0, 30), urgente=1),
    Modo('leitor lento', 6, 1, (20000, 200000), (8000, 8000), ORDEM, (0, 20),
         le=2000, descansa=20, buffer=32768),
    Modo('le so depois', 10, 1, (500000, 3000000), (65536, 65536), ORDEM, le=0,
         buffer=65536),
    Modo('linha enorme', 2, 1, (300000, 1000000), (500, 60000), ORDEM,
         (0, 2)),
    Modo('so chega e sai', 20, 0, (0, 0), (1, 1), (MEIO_FECHA, DESFAZ)),
    Modo('calado', 10, 0, (1, 1), (1, 1), MALES, (300, 2500)),
    Modo('desiste', 20, 0, (1, 300000), (1, 20000), MALES, (0, 30),
         descansa=10),
    Modo('nunca le', 10, 0, (100000, 3000000), (65536, 65536),
         (MEIO_FECHA, DESFAZ), le=0, buffer=65536),
    Modo('urgente', 6, 0, (1, 3000), (1, 1000), MALES, (0, 30), urgente=1),
    Modo('datagramas', 12, 1, (1, 30), (0, 1400), MALES, (0, 150), udp=1),
    Modo('datagramas grandes', 2, 1, (1, 3), (65000, 65507), MALES, (0, 150),
         udp=1),
    Modo('enxurrada UDP', 4, 0, (1, 60), (0, 1400), MALES, udp=1)]


class Servidor:
    def __init__(self, opcoes):
        comando = os.environ.get('SERVIDOR', './servidor').split()
        self.nome = 'servidor ' + opcoes
        self.processo = subprocess.Popen(comando + opcoes.split() + ['0'],
                                         stdout=subprocess.PIPE, text=True,
                                         preexec_fn=com_o_pai)
        porta = re.search(r':(\d+)', self.processo.stdout.readline())
        self.processo.stdout.readline()
        if not porta:
            sys.exit(f'FALHOU {self.nome}: nao comecou\n0 passed, 1 failed')
        self.onde = ('127.0.0.1', int(porta[1]))
        self.descritores = self.contar_descritores()
        self.vivos = self.ligados = self.foram = self.voltaram = 0

    def proc(self, arquivo):
        with open(f'/proc/{self.processo.pid}/{arquivo}') as f:
            return f.read()

    def contar_descritores(self):
        return len(os.listdir(f'/proc/{self.processo.pid}/fd'))

    def memoria(self):  # kB; mais exato que VmRSS
        return int(re.search(r'Rss:\s+(\d+)', self.proc('smaps_rollup'))[1])

    def acordou(self):  # quantas vezes deixou o processador por si
        return int(re.search(r'\nvoluntary\D+(\d+)', self.proc('status'))[1])

    async def conferir_descritores(self):
        """Todos sairam: o servidor ja fechou tudo? Espera que sim."""
        limite = time.monotonic() + 10
        while (self.contar_descritores() != self.descritores
               and time.monotonic() < limite):
            await asyncio.sleep(0.05)
        contar(self.contar_descritores() == self.descritores,
               f'{self.nome}: descritores, {self.descritores} no comeco, '
               f'{self.contar_descritores()} depois que todos sairam')

    async def conferir_repouso(self, memoria):
        await self.conferir_descritores()
        depois = self.memoria()
        # o mapa de sombra do AddressSanitizer tem terabytes: nada se mede
        if int(re.search(r'VmSize:\s+(\d+)', self.proc('status'))[1]) < 1e9:
            contar(depois <= memoria + 1024,  # o que malloc pode ter guardado
                   f'{self.nome}: memoria, {memoria} kB depois do '
                   f'aquecimento, {depois} no fim')
        dormia, acordou = 0, self.acordou()
        for _ in range(20):
            await asyncio.sleep(0.05)
            dormia += self.proc('stat').rpartition(') ')[2][0] == 'S'
        acordou = self.acordou() - acordou
        contar(dormia > 10 and acordou < 20, f'{self.nome}: sem ninguem, em '
               f'1 s acordou {acordou} vezes; dormia em {dormia} de 20')

    def encerrar(self, minimo):
        """Ctrl-C: sai com 0, e as contas do resumo, a ultima linha, dao."""
        self.processo.send_signal(2)
        resumo = self.processo.communicate(timeout=30)[0].strip()
        contar(self.processo.returncode == 0,
               f'{self.nome}: saiu com {self.processo.returncode}')
        numeros = [int(x) for x in re.findall(r'\d+', resumo)[:3]] + [0] * 3
        contar(minimo <= numeros[0] <= self.ligados
               and self.voltaram <= numeros[2] <= self.foram,
               f'{self.nome}: {resumo}; foram {self.ligados} clientes, que '
               f'enviaram {self.foram} bytes e receberam {self.voltaram}')


class Cliente:
    def __init__(self, modo, servidor):
        self.m, self.servidor = modo, servidor
        self.fim = sortear(*modo.fim)
        self.total = sortear(*modo.envia)
        self.texto = trecho(0 if modo.udp else self.total)
        if self.fim == DIZ_SAIR:
            self.texto += b'.\nsair\n'
        self.foi = self.voltou = 0
        self.le, self.ecoou = asyncio.Event(), asyncio.Event()
        if modo.le:
            self.le.set()
        self.s = socket.socket(
            type=socket.SOCK_DGRAM if modo.udp else socket.SOCK_STREAM)
        self.s.setblocking(False)
        if modo.buffer:
            for opcao in socket.SO_RCVBUF, socket.SO_SNDBUF:
                self.s.setsockopt(socket.SOL_SOCKET, opcao, modo.buffer)
            # como em uma rede: com os 64 KB da interface lo, o sistema guarda
            # quase 3 MB por conexao, e o servidor nunca teria o que guardar
            self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        if not modo.udp:
            self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def pensar(self):
        await asyncio.sleep(sortear(*self.m.pensa) / 1e3)

    async def viver(self):
        v = self.servidor
        v.vivos, v.ligados = v.vivos + 1, v.ligados + 1
        try:
            await asyncio.wait_for(self.conversar(), LIMITE)
        except Acabou:
            pass
        except asyncio.TimeoutError:
            raise Errado('o prazo acabou') from None
        except OSError as e:
            exigir(not self.m.bom, e)
        finally:
            if self.fim == DESFAZ:
                self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            self.s.close()
            v.vivos, v.foram = v.vivos - 1, v.foram + self.foi
            v.voltaram += self.voltou

    async def conversar(self):
        await asyncio.get_running_loop().sock_connect(self.s,
                                                      self.servidor.onde)
        await self.pensar()
        if self.m.udp:
            await self.trocar_datagramas()
        else:
            await juntos(self.enviar(), self.receber())

    async def enviar_rajada(self, rajada):
        flags = (socket.MSG_OOB if self.m.urgente and
                 self.foi + len(rajada) == len(self.texto) else 0)
        while rajada:
            try:
                n = await tentar(self.s, self.s.send, rajada, flags,
                                 escrever=True,
                                 prazo=None if self.le.is_set() else TRAVADO)
            except asyncio.TimeoutError:
                self.le.set()  # agora, sim
                if not self.m.bom:
                    raise Acabou from None
                continue
            self.foi += n
            rajada = rajada[n:]

    async def enviar(self):
        while self.foi < len(self.texto):
            self.ecoou.clear()
            n = self.foi + sortear(*self.m.rajada)
            await self.enviar_rajada(memoryview(self.texto)[self.foi:n])
            if self.m.eco:
                await self.ecoou.wait()
            await self.pensar()
        self.le.set()
        if self.fim in (FECHA, DESFAZ):
            raise Acabou
        if self.fim == MEIO_FECHA:
            self.s.shutdown(socket.SHUT_WR)
        elif sortear(0, 1):  # o que vem depois da linha sair se ignora
            try:
                self.s.send(trecho(sortear(1, 5000)))
            except OSError:
                pass
        if not self.m.bom and sortear(0, 1):
            raise Acabou  # nem espera o resto

    async def receber(self):
        await self.le.wait()
        while True:
            d = await tentar(self.s, self.s.recv, self.m.le or 65536)
            if not d:
                break
            i, self.voltou = self.voltou, self.voltou + len(d)
            exigir(self.voltou <= self.foi, 'voltou mais do que foi')
            exigir(d == self.texto[i:self.voltou], 'voltou um byte errado')
            if self.voltou == self.foi:
                self.ecoou.set()
            if self.m.descansa:
                await asyncio.sleep(self.m.descansa / 1e3)
        exigir(not self.m.bom or self.voltou == len(self.texto),
               'o servidor encerrou antes da hora')
        if self.voltou < len(self.texto):
            raise Acabou

    async def trocar_datagramas(self):
        """Quem e bom espera cada um, e envia de novo se demora: dai em diante
        pode vir a resposta dobrada de um anterior. Os outros somem."""
        repetiu = False
        for _ in range(self.total):
            d, resposta = trecho(sortear(*self.m.rajada)), None
            while resposta != d:
                await tentar(self.s, self.s.send, d, escrever=True)
                self.foi += len(d)
                if not self.m.bom:
                    break
                try:
                    resposta = await tentar(self.s, self.s.recv, 65536,
                                            prazo=REENVIO)
                except asyncio.TimeoutError:
                    repetiu = True
                    continue
                exigir(repetiu or resposta == d, 'voltou um datagrama errado')
                self.voltou += len(d) if resposta == d else 0
            if self.m.bom:
                await self.pensar()


contas = collections.defaultdict(collections.Counter)


async def um_cliente(servidores):
    varios, um, udp = servidores
    modo = random.choices(MODOS, [m.peso for m in MODOS])[0]
    c = Cliente(modo, udp if modo.udp else
                um if um.vivos < FILA_DE_UM else varios)
    contas[modo.nome]['todos'] += 1
    try:
        await c.viver()
    except Errado as e:
        contas[modo.nome]['errados'] += 1
        print(f'{modo.nome}, {c.servidor.nome}: {e}; enviou {c.foi} de '
              f'{len(c.texto)}, voltaram {c.voltou}', flush=True)


async def conviver(servidores, segundos):
    """Gente entra e sai por tantos segundos; depois, todos saem."""
    comeco, vivos = time.monotonic(), set()
    while (t := time.monotonic() - comeco) < segundos:
        # 280 e mais do que -n 200 atende: ha fila
        lotacao = (150, 280, 60)[int(t / 3) % 3]
        for _ in range(min(5, lotacao - len(vivos))):  # 250 por segundo
            c = asyncio.ensure_future(um_cliente(servidores))
            vivos.add(c)
            c.add_done_callback(vivos.discard)
        await asyncio.sleep(0.02)
        if (any(s.processo.poll() is not None for s in servidores)
                or sum(c['errados'] for c in contas.values()) > FALHAS):
            break
    if vivos:
        await asyncio.wait(vivos)


async def imersao():
    servidores = [Servidor('-q -n 200'), Servidor('-q -n 1'),
                  Servidor('-q -u')]
    try:
        await conviver(servidores, SEGUNDOS / 5)
        for s in servidores:
            await s.conferir_descritores()
        memoria = [s.memoria() for s in servidores]
        await conviver(servidores, SEGUNDOS * 4 / 5)
        for s, m in zip(servidores, memoria):
            await s.conferir_repouso(m)
        for nome, c in contas.items():
            contar(not c['errados'],
                   f'{nome}: {c["todos"]}, errados {c["errados"]}')
        for s in servidores:
            s.encerrar(1 if '-u' in s.nome else s.ligados)
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
        # o que se digita, e quanto disso deve ser enviado
        self.digitado = trecho(tamanho(3000000))
        if self.acaba == LINHA_SAIR:
            self.digitado += b'.\nsair\n'
        self.vale = len(self.digitado)
        if self.acaba == LINHA_SAIR:
            self.digitado += trecho(sortear(0, 40))
        self.dito = (self.digitado[:self.vale] if self.eco
                     else trecho(tamanho(3000000)))
        self.ponto = tamanho(len(self.dito))  # bytes ate o final
        # devagar demais e so demora: no maximo uns milhares de pedacos
        self.pedaco = max(1 + tamanho(65535), self.vale // 3000,
                          len(self.dito) // 3000)
        self.leu = self.disse = self.mostrou = 0
        self.viu_fim = False
        self.chegou = asyncio.Event()
        self.erro = b''

    async def viver(self):
        comando = os.environ.get('CLIENTE', './cliente').split()
        self.escuta = socket.create_server(('127.0.0.1', 0), backlog=1)
        self.escuta.setblocking(False)
        if sortear(0, 3) == 0:
            comando.append('-v')
        comando += ['127.0.0.1', str(self.escuta.getsockname()[1])]
        canos = [os.pipe() for _ in range(3)]
        nossas = [canos[0][1], canos[1][0], canos[2][0]]
        deles = [canos[0][0], canos[1][1], canos[2][1]]
        for fd in nossas + [fd for fd in deles if sortear(0, 1)]:
            os.set_blocking(fd, False)
        p = await asyncio.create_subprocess_exec(
            *comando, stdin=deles[0], stdout=deles[1], stderr=deles[2])
        for fd in deles:
            os.close(fd)
        self.abertas = set(nossas)
        try:
            await asyncio.wait_for(
                juntos(self.digitar(nossas[0]), self.ler_saida(nossas[1]),
                       self.ler_erro(nossas[2]), self.servir(), p.wait()),
                LIMITE)
            self.conferir(p.returncode)
        except asyncio.TimeoutError:
            raise Errado('o cliente nao terminou' if p.returncode is None else
                         'o servidor nao viu o fim') from None
        finally:
            if p.returncode is None:
                p.kill()
                await p.wait()
            for fd in self.abertas:
                os.close(fd)
            self.escuta.close()
        return p.returncode

    def fechar(self, fd):
        os.close(fd)
        self.abertas.discard(fd)

    async def digitar(self, fd):
        resta = memoryview(self.digitado)
        try:
            while resta:
                n = await tentar(fd, os.write, fd, resta[:sortear(1, 65536)],
                                 escrever=True)
                resta = resta[n:]
                if sortear(0, 9) == 0:
                    await asyncio.sleep(sortear(0, 30) / 1e3)
        except BrokenPipeError:
            pass  # ja nao se le
        if resta or self.acaba != FICA_ABERTA:
            self.fechar(fd)

    async def ler(self, fd):
        while d := await tentar(fd, os.read, fd, sortear(1, 65536)):
            yield d
            if sortear(0, 19) == 0:
                await asyncio.sleep(sortear(0, 300) / 1e3)
        self.fechar(fd)

    async def ler_saida(self, fd):
        async for d in self.ler(fd):
            i, self.mostrou = self.mostrou, self.mostrou + len(d)
            exigir(self.mostrou <= self.disse
                   and d == self.dito[i:self.mostrou],
                   'mostrou um byte errado')

    async def ler_erro(self, fd):
        async for d in self.ler(fd):
            self.erro = (self.erro + d)[-8192:]

    async def servir(self):
        s = (await tentar(self.escuta, self.escuta.accept))[0]
        self.escuta.close()
        with s:
            s.setblocking(False)
            try:
                self.no_ponto()  # pode ser o comeco
                await juntos(self.servidor_le(s), self.servidor_diz(s))
            except OSError:
                pass  # a conexao se desfez
            except Acabou:
                if self.final == S_DESFAZ:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                if self.final == CALA:
                    await self.calar(s)

    async def calar(self, s):
        try:
            s.shutdown(socket.SHUT_WR)
            self.ponto = float('inf')
            while not self.viu_fim:
                await self.servidor_le(s)
        except (OSError, Acabou):
            pass

    def no_ponto(self):
        feito = self.leu if self.eco else self.disse
        if self.final != ESPERA and (feito >= self.ponto or self.viu_fim):
            raise Acabou

    async def servidor_le(self, s):
        while not self.viu_fim:
            d = await tentar(s, s.recv, self.pedaco)
            i, self.leu = self.leu, self.leu + len(d)
            exigir(self.leu <= self.vale and d == self.digitado[i:self.leu],
                   'o servidor leu um byte errado')
            self.viu_fim = not d
            self.chegou.set()
            self.no_ponto()

    async def servidor_diz(self, s):
        while True:
            pode = self.leu if self.eco else len(self.dito)
            if self.disse < pode:
                d = memoryview(self.dito)[self.disse:pode][:self.pedaco]
                self.disse += await tentar(s, s.send, d, escrever=True)
                self.no_ponto()
            elif self.viu_fim or not self.eco:
                return
            else:
                self.chegou.clear()
                await self.chegou.wait()

    def conferir(self, codigo):
        """O cliente terminou: tudo o que se pode exigir dele."""
        erro = self.erro.decode('utf8', 'replace')
        contas_dele = re.search(r'fim da conversa: (\d+) bytes enviados, '
                                r'(\d+) recebidos', erro)
        exigir(codigo in (0, 1), f'saiu com {codigo}')
        exigir(not re.search('Sanitizer|runtime error', erro),
               'um verificador se queixou')
        exigir(contas_dele, 'nao disse as contas do fim')
        exigir(self.leu <= int(contas_dele[1]) <= self.vale,
               f'disse que enviou {contas_dele[1]}')
        exigir(int(contas_dele[2]) == self.mostrou,
               f'disse que recebeu {contas_dele[2]}')
        if self.final in (ESPERA, CALA):
            exigir(self.mostrou == self.disse,
                   'o fim foi em ordem, e nao mostrou tudo')
        if self.final == ESPERA:
            exigir(codigo == 0 and self.leu == self.vale, 'devia sair com 0')
        exigir(self.final != S_DESFAZ or codigo == 1,
               'a conexao se desfez, e saiu com 0')
        exigir(self.acaba != FICA_ABERTA or codigo == 1,
               'a entrada estava aberta, e saiu com 0')
        exigir(self.final != CALA or codigo == 1 or self.leu == self.vale,
               'saiu com 0, e nem tudo chegou ao servidor')


async def azar():
    fim, erros = time.monotonic() + SEGUNDOS, 0

    async def um_lugar():
        nonlocal erros
        while time.monotonic() < fim and erros <= FALHAS:
            v = Vez()
            nome = 'o servidor ' + FINAIS[v.final]
            try:
                contas[nome][await v.viver()] += 1
            except Errado as e:
                erros += 1
                contas[nome]['errados'] += 1
                print(f'{nome}, {"eco" if v.eco else "falador"}, entrada '
                      f'{v.acaba}: {e}; digitou {len(v.digitado)}, valem '
                      f'{v.vale}, o servidor leu {v.leu} e disse {v.disse}, o '
                      f'cliente mostrou {v.mostrou}; stderr: '
                      f'{v.erro[-400:]}', flush=True)

    await asyncio.gather(*(um_lugar() for _ in range(VEZES)))
    for nome, c in sorted(contas.items()):
        contar(not c['errados'], f'{nome}: {c[0]} sairam com 0, {c[1]} com 1, '
               f'errados {c["errados"]}')


random.seed(SEMENTE)
LIVRO = escrever_livro()
print(f'{sys.argv[1]}: {SEGUNDOS:.0f} segundos, SEMENTE={SEMENTE}', flush=True)
resource.setrlimit(resource.RLIMIT_NOFILE,
                   (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run({'imersao': imersao, 'azar': azar}[sys.argv[1]]())
print(f'{certos} passed, {falhas} failed')
sys.exit(falhas > 0)
