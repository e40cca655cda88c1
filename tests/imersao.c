/*
 * imersao.c - a turma inteira, por muito tempo: centenas de clientes que se
 * comportam bem ou mal, ao acaso, contra um servidor TCP e um UDP.
 *
 *   gcc -O2 -Wall -Wextra -o tests/bin/imersao tests/imersao.c
 *   [SEGUNDOS=100] [SEMENTE=2022] [SERVIDOR=./servidor] tests/bin/imersao
 *
 * Cada cliente bem comportado confere cada byte que volta. Depois de um
 * aquecimento, e de novo no fim, todos saem; os descritores e a memoria dos
 * servidores tem de estar onde estavam, eles nao podem girar em falso, e o
 * Ctrl-C os encerra com 0. Com AddressSanitizer a memoria nao se mede.
 *
 * Um processo e um poll movem todos os clientes. Linux (/proc).
 */
#include "sorteio.h"
#include <dirent.h>
#include <sys/resource.h>

#define MAX_CLIENTES 300
#define POR_SEGUNDO  250  /* clientes novos, no maximo */
#define LIMITE       120  /* segundos de um cliente, e de cada espera */
#define TRAVADO      0.5  /* segundos sem conseguir enviar */
#define TOLERANCIA   1024 /* kB de memoria que malloc pode ter guardado */
#define REENVIO      0.3  /* segundos ate repetir um datagrama */

/* Como termina quem nao tem mais o que enviar. */
enum { MEIO_FECHA, DIZ_SAIR, FECHA, DESFAZ };

/* Um modo de se comportar; de cada par {a, b} sorteia-se de a ate b. */
static const struct modo {
    const char *nome;
    int peso;       /* quantas vezes mais comum */
    int bom;        /* confere cada byte; os outros saem de qualquer jeito */
    int udp;        /* conta em datagramas, e nao em bytes */
    int envia[2];   /* bytes ao todo (ou datagramas) */
    int rajada[2];  /* bytes por vez (ou por datagrama) */
    int espera_eco; /* antes da proxima rajada */
    int pensa[2];   /* ms entre rajadas */
    int le;         /* bytes por leitura; 0: so le depois de travar */
    int descansa;   /* ms entre leituras */
    int buffer;     /* SO_RCVBUF e SO_SNDBUF; 0: o normal */
    int urgente;    /* a ultima rajada vai com MSG_OOB */
    int fim[2];     /* de MEIO_FECHA a DESFAZ */
} modos[] = {
    /* clang-format off */
    /* nome, peso, bom, udp, envia, rajada,
     *     eco, pensa, le, descansa, buffer, urgente, fim */
    {"conversa", 30, 1, 0, {1, 10000}, {1, 900},
        1, {0, 200}, 65536, 0, 0, 0, {MEIO_FECHA, DIZ_SAIR}},
    {"arquivo", 6, 1, 0, {100000, 3000000}, {65536, 65536},
        0, {0, 0}, 65536, 0, 0, 0, {MEIO_FECHA, DIZ_SAIR}},
    {"byte a byte", 6, 1, 0, {10, 80}, {1, 1},
        1, {0, 30}, 1, 0, 0, 0, {MEIO_FECHA, DIZ_SAIR}},
    {"sair aos pedacos", 6, 1, 0, {1, 40}, {1, 4},
        0, {0, 5}, 3, 0, 0, 0, {DIZ_SAIR, DIZ_SAIR}},
    {"urgente e bom", 3, 1, 0, {1, 3000}, {1, 1000},
        0, {0, 30}, 65536, 0, 0, 1, {MEIO_FECHA, MEIO_FECHA}},
    {"leitor lento", 6, 1, 0, {20000, 200000}, {8000, 8000},
        0, {0, 20}, 2000, 20, 32768, 0, {MEIO_FECHA, DIZ_SAIR}},
    {"le so depois", 6, 1, 0, {500000, 3000000}, {65536, 65536},
        0, {0, 0}, 0, 0, 65536, 0, {MEIO_FECHA, DIZ_SAIR}},
    {"linha enorme", 2, 1, 0, {1000000, 2000000}, {500, 60000},
        0, {0, 2}, 65536, 0, 0, 0, {MEIO_FECHA, DIZ_SAIR}},
    {"so chega e sai", 20, 0, 0, {0, 0}, {1, 1},
        0, {0, 0}, 1, 0, 0, 0, {MEIO_FECHA, DESFAZ}},
    {"calado", 10, 0, 0, {1, 1}, {1, 1},
        0, {300, 2500}, 1, 0, 0, 0, {FECHA, DESFAZ}},
    {"desiste", 20, 0, 0, {1, 300000}, {1, 20000},
        0, {0, 30}, 65536, 10, 0, 0, {FECHA, DESFAZ}},
    {"nunca le", 10, 0, 0, {100000, 3000000}, {65536, 65536},
        0, {0, 0}, 0, 0, 65536, 0, {MEIO_FECHA, DESFAZ}},
    {"urgente", 6, 0, 0, {1, 3000}, {1, 1000},
        0, {0, 30}, 65536, 0, 0, 1, {FECHA, DESFAZ}},
    {"datagramas", 12, 1, 1, {1, 30}, {0, 1400},
        1, {0, 150}, 1, 0, 0, 0, {FECHA, FECHA}},
    {"datagramas grandes", 2, 1, 1, {1, 3}, {0, 65507},
        1, {0, 150}, 1, 0, 0, 0, {FECHA, FECHA}},
    {"enxurrada UDP", 4, 0, 1, {1, 60}, {0, 1400},
        0, {0, 0}, 1, 0, 0, 0, {FECHA, FECHA}}};
/* clang-format on */

#define MODOS ((int)(sizeof modos / sizeof modos[0]))

struct cliente {
    const struct modo *m; /* NULL: lugar vago */
    int s;
    int numero;
    int inicio; /* onde comeca no livro o que ele envia */
    int fim;    /* como termina */
    long total; /* a enviar; com DIZ_SAIR, com a linha sair */
    long foi, voltou;
    long ate;     /* fim desta rajada */
    int lendo;    /* 0: ainda nao (m->le == 0) */
    int calou;    /* TCP: ja meio fechou; UDP: ja repetiu algum */
    double agir;  /* hora da proxima rajada */
    double ler;   /* hora da proxima leitura */
    double andou; /* hora do ultimo envio que deu certo */
    double nasceu;
};

static struct cliente clientes[MAX_CLIENTES];
static int certos, falhas;
static int vivos, maior, ligados; /* clientes agora; o pico; conexoes */
static int por_modo[MODOS], reprovados[MODOS];
static double bytes;

static struct servidor {
    const char *nome;
    pid_t pid;
    FILE *saida;
    struct sockaddr_in onde;
    int descritores; /* no comeco */
    long memoria;    /* kB, depois do aquecimento */
} tcp, udp;

static void contar(int certo, const char *formato, ...) {
    va_list valores;
    if (certo) certos++;
    else falhas++;
    if (certo || falhas > 20) return;
    va_start(valores, formato);
    printf("FALHOU ");
    vprintf(formato, valores);
    printf("\n");
    va_end(valores);
    fflush(stdout);
}

static void desistir(const char *o_que) {
    printf("FALHOU %s: %s\n%d passed, %d failed\n", o_que, strerror(errno),
           certos, falhas + 1);
    if (tcp.pid > 0) kill(tcp.pid, SIGKILL);
    if (udp.pid > 0) kill(udp.pid, SIGKILL);
    exit(1);
}

/* ---- Os servidores ---------------------------------------------------- */

static void iniciar(struct servidor *v, const char *nome, const char *opcoes) {
    const char *programa = getenv("SERVIDOR");
    char comando[512], linha[256], *porta = NULL;
    int par[2];
    snprintf(comando, sizeof comando, "exec %s %s 0",
             programa ? programa : "./servidor", opcoes);
    v->nome = nome;
    if (pipe(par) < 0) desistir("pipe");
    fcntl(par[0], F_SETFD, FD_CLOEXEC);
    v->pid = fork();
    if (v->pid == 0) {
        dup2(par[1], STDOUT_FILENO);
        close(par[1]);
        execl("/bin/sh", "sh", "-c", comando, (char *)NULL);
        _exit(127);
    }
    close(par[1]);
    v->saida = fdopen(par[0], "r");
    if (!v->saida || !fgets(linha, sizeof linha, v->saida) ||
        !(porta = strchr(linha, ':')))
        desistir("a primeira linha do servidor");
    memset(&v->onde, 0, sizeof v->onde);
    v->onde.sin_family = AF_INET;
    v->onde.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v->onde.sin_port = htons((unsigned short)atoi(porta + 1));
    if (!fgets(linha, sizeof linha, v->saida)) desistir("a segunda linha");
}

static int contar_descritores(const struct servidor *v) {
    char caminho[64];
    int n = 0;
    DIR *d;
    sprintf(caminho, "/proc/%d/fd", (int)v->pid);
    d = opendir(caminho);
    if (!d) desistir(caminho);
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

/* O numero depois de nome, em um arquivo de /proc/PID; -1 se nao esta la. */
static long ler_proc(const struct servidor *v, const char *arquivo,
                     const char *nome) {
    char caminho[64], linha[256];
    long valor = -1;
    FILE *f;
    sprintf(caminho, "/proc/%d/%s", (int)v->pid, arquivo);
    f = fopen(caminho, "r");
    if (!f) desistir(caminho);
    while (fgets(linha, sizeof linha, f))
        if (strncmp(linha, nome, strlen(nome)) == 0)
            valor = atol(linha + strlen(nome));
    fclose(f);
    return valor;
}

static long medir_memoria(const struct servidor *v) {
    return ler_proc(v, "smaps_rollup", "Rss:"); /* mais exato que VmRSS */
}

/* O mapa de sombra do AddressSanitizer tem terabytes. */
static int com_sanitizador(const struct servidor *v) {
    return ler_proc(v, "status", "VmSize:") > 1000000000L;
}

/* Milissegundos de processador usados ate agora. */
static long processador(const struct servidor *v) {
    char caminho[64], texto[1024], *c;
    unsigned long u = 0, k = 0;
    size_t n;
    FILE *f;
    sprintf(caminho, "/proc/%d/stat", (int)v->pid);
    f = fopen(caminho, "r");
    if (!f) desistir(caminho);
    n = fread(texto, 1, sizeof texto - 1, f);
    fclose(f);
    texto[n] = '\0';
    c = strrchr(texto, ')');
    if (c)
        sscanf(c + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u,
               &k);
    return (long)(u + k) * 1000 / sysconf(_SC_CLK_TCK);
}

/* Todos sairam: o servidor ja fechou tudo? Espera que sim. */
static void conferir_descritores(const struct servidor *v) {
    double limite = agora() + LIMITE;
    while (contar_descritores(v) != v->descritores && agora() < limite)
        poll(NULL, 0, 50);
    contar(contar_descritores(v) == v->descritores,
           "%s: %d descritores no comeco, %d depois que todos sairam", v->nome,
           v->descritores, contar_descritores(v));
}

static void conferir_memoria(const struct servidor *v) {
    long depois = medir_memoria(v);
    printf("%s: %ld kB depois do aquecimento, %ld kB no fim\n", v->nome,
           v->memoria, depois);
    if (com_sanitizador(v)) return;
    contar(depois <= v->memoria + TOLERANCIA, "%s: a memoria cresceu %ld kB",
           v->nome, depois - v->memoria);
}

static void conferir_calma(const struct servidor *v) {
    long usou = processador(v);
    poll(NULL, 0, 1000);
    usou = processador(v) - usou;
    contar(usou < 200, "%s: sem ninguem, usou %ld ms de processador em 1 s",
           v->nome, usou);
}

/* Ctrl-C: sai com 0, e o resumo e a ultima linha. */
static void conferir_fim(const struct servidor *v, int minimo, int maximo) {
    char linha[256], ultima[256] = "";
    int status = 0, n = -1;
    kill(v->pid, SIGINT);
    while (fgets(linha, sizeof linha, v->saida)) strcpy(ultima, linha);
    waitpid(v->pid, &status, 0);
    printf("%s: %s", v->nome, *ultima ? ultima : "(sem resumo)\n");
    contar(WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "%s: nao saiu com 0 (status %d)", v->nome, status);
    sscanf(ultima, "resumo: clientes %d,", &n);
    contar(n >= minimo && n <= maximo,
           "%s: o resumo conta %d clientes; foram de %d a %d", v->nome, n,
           minimo, maximo);
}

/* ---- Um cliente ------------------------------------------------------- */

/* O byte que esta em i no que o cliente c envia. */
static unsigned char byte_de(const struct cliente *c, long i) {
    return byte_do_livro(c->inicio, i, c->fim == DIZ_SAIR, c->total);
}

static void sair_da_turma(struct cliente *c) {
    if (c->fim == DESFAZ) fechar_com_rst(c->s);
    else close(c->s);
    c->m = NULL;
    vivos--;
}

static void reprovar(struct cliente *c, const char *motivo) {
    if (++reprovados[c->m - modos] <= 20)
        printf("cliente %d (%s): %s; enviou %ld de %ld, voltaram %ld, "
               "em %.1f s\n",
               c->numero, c->m->nome, motivo, c->foi, c->total, c->voltou,
               agora() - c->nasceu);
    fflush(stdout);
    sair_da_turma(c);
}

static void entrar(struct cliente *c, double t) {
    static int numero;
    const struct servidor *v;
    int i, um = 1, mss = 1400, peso = 0;
    for (i = 0; i < MODOS; i++) peso += modos[i].peso;
    peso = sortear(0, peso - 1);
    for (i = 0; peso >= modos[i].peso; i++) peso -= modos[i].peso;
    por_modo[i]++;
    memset(c, 0, sizeof *c);
    c->m = &modos[i];
    c->numero = ++numero;
    c->inicio = sortear(0, TAM_LIVRO - 1);
    c->fim = sortear(c->m->fim[0], c->m->fim[1]);
    c->total = sortear(c->m->envia[0], c->m->envia[1]);
    if (c->fim == DIZ_SAIR) c->total += 7;
    c->lendo = c->m->le > 0;
    c->nasceu = c->ler = c->andou = t;
    c->agir = t + sortear(c->m->pensa[0], c->m->pensa[1]) / 1e3;
    v = c->m->udp ? &udp : &tcp;
    c->s = socket(AF_INET,
                  (c->m->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
    if (c->s < 0) desistir("socket");
    vivos++;
    if (vivos > maior) maior = vivos;
    if (c->m->buffer) {
        setsockopt(c->s, SOL_SOCKET, SO_RCVBUF, &c->m->buffer, sizeof(int));
        setsockopt(c->s, SOL_SOCKET, SO_SNDBUF, &c->m->buffer, sizeof(int));
        /* como em uma rede: com os 64 KB da interface lo, o sistema guarda
         * quase 3 MB por conexao, e o servidor nunca teria o que guardar */
        setsockopt(c->s, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
    }
    if (!c->m->udp) {
        setsockopt(c->s, IPPROTO_TCP, TCP_NODELAY, &um, sizeof um);
        ligados++;
    }
    if (connect(c->s, (const struct sockaddr *)&v->onde, sizeof v->onde) < 0 &&
        errno != EINPROGRESS)
        reprovar(c, strerror(errno));
}

/* Envia o que couber da rajada. 0 se a conexao se desfez. */
static int enviar(struct cliente *c, double t) {
    static unsigned char pedaco[65536];
    int flags = MSG_NOSIGNAL;
    long i, n;
    ssize_t r;
    if (c->foi == c->ate) { /* comeca outra */
        c->ate += sortear(c->m->rajada[0], c->m->rajada[1]);
        if (c->ate > c->total) c->ate = c->total;
    }
    n = c->ate - c->foi;
    if (n > (long)sizeof pedaco) n = sizeof pedaco;
    for (i = 0; i < n; i++) pedaco[i] = byte_de(c, c->foi + i);
    if (c->m->urgente && c->ate == c->total) flags |= MSG_OOB;
    r = send(c->s, pedaco, (size_t)n, flags);
    if (r < 0) return errno == EAGAIN || errno == ENOTCONN;
    c->foi += r;
    c->andou = t;
    bytes += r;
    if (c->foi == c->ate)
        c->agir = t + sortear(c->m->pensa[0], c->m->pensa[1]) / 1e3;
    return 1;
}

/* Le e, se o cliente e bom, confere. 0 se a conexao acabou. */
static int receber(struct cliente *c, double t) {
    static unsigned char visto[65536];
    ssize_t i, r;
    r = recv(c->s, visto, c->m->le > 0 ? (size_t)c->m->le : sizeof visto, 0);
    if (r < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
    if (r <= 0 && !c->m->bom) return 0;
    if (r < 0) {
        reprovar(c, strerror(errno));
        return 1;
    }
    if (r == 0) {
        if (c->voltou == c->total) sair_da_turma(c);
        else reprovar(c, "o servidor encerrou antes da hora");
        return 1;
    }
    c->ler = t + c->m->descansa / 1e3;
    for (i = 0; i < r; i++) {
        /* quem desistiu de dizer sair nao sabe mais o que ia nos 7 ultimos */
        if (!c->m->bom && c->voltou + i >= c->total - 7) continue;
        if (c->voltou + i < c->foi && visto[i] == byte_de(c, c->voltou + i))
            continue;
        reprovar(c, "voltou um byte errado");
        return 1;
    }
    c->voltou += r;
    return 1;
}

/* Um passo de um cliente TCP, com o que poll disse. */
static void mover_tcp(struct cliente *c, int ha, double t) {
    if (c->foi < c->total && (ha & (POLLOUT | POLLERR)) && !enviar(c, t)) {
        if (c->m->bom) reprovar(c, "a conexao se desfez no envio");
        else sair_da_turma(c);
        return;
    }
    if (!c->lendo && (c->foi == c->total || t - c->andou > TRAVADO)) {
        c->lendo = 1;     /* agora, sim */
        if (!c->m->bom) { /* desiste do resto, sair inclusive */
            c->total = c->foi;
            c->fim = c->fim == DIZ_SAIR ? MEIO_FECHA : c->fim;
        }
    }
    if (c->foi == c->total && !c->calou && t >= c->agir) {
        if (c->fim == FECHA || c->fim == DESFAZ) {
            sair_da_turma(c);
            return;
        }
        if (c->fim == MEIO_FECHA) shutdown(c->s, SHUT_WR);
        /* o que vem depois da linha sair se ignora */
        if (c->fim == DIZ_SAIR && sortear(0, 1))
            send(c->s, livro, (size_t)sortear(1, 5000), MSG_NOSIGNAL);
        c->calou = 1;
        if (!c->m->bom && sortear(0, 1)) { /* nem espera o resto */
            sair_da_turma(c);
            return;
        }
    }
    if (c->lendo && (ha & (POLLIN | POLLHUP | POLLERR)) && !receber(c, t))
        sair_da_turma(c);
}

/* Em UDP, total, foi e voltou contam datagramas; o de numero i comeca em
 * inicio + i e tem rajada bytes (em ate). Quem e bom espera cada um, e envia
 * de novo se demora (calou: ja fez isso, e o que voltar pode ser a resposta
 * dobrada de um anterior); os outros enviam todos e somem. */
static void mover_udp(struct cliente *c, int ha, double t) {
    static unsigned char pedaco[65536], visto[65536];
    long i;
    ssize_t r;
    for (i = 0; i < c->ate; i++)
        pedaco[i] = livro[(c->inicio + c->voltou + i) % TAM_LIVRO];
    if (ha & POLLIN) {
        r = recv(c->s, visto, sizeof visto, 0);
        if (r == c->ate && memcmp(visto, pedaco, (size_t)r) == 0 &&
            c->foi > c->voltou) {
            c->voltou++;
            c->agir = t + sortear(c->m->pensa[0], c->m->pensa[1]) / 1e3;
        } else if (c->m->bom && r >= 0 && !c->calou) {
            reprovar(c, "voltou um datagrama errado");
            return;
        }
        if (c->voltou == c->total) {
            sair_da_turma(c);
            return;
        }
    }
    if (t < c->agir) return;
    if (c->foi > c->voltou) c->calou = 1;
    else {
        c->ate = sortear(c->m->rajada[0], c->m->rajada[1]);
        c->foi++;
        for (i = 0; i < c->ate; i++)
            pedaco[i] = livro[(c->inicio + c->voltou + i) % TAM_LIVRO];
    }
    if (send(c->s, pedaco, (size_t)c->ate, 0) >= 0) bytes += c->ate;
    c->agir = t + REENVIO;
    if (c->m->bom) return;
    c->foi = ++c->voltou;
    c->agir = t;
    if (c->voltou == c->total) sair_da_turma(c);
}

/* ---- A turma ---------------------------------------------------------- */

/* O que este cliente espera de poll agora; em *acorda, a hora de agir de
 * qualquer jeito. */
static int o_que_espera(const struct cliente *c, double t, double *acorda) {
    int evento = 0;
    double ler = c->ler;
    if (c->m->udp) {
        if (c->agir < *acorda) *acorda = c->agir;
        return POLLIN;
    }
    if (c->lendo && t >= ler) evento |= POLLIN;
    if (c->lendo && t < ler && ler < *acorda) *acorda = ler;
    if (c->foi < c->total &&
        (!c->m->espera_eco || c->voltou == c->foi || c->foi < c->ate)) {
        if (t >= c->agir) evento |= POLLOUT;
        else if (c->agir < *acorda) *acorda = c->agir;
    }
    if (c->foi == c->total && !c->calou && c->agir < *acorda) *acorda = c->agir;
    if (!c->lendo && c->andou + TRAVADO < *acorda) *acorda = c->andou + TRAVADO;
    return evento;
}

/* Uma volta: espera, e move quem pode andar. */
static void mover_todos(double ate) {
    struct pollfd v[MAX_CLIENTES];
    struct cliente *quem[MAX_CLIENTES];
    double t = agora(), acorda = ate;
    int i, n = 0;
    for (i = 0; i < MAX_CLIENTES; i++) {
        if (!clientes[i].m) continue;
        quem[n] = &clientes[i];
        v[n].fd = clientes[i].s;
        v[n++].events = (short)o_que_espera(&clientes[i], t, &acorda);
    }
    i = acorda > t ? (int)((acorda - t) * 1000) + 1 : 0;
    if (poll(v, (nfds_t)n, i) < 0 && errno != EINTR) desistir("poll");
    t = agora();
    for (i = 0; i < n; i++) {
        if (!v[i].events) v[i].revents = 0; /* POLLHUP: fica para depois */
        if (quem[i]->m->udp) mover_udp(quem[i], v[i].revents, t);
        else mover_tcp(quem[i], v[i].revents, t);
        if (quem[i]->m && t - quem[i]->nasceu > LIMITE)
            reprovar(quem[i], "o prazo acabou");
    }
}

/* Uma fase: gente entra e sai por tantos segundos; depois, todos saem. */
static void conviver(double segundos) {
    static const int lotacoes[] = {150, 150, 60, 150, 280};
    double t = agora(), fim = t + segundos, muda = t, podem = 0, antes = t;
    int lotacao = 150, vez = 0, i;
    while (t < fim || vivos > 0) {
        mover_todos(t + 0.02);
        t = agora();
        if (waitpid(tcp.pid, &i, WNOHANG) != 0 ||
            waitpid(udp.pid, &i, WNOHANG) != 0) {
            errno = 0;
            desistir("um servidor terminou no meio da imersao");
        }
        if (t >= muda) { /* 280 e mais do que -n 200 atende: ha fila */
            lotacao = lotacoes[vez++ % 5];
            muda = t + 3;
        }
        podem += (t - antes) * POR_SEGUNDO;
        if (podem > 50) podem = 50;
        antes = t;
        for (i = 0; i < MAX_CLIENTES && t < fim; i++) {
            if (clientes[i].m || vivos >= lotacao || podem < 1) continue;
            entrar(&clientes[i], t);
            podem--;
        }
    }
}

int main(void) {
    double segundos = preparar_sorteio("imersao");
    struct rlimit limite;
    int i;
    getrlimit(RLIMIT_NOFILE, &limite);
    limite.rlim_cur = limite.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limite);
    iniciar(&tcp, "servidor -q -n 200", "-q -n 200");
    iniciar(&udp, "servidor -q -u", "-q -u");
    tcp.descritores = contar_descritores(&tcp);
    udp.descritores = contar_descritores(&udp);
    conviver(segundos / 5);
    conferir_descritores(&tcp);
    conferir_descritores(&udp);
    tcp.memoria = medir_memoria(&tcp);
    udp.memoria = medir_memoria(&udp);
    conviver(segundos * 4 / 5);
    conferir_descritores(&tcp);
    conferir_descritores(&udp);
    conferir_memoria(&tcp);
    conferir_memoria(&udp);
    conferir_calma(&tcp);
    conferir_calma(&udp);
    for (i = 0; i < MODOS; i++) { /* um caso por modo de se comportar */
        printf("%6d %s%s\n", por_modo[i], modos[i].nome,
               modos[i].bom ? ", cada byte conferido" : "");
        contar(reprovados[i] == 0, "imersao: %s: %d de %d reprovados",
               modos[i].nome, reprovados[i], por_modo[i]);
    }
    printf("no maximo %d de uma vez; %d conexoes; %.0f MB enviados\n", maior,
           ligados, bytes / 1e6);
    conferir_fim(&tcp, ligados, ligados);
    conferir_fim(&udp, 1, 1 << 30);
    printf("%d passed, %d failed\n", certos, falhas);
    return falhas > 0;
}
