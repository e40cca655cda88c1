/*
 * bench.c - mede o par servidor/cliente ao lado do laco mais nu que faz as
 * mesmas chamadas, e de nc, ncat e socat se ha. So Linux.
 *
 *   make bench                              uns dois minutos
 *   make bench RODADAS=15 SEGUNDOS=0.5      mais demorado, menos ruido
 *
 * Em stdout so a tabela, em Markdown; em stderr, o andamento.
 *
 * So razoes se comparam: cada rodada mede o nosso e logo depois o nu, na
 * mesma maquina e no mesmo minuto; da razao entre os dois se mostram a
 * mediana e os extremos. Cada programa comeca de novo em cada medida.
 *
 * O mesmo executavel e tambem os lacos nus, em outros processos:
 *   bench eco-um PORTA | eco-poll PORTA | eco-udp PORTA | cliente PORTA
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TAM_BUFFER   65536 /* bytes por recv, como em common.h */
#define TAM_MENSAGEM 32    /* bytes de cada mensagem */
#define TAM_ARQUIVO  96    /* milhoes de bytes do arquivo grande */
#define MAX_CLIENTES 2000
#define MAX_RODADAS  99
#define PRAZO        60 /* segundos: medida mais longa que isso falhou */

static int rodadas = 7;
static double segundos = 0.3;
static char buffer[TAM_BUFFER];

/* ---- Os lacos nus ----------------------------------------------------- */
/* Sem conferir, sem contar, sem registrar: so as chamadas.                */

static struct sockaddr_in local(int porta)
{
    struct sockaddr_in e;
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)porta);
    e.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return e;
}

/* Um socket na porta; os de TCP, com as opcoes que o servidor liga. */
static int abrir(int tipo, int porta)
{
    struct sockaddr_in e = local(porta);
    int s = socket(AF_INET, tipo, 0), sim = 1;
    if (tipo == SOCK_STREAM) {
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &sim, sizeof sim);
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &sim, sizeof sim);
        setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &sim, sizeof sim);
    }
    if (bind(s, (struct sockaddr *)&e, sizeof e) < 0) exit(1);
    if (tipo == SOCK_STREAM) listen(s, 1024);
    return s;
}

static void eco_um(int porta)
{
    int escuta = abrir(SOCK_STREAM, porta), s, n;
    for (;;) {
        s = accept(escuta, NULL, NULL);
        while ((n = (int)recv(s, buffer, TAM_BUFFER, 0)) > 0)
            if (send(s, buffer, n, MSG_NOSIGNAL) < 0) break;
        close(s);
    }
}

static void eco_poll(int porta)
{
    static struct pollfd p[MAX_CLIENTES + 1];
    int escuta = abrir(SOCK_STREAM, porta), n = 1, i, r;
    p[0].fd = escuta;
    p[0].events = POLLIN;
    for (;;) {
        poll(p, n, -1);
        for (i = n - 1; i > 0; i--) {
            if (!p[i].revents) continue;
            r = (int)recv(p[i].fd, buffer, TAM_BUFFER, 0);
            if (r > 0) {
                r = (int)send(p[i].fd, buffer, r, MSG_NOSIGNAL);
            }
            if (r <= 0) {
                close(p[i].fd);
                p[i] = p[--n];
            }
        }
        if (p[0].revents && n <= MAX_CLIENTES) {
            p[n].fd = accept(escuta, NULL, NULL);
            p[n].events = POLLIN;
            p[n++].revents = 0;
        }
    }
}

static void eco_udp(int porta)
{
    int s = abrir(SOCK_DGRAM, porta), n;
    struct sockaddr_in de;
    socklen_t tamanho;
    for (;;) {
        tamanho = sizeof de;
        n = (int)recvfrom(s, buffer, TAM_BUFFER, 0, (struct sockaddr *)&de,
                          &tamanho);
        sendto(s, buffer, n, 0, (struct sockaddr *)&de, sizeof de);
    }
}

static void *enviar_entrada(void *s)
{
    static char entrada[TAM_BUFFER];
    int n, r, feito;
    while ((n = (int)read(0, entrada, TAM_BUFFER)) > 0)
        for (feito = 0; feito < n; feito += r)
            if ((r = (int)send(*(int *)s, entrada + feito, n - feito, 0)) < 0)
                exit(1);
    shutdown(*(int *)s, SHUT_WR);
    return NULL;
}

static int cliente_nu(int porta)
{
    struct sockaddr_in e = local(porta);
    int s = socket(AF_INET, SOCK_STREAM, 0), n;
    pthread_t fio;
    if (connect(s, (struct sockaddr *)&e, sizeof e) < 0) return 1;
    pthread_create(&fio, NULL, enviar_entrada, &s);
    while ((n = (int)recv(s, buffer, TAM_BUFFER, 0)) > 0)
        if (write(1, buffer, n) != n) return 1;
    return 0;
}

/* ---- Quem se mede ----------------------------------------------------- */

enum { NOSSO, NU, NC, NCAT, SOCAT, TODOS };
static const char *nomes[TODOS] = {"nosso", "nu", "nc", "ncat", "socat"};
static int existe[TODOS] = {1, 1, 0, 0, 0};

/* Comandos do shell; %d e a porta. NULL: quem nao sabe fazer isso. */
#define ECO_UM   "exec \"$BENCH\" eco-um %d"
#define ECO_POLL "exec \"$BENCH\" eco-poll %d"
#define NC_TCP                                                                \
    "rm -f \"$DIR/fifo\" && mkfifo \"$DIR/fifo\" && "                         \
    "exec nc -k -l 127.0.0.1 %d <>\"$DIR/fifo\" >&0"
#define NCAT_TCP  "exec ncat -l -k -m 2000 -e /bin/cat 127.0.0.1 %d"
#define SOCAT_TCP                                                             \
    "exec socat TCP-LISTEN:%d,bind=127.0.0.1,fork,reuseaddr,backlog=1024 PIPE"
#define MUITOS "exec ./servidor -q -n 2000 %d"

static const struct caso {
    const char *nome;
    int tipo, clientes;
    const char *servidor[TODOS];
} casos[] = {
    {"TCP, 1 cliente, `-n 1`", SOCK_STREAM, 1,
     {"exec ./servidor -q -n 1 %d", ECO_UM, NC_TCP, NCAT_TCP, SOCAT_TCP}},
    {"TCP, 1 cliente", SOCK_STREAM, 1,
     {"exec ./servidor -q %d", ECO_POLL, NC_TCP, NCAT_TCP, SOCAT_TCP}},
    {"TCP, 32 clientes", SOCK_STREAM, 32,
     {"exec ./servidor -q %d", ECO_POLL, NULL, NCAT_TCP, SOCAT_TCP}},
    {"TCP, 200 clientes", SOCK_STREAM, 200,
     {MUITOS, ECO_POLL, NULL, NCAT_TCP, SOCAT_TCP}},
    {"TCP, 500 clientes", SOCK_STREAM, 500,
     {MUITOS, ECO_POLL, NULL, NCAT_TCP, SOCAT_TCP}},
    {"UDP, 1 cliente", SOCK_DGRAM, 1,
     {"exec ./servidor -u -q %d", "exec \"$BENCH\" eco-udp %d",
      "rm -f \"$DIR/fifo\" && mkfifo \"$DIR/fifo\" && "
      "exec nc -u -l 127.0.0.1 %d <>\"$DIR/fifo\" >&0",
      "exec ncat -u -l -k -e /bin/cat 127.0.0.1 %d",
      "exec socat UDP-LISTEN:%d,bind=127.0.0.1,fork,reuseaddr PIPE"}},
    {"UDP, 32 clientes", SOCK_DGRAM, 32,
     {"exec ./servidor -u -q %d", "exec \"$BENCH\" eco-udp %d", NULL,
      "exec ncat -u -l -k -e /bin/cat 127.0.0.1 %d",
      "exec socat UDP-LISTEN:%d,bind=127.0.0.1,fork,reuseaddr PIPE"}},
};

/* O arquivo grande: quem o leva e traz, e o eco do outro lado. */
#define DE_E_PARA " <\"$DIR/origem\" >\"$DIR/destino\""
static const char *clientes[TODOS] = {
    "exec ./cliente 127.0.0.1 %d" DE_E_PARA,
    "exec \"$BENCH\" cliente %d" DE_E_PARA,
    "exec nc -N 127.0.0.1 %d" DE_E_PARA,
    "exec ncat 127.0.0.1 %d" DE_E_PARA,
    "exec socat -t 30 - TCP:127.0.0.1:%d" DE_E_PARA};
static const char *eco_nu[TODOS] = {ECO_POLL, ECO_POLL, ECO_POLL, ECO_POLL,
                                    ECO_POLL};
static const char *eco_de_cada[TODOS] = {"exec ./servidor -q %d", ECO_POLL,
                                         NC_TCP, NCAT_TCP, SOCAT_TCP};

/* ---- Processos -------------------------------------------------------- */

static cpu_set_t nucleos[2]; /* do servidor; da carga e dos clientes */
static int separados;        /* 1 se os dois nucleos sao distintos */
static volatile pid_t grupos[2];

/* Escolhe dois nucleos entre os que este processo pode usar. */
static void separar_nucleos(void)
{
    cpu_set_t livres;
    int i, n = 0;
    sched_getaffinity(0, sizeof livres, &livres);
    nucleos[0] = nucleos[1] = livres;
    if (CPU_COUNT(&livres) < 2) return;
    for (i = 0; n < 2; i++) {
        if (!CPU_ISSET(i, &livres)) continue;
        CPU_ZERO(&nucleos[n]);
        CPU_SET(i, &nucleos[n++]);
    }
    separados = 1;
    sched_setaffinity(0, sizeof nucleos[1], &nucleos[1]);
}

/* Ctrl-C acaba com tudo; o alarme, so com a medida que nao anda. */
static void matar(int sinal)
{
    int i;
    for (i = 0; i < 2; i++)
        if (grupos[i]) kill(-grupos[i], SIGKILL);
    if (sinal != SIGALRM) _exit(1);
}

/* Comeca um comando no seu grupo; papel 0 e o servidor, 1 o cliente. */
static pid_t iniciar(int papel, const char *formato, int porta)
{
    char comando[512];
    int nada;
    pid_t pid;
    snprintf(comando, sizeof comando, formato, porta);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        sched_setaffinity(0, sizeof nucleos[papel], &nucleos[papel]);
        nada = open("/dev/null", O_RDWR);
        dup2(nada, 0);
        dup2(nada, 1);
        dup2(nada, 2);
        execl("/bin/sh", "sh", "-c", comando, (char *)NULL);
        _exit(127);
    }
    setpgid(pid, pid);
    grupos[papel] = pid;
    return pid;
}

/* Acaba com o grupo e espera todos: os netos tambem sao nossos
 * (PR_SET_CHILD_SUBREAPER), e nenhum atrapalha a proxima medida. */
static void encerrar(int papel)
{
    if (!grupos[papel]) return;
    kill(-grupos[papel], SIGKILL);
    while (waitpid(-grupos[papel], NULL, 0) > 0)
        ;
    grupos[papel] = 0;
}

/* Uma porta que o sistema diz que esta livre. */
static int porta_livre(int tipo)
{
    struct sockaddr_in e = local(0);
    socklen_t tamanho = sizeof e;
    int s = socket(AF_INET, tipo, 0);
    bind(s, (struct sockaddr *)&e, sizeof e);
    getsockname(s, (struct sockaddr *)&e, &tamanho);
    close(s);
    return ntohs(e.sin_port);
}

/* ---- A carga: n clientes, cada um com uma mensagem no ar -------------- */

struct medida {
    double taxa; /* mensagens (ou MB) por segundo; 0 se falhou */
    double cpu;  /* microssegundos do servidor por mensagem */
};

static const char mensagem[TAM_MENSAGEM + 1] =
    "uma linha de trinta e dois byte\n";
static int ligados[MAX_CLIENTES];

static double relogio(clockid_t qual)
{
    struct timespec t;
    clock_gettime(qual, &t);
    return (double)t.tv_sec + t.tv_nsec / 1e9;
}

/* Liga um cliente e faz a primeira troca, que tambem prova que o servidor o
 * aceitou. Um servidor que ainda nao abriu a porta recusa: insiste. O
 * descritor, ou -1. */
static int ligar(int tipo, int porta)
{
    struct sockaddr_in e = local(porta);
    struct pollfd p;
    int sim = 1, vezes;
    for (vezes = 0; vezes < 1000; vezes++) {
        p.fd = socket(AF_INET, tipo, 0);
        p.events = POLLIN;
        if (tipo == SOCK_STREAM)
            setsockopt(p.fd, IPPROTO_TCP, TCP_NODELAY, &sim, sizeof sim);
        if (connect(p.fd, (struct sockaddr *)&e, sizeof e) == 0 &&
            send(p.fd, mensagem, TAM_MENSAGEM, MSG_NOSIGNAL) > 0 &&
            poll(&p, 1, tipo == SOCK_STREAM ? 5000 : 200) > 0 &&
            recv(p.fd, buffer, TAM_BUFFER, 0) == TAM_MENSAGEM)
            return p.fd;
        close(p.fd);
        usleep(5000);
    }
    return -1;
}

static int ligar_todos(int n, int tipo, int porta)
{
    int i;
    for (i = 0; i < n; i++)
        if ((ligados[i] = ligar(tipo, porta)) < 0) break;
    return i;
}

static void desligar(int n)
{
    while (n-- > 0) close(ligados[n]);
}

/* Os primeiros n dos ligados trocam mensagens; os outros ficam mudos. */
static struct medida trocar(int n, pid_t servidor)
{
    struct medida m = {0, 0};
    struct epoll_event ev[512];
    clockid_t cpu = CLOCK_MONOTONIC;
    double inicio, agora, antes, bytes = 0;
    int ep = epoll_create1(0), i, r, prontos = 1;
    memset(ev, 0, sizeof ev);
    ev[0].events = EPOLLIN;
    for (i = n - 1; i >= 0; i--) { /* com um so, ev[0] ja fica pronto */
        ev[0].data.fd = ligados[i];
        epoll_ctl(ep, EPOLL_CTL_ADD, ligados[i], &ev[0]);
    }
    clock_getcpuclockid(servidor, &cpu);
    antes = relogio(cpu);
    agora = inicio = relogio(CLOCK_MONOTONIC);
    for (i = 0; i < n; i++)
        send(ligados[i], mensagem, TAM_MENSAGEM, MSG_NOSIGNAL);
    while (agora - inicio < segundos) {
        if (n > 1) prontos = epoll_wait(ep, ev, 512, 100);
        for (i = 0; i < prontos; i++) {
            r = (int)recv(ev[i].data.fd, buffer, TAM_BUFFER, 0);
            if (r <= 0 || send(ev[i].data.fd, buffer, r, MSG_NOSIGNAL) != r) {
                close(ep);
                return m;
            }
            bytes += r;
        }
        agora = relogio(CLOCK_MONOTONIC);
    }
    m.taxa = bytes / TAM_MENSAGEM / (agora - inicio);
    m.cpu = (relogio(cpu) - antes) * 1e6 / (bytes / TAM_MENSAGEM);
    close(ep);
    return m;
}

/* Um servidor novo, n clientes que falam e mais os mudos. */
static struct medida medir_mensagens(const char *servidor, int tipo, int n,
                                     int mudos)
{
    struct medida m = {0, 0};
    int porta = porta_livre(tipo), quantos;
    pid_t pid = iniciar(0, servidor, porta);
    alarm(PRAZO);
    quantos = ligar_todos(n + mudos, tipo, porta);
    if (quantos == n + mudos) m = trocar(n, pid);
    alarm(0);
    desligar(quantos);
    encerrar(0);
    return m;
}

/* ---- O arquivo grande ------------------------------------------------- */

/* Linhas de texto de tamanhos variados. */
static void criar_arquivo(void)
{
    char nome[256], linha[128];
    double bytes = 0;
    unsigned sorteio = 1;
    FILE *f;
    int n, i;
    snprintf(nome, sizeof nome, "%s/origem", getenv("DIR"));
    f = fopen(nome, "w");
    while (f && bytes < TAM_ARQUIVO * 1e6) {
        sorteio = sorteio * 1103515245u + 12345u;
        n = sorteio >> 16 & 127;
        for (i = 0; i < n; i++) linha[i] = (char)('a' + (sorteio + i) % 26);
        if (n > 0) linha[n - 1] = '\n';
        bytes += fwrite(linha, 1, n, f);
    }
    if (!f || fclose(f) != 0) {
        fprintf(stderr, "bench: sem espaco para %d MB em %s\n",
                2 * TAM_ARQUIVO, getenv("DIR"));
        exit(1);
    }
}

static struct medida medir_arquivo(const char *servidor, const char *cliente)
{
    struct medida m = {0, 0};
    int porta = porta_livre(SOCK_STREAM), estado = 1;
    double inicio;
    iniciar(0, servidor, porta);
    alarm(PRAZO);
    close(ligar(SOCK_STREAM, porta)); /* o servidor ja atende */
    inicio = relogio(CLOCK_MONOTONIC);
    waitpid(iniciar(1, cliente, porta), &estado, 0);
    m.taxa = TAM_ARQUIVO / (relogio(CLOCK_MONOTONIC) - inicio);
    alarm(0);
    encerrar(1);
    encerrar(0);
    if (estado != 0 || system("cmp -s \"$DIR/origem\" \"$DIR/destino\"") != 0)
        m.taxa = 0;
    return m;
}

/* ---- Resultados ------------------------------------------------------- */

static struct medida medidas[TODOS][MAX_RODADAS];

static int comparar(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double mediana(double *v)
{
    qsort(v, rodadas, sizeof *v, comparar);
    return v[rodadas / 2];
}

/* O numero com virgula; um texto que vale por oito chamadas. */
static const char *numero(double x, int casas)
{
    static char textos[8][32];
    static int i;
    char *p = textos[i++ % 8], *ponto;
    snprintf(p, 32, "%.*f", casas, x);
    ponto = strchr(p, '.');
    if (ponto) *ponto = ',';
    return p;
}

/* A mediana das rodadas de um: taxa ou, se cpu, CPU por mensagem. */
static double mediana_de(int quem, int cpu)
{
    double v[MAX_RODADAS];
    int i;
    for (i = 0; i < rodadas; i++)
        v[i] = cpu ? medidas[quem][i].cpu : medidas[quem][i].taxa;
    return mediana(v);
}

/* A razao entre um e outro, rodada a rodada: mediana e extremos. */
static void mostrar_razao(int um, int outro)
{
    double v[MAX_RODADAS], m;
    int i, falhas = 0;
    for (i = 0; i < rodadas; i++) {
        v[i] = medidas[um][i].taxa / medidas[outro][i].taxa;
        falhas += !(medidas[outro][i].taxa > 0);
    }
    if (falhas) {
        printf(" falhou em %d de %d |", falhas, rodadas);
        return;
    }
    m = mediana(v);
    printf(" %s (%s a %s) |", numero(m, 2), numero(v[0], 2),
           numero(v[rodadas - 1], 2));
}

static void mostrar_titulo(const char *o_que, const char *unidade, int cpu)
{
    int i;
    printf("\n| %s | nosso, %s | nu, %s | nosso / nu |", o_que, unidade,
           unidade);
    if (cpu) printf(" CPU por mensagem: nosso, nu |");
    for (i = NC; i < TODOS; i++)
        if (existe[i]) printf(" nosso / %s |", nomes[i]);
    printf("\n| --- | ---: | ---: | ---: |");
    for (i = cpu ? NU : NC; i < TODOS; i++)
        if (i == NU || existe[i]) printf(" ---: |");
    printf("\n");
}

/* Uma linha: as taxas, a razao com o nu e com os outros. */
static void mostrar_linha(const char *nome, const char *const *sabem, int cpu)
{
    int i;
    printf("| %s | %s | %s |", nome, numero(mediana_de(NOSSO, 0), 0),
           numero(mediana_de(NU, 0), 0));
    mostrar_razao(NOSSO, NU);
    if (cpu)
        printf(" %s \302\265s, %s \302\265s |",
               numero(mediana_de(NOSSO, 1), 2), numero(mediana_de(NU, 1), 2));
    for (i = NC; i < TODOS; i++) {
        if (!existe[i]) continue;
        if (sabem[i]) mostrar_razao(NOSSO, i);
        else printf(" - |");
    }
    printf("\n");
    fflush(stdout);
}

/* ---- As tabelas ------------------------------------------------------- */

static void tabela_de_mensagens(void)
{
    const struct caso *c;
    int r, quem;
    mostrar_titulo("mensagens por segundo", "msg/s", 1);
    for (c = casos; c < casos + sizeof casos / sizeof *casos; c++) {
        fprintf(stderr, "bench: %s\n", c->nome);
        for (r = 0; r < rodadas; r++)
            for (quem = 0; quem < TODOS; quem++)
                if (existe[quem] && c->servidor[quem])
                    medidas[quem][r] = medir_mensagens(c->servidor[quem],
                                                       c->tipo, c->clientes, 0);
        mostrar_linha(c->nome, c->servidor, 1);
    }
}

static void tabela_do_arquivo(void)
{
    int r, quem, par;
    mostrar_titulo("arquivo grande, ida e volta", "MB/s", 0);
    for (par = 0; par < 2; par++) {
        fprintf(stderr, "bench: arquivo de %d MB\n", TAM_ARQUIVO);
        for (r = 0; r < rodadas; r++)
            for (quem = 0; quem < TODOS; quem++)
                if (existe[quem])
                    medidas[quem][r] = medir_arquivo(
                        (par ? eco_de_cada : eco_nu)[quem], clientes[quem]);
        mostrar_linha(par ? "cliente e servidor de cada um"
                          : "cliente, pelo mesmo eco nu", clientes, 0);
    }
}

static void tabela_dos_mudos(void)
{
    static const int mudos[] = {0, 200, 1000};
    int r, i;
    printf("\n| um cliente fala, e calados: | nosso, CPU por mensagem | nu, "
           "CPU por mensagem | msg/s, nosso / nu |\n"
           "| ---: | ---: | ---: | ---: |\n");
    for (i = 0; i < 3; i++) {
        fprintf(stderr, "bench: %d calados\n", mudos[i]);
        for (r = 0; r < rodadas; r++) {
            medidas[NOSSO][r] = medir_mensagens(MUITOS, SOCK_STREAM, 1,
                                                mudos[i]);
            medidas[NU][r] = medir_mensagens(ECO_POLL, SOCK_STREAM, 1,
                                             mudos[i]);
        }
        printf("| %d | %s \302\265s | %s \302\265s |", mudos[i],
               numero(mediana_de(NOSSO, 1), 2), numero(mediana_de(NU, 1), 2));
        mostrar_razao(NOSSO, NU);
        printf("\n");
        fflush(stdout);
    }
}

/* Quanto custa contar cada mensagem em stdout: com o registro, sem -q. */
static void tabela_do_registro(void)
{
    static const char *com[] = {"exec ./servidor %d", "exec ./servidor -u %d"};
    static const char *sem[] = {"exec ./servidor -q %d",
                                "exec ./servidor -u -q %d"};
    int r, udp;
    printf("\n| registro em /dev/null, 32 clientes | com registro, msg/s | "
           "com `-q`, msg/s | com / sem |\n| --- | ---: | ---: | ---: |\n");
    for (udp = 0; udp < 2; udp++) {
        fprintf(stderr, "bench: registro\n");
        for (r = 0; r < rodadas; r++) {
            int tipo = udp ? SOCK_DGRAM : SOCK_STREAM;
            medidas[NOSSO][r] = medir_mensagens(com[udp], tipo, 32, 0);
            medidas[NU][r] = medir_mensagens(sem[udp], tipo, 32, 0);
        }
        printf("| %s | %s | %s |", udp ? "UDP" : "TCP",
               numero(mediana_de(NOSSO, 0), 0), numero(mediana_de(NU, 0), 0));
        mostrar_razao(NOSSO, NU);
        printf("\n");
        fflush(stdout);
    }
}

/* O pico de memoria residente de um processo, em KB; 0 se nao se sabe. */
static int pico_de_memoria(pid_t pid)
{
    char nome[64], linha[256];
    int kb = 0;
    FILE *f;
    snprintf(nome, sizeof nome, "/proc/%d/status", (int)pid);
    f = fopen(nome, "r");
    while (f && fgets(linha, sizeof linha, f))
        if (sscanf(linha, "VmHWM: %d", &kb) == 1) break;
    if (f) fclose(f);
    return kb;
}

/* 64 clientes com uma mensagem cada um; depois, os mesmos enviam sem ler ate
 * que ninguem aceite mais nada. */
static void tabela_de_memoria(void)
{
    static const char *arquivos[] = {"servidor", "cliente", "servidor.exe",
                                     "cliente.exe"};
    int porta = porta_livre(SOCK_STREAM), n, i, parados;
    pid_t pid = iniciar(0, "exec ./servidor -q %d", porta);
    struct stat a;
    alarm(PRAZO);
    n = ligar_todos(64, SOCK_STREAM, porta);
    printf("\n| tamanho | |\n| --- | ---: |\n"
           "| pico de mem\303\263ria do servidor, %d clientes | %d KB |\n", n,
           pico_de_memoria(pid));
    memset(buffer, 'x', TAM_BUFFER);
    do { /* uma passada em que nenhum aceita, 100 ms depois da anterior */
        for (i = parados = 0; i < n; i++)
            parados += send(ligados[i], buffer, TAM_BUFFER,
                            MSG_DONTWAIT | MSG_NOSIGNAL) < 0;
        usleep(100000);
    } while (parados < n);
    printf("| pico, se nenhum dos %d l\303\252 o que enviou | %d KB |\n", n,
           pico_de_memoria(pid));
    alarm(0);
    desligar(n);
    encerrar(0);
    for (i = 0; i < 4; i++)
        if (stat(arquivos[i], &a) == 0)
            printf("| `%s` | %s KB |\n", arquivos[i],
                   numero(a.st_size / 1024.0, 1));
}

/* ---- main ------------------------------------------------------------- */

static int ler_numeros(void)
{
    const char *r = getenv("RODADAS"), *s = getenv("SEGUNDOS");
    if (r && *r) rodadas = atoi(r);
    if (s && *s) segundos = atof(s);
    return rodadas >= 1 && rodadas <= MAX_RODADAS && segundos > 0 &&
           segundos < PRAZO / 2;
}

static int laco_nu(const char *qual, int porta)
{
    if (strcmp(qual, "eco-um") == 0) eco_um(porta);
    if (strcmp(qual, "eco-poll") == 0) eco_poll(porta);
    if (strcmp(qual, "eco-udp") == 0) eco_udp(porta);
    return cliente_nu(porta);
}

static void preparar(const char *programa)
{
    static char dir[] = "/dev/shm/bench-XXXXXX", outro[] = "/tmp/bench-XXXXXX";
    struct rlimit limite;
    struct sigaction acao;
    const char *d = mkdtemp(dir); /* em memoria: o disco nao se mede */
    if (!d) d = mkdtemp(outro);
    setenv("DIR", d ? d : ".", 1);
    setenv("BENCH", programa, 1);
    getrlimit(RLIMIT_NOFILE, &limite);
    limite.rlim_cur = limite.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limite);
    memset(&acao, 0, sizeof acao);
    acao.sa_handler = matar;
    sigaction(SIGALRM, &acao, NULL);
    sigaction(SIGINT, &acao, NULL);
    sigaction(SIGTERM, &acao, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    existe[NC] = system("nc -h 2>&1 | grep -q OpenBSD") == 0;
    existe[NCAT] = system("command -v ncat >/dev/null") == 0;
    existe[SOCAT] = system("command -v socat >/dev/null") == 0;
    separar_nucleos();
}

int main(int argc, char **argv)
{
    if (argc == 3) return laco_nu(argv[1], atoi(argv[2]));
    if (!ler_numeros()) {
        fprintf(stderr, "bench: RODADAS de 1 a %d, SEGUNDOS acima de 0\n",
                MAX_RODADAS);
        return 2;
    }
    preparar(argv[0]);
    criar_arquivo();
    printf("Medianas de %d rodadas alternadas (entre par\303\252nteses, a "
           "menor e a maior), %s s cada medida, mensagens de %d bytes, "
           "servidor com `-q`, %s.\n", rodadas, numero(segundos, 1),
           TAM_MENSAGEM, separados
               ? "servidor em um n\303\272cleo e carga em outro"
               : "servidor e carga no mesmo n\303\272cleo");
    tabela_de_mensagens();
    tabela_do_arquivo();
    tabela_dos_mudos();
    tabela_do_registro();
    tabela_de_memoria();
    return system("rm -r \"$DIR\"") != 0;
}
