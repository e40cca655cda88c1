/*
 * fuzz_servidor.c - o servidor com bytes quaisquer: na linha de comando, e
 * nas tres formas de atender, com uma rede de mentira. Nela o roteiro decide
 * quem chega, quanto cada recv e cada send anda, quem cai, e quando vem o
 * Ctrl-C; confere-se que cada cliente recebe os seus bytes, em ordem, ate a
 * linha sair, e que cada socket se fecha uma vez.
 */
#include "fuzz.h"
#include "../servidor.c"

#define MAIOR    4096
#define ESCUTA   5 /* os sockets da rede de mentira */
#define PRIMEIRO 10
#define CONEXOES 8

static struct conexao {
    char bytes[256]; /* o que o cliente envia */
    int n, lidos, eco;
    int vale; /* ate onde se devolve: o fim da linha sair, ou tudo */
    int disse_sair;
    int falhou;  /* a rede a desfez */
    int viu_fim; /* recv ja devolveu 0 */
    int meio_fechada, fechada;
} conexoes[CONEXOES];
static int quantas;
static int varios;     /* -n 2 ou mais: as chamadas nao bloqueiam */
static time_t relogio; /* segundos */

static int falha(int codigo) {
    errno = codigo;
    return -1;
}

int nosso_clock_gettime(clockid_t qual, struct timespec *t) {
    EXIGIR(qual == CLOCK_MONOTONIC);
    t->tv_sec = relogio;
    t->tv_nsec = 0;
    return 0;
}

unsigned nosso_sleep(unsigned segundos) {
    relogio += segundos;
    return 0;
}

int nosso_isatty(int fd) {
    (void)fd;
    return 0;
}

static struct conexao *qual(int s) {
    EXIGIR(s >= PRIMEIRO && s < PRIMEIRO + quantas);
    EXIGIR(!conexoes[s - PRIMEIRO].fechada);
    return &conexoes[s - PRIMEIRO];
}

int nosso_accept(int s, struct sockaddr *e, socklen_t *n) {
    struct sockaddr_in *de = (struct sockaddr_in *)e;
    struct conexao *c = &conexoes[quantas];
    int b = proximo();
    EXIGIR(s == ESCUTA && *n == sizeof *de);
    if (resta_roteiro == 0 || quantas == CONEXOES) {
        if (!varios) fim = 1;
        return falha(varios ? EAGAIN : EINTR);
    }
    if (b % 8 == 1) return falha(EMFILE);
    if (b % 8 == 2) return falha(ECONNABORTED);
    memset(c, 0, sizeof *c);
    for (c->n = 0; c->n < b && c->n < 255; c->n++)
        c->bytes[c->n] = (char)proximo();
    c->vale = sair_simples(c->bytes, c->n);
    c->disse_sair = c->vale > 0;
    if (!c->vale) c->vale = c->n;
    montar_endereco(de, "127.0.0.1", 1024 + b);
    return PRIMEIRO + quantas++;
}

ssize_t nosso_recv(int s, void *dados, size_t n, int flags) {
    struct conexao *c = qual(s);
    int b = proximo(), k = c->n - c->lidos;
    EXIGIR(flags == 0 && n == TAM_BUFFER);
    /* nao le mais antes de devolver o que leu: o buffer tem limite */
    EXIGIR(c->eco == (c->lidos < c->vale ? c->lidos : c->vale));
    if (c->falhou || b == 255) {
        c->falhou = 1;
        return falha(ECONNRESET);
    }
    if (varios && b == 254) return falha(EAGAIN);
    if (k == 0) {
        c->viu_fim = 1;
        return 0;
    }
    if (resta_roteiro > 0) k = 1 + b % k;
    memcpy(dados, c->bytes + c->lidos, (size_t)k);
    c->lidos += k;
    return k;
}

ssize_t nosso_send(int s, const void *dados, size_t n, int flags) {
    struct conexao *c = qual(s);
    int b = proximo(), k = (int)n;
    EXIGIR(flags == 0 && n > 0 && !c->meio_fechada);
    EXIGIR(c->eco + k <= c->lidos && c->eco + k <= c->vale);
    EXIGIR(memcmp(dados, c->bytes + c->eco, n) == 0);
    if (c->falhou || b == 255) {
        c->falhou = 1;
        return falha(EPIPE);
    }
    if (varios && b >= 250) return falha(b % 2 ? EAGAIN : EINTR);
    if (resta_roteiro > 0) k = 1 + b % k;
    c->eco += k;
    return k;
}

int nosso_shutdown(int s, int como) {
    struct conexao *c = qual(s);
    EXIGIR(como == SHUT_WR && c->disse_sair && c->eco == c->vale);
    EXIGIR(!c->meio_fechada);
    c->meio_fechada = 1;
    return 0;
}

int nosso_close(int s) {
    struct conexao *c = qual(s);
    c->fechada = 1;
    if (c->falhou || fim) return 0;
    EXIGIR(c->eco == c->vale);
    EXIGIR(c->viu_fim || c->meio_fechada);
    return 0;
}

/* Quem pode andar agora, conforme o roteiro; depois dele, todos podem, ate
 * que a ultima conexao se feche. */
int nosso_poll(struct pollfd *p, nfds_t n, int ms) {
    int b = proximo(), abertas = 0, prontos = 0, acabou = resta_roteiro == 0;
    nfds_t i;
    EXIGIR(ms >= -1 && ms <= 1000);
    if (ms == 0) { /* ha mais alguem na fila? cabe o que enviar? */
        EXIGIR(n == 1);
        EXIGIR(p->fd == ESCUTA ? p->events == POLLIN : qual(p->fd) != NULL);
        p->revents = b % 2 ? p->events : 0;
        return b % 2;
    }
    for (i = 0; i < (nfds_t)quantas; i++) abertas += !conexoes[i].fechada;
    if (varios && n > 0) EXIGIR((int)n == abertas + 1);
    for (i = 0; i < n; i++) {
        struct conexao *c = p[i].fd == ESCUTA ? NULL : qual(p[i].fd);
        p[i].revents = 0;
        if (acabou ? c == NULL : !(b >> (i % 8) & 1)) continue;
        p[i].revents = p[i].events & (POLLIN | POLLOUT);
        if (c && !acabou && b == 0xf7) c->falhou = 1;
        if (c && c->falhou) p[i].revents |= POLLERR | POLLHUP;
        prontos += p[i].revents != 0;
    }
    if (prontos == 0 || acabou) relogio++;
    if ((b == 0x55 && !acabou) || (varios && acabou && abertas == 0)) {
        fim = 1; /* Ctrl-C */
        return falha(EINTR);
    }
    if (b == 0xaa && !acabou) return falha(EINTR);
    if (prontos == 0 && ms < 0 && !acabou)
        return falha(EINTR); /* ninguem viria, e poll nao volta por tempo */
    return prontos;
}

static void provar_tcp(int muitos) {
    double bytes = 0;
    int i;
    varios = muitos;
    tipo = SOCK_STREAM;
    op.clientes = varios ? 2 + proximo() % 6 : 1;
    montar_endereco(&aqui, "127.0.0.1", 7777);
    memset(&total, 0, sizeof total);
    quantas = fim = 0;
    relogio = 1000;
    if (varios) atender_varios(ESCUTA);
    else atender_um_por_vez(ESCUTA);
    EXIGIR((int)total.clientes == quantas);
    for (i = 0; i < quantas; i++) {
        const struct conexao *c = &conexoes[i];
        EXIGIR(c->fechada);
        bytes += c->lidos < c->vale ? c->lidos : c->vale;
    }
    EXIGIR(total.bytes == bytes);
}

/* ---- UDP -------------------------------------------------------------- */

static char datagrama[TAM_BUFFER];
static int n_datagrama, deve; /* deve: falta a resposta a este */
static struct sockaddr_in remetente;

ssize_t nosso_recvfrom(int s, void *dados, size_t n, int flags,
                       struct sockaddr *e, socklen_t *t) {
    int b = proximo(), i;
    EXIGIR(s == ESCUTA && flags == 0 && n == TAM_BUFFER);
    EXIGIR(*t == sizeof remetente);
    EXIGIR(!deve || op.perda > 0);
    deve = 0;
    if (resta_roteiro == 0) fim = 1;
    if (resta_roteiro == 0 || b == 255) return falha(fim ? EINTR : ECONNRESET);
    montar_endereco(&remetente, "127.0.0.1", b % 8 ? 1024 + b : 7777);
    memcpy(e, &remetente, sizeof remetente);
    i = proximo();
    n_datagrama = i < 250 ? i / 2 : MAIOR_DATAGRAMA - (i - 250);
    for (i = 0; i < n_datagrama; i++)
        datagrama[i] = resta_roteiro > 0 ? (char)proximo() : (char)i;
    memcpy(dados, datagrama, (size_t)n_datagrama);
    deve = b % 8 != 0; /* da porta 7777 seria outro servidor */
    return n_datagrama;
}

ssize_t nosso_sendto(int s, const void *dados, size_t n, int flags,
                     const struct sockaddr *e, socklen_t t) {
    EXIGIR(s == ESCUTA && flags == 0 && deve && op.perda < 100);
    EXIGIR((int)n == n_datagrama && memcmp(dados, datagrama, n) == 0);
    EXIGIR(t == sizeof remetente && memcmp(e, &remetente, t) == 0);
    deve = 0;
    return proximo() == 255 ? falha(EPERM) : (ssize_t)n;
}

static void provar_udp(void) {
    tipo = SOCK_DGRAM;
    op.perda = proximo() % 3 * 50; /* nada, alguns, todos */
    montar_endereco(&aqui, "127.0.0.1", 7777);
    fim = deve = 0;
    atender_datagramas(ESCUTA);
}

/* ---- Linha de comando ------------------------------------------------- */

static void provar_opcoes(void) {
    char memoria[MAIOR + 2], *argv[20];
    int argc;
    argv[0] = (char *)"servidor";
    argc = palavras_do_roteiro(argv, 20, memoria, sizeof memoria);
    optind = 0; /* getopt(3): recomeca do zero */
    if (setjmp(fora) == 0) {
        ler_opcoes(argc, argv);
        EXIGIR(op.clientes >= 1 && op.clientes <= MAIOR_N);
        EXIGIR(op.perda >= 0 && op.perda <= 100);
        EXIGIR(tipo == SOCK_DGRAM || op.perda == 0);
        EXIGIR(tipo == SOCK_STREAM || op.clientes == CLIENTES_PADRAO);
        EXIGIR(aqui.sin_family == AF_INET);
        EXIGIR(n_escrito[0] == 0 && n_escrito[1] == 0);
        return;
    }
    EXIGIR(codigo_de_saida == 0 || codigo_de_saida == 2);
    if (codigo_de_saida == 2) conferir_uso_errado("servidor: ");
    else EXIGIR(n_escrito[0] > 0 && n_escrito[1] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *dados, size_t n) {
    if (!comecar(dados, n, MAIOR)) return 0;
    memset(&op, 0, sizeof op);
    tipo = SOCK_STREAM;
    op.clientes = CLIENTES_PADRAO;
    rastro = dados[0] >> 6 == 3;
    passo_a_passo = 0;
    switch (dados[0] % 4) {
    case 0: rastro = 0, provar_opcoes(); break;
    case 1: provar_tcp(0); break;
    case 2: provar_tcp(1); break;
    default: provar_udp();
    }
    EXIGIR(visivel_sem_controle(escrito[0], n_escrito[0], 1));
    EXIGIR(visivel_sem_controle(escrito[1], n_escrito[1], 1));
    return 0;
}
