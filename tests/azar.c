/*
 * azar.c - o cliente contra servidores ao acaso: que falam antes, que nao leem,
 * que leem um byte de cada vez, que se calam, que fecham, que desfazem a
 * conexao, sempre no pior momento. As entradas e saidas do cliente sao pipes
 * que as vezes nao bloqueiam, e que as vezes ninguem le.
 *
 *   make tests/bin/azar
 *   [SEGUNDOS=100] [SEMENTE=2022] [CLIENTE=./cliente] tests/bin/azar
 *
 * De cada cliente se confere: o que ele mostrou e o comeco do que o servidor
 * enviou (ou tudo, se o fim foi em ordem); o que o servidor leu e o comeco do
 * que se digitou, ate a linha sair; o codigo de saida; as contas do fim; e que
 * nenhum verificador de memoria ou de fios se queixou. (O servidor, contra
 * clientes ao acaso, e com imersao.c.)
 */
#include "sorteio.h"

#define VEZES  12 /* clientes de cada vez */
#define LIMITE 90 /* segundos de cada cliente */
#define MAIS   40 /* bytes que se digitam depois da linha sair */

enum { FIM_DA_ENTRADA, LINHA_SAIR, FICA_ABERTA }; /* como o usuario acaba */
enum { ESPERA, CALA, FECHA, DESFAZ, FINAIS };     /* como o servidor acaba */
static const char *const finais[] = {"espera o fim", "so se cala",
                                     "fecha no meio", "desfaz a conexao"};

struct vez {
    pid_t pid;       /* 0: lugar vago */
    int escuta, s;   /* do servidor */
    int pontas[3];   /* as nossas, de 0, 1 e 2 do cliente */
    int numero, eco; /* eco: devolve o que leu; senao, fala por si */
    int acaba, final;
    long inicio, outro; /* onde comecam, no livro, o digitado e o falado */
    long total, vale;   /* bytes que se digitam; os que devem ser enviados */
    long fala;          /* bytes que o servidor diz, se nao e eco */
    long ponto;         /* bytes lidos ou ditos ate o final */
    long digitou, leu, disse, mostrou;
    int pedaco;           /* o maior que o servidor le ou diz de uma vez */
    int viu_fim, acabou;  /* recv deu 0; o servidor ja nao diz nada */
    int quebrou;          /* a conexao se desfez */
    int terminou, status; /* o cliente; do waitpid */
    double nasceu, dormir[3];
    char erro[8192]; /* o fim do que veio em stderr */
    long n_erro;
};

static struct vez vezes[VEZES];
static int falhas, errados[FINAIS], por_final[FINAIS][2];
static double bytes;

/* Muitas vezes pouco, as vezes muito. */
static long sortear_tamanho(long max) {
    static const long teto[] = {3, 100, 5000, 70000};
    long t = teto[sortear(0, 3)];
    return sortear(0, t < max && sortear(0, 5) ? t : max);
}

static void desistir(const char *o_que) {
    printf("FALHOU azar: %s: %s\n0 passed, 1 failed\n", o_que, strerror(errno));
    exit(1);
}

/* ---- Um cliente ------------------------------------------------------- */

static unsigned char digitado(const struct vez *v, long i) {
    return byte_do_livro(v->inicio, i, v->acaba == LINHA_SAIR, v->vale);
}

static unsigned char dito(const struct vez *v, long i) {
    return v->eco ? digitado(v, i) : livro[(v->outro + i) % TAM_LIVRO];
}

static void soltar(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void nosso(int fd) {
    soltar(fd);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void escolher(struct vez *v) {
    static int numero;
    memset(v, 0, sizeof *v);
    v->numero = ++numero;
    v->s = -1;
    v->eco = sortear(0, 1) == 0;
    v->acaba = (int)sortear(0, 2);
    v->final = (int)sortear(0, FINAIS - 1);
    if (v->final == ESPERA && v->acaba == FICA_ABERTA) v->acaba = LINHA_SAIR;
    v->inicio = sortear(0, TAM_LIVRO - 1);
    v->outro = sortear(0, TAM_LIVRO - 1);
    v->total = v->vale = sortear_tamanho(3000000);
    if (v->acaba == LINHA_SAIR) {
        v->vale += 7;
        v->total = v->vale + sortear(0, MAIS);
    }
    v->fala = sortear_tamanho(3000000);
    v->ponto = sortear_tamanho(v->eco ? v->vale : v->fala);
    v->pedaco = (int)(1 + sortear_tamanho(65535));
    /* devagar demais e so demora: no maximo uns milhares de pedacos */
    if (v->pedaco < v->vale / 3000) v->pedaco = (int)(v->vale / 3000);
    if (v->pedaco < v->fala / 3000) v->pedaco = (int)(v->fala / 3000);
}

static void comecar(struct vez *v) {
    const char *programa = getenv("CLIENTE");
    char comando[600];
    struct sockaddr_in e;
    socklen_t t = sizeof e;
    int par[3][2], i, opcoes = (int)sortear(0, 3), soltas = (int)sortear(0, 7);
    escolher(v);
    v->escuta = socket(AF_INET, SOCK_STREAM, 0);
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(v->escuta, (struct sockaddr *)&e, sizeof e) < 0 ||
        listen(v->escuta, 1) < 0 ||
        getsockname(v->escuta, (struct sockaddr *)&e, &t) < 0)
        desistir("escutar");
    nosso(v->escuta);
    for (i = 0; i < 3; i++) {
        if (pipe(par[i]) < 0) desistir("pipe");
        v->pontas[i] = par[i][i == 0];
        nosso(v->pontas[i]);
        if (soltas >> i & 1) soltar(par[i][i != 0]);
    }
    snprintf(comando, sizeof comando, "exec %s%s 127.0.0.1 %d",
             programa ? programa : "./cliente", opcoes == 0 ? " -v" : "",
             ntohs(e.sin_port));
    v->nasceu = agora();
    v->pid = fork();
    if (v->pid < 0) desistir("fork");
    if (v->pid == 0) {
        for (i = 0; i < 3; i++) dup2(par[i][i != 0], i);
        for (i = 3; i < 1024; i++) close(i);
        signal(SIGPIPE, SIG_DFL);
        execl("/bin/sh", "sh", "-c", comando, (char *)NULL);
        _exit(127);
    }
    for (i = 0; i < 3; i++) close(par[i][i != 0]);
}

static void fechar(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

__attribute__((format(printf, 2, 3))) static void
reprovar(const struct vez *v, const char *formato, ...) {
    va_list valores;
    errados[v->final]++;
    if (falhas++ > 20) return;
    printf("FALHOU azar %d (%s, %s%s): ", v->numero, v->eco ? "eco" : "falador",
           finais[v->final], v->acaba == FICA_ABERTA ? ", entrada aberta" : "");
    va_start(valores, formato);
    vprintf(formato, valores);
    va_end(valores);
    printf("; digitou %ld, valem %ld, o servidor leu %ld e disse %ld, o "
           "cliente mostrou %ld; stderr: \"%.400s\"\n",
           v->digitou, v->vale, v->leu, v->disse, v->mostrou, v->erro);
    fflush(stdout);
}

/* O cliente terminou: tudo o que se pode exigir dele. */
static void conferir(struct vez *v, int status) {
    int codigo = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    double foram = -1, vieram = -1;
    const char *fim;
    v->erro[v->n_erro] = '\0';
    fim = strstr(v->erro, "fim da conversa: ");
    if (codigo != 0 && codigo != 1) reprovar(v, "saiu com %d", codigo);
    else if (strstr(v->erro, "Sanitizer") || strstr(v->erro, "runtime error"))
        reprovar(v, "um verificador se queixou");
    else if (!fim || sscanf(fim, "fim da conversa: %lf bytes enviados, %lf",
                            &foram, &vieram) != 2)
        reprovar(v, "nao disse as contas do fim");
    else if (vieram != v->mostrou)
        reprovar(v, "disse que recebeu %.0f", vieram);
    else if (foram < v->leu || foram > v->vale)
        reprovar(v, "disse que enviou %.0f", foram);
    else if (v->final != DESFAZ && v->final != FECHA && v->mostrou != v->disse)
        reprovar(v, "o fim foi em ordem, e nao mostrou tudo");
    else if (v->final == ESPERA && (codigo != 0 || v->leu != v->vale))
        reprovar(v, "devia sair com 0, saiu com %d", codigo);
    else if (v->final == DESFAZ && codigo != 1)
        reprovar(v, "a conexao se desfez, e saiu com 0");
    else if (v->acaba == FICA_ABERTA && codigo != 1)
        reprovar(v, "a entrada estava aberta, e saiu com 0");
    else if (v->final == CALA && codigo == 0 && v->leu != v->vale)
        reprovar(v, "saiu com 0, e nem tudo chegou ao servidor");
    por_final[v->final][codigo == 1]++;
    bytes += v->mostrou + v->leu;
    fechar(&v->escuta);
    fechar(&v->s);
    fechar(&v->pontas[0]);
    fechar(&v->pontas[1]);
    fechar(&v->pontas[2]);
    v->pid = 0;
}

/* ---- O que cada um faz quando pode ------------------------------------ */

static void digitar(struct vez *v) {
    static unsigned char p[65536];
    long i, n = sortear(1, (long)sizeof p);
    ssize_t r;
    if (n > v->total - v->digitou) n = v->total - v->digitou;
    for (i = 0; i < n; i++) p[i] = digitado(v, v->digitou + i);
    r = n > 0 ? write(v->pontas[0], p, (size_t)n) : 0;
    if (r > 0) v->digitou += r;
    if (r < 0 && errno != EAGAIN) fechar(&v->pontas[0]); /* ja nao se le */
    if (v->digitou == v->total && v->acaba != FICA_ABERTA)
        fechar(&v->pontas[0]);
    if (sortear(0, 9) == 0) v->dormir[0] = agora() + sortear(0, 30) / 1e3;
}

/* Le o que o cliente escreveu; stdout se confere byte a byte. */
static void ler_saida(struct vez *v, int qual) {
    static unsigned char p[65536];
    ssize_t i, r = read(v->pontas[qual], p, (size_t)sortear(1, sizeof p));
    if (r < 0 && errno == EAGAIN) return;
    if (r <= 0) {
        fechar(&v->pontas[qual]);
        return;
    }
    if (sortear(0, 19) == 0) v->dormir[qual] = agora() + sortear(0, 300) / 1e3;
    if (qual == 2) {
        static char junto[65536 + sizeof v->erro]; /* guarda-se o fim */
        long cabe = (long)sizeof v->erro - 1, n = v->n_erro + r;
        memcpy(junto, v->erro, (size_t)v->n_erro);
        memcpy(junto + v->n_erro, p, (size_t)r);
        v->n_erro = n < cabe ? n : cabe;
        memcpy(v->erro, junto + n - v->n_erro, (size_t)v->n_erro);
        return;
    }
    for (i = 0; i < r; i++)
        if (v->mostrou + i >= v->disse || p[i] != dito(v, v->mostrou + i)) {
            reprovar(v, "mostrou um byte errado");
            kill(v->pid, SIGKILL);
            break;
        }
    v->mostrou += r;
}

static void servidor_le(struct vez *v) {
    static unsigned char p[65536];
    ssize_t i, r = recv(v->s, p, (size_t)v->pedaco, 0);
    if (r < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (r < 0) v->quebrou = 1;
    if (r == 0) v->viu_fim = 1;
    for (i = 0; i < r; i++)
        if (v->leu + i >= v->vale || p[i] != digitado(v, v->leu + i)) {
            reprovar(v, "o servidor leu um byte errado");
            kill(v->pid, SIGKILL);
            return;
        }
    if (r > 0) v->leu += r;
}

static void servidor_diz(struct vez *v) {
    static unsigned char p[65536];
    long i, n = (v->eco ? v->leu : v->fala) - v->disse;
    ssize_t r;
    if (n > v->pedaco) n = v->pedaco;
    if (n <= 0) return;
    for (i = 0; i < n; i++) p[i] = dito(v, v->disse + i);
    r = send(v->s, p, (size_t)n, MSG_NOSIGNAL);
    if (r > 0) v->disse += r;
    if (r < 0 && errno != EAGAIN) v->quebrou = 1;
}

/* O servidor chegou ao seu ponto: acaba. */
static void servidor_acaba(struct vez *v) {
    long feito = v->eco ? v->leu : v->disse;
    if (v->quebrou) {
        fechar(&v->s);
        v->acabou = 1;
        return;
    }
    if (v->final == ESPERA || (v->final == CALA && v->acabou)) {
        if (v->viu_fim &&
            (v->acabou || v->disse == (v->eco ? v->leu : v->fala)))
            fechar(&v->s);
        return;
    }
    if (feito < v->ponto && !v->viu_fim) return;
    if (v->final == CALA) shutdown(v->s, SHUT_WR);
    else if (v->final == DESFAZ) {
        fechar_com_rst(v->s);
        v->s = -1;
    } else fechar(&v->s);
    v->acabou = 1;
}

static int tem_o_que_dizer(const struct vez *v) {
    return !v->acabou && v->disse < (v->eco ? v->leu : v->fala);
}

static void mover_todos(double ate) {
    struct pollfd p[VEZES * 4];
    struct vez *de[VEZES * 4];
    int qual[VEZES * 4], i, k, n = 0;
    double t = agora(), acorda = ate;
    for (i = 0; i < VEZES; i++) {
        struct vez *v = &vezes[i];
        if (!v->pid) continue;
        for (k = 0; k < 3; k++) {
            if (v->pontas[k] < 0) continue;
            if (k == 0 && v->digitou == v->total && v->acaba == FICA_ABERTA)
                continue;
            if (t < v->dormir[k]) {
                if (v->dormir[k] < acorda) acorda = v->dormir[k];
                continue;
            }
            p[n].fd = v->pontas[k];
            p[n].events = k == 0 ? POLLOUT : POLLIN;
            de[n] = v;
            qual[n++] = k;
        }
        p[n].fd = v->s >= 0 ? v->s : v->escuta;
        if (p[n].fd < 0) continue;
        p[n].events = v->viu_fim ? 0 : POLLIN;
        if (v->s >= 0 && tem_o_que_dizer(v)) p[n].events |= POLLOUT;
        de[n] = v;
        qual[n++] = 3;
    }
    if (poll(p, (nfds_t)n, acorda > t ? (int)((acorda - t) * 1000) + 1 : 0) < 0)
        return;
    for (i = 0; i < n; i++) {
        struct vez *v = de[i];
        if (!p[i].revents) continue;
        if (qual[i] == 0) digitar(v);
        else if (qual[i] < 3) ler_saida(v, qual[i]);
        else if (v->s < 0) {
            v->s = accept(v->escuta, NULL, NULL);
            if (v->s < 0) continue;
            nosso(v->s);
            fechar(&v->escuta);
            servidor_acaba(v); /* o ponto pode ser o comeco */
        } else {
            if (p[i].revents & POLLIN) servidor_le(v);
            if (!v->quebrou && (p[i].revents & POLLOUT)) servidor_diz(v);
            if (p[i].revents & POLLERR) v->quebrou = 1;
            servidor_acaba(v);
        }
    }
    for (i = 0; i < VEZES; i++) {
        struct vez *v = &vezes[i];
        if (!v->pid) continue;
        /* so depois de ler tudo o que ele escreveu */
        if (!v->terminou && v->pontas[1] < 0 && v->pontas[2] < 0 &&
            waitpid(v->pid, &v->status, WNOHANG) == v->pid)
            v->terminou = 1;
        /* e quem so se calou ainda le o que o cliente enviou */
        if (v->terminou && (v->s < 0 || v->final != CALA || v->viu_fim))
            conferir(v, v->status);
        else if (agora() - v->nasceu > LIMITE) {
            reprovar(v,
                     v->terminou ? "o servidor nao viu o fim" : "nao terminou");
            if (!v->terminou) kill(v->pid, SIGKILL);
            else fechar(&v->s);
            v->nasceu = agora();
        }
    }
}

int main(void) {
    double segundos = preparar_sorteio("azar"), fim;
    int i, vivos = 1, certos = 0;
    fim = agora() + segundos;
    while (vivos > 0) {
        for (i = vivos = 0; i < VEZES; i++) {
            if (!vezes[i].pid && agora() < fim && falhas <= 20)
                comecar(&vezes[i]);
            vivos += vezes[i].pid != 0;
        }
        mover_todos(agora() + 0.1);
    }
    /* um caso por final, haja quantas conversas houver */
    for (i = 0; i < FINAIS; i++) {
        int conversas = por_final[i][0] + por_final[i][1];
        certos += conversas > 0 && !errados[i];
        printf("%s o servidor %s: %d conversas, %d sairam com 0, %d com 1\n",
               conversas > 0 && !errados[i] ? "ok" : "FALHOU", finais[i],
               conversas, por_final[i][0], por_final[i][1]);
    }
    printf("%.0f MB nos dois sentidos\n%d passed, %d failed\n", bytes / 1e6,
           certos, FINAIS - certos);
    return certos < FINAIS;
}
