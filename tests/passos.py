#!/usr/bin/env python3
# passos.py - os passos de docs/passos compilam, conversam e quebram como
# docs/construir.md diz? (As listagens: docs.py.)
#
#   [CC=compilador] [CASOS=...] [EXIGIR=1] python3 tests/passos.py [windows]
#
# compila_x: todos os passos, sem um aviso, com cada compilador que ha aqui.
# engano_x: acontece o que "O seu programa no Dev-C++" diz. passo_x: os pares
# conversam. quebra_x: o passo 5 quebra; o que cura, no par, quem prova e make
# test (curas). Com windows, os pares sao os .exe, no Wine de windows.sh.
#
# Cada caso roda os programas como um aluno, em um terminal, com as linhas que
# ele digitaria, mas em uma rede so sua, em que a porta 7777 esta livre. O que
# se espera ver e texto da pagina: da_pagina falha se nao esta la. CASOS: so os
# que tem no nome uma destas palavras.
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
sys.dont_write_bytecode = True
from contas import dizer, concluir, julgar, raiz, sinais_terminam
from terminais import PIPE, Falha, Programa, Pulado, casos_da_suite, executar, \
    exigir, le, ligar, mandar, precisar, rede_propria, troca

W64 = 'x86_64-w64-mingw32-gcc'
windows = 'windows' in sys.argv
CC = W64 if windows else os.environ.get('CC') or 'cc'
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
os.environ.update(FAZ=CC + ' -Wall -Wextra -Werror', W64=W64)
ENGANOS = r"""$W64 -Wall -c pragma.c => ignoring '#pragma comment '
$W64 pragma.c => undefined reference to `__imp_WSAStartup
$W64 -Werror pragma.c -lws2_32 && echo LIGA => LIGA
$W64 nomes.c -lwsock32 => getaddrinfo
$W64 -Werror nomes.c -lws2_32 && echo LIGA => LIGA
$W64 -Werror winsock.c -lwsock32 && echo LIGA => LIGA
$W64 -Werror winsock.c -lws2_32 && echo LIGA => LIGA
gcc -w -std=gnu90 gets.c && echo abcdefghijkl | ./a.out => senha agora e "ijkl"
$FAZ fflush.c && printf "7\nana\n" | ./a.out | tr '\n' / => idade 7, nome "/"
$FAZ pause.c && ./a.out => not found
gcc -c getch.c => conio.h: No such file or directory
g++ cin.cpp && echo bom dia | ./a.out => envio "bom"
$FAZ buffer_n.c && printf 12345678 | ./a.out => o vizinho, que era 65, e 0
$FAZ strcmp.c && echo sair | ./a.out => igual a "sair": nao
$FAZ strcmp.c && echo sair | ./a.out => igual a "sair\n": sim"""
ENGANOS_DO_WINDOWS = """$W64 winsock.c -lws2_32 && wine a.exe => 1.1, socket sim
$W64 -w pragma.c -lws2_32 && wine a.exe => WSAStartup = 0
$W64 nomes.c -lws2_32 && wine a.exe => localhost: 0"""


def compila(com):
    precisar(com.split()[0])
    exigir('avisos', '', mandar(
        f'{com} -Wall -Wextra -c {pares}/[1-5]-*/*.c', com))


def engano(comando, mostra):
    precisar(*re.findall(r'x86_64-[\w-]*gcc|\bgcc|g\+\+|wine',
                         os.path.expandvars(comando)))
    mandar(f'cp {pares}/enganos/* .', 'cp')
    visto = mandar(f'{comando} || true', comando)
    if mostra not in visto:
        raise Falha(f'{comando}: esperava {mostra!r}, vi: {visto}')


# ---- Rodar ------------------------------------------------------------------

def compilar_pares():
    """Em uma copia de docs/passos. Diz se foi possivel."""
    shutil.copytree(raiz + '/docs/passos', pares)
    exe, libs = ('.exe', '-lws2_32') if windows else ('', '')
    avisos = mandar(
        f'cd {pares}; for f in [1-5]-*/*.c enganos/sizeof.c '
        f'enganos/recv_zero.c; do {CC} -Wall -Wextra -o ${{f%.c}}{exe} $f '
        f'{libs} || true; done', CC).splitlines()
    julgar(f'os pares, com {CC}', avisos)
    return not avisos


def passo(quem, opcoes='', **resto):
    """O programa de um passo: "3-*/servidor"."""
    if windows:
        return Programa(f'exec wine {pares}/{quem}.exe {opcoes}', PIPE, PIPE)
    return Programa(f'exec {pares}/{quem} {opcoes}', **resto)


def servidor(n, tipo='t', opcoes='', porta=7777, **resto):
    """Ja a espera: em TCP (t), de quem se conecte; ou em UDP (u)."""
    s = passo(f'{n}-*/servidor', f'-{tipo} {opcoes}', **resto)
    espera_porta(porta, tipo)
    return s


def cliente(n, tipo='t', opcoes='', **resto):
    return passo(f'{n}-*/cliente', f'-{tipo} {opcoes}', **resto)


def espera_porta(porta=7777, tipo='t'):
    molde = re.compile(r': [0-9A-F]{8}:%04X \S+ %s ' %
                       (porta, '0A' if tipo == 't' else '07'))
    while True:
        with open('/proc/net/' + ('tcp' if tipo == 't' else 'udp')) as f:
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
    for texto in ('pronto' if tipo == 'u' else
                  'conectado; sair termina' if n == 3 else 'conectado',
                  'servidor> oi', 'servidor> sair', 'fim da conversa'):
        c.ve(da_pagina(texto))
    c.sai(0)
    if windows:
        return
    s.ve('servidor: esperando em 127.0.0.1:7777' if n == 5 else da_pagina(
        'servidor: esperando na porta 7777 (Ctrl-C termina)'))
    for texto in (' enviou 3 bytes: oi', ' enviou 5 bytes: sair') \
            if tipo == 'u' else map(da_pagina, (
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
    s, t = servidor(1), passo('1-*/servidor')
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


def diz_e_sai(programa, opcoes, texto):
    c = passo(programa, opcoes)
    c.ve(da_pagina(texto))
    c.sai(1)


def passo_2_dois_servidores():
    s = servidor(2)
    diz_e_sai('2-*/servidor', '', 'bind: erro 10048' if windows
              else 'bind: Address already in use')
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
    servidor(4, 'u')
    um, dois = cliente(4), cliente(4)
    diz(um, 'um')
    diz(dois, 'dois')
    for c in um, dois:
        c.digita('sair\n')
        c.sai(0)


def passo_5_outro_endereco():
    s = servidor(5, 't', da_pagina('7779 0.0.0.0'), 7779)
    s.ve('servidor: esperando em 0.0.0.0:7779')
    c = cliente(5, 't', '127.0.0.1 7779')
    diz(c, 'sair')
    c.sai(0)


# ---- 6: o que o passo 5 nao faz ---------------------------------------------

def quebra_cliente_some():
    precisar('bash')
    s = servidor(5)
    subprocess.call(['bash', '-c', da_pagina(
        'head -c 100000 /dev/zero >/dev/tcp/127.0.0.1/7777')],
        stderr=subprocess.DEVNULL)
    codigo, viu = s.codigo(), s.falta()
    if codigo != 141 and not (codigo == 1 and any(
            da_pagina(c + ': Connection reset by peer') in viu
            for c in ('send', 'recv'))):
        raise Falha(f'saiu com {codigo}, e disse {viu}')


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
    dois.esta_parado()
    exigir('nao esperou', False, b'servidor>' in dois.visto)
    um.digita('sair\n')
    um.sai(0)
    dois.ve('servidor> dois')


def quebra_sair_colado():
    """O servidor que viu a linha sair fecha a conversa; o outro devolve tudo e
    continua, ate que o cliente encerre."""
    da_pagina("printf 'oi\\nsair\\n' | nc 127.0.0.1 7777")
    da_pagina("(printf sa; sleep 1; printf 'ir\\n') | nc 127.0.0.1 7777")
    s = servidor(5)
    c = ligar(7777)
    eco(c, 'sair\n')  # assim, ele ve
    fim(c)
    s.ve(da_pagina('disse sair'))
    for pedacos in ('oi\nsair\n',), ('sa', 'ir\n'):
        with ligar(7777) as c:
            for texto in *pedacos, 'continua\n':
                eco(c, texto)
        s.ve(da_pagina('encerrou'))
    exigir('8 bytes de uma vez', True, b'recebi 8 bytes: oi' in s.visto)


def quebra_arquivo_grande():
    mandar(da_pagina("head -c 50000000 /dev/zero | tr '\\0' x >grande"), 'head')
    da_pagina('./cliente <grande >volta')
    with open('grande') as grande, open('/dev/null', 'w') as nula:
        s = servidor(5, saida=nula)
        c = cliente(5, entrada=grande, saida=nula)
    c.esta_parado()
    s.esta_parado()


def quebra_servidor_termina():
    s, c = servidor(5), cliente(5)
    diz(c, 'oi')
    encerrar(s)
    c.esta_parado()  # no teclado: nem viu
    c.digita('perdida\n')
    c.ve(da_pagina('fim da conversa'))
    c.sai(0)


def espera_para_sempre(n):
    """Um cliente UDP, e ninguem que responda."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
        u.settimeout(60)
        u.bind(('127.0.0.1', 7777))
        c = cliente(n, 'u')
        c.ve(da_pagina('pronto'))
        c.digita('oi\n')
        exigir('o datagrama', b'oi\n', u.recv(100))
        c.esta_parado()
        exigir('nao esperou', False, b'fim' in c.visto)


def quebra_porta_tomada():
    s, c = servidor(5), ligar(7777)
    eco(c, 'oi\n')
    encerrar(s)
    fim(c)
    diz_e_sai('5-*/servidor', '', 'bind: Address already in use')


def quebra_controle():
    da_pagina("printf '\\033[31mvermelho\\n' | nc 127.0.0.1 7777")
    s = servidor(5)
    eco(ligar(7777), '\33[31mvermelho\n')
    s.ve('\33[31mvermelho')  # a ordem, tal e qual


def quebra_zero():
    s = servidor(5)
    mandar(f'cd {pares}/5-*; ' + da_pagina("printf 'a\\0b\\n' | ./cliente"), '')
    s.ve('recebi 1 bytes: a')
    s.ve('encerrou')


def quebra_porta_70000():
    s = servidor(5, 't', da_pagina('70000'), int(da_pagina('4464')))
    s.ve('esperando em ' + da_pagina('127.0.0.1:70000'))
    s = passo('5-*/servidor', da_pagina('setemil'))
    s.ve('esperando em 127.0.0.1:0 ')


def curas():
    """O que a pagina diz do par, e o caso da suite que o prova."""
    for texto, caso in (
            ('`cliente 1 caiu`', 'reset_no_meio_um'),  # 6.1
            ('ignora o sinal', 'registro_sem_leitor_um'),
            ('O passo 5 é o `-n 1`', 'tcp_n_2'),
            ('O `nc` volta sozinho', 'sair_em_cada_lugar_um'),
            ('`cmp grande volta`', 'cliente_arquivo_grande'),
            ('`o servidor encerrou a conversa antes de voce`',
             'cliente_ve_o_fim_do_servidor'),
            ('`tentativa 2 de 3`', 'cliente_udp_tenta_3_vezes'),
            ('`SO_REUSEADDR` antes de `bind`', 'mesma_porta_em_seguida'),
            ('como texto, `\\x1b`', 'veneno_no_servidor_um'),
            ('nunca mede texto', 'cliente_arquivo_grande'),
            ('de 0 a 65535, com código de saída 2', 'servidor_uso'),
            ('com `getaddrinfo`', 'opcoes_depois_da_porta')):
        da_pagina(texto)
        exigir(f'{caso} e da suite', True, caso in casos_da_suite())


def enganos_na_pagina():
    for texto in ("ignoring '#pragma comment '", 'undefined reference to',
                  'pause: not found', 'conio.h: No such file or directory',
                  'de `bom dia` envia só `bom`',
                  'um vizinho que valia 65 passa a valer 0'):
        da_pagina(texto)


# ---- O seu programa no Dev-C++, com a rede ----------------------------------

def engano_sizeof():
    s = Programa(f'exec {raiz}/servidor')
    espera_porta()
    e = passo('enganos/sizeof')
    e.ve('enviei 200 bytes')
    e.sai(0)
    s.ve('cliente 1: ' + da_pagina('200 bytes "oi\\x00 (198 vezes)"'))


def engano_recv_zero():
    s = passo('enganos/recv_zero')
    espera_porta()
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
         ('passo_2_conversa', uma_mensagem, 2),
         ('passo_2_sem_servidor', diz_e_sai, '2-*/cliente', '',
          'connect: ' + ('erro 10061' if windows else 'Connection refused')),
         ('passo_3_conversa', conversa, 3, 't'),
         ('passo_4_conversa', conversa, 4, 'u'),
         ('passo_5_conversa_tcp', conversa, 5, 't'),
         ('passo_5_conversa_udp', conversa, 5, 'u')] + [
    (nome, f) for nome, f in globals().items()
    if re.match('passo_[12]_' if windows else '(passo|quebra|engano)_', nome)]
enganos = [linha.split(' => ') for linha in (
    ENGANOS_DO_WINDOWS if windows else ENGANOS).splitlines()]
enganos = [(f'engano_{re.search("([a-z_]+)[.]c", e[0])[1]} ({e[0]})', engano, *e)
           for e in enganos]
if windows:
    casos = [(nome, na_rede, no_windows, *caso)
             for nome, *caso in casos + enganos]
else:
    casos += [('passo_3_o_segundo_espera', segundo_espera, 3),
              ('quebra_segundo_espera', segundo_espera, 5),
              ('quebra_nome', diz_e_sai, '5-*/cliente', 'localhost',
               'connect: Network is unreachable'),
              ('passo_4_sem_servidor', espera_para_sempre, 4),
              ('quebra_datagrama', espera_para_sempre, 5)]
    casos = [(nome, na_rede, *caso) for nome, *caso in casos] + enganos + [
        ('compila ' + com, compila, com) for com in COMPILADORES] + [
        ('enganos_na_pagina', enganos_na_pagina), ('curas', curas)]
so = os.environ.get('CASOS', '').split()
sinais_terminam()
with tempfile.TemporaryDirectory(prefix='passos.') as pasta:
    pares = pasta + '/passos'
    if not compilar_pares():
        concluir()
    casos = [c for c in casos if not so or any(s in c[0] for s in so)]
    if not casos:
        dizer('FALHOU', 'CASOS', 'nenhum caso se chama assim')
    executar(casos, 2 if windows else None)
