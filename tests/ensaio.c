/* ensaio.c - a bancada dos testes. Leia ensaio.h. */
#include "ensaio.h"
#include <glob.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#define MAX_PROGRAMAS 128
#define MAX_PALAVRAS  64
#define PRAZO         30 /* segundos, vezes TEMPO, por espera */
#define PRAZO_CASO    60 /* segundos, vezes TEMPO, por caso */

const char *forma = "";
int qual = 0;
int pode_atrasar = 0;
struct como como = {PIPE, PIPE, PIPE, -1, 0};

static struct programa programas[MAX_PROGRAMAS];
static int quantos;             /* programas iniciados neste caso */
static int aviso[2] = {-1, -1}; /* SIGCHLD escreve aqui, poll acorda */

/* Onde o caso conta o que houve: memoria que ele divide com quem o roda. */
typedef char texto_de_caso[4096];
static texto_de_caso *relato;

/* O que se espera agora, de que programa (NULL: so de um socket), ate quando */
static const char *esperado = "";
static struct programa *de_quem;
static double limite;

static double tempo(void) {
    const char *t = getenv("TEMPO");
    double n = t ? atof(t) : 1;
    return n > 0 ? n : 1;
}

static double agora(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- Contar o que houve ----------------------------------------------- */

static void matar_programas(void) {
    int i;
    for (i = 0; i < quantos; i++)
        if (programas[i].vivo) kill(programas[i].pid, SIGKILL);
}

/* 1 se um cliente UDP repetiu uma linha. */
static int atrasou(void) {
    int i;
    ler_o_que_ha();
    for (i = 0; i < 2 * quantos; i++)
        if (strstr(tudo(&programas[i / 2], i % 2), "sem resposta em "))
            return 1;
    return 0;
}

void terminar(int codigo, const char *formato, ...) {
    FORMATAR(*relato, formato);
    if (codigo == 1 && pode_atrasar && atrasou()) {
        strcpy(*relato, "a maquina parou um segundo inteiro");
        codigo = 2;
    }
    matar_programas();
    _exit(codigo);
}

int vezes(const char *texto, const char *parte) {
    int n = 0;
    for (; (texto = strstr(texto, parte)) != NULL; texto += strlen(parte)) n++;
    return n;
}

const char *mostra(const void *dados, size_t n) {
    static char textos[4][700];
    static int vez;
    char *texto = textos[vez = (vez + 1) % 4], *p = texto;
    const char *b = (const char *)dados;
    size_t i;
    for (i = 0; i < n && p - texto < 640; i++)
        p += sprintf(p, b[i] ? "%c" : "\\0", b[i]);
    sprintf(p, "%s", i < n ? "..." : "");
    return texto;
}

void exigir_bytes(const char *o_que, const void *vistos, size_t nv,
                  const void *esperados, size_t ne) {
    const char *v = (const char *)vistos, *e = (const char *)esperados;
    size_t i = 0, de;
    if (nv == ne && memcmp(v, e, ne) == 0) return;
    while (i < nv && i < ne && v[i] == e[i]) i++;
    de = i > 20 ? i - 20 : 0;
    falhar("%s: esperava %lu bytes, vi %lu; a partir do byte %lu esperava "
           "\"%s\", vi \"%s\"",
           o_que, (unsigned long)ne, (unsigned long)nv, (unsigned long)de,
           mostra(e + de, ne - de > 60 ? 60 : ne - de),
           mostra(v + de, nv - de > 60 ? 60 : nv - de));
}

void exigir_texto(const char *o_que, const char *visto, const char *esperado) {
    exigir_bytes(o_que, visto, strlen(visto), esperado, strlen(esperado));
}

void encher(void *dados, size_t n, unsigned *semente) {
    char *p = (char *)dados;
    while (n-- > 0) *p++ = (char)(rand_r(semente) >> 4);
}

void exigir_visivel(const char *o_que, const void *dados, size_t n) {
    static const unsigned long menor[] = {0, 0, 0xa0, 0x800, 0x10000};
    const unsigned char *b = (const unsigned char *)dados;
    size_t i, k, tam;
    for (i = 0; i < n; i += tam) {
        unsigned long c = b[i];
        int bom = c >= 0xc2 && c <= 0xf4;
        tam = 1;
        if (c == '\n' || (c >= 0x20 && c < 0x7f)) continue;
        tam = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
        c &= 0xffu >> (tam + 1);
        for (k = 1; k < tam; k++) {
            bom = bom && i + k < n && b[i + k] >> 6 == 2;
            if (bom) c = c << 6 | (b[i + k] & 0x3f);
        }
        exigir(bom && c >= menor[tam] && (c < 0xd800 || c > 0xdfff) &&
                   c <= 0x10ffff,
               "%s: esperava so caracteres visiveis, vi 0x%02x em \"%s\"",
               o_que, b[i], mostra(b + i, n - i > 40 ? 40 : n - i));
    }
}

/* ---- Esperar, lendo o que os programas escrevem ----------------------- */

void so_nosso(int fd) { fcntl(fd, F_SETFD, FD_CLOEXEC); }

void sem_bloquear(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int nosso_e_sem_bloquear(int fd) {
    sem_bloquear(fd);
    so_nosso(fd);
    return fd;
}

int ha(int fd, int evento, int ms) {
    struct pollfd v;
    v.fd = fd;
    v.events = (short)evento;
    return poll(&v, 1, ms) > 0;
}

static void fechar_fluxo(struct fluxo *f) {
    if (f->fd >= 0) close(f->fd);
    f->fd = -1;
}

/* Le o que houver, sem esperar. */
static void ler_fluxo(struct fluxo *f) {
    ssize_t n;
    while (f->fd >= 0) {
        if (f->cabe - f->n < 65537) {
            f->cabe = 2 * f->cabe + 131072;
            f->dados = (char *)realloc(f->dados, f->cabe);
            if (!f->dados) falhar("sem memoria");
        }
        n = read(f->fd, f->dados + f->n, 65536);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) { /* 0; ou EIO: o terminal nao tem mais ninguem */
            fechar_fluxo(f);
            return;
        }
        f->n += (size_t)n;
        f->dados[f->n] = '\0';
        if (f->n - f->lido > 4u << 20) return; /* o caso que consuma */
    }
}

/* Anota quem terminou e le o ultimo que escreveu. */
static void colher(void) {
    int i, status;
    for (i = 0; i < quantos; i++) {
        struct programa *p = &programas[i];
        if (!p->vivo || waitpid(p->pid, &status, WNOHANG) != p->pid) continue;
        p->vivo = 0;
        p->codigo =
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        ler_fluxo(&p->saida);
        ler_fluxo(&p->erro);
    }
}

/* Espera, ate tantos ms, algo escrito por um programa, um que termina, ou o
 * evento em fd (-1: nenhum). Devolve o que ha em fd. */
static int olhar(int fd, int evento, int ms) {
    struct pollfd v[2 * MAX_PROGRAMAS + 2]; /* os fluxos; fd; aviso */
    char lixo[64];
    int i, n = 2 * quantos;
    for (i = 0; i < n; i++) v[i].fd = fluxo(&programas[i / 2], i % 2)->fd;
    v[n].fd = fd;
    v[n + 1].fd = aviso[0];
    for (i = 0; i < n + 2; i++) v[i].events = POLLIN;
    v[n].events = (short)evento;
    if (poll(v, (nfds_t)n + 2, ms) <= 0) return 0;
    for (i = 0; i < n; i++)
        if (v[i].revents) ler_fluxo(fluxo(&programas[i / 2], i % 2));
    if (v[n + 1].revents) {
        while (read(aviso[0], lixo, sizeof lixo) > 0)
            ;
        colher();
    }
    return v[n].revents;
}

void ler_o_que_ha(void) { olhar(-1, 0, 0); }

static const char *o_fim_de(const struct fluxo *f) {
    size_t n = f->n > 300 ? 300 : f->n;
    return mostra(f->dados + f->n - n, n);
}

/* O fim do que o programa escreveu, para a mensagem de uma falha. */
static const char *escrito(struct programa *p) {
    static char texto[3000];
    snprintf(texto, sizeof texto, "stdout de \"%s\": \"%s\", stderr: \"%s\"",
             p->linha, o_fim_de(&p->saida), o_fim_de(&p->erro));
    return texto;
}

static void comecar_espera(const char *o_que, struct programa *p) {
    esperado = o_que;
    de_quem = p;
    limite = agora() + PRAZO * tempo();
}

static void nao_veio(const char *por_que) {
    falhar("esperava %s, e %s%s%s", esperado, por_que, de_quem ? "; vi " : "",
           de_quem ? escrito(de_quem) : "");
}

/* Um passo da espera que comecou: olhar, ate o prazo dela, que e falha. */
static int passo(int fd, int evento) {
    double falta = limite - agora();
    if (falta <= 0) nao_veio("o prazo acabou");
    return olhar(fd, evento, (int)(falta * 1000) + 1);
}

void esperar_fd(int fd, int evento, const char *o_que) {
    comecar_espera(o_que, NULL);
    while (!passo(fd, evento)) continue;
}

void esperar_algo(void) {
    comecar_espera("que um programa escrevesse algo", NULL);
    passo(-1, 0);
}

/* ---- Iniciar ---------------------------------------------------------- */

static int separar(char *linha, const char **palavras, int n) {
    char *p;
    for (p = strtok(linha, " "); p && n < MAX_PALAVRAS - 1;
         p = strtok(NULL, " "))
        palavras[n++] = strcmp(p, "''") == 0 ? "" : p;
    palavras[n] = NULL;
    return n;
}

const char *comando(int quem) {
    const char *c = getenv(quem == SERVIDOR ? "SERVIDOR" : "CLIENTE");
    if (c && *c) return c;
    return quem == SERVIDOR ? "./servidor" : "./cliente";
}

int e_windows(int quem) { return strstr(comando(quem), ".exe") != NULL; }

const char *aqui(int quem) { return e_windows(quem) ? ".\\" : "./"; }

void so_posix(int quem) {
    if (e_windows(quem)) nao_se_aplica("um .exe nao e como no POSIX");
}

void no_terminal(int quem) {
    so_posix(quem);
    como.entrada = como.saida = como.erro = PTY;
}

const char *nome_do_erro(int quem, const char *nome) {
    static char texto[64];
    snprintf(texto, sizeof texto, "%s%s", e_windows(quem) ? "WSA" : "", nome);
    return texto;
}

/* Abre as duas pontas de um fluxo do programa: a dele em *dele, a nossa e o
 * resultado (-1 se nao ha). terminal: as duas de um, para PTY. */
static int abrir_ponta(int tipo, int escrevemos, const int *terminal,
                       int *dele) {
    int par[2], nossa = escrevemos ? 1 : 0;
    *dele = -1;
    if (tipo >= 0) *dele = dup(tipo);
    if (tipo == NULA) *dele = open("/dev/null", O_RDWR);
    if (tipo == CHEIA && (*dele = open("/dev/full", O_WRONLY)) < 0)
        nao_se_aplica("nao ha /dev/full neste sistema");
    if (tipo == PTY) {
        *dele = dup(terminal[1]);
        return fcntl(terminal[0], F_DUPFD_CLOEXEC, 0);
    }
    if (tipo != PIPE) return -1;
    if (pipe(par) < 0) falhar("pipe: %s", strerror(errno));
    *dele = par[!nossa];
    return nosso_e_sem_bloquear(par[nossa]);
}

int abrir_terminal(int *escravo) {
    struct termios t;
    int mestre = posix_openpt(O_RDWR | O_NOCTTY);
    *escravo = -1;
    if (mestre < 0 || grantpt(mestre) < 0 || unlockpt(mestre) < 0 ||
        (*escravo = open(ptsname(mestre), O_RDWR | O_NOCTTY)) < 0)
        falhar("nao consegui abrir um terminal: %s", strerror(errno));
    tcgetattr(*escravo, &t);
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    t.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(*escravo, TCSANOW, &t);
    so_nosso(*escravo);
    return nosso_e_sem_bloquear(mestre);
}

static void virar_programa(const int *pontas, int terminal,
                           const char **palavras) {
    int i, alto[3];
    struct rlimit r;
    if (terminal >= 0) {
        setsid();
        ioctl(terminal, TIOCSCTTY, 0);
    }
    for (i = 0; i < 3; i++) /* as pontas podem estar em 0, 1 ou 2: sobem */
        alto[i] = pontas[i] < 0 ? -1 : fcntl(pontas[i], F_DUPFD, 3);
    for (i = 0; i < 3; i++) /* e descem */
        if (alto[i] < 0 || dup2(alto[i], i) < 0) close(i);
    for (i = 3; i < 256; i++) close(i); /* nada mais se herda */
    if (como.recurso >= 0) {
        r.rlim_cur = r.rlim_max = (rlim_t)como.limite;
        setrlimit(como.recurso, &r);
    }
    signal(SIGPIPE, SIG_DFL); /* os que nao se ignoram, execvp ja desfaz */
    execvp(palavras[0], (char *const *)palavras);
    fprintf(stderr, "%s: %s\n", palavras[0], strerror(errno));
    _exit(127);
}

struct programa *rodar_palavras(int quem, const char *const *extras) {
    static const struct como normal = {PIPE, PIPE, PIPE, -1, 0};
    const char *palavras[MAX_PALAVRAS];
    struct programa *p = &programas[quantos];
    int pontas[3], terminal[2] = {-1, -1}, n = 0;
    char base[1024];
    if (quantos == MAX_PROGRAMAS) falhar("programas demais em um caso");
    if (quem != FERRAMENTA) {
        snprintf(base, sizeof base, "%s", comando(quem));
        n = separar(base, palavras, 0);
    }
    memset(p, 0, sizeof *p);
    p->nome = quem == SERVIDOR  ? "servidor"
              : quem == CLIENTE ? "cliente"
                                : strdup(*extras);
    strcpy(p->linha, quem == FERRAMENTA ? "" : p->nome);
    while (*extras && n < MAX_PALAVRAS - 1) {
        size_t l = strlen(p->linha);
        snprintf(p->linha + l, sizeof p->linha - l, " %s", *extras);
        palavras[n++] = *extras++;
    }
    palavras[n] = NULL;
    if (como.entrada == PTY || como.saida == PTY)
        terminal[0] = abrir_terminal(&terminal[1]);
    p->entrada = abrir_ponta(como.entrada, 1, terminal, &pontas[0]);
    p->saida.fd = abrir_ponta(como.saida, 0, terminal, &pontas[1]);
    p->erro.fd = abrir_ponta(como.erro, 0, terminal, &pontas[2]);
    if (como.erro == PTY) fechar_fluxo(&p->erro); /* tudo chega em saida */
    p->saida.dados = (char *)calloc(1, p->saida.cabe = 131072);
    p->erro.dados = (char *)calloc(1, p->erro.cabe = 131072);
    p->pid = fork();
    if (p->pid < 0) falhar("fork: %s", strerror(errno));
    if (p->pid == 0) virar_programa(pontas, terminal[1], palavras);
    p->vivo = 1;
    quantos++;
    for (n = 0; n < 3; n++) close(pontas[n]);
    for (n = 0; n < 2; n++) close(terminal[n]);
    como = normal;
    return p;
}

struct programa *rodar(int quem, const char *formato, ...) {
    char linha[1024];
    const char *palavras[MAX_PALAVRAS];
    FORMATAR(linha, formato);
    separar(linha, palavras, 0);
    return rodar_palavras(quem, palavras);
}

void anotar_inicio(struct programa *s, const char *linha) {
    const char *c = strchr(linha, ':');
    s->udp = strstr(linha, "UDP") != NULL;
    s->porta = c ? atoi(c + 1) : 0;
    exigir(s->porta > 0,
           "esperava endereco:porta na primeira linha do servidor, vi \"%s\"",
           linha);
}

struct programa *servidor(const char *formato, ...) {
    char opcoes[512];
    struct programa *p;
    FORMATAR(opcoes, formato);
    p = rodar(SERVIDOR, "%s 0", opcoes);
    anotar_inicio(p, linha_exata(p, SAIDA, "*:*"));
    return p;
}

struct programa *cliente(int porta, const char *formato, ...) {
    char opcoes[512];
    FORMATAR(opcoes, formato);
    return rodar(CLIENTE, "%s 127.0.0.1 %d", opcoes, porta);
}

struct programa *cliente_nosso(const char *opcoes) {
    struct programa *c;
    int porta = 0, udp = strstr(opcoes, "-u") != NULL;
    int s = udp ? abrir_udp("127.0.0.1", &porta) : escutar(&porta);
    c = cliente(porta, "%s", opcoes);
    c->porta = porta;
    c->udp = udp;
    c->s = udp ? s : aceitar(s);
    if (!udp) close(s);
    return c;
}

/* ---- Escrever e ler --------------------------------------------------- */

void digitar_bytes(struct programa *p, const void *dados, size_t n) {
    const char *d = (const char *)dados;
    ssize_t r;
    exigir(p->entrada >= 0, "a entrada do %s ja foi fechada", p->nome);
    comecar_espera("que o programa lesse a entrada", p);
    while (n > 0) { /* o que couber, lendo enquanto isso o que ele escreve */
        if (!passo(p->entrada, POLLOUT)) continue;
        r = write(p->entrada, d, n);
        if (r < 0 && errno == EPIPE) nao_veio("ele parou");
        if (r < 0) continue;
        d += r;
        n -= (size_t)r;
    }
}

void digitar(struct programa *p, const char *texto) {
    digitar_bytes(p, texto, strlen(texto));
}

void fim_da_entrada(struct programa *p) {
    if (isatty(p->entrada)) digitar(p, "\004");
    else {
        close(p->entrada);
        p->entrada = -1;
    }
}

void acabar(struct programa *p, int codigo) {
    fim_da_entrada(p);
    exigir_codigo(p, codigo);
}

void digitar_tudo(struct programa *p, const char *texto) {
    digitar(p, texto);
    fim_da_entrada(p);
}

struct fluxo *fluxo(struct programa *p, int onde) {
    return onde == SAIDA ? &p->saida : &p->erro;
}

static const char *nome_do_fluxo(int onde) {
    return onde == SAIDA ? "stdout" : "stderr";
}

/* Comeca a espera deste texto, ou molde, em um fluxo do programa. */
static void esperar_em(struct programa *p, int onde, const char *texto) {
    static char o_que[1024];
    snprintf(o_que, sizeof o_que, "\"%s\" em %s", mostra(texto, strlen(texto)),
             nome_do_fluxo(onde));
    comecar_espera(o_que, p);
}

/* Onde esta parte, no que ainda nao se leu; NULL se o fluxo acabou. Um filho
 * esquecido (o wineserver, por exemplo) pode manter o pipe aberto: vale tambem
 * o fim do programa. */
static char *achar(struct programa *p, int onde, const char *parte) {
    struct fluxo *f = fluxo(p, onde);
    char *achado;
    while ((achado = (char *)memmem(f->dados + f->lido, f->n - f->lido, parte,
                                    strlen(parte))) == NULL) {
        if (f->fd < 0 || !p->vivo) return NULL;
        passo(-1, 0);
    }
    return achado;
}

void esperar_texto(struct programa *p, int onde, const char *texto) {
    struct fluxo *f = fluxo(p, onde);
    char *achado;
    esperar_em(p, onde, texto);
    if ((achado = achar(p, onde, texto)) == NULL) nao_veio("ele acabou");
    f->lido = (size_t)(achado - f->dados) + strlen(texto);
}

int casa(const char *linha, const char *molde) {
    for (; *molde; molde++, linha++) {
        if (*molde == '*') {
            for (; *linha; linha++)
                if (casa(linha, molde + 1)) return 1;
            return casa(linha, molde + 1);
        }
        if (*linha != *molde) return 0;
    }
    return *linha == '\0';
}

/* A proxima linha, de uma espera que comeca. */
static const char *ler_linha(struct programa *p, int onde, const char *molde) {
    struct fluxo *f = fluxo(p, onde);
    char *linha, *fim;
    esperar_em(p, onde, molde);
    if ((fim = achar(p, onde, "\n")) == NULL) nao_veio("ele acabou");
    linha = strndup(f->dados + f->lido, (size_t)(fim - f->dados) - f->lido);
    f->lido = (size_t)(fim - f->dados) + 1;
    return linha;
}

const char *esperar_linha(struct programa *p, int onde, const char *formato,
                          ...) {
    char molde[1024];
    const char *linha;
    FORMATAR(molde, formato);
    do linha = ler_linha(p, onde, molde);
    while (!casa(linha, molde));
    return linha;
}

const char *linha_exata(struct programa *p, int onde, const char *formato,
                        ...) {
    char molde[1024];
    const char *linha;
    FORMATAR(molde, formato);
    linha = ler_linha(p, onde, molde);
    exigir(casa(linha, molde), "esperava a linha \"%s\", vi \"%s\"", molde,
           linha);
    return linha;
}

const char *tudo(struct programa *p, int onde) { return fluxo(p, onde)->dados; }

int esperar_saida(struct programa *p) {
    comecar_espera("que ele terminasse", p);
    for (colher(); p->vivo;) passo(-1, 0);
    return p->codigo;
}

void exigir_codigo(struct programa *p, int codigo) {
    int visto = esperar_saida(p);
    exigir(visto == codigo, "esperava que o %s saisse com %d, saiu com %d; %s",
           p->nome, codigo, visto, escrito(p));
}

void exigir_saida(struct programa *p, int codigo, const char *texto) {
    exigir_codigo(p, codigo);
    exigir_texto("stdout", tudo(p, SAIDA), texto);
}

void mandar_sinal(struct programa *p, int sinal) {
    colher();
    exigir(p->vivo, "esperava o %s no ar, e ele saiu com %d; stderr \"%s\"",
           p->nome, p->codigo, tudo(p, ERRO));
    kill(p->pid, sinal);
}

void congelar(struct programa *p) {
    siginfo_t info;
    mandar_sinal(p, SIGSTOP);
    while (waitid(P_PID, (id_t)p->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0)
        exigir(errno == EINTR, "waitid: %s", strerror(errno));
    exigir(info.si_code == CLD_STOPPED,
           "esperava que o %s parasse, e ele terminou", p->nome);
}

/* Os arquivos de /proc do programa que casam com o molde. */
static glob_t em_proc(const struct programa *p, const char *molde) {
    char caminho[64];
    glob_t achados;
    snprintf(caminho, sizeof caminho, "/proc/%d/%s", (int)p->pid, molde);
    glob(caminho, 0, NULL, &achados);
    return achados;
}

int dorme(const struct programa *p) {
    glob_t fios = em_proc(p, "task/*/stat"); /* nenhum, se nao e um Linux */
    char linha[512], *c;
    int dormem = 1;
    size_t i;
    for (i = 0; i < fios.gl_pathc; i++) {
        FILE *f = fopen(fios.gl_pathv[i], "re");
        if (f && fgets(linha, sizeof linha, f) && (c = strrchr(linha, ')')))
            dormem = dormem && c[2] == 'S';
        if (f) fclose(f);
    }
    globfree(&fios);
    return dormem;
}

void esperar_parado(const struct programa *p) {
    while (p->vivo && !dorme(p)) {
        poll(NULL, 0, 5);
        ler_o_que_ha();
    }
    ler_o_que_ha();
}

int descritores(struct programa *p) {
    glob_t abertos = em_proc(p, "fd/*");
    int n = (int)abertos.gl_pathc;
    exigir(n > 0, "o %s nao esta em /proc", p->nome);
    globfree(&abertos);
    return n;
}

void limitar_descritores(struct programa *p, long n) {
    static rlim_t antes;
    struct rlimit l;
    pid_t pid = p ? p->pid : 0;
    prlimit(pid, RLIMIT_NOFILE, NULL, &l);
    if (n >= 0) antes = l.rlim_cur;
    l.rlim_cur = n >= 0 ? (rlim_t)n : antes;
    if (prlimit(pid, RLIMIT_NOFILE, &l, NULL) < 0)
        nao_se_aplica("o limite rigido daqui e menor que %ld", n);
}

/* O sinal que encerra o servidor em ordem; o wine so conhece o Ctrl-C. */
static int sinal_do_fim(void) { return e_windows(SERVIDOR) ? SIGINT : SIGTERM; }

const char *parar(struct programa *p) {
    mandar_sinal(p, sinal_do_fim());
    exigir_codigo(p, 0);
    return esperar_linha(p, SAIDA, "resumo: *");
}

void parar_com(struct programa *p, const char *formato, ...) {
    char molde[256];
    FORMATAR(molde, formato);
    exigir(casa(parar(p), molde), "esperava \"%s\" no fim; o %s disse \"%s\"",
           molde, p->nome, tudo(p, SAIDA));
}

void exigir_vezes(struct programa *p, int onde, const char *texto, int n) {
    int vi;
    ler_o_que_ha();
    vi = vezes(tudo(p, onde), texto);
    exigir(vi == n, "esperava \"%s\" %d vezes em %s do %s, vi %d: \"%s\"",
           texto, n, nome_do_fluxo(onde), p->nome, vi, tudo(p, onde));
}

void exigir_com(struct programa *p, int onde, const char *texto) {
    ler_o_que_ha();
    exigir(strstr(tudo(p, onde), texto) != NULL,
           "esperava \"%s\" em %s do %s, vi \"%s\"", texto, nome_do_fluxo(onde),
           p->nome, tudo(p, onde));
}

void exigir_linhas(const char *texto, const char *const *moldes) {
    char *copia = strdup(texto), *resto, *l = strtok_r(copia, "\n", &resto);
    const char *const *m;
    for (; l; l = strtok_r(NULL, "\n", &resto)) {
        for (m = moldes; *m && !casa(l, *m);) m++;
        exigir(*m != NULL, "esperava uma linha como \"%s\", vi \"%s\"", *moldes,
               l);
    }
    free(copia);
}

void exigir_nada(int s, const char *quando) {
    exigir(!ha(s, POLLIN, 0), "esperava que nada chegasse %s, e algo chegou",
           quando);
}

void exigir_um_processo(struct programa *s) {
    char caminho[80];
    FILE *f;
    sprintf(caminho, "/proc/%d/task/%d/children", (int)s->pid, (int)s->pid);
    f = fopen(caminho, "r");
    if (f && fgetc(f) != EOF) nao_se_aplica("um processo por cliente");
    if (f) fclose(f);
}

void exigir_um_fio(struct programa *s) {
    glob_t fios = em_proc(s, "task/*");
    size_t n = fios.gl_pathc;
    globfree(&fios);
    exigir_um_processo(s);
    if (n > 1 && !e_windows(SERVIDOR)) /* o Wine tem os seus */
        nao_se_aplica("um fio por cliente");
}

void abrir_cano(int *par) {
    exigir(pipe(par) == 0, "pipe: %s", strerror(errno));
    so_nosso(par[0]);
    so_nosso(par[1]);
    fcntl(par[1], F_SETPIPE_SZ, 4096);
}

int arquivo_temporario(char *nome, size_t cabe) {
    const char *t = getenv("TMPDIR");
    int f;
    snprintf(nome, cabe, "%s/caso-XXXXXX", t ? t : "/tmp");
    f = mkstemp(nome);
    if (f < 0) falhar("%s: %s", nome, strerror(errno));
    return f;
}

/* ---- Sockets ---------------------------------------------------------- */

static struct sockaddr_in endereco(const char *ip, int porta) {
    struct sockaddr_in e;
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)porta);
    e.sin_addr.s_addr = inet_addr(ip);
    return e;
}

/* Um socket que nao bloqueia em ip:*porta, com a porta que ele tem em *porta;
 * -1 se nao ha esse endereco aqui. */
static int abrir_socket(int tipo, const char *ip, int *porta) {
    struct sockaddr_in e = endereco(ip, *porta);
    socklen_t n = sizeof e;
    int s = nosso_e_sem_bloquear(socket(AF_INET, tipo, 0));
    if (bind(s, (struct sockaddr *)&e, n) < 0) {
        close(s);
        return -1;
    }
    getsockname(s, (struct sockaddr *)&e, &n);
    *porta = ntohs(e.sin_port);
    return s;
}

int abrir_udp(const char *ip, int *porta) {
    return abrir_socket(SOCK_DGRAM, ip, porta);
}

int reservar(int *porta) {
    int s;
    *porta = 0;
    s = abrir_socket(SOCK_STREAM, "127.0.0.1", porta);
    exigir(s >= 0, "bind: %s", strerror(errno));
    return s;
}

int escutar(int *porta) {
    int s = reservar(porta);
    if (listen(s, 64) < 0) falhar("listen: %s", strerror(errno));
    return s;
}

/* Sem Nagle: o que se envia vai logo. */
static int sem_esperar(int s) {
    int um = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &um, sizeof um);
    return nosso_e_sem_bloquear(s);
}

int aceitar(int escuta) {
    int s;
    esperar_fd(escuta, POLLIN, "que o programa se ligasse ao nosso servidor");
    s = accept(escuta, NULL, NULL);
    exigir(s >= 0, "accept: %s", strerror(errno));
    return sem_esperar(s);
}

int ligar_apertado(int porta, int chega, int sai) {
    struct sockaddr_in e = endereco("127.0.0.1", porta);
    int mss = 1400, s = socket(AF_INET, SOCK_STREAM, 0);
    if (chega) setsockopt(s, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
    if (chega) setsockopt(s, SOL_SOCKET, SO_RCVBUF, &chega, sizeof chega);
    if (sai) setsockopt(s, SOL_SOCKET, SO_SNDBUF, &sai, sizeof sai);
    if (connect(s, (struct sockaddr *)&e, sizeof e) < 0)
        falhar("connect(127.0.0.1:%d): %s", porta, strerror(errno));
    return sem_esperar(s);
}

int ligar(int porta) { return ligar_apertado(porta, 0, 0); }

void enviar_texto(int s, const char *texto) { enviar(s, texto, strlen(texto)); }

/* O que se espera e o que ja se viu: para a mensagem, se o resto nao vem. */
static const char *faltando(const void *volta, size_t m, const char *visto,
                            size_t voltou) {
    static char texto[1500];
    if (m == 0) return "que o programa lesse o que enviamos";
    snprintf(texto, sizeof texto, "%lu bytes, \"%s\" (vi %lu, \"%s\")",
             (unsigned long)m, mostra(volta, m > 60 ? 60 : m),
             (unsigned long)voltou, mostra(visto, voltou > 60 ? 60 : voltou));
    return texto;
}

/* Envia n bytes e, ao mesmo tempo, recebe m, que tem de ser estes. */
static void trocar(int s, const void *vai, size_t n, const void *volta,
                   size_t m) {
    char *visto = (char *)malloc(m + 1);
    size_t foi = 0, voltou = 0;
    ssize_t r;
    while (foi < n || voltou < m) {
        const char *o_que = faltando(volta, m, visto, voltou);
        esperar_fd(s, (foi < n ? POLLOUT : 0) | (voltou < m ? POLLIN : 0),
                   o_que);
        r = foi < n ? send(s, (const char *)vai + foi, n - foi, MSG_NOSIGNAL)
                    : 0;
        exigir(r >= 0 || errno == EAGAIN, "esperava %s; send: %s", o_que,
               strerror(errno));
        if (r > 0) foi += (size_t)r;
        if (voltou == m) continue;
        r = recv(s, visto + voltou, m - voltou, 0);
        exigir(r > 0 || (r < 0 && errno == EAGAIN),
               "esperava %s, e a conexao %s", o_que,
               r == 0 ? "acabou" : "foi desfeita");
        if (r > 0) voltou += (size_t)r;
    }
    exigir_bytes("bytes recebidos", visto, m, volta, m);
    free(visto);
}

void enviar(int s, const void *dados, size_t n) { trocar(s, dados, n, "", 0); }

void receber_bytes(int s, const void *esperados, size_t n) {
    trocar(s, "", 0, esperados, n);
}

void eco_bytes(int s, const void *dados, size_t n) {
    trocar(s, dados, n, dados, n);
}

/* recv com espera: bytes, 0 no fim, -1 com errno. */
static ssize_t receber_algo(int s, void *dados, size_t n) {
    esperar_fd(s, POLLIN, "o fim da conexao");
    return recv(s, dados, n, 0);
}

void receber_texto(int s, const char *esperado) {
    receber_bytes(s, esperado, strlen(esperado));
}

void receber_fim(int s) {
    char sobra[64];
    ssize_t r = receber_algo(s, sobra, sizeof sobra);
    exigir(r >= 0, "esperava o fim da conexao em ordem, vi %s",
           strerror(errno));
    exigir(r == 0, "esperava o fim da conexao, vieram mais: \"%s\"",
           mostra(sobra, (size_t)r));
}

void exigir_fim(int s) {
    receber_fim(s);
    close(s);
}

void exigir_corte(int s) {
    static char resto[65536];
    ssize_t r;
    do r = receber_algo(s, resto, sizeof resto);
    while (r > 0);
    exigir(r < 0 && errno == ECONNRESET,
           "esperava a conexao desfeita (RST), vi um fim em ordem");
    close(s);
}

void meio_fechar(int s) { shutdown(s, SHUT_WR); }

void desfazer(int s) {
    struct linger l = {1, 0};
    setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    close(s);
}

void eco(int s, const char *texto) { eco_bytes(s, texto, strlen(texto)); }

int novo_udp(void) {
    int porta = 0, s = abrir_udp("127.0.0.1", &porta);
    exigir(s >= 0, "nao consegui abrir um socket UDP: %s", strerror(errno));
    return s;
}

void enviar_udp(int s, int porta, const void *dados, size_t n) {
    struct sockaddr_in e = endereco("127.0.0.1", porta);
    ssize_t r;
    esperar_fd(s, POLLOUT, "poder enviar um datagrama");
    r = sendto(s, dados, n, 0, (struct sockaddr *)&e, sizeof e);
    exigir(r == (ssize_t)n, "sendto(%d): %s", porta, strerror(errno));
}

static char datagrama[65536];

/* Um datagrama, com um '\0' depois; o tamanho, e a porta de quem o enviou. */
static size_t receber_udp(int s, int *porta) {
    struct sockaddr_in e;
    socklen_t t = sizeof e;
    ssize_t r;
    esperar_fd(s, POLLIN, "um datagrama do programa");
    r = recvfrom(s, datagrama, sizeof datagrama - 1, 0, (struct sockaddr *)&e,
                 &t);
    exigir(r >= 0, "recvfrom: %s", strerror(errno));
    datagrama[r] = '\0';
    *porta = ntohs(e.sin_port);
    return (size_t)r;
}

static void receber_udp_bytes(int s, const void *esperados, size_t n) {
    int porta;
    size_t r = receber_udp(s, &porta);
    exigir_bytes("datagrama recebido", datagrama, r, esperados, n);
}

void receber_udp_texto(int s, const char *esperado) {
    receber_udp_bytes(s, esperado, strlen(esperado));
}

void eco_udp(int s, int porta, const void *dados, size_t n) {
    enviar_udp(s, porta, dados, n);
    receber_udp_bytes(s, dados, n);
}

void pergunta(struct programa *c, const char *esperada) {
    size_t n;
    do n = receber_udp(c->s, &c->dele);
    while (strcmp(datagrama, c->respondida) == 0 &&
           strcmp(esperada, c->respondida) != 0);
    exigir_bytes("datagrama do cliente", datagrama, n, esperada,
                 strlen(esperada));
    snprintf(c->pedida, sizeof c->pedida, "%s", esperada);
}

void resposta(struct programa *c, const char *texto) {
    enviar_udp(c->s, c->dele, texto, strlen(texto));
    strcpy(c->respondida, c->pedida);
}

void digitar_e_ouvir(struct programa *c, const char *texto) {
    digitar(c, texto);
    if (c->udp) pergunta(c, texto);
    else receber_texto(c->s, texto);
}

void falar_e_ver(struct programa *c, const char *texto) {
    if (c->udp) resposta(c, texto);
    else enviar_texto(c->s, texto);
    esperar_texto(c, SAIDA, texto);
}

void acabar_em_ordem(struct programa *c) {
    fim_da_entrada(c);
    exigir_fim(c->s);
    exigir_codigo(c, 0);
}

/* ---- Rodar os casos --------------------------------------------------- */

static void filho_terminou(int sinal) {
    int guardado = errno;
    if (write(aviso[1], &sinal, 1) < 0) errno = 0; /* cheio: ja avisa */
    errno = guardado;
}

/* O tempo do caso acabou (SIGALRM), ou mandam parar. So chamadas que um sinal
 * permite. */
static void tempo_esgotado(int sinal) {
    (void)sinal;
    matar_programas();
    strcpy(*relato, "o tempo do caso acabou, e ainda esperava ");
    strcat(*relato, esperado);
    _exit(1);
}

/* No fim de um caso que deu certo: os servidores saem em ordem, e nenhum
 * programa foi denunciado por um verificador de memoria. */
static void encerrar_programas(void) {
    struct programa *p;
    for (p = programas; p < programas + quantos; p++) {
        colher();
        if (p->vivo && strcmp(p->nome, "servidor") == 0 && p->porta > 0) {
            kill(p->pid, sinal_do_fim());
            exigir_codigo(p, 0);
        } else if (p->vivo) kill(p->pid, SIGKILL);
        esperar_saida(p);
        exigir(!strstr(p->erro.dados, "Sanitizer") &&
                   !strstr(p->erro.dados, "runtime error:"),
               "defeito de memoria no %s: %s", p->nome, p->erro.dados);
    }
}

enum { CERTO, FALHOU, PULADO };

#define MAX_PARALELO 32
#define MAX_CASOS    1000
static struct caso *fila[MAX_CASOS]; /* os que rodam */
static int a_rodar, acabados;        /* quantos ao todo; quantos ja foram */
static struct {
    const struct caso *caso;
    pid_t pid; /* 0: lugar vago */
} vagas[MAX_PARALELO];
static texto_de_caso *relatos; /* um por vaga */
static int contagem[3];
static char *lembrar[MAX_CASOS]; /* as linhas a repetir no fim */
static int lembrados;
static volatile sig_atomic_t parem; /* o sinal que mandou parar */

/* Chegou Ctrl-C ou SIGTERM: os casos matam os seus programas e acabam. */
static void parar_casos(void) {
    int i;
    for (i = 0; i < MAX_PARALELO; i++)
        if (vagas[i].pid) kill(-vagas[i].pid, SIGTERM);
}

static void interromper(int sinal) {
    parem = sinal;
    parar_casos();
}

static void parar_tudo(const char *o_que) {
    perror(o_que);
    exit(1);
}

/* O processo do caso: um grupo seu, e um tempo. */
static void rodar_caso(int vaga, const struct caso *c) {
    size_t n = strlen(c->nome);
    char texto[16];
    setpgid(0, 0);
    relato = &relatos[vaga];
    signal(SIGALRM, tempo_esgotado);
    signal(SIGTERM, tempo_esgotado);
    signal(SIGINT, SIG_DFL);
    signal(SIGCHLD, filho_terminou);
    if (parem) _exit(1);
    alarm((unsigned)(PRAZO_CASO * tempo()) + 1);
    sprintf(texto, "%d", vaga);
    setenv("VAGA", texto, 1);
    forma = n > 3 && strcmp(c->nome + n - 3, "_um") == 0 ? "-n 1" : "";
    if (c->forma) forma = c->forma;
    qual = c->qual;
    if (pipe(aviso) < 0) falhar("pipe: %s", strerror(errno));
    nosso_e_sem_bloquear(aviso[0]);
    nosso_e_sem_bloquear(aviso[1]);
    c->ensaiar();
    encerrar_programas();
    _exit(0);
}

static void comecar_caso(int vaga, const struct caso *c) {
    pid_t pid;
    fflush(stdout);
    relatos[vaga][0] = '\0';
    pid = fork();
    if (pid < 0) parar_tudo("fork");
    if (pid == 0) rodar_caso(vaga, c);
    setpgid(pid, pid);
    vagas[vaga].caso = c;
    vagas[vaga].pid = pid;
}

/* Uma linha por caso, so em ASCII, venha o que vier de um programa:
 * [ 37/264] VEREDITO nome: o que houve. */
static void julgar_caso(const struct caso *c, char *t, int status) {
    static const char *const rotulos[] = {"ok", "FALHOU", "PULADO"};
    char linha[4 * sizeof *relatos + 200], *p;
    int veredito = FALHOU, largura = sprintf(linha, "%d", a_rodar);
    if (WIFSIGNALED(status))
        sprintf(t, "o caso morreu pelo sinal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) <= PULADO) veredito = WEXITSTATUS(status);
    contagem[veredito]++;
    p = linha +
        sprintf(linha, "%s %s%s", rotulos[veredito], c->nome, *t ? ": " : "");
    for (; *t; t++) {
        if (*t == '\n') p += sprintf(p, "\\n");
        else if (*t < 0x20 || *t > 0x7e) p += sprintf(p, "\\x%02x", *t & 0xff);
        else *p++ = *t;
    }
    *p = '\0';
    if (veredito == FALHOU)
        sprintf(p, " -- de novo: CASOS=%s make test", c->nome);
    printf("[%*d/%d] %s\n", largura, ++acabados, a_rodar, linha);
    fflush(stdout);
    if (veredito != CERTO) lembrar[lembrados++] = strdup(linha);
}

/* Espera que algum dos casos acabe; 0 se ja nao ha nenhum. */
static int colher_caso(void) {
    int i, status;
    pid_t pid = wait(&status);
    for (i = 0; i < MAX_PARALELO && pid > 0; i++) {
        if (vagas[i].pid != pid) continue;
        vagas[i].pid = 0;
        kill(-pid, SIGKILL); /* o que ele tiver esquecido */
        if (!parem) julgar_caso(vagas[i].caso, relatos[i], status);
    }
    return pid > 0;
}

/* 1 se nome esta na lista CASOS: por inteiro ou, se a palavra nao e o nome de
 * nenhum dos n casos, em parte. Sem lista, todos. */
static int escolhido(const char *nome, const struct caso *todos, int n) {
    const char *casos = getenv("CASOS");
    char lista[16384], *p;
    if (!casos || !*casos) return 1;
    snprintf(lista, sizeof lista, "%s", casos);
    for (p = strtok(lista, " \n"); p; p = strtok(NULL, " \n")) {
        int i, inteiro = 0;
        for (i = 0; i < n; i++) inteiro |= strcmp(todos[i].nome, p) == 0;
        if (inteiro ? strcmp(nome, p) == 0 : strstr(nome, p) != NULL) return 1;
    }
    return 0;
}

/* Cada nome de uma linha da tabela e um caso; vao a fila os escolhidos. */
static void escolher(const struct caso *const *tabelas) {
    static struct caso todos[MAX_CASOS];
    const struct caso *c;
    char *nome;
    int i, n = 0;
    for (; *tabelas; tabelas++)
        for (c = *tabelas; c->nome; c++)
            for (nome = strtok(strdup(c->nome), " "); nome;
                 nome = strtok(NULL, " ")) {
                todos[n] = *c;
                todos[n++].nome = nome;
            }
    for (i = 0; i < n; i++)
        if (escolhido(todos[i].nome, todos, n)) fila[a_rodar++] = &todos[i];
}

/* No fim: o que nao rodou e o que falhou, e so entao a conta. */
static void concluir(void) {
    const char *vez;
    int i;
    printf("\n");
    for (vez = "PF"; *vez; vez++)
        for (i = 0; i < lembrados; i++)
            if (*lembrar[i] == *vez) printf("%s\n", lembrar[i]);
    if (a_rodar == 0) printf("FALHOU: nenhum caso se chama assim\n");
    printf("%d passed, %d failed", contagem[CERTO],
           contagem[FALHOU] + (a_rodar == 0));
    if (contagem[PULADO]) printf(", %d skipped", contagem[PULADO]);
    printf("\n");
}

int executar(const struct caso *const *tabelas) {
    const char *p = getenv("PARALELO"), *t = getenv("TMPDIR");
    char pasta[512]; /* os arquivos dos casos; some no fim */
    int i, max = p ? atoi(p) : 4, proximo = 0;
    if (max < 1) max = 1;
    if (max > MAX_PARALELO) max = MAX_PARALELO;
    relatos = (texto_de_caso *)mmap(NULL, MAX_PARALELO * sizeof *relatos,
                                    PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (relatos == MAP_FAILED) parar_tudo("mmap");
    snprintf(pasta, sizeof pasta, "%s/ensaio-XXXXXX", t && *t ? t : "/tmp");
    if (!mkdtemp(pasta)) parar_tudo(pasta);
    setenv("TMPDIR", pasta, 1);
    signal(SIGINT, interromper);
    signal(SIGTERM, interromper);
    signal(SIGHUP, interromper);
    signal(SIGPIPE, SIG_IGN);
    escolher(tabelas);
    do {
        for (i = 0; i < max; i++)
            if (!vagas[i].pid && proximo < a_rodar && !parem)
                comecar_caso(i, fila[proximo++]);
        if (parem) parar_casos();
    } while (colher_caso());
    if (system("rm -rf \"$TMPDIR\"") != 0) perror(pasta);
    if (parem) {
        signal(parem, SIG_DFL);
        raise(parem);
    }
    concluir();
    return contagem[FALHOU] > 0 || a_rodar == 0;
}
