#!/usr/bin/env python3
# quadro.py - o quadro de make demo (docs/quadro.c) diz a verdade? A ordem, as
# medidas, o que da errado, a pausa, as figuras.
#
#   [SERVIDOR=programa] [CLIENTE=programa] [VEZES=30] python3 tests/quadro.py
#   python3 tests/quadro.py desenhar    refaz docs/img/quadro*.svg
import collections
import os
import re
import signal
import socket
import subprocess
import sys
sys.dont_write_bytecode = True
from contas import raiz
from terminais import Programa, executar, exigir, garantir

VEZES = int(os.environ.get('VEZES') or 30)
FIGURAS = {'tcp': 'docs/img/quadro.svg', 'perda': 'docs/img/quadro-perda.svg'}

# As chamadas do cliente e do servidor, em ordem. Os dois fios do cliente TCP
# podem trocar a sua; o Ctrl-C pode chegar antes da chamada que interrompe.
SEQUENCIAS = {
    'TCP': ('socket connect send recv send (shutdown recv recv|recv shutdown '
            'recv|recv recv shutdown) close',
            'socket bind listen accept recv send recv send shutdown recv '
            'close( accept)? close'),
    'UDP': ('socket( (sendto )+recvfrom( recvfrom)*)+ close',
            'socket bind( (recvfrom )+sendto)+( recvfrom)? close')}

# O que tem de estar acima de uma chamada que devolveu r; de cada lado se sabe
# quantas vezes ja fez cada uma, e a soma do que ela devolveu.
CAUSAS = {
    'connect': lambda eu, ele, r: ele['listen'],
    'accept': lambda eu, ele, r: ele['connect'] > eu['accept'],
    'sendto': lambda eu, ele, r: ele['bind'] or eu['bind'],
    'recvfrom': lambda eu, ele, r: ele['sendto'] > eu['recvfrom'],
    'recv': lambda eu, ele, r: ele['soma send'] >= eu['soma recv'] + r and (
        r or ele['shutdown'] or ele['close'])}


def ordem(parte):
    """As queixas de uma parte do quadro."""
    chamadas, contas = ([], []), (collections.Counter(), collections.Counter())
    for linha in parte.split('\n')[2:]:
        novas = [(i, m[1], int(m[2]))
                 for i, lado in enumerate((linha[:38], linha[43:]))
                 if (m := re.search(r'(\w+)\(.*\) = (-?\d+)', lado))]
        for i, nome, r in novas:
            causa = CAUSAS.get(nome) if r >= 0 else None
            if causa and not causa(contas[i], contas[1 - i], r):
                yield 'sem a causa acima: ' + linha
            if r >= 0 and 'recv' in nome and not re.search("<-*'|'->", linha):
                yield 'recebe sem seta: ' + linha
        for i, nome, r in novas:
            chamadas[i].append(nome)
            contas[i].update({nome: 1, 'soma ' + nome: r})
    for lado, regra in zip(chamadas, SEQUENCIAS[parte[:3]]):
        if not re.fullmatch(regra, ' '.join(lado)):
            yield 'fora de ordem: ' + ' '.join(lado)


def conferir(quadro):
    """A causa de cada chamada esta acima dela; cada lado faz o que a conversa
    pede; cada parte cabe em uma tela de 24 linhas, com o pedido de ENTER."""
    *partes, fim = re.sub('   ENTER:.*\n', '', quadro).strip().split('\n\n')
    queixas = [] if fim.startswith('demo: tudo certo') else ['nao acabou']
    for parte in partes:
        queixas += [*ordem(parte), *parte.split('\n')[23:],
                    *re.findall('.{81,}', parte)]
    garantir(not queixas, '\n    '.join(queixas + ['em:', quadro]))


def rodar(partes='', saida=subprocess.PIPE, **ambiente):
    return subprocess.Popen(
        [raiz + '/docs/quadro', *partes.split()], cwd=raiz, text=True,
        stdin=subprocess.PIPE, stdout=saida, stderr=subprocess.STDOUT,
        env={**os.environ, 'PAUSA': '', **ambiente})


def tudo(p, codigo=0):
    """O que ele escreveu, ate sair com este codigo."""
    saida = p.communicate()[0]
    garantir(p.returncode == codigo, f'saiu com {p.returncode}: {saida}')
    return saida


def muitos():
    for _ in range(0, VEZES, 6):  # a perda leva um segundo: um de cada seis
        for p in [rodar(partes) for partes in [''] + ['tcp udp'] * 5]:
            conferir(quadro := tudo(p))
            for texto in ('(-x: finge', '(1 s sem resposta: envia de novo)',
                          'Ctrl-C -> recvfrom(', 'close(3) = 0 <- Ctrl-D'):
                garantir('udp' in p.args or texto in quadro,
                         f'falta {texto}: {quadro}')


def falha(queixa, parte, programa, comando):
    visto = tudo(rodar(parte, **{programa: comando}), 1)
    garantir(queixa in visto, f'esperava {queixa!r}, vi {visto}')


def interrompido():
    """Um ENTER por troca; e, no quarto pedido, SIGTERM."""
    p, visto = rodar('tcp', PAUSA='1'), ''
    for linha in p.stdout:
        visto += linha
        if visto.count('ENTER:') == 4:
            p.send_signal(signal.SIGTERM)
        elif 'ENTER:' in linha:
            p.stdin.write('\n')
            p.stdin.flush()
    exigir('o codigo', 128 + signal.SIGTERM, p.wait())
    trocas = [len(re.findall(r' connect\(| recv\(', troca))
              for troca in visto.split('ENTER:')]
    exigir('as chamadas, por ENTER', [0, 1, 2, 4, 0], trocas)
    porta = int(re.search(r'deu a (\d+)', visto)[1])
    try:  # o servidor morre: ninguem mais atende
        while socket.create_connection(('127.0.0.1', porta)):
            Programa.ler(0.02)
    except ConnectionRefusedError:
        pass


def no_terminal():
    """Ctrl-D vale um ENTER, e so um."""
    p = Programa('PAUSA=1 docs/quadro tcp', cwd=raiz)
    for _ in range(4):
        p.ve('ENTER:')
        p.digita('\x04')
    p.sai(0)


def textos(svg):
    """De uma figura, sem as portas e sem onde estao: os dois fios do cliente
    podem trocar de ordem, e o Ctrl-C nem sempre interrompe uma chamada."""
    return sorted(re.sub(r'(:|deu a |127\.0\.0\.1 )\d+', r'\1P', texto)
                  for texto in re.findall('<text class="(?!passo).*', svg)
                  for texto in [re.sub('<[^>]*>', '', texto)]
                  if 'EINTR' not in texto)


def figura(parte, nome):
    hoje = tudo(rodar('--svg ' + parte, SERVIDOR='', CLIENTE=''))
    if 'desenhar' in sys.argv:
        with open(nome, 'w') as f:
            f.write(hoje)
    with open(nome) as f:
        antes, hoje = textos(f.read()), textos(hoje)
    garantir(antes == hoje, f'nela, {set(antes) - set(hoje)}; '
             f'hoje, {set(hoje) - set(antes)}')


ERRADO = "sh -c './cliente \"$@\" | sed -u s/o/0/' cliente"
SAI_COM_3 = "sh -c './cliente \"$@\"; exit 3' cliente"
if subprocess.call(['make', '-s', 'all', 'docs/quadro'], cwd=raiz) != 0:
    sys.exit(1)
casos = [(f'quadro: {nome} e de hoje', figura, parte, f'{raiz}/{nome}')
         for parte, nome in FIGURAS.items()]
if 'desenhar' not in sys.argv:
    casos += [
        (f'quadro: a ordem nunca e errada ({VEZES} vezes)', muitos),
        ('quadro: PAUSA=1, e a entrada acaba',
         lambda: conferir(tudo(rodar('tcp', PAUSA='1')))),
        ('quadro: PAUSA=1 e Ctrl-D', no_terminal),
        ('quadro: interrompido, nada fica no ar', interrompido),
        *((f'quadro: resposta errada, {parte}', falha,
           'FALHOU: a resposta nao e o que se enviou', parte, 'CLIENTE',
           ERRADO) for parte in ('tcp', 'udp')),
        ('quadro: um cliente que sai com 3', falha,
         'FALHOU: o cliente saiu com codigo 3', 'tcp', 'CLIENTE', SAI_COM_3),
        ('quadro: um servidor que nao sobe', falha,
         'FALHOU: o servidor terminou', '', 'SERVIDOR', 'false'),
        ('quadro: disco cheio', lambda: tudo(
            rodar('tcp', open('/dev/full', 'w')), 1))]
executar(casos)
