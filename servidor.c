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
 * As chamadas, na ordem do slide, e os passos dele:
 *
 *   passo 1                   2          3              4
 *   TCP:  socket bind listen  { accept   { recv send }  close }  close
 *   UDP:  socket bind         { recvfrom   sendto }              close
 *
 * Comece por main, no fim do arquivo; depois, as tres formas de atender. De
 * common.h: Socket, Bind, Recv... fazem a chamada de mesmo nome e a mostram
 * com -v; fim e 1 depois de Ctrl-C; escrever e um printf.
 */
#define PROGRAMA "servidor"
#include "common.h"

#define CLIENTES_PADRAO 64    /* atendidos ao mesmo tempo */
#define MAX_CLIENTES    10000 /* o maior -n */
#define FILA            1024  /* conexoes que esperam por accept */
#define CORTE_REGISTRO  200   /* bytes de cada mensagem que se mostram */
#define PRAZO           2    /* segundos que quem disse "sair" tem ate fechar */
#define PRAZO_PASSO     60   /* o mesmo, com -s: o cliente pode estar parado */
#define REMETENTES      1024 /* enderecos UDP lembrados */
#define RESERVA         16   /* descritores para o resto: 0, 1, 2, escuta... */

struct cliente {
    SOCKET s;
    unsigned numero; /* 1 para o primeiro que chegou, 2... */
    int estado_sair; /* letras de "sair" ja vistas: veja procurar_sair */
    int disse_sair;  /* 1 depois da linha "sair" */
    time_t prazo;    /* hora de fechar, se ele nao fecha antes; 0: nao ha */
    char *pendente;  /* o eco que send ainda nao aceitou, ou NULL */
    int falta;       /* quantos bytes de eco faltam, no maximo TAM_BUFFER */
};

static struct {
    int tipo;             /* SOCK_STREAM (-t) ou SOCK_DGRAM (-u) */
    int quieto;           /* -q: nenhuma linha por conexao ou mensagem */
    int clientes;         /* -n; 0: nao foi dito */
    int perda;            /* -x: por cento; -1: nao foi dito */
    int porta;            /* 0 a 65535 */
    const char *endereco; /* -a */
} op = {SOCK_STREAM, 0, 0, -1, PORTA_PADRAO, ENDERECO_PADRAO};

static struct {
    unsigned clientes, mensagens;
    double bytes; /* passa de 4 GB; um long do Windows nao chega la */
} total;

static struct sockaddr_in aqui; /* onde o servidor atende */
static char buffer[TAM_BUFFER];

/* ---- O que o servidor mostra ------------------------------------------ */

/* Uma linha sobre um cliente; com -q, nenhuma. Por exemplo, com 3, "saiu" e
 * " (disse sair)": cliente 3 saiu (disse sair) */
static void registrar(unsigned numero, const char *fato, const char *detalhe) {
    if (!op.quieto)
        escrever(stdout, "cliente %u %s%s\n", numero, fato, detalhe);
}

/* Os n bytes de uma mensagem, ate CORTE_REGISTRO. fato: o que vem depois do
 * numero do cliente, ":" ou " perdido (-x):". */
static void registrar_bytes(unsigned numero, const char *fato,
                            const char *dados, int n) {
    char visivel[4 * CORTE_REGISTRO + 8];
    int corte = n > CORTE_REGISTRO;
    if (op.quieto) return;
    escapar(visivel, sizeof visivel, dados, corte ? CORTE_REGISTRO : n, 1);
    escrever(stdout, "cliente %u%s %d bytes \"%s\"%s\n", numero, fato, n,
             visivel, corte ? "..." : "");
}

static void contar_mensagem(unsigned numero, const char *dados, int n) {
    total.mensagens++;
    total.bytes += n;
    registrar_bytes(numero, ":", dados, n);
}

/* Onde o servidor esta, e o que se digita para falar com ele. */
static void registrar_inicio(SOCKET s) {
    struct in_addr lista[64];
    socklen_t tamanho = sizeof aqui;
    const char *u = op.tipo == SOCK_DGRAM ? "-u " : "";
    int i, n = 1;
    getsockname(s, (struct sockaddr *)&aqui, &tamanho); /* a porta, se era 0 */
    lista[0] = aqui.sin_addr;
    if (lista[0].s_addr == htonl(INADDR_ANY)) n = enderecos_locais(lista, 64);
    escrever(stdout, "servidor %s em %s (Ctrl-C termina)\n", *u ? "UDP" : "TCP",
             por_extenso(&aqui));
    for (i = 0; i < n; i++)
        escrever(stdout, "para falar com ele%s: " PASTA "cliente %s%s %d\n",
                 n > 1 && ntohl(lista[i].s_addr) >> 24 == 127 ? ", daqui" : "",
                 u, inet_ntoa(lista[i]), ntohs(aqui.sin_port));
}

/* ---- O que as duas formas de TCP tem em comum ------------------------- */

/* Passo 2. 1: o cliente c chegou; 0: nao ha quem aceitar; -1: falta recurso
 * (descritores, memoria), e o cliente fica na fila ate que haja. */
static int aceitar(SOCKET escuta, struct cliente *c) {
    static int avisou; /* desta falta de recurso ja se avisou */
    struct sockaddr_in quem;
    memset(c, 0, sizeof *c);
    c->s = Accept(escuta, &quem);
    if (c->s == INVALID_SOCKET) {
        if (fim || !esgotado(ultimo_erro())) return 0;
        if (!avisou++) relatar("accept", &aqui);
        return -1;
    }
    avisou = 0;
    c->numero = ++total.clientes;
    registrar(c->numero, "chegou de ", por_extenso(&quem));
    return 1;
}

/* Passo 3, o recv. O que veio fica em buffer; devolve quantos bytes sao, 0 se
 * o cliente encerrou, -1 se falhou. Depois da linha "sair" nada mais conta. */
static int receber(struct cliente *c) {
    int n = Recv(c->s, buffer, TAM_BUFFER, 0);
    if (n <= 0 || c->disse_sair) return n;
    int ate_sair = procurar_sair(&c->estado_sair, buffer, n);
    if (ate_sair) {
        c->disse_sair = 1;
        n = ate_sair;
    }
    contar_mensagem(c->numero, buffer, n);
    return n;
}

/* O eco ja foi todo. Mas se close acha bytes por ler, desfaz a conexao (RST), e
 * o cliente pode perder o eco de "sair": diz-se que acabou e, ate que ele feche
 * ou o prazo passe, le-se sem guardar. */
static void despedir(struct cliente *c) {
    Shutdown(c->s);
    c->prazo = time(NULL) + (passo_a_passo ? PRAZO_PASSO : PRAZO);
}

/* Passo 4. r: o que a ultima chamada devolveu; menor que 0, a conversa caiu. */
static void encerrar(struct cliente *c, int r) {
    const struct erro *e = explicar(ultimo_erro());
    char motivo[96] = "";
    if (fim) strcpy(motivo, " (fim do servidor)");
    else if (r < 0) sprintf(motivo, ": %s (%s)", e->causa, e->nome);
    else if (c->disse_sair) strcpy(motivo, " (disse sair)");
    registrar(c->numero, r < 0 && !fim ? "caiu" : "saiu", motivo);
    if (c->falta > 0) romper(c->s);
    Close(c->s);
    free(c->pendente);
}

/* ---- Um cliente por vez: o laco do slide (-n 1) ----------------------- */

static void atender_um_por_vez(SOCKET escuta) {
    struct cliente c;
    while (!fim) {
        int n = aceitar(escuta, &c); /* passo 2: accept */
        if (n < 0) dormir(1000);
        if (n <= 0) continue;
        while (!c.disse_sair && (n = receber(&c)) > 0) { /* passo 3: recv */
            c.falta = n; /* se o envio parar no meio, encerrar sabera */
            n = enviar_tudo(c.s, buffer, n); /* e send */
            if (n < 0) break;
            c.falta = 0;
        }
        if (c.disse_sair && c.falta == 0) {
            despedir(&c);
            while (!fim && time(NULL) < c.prazo)
                if (pronto(c.s, POLLIN, 1000) && receber(&c) <= 0) break;
        }
        encerrar(&c, n); /* passo 4: close; e volta a esperar outro cliente */
    }
}

/* ---- Muitos ao mesmo tempo: poll (-n 2 ou mais) ----------------------- */
/* Nenhuma chamada espera por um cliente so: poll diz em quais sockets ha o
 * que fazer. Quem nao le o seu eco deixa de ser lido ate que leia (dele se
 * guardam no maximo TAM_BUFFER bytes); os outros nem percebem.            */

/* Envia o que couber dos n bytes de dados; o resto espera em c->pendente. 1,
 * ou -1 se a conversa quebrou. */
static int enviar_ou_guardar(struct cliente *c, const char *dados, int n) {
    int feito = Send(c->s, dados, n, 0);
    if (feito < 0 && !de_novo(ultimo_erro())) return -1;
    if (feito < 0) feito = 0;
    c->falta = n - feito;
    if (c->falta > 0) {
        if (!c->pendente) c->pendente = (char *)malloc(TAM_BUFFER);
        if (!c->pendente) return -1;
        memmove(c->pendente, dados + feito, c->falta);
    } else {
        free(c->pendente);
        c->pendente = NULL;
        if (c->disse_sair) despedir(c);
    }
    return 1;
}

/* Passo 3, quando poll avisa: envia o que faltava, ou recebe e devolve. 1: a
 * conversa continua; 0: acabou; -1: quebrou. */
static int continuar(struct cliente *c) {
    if (c->falta > 0) return enviar_ou_guardar(c, c->pendente, c->falta);
    int n = receber(c);
    if (n < 0 && de_novo(ultimo_erro())) return 1;
    if (c->prazo) return n > 0; /* ja se despediu: nada se devolve */
    if (n <= 0) return n;
    return enviar_ou_guardar(c, buffer, n);
}

static void atender_varios(SOCKET escuta) {
    static struct cliente c[MAX_CLIENTES];    /* em uso: c[0] a c[n - 1] */
    static struct pollfd p[MAX_CLIENTES + 1]; /* o que poll espera de cada um */
    time_t pausa = 0; /* ate esta hora nao se aceita ninguem */
    int i, n = 0;
    nao_bloquear(escuta);
    while (!fim) {
        p[n].fd = escuta; /* depois do ultimo cliente, a escuta */
        p[n].events = n < op.clientes && time(NULL) >= pausa ? POLLIN : 0;
        if (poll(p, n + 1, 1000) < 0) continue; /* um sinal */
        int ha_novo = p[n].revents & POLLIN;
        for (i = n - 1; i >= 0; i--) {
            int r = p[i].revents ? continuar(&c[i]) : 1;
            if (c[i].prazo && time(NULL) >= c[i].prazo) r = 0;
            p[i].events = c[i].falta > 0 ? POLLOUT : POLLIN;
            if (r > 0) continue;
            encerrar(&c[i], r);
            c[i] = c[--n]; /* o ultimo, ja visto, ocupa o lugar */
            p[i] = p[n];
            pausa = 0;
        }
        if (!ha_novo) continue;
        int chegou = aceitar(escuta, &c[n]); /* passo 2 */
        if (chegou < 0) pausa = time(NULL) + 1;
        if (chegou <= 0) continue;
        nao_bloquear(c[n].s);
        p[n].fd = c[n].s;
        p[n++].events = POLLIN;
    }
    while (n > 0) encerrar(&c[--n], 0);
}

/* ---- Datagramas: UDP -------------------------------------------------- */

/* UDP nao tem conexao: cliente, aqui, e um endereco que ja enviou algo.
 * Devolve o seu numero. Lembra REMETENTES: o i fica em vistos[i % REMETENTES],
 * e um novo apaga o mais velho. */
static unsigned numero_de(const struct sockaddr_in *quem) {
    static struct sockaddr_in vistos[REMETENTES];
    unsigned i, n = total.clientes;
    for (i = n; i > 0 && i + REMETENTES > n; i--)
        if (mesmo_endereco(&vistos[i % REMETENTES], quem)) return i;
    vistos[++total.clientes % REMETENTES] = *quem;
    registrar(total.clientes, "chegou de ", por_extenso(quem));
    return total.clientes;
}

static void atender_datagramas(SOCKET s) {
    struct sockaddr_in quem;
    while (!fim) {
        int n = Recvfrom(s, buffer, TAM_BUFFER, 0, &quem);
        if (n < 0) continue; /* um sinal; no Windows, quem ja fechou */
        unsigned numero = numero_de(&quem);
        if (quem.sin_port == aqui.sin_port) {
            registrar(numero, "ignorado: ",
                      "a porta e igual a minha; dois ecos nao parariam nunca");
        } else if (rand() % 100 < op.perda) {
            registrar_bytes(numero, " perdido (-x):", buffer, n);
        } else {
            contar_mensagem(numero, buffer, n);
            if (Sendto(s, buffer, n, 0, &quem) < 0)
                registrar(numero,
                          "nao recebeu: ", explicar(ultimo_erro())->causa);
            if (e_sair(buffer, n)) registrar(numero, "saiu", " (disse sair)");
        }
    }
}

/* ---- Opcoes e main ---------------------------------------------------- */

static void ajudar(void) {
    puts("servidor de eco: devolve a cada cliente o que ele enviou.\n\n"
         "uso: " PASTA "servidor [opcoes] [porta]   (7777; 0: qualquer)\n\n"
         "  -t           TCP, SOCK_STREAM (o normal)\n"
         "  -u           UDP, SOCK_DGRAM\n"
         "  -v           mostra cada chamada de socket\n"
         "  -s           passo a passo: ENTER antes de cada chamada\n"
         "  -q           quieto: so o comeco e o resumo\n"
         "  -a ENDERECO  endereco local; 0.0.0.0 abre a toda a rede\n"
         "  -n CLIENTES  ao mesmo tempo, TCP, de 1 a 10000 (64)\n"
         "  -x PERDA     de 0 a 100 por cento dos datagramas se perdem, UDP\n"
         "  -h           esta ajuda");
    exit(0);
}

static void ler_opcoes(int argc, char **argv) {
    int t = 0, u = 0, portas = 0;
    opterr = 0; /* as mensagens sao nossas */
    while (optind < argc) {
        int letra = getopt(argc, argv, "+:tuvsqha:n:x:");
        char nome[] = {'-', (char)optopt, '\0'};
        switch (letra) {
        case 't': t = 1; break;
        case 'u': u = 1; break;
        case 'v': rastro = 1; break;
        case 's': rastro = 1, passo_a_passo = 2; break;
        case 'q': op.quieto = 1; break;
        case 'h': ajudar(); break;
        case 'a': op.endereco = optarg; break;
        case 'n':
            op.clientes = ler_numero("-n", optarg, 1, MAX_CLIENTES);
            break;
        case 'x': op.perda = ler_numero("-x", optarg, 0, 100); break;
        case ':': uso_errado("falta o valor de %s", nome); break;
        case '?': uso_errado("opcao '%s' desconhecida", nome); break;
        default:                       /* nao e opcao: e a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (portas++) uso_errado("'%s' esta a mais", argv[optind]);
            op.porta = ler_numero("porta", argv[optind++], 0, 65535);
        }
    }
    if (u) op.tipo = SOCK_DGRAM;
    if (t && u) uso_errado("-t ou -u, nao os dois", "");
    if (u && op.clientes > 0) uso_errado("-n e so para TCP", "");
    if (!u && op.perda >= 0) uso_errado("-x e so para UDP (-u)", "");
    if (op.clientes == 0) op.clientes = CLIENTES_PADRAO;
    recusar_dois_pontos(op.endereco);
    if (montar_endereco(&aqui, op.endereco, op.porta) < 0)
        uso_errado("-a '%s' nao e um endereco IPv4", op.endereco);
}

static void ligar(SOCKET s, int nivel, int opcao, int valor) {
    setsockopt(s, nivel, opcao, (const char *)&valor, sizeof valor);
}

/* Antes de bind. As opcoes valem tambem para os sockets de accept. */
static void preparar_escuta(SOCKET s) {
    /* o TCP guarda por um tempo a porta que fechou (TIME_WAIT): com isto
     * pode-se reabri-la ja, mas nunca em dois servidores ao mesmo tempo */
    ligar(s, SOL_SOCKET, OPCAO_DA_PORTA, 1);
    /* cada send parte logo, sem esperar pelo seguinte (algoritmo de Nagle) */
    ligar(s, IPPROTO_TCP, TCP_NODELAY, 1);
    /* bytes "urgentes" (MSG_OOB) chegam no seu lugar, como os outros */
    ligar(s, SOL_SOCKET, SO_OOBINLINE, 1);
    /* cliente calado: o sistema pergunta se ele ainda existe */
    ligar(s, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE /* sem isto, so depois de 2 horas */
    ligar(s, IPPROTO_TCP, TCP_KEEPIDLE, 30);  /* segundos calado */
    ligar(s, IPPROTO_TCP, TCP_KEEPINTVL, 10); /* segundos entre perguntas */
    ligar(s, IPPROTO_TCP, TCP_KEEPCNT, 3);    /* perguntas sem resposta */
#endif
    int pede = op.clientes + RESERVA, ha = pedir_descritores(pede);
    if (ha < pede)
        escrever(stderr,
                 "servidor: o sistema da %d descritores: podem nao caber %d "
                 "clientes (veja ulimit -Hn)\n",
                 ha, op.clientes);
}

int main(int argc, char **argv) {
    preparar_programa();
    ler_opcoes(argc, argv); /* monta tambem o endereco */
    ao_encerrar();          /* daqui em diante Ctrl-C so marca fim */
    srand((unsigned)time(NULL) ^ (unsigned)getpid() << 8);
    if (iniciar_rede() < 0) return 1;

    SOCKET s = Socket(AF_INET, op.tipo, 0); /* passo 1: socket, */
    if (s == INVALID_SOCKET) return 1;
    if (op.tipo == SOCK_STREAM) preparar_escuta(s);
    int r = Bind(s, &aqui);                                    /* bind */
    if (r == 0 && op.tipo == SOCK_STREAM) r = Listen(s, FILA); /* e listen */
    if (r == 0) {
        registrar_inicio(s);
        if (op.tipo == SOCK_DGRAM) atender_datagramas(s); /* passos 2, 3, 4: */
        else if (op.clientes == 1) atender_um_por_vez(s); /* tres formas */
        else atender_varios(s);
        escrever(stdout, "resumo: clientes %u, mensagens %u, bytes %.0f\n",
                 total.clientes, total.mensagens, total.bytes);
    }
    Close(s); /* passo 4, do socket que escutava */
    encerrar_rede();
    return r < 0;
}
