/*
 * common.h - o que servidor.c e cliente.c tem em comum, do que mais interessa
 * ao que menos: 1. limites; 2. cabecalhos; 3. enderecos; 4. chamadas; 5. sair;
 * 6. erros; 7. rastro; 8. texto; 9. POSIX; 10. Windows.
 *
 * Comece pelas partes 3 e 4: a estrutura e as chamadas do slide. Bind tem os
 * argumentos de bind, faz essa chamada e a mostra com -v; e assim Socket,
 * Listen, Accept... O resto se le quando fizer falta.
 */
#ifndef COMMON_H
#define COMMON_H

/* ---- 1. Limites ------------------------------------------------------- */

#define ENDERECO_PADRAO "127.0.0.1"
#define PORTA_PADRAO    7777
#define TAM_BUFFER      65536 /* bytes por recv; cabe o maior datagrama */
#define MAIOR_DATAGRAMA 65507 /* bytes: 65535 - 20 (IP) - 8 (UDP) */
#define TAM_LINHA       2048  /* bytes da maior linha que escrevemos */
#define COLUNAS         79  /* na tela; um console de 80 salta depois da 80a */
#define CORTE_RASTRO    32  /* bytes de dados que -v mostra por chamada */
#define CORTE_REGISTRO  200 /* bytes que o registro mostra por mensagem */

/* ---- 2. Cabecalhos ---------------------------------------------------- */

#pragma GCC diagnostic ignored "-Wunused-function" /* nem todas se usam */
#ifdef _WIN32
#undef _WIN32_WINNT
#define _WIN32_WINNT 0x0600 /* Windows Vista, o primeiro com WSAPoll */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <io.h>
#ifndef __MINGW64_VERSION_MAJOR
#error "MinGW antigo. Use TDM-GCC 64, MSYS2 ou outro mingw-w64: docs/erros.md"
#endif
#else
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
#endif
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- 3. Enderecos ----------------------------------------------------- */

/* Preenche a estrutura do slide. ip: "a.b.c.d"; porta: 0 a 65535. 0, ou -1
 * se ip nao e um endereco IPv4 escrito assim (127.1 nao e). */
static int montar_endereco(struct sockaddr_in *e, const char *ip, int porta) {
    e->sin_family = AF_INET;                    /* familia: Internet, IPv4 */
    e->sin_port = htons((unsigned short)porta); /* a rede usa big-endian */
    e->sin_addr.s_addr = inet_addr(ip);         /* o texto vira 4 bytes */
    memset(e->sin_zero, 0, sizeof e->sin_zero); /* limpa o que nao se usa */
    return strcmp(inet_ntoa(e->sin_addr), ip) == 0 ? 0 : -1; /* volta igual? */
}

/* "127.0.0.1:7777", em um texto que vale ate a proxima chamada. */
static const char *por_extenso(const struct sockaddr_in *e) {
    static char texto[24];
    sprintf(texto, "%s:%d", inet_ntoa(e->sin_addr), ntohs(e->sin_port));
    return texto;
}

/* 1 se sao a mesma porta da mesma maquina. */
static int mesmo_endereco(const struct sockaddr_in *a,
                          const struct sockaddr_in *b) {
    return a->sin_port == b->sin_port &&
           a->sin_addr.s_addr == b->sin_addr.s_addr;
}

/* ---- 4. Chamadas, na ordem do slide ----------------------------------- */
/* Os nomes que mudam com o sistema. Salte ate Socket, e volte se um fizer
 * falta; as funcoes de cada sistema estao nas partes 9 e 10. */
#ifdef _WIN32
#define CODIGO(nome)                 WSA##nome
#define FECHAR                       "closesocket"
#define PASTA                        ".\\" /* onde estao os programas */
#define OPCAO_DA_PORTA               SO_EXCLUSIVEADDRUSE
#define SHUT_WR                      SD_SEND
#define SHUT_RDWR                    SD_BOTH
#define poll                         WSAPoll
#define pthread_t                    HANDLE
#define pthread_join(fio, resultado) WaitForSingleObject(fio, INFINITE)
#define pthread_mutex_t              SRWLOCK
#define PTHREAD_MUTEX_INITIALIZER    SRWLOCK_INIT
#define pthread_mutex_lock           AcquireSRWLockExclusive
#define pthread_mutex_unlock         ReleaseSRWLockExclusive
#define ultimo_erro()                WSAGetLastError()
#define repor_erro(codigo)           WSASetLastError(codigo)
#define de_novo()                    (WSAGetLastError() == WSAEWOULDBLOCK)
#define dormir(ms)                   Sleep(ms)
#define console(f)                   ((HANDLE)_get_osfhandle(_fileno(f)))
#define e_terminal(f)                GetConsoleMode(console(f), &modo_console)
static DWORD modo_console;
#define esquecer_teclas() FlushConsoleInputBuffer(console(stdin))
static void nao_bloquear(SOCKET s);
static int desistiu(void);
#else
typedef int SOCKET; /* no POSIX, um socket e um descritor de arquivo */
#define de_novo()          (errno == EAGAIN || errno == EINTR) /* nao falhou */
#define desistiu()         (errno == ECONNABORTED) /* quem esperava accept */
#define INVALID_SOCKET     (-1)
#define CODIGO(nome)       nome
#define closesocket        close
#define FECHAR             "close"
#define PASTA              "./"
#define OPCAO_DA_PORTA     SO_REUSEADDR /* veja preparar_escuta */
#define ultimo_erro()      errno
#define repor_erro(codigo) (errno = (codigo))
#define dormir(ms)         poll(NULL, 0, ms)
#define e_terminal(f)      isatty(fileno(f)) /* 1: tela ou teclado */
#define esquecer_teclas()  tcflush(STDIN_FILENO, TCIFLUSH)
#define entrada_pronta()   pronto(STDIN_FILENO, POLLIN, 0)
#define nao_bloquear(s)    fcntl(s, F_SETFL, O_NONBLOCK) /* veja de_novo */
#endif

static int tipo = SOCK_STREAM; /* -t; ou SOCK_DGRAM, -u */
static int rastro;             /* -v: mostra cada chamada e o que devolveu */
static int passo_a_passo;      /* -s: espera um ENTER antes de cada chamada */
static int conversa_livre;     /* 1 no cliente: com -s, send e recv nao param */
static pthread_mutex_t trava = PTHREAD_MUTEX_INITIALIZER; /* um fio por vez */

/* Das partes 6, 7 e 8 */
static void relatar(const char *chamada, const char *com_que);
static int anunciar(const char *chamada, const char *texto);
static int antes(SOCKET s, short para_que, const char *nome, const char *texto);
static void avisar_espera(void);
static int rastrear(int resultado, const char *formato, ...);
static int enviar_e_rastrear(SOCKET s, const char *dados, int n, int flags);
static const char *nome_de(int valor, int conhecido, const char *nome);
static const char *campos(const struct sockaddr *e, socklen_t tamanho);
static void mostrar_bytes(const struct sockaddr *e);
static const char *citar(const char *dados, int n, int corte);
static int escrever(FILE *saida, const char *formato, ...);

/* Da parte 9 e, no Windows, da 10 */
static volatile sig_atomic_t fim;    /* 1 depois de Ctrl-C ou SIGTERM */
static int iniciar_rede(void);       /* WSAStartup, no Windows. 0, ou -1 */
static void encerrar_rede(void);     /* WSACleanup */
static void preparar_programa(void); /* a primeira linha de main */
static void ao_encerrar(void);       /* Ctrl-C passa a so marcar fim */
static void soltar_saida(void);      /* nao se espera por uma saida parada */
static double agora(void);           /* segundos; o relogio nunca volta */
static int ler_entrada(char *buffer, int n); /* 0: fim, ou falhou */
static int escrever_bytes(FILE *saida, const char *p, int n); /* quantos */
static int enderecos_locais(struct in_addr *lista, int max);  /* quantos */
static void pedir_descritores(void);
static void esperar_vez(SOCKET s, short para_que); /* so no Windows espera */

/* Cada uma anuncia a chamada de mesmo nome (-s), a faz, com os argumentos dela,
 * a mostra (-v) e devolve o mesmo. socket, bind, listen e connect relatam sua
 * falha; nas outras decide quem chama. sockaddr_in e o endereco do IPv4;
 * sockaddr, o de qualquer familia. PROGRAMA: quem somos; OUTRO: o outro. */

/* socket(2). familia: AF_INET; tipo: SOCK_STREAM (TCP) ou SOCK_DGRAM (UDP);
 * protocolo: 0, o que serve a esse tipo. */
static SOCKET Socket(int familia, int tipo, int protocolo) {
    if (!anunciar("socket", "passo 1: cria o socket, a tomada na rede"))
        return INVALID_SOCKET;
    SOCKET s = socket(familia, tipo, protocolo);
    rastrear((int)s, "socket(%s, %s, %d)", nome_de(familia, AF_INET, "AF_INET"),
             tipo == SOCK_STREAM ? "SOCK_STREAM"
                                 : nome_de(tipo, SOCK_DGRAM, "SOCK_DGRAM"),
             protocolo);
    if (s == INVALID_SOCKET) relatar("socket", "AF_INET");
    return s;
}

/* bind(2): associa o socket ao endereco *e, uma porta desta maquina. */
static int Bind(SOCKET s, const struct sockaddr *e, socklen_t tamanho) {
    if (!anunciar("bind", "passo 1: associa o socket a uma porta")) return -1;
    int r = bind(s, e, tamanho);
    rastrear(r, "bind(%d, %s)", (int)s, campos(e, tamanho));
    mostrar_bytes(e);
    if (r < 0) relatar("bind", por_extenso((const struct sockaddr_in *)e));
    return r;
}

/* listen(2): passa a receber conexoes; fila: quantas podem esperar accept. */
static int Listen(SOCKET s, int fila) {
    struct sockaddr_in e;
    socklen_t tamanho = sizeof e;
    if (!anunciar("listen", "passo 1: escuta; antes, um cliente e recusado"))
        return -1;
    getsockname(s, (struct sockaddr *)&e, &tamanho); /* para relatar */
    int r = rastrear(listen(s, fila), "listen(%d, %d)", (int)s, fila);
    if (r < 0) relatar("listen", por_extenso(&e));
    return r;
}

/* accept(2): espera um cliente e abre um socket so para a conversa com ele. O
 * endereco vai para *quem; *tamanho entra com quanto cabe, sai com quanto e. */
static SOCKET Accept(SOCKET s, struct sockaddr *quem, socklen_t *tamanho) {
    if (!antes(s, POLLIN, "accept",
               "passo 2: espera um cliente e abre um socket so para ele"))
        return INVALID_SOCKET;
    SOCKET c = accept(s, quem, tamanho);
    rastrear((int)c, "accept(%d, %s)", (int)s,
             c == INVALID_SOCKET || !quem ? "..., ..."
                                          : campos(quem, *tamanho));
    return c;
}

/* connect(2): pede uma conexao ao servidor que esta em e. */
static int Connect(SOCKET s, const struct sockaddr *e, socklen_t tamanho) {
    if (!anunciar("connect", "passo 2: pede a conexao ao servidor")) return -1;
    avisar_espera();
    int r = connect(s, e, tamanho);
    rastrear(r, "connect(%d, %s)", (int)s, campos(e, tamanho));
    mostrar_bytes(e);
    if (r < 0) relatar("connect", por_extenso((const struct sockaddr_in *)e));
    return r;
}

/* send(2): entrega n bytes ao sistema. Quantos ele aceitou: pode ser menos. */
static int Send(SOCKET s, const char *dados, int n, int flags) {
    if (!antes(s, POLLOUT, "send", "passo 3: envia bytes ao " OUTRO)) return -1;
    if (rastro) return enviar_e_rastrear(s, dados, n, flags);
    return (int)send(s, dados, n, flags);
}

/* recv(2): espera e le o que chegou, ate n bytes. 0: o outro encerrou. */
static int Recv(SOCKET s, char *buffer, int n, int flags) {
    if (!antes(s, POLLIN, "recv", "passo 3: espera bytes do " OUTRO)) return -1;
    int r = (int)recv(s, buffer, n, flags);
    if (!rastro) return r;
    pthread_mutex_lock(&trava); /* no cliente, o outro fio tambem escreve */
    rastrear(r, "recv(%d, %s, %d, %d)", (int)s, citar(buffer, r, CORTE_RASTRO),
             n, flags);
    pthread_mutex_unlock(&trava);
    return r;
}

/* sendto(2): envia um datagrama, de 0 a MAIOR_DATAGRAMA bytes, para *e. */
static int Sendto(SOCKET s, const char *dados, int n, int flags,
                  const struct sockaddr *e, socklen_t tamanho) {
    static int vezes; /* so o primeiro mostra os bytes do endereco */
    if (!antes(s, POLLOUT, "sendto", "passo 3: envia um datagrama ao " OUTRO))
        return -1;
    int r = (int)sendto(s, dados, n, flags, e, tamanho);
    if (!rastro) return r;
    rastrear(r, "sendto(%d, %s, %d, %d, %s)", (int)s,
             citar(dados, n, CORTE_RASTRO), n, flags, campos(e, tamanho));
    if (vezes++ == 0) mostrar_bytes(e);
    return r;
}

/* recvfrom(2): espera um datagrama e diz, em *de, quem o enviou. */
static int Recvfrom(SOCKET s, char *buffer, int n, int flags,
                    struct sockaddr *de, socklen_t *tamanho) {
    if (!antes(s, POLLIN, "recvfrom", "passo 3: espera um datagrama do " OUTRO))
        return -1;
    int r = (int)recvfrom(s, buffer, n, flags, de, tamanho);
    if (!rastro) return r;
    return rastrear(r, "recvfrom(%d, %s, %d, %d, %s)", (int)s,
                    citar(buffer, r, CORTE_RASTRO), n, flags,
                    r < 0 || !de ? "..., ..." : campos(de, *tamanho));
}

/* shutdown(2), com SHUT_WR: nao enviaremos mais nada; ainda se pode receber.
 * Com a trava, nada se escreve na pausa de -s. */
static int Shutdown(SOCKET s, int sentido) {
    static const char *const nomes[] = {"SHUT_RD", "SHUT_WR", "SHUT_RDWR"};
    pthread_mutex_lock(&trava);
    anunciar("shutdown", "passo 4: diz ao " OUTRO " que nao envia mais nada");
    int r = rastrear(shutdown(s, sentido), "shutdown(%d, %s)", (int)s,
                     (unsigned)sentido < 3 ? nomes[sentido] : "?");
    pthread_mutex_unlock(&trava);
    return r;
}

/* close(2); no Windows, closesocket: o socket acabou. */
static int Close(SOCKET s) {
    anunciar(FECHAR, "passo 4: fecha o socket");
    return rastrear(closesocket(s), FECHAR "(%d)", (int)s);
}

/* poll(2): espera, ate ms milissegundos, que algum dos n sockets de p tenha o
 * que fazer. Quantos tem; -1 se falhou, e o relata. O rastro nao a mostra. */
static int Poll(struct pollfd *p, int n, int ms) {
    static int avisou; /* que se espera */
    int r = poll(p, n, passo_a_passo && !avisou ? 0 : ms);
    if (r == 0 && !avisou++) avisar_espera();
    if (r > 0) avisou = 0;
    if (r >= 0 || de_novo()) return r;
    relatar("poll", "os sockets");
    dormir(1000);
    return -1;
}

/* setsockopt(2) com um inteiro. */
static void definir_opcao(SOCKET s, int nivel, int opcao, int valor) {
    setsockopt(s, nivel, opcao, (const char *)&valor, sizeof valor);
}

/* As opcoes de um socket TCP, nos dois programas. limite: segundos ate desistir
 * de quem nao responde; 0: o do sistema. tcp(7), socket(7). */
static void ajustar(SOCKET s, int limite) {
    (void)limite;                                  /* fora do Linux */
    definir_opcao(s, IPPROTO_TCP, TCP_NODELAY, 1); /* send parte logo */
    definir_opcao(s, SOL_SOCKET, SO_OOBINLINE, 1); /* o urgente entra na fila */
    definir_opcao(s, SOL_SOCKET, SO_KEEPALIVE, 1); /* calou: ainda existe? */
#ifdef TCP_USER_TIMEOUT /* Linux; senao, so depois de horas */
    definir_opcao(s, IPPROTO_TCP, TCP_KEEPIDLE, 30);  /* segundos calado */
    definir_opcao(s, IPPROTO_TCP, TCP_KEEPINTVL, 10); /* ... entre perguntas */
    definir_opcao(s, IPPROTO_TCP, TCP_USER_TIMEOUT, limite * 1000); /* ms */
#endif
}

/* Faz close enviar RST (desfeita) em vez de FIN (acabou em ordem): assim o
 * outro sabe que faltou uma parte. SO_LINGER, socket(7). */
static void romper(SOCKET s) {
    struct linger l = {1, 0}; /* ligado, 0 segundos */
    setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&l, sizeof l);
}

/* 1 se s esta pronto, ou fica ate a hora prazo (veja agora; 0: nao se espera);
 * senao, ou se foi Ctrl-C, 0. para_que: POLLIN, ha o que ler (ou o fim, ou um
 * erro); POLLOUT, cabe o que enviar; 0, so o fim dos dois lados. Espera meio
 * segundo de cada vez: no Windows o Ctrl-C nao interrompe poll(2). */
static int pronto(SOCKET s, short para_que, double prazo) {
    struct pollfd p = {s, para_que, 0};
    double falta = 0; /* segundos */
    do {
        if (prazo > 0) falta = prazo - agora();
        if (falta < 0) return 0;
        int ms = falta < 0.5 ? (int)(falta * 1000 + 0.999) : 500;
        int r = poll(&p, 1, ms);
        if (r > 0 || (r < 0 && !de_novo())) return 1; /* ou erro */
    } while (falta > 0 && !fim);
    return 0;
}

/* ---- 5. Sair ---------------------------------------------------------- */

/* O comeco de uma linha que ainda nao acabou: TCP a entrega em pedacos
 * quaisquer. Bastam 6 bytes: com 6 ela ja nao e "sair", nem "sair\r". */
struct linha {
    char comeco[6];
    int n;
};

/* Procura em dados uma linha que seja exatamente "sair" (LF ou CRLF). A que
 * nao acaba fica em *l, zerada antes da primeira vez, e continua na proxima.
 * Devolve quantos bytes vao ate o fim de "sair", ou 0 se ela nao esta aqui. */
static int procurar_sair(struct linha *l, const char *dados, int n) {
    const char *p = dados, *depois = dados + n, *q;
    while ((q = (const char *)memchr(p, '\n', depois - p)) != NULL) {
        int total = l->n + (int)(q - p); /* bytes da linha, sem o \n */
        if (total == 4 || total == 5) {  /* sair, ou sair e \r */
            memcpy(l->comeco + l->n, p, q - p);
            if (memcmp(l->comeco, "sair\r", total) == 0)
                return (int)(q - dados) + 1;
        }
        l->n = 0; /* comeca outra linha */
        p = q + 1;
    }
    while (p < depois && l->n < 6) l->comeco[l->n++] = *p++;
    return 0;
}

/* 1 se o datagrama de n bytes e "sair", com ou sem fim de linha. */
static int e_sair(const char *dados, int n) {
    if (n > 0 && dados[n - 1] == '\n') n--;
    if (n > 0 && dados[n - 1] == '\r') n--;
    return n == 4 && memcmp(dados, "sair", 4) == 0;
}

/* ---- 6. Erros --------------------------------------------------------- */

static const struct erro {
    int codigo;
    char nome[24];
    const char *causa, *dica;
} erros[] = {
    {CODIGO(EADDRINUSE), "EADDRINUSE", "endereco ja em uso",
     "Outro servidor nesta porta? Tente " PASTA "servidor %s%s%d"},
    {CODIGO(EACCES), "EACCES", "permissao negada",
     "Porta abaixo de 1024, ou em uso? Endereco de difusao? Tente outro"},
    {CODIGO(EADDRNOTAVAIL), "EADDRNOTAVAIL", "endereco que nao e desta maquina",
     "Confira -a; no cliente, a porta. Portas esgotadas?"},
    {CODIGO(EAFNOSUPPORT), "EAFNOSUPPORT", "familia errada", "Faltou AF_INET?"},
    {CODIGO(ECONNREFUSED), "ECONNREFUSED", "conexao recusada",
     "Ha um servidor TCP nesta porta?"},
    {CODIGO(ECONNRESET), "ECONNRESET", "conexao desfeita pelo outro lado",
     "Ele terminou antes"},
    {CODIGO(ECONNABORTED), "ECONNABORTED", "conexao cortada", "A rede caiu?"},
    {CODIGO(EHOSTUNREACH), "EHOSTUNREACH", "nao ha rota", "Confira o endereco"},
    {CODIGO(ENETUNREACH), "ENETUNREACH", "nao ha rede", "Confira o endereco"},
    {CODIGO(ETIMEDOUT), "ETIMEDOUT", "tempo esgotado", "Ha um firewall?"},
    {CODIGO(EMFILE), "EMFILE", "descritores esgotados", "Veja ulimit -n"},
    {CODIGO(EMSGSIZE), "EMSGSIZE", "mensagem grande demais", "Ate 65507 bytes"},
    {CODIGO(ENOBUFS), "ENOBUFS", "falta memoria", "Feche outros programas"},
    {CODIGO(EINTR), "EINTR", "interrompida por um sinal", "Tente de novo"},
    {CODIGO(EINVAL), "EINVAL", "argumento invalido",
     "Confira endereco, porta e tamanho, e o lugar de listen"},
    {CODIGO(EBADF), "EBADF", "descritor fechado, ou aberto para outra coisa",
     "Um Close antes da hora? Entrada e saida abertas, sem nohup?"},
    {CODIGO(ENOTCONN), "ENOTCONN", "socket sem conexao",
     "O outro lado ja saiu, ou faltou connect ou accept"},
    {CODIGO(EDESTADDRREQ), "EDESTADDRREQ", "falta o destino", "Use sendto"},
    {CODIGO(EFAULT), "EFAULT", "ponteiro errado", "Faltou um &? E o tamanho?"},
    {CODIGO(ENOTSOCK), "ENOTSOCK", "nao e um socket", "Veja o 1o argumento"},
    {CODIGO(EOPNOTSUPP), "EOPNOTSUPP", "o socket nao faz isso", "Ele e TCP?"},
    {CODIGO(EPROTONOSUPPORT), "EPROTONOSUPPORT", "protocolo errado", "Use 0"},
#ifdef _WIN32 /* o que so um dos sistemas tem */
    {WSAEWOULDBLOCK, "EWOULDBLOCK", "nada a fazer agora", "Tente de novo"},
    {WSAESHUTDOWN, "ESHUTDOWN", "conexao ja fechada", "O outro lado ja saiu"},
    {ERROR_BROKEN_PIPE, "ERROR_BROKEN_PIPE", "pipe fechado", "Quem lia saiu"},
    {ERROR_NO_DATA, "ERROR_NO_DATA", "pipe fechado", "Quem lia saiu"},
    {ERROR_DISK_FULL, "ERROR_DISK_FULL", "disco cheio", "Libere espaco"},
    {ERROR_INVALID_HANDLE, "ERROR_INVALID_HANDLE", "entrada ou saida fechada",
     "Confira os < e > do comando"},
#else
    {EAGAIN, "EAGAIN", "o sistema nao pode agora", "Feche outros programas"},
    {EPIPE, "EPIPE", "conexao ja fechada", "O outro lado ja saiu"},
    {ENOMEM, "ENOMEM", "falta memoria", "Feche outros programas"},
    {ENFILE, "ENFILE", "descritores esgotados", "Feche outros programas"},
    {EPERM, "EPERM", "proibido por esta maquina", "Ha um firewall ligado?"},
    {EISDIR, "EISDIR", "e uma pasta", "Use um arquivo"},
    {ENOSPC, "ENOSPC", "disco cheio", "Libere espaco"},
    {EDQUOT, "EDQUOT", "cota do disco cheia", "Libere espaco"},
    {EFBIG, "EFBIG", "arquivo grande demais", "Veja ulimit -f"},
    {EIO, "EIO", "o terminal ou o disco falhou", "A janela se fechou?"},
#endif
};

/* O que se sabe de um codigo (errno ou WSAGetLastError). Os nomes do Winsock,
 * de 10000 em diante, comecam por WSA. */
static struct erro explicar(int codigo) {
    struct erro e = {0, "", "erro raro", "Procure esse codigo na internet"};
    size_t i;
    sprintf(e.nome, "codigo %d", codigo);
    for (i = 0; i < sizeof erros / sizeof erros[0]; i++) {
        if (erros[i].codigo != codigo) continue;
        e = erros[i];
        if (codigo >= 10000) sprintf(e.nome, "WSA%.20s", erros[i].nome);
    }
    return e;
}

/* Conta em stderr a falha que acaba de acontecer: a chamada e com que foi
 * feita ("127.0.0.1:7777"), a causa, o codigo e o que tentar. */
static void relatar(const char *chamada, const char *com_que) {
    struct erro e = explicar(ultimo_erro());
    const char *p = strchr(com_que, ':');
    int porta = p ? atoi(p + 1) : 0;
    char de_a[24] = "", dica[128];
    if (p && strncmp(com_que, ENDERECO_PADRAO ":", p - com_que + 1) != 0)
        sprintf(de_a, "-a %.*s ", (int)(p - com_que), com_que);
    sprintf(dica, e.dica, tipo == SOCK_DGRAM ? "-u " : "", de_a,
            porta < 65535 ? porta + 1 : PORTA_PADRAO);
    escrever(stderr, PROGRAMA ": %s(%s): %s (%s). %s\n", chamada, com_que,
             e.causa, e.nome, dica);
}

/* ---- 7. Rastro -------------------------------------------------------- */

static int entrada_falhou; /* 1: a entrada nao se pode ler */
static int sem_teclado;    /* 1: o teclado ficou com outro fio; nao se espera */

/* Com -s, diz qual e a proxima chamada e espera ENTER, ou o fim da entrada.
 * 1: pode chamar; 0: foi Ctrl-C. */
static int anunciar(const char *chamada, const char *texto) {
    char linha[TAM_LINHA];
    int n;
    if (!passo_a_passo || fim) return 1;
    escrever(stderr, "\n>> %s: " PROGRAMA ", %s\n", chamada, texto);
    if (sem_teclado) return 1;
    esquecer_teclas(); /* so vale um ENTER dado depois do pedido */
    escrever(stderr, "   ENTER para chamar.\n");
    /* de um pipe, um byte por vez: o que vem depois do \n e da conversa */
    int pedaco = e_terminal(stdin) ? TAM_LINHA : 1;
    do {
        n = ler_entrada(linha, pedaco);
    } while (n > 0 && linha[n - 1] != '\n');
    return !fim;
}

/* Com -s, diz que se espera pelo outro lado. */
static void avisar_espera(void) {
    if (passo_a_passo) escrever(stderr, "   esperando o " OUTRO "...\n");
}

/* Antes de uma chamada que a conversa repete e que pode esperar (para_que: veja
 * pronto). 1: pode chamar; 0: foi Ctrl-C. */
static int antes(SOCKET s, short para_que, const char *nome,
                 const char *texto) {
    if (passo_a_passo && !conversa_livre) {
        if (!anunciar(nome, texto)) return 0;
        if (para_que == POLLIN && !pronto(s, POLLIN, 0)) avisar_espera();
    }
    esperar_vez(s, para_que);
    return !fim;
}

/* Com -v, escreve a chamada e o resultado no estilo do strace: um numero, ou
 * -1 e o nome do erro. Devolve o resultado. */
static int rastrear(int resultado, const char *formato, ...) {
    char texto[512];
    int codigo = ultimo_erro();
    va_list valores;
    if (!rastro) return resultado;
    struct erro e = explicar(codigo);
    va_start(valores, formato);
    vsnprintf(texto, sizeof texto, formato, valores);
    va_end(valores);
    if (resultado < 0) escrever(stderr, "%s = -1 %s\n", texto, e.nome);
    else escrever(stderr, "%s = %d\n", texto, resultado);
    repor_erro(codigo); /* o da chamada: quem a fez ainda o olha */
    return resultado;
}

/* send, e o rastro dele. O cliente tem dois fios: com a trava, o outro nao
 * mostra o recv da resposta antes deste send. Um send que pode demorar nao a
 * fecha: o outro fio pararia com ele. */
static int enviar_e_rastrear(SOCKET s, const char *dados, int n, int flags) {
    int curto = n <= TAM_LINHA && pronto(s, POLLOUT, 0);
    if (curto) pthread_mutex_lock(&trava);
    int r = (int)send(s, dados, n, flags);
    if (!curto) pthread_mutex_lock(&trava);
    rastrear(r, "send(%d, %s, %d, %d)", (int)s, citar(dados, n, CORTE_RASTRO),
             n, flags);
    pthread_mutex_unlock(&trava);
    return r;
}

/* nome, se valor e o conhecido; senao, o numero. Vale por duas chamadas. */
static const char *nome_de(int valor, int conhecido, const char *nome) {
    static char textos[2][12];
    static int vez;
    vez = !vez;
    sprintf(textos[vez], "%d", valor);
    return valor == conhecido ? nome : textos[vez];
}

/* O endereco, na ordem da estrutura, e o tamanho; vale ate a proxima vez. */
static const char *campos(const struct sockaddr *endereco, socklen_t tamanho) {
    const struct sockaddr_in *e = (const struct sockaddr_in *)endereco;
    static char texto[80];
    sprintf(texto, "{%s, htons(%d), \"%s\"}, %d",
            nome_de(e->sin_family, AF_INET, "AF_INET"), ntohs(e->sin_port),
            inet_ntoa(e->sin_addr), (int)tamanho);
    return texto;
}

/* Os 16 bytes do endereco, na ordem em que estao na memoria, por campo. */
static void mostrar_bytes(const struct sockaddr *endereco) {
    const struct sockaddr_in *e = (const struct sockaddr_in *)endereco;
    const unsigned char *b = (const unsigned char *)e;
    int porta = ntohs(e->sin_port);
    if (!rastro) return;
    escrever(stderr,
             "    sin_family %02x %02x                    %s\n"
             "    sin_port   %02x %02x                    %d = 0x%04x\n"
             "    sin_addr   %02x %02x %02x %02x              %s\n"
             "    sin_zero   %02x %02x %02x %02x %02x %02x %02x %02x\n",
             b[0], b[1], nome_de(e->sin_family, AF_INET, "AF_INET"), b[2], b[3],
             porta, porta, b[4], b[5], b[6], b[7], inet_ntoa(e->sin_addr), b[8],
             b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* ---- 8. Texto --------------------------------------------------------- */

/* Uma linha que nao cabe na tela continua na de baixo, entre palavras. */
static void quebrar(char *linha) {
    while (strcspn(linha, "\n") > COLUNAS) {
        char *espaco = linha + COLUNAS;
        while (espaco > linha && *espaco != ' ') espaco--;
        if (espaco == linha) espaco = strchr(linha + COLUNAS, ' ');
        if (!espaco) return;
        *espaco = '\n';
        linha = espaco + 1;
    }
}

/* printf em uma escrita so. O que a saida nao aceita se perde; quando ela
 * aceita de novo, diz-se quanto foi. 0; ou -1, com o ultimo erro mudado. */
static int escrever(FILE *saida, const char *formato, ...) {
    static int perdidas[2]; /* linhas, de stdout e de stderr */
    static int pulou;       /* a linha em que o terminal mostrou ^C */
    int codigo = ultimo_erro(), *p = &perdidas[saida == stderr], n = 0;
    char linha[2 * TAM_LINHA];
    va_list valores;
    if (*p > 0)
        n = sprintf(linha, "\n(%d linhas do registro nao couberam na saida)\n",
                    *p);
    else if (fim && e_terminal(saida) && !pulou++) n = sprintf(linha, "\n");
    va_start(valores, formato);
    vsnprintf(linha + n, TAM_LINHA, formato, valores);
    va_end(valores);
    /* em stdout o cliente mostra o que veio do servidor, e como veio */
    if (strlen(linha + n) > COLUNAS && e_terminal(saida) &&
        (saida == stderr || strcmp(PROGRAMA, "servidor") == 0))
        quebrar(linha + n);
    n = (int)strlen(linha);
    if (escrever_bytes(saida, linha, n) == n) {
        if (*p > 0) *p = 0; /* sem perdas, nada muda: ha outro fio */
        repor_erro(codigo);
        return 0;
    }
    ++*p;
    return -1;
}

/* Bytes (1 a 4) do caractere visivel em p; 0 se e controle, ou muda o sentido
 * do texto, ou nao e UTF-8; -1 se os n bytes (n > 0) o cortam. RFC 3629. */
static int caractere(const char *p, int n) {
    /* o menor visivel com 1, 2, 3 e 4 bytes */
    static const unsigned long menor[] = {0, 0x20, 0xA0, 0x800, 0x10000};
    unsigned long c = p[0] & 0xFF;
    int i, tam = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if ((tam == 1 && c >= 0x7F) || c >= 0xF8) return 0;
    if (tam > 1) c &= 0x7F >> tam; /* 110xxxxx, 1110xxxx, 11110xxx */
    for (i = 1; i < tam; i++) {
        if (i == n) return -1;
        if ((p[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c == 0x61C || c == 0x200E || c == 0x200F || /* da direita, esquerda */
        (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
        (c >= 0xD800 && c <= 0xDFFF)) /* e os que so existem em UTF-16 */
        return 0;
    return c < menor[tam] || c > 0x10FFFF ? 0 : tam;
}

/* Copia dados para destino com os controles escapados (\n, \x1b): o que vem da
 * rede nao manda no terminal. Uma fila deles iguais se conta: \x00 (9 vezes).
 * Com aspas = 1, o texto vai entre aspas: tambem \" e \\. Acaba quando um dos
 * dois acaba; devolve quantos bytes usou; destino termina em '\0'. */
static int escapar(char *destino, int tamanho, const char *dados, int n,
                   int aspas) {
    char *p = destino, *limite = destino + tamanho - 32;
    int i = 0, k, iguais;
    while (i < n && p < limite) {
        k = caractere(dados + i, n - i);
        if (k > 0) {
            if (aspas && strchr("\"\\", dados[i])) *p++ = '\\';
            p = (char *)memcpy(p, dados + i, k) + k;
            i += k;
            continue;
        }
        if (dados[i] == '\n') p += sprintf(p, "\\n");
        else if (dados[i] == '\r') p += sprintf(p, "\\r");
        else if (dados[i] == '\t') p += sprintf(p, "\\t");
        else p += sprintf(p, "\\x%02x", dados[i] & 0xFF);
        for (iguais = 1; i + iguais < n; iguais++)
            if (dados[i + iguais] != dados[i]) break;
        if (iguais >= 8) p += sprintf(p, " (%d vezes)", iguais);
        i += iguais >= 8 ? iguais : 1;
    }
    *p = '\0';
    return i;
}

/* Os n bytes de dados entre aspas, ate corte (no maximo CORTE_REGISTRO); ... se
 * a chamada que os traria falhou (n < 0). Vale ate a proxima vez. */
static const char *citar(const char *dados, int n, int corte) {
    static char texto[4 * CORTE_REGISTRO + 48] = "\"";
    if (n < 0) return "...";
    escapar(texto + 1, sizeof texto - 8, dados, n < corte ? n : corte, 1);
    return strcat(texto, n > corte ? "\"..." : "\"");
}

/* Erro de uso: uma linha e exit(2). formato pode ter um %s, para o texto. */
static void uso_errado(const char *formato, const char *texto) {
    char visivel[256], linha[512];
    escapar(visivel, sizeof visivel, texto, (int)strlen(texto), 0);
    snprintf(linha, sizeof linha, formato, visivel);
    escrever(stderr, PROGRAMA ": %s. Ajuda: " PASTA PROGRAMA " -h\n", linha);
    exit(2);
}

/* O numero decimal em texto, de menor a maior; senao, erro de uso: "77x" nao
 * e 77. nome: como ele se chama na mensagem. */
static int ler_numero(const char *nome, const char *texto, int menor,
                      int maior) {
    size_t n = strlen(texto);
    char formato[64];
    sprintf(formato, "%s '%%s': use %d a %d", nome, menor, maior);
    if (n < 1 || n > 5 || strspn(texto, "0123456789") != n ||
        atoi(texto) < menor || atoi(texto) > maior)
        uso_errado(formato, texto);
    return atoi(texto);
}

/* ---- 9. POSIX --------------------------------------------------------- */

#ifndef _WIN32
static int iniciar_rede(void) { return 0; } /* no POSIX, ja esta no ar */
static void encerrar_rede(void) {}

/* A chamada que bloqueava volta com EINTR. Se o sinal vem logo antes dela, o
 * alarme, um segundo depois, a interrompe. */
static void marcar_fim(int sinal) {
    (void)sinal;
    fim = 1;
    alarm(1);
}

static void ao_encerrar(void) {
    struct sigaction acao;
    memset(&acao, 0, sizeof acao); /* sem SA_RESTART: queremos o EINTR */
    acao.sa_handler = marcar_fim;
    sigaction(SIGINT, &acao, NULL);
    sigaction(SIGTERM, &acao, NULL);
    sigaction(SIGALRM, &acao, NULL);
    if (signal(SIGHUP, SIG_IGN) != SIG_IGN) /* nohup o ignora; senao, */
        sigaction(SIGHUP, &acao, NULL);     /* fechou-se a janela */
}

/* Escrever para quem ja fechou, ou em um arquivo grande demais, da erro e nao
 * mata (signal(7)). E 0, 1 e 2, se vieram fechados (./cliente >&-), se ocupam:
 * um socket com o numero 1 receberia o que se escreve na tela. */
static void preparar_programa(void) {
    int d;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    do {
        d = open("/dev/null", O_RDONLY);
    } while (d >= 0 && d < 3);
    close(d);
}

static int saida_solta; /* 1: nao se espera por uma saida parada */

/* Cada terminal de saida se abre de novo, so para nos, de modo que escrever
 * nele nao espere: a janela pode estar parada (Ctrl-S). tty(4). */
static void soltar_saida(void) {
    int i, d;
    saida_solta = 1;
    for (i = 1; i <= 2; i++) {
        d = isatty(i) ? open(ttyname(i), O_WRONLY | O_NOCTTY | O_NONBLOCK) : -1;
        if (d < 0) continue;
        dup2(d, i);
        close(d);
    }
}

/* No POSIX espera a propria chamada: o Ctrl-C a interrompe. */
static void esperar_vez(SOCKET s, short para_que) { (void)s, (void)para_que; }

static double agora(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Se outro programa deixou a entrada sem bloqueio (O_NONBLOCK), espera aqui. */
static int ler_entrada(char *buffer, int n) {
    while (!fim && !entrada_falhou) {
        int r = (int)read(STDIN_FILENO, buffer, n);
        if (r >= 0) return r;
        entrada_falhou = !de_novo();
        if (entrada_falhou) relatar("read", "entrada");
        else if (!fim) pronto(STDIN_FILENO, POLLIN, agora() + 1);
    }
    return 0;
}

/* O mesmo com a saida; se nao se espera por ela, so vai o que cabe. */
static int escrever_bytes(FILE *saida, const char *dados, int n) {
    int feitos = 0, d = fileno(saida), r;
    while (feitos < n) {
        if (saida_solta && !pronto(d, POLLOUT, 0)) break;
        r = (int)write(d, dados + feitos, n - feitos);
        if (r > 0) feitos += r;
        else if (saida_solta || !de_novo()) break;
        else pronto(d, POLLOUT, agora() + 1);
    }
    return feitos;
}

static int enderecos_locais(struct in_addr *lista, int max) {
    struct ifaddrs *todos, *i;
    int n = 0;
    lista[0].s_addr = htonl(INADDR_LOOPBACK); /* este ha sempre */
    if (getifaddrs(&todos) < 0) return 1;
    for (i = todos; i && n < max; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET)
            lista[n++] = ((struct sockaddr_in *)i->ifa_addr)->sin_addr;
    freeifaddrs(todos);
    return n;
}

/* Descritores (0, 1, 2, a escuta, um por cliente): os que o sistema der. Se nao
 * bastam, accept o dira. getrlimit(2). */
static void pedir_descritores(void) {
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
}

#else
/* ---- 10. Windows ------------------------------------------------------- */

static int iniciar_rede(void) {
    WSADATA wsaData; /* aqui o Winsock descreve a si mesmo */
    anunciar("WSAStartup", "antes de tudo: liga o Winsock");
    int codigo = WSAStartup(MAKEWORD(2, 2), &wsaData);
    repor_erro(codigo); /* a unica que devolve o proprio codigo do erro */
    rastrear(codigo ? -1 : 0, "WSAStartup(MAKEWORD(2, 2), &wsaData)");
    if (codigo) relatar("WSAStartup", "2.2");
    return codigo ? -1 : 0;
}

static void encerrar_rede(void) {
    anunciar("WSACleanup", "depois de tudo: desliga o Winsock");
    rastrear(WSACleanup(), "WSACleanup()");
}

static double agora(void) { return GetTickCount64() / 1000.0; }
static void pedir_descritores(void) {} /* o Winsock nao os limita */

static BOOL WINAPI marcar_fim(DWORD evento) {
    fim = 1;
    if (evento != CTRL_C_EVENT && evento != CTRL_BREAK_EVENT)
        Sleep(5000); /* a janela fechou: main tem 5 s para se despedir */
    return TRUE;
}

/* Aqui o Ctrl-C nao interrompe accept, recv...: antes delas quem espera e
 * pronto, que olha fim. Com nao_bloquear, quem espera e o poll do programa. */
static int ctrl_c_por_poll;
static unsigned long sim = 1;

static void ao_encerrar(void) {
    ctrl_c_por_poll = SetConsoleCtrlHandler(marcar_fim, TRUE);
}

static void nao_bloquear(SOCKET s) {
    ctrl_c_por_poll = 0;
    ioctlsocket(s, FIONBIO, &sim);
}

/* Quem esperava accept se foi: o Winsock diz uma; o Wine, a outra. */
static int desistiu(void) {
    int codigo = WSAGetLastError();
    return codigo == WSAECONNRESET || codigo == WSAENOTCONN;
}

static void esperar_vez(SOCKET s, short para_que) {
    if (ctrl_c_por_poll) ioctlsocket(s, FIONBIO, &sim);
    while (ctrl_c_por_poll && !fim && !pronto(s, para_que, agora() + 1))
        continue;
}

/* As duas funcoes de fios do POSIX, para um fio so. */
static HANDLE outro_fio;
static void *(*o_que_ele_faz)(void *);
static DWORD WINAPI comecar(void *p) { return o_que_ele_faz(p) != NULL; }
static int pthread_create(HANDLE *fio, const void *atributos,
                          void *(*funcao)(void *), void *p) {
    (void)atributos;
    o_que_ele_faz = funcao;
    *fio = outro_fio = CreateThread(NULL, 0, comecar, p, 0, NULL);
    return *fio ? 0 : (int)GetLastError();
}

/* Com dois cliques no .exe o console e so nosso e some com o programa:
 * espera um ENTER, para que se leia o que foi escrito. */
static void segurar_janela(void) {
    DWORD p[2];
    if (fim || !e_terminal(stdin) || GetConsoleProcessList(p, 2) != 1) return;
    escrever(stderr, "\nTecle ENTER para fechar esta janela. ");
    if (sem_teclado) pthread_join(outro_fio, NULL); /* o ENTER e dele */
    else getchar();
}

static void preparar_programa(void) { atexit(segurar_janela); }

/* Um pipe que ninguem le deixa de parar quem escreve; um console parado (com
 * texto selecionado), nao: o Windows nao oferece isso. */
static void soltar_saida(void) {
    DWORD sem_esperar = PIPE_NOWAIT;
    SetNamedPipeHandleState(console(stdout), &sem_esperar, NULL, NULL);
    SetNamedPipeHandleState(console(stderr), &sem_esperar, NULL, NULL);
}

/* O teclado, nunca: uma tecla nao e uma linha. De um pipe se pergunta se ha
 * bytes, ou se foi o fim; um arquivo, sempre. */
static int entrada_pronta(void) {
    DWORD ha = 0;
    if (GetFileType(console(stdin)) != FILE_TYPE_PIPE)
        return !e_terminal(stdin);
    if (PeekNamedPipe(console(stdin), NULL, 0, NULL, &ha, NULL)) return ha > 0;
    return GetLastError() == ERROR_BROKEN_PIPE;
}

/* Um arquivo ou um pipe. Espera-se antes de ReadFile: enquanto um fio estivesse
 * nela, o outro ficaria preso em entrada_pronta. */
static int ler_arquivo(char *buffer, int n) {
    DWORD ha = 0, lidos;
    while (!fim && PeekNamedPipe(console(stdin), NULL, 0, NULL, &ha, NULL)) {
        if (ha > 0) break;
        Sleep(10); /* milissegundos */
    }
    if (fim) return 0;
    if (ReadFile(console(stdin), buffer, n, &lidos, NULL)) return lidos;
    entrada_falhou = GetLastError() == ERROR_INVALID_HANDLE; /* senao, o fim */
    if (entrada_falhou) relatar("read", "entrada");
    return 0;
}

/* Espera uma tecla, ou fim. O que o console conta alem disso (a tecla que sobe,
 * o mouse) se joga fora: ReadConsoleW comecaria cedo, e o que chega da rede
 * cairia sobre o que se digita; e Ctrl-C nem sempre a interrompe. */
static void esperar_tecla(void) {
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

/* O console do Windows fala UTF-16: a linha que se digita vira UTF-8 aqui. */
static int ler_entrada(char *buffer, int n) {
    static WCHAR w[8192 + 1]; /* um a mais: um par (um emoji) nao se parte */
    static int no_meio;       /* 1: o resto da linha ja foi digitado */
    DWORD total = 0, cabem = n / 3 < 8192 ? n / 3 : 8192;
    if (!e_terminal(stdin)) return ler_arquivo(buffer, n);
    if (!no_meio) esperar_tecla();
    do { /* ate o ENTER: uma linha comprida pode vir em pedacos */
        DWORD veio = 0, pede = total < cabem ? cabem - total : 1;
        if (!fim) ReadConsoleW(console(stdin), w + total, pede, &veio, NULL);
        total += veio;
        no_meio = veio > 0 && w[total - 1] != '\n';
        if (veio == 0) return 0;
    } while (no_meio && (total < cabem || w[total - 1] >> 10 == 0x36));
    if (w[0] == 26) return 0; /* Ctrl-Z: o fim da entrada */
    if (total > 1 && w[total - 2] == '\r') w[--total - 1] = '\n'; /* ENTER */
    return WideCharToMultiByte(CP_UTF8, 0, w, total, buffer, n, 0, 0);
}

static int escrever_bytes(FILE *saida, const char *dados, int n) {
    WCHAR w[TAM_LINHA];
    DWORD feitos = 0;
    if (!e_terminal(saida)) /* arquivo ou pipe: UTF-8, como no POSIX */
        return WriteFile(console(saida), dados, n, &feitos, NULL) ? (int)feitos
                                                                  : -1;
    int largos = MultiByteToWideChar(CP_UTF8, 0, dados, n, w, TAM_LINHA);
    return WriteConsoleW(console(saida), w, largos, &feitos, NULL) ? n : -1;
}

static int enderecos_locais(struct in_addr *lista, int max) {
    struct hostent *h = gethostbyname(""); /* "": esta maquina */
    int i, n = 0;
    lista[n++].s_addr = htonl(INADDR_LOOPBACK);
    for (i = 0; h && h->h_addr_list[i] && n < max; i++) {
        memcpy(&lista[n], h->h_addr_list[i], sizeof lista[n]);
        if (lista[n].s_addr != lista[0].s_addr) n++;
    }
    return n;
}
#endif

#endif
