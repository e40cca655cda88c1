#!/usr/bin/env python3
# somar.py 'COMANDO' ... - roda cada comando, mostra o que ele mostra e soma as
# contas "N passed, N failed[, N skipped]" com que terminam, que ate o fim se
# leem de outro modo: so a ultima linha e o total. Um comando sem conta vale um
# caso. Antes do total, os PULADO e, por ultimo, os FALHOU de todos, pelo nome.
# Sai com 1 se algo falhou. O que comeca com "ao lado: " roda ao lado dos que
# vem depois dele, e se mostra no fim: e para o que quase so espera.
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from subprocess import PIPE
sys.dont_write_bytecode = True
from contas import raiz, sinais_terminam

vivos, soma = [], [0, 0, 0]
lembrados = {'PULADO': [], 'FALHOU': []}


def a_sessao(p, sinal):
    """False: nao ha mais ninguem nela."""
    p.poll()
    return subprocess.call(['pkill', f'-{sinal:d}', '-s', str(p.pid)]) == 0


def mostrar(p, saida):
    print('\n== ' + p.comando, flush=True)
    conta, vistos = None, {'PULADO': [], 'FALHOU': []}
    for linha in saida:
        linha = linha.decode(errors='replace').rstrip('\n')
        # o veredito pode vir depois de um contador
        nu = re.sub(r'^\s*(\[[^]]*\] )?', '', linha)
        veredito = nu.split(' ')[0]
        if m := re.match(r'(\d+) passed, (\d+) failed(?:, (\d+) skipped)?', nu):
            conta = [int(n or 0) for n in m.groups()]
            linha = '   certos: {}; falhas: {}; pulados: {}'.format(*conta)
        elif veredito in vistos and nu not in vistos[veredito]:
            vistos[veredito].append(nu)
        print(linha, flush=True)
    codigo = p.wait()
    vivos.remove(p)
    conta = conta or [codigo == 0, 0, 0]
    if codigo != 0 and conta[1] == 0:
        conta[1] = 1
        vistos['FALHOU'].append(f'FALHOU {p.comando}: saiu com {codigo}')
        print(vistos['FALHOU'][0])
    print(f'   em {time.time() - p.comeco:.0f} s', flush=True)
    soma[:] = map(sum, zip(soma, conta))
    for veredito, linhas in vistos.items():
        if linhas:
            lembrados[veredito] += [f'{p.comando}:', *('   ' + l for l in linhas)]


os.chdir(raiz)
sinais_terminam()
try:
    for argumento in sys.argv[1:]:
        comando = re.sub('^ao lado: ', '', argumento)
        saida = tempfile.TemporaryFile() if comando != argumento else PIPE
        # em uma sessao sua, para que ninguem fique se pararmos
        p = subprocess.Popen(
            comando, shell=True, stdin=subprocess.DEVNULL, stdout=saida,
            stderr=subprocess.STDOUT, start_new_session=True)
        p.comando, p.saida, p.comeco = comando, saida, time.time()
        vivos.append(p)
        if saida is PIPE:
            mostrar(p, p.stdout)
    while vivos:
        vivos[0].wait()
        vivos[0].saida.seek(0)
        mostrar(vivos[0], vivos[0].saida)
finally:
    for p in vivos:
        a_sessao(p, signal.SIGTERM)
    while any(a_sessao(p, 0) for p in vivos):
        time.sleep(0.05)
print('', *lembrados['PULADO'], sep='\n')
if soma[2]:
    print('pulados:', soma[2])
print(*lembrados['FALHOU'], sep='\n')
print(f'{soma[0]} passed, {soma[1]} failed')
sys.exit(soma[1] > 0)
