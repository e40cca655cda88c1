/*
 * bench.c - mede o par servidor/cliente ao lado do laco mais nu que faz as
 * mesmas chamadas (bench_nu.c) e de nc, ncat e socat, se ha. So Linux.
 *
 *   make bench                          perto de dois minutos
 *   make bench RODADAS=15 SEGUNDOS=1    mais demorado, menos ruido
 *
 *   tests/bin/bench curva PROGRAMA      a curva de calados (0 a 5000): outro
 *                                       servidor, como o de epoll, no lugar do nu
 *
 * Em stdout as tabelas, em Markdown, entre duas marcas; em stderr, o
 * andamento.
 *
 * So razoes se comparam: cada rodada mede o nosso e logo depois o nu, e da
 * razao entre os dois se mostram a mediana e os extremos das rodadas. Cada
 * programa comeca de novo em cada medida.
 *
 * Com muitos clientes, servidor e carga rodam em nucleos diferentes. Com um
 * so eles se revezam, e ficam no mesmo nucleo: acordar o outro a cada
 * mensagem custa mais que a mensagem, e mediria o nucleo, nao o programa.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
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

#define TAM_BUFFER   65536
#define TAM_MENSAGEM 32 /* bytes de cada mensagem */
#define TAM_ARQUIVO  96 /* milhoes de bytes do arquivo grande */
#define MAX_LIGADOS  5100
#define MAX_RODADAS  99
#define DOS_OUTROS   5  /* rodadas de nc, ncat e socat */
#define PRAZO        60 /* segundos: a medida que demora mais falhou */

static int rodadas = 15;
static double segundos = 0.1; /* de cada medida */
static char buffer[TAM_BUFFER];

/* ---- O que se mede ---------------------------------------------------- */
/* Comandos do shell; %d e a porta. NULL: este nao sabe fazer isso.        */

enum { NOSSO, NU, NC, NCAT, SOCAT, TODOS };
static const char *nomes[TODOS] = {"nosso", "nu", "`nc`", "`ncat`", "`socat`"};
static int existe[TODOS] = {1, 1, 0, 0, 0};

#define NU_UM   "exec tests/bin/bench_nu um %d"
#define NU_POLL "exec tests/bin/bench_nu poll %d"
#define NU_UDP  "exec tests/bin/bench_nu udp %d"
#define ECO_NC(opcoes)                                                        \
    "rm -f \"$PASTA/fifo\" && mkfifo \"$PASTA/fifo\" && exec nc -l " opcoes   \
    " 127.0.0.1 %d <>\"$PASTA/fifo\" >&0"
#define ECO_NCAT(opcoes)                                                      \
    "exec ncat -l -k " opcoes " -e /bin/cat 127.0.0.1 %d"
#define ECO_SOCAT(tipo)                                                       \
    "exec socat " tipo "-LISTEN:%d,bind=127.0.0.1,fork,reuseaddr PIPE"
#define OS_TCP    ECO_NCAT("-m 2000"), ECO_SOCAT("TCP")
#define OS_UDP    ECO_NCAT("-u"), ECO_SOCAT("UDP")
#define DE_E_PARA " <\"$PASTA/origem\" >\"$PASTA/destino\""

struct caso {
    const char *nome;
    int tipo, falam, calados; /* clientes que falam, e os que so se ligam */
    const char *servidor[TODOS];
    const char *cliente[TODOS]; /* se e o arquivo grande */
};

static const struct caso mensagens[] = {
    {"TCP, 1 cliente, `-n 1`", SOCK_STREAM, 1, 0,
     {"exec ./servidor -q -n 1 %d", NU_UM, ECO_NC("-k"), OS_TCP}, {0}},
    {"TCP, 1 cliente", SOCK_STREAM, 1, 0,
     {"exec ./servidor -q -n 2000 %d", NU_POLL, ECO_NC("-k"), OS_TCP}, {0}},
    {"TCP, 1 cliente e 200 calados", SOCK_STREAM, 1, 200,
     {"exec ./servidor -q -n 2000 %d", NU_POLL, NULL, NULL, NULL}, {0}},
    {"TCP, 1 cliente e 1000 calados", SOCK_STREAM, 1, 1000,
     {"exec ./servidor -q -n 2000 %d", NU_POLL, NULL, NULL, NULL}, {0}},
    {"TCP, 32 clientes", SOCK_STREAM, 32, 0,
     {"exec ./servidor -q %d", NU_POLL, NULL, OS_TCP}, {0}},
    {"TCP, 32 clientes, com registro", SOCK_STREAM, 32, 0,
     {"exec ./servidor %d", NU_POLL, NULL, NULL, NULL}, {0}},
    {"TCP, 200 clientes", SOCK_STREAM, 200, 0,
     {"exec ./servidor -q -n 2000 %d", NU_POLL, NULL, OS_TCP}, {0}},
    {"TCP, 500 clientes", SOCK_STREAM, 500, 0,
     {"exec ./servidor -q -n 2000 %d", NU_POLL, NULL, OS_TCP}, {0}},
    {"UDP, 1 cliente", SOCK_DGRAM, 1, 0,
     {"exec ./servidor -u -q %d", NU_UDP, ECO_NC("-u"), OS_UDP}, {0}},
    {"UDP, 32 clientes", SOCK_DGRAM, 32, 0,
     {"exec ./servidor -u -q %d", NU_UDP, NULL, OS_UDP}, {0}},
    {"UDP, 32 clientes, com registro", SOCK_DGRAM, 32, 0,
     {"exec ./servidor -u %d", NU_UDP, NULL, NULL, NULL}, {0}},
    {0}};

static const struct caso arquivos[] = {
    {"cliente, todos pelo mesmo eco nu", SOCK_STREAM, 0, 0,
     {NU_POLL, NU_POLL, NU_POLL, NU_POLL, NU_POLL},
     {"exec ./cliente 127.0.0.1 %d" DE_E_PARA,
      "exec tests/bin/bench_nu cliente %d" DE_E_PARA,
      "exec nc -N 127.0.0.1 %d" DE_E_PARA, "exec ncat 127.0.0.1 %d" DE_E_PARA,
      "exec socat -t 30 - TCP:127.0.0.1:%d" DE_E_PARA}},
    {"cliente e servidor", SOCK_STREAM, 0, 0,
     {"exec ./servidor -q %d", NU_POLL, NULL, NULL, NULL},
     {"exec ./cliente 127.0.0.1 %d" DE_E_PARA,
      "exec tests/bin/bench_nu cliente %d" DE_E_PARA, NULL, NULL, NULL}},
    {0}};

/* Na curva: o nosso, com poll, e no lugar do nu o programa que se disse. */
static char da_curva[300];
#define CALADOS(nome, calados)                                                \
    {nome, SOCK_STREAM, 1, calados,                                           \
     {"exec ./servidor -q -n 10000 %d", da_curva, NULL, NULL, NULL}, {0}}
static const struct caso curva[] = {
    CALADOS("0 calados", 0),       CALADOS("200 calados", 200),
    CALADOS("1000 calados", 1000), CALADOS("5000 calados", 5000),
    {0}};

/* ---- Processos -------------------------------------------------------- */

static cpu_set_t nucleos[2]; /* o do servidor; o da carga e dos clientes */
static volatile pid_t grupos[2]; /* o do servidor; o do cliente */

/* Escolhe dois nucleos entre os que este processo pode usar; este fica no
 * segundo. Devolve 0 se so ha um. */
static int separar_nucleos(void) {
    cpu_set_t livres;
    int i, n = 0;
    sched_getaffinity(0, sizeof livres, &livres);
    nucleos[0] = nucleos[1] = livres;
    if (CPU_COUNT(&livres) < 2) return 0;
    for (i = 0; n < 2; i++) {
        if (!CPU_ISSET(i, &livres)) continue;
        CPU_ZERO(&nucleos[n]);
        CPU_SET(i, &nucleos[n++]);
    }
    return sched_setaffinity(0, sizeof nucleos[1], &nucleos[1]) == 0;
}

/* Apaga os arquivos e acaba. */
static void sair(int codigo) {
    execl("/bin/sh", "sh", "-c", "rm -rf \"$PASTA\"; exit $0",
          codigo ? "1" : "0", (char *)NULL);
    _exit(1);
}

/* Ctrl-C acaba com tudo; o alarme, so com a medida que nao anda. */
static void matar(int sinal) {
    int i;
    for (i = 0; i < 2; i++)
        if (grupos[i]) kill(-grupos[i], SIGKILL);
    if (sinal != SIGALRM) sair(1);
}

/* Comeca um comando em grupo proprio, em um dos nucleos. */
static pid_t iniciar(int papel, int nucleo, const char *formato, int porta) {
    char comando[512];
    int i, nada;
    pid_t pid;
    snprintf(comando, sizeof comando, formato, porta);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        sched_setaffinity(0, sizeof nucleos[nucleo], &nucleos[nucleo]);
        nada = open("/dev/null", O_RDWR);
        for (i = 0; i < 3; i++) dup2(nada, i);
        execl("/bin/sh", "sh", "-c", comando, (char *)NULL);
        _exit(127);
    }
    setpgid(pid, pid);
    grupos[papel] = pid;
    return pid;
}

/* Acaba com um grupo e espera por todos, netos tambem
 * (PR_SET_CHILD_SUBREAPER): nenhum atrapalha a proxima medida. */
static void encerrar(int papel) {
    if (!grupos[papel]) return;
    kill(-grupos[papel], SIGKILL);
    while (waitpid(-grupos[papel], NULL, 0) > 0)
        ;
    grupos[papel] = 0;
}

/* ---- Clientes --------------------------------------------------------- */

struct medida {
    double taxa; /* mensagens ou MB por segundo; 0: falhou */
    double cpu;  /* microssegundos do servidor por mensagem */
};

static const char mensagem[] = "uma linha de trinta e dois byte\n";
static int ligados[MAX_LIGADOS];

static double relogio(clockid_t qual) {
    struct timespec t;
    clock_gettime(qual, &t);
    return (double)t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_in local(int porta) {
    struct sockaddr_in e;
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)porta);
    e.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return e;
}

/* Uma porta que o sistema diz que esta livre. */
static int porta_livre(int tipo) {
    struct sockaddr_in e = local(0);
    socklen_t tamanho = sizeof e;
    int s = socket(AF_INET, tipo, 0);
    bind(s, (struct sockaddr *)&e, sizeof e);
    getsockname(s, (struct sockaddr *)&e, &tamanho);
    close(s);
    return ntohs(e.sin_port);
}

/* Liga um cliente e faz a primeira troca: so assim se sabe que o servidor o
 * atende. Um que ainda nao abriu a porta recusa: insiste. Descritor ou -1. */
static int ligar(int tipo, int porta) {
    struct sockaddr_in e = local(porta);
    struct pollfd p;
    int sim = 1, vezes;
    p.events = POLLIN;
    for (vezes = 0; vezes < 1000; vezes++) {
        p.fd = socket(AF_INET, tipo, 0);
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

/* Liga n clientes; devolve quantos conseguiu. */
static int ligar_todos(int n, int tipo, int porta) {
    int i;
    for (i = 0; i < n; i++)
        if ((ligados[i] = ligar(tipo, porta)) < 0) break;
    return i;
}

static void desligar(int n) {
    while (n-- > 0) close(ligados[n]);
}

/* Os primeiros n ligados trocam mensagens, cada um com uma no ar. */
static struct medida trocar(int n, pid_t servidor) {
    struct medida m = {0, 0};
    struct epoll_event ev[512];
    clockid_t cpu = CLOCK_MONOTONIC;
    double inicio, agora, antes, bytes = 0;
    int ep = epoll_create1(0), i, r, prontos = 1;
    memset(ev, 0, sizeof ev);
    ev[0].events = EPOLLIN;
    for (i = n - 1; i >= 0; i--) { /* sendo um so, ev[0] ja e ele */
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
    m.cpu = (relogio(cpu) - antes) * 1e6 * TAM_MENSAGEM / bytes;
    close(ep);
    return m;
}

/* O arquivo grande vai e volta; o que voltou tem de ser igual. */
static struct medida copiar(const char *cliente, int porta) {
    struct medida m = {0, 0};
    double inicio = relogio(CLOCK_MONOTONIC);
    int estado = 1;
    waitpid(iniciar(1, 1, cliente, porta), &estado, 0);
    m.taxa = TAM_ARQUIVO / (relogio(CLOCK_MONOTONIC) - inicio);
    encerrar(1);
    if (estado || system("cmp -s \"$PASTA/origem\" \"$PASTA/destino\""))
        m.taxa = 0;
    return m;
}

/* Linhas de texto de 1 a 127 bytes; nenhuma e "sair". */
static void criar_arquivo(void) {
    char nome[256], linha[128];
    double bytes = 0;
    unsigned sorteio = 1;
    FILE *f;
    int n, i;
    snprintf(nome, sizeof nome, "%s/origem", getenv("PASTA"));
    f = fopen(nome, "w");
    while (f && bytes < TAM_ARQUIVO * 1e6) {
        sorteio = sorteio * 1103515245u + 12345u;
        n = (int)(sorteio >> 16 & 127);
        for (i = 0; i < n; i++) linha[i] = (char)('a' + (sorteio + i) % 26);
        linha[n] = '\n';
        bytes += (double)fwrite(linha, 1, n + 1, f);
    }
    if (!f || fclose(f) != 0) {
        fprintf(stderr, "bench: faltam %d MB em %s\n", 2 * TAM_ARQUIVO, nome);
        sair(1);
    }
}

/* ---- Medir e mostrar -------------------------------------------------- */

static struct medida medidas[TODOS][MAX_RODADAS];

/* Uma medida: um servidor novo, e os clientes do caso. */
static struct medida medir(const struct caso *c, int quem) {
    struct medida m = {0, 0};
    int porta = porta_livre(c->tipo), n = c->falam + c->calados, quantos;
    pid_t pid = iniciar(0, c->falam == 1, c->servidor[quem], porta);
    alarm(PRAZO);
    quantos = ligar_todos(n ? n : 1, c->tipo, porta);
    if (quantos >= n) {
        if (n) m = trocar(c->falam, pid);
        else m = copiar(c->cliente[quem], porta);
    }
    alarm(0);
    desligar(quantos);
    encerrar(0);
    return m;
}

/* O numero com virgula; o texto vale por oito chamadas. */
static const char *numero(double x, int casas) {
    static char textos[8][32];
    static int i;
    char *p = textos[i++ % 8], *ponto;
    snprintf(p, sizeof *textos, "%.*f", casas, x);
    ponto = strchr(p, '.');
    if (ponto) *ponto = ',';
    return p;
}

static int comparar(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Os outros estao longe: bastam-lhes as primeiras rodadas. */
static int rodadas_de(int quem) {
    return quem <= NU || rodadas < DOS_OUTROS ? rodadas : DOS_OUTROS;
}

/* A mediana das rodadas de um: a taxa ou, se cpu, a CPU por mensagem. */
static double mediana(int quem, int cpu) {
    double v[MAX_RODADAS];
    int i;
    for (i = 0; i < rodadas; i++)
        v[i] = cpu ? medidas[quem][i].cpu : medidas[quem][i].taxa;
    qsort(v, rodadas, sizeof *v, comparar);
    return v[rodadas / 2];
}

/* Nosso sobre outro, rodada a rodada: mediana e extremos. */
static void mostrar_razao(int outro) {
    double v[MAX_RODADAS];
    int i, falhas = 0, n = rodadas_de(outro);
    for (i = 0; i < n; i++) {
        v[i] = medidas[NOSSO][i].taxa / medidas[outro][i].taxa;
        falhas += !(medidas[outro][i].taxa > 0);
    }
    qsort(v, n, sizeof *v, comparar);
    if (falhas) printf(" falhou em %d de %d |", falhas, n);
    else
        printf(" %s (%s a %s) |", numero(v[n / 2], 2), numero(v[0], 2),
               numero(v[n - 1], 2));
}

static void tabela(const char *titulo, const char *unidade,
                   const struct caso *c) {
    int i, r, cpu = c->falam > 0;
    printf("\n| %s | nosso, %s | nu, %s |%s nosso / nu |", titulo, unidade,
           unidade,
           cpu ? " CPU por mensagem, em microssegundos: nosso, nu |" : "");
    for (i = NC; i < TODOS; i++)
        if (existe[i]) printf(" nosso / %s |", nomes[i]);
    printf("\n| --- | ---: | ---: | ---: |%s", cpu ? " ---: |" : "");
    for (i = NC; i < TODOS; i++)
        if (existe[i]) printf(" ---: |");
    for (; c->nome; c++) {
        fprintf(stderr, "bench: %s\n", c->nome);
        for (r = 0; r < rodadas; r++)
            for (i = 0; i < TODOS; i++)
                if (existe[i] && c->servidor[i] && r < rodadas_de(i))
                    medidas[i][r] = medir(c, i);
        printf("\n| %s | %s | %s |", c->nome, numero(mediana(NOSSO, 0), 0),
               numero(mediana(NU, 0), 0));
        if (cpu)
            printf(" %s, %s |",
                   numero(mediana(NOSSO, 1), 2), numero(mediana(NU, 1), 2));
        for (i = NU; i < TODOS; i++) {
            if (existe[i] && c->servidor[i]) mostrar_razao(i);
            else if (existe[i]) printf(" |");
        }
        fflush(stdout);
    }
    printf("\n");
}

/* O pico de memoria residente de um processo, em KB; 0 se nao se sabe. */
static int pico_de_memoria(pid_t pid) {
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

/* 64 clientes, cada um com uma mensagem; depois, todos enviam e nenhum le,
 * ate que o sistema nao aceite mais nada de ninguem. */
static void tabela_de_tamanhos(void) {
    static const char *nome[] = {"servidor", "cliente", "servidor.exe",
                                 "cliente.exe"};
    int porta = porta_livre(SOCK_STREAM), n, i, aceitos = 1;
    pid_t pid = iniciar(0, 0, "exec ./servidor -q %d", porta);
    struct stat a;
    alarm(PRAZO);
    n = ligar_todos(64, SOCK_STREAM, porta);
    printf("\n| tamanho | KB |\n| --- | ---: |\n"
           "| pico de mem\303\263ria do servidor, %d clientes | %d |\n",
           n, pico_de_memoria(pid));
    while (aceitos > 0) {
        for (i = aceitos = 0; i < n; i++)
            aceitos += send(ligados[i], buffer, TAM_BUFFER,
                            MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
        usleep(100000);
    }
    printf("| o mesmo, se nenhum l\303\252 o seu eco | %d |\n",
           pico_de_memoria(pid));
    alarm(0);
    desligar(n);
    encerrar(0);
    for (i = 0; i < 4; i++)
        if (stat(nome[i], &a) == 0)
            printf("| `%s` | %s |\n", nome[i], numero(a.st_size / 1024.0, 1));
}

/* ---- main ------------------------------------------------------------- */

/* RODADAS e SEGUNDOS do ambiente. 0, ou -1 se nao servem. */
static int ler_ambiente(void) {
    const char *r = getenv("RODADAS"), *s = getenv("SEGUNDOS");
    if (r && *r) rodadas = atoi(r);
    if (s && *s) segundos = atof(s);
    if (rodadas >= 1 && rodadas <= MAX_RODADAS && segundos > 0 &&
        segundos < PRAZO / 2)
        return 0;
    fprintf(stderr, "bench: RODADAS de 1 a %d, SEGUNDOS acima de 0 e abaixo "
                    "de %d\n", MAX_RODADAS, PRAZO / 2);
    return -1;
}

static void preparar(void) {
    static char memoria[] = "/dev/shm/bench-XXXXXX"; /* nem disco nem cache */
    static char disco[] = "/tmp/bench-XXXXXX";
    const char *pasta = mkdtemp(memoria);
    struct rlimit limite;
    struct sigaction acao;
    setenv("PASTA", pasta ? pasta : mkdtemp(disco), 1);
    getrlimit(RLIMIT_NOFILE, &limite);
    limite.rlim_cur = limite.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limite);
    memset(&acao, 0, sizeof acao);
    acao.sa_handler = matar;
    sigaction(SIGALRM, &acao, NULL);
    sigaction(SIGINT, &acao, NULL);
    sigaction(SIGTERM, &acao, NULL);
    sigaction(SIGHUP, &acao, NULL);
    sigaction(SIGPIPE, &acao, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    existe[NC] = system("nc -h 2>&1 | grep -q OpenBSD") == 0;
    existe[NCAT] = system("command -v ncat >/dev/null") == 0;
    existe[SOCAT] = system("command -v socat >/dev/null") == 0;
    criar_arquivo();
}

int main(int argc, char **argv) {
    if (ler_ambiente() < 0) return 2;
    preparar();
    if (argc == 3 && strcmp(argv[1], "curva") == 0) {
        snprintf(da_curva, sizeof da_curva, "exec %s -q -n 10000 %%d", argv[2]);
        existe[NC] = existe[NCAT] = existe[SOCAT] = 0;
        separar_nucleos();
        tabela("mensagens de um cliente que fala", "msg/s", curva);
        sair(0);
    }
    printf("<!-- make bench: daqui -->\n\n"
           "Medianas de %d rodadas alternadas, %d com os outros (entre "
           "par\303\252nteses, a menor e a maior), %s s cada medida, "
           "mensagens de %d bytes, servidor com `-q`, salvo onde se diz "
           "\"com registro\" (que vai para `/dev/null`); %s.\n",
           rodadas, rodadas_de(NC), numero(segundos, 2), TAM_MENSAGEM,
           separar_nucleos()
               ? "com 1 cliente, servidor e carga no mesmo n\303\272cleo; "
                 "com mais, cada um no seu"
               : "servidor e carga no mesmo n\303\272cleo");
    tabela("mensagens", "msg/s", mensagens);
    tabela("arquivo grande, ida e volta", "MB/s", arquivos);
    tabela_de_tamanhos();
    printf("\n<!-- make bench: ate aqui -->\n");
    fflush(stdout);
    sair(0);
    return 0;
}
