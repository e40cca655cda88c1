# contas.py - o mesmo que contas.sh, para os testes em Python: um veredito por
# linha, e a conta. Com EXIGIR=1, PULADO e falha.
import contextlib
import ctypes
import os
import signal
import subprocess
import sys

conta = {'ok': 0, 'FALHOU': 0, 'PULADO': 0}
raiz = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


SINAIS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


@contextlib.contextmanager
def sem_sinais():
    """Os que chegam esperam o fim: um filho nasce e se anota, ou nao nasce."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SINAIS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SINAIS)


def com_o_pai():
    """Em preexec_fn de Popen: quem morre, mesmo de SIGKILL, leva este filho."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, do Linux
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SINAIS)


def sinais_terminam():
    """Ctrl-C, kill e a janela fechada terminam pelos finally, ate o fim."""
    def sair(sinal, _):
        for outro in SINAIS:
            signal.signal(outro, signal.SIG_IGN)
        sys.exit(128 + sinal)
    for sinal in SINAIS:
        signal.signal(sinal, sair)


def sh(comando, entrada='', **resto):
    """Uma linha de comando do shell: como saiu, e tudo o que escreveu."""
    p = subprocess.run(comando, shell=True, text=True, errors='replace',
                       input=entrada, timeout=600, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, **resto)
    return p.returncode, p.stdout


def dizer(veredito, nome, relato=''):
    if veredito == 'PULADO' and os.environ.get('EXIGIR') == '1':
        veredito = 'FALHOU'
    print(veredito, nome + (': ' + relato if relato else ''), flush=True)
    conta[veredito] += 1


def julgar(nome, queixas):
    """Certo se nao ha queixa nenhuma."""
    dizer('FALHOU' if queixas else 'ok', nome, '\n    '.join(queixas))


def concluir():
    print(f'{conta["ok"]} passed, {conta["FALHOU"]} failed' +
          (f', {conta["PULADO"]} skipped' if conta['PULADO'] else ''))
    sys.exit(conta['FALHOU'] > 0 or not any(conta.values()))
