#!/usr/bin/env python3
"""sumico.py - a rede some sem uma palavra (a tampa do notebook se fecha, o cabo
sai): nenhum FIN, nenhum RST, os pacotes se perdem. Quem ficou descobre em uns
120 segundos: o servidor, com -n 1 e com varios, calado (keepalive) ou no meio
do envio (TCP_USER_TIMEOUT); o cliente, calado. Quem vive nao e cortado: nem
quem parou de ler por um minuto, nem quem espera dois e meio na fila de -n 1
com muito a enviar.

    [SERVIDOR=programa] [CLIENTE=programa] python3 tests/sumico.py  (como root)

Duas maquinas de mentira (network namespaces) e um cabo. Linux, iproute2 e root;
senao, diz que nao rodou (com EXIGIR=1, e falha).
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
sys.dont_write_bytecode = True
from contas import com_o_pai, concluir, dizer, raiz, sinais_terminam

PRAZO = 220  # segundos, depois do corte, de todas as esperas
CA, LA = f'sumico{os.getpid()}s', f'sumico{os.getpid()}c'  # servidor, cliente
SERVIDOR = (os.environ.get('SERVIDOR') or './servidor') + ' -a 10.99.1.1 '
CLIENTE = (os.environ.get('CLIENTE') or './cliente') + ' 10.99.1.1 '
comeco = time.monotonic()
limite = comeco + 30

MONTAR = f"""
ip netns add {CA}
ip netns add {LA}
ip -n {CA} link add cabo type veth peer name cabo netns {LA}
ip -n {CA} addr add 10.99.1.1/24 dev cabo
ip -n {LA} addr add 10.99.1.2/24 dev cabo
for maquina in {CA} {LA}; do
    ip -n $maquina link set lo up
    ip -n $maquina link set cabo up
done"""
# cada uma passa a enviar para uma placa que nao ha
CORTAR = f"""
ninguem='lladdr 02:00:00:00:00:01 dev cabo nud permanent'
ip -n {CA} neigh replace 10.99.1.2 $ninguem
ip -n {LA} neigh replace 10.99.1.1 $ninguem"""
RELIGAR = f"""
ip -n {CA} neigh del 10.99.1.2 dev cabo
ip -n {LA} neigh del 10.99.1.1 dev cabo"""
DESMONTAR = f"""
for maquina in {CA} {LA}; do
    ip netns pids $maquina | xargs -r kill -KILL
    ip netns del $maquina
done"""


def sh(comandos):
    subprocess.run(['sh', '-ec', comandos], check=True, text=True,
                   stderr=subprocess.PIPE)


class Programa(subprocess.Popen):
    """Um comando do shell em uma maquina; o que escreve vai para arquivos."""

    def __init__(self, maquina, comando):
        self.arquivos = [tempfile.TemporaryFile() for _ in range(2)]
        super().__init__(
            ['ip', 'netns', 'exec', maquina, 'sh', '-c', 'exec ' + comando],
            stdin=subprocess.PIPE, stdout=self.arquivos[0], bufsize=0,
            stderr=self.arquivos[1], cwd=raiz, preexec_fn=com_o_pai)

    def escreveu(self, qual=0):
        # pread: o lugar em que ele escreve e o mesmo que o nosso
        return os.pread(self.arquivos[qual].fileno(), 1 << 26, 0)

    def descritores(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))


def conversa(maquina, porta):
    """Alguem bem comportado e atendido."""
    c = Programa(maquina, f"printf 'oi\nsair\n' | timeout 20 {CLIENTE} {porta}")
    return c.wait() == 0 and c.escreveu() == b'oi\nsair\n'


def espera(nome, condicao, *programas):
    """Ate que valha; se nao vale, o que eles disseram."""
    while not (vale := condicao()) and time.monotonic() < limite:
        time.sleep(0.3)
    dizer('ok' if vale else 'FALHOU',
          f'sumico: {nome} ({time.monotonic() - comeco:.0f} s)',
          '' if vale else str([p.escreveu(qual)[-300:]
                               for p in programas for qual in (0, 1)]))


def provar(pasta):
    global comeco, limite
    s = {porta: Programa(CA, f'{SERVIDOR} {opcoes} {porta}')
         for porta, opcoes in {
             7001: '-n 1', 7008: '-n 8', 7011: '-q -n 1', 7018: '-q -n 8',
             7028: '-q -n 8', 7031: '-q -n 1'}.items()}
    espera('os servidores comecam', lambda: all(
        b'servidor TCP em' in p.escreveu() for p in s.values()), *s.values())
    antes = {porta: p.descritores() for porta, p in s.items()}
    calados = {porta: Programa(LA, f'{CLIENTE} {porta}')
               for porta in (7001, 7008)}
    for porta, c in calados.items():
        c.stdin.write(b'oi\n')
        espera(f'o que vai se calar conversa, porta {porta}',
               lambda: b'cliente 1: 3 bytes' in s[porta].escreveu(), c)
    for porta in 7011, 7018:
        c = Programa(LA, f'{CLIENTE} {porta} </dev/zero >/dev/null')
        espera(f'o que envia sem parar conversa, porta {porta}',
               lambda: s[porta].descritores() > antes[porta], c)
    # quem vive: um que so le depois de uma pausa, e um que espera a vez
    dados = os.urandom(20000000)
    with open(pasta + '/dados', 'wb') as f:
        f.write(dados)
    lento = Programa(CA, f'{CLIENTE} 7028 <{pasta}/dados | (sleep 75; cat)')
    primeiro = Programa(CA, f'{CLIENTE} 7031')
    primeiro.stdin.write(b'oi\n')
    espera('um tem o lugar', primeiro.escreveu, primeiro)
    segundo = Programa(CA, f'head -c 1000000 {pasta}/dados | {CLIENTE} 7031')
    espera('outro entra na fila', lambda: b'conectado' in segundo.escreveu(1),
           segundo)

    sh(CORTAR)
    comeco = time.monotonic()
    limite = comeco + PRAZO
    for porta in 7008, 7018:  # de dentro da maquina do servidor
        espera(f'com um sumido, os outros sao atendidos, porta {porta}',
               lambda: conversa(CA, porta), s[porta])
    espera('quem parou de ler por 75 s recebe tudo',
           lambda: lento.escreveu() == dados, s[7028])
    for porta, c in calados.items():
        espera(f'o calado some, porta {porta}', lambda: (
            b'cliente 1 caiu: ' in s[porta].escreveu()), s[porta])
        espera(f'o servidor some, e o calado sai com 1, porta {porta}',
               lambda: c.poll() == 1, c)
    espera('quem enviava some, -n 8', lambda: (
        s[7018].descritores() <= antes[7018]), s[7018])
    espera('quem enviava some, -n 1', lambda: conversa(CA, 7011), s[7011])
    time.sleep(max(0, comeco + 150 - time.monotonic()))
    primeiro.stdin.write(b'sair\n')
    espera('quem esperou a vez e atendido, ate o ultimo byte',
           lambda: segundo.escreveu() == dados[:1000000], segundo)
    sh(RELIGAR)
    for porta in 7001, 7008, 7011, 7018:
        espera(f'de volta o cabo, atende na porta {porta}',
               lambda: conversa(LA, porta), s[porta])
        s[porta].send_signal(signal.SIGINT)
        espera(f'Ctrl-C encerra com 0 o servidor da porta {porta}',
               lambda: s[porta].poll() == 0, s[porta])


sinais_terminam()
try:
    sh(MONTAR)
    with tempfile.TemporaryDirectory() as pasta:
        provar(pasta)
except subprocess.CalledProcessError as erro:
    dizer('PULADO', 'sumico', f'sem network namespaces: {erro.stderr.strip()}')
finally:
    subprocess.call(['sh', '-c', DESMONTAR], stderr=subprocess.DEVNULL)
concluir()
