#!/usr/bin/env python3
# erros.py - docs/erros.md tem uma entrada para cada mensagem que os programas
# escrevem, e nenhuma para uma que eles nao escrevem mais.
#
#   python3 tests/erros.py           confere
#   python3 tests/erros.py -l        lista as mensagens achadas nos fontes
#
# As mensagens sao os textos que os fontes dao a uso_errado, ler_numero,
# apresentar, registrar, escrever..., e os do motivo de uma saida: de cada
# linha, os pedacos fixos (os que "%d" nao troca) tem de estar, na ordem, em um
# titulo "### ..." da pagina. E os da tabela erros[]: a causa e o codigo em um
# titulo, a dica no texto dele.
#
# Ao contrario: cada titulo das partes que falam dos programas e o de uma dessas
# mensagens; e o de cada parte anterior (o compilador, o terminal) e provocado
# aqui, ou esta em FORA_DAQUI com o motivo.
#
# Por fim, a tabela "O rastro mostra o engano": cada um e cometido em uma copia
# dos programas, e o rastro tem de mostrar o que a linha dele diz.
import errno
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
sys.dont_write_bytecode = True
from contas import com_o_pai, concluir, dizer, julgar, raiz
from terminais import rede_propria

os.chdir(raiz)
os.environ['LC_ALL'] = 'C'
for variavel in 'MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEOVERRIDES':
    os.environ.pop(variavel, None)
with open('docs/erros.md', encoding='utf-8') as f:
    pagina = f.read()
W64, W32 = 'x86_64-w64-mingw32-gcc', 'i686-w64-mingw32-gcc'


# ---- As mensagens dos fontes ------------------------------------------------

CHAMADA = re.compile(r'(uso_errado|ler_numero|apresentar|registrar|'
                     r'registrar_bytes|escrever)$')
NO_MOTIVO = re.compile('motivo|format|perdid|linha$')


def extrair(arquivo):
    """("M", texto): uma linha, com os % da printf; ("T", causa, codigo, dica)."""
    with open(arquivo) as f:
        fonte = f.read()
    fonte = re.sub(r'^static void ajudar\(.*?^}', '', fonte, flags=re.M | re.S)
    fonte = re.sub(r'^[ \t]*#([^\n]*\\\n)*[^\n]*', '', fonte, flags=re.M)
    nomes = {'servidor.c': ('servidor', 'cliente'),
             'cliente.c': ('cliente', 'servidor')}.get(arquivo, ('%s', '%s'))
    for nome, texto in zip(('PASTA', 'PROGRAMA', 'OUTRO'), ('./', *nomes)):
        fonte = re.sub(rf'\b{nome}\b', f'"{texto}"', fonte)
    pecas = []
    for p in re.findall(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|\w+|\S',
                        re.sub(r'/\*.*?\*/', '', fonte, flags=re.S)):
        if p[0] == '"':
            p = '"' + re.sub(r'\\(.)', lambda m: '\n' if m[1] == 'n' else m[1],
                             p[1:-1])
            if pecas and pecas[-1][0] == '"':  # literais vizinhos
                pecas[-1] += p[1:]
                continue
        pecas.append(p)
    for i, p in enumerate(pecas[:-2]):
        if pecas[i + 1] == '(' and (CHAMADA.match(p) or p in (
                'strcpy', 'sprintf') and NO_MOTIVO.match(pecas[i + 2])):
            nivel = 0
            for q in pecas[i + 1:]:
                nivel += (q == '(') - (q == ')')
                if not nivel:
                    break
                for l in q[1:].split('\n') if q[0] == '"' else ():
                    if re.search('[A-Za-z][a-z]', l) and '%02x' not in l:
                        yield 'M', l.replace('%%', '%')
        if p == 'erros' and pecas[i + 1] == '[' or \
                p == 'erro' and pecas[i + 2] == '=':
            textos = []
            for q in pecas[i:pecas.index(';', i)]:
                if q[0] == '"':
                    textos.append(q[1:])
                elif re.match('E[A-Z]+$', q):
                    textos.insert(0, q)
                elif q == '}' and textos:
                    yield ('T', textos[-2], textos[0] if textos[2:] else '',
                           textos[-1])
                    textos = []


def acha(texto, molde):
    """Os pedacos fixos do molde estao no texto, na ordem?"""
    onde = 0
    for p in re.split('%[-0-9.]*[a-z]', molde):
        p = p.strip(' ')
        i = texto.find(p, onde)
        if i < 0:
            return False
        onde = i + len(p)
    return onde > 0


def os_programas():
    i = pagina.index('\n## O comando estava errado')
    f = pagina.index('\n## Nenhuma mensagem')
    entradas = dict(re.findall(r'^### (.*)\n((?:(?!##).*\n)*)', pagina[i:f],
                               re.M))
    usadas = set()
    for arquivo, mensagens in do_fonte.items():
        queixas = []
        for tipo, texto, *resto in mensagens:
            if tipo == 'M':
                achadas = [t for t in entradas if acha(t, texto)]
                # "cliente %u %s" esta em muitos titulos, e nao e nenhum deles
                if re.sub('%[-0-9.]*[a-z]| ', '', texto) != 'cliente':
                    usadas.update(achadas)
            else:
                codigo, dica = resto
                achadas = [t for t, corpo in entradas.items()
                           if acha(t, f'`{texto} ({codigo or "%s"})`') or
                           acha(t, f'`{texto} (') and f'`WSA{codigo}`' in corpo]
                usadas.update(achadas)
                queixas += [f'a entrada {t} nao diz: {dica}' for t in achadas
                            if not acha(entradas[t], dica)]
            if not achadas:
                queixas.append(f'sem entrada na pagina: {texto}')
        # a colheita dos fontes nao pode vir vazia sem que se note
        if len(mensagens) < 12:
            queixas.append(f'so {len(mensagens)} mensagens')
        julgar(f'{arquivo}: as {len(mensagens)} mensagens estao na pagina',
               queixas)
    julgar('cada entrada e de uma mensagem dos programas',
           [f'os programas nao dizem: {t}' for t in entradas
            if t not in usadas])


def palavras_de_perror():
    """As de cada codigo sao as do sistema (na glibc)."""
    dizem = re.findall(r'^### .*\((E[A-Z]+)\)`\n(?:(?!#).*\n)*?'
                       r'.*`perror`: `(.*)`\.$', pagina, re.M)
    if len(dizem) <= 15:
        yield 'sumiram'
    for codigo, texto in dizem:
        certo = os.strerror(getattr(errno, codigo))
        if texto != certo:
            yield f'{codigo}: a pagina diz {texto}, e o sistema, {certo}'


# ---- O compilador e o terminal ----------------------------------------------

ARQUIVOS = {
    'for.c': 'int main(void) { for (int i = 0; i < 2; i++); return 0; }',
    'duas.c': 'int main(void) { int n = 1; int n = 2; return n; }',
    'sem.c': 'int main(void) { x = 1; return 0; }',
    'ponto.c': 'int main(void) { return 0 }',
    'aspas.c': 'int main(void) { return \u201c; }',
    'implicita.c': 'int main(void) { return socket(2, 1, 0); }',
    'malloc.cpp': '#include <stdlib.h>\n'
                  'int main(void) { char *p = malloc(2); return p == 0; }',
    'ordem.c': '#include <windows.h>\n#include <winsock2.h>',
    'valor.c': '#include <sys/socket.h>\n#include <netinet/in.h>\n'
               'int main(void) { struct sockaddr_in aqui; socklen_t n = 16;\n'
               'bind(3, aqui, sizeof aqui);\n'
               'return accept(3, (struct sockaddr *)&aqui, n); }',
    'pragma.c': '#pragma comment(lib, "ws2_32.lib")\nint main(void) { }',
    'nulo.c': 'int main(void) { int *p = 0; return *p; }',
    'posix.c': '#include <sys/socket.h>',
    'vazio.c': '',
    'servidor': 'x',
    'com/Makefile': 'alvo:\n    comando',
    # os cabecalhos de um MinGW de mingw.org: sem as versoes do mingw-w64, e sem
    # o que o par usa do Winsock 2.2
    **{f'antigo/{nome}.h': f'#include_next <{nome}.h>\n'
       '#undef __MINGW64_VERSION_MAJOR\n' + ''.join(
           f'#undef {n}\n' for n in ('POLLIN', 'POLLOUT', 'SRWLOCK_INIT',
                                     'SO_EXCLUSIVEADDRUSE')
           if nome.startswith('w') and nome != 'windows')
       for nome in ('winsock2', 'ws2tcpip', 'windows', 'io')},
}
PROVOCAM = r'''
common.h: No such file or directory|gcc -c vazia/servidor.c
servidor.c: No such file or directory|gcc -c outra/servidor.c
winsock2.h: No such file or directory|gcc -D_WIN32 -c servidor.c
sys/socket.h: No such file or directory|W64 -c posix.c
MinGW antigo|W64 -Iantigo -c servidor.c
MinGW antigo|W64 -Iantigo -c cliente.c
'for' loop initial declarations are only allowed in C99|gcc -std=gnu90 for.c
storage size of 'acao' isn't known|gcc -std=c99 -c servidor.c
storage size of 'acao' isn't known|gcc -ansi -c servidor.c
redefinition of 'n'|gcc duas.c
'x' undeclared (first use in this function)|gcc sem.c
expected ';' before|gcc ponto.c
stray '\342' in program|gcc aspas.c
implicit declaration of function 'socket'|gcc implicita.c
incompatible type for argument 2 of 'bind'|gcc -w valor.c
passing argument 3 of 'accept' makes pointer from integer|gcc valor.c
invalid conversion from 'void*' to 'char*'|g++ malloc.cpp
ignoring '#pragma comment '|W64 -Wall pragma.c
Please include winsock2.h before windows.h|W64 -c ordem.c
undefined reference to `__imp_WSAStartup|W64 servidor.c
undefined reference to `_imp__WSAStartup@8|W32 servidor.c
undefined reference to `WSAPoll|W64 servidor.c -lwsock32
undefined reference to `main|gcc vazio.c
multiple definition of `main|gcc servidor.c cliente.c -pthread
cannot find -lws2_32|gcc servidor.c -lws2_32 -pthread
ld returned 1 exit status|gcc vazio.c
missing separator|make -C com
No targets specified and no makefile found|make
No rule to make target|make nada
make: command not found|bash -c 'PATH=/nada; make'
gcc: command not found|bash -c 'PATH=/nada; gcc'
./servidor: Permission denied|sh -c ./servidor
servidor: command not found|bash -c servidor
./servidor: No such file or directory|bash -c 'cd vazia && ./servidor'
cannot execute binary file: Exec format error|bash -c ./alheio
Segmentation fault|bash -c 'gcc -w -O0 nulo.c -o nulo; ./nulo; true'
'''
# O que nao se provoca aqui, e por que. O texto vem de onde se diz.
FORA_DAQUI = '''
cannot open output file servidor.exe|so o Windows tranca um programa em uso
pthread_create|glibc anterior a 2.34
Arquivo Fonte não compilado|Dev-C++: Lang/Portuguese.lng, 61007 e 61018
O Projeto não está compilado|Dev-C++: Lang/Portuguese.lng, 61006 e 61017
Seu projeto não contém informações de depuração|Portuguese.lng, 60014
No mapping for the Unicode character|Dev-C++ 6.3: os seus issues 113, 222, 239
gcc' não é reconhecido|cmd.exe em portugues; o do Wine diz outra coisa
'.' não é reconhecido|cmd.exe em portugues; o do Wine diz outra coisa
está reservado para uso futuro|PowerShell: ParserStrings, em portugues
A entrada do procedimento WSAPoll|Windows XP; o que ele nao tem, abaixo
não é compatível com a versão do Windows|erro 216 da Microsoft; veja dev_cpp.sh
'''


def tabela(texto):
    return [l.split('|', 1) for l in texto.strip().splitlines()]


def tem(programa):
    """No macOS, gcc e um outro nome do clang, que diz tudo com outras
    palavras."""
    return shutil.which(programa) and not (
        programa in ('gcc', 'g++') and 'clang' in subprocess.check_output(
            [programa, '--version'], text=True))


def rodar(comando, pasta):
    p = subprocess.run(comando, shell=True, cwd=pasta, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout.decode(errors='replace')


def provocar(pasta):
    for f in 'servidor.c', 'cliente.c', 'common.h':
        shutil.copy(f, pasta)
    os.mkdir(pasta + '/vazia')
    shutil.copy('servidor.c', pasta + '/vazia')
    for nome, texto in ARQUIVOS.items():
        os.makedirs(os.path.dirname(f'{pasta}/{nome}'), exist_ok=True)
        with open(f'{pasta}/{nome}', 'w', encoding='utf-8') as f:
            f.write(texto + '\n' if texto not in ('', 'x') else texto)
    # um programa de outro processador: so o comeco, que e o que o sistema le
    with open(pasta + '/alheio', 'wb') as f:
        f.write(b'\177ELF\2\1\1\0' + bytes(8) + b'\2\0\377\377' + b'0' * 200)
    os.chmod(pasta + '/alheio', 0o755)
    titulos = re.findall('^### (.*)', pagina.split(
        '\n## O comando estava errado')[0], re.M)
    provocados = set()
    for mensagem, comando in tabela(PROVOCAM):
        comando = comando.replace('W64', W64).replace('W32', W32)
        dela = [t for t in titulos if mensagem in t]
        provocados.update(dela)
        if not tem(comando.split()[0]):
            dizer('PULADO', f'{mensagem}: falta {comando.split()[0]}')
            continue
        visto = rodar(comando, pasta)[1]
        queixas = [] if mensagem in visto else visto.splitlines()[:20]
        if not dela:
            queixas.append('sem entrada na pagina')
        if 'antigo' in mensagem and '#error' not in next(
                l for l in visto.splitlines() if 'error:' in l):
            queixas.append('o #error nao vem primeiro')
        julgar(mensagem, queixas)
    julgar('cada titulo do compilador e do terminal e provocado', [
        f'{t}: nao se provoca, e nao esta em FORA_DAQUI' for t in titulos
        if t not in provocados and
        not any(pedaco in t for pedaco, _ in tabela(FORA_DAQUI))])
    if tem(W64):
        for o in '-std=c99', '-ansi':
            julgar(f'{o}, no Windows: compila', rodar(
                f'{W64} {o} -c servidor.c', pasta)[1].splitlines())
        # o XP nao tem o que os .exe pedem ao Windows antes de comecar
        rodar(f'{W64} servidor.c -o servidor.exe -lws2_32', pasta)
        pedem = rodar('x86_64-w64-mingw32-objdump -p servidor.exe', pasta)[1]
        for f in 'WSAPoll', 'AcquireSRWLockExclusive':
            julgar(f'servidor.exe pede {f}, que o Windows XP nao tem',
                   [] if f in pedem else ['nao pede'])


# ---- Os enganos -------------------------------------------------------------

UM = r'(?s)(static void atender_um_por_vez\(.*?)'
UDP = r'(?s)(static void atender_datagramas\(.*?)'
# o comeco da linha da tabela: o arquivo, o que se troca, como se roda
ENGANOS = {
    '`sin_port = porta`': ('common.h', [
        (r'htons\(\(unsigned short\)porta\)', 'porta')], ''),
    'sem `sin_family`, no servidor': ('common.h', [
        (r'e->sin_family = AF_INET;', '')], ''),
    'sem `sin_family`, no cliente': ('cliente.c', [
        (r'(    SOCKET s = Socket)', r'    servidor.sin_family = 0;\n\1')],
        'cliente'),
    '`sizeof &aqui`': ('servidor.c', [
        (r'( Bind\(.*)sizeof aqui', r'\1sizeof &aqui')], ''),
    '`listen` antes': ('servidor.c', [
        (r'r = (Bind\([^;]*);', r'r = @;'),
        (r'r = Listen\([^;]*;',
         'r = Bind(s, (struct sockaddr *)&aqui, sizeof aqui);'),
        ('r = @', 'r = Listen(s, FILA)')], ''),
    '`tamanho`, sem `&`': ('servidor.c', [(UM + '&tamanho', r'\1tamanho')],
                           '-n 1'),
    '`tamanho = 0`': ('servidor.c', [
        (UDP + 'socklen_t tamanho = sizeof quem', r'\1socklen_t tamanho = 0'),
        (UDP + 'struct sockaddr_in quem;', r'\1struct sockaddr_in quem = {0};')],
        '-u'),
    '`Recv` no socket': ('servidor.c', [(UM + r'Recv\(s, ', r'\1Recv(escuta, ')],
                         '-n 1'),
    '`Send` no socket': ('servidor.c', [(UM + r'Send\(s, ', r'\1Send(escuta, ')],
                         '-n 1'),
    'sem `listen`': ('servidor.c', [(r'if \(.*r = Listen\(.*', '')], 'so'),
    '`n >= 0`': ('servidor.c', [
        (UM + r'while \(n > 0 && !c', r'\1while (n >= 0 && !c')], '-n 1'),
    '`Close` no socket': ('servidor.c', [(UM + r'Close\(s\)',
                                          r'\1Close(escuta)')], '-n 1'),
    'sem `Close`': ('servidor.c', [(UM + r'Close\(s\);', r'\1')], 'outro'),
    'sem `SO_REUSEADDR`': ('servidor.c', [
        (r' \w+\(s, SOL_SOCKET, OPCAO_DA_PORTA, 1\);', '')], 'reabre'),
}


class Servidor:
    """Um servidor com -v na porta 7777, e o que ele ja disse."""

    def __init__(self, programa, opcoes):
        self.linhas = []
        self.p = subprocess.Popen([programa, '-v', *opcoes.split(), '7777'],
                                  stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.STDOUT,
                                  preexec_fn=com_o_pai)

    def ate(self, texto):
        """Le ate uma linha que tenha o texto; False se acabou antes, ou se em
        30 segundos ela nao veio."""
        signal.alarm(30)
        try:
            for l in self.p.stdout:
                self.linhas.append(l)
                if texto in l:
                    return True
        except TimeoutError:
            pass
        finally:
            signal.alarm(0)
        return False

    def termina(self):
        self.p.kill()
        self.linhas += self.p.stdout.readlines()
        self.p.wait()
        return self.linhas


def cliente(programa, opcoes='', **resto):
    c = subprocess.Popen([programa, *opcoes.split(), '127.0.0.1', '7777'],
                         stdin=subprocess.PIPE, text=True,
                         preexec_fn=com_o_pai, **resto)
    try:
        c.stdin.write('oi\n')
        c.stdin.close()
    except BrokenPipeError:  # com um engano, ele pode ja ter saido
        pass
    return c


def conversar(como, quer, pasta, bom):
    """O que o rastro mostrou, ate mostrar tudo o que se quer."""
    nada = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
    if como == 'cliente':
        s = Servidor(bom + '/servidor', '-n 1')
        s.ate('para falar')
        c = cliente(pasta + '/cliente', '-v', stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE)
        linhas = c.stderr.readlines()
        s.termina()
        return linhas
    s = Servidor(pasta + '/servidor', como if como[:1] == '-' else '-n 1')
    if como == 'reabre':  # quem fecha primeiro guarda a porta: o servidor
        s.ate('para falar')
        with socket.create_connection(('127.0.0.1', 7777)) as c:
            c.sendall(b'sair\n')
            while c.recv(100):
                pass
        s.termina()
        s = Servidor(pasta + '/servidor', '-n 1')
    clientes = []
    if como in ('-n 1', '-u', 'outro') and s.ate('para falar'):
        clientes.append(cliente(bom + '/cliente', '-u' if como == '-u' else '',
                                **nada))
    for texto in quer:
        if not s.ate(texto):
            break
    if not como:  # ele comeca, ou acaba com um erro
        s.ate('para falar')
    if como == 'outro':  # mais um
        clientes.append(cliente(bom + '/cliente', **nada))
        s.ate('recv(5, "", ')
    linhas = s.termina()
    for c in clientes:
        c.kill()
    return linhas


# o que a pagina diz em palavras, e nao em codigo
E_MAIS = {
    '`sin_port = porta`': lambda v: 'servidor TCP em 127.0.0.1:24862 ' in v,
    'sem `sin_family`, no cliente':
        lambda v: re.search('^(send|recv).* = -1 E', v, re.M),
    'sem `listen`': lambda v: not re.search('^listen', v, re.M),
    'sem `Close`': lambda v: 'close(4)' not in v and
        re.search('^accept.* = 5$', v, re.M),
    '`n >= 0`': lambda v: v.count('recv(4, "", 65536, 0) = 0') > 2,
}


def compilar(pasta, trocas=(), arquivo=''):
    for f in 'servidor.c', 'cliente.c', 'common.h':
        with open(f) as de, open(f'{pasta}/{f}', 'w') as para:
            texto = de.read()
            for velho, novo in trocas if f == arquivo else ():
                novo_texto = re.sub(velho, novo, texto)
                if novo_texto == texto:
                    return f'nao se achou o que trocar em {f}: {velho}'
                texto = novo_texto
            para.write(texto)
    for p in 'servidor', 'cliente':
        codigo, visto = rodar(f'{os.environ.get("CC") or "cc"} -w {p}.c -o {p} '
                              '-pthread', pasta)
        if codigo:
            return visto
    return ''


def esgotou(*_):
    raise TimeoutError


def enganos(pasta):
    signal.signal(signal.SIGALRM, esgotou)
    bom = pasta + '/bom'
    os.mkdir(bom)
    julgar('os programas, sem engano', [q] if (q := compilar(bom)) else [])
    parte = pagina[pagina.index('\n## O rastro mostra o engano'):]
    linhas = [l.split(' | ') for l in re.findall(
        r'^\| (.* \| .* \| .*) \|$', parte[:parte.index('\n## O que os')],
        re.M)[2:]]
    julgar('cada engano da tabela se comete aqui', [
        l[0] for l in linhas if not any(map(l[0].startswith, ENGANOS))])
    for nome, (arquivo, trocas, como) in ENGANOS.items():
        diz = [l[1] for l in linhas if l[0].startswith(nome)]
        if len(diz) != 1:
            julgar(nome, ['nao esta na pagina'])
            continue
        quer = [t for t in re.findall('`([^`]*)`', re.sub(
            'não vem.*', '', diz[0])) if re.search(r' = -?\d|^-1 E', t)]
        e = tempfile.mkdtemp(dir=pasta)
        rede_propria()  # outra: nesta a porta da pagina nunca foi usada
        if queixa := compilar(e, trocas, arquivo):
            julgar(nome, [queixa])
            continue
        visto = conversar(como, quer * (3 if nome == '`n >= 0`' else 1), e, bom)
        resta = iter(visto)
        queixas = [f'o rastro nao mostra, nesta ordem: {t}' for t in quer
                   if not any(t in l for l in resta)]
        if not E_MAIS.get(nome, lambda v: True)(''.join(visto)):
            queixas.append('o rastro nao e o que a pagina diz')
        julgar(nome, queixas + visto[:20] if queixas else [])


do_fonte, vistas = {}, set()
for arquivo in 'common.h', 'servidor.c', 'cliente.c':
    do_fonte[arquivo] = []
    for m in extrair(arquivo):
        if m[:3] not in vistas:
            vistas.add(m[:3])
            do_fonte[arquivo].append(m)
if '-l' in sys.argv:
    for arquivo, mensagens in do_fonte.items():
        for m in mensagens:
            print(m[0], arquivo, *m[1:], sep='\t')
    sys.exit()
os_programas()
julgar('as palavras de perror sao as do sistema', [*palavras_de_perror()])
with tempfile.TemporaryDirectory(prefix='erros.') as pasta:
    provocar(pasta)
    if rede_propria():
        enganos(pasta)
    else:
        dizer('PULADO', 'os enganos: falta permissao para criar uma rede')
concluir()
