#!/usr/bin/env python3
# experimentos.py - roda docs/experimentos.md: cada bloco da pagina e digitado
# em um terminal de verdade, e o que aparece tem de ser o que a pagina mostra.
#
#   python3 tests/experimentos.py [outra pagina]
#
# A pagina: um experimento por titulo "## N. ..."; em cada bloco ```console,
# o que se ve no terminal que a linha de cima nomeia (**Terminal 1**):
#
#   $ comando          digita-se o comando (espera terminar o anterior)
#   texto<ENTER>       digita-se o texto; <ENTER> e o sinal U+23CE
#   ^D                 Ctrl-D (nada aparece)
#   ^Cresto            Ctrl-C; o terminal mostra ^C, e o programa, o resto
#   ...                zero ou mais linhas, que mudam de uma vez para outra
#   outra linha        e o que o programa escreve, na mesma ordem
#
# "# comando", no lugar de "$ comando", pede o administrador; **Maquina A,
# 192.168.0.10** e **Maquina B, ...** sao duas maquinas. "**Precisa de:** `nc`"
# nomeia as ferramentas. O que falta faz o experimento ser pulado, com o motivo;
# com EXIGIR=1, falhar.
#
# Cada experimento roda em uma rede so dele (um namespace do Linux), com as
# portas da pagina; sem permissao para isso, um depois do outro, na da maquina.
# Os blocos valem na ordem da pagina. No fim, nada pode ter aparecido que a
# pagina nao mostre. Antes de comparar troca-se so o que muda de maquina para
# maquina: as portas 5xxxx, que o sistema escolhe (a mesma e sempre a mesma), as
# horas, a versao do Python, em quantos recv veio um arquivo.
#
# Do ambiente: SERVIDOR, CLIENTE (programas), EXPERIMENTOS ("3 7": so esses),
# PARALELO (quantos de cada vez, 4), EXIGIR.
import glob
import os
import re
import shlex
import signal
import subprocess
import sys
sys.dont_write_bytecode = True
from contas import raiz
from terminais import Falha, Programa, Pulado, executar, ip, pode_ter_rede, \
    precisar, rede_propria

ENTER = '\u23ce'
MAQUINA = re.compile(r'\*\*Máquina ([AB]), ([0-9.]+)\*\*')
outra_pagina = len(sys.argv) > 1


# ---- A rede -----------------------------------------------------------------

def outra_maquina(a, b):
    """A segunda rede, ligada a esta por um cabo (veth); o que entra nela."""
    dona = subprocess.Popen(
        ['unshare', '-n', 'sh', '-c', 'ip link set lo up && echo && exec cat'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    dona.stdout.readline()
    entra = f'nsenter --net=/proc/{dona.pid}/ns/net'
    if not (ip(f'link add eth0 type veth peer name eth0 netns {dona.pid}') and
            ip(f'addr add {a}/24 dev eth0') and ip('link set eth0 up') and
            ip(f'addr add {b}/24 dev eth0', entra) and
            ip('link set eth0 up', entra)):
        raise Pulado('falta permissao para criar a outra maquina')
    return entra


# ---- Comparar ---------------------------------------------------------------

portas = {}  # das que o sistema escolheu: a da pagina e a de verdade
MUDAM = [(re.compile(molde), troca) for molde, troca in (
    (r'[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT', '<hora>'),
    (r'\d\d/([A-Z][a-z]{2}|\d\d)/\d{4} [\d:]{8}', '<hora>'),
    (r'Python/3[\d.]*', 'Python/3'),
    (r'mensagens \d{3,}', 'mensagens <muitas>'),
    (r'mensagens \d+, bytes \d+, perdidos', 'mensagens <por sorte>, perdidos'),
    (r' +$', ''))]


def mesma_porta(pagina, real):
    if not 50000 <= pagina <= 59999 or not 1024 <= real <= 65535:
        return False
    if pagina not in portas and real not in portas.values():
        portas[pagina] = real
    return portas.get(pagina) == real


def porta_em_bytes(linha):
    """A porta da linha do rastro que a mostra em bytes, sem erro na conta."""
    if m := re.match(r' +sin_port .* (\d+) = ', linha):
        n = int(m[1])
        if linha == (f'    sin_port   {n >> 8:02x} {n & 255:02x}'
                     f'                    {n} = 0x{n:04x}'):
            return n
    return None


def igual(pagina, visto):
    for molde, troca in MUDAM:
        pagina, visto = molde.sub(troca, pagina), molde.sub(troca, visto)
    p, v = porta_em_bytes(pagina), porta_em_bytes(visto)
    if p is not None and v is not None:
        return p == v or mesma_porta(p, v)
    p, v = re.split(r'(\d+)', pagina), re.split(r'(\d+)', visto)
    return len(p) == len(v) and all(
        a == b or (i % 2 and mesma_porta(int(a), int(b)))
        for i, (a, b) in enumerate(zip(p, v)))


# ---- Um experimento ---------------------------------------------------------

class Terminal:
    def __init__(self, nome, entra):
        self.nome, self.entra, self.programa = nome, entra, None
        self.codigo = 0     # de saida do ultimo comando
        self.pula = False   # ate a proxima linha da pagina, qualquer coisa
        self.quieto = True  # a pagina ainda nao mostrou nada do programa

    def espera(self, texto):
        """A proxima linha do programa e esta. None: e ele acaba."""
        def serve(vista):
            return vista == texto or None not in (vista, texto) and \
                igual(texto, vista)
        vista = self.programa.linha()
        while self.pula and vista is not None and not serve(vista):
            vista = self.programa.linha()
        self.pula = False
        if not serve(vista):
            raise Falha(f'a pagina mostra: {texto or "(o fim)"}\n'
                        f'    no terminal:     {vista or "(o fim)"}')

    def acaba(self):
        """Espera o programa acabar; nada pode ficar por mostrar."""
        if not self.programa:
            return
        self.espera(None)
        self.codigo = self.programa.codigo()
        Programa.todos.remove(self.programa)
        self.programa = None

    def comeca(self, comando):
        self.acaba()
        comando = f'(exit {self.codigo})\n{comando}'
        if self.entra:
            comando = f'exec {self.entra} sh -c {shlex.quote(comando)}'
        self.programa = Programa(comando)
        # tshark nao diz quando comeca a captura: o arquivo em que a guarda so
        # aparece depois de o filtro estar armado
        while 'tshark' in comando and not any(
                os.path.getsize(f) for f in glob.glob('wireshark_*')):
            if self.programa.fd is None:
                raise Falha('a captura terminou')
            Programa.ler(0.05)

    def faz(self, l):
        """Uma linha da pagina."""
        if l[:2] in ('$ ', '# '):
            self.comeca(l[2:])
        elif l == '...':
            self.pula = True
        elif not self.programa:
            raise Falha(f'o programa terminou, e a pagina mostra: {l}')
        elif l.endswith(ENTER):
            if not self.pula and self.programa.falta():
                raise Falha('a pagina nao mostra: ' + self.programa.falta())
            self.programa.digita(l[:-1] + '\n')
            self.espera(l[:-1])  # o terminal mostra o que se digita
        elif l == '^D':
            self.programa.digita('\x04')
        else:
            if l.startswith('^C'):
                self.programa.digita('\x03')
            self.espera(l)
        self.quieto = l.startswith('$ ')


def rodar_blocos(linhas, entra):
    terminais, titulo, bloco = {}, '', None
    for n, l in linhas:
        try:
            if l.startswith('```'):
                bloco = l if bloco is None else None
                if bloco and bloco != '```console' and not outra_pagina:
                    raise Falha('bloco que nao e ```console')
                if bloco != '```console':
                    continue
                nome = re.fullmatch(r'\*\*(.*[^:])\*\*', titulo)
                if not nome:
                    raise Falha('bloco sem a linha **Terminal N** acima')
                t = terminais.setdefault(nome[1], Terminal(
                    nome[1], entra if nome[1].startswith('Máquina B') else ''))
            elif bloco == '```console':
                t.faz(l)
            elif l and not bloco:
                titulo = l
        except Falha as erro:
            raise Falha(f'linha {n}, {titulo}: {erro}')
    if bloco:
        raise Falha('bloco sem fim')
    # a pagina deixa os terminais prontos para o experimento seguinte; em outra
    # pagina, so termina por si o que ainda nao mostrou nada
    for t in terminais.values():
        if t.quieto or not outra_pagina:
            t.acaba()
    # o que ficou no ar cai de uma vez: ninguem ve o outro cair
    for sinal in signal.SIGSTOP, signal.SIGKILL:
        for p in Programa.todos:
            p.mata(sinal)
    for t in terminais.values():
        t.acaba()


def criar_programa(nome, variavel):
    """./servidor e ./cliente da pasta sao os de verdade."""
    palavras = shlex.split(os.environ.get(variavel) or './' + nome)
    palavras = [os.path.join(chamado_de, p) if '/' in p else p
                for p in palavras]
    with open(nome, 'w') as f:
        f.write(f'#!/bin/sh\nexec {shlex.join(palavras)} "$@"\n')
    os.chmod(nome, 0o755)


def experimento(linhas):
    textos = [l for _, l in linhas]
    for parte in ['**Pergunta:**', '**Por quê:**'][2 * outra_pagina:] + \
            ['```console', '$ ']:
        if not any(l.startswith(parte) for l in textos):
            raise Falha(f'o experimento nao tem {parte}')
    for l in textos:
        if l.startswith('**Precisa de:**'):
            precisar(*re.findall('`([^`]*)`', l))
    maquinas = dict(m.groups() for l in textos if (m := MAQUINA.match(l)))
    if not rede_propria() and \
            (maquinas or any(l.startswith('# ') for l in textos)):
        raise Pulado('falta permissao para criar uma rede (ou falta ip)')
    entra = outra_maquina(maquinas['A'], maquinas['B']) if maquinas else ''
    os.environ.update(LC_ALL='C', TERM='dumb', TMPDIR='.')
    criar_programa('servidor', 'SERVIDOR')
    criar_programa('cliente', 'CLIENTE')
    rodar_blocos(linhas, entra)


# ---- A pagina ---------------------------------------------------------------

chamado_de = os.getcwd()
pagina = sys.argv[1] if outra_pagina else raiz + '/docs/experimentos.md'
molde = re.compile(r'^## ((\d+).*\n)((?:(?!## ).*\n)*)', re.M)
with open(pagina, encoding='utf-8') as f:
    texto = f.read()
if '```' in molde.sub('', texto) and not outra_pagina:
    sys.exit(f'FALHOU {pagina}: bloco fora de um experimento')
so = [int(n) for n in os.environ.get('EXPERIMENTOS', '').split()]
executar([(f'experimento {m[1].strip()}', experimento, list(enumerate(
    m[3].splitlines(), texto[:m.start(3)].count('\n') + 1)))
    for m in molde.finditer(texto) if not so or int(m[2]) in so],
    None if pode_ter_rede() else 1)
