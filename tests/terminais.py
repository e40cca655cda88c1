# terminais.py - programas em terminais de verdade (pty): digitar, ver o que
# aparece, o codigo de saida; conversas sem programa; e os casos, cada um em um
# processo, quatro de cada vez. Toda espera e por um texto, um fim ou um estado;
# LIMITE e so o vigia.
import contextlib
import ctypes
import fcntl
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import termios
import time
from pathlib import Path
from contas import com_o_pai, concluir, dizer, raiz, sem_sinais, sh, \
    sinais_terminam

LIMITE = 90 * float(os.environ.get('TEMPO') or 1)  # segundos de um caso
PIPE = subprocess.PIPE


class Falha(Exception):
    pass


class Pulado(Exception):
    pass


class Programa:
    """Uma linha de comando em um terminal so dela. entrada, saida: PIPE, ou um
    arquivo aberto, no lugar do terminal."""
    todos = []
    prazo = 0

    def __init__(self, comando, entrada=None, saida=None, **resto):
        self.nome, self.visto, self.lido = comando, b'', 0
        self.fd, dele = os.openpty()

        def dono_do_terminal():
            com_o_pai()
            fcntl.ioctl(dele, termios.TIOCSCTTY, 0)

        with sem_sinais():
            self.p = subprocess.Popen(
                ['sh', '-c', comando],
                stdin=dele if entrada is None else entrada,
                stdout=dele if saida is None else saida,
                stderr=subprocess.STDOUT if saida is PIPE else dele,
                start_new_session=True, preexec_fn=dono_do_terminal, **resto)
            Programa.todos.append(self)
        os.close(dele)
        self.entrada = self.p.stdin.fileno() if entrada is PIPE else self.fd
        if saida is PIPE:
            self.fd = self.p.stdout.fileno()

    @staticmethod
    def ler(espera=None, o_que='mais'):
        """Le o que ha em todos; sem nada, espera ate haver."""
        abertos = {p.fd: p for p in Programa.todos if p.fd is not None}
        resta = Programa.prazo - time.monotonic()
        if resta < 0:
            raise Falha(f'esperava {o_que}, e o tempo acabou' + ''.join(
                f'; em {p.nome!r}, {p.falta()!r}' for p in Programa.todos))
        espera = min(resta, 1 if espera is None else espera)
        for fd in select.select(abertos, [], [], espera)[0]:
            p = abertos[fd]
            try:
                novo = os.read(fd, 65536)
            except OSError:  # o ultimo programa do terminal terminou
                novo = b''
            if novo:  # \r\n: o terminal e que poe o \r
                p.visto += novo.replace(b'\r', b'')
            else:
                p.fd = None

    def falta(self):
        """O que apareceu e ainda nao se leu."""
        return self.visto[self.lido:].decode(errors='replace')

    def linha(self):
        """A proxima linha; None se o programa acabou sem mais."""
        while self.visto.find(b'\n', self.lido) < 0 and self.fd is not None:
            Programa.ler()
        linha, fim, _ = self.visto[self.lido:].partition(b'\n')
        self.lido += len(linha + fim)
        return linha.decode(errors='replace') if linha + fim else None

    def ve(self, texto):
        """Espera o texto no que ainda nao se leu, e le ate depois dele."""
        while (i := self.visto.find(texto.encode(), self.lido)) < 0:
            if self.fd is None:
                raise Falha(f'{self.nome}: terminou, e faltou {texto!r}; '
                            f'escreveu {self.falta()!r}')
            Programa.ler(o_que=repr(texto))
        self.lido = i + len(texto.encode())
        return texto

    def ve_ate(self, texto):
        """O que ha ate o texto; le ate depois dele."""
        antes = self.lido
        self.ve(texto)
        return self.visto[antes:self.lido - len(texto)].decode()

    def digita(self, texto):
        if isinstance(texto, str):
            texto = texto.encode()
        try:
            os.write(self.entrada, texto)
        except OSError as erro:
            raise Falha(f'{self.nome}: nao ha quem leia: {erro}')

    def codigo(self):
        """Espera terminar; o codigo de saida, 128 + o sinal que o matou."""
        while self.fd is not None:
            Programa.ler()
        while self.p.poll() is None:
            Programa.ler(0.02)
        return self.p.returncode if self.p.returncode >= 0 \
            else 128 - self.p.returncode

    def sai(self, codigo):
        if (visto := self.codigo()) != codigo:
            raise Falha(f'{self.nome}: saiu com {visto}, esperava {codigo}; '
                        f'escreveu {self.visto.decode(errors="replace")!r}')

    def mata(self, sinal):
        if self.p.poll() is None:
            os.killpg(self.p.pid, sinal)

    def esta_parado(self):
        """Espera que durma, sem gastar processador, por dois segundos: esta
        preso em uma chamada."""
        antes = quietos = None
        while quietos != 10:
            with open(f'/proc/{self.p.pid}/stat') as f:
                _, _, resto = f.read().rpartition(')')
            estado, gasto = resto.split()[0], resto.split()[11:13]
            if estado == 'Z':
                raise Falha(f'{self.nome}: terminou: {self.visto!r}')
            quieto = estado == 'S' and gasto == antes
            quietos, antes = quietos + 1 if quieto else 0, gasto
            Programa.ler(0.1)
            time.sleep(0.1)


def precisar(*ferramentas):
    for nome in ferramentas:
        if not shutil.which(nome):
            raise Pulado(f'falta {nome}')


def mandar(comando, o_que, **resto):
    """Um comando sem terminal, que da certo; o que escreve."""
    codigo, visto = sh(comando, **resto)
    if codigo:
        raise Falha(f'{o_que}: {visto}')
    return visto


# ---- Uma conversa -----------------------------------------------------------

def garantir(verdade, queixa):
    if not verdade:
        raise Falha(queixa)


def exigir(o_que, esperado, visto):
    if visto != esperado:
        raise Falha(f'{o_que}: esperava {esperado!r:.300}, vi {visto!r:.300}')


def ligar(porta, tipo=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_INET, tipo)
    s.settimeout(60)
    s.connect(('127.0.0.1', porta))
    return s


def le(s, n):
    """Ate n bytes; menos, se a conversa acabou."""
    dados = b''
    try:
        while len(dados) < n and (novo := s.recv(n - len(dados))):
            dados += novo
    except socket.timeout:
        pass  # quem chama compara
    return dados


def troca(s, envia, espera):
    s.sendall(envia)
    exigir(f'resposta a {envia[:60]!r}', espera, le(s, len(espera)))


# ---- Uma rede ---------------------------------------------------------------

def rede_propria():
    """Este processo passa a uma rede vazia, em que e administrador. False: nao
    pode."""
    unshare = ctypes.CDLL(None).unshare
    uid, gid = os.getuid(), os.getgid()
    if unshare(0x40000000) == 0:  # CLONE_NEWNET
        return ip('link set lo up')
    try:
        return unshare(0x50000000) == 0 and all(  # com CLONE_NEWUSER
            Path('/proc/self/' + arquivo).write_text(texto)
            for arquivo, texto in (
                ('setgroups', 'deny'), ('uid_map', f'0 {uid} 1'),
                ('gid_map', f'0 {gid} 1'))) and ip('link set lo up')
    except OSError:
        return False


def pode_ter_rede():
    filho = os.fork()
    if filho == 0:
        os._exit(not rede_propria())
    return os.waitpid(filho, 0)[1] == 0


def ip(comando, prefixo=''):
    return subprocess.call(f'{prefixo} ip {comando}', shell=True,
                           stderr=subprocess.DEVNULL) == 0


# ---- Os casos ---------------------------------------------------------------

def casos_da_suite():
    """Os nomes que ha nas tabelas de tests/casos_*.c."""
    return [nome for arquivo in Path(raiz, 'tests').glob('casos_*.c')
            for nomes in re.findall(r'\{"([\w ]+)"', arquivo.read_text())
            for nome in nomes.split()]


def rodar(funcao, argumentos):
    """Um caso, em uma pasta sua: o veredito, e por que."""
    Programa.prazo = time.monotonic() + LIMITE
    with tempfile.TemporaryDirectory(prefix='caso.') as pasta:
        os.chdir(pasta)
        try:
            funcao(*argumentos)
            return 'ok'
        except Pulado as motivo:
            return f'PULADO {motivo}'
        except (Falha, OSError) as erro:
            return f'FALHOU {erro}'
        except Exception as erro:  # do proprio caso
            return f'FALHOU {erro!r}'
        finally:
            for p in Programa.todos:
                p.mata(signal.SIGKILL)
                p.p.wait()
            os.chdir('/')


def correr(escrita, funcao, argumentos):
    """Em um processo so para ele, de que nao se volta."""
    try:
        com_o_pai()
        os.write(escrita, rodar(funcao, argumentos).encode()[:4000])
    finally:
        os._exit(0)


def executar(casos, paralelo=None):
    """Roda os casos (nome, funcao, argumentos...), cada um em um processo seu;
    a conta, e termina."""
    paralelo = paralelo or int(os.environ.get('PARALELO') or 4)
    fila, vivos = list(casos), {}
    sinais_terminam()
    try:
        while fila or vivos:
            if not fila or len(vivos) == paralelo:
                nome, leitura = vivos.pop(os.wait()[0])
                with os.fdopen(leitura, errors='replace') as f:
                    veredito, _, relato = f.read().partition(' ')
                dizer(veredito or 'FALHOU', nome, relato)  # '': morreu calado
                continue
            nome, funcao, *argumentos = fila.pop(0)
            leitura, escrita = os.pipe()
            with sem_sinais():
                filho = os.fork()
                if filho:
                    os.close(escrita)
                    vivos[filho] = nome, leitura
                else:
                    correr(escrita, funcao, argumentos)
    finally:
        for pid in vivos:
            with contextlib.suppress(OSError):  # ja acabou
                os.kill(pid, signal.SIGTERM)
        for pid in vivos:
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)
    concluir()
