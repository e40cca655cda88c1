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
#define TOLERANCIA   200   /* milissegundos que se da ao outro fio */

static struct {
    int tipo;         /* SOCK_STREAM (-t) ou SOCK_DGRAM (-u) */
    const char *nome; /* do servidor: 127.0.0.1, localhost... */
    int porta;
} op = {SOCK_STREAM, ENDERECO_PADRAO, PORTA_PADRAO};

static struct sockaddr_in servidor;

/* ---- Ler o que se digita, mostrar o que chega ------------------------- */

static int entrada_falhou; /* 1: uma leitura falhou (a entrada e uma pasta?) */

/* Le da entrada ate n bytes. Quantos; 0 no fim, ou se falhou. */
static int ler(char *buffer, int n) {
    n = ler_entrada(buffer, n);
    if (n >= 0) return n;
    travar();
    relatar("read", NULL);
    entrada_falhou = 1;
    destravar();
    return 0;
}

/* Em um terminal: cada linha com a marca do servidor, controles escapados.
 * Devolve quantos bytes ficaram por mostrar: os de um caractere que ainda
 * nao chegou todo (com tudo = 1, a mensagem acaba aqui, e nenhum fica). */
static int mostrar_na_tela(const char *dados, int n, int tudo) {
    static int meio_da_linha;
    char visivel[1024];
    int i = 0;
    while (i < n) {
        const char *p = (const char *)memchr(dados + i, '\n', n - i);
        int resto = p ? (int)(p - dados) - i : n - i;
        int usados =
            escapar(visivel, sizeof visivel, dados + i, resto, p || tudo);
        if (usados == 0 && resto > 0) break;
        escrever(stdout, "%s%s", meio_da_linha ? "" : "servidor> ", visivel);
        i += usados;
        meio_da_linha = usados < resto || !p;
        if (meio_da_linha) continue;
        escrever(stdout, "\n");
        i++; /* o proprio \n */
    }
    if (tudo && meio_da_linha) escrever(stdout, "\n");
    if (tudo) meio_da_linha = 0;
    return n - i;
}

/* Mostra n bytes; em um arquivo ou pipe, exatamente eles. Devolve quantos
 * ficaram por mostrar, ou -1 se a saida nao os aceita. */
static int mostrar(const char *dados, int n, int tudo) {
    static int tela = -1; /* ainda nao sabemos se a saida e um terminal */
    if (tela < 0) tela = e_terminal(stdout);
    if (tela) return mostrar_na_tela(dados, n, tudo);
    if (escrever_bytes(stdout, dados, n) == 0) return 0;
    escrever(stderr, "cliente: a saida nao aceita os dados. Disco cheio, ou o "
                     "programa que os lia terminou?\n");
    return -1;
}

/* ---- TCP: os dois sentidos ao mesmo tempo ----------------------------- */

/* Variaveis dos dois fios: so se mexe nelas entre travar e destravar. */
enum { LENDO, ENVIANDO, ACABOU, FALHOU };
static int fase;        /* do fio que envia; de ACABOU em diante, terminou */
static int fechou;      /* 1: nada mais chegara, e nenhum envio comeca */
static double enviados; /* bytes */

/* O fio que envia diz em que fase entra, e que ja foram mais n bytes. 1: pode
 * continuar; 0: a conversa acabou (e, se ele ia enviar, isso nao ira). */
static int mudar_fase(int nova, int n) {
    travar();
    int pode = !sem_teclado && !(fechou && nova == ENVIANDO);
    fase = nova;
    if (!pode && nova == ENVIANDO) fase = FALHOU;
    if (pode) enviados += n;
    destravar();
    return pode;
}

/* O fio que envia nao pode continuar; relata, se main ainda conta com ele. */
static void falhar(const char *chamada) {
    travar();
    fase = FALHOU;
    if (!sem_teclado) relatar(chamada, &servidor);
    destravar();
}

/* O fio que envia (passo 3, send). onde: um ponteiro para o SOCKET. */
static FIO(enviar_digitado, onde) {
    static char buffer[TAM_BUFFER];
    SOCKET s = *(SOCKET *)onde;
    int n, ate_sair = 0, estado = 0;
    while (!ate_sair && (n = ler(buffer, TAM_BUFFER)) > 0) {
        ate_sair = procurar_sair(&estado, buffer, n);
        if (ate_sair) n = ate_sair;
        if (!mudar_fase(ENVIANDO, 0)) return 0; /* o fio acaba aqui */
        if (enviar_tudo(s, buffer, n) < 0) {
            falhar("send");
            return 0;
        }
        if (!mudar_fase(LENDO, n)) return 0;
    }
    /* depois disto o recv do servidor devolve 0 */
    if (mudar_fase(ACABOU, 0) && Shutdown(s) < 0) falhar("shutdown");
    return 0;
}

/* Espera que o outro fio acabe, TOLERANCIA no maximo: ele pode estar a sair de
 * um send, ou a ver agora o fim da entrada. Quem chama destrava. */
static void aguardar_e_travar(void) {
    int i;
    travar();
    for (i = 0; i < TOLERANCIA && fase < ACABOU; i += 10) {
        destravar();
        dormir(10);
        travar();
    }
}

/* Depois do ultimo recv: o outro fio nao envia mais nada. */
static void encerrar_envio(SOCKET s) {
    travar();
    fechou = 1;
    destravar();
    aguardar_e_travar();
    if (fase < ACABOU) sem_teclado = 1; /* ficou com ele */
    int preso = fase == ENVIANDO;
    if (preso || fase == FALHOU) romper(s); /* o servidor vera que falta algo */
    destravar();
    if (preso) {
        Shutdown(s); /* no outro fio, send volta com um erro */
        aguardar_e_travar();
        destravar();
    }
    if (!sem_teclado || !e_terminal(stdin)) return;
    esquecer_teclas(); /* a linha pela metade nao vai para o shell */
    escrever(stderr, "\n");
}

/* Passo 3: recv, enquanto o outro fio envia. Devolve o codigo de saida: 1 se a
 * conversa nao chegou ao fim. */
static int conversar_tcp(SOCKET s) {
    static char buffer[TAM_BUFFER];
    static SOCKET conexao; /* static: o fio a le, acabe quando acabar */
    double recebidos = 0;  /* bytes */
    int n, resta = 0, erro = 0;
    socklen_t tamanho = sizeof erro;
    fio f;
    conexao = s;
    if (abrir_fio(&f, enviar_digitado, &conexao) != 0) {
        escrever(stderr, "cliente: o sistema nao deu outro fio de execucao. "
                         "Feche outros programas\n");
        return 1;
    }
    while ((n = Recv(s, buffer + resta, TAM_BUFFER - resta, 0)) > 0) {
        int ha = resta + n;
        recebidos += n;
        resta = mostrar(buffer, ha, 0);
        if (resta < 0) break; /* a saida nao aceita mais */
        /* a letra que veio pela metade espera o resto no comeco de buffer */
        memmove(buffer, buffer + ha - resta, resta);
    }
    int codigo = ultimo_erro();
    if (resta >= 0) mostrar(buffer, resta, 1);
    encerrar_envio(s);
    if (!sem_teclado) esperar_fio(f); /* falta-lhe so o shutdown */
    travar();                         /* com sem_teclado, ele ainda existe */
    /* um RST que veio depois do fim (recv = 0) so se ve aqui */
    getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&erro, &tamanho);
    int faltou = sem_teclado || fase == FALHOU || erro != 0;
    repor_erro(codigo);
    if (n < 0) relatar("recv", &servidor);
    if (n == 0 && faltou)
        escrever(stderr,
                 "cliente: recv(%s): o servidor encerrou a conversa "
                 "antes de voce\n",
                 por_extenso(&servidor));
    escrever(stderr, "fim da conversa: %.0f bytes enviados, %.0f recebidos\n",
             enviados, recebidos);
    faltou = faltou || n != 0 || entrada_falhou;
    destravar();
    return faltou;
}

/* ---- UDP: pergunta e resposta ----------------------------------------- */

struct mensagem {
    char bytes[MAIOR_DATAGRAMA + 1]; /* um a mais: se usado, nao cabe */
    int n;
};

/* Le uma linha da entrada, com o seu \n; o que passa do tamanho se perde.
 * Devolve quantos bytes; 0 no fim da entrada. */
static int ler_linha(struct mensagem *m) {
    static char entrada[TAM_BUFFER];
    static int i, total; /* o proximo byte a usar; quantos se leram */
    m->n = 0;
    while (1) {
        if (i == total) {
            i = 0;
            total = ler(entrada, TAM_BUFFER);
            if (total == 0) return m->n;
        }
        char letra = entrada[i++];
        if (m->n <= MAIOR_DATAGRAMA) m->bytes[m->n++] = letra;
        if (letra == '\n') return m->n;
    }
}

static int espera = ESPERA; /* milissegundos */

static unsigned long agora_ms(void) {
    struct timeval t;
    gettimeofday(&t, NULL);
    return t.tv_sec * 1000UL + t.tv_usec / 1000;
}

/* A primeira resposta diz se o servico e o eco. Se e, so serve a resposta igual
 * a linha enviada: outra esta atrasada, ou repetida. */
static enum { NAO_SEI, ECO, OUTRO } servico = NAO_SEI;

/* Espera a resposta a uma mensagem. 1 se veio; 0 se nao; -1 se nao se pode
 * mostra-la. */
static int esperar_resposta(SOCKET s, const struct mensagem *m) {
    static char dados[TAM_BUFFER];
    struct sockaddr_in de;
    unsigned long inicio = agora_ms(), passou;
    while ((passou = agora_ms() - inicio) < (unsigned long)espera) {
        if (!pronto(s, POLLIN, (int)(espera - passou))) continue;
        int n = Recvfrom(s, dados, TAM_BUFFER, 0, &de);
        if (n < 0) continue; /* no Windows: nao ha ninguem naquela porta */
        int igual = n == m->n && memcmp(dados, m->bytes, n) == 0;
        if (!mesmo_endereco(&de, &servidor)) {
            escrever(stderr,
                     "ignorada: resposta de outro endereco, %s. Se e o mesmo "
                     "servidor, use esse\n",
                     por_extenso(&de));
        } else if (servico == ECO && !igual) {
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
static int perguntar(SOCKET s, const struct mensagem *m, int linha) {
    int tentativa, r;
    for (tentativa = 1; tentativa <= TENTATIVAS; tentativa++) {
        if (tentativa > 1)
            escrever(stderr, "sem resposta em %d ms: tentativa %d de %d\n",
                     espera, tentativa, TENTATIVAS);
        if (Sendto(s, m->bytes, m->n, 0, &servidor) < 0) {
            relatar("sendto", &servidor);
            return 0;
        }
        r = esperar_resposta(s, m);
        if (r != 0) return r;
    }
    /* supoe-se o eco: a resposta desta linha pode vir durante a proxima */
    if (servico == NAO_SEI) servico = ECO;
    escrever(stderr,
             "cliente: recvfrom(%s): a linha %d ficou sem "
             "resposta. O servidor esta no ar, com -u?\n",
             por_extenso(&servidor), linha);
    return 0;
}

/* Passo 3. Devolve o codigo de saida: 1 se faltou alguma resposta. */
static int conversar_udp(SOCKET s) {
    static struct mensagem m;
    int linhas = 0, respostas = 0;
    if (passo_a_passo && e_terminal(stdin)) espera = ESPERA_PASSO;
    while (ler_linha(&m) > 0) {
        linhas++;
        if (m.n > MAIOR_DATAGRAMA) {
            escrever(stderr,
                     "cliente: a linha %d tem mais de %d bytes e nao "
                     "cabe em um datagrama: nao foi enviada\n",
                     linhas, MAIOR_DATAGRAMA);
            continue;
        }
        int r = perguntar(s, &m, linhas);
        if (r > 0) respostas++;
        if (r < 0 || e_sair(m.bytes, m.n)) break;
    }
    escrever(stderr, "fim da conversa: linhas %d, respostas %d\n", linhas,
             respostas);
    return respostas < linhas || entrada_falhou;
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
    int t = 0, u = 0, palavras = 0;
    opterr = 0; /* as mensagens sao nossas */
    while (optind < argc) {
        int letra = getopt(argc, argv, "+tuvsh");
        char nome[] = {'-', (char)optopt, '\0'};
        switch (letra) {
        case 't': t = 1; break;
        case 'u': u = 1; break;
        case 'v': rastro = 1; break;
        case 's': rastro = passo_a_passo = 1; break;
        case 'h': ajudar(); break;
        case '?': uso_errado("opcao '%s' desconhecida", nome); break;
        default: /* nao e opcao: o servidor; depois, a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (palavras == 2) uso_errado("'%s' esta a mais", argv[optind]);
            if (palavras++ == 0) op.nome = argv[optind++];
            else op.porta = ler_numero("porta", argv[optind++], 0, 65535);
        }
    }
    if (u) op.tipo = SOCK_DGRAM;
    if (t && u) uso_errado("-t ou -u, nao os dois", "");
}

static void apresentar(const char *fato, const char *detalhe) {
    escrever(stderr, "%s %s (%s). \"sair\" termina.\n", fato,
             por_extenso(&servidor), detalhe);
    if (passo_a_passo)
        escrever(stderr, "\n>> passo 3: digite; cada ENTER envia\n");
}

/* Monta o endereco do servidor a partir do numero (127.0.0.1) ou do nome
 * (localhost), que getaddrinfo(3) procura. 0, ou -1 se nao o acha. */
static int procurar_servidor(void) {
    const char *nome = op.nome;
    struct addrinfo filtro, *achado;
    char visivel[256];
    if (montar_endereco(&servidor, nome, op.porta) == 0) return 0;
    recusar_dois_pontos(nome);
    if (strspn(nome, "0123456789.") == strlen(nome))
        uso_errado("'%s' nao e um endereco IPv4 (a porta vem depois)", nome);
    memset(&filtro, 0, sizeof filtro);
    filtro.ai_family = AF_INET;
    int codigo = getaddrinfo(nome, NULL, &filtro, &achado);
    if (codigo == 0) {
        servidor.sin_addr = ((struct sockaddr_in *)achado->ai_addr)->sin_addr;
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
    int saida = 1;

    preparar_programa();
    ler_opcoes(argc, argv);
    if (iniciar_rede() < 0 || procurar_servidor() < 0) return 1;

    SOCKET s = Socket(AF_INET, op.tipo, 0); /* passo 1 */
    if (s == INVALID_SOCKET) return 1;
    if (op.tipo == SOCK_DGRAM) {
        apresentar("pronto para enviar a", "UDP nao conecta");
        saida = conversar_udp(s);            /* passo 3: sendto, recvfrom */
    } else if (Connect(s, &servidor) == 0) { /* passo 2 */
        apresentar("conectado a", "TCP");
        saida = conversar_tcp(s); /* passo 3: send, recv */
    }
    Close(s); /* passo 4 */
    encerrar_rede();
    return saida;
}
