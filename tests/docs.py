#!/usr/bin/env python3
# docs.py - as paginas dizem a verdade?
#
#   [SERVIDOR=programa] [CLIENTE=programa] [EXIGIR=1] python3 tests/docs.py
#
# Em todas: os links levam a arquivos e titulos que existem; cada referencia
# `arquivo.c: funcao` e a uma funcao definida ali; cada pagina comeca dizendo o
# que se aprende e em quanto tempo; a ortografia (hunspell). Em docs/aula.md: as
# secoes na ordem, cada chamada com os seus parametros, e os rastros iguais aos
# dos programas. Em docs/construir.md: quem a digita chega a cada arquivo de
# docs/passos, letra por letra, e os prototipos sao os do sistema. Em
# docs/en.md: as opcoes que a ajuda mostra.
#
# Antes de cada listagem, um comentario diz o que ela e:
#   <!-- passo: 1-o-slide/servidor.c inteiro -->           o arquivo todo
#   <!-- passo: 2-confere/servidor.c de 1-o-slide/servidor.c -->
#           uma mudanca, em linhas " ", "-" e "+"; as mudancas, na ordem da
#           pagina, levam de um arquivo ao outro
import difflib
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
sys.dont_write_bytecode = True
from contas import com_o_pai, concluir, dizer, julgar, raiz, sh, \
    sinais_terminam

os.chdir(raiz)
sinais_terminam()
CC = os.environ.get('CC') or 'cc'
W64 = 'x86_64-w64-mingw32-gcc'
MS = re.M | re.S
PIPE = subprocess.PIPE


def ler(nome):
    with open(nome, encoding='utf-8') as f:
        return f.read()


def compilar(codigo, opcoes='', com=CC):
    """As queixas do compilador."""
    return sh(f'{com} -x c - -fsyntax-only {opcoes}', codigo)[1].splitlines()


def so_linhas(achado):
    return '\n' * achado[0].count('\n')


def sem_blocos(texto):
    """Sem os blocos de codigo; as linhas continuam com o seu numero."""
    return re.sub(r'^[ >]*(```|~~~).*?^[ >]*\1[^\n]*$', so_linhas, texto,
                  flags=MS)


def sem_codigo(texto):
    """E sem o que esta entre crases, mesmo que mude de linha no paragrafo."""
    return re.sub(r'(?<!`)(`+)(?!`)((?!\n[ >]*\n).)*?(?<!`)\1(?!`)', so_linhas,
                  sem_blocos(texto), flags=re.S)


paginas = {p: ler(p) for p in ['README.md', *sorted(
    glob.glob('docs/**/*.md', recursive=True)), 'tests/README.md']}
aula, construir = paginas['docs/aula.md'], paginas['docs/construir.md']


# ---- Links e referencias ----------------------------------------------------

def ancoras(texto):
    """As dos titulos da pagina, como o GitHub as forma."""
    vistas = {}
    for titulo in re.findall(r'^#+ +(.*?) *$', sem_blocos(texto), re.M):
        a = re.sub(r'[^-\w ]', '', titulo.lower()).replace(' ', '-')
        vezes = vistas[a] = vistas.get(a, -1) + 1
        yield f'{a}-{vezes}' if vezes else a


def quebrados(pagina, texto):
    for m in re.finditer(r'\]\(([^)]*)\)|(?:src|href)="([^"]*)"',
                         sem_codigo(texto)):
        alvo = (m[1] or m[2]).split(' "')[0]
        if re.match('https?://|mailto:', alvo):
            continue
        arquivo, _, ancora = alvo.partition('#')
        arquivo = os.path.join(os.path.dirname(pagina), arquivo) \
            if arquivo else pagina
        if not os.path.exists(arquivo):
            yield f'{pagina}: {alvo}: o arquivo nao existe'
        elif ancora and ancora.lower() not in ancoras(ler(arquivo)):
            yield f'{pagina}: {alvo}: o titulo nao existe'


def referencias(pagina, texto):
    texto = sem_blocos(texto)
    for arquivo, alvo in re.findall(r'\[`([^`]*\.[ch]): [^`]*`\]\(([^)]*)\)',
                                    texto):
        if os.path.basename(arquivo) != os.path.basename(alvo):
            yield f'{pagina}: {arquivo}: o link leva a {alvo}'
    for arquivo, funcao in re.findall(r'`([\w./-]*\.[ch]): (\w+)`', texto):
        if not os.path.exists(arquivo) or not re.search(
                rf'^[A-Za-z_][^\n;{{]*[ *(]{funcao}[(),][^;{{]*{{|'
                rf'^{funcao}\([^;{{]*{{', ler(arquivo), re.M):
            yield f'{pagina}: {funcao} nao esta definida em {arquivo}'


def comeco(pagina, texto):
    for inicio in '**O que se aprende:** ', '**Tempo:** ':
        if not any(l.startswith(inicio) and len(l) > len(inicio)
                   for l in texto.splitlines()[:10]):
            yield f'{pagina}: falta, no alto, {inicio}'


# ---- Ortografia -------------------------------------------------------------

def portugues(texto):
    """Sem codigo, comentarios, alvos de links, URLs e HTML, e sem o que esta
    em italico, que e de outra lingua."""
    texto = sem_codigo(texto)
    for molde, troca in (
            (r'^#+ [^\n]*English.*', ''), (r'<!--.*?-->', ''),
            (r'\]\([^)]*\)', '] '), (r'\[![A-Z]*\]', ''),
            (r'<code>[^<]*</code>', ''), (r'<[^>]*>', ' '),
            (r'https?:[^ )]*', ''), (r'\*\*', '\1'),
            (r'\*[^*\1\n]*\*', ' '), (r'[*_|\1]', ' ')):
        texto = re.sub(molde, troca, texto, flags=MS)
    return texto


def ortografia():
    textos = {p: portugues(t) for p, t in paginas.items() if p != 'docs/en.md'}
    dicionario = ler('docs/.dicionario').splitlines()
    if dicionario != sorted(set(dicionario)):
        yield 'docs/.dicionario: fora de ordem; use LC_ALL=C sort -u'
    erradas = sh('hunspell -d pt_BR -i UTF-8 -p docs/.dicionario -l',
                 'coneccao\n' + '\n'.join(textos.values()))[1].split()
    if 'coneccao' not in erradas:
        yield 'hunspell nao viu um erro posto de proposito'
    for palavra in sorted(set(erradas) - {'coneccao'}):
        for p, texto in textos.items():
            for n, l in enumerate(texto.splitlines(), 1):
                if re.search(rf'\b{re.escape(palavra)}\b', l):
                    yield f'{p}:{n}: {palavra}'


# ---- A aula -----------------------------------------------------------------

def tabela(texto, primeira):
    """As linhas, em celulas, da tabela cuja primeira celula comeca assim."""
    m = re.search(rf'^\| {primeira}.*\n\|[ :|-]*\n((?:\|.*\n)*)', texto, re.M)
    return [[c.strip() for c in l.split('|')[1:-1]]
            for l in m[1].splitlines()] if m else []


def secoes():
    """Numeradas na ordem dos slides. Nas de uma chamada, o titulo a diz, e a
    tabela tem cada parametro do prototipo, na ordem dele. E cada chamada que
    common.h envolve tem o seu lugar."""
    for i, (numero, titulo, corpo) in enumerate(re.findall(
            r'^## (\d+)\. (.*)\n((?:(?!## ).*\n)*)', aula, re.M), 1):
        if int(numero) != i:
            yield f'fora de ordem: {numero}. {titulo}'
        m = re.search(r'^```c\n\w+ (\w+)\(([^)]*)\);\n```', corpo, re.M)
        if m and f'`{m[1]}()`' not in titulo:
            yield f'{titulo}: o prototipo e de {m[1]}'
        parametros = re.findall(r'(\w+)(?:,|$)', m[2]) if m else []
        linhas = [l[0].strip('`') for l in tabela(corpo, 'parâmetro')]
        if linhas != parametros and len(parametros) > 1:
            yield f'{titulo}: parametros {parametros}, na tabela {linhas}'
    for chamada in re.findall(r'^static \w+ ([A-Z][a-z]+)\(', ler('common.h'),
                              re.M):
        if chamada != 'Poll' and f'[`common.h: {chamada}`]' not in aula:
            yield f'falta: {chamada}'


def numeros():
    """Os das tabelas sao os do sistema; IPPROTO_GGP, o Linux nao conhece."""
    contas = [f'IPPROTO_{n} == {v}' for n, v in re.findall(
        r'^\| `IPPROTO_(\w+)` \| (\d+) \|', aula, re.M) if n != 'GGP']
    contas += [f'sizeof ((struct sockaddr_in *)0)->{n} == {v}' for n, v in
               re.findall(r'^\| `(sin_\w+)` \| (\d+) \|', aula, re.M)]
    if len(contas) < 9:
        yield 'a aula nao tem mais as tabelas de IPPROTO_* e de sin_*'
    yield from compilar('#include <netinet/in.h>\n' + ''.join(
        f'typedef int certo{i}[{c} ? 1 : -1];\n' for i, c in enumerate(contas)))


def linhas_do_slide():
    passo1 = ''.join(map(ler, glob.glob('docs/passos/1-*/*.c')))
    linhas = [l for celulas in tabela(aula, 'esta linha do slide')
              for l in re.findall('`([^`]*)`', celulas[0])]
    if len(linhas) < 10:
        yield 'a tabela sumiu'
    for l in linhas:
        if l not in passo1:
            yield f'nao e do passo 1: {l}'


def corrida():
    """Com trava nunca se perde uma soma; sem ela, em uma de vinte vezes."""
    with tempfile.TemporaryDirectory() as pasta:
        programa = f'{pasta}/corrida'
        yield from sh(f'{CC} -pthread -o {programa} docs/corrida.c'
                      )[1].splitlines()
        if 'deu 200000000: 0 somas' not in sh(programa + ' trava')[1]:
            yield 'com trava, perdeu somas'
        if not any(re.search(': [1-9][0-9]* somas perdidas', sh(programa)[1])
                   for _ in range(20)):
            yield 'nao se ve a corrida'


# ---- Os rastros da aula, contra os programas --------------------------------

PROGRAMAS = {nome: os.path.abspath(os.environ.get(nome.upper()) or nome)
             for nome in ('servidor', 'cliente')}


def chamar(nome, *opcoes):
    return subprocess.Popen([PROGRAMAS[nome], *opcoes], text=True, stdin=PIPE,
                            stdout=PIPE, stderr=PIPE, preexec_fn=com_o_pai)


def normalizar(texto):
    """So a porta muda, e os bytes dela tem de conferir. O sinal do fim pode
    chegar antes da chamada que interrompe. A ordem nao conta: o cliente tem
    dois fios. O que ele diz em palavras nao e rastro."""
    for l in texto.splitlines():
        if m := re.match(r' +sin_port +(..) (..) +(\d+) = 0x(....)$', l):
            if f'{int(m[3]):04x}' == m[1] + m[2] == m[4]:
                l = '    sin_port P'
        l = re.sub(r'htons\(\d+\)|127\.0\.0\.1:\d+|servidor \d+$', 'P', l)
        l = re.sub(r'^\S*servidor(\.exe)?: ', 'servidor: ', l)
        if not re.search('= -1 EINTR$|^conectado a|^pronto para|^fim da conv',
                         l):
            yield l


def comparar(titulo, programa):
    m = re.search(rf'^<!-- {titulo} -->\n```\w*\n(.*?)^```', aula, MS)
    julgar(f'a aula mostra o que se ve: {titulo}', [*difflib.unified_diff(
        sorted(normalizar(m[1] if m else '')), sorted(normalizar(programa)),
        'na pagina', 'no programa', lineterm='', n=0)])


def subir(*opcoes):
    s = chamar('servidor', *opcoes, '0')
    return s, re.search(r':(\d+) ', s.stdout.readline())[1]


def descer(s):
    s.send_signal(signal.SIGINT)
    return s.communicate()[1]


def rastros():
    for tipo, do_servidor in ('', '-n 1'), (' -u', '-u'):
        s, porta = subir(*do_servidor.split(), '-v')
        c = chamar('cliente', '-v', *tipo.split(), '127.0.0.1', porta)
        for linha in 'olá\n', 'sair\n':
            c.stdin.write(linha)
            c.stdin.flush()
            c.stdout.readline()
        do_cliente, visto = c.communicate()[1], ''
        while not tipo and 'close(' not in visto:  # a conversa se fecha
            visto += s.stderr.readline()
        comparar(f'rastro: servidor {do_servidor}', visto + descer(s))
        comparar('rastro: cliente' + tipo, do_cliente)
    s, porta = subir('-q')
    comparar('saida: porta em uso', sh(
        f'"{PROGRAMAS["servidor"]}" {porta}')[1])
    descer(s)


def opcoes():
    ajuda = ''.join(sh(f'"{p}" -h')[1] for p in PROGRAMAS.values())
    for o in set(re.findall('^  (-[a-z])', ajuda, re.M)) ^ set(
            re.findall('^\\| `(-[a-z])', paginas['docs/en.md'], re.M)):
        yield f'{o}: so em docs/en.md, ou so na ajuda'


# ---- Construir: as listagens e os prototipos --------------------------------

def listagens():
    feito, blocos = {}, []
    for p in construir, aula:
        achados = re.findall(r'^<!-- passo: (\S+) (inteiro|de)(?: (\S+))? -->'
                             r'\n+```\w*\n(.*?)^```', p, MS)
        if len(achados) != p.count('<!-- passo: '):
            yield 'uma marca nao tem bloco, ou nao se entende'
        blocos.append(achados)
    if len(blocos[0]) != len(re.findall('^```(?:c|diff)$', construir, re.M)):
        yield 'docs/construir.md: uma listagem sem marca'
    for arquivo, tipo, origem, texto in blocos[0]:
        linhas = texto.splitlines()
        if tipo == 'inteiro':
            feito[arquivo] = linhas
            continue
        velho = feito.get(arquivo) or feito.get(origem, [])
        velhas = [l[1:] for l in linhas if l[:1] != '+']
        lugares = [i for i in range(len(velho))
                   if velho[i:i + len(velhas)] == velhas]
        if len(lugares) != 1:  # quem digita nao adivinha
            yield f'{arquivo}: {linhas[0]}: cabe em {len(lugares)} lugares'
            continue
        i = lugares[0]
        feito[arquivo] = velho[:i] + [l[1:] for l in linhas if l[:1] != '-'] \
            + velho[i + len(velhas):]
    for arquivo, tipo, _, texto in blocos[1]:
        if texto != ler('docs/passos/' + arquivo):
            yield f'docs/aula.md: {arquivo}: nao e o arquivo'
    for arquivo in glob.glob('docs/passos/[1-5]-*/*.[ch]'):
        nome = arquivo[len('docs/passos/'):]
        if feito.get(nome) != ler(arquivo).splitlines():
            yield f'quem digita a pagina nao chega a {nome}'


def tamanho():
    for arquivo in glob.glob('docs/passos/*/*.[ch]*'):
        linhas = ler(arquivo).splitlines()
        if len(linhas) > (80 if '/5-' in arquivo else 60):
            yield f'{arquivo}: {len(linhas)} linhas'
        for n, l in enumerate(linhas, 1):
            if not re.fullmatch('[ -~]{0,80}', l):
                yield f'{arquivo}:{n}: passa de 80 colunas, ou de ASCII'


def prototipos():
    """Cada um se declara de novo, depois do uso da chamada e, no Linux, so do
    seu #include: se fosse outro, ou se o #include nao o trouxesse, nao
    compilaria."""
    linhas = [[c.replace('`', '') for c in celulas]
              for celulas in tabela(construir, 'chamada ')]
    if len(linhas) < 20:
        yield 'a tabela sumiu'

    def usar(prototipo):
        nome = re.search(r'(\w+)\(', prototipo)[1]
        return (f'void *usa_{nome}(void) {{ return (void *){nome}; }}\n'
                f'{prototipo};\n')
    for _, aqui, _, include, *_ in linhas:
        if aqui:
            yield from compilar(
                f'#include {include}\n{usar(aqui)}', '-std=c11 -Werror '
                '-D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE')
    if shutil.which(W64):
        yield from compilar(
            '#define _WIN32_WINNT 0x0600\n#include <winsock2.h>\n'
            '#include <ws2tcpip.h>\n' + ''.join(
                usar(l[2]) for l in linhas if l[2]),
            '-w', W64)
    else:
        dizer('PULADO', f'os prototipos do Windows: falta {W64}')


# ---- A conta ----------------------------------------------------------------

for p, texto in paginas.items():
    julgar(f'{p}: links e funcoes citadas',
           [*quebrados(p, texto), *referencias(p, texto)])
    if re.match('docs/(?!en.md)', p):
        julgar(f'{p}: o que se aprende, em quanto tempo', [*comeco(p, texto)])
if shutil.which('hunspell') and 'pt_BR' in sh('hunspell -D')[1]:
    julgar('ortografia', [*ortografia()])
else:
    dizer('PULADO', 'ortografia: falta hunspell com o dicionario pt_BR')
for nome, prova in (
        ('a aula na ordem, e cada parametro das chamadas', secoes),
        ('os numeros das tabelas sao os do sistema', numeros),
        ('a tabela da aula cita as linhas do passo 1', linhas_do_slide),
        ('docs/corrida.c: a corrida se ve, e a trava a desfaz', corrida),
        ('quem digita docs/construir.md chega a docs/passos', listagens),
        ('os passos cabem na tela, em ASCII', tamanho),
        ('os prototipos sao os do sistema', prototipos),
        ('docs/en.md tem as opcoes dos programas', opcoes)):
    julgar(nome, [*prova()])
signal.alarm(60)  # o vigia das conversas
rastros()
concluir()
