/*
 * fuzz.c - o cliente com bytes quaisquer, dentro da libFuzzer do clang: o que
 * vem de fora passa por escapar e mostrar, em pedacos quaisquer; e uma conversa
 * UDP inteira, com uma entrada que chega em pedacos, um relogio que e nosso, e
 * uma rede que perde, atrasa, troca e inventa datagramas. Cada resultado se
 * confere contra uma definicao mais simples. tests/fuzz.sh compila e roda.
 * (TCP, contra o acaso, e com acaso.py; sair, com a suite.)
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* As chamadas que o cliente faz aqui passam a ser nossas, com o tipo que os
 * arquivos do sistema lhes dao; estao mais abaixo. */
#define read          nosso_read
#define write         nosso_write
#define poll          nosso_poll
#define recvfrom      nosso_recvfrom
#define sendto        nosso_sendto
#define clock_gettime nosso_clock_gettime
#include <assert.h>
#include <locale.h>
#include <stdint.h>
#include <unistd.h>
#include <wchar.h>
#define isatty(fd) 0 /* os bytes, exatamente; a tela tem a sua prova */
#define main       main_do_programa
#include "../cliente.c"

#define MAIOR 4096 /* bytes do roteiro; os da prova, na memoria */

static const uint8_t *roteiro; /* a entrada da prova, lida em ordem */
static size_t resta_roteiro;
static char escrito[2][1 << 20]; /* em stdout e stderr */
static size_t n_escrito[2];

static int proximo(void) { /* 0 a 255; 0 quando acabou */
    if (resta_roteiro == 0) return 0;
    resta_roteiro--;
    return *roteiro++;
}

static size_t menor(size_t a, size_t b) { return a < b ? a : b; }

ssize_t nosso_write(int fd, const void *dados, size_t n) {
    assert(fd == 1 || fd == 2);
    assert(n <= sizeof escrito[0] - n_escrito[fd - 1]);
    memcpy(escrito[fd - 1] + n_escrito[fd - 1], dados, n);
    n_escrito[fd - 1] += n;
    return (ssize_t)n;
}

/* ---- Texto ------------------------------------------------------------ */

/* Bytes do caractere que se mostra como esta; 0 se nao e um. */
static size_t visivel(const char *p, size_t n) {
    mbstate_t estado;
    wchar_t c;
    size_t k;
    memset(&estado, 0, sizeof estado);
    k = mbrtowc(&c, p, n, &estado);
    if (k == 0 || k > 4 || c > 0x10ffff) return 0;
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return 0;
    if (c >= 0xd800 && c < 0xe000) return 0;        /* so existem em UTF-16 */
    if (c == 0x61c || c == 0x200e || c == 0x200f || /* mudam o sentido */
        (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
        return 0;
    return k;
}

static int tudo_visivel(const char *p, size_t n, int pode_lf) {
    size_t i, k;
    for (i = 0; i < n; i += k) {
        k = pode_lf && p[i] == '\n' ? 1 : visivel(p + i, n - i);
        if (k == 0) return 0;
    }
    return 1;
}

/* O que escapar deve escrever, um caractere depois do outro. */
static void escapar_simples(char *p, const char *dados, size_t n, int aspas) {
    size_t i = 0, k;
    while (i < n) {
        if ((k = visivel(dados + i, n - i)) > 0) {
            if (aspas && (dados[i] == '"' || dados[i] == '\\')) *p++ = '\\';
            p = (char *)memcpy(p, dados + i, k) + k;
            i += k;
            continue;
        }
        for (k = 1; i + k < n && dados[i + k] == dados[i];) k++;
        if (dados[i] == '\n') p += sprintf(p, "\\n");
        else if (dados[i] == '\r') p += sprintf(p, "\\r");
        else if (dados[i] == '\t') p += sprintf(p, "\\t");
        else p += sprintf(p, "\\x%02x", dados[i] & 0xff);
        if (k >= 8) p += sprintf(p, " (%d vezes)", (int)k);
        i += k >= 8 ? k : 1;
    }
    *p = '\0';
}

/* Em destinos pequenos, um depois do outro: o mesmo texto. */
static void provar_escapar(const char *dados, int n, int aspas) {
    static char esperado[4 * MAIOR + 40], visto[4 * MAIOR + 40];
    char *pedaco, *p = visto;
    int i, usados, tamanho;
    escapar_simples(esperado, dados, (size_t)n, aspas);
    assert(tudo_visivel(esperado, strlen(esperado), 0));
    for (*p = '\0', i = 0; i < n; i += usados) {
        tamanho = 40 + proximo();
        pedaco = (char *)malloc((size_t)tamanho); /* passar dele e um erro */
        usados = escapar(pedaco, tamanho, dados + i, n - i, aspas);
        assert(usados > 0 && usados <= n - i);
        p = stpcpy(p, pedaco);
        free(pedaco);
    }
    assert(strcmp(esperado, visto) == 0);
    citar(dados, n, 1 + proximo() % CORTE_REGISTRO);
}

/* ---- A tela ----------------------------------------------------------- */

/* Cada linha com a marca, onde quer que a rede tenha cortado, e seja o que for
 * que veio antes. Uma fila de bytes iguais se conta: o corte muda a conta. */
static void provar_tela(const char *dados, int n, int corte) {
    static char esperado[16 * MAIOR], linha[4 * MAIOR + 40];
    char *p = esperado;
    int i, k, ate, ha_fila = 0;
    for (i = 0; i < n; i = ate + 1) {
        for (ate = i; ate < n && dados[ate] != '\n';) ate++;
        escapar_simples(linha, dados + i, (size_t)(ate - i), 0);
        ha_fila |= strstr(linha, " vezes)") != NULL;
        p += sprintf(p, "servidor> %s\n", linha);
    }
    n_escrito[0] = n_escrito[1] = 0;
    na_tela = 1;
    for (i = 0; i < n; i += k) {
        k = (int)menor(corte > 0 ? 1 + (i * 7 + corte) % corte : n, n - i);
        assert(mostrar(dados + i, k) == 0);
    }
    fechar_linha();
    na_tela = 0;
    assert(ha_fila || (n_escrito[0] == (size_t)(p - esperado) &&
                       memcmp(escrito[0], esperado, n_escrito[0]) == 0));
    assert(tudo_visivel(escrito[0], n_escrito[0], 1) && n_escrito[1] == 0);
}

/* ---- Uma conversa UDP ------------------------------------------------- */

struct pedaco {
    const char *p;
    size_t n;
};
static char entrada_toda[400000];
static size_t n_entrada, lidos;
static struct pedaco linha; /* a de agora, em entrada_toda; n 0: nao ha mais */
static int envios;          /* dela */
static int disse_sair, linhas, aceitas;  /* linhas enviadas; respostas */
static struct pedaco em_duvida[DUVIDAS]; /* repetidas, ou sem resposta */
static size_t n_em_duvida;
static unsigned long relogio, enviou;    /* ms; enviou: no ultimo sendto */
static char esperado[sizeof escrito[0]]; /* em stdout: as aceitas */
static size_t n_esperado;

int nosso_clock_gettime(clockid_t qual, struct timespec *t) {
    assert(qual == CLOCK_MONOTONIC);
    t->tv_sec = (time_t)(relogio / 1000);
    t->tv_nsec = (long)(relogio % 1000) * 1000000;
    return 0;
}

ssize_t nosso_read(int fd, void *p, size_t n) {
    size_t k = menor(menor(1 + (size_t)proximo() * 300, n), n_entrada - lidos);
    assert(fd == 0);
    memcpy(p, entrada_toda + lidos, k);
    lidos += k;
    return (ssize_t)k;
}

/* Linhas de tamanhos sorteados, a ultima nem sempre com \n. */
static void inventar_entrada(void) {
    size_t t;
    int k, b = proximo();
    n_entrada = lidos = 0;
    for (k = b < 250 ? 1 + b % 16 : 100; k > 0; k--) {
        b = proximo(); /* poucos bytes, ou perto do maior datagrama */
        t = b < 251 ? (size_t)b : (size_t)(MAIOR_DATAGRAMA - 253 + b);
        if (t > sizeof entrada_toda - n_entrada - 8) break;
        memset(entrada_toda + n_entrada, ' ' + k % 90, t);
        n_entrada += t;
        if (b % 16 == 0)
            n_entrada += (size_t)sprintf(entrada_toda + n_entrada, "\nsair");
        if (k > 1 || proximo() % 2) entrada_toda[n_entrada++] = '\n';
    }
}

static void comecar_linha(const char *p) {
    const char *fim = entrada_toda + n_entrada, *lf;
    lf = (const char *)memchr(p, '\n', fim - p);
    linha.p = p;
    linha.n = (lf ? lf + 1 : fim) - p;
    envios = 0;
}

static void acabou_a_linha(void) {
    disse_sair = e_sair(linha.p, (int)linha.n);
    comecar_linha(linha.p + linha.n);
}

static int iguais(struct pedaco a, struct pedaco b) {
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

ssize_t nosso_sendto(int s, const void *dados, size_t n, int flags,
                     const struct sockaddr *e, socklen_t t) {
    assert(n_escrito[0] == n_esperado);
    if (envios == TENTATIVAS) acabou_a_linha(); /* ficou sem resposta */
    assert(s == 5 && flags == 0 && t == sizeof servidor && !disse_sair);
    assert(memcmp(e, &servidor, sizeof servidor) == 0);
    assert(n == menor(linha.n, MAIOR_DATAGRAMA + 1));
    assert(memcmp(dados, linha.p, n) == 0);
    assert(++envios == 1 || relogio >= enviou + ESPERA);
    enviou = relogio;
    if (envios == 1) linhas++;
    if (envios == 2) em_duvida[n_em_duvida++ % DUVIDAS] = linha;
    if (n > MAIOR_DATAGRAMA || proximo() == 255) { /* recusada: acabou */
        acabou_a_linha();
        errno = n > MAIOR_DATAGRAMA ? EMSGSIZE : ENETUNREACH;
        return -1;
    }
    return (ssize_t)n;
}

int nosso_poll(struct pollfd *p, nfds_t n, int ms) {
    assert(n_escrito[0] == n_esperado);
    assert(n == 1 && p->fd == 5 && p->events == POLLIN);
    assert(ms >= 0 && relogio + (unsigned long)ms <= enviou + ESPERA + 1);
    p->revents = 0;
    if (resta_roteiro == 0 || proximo() % 4 == 0) {
        relogio += (unsigned long)ms;
        return 0;
    }
    if (ms > 0) relogio += (unsigned long)(proximo() % ms);
    p->revents = POLLIN;
    return 1;
}

ssize_t nosso_recvfrom(int s, void *dados, size_t n, int flags,
                       struct sockaddr *e, socklen_t *t) {
    struct sockaddr_in *de = (struct sockaddr_in *)e;
    int tipo = proximo() % 8, recusada = 0;
    char qualquer[80];
    struct pedaco r = linha; /* o que a rede entrega */
    size_t i, duvidas_vivas = menor(n_em_duvida, DUVIDAS);
    assert(s == 5 && flags == 0 && n >= MAIOR_DATAGRAMA);
    errno = ECONNRESET; /* como no Windows */
    if (tipo == 0) return -1;
    *t = sizeof *de;
    *de = servidor;
    if (tipo == 1) de->sin_port++;
    if (tipo == 2) de->sin_addr.s_addr++;
    if (tipo == 3 && n_em_duvida > 0) r = em_duvida[proximo() % duvidas_vivas];
    else if (tipo < 5) {
        r.p = qualquer;
        r.n = (size_t)proximo() % sizeof qualquer;
        for (i = 0; i < r.n; i++) qualquer[i] = (char)proximo();
    }
    for (i = 0; i < duvidas_vivas; i++) recusada |= iguais(r, em_duvida[i]);
    if (iguais(r, linha)) recusada = 0;
    memcpy(dados, r.p, r.n);
    if (recusada || tipo < 3) return (int)r.n; /* < 3: de outro endereco */
    aceitas++;
    memcpy(esperado + n_esperado, r.p, r.n);
    n_esperado += r.n;
    acabou_a_linha();
    return (int)r.n;
}

static void provar_conversa(void) {
    static struct mensagem resto;
    int saida;
    rastro = proximo() % 4 == 0;
    relogio = 4000000000UL;
    montar_endereco(&servidor, "127.0.0.1", 7777);
    n_escrito[0] = n_escrito[1] = n_esperado = n_em_duvida = 0;
    disse_sair = linhas = aceitas = quantas_duvidas = entrada_acabou = 0;
    inventar_entrada();
    comecar_linha(entrada_toda);
    saida = conversar_udp(5);
    rastro = 0;
    if (envios == TENTATIVAS) acabou_a_linha();
    assert(disse_sair || linha.n == 0);
    assert(saida == (aceitas < linhas));
    assert(n_escrito[0] == n_esperado &&
           memcmp(escrito[0], esperado, n_esperado) == 0);
    assert(tudo_visivel(escrito[1], n_escrito[1], 1));
    lidos = n_entrada; /* depois de sair, ler_linha ainda pode ter linhas */
    while (ler_linha(&resto) > 0) continue;
}

__attribute__((constructor)) static void comecar(void) {
    assert(setlocale(LC_CTYPE, "C.UTF-8"));
    tipo = SOCK_DGRAM;
}

/* O primeiro byte escolhe: texto, com tantos cortes; ou a conversa. */
int LLVMFuzzerTestOneInput(const uint8_t *dados, size_t n) {
    const char *texto;
    if (n < 2 || n > MAIOR) return 0;
    roteiro = dados + 1;
    resta_roteiro = n - 1;
    if (dados[0] % 32 > 15) {
        provar_conversa();
        return 0;
    }
    resta_roteiro = menor(resta_roteiro, dados[0] % 16);
    texto = (const char *)roteiro + resta_roteiro;
    n -= 1 + resta_roteiro;
    provar_escapar(texto, (int)n, dados[0] & 1);
    /* duas vezes: a segunda e igual a primeira */
    provar_tela(texto, (int)n, dados[1] % 50);
    provar_tela(texto, (int)n, dados[1] % 50);
    return 0;
}
