#!/usr/bin/env python3
# passos.py - os passos de docs/passos compilam, conversam e quebram como
# docs/construir.md diz? (As listagens: docs.py.)
#
#   [CC=compilador] [CASOS=...] [EXIGIR=1] python3 tests/passos.py [windows]
#
# compila_x: todos os passos, sem um aviso, com cada compilador que ha aqui.
# engano_x: acontece o que "O seu programa no Dev-C++" diz. passo_x: os pares
# conversam. quebra_x: o passo 5 quebra; cura_x: o par, com o mesmo, nao.
# Com windows, os pares sao os .exe, no Wine que windows.sh preparou.
#
# Cada caso roda os programas como um aluno, em um terminal, com as linhas que
# ele digitaria, mas em uma rede so sua, em que a porta 7777 esta livre. O que
# se espera ver e texto da pagina: da_pagina falha se nao esta la. CASOS: so os
# que tem no nome uma destas palavras.
import filecmp
import glob
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
sys.dont_write_bytecode = True
from contas import concluir, julgar, raiz, sinais_terminam
from terminais import PIPE, Falha, Programa, Pulado, executar, exigir, le, \
    ligar, mandar, precisar, rede_propria, troca

W64 = 'x86_64-w64-mingw32-gcc'
windows = 'windows' in sys.argv
CC = W64 if windows else os.environ.get('CC') or 'cc'
PASSOS = raiz + '/docs/passos/'
os.environ['LC_ALL'] = 'C'  # as mensagens do compilador e do sistema
with open(raiz + '/docs/construir.md', encoding='utf-8') as f:
    pagina = f.read()


def da_pagina(texto):
    if texto not in pagina:
        raise Falha(f'a pagina nao diz: {texto}')
    return texto


# ---- Compilar ---------------------------------------------------------------

COMPILADORES = [  # um padrao velho e um novo de cada
    'gcc -O2 -std=gnu90', 'gcc -O2 -std=gnu17', 'clang -std=gnu90',
    'clang -std=gnu17', 'g++ -O2 -x c++ -std=gnu++98',
    'g++ -O2 -x c++ -std=gnu++17', 'x86_64-w64-mingw32-g++ -x c++ -std=gnu++98',
    'i686-w64-mingw32-gcc -std=gnu90', 'tcc', 'musl-gcc -O2']
FAZ = CC + ' -Wall -Wextra -Werror -o programa '
NO_WINDOWS = W64 + ' -Werror -o programa.exe '
ENGANOS = {  # o comando, e o que ele mostra
    'pragma_ignorado': (W64 + ' -Wall -c pragma.c',
                        "ignoring '#pragma comment '"),
    'pragma_nao_liga': (W64 + ' pragma.c', 'to `__imp_WSAStartup'),
    'pragma_liga': (NO_WINDOWS + 'pragma.c -lws2_32 && echo liga', 'liga'),
    'nomes_nao_liga': (W64 + ' nomes.c -lwsock32', 'getaddrinfo'),
    'nomes_liga': (NO_WINDOWS + 'nomes.c -lws2_32 && echo liga', 'liga'),
    'winsock_liga': (NO_WINDOWS + 'winsock.c -lwsock32 && echo liga', 'liga'),
    'winsock_liga_2': (NO_WINDOWS + 'winsock.c -lws2_32 && echo liga', 'liga'),
    'gets': ('gcc -w -std=gnu90 gets.c && echo abcdefghijkl | ./a.out',
             'a senha agora e "ijkl"'),
    'fflush': (FAZ + r'fflush.c && printf "7\nana\n" | ./programa',
               'idade 7, nome "\n"'),
    'pause': (FAZ + 'pause.c && ./programa', 'not found'),
    'getch': ('gcc -c getch.c', 'conio.h: No such file or directory'),
    'cin': ('g++ cin.cpp && echo bom dia | ./a.out', 'envio "bom"'),
    'buffer_n': (FAZ + 'buffer_n.c && printf 12345678 | ./programa',
                 'o vizinho, que era 65, e 0'),
    'strcmp': (FAZ + 'strcmp.c && echo sair | ./programa',
               'igual a "sair": nao\nigual a "sair\\n": sim')}
ENGANOS_DO_WINDOWS = {
    'winsock': 'versao 1.1, socket sim', 'pragma': 'WSAStartup = 0',
    'nomes': 'localhost: 0'}


def compila(com):
    precisar(com.split()[0])
    exigir('avisos', '', mandar(
        f'{com} -Wall -Wextra -c {PASSOS}[1-5]-*/*.c', com))


def engano(comando, mostra):
    precisar(*re.findall(r'x86_64-[\w-]*gcc|\bgcc|g\+\+|wine', comando))
    mandar(f'cp {PASSOS}enganos/* .', 'cp')
    visto = mandar(f'{{ {comando}; }} </dev/null || true', comando)
    if mostra not in visto:
        raise Falha(f'{comando}: esperava {mostra!r}, vi: {visto}')


def enganos_na_pagina():
    for texto in ("ignoring '#pragma comment '", 'undefined reference to',
                  'pause: not found', 'conio.h: No such file or directory',
                  'de `bom dia` envia só `bom`',
                  'um vizinho que valia 65 passa a valer 0'):
        da_pagina(texto)


# ---- Rodar ------------------------------------------------------------------

def compilar_pares():
    """Em {pares}: 1/servidor, 1/cliente, 2/servidor...; e par, que e o de cima.
    Diz se foi possivel."""
    queixas, exe, libs = [], *(('.exe', '-lws2_32') if windows else ('', ''))
    for fonte in glob.glob(PASSOS + '[1-5]-*/*.c') + [
            PASSOS + 'enganos/sizeof.c', PASSOS + 'enganos/recv_zero.c']:
        pasta, nome = fonte[len(PASSOS):-2].split('/')
        pasta = f'{pares}/' + pasta.split('-')[0]
        os.makedirs(pasta, exist_ok=True)
        r = subprocess.run(
            f'{CC} -Wall -Wextra -o {pasta}/{nome}{exe} {fonte} {libs}',
            shell=True, text=True, stdout=PIPE, stderr=subprocess.STDOUT)
        queixas += r.stdout.splitlines()
    os.symlink(raiz, pares + '/par')
    julgar(f'os pares, com {CC}', queixas)
    return not queixas


def passo(quem, opcoes='', **resto):
    """O programa de um passo, "3/servidor", ou o de cima, "par/servidor"."""
    if windows:
        return Programa(f'exec wine {pares}/{quem}.exe {opcoes}', PIPE, PIPE)
    return Programa(f'exec {pares}/{quem} {opcoes}', **resto)


def servidor(n, tipo='tcp', opcoes='', **resto):
    """Ja a espera: em TCP, de quem se conecte."""
    s = passo(f'{n}/servidor', '-u' if tipo == 'udp' else opcoes, **resto)
    espera_porta(7777, tipo)
    return s


def cliente(n, tipo='tcp', **resto):
    return passo(f'{n}/cliente', '-u' if tipo == 'udp' else '', **resto)


def espera_porta(porta, tipo='tcp'):
    molde = re.compile(r': [0-9A-F]{8}:%04X \S+ %s ' %
                       (porta, '0A' if tipo == 'tcp' else '07'))
    while True:
        with open('/proc/net/' + tipo) as f:
            if molde.search(f.read()):
                return
        Programa.ler(0.02)


def encerrar(p):
    p.mata(signal.SIGINT)
    return p.codigo()


def diz(c, linha):
    c.digita(linha + '\n')
    c.ve('servidor> ' + linha)


def eco(c, texto):
    troca(c, texto.encode(), texto.encode())


def fim(c):
    exigir('o fim da conversa', b'', le(c, 1))
    c.close()


# ---- Os passos conversam ----------------------------------------------------

def uma_mensagem(n):
    s, c = servidor(n), cliente(n)
    c.ve(da_pagina('servidor> oi, servidor'))
    c.sai(0)
    if n == 2:
        s.ve(da_pagina('servidor: esperando na porta 7777'))
    s.ve(da_pagina('recebi 12 bytes: oi, servidor'))
    s.sai(0)


def conversa(n, tipo):
    """A mesma nos passos de 3 a 5. No Windows o servidor, em um pipe, so
    escreve quando termina: olha-se o cliente."""
    s, c = servidor(n, tipo), cliente(n, tipo)
    c.digita('oi\r\nsair\r\n' if windows else 'oi\nsair\n')
    for texto in ('pronto' if tipo == 'udp' else
                  'conectado; sair termina' if n == 3 else 'conectado',
                  'servidor> oi', 'servidor> sair', 'fim da conversa'):
        c.ve(da_pagina(texto))
    c.sai(0)
    if windows:
        return
    s.ve('servidor: esperando em 127.0.0.1:7777' if n == 5 else da_pagina(
        'servidor: esperando na porta 7777 (Ctrl-C termina)'))
    for texto in (' enviou 3 bytes: oi', ' enviou 5 bytes: sair') \
            if tipo == 'udp' else map(da_pagina, (
                'chegou um cliente', 'recebi 3 bytes: oi',
                'recebi 5 bytes: sair', 'disse sair')):
        s.ve(texto)


# ---- ...e falham, cada um como a pagina diz ---------------------------------

def passo_1_sem_servidor():
    c = cliente(1)
    if windows:
        c.ve(da_pagina('servidor> '))
        c.sai(0)
    else:
        da_pagina('mostra 141')
        c.sai(141)
        exigir('escreveu', b'', c.visto)


def passo_1_dois_servidores():
    s, t = servidor(1), passo('1/servidor')
    if windows:
        da_pagina('no Windows, termina calado')
        t.sai(0)
        cliente(1).sai(0)
    else:
        t.esta_parado()  # em accept, como se tudo estivesse bem
        cliente(1).sai(0)
        s.sai(0)
        cliente(1).sai(141)  # o segundo esta la, mas em outra porta
    exigir('o segundo servidor disse', b'', t.visto)


def passo_2_sem_servidor():
    c = cliente(2)
    c.ve(da_pagina('connect: erro 10061' if windows
                   else 'connect: Connection refused'))
    c.sai(1)


def passo_2_dois_servidores():
    s, t = servidor(2), passo('2/servidor')
    t.ve(da_pagina('bind: erro 10048' if windows
                   else 'bind: Address already in use'))
    t.sai(1)
    cliente(2).sai(0)
    s.sai(0)


def passo_3_ctrl_c_no_cliente():
    s, c = servidor(3), cliente(3)
    c.ve('conectado')
    diz(c, 'oi')
    encerrar(c)
    s.ve(da_pagina('encerrou'))
    diz(cliente(3), 'outro')


def passo_4_dois_clientes():
    servidor(4, 'udp')
    um, dois = cliente(4), cliente(4)
    diz(um, 'um')
    diz(dois, 'dois')
    for c in um, dois:
        c.digita('sair\n')
        c.sai(0)


def passo_5_outro_endereco():
    s = servidor(5, opcoes='7777 0.0.0.0')
    s.ve('servidor: esperando em 0.0.0.0:7777')
    c = cliente(5)
    diz(c, 'sair')
    c.sai(0)


# ---- 6: o que o passo 5 nao faz, e o par faz. n: 5 ou par -------------------

def cliente_some(n):
    precisar('bash')
    comando = da_pagina('head -c 100000 /dev/zero >/dev/tcp/127.0.0.1/7777')
    for opcoes in ('-n 1', '-n 64') if n == 'par' else ('',):
        s = servidor(n, opcoes=opcoes)
        subprocess.call(['bash', '-c', comando], stderr=subprocess.DEVNULL)
        if n == 5:
            codigo, viu = s.codigo(), s.falta()
            if codigo != 141 and not (codigo == 1 and any(
                    da_pagina(c + ': Connection reset by peer') in viu
                    for c in ('send', 'recv'))):
                raise Falha(f'saiu com {codigo}, e disse {viu}')
            continue
        if opcoes == '-n 1':
            s.ve(da_pagina('cliente 1 caiu'))
        eco(ligar(7777), 'ainda atende\n')
        encerrar(s)


def quebra_sigpipe():
    """Parado enquanto o cliente envia e fecha, o servidor, que o le em mais de
    uma vez, escreve duas vezes para quem ja se foi: a segunda e o sinal."""
    da_pagina('`SIGPIPE`, que mata o programa')
    s, c = servidor(5), ligar(7777)
    eco(c, 'oi\n')
    s.mata(signal.SIGSTOP)
    c.sendall(b'x' * 5000)
    c.close()
    s.mata(signal.SIGCONT)
    s.sai(141)


def segundo_espera(n):
    servidor(n)
    um, dois = cliente(n), cliente(n)
    diz(um, 'um')
    dois.ve(da_pagina('conectado'))
    dois.digita('dois\n')
    if n != 'par':
        dois.esta_parado()
        exigir('nao esperou', False, b'servidor>' in dois.visto)
        um.digita('sair\n')
        um.sai(0)
    dois.ve('servidor> dois')


def sair_colado(n):
    """O servidor que viu a linha sair fecha a conversa; o outro devolve tudo e
    continua, ate que o cliente encerre."""
    da_pagina("printf 'oi\\nsair\\n' | nc 127.0.0.1 7777")
    da_pagina("(printf sa; sleep 1; printf 'ir\\n') | nc 127.0.0.1 7777")
    s = servidor(n)
    for pedacos in ('sair\n',), ('oi\nsair\n',), ('sa', 'ir\n'):
        c = ligar(7777)
        for texto in pedacos:
            eco(c, texto)
        if n == 'par' or pedacos == ('sair\n',):
            fim(c)
            s.ve(da_pagina('disse sair'))
        else:
            eco(c, 'continua\n')
            c.close()
            s.ve(da_pagina('encerrou'))
    if n == 5:
        exigir('8 bytes de uma vez', True, b'recebi 8 bytes: oi' in s.visto)


def arquivo_grande(n):
    mandar(da_pagina("head -c 50000000 /dev/zero | tr '\\0' x >grande"), 'head')
    da_pagina('./cliente <grande >volta')
    with open('grande') as grande, open('volta', 'w') as volta, \
            open('/dev/null', 'w') as nula:
        s = servidor(n, saida=nula)
        c = cliente(n, entrada=grande, saida=volta)
    if n == 'par':
        c.sai(0)
        exigir('a volta e igual', True, filecmp.cmp('grande', 'volta', False))
        return
    c.esta_parado()
    s.esta_parado()


def servidor_termina(n):
    s, c = servidor(n), cliente(n)
    diz(c, 'oi')
    encerrar(s)
    if n == 'par':  # sem que se digite nada
        c.ve(da_pagina('o servidor encerrou a conversa antes de voce'))
        c.sai(1)
        return
    c.esta_parado()  # no teclado: nem viu
    c.digita('perdida\n')
    c.ve(da_pagina('fim da conversa'))
    c.sai(0)


def datagrama(n):
    """Um cliente UDP, e ninguem que responda: so a primeira linha sai."""
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.settimeout(60)
    u.bind(('127.0.0.1', 7777))
    c = cliente(n, 'udp')
    c.digita('oi\nfim\n' if n == 'par' else 'oi\n')
    if n == 'par':
        exigir('vieram', [b'oi\n'] * 3 + [b'fim\n'],
               [u.recv(100) for _ in range(4)])
        c.ve(da_pagina('tentativa 2 de 3'))
        c.ve('sem resposta')
        return
    c.ve(da_pagina('pronto'))
    exigir('veio', b'oi\n', u.recv(100))
    c.esta_parado()
    exigir('nao esperou', False, b'fim' in c.visto)


def porta_tomada(n):
    s, c = servidor(n), ligar(7777)
    eco(c, 'oi\n')
    encerrar(s)
    fim(c)
    s = passo(f'{n}/servidor')
    if n == 'par':
        s.ve('servidor TCP em 127.0.0.1:7777')
    else:
        s.ve(da_pagina('bind: Address already in use'))
        s.sai(1)


def controle(n):
    da_pagina("printf '\\033[31mvermelho\\n' | nc 127.0.0.1 7777")
    s = servidor(n)
    eco(ligar(7777), '\33[31mvermelho\n')
    s.ve('cliente 1: 14 bytes "' + da_pagina('\\x1b') + '[31mvermelho\\n"'
         if n == 'par' else '\33[31mvermelho')  # a ordem, tal e qual


def zero(n):
    s = servidor(n)
    volta = subprocess.check_output(da_pagina("printf 'a\\0b\\n' | ./cliente"),
                                    shell=True, cwd=f'{pares}/{n}',
                                    stderr=subprocess.DEVNULL)
    if n == 'par':
        exigir('a volta', b'a\0b\n', volta)
    else:
        s.ve('recebi 1 bytes: a')
        s.ve('encerrou')


def porta_70000(n):
    for errada in '70000', 'setemil':
        s = passo(f'{n}/servidor', da_pagina(errada))
        if n == 'par':
            s.ve(errada)
            s.sai(2)
        elif errada == '70000':
            s.ve('esperando em ' + da_pagina('127.0.0.1:70000'))
            espera_porta(int(da_pagina('4464')))  # e la que ele esta
        else:
            s.ve('esperando em 127.0.0.1:0 ')


def nome(n):
    servidor(n)
    c = passo(f'{n}/cliente', 'localhost')
    if n == 'par':
        diz(c, 'sair')
        c.sai(0)
    else:
        c.ve(da_pagina('connect: Network is unreachable'))
        c.sai(1)


# ---- O seu programa no Dev-C++, com a rede ----------------------------------

def engano_sizeof():
    s, e = servidor('par'), passo('enganos/sizeof')
    e.ve('enviei 200 bytes')
    e.sai(0)
    s.ve('cliente 1: ' + da_pagina('200 bytes "oi\\x00 (198 vezes)"'))


def engano_recv_zero():
    s = passo('enganos/recv_zero')
    espera_porta(7777)
    c = cliente(3)
    diz(c, 'oi')
    c.digita('\4')
    c.sai(0)
    for _ in range(1000):
        s.ve(da_pagina('recebi 0 bytes'))


# ---- Os casos ---------------------------------------------------------------

def na_rede(funcao, *argumentos):
    if not rede_propria():
        raise Pulado('falta permissao para criar uma rede (ou falta ip)')
    funcao(*argumentos)


def no_windows(funcao, *argumentos):
    """Em uma copia do Windows, com um wineserver seu, que fica nesta rede."""
    mandar('mkdir w && cp -al "$WINEPREFIX"/. w && '
           'cp --remove-destination "$WINEPREFIX"/*.reg w', 'copiar o Windows')
    os.environ['WINEPREFIX'] = os.getcwd() + '/w'
    try:
        funcao(*argumentos)
    finally:
        subprocess.call(['wineserver', '-k'])


casos = [('passo_1_conversa', uma_mensagem, 1),
         ('passo_2_conversa', uma_mensagem, 2)] + [
    (f.__name__, f) for f in (passo_1_dois_servidores, passo_1_sem_servidor,
                              passo_2_sem_servidor, passo_2_dois_servidores)] + [
    ('passo_3_conversa', conversa, 3, 'tcp'),
    ('passo_4_conversa', conversa, 4, 'udp'),
    ('passo_5_conversa_tcp', conversa, 5, 'tcp'),
    ('passo_5_conversa_udp', conversa, 5, 'udp')]
if windows:
    casos += [(f'engano_{n}_exe', engano, NO_WINDOWS +
               f'{n}.c -lws2_32 && wine programa.exe', mostra)
              for n, mostra in ENGANOS_DO_WINDOWS.items()]
    casos = [(nome, na_rede, no_windows, *caso) for nome, *caso in casos]
else:
    casos += [('passo_3_o_segundo_espera', segundo_espera, 3),
              ('passo_4_sem_servidor', datagrama, 4)] + [
        (f.__name__, f) for f in (
            passo_3_ctrl_c_no_cliente, passo_4_dois_clientes,
            passo_5_outro_endereco, quebra_sigpipe, engano_sizeof,
            engano_recv_zero)] + [
        (f'{prefixo}_{f.__name__}', f, n)
        for n, prefixo in ((5, 'quebra'), ('par', 'cura')) for f in (
            cliente_some, segundo_espera, sair_colado, arquivo_grande,
            servidor_termina, datagrama, porta_tomada, controle, zero,
            porta_70000, nome)]
    casos = [('compila ' + com, compila, com) for com in COMPILADORES] + [
        ('enganos_na_pagina', enganos_na_pagina)] + [
        ('engano_' + nome, engano, *caso) for nome, caso in ENGANOS.items()] + [
        (nome, na_rede, *caso) for nome, *caso in casos]
so = os.environ.get('CASOS', '').split()
with tempfile.TemporaryDirectory(prefix='passos.') as pares:
    sinais_terminam()
    if not compilar_pares():
        concluir()
    executar([c for c in casos if not so or any(s in c[0] for s in so)],
             2 if windows else None)
