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
#define OUTRO    "cliente"
#include "common.h"

#define CLIENTES_PADRAO 64    /* atendidos ao mesmo tempo */
#define MAX_CLIENTES    10000 /* o maior -n */
#define FILA            4096  /* conexoes que esperam por accept */
#define CORTE_REGISTRO  200   /* bytes de cada mensagem que se mostram */
#define PRAZO           2    /* segundos que quem disse "sair" tem ate fechar */
#define PRAZO_PASSO     60   /* o mesmo, com -s: o cliente pode estar parado */
#define REMETENTES      1024 /* enderecos UDP lembrados */

struct cliente {
    SOCKET s;
    unsigned numero; /* 1 para o primeiro que chegou, 2... */
    int letras;      /* de "sair" ja vistas: veja procurar_sair */
    int disse_sair;  /* 1 depois da linha "sair" */
    double prazo;    /* hora de fechar, se ele nao fecha antes; 0: nao ha */
    char *pendente;  /* o eco que send ainda nao aceitou, ou NULL */
    int falta;       /* quantos bytes de eco faltam, no maximo TAM_BUFFER */
};

static struct {
    int quieto;           /* -q: nenhuma linha por conexao ou mensagem */
    int clientes;         /* -n; 0: nao foi dito */
    int perda;            /* -x: por cento; -1: nao foi dito */
    int porta;            /* 0 a 65535 */
    int prazo;            /* segundos: PRAZO ou PRAZO_PASSO */
    const char *endereco; /* -a */
} op = {0, 0, -1, PORTA_PADRAO, PRAZO, ENDERECO_PADRAO};

static struct {
    unsigned clientes, mensagens, perdidos;
    double bytes; /* passa de 4 GB; um long do Windows nao chega la */
} total;

static struct sockaddr_in aqui; /* onde o servidor atende */
static char buffer[TAM_BUFFER];

/* ---- O que o servidor mostra ------------------------------------------ */

/* Uma linha sobre um cliente, como "cliente 3 saiu (disse sair)". */
static void registrar(unsigned numero, const char *fato, const char *detalhe) {
    if (!op.quieto)
        escrever(stdout, "cliente %u %s%s\n", numero, fato, detalhe);
}

/* Uma mensagem de n bytes, ate CORTE_REGISTRO. fato: o que houve com ela. */
static void registrar_bytes(unsigned numero, const char *fato,
                            const char *dados, int n) {
    char visivel[4 * CORTE_REGISTRO + 32];
    int corte = n > CORTE_REGISTRO;
    if (op.quieto) return;
    escapar(visivel, sizeof visivel, dados, corte ? CORTE_REGISTRO : n, 1);
    escrever(stdout, "cliente %u: %s%d bytes \"%s\"%s\n", numero, fato, n,
             visivel, corte ? "..." : "");
}

/* Daqui ate registrar_saida, o que o rastro ja diz, com -v, nao se repete. */
static void contar_mensagem(unsigned numero, const char *dados, int n) {
    total.mensagens++;
    total.bytes += n;
    if (!rastro) registrar_bytes(numero, "", dados, n);
}

static int falta_avisada; /* 1: desta falta de recurso ja se avisou */

static void registrar_chegada(unsigned numero, const struct sockaddr_in *quem) {
    falta_avisada = 0;
    if (!rastro) registrar(numero, "chegou de ", por_extenso(quem));
}

/* r: o que a ultima chamada devolveu; menor que 0, a conversa caiu. */
static void registrar_saida(const struct cliente *c, int r) {
    const struct erro *e = explicar(ultimo_erro());
    char motivo[96] = "";
    if (fim) strcpy(motivo, " (fim do servidor)");
    else if (r < 0)
        sprintf(motivo, ": %s (%s%s)", e->causa, prefixo(e), e->nome);
    else if (c->disse_sair) strcpy(motivo, " (disse sair)");
    if (!rastro) registrar(c->numero, r < 0 && !fim ? "caiu" : "saiu", motivo);
}

/* accept falhou: falta recurso (descritores, memoria). Conta uma vez; -1. */
static int registrar_falta(void) {
    if (!falta_avisada++) relatar("accept", por_extenso(&aqui));
    return -1;
}

/* Todos os lugares tomados; so na primeira vez em que ha alguem na fila. */
static void registrar_fila(int na_fila) {
    static int avisou;
    if (na_fila && !avisou && !op.quieto)
        escrever(stdout,
                 "lotado: %d clientes (-n %d); ha quem espere na fila\n",
                 op.clientes, op.clientes);
    avisou = na_fila;
}

/* Onde o servidor esta, e o que se digita para falar com ele. */
static void registrar_inicio(SOCKET s) {
    struct in_addr lista[64];
    socklen_t tamanho = sizeof aqui;
    const char *u = tipo == SOCK_DGRAM ? "-u " : "";
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

static void registrar_resumo(void) {
    char perdidos[40] = "";
    if (op.perda >= 0) sprintf(perdidos, ", perdidos %u (-x)", total.perdidos);
    escrever(stdout, "resumo: clientes %u, mensagens %u, bytes %.0f%s\n",
             total.clientes, total.mensagens, total.bytes, perdidos);
}

/* ---- O que as duas formas de TCP tem em comum ------------------------- */

/* s: o que accept devolveu. 1: o cliente c chegou; 0: nao ha ninguem; -1: falta
 * recurso, e ele fica na fila ate que haja. */
static int receber(struct cliente *c, SOCKET s,
                   const struct sockaddr_in *quem) {
    if (s == INVALID_SOCKET) return fim || de_novo() ? 0 : registrar_falta();
    memset(c, 0, sizeof *c);
    c->s = s;
    c->numero = ++total.clientes;
    registrar_chegada(c->numero, quem);
    return 1;
}

/* recv pos n bytes em buffer. Devolve quantos deles se devolvem ao cliente: o
 * que vem depois da linha "sair" nao conta. */
static int anotar(struct cliente *c, int n) {
    int ate_sair = procurar_sair(&c->letras, buffer, n);
    c->disse_sair = ate_sair > 0;
    if (c->disse_sair) n = ate_sair;
    contar_mensagem(c->numero, buffer, n);
    return n;
}

/* ---- Um cliente por vez: o laco do slide (-n 1) ----------------------- */
/* Depois de "sair" nao se fecha logo: se close acha bytes por ler, desfaz a
 * conexao (RST), e o eco pode se perder. Com shutdown diz-se que acabou e, ate
 * que o cliente feche ou o prazo passe, le-se sem guardar.                 */

static void atender_um_por_vez(SOCKET escuta) {
    struct sockaddr_in quem;
    struct cliente c;
    while (!fim) {
        socklen_t tamanho = sizeof quem; /* passo 2: accept */
        SOCKET s = Accept(escuta, (struct sockaddr *)&quem, &tamanho);
        int n = receber(&c, s, &quem);
        if (n < 0) dormir(1000);
        if (n <= 0) continue;
        do {
            int veio = 0;
            n = Recv(s, buffer, TAM_BUFFER, 0); /* passo 3: recv, */
            if (n > 0) veio = c.falta = anotar(&c, n);
            while (n > 0 && c.falta > 0) { /* e send, ate ir tudo */
                n = Send(s, buffer + veio - c.falta, c.falta, 0);
                if (n > 0) c.falta -= n;
            }
        } while (n > 0 && !c.disse_sair);
        if (n > 0) {
            Shutdown(s, SHUT_WR); /* passo 4 */
            c.prazo = agora() + op.prazo;
            while (passo_a_passo || pronto(s, POLLIN, c.prazo))
                if (Recv(s, buffer, TAM_BUFFER, 0) <= 0) break;
        }
        registrar_saida(&c, n);
        if (c.falta > 0) romper(s);
        Close(s); /* passo 4: close; e volta a esperar outro cliente */
    }
}

/* ---- Muitos ao mesmo tempo: poll (-n 2 ou mais) ----------------------- */
/* Nenhuma chamada espera por um cliente so: poll diz em quais sockets ha o
 * que fazer. Quem nao le o seu eco deixa de ser lido ate que leia (dele se
 * guardam no maximo TAM_BUFFER bytes); os outros nem percebem.            */

/* Envia o que couber dos n bytes de dados; o resto espera em c->pendente. 1,
 * ou -1 se a conversa quebrou. */
static int enviar_ou_guardar(struct cliente *c, const char *dados, int n) {
    c->falta = n; /* se falhar, encerrar sabe que faltou */
    int feito = Send(c->s, dados, n, 0);
    if (feito < 0 && !de_novo()) return -1;
    if (feito > 0) c->falta -= feito;
    if (c->falta > 0) {
        if (!c->pendente) c->pendente = (char *)malloc(TAM_BUFFER);
        if (!c->pendente) return -1;
        memmove(c->pendente, dados + n - c->falta, c->falta);
        return 1;
    }
    free(c->pendente);
    c->pendente = NULL;
    if (!c->disse_sair) return 1;
    Shutdown(c->s, SHUT_WR); /* a despedida, como em atender_um_por_vez */
    c->prazo = agora() + op.prazo;
    return 1;
}

/* Passo 3, quando poll avisa: envia o que faltava, ou recebe e devolve. 1: a
 * conversa continua; 0: acabou; -1: quebrou. */
static int continuar(struct cliente *c) {
    if (c->falta > 0) return enviar_ou_guardar(c, c->pendente, c->falta);
    int n = Recv(c->s, buffer, TAM_BUFFER, 0);
    if (n < 0 && de_novo()) return 1;
    if (c->disse_sair) return n > 0; /* ja se despediu: nada se devolve */
    if (n <= 0) return n;
    return enviar_ou_guardar(c, buffer, anotar(c, n));
}

/* Passo 4. r: o que continuar devolveu. */
static void encerrar(struct cliente *c, int r) {
    registrar_saida(c, r);
    if (c->falta > 0) romper(c->s);
    Close(c->s);
    free(c->pendente);
}

static void atender_varios(SOCKET escuta) {
    static struct cliente c[MAX_CLIENTES];    /* em uso: c[0] a c[n - 1] */
    static struct pollfd p[MAX_CLIENTES + 1]; /* p[i]: de c[i]; p[n]: escuta */
    struct sockaddr_in quem;
    double pausa = 0; /* ate esta hora nao se aceita ninguem */
    int i, n = 0, lotado = 0;
    nao_bloquear(escuta);
    while (!fim) {
        p[n].fd = escuta;
        p[n].events = lotado || agora() < pausa ? 0 : POLLIN;
        if (Poll(p, n + 1, 1000) < 0) continue;
        int na_fila = p[n].revents ? 1 : 0;
        for (i = n - 1; i >= 0; i--) { /* passos 3 e 4 */
            int r = p[i].revents ? continuar(&c[i]) : 1;
            if (c[i].prazo > 0 && agora() >= c[i].prazo) r = 0;
            p[i].events = c[i].falta > 0 ? POLLOUT : POLLIN;
            if (r > 0) continue;
            encerrar(&c[i], r);
            c[i] = c[--n]; /* o ultimo, ja visto, ocupa o lugar */
            p[i] = p[n];
            pausa = lotado = 0;
        }
        while (na_fila > 0 && n < op.clientes) { /* passo 2: todos */
            socklen_t tamanho = sizeof quem;
            SOCKET s = Accept(escuta, (struct sockaddr *)&quem, &tamanho);
            na_fila = receber(&c[n], s, &quem);
            if (na_fila <= 0) break;
            nao_bloquear(s);
            p[n].fd = s;
            p[n++].events = POLLIN;
            p[n].fd = escuta;
            p[n].events = POLLIN;
            na_fila = poll(&p[n], 1, 0) > 0; /* ha mais alguem? */
        }
        if (na_fila < 0) pausa = agora() + 1;
        if (n == op.clientes && !lotado) registrar_fila(lotado = na_fila > 0);
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
    registrar_chegada(total.clientes, quem);
    return total.clientes;
}

static void atender_datagramas(SOCKET s) {
    struct sockaddr_in quem;
    while (!fim) {
        socklen_t tamanho = sizeof quem;
        int n = Recvfrom(s, buffer, TAM_BUFFER, 0, /* passo 3 */
                         (struct sockaddr *)&quem, &tamanho);
        /* ECONNRESET: no Windows, quem recebeu a resposta ja tinha saido */
        if (n < 0 && !fim && !de_novo() &&
            ultimo_erro() != CODIGO(ECONNRESET)) {
            relatar("recvfrom", por_extenso(&aqui));
            dormir(1000);
        }
        if (n < 0) continue;
        unsigned numero = numero_de(&quem);
        if (quem.sin_port == aqui.sin_port) {
            registrar(numero, "ignorado: ",
                      "a porta e igual a minha; dois ecos nao parariam nunca");
            continue;
        }
        /* -x: perde-se o datagrama que vem ou, tantas vezes, a resposta */
        int perdido = rand() % 100 < op.perda, chegou = !perdido || rand() % 2;
        total.perdidos += perdido;
        if (chegou) contar_mensagem(numero, buffer, n);
        if (perdido)
            registrar_bytes(numero,
                            chegou ? "resposta perdida na volta (-x): "
                                   : "datagrama perdido na vinda (-x): ",
                            buffer, n);
        else if (Sendto(s, buffer, n, 0, (struct sockaddr *)&quem,
                        sizeof quem) < 0)
            registrar(numero, "nao recebeu: ", explicar(ultimo_erro())->causa);
        if (chegou && e_sair(buffer, n) && !rastro)
            registrar(numero, "saiu", " (disse sair)");
    }
}

/* ---- Opcoes e main ---------------------------------------------------- */

static void ajudar(void) {
    int r = escrever(
        stdout,
        "servidor de eco: devolve a cada cliente o que ele enviou.\n\n"
        "uso: " PASTA "servidor [opcoes] [porta]   (7777; 0: qualquer)\n\n"
        "  -t           TCP, SOCK_STREAM (o normal)\n"
        "  -u           UDP, SOCK_DGRAM\n"
        "  -v           mostra cada chamada de socket\n"
        "  -s           passo a passo: ENTER antes de cada chamada\n"
        "  -q           quieto: so o comeco e o resumo\n"
        "  -a ENDERECO  endereco local; 0.0.0.0 abre a toda a rede\n"
        "  -n CLIENTES  ao mesmo tempo, TCP, de 1 a 10000 (64)\n"
        "  -x PERDA     de 0 a 100 por cento dos datagramas se perdem, UDP\n"
        "  -h           esta ajuda\n");
    exit(r < 0);
}

/* As combinacoes que nao valem, e o que nao foi dito. Monta o endereco. */
static void conferir_opcoes(void) {
    int u = tipo == SOCK_DGRAM;
    if (u && op.clientes > 0) uso_errado("-n e so para TCP", "");
    if (!u && op.perda >= 0) uso_errado("-x e so para UDP (-u)", "");
    if (op.clientes == 0) op.clientes = CLIENTES_PADRAO;
    if (passo_a_passo) op.prazo = PRAZO_PASSO;
    if (montar_endereco(&aqui, op.endereco, op.porta) < 0)
        uso_errado("-a '%s' nao e um endereco IPv4 (a porta vem depois)",
                   op.endereco);
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
        case 's': rastro = passo_a_passo = 1; break;
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
    if (u) tipo = SOCK_DGRAM;
    if (t && u) uso_errado("-t ou -u, nao os dois", "");
    conferir_opcoes();
}

/* Antes de bind. As opcoes valem tambem para os sockets de accept. */
static void preparar_escuta(SOCKET s) {
    /* o TCP guarda por um tempo a porta que fechou (TIME_WAIT): com isto
     * pode-se reabri-la ja, mas nunca em dois servidores ao mesmo tempo */
    ligar(s, SOL_SOCKET, OPCAO_DA_PORTA, 1);
    ajustar(s);
    pedir_descritores(op.clientes);
}

int main(int argc, char **argv) {
    preparar_programa();
    ler_opcoes(argc, argv); /* monta tambem o endereco, em aqui */
    ao_encerrar();          /* daqui em diante Ctrl-C so marca fim */
    soltar_saida();         /* o registro parado nao para a turma */
    srand((unsigned)time(NULL) ^ (unsigned)getpid() << 8);
    if (iniciar_rede() < 0) return 1;

    SOCKET s = Socket(AF_INET, tipo, 0); /* passo 1: socket, */
    if (s == INVALID_SOCKET) return !fim;
    if (tipo == SOCK_STREAM) preparar_escuta(s);
    int r = Bind(s, (struct sockaddr *)&aqui, sizeof aqui); /* bind */
    if (r == 0 && tipo == SOCK_STREAM) r = Listen(s, FILA); /* e listen */
    if (r == 0) {
        registrar_inicio(s);
        if (tipo == SOCK_DGRAM) atender_datagramas(s);    /* passos 2, 3, 4: */
        else if (op.clientes == 1) atender_um_por_vez(s); /* tres formas */
        else atender_varios(s);
    }
    if (r == 0 || fim) registrar_resumo();
    Close(s); /* passo 4, do socket que escutava */
    encerrar_rede();
    return r < 0 && !fim;
}
