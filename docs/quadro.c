/*
 * quadro.c - o quadro da aula, preenchido por uma conversa de verdade: as
 * chamadas do cliente a esquerda, as do servidor a direita (make demo).
 *
 *   [SERVIDOR=programa] [CLIENTE=programa] [PAUSA=1] quadro [--svg] [parte...]
 *
 * As partes: tcp, udp e perda (UDP, e um datagrama se perde); sem nenhuma, as
 * tres. Com PAUSA=1 cada troca espera um ENTER. Com --svg, em vez de texto, a
 * figura de uma parte. Sai com 0 so se cada resposta foi igual ao que se
 * enviou.
 *
 * Cada linha e uma chamada que um dos programas fez e mostrou com -v; ou duas,
 * uma de cada lado, que nao dependem uma da outra. Os dois rastros chegam por
 * pipes diferentes, e a hora em que chegam nao diz o que veio antes: quem diz e
 * a causa. Uma chamada so entra no quadro quando o que a causou ja esta nele
 * (connect depois de listen, recv depois do send que enviou aqueles bytes), e
 * as de cada programa ficam na ordem em que ele as mostrou. E o "aconteceu
 * antes" de Lamport. Nada aqui dorme nem adivinha.
 *
 * Cada parte cabe, com o pedido de ENTER, em uma tela de 24 linhas.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LIMITE     120 /* segundos que uma resposta pode levar */
#define TENTATIVAS 500 /* servidores, ate que o primeiro datagrama se perca */
#define LARGURA    35  /* colunas do texto de cada lado */
#define EVENTOS    200 /* de cada lado, em uma parte */
#define TEXTO      256 /* bytes do que se escreve de uma chamada */

enum { CLIENTE, SERVIDOR, LADOS };

enum {
    INICIO, /* WSAStartup, WSACleanup */
    SOCKET,
    BIND,
    LISTEN,
    ACCEPT,
    CONNECT,
    SEND,
    RECV,
    SENDTO,
    RECVFROM,
    SHUTDOWN,
    CLOSE,
    NOTA, /* nao e chamada: o que o programa contou, ou o que fizemos */
    CHAMADAS
};

/* As chamadas do rastro e o passo da aula; 0: a aula nao as numera. */
static const struct {
    const char *nome;
    int qual, passo;
} chamadas[] = {
    {"WSAStartup", INICIO, 0}, {"WSACleanup", INICIO, 0},
    {"socket", SOCKET, 1},     {"bind", BIND, 1},
    {"listen", LISTEN, 1},     {"accept", ACCEPT, 2},
    {"connect", CONNECT, 2},   {"send", SEND, 3},
    {"recv", RECV, 3},         {"sendto", SENDTO, 3},
    {"recvfrom", RECVFROM, 3}, {"shutdown", SHUTDOWN, 4},
    {"close", CLOSE, 4},       {"closesocket", CLOSE, 4},
};

struct evento {
    int qual, passo;
    long resultado;    /* o que a chamada devolveu */
    char texto[TEXTO]; /* como vai para o quadro */
    const char *tecla; /* a que o causou: "Ctrl-C"; ou NULL */
};

/* Um contador por chamada que deu certo, e os bytes de send e recv. */
struct conta {
    int vezes[CHAMADAS];
    long enviados, recebidos;
    int fim_enviado, fim_recebido; /* shutdown (ou close); recv = 0 */
};

/* Um dos programas, e o que se sabe dele. */
static struct lado {
    char comando[TEXTO];
    pid_t pid;                   /* 0: nao esta no ar */
    int fala;                    /* pipe: rastro e mensagens; -1: acabou */
    char pedaco[8192];           /* a linha que ainda nao chegou toda */
    int tem;                     /* bytes dela */
    struct evento fila[EVENTOS]; /* na ordem em que ele os mostrou */
    int lidos, mostrados;        /* na fila; ja no quadro */
    int limite;                  /* ate onde, por ora, se mostra */
    struct conta lida, mostrada; /* o mesmo, em contas */
    int na_ida, na_volta;        /* servidor: o que -x perdeu */
    char queixa[TEXTO];          /* a ultima linha que nao e rastro */
    const char *tecla;           /* que se digitou, e ainda nao se viu agir */
} lados[LADOS], *const cliente = &lados[CLIENTE],
                       *const servidor = &lados[SERVIDOR];

static const char *const nomes[] = {"cliente", "servidor"};

static int entrada = -1;  /* o teclado do cliente */
static int resposta = -1; /* o stdout do cliente */
static char digitado[TEXTO], respondido[TEXTO];
static int n_digitado, n_respondido;
static int udp, porta, certas;

static FILE *saida;  /* do quadro: stdout ou, com --svg, um arquivo a parte */
static int svg;      /* --svg: a figura no lugar do texto */
static int pausa;    /* PAUSA=1 */
static int n_linhas; /* desta parte, ja desenhadas */

static void matar(void) {
    int i;
    for (i = 0; i < LADOS; i++)
        if (lados[i].pid > 0) kill(lados[i].pid, SIGKILL);
}

static void ao_sinal(int sinal) {
    matar();
    _exit(128 + sinal);
}

static void falhar(const char *formato, ...) {
    va_list valores;
    int i;
    fflush(stdout);
    fprintf(stderr, "demo: FALHOU: ");
    va_start(valores, formato);
    vfprintf(stderr, formato, valores);
    va_end(valores);
    fprintf(stderr, "\n");
    for (i = 0; i < LADOS; i++)
        if (lados[i].queixa[0])
            fprintf(stderr, "    o %s disse: %s\n", nomes[i], lados[i].queixa);
    matar();
    exit(1);
}

/* ---- Ler o rastro ----------------------------------------------------- */

/* O fim do argumento que comeca em p: a virgula, ou o parentese que fecha a
 * chamada; o que esta entre aspas, chaves ou parenteses nao conta. NULL se a
 * linha acaba antes. */
static const char *fim_do_argumento(const char *p) {
    int dentro = 0, aspas = 0;
    for (; *p; p++) {
        if (aspas) {
            if (*p == '\\' && p[1]) p++; /* \" e \\ nao fecham as aspas */
            else if (*p == '"') aspas = 0;
        } else if (*p == '"') aspas = 1;
        else if (dentro == 0 && (*p == ',' || *p == ')')) return p;
        else if (strchr("{[(", *p)) dentro++;
        else if (strchr("}])", *p)) dentro--;
    }
    return NULL;
}

/* O endereco de um argumento, {AF_INET, htons(7777), "127.0.0.1"}, em curto:
 * 127.0.0.1:7777; com so_porta, :7777. Se nao e um endereco, "...". */
static void encurtar(char *destino, size_t cabe, const char *argumento,
                     int so_porta) {
    const char *n = strstr(argumento, "htons("), *ip, *depois;
    snprintf(destino, cabe, "...");
    if (argumento[0] != '{' || !n) return;
    ip = strchr(n, '"');
    depois = ip ? strchr(ip + 1, '"') : NULL;
    if (!depois) return;
    snprintf(destino, cabe, "%.*s:%d", so_porta ? 0 : (int)(depois - ip - 1),
             ip + 1, atoi(n + 6));
}

/* Colunas que um texto em UTF-8 ocupa. */
static int colunas(const char *p) {
    int n = 0;
    for (; *p; p++)
        if ((*p & 0xC0) != 0x80) n++;
    return n;
}

/* Faz o texto de uma chamada caber em n colunas: primeiro sem os espacos; se
 * nao basta, cortado no fim. */
static void caber(char *texto, int n) {
    char *p, *q = texto;
    int aspas = 0;
    if (colunas(texto) <= n) return;
    for (p = texto; *p; p++) {
        if (*p == '"' && p[-1] != '\\') aspas = !aspas;
        if (*p != ' ' || aspas) *q++ = *p;
    }
    *q = '\0';
    if (colunas(texto) <= n) return;
    for (p = texto; *p && n > 4; n--) do
            p++;
        while ((*p & 0xC0) == 0x80);
    strcpy(p, "...)");
}

/* Escreve em e->texto a chamada, com os argumentos que cabem no quadro. */
static void resumir(struct evento *e, const char *nome, char a[][TEXTO], int n,
                    const char *resultado) {
    char curto[64], texto[8 * TEXTO + 64]; /* os argumentos inteiros */
    int i, m;
    if (e->qual == BIND || e->qual == CONNECT || e->qual == ACCEPT) {
        encurtar(curto, sizeof curto, n > 1 ? a[1] : "", 0);
        m = sprintf(texto, "%s(%s, %s)", nome, a[0], curto);
    } else if (e->qual == SENDTO || e->qual == RECVFROM) {
        encurtar(curto, sizeof curto, n > 4 ? a[4] : "", 1);
        m = e->resultado < 0
                ? sprintf(texto, "%s(%s, ...)", nome, a[0])
                : sprintf(texto, "%s(%s, %s, %s)", nome, a[0], a[1], curto);
    } else if (strcmp(nome, "WSAStartup") == 0) {
        m = sprintf(texto, "%s(%s, ...)", nome, a[0]);
    } else {
        m = sprintf(texto, "%s(", nome);
        for (i = 0; i < n; i++)
            m += sprintf(texto + m, "%s%s", i ? ", " : "", a[i]);
        m += sprintf(texto + m, ")");
    }
    caber(texto, LARGURA - colunas(resultado));
    snprintf(e->texto, TEXTO, "%.200s%.50s", texto, resultado);
}

/* Uma linha do rastro, nome(argumentos) = resultado, vira um evento. 1; ou 0
 * se a linha e outra coisa. */
static int ler_chamada(const char *linha, struct evento *e) {
    static char a[8][TEXTO];
    const char *p = strchr(linha, '('), *f;
    size_t i, total = sizeof chamadas / sizeof *chamadas;
    int n = 0;
    if (!p) return 0;
    for (i = 0; i < total; i++)
        if (strlen(chamadas[i].nome) == (size_t)(p - linha) &&
            strncmp(linha, chamadas[i].nome, p - linha) == 0)
            break;
    if (i == total) return 0;
    a[0][0] = '\0';
    do {
        p += p[1] == ' ' ? 2 : 1;
        f = fim_do_argumento(p);
        if (!f || n == 8) return 0;
        snprintf(a[n++], TEXTO, "%.*s", (int)(f - p), p);
        p = f;
    } while (*p == ',');
    if (strncmp(p, ") = ", 4) != 0) return 0;
    e->qual = chamadas[i].qual;
    e->passo = chamadas[i].passo;
    e->resultado = strtol(p + 4, NULL, 10);
    if (e->resultado > 1000000L) return 0; /* nenhuma devolve tanto */
    resumir(e, chamadas[i].nome, a, n, p + 1);
    return 1;
}

static void contar(struct conta *c, const struct evento *e) {
    if (e->resultado < 0) return;
    c->vezes[e->qual]++;
    if (e->qual == SEND) c->enviados += e->resultado;
    if (e->qual == RECV) c->recebidos += e->resultado;
    if (e->qual == RECV && e->resultado == 0) c->fim_recebido = 1;
    if (e->qual == SHUTDOWN || e->qual == CLOSE) c->fim_enviado = 1;
}

static void guardar(struct lado *l, const struct evento *e) {
    if (l->lidos == EVENTOS)
        falhar("o %s nao para de chamar", nomes[l - lados]);
    l->fila[l->lidos] = *e;
    l->fila[l->lidos++].tecla = l->tecla;
    l->tecla = NULL;
    contar(&l->lida, e);
}

/* O que nao e chamada, mas faz parte da historia. */
static void anotar(struct lado *l, const char *texto) {
    struct evento e;
    memset(&e, 0, sizeof e);
    e.qual = NOTA;
    snprintf(e.texto, TEXTO, "(%s)", texto);
    guardar(l, &e);
}

/* Uma linha que o programa escreveu. */
static void ler_linha(struct lado *l, const char *linha) {
    struct evento e;
    memset(&e, 0, sizeof e);
    if (ler_chamada(linha, &e)) {
        guardar(l, &e);
        return;
    }
    if (linha[0] == ' ' || linha[0] == '\0') return; /* os 16 bytes */
    snprintf(l->queixa, TEXTO, "%s", linha);
    if (l == cliente) {
        if (strstr(linha, "sem resposta em "))
            anotar(l, "1 s sem resposta: envia de novo");
    } else if (strstr(linha,
                      "(-x): ")) { /* um datagrama perdido de proposito */
        int volta = strstr(linha, "volta (-x): ") != NULL;
        *(volta ? &l->na_volta : &l->na_ida) += 1;
        anotar(l, volta ? "-x: a resposta se perde"
                        : "-x: finge que n\303\243o chegou");
    } else if (strncmp(linha, "servidor ", 9) == 0 && strchr(linha, ':')) {
        porta = atoi(strrchr(linha, ':') + 1); /* ... em 127.0.0.1:46176 */
    }
}

/* Le o que houver na fala de um dos lados e separa em linhas. */
static void ouvir(struct lado *l) {
    char *p, *f;
    int n =
        (int)read(l->fala, l->pedaco + l->tem, sizeof l->pedaco - l->tem - 1);
    if (n <= 0) {
        if (n < 0 && errno == EINTR) return;
        close(l->fala);
        l->fala = -1;
        return;
    }
    l->tem += n;
    l->pedaco[l->tem] = '\0';
    for (p = l->pedaco; (f = strchr(p, '\n')); p = f + 1) {
        *f = '\0';
        if (f > p && f[-1] == '\r') f[-1] = '\0';
        ler_linha(l, p);
    }
    l->tem -= (int)(p - l->pedaco);
    memmove(l->pedaco, p, l->tem);
    if (l->tem == (int)sizeof l->pedaco - 1) l->tem = 0; /* linha sem fim */
}

static void ler_resposta(void) {
    int n = (int)read(resposta, respondido + n_respondido,
                      sizeof respondido - n_respondido);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) {
        close(resposta);
        resposta = -1;
    } else n_respondido += n;
    if (n_respondido > n_digitado ||
        memcmp(digitado, respondido, n_respondido) != 0)
        falhar("a resposta nao e o que se enviou");
}

/* Le o que os programas escreverem a seguir, a espera de que venha o_que. */
static void esperar(const char *o_que) {
    struct pollfd p[3];
    int i;
    p[0].fd = cliente->fala;
    p[1].fd = servidor->fala;
    p[2].fd = resposta;
    for (i = 0; i < 3; i++) p[i].events = POLLIN, p[i].revents = 0;
    for (i = 0; i < LADOS; i++)
        if (lados[i].pid && lados[i].fala < 0)
            falhar("o %s terminou, e faltou: %s", nomes[i], o_que);
    if (poll(p, 3, LIMITE * 1000) == 0)
        falhar("em %d segundos nao veio: %s", LIMITE, o_que);
    if (p[0].revents) ouvir(cliente);
    if (p[1].revents) ouvir(servidor);
    if (p[2].revents) ler_resposta();
}

/* ---- A ordem: causa e efeito ------------------------------------------ */

/* O proximo evento do lado i pode vir: o que o causou ja esta no quadro. */
static int pode(int i) {
    const struct evento *e = &lados[i].fila[lados[i].mostrados];
    const struct conta *meu = &lados[i].mostrada;
    const struct conta *dele = &lados[!i].mostrada;
    if (lados[i].mostrados >= lados[i].limite) return 0;
    if (e->resultado < 0) return 1; /* falhou: nao depende do outro */
    switch (e->qual) {
    case CONNECT: return dele->vezes[LISTEN] > 0;
    case ACCEPT: return dele->vezes[CONNECT] > meu->vezes[ACCEPT];
    case SENDTO: return i == SERVIDOR || dele->vezes[BIND] > 0;
    case RECVFROM: return dele->vezes[SENDTO] > meu->vezes[RECVFROM];
    case RECV:
        if (e->resultado == 0) return dele->fim_enviado;
        return dele->enviados >= meu->recebidos + e->resultado;
    }
    return 1;
}

static int ligado(const struct conta *c) { /* em TCP */
    return c->vezes[CONNECT] + c->vezes[ACCEPT] > 0;
}

/* 1 se ha a caminho algo que o lado i enviou e o outro ainda nao recebeu. */
static int a_caminho(int i) {
    const struct conta *c = &lados[i].mostrada, *d = &lados[!i].mostrada;
    return c->enviados > d->recebidos ||
           c->vezes[SENDTO] > d->vezes[RECVFROM] ||
           (c->fim_enviado && ligado(c) && !d->fim_recebido);
}

/* A seta do proximo evento do lado i: a que sai dele, a que chega a ele, a que
 * vai para a fila de listen, a da tecla que o causou. */
enum { NENHUMA, SAI, CHEGA, FILA, TECLA };
static int seta_do_proximo(int i) {
    const struct evento *e = &lados[i].fila[lados[i].mostrados];
    const struct conta *meu = &lados[i].mostrada;
    if (e->tecla) return TECLA;
    if (e->resultado < 0) return NENHUMA;
    switch (e->qual) {
    case CONNECT: return FILA;
    case SEND:
    case SENDTO: return SAI;
    case RECV:
    case RECVFROM: return CHEGA;
    case SHUTDOWN:
    case CLOSE: /* o fim: sai uma vez, se o outro ja nao encerrou */
        return ligado(meu) && !meu->fim_enviado &&
                       !lados[!i].mostrada.fim_recebido
                   ? SAI
                   : NENHUMA;
    }
    return NENHUMA;
}

static void desenhar(const int vem[LADOS]);

/* Poe no quadro tudo o que ja se leu. De dois eventos que poderiam vir agora,
 * primeiro a chegada do que acaba de ser enviado; depois, o cliente. Dois sem
 * seta nao dependem um do outro: vao na mesma linha. */
static void mostrar(void) {
    static int ultimo = SERVIDOR;
    while (1) {
        int vem[LADOS], c, s;
        vem[CLIENTE] = pode(CLIENTE);
        vem[SERVIDOR] = pode(SERVIDOR);
        if (!vem[CLIENTE] && !vem[SERVIDOR]) break;
        if (vem[CLIENTE] && vem[SERVIDOR]) {
            c = seta_do_proximo(CLIENTE);
            s = seta_do_proximo(SERVIDOR);
            if (c != NENHUMA || s != NENHUMA) {
                ultimo = s == CHEGA && (c != CHEGA || ultimo == CLIENTE)
                             ? SERVIDOR
                             : CLIENTE;
                vem[!ultimo] = 0;
            }
        } else ultimo = vem[CLIENTE] ? CLIENTE : SERVIDOR;
        desenhar(vem);
    }
    fflush(saida);
    if (ferror(saida)) falhar("a saida nao aceita o quadro");
}

/* ---- Desenhar --------------------------------------------------------- */
/* Uma linha do quadro. As colunas: 2, o passo do cliente; 4 a 38, a chamada
 * dele; 39, as setas que vem para o cliente; 40, as que vao para o servidor;
 * 44 a 78, a chamada do servidor; 80, o passo dele. Uma seta sai de um send e
 * chega ao recv que recebe os bytes; o | e ela a caminho.                  */

struct traco {
    const struct evento *e[LADOS]; /* os desta linha; NULL: nenhum */
    int seta[LADOS];
    int antes[LADOS];  /* ha seta deste lado que vem de cima */
    int depois[LADOS]; /* ha, e segue para baixo */
};
static const int coluna_do_texto[] = {4, 44}, coluna_do_passo[] = {2, 80},
                 coluna_da_seta[] = {40, 39}; /* da que sai deste lado */
#define NA_FILA "(na fila de listen)"

static char linha[81][5]; /* o caractere de cada coluna, a partir da 1 */

/* Escreve na linha, a partir da coluna; devolve a coluna depois do texto. */
static int por(int coluna, const char *texto) {
    while (*texto && coluna <= 80) {
        int n = 1; /* bytes do caractere */
        while ((texto[n] & 0xC0) == 0x80) n++;
        sprintf(linha[coluna++], "%.*s", n, texto);
        texto += n;
    }
    return coluna;
}

static void tracejar(int de, int ate) { /* a seta que passa fica por cima */
    for (; de <= ate; de++)
        if (linha[de][0] == ' ') linha[de][0] = '-';
}

static void linha_de_texto(const struct traco *t) {
    int i, ultima, fim[LADOS]; /* a coluna depois do texto de cada lado */
    for (i = 1; i <= 80; i++) strcpy(linha[i], " ");
    for (i = 0; i < LADOS; i++) {
        char passo[] = " ";
        if (t->antes[i] && t->depois[i]) por(coluna_da_seta[i], "|");
        if (!t->e[i]) continue;
        if (t->e[i]->passo) passo[0] = (char)('0' + t->e[i]->passo);
        por(coluna_do_passo[i], passo);
        fim[i] = por(coluna_do_texto[i], t->e[i]->texto);
    }
    switch (t->seta[CLIENTE]) {
    case SAI: tracejar(fim[CLIENTE] + 1, 39), por(40, "."); break;
    case CHEGA:
        tracejar(por(fim[CLIENTE] + 1, "<"), 38);
        por(39, "'");
        break;
    case FILA:
        tracejar(fim[CLIENTE] + 1, 41);
        por(por(42, "> "), NA_FILA);
        break;
    case TECLA: por(por(fim[CLIENTE], " <- "), t->e[CLIENTE]->tecla);
    }
    switch (t->seta[SERVIDOR]) {
    case SAI: por(39, "."), tracejar(40, 42); break;
    case CHEGA: por(40, "'->"); break;
    case TECLA: por(por(34, t->e[SERVIDOR]->tecla), " ->");
    }
    for (ultima = 80; linha[ultima][0] == ' ';) ultima--;
    for (i = 1; i <= ultima; i++) fputs(linha[i], saida);
    fprintf(saida, "\n");
}

/* O mesmo em SVG: 9 unidades por coluna, 22 por linha. */
#define X(coluna) ((coluna)*9 - 4)
#define TOPO      82
#define ALTURA    22

static void texto_svg(int x, int y, const char *classe, const char *texto) {
    fprintf(saida, "<text class=\"%s\" x=\"%d\" y=\"%d\">", classe, x, y);
    for (; *texto; texto++) {
        if (*texto == '&') fprintf(saida, "&amp;");
        else if (*texto == '<') fprintf(saida, "&lt;");
        else if (*texto == '>') fprintf(saida, "&gt;");
        else putc(*texto, saida);
    }
    fprintf(saida, "</text>\n");
}

/* Um risco, na horizontal (H) ou na vertical (V), ate a coordenada. */
static void risco_svg(int x, int y, char sentido, int ate) {
    fprintf(saida, "<path class=\"seta\" d=\"M%d %d%c%d\"/>\n", x, y, sentido,
            ate);
}

static void seta_svg(int de, int ate, int y) {
    int dx = ate > de ? -8 : 8;
    risco_svg(de, y, 'H', ate + dx);
    fprintf(saida, "<path class=\"ponta\" d=\"M%d %dl%d -5v10z\"/>\n", ate, y,
            dx);
}

static void linha_de_svg(const struct traco *t) {
    int y = TOPO + n_linhas * ALTURA, meio = y - 5, i;
    for (i = 0; i < LADOS; i++) {
        int de = t->antes[i] ? meio - ALTURA / 2 : meio;
        int ate = t->depois[i] ? meio + ALTURA / 2 : meio;
        if (ate > de) risco_svg(X(coluna_da_seta[i]) + 4, de, 'V', ate);
    }
    for (i = 0; i < LADOS; i++) {
        const struct evento *e = t->e[i];
        int saio = X(coluna_da_seta[i]) + 4, chego = X(coluna_da_seta[!i]) + 4;
        int beira; /* de onde a seta sai, e onde chega */
        char passo[] = " ";
        if (!e) continue;
        beira = i == SERVIDOR ? X(44) - 4 : X(4 + colunas(e->texto)) + 2;
        switch (t->seta[i]) {
        case SAI: risco_svg(beira, meio, 'H', saio); break;
        case CHEGA: seta_svg(chego, beira, meio); break;
        case FILA:
            seta_svg(beira, X(43), meio);
            texto_svg(X(44), y, "nota", NA_FILA);
            break;
        case TECLA:
            seta_svg(i == SERVIDOR ? X(41) : beira + 22, beira, meio);
            texto_svg(i == SERVIDOR ? X(34) : beira + 28, y, "nota", e->tecla);
        }
        texto_svg(X(coluna_do_texto[i]), y, e->qual == NOTA ? "nota" : nomes[i],
                  e->texto);
        if (!e->passo) continue;
        passo[0] = (char)('0' + e->passo);
        texto_svg(X(coluna_do_passo[i]), y, "passo", passo);
    }
}

/* Uma linha, com o proximo evento de cada lado que vem: ve que setas saem,
 * chegam e passam, e conta os eventos. */
static void desenhar(const int vem[LADOS]) {
    struct traco t;
    int i;
    memset(&t, 0, sizeof t);
    for (i = 0; i < LADOS; i++) {
        t.antes[i] = a_caminho(i);
        if (!vem[i]) continue;
        t.seta[i] = seta_do_proximo(i);
        t.e[i] = &lados[i].fila[lados[i].mostrados];
    }
    for (i = 0; i < LADOS; i++)
        if (vem[i]) contar(&lados[i].mostrada, t.e[i]), lados[i].mostrados++;
    for (i = 0; i < LADOS; i++) t.depois[i] = a_caminho(i);
    if (svg) linha_de_svg(&t);
    else linha_de_texto(&t);
    n_linhas++;
}

/* O alto do quadro: o titulo e o que se digitou em cada terminal. */
static void comecar_quadro(const char *titulo) {
    static int partes;
    n_linhas = 0;
    if (svg) {
        texto_svg(X(4), 24, "titulo", titulo);
        texto_svg(X(4), 48, "cliente", cliente->comando);
        texto_svg(X(44), 48, "servidor", servidor->comando);
        return;
    }
    fprintf(saida, "%s%s\n", partes++ ? "\n" : "", titulo);
    fprintf(saida, "   %-40.39s%.37s\n", cliente->comando, servidor->comando);
}

static void copiar_svg(const char *titulo) {
    int c;
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 740 %d\" "
           "role=\"img\" aria-labelledby=\"t d\">\n"
           "<title id=\"t\">%s</title>\n"
           "<desc id=\"d\">As chamadas de uma conversa de verdade, na ordem "
           "de causa e efeito: as do cliente na esquerda, as do servidor na "
           "direita, com o passo da aula nas margens e uma seta de cada envio "
           "para quem o recebe.</desc>\n"
           "<style>\n"
           "text { font: 15px \"DejaVu Sans Mono\", Menlo, Consolas, "
           "\"Liberation Mono\", monospace; white-space: pre; }\n"
           ".fundo { fill: #1b2330; }\n"
           ".titulo { fill: #e6edf3; font-weight: bold; }\n"
           ".cliente { fill: #8cc8ff; }\n"
           ".servidor { fill: #8ee28e; }\n"
           ".nota { fill: #a9bccd; }\n"
           ".passo { fill: #ffd866; font-weight: bold; }\n"
           ".seta { stroke: #ffd866; stroke-width: 2; fill: none; }\n"
           ".ponta { fill: #ffd866; }\n"
           "</style>\n"
           "<rect class=\"fundo\" width=\"740\" height=\"%d\" rx=\"8\"/>\n",
           TOPO + n_linhas * ALTURA, titulo, TOPO + n_linhas * ALTURA);
    rewind(saida);
    while ((c = getc(saida)) != EOF) putchar(c);
    printf("</svg>\n");
}

/* ---- Os programas ----------------------------------------------------- */

static void criar_pipe(int p[2]) {
    if (pipe(p) < 0) falhar("pipe: %s", strerror(errno));
    fcntl(p[0], F_SETFD, FD_CLOEXEC);
    fcntl(p[1], F_SETFD, FD_CLOEXEC);
}

/* Poe no ar um dos programas. le: de onde; escreve: para onde vai o stdout (-1:
 * para o mesmo pipe do rastro). */
static void lancar(struct lado *l, int le, int escreve) {
    int p[2];
    criar_pipe(p);
    fflush(stdout);
    l->pid = fork();
    if (l->pid < 0) falhar("fork: %s", strerror(errno));
    if (l->pid == 0) {
        char texto[TEXTO + 8];
        snprintf(texto, sizeof texto, "exec %s", l->comando);
        dup2(le, 0);
        dup2(escreve < 0 ? p[1] : escreve, 1);
        dup2(p[1], 2);
        signal(SIGPIPE, SIG_DFL);
        execl("/bin/sh", "sh", "-c", texto, (char *)NULL);
        _exit(127);
    }
    close(p[1]);
    l->fala = p[0];
}

static const char *do_ambiente(const char *nome, const char *padrao) {
    const char *p = getenv(nome);
    return p && *p ? p : padrao;
}

/* Poe o servidor no ar; e so entao se sabe o que se digita no cliente. */
static void ligar_servidor(const char *opcoes, const char *do_cliente) {
    int nada = open("/dev/null", O_RDONLY);
    fcntl(nada, F_SETFD, FD_CLOEXEC);
    porta = 0;
    snprintf(servidor->comando, TEXTO, "%s %s 0",
             do_ambiente("SERVIDOR", "./servidor"), opcoes);
    lancar(servidor, nada, -1);
    close(nada);
    while (porta == 0) esperar("a porta em que o servidor escuta");
    snprintf(cliente->comando, TEXTO, "%s %s 127.0.0.1 %d",
             do_ambiente("CLIENTE", "./cliente"), do_cliente, porta);
}

static void ligar_cliente(void) {
    char texto[64];
    int ida[2], volta[2];
    sprintf(texto, "porta 0: o sistema deu a %d", porta);
    anotar(servidor, texto);
    criar_pipe(ida);
    criar_pipe(volta);
    lancar(cliente, ida[0], volta[1]);
    close(ida[0]);
    close(volta[1]);
    entrada = ida[1];
    resposta = volta[0];
}

/* O que se digita no terminal do cliente. */
static void digitar(const char *linha) {
    int n = (int)strlen(linha);
    memcpy(digitado + n_digitado, linha, n);
    n_digitado += n;
    if (write(entrada, linha, n) != n)
        falhar("o cliente nao le o que se digita");
}

/* O programa mostrou o seu ultimo close: recolhe o codigo de saida, que tem de
 * ser 0, e o que ainda esta no pipe. Nao espera o fim do pipe: sob o Wine,
 * outro processo o mantem aberto. */
static void recolher(struct lado *l) {
    int estado, codigo;
    alarm(LIMITE);
    while (waitpid(l->pid, &estado, 0) < 0)
        if (errno != EINTR) break;
    alarm(0);
    l->pid = 0;
    codigo = WIFEXITED(estado) ? WEXITSTATUS(estado) : 128 + WTERMSIG(estado);
    if (l->fala >= 0) fcntl(l->fala, F_SETFL, O_NONBLOCK);
    while (l->fala >= 0) ouvir(l);
    if (codigo != 0)
        falhar("o %s saiu com codigo %d", nomes[l - lados], codigo);
}

static void fechar(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* Tudo como no comeco de uma parte; se ha programas no ar, morrem. */
static void limpar(void) {
    int i;
    matar();
    for (i = 0; i < LADOS; i++) {
        if (lados[i].pid > 0) waitpid(lados[i].pid, NULL, 0);
        fechar(&lados[i].fala);
    }
    memset(lados, 0, sizeof lados);
    cliente->fala = servidor->fala = -1;
    fechar(&entrada);
    fechar(&resposta);
    n_digitado = n_respondido = 0;
}

/* ---- As tres conversas ------------------------------------------------ */

/* Com PAUSA=1 espera um ENTER; se a entrada acaba, nao espera mais. Em um
 * terminal Ctrl-D vale um ENTER (o pedido pode falar dele), e o pedido depois
 * se apaga: o quadro fica inteiro. */
static void pausar(const char *o_que) {
    int apagar = isatty(0) && isatty(1);
    char c = 0;
    int r = 1;
    if (!pausa) return;
    if (apagar) tcflush(0, TCIFLUSH); /* so vale um ENTER dado agora */
    fprintf(saida, "   ENTER: %s%s", o_que, apagar ? " " : "\n");
    fflush(saida);
    while (r == 1 && c != '\n') r = (int)read(0, &c, 1);
    if (r != 1 && !isatty(0)) pausa = 0;
    if (apagar) fprintf(saida, r == 1 ? "\033[1A\033[2K" : "\r\033[2K");
}

/* Mostra tudo o que se leu. */
static void mostrar_tudo(void) {
    cliente->limite = cliente->lidos;
    servidor->limite = servidor->lidos;
    mostrar();
}

static int perdidos(void) { return servidor->na_ida + servidor->na_volta; }

/* A troca acabou: tudo o que se enviou voltou. Em UDP -x pode ter perdido um
 * datagrama, na ida ou na volta. */
static int voltou(void) {
    const struct conta *c = &cliente->lida, *s = &servidor->lida;
    if (n_respondido < n_digitado) return 0;
    if (!udp)
        return c->enviados == n_digitado && s->enviados == n_digitado &&
               c->recebidos == n_digitado;
    return c->vezes[RECVFROM] > 0 && s->vezes[RECVFROM] == c->vezes[SENDTO] &&
           s->vezes[SENDTO] + perdidos() == c->vezes[SENDTO];
}

/* Espera o fim do cliente, depois de sair ou de Ctrl-D. */
static void despedir(void) {
    while (!cliente->lida.vezes[CLOSE]) esperar("o close do cliente");
    recolher(cliente);
    while (!voltou() ||
           servidor->lida.vezes[CLOSE] < servidor->lida.vezes[ACCEPT])
        esperar("o close da conversa");
    mostrar_tudo();
}

/* Ctrl-C no servidor; e nada pode ficar fora do quadro. */
static void encerrar(void) {
    int i;
    pausar("Ctrl-C no servidor");
    servidor->tecla = "Ctrl-C";
    kill(servidor->pid, SIGINT);
    while (servidor->lida.vezes[CLOSE] <= servidor->lida.vezes[ACCEPT])
        esperar("o close do servidor");
    recolher(servidor);
    mostrar_tudo();
    for (i = 0; i < LADOS; i++)
        if (lados[i].mostrados < lados[i].lidos)
            falhar("o rastro do %s mostra um efeito sem causa: %s", nomes[i],
                   lados[i].fila[lados[i].mostrados].texto);
}

#define OLA "ol\303\241\n"

/* TCP, ou UDP: uma linha, sair, e Ctrl-C no servidor. */
static void conversar(const char *titulo) {
    limpar();
    ligar_servidor(udp ? "-u -v" : "-n 1 -v", udp ? "-u -v" : "-v");
    comecar_quadro(titulo);
    mostrar_tudo();
    pausar("come\303\247a o cliente");
    ligar_cliente();
    while (udp ? !cliente->lida.vezes[SOCKET]
               : !cliente->lida.vezes[CONNECT] || !servidor->lida.vezes[ACCEPT])
        esperar("a conexao");
    mostrar_tudo();
    pausar("o cliente digita ol\303\241");
    digitar(OLA);
    while (!voltou()) esperar("a resposta");
    mostrar_tudo();
    certas++;
    pausar("o cliente digita sair");
    digitar("sair\n");
    despedir();
    certas++;
    encerrar();
}

/* Uma conversa com perdas. 1 se o primeiro datagrama se perdeu na ida e o
 * segundo nao; antes[]: quanto se tinha lido antes de digitar. */
static int sortear(int antes[LADOS]) {
    limpar();
    ligar_servidor("-u -v -x 30", "-u -v");
    antes[SERVIDOR] = servidor->lidos;
    ligar_cliente();
    while (!cliente->lida.vezes[SOCKET]) esperar("o socket do cliente");
    antes[CLIENTE] = cliente->lidos;
    digitar(OLA);
    while (!perdidos() && !servidor->lida.vezes[SENDTO]) esperar("o datagrama");
    if (!servidor->na_ida) return 0;
    while (perdidos() == 1 && !voltou()) esperar("a segunda tentativa");
    return perdidos() == 1;
}

static void perder(const char *titulo) {
    int antes[LADOS], i = 0, aviso = isatty(1) && !svg;
    if (aviso) {
        printf("   (espere: procura-se uma conversa em que ele se perca)");
        fflush(stdout);
    }
    while (!sortear(antes))
        if (++i == TENTATIVAS)
            falhar("em %d servidores, nenhum perdeu so o primeiro", i);
    if (aviso) printf("\r\033[2K");
    comecar_quadro(titulo);
    servidor->limite = antes[SERVIDOR];
    mostrar();
    servidor->limite = servidor->lidos;
    pausar("come\303\247a o cliente (a conversa j\303\241 foi; reveja-a)");
    cliente->limite = antes[CLIENTE];
    mostrar();
    pausar("o cliente digita ol\303\241");
    mostrar_tudo();
    certas++;
    pausar("Ctrl-D no cliente");
    cliente->tecla = "Ctrl-D";
    fechar(&entrada);
    despedir();
    encerrar();
}

static const struct {
    const char *nome, *titulo;
} partes[] = {
    {"tcp", "TCP: uma conex\303\243o, um fluxo de bytes (nas margens, os "
            "passos da aula)"},
    {"udp", "UDP: sem conex\303\243o, cada mensagem \303\251 um datagrama"},
    {"perda", "UDP: o servidor finge que um datagrama se perdeu (-x); o "
              "cliente o repete"},
};

static void apresentar(int parte) {
    udp = parte > 0;
    if (parte == 2) perder(partes[parte].titulo);
    else conversar(partes[parte].titulo);
    if (svg) copiar_svg(partes[parte].titulo);
    limpar();
}

static void esgotar(int sinal) {
    (void)sinal;
    falhar("em %d segundos um programa nao terminou", LIMITE);
}

int main(int argc, char **argv) {
    int i, j, n = 0;
    cliente->fala = servidor->fala = -1;
    pausa = strcmp(do_ambiente("PAUSA", "0"), "0") != 0;
    signal(SIGINT, ao_sinal);
    signal(SIGTERM, ao_sinal);
    signal(SIGHUP, ao_sinal);
    signal(SIGALRM, esgotar);
    signal(SIGPIPE, SIG_IGN); /* quem le o quadro pode ir embora */
    saida = stdout;
    if (argc > 1 && strcmp(argv[1], "--svg") == 0) {
        svg = 1;
        argc--, argv++;
        saida = tmpfile();
        if (!saida || argc != 2) falhar("uso: quadro --svg tcp|udp|perda");
        fcntl(fileno(saida), F_SETFD, FD_CLOEXEC);
    }
    for (i = 1; i < argc || (i == 1 && n == 0); i++)
        for (j = 0; j < 3; j++)
            if (argc == 1 || strcmp(argv[i], partes[j].nome) == 0) {
                if (n++) pausar("a parte seguinte");
                if (pausa && isatty(1)) printf("\033[H\033[2J"); /* tela nova */
                apresentar(j);
            }
    if (n == 0) falhar("uso: quadro [tcp] [udp] [perda]");
    if (!svg)
        printf("\ndemo: tudo certo; respostas iguais ao que se enviou: %d\n",
               certas);
    return 0;
}
