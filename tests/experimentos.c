/*
 * experimentos.c - roda docs/experimentos.md: cada bloco da pagina e digitado
 * em um terminal de verdade, e o que aparece tem de ser o que a pagina mostra.
 *
 *   tests/bin/experimentos [outra pagina]
 *
 * A pagina: um experimento por titulo "## N. ..."; em cada bloco ```console,
 * o que se ve no terminal que a linha de cima nomeia (**Terminal 1**):
 *
 *   $ comando          digita-se o comando (espera terminar o anterior)
 *   texto<ENTER>       digita-se o texto; <ENTER> e o sinal U+23CE
 *   ^D                 Ctrl-D (nada aparece)
 *   ^Cresto            Ctrl-C; o terminal mostra ^C, e o programa, o resto
 *   ...                zero ou mais linhas, que mudam de uma vez para outra
 *   outra linha        e o que o programa escreve, na mesma ordem
 *
 * "# comando", no lugar de "$ comando", pede o administrador; **Maquina A,
 * 192.168.0.10** e **Maquina B, ...** sao duas maquinas. Nos dois casos o
 * experimento roda em uma rede so dele (namespaces do Linux). "**Precisa
 * de:** `nc`" nomeia as ferramentas. O que falta faz o experimento ser pulado,
 * com o motivo; com EXIGIR=1, falhar.
 *
 * Os blocos valem na ordem da pagina. No fim, nada pode ter aparecido que a
 * pagina nao mostre. Antes de comparar troca-se so o que muda de maquina para
 * maquina: as portas (7777, 7778 e 8000 viram portas livres; as 5xxxx da
 * pagina sao as que o sistema escolheu, e a mesma e sempre a mesma), as horas,
 * a versao do Python, em quantos recv veio um arquivo. Toda espera e por uma
 * linha; LIMITE e so o vigia.
 *
 * Do ambiente: SERVIDOR, CLIENTE (programas), EXPERIMENTOS ("3 7": so esses),
 * PARALELO (quantos de cada vez, 4), EXIGIR.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare, setns */
#endif
#define _DARWIN_C_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#define _REGEX_NELTS(n) /* o tcc nao entende a regex.h sem isto */
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#ifdef __linux__
#include <net/if.h>
#include <sched.h>
#endif

#define LIMITE           90 /* segundos que um experimento pode levar */
#define TERMINAIS        8
#define MAX_EXPERIMENTOS 64
#define ENTER            "\xe2\x8f\x8e"
#define PULADO           77 /* codigo de saida, como no automake */

static char **linhas; /* a pagina; linhas[0] nao se usa */
static int n_linhas, outra_pagina;
static char raiz[2048], pasta[2048];
static volatile sig_atomic_t esgotou;

static void avisar_prazo(int sinal) {
    (void)sinal;
    esgotou = 1;
}

/* ---- A rede ----------------------------------------------------------- */

static const int da_pagina[] = {7777, 7778, 8000};
#define PORTAS ((int)(sizeof da_pagina / sizeof *da_pagina))
static int base; /* da_pagina[i] e base + i */

static int livre(int tipo, int porta) {
    struct sockaddr_in e;
    int s = socket(AF_INET, tipo, 0), r;
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)porta);
    r = bind(s, (struct sockaddr *)&e, sizeof e) == 0;
    close(s);
    return r;
}

/* Tres portas vizinhas livres. De quatro algarismos, como as da pagina: uma
 * mensagem longa muda de linha no mesmo lugar. */
static int escolher_portas(void) {
    int vez, i;
    for (vez = 0; vez < 1000; vez++) {
        base = 2000 + ((int)getpid() * 31 + vez * 17) % 7990;
        for (i = 0; i < PORTAS; i++)
            if (!livre(SOCK_STREAM, base + i) || !livre(SOCK_DGRAM, base + i))
                break;
        if (i == PORTAS) return 0;
    }
    return -1;
}

#ifdef __linux__
static int maquina_b = -1; /* a rede da maquina B, ou -1 */

static int gravar(const char *arquivo, const char *texto) {
    int f = open(arquivo, O_WRONLY), r;
    if (f < 0) return -1;
    r = write(f, texto, strlen(texto)) == (ssize_t)strlen(texto) ? 0 : -1;
    close(f);
    return r;
}

static int ligar_lo(void) {
    struct ifreq pedido;
    int s = socket(AF_INET, SOCK_DGRAM, 0), r;
    memset(&pedido, 0, sizeof pedido);
    strcpy(pedido.ifr_name, "lo");
    pedido.ifr_flags = IFF_UP | IFF_RUNNING;
    r = ioctl(s, SIOCSIFFLAGS, &pedido);
    close(s);
    return r;
}

/* Este processo passa a uma rede vazia, em que e administrador. */
static int rede_propria(void) {
    char mapa[64];
    int uid = (int)getuid(), gid = (int)getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
        gravar("/proc/self/setgroups", "deny");
        sprintf(mapa, "0 %d 1", uid);
        if (gravar("/proc/self/uid_map", mapa) < 0) return -1;
        sprintf(mapa, "0 %d 1", gid);
        if (gravar("/proc/self/gid_map", mapa) < 0) return -1;
    } else if (unshare(CLONE_NEWNET) < 0) return -1;
    return ligar_lo();
}

/* Roda um comando ip, na rede dada (-1: nesta). 0 se deu certo. */
static int ip(int rede, const char *comando) {
    int estado;
    pid_t p = fork();
    if (p == 0) {
        if (rede >= 0 && setns(rede, CLONE_NEWNET) < 0) _exit(1);
        execl("/bin/sh", "sh", "-c", comando, (char *)NULL);
        _exit(1);
    }
    return p > 0 && waitpid(p, &estado, 0) == p && estado == 0 ? 0 : -1;
}

/* A segunda rede, ligada a esta por um cabo (veth); A e B: os enderecos. */
static int outra_maquina(const char *a, const char *b) {
    char texto[256];
    int pronto[2], segurar[2], r = -1;
    pid_t p;
    if (pipe(pronto) < 0 || pipe(segurar) < 0) return -1;
    p = fork();
    if (p == 0) { /* mantem a rede viva enquanto nos formos vivos */
        close(segurar[1]);
        if (unshare(CLONE_NEWNET) == 0 && ligar_lo() == 0)
            if (write(pronto[1], "", 1) == 1)
                if (read(segurar[0], texto, 1) < 0) _exit(1);
        _exit(0);
    }
    close(pronto[1]);
    close(segurar[0]); /* segurar[1] fica aberto ate o fim */
    if (p < 0 || read(pronto[0], texto, 1) != 1) return -1;
    close(pronto[0]);
    sprintf(texto, "/proc/%d/ns/net", (int)p);
    maquina_b = open(texto, O_RDONLY);
    if (maquina_b < 0) return -1;
    sprintf(texto, "ip link add eth0 type veth peer name eth0 netns %d",
            (int)p);
    if (ip(-1, texto) == 0) {
        sprintf(texto, "ip addr add %.20s/24 dev eth0 && ip link set eth0 up",
                a);
        r = ip(-1, texto);
        sprintf(texto, "ip addr add %.20s/24 dev eth0 && ip link set eth0 up",
                b);
        if (r == 0) r = ip(maquina_b, texto);
    }
    return r;
}
#endif

/* ---- Comparar --------------------------------------------------------- */

/* As portas que o sistema escolheu: a da pagina e a de verdade. */
static int escolhida[32][2], n_escolhidas;

static int mesma_porta(int pagina, int real) {
    int i;
    if (pagina < 50000 || pagina > 59999) return 0;
    if (real < 1024 || real > 65535 || (real >= base && real < base + PORTAS))
        return 0;
    for (i = 0; i < n_escolhidas; i++)
        if (escolhida[i][0] == pagina || escolhida[i][1] == real)
            return escolhida[i][0] == pagina && escolhida[i][1] == real;
    if (n_escolhidas == 32) return 0;
    escolhida[n_escolhidas][0] = pagina;
    escolhida[n_escolhidas++][1] = real;
    return 1;
}

/* Troca cada trecho que casa com a expressao pelo texto. */
static void trocar(char *linha, size_t cabe, const char *expressao,
                   const char *texto) {
    char nova[8192];
    regex_t r;
    regmatch_t m;
    size_t n = 0;
    const char *p = linha;
    if (regcomp(&r, expressao, REG_EXTENDED) != 0) abort();
    while (regexec(&r, p, 1, &m, 0) == 0 && m.rm_eo > m.rm_so &&
           n + m.rm_so + strlen(texto) + strlen(p) < sizeof nova) {
        memcpy(nova + n, p, m.rm_so);
        n += m.rm_so;
        strcpy(nova + n, texto);
        n += strlen(texto);
        p += m.rm_eo;
    }
    strcpy(nova + n, p);
    if (strlen(nova) < cabe) strcpy(linha, nova);
    regfree(&r);
}

/* Horas, versoes de terceiros, contas de recv; e os espacos no fim. */
static void limpar(char *destino, size_t cabe, const char *linha) {
    size_t n;
    snprintf(destino, cabe, "%s", linha);
    trocar(destino, cabe,
           "[A-Z][a-z][a-z], [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT",
           "<hora>");
    trocar(destino, cabe,
           "[0-9]{2}/([A-Z][a-z]{2}|[0-9]{2})/[0-9]{4} [0-9:]{8}", "<hora>");
    trocar(destino, cabe, "Python/3[0-9.]*", "Python/3");
    trocar(destino, cabe, "mensagens [0-9]{3,}", "mensagens <muitas>");
    trocar(destino, cabe, "mensagens [0-9]+, bytes [0-9]+, perdidos",
           "mensagens <por sorte>, perdidos");
    for (n = strlen(destino); n > 0 && destino[n - 1] == ' '; n--)
        destino[n - 1] = '\0';
}

/* A linha do rastro que mostra a porta tambem em bytes: se o texto e essa
 * linha, sem erro na conta, devolve a porta; senao, -1. */
static int porta_em_bytes(const char *texto) {
    char certo[128];
    const char *p = strstr(texto, "sin_port ");
    int porta;
    if (!p || sscanf(p, "sin_port %*x %*x %d", &porta) != 1) return -1;
    snprintf(certo, sizeof certo,
             "    sin_port   %02x %02x                    %d = 0x%04x",
             porta >> 8 & 255, porta & 255, porta, porta & 65535);
    return strcmp(texto, certo) == 0 ? porta : -1;
}

/* 1 se a porta da pagina e esta, na troca que vale neste experimento. */
static int mesmo_numero(long pagina, long real) {
    if (real >= base && real < base + PORTAS)
        return pagina == da_pagina[real - base];
    return mesma_porta((int)pagina, (int)real);
}

static int igual(const char *na_pagina, const char *visto) {
    char a[4096], b[4096], *p = a, *q = b;
    limpar(a, sizeof a, na_pagina);
    limpar(b, sizeof b, visto);
    if (porta_em_bytes(a) >= 0 && porta_em_bytes(b) >= 0)
        return mesmo_numero(porta_em_bytes(a), porta_em_bytes(b));
    while (*p || *q) {
        if (isdigit((unsigned char)*p) && isdigit((unsigned char)*q)) {
            char *fim_p = p, *fim_q = q;
            long v = strtol(p, &fim_p, 10), w = strtol(q, &fim_q, 10);
            int mesmo = fim_p - p == fim_q - q && strncmp(p, q, fim_p - p) == 0;
            if (!mesmo && !mesmo_numero(v, w)) return 0;
            p = fim_p;
            q = fim_q;
        } else if (*p++ != *q++) return 0;
    }
    return 1;
}

/* O que se digita: 7777, 7778 e 8000 viram as portas livres. */
static void com_portas(char *destino, size_t cabe, const char *texto) {
    size_t n = 0;
    while (*texto && n + 16 < cabe) {
        int i;
        size_t k = strspn(texto, "0123456789");
        for (i = 0; k == 4 && i < PORTAS; i++)
            if (atoi(texto) == da_pagina[i]) {
                n += sprintf(destino + n, "%d", base + i);
                break;
            }
        if (k != 4 || i == PORTAS) {
            if (k == 0) k = 1;
            memcpy(destino + n, texto, k);
            n += k;
        } else k = 4;
        texto += k;
    }
    destino[n] = '\0';
}

/* ---- Terminais -------------------------------------------------------- */

static struct terminal {
    char nome[128];
    int fd;      /* o lado de ca do terminal; -1: nenhum programa */
    pid_t pid;   /* 0: nenhum */
    int codigo;  /* de saida do ultimo comando */
    int quieto;  /* 1: a pagina ainda nao mostrou nada dele */
    int pula;    /* 1: ate a proxima linha da pagina, aparece qualquer coisa */
    char *dados; /* o que apareceu */
    size_t n, cabe, lido;
} terminais[TERMINAIS];
static int n_terminais;
static int linha_atual; /* da pagina */

static void limpar_tudo(void) {
    char comando[2200];
    int i;
    for (i = 0; i < n_terminais; i++)
        if (terminais[i].pid > 0) kill(-terminais[i].pid, SIGKILL);
    snprintf(comando, sizeof comando, "rm -rf '%s'", pasta);
    if (*pasta && system(comando) != 0) fprintf(stderr, "%s: ficou\n", pasta);
}

/* O experimento falhou: diz onde e por que, e termina. */
static void falhar(const struct terminal *t, const char *formato, ...) {
    va_list valores;
    printf("    linha %d%s%s: ", linha_atual, t ? ", " : "", t ? t->nome : "");
    va_start(valores, formato);
    vprintf(formato, valores);
    va_end(valores);
    printf("\n");
    fflush(stdout);
    limpar_tudo();
    _exit(1);
}

/* Espera ate haver algo novo em um dos terminais; le de todos. */
static void ler_terminais(const struct terminal *quem) {
    struct pollfd p[TERMINAIS];
    int i;
    for (i = 0; i < n_terminais; i++) {
        p[i].fd = terminais[i].fd; /* -1: poll o ignora */
        p[i].events = POLLIN;
        p[i].revents = 0;
    }
    if (esgotou || (poll(p, n_terminais, 1000) < 0 && errno != EINTR) ||
        esgotou) {
        const char *resto = quem->dados ? quem->dados + quem->lido : "";
        falhar(quem, "nada mais apareceu em %d s; no terminal: \"%s\"", LIMITE,
               resto);
    }
    for (i = 0; i < n_terminais; i++) {
        struct terminal *t = &terminais[i];
        ssize_t k;
        if (!p[i].revents) continue;
        if (t->cabe - t->n < 4097) {
            t->dados = (char *)realloc(t->dados, t->cabe += 65536);
            t->dados[t->n] = '\0';
        }
        k = read(t->fd, t->dados + t->n, 4096);
        if (k <= 0) { /* o ultimo programa do terminal terminou */
            close(t->fd);
            t->fd = -1;
            continue;
        }
        for (; k > 0; k--, t->n++) /* \r\n: o terminal e que poe o \r */
            if (t->dados[t->n] == '\r') {
                memmove(t->dados + t->n, t->dados + t->n + 1, k - 1);
                t->n--;
            }
        t->dados[t->n] = '\0';
    }
}

/* A proxima linha do terminal, ou NULL se o programa acabou sem mais. */
static const char *proxima(struct terminal *t) {
    static char linha[8192];
    for (;;) {
        const char *p = t->dados ? t->dados + t->lido : "";
        const char *f = strchr(p, '\n');
        size_t n = f ? (size_t)(f - p) : strlen(p);
        if (f || (t->fd < 0 && n > 0)) {
            snprintf(linha, sizeof linha, "%.*s", (int)n, p);
            t->lido += n + (f != NULL);
            return linha;
        }
        if (t->fd < 0) return NULL;
        ler_terminais(t);
    }
}

static void esperar_linha(struct terminal *t, const char *texto) {
    const char *vista = proxima(t);
    while (t->pula && vista && !igual(texto, vista)) vista = proxima(t);
    t->pula = 0;
    if (!vista)
        falhar(t, "o programa terminou\n    a pagina mostra: %s", texto);
    if (!igual(texto, vista))
        falhar(t, "diferente\n    a pagina mostra: %s\n    no terminal:     %s",
               texto, vista);
}

/* Espera o programa do terminal acabar; nada pode ficar por mostrar. */
static void esperar_fim(struct terminal *t) {
    const char *sobra;
    int estado;
    if (t->pid == 0) return;
    sobra = proxima(t);
    while (t->pula && sobra) sobra = proxima(t);
    t->pula = 0;
    if (sobra) falhar(t, "a pagina nao mostra: %s", sobra);
    while (waitpid(t->pid, &estado, 0) < 0)
        if (errno != EINTR || esgotou) falhar(t, "o programa nao termina");
    t->codigo = WIFEXITED(estado) ? WEXITSTATUS(estado) : 128;
    t->pid = 0;
}

/* Programa novo em um terminal novo, como dono dele. */
static void comecar(struct terminal *t, const char *comando) {
    char texto[4096], inteiro[4200];
    const char *escravo;
    int sinais[] = {SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGHUP, SIGALRM}, i;
    struct termios modo;
    esperar_fim(t);
    com_portas(texto, sizeof texto, comando);
    snprintf(inteiro, sizeof inteiro, "(exit %d)\n%s", t->codigo, texto);
    t->n = t->lido = 0;
    if (t->dados) t->dados[0] = '\0';
    t->fd = posix_openpt(O_RDWR | O_NOCTTY);
    if (t->fd < 0 || grantpt(t->fd) < 0 || unlockpt(t->fd) < 0 ||
        !(escravo = ptsname(t->fd)))
        falhar(t, "nao abriu um terminal: %s", strerror(errno));
    t->pid = fork();
    if (t->pid < 0) falhar(t, "fork: %s", strerror(errno));
    if (t->pid > 0) return;
    setsid();
    i = open(escravo, O_RDWR);
#ifdef TIOCSCTTY
    ioctl(i, TIOCSCTTY, 0);
#endif
    tcgetattr(i, &modo);
    modo.c_lflag |= ICANON | ECHO | ECHOE | ISIG | IEXTEN;
#ifdef ECHOCTL
    modo.c_lflag |= ECHOCTL; /* Ctrl-C aparece: ^C */
#endif
    tcsetattr(i, TCSANOW, &modo);
    dup2(i, 0);
    dup2(i, 1);
    dup2(i, 2);
#ifdef __linux__
    if (strstr(t->nome, "quina B") && setns(maquina_b, CLONE_NEWNET) < 0)
        _exit(126);
#endif
    for (i = 3; i < 256; i++) close(i);
    for (i = 0; i < (int)(sizeof sinais / sizeof *sinais); i++)
        signal(sinais[i], SIG_DFL);
    execl("/bin/sh", "sh", "-c", inteiro, (char *)NULL);
    _exit(127);
}

static void teclar(struct terminal *t, const char *texto) {
    if (t->fd < 0) falhar(t, "o programa terminou: nao ha quem leia");
    if (write(t->fd, texto, strlen(texto)) < 0)
        falhar(t, "write: %s", strerror(errno));
}

/* Digita uma linha. O programa nao pode ter escrito mais do que a pagina. */
static void digitar(struct terminal *t, const char *linha) {
    char texto[4096];
    if (!t->pula && t->dados && t->dados[t->lido])
        falhar(t, "a pagina nao mostra: %s", t->dados + t->lido);
    snprintf(texto, sizeof texto, "%.*s\n",
             (int)(strlen(linha) - strlen(ENTER)), linha);
    teclar(t, texto);
    texto[strlen(texto) - 1] = '\0';
    esperar_linha(t, texto); /* o terminal mostra o que se digita */
}

/* tshark nao diz quando comeca a captura: espera-se o arquivo em que ele a
 * guarda, que so aparece depois de o filtro estar armado. */
static void esperar_captura(struct terminal *t) {
    while (system("test -s \"$(ls wireshark_* 2>/dev/null)\"") != 0) {
        struct pollfd p;
        p.fd = t->fd;
        p.events = 0; /* so o fim do programa acorda antes */
        if (poll(&p, 1, 50) > 0) falhar(t, "a captura terminou");
        if (esgotou) falhar(t, "a captura nao comecou");
    }
}

/* ---- Um experimento --------------------------------------------------- */

static struct terminal *achar_terminal(const char *titulo) {
    char nome[128];
    const char *fecho = strstr(titulo, ":**") ? NULL : strrchr(titulo, '*');
    int i;
    if (strncmp(titulo, "**", 2) != 0 || !fecho || fecho - titulo > 100)
        falhar(NULL, "bloco sem a linha **Terminal N** acima");
    fecho--;
    snprintf(nome, sizeof nome, "%.*s", (int)(fecho - titulo - 2), titulo + 2);
    for (i = 0; i < n_terminais; i++)
        if (strcmp(terminais[i].nome, nome) == 0) return &terminais[i];
    if (n_terminais == TERMINAIS) falhar(NULL, "terminais demais");
    strcpy(terminais[n_terminais].nome, nome);
    terminais[n_terminais].fd = -1;
    return &terminais[n_terminais++];
}

static void rodar_linha(struct terminal *t, const char *l) {
    size_t n = strlen(l);
    t->quieto = strncmp(l, "$ ", 2) == 0;
    if (t->quieto) comecar(t, l + 2);
    else if (strncmp(l, "# ", 2) == 0) {
        comecar(t, l + 2);
        if (strstr(l, "tshark")) esperar_captura(t);
    } else if (strcmp(l, "...") == 0) t->pula = 1;
    else if (n >= 3 && strcmp(l + n - 3, ENTER) == 0) digitar(t, l);
    else if (strcmp(l, "^D") == 0) teclar(t, "\x04");
    else if (strncmp(l, "^C", 2) == 0) {
        teclar(t, "\x03");
        esperar_linha(t, l);
    } else esperar_linha(t, l);
}

/* Roda os blocos das linhas de a b - 1 da pagina. */
static void rodar_blocos(int de, int b) {
    struct terminal *t = NULL;
    const char *titulo = "";
    int i, dentro = 0, terminal = 0; /* 1: o bloco e de um terminal */
    for (i = de; i < b; i++) {
        const char *l = linhas[i];
        linha_atual = i;
        if (strncmp(l, "```", 3) == 0) {
            dentro = !dentro;
            terminal = dentro && strcmp(l, "```console") == 0;
            if (dentro && !terminal && !outra_pagina)
                falhar(NULL, "bloco que nao e ```console");
            if (terminal) t = achar_terminal(titulo);
        } else if (terminal) rodar_linha(t, l);
        else if (*l && !dentro) titulo = l;
    }
    if (dentro) falhar(NULL, "bloco sem fim");
    /* a pagina deixa os terminais prontos para o experimento seguinte; em
     * outra pagina, so termina por si o que ainda nao mostrou nada */
    for (i = 0; i < n_terminais; i++)
        if (terminais[i].quieto || !outra_pagina) esperar_fim(&terminais[i]);
    /* o que ficou no ar cai de uma vez: ninguem ve o outro cair */
    for (i = n_terminais - 1; i >= 0; i--)
        if (terminais[i].pid) kill(-terminais[i].pid, SIGSTOP);
    for (i = 0; i < n_terminais; i++)
        if (terminais[i].pid) kill(-terminais[i].pid, SIGKILL);
    for (i = 0; i < n_terminais; i++) esperar_fim(&terminais[i]);
}

static int instalada(const char *nome) {
    char texto[512];
    snprintf(texto, sizeof texto, "command -v '%s' >/dev/null 2>&1", nome);
    return system(texto) == 0;
}

/* Por que este experimento nao pode rodar aqui, ou NULL. */
static const char *impedimento(int de, int b) {
    static char motivo[256];
    static const char maquina[] = "**M\xc3\xa1quina ";
    char maquinas[2][32] = {"", ""}, nome[64];
    int i, rede = 0;
    for (i = de; i < b; i++) {
        const char *l = linhas[i], *p = l;
        while (strncmp(l, "**Precisa de:**", 15) == 0 &&
               (p = strchr(p, '`')) != NULL) {
            snprintf(nome, sizeof nome, "%.*s", (int)strcspn(p + 1, "`"),
                     p + 1);
            p += strlen(nome) + 2;
            if (instalada(nome)) continue;
            snprintf(motivo, sizeof motivo, "falta %s", nome);
            return motivo;
        }
        if (strncmp(l, "# ", 2) == 0 && i > de) rede = 1;
        if (strncmp(l, maquina, strlen(maquina)) == 0 && strchr(l, ','))
            sscanf(strchr(l, ',') + 1, " %20[0-9.]",
                   maquinas[l[strlen(maquina)] == 'B']);
    }
#ifdef __linux__
    if (*maquinas[0] && !instalada("ip")) return "falta ip";
    /* aos outros a rede propria so os livra dos vizinhos */
    if (rede_propria() < 0 && (rede || *maquinas[0])) {
        snprintf(motivo, sizeof motivo,
                 "falta permissao para criar uma rede: %s", strerror(errno));
        return motivo;
    }
    if (*maquinas[0] && outra_maquina(maquinas[0], maquinas[1]) < 0)
        return "falta permissao para criar a outra maquina";
#else
    if (rede || *maquinas[0]) return "falta uma rede so dele (Linux)";
#endif
    return NULL;
}

/* ./servidor e ./cliente da pasta: os de verdade, com a porta livre no lugar
 * da que vale quando nao se diz nenhuma. */
static void criar_programa(const char *nome, const char *variavel,
                           const char *opcoes, const char *com_nada,
                           const char *com_um) {
    char arquivo[2100], programa[4096], *palavra, *resto;
    const char *pedido = getenv(variavel);
    FILE *f;
    snprintf(programa, sizeof programa, "./%s", nome);
    if (pedido && *pedido) snprintf(programa, sizeof programa, "%s", pedido);
    snprintf(arquivo, sizeof arquivo, "%s/%s", pasta, nome);
    f = fopen(arquivo, "w");
    if (!f) falhar(NULL, "%s: %s", arquivo, strerror(errno));
    fprintf(f,
            "#!/bin/sh\nwhile getopts :%s o; do :; done\n"
            "n=$(($# - OPTIND + 1))\n[ $n -ne 0 ] || set -- \"$@\" %s%d\n",
            opcoes, com_nada, base);
    if (com_um) fprintf(f, "[ $n -ne 1 ] || set -- \"$@\" %d\n", base);
    fprintf(f, "exec");
    for (palavra = strtok_r(programa, " ", &resto); palavra;
         palavra = strtok_r(NULL, " ", &resto))
        fprintf(f, " '%s%s%s'",
                strchr(palavra, '/') && *palavra != '/' ? raiz : "",
                strchr(palavra, '/') && *palavra != '/' ? "/" : "", palavra);
    fprintf(f, " \"$@\"\n");
    fclose(f);
    chmod(arquivo, 0755);
}

static void experimento(int de, int b) {
    struct sigaction acao;
    const char *tmp = getenv("TMPDIR"), *motivo;
    memset(&acao, 0, sizeof acao);
    acao.sa_handler = avisar_prazo; /* sem SA_RESTART */
    sigaction(SIGALRM, &acao, NULL);
    sigaction(SIGTERM, &acao, NULL);
    signal(SIGPIPE, SIG_IGN);
    alarm(LIMITE);
    linha_atual = de;
    if ((motivo = impedimento(de, b)) != NULL) {
        printf("%s", motivo);
        fflush(stdout);
        _exit(PULADO);
    }
    setenv("LC_ALL", "C", 1);
    setenv("TERM", "dumb", 1);
    if (escolher_portas() < 0) falhar(NULL, "sem portas livres");
    snprintf(pasta, sizeof pasta, "%s/experimento.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(pasta) || chdir(pasta) < 0)
        falhar(NULL, "%s: %s", pasta, strerror(errno));
    setenv("TMPDIR", ".", 1);
    criar_programa("servidor", "SERVIDOR", "tuvsqha:n:x:", "", NULL);
    criar_programa("cliente", "CLIENTE", "tuvsh", "127.0.0.1 ", "");
    rodar_blocos(de, b);
    limpar_tudo();
    _exit(0);
}

/* ---- A pagina e os resultados ----------------------------------------- */

static void ler_pagina(const char *nome) {
    static char linha[8192];
    FILE *f = fopen(nome, "r");
    if (!f) {
        perror(nome);
        exit(2);
    }
    linhas = (char **)malloc(20000 * sizeof *linhas);
    while (n_linhas < 19999 && fgets(linha, sizeof linha, f)) {
        linha[strcspn(linha, "\r\n")] = '\0';
        linhas[++n_linhas] = strdup(linha);
    }
    fclose(f);
}

static struct {
    const char *titulo;
    int de, b;
    pid_t pid;
    FILE *relato;
} lista[MAX_EXPERIMENTOS];
static int n_lista, passaram, falharam, pulados;

/* Cada experimento tem as partes que o aluno espera, e ao menos um comando. */
static const char *incompleto(int de, int b) {
    static const char *const partes[] = {"**Pergunta:**", "**Por qu\xc3\xaa:**",
                                         "```console", "$ ", NULL};
    int i, j;
    for (i = outra_pagina ? 2 : 0; partes[i]; i++) {
        for (j = de; j < b; j++)
            if (strncmp(linhas[j], partes[i], strlen(partes[i])) == 0) break;
        if (j == b) return partes[i];
    }
    return NULL;
}

static int escolhido(const char *titulo) {
    const char *p = getenv("EXPERIMENTOS");
    char *fim;
    if (!p || !*p) return 1;
    for (;; p = fim) {
        long n = strtol(p, &fim, 10);
        if (fim == p) return 0;
        if (n == atol(titulo + 3)) return 1;
    }
}

static void comecar_experimento(int i) {
    const char *falta = incompleto(lista[i].de, lista[i].b);
    lista[i].relato = tmpfile();
    fflush(stdout);
    lista[i].pid = fork();
    if (lista[i].pid != 0) return;
    dup2(fileno(lista[i].relato), 1);
    linha_atual = lista[i].de;
    if (falta) falhar(NULL, "o experimento nao tem %s", falta);
    experimento(lista[i].de, lista[i].b);
}

static void contar(int i, int estado) {
    char texto[4096];
    int codigo = WIFEXITED(estado) ? WEXITSTATUS(estado) : 128;
    size_t n;
    rewind(lista[i].relato);
    n = fread(texto, 1, sizeof texto - 1, lista[i].relato);
    texto[n] = '\0';
    fclose(lista[i].relato);
    if (codigo == PULADO) {
        const char *exigir = getenv("EXIGIR");
        int exige = exigir && strcmp(exigir, "1") == 0;
        printf("%s experimento %s: %s\n", exige ? "FALHOU" : "PULADO",
               lista[i].titulo + 3, texto);
        exige ? falharam++ : pulados++;
    } else if (codigo == 0) {
        printf("ok experimento %s\n", lista[i].titulo + 3);
        passaram++;
    } else {
        printf("FALHOU experimento %s -- de novo: EXPERIMENTOS=%d "
               "tests/bin/experimentos\n%s",
               lista[i].titulo + 3, atoi(lista[i].titulo + 3), texto);
        falharam++;
    }
    lista[i].pid = 0;
}

static void parar(int sinal) {
    int i;
    for (i = 0; i < n_lista; i++)
        if (lista[i].pid > 0) kill(lista[i].pid, SIGTERM);
    _exit(128 + sinal);
}

int main(int argc, char **argv) {
    const char *p = getenv("PARALELO");
    int i, dentro = 0, fora = 1, proximo = 0, vivos = 0, max = p ? atoi(p) : 4;
    if (!getcwd(raiz, sizeof raiz)) return 2;
    outra_pagina = argc > 1;
    ler_pagina(outra_pagina ? argv[1] : "docs/experimentos.md");
    for (i = 1; i <= n_linhas; i++) {
        if (strncmp(linhas[i], "```", 3) == 0) {
            dentro = !dentro;
            if (dentro && fora && !outra_pagina) {
                printf("FALHOU experimentos: linha %d: bloco fora de um "
                       "experimento\n",
                       i);
                falharam++;
            }
        }
        if (dentro || strncmp(linhas[i], "## ", 3) != 0) continue;
        if (n_lista && lista[n_lista - 1].b == 0) lista[n_lista - 1].b = i;
        fora = !isdigit((unsigned char)linhas[i][3]);
        if (fora) continue;
        if (!escolhido(linhas[i]) || n_lista == MAX_EXPERIMENTOS) continue;
        lista[n_lista].titulo = linhas[i];
        lista[n_lista++].de = i;
    }
    if (n_lista && lista[n_lista - 1].b == 0) lista[n_lista - 1].b = i;
    signal(SIGINT, parar);
    signal(SIGTERM, parar);
    if (max < 1) max = 1;
    while (proximo < n_lista || vivos > 0) {
        int estado;
        pid_t quem;
        for (; proximo < n_lista && vivos < max; vivos++)
            comecar_experimento(proximo++);
        quem = wait(&estado);
        for (i = 0; i < n_lista; i++)
            if (lista[i].pid == quem) {
                contar(i, estado);
                vivos--;
            }
    }
    printf("%d passed, %d failed", passaram, falharam);
    if (pulados) printf(", %d skipped", pulados);
    printf("\n");
    return falharam > 0 || passaram + pulados == 0;
}
