#!/usr/bin/env python3
# passos.py - os passos de docs/passos conversam e quebram como a pagina diz?
#
# Quem compila e chama e tests/passos.sh. Cada caso roda os programas de um
# passo como um aluno: em um terminal, com as linhas que ele digitaria. O que se
# espera ver e texto de docs/construir.md: da_pagina falha se nao esta la.
# quebra_x: o passo 5 quebra; cura_x: o par, com o mesmo, nao.
#
# Do ambiente: PASSOS, a pasta com 1/servidor, 1/cliente, 2/servidor... (neles a
# porta e a da variavel PORTA, para que os casos rodem ao lado); EXE=".exe": sao
# os do Windows, e quem os roda e o Wine; CASOS, so os que tem no nome uma
# destas palavras.
import filecmp
import os
import re
import signal
import socket
import subprocess
import sys
sys.dont_write_bytecode = True
from contas import raiz
from terminais import PIPE, Falha, Programa, Pulado, executar, instalada

PASSOS = os.environ['PASSOS']
windows = 'EXE' in os.environ
with open(raiz + '/docs/construir.md', encoding='utf-8') as f:
    pagina = f.read()
porta = 0  # a deste caso


def exigir(verdade, o_que):
    if not verdade:
        raise Falha(o_que)


def da_pagina(texto):
    exigir(texto in pagina, f'a pagina nao diz: {texto}')
    return texto


# ---- Rodar ------------------------------------------------------------------

def soquete(tipo, ligado_a):
    s = socket.socket(socket.AF_INET, tipo)
    s.settimeout(60)
    s.bind(('127.0.0.1', ligado_a))
    return s


def escolher_porta():
    """Uma livre em TCP e em UDP, fora das que o sistema da sozinho."""
    global porta
    for porta in range(20000 + os.getpid() % 6000 * 2, 32768):
        try:
            with soquete(socket.SOCK_STREAM, porta), \
                    soquete(socket.SOCK_DGRAM, porta):
                return
        except OSError:
            pass
    raise Falha('nao achei uma porta livre')


def passo(quem, opcoes='', entrada=PIPE, **resto):
    """O programa de um passo: "3/servidor"."""
    if not porta:
        escolher_porta()
    os.environ['PORTA'] = str(porta)
    if windows:
        return Programa(f'exec wine {PASSOS}/{quem}.exe {opcoes}', PIPE, PIPE)
    return Programa(f'exec {PASSOS}/{quem} {opcoes}', entrada, **resto)


def servidor_do_passo(n, tipo='tcp', **resto):
    """Ja a espera: em TCP, de quem se conecte."""
    if not porta:
        escolher_porta()
    s = passo(f'{n}/servidor',
              f'-{tipo[0]} {porta}' if n == 5 else '', **resto)
    espera_porta(tipo)
    return s


def cliente_do_passo(n, tipo='tcp', **resto):
    return passo(f'{n}/cliente',
                 f'-{tipo[0]} 127.0.0.1 {porta}' if n == 5 else '', **resto)


def espera_porta(tipo):
    molde = re.compile(r': [0-9A-F]{8}:%04X \S+ %s ' %
                       (porta, '0A' if tipo == 'tcp' else '07'))
    while True:
        with open('/proc/net/' + tipo) as f:
            if molde.search(f.read()):
                return
        Programa.ler(0.02)


def do_par(comando, entrada=PIPE, **resto):
    """./servidor ou ./cliente, do nivel de cima."""
    return Programa('exec ' + comando, entrada, cwd=raiz, **resto)


def servidor(opcoes='', qual=0):
    s = do_par(f'./servidor {opcoes} {qual}')
    s.ve('servidor TCP em 127.0.0.1:')
    s.porta = int(s.linha().split()[0])
    return s


def parar(s, codigo=0):
    s.mata(signal.SIGTERM)
    s.sai(codigo)


def encerrar(p):
    p.mata(signal.SIGINT)
    return p.codigo()


def diz(c, linha):
    c.digita(linha + '\n')
    c.ve('servidor> ' + linha)


def ligar(qual):
    return socket.create_connection(('127.0.0.1', qual), 60)


def eco(c, texto):
    texto = texto if isinstance(texto, bytes) else texto.encode()
    c.sendall(texto)
    volta = b''
    while len(volta) < len(texto):
        pedaco = c.recv(len(texto) - len(volta))
        exigir(pedaco, f'de {len(texto)} bytes, voltaram {len(volta)}')
        volta += pedaco
    exigir(volta == texto, f'enviei {texto[:40]!r}, voltou {volta[:40]!r}')


def fim(c):
    exigir(c.recv(1) == b'', 'o outro lado nao fechou')
    c.close()


# ---- Os passos conversam ----------------------------------------------------

def passo_1_conversa():
    s, c = servidor_do_passo(1), cliente_do_passo(1)
    c.ve(da_pagina('servidor> oi, servidor'))
    c.sai(0)
    s.ve(da_pagina('recebi 12 bytes: oi, servidor'))
    s.sai(0)


def passo_2_conversa():
    s, c = servidor_do_passo(2), cliente_do_passo(2)
    c.ve('servidor> oi, servidor')
    c.sai(0)
    s.ve(da_pagina('servidor: esperando na porta 7777'))
    s.ve('recebi 12 bytes: oi, servidor')
    s.sai(0)


def conversa(n, tipo):
    """A mesma nos passos de 3 a 5. No Windows o servidor, em um pipe, so
    escreve quando termina: olha-se o cliente."""
    s, c = servidor_do_passo(n, tipo), cliente_do_passo(n, tipo)
    c.digita('oi\r\nsair\r\n' if windows else 'oi\nsair\n')
    for texto in ('pronto' if tipo == 'udp' else
                  'conectado; sair termina' if n == 3 else 'conectado',
                  'servidor> oi', 'servidor> sair', 'fim da conversa'):
        c.ve(da_pagina(texto))
    c.sai(0)
    if windows:
        return
    s.ve('servidor: esperando em 127.0.0.1:' if n == 5 else da_pagina(
        'servidor: esperando na porta 7777 (Ctrl-C termina)'))
    for texto in (' enviou 3 bytes: oi', ' enviou 5 bytes: sair') \
            if tipo == 'udp' else map(da_pagina, (
                'chegou um cliente', 'recebi 3 bytes: oi',
                'recebi 5 bytes: sair', 'disse sair')):
        s.ve(texto)
    encerrar(s)


# ---- ...e falham, cada um como a pagina diz ---------------------------------

def passo_1_sem_servidor():
    c = cliente_do_passo(1)
    if windows:
        c.ve(da_pagina('servidor> '))
    else:
        da_pagina('mostra 141')
    c.sai(0 if windows else 141)
    exigir(windows or not c.visto, f'escreveu {c.visto!r}')


def passo_1_dois_servidores():
    s = servidor_do_passo(1)
    t = passo('1/servidor')
    if windows:
        da_pagina('no Windows, termina calado')
        t.sai(0)
        cliente_do_passo(1).sai(0)
    else:
        t.esta_parado()  # em accept, como se tudo estivesse bem
        cliente_do_passo(1).sai(0)
        s.sai(0)
        cliente_do_passo(1).sai(141)  # o segundo esta la, mas em outra porta
        encerrar(t)
    exigir(not t.visto, f'o segundo servidor disse {t.visto!r}')


def passo_2_sem_servidor():
    c = cliente_do_passo(2)
    c.ve(da_pagina('connect: erro 10061' if windows
                   else 'connect: Connection refused'))
    c.sai(1)


def passo_2_dois_servidores():
    s = servidor_do_passo(2)
    t = passo('2/servidor')
    t.ve(da_pagina('bind: erro 10048' if windows
                   else 'bind: Address already in use'))
    t.sai(1)
    cliente_do_passo(2).sai(0)
    s.sai(0)


def passo_3_ctrl_c_no_cliente():
    s, c = servidor_do_passo(3), cliente_do_passo(3)
    c.ve('conectado')
    diz(c, 'oi')
    encerrar(c)
    s.ve(da_pagina('encerrou'))
    c = cliente_do_passo(3)
    diz(c, 'outro')
    encerrar(s)


def o_segundo_espera(n):
    s, um = servidor_do_passo(n), cliente_do_passo(n)
    diz(um, 'um')
    dois = cliente_do_passo(n)
    dois.ve(da_pagina('conectado'))
    dois.digita('dois\n')
    dois.esta_parado()
    exigir(b'servidor>' not in dois.visto, 'o segundo nao esperou')
    um.digita('sair\n')
    um.sai(0)
    dois.ve('servidor> dois')
    encerrar(s)


def passo_4_dois_clientes():
    s = servidor_do_passo(4, 'udp')
    um, dois = cliente_do_passo(4), cliente_do_passo(4)
    diz(um, 'um')
    diz(dois, 'dois')
    for c in um, dois:
        c.digita('sair\n')
        c.sai(0)
    encerrar(s)


def espera_para_sempre(n):
    """Um cliente UDP, e ninguem que responda: so a primeira linha sai."""
    escolher_porta()
    u = soquete(socket.SOCK_DGRAM, porta)
    c = cliente_do_passo(n, 'udp')
    c.ve(da_pagina('pronto'))
    c.digita('oi\n')
    exigir(u.recv(100) == b'oi\n', 'outro datagrama')
    c.esta_parado()
    exigir(b'fim' not in c.visto, 'nao esperou')
    encerrar(c)


def passo_5_outro_endereco():
    escolher_porta()
    s = passo('5/servidor', f'{porta} 0.0.0.0')
    s.ve('servidor: esperando em 0.0.0.0:')
    espera_porta('tcp')
    c = passo('5/cliente', f'127.0.0.1 {porta}')
    diz(c, 'sair')
    c.sai(0)
    encerrar(s)


# ---- 6.1 Um cliente que some ------------------------------------------------

def some(qual):
    """O comando da pagina, com a porta deste caso."""
    if not instalada('bash'):
        raise Pulado('falta bash')
    comando = da_pagina('head -c 100000 /dev/zero >/dev/tcp/127.0.0.1/7777')
    subprocess.call(['bash', '-c', comando.replace('7777', str(qual))],
                    stderr=subprocess.DEVNULL)


def quebra_cliente_some():
    s = servidor_do_passo(5)
    some(porta)
    codigo, viu = s.codigo(), s.falta()
    exigir(codigo == 141 or codigo == 1 and any(
        da_pagina(c + ': Connection reset by peer') in viu
        for c in ('send', 'recv')), f'saiu com {codigo}, e disse {viu}')


def sem_ouvinte(s, qual, n):
    """Parado enquanto o cliente envia n bytes e fecha, o servidor, que os le em
    mais de uma vez, escreve duas vezes para quem ja se foi: a segunda e o
    sinal. O par le 65536 de cada vez; antes, uma conversa maior faz o sistema
    lhe dar um buffer em que caibam todos, e o fim tambem."""
    c = ligar(qual)
    for _ in range(200 if n > 65536 else 0):
        eco(c, b'x' * 65536)
    eco(c, 'oi\n')
    s.mata(signal.SIGSTOP)
    c.sendall(b'x' * n)
    c.close()
    s.mata(signal.SIGCONT)


def quebra_sigpipe():
    da_pagina('`SIGPIPE`, que mata o programa')
    s = servidor_do_passo(5)
    sem_ouvinte(s, porta, 5000)
    s.sai(141)


def ainda_atende(s):
    with ligar(s.porta) as c:
        eco(c, 'vivo\n')
    parar(s)


def cura_cliente_some():
    s, t = servidor('-n 1'), servidor()
    some(s.porta)
    da_pagina('`cliente 1 caiu`')
    s.ve('cliente 1 caiu')
    some(t.porta)
    ainda_atende(s)
    ainda_atende(t)


def cura_sigpipe():
    for s in servidor('-q -n 1'), servidor('-q'):
        sem_ouvinte(s, s.porta, 150000)
        ainda_atende(s)


# ---- 6.2 a 6.11: o que o passo 5 nao faz, e o par faz -----------------------

def cura_segundo_espera():
    s = servidor()
    um, dois = ligar(s.porta), ligar(s.porta)
    eco(um, 'um\n')
    eco(dois, 'dois\n')
    parar(s)


def quebra_sair_colado():
    """O servidor que viu a linha sair fecha a conversa; o outro devolve tudo e
    continua, ate que o cliente encerre."""
    s = servidor_do_passo(5)
    c = ligar(porta)
    eco(c, 'sair\n')  # assim, ele ve
    fim(c)
    s.ve(da_pagina('disse sair'))
    da_pagina("printf 'oi\\nsair\\n' | nc 127.0.0.1 7777")
    da_pagina("(printf sa; sleep 1; printf 'ir\\n') | nc 127.0.0.1 7777")
    for pedacos in ('oi\nsair\n',), ('sa', 'ir\n'):
        with ligar(porta) as c:
            for texto in pedacos + ('continua\n',):
                eco(c, texto)
        s.ve('encerrou')
    exigir(b'recebi 8 bytes: oi' in s.visto, 'nao recebeu as duas linhas')
    encerrar(s)


def cura_sair_colado():
    s = servidor()
    for n, pedacos in enumerate((('oi\nsair\n',), ('sa', 'ir\n')), 1):
        c = ligar(s.porta)
        for texto in pedacos:
            eco(c, texto)
        fim(c)
        s.ve(f'cliente {n} saiu (disse sair)')
    parar(s)


def arquivo_grande():
    comando = da_pagina("head -c 50000000 /dev/zero | tr '\\0' x >grande")
    subprocess.check_call(comando, shell=True)
    return open('grande', 'rb')


def quebra_arquivo_grande():
    nula = open('/dev/null', 'wb')
    s = servidor_do_passo(5, saida=nula)
    c = cliente_do_passo(5, entrada=arquivo_grande(), saida=nula)
    c.esta_parado()
    s.esta_parado()
    encerrar(c)
    s.codigo()  # e o reset do cliente o derruba, como em 6.1


def cura_arquivo_grande():
    s = servidor('-q')
    with open('volta', 'wb') as volta:
        do_par(f'./cliente 127.0.0.1 {s.porta}', arquivo_grande(),
               saida=volta).sai(0)
    exigir(filecmp.cmp('grande', 'volta', False), 'a volta e outra')
    parar(s)


def quebra_servidor_termina():
    s, c = servidor_do_passo(5), cliente_do_passo(5)
    diz(c, 'oi')
    encerrar(s)
    c.esta_parado()  # no teclado: nem viu
    c.digita('perdida\n')
    c.ve(da_pagina('fim da conversa'))
    c.sai(0)


def cura_servidor_termina():
    s = servidor()
    c = do_par(f'./cliente 127.0.0.1 {s.porta}')
    diz(c, 'oi')
    parar(s)
    c.ve(da_pagina('o servidor encerrou a conversa antes de voce'))
    c.sai(1)  # sem que se digitasse nada


def cura_datagrama():
    u = soquete(socket.SOCK_DGRAM, 0)
    c = do_par(f'./cliente -u 127.0.0.1 {u.getsockname()[1]}')
    c.digita('oi\nfim\n')
    vieram = [u.recv(100) for _ in range(4)]  # e segue com a proxima
    exigir(vieram == [b'oi\n'] * 3 + [b'fim\n'], f'vieram {vieram}')
    c.ve(da_pagina('tentativa 2 de 3'))
    c.ve('sem resposta')


def quebra_porta_tomada():
    s = servidor_do_passo(5)
    c = ligar(porta)
    eco(c, 'oi\n')
    encerrar(s)
    fim(c)
    s = passo('5/servidor', porta)
    s.ve(da_pagina('bind: Address already in use'))
    s.sai(1)


def cura_porta_tomada():
    s = servidor()
    c = ligar(s.porta)
    eco(c, 'oi\n')
    parar(s)
    fim(c)
    parar(servidor(qual=s.porta))


def quebra_controle():
    da_pagina("printf '\\033[31mvermelho\\n' | nc 127.0.0.1 7777")
    s = servidor_do_passo(5)
    with ligar(porta) as c:
        eco(c, '\33[31mvermelho\n')
    s.ve('\33[31mvermelho')  # a ordem, tal e qual
    encerrar(s)


def cura_controle():
    s = servidor()
    with ligar(s.porta) as c:
        eco(c, '\33[31mvermelho\n')
    s.ve('cliente 1: 14 bytes "' + da_pagina('\\x1b') + '[31mvermelho\\n"')
    parar(s)


def quebra_zero():
    da_pagina("printf 'a\\0b\\n' | ./cliente")
    s = servidor_do_passo(5)
    subprocess.call(f"printf 'a\\0b\\n' | {PASSOS}/5/cliente -t 127.0.0.1 "
                    f'{porta} >nada', shell=True)
    s.ve('recebi 1 bytes: a')
    s.ve('encerrou')
    encerrar(s)


def cura_zero():
    s = servidor()
    volta = subprocess.check_output(
        f"printf 'a\\0b\\n' | {raiz}/cliente 127.0.0.1 {s.porta} 2>nada",
        shell=True)
    exigir(volta == b'a\0b\n', f'voltou {volta!r}')
    parar(s)


def quebra_porta_70000():
    escolher_porta()
    s = passo('5/servidor', porta + 65536)
    s.ve(f'esperando em 127.0.0.1:{porta + 65536} ')
    espera_porta('tcp')
    ligar(porta).close()  # e la que ele esta
    encerrar(s)
    s = passo('5/servidor', 'setemil')
    s.ve('esperando em 127.0.0.1:0 ')
    encerrar(s)


def cura_porta_70000():
    for errada in da_pagina('70000'), da_pagina('setemil'):
        s = do_par('./servidor ' + errada)
        s.ve(errada)
        s.sai(2)


def quebra_nome():
    c = passo('5/cliente', 'localhost')
    c.ve(da_pagina('connect: Network is unreachable'))
    c.sai(1)


def cura_nome():
    s = servidor()
    c = do_par(f'./cliente localhost {s.porta}')
    diz(c, 'sair')
    c.sai(0)
    parar(s)


# ---- O seu programa no Dev-C++ ----------------------------------------------

def engano_sizeof():
    global porta
    s = servidor()
    porta = s.porta
    e = passo('enganos/sizeof')
    e.ve('enviei 200 bytes')
    e.sai(0)
    s.ve('cliente 1: ' + da_pagina('200 bytes "oi\\x00 (198 vezes)"'))
    parar(s)


def engano_recv_zero():
    escolher_porta()
    s = passo('enganos/recv_zero')
    espera_porta('tcp')
    c = cliente_do_passo(3)
    diz(c, 'oi')
    os.close(c.entrada)
    c.sai(0)
    for _ in range(1000):
        s.ve(da_pagina('recebi 0 bytes'))


casos = [(f.__name__, f) for f in (
    passo_1_dois_servidores, passo_1_conversa, passo_1_sem_servidor,
    passo_2_conversa, passo_2_sem_servidor, passo_2_dois_servidores)] + [
    ('passo_3_conversa', conversa, 3, 'tcp'),
    ('passo_4_conversa', conversa, 4, 'udp'),
    ('passo_5_conversa_tcp', conversa, 5, 'tcp'),
    ('passo_5_conversa_udp', conversa, 5, 'udp')]
if not windows:
    casos += [(nome, f) for nome, f in globals().items() if re.match(
        'quebra_|cura_|engano_|passo_[345]', nome)] + [
        ('passo_3_o_segundo_espera', o_segundo_espera, 3),
        ('quebra_segundo_espera', o_segundo_espera, 5),
        ('passo_4_sem_servidor', espera_para_sempre, 4),
        ('quebra_datagrama', espera_para_sempre, 5)]
so = os.environ.get('CASOS', '').split()
executar([c for c in casos if not so or any(s in c[0] for s in so)])
