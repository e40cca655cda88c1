#!/usr/bin/env python3
# sumico.py - a rede some sem uma palavra (a tampa do notebook se fecha, o cabo
# sai): nenhum FIN, nenhum RST, os pacotes se perdem. Quem ficou descobre em uns
# 120 segundos: o servidor, com -n 1 e com varios, calado (keepalive) ou no meio
# do envio (TCP_USER_TIMEOUT); o cliente, calado. Quem vive nao e cortado: nem
# quem parou de ler por um minuto, nem quem espera dois e meio na fila de -n 1
# com muito a enviar.
#
#   [SERVIDOR=./servidor] [CLIENTE=./cliente] python3 tests/sumico.py
#
# Cada caso em duas maquinas de mentira (network namespaces), com um cabo entre
# elas; todos ao mesmo tempo, que quase so esperam. Sem elas, PULADO.
import os
import signal
import sys
import time
sys.dont_write_bytecode = True
import terminais
from contas import raiz
from terminais import (PIPE, Programa, Pulado, executar, ip, mandar, precisar,
                       rede_propria)

SERVIDOR = os.environ.get('SERVIDOR') or './servidor'
CLIENTE = (os.environ.get('CLIENTE') or './cliente') + ' 10.99.1.1'
terminais.LIMITE = 240  # segundos de um caso


def montar(opcoes):
    """O servidor, nesta maquina; e o comeco de um comando na outra."""
    precisar('ip', 'unshare', 'nsenter')
    if not rede_propria():
        raise Pulado('aqui nao se pode criar uma rede')
    outra = Programa('exec unshare -n sh -c "echo pronta; exec cat"', PIPE,
                     PIPE)
    outra.ve('pronta')
    la = f'nsenter -t {outra.p.pid} -n '
    ip(f'link add cabo type veth peer name cabo netns {outra.p.pid}')
    for prefixo, endereco in ('', '10.99.1.1'), (la, '10.99.1.2'):
        ip(f'addr add {endereco}/24 dev cabo', prefixo)
        ip('link set lo up', prefixo)
        ip('link set cabo up', prefixo)
    s = Programa(f'exec {SERVIDOR} -a 10.99.1.1 {opcoes}', PIPE, PIPE, cwd=raiz)
    s.ve(' (Ctrl-C termina)\n')
    return s, la


def cortar(la):
    """Cada maquina passa a enviar para uma placa que nao ha."""
    ninguem = 'lladdr 02:00:00:00:00:01 dev cabo nud permanent'
    ip(f'neigh replace 10.99.1.2 {ninguem}')
    ip(f'neigh replace 10.99.1.1 {ninguem}', la)


def cliente(la=''):
    return Programa(f'exec {la}{CLIENTE}', PIPE, PIPE, cwd=raiz)


def conversa(la=''):
    """Alguem bem comportado e atendido."""
    c = cliente(la)
    c.digita('oi\nsair\n')
    c.ve('oi\nsair\n')
    c.sai(0)


def religar_e_acabar(s, la):
    ip('neigh del 10.99.1.2 dev cabo')
    ip('neigh del 10.99.1.1 dev cabo', la)
    conversa(la)
    s.mata(signal.SIGINT)
    s.sai(0)


def calado(opcoes):
    s, la = montar(opcoes)
    c = cliente(la)
    c.digita('oi\n')
    c.ve('oi\n')
    cortar(la)
    if opcoes != '-n 1':
        conversa()
    s.ve('cliente 1 caiu: ')
    c.sai(1)
    religar_e_acabar(s, la)


def no_meio_do_envio(opcoes):
    s, la = montar('-q ' + opcoes)
    descritores = f'/proc/{s.p.pid}/fd'
    antes = len(os.listdir(descritores))
    Programa(f'{la}{CLIENTE} </dev/zero >/dev/null', cwd=raiz)
    while len(os.listdir(descritores)) == antes:
        Programa.ler(0.1)
    cortar(la)
    if opcoes != '-n 1':
        conversa()
    while len(os.listdir(descritores)) > antes:
        Programa.ler(0.3)
    religar_e_acabar(s, la)


def enviar(n, destino):
    """Um cliente que envia tantos bytes; o que volta vai para destino."""
    mandar(f'head -c {n} /dev/urandom >muito', 'head')
    return Programa(f'pasta=$PWD; cd {raiz}; {CLIENTE} <$pasta/muito {destino}')


def parou_de_ler():
    montar('-q')
    enviar(20000000, '| (sleep 75; cat) >$pasta/volta').sai(0)
    mandar('cmp muito volta', 'o que voltou')


def esperou_a_vez():
    montar('-q -n 1')
    um = cliente()
    um.digita('oi\n')
    um.ve('oi\n')
    dois = enviar(1000000, '>$pasta/volta')
    dois.ve('conectado')
    time.sleep(150)
    um.digita('sair\n')
    dois.sai(0)
    mandar('cmp muito volta', 'o que voltou')


executar([('sumico: calado, -n 1', calado, '-n 1'),
          ('sumico: calado, -n 8', calado, '-n 8'),
          ('sumico: no meio do envio, -n 1', no_meio_do_envio, '-n 1'),
          ('sumico: no meio do envio, -n 8', no_meio_do_envio, '-n 8'),
          ('sumico: quem parou de ler por 75 s recebe tudo', parou_de_ler),
          ('sumico: quem esperou a vez por 150 s e atendido', esperou_a_vez)],
         6)
