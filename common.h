/*
 * common.h - o que servidor.c e cliente.c tem em comum: 1. limites; 2.
 * sistemas; 3. texto; 4. enderecos; 5. erros; 6. rastro; 7. chamadas; 8. sair.
 *
 * Leia antes os dois programas, que seguem o slide. Aqui, comece pela parte
 * 4, montar_endereco, e pela 7: Bind chama bind e mostra o resultado, e
 * assim Socket, Listen, Accept... A parte 2 e para o fim.
 */
#ifndef COMMON_H
#define COMMON_H

/* ---- 1. Limites ------------------------------------------------------- */

#define ENDERECO_PADRAO "127.0.0.1"
#define PORTA_PADRAO    7777
#define TAM_BUFFER      65536 /* bytes por recv; cabe o maior datagrama */
#define MAIOR_DATAGRAMA 65507 /* bytes: 65535 - 20 (IP) - 8 (UDP) */
#define TAM_LINHA       2048  /* bytes da maior linha que escrevemos */
#define CORTE_RASTRO    32    /* bytes de dados que -v mostra por chamada */

/* ---- 2. Sistemas: POSIX e Winsock ------------------------------------- */
/* Cada nome vem duas vezes, POSIX e Windows; os comentarios, na primeira. */

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t fim; /* 1 depois de Ctrl-C ou SIGTERM */

#ifndef _WIN32
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>

typedef int SOCKET;    /* no POSIX, um socket e um descritor de arquivo */
typedef pthread_t fio; /* fio de execucao (thread) */
static pthread_mutex_t trava = PTHREAD_MUTEX_INITIALIZER;
#define travar()                pthread_mutex_lock(&trava) /* um fio por vez */
#define destravar()             pthread_mutex_unlock(&trava)
#define FIO(funcao, p)          void *funcao(void *p) /* um fio a executa */
#define abrir_fio(f, funcao, p) pthread_create(f, NULL, funcao, p)
#define esperar_fio(f)          pthread_join(f, NULL)
#define INVALID_SOCKET          (-1)
#define closesocket             close
#define FECHAR                  "close"     /* o nome da chamada, no rastro */
#define PASTA                   "./"        /* onde estao os programas */
#define E(nome)                 nome, #nome /* EACCES, "EACCES" */
#define ultimo_erro()           errno
#define repor_erro(codigo)      (errno = (codigo))
#define de_novo(e)              ((e) == EAGAIN || (e) == EINTR) /* nao falhou */
#define OPCAO_DA_PORTA          SO_REUSEADDR /* veja preparar_escuta */
#define dormir(ms)              poll(NULL, 0, ms)
#define e_terminal(f)           isatty(fileno(f))
#define ler_entrada(p, n)       ((int)read(STDIN_FILENO, p, n)) /* 0: acabou */
#define esquecer_teclas()       tcflush(STDIN_FILENO, TCIFLUSH) /* ja batidas */
/* em vez de esperar, as chamadas em s falham com EAGAIN */
#define nao_bloquear(s) fcntl(s, F_SETFL, O_NONBLOCK)
#define esperar(s)      1 /* o Ctrl-C ja interrompe accept, recv... */
/* accept ficou sem recurso: descritores (do processo, do sistema), memoria */
#define esgotado(e) \
    ((e) == EMFILE || (e) == ENFILE || (e) == ENOBUFS || (e) == ENOMEM)

/* Ctrl-C e SIGTERM marcam o fim, e a chamada que bloqueava volta com EINTR.
 * Se o sinal chega entre o teste de fim e a chamada, ela esperaria para sempre:
 * um segundo depois, o alarme a interrompe. */
static inline void marcar_fim(int sinal) {
    (void)sinal;
    fim = 1;
    alarm(1);
}

static inline void ao_encerrar(void) {
    struct sigaction acao;
    memset(&acao, 0, sizeof acao); /* sem SA_RESTART: queremos o EINTR */
    acao.sa_handler = marcar_fim;
    sigaction(SIGINT, &acao, NULL);
    sigaction(SIGTERM, &acao, NULL);
    sigaction(SIGALRM, &acao, NULL);
}

/* Primeira linha de main: escrever para quem ja fechou passa a ser um erro,
 * EPIPE, e nao um sinal que mata (signal(7)); o que se escreve sai na hora; e
 * 0, 1 e 2, se vieram fechados (./cliente >&-), ficam ocupados: um socket com o
 * numero 1 receberia o que se escreve na tela. */
static inline void preparar_programa(void) {
    int d;
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IONBF, 0);
    do {
        d = open("/dev/null", O_RDONLY);
    } while (d >= 0 && d < 3);
    close(d);
}

/* Escreve n bytes. 0, ou -1 se a saida nao os aceita (disco cheio). */
static inline int escrever_bytes(FILE *saida, const char *dados, int n) {
    return fwrite(dados, 1, n, saida) == (size_t)n ? 0 : -1;
}

/* Copia para lista ate max enderecos IPv4 desta maquina; devolve quantos. */
static inline int enderecos_locais(struct in_addr *lista, int max) {
    struct ifaddrs *todos, *i;
    int n = 0;
    if (getifaddrs(&todos) < 0) return 0;
    for (i = todos; i && n < max; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET)
            lista[n++] = ((struct sockaddr_in *)i->ifa_addr)->sin_addr;
    freeifaddrs(todos);
    return n;
}

/* Pede ao sistema n descritores; devolve quantos ele da. getrlimit(2). */
static inline int pedir_descritores(int n) {
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    if (r.rlim_cur >= (rlim_t)n) return n;
    r.rlim_cur = r.rlim_max < (rlim_t)n ? r.rlim_max : (rlim_t)n;
    setrlimit(RLIMIT_NOFILE, &r);
    return (int)r.rlim_cur;
}

#else /* Windows */
#undef _WIN32_WINNT
#define _WIN32_WINNT 0x0600 /* Windows Vista, o primeiro com WSAPoll */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <io.h>

typedef HANDLE fio;
static SRWLOCK trava = SRWLOCK_INIT;
#define travar()       AcquireSRWLockExclusive(&trava)
#define destravar()    ReleaseSRWLockExclusive(&trava)
#define FIO(funcao, p) DWORD WINAPI funcao(void *p)
#define abrir_fio(f, funcao, p) \
    ((*(f) = CreateThread(NULL, 0, funcao, p, 0, NULL)) == NULL)
#define esperar_fio(f)       WaitForSingleObject(f, INFINITE)
#define SHUT_WR              SD_SEND
#define poll                 WSAPoll
#define FECHAR               "closesocket"
#define PASTA                ".\\"
#define E(nome)              WSA##nome, "WSA" #nome
#define ultimo_erro()        WSAGetLastError()
#define repor_erro(codigo)   WSASetLastError(codigo)
#define de_novo(e)           ((e) == WSAEWOULDBLOCK)
#define esgotado(e)          ((e) == WSAEMFILE || (e) == WSAENOBUFS)
#define OPCAO_DA_PORTA       SO_EXCLUSIVEADDRUSE
#define dormir(ms)           Sleep(ms)
#define console(f)           ((HANDLE)_get_osfhandle(_fileno(f)))
#define esquecer_teclas()    FlushConsoleInputBuffer(console(stdin))
#define pedir_descritores(n) (n) /* o Winsock nao tem esse limite */

static volatile LONG teclado_em_uso; /* 1: um fio espera o teclado */

static inline int e_terminal(FILE *f) {
    DWORD modo;
    return GetConsoleMode(console(f), &modo) != 0;
}

/* Espera uma tecla, ou fim. O que o console conta alem disso (a tecla que sobe,
 * o mouse) se joga fora: ReadConsoleW comecaria cedo, e o que chega da rede
 * cairia sobre o que se digita; e Ctrl-C nem sempre a interrompe. */
static inline void esperar_tecla(void) {
    INPUT_RECORD r;
    DWORD n;
    while (!fim) {
        if (WaitForSingleObject(console(stdin), 500) == WAIT_TIMEOUT) continue;
        n = 0;
        PeekConsoleInputW(console(stdin), &r, 1, &n);
        if (n == 0 || (r.EventType == KEY_EVENT && r.Event.KeyEvent.bKeyDown))
            return;
        ReadConsoleInputW(console(stdin), &r, 1, &n);
    }
}

/* O console do Windows fala UTF-16: o que se digita vira UTF-8 aqui. */
static inline int ler_entrada(char *buffer, int n) {
    WCHAR largos[TAM_LINHA];
    DWORD lidos = 0;
    if (!e_terminal(stdin))
        return ReadFile(console(stdin), buffer, n, &lidos, NULL) ? lidos : 0;
    teclado_em_uso = 1;
    esperar_tecla();
    n = n / 3 < TAM_LINHA ? n / 3 : TAM_LINHA; /* 1 WCHAR: ate 3 bytes */
    if (fim || !ReadConsoleW(console(stdin), largos, n, &lidos, NULL))
        lidos = 0;
    teclado_em_uso = 0;
    if (lidos == 0 || largos[0] == 26) return 0; /* Ctrl-Z: o fim da entrada */
    if (lidos > 1 && largos[lidos - 2] == '\r')  /* ENTER: so o \n */
        largos[--lidos - 1] = '\n';
    return WideCharToMultiByte(CP_UTF8, 0, largos, lidos, buffer, 3 * n, 0, 0);
}

static inline int escrever_bytes(FILE *saida, const char *dados, int n) {
    WCHAR largos[TAM_LINHA];
    DWORD feitos;
    if (!e_terminal(saida)) /* arquivo ou pipe: UTF-8, como no POSIX */
        return fwrite(dados, 1, n, saida) == (size_t)n ? fflush(saida) : -1;
    n = MultiByteToWideChar(CP_UTF8, 0, dados, n, largos, TAM_LINHA);
    return WriteConsoleW(console(saida), largos, n, &feitos, NULL) ? 0 : -1;
}

static inline BOOL WINAPI marcar_fim(DWORD evento) {
    fim = 1;
    if (evento != CTRL_C_EVENT && evento != CTRL_BREAK_EVENT)
        Sleep(5000); /* a janela fechou: main tem 5 s para se despedir */
    return TRUE;
}

static int ctrl_c_por_poll; /* 1: um Ctrl-C tem de interromper o que bloqueia */

static inline void ao_encerrar(void) {
    ctrl_c_por_poll = SetConsoleCtrlHandler(marcar_fim, TRUE);
}

/* Com dois cliques no .exe o console e so nosso e some com o programa:
 * espera um ENTER, para que se leia o que foi escrito. */
static inline void segurar_janela(void) {
    DWORD p[2];
    if (fim || !e_terminal(stdin) || GetConsoleProcessList(p, 2) != 1) return;
    fprintf(stderr, "\nTecle ENTER para fechar esta janela. ");
    fflush(stderr);
    if (!teclado_em_uso) getchar();
    while (teclado_em_uso) Sleep(50); /* o ENTER e do fio que ja lia */
}

static inline void preparar_programa(void) {
    _setmode(_fileno(stdout), _O_BINARY); /* \n nao vira \r\n */
    _setmode(_fileno(stderr), _O_BINARY);
    setvbuf(stderr, NULL, _IOFBF, TAM_LINHA); /* cada linha, um so write */
    atexit(segurar_janela);
}

static inline int enderecos_locais(struct in_addr *lista, int max) {
    struct hostent *h = gethostbyname(""); /* "": esta maquina */
    int i, n = 0;
    lista[n++].s_addr = htonl(INADDR_LOOPBACK);
    for (i = 0; h && h->h_addr_list[i] && n < max; i++) {
        memcpy(&lista[n], h->h_addr_list[i], sizeof lista[n]);
        if (lista[n].s_addr != lista[0].s_addr) n++;
    }
    return n;
}

/* O Ctrl-C nao interrompe uma chamada que bloqueia. Quem bloqueia, entao, e
 * poll, meio segundo de cada vez: aqui, ate haver o que ler; em enviar_tudo,
 * ate caber o que enviar. 1; ou 0 se e o fim. */
static int pronto(SOCKET s, short para_que, int ms);
static inline int esperar(SOCKET s) {
    unsigned long sim = 1;
    if (ctrl_c_por_poll) ioctlsocket(s, FIONBIO, &sim);
    while (ctrl_c_por_poll && !fim && !pronto(s, POLLIN, 500)) continue;
    return !fim;
}

static inline void nao_bloquear(SOCKET s) {
    unsigned long sim = 1;
    ioctlsocket(s, FIONBIO, &sim);
    ctrl_c_por_poll = 0; /* quem espera passa a ser so o poll do programa */
}
#endif

/* Espera ate ms milissegundos que s esteja pronto: POLLIN, ha o que ler (ou
 * um erro a saber); POLLOUT, cabe o que enviar. 1; 0 se nao. poll(2). */
static int pronto(SOCKET s, short para_que, int ms) {
    struct pollfd p;
    p.fd = s;
    p.events = para_que;
    return poll(&p, 1, ms) > 0;
}

/* ---- 3. Texto --------------------------------------------------------- */

/* printf em uma escrita so; guarda e repoe o ultimo erro. */
static inline void escrever(FILE *saida, const char *formato, ...) {
    static int pulou; /* a linha em que o terminal mostrou ^C */
    int codigo = ultimo_erro();
    char linha[TAM_LINHA];
    va_list valores;
    va_start(valores, formato);
    vsnprintf(linha, sizeof linha, formato, valores);
    va_end(valores);
    if (fim && !pulou++ && e_terminal(saida)) escrever_bytes(saida, "\n", 1);
    escrever_bytes(saida, linha, (int)strlen(linha));
    repor_erro(codigo);
}

/* Bytes (1 a 4) do caractere visivel em p; 0 se e controle ou nao e UTF-8;
 * -1 se os n bytes (n > 0) o cortam ao meio. RFC 3629. */
static inline int caractere(const unsigned char *p, int n) {
    /* o menor visivel com 1, 2, 3 e 4 bytes */
    static const unsigned long menor[] = {0, 0x20, 0xA0, 0x800, 0x10000};
    unsigned long c = p[0];
    int i, tam = 1;
    if (c >= 0x80) { /* 110xxxxx: de 2 bytes; 1110xxxx: 3; 11110xxx: 4 */
        tam = c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
        c &= 0x7F >> tam;
    }
    for (i = 1; i < tam; i++) {
        if (i == n) return -1;
        if (p[i] >> 6 != 2) return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c >= 0xD800 && c <= 0xDFFF) return 0; /* so existem em UTF-16 */
    return c < menor[tam] || c == 0x7F || c > 0x10FFFF ? 0 : tam;
}

/* Copia dados para destino com os bytes de controle escapados (\n, \x1b): o
 * que vem da rede nao manda no terminal. Termina quando um dos dois acaba ou,
 * com tudo = 0, antes de um caractere que ainda nao chegou todo. Devolve
 * quantos bytes usou; destino termina em '\0'. */
static inline int escapar(char *destino, int tamanho, const char *dados, int n,
                          int tudo) {
    char *p = destino, *limite = destino + tamanho - 4;
    int i = 0;
    while (i < n && p < limite) {
        int k = caractere((const unsigned char *)dados + i, n - i);
        if (k < 0 && !tudo) break;
        if (k > 0) p = (char *)memcpy(p, dados + i, k) + k;
        else if (dados[i] == '\n') p += sprintf(p, "\\n");
        else if (dados[i] == '\r') p += sprintf(p, "\\r");
        else if (dados[i] == '\t') p += sprintf(p, "\\t");
        else p += sprintf(p, "\\x%02x", dados[i] & 0xFF);
        i += k > 0 ? k : 1;
    }
    *p = '\0';
    return i;
}

/* Erro de uso: uma linha e exit(2). formato pode ter um %s, para o texto. */
static inline void uso_errado(const char *formato, const char *texto) {
    char visivel[256], linha[512];
    escapar(visivel, sizeof visivel, texto, (int)strlen(texto), 1);
    snprintf(linha, sizeof linha, formato, visivel);
    escrever(stderr, PROGRAMA ": %s. Ajuda: " PASTA PROGRAMA " -h\n", linha);
    exit(2);
}

/* O numero decimal em texto, de menor a maior; senao, erro de uso: "77x" nao
 * e 77. nome: como ele se chama na mensagem. */
static inline int ler_numero(const char *nome, const char *texto, int menor,
                             int maior) {
    size_t n = strlen(texto);
    char formato[64];
    sprintf(formato, "%s '%%s': use %d a %d", nome, menor, maior);
    if (n < 1 || n > 5 || strspn(texto, "0123456789") != n ||
        atoi(texto) < menor || atoi(texto) > maior)
        uso_errado(formato, texto);
    return atoi(texto);
}

/* ---- 4. Enderecos ----------------------------------------------------- */

/* Preenche a estrutura do slide. ip: "a.b.c.d"; porta: 0 a 65535. 0, ou -1
 * se ip nao e um endereco IPv4 escrito assim. */
static inline int montar_endereco(struct sockaddr_in *e, const char *ip,
                                  int porta) {
    e->sin_family = AF_INET;                    /* familia: Internet, IPv4 */
    e->sin_port = htons((unsigned short)porta); /* a rede usa big-endian */
    e->sin_addr.s_addr = inet_addr(ip);         /* o texto vira 4 bytes */
    memset(e->sin_zero, 0, sizeof e->sin_zero); /* limpa o que nao se usa */
    return strcmp(inet_ntoa(e->sin_addr), ip) == 0 ? 0 : -1;
}

/* Erro de uso se ip tem dois-pontos: traz a porta colada, ou e IPv6. */
static inline void recusar_dois_pontos(const char *ip) {
    const char *p = strchr(ip, ':');
    if (p && !strchr(p + 1, ':'))
        uso_errado("'%s': a porta vem depois de um espaco", ip);
    if (p) uso_errado("'%s' e um endereco IPv6; use IPv4", ip);
}

/* "127.0.0.1:7777", em um texto que vale ate a proxima chamada. */
static inline const char *por_extenso(const struct sockaddr_in *e) {
    static char texto[24];
    sprintf(texto, "%s:%d", inet_ntoa(e->sin_addr), ntohs(e->sin_port));
    return texto;
}

static inline int mesmo_endereco(const struct sockaddr_in *a,
                                 const struct sockaddr_in *b) {
    return a->sin_port == b->sin_port &&
           a->sin_addr.s_addr == b->sin_addr.s_addr;
}

/* ---- 5. Erros --------------------------------------------------------- */

static const struct erro {
    int codigo;
    const char *nome, *causa, *dica;
} erros[] = {
    {E(EADDRINUSE), "endereco ja em uso",
     "Outro servidor nesta porta? Tente " PASTA "servidor %d"},
    {E(EACCES), "permissao negada",
     "Porta abaixo de 1024, ou em uso? Endereco de difusao? Tente outro"},
    {E(EADDRNOTAVAIL), "endereco que nao e desta maquina",
     "No servidor, confira -a; no cliente, a porta"},
    {E(ECONNREFUSED), "conexao recusada",
     "O servidor esta no ar nesta porta, sem -u?"},
    {E(EHOSTUNREACH), "sem rota ate a maquina", "Confira o endereco"},
    {E(ENETUNREACH), "sem rota ate a rede", "Confira o endereco e a rede"},
    {E(ETIMEDOUT), "tempo esgotado", "Maquina desligada? Firewall no meio?"},
    {E(ECONNRESET), "conexao desfeita pelo outro lado", "Ele terminou antes"},
    {E(ECONNABORTED), "conexao desfeita", "A rede caiu no meio da conversa"},
    {E(EMFILE), "descritores esgotados", "Use um -n menor, ou ulimit -Hn"},
    {E(EMSGSIZE), "mensagem grande demais", "Um datagrama leva 65507 bytes"},
    {E(ENOBUFS), "falta memoria para a rede", "Feche outros programas"},
    {E(EINVAL), "argumento invalido", "Confira o endereco e a porta"},
    {E(ENOTCONN), "socket sem conexao", "O outro lado ja saiu"},
    {E(EINTR), "interrompida por um sinal", "Tente de novo"},
#ifdef _WIN32 /* o que so um dos sistemas tem */
    {E(EWOULDBLOCK), "nada a fazer agora", "Tente de novo"},
    {E(ESHUTDOWN), "conexao ja fechada", "O outro lado ja saiu"},
#else
    {E(EAGAIN), "nada a fazer agora", "Tente de novo"},
    {E(EISDIR), "e uma pasta", "Use um arquivo"},
    {E(EPIPE), "conexao ja fechada", "O outro lado ja saiu"},
    {E(ENOMEM), "falta memoria", "Feche outros programas"},
    {E(ENFILE), "descritores do sistema esgotados", "Feche programas"},
    {E(EPERM), "proibido por esta maquina", "Ha um firewall ligado?"},
#endif
};

/* A linha da tabela para um codigo (errno ou WSAGetLastError). */
static inline const struct erro *explicar(int codigo) {
    static char nome[24];
    static const struct erro raro = {0, nome, "erro raro",
                                     "Procure esse codigo na internet"};
    size_t i;
    for (i = 0; i < sizeof erros / sizeof erros[0]; i++)
        if (erros[i].codigo == codigo) return &erros[i];
    sprintf(nome, "codigo %d", codigo);
    return &raro;
}

/* Conta em stderr a falha que acaba de acontecer: a chamada, o endereco (ou
 * NULL), a causa, o codigo e o que tentar. */
static inline void relatar(const char *chamada, const struct sockaddr_in *e) {
    const struct erro *erro = explicar(ultimo_erro());
    int porta = e ? ntohs(e->sin_port) : 0;
    char dica[128];
    sprintf(dica, erro->dica, porta < 65535 ? porta + 1 : PORTA_PADRAO);
    escrever(stderr, PROGRAMA ": %s(%s): %s (%s). %s\n", chamada,
             e ? por_extenso(e) : "", erro->causa, erro->nome, dica);
}

/* ---- 6. Rastro -------------------------------------------------------- */

static int rastro;        /* -v: mostra cada chamada e o que devolveu */
static int passo_a_passo; /* -s: 2 no servidor, que para em cada chamada; 1 no
                           * cliente, que na conversa ja para em cada linha */
static int sem_teclado;   /* 1: o teclado ficou com outro fio; nao se espera */

/* Com -s, diz qual e a proxima chamada e espera ENTER, ou o fim da entrada.
 * nivel: 2 se ela e da conversa (accept, recv...), 1 se vem antes ou depois. 1:
 * pode chamar; 0: foi Ctrl-C, e uma da conversa nao se chama. */
static inline int anunciar(int nivel, const char *chamada, const char *texto) {
    char linha[TAM_LINHA];
    int n, pedaco;
    if (passo_a_passo < nivel || fim) return 1;
    escrever(stderr, "\n>> %s: %s\n", chamada, texto);
    if (sem_teclado) return 1;
    esquecer_teclas(); /* so vale um ENTER dado depois do pedido */
    escrever(stderr, "   ENTER para chamar.\n");
    /* de um pipe, um byte por vez: o que vem depois do \n e da conversa */
    pedaco = e_terminal(stdin) ? TAM_LINHA : 1;
    do {
        n = ler_entrada(linha, pedaco);
    } while (n > 0 && linha[n - 1] != '\n' && !fim);
    return !fim;
}

/* Com -v, escreve a chamada e o resultado no estilo do strace: um numero, ou
 * -1 e o nome do erro. Devolve o resultado. */
static inline int rastrear(int resultado, const char *formato, ...) {
    char texto[512];
    va_list valores;
    if (!rastro) return resultado;
    va_start(valores, formato);
    vsnprintf(texto, sizeof texto, formato, valores);
    va_end(valores);
    if (resultado >= 0) escrever(stderr, "%s = %d\n", texto, resultado);
    else escrever(stderr, "%s = -1 %s\n", texto, explicar(ultimo_erro())->nome);
    return resultado;
}

/* Os campos do endereco, como os mostra o rastro; vale ate a proxima vez. */
static inline const char *campos(const struct sockaddr_in *e) {
    static char texto[96];
    sprintf(texto, "{sin_family=AF_INET, sin_port=htons(%d), sin_addr=\"%s\"}",
            ntohs(e->sin_port), inet_ntoa(e->sin_addr));
    return texto;
}

/* Os 16 bytes do endereco, na ordem em que estao na memoria, por campo. */
static inline void mostrar_bytes(const struct sockaddr_in *e) {
    const unsigned char *b = (const unsigned char *)e;
    int porta = ntohs(e->sin_port);
    if (!rastro) return;
    escrever(stderr,
             "    sin_family %02x %02x                    AF_INET\n"
             "    sin_port   %02x %02x                    %d = 0x%04x\n"
             "    sin_addr   %02x %02x %02x %02x              %s\n"
             "    sin_zero   %02x %02x %02x %02x %02x %02x %02x %02x\n",
             b[0], b[1], b[2], b[3], porta, porta, b[4], b[5], b[6], b[7],
             inet_ntoa(e->sin_addr), b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

/* Os n bytes de dados, como os mostra o rastro: entre aspas, ate CORTE_RASTRO;
 * ... se a chamada falhou (n < 0). Vale ate a proxima vez. */
static inline const char *citar(const char *dados, int n) {
    static char texto[4 * CORTE_RASTRO + 16] = "\"";
    int corte = n > CORTE_RASTRO;
    if (n < 0) return "...";
    escapar(texto + 1, sizeof texto - 8, dados, corte ? CORTE_RASTRO : n, 1);
    return strcat(texto, corte ? "\"..." : "\"");
}

/* ---- 7. Chamadas ------------------------------------------------------ */
/* Na ordem do slide. Cada uma faz a chamada de mesmo nome, com os seus
 * argumentos (o endereco ja leva o seu tamanho), e devolve o mesmo: um
 * numero, ou -1, ou INVALID_SOCKET. socket, bind, listen e connect relatam
 * sua falha; nas outras decide quem chama: a de um cliente e so dele.      */

/* WSAStartup: o Windows precisa ligar o Winsock antes de tudo. 0 ou -1. */
static inline int iniciar_rede(void) {
#ifdef _WIN32
    WSADATA wsaData; /* aqui o Winsock descreve a si mesmo */
    anunciar(1, "WSAStartup", "Windows: liga o Winsock, versao 2.2");
    int codigo = WSAStartup(MAKEWORD(2, 2), &wsaData);
    repor_erro(codigo); /* a unica que devolve o proprio codigo do erro */
    rastrear(codigo ? -1 : 0, "WSAStartup(MAKEWORD(2, 2), &wsaData)");
    if (codigo) {
        relatar("WSAStartup", NULL);
        return -1;
    }
#endif
    return 0;
}

/* socket(2). tipo: SOCK_STREAM (TCP) ou SOCK_DGRAM (UDP). */
static inline SOCKET Socket(int familia, int tipo, int protocolo) {
    anunciar(1, "socket",
             "passo 1: cria o socket, a tomada do processo na rede");
    SOCKET s = socket(familia, tipo, protocolo);
    rastrear((int)s, "socket(AF_INET, %s, %d)",
             tipo == SOCK_STREAM ? "SOCK_STREAM" : "SOCK_DGRAM", protocolo);
    if (s == INVALID_SOCKET) relatar("socket", NULL);
    return s;
}

/* bind(2): da ao socket o endereco e, com uma porta desta maquina. */
static inline int Bind(SOCKET s, const struct sockaddr_in *e) {
    anunciar(1, "bind", "servidor, passo 1: associa o socket a uma porta");
    int r = bind(s, (const struct sockaddr *)e, sizeof *e);
    rastrear(r, "bind(%d, %s, 16)", (int)s, campos(e));
    mostrar_bytes(e);
    if (r < 0) relatar("bind", e);
    return r;
}

/* listen(2): passa a receber conexoes; fila e quantas esperam por accept. */
static inline int Listen(SOCKET s, int fila) {
    struct sockaddr_in e;
    socklen_t tamanho = sizeof e;
    anunciar(1, "listen",
             "servidor, passo 1: passa a escutar. Antes disto um\n"
             "   cliente e recusado; depois, entra na fila");
    getsockname(s, (struct sockaddr *)&e, &tamanho); /* para relatar */
    int r = rastrear(listen(s, fila), "listen(%d, %d)", (int)s, fila);
    if (r < 0) relatar("listen", &e);
    return r;
}

/* accept(2): espera um cliente, cujo endereco vai para *quem, e abre um
 * socket so para a conversa com ele. */
static inline SOCKET Accept(SOCKET s, struct sockaddr_in *quem) {
    socklen_t tamanho = sizeof *quem;
    if (!anunciar(2, "accept",
                  "servidor, passo 2: espera um cliente e abre um socket\n"
                  "   so para ele; o primeiro continua na escuta") ||
        !esperar(s))
        return INVALID_SOCKET;
    SOCKET c = accept(s, (struct sockaddr *)quem, &tamanho);
    rastrear((int)c, "accept(%d, %s, [16])", (int)s,
             c == INVALID_SOCKET ? "..." : campos(quem));
    return c;
}

/* connect(2): pede uma conexao ao servidor que esta em e. */
static inline int Connect(SOCKET s, const struct sockaddr_in *e) {
    anunciar(1, "connect", "cliente, passo 2: pede a conexao ao servidor");
    int r = connect(s, (const struct sockaddr *)e, sizeof *e);
    rastrear(r, "connect(%d, %s, 16)", (int)s, campos(e));
    mostrar_bytes(e);
    if (r < 0) relatar("connect", e);
    return r;
}

/* send(2): entrega bytes ao sistema. Quantos ele aceitou: pode ser menos. */
static inline int Send(SOCKET s, const char *dados, int n, int flags) {
    if (!anunciar(2, "send", "passo 3: envia bytes ao outro")) return -1;
    /* sem a trava, o outro fio poderia mostrar o recv da resposta antes deste
     * send; mas, se send vai esperar, o outro fio nao pode esperar tambem */
    int nao_espera = rastro && n <= TAM_LINHA && pronto(s, POLLOUT, 0);
    if (nao_espera) travar();
    int r = (int)send(s, dados, n, flags);
    if (!rastro) return r;
    if (!nao_espera) travar();
    rastrear(r, "send(%d, %s, %d, 0)", (int)s, citar(dados, n), n);
    destravar();
    return r;
}

/* recv(2): espera e le o que chegou, ate n bytes. 0: o outro encerrou. */
static inline int Recv(SOCKET s, char *buffer, int n, int flags) {
    if (!anunciar(2, "recv", "passo 3: espera bytes do outro") || !esperar(s))
        return -1;
    int r = (int)recv(s, buffer, n, flags);
    if (!rastro) return r;
    travar(); /* veja Send */
    rastrear(r, "recv(%d, %s, %d, 0)", (int)s, citar(buffer, r), n);
    destravar();
    return r;
}

/* sendto(2): envia um datagrama, de 0 a MAIOR_DATAGRAMA bytes. */
static inline int Sendto(SOCKET s, const char *dados, int n, int flags,
                         const struct sockaddr_in *para) {
    static int vezes;
    if (!anunciar(2, "sendto", "passo 3: envia um datagrama")) return -1;
    int r = (int)sendto(s, dados, n, flags, (const struct sockaddr *)para,
                        sizeof *para);
    if (rastro)
        rastrear(r, "sendto(%d, %s, %d, 0, %s, 16)", (int)s, citar(dados, n), n,
                 campos(para));
    if (vezes++ == 0) mostrar_bytes(para);
    return r;
}

/* recvfrom(2): espera um datagrama e diz, em *de, quem o enviou. */
static inline int Recvfrom(SOCKET s, char *buffer, int n, int flags,
                           struct sockaddr_in *de) {
    socklen_t tamanho = sizeof *de;
    if (!anunciar(2, "recvfrom", "passo 3: espera um datagrama") || !esperar(s))
        return -1;
    int r = (int)recvfrom(s, buffer, n, flags, (struct sockaddr *)de, &tamanho);
    if (rastro)
        rastrear(r, "recvfrom(%d, %s, %d, 0, %s, [16])", (int)s,
                 citar(buffer, r), n, r < 0 ? "..." : campos(de));
    return r;
}

/* shutdown(2): nao enviaremos mais nada; ainda podemos receber. */
static inline int Shutdown(SOCKET s) {
    anunciar(1, "shutdown", "passo 4: avisa que nao enviara mais nada");
    travar(); /* veja Send */
    int r = rastrear(shutdown(s, SHUT_WR), "shutdown(%d, SHUT_WR)", (int)s);
    destravar();
    return r;
}

/* close(2); no Windows, closesocket: o socket acabou. */
static inline int Close(SOCKET s) {
    anunciar(1, FECHAR, "passo 4: fecha o socket");
    return rastrear(closesocket(s), FECHAR "(%d)", (int)s);
}

/* WSACleanup: o Windows desliga o Winsock depois de tudo. */
static inline void encerrar_rede(void) {
#ifdef _WIN32
    anunciar(1, "WSACleanup", "Windows: desliga o Winsock");
    rastrear(WSACleanup(), "WSACleanup()");
#endif
}

/* Faz close enviar RST em vez de FIN: assim o outro sabe que faltou uma parte.
 * SO_LINGER, socket(7). */
static inline void romper(SOCKET s) {
    struct linger agora = {1, 0}; /* ligado, 0 segundos */
    setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&agora, sizeof agora);
}

/* Um send pode aceitar so uma parte: insiste ate o ultimo byte. 0 ou -1. */
static inline int enviar_tudo(SOCKET s, const char *dados, int n) {
    while (n > 0) {
        int feito = Send(s, dados, n, 0);
        if (feito >= 0) {
            dados += feito;
            n -= feito;
        } else if (!fim && de_novo(ultimo_erro())) {
            pronto(s, POLLOUT, 500); /* espera caber */
        } else {
            return -1;
        }
    }
    return 0;
}

/* ---- 8. Sair ---------------------------------------------------------- */

/* Um '\n' depois de p, ou NULL; salta, de 128 em 128 bytes, o que nao tem
 * linha comecada em "sa". Sem if no laco de dentro, o compilador usa instrucoes
 * que comparam 16 bytes de uma vez: um arquivo grande passa depressa. */
static inline const char *saltar(const char *p, const char *depois) {
    char achou = 0;
    int i;
    for (; depois - p > 130; p += 128) {
        for (i = 0; i < 128; i++)
            achou |= (p[i] == '\n') & (p[i + 1] == 's') & (p[i + 2] == 'a');
        if (achou) break;
    }
    return (const char *)memchr(p, '\n', depois - p);
}

/* Procura uma linha que seja exatamente "sair" (LF ou CRLF). TCP entrega os
 * bytes em pedacos quaisquer: *estado, 0 no comeco, guarda entre um pedaco e
 * outro quantas letras a linha ja tem (-1: a linha e outra). Devolve quantos
 * bytes vao ate o fim dessa linha, ou 0 se ela nao esta aqui. */
static inline int procurar_sair(int *estado, const char *dados, int n) {
    static const char sair[] = "sair\r"; /* o \r pode faltar */
    const char *p = dados, *depois = dados + n;
    while (p && p < depois) {
        if (*p == '\n') {
            if (*estado >= 4) return (int)(p - dados) + 1;
            *estado = 0;
            p++;
        } else if (*estado >= 0 && *estado < 5 && *p == sair[*estado]) {
            ++*estado;
            p++;
        } else { /* outra linha: salta para o fim dela, ou mais adiante */
            *estado = -1;
            p = saltar(p, depois);
        }
    }
    return 0;
}

/* 1 se o datagrama de n bytes e "sair", com ou sem fim de linha. */
static inline int e_sair(const char *dados, int n) {
    if (n > 0 && dados[n - 1] == '\n') n--;
    if (n > 0 && dados[n - 1] == '\r') n--;
    return n == 4 && memcmp(dados, "sair", 4) == 0;
}

#endif
