/*
 * servidor.c - espera clientes e devolve a cada um o que ele enviou (eco).
 *
 *   servidor [opcoes] [porta]      (quais sao: ./servidor -h)
 *
 * TCP: o servico de eco da RFC 862. Cada byte volta assim que chega; a linha
 * "sair" volta tambem e encerra a conversa.
 * UDP: cada datagrama e uma mensagem e volta como veio.
 *
 * As chamadas na ordem do slide, com os passos dele (shutdown, so aqui):
 *
 *   passo 1                   2          3              4
 *   TCP:  socket bind listen  { accept   { recv send }  shutdown close }  close
 *   UDP:  socket bind                    { recvfrom sendto }              close
 *
 * Comece por main, no fim do arquivo; depois, as tres formas de atender. De
 * common.h: Socket, Bind, Recv... fazem a chamada de mesmo nome e a mostram
 * com -v; fim vale 1 depois de Ctrl-C; escrever faz como fprintf.
 */
#define PROGRAMA "servidor"
#define OUTRO    "cliente"
#include "common.h"

#define CLIENTES_PADRAO 64    /* atendidos ao mesmo tempo */
#define MAIOR_N         10000 /* o maior -n: clientes ao mesmo tempo */
#define SUMICO          120   /* segundos sem sinal da maquina dele: sumiu */
#define FILA            4096  /* conexoes que esperam por accept */
#define REMETENTES      1024  /* enderecos UDP lembrados */
#define PRAZO           (passo_a_passo ? 60 : 2) /* segundos depois de sair */

struct cliente {
    SOCKET s;
    struct linha linha;
    unsigned numero; /* 1 para o primeiro que chegou, 2... */
    int disse_sair;  /* 1 depois da linha "sair" */
    double prazo;    /* hora de fechar, se ele nao fecha antes; 0: nao ha */
    char *pendente;  /* o eco que send ainda nao aceitou, ou NULL */
    int falta;       /* quantos bytes de eco faltam, no maximo TAM_BUFFER */
};

static struct {
    int quieto;   /* -q: so o comeco e o resumo */
    int clientes; /* -n; 0: nao foi dito */
    int perda;    /* -x: por cento; -1: nao foi dito */
} op = {0, 0, -1};

static struct {
    unsigned clientes, perdidos;
    double mensagens, bytes; /* um long do Windows so vai a 2 bilhoes */
} total;

static struct sockaddr_in aqui; /* onde o servidor atende */
static char buffer[TAM_BUFFER];

/* ---- O que o servidor mostra ------------------------------------------ */

/* Uma linha sobre um cliente, como "cliente 3 saiu (disse sair)". */
static void registrar(unsigned numero, const char *fato, const char *detalhe) {
    if (!op.quieto && !rastro) /* com -v, a chamada ja apareceu */
        escrever(stdout, "cliente %u %s%s\n", numero, fato, detalhe);
}

/* A mensagem de n bytes que esta em buffer. fato: "", ou o que houve. */
static void registrar_bytes(unsigned numero, int n, const char *fato) {
    if (!op.quieto)
        escrever(stdout, "cliente %u: %s%d bytes %s\n", numero, fato, n,
                 citar(buffer, n, CORTE_REGISTRO));
}

static void contar_mensagem(unsigned numero, int n) {
    total.mensagens++;
    total.bytes += n;
    if (!rastro) registrar_bytes(numero, n, "");
}

/* r: o que a ultima chamada devolveu; menor que 0, a conversa caiu. */
static void registrar_saida(const struct cliente *c, int r) {
    struct erro e = explicar(ultimo_erro());
    char motivo[96] = "";
    if (fim) strcpy(motivo, " (fim do servidor)");
    else if (r < 0) sprintf(motivo, ": %s (%s)", e.causa, e.nome);
    else if (c->disse_sair) strcpy(motivo, " (disse sair)");
    registrar(c->numero, r < 0 && !fim ? "caiu" : "saiu", motivo);
}

/* Diz que ha alguem na fila, e nao repete enquanto houver. */
static void registrar_fila(int na_fila) {
    static int avisou;
    if (na_fila && !avisou && !op.quieto)
        escrever(stdout, "lotado (-n %d): outro espera na fila\n", op.clientes);
    avisou = na_fila;
}

/* Onde o servidor esta, e o que se digita para falar com ele. */
static void registrar_inicio(SOCKET s) {
    struct in_addr lista[64];
    socklen_t tamanho = sizeof aqui;
    int i, n = 1, udp = tipo == SOCK_DGRAM;
    getsockname(s, (struct sockaddr *)&aqui, &tamanho); /* a porta, se era 0 */
    lista[0] = aqui.sin_addr;
    if (lista[0].s_addr == htonl(INADDR_ANY)) n = enderecos_locais(lista, 64);
    escrever(stdout, "servidor %s em %s (Ctrl-C termina)\n",
             udp ? "UDP" : "TCP", por_extenso(&aqui));
    for (i = 0; i < n; i++) /* a um 127.x.x.x so se chega daqui */
        escrever(stdout, "para falar com ele%s: " PASTA "cliente %s%s %d\n",
                 n > 1 && ntohl(lista[i].s_addr) >> 24 == 127 ? ", daqui" : "",
                 udp ? "-u " : "", inet_ntoa(lista[i]), ntohs(aqui.sin_port));
}

static void registrar_resumo(void) {
    char perdidos[40] = "";
    if (op.perda >= 0) sprintf(perdidos, ", perdidos %u (-x)", total.perdidos);
    escrever(stdout, "resumo: clientes %u, mensagens %.0f, bytes %.0f%s\n",
             total.clientes, total.mensagens, total.bytes, perdidos);
}

/* ---- O que as duas formas de TCP tem em comum ------------------------- */

/* s: o que accept devolveu. 1: o cliente c chegou; 0: nao ha ninguem; -1: falta
 * recurso (descritores...), e se avisa, uma vez ate que um chegue. */
static int acolher(struct cliente *c, SOCKET s, const struct sockaddr_in *e) {
    static int avisou;
    if (s == INVALID_SOCKET && (fim || de_novo() || desistiu())) return 0;
    if (s == INVALID_SOCKET && !avisou++) relatar("accept", por_extenso(&aqui));
    if (s == INVALID_SOCKET) return -1;
    avisou = 0;
    memset(c, 0, sizeof *c);
    c->s = s;
    c->numero = ++total.clientes;
    registrar(c->numero, "chegou de ", por_extenso(e));
    return 1;
}

/* recv pos n bytes em buffer. Devolve quantos deles voltam ao cliente: ate o
 * fim da linha "sair", se ela veio. */
static int anotar(struct cliente *c, int n) {
    int ate_sair = procurar_sair(&c->linha, buffer, n);
    c->disse_sair = ate_sair > 0;
    if (c->disse_sair) n = ate_sair;
    contar_mensagem(c->numero, n);
    return n;
}

/* ---- Um cliente por vez: o laco do slide (-n 1) ----------------------- */
/* Do slide, Accept, Recv, Send e Close; o resto, o que ele nao conta. Enquanto
 * um conversa, os outros esperam na fila de listen: antes de Recv se olha, sem
 * -q, se ha alguem la. Depois de "sair" nao se fecha logo: se close acha bytes
 * por ler, desfaz a conexao (RST, veja romper), e o eco pode se perder. Com
 * shutdown diz-se que acabou e, ate o prazo ou o fim, le-se sem guardar. */

static void atender_um_por_vez(SOCKET escuta) {
    struct sockaddr_in quem;
    struct cliente c;
    while (!fim) {
        socklen_t tamanho = sizeof quem; /* passo 2: accept */
        SOCKET s = Accept(escuta, (struct sockaddr *)&quem, &tamanho);
        int n, chegou = acolher(&c, s, &quem);
        if (chegou < 0) dormir(1000); /* ms: falta recurso */
        if (chegou <= 0) continue;    /* ninguem: foi Ctrl-C, ou ele desistiu */
        do {
            if (!op.quieto) registrar_fila(pronto(escuta, POLLIN, 0));
            n = Recv(s, buffer, TAM_BUFFER, 0); /* passo 3: recv, */
            int eco = n > 0 ? anotar(&c, n) : 0, feito = 0;
            while (n > 0 && feito < eco) { /* e send, ate ir tudo */
                n = Send(s, buffer + feito, eco - feito, 0);
                if (n > 0) feito += n;
            }
            c.falta = eco - feito;
        } while (n > 0 && !c.disse_sair); /* anotar viu a linha "sair" */
        if (n > 0) {                      /* disse sair, e o eco foi todo */
            Shutdown(s, SHUT_WR);         /* passo 4 */
            c.prazo = agora() + PRAZO;
            while (passo_a_passo || pronto(s, POLLIN, c.prazo))
                if (Recv(s, buffer, TAM_BUFFER, 0) <= 0) break;
        }
        registrar_saida(&c, n);
        if (c.falta > 0) romper(s); /* com um RST ele sabe que faltou */
        Close(s); /* passo 4: close; e volta a esperar outro cliente */
    }
}

/* ---- Muitos ao mesmo tempo: poll (-n 2 ou mais) ----------------------- */
/* Nenhuma chamada espera por um cliente so: com nao_bloquear, se nada pode
 * fazer agora, ela da -1, e de_novo diz que nao falhou. Quem espera e poll, por
 * todos: em events se pede POLLIN (ha o que ler) ou POLLOUT (cabe o que
 * enviar), em revents vem o que ha. Quem nao le o seu eco deixa de ser lido ate
 * que leia (dele se guardam TAM_BUFFER bytes; o sistema, mais). */

/* Envia o que couber dos n bytes de dados; o resto espera em c->pendente (dados
 * ja pode ser ele). 1, ou -1 se a conversa quebrou. */
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
    c->prazo = agora() + PRAZO;
    return 1;
}

/* Passo 3, quando poll avisa: envia o que faltava, ou recebe e devolve. 1: a
 * conversa continua; 0: acabou; -1: quebrou. */
static int continuar(struct cliente *c) {
    if (c->falta > 0) return enviar_ou_guardar(c, c->pendente, c->falta);
    int n = Recv(c->s, buffer, TAM_BUFFER, 0);
    if (n < 0 && de_novo()) return 1;
    if (c->disse_sair) return n > 0; /* ja se despediu: sem eco */
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
    static struct cliente c[MAIOR_N + 1]; /* em uso: c[1] a c[n] */
    static struct pollfd p[MAIOR_N + 1];  /* p[i]: de c[i]; p[0]: escuta */
    struct sockaddr_in quem;
    double pausa = 0; /* sem accept ate esta hora, ou ate que alguem saia */
    int i, n = 0, na_fila; /* 1: ha alguem; 0: nao; -1: faltou recurso */
    nao_bloquear(escuta);
    p[0].fd = escuta;
    while (!fim) {
        p[0].events = agora() < pausa ? 0 : POLLIN;
        if (Poll(p, n + 1, 1000) < 0) continue;
        for (i = n; i > 0; i--) { /* passos 3 e 4 */
            int r = p[i].revents ? continuar(&c[i]) : 1;
            if (c[i].prazo > 0 && agora() >= c[i].prazo) r = 0;
            p[i].events = c[i].falta > 0 ? POLLOUT : POLLIN;
            if (r > 0) continue;
            encerrar(&c[i], r);
            c[i] = c[n]; /* o ultimo, ja visto, ocupa o lugar */
            p[i] = p[n--];
            pausa = 0;
        }
        if (!p[0].events) continue;
        na_fila = p[0].revents != 0;
        while (na_fila > 0 && n < op.clientes) { /* passo 2: todos */
            socklen_t tamanho = sizeof quem;
            SOCKET s = Accept(escuta, (struct sockaddr *)&quem, &tamanho);
            na_fila = acolher(&c[n + 1], s, &quem);
            if (na_fila <= 0) break;
            nao_bloquear(s);
            p[++n].fd = s;
            p[n].events = POLLIN;
            na_fila = poll(p, 1, 0) > 0; /* ha mais alguem? */
        }
        registrar_fila(na_fila > 0); /* se ha: n ja e o maximo */
        if (na_fila != 0) pausa = na_fila < 0 ? agora() + 1 : 1e18; /* nunca */
    }
    while (n > 0) encerrar(&c[n--], 0);
}

/* ---- Datagramas: UDP -------------------------------------------------- */

/* O numero de um cliente: em UDP, sem conexao, um endereco que ja enviou algo.
 * Lembra REMETENTES; o i, em vistos[i % REMETENTES], apaga o mais velho. */
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
        if (quem.sin_port == aqui.sin_port) { /* outro eco: nao teria fim */
            registrar_bytes(numero, n, "ignorado, a porta e igual a minha: ");
            continue;
        }
        /* -x: perde-se o datagrama que vem ou, tantas vezes, a resposta */
        int perdido = rand() % 100 < op.perda;
        int chegou = !perdido || rand() % 2;
        total.perdidos += perdido;
        if (chegou) contar_mensagem(numero, n);
        if (perdido)
            registrar_bytes(numero, n,
                            chegou ? "resposta perdida na volta (-x): "
                                   : "datagrama perdido na vinda (-x): ");
        else if (Sendto(s, buffer, n, 0, (struct sockaddr *)&quem,
                        sizeof quem) < 0)
            if (!op.quieto && !fim) relatar("sendto", por_extenso(&quem));
        if (chegou && e_sair(buffer, n))
            registrar(numero, "saiu", " (disse sair)");
    }
}

/* ---- Opcoes e main ---------------------------------------------------- */

static const char ajuda[] =
    "servidor de eco: devolve a cada cliente o que ele enviou.\n\n"
    "uso: " PASTA "servidor [opcoes] [porta]   (7777; 0: qualquer)\n\n"
    "  -t           TCP, SOCK_STREAM (o normal)\n"
    "  -u           UDP, SOCK_DGRAM\n"
    "  -v           mostra cada chamada de socket\n"
    "  -s           passo a passo: ENTER antes de cada chamada\n"
    "  -q           quieto: so o comeco e o resumo\n"
    "  -a ENDERECO  endereco local; 0.0.0.0 abre a toda a rede\n"
    "  -n CLIENTES  ao mesmo tempo, TCP, de 1 a 10000 (64)\n"
    "  -x PERDA     de 0 a 100 por cento das trocas se perdem, UDP\n"
    "  -h           esta ajuda\n";

/* getopt(3) da uma opcao por vez; a de x: tem valor. Monta o endereco, aqui. */
static void ler_opcoes(int argc, char **argv) {
    const char *ip = ENDERECO_PADRAO;
    int t = 0, u = 0, portas = 0, porta = PORTA_PADRAO;
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
        case 'h': exit(escrever(stdout, "%s", ajuda) < 0);
        case 'a': ip = optarg; break;
        case 'n': op.clientes = ler_numero("-n", optarg, 1, MAIOR_N); break;
        case 'x': op.perda = ler_numero("-x", optarg, 0, 100); break;
        case ':': uso_errado("falta o valor de %s", nome); break;
        case '?': uso_errado("opcao '%s' desconhecida", nome); break;
        default:                       /* nao e opcao: e a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (portas++) uso_errado("'%s' esta a mais", argv[optind]);
            porta = ler_numero("porta", argv[optind++], 0, 65535);
        }
    }
    if (u) tipo = SOCK_DGRAM;
    if (t && u) uso_errado("-t ou -u, nao os dois", "");
    if (u && op.clientes > 0) uso_errado("-n e so para TCP", "");
    if (!u && op.perda >= 0) uso_errado("-x e so para UDP (-u)", "");
    if (op.clientes == 0) op.clientes = CLIENTES_PADRAO;
    if (montar_endereco(&aqui, ip, porta) < 0)
        uso_errado("-a '%s' nao e endereco IPv4 (a porta vem depois)", ip);
}

/* As opcoes do socket, antes de bind; os que accept abre as herdam. */
static void preparar_escuta(SOCKET s) {
    /* o TCP guarda por um tempo a porta que fechou (TIME_WAIT): com isto
     * pode-se reabri-la ja, mas nunca em dois servidores ao mesmo tempo */
    definir_opcao(s, SOL_SOCKET, OPCAO_DA_PORTA, 1);
    ajustar(s, SUMICO);
    pedir_descritores();
}

int main(int argc, char **argv) {
    preparar_programa();
    ler_opcoes(argc, argv); /* monta tambem o endereco, em aqui */
    ao_encerrar();          /* daqui em diante Ctrl-C so marca fim */
    soltar_saida();         /* nem uma tela parada (Ctrl-S) o faz parar */
    srand((unsigned)time(NULL) ^ (unsigned)getpid() << 8); /* o acaso de -x */
    if (iniciar_rede() < 0) return 1;

    SOCKET s = Socket(AF_INET, tipo, 0);         /* passo 1: socket, */
    if (s == INVALID_SOCKET) return fim ? 0 : 1; /* 0: Ctrl-C */
    if (tipo == SOCK_STREAM) preparar_escuta(s);
    int r = Bind(s, (struct sockaddr *)&aqui, sizeof aqui); /* bind */
    if (r == 0 && tipo == SOCK_STREAM) r = Listen(s, FILA); /* e listen */
    if (r == 0) {
        registrar_inicio(s);
        if (tipo == SOCK_DGRAM) atender_datagramas(s);    /* passo 3 */
        else if (op.clientes == 1) atender_um_por_vez(s); /* 2, 3 e 4 */
        else atender_varios(s);                           /* 2, 3 e 4 */
    }
    if (r == 0 || fim) registrar_resumo();
    Close(s); /* passo 4, do socket que escutava */
    encerrar_rede();
    return r == 0 || fim ? 0 : 1;
}
