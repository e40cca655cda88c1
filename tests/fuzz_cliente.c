/*
 * fuzz_cliente.c - o cliente com bytes quaisquer: na linha de comando, como
 * nome do servidor, vindos da rede para um terminal (mostrar_na_tela), e uma
 * conversa UDP inteira, com uma entrada que chega em pedacos e uma rede que
 * perde, atrasa, troca e inventa datagramas.
 */
#include "fuzz.h"
#include "../cliente.c"

#define MAIOR 4096

static int resposta_do_dns; /* o que getaddrinfo devolve */
static struct addrinfo achado_no_dns;
static struct sockaddr_in endereco_no_dns;

int nosso_getaddrinfo(const char *nome, const char *servico,
                      const struct addrinfo *filtro, struct addrinfo **achado) {
    EXIGIR(nome && *nome && !servico && filtro->ai_family == AF_INET);
    if (resposta_do_dns != 0) return resposta_do_dns;
    endereco_no_dns.sin_addr.s_addr = htonl(0x7f000001);
    achado_no_dns.ai_addr = (struct sockaddr *)&endereco_no_dns;
    *achado = &achado_no_dns;
    return 0;
}

static void provar_opcoes(void) {
    static const int respostas[] = {0, EAI_NONAME, EAI_AGAIN, EAI_FAIL};
    char memoria[MAIOR + 2], *argv[20];
    int argc, achou, i, palavras = 0;
    argv[0] = (char *)"cliente";
    resposta_do_dns = respostas[proximo() % 4];
    argc = palavras_do_roteiro(argv, 20, memoria, sizeof memoria);
    tipo = SOCK_STREAM;
    nome = ENDERECO_PADRAO;
    porta = PORTA_PADRAO;
    rastro = passo_a_passo = 0;
    optind = 0; /* getopt(3): recomeca do zero */
    if (setjmp(fora) == 0) {
        ler_opcoes(argc, argv);
        EXIGIR(porta >= 0 && porta <= 65535);
        EXIGIR(tipo == SOCK_STREAM || tipo == SOCK_DGRAM);
        EXIGIR(n_escrito[0] == 0 && n_escrito[1] == 0);
        for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
            palavras += argv[i][0] != '-' || argv[i][1] == '\0';
        EXIGIR(palavras <= 2); /* nenhuma opcao leva valor */
        achou = procurar_servidor();
        EXIGIR(achou == 0 || achou == -1);
        if (achou < 0) { /* contado em uma linha */
            EXIGIR(n_escrito[0] == 0 && n_escrito[1] > 0);
            EXIGIR(memchr(escrito[1], '\n', n_escrito[1]) ==
                   escrito[1] + n_escrito[1] - 1);
            EXIGIR(visivel_sem_controle(escrito[1], n_escrito[1] - 1, 0));
        } else {
            EXIGIR(servidor.sin_family == AF_INET);
            EXIGIR(ntohs(servidor.sin_port) == porta);
            EXIGIR(n_escrito[1] == 0);
        }
        return;
    }
    EXIGIR(codigo_de_saida == 0 || codigo_de_saida == 2);
    if (codigo_de_saida == 2) conferir_uso_errado("cliente: ");
    else EXIGIR(n_escrito[0] > 0 && n_escrito[1] == 0);
}

/* O que o terminal mostra de n bytes: cada linha com a marca. */
static size_t tela(char *destino, const char *dados, int n) {
    char linha[4 * MAIOR + 40], *p = destino;
    int i, ate;
    for (i = 0; i < n; i = ate + 1) {
        const char *lf = (const char *)memchr(dados + i, '\n', (size_t)(n - i));
        ate = lf ? (int)(lf - dados) : n;
        escapar(linha, sizeof linha, dados + i, ate - i, 0);
        p += sprintf(p, "servidor> %s\n", linha);
    }
    return (size_t)(p - destino);
}

/* 1 se ha uma fila de bytes iguais, que se contariam: o corte muda a conta. */
static int ha_fila(const char *dados, int n) {
    int i, iguais = 1;
    for (i = 1; i < n && iguais < 8; i++)
        iguais = dados[i] == dados[i - 1] ? iguais + 1 : 1;
    return iguais >= 8;
}

/* Como conversar_tcp. O resultado nao depende de onde a rede cortou, nem do que
 * veio antes. */
static void provar_tela(const char *dados, int n, int corte) {
    static char esperado[16 * MAIOR];
    size_t p = tela(esperado, dados, n);
    int i, k;
    esquecer_escrito();
    na_tela = 1;
    for (i = 0; i < n; i += k) {
        k = corte > 0 ? 1 + (i * 7 + corte) % corte : n;
        if (k > n - i) k = n - i;
        EXIGIR(mostrar(dados + i, k) == 0);
    }
    fechar_linha();
    if (!ha_fila(dados, n))
        EXIGIR(n_escrito[0] == p && memcmp(escrito[0], esperado, p) == 0);
    EXIGIR(visivel_sem_controle(escrito[0], n_escrito[0], 1));
    EXIGIR(n_escrito[1] == 0);
    na_tela = 0;
}

/* ---- A entrada, que chega em pedacos ---------------------------------- */

static char entrada_toda[400000];
static size_t n_entrada, lidos;

ssize_t nosso_read(int fd, void *p, size_t n) {
    size_t k = 1 + (size_t)proximo() * 300;
    EXIGIR(fd == 0);
    if (k > n) k = n;
    if (k > n_entrada - lidos) k = n_entrada - lidos;
    memcpy(p, entrada_toda + lidos, k);
    lidos += k;
    return (ssize_t)k;
}

/* Linhas de tamanhos sorteados, a ultima nem sempre com \n. */
static void inventar_entrada(void) {
    size_t t;
    int k, b;
    n_entrada = lidos = 0;
    for (k = 1 + proximo() % 24; k > 0; k--) {
        b = proximo(); /* poucos bytes, ou perto do maior datagrama */
        t = b < 251 ? (size_t)b : (size_t)(MAIOR_DATAGRAMA - 253 + b);
        if (t > sizeof entrada_toda - n_entrada - 8) break;
        memset(entrada_toda + n_entrada, 'a' + k, t);
        n_entrada += t;
        if (b == 250 && k == 1) {
            memcpy(entrada_toda + n_entrada, "\nsair", 5);
            n_entrada += 5;
        }
        if (k > 1 || proximo() % 2) entrada_toda[n_entrada++] = '\n';
    }
}

/* ---- Uma conversa UDP ------------------------------------------------- */

static unsigned long relogio;          /* ms */
static char pergunta[MAIOR_DATAGRAMA]; /* o ultimo sendto */
static int n_pergunta;
static int envios;             /* da linha em curso */
static size_t inicio_da_linha; /* em entrada_toda */
static int aceitas;
static int drenando; /* depois de sair, o que a entrada ainda tem */
static char anterior[MAIOR_DATAGRAMA]; /* a linha enviada antes desta */
static int n_anterior;
static struct mensagem em_duvida[DUVIDAS]; /* repetidas, ou sem resposta */
static int n_em_duvida;
static char mostrado[sizeof escrito[0]];
static size_t n_mostrado;

static struct {
    int ha, estranha, atrasada, n;
    char dados[MAIOR_DATAGRAMA];
    size_t n_erro; /* quanto havia em stderr antes dela */
} resposta;        /* a ultima que a rede entregou */

int nosso_clock_gettime(clockid_t qual, struct timespec *t) {
    EXIGIR(qual == CLOCK_MONOTONIC);
    t->tv_sec = (time_t)(relogio / 1000);
    t->tv_nsec = (long)(relogio % 1000) * 1000000;
    return 0;
}

int nosso_isatty(int fd) {
    EXIGIR(fd >= 0 && fd <= 2);
    return 0; /* um pipe: os bytes, exatamente; a tela tem a sua prova */
}

/* Onde acaba, com o seu \n, a linha que comeca em i. */
static size_t fim_da_linha(size_t i) {
    const char *lf =
        (const char *)memchr(entrada_toda + i, '\n', n_entrada - i);
    return lf ? (size_t)(lf - entrada_toda) + 1 : n_entrada;
}

static void acabou_a_linha(void) {
    memcpy(anterior, pergunta, (size_t)n_pergunta);
    n_anterior = n_pergunta;
    inicio_da_linha = fim_da_linha(inicio_da_linha);
    envios = 0;
}

/* O que o cliente fez da ultima resposta: ignorou ou mostrou, e devia? */
static void conferir_resposta(void) {
    const char *erro;
    size_t n;
    int ignorada;
    if (!resposta.ha) return;
    resposta.ha = 0;
    /* uma linha assim, e nao esses bytes nos dados que -v mostra */
    erro = escrito[1] + resposta.n_erro;
    n = n_escrito[1] - resposta.n_erro;
    ignorada = memmem(erro, n, "\nignorada: ", 11) != NULL ||
               (n >= 10 && memcmp(erro, "ignorada: ", 10) == 0);
    EXIGIR(ignorada == (resposta.estranha || resposta.atrasada));
    if (!ignorada) {
        aceitas++;
        memcpy(mostrado + n_mostrado, resposta.dados, (size_t)resposta.n);
        n_mostrado += (size_t)resposta.n;
        acabou_a_linha();
    }
    EXIGIR(n_escrito[0] == n_mostrado);
}

ssize_t nosso_sendto(int s, const void *dados, size_t n, int flags,
                     const struct sockaddr *e, socklen_t t) {
    const struct sockaddr_in *para = (const struct sockaddr_in *)e;
    size_t tamanho;
    if (drenando) {
        errno = ENETUNREACH;
        return -1;
    }
    conferir_resposta();
    if (envios == TENTATIVAS) acabou_a_linha(); /* ficou sem resposta */
    EXIGIR(s == 5 && flags == 0 && t == sizeof servidor);
    EXIGIR(memcmp(para, &servidor, sizeof servidor) == 0);
    tamanho = fim_da_linha(inicio_da_linha) - inicio_da_linha;
    EXIGIR(n == (tamanho > MAIOR_DATAGRAMA ? MAIOR_DATAGRAMA + 1 : tamanho));
    EXIGIR(memcmp(dados, entrada_toda + inicio_da_linha, n) == 0);
    if (n > MAIOR_DATAGRAMA) { /* e o sistema quem a recusa */
        EXIGIR(envios == 0);
        inicio_da_linha = fim_da_linha(inicio_da_linha);
        errno = EMSGSIZE;
        return -1;
    }
    EXIGIR(++envios <= TENTATIVAS);
    if (envios == 2) { /* ficou sem resposta uma vez */
        struct mensagem *m = &em_duvida[n_em_duvida++ % DUVIDAS];
        memcpy(m->bytes, dados, n);
        m->n = (int)n;
    }
    memcpy(pergunta, dados, n);
    n_pergunta = (int)n;
    if (proximo() == 255) { /* a rede nao aceitou: esta linha acabou */
        acabou_a_linha();
        errno = ENETUNREACH;
        return -1;
    }
    return (ssize_t)n;
}

int nosso_poll(struct pollfd *p, nfds_t n, int ms) {
    conferir_resposta();
    EXIGIR(n == 1 && p->fd == 5 && p->events == POLLIN);
    EXIGIR(ms >= 0 && ms <= ESPERA);
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
    int tipo = proximo(), r, i;
    EXIGIR(s == 5 && flags == 0 && n >= MAIOR_DATAGRAMA);
    *t = sizeof *de;
    *de = servidor;
    if (tipo % 8 == 0) {
        errno = ECONNRESET; /* como no Windows */
        return -1;
    }
    if (tipo % 8 == 1) de->sin_port++;
    if (tipo % 8 == 2) de->sin_addr.s_addr++;
    if (tipo % 8 == 3 && n_anterior > 0) { /* a da linha anterior */
        r = n_anterior;
        memcpy(dados, anterior, (size_t)r);
    } else if (tipo % 8 < 5) { /* outra qualquer */
        r = proximo() % 80;
        if ((size_t)r > resta_roteiro) r = (int)resta_roteiro;
        memcpy(dados, roteiro, (size_t)r);
        roteiro += r;
        resta_roteiro -= (size_t)r;
    } else {
        r = n_pergunta;
        memcpy(dados, pergunta, (size_t)r);
    }
    resposta.ha = 1;
    resposta.n = r;
    resposta.estranha = tipo % 8 < 3;
    resposta.atrasada = 0;
    for (i = 0; i < DUVIDAS && i < n_em_duvida; i++)
        if (r == em_duvida[i].n &&
            memcmp(dados, em_duvida[i].bytes, (size_t)r) == 0)
            resposta.atrasada = 1;
    if (r == n_pergunta && memcmp(dados, pergunta, (size_t)r) == 0)
        resposta.atrasada = 0;
    resposta.n_erro = n_escrito[1];
    memcpy(resposta.dados, dados, (size_t)r);
    return r;
}

static void provar_conversa(void) {
    size_t i;
    int saida, linhas = 0;
    rastro = proximo() % 4 == 0;
    passo_a_passo = 0;
    relogio = 4000000000UL;
    montar_endereco(&servidor, "127.0.0.1", 7777);
    inicio_da_linha = n_mostrado = 0;
    envios = aceitas = resposta.ha = n_anterior = 0;
    inventar_entrada();
    n_em_duvida = quantas_duvidas = 0;
    entrada_acabou = 0;
    saida = conversar_udp(5);
    conferir_resposta();
    for (i = 0; i < n_entrada; i = fim_da_linha(i)) {
        linhas++;
        if (e_sair(entrada_toda + i, (int)(fim_da_linha(i) - i))) break;
    }
    EXIGIR(aceitas <= linhas && saida == (aceitas == linhas ? 0 : 1));
    EXIGIR(memcmp(escrito[0], mostrado, n_mostrado) == 0);
    EXIGIR(visivel_sem_controle(escrito[1], n_escrito[1], 1));
    drenando = 1;
    lidos = n_entrada;
    conversar_udp(5);
    drenando = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *dados, size_t n) {
    if (!comecar(dados, n, MAIOR)) return 0;
    rastro = 0;
    switch (dados[0] % 3) {
    case 0: provar_opcoes(); break;
    case 1: provar_conversa(); break;
    default: /* duas vezes: a segunda e igual a primeira */
        provar_tela((const char *)dados + 2, (int)n - 2, dados[1] % 50);
        provar_tela((const char *)dados + 2, (int)n - 2, dados[1] % 50);
    }
    return 0;
}
