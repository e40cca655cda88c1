/*
 * cliente.c - conversa com um servidor: o que se digita vai, o que volta se
 * mostra.
 *
 *   cliente [-t|-u] [-v] [-s] [servidor [porta]]
 *
 * TCP: nos dois sentidos ao mesmo tempo. Um fio de execucao (thread) envia o
 * que se digita; outro, o de main, mostra o que chega. A linha "sair" ou o
 * fim da entrada (Ctrl-D; no Windows, Ctrl-Z e ENTER) encerra o nosso lado,
 * e se espera o resto do que vem.
 * UDP: cada linha e um datagrama, e se espera a resposta antes da proxima.
 *
 * As chamadas, na ordem do slide:
 *
 *   TCP:  socket  connect  { send  recv }  shutdown  close
 *   UDP:  socket  { sendto  recvfrom }               close
 *
 * Em stdout, so o que o servidor enviou; o resto, em stderr. Comece por main,
 * no fim do arquivo.
 */
#define PROGRAMA "cliente"
#include "common.h"

#define TENTATIVAS   3     /* envios de cada datagrama, no maximo */
#define ESPERA       1000  /* milissegundos por uma resposta UDP */
#define ESPERA_PASSO 60000 /* com -s: o servidor pode estar em uma pausa */

static struct {
    int tipo;             /* SOCK_STREAM (-t) ou SOCK_DGRAM (-u) */
    const char *servidor; /* numero ou nome */
    int porta;
} op = {SOCK_STREAM, ENDERECO_PADRAO, PORTA_PADRAO};

/* ---- Mostrar o que chega ---------------------------------------------- */

/* Em um terminal: cada linha com a marca do servidor, controles escapados.
 * Devolve quantos bytes ficaram por mostrar: os de um caractere que ainda
 * nao chegou todo. */
static int mostrar_na_tela(const char *dados, int n, int acabou) {
    static int meio_da_linha;
    char visivel[1024];
    int i = 0;
    while (i < n) {
        const char *p = (const char *)memchr(dados + i, '\n', n - i);
        int resto = p ? (int)(p - dados) - i : n - i;
        int usados =
            escapar(visivel, sizeof visivel, dados + i, resto, p || acabou);
        if (usados == 0 && resto > 0) break;
        escrever(stdout, "%s%s", meio_da_linha ? "" : "servidor> ", visivel);
        i += usados;
        meio_da_linha = usados < resto || !p;
        if (meio_da_linha) continue;
        escrever(stdout, "\n");
        i++; /* o proprio \n */
    }
    if (acabou && meio_da_linha) escrever(stdout, "\n");
    if (acabou) meio_da_linha = 0;
    return n - i;
}

/* Em um arquivo ou pipe: exatamente os n bytes. Devolve quantos ficaram por
 * mostrar, ou -1 se a saida nao os aceita. */
static int mostrar(const char *dados, int n, int acabou) {
    static int tela = -1; /* ainda nao sabemos se a saida e um terminal */
    if (tela < 0) tela = e_terminal(stdout);
    if (tela) return mostrar_na_tela(dados, n, acabou);
    if (escrever_bytes(stdout, dados, n) == 0) return 0;
    escrever(stderr, "cliente: a saida nao aceita os dados. Disco cheio, ou o "
                     "programa que os lia terminou?\n");
    return -1;
}

/* ---- TCP: os dois sentidos ao mesmo tempo ----------------------------- */

/* Como vai o fio que envia. ENCERRADA: main nao o deixa usar mais o socket. */
enum { LENDO, ENVIANDO, ACABOU, FALHOU, ENCERRADA };

static trava mudando = TRAVA_ABERTA; /* protege o que os dois fios usam: */
static int envio = LENDO;
static double enviados; /* bytes */

/* Muda a situacao do envio, com mais n bytes. Devolve a de antes, que nao
 * muda se era ENCERRADA. */
static int mudar(int nova, int n) {
    travar(&mudando);
    int antes = envio;
    if (antes != ENCERRADA) envio = nova;
    enviados += n;
    destravar(&mudando);
    return antes;
}

/* O fio que envia (passo 3, send). dados: o endereco do descritor. */
static FIO(enviar_digitado, dados) {
    static char buffer[TAM_BUFFER];
    SOCKET s = *(SOCKET *)dados;
    int n, ate_sair = 0, estado = 0;
    while (!ate_sair && (n = ler_entrada(buffer, TAM_BUFFER)) > 0) {
        ate_sair = procurar_sair(&estado, buffer, n);
        if (ate_sair) n = ate_sair;
        /* ja ACABOU antes de enviar "sair": o servidor pode fechar logo */
        if (mudar(ate_sair ? ACABOU : ENVIANDO, 0) == ENCERRADA) return 0;
        if (enviar_tudo(s, buffer, n) < 0) {
            if (mudar(FALHOU, 0) != ENCERRADA) relatar("send", NULL);
            return 0;
        }
        if (mudar(ate_sair ? ACABOU : LENDO, n) == ENCERRADA) return 0;
    }
    if (mudar(ACABOU, 0) != ENCERRADA)
        Shutdown(s); /* para o servidor, e o fim do arquivo */
    return 0;
}

/* Depois do ultimo recv, que devolveu n: o fio que envia nao usa mais o
 * socket, a menos que esteja no meio de um send. Devolve a situacao em que
 * ele estava. */
static int encerrar_envio(fio f, int n) {
    int i, antes;
    travar(&mudando);
    /* de um pipe, o fim da entrada pode estar chegando agora: 200 ms */
    for (i = 0; i < 20 && n == 0 && envio < ACABOU && !e_terminal(stdin); i++) {
        destravar(&mudando);
        dormir(10);
        travar(&mudando);
    }
    antes = envio;
    if (antes < ACABOU) {
        envio = ENCERRADA;
        passo = 0; /* o teclado e do outro fio: close sem ENTER */
    }
    destravar(&mudando);
    if (antes >= ACABOU) esperar_fio(f);
    if (antes < ACABOU && e_terminal(stdin)) {
        esquecer_teclas(); /* a linha pela metade nao vai para o shell */
        escrever(stderr, "\n");
    }
    return antes;
}

/* Passo 3. Devolve o codigo de saida: 1 se a conversa nao chegou ao fim. */
static int conversar_tcp(SOCKET s, const struct sockaddr_in *servidor) {
    static char buffer[TAM_BUFFER];
    int n, resta = 0;
    double recebidos = 0;
    fio f;
    if (abrir_fio(&f, enviar_digitado, &s) != 0) return 1;
    while ((n = Recv(s, buffer + resta, TAM_BUFFER - resta, 0)) > 0) {
        int ha = resta + n;
        recebidos += n;
        resta = mostrar(buffer, ha, 0);
        if (resta < 0) break; /* a saida nao aceita mais */
        memmove(buffer, buffer + ha - resta, resta);
    }
    int codigo = ultimo_erro();
    if (resta >= 0) mostrar(buffer, resta, 1);
    int antes = encerrar_envio(f, n);
    repor_erro(codigo);
    if (n < 0) relatar("recv", servidor);
    if (n == 0 && antes < ACABOU)
        escrever(stderr,
                 "cliente: recv(%s): o servidor encerrou a conversa "
                 "antes de voce\n",
                 por_extenso(servidor));
    travar(&mudando);
    escrever(stderr, "fim da conversa: %.0f bytes enviados, %.0f recebidos\n",
             enviados, recebidos);
    int completa = n == 0 && envio == ACABOU;
    destravar(&mudando);
    if (antes == ENVIANDO) {
#ifdef _WIN32 /* la, so o fim do processo interrompe o send do outro fio */
        segurar_janela();
        TerminateProcess(GetCurrentProcess(), 1);
#endif
        Shutdown(s); /* interrompe o send do outro fio */
        esperar_fio(f);
    }
    return completa ? 0 : 1;
}

/* ---- UDP: pergunta e resposta ----------------------------------------- */

struct mensagem {
    char bytes[MAIOR_DATAGRAMA + 1]; /* um a mais mostra que passou */
    int n;
};

/* Le uma linha da entrada, com o seu \n; o que passa do tamanho se perde.
 * Devolve quantos bytes; 0 no fim da entrada. */
static int ler_linha(struct mensagem *m) {
    static char entrada[TAM_BUFFER];
    static int i, total; /* falta usar entrada[i] a entrada[total - 1] */
    for (m->n = 0;;) {
        if (i == total) {
            i = 0;
            total = ler_entrada(entrada, TAM_BUFFER);
            if (total < 0) total = 0;
            if (total == 0) return m->n;
        }
        char letra = entrada[i++];
        if (m->n <= MAIOR_DATAGRAMA) m->bytes[m->n++] = letra;
        if (letra == '\n') return m->n;
    }
}

/* Milissegundos: com -s, o servidor pode estar em uma pausa. */
static int espera_udp(void) {
    return passo && e_terminal(stdin) ? ESPERA_PASSO : ESPERA;
}

/* Espera a resposta a uma mensagem. 1 se veio; 0 se nao; -1 se nao se pode
 * mostra-la. Uma resposta atrasada ou repetida, de outra linha, nao serve. Se a
 * primeira resposta e igual a pergunta, o servico e o eco, e dai em diante so
 * vale a que for igual; antes disso, depois de alguma repeticao, tambem. */
static int esperar_resposta(SOCKET s, const struct sockaddr_in *servidor,
                            const struct mensagem *m, int repetiu) {
    static enum { NAO_SEI, ECO, OUTRO } servico = NAO_SEI;
    static char dados[TAM_BUFFER];
    struct sockaddr_in de;
    unsigned long inicio = agora_ms(), passou, limite = espera_udp();
    while ((passou = agora_ms() - inicio) < limite) {
        if (!pronto(s, POLLIN, (int)(limite - passou))) continue;
        int n = Recvfrom(s, dados, TAM_BUFFER, 0, &de);
        if (n < 0) continue; /* no Windows: nao ha ninguem naquela porta */
        int igual = n == m->n && memcmp(dados, m->bytes, n) == 0;
        if (de.sin_port != servidor->sin_port ||
            de.sin_addr.s_addr != servidor->sin_addr.s_addr) {
            escrever(stderr, "ignorada: resposta de outro endereco, %s\n",
                     por_extenso(&de));
        } else if (!igual &&
                   (servico == ECO || (servico == NAO_SEI && repetiu))) {
            escrever(stderr, "ignorada: resposta atrasada, de outra linha\n");
        } else {
            if (servico == NAO_SEI) servico = igual ? ECO : OUTRO;
            return mostrar(dados, n, 1) < 0 ? -1 : 1;
        }
    }
    return 0;
}

/* Passo 3, uma vez: envia e espera a resposta, ate TENTATIVAS vezes. 1 se ela
 * veio, 0 se nao veio ou nao se pode enviar, -1 se nao se pode mostrar. */
static int perguntar(SOCKET s, const struct sockaddr_in *servidor,
                     const struct mensagem *m, int linha) {
    static int repetiu; /* alguma mensagem de antes foi enviada outra vez */
    int tentativa = 1, r;
    for (;;) {
        if (Sendto(s, m->bytes, m->n, 0, servidor) < 0) {
            relatar("sendto", servidor);
            return 0;
        }
        r = esperar_resposta(s, servidor, m, repetiu);
        if (r != 0 || tentativa == TENTATIVAS) break;
        escrever(stderr, "sem resposta em %d ms: tentativa %d de %d\n",
                 espera_udp(), ++tentativa, TENTATIVAS);
    }
    if (tentativa > 1) repetiu = 1;
    if (r == 0)
        escrever(stderr,
                 "cliente: recvfrom(%s): a linha %d ficou sem "
                 "resposta. O servidor esta no ar, com -u?\n",
                 por_extenso(servidor), linha);
    return r;
}

/* Passo 3. Devolve o codigo de saida: 1 se faltou alguma resposta. */
static int conversar_udp(SOCKET s, const struct sockaddr_in *servidor) {
    static struct mensagem m;
    int linhas = 0, respostas = 0;
    while (ler_linha(&m) > 0) {
        linhas++;
        if (m.n > MAIOR_DATAGRAMA) {
            escrever(stderr,
                     "cliente: a linha %d tem mais de %d bytes e nao "
                     "cabe em um datagrama: nao foi enviada\n",
                     linhas, MAIOR_DATAGRAMA);
            continue;
        }
        int r = perguntar(s, servidor, &m, linhas);
        if (r > 0) respostas++;
        if (r < 0 || e_sair(m.bytes, m.n)) break;
    }
    escrever(stderr, "fim da conversa: linhas %d, respostas %d\n", linhas,
             respostas);
    return respostas == linhas ? 0 : 1;
}

/* ---- Opcoes e main ---------------------------------------------------- */

static void ajudar(void) {
    puts("cliente: envia ao servidor o que se digita e mostra o que volta.\n\n"
         "uso: " PASTA "cliente [opcoes] [servidor [porta]]   (127.0.0.1 7777)"
         "\n\n"
         "  -t  TCP, SOCK_STREAM (o normal)\n"
         "  -u  UDP, SOCK_DGRAM: cada linha e um datagrama\n"
         "  -v  mostra cada chamada de socket\n"
         "  -s  passo a passo: ENTER antes de cada chamada; na conversa, o\n"
         "      ENTER e o de cada linha\n"
         "  -h  esta ajuda\n\n"
         "A linha sair, ou o fim da entrada, encerra a conversa.");
    exit(0);
}

static void ler_opcoes(int argc, char **argv) {
    int tcp = 0, palavras = 0;
    opterr = 0; /* as mensagens sao nossas */
    while (optind < argc) {
        int letra = getopt(argc, argv, "+tuvsh");
        char nome[] = {'-', (char)optopt, '\0'};
        switch (letra) {
        case 't': tcp = 1; break;
        case 'u': op.tipo = SOCK_DGRAM; break;
        case 's': rastro = passo = 1; break;
        case 'v': rastro = 1; break;
        case 'h': ajudar(); break;
        case '?': uso_errado("opcao '%s' desconhecida", nome); break;
        default: /* nao e opcao: o servidor; depois, a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (palavras == 2) uso_errado("'%s' esta a mais", argv[optind]);
            if (palavras++ == 0) op.servidor = argv[optind++];
            else
                op.porta = ler_numero(argv[optind++], 0, 65535,
                                      "porta '%s': use 0 a 65535");
        }
    }
    if (tcp && op.tipo == SOCK_DGRAM) uso_errado("-t ou -u, nao os dois%s", "");
}

/* Monta o endereco do servidor a partir do numero (127.0.0.1) ou do nome
 * (localhost), que getaddrinfo(3) procura. 0, ou -1 se nao o acha. */
static int procurar_servidor(struct sockaddr_in *e) {
    const char *nome = op.servidor;
    struct addrinfo filtro, *achado;
    char visivel[256];
    if (montar_endereco(e, nome, op.porta) == 0) return 0;
    if (strchr(nome, ':'))
        uso_errado("'%s' nao serve: e IPv6, use IPv4; a porta vem a parte",
                   nome);
    if (strspn(nome, "0123456789.") == strlen(nome))
        uso_errado("'%s' nao e um endereco IPv4 (a porta vem depois)", nome);
    memset(&filtro, 0, sizeof filtro);
    filtro.ai_family = AF_INET;
    int codigo = getaddrinfo(nome, NULL, &filtro, &achado);
    if (codigo == 0) {
        e->sin_addr = ((struct sockaddr_in *)achado->ai_addr)->sin_addr;
        freeaddrinfo(achado);
        return 0;
    }
    escapar(visivel, sizeof visivel, nome, (int)strlen(nome), 1);
    escrever(stderr, "cliente: getaddrinfo(%s): %s. Tente o numero\n", visivel,
             codigo == EAI_AGAIN ? "servico de nomes sem resposta (EAI_AGAIN)"
             : codigo == EAI_NONAME ? "nome nao encontrado (EAI_NONAME)"
                                    : "nome sem endereco IPv4 (EAI_NODATA)");
    return -1;
}

int main(int argc, char **argv) {
    struct sockaddr_in servidor;
    int saida = 1;

    preparar_programa();
    ler_opcoes(argc, argv);
    if (iniciar_rede() < 0 || procurar_servidor(&servidor) < 0) return 1;

    SOCKET s = Socket(AF_INET, op.tipo, 0); /* passo 1 */
    if (s == INVALID_SOCKET) return 1;
    if (op.tipo == SOCK_DGRAM) {
        escrever(stderr,
                 "pronto para enviar a %s (UDP nao conecta). "
                 "\"sair\" termina.\n",
                 por_extenso(&servidor));
        if (passo) escrever(stderr, "\n>> passo 3: digite; cada ENTER envia\n");
        saida = conversar_udp(s, &servidor); /* passo 3: sendto, recvfrom */
    } else if (Connect(s, &servidor) == 0) { /* passo 2 */
        escrever(stderr, "conectado a %s (TCP). \"sair\" termina.\n",
                 por_extenso(&servidor));
        if (passo) escrever(stderr, "\n>> passo 3: digite; cada ENTER envia\n");
        saida = conversar_tcp(s, &servidor); /* passo 3: send, recv */
    }
    Close(s); /* passo 4 */
    encerrar_rede();
    return saida;
}
