/*
 * servidor.c - espera clientes e devolve a cada um o que ele enviou (eco).
 *
 *   servidor [-t|-u] [-v] [-s] [-q] [-a ENDERECO] [-n CLIENTES] [-x PERDA]
 *            [porta]
 *
 * TCP: o servico de eco da RFC 862. Cada byte volta assim que chega; a linha
 * "sair" volta tambem e encerra a conversa.
 * UDP: cada datagrama e uma mensagem e volta como veio.
 *
 * As chamadas, na ordem do slide:
 *
 *   TCP:  socket  bind  listen  { accept  { recv  send }  close }  close
 *   UDP:  socket  bind          { recvfrom  sendto }               close
 *
 * Comece por main, no fim do arquivo; depois, as tres formas de atender.
 */
#define PROGRAMA "servidor"
#include "common.h"

#define CLIENTES_PADRAO 64    /* atendidos ao mesmo tempo */
#define MAX_CLIENTES    10000 /* o maior -n */
#define FILA            1024  /* conexoes que esperam por accept */
#define CORTE_REGISTRO  200   /* bytes de cada mensagem que se mostram */
#define ESPERA_DO_ADEUS 2     /* segundos: depois de "sair", ate fechar */
#define REMETENTES      1024  /* enderecos UDP lembrados */

struct cliente {
    SOCKET s;
    unsigned numero;   /* 1 para o primeiro que chegou, 2... */
    int sair;          /* o estado de procurar_sair */
    int despedida;     /* 1 depois da linha "sair" */
    time_t adeus;      /* hora de fechar, se ele nao fecha antes */
    char *pendente;    /* o que send ainda nao aceitou, ou NULL */
    int inicio, falta; /* bytes: onde isso comeca e quanto e */
};

static struct {
    int tipo;             /* SOCK_STREAM (-t) ou SOCK_DGRAM (-u) */
    int quieto;           /* -q: nenhuma linha por conexao ou mensagem */
    int clientes;         /* -n */
    int perda;            /* -x: por cento */
    int porta;            /* 0 a 65535 */
    const char *endereco; /* -a */
} op = {SOCK_STREAM, 0, CLIENTES_PADRAO, 0, PORTA_PADRAO, ENDERECO_PADRAO};

static struct {
    unsigned clientes, mensagens;
    double bytes; /* double conta sem errar ate 2^53 em todo sistema */
} total;

static char buffer[TAM_BUFFER];

/* ---- O que o servidor mostra ------------------------------------------ */

/* Uma linha sobre um cliente; com -q, nenhuma. */
static void registrar(unsigned numero, const char *fato, const char *detalhe)
{
    if (!op.quieto)
        escrever(stdout, "cliente %u %s%s\n", numero, fato, detalhe);
}

static void registrar_mensagem(unsigned numero, const char *dados, int n)
{
    char visivel[4 * CORTE_REGISTRO + 8];
    int corte = n > CORTE_REGISTRO;
    total.mensagens++;
    total.bytes += n;
    if (op.quieto) return;
    escapar(visivel, sizeof visivel, dados, corte ? CORTE_REGISTRO : n, 1);
    escrever(stdout, "cliente %u: %d bytes \"%s\"%s\n", numero, n, visivel,
             corte ? "..." : "");
}

/* Por que a conversa acabou: r e o que a ultima chamada devolveu. */
static void registrar_saida(const struct cliente *c, int r)
{
    const struct erro *e = explicar(ultimo_erro());
    char motivo[96];
    if (fim || r >= 0) {
        registrar(c->numero, "saiu", fim            ? " (fim do servidor)"
                                     : c->despedida ? " (disse sair)"
                                                    : "");
    } else {
        sprintf(motivo, "%s (%s)", e->causa, e->nome);
        registrar(c->numero, "caiu: ", motivo);
    }
}

/* Onde o servidor esta, e o que se digita para falar com ele. */
static void registrar_inicio(SOCKET s)
{
    struct sockaddr_in aqui;
    struct in_addr lista[16];
    socklen_t tamanho = sizeof aqui;
    const char *u = op.tipo == SOCK_DGRAM ? "-u " : "";
    int i, n = 1;
    getsockname(s, (struct sockaddr *)&aqui, &tamanho);
    op.porta = ntohs(aqui.sin_port); /* se era 0, o sistema escolheu */
    lista[0] = aqui.sin_addr;
    if (aqui.sin_addr.s_addr == htonl(INADDR_ANY))
        n = enderecos_locais(lista, 16);
    escrever(stdout, "servidor %s em %s (Ctrl-C termina)\n",
             *u ? "UDP" : "TCP", por_extenso(&aqui));
    for (i = 0; i < n; i++)
        escrever(stdout, "para falar com ele: " AQUI "cliente %s%s %d\n", u,
                 inet_ntoa(lista[i]), op.porta);
}

/* accept falhou. 1 se falta um recurso (descritores, memoria): avisa, e quem
 * chama da um tempo; o cliente continua na fila de listen. 0: e so repetir. */
static int falta_recurso(SOCKET escuta)
{
    struct sockaddr_in aqui;
    socklen_t tamanho = sizeof aqui;
    if (!esgotado(ultimo_erro())) return 0;
    getsockname(escuta, (struct sockaddr *)&aqui, &tamanho);
    relatar("accept", &aqui);
    return 1;
}

/* ---- Um cliente por vez: o laco do slide (-n 1) ----------------------- */

/* Passo 3: recebe e envia ate o cliente encerrar ou dizer "sair". Devolve o
 * que a ultima chamada devolveu: negativo se a conversa quebrou. */
static int conversar(struct cliente *c)
{
    int n = 0, util;
    while (aguardar(c->s) && !c->despedida) {
        n = Recv(c->s, buffer, TAM_BUFFER, 0);
        if (n <= 0) return n;
        util = procurar_sair(&c->sair, buffer, n);
        c->despedida = util > 0;
        if (c->despedida) n = util; /* o que segue "sair" nao conta */
        registrar_mensagem(c->numero, buffer, n);
        if (enviar_tudo(c->s, buffer, n) < 0) return -1;
    }
    return n;
}

/* Depois de "sair": nada mais a enviar, e le sem guardar ate o cliente
 * fechar. Fechar com bytes por ler desfaria a conexao (RST) e o eco de "sair"
 * poderia se perder no caminho. */
static void esperar_adeus(SOCKET s)
{
    time_t limite = time(NULL) + ESPERA_DO_ADEUS;
    Shutdown(s);
    while (time(NULL) < limite && chegou(s, 1000))
        if (Recv(s, buffer, TAM_BUFFER, 0) <= 0) break;
}

static void atender_um_por_vez(SOCKET escuta)
{
    struct sockaddr_in quem;
    struct cliente c;
    int r;
    while (aguardar(escuta)) {
        memset(&c, 0, sizeof c);
        c.s = Accept(escuta, &quem); /* passo 2 */
        if (c.s == INVALID_SOCKET) {
            if (falta_recurso(escuta)) dormir(1);
            continue;
        }
        c.numero = ++total.clientes;
        registrar(c.numero, "chegou de ", por_extenso(&quem));
        r = conversar(&c); /* passo 3 */
        registrar_saida(&c, r);
        if (c.despedida && r > 0) esperar_adeus(c.s);
        Close(c.s); /* passo 4: e volta a esperar outro */
    }
}

/* ---- Muitos ao mesmo tempo: poll (-n 2 ou mais) ----------------------- */
/* Nenhuma chamada bloqueia por um cliente: poll diz em quais sockets ha o
 * que fazer. Quem nao le o seu eco deixa de ser lido ate que leia (e assim
 * guardamos no maximo TAM_BUFFER bytes dele); os outros nem percebem.     */

/* Envia o que der de n bytes e guarda o resto para quando couber. 1; ou -1. */
static int enviar_ou_guardar(struct cliente *c, const char *dados, int n)
{
    int feito = Send(c->s, dados, n, 0);
    if (feito < 0) {
        if (!de_novo(ultimo_erro())) return -1;
        feito = 0;
    }
    c->falta = n - feito;
    if (c->falta == 0) {
        free(c->pendente);
        c->pendente = NULL;
    } else if (c->pendente) {
        c->inicio += feito;
    } else {
        c->inicio = 0;
        c->pendente = (char *)malloc(c->falta);
        if (!c->pendente) return -1;
        memcpy(c->pendente, dados + feito, c->falta);
    }
    if (c->falta == 0 && c->despedida) { /* como em esperar_adeus */
        Shutdown(c->s);
        c->adeus = time(NULL) + ESPERA_DO_ADEUS;
    }
    return 1;
}

/* Faz com um cliente o que poll disse que se pode. 1 se a conversa continua;
 * 0 se acabou, -1 se quebrou. */
static int continuar(struct cliente *c)
{
    int n, util;
    if (c->falta > 0)
        return enviar_ou_guardar(c, c->pendente + c->inicio, c->falta);
    n = Recv(c->s, buffer, TAM_BUFFER, 0);
    if (n < 0 && de_novo(ultimo_erro())) return 1;
    if (n <= 0) return n;
    if (c->despedida) return 1; /* o que segue "sair" nao conta */
    util = procurar_sair(&c->sair, buffer, n);
    c->despedida = util > 0;
    if (c->despedida) n = util;
    registrar_mensagem(c->numero, buffer, n);
    return enviar_ou_guardar(c, buffer, n);
}

/* Aceita um cliente em *c e *p. 1; ou 0 se nao havia ou nao pode. */
static int receber(SOCKET escuta, struct cliente *c, struct pollfd *p,
                   time_t *pausa)
{
    struct sockaddr_in quem;
    memset(c, 0, sizeof *c);
    c->s = Accept(escuta, &quem); /* passo 2 */
    if (c->s == INVALID_SOCKET) {
        if (falta_recurso(escuta)) *pausa = time(NULL) + 1;
        return 0;
    }
    nao_bloquear(c->s);
    c->numero = ++total.clientes;
    p->fd = c->s;
    p->events = POLLIN;
    p->revents = 0;
    registrar(c->numero, "chegou de ", por_extenso(&quem));
    return 1;
}

static void atender_varios(SOCKET escuta)
{
    struct cliente *c = (struct cliente *)malloc(op.clientes * sizeof *c);
    struct pollfd *p = (struct pollfd *)malloc((op.clientes + 1) * sizeof *p);
    time_t pausa = 0; /* ate esta hora nao se aceita ninguem */
    int i, r, n = 0;  /* n clientes: c[0..n-1], e seus p[1..n] */
    nao_bloquear(escuta);
    p[0].fd = escuta;
    while (!fim && c && p) {
        p[0].events = n < op.clientes && time(NULL) >= pausa ? POLLIN : 0;
        if (poll(p, n + 1, 1000) < 0) continue; /* um sinal */
        for (i = n - 1; i >= 0; i--) {
            r = 1;
            if (p[i + 1].revents) r = continuar(&c[i]); /* passo 3 */
            if (r > 0 && (!c[i].adeus || time(NULL) < c[i].adeus)) {
                p[i + 1].events = c[i].falta > 0 ? POLLOUT : POLLIN;
                continue;
            }
            registrar_saida(&c[i], r);
            Close(c[i].s); /* passo 4; o ultimo da lista ocupa o lugar */
            free(c[i].pendente);
            c[i] = c[--n];
            p[i + 1] = p[n + 1];
            pausa = 0;
        }
        if (p[0].revents & POLLIN) n += receber(escuta, &c[n], &p[n + 1], &pausa);
    }
    while (n-- > 0) {
        registrar_saida(&c[n], 0);
        Close(c[n].s);
        free(c[n].pendente);
    }
    free(c);
    free(p);
}

/* ---- Datagramas: UDP -------------------------------------------------- */

/* UDP nao tem conexao: para o servidor, cliente e um endereco que ja enviou
 * algo. Devolve o numero dele; lembra os ultimos REMETENTES. */
static unsigned numero_de(const struct sockaddr_in *quem)
{
    static struct sockaddr_in vistos[REMETENTES];
    unsigned i, n = total.clientes;
    for (i = n; i > 0 && i + REMETENTES > n; i--) {
        const struct sockaddr_in *v = &vistos[i % REMETENTES];
        if (v->sin_port == quem->sin_port &&
            v->sin_addr.s_addr == quem->sin_addr.s_addr)
            return i;
    }
    vistos[++total.clientes % REMETENTES] = *quem;
    registrar(total.clientes, "chegou de ", por_extenso(quem));
    return total.clientes;
}

static void atender_datagramas(SOCKET s)
{
    struct sockaddr_in quem;
    unsigned numero;
    int n;
    while (aguardar(s)) {
        n = Recvfrom(s, buffer, TAM_BUFFER, 0, &quem);
        if (n < 0) continue; /* um sinal, ou a resposta a quem ja fechou */
        numero = numero_de(&quem);
        if (quem.sin_port == htons((unsigned short)op.porta)) {
            registrar(numero, "ignorado: ",
                      "porta igual a minha; dois ecos nao parariam nunca");
        } else if (rand() % 100 < op.perda) {
            registrar(numero, "perdido: ", "descartado de proposito (-x)");
        } else {
            registrar_mensagem(numero, buffer, n);
            if (Sendto(s, buffer, n, 0, &quem) < 0)
                registrar(numero, "nao recebeu: ",
                          explicar(ultimo_erro())->causa);
            if (e_sair(buffer, n)) registrar(numero, "saiu", " (disse sair)");
        }
    }
}

/* ---- Opcoes e main ---------------------------------------------------- */

static void ajudar(void)
{
    puts("servidor de eco: devolve a cada cliente o que ele enviou.\n"
         "\n"
         "uso: " AQUI "servidor [opcoes] [porta]    (porta 7777; 0: qualquer)"
         "\n\n"
         "  -t           TCP, SOCK_STREAM (o normal)\n"
         "  -u           UDP, SOCK_DGRAM\n"
         "  -v           mostra cada chamada de socket\n"
         "  -s           passo a passo: espera ENTER antes de cada chamada\n"
         "  -q           quieto: so o comeco e o resumo\n"
         "  -a ENDERECO  endereco local; 0.0.0.0 abre o servidor a turma\n"
         "  -n CLIENTES  ao mesmo tempo, TCP, de 1 a 10000 (64)\n"
         "  -x PERDA     por cento de datagramas que se fingem perdidos, UDP\n"
         "  -h           esta ajuda");
    exit(0);
}

static void ler_opcoes(int argc, char **argv)
{
    int letra, t = 0, n = 0, x = 0, portas = 0;
    struct sockaddr_in teste;
    char nome[2] = "";
    opterr = 0; /* as mensagens sao nossas */
    while (optind < argc) {
        letra = getopt(argc, argv, "+:tuvsqha:n:x:");
        nome[0] = (char)optopt;
        switch (letra) {
        case 't': t = 1; break;
        case 'u': op.tipo = SOCK_DGRAM; break;
        case 's': passo = passo_na_conversa = 1; /* e tambem -v: */
        /* fall through */
        case 'v': rastro = 1; break;
        case 'q': op.quieto = 1; break;
        case 'a': op.endereco = optarg; break;
        case 'n':
            n = op.clientes = ler_numero(optarg, 1, MAX_CLIENTES,
                                         "-n '%s' nao e de 1 a 10000");
            break;
        case 'x':
            x = 1;
            op.perda = ler_numero(optarg, 0, 100, "-x '%s' nao e de 0 a 100");
            break;
        case 'h': ajudar(); break;
        case ':': uso_errado("falta o valor de -%s", nome); break;
        case '?': uso_errado("opcao -%s desconhecida", nome); break;
        default: /* nao e opcao: e a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (portas++) uso_errado("palavra a mais: '%s'", argv[optind]);
            op.porta = ler_numero(argv[optind++], 0, 65535,
                                  "porta '%s' nao e de 0 a 65535");
        }
    }
    if (montar_endereco(&teste, op.endereco, 0) < 0)
        uso_errado("-a '%s' nao e um endereco IPv4", op.endereco);
    if (t && op.tipo == SOCK_DGRAM) uso_errado("-t e -u: so um dos dois", "");
    if (n && op.tipo == SOCK_DGRAM) uso_errado("-n e so para TCP", "");
    if (x && op.tipo == SOCK_STREAM) uso_errado("-x e so para UDP (-u)", "");
}

static void ligar_opcao(SOCKET s, int nivel, int opcao, int valor)
{
    setsockopt(s, nivel, opcao, (const char *)&valor, sizeof valor);
}

/* O que os sockets de accept herdam do da escuta, antes de bind. */
static void preparar_escuta(SOCKET s)
{
    if (op.tipo == SOCK_DGRAM) return;
    /* reabrir a porta logo depois de fechar, sem esperar o TIME_WAIT; dois
     * servidores ao mesmo tempo na mesma porta continuam impossiveis */
    ligar_opcao(s, SOL_SOCKET, OPCAO_DA_PORTA, 1);
    /* cada send parte logo, sem se juntar ao proximo (algoritmo de Nagle) */
    ligar_opcao(s, IPPROTO_TCP, TCP_NODELAY, 1);
    /* cliente mudo ha muito: pergunta se ainda existe (tampa fechada) */
    ligar_opcao(s, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE /* senao, vale o do sistema: 2 horas */
    ligar_opcao(s, IPPROTO_TCP, TCP_KEEPIDLE, 30);  /* segundos */
    ligar_opcao(s, IPPROTO_TCP, TCP_KEEPINTVL, 10); /* segundos */
    ligar_opcao(s, IPPROTO_TCP, TCP_KEEPCNT, 3);    /* perguntas */
#endif
}

int main(int argc, char **argv)
{
    struct sockaddr_in endereco;
    SOCKET s;
    int falhou = 1;

    preparar_programa();
    ler_opcoes(argc, argv);
    ao_encerrar();
    srand((unsigned)time(NULL));
    if (iniciar_rede() < 0) return 1;

    montar_endereco(&endereco, op.endereco, op.porta);
    s = Socket(AF_INET, op.tipo, 0); /* passo 1 */
    if (s == INVALID_SOCKET) return 1;
    preparar_escuta(s);
    if (Bind(s, &endereco) == 0 &&
        (op.tipo == SOCK_DGRAM || Listen(s, FILA) == 0)) {
        registrar_inicio(s);
        if (op.tipo == SOCK_DGRAM) atender_datagramas(s);
        else if (op.clientes == 1) atender_um_por_vez(s); /* passos 2 a 4 */
        else atender_varios(s);
        escrever(stdout, "resumo: clientes %u, mensagens %u, bytes %.0f\n",
                 total.clientes, total.mensagens, total.bytes);
        falhou = 0;
    }
    Close(s);
    encerrar_rede();
    return falhou;
}
