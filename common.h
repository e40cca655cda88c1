/*
 * common.h - o que servidor.c e cliente.c tem em comum.
 *
 *   1. Limites     constantes com nome e unidade
 *   2. Sistemas    tudo o que muda entre POSIX e Winsock (Windows)
 *   3. Texto       escrever sem confiar no que veio da rede
 *   4. Enderecos   struct sockaddr_in, campo por campo, como no slide
 *   5. Erros       o codigo do sistema em palavras, com o que tentar
 *   6. Rastro      -v mostra cada chamada; -s espera ENTER antes dela
 *   7. Chamadas    Bind chama bind, confere e mostra o resultado; assim
 *                  tambem Socket, Listen, Accept, Connect, Send, Recv...
 *   8. Mensagens   enviar tudo; reconhecer a linha "sair"
 *
 * Leia antes servidor.c e cliente.c: eles seguem o slide.
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
/* As mesmas funcoes duas vezes; o comentario esta na primeira.            */

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t fim; /* 1 depois de Ctrl-C ou SIGTERM */

#ifndef _WIN32
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int SOCKET; /* no POSIX, um socket e um descritor de arquivo */
#define INVALID_SOCKET     (-1)
#define closesocket        close
#define ioctlsocket        ioctl
#define FECHAR             "close" /* o nome da chamada, no rastro */
#define AQUI               "./"    /* como se chama um programa da pasta */
#define E(nome)            nome, #nome
#define ultimo_erro()      errno
#define repor_erro(codigo) (errno = (codigo))
#define OPCAO_DA_PORTA     SO_REUSEADDR
#define dormir(segundos)   sleep(segundos)
#define de_novo(codigo)    ((codigo) == EAGAIN || (codigo) == EINTR)
#define esgotado(codigo)                                                  \
    ((codigo) == EMFILE || (codigo) == ENFILE || (codigo) == ENOBUFS ||   \
     (codigo) == ENOMEM)
#define e_terminal(f)      isatty(fileno(f))
#define ler_entrada(p, n)  ((int)read(STDIN_FILENO, p, n)) /* 0: acabou */

typedef pthread_t fio; /* fio de execucao (thread) */
#define FIO(funcao)              void *funcao(void *dados)
#define abrir_fio(f, funcao, dados) pthread_create(f, NULL, funcao, dados)
#define esperar_fio(f)           pthread_join(f, NULL)
typedef pthread_mutex_t trava; /* deixa passar um fio de cada vez */
#define TRAVA_ABERTA             PTHREAD_MUTEX_INITIALIZER
#define travar(t)                pthread_mutex_lock(t)
#define destravar(t)             pthread_mutex_unlock(t)

/* Ctrl-C e SIGTERM marcam o fim, e a chamada que bloqueava volta com EINTR.
 * Se o sinal chega logo antes dela, o alarme a interrompe em 1 segundo. */
static inline void marcar_fim(int sinal)
{
    (void)sinal;
    fim = 1;
    alarm(1);
}

static inline void ao_encerrar(void)
{
    struct sigaction acao;
    memset(&acao, 0, sizeof acao); /* sem SA_RESTART: queremos o EINTR */
    acao.sa_handler = marcar_fim;
    sigaction(SIGINT, &acao, NULL);
    sigaction(SIGTERM, &acao, NULL);
    sigaction(SIGALRM, &acao, NULL);
}

/* Primeira linha de main. Sem isto, escrever para quem ja fechou mata o
 * programa (SIGPIPE); assim, a chamada devolve o erro EPIPE. signal(7). */
static inline void preparar_programa(void) { signal(SIGPIPE, SIG_IGN); }

/* Milissegundos de um relogio que so anda para a frente. */
static inline unsigned long agora_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000UL + t.tv_nsec / 1000000;
}

/* Copia para lista ate max enderecos IPv4 desta maquina; devolve quantos. */
static inline int enderecos_locais(struct in_addr *lista, int max)
{
    struct ifaddrs *todos = NULL, *i;
    int n = 0;
    getifaddrs(&todos);
    for (i = todos; i && n < max; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET)
            lista[n++] = ((struct sockaddr_in *)i->ifa_addr)->sin_addr;
    freeifaddrs(todos);
    return n;
}

/* Pede ao sistema n descritores; devolve quantos ele da. getrlimit(2). */
static inline int pedir_descritores(int n)
{
    struct rlimit limite;
    getrlimit(RLIMIT_NOFILE, &limite);
    if (limite.rlim_cur >= (rlim_t)n) return n;
    limite.rlim_cur = limite.rlim_max < (rlim_t)n ? limite.rlim_max : (rlim_t)n;
    setrlimit(RLIMIT_NOFILE, &limite);
    return (int)limite.rlim_cur;
}

#else /* Windows */
#undef _WIN32_WINNT
#define _WIN32_WINNT 0x0600 /* Windows Vista, o primeiro com WSAPoll */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <unistd.h>

#define poll                 WSAPoll
#define SHUT_WR              SD_SEND
#define FECHAR               "closesocket"
#define AQUI                 ".\\"
#define E(nome)              WSA##nome, "WSA" #nome
#define ultimo_erro()        WSAGetLastError()
#define repor_erro(codigo)   WSASetLastError(codigo)
#define OPCAO_DA_PORTA       SO_EXCLUSIVEADDRUSE
#define dormir(segundos)     Sleep((segundos) * 1000)
#define de_novo(codigo)      ((codigo) == WSAEWOULDBLOCK)
#define esgotado(codigo)     ((codigo) == WSAEMFILE || (codigo) == WSAENOBUFS)
#define agora_ms()           ((unsigned long)GetTickCount())
#define console(f)           ((HANDLE)_get_osfhandle(_fileno(f)))
#define pedir_descritores(n) (n) /* o Winsock nao tem esse limite */

typedef HANDLE fio;
#define FIO(funcao)    DWORD WINAPI funcao(void *dados)
#define abrir_fio(f, funcao, dados) \
    ((*(f) = CreateThread(NULL, 0, funcao, dados, 0, NULL)) == NULL)
#define esperar_fio(f) WaitForSingleObject(f, INFINITE)
typedef SRWLOCK trava;
#define TRAVA_ABERTA   SRWLOCK_INIT
#define travar(t)      AcquireSRWLockExclusive(t)
#define destravar(t)   ReleaseSRWLockExclusive(t)

static inline int e_terminal(FILE *f)
{
    DWORD modo;
    return GetConsoleMode(console(f), &modo) != 0;
}

/* O console do Windows fala UTF-16: na ida e na volta, convertemos. */
static inline int ler_entrada(char *buffer, int n)
{
    WCHAR largos[TAM_LINHA];
    DWORD lidos = 0;
    if (!e_terminal(stdin))
        return ReadFile(console(stdin), buffer, n, &lidos, NULL) ? lidos : 0;
    n = n / 3 < TAM_LINHA ? n / 3 : TAM_LINHA; /* 1 WCHAR: ate 3 bytes */
    if (!ReadConsoleW(console(stdin), largos, n, &lidos, NULL) ||
        lidos == 0 || largos[0] == 26) /* Ctrl-Z encerra a entrada */
        return 0;
    return WideCharToMultiByte(CP_UTF8, 0, largos, lidos, buffer, 3 * n,
                               NULL, NULL);
}

static inline BOOL WINAPI marcar_fim(DWORD evento)
{
    fim = 1;
    if (evento != CTRL_C_EVENT && evento != CTRL_BREAK_EVENT)
        Sleep(5000); /* a janela fechou: main tem 5 s para se despedir */
    return TRUE;
}

static inline void ao_encerrar(void)
{
    SetConsoleCtrlHandler(marcar_fim, TRUE);
}

/* Com dois cliques no .exe o console e so nosso e some com o programa:
 * espera um ENTER, para que se leia o que foi escrito. */
static inline void segurar_janela(void)
{
    DWORD processos[2];
    char linha[TAM_LINHA];
    if (fim || !e_terminal(stdin) || GetConsoleProcessList(processos, 2) != 1)
        return;
    fprintf(stderr, "\nTecle ENTER para fechar esta janela. ");
    ler_entrada(linha, sizeof linha);
}

static inline void preparar_programa(void)
{
    _setmode(_fileno(stdout), _O_BINARY); /* \n nao vira \r\n */
    _setmode(_fileno(stderr), _O_BINARY);
    atexit(segurar_janela);
}

static inline int enderecos_locais(struct in_addr *lista, int max)
{
    struct addrinfo *todos = NULL, *i;
    int n = 0;
    lista[n++].s_addr = htonl(INADDR_LOOPBACK);
    getaddrinfo("", NULL, NULL, &todos); /* "": esta maquina */
    for (i = todos; i && n < max; i = i->ai_next)
        if (i->ai_family == AF_INET)
            lista[n++] = ((struct sockaddr_in *)i->ai_addr)->sin_addr;
    if (todos) freeaddrinfo(todos);
    return n;
}
#endif

/* ---- 3. Texto --------------------------------------------------------- */

/* Escreve n bytes, ja. 0, ou -1 se a saida nao os aceita (disco cheio). */
static inline int escrever_bytes(FILE *saida, const char *dados, int n)
{
#ifdef _WIN32
    WCHAR largos[TAM_LINHA];
    DWORD feitos;
    if (e_terminal(saida)) {
        n = MultiByteToWideChar(CP_UTF8, 0, dados, n, largos, TAM_LINHA);
        return WriteConsoleW(console(saida), largos, n, &feitos, NULL) - 1;
    }
#endif
    fwrite(dados, 1, n, saida);
    return fflush(saida) == 0 && !ferror(saida) ? 0 : -1;
}

/* printf que escreve a linha de uma vez: dois fios nao as misturam. */
static inline int escrever(FILE *saida, const char *formato, ...)
{
    char linha[TAM_LINHA];
    va_list valores;
    va_start(valores, formato);
    vsnprintf(linha, sizeof linha, formato, valores);
    va_end(valores);
    return escrever_bytes(saida, linha, (int)strlen(linha));
}

/* Bytes (1 a 4) do caractere visivel em p; 0 se e controle ou nao e UTF-8;
 * -1 se os n bytes (n > 0) o cortam ao meio. RFC 3629. */
static inline int caractere(const unsigned char *p, int n)
{
    static const unsigned long menor[] = {0, 0x20, 0xA0, 0x800, 0x10000};
    unsigned long c = p[0];
    int i, tam = 1;
    if (c >= 0x80) {
        tam = c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
        c &= 0x7F >> tam;
    }
    for (i = 1; i < tam; i++) {
        if (i == n) return -1;
        if (p[i] >> 6 != 2) return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < menor[tam] || c == 0x7F || c >> 11 == 27 || c > 0x10FFFF) return 0;
    return tam;
}

/* Copia dados para destino com os bytes de controle escapados (\n, \x1b): o
 * que vem da rede nao manda no terminal. Para quando um dos dois acaba ou,
 * com inteiro = 0, antes de um caractere que ainda nao chegou todo. Devolve
 * quantos bytes usou; destino termina em '\0'. */
static inline int escapar(char *destino, int tamanho, const char *dados,
                          int n, int inteiro)
{
    char *p = destino;
    int i = 0, k;
    for (; i < n && p - destino < tamanho - 4; i += k > 0 ? k : 1) {
        k = caractere((const unsigned char *)dados + i, n - i);
        if (k < 0 && !inteiro) break;
        if (k > 0) p = (char *)memcpy(p, dados + i, k) + k;
        else if (dados[i] == '\n') p += sprintf(p, "\\n");
        else if (dados[i] == '\r') p += sprintf(p, "\\r");
        else if (dados[i] == '\t') p += sprintf(p, "\\t");
        else p += sprintf(p, "\\x%02x", dados[i] & 0xFF);
    }
    *p = '\0';
    return i;
}

/* ---- 4. Enderecos ----------------------------------------------------- */

/* Preenche a estrutura do slide. ip: "a.b.c.d"; porta: 0 a 65535.
 * 0, ou -1 se ip nao e um endereco IPv4 escrito assim. */
static inline int montar_endereco(struct sockaddr_in *e, const char *ip,
                                  int porta)
{
    e->sin_family = AF_INET;                    /* familia: Internet, IPv4 */
    e->sin_port = htons((unsigned short)porta); /* a rede usa big-endian */
    e->sin_addr.s_addr = inet_addr(ip);         /* o texto vira 4 bytes */
    memset(e->sin_zero, 0, sizeof e->sin_zero); /* limpa o que nao se usa */
    return strcmp(inet_ntoa(e->sin_addr), ip) == 0 ? 0 : -1;
}

/* "127.0.0.1:7777", em um texto que vale ate a proxima chamada. */
static inline const char *por_extenso(const struct sockaddr_in *e)
{
    static char texto[24];
    const unsigned char *b = (const unsigned char *)&e->sin_addr;
    sprintf(texto, "%d.%d.%d.%d:%d", b[0], b[1], b[2], b[3],
            ntohs(e->sin_port));
    return texto;
}

/* ---- 5. Erros --------------------------------------------------------- */

static const struct erro {
    int codigo;
    const char *nome, *causa, *dica;
} erros[] = {
    {E(EADDRINUSE), "endereco ja em uso",
     "Outro servidor nesta porta? Tente " AQUI "servidor %d"},
    {E(EACCES), "permissao negada", "Use uma porta acima de 1023"},
    {E(EADDRNOTAVAIL), "endereco que nao e desta maquina", "Confira -a"},
    {E(ECONNREFUSED), "conexao recusada", "O servidor esta no ar nesta porta?"},
    {E(EHOSTUNREACH), "sem rota ate a maquina", "Confira o endereco"},
    {E(ENETUNREACH), "sem rota ate a rede", "Confira o endereco e a rede"},
    {E(ETIMEDOUT), "tempo esgotado", "Maquina desligada? Firewall no meio?"},
    {E(ECONNRESET), "conexao desfeita pelo outro lado", "Ele terminou a forca"},
    {E(ECONNABORTED), "conexao desfeita", "A rede caiu no meio da conversa"},
    {E(EMFILE), "descritores esgotados", "Use menos clientes ou ulimit -n"},
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
    {E(EPIPE), "conexao ja fechada", "O outro lado ja saiu"},
    {E(ENOMEM), "falta memoria", "Feche outros programas"},
    {E(ENFILE), "descritores do sistema esgotados", "Feche programas"},
    {E(EPERM), "proibido por esta maquina", "Ha um firewall ligado?"},
#endif
    {0, "?", "erro incomum", "Procure o codigo na documentacao do sistema"}};

/* A linha da tabela para um codigo (errno ou WSAGetLastError). */
static inline const struct erro *explicar(int codigo)
{
    const struct erro *e = erros;
    while (e->codigo != 0 && e->codigo != codigo) e++;
    return e;
}

/* Conta a falha da chamada que acaba de voltar: codigo, causa e cura. */
static inline void relatar(const char *chamada, const struct sockaddr_in *e)
{
    int codigo = ultimo_erro();
    const struct erro *erro = explicar(codigo);
    char dica[128];
    snprintf(dica, sizeof dica, erro->dica, ntohs(e->sin_port) % 65535 + 1);
    escrever(stderr, PROGRAMA ": %s(%s): %s (%s). %s\n", chamada,
             por_extenso(e), erro->causa, erro->nome, dica);
    repor_erro(codigo);
}

/* Erro de uso: uma linha e exit(2). formato tem um %s, para o texto. */
static inline void uso_errado(const char *formato, const char *texto)
{
    char visivel[256], linha[512];
    escapar(visivel, sizeof visivel, texto, (int)strlen(texto), 1);
    snprintf(linha, sizeof linha, formato, visivel);
    escrever(stderr, PROGRAMA ": %s. Ajuda: " AQUI PROGRAMA " -h\n", linha);
    exit(2);
}

/* O numero inteiro escrito em texto, se esta entre menor e maior. Senao,
 * erro de uso com formato: "77x" nao e 77. */
static inline int ler_numero(const char *texto, int menor, int maior,
                             const char *formato)
{
    size_t n = strlen(texto);
    if (n < 1 || n > 5 || strspn(texto, "0123456789") != n ||
        atoi(texto) < menor || atoi(texto) > maior)
        uso_errado(formato, texto);
    return atoi(texto);
}

/* ---- 6. Rastro -------------------------------------------------------- */

static int rastro;            /* -v: mostra cada chamada e o que devolveu */
static int passo;             /* -s: espera ENTER antes de cada chamada */
static int passo_na_conversa; /* -s: tambem antes de send e recv */

/* Diz qual e a proxima chamada e espera ENTER (ou o fim da entrada). */
static inline void anunciar(const char *chamada, const char *para_que)
{
    char linha[TAM_LINHA];
    int n, pedaco = e_terminal(stdin) ? TAM_LINHA : 1;
    if (!passo) return;
    escrever(stderr, "\n>> %s: %s\n   ENTER para chamar. ", chamada, para_que);
    do n = ler_entrada(linha, pedaco);
    while (n > 0 && linha[n - 1] != '\n');
    if (pedaco == 1) escrever(stderr, "\n");
}

/* A linha do rastro, no estilo do strace: chamada = resultado, ou = -1 e o
 * nome do erro. O ultimo erro continua sendo o da chamada. */
static inline void rastrear(int resultado, const char *formato, ...)
{
    int codigo = ultimo_erro();
    char chamada[512];
    va_list valores;
    if (!rastro) return;
    va_start(valores, formato);
    vsnprintf(chamada, sizeof chamada, formato, valores);
    va_end(valores);
    if (resultado < 0)
        escrever(stderr, "%s = -1 %s\n", chamada, explicar(codigo)->nome);
    else
        escrever(stderr, "%s = %d\n", chamada, resultado);
    repor_erro(codigo);
}

/* Os dados entre aspas, cortados em CORTE_RASTRO bytes; texto comporta
 * TAM_CITACAO. n < 0: a chamada falhou e nao ha dados. Devolve texto. */
#define TAM_CITACAO (4 * CORTE_RASTRO + 8)
static inline char *citar(char *texto, const char *dados, int n)
{
    int corte = n > CORTE_RASTRO;
    texto[0] = '"';
    escapar(texto + 1, TAM_CITACAO - 5, dados, corte ? CORTE_RASTRO : n, 1);
    strcat(texto, corte ? "\"..." : "\"");
    return n < 0 ? strcpy(texto, "...") : texto;
}

/* O endereco como o strace o escreve; TAM_CAMPOS bytes. Devolve texto. */
#define TAM_CAMPOS 96
static inline char *campos(char *texto, const struct sockaddr_in *e)
{
    const unsigned char *b = (const unsigned char *)&e->sin_addr;
    sprintf(texto, "{sin_family=AF_INET, sin_port=htons(%d), "
            "sin_addr=\"%d.%d.%d.%d\"}",
            ntohs(e->sin_port), b[0], b[1], b[2], b[3]);
    return texto;
}

/* Os 16 bytes da estrutura, na ordem da memoria, separados por campo. */
static inline void mostrar_bytes(const struct sockaddr_in *e)
{
    const unsigned char *b = (const unsigned char *)e;
    escrever(stderr,
             "    sin_family %02x %02x                    AF_INET\n"
             "    sin_port   %02x %02x                    %d = 0x%04x\n"
             "    sin_addr   %02x %02x %02x %02x              %d.%d.%d.%d\n"
             "    sin_zero   %02x %02x %02x %02x %02x %02x %02x %02x\n",
             b[0], b[1], b[2], b[3], ntohs(e->sin_port), ntohs(e->sin_port),
             b[4], b[5], b[6], b[7], b[4], b[5], b[6], b[7], b[8], b[9],
             b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* ---- 7. Chamadas ------------------------------------------------------ */
/* Na ordem do slide. Cada uma faz a chamada de mesmo nome e devolve o que
 * ela devolve. As de preparo (ate Connect) relatam a falha; nas outras,
 * quem chama decide: a falha de um cliente nao e a do servidor.           */

/* WSAStartup: liga a biblioteca Winsock 2.2. Slide "Criando um socket no
 * windows". No POSIX nao ha o que ligar. 0, ou -1. */
static inline int iniciar_rede(void)
{
#ifdef _WIN32
    WSADATA wsaData; /* aqui o Winsock se descreve */
    int r;
    anunciar("WSAStartup", "Windows: liga a biblioteca Winsock, versao 2.2");
    r = WSAStartup(MAKEWORD(2, 2), &wsaData);
    rastrear(r, "WSAStartup(MAKEWORD(2, 2), &wsaData)");
    return r == 0 ? 0 : -1;
#else
    return 0;
#endif
}

/* WSACleanup: desliga a biblioteca Winsock. */
static inline void encerrar_rede(void)
{
#ifdef _WIN32
    anunciar("WSACleanup", "Windows: desliga a biblioteca Winsock");
    rastrear(WSACleanup(), "WSACleanup()");
#endif
}

/* socket(2): tipo e SOCK_STREAM (TCP) ou SOCK_DGRAM (UDP). O descritor, ou
 * INVALID_SOCKET. */
static inline SOCKET Socket(int familia, int tipo, int protocolo)
{
    SOCKET s;
    anunciar("socket", "passo 1: cria o socket, a porta do processo");
    s = socket(familia, tipo, protocolo);
    rastrear((int)s, "socket(AF_INET, %s, %d)",
             tipo == SOCK_STREAM ? "SOCK_STREAM" : "SOCK_DGRAM", protocolo);
    if (s == INVALID_SOCKET)
        escrever(stderr, PROGRAMA ": socket(): %s (%s)\n",
                 explicar(ultimo_erro())->causa, explicar(ultimo_erro())->nome);
    return s;
}

/* bind(2): associa o socket a um endereco e uma porta desta maquina. 0/-1. */
static inline int Bind(SOCKET s, const struct sockaddr_in *e)
{
    char texto[TAM_CAMPOS];
    int r;
    anunciar("bind", "servidor, passo 1: associa o socket a uma porta");
    r = bind(s, (const struct sockaddr *)e, sizeof *e);
    rastrear(r, "bind(%d, %s, %d)", (int)s, campos(texto, e), (int)sizeof *e);
    if (rastro) mostrar_bytes(e);
    if (r < 0) relatar("bind", e);
    return r;
}

/* listen(2): aceita conexoes; fila e quantas esperam por accept. 0 ou -1. */
static inline int Listen(SOCKET s, int fila)
{
    int r;
    anunciar("listen", "servidor, passo 1: passa a escutar; ate aqui um\n"
                       "   cliente e recusado, depois entra na fila");
    r = listen(s, fila);
    rastrear(r, "listen(%d, %d)", (int)s, fila);
    return r;
}

/* accept(2): tira da fila a conexao de um cliente, cujo endereco vai para
 * *quem. O descritor da conversa, ou INVALID_SOCKET. */
static inline SOCKET Accept(SOCKET s, struct sockaddr_in *quem)
{
    char texto[TAM_CAMPOS];
    socklen_t tamanho = sizeof *quem;
    SOCKET c;
    anunciar("accept", "servidor, passo 2: espera um cliente e abre para ele\n"
                       "   um socket so da conversa; o outro segue na escuta");
    c = accept(s, (struct sockaddr *)quem, &tamanho);
    if (rastro)
        rastrear((int)c, "accept(%d, %s, [%d])", (int)s,
                 c == INVALID_SOCKET ? "..." : campos(texto, quem), (int)tamanho);
    return c;
}

/* connect(2): liga o socket ao servidor em e. 0 ou -1. */
static inline int Connect(SOCKET s, const struct sockaddr_in *e)
{
    char texto[TAM_CAMPOS];
    int r;
    anunciar("connect", "cliente, passo 2: pede a conexao ao servidor");
    r = connect(s, (const struct sockaddr *)e, sizeof *e);
    rastrear(r, "connect(%d, %s, %d)", (int)s, campos(texto, e), (int)sizeof *e);
    if (rastro) mostrar_bytes(e);
    if (r < 0) relatar("connect", e);
    return r;
}

/* send(2): entrega ao sistema ate n bytes; pode aceitar menos. Quantos, -1. */
static inline int Send(SOCKET s, const char *dados, int n, int opcoes)
{
    char texto[TAM_CITACAO];
    int r;
    if (passo_na_conversa) anunciar("send", "passo 3: envia bytes");
    r = (int)send(s, dados, n, opcoes);
    if (rastro)
        rastrear(r, "send(%d, %s, %d, %d)", (int)s, citar(texto, dados, n), n,
                 opcoes);
    return r;
}

/* recv(2): espera e copia ate n bytes. Quantos; 0: o outro lado encerrou. */
static inline int Recv(SOCKET s, char *buffer, int n, int opcoes)
{
    char texto[TAM_CITACAO];
    int r;
    if (passo_na_conversa) anunciar("recv", "passo 3: espera bytes e os le");
    r = (int)recv(s, buffer, n, opcoes);
    if (rastro)
        rastrear(r, "recv(%d, %s, %d, %d)", (int)s, citar(texto, buffer, r), n,
                 opcoes);
    return r;
}

/* sendto(2): envia um datagrama de n bytes para o endereco para. n, ou -1. */
static inline int Sendto(SOCKET s, const char *dados, int n, int opcoes,
                         const struct sockaddr_in *para)
{
    static int ja_mostrou;
    char texto[TAM_CITACAO], lado[TAM_CAMPOS];
    int r;
    if (passo_na_conversa) anunciar("sendto", "UDP: envia um datagrama");
    r = (int)sendto(s, dados, n, opcoes, (const struct sockaddr *)para,
                    sizeof *para);
    if (rastro)
        rastrear(r, "sendto(%d, %s, %d, %d, %s, %d)", (int)s,
                 citar(texto, dados, n), n, opcoes, campos(lado, para),
                 (int)sizeof *para);
    if (rastro && !ja_mostrou++) mostrar_bytes(para);
    return r;
}

/* recvfrom(2): espera um datagrama; copia ate n bytes e, para *de, o endereco
 * de quem o enviou. O tamanho (pode ser 0), ou -1. */
static inline int Recvfrom(SOCKET s, char *buffer, int n, int opcoes,
                           struct sockaddr_in *de)
{
    char texto[TAM_CITACAO], lado[TAM_CAMPOS];
    socklen_t tamanho = sizeof *de;
    int r;
    if (passo_na_conversa) anunciar("recvfrom", "UDP: espera um datagrama");
    r = (int)recvfrom(s, buffer, n, opcoes, (struct sockaddr *)de, &tamanho);
    if (rastro)
        rastrear(r, "recvfrom(%d, %s, %d, %d, %s, [%d])", (int)s,
                 citar(texto, buffer, r), n, opcoes,
                 r < 0 ? "..." : campos(lado, de), (int)tamanho);
    return r;
}

/* shutdown(2): avisa que nao enviaremos mais; ainda podemos receber. */
static inline int Shutdown(SOCKET s)
{
    int r;
    anunciar("shutdown", "passo 4: avisa que nada mais sera enviado");
    r = shutdown(s, SHUT_WR);
    rastrear(r, "shutdown(%d, SHUT_WR)", (int)s);
    return r;
}

/* close(2), no Windows closesocket: devolve o descritor ao sistema. */
static inline int Close(SOCKET s)
{
    int r;
    anunciar(FECHAR, "passo 4: fecha o socket");
    r = closesocket(s);
    rastrear(r, FECHAR "(%d)", (int)s);
    return r;
}

/* ---- 8. Mensagens ----------------------------------------------------- */

/* Espera ate ms milissegundos que haja o que ler em s (ou um erro a colher).
 * 1 se ha; 0 se o tempo acabou ou um sinal chegou. poll(2). */
static inline int chegou(SOCKET s, int ms)
{
    struct pollfd p;
    p.fd = s;
    p.events = POLLIN;
    return poll(&p, 1, ms) > 0;
}

/* Antes de uma chamada que bloqueia: 1 para fazer a chamada, 0 no fim. Um
 * sinal do POSIX interrompe a chamada; no Windows, espera-se aqui, de meio
 * em meio segundo, ate que ela nao bloqueie. */
static inline int aguardar(SOCKET s)
{
#ifdef _WIN32
    while (!fim && !chegou(s, 500))
        ;
#endif
    (void)s;
    return !fim;
}

/* Faz send e recv voltarem na hora, com EAGAIN, em vez de esperar. */
static inline void nao_bloquear(SOCKET s)
{
    unsigned long sim = 1;
    ioctlsocket(s, FIONBIO, &sim);
}

/* 1 se o datagrama de n bytes e "sair", com ou sem fim de linha. */
static inline int e_sair(const char *dados, int n)
{
    if (n > 0 && dados[n - 1] == '\n') n--;
    if (n > 0 && dados[n - 1] == '\r') n--;
    return n == 4 && memcmp(dados, "sair", 4) == 0;
}

/* Um send pode aceitar so uma parte: insiste ate o ultimo byte. 0 ou -1. */
static inline int enviar_tudo(SOCKET s, const char *dados, int n)
{
    int feito;
    for (; n > 0; dados += feito, n -= feito)
        if ((feito = Send(s, dados, n, 0)) < 0) return -1;
    return 0;
}

/* Procura nos n bytes o fim de uma linha que seja exatamente "sair". Um fluxo
 * TCP vem em pedacos quaisquer: *estado (0 no comeco) guarda entre um e
 * outro quantas letras ja casaram, ou -1 no resto de outra linha. Devolve
 * quantos bytes vao ate o fim da linha "sair", ou 0 se ela nao esta ai. */
static inline int procurar_sair(int *estado, const char *dados, int n)
{
    static const char linha[] = "sair\r";
    const char *p = dados, *ultimo = dados + n;
    while (p < ultimo) {
        if (*p == '\n') {
            if (*estado >= 4) return (int)(p + 1 - dados);
            *estado = 0;
        } else if (*estado >= 0 && *estado < 5 && *p == linha[*estado]) {
            ++*estado;
        } else { /* outra linha: salta para o fim dela */
            *estado = -1;
            p = (const char *)memchr(p, '\n', ultimo - p);
            if (!p) return 0;
            continue;
        }
        p++;
    }
    return 0;
}

#endif
