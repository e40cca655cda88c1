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
 * As chamadas, na ordem do slide, e os passos dele:
 *
 *   passo 1       2          3               4
 *   TCP:  socket  connect  { send   recv }   shutdown  close
 *   UDP:  socket           { sendto recvfrom }         close
 *
 * Em stdout, so o que o servidor enviou; o resto, em stderr. Comece por main,
 * no fim do arquivo.
 */
#define PROGRAMA "cliente"
#define OUTRO    "servidor"
#include "common.h"

#define TENTATIVAS   3     /* envios de cada datagrama, no maximo */
#define ESPERA       1000  /* milissegundos por uma resposta UDP */
#define ESPERA_PASSO 60000 /* com -s: o servidor pode estar em uma pausa */
#define DEMORA       2     /* segundos sem o fim, e se diz o que se espera */
#define DUVIDAS      64    /* linhas UDP lembradas, sem resposta ou repetidas */

static struct {
    const char *nome; /* do servidor: 127.0.0.1, localhost... */
    int porta;
} op = {ENDERECO_PADRAO, PORTA_PADRAO};

static struct sockaddr_in servidor;
static char onde[24]; /* o endereco dele, por extenso */

/* ---- Mostrar o que chega ---------------------------------------------- */

static int na_tela;       /* 1: stdout e um terminal */
static int meio_da_linha; /* 1: a proxima letra na tela nao comeca uma linha */
static int digitou;       /* 1: um ENTER do usuario a fez comecar */

/* Em um terminal: cada linha com a marca do servidor, controles escapados. */
static int mostrar_na_tela(const char *dados, int n) {
    char visivel[1024];
    int i = 0;
    while (i < n) {
        const char *p = (const char *)memchr(dados + i, '\n', n - i);
        int resto = p ? (int)(p - dados) - i : n - i;
        int usados = escapar(visivel, sizeof visivel, dados + i, resto, 0);
        int acabou = p && usados == resto;
        if (escrever(stdout, "%s%s%s", meio_da_linha ? "" : "servidor> ",
                     visivel, acabou ? "\n" : "") < 0)
            return -1;
        i += usados + acabou; /* o proprio \n */
        meio_da_linha = !acabou;
    }
    return 0;
}

/* Mostra n bytes; em um arquivo ou pipe, exatamente eles. 0; ou -1, e o conta,
 * se a saida nao os aceita. */
static int mostrar(const char *dados, int n) {
    pthread_mutex_lock(&trava); /* em uma pausa de -s nada se mostra */
    if (digitou) meio_da_linha = digitou = 0;
    pthread_mutex_unlock(&trava);
    int r = na_tela ? mostrar_na_tela(dados, n)
                    : escrever_bytes(stdout, dados, n) - n;
    if (r != 0) relatar("write", "saida");
    return r == 0 ? 0 : -1;
}

/* A mensagem acabou: o que vier depois comeca outra linha. */
static void fechar_linha(void) {
    if (meio_da_linha) escrever(stdout, "\n");
    meio_da_linha = 0;
}

/* Quantos bytes, no fim dos n, sao o comeco de um caractere que ainda nao
 * chegou todo: na tela, esperam pelo resto. */
static int pela_metade(const char *dados, int n) {
    int i;
    for (i = 1; na_tela && i <= 3 && i <= n; i++)
        if (caractere(dados + n - i, i) < 0) return i;
    return 0;
}

/* ---- TCP: os dois sentidos ao mesmo tempo ----------------------------- */
/* Dois fios: main recebe e mostra; o outro le a entrada e envia. O que os dois
 * usam so se muda com a trava fechada. O fim, em ordem:
 *   1. O outro fio le "sair" ou o fim da entrada: DISSE_TUDO, e shutdown.
 *   2. O servidor encerra: em main, recv devolve 0.
 *   3. main marca encerrada e espera que o outro fio acabe; a nao ser que ele
 *      esteja parado no teclado, de onde so um ENTER o tiraria.
 * Se 2 vem antes de 1, o servidor encerrou antes de nos: um erro.          */

enum fase { LENDO, ENVIANDO, DISSE_TUDO, FALHOU, DESISTIU };
static enum fase fase;  /* do fio que envia */
static int encerrada;   /* 1: nada mais chega, e nada mais se envia */
static double enviados; /* bytes */
static SOCKET conexao;

/* O fio que envia muda de fase. 1; ou 0, e desiste, se a conversa ja acabou:
 * so pode dizer que disse tudo, ou ler o que nao o faz esperar. */
static int mudar_fase(enum fase nova) {
    pthread_mutex_lock(&trava);
    if (nova == ENVIANDO) digitou = e_terminal(stdin);
    if (encerrada && (nova == LENDO ? !entrada_pronta() : nova != DISSE_TUDO))
        nova = DESISTIU;
    fase = nova;
    pthread_mutex_unlock(&trava);
    return nova != DESISTIU;
}

/* O fio que envia: le a entrada, envia, e no fim diz que acabou. */
static void *enviar_digitado(void *nada) {
    static char buffer[TAM_BUFFER];
    int n, feito, r, ate_sair = 0, letras = 0;
    while (!ate_sair) {
        if (!mudar_fase(LENDO)) return nada;
        n = ler_entrada(buffer, TAM_BUFFER);
        if (n == 0) break;
        ate_sair = procurar_sair(&letras, buffer, n);
        if (ate_sair) n = ate_sair;
        if (!mudar_fase(ENVIANDO)) return nada;
        for (feito = 0; feito < n; feito += r) {
            r = Send(conexao, buffer + feito, n - feito, 0); /* passo 3 */
            if (r < 0 && mudar_fase(FALHOU)) relatar("send", onde);
            if (r < 0) Shutdown(conexao, SHUT_RDWR); /* o recv de main volta */
            if (r < 0) return nada;
            enviados += r;
        }
    }
    mudar_fase(DISSE_TUDO);
    Shutdown(conexao, SHUT_WR); /* passo 4: o recv do servidor dara 0 */
    avisar_espera();
    if (!pronto(conexao, 0, agora() + DEMORA))
        escrever(stderr, "cliente: tudo enviado; esperando que o servidor "
                         "encerre (Ctrl-C desiste)\n");
    return nada;
}

/* Depois do ultimo recv, que devolveu n: espera o fio que envia. Devolve a fase
 * em que ele parou: DISSE_TUDO, se disse; FALHOU, se ja contou por que nao. */
static enum fase encerrar_envio(pthread_t fio, int n) {
    struct pollfd p;
    p.fd = conexao;
    p.events = POLLOUT;
    if (n > 0) Shutdown(conexao, SHUT_RDWR); /* nada mais se mostra */
    pthread_mutex_lock(&trava);
    encerrada = 1;
    sem_teclado = fase == LENDO && !entrada_pronta(); /* fica com o fio */
    while (fase == ENVIANDO) {
        pthread_mutex_unlock(&trava);
        poll(&p, 1, 0);
        if (!(p.revents & POLLOUT)) Shutdown(conexao, SHUT_RDWR);
        dormir(1); /* o send que ninguem le volta com um erro */
        pthread_mutex_lock(&trava);
    }
    pthread_mutex_unlock(&trava);
    if (!sem_teclado) pthread_join(fio, NULL);
    pthread_mutex_lock(&trava);
    enum fase parou = fase;
    pthread_mutex_unlock(&trava);
    if (parou != DISSE_TUDO) romper(conexao); /* o servidor vera que falta */
    if (!sem_teclado || !e_terminal(stdin)) return parou;
    esquecer_teclas(); /* a linha pela metade nao vai para o shell */
    escrever(stderr, "\n");
    return parou;
}

/* Passo 3: recv, enquanto o outro fio envia. Devolve o codigo de saida: 1 se a
 * conversa nao chegou ao fim. */
static int conversar_tcp(SOCKET s) {
    static char buffer[TAM_BUFFER];
    double recebidos = 0; /* bytes */
    int n, resta = 0, erro = 0;
    socklen_t tamanho = sizeof erro;
    pthread_t fio;
    conexao = s;
    repor_erro(pthread_create(&fio, NULL, enviar_digitado, NULL));
    if (ultimo_erro() != 0) {
        relatar("pthread_create", "enviar_digitado");
        return 1;
    }
    while ((n = Recv(s, buffer + resta, TAM_BUFFER - resta, 0)) > 0) {
        recebidos += n;
        n += resta;
        resta = pela_metade(buffer, n);
        if (mostrar(buffer, n - resta) < 0) break;
        /* a letra que veio pela metade espera no comeco de buffer */
        memmove(buffer, buffer + n - resta, resta);
    }
    int codigo = ultimo_erro();
    if (n <= 0 && resta > 0) mostrar(buffer, resta);
    fechar_linha();
    enum fase parou = encerrar_envio(fio, n);
    /* um RST que veio depois do fim (recv = 0) so se ve aqui */
    getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&erro, &tamanho);
    repor_erro(codigo);
    if (n < 0 && parou != FALHOU) relatar("recv", onde);
    if (n == 0 && parou != FALHOU && (parou != DISSE_TUDO || erro != 0))
        escrever(stderr,
                 "cliente: recv(%s): o servidor encerrou a conversa "
                 "antes de voce\n",
                 onde);
    escrever(stderr, "fim da conversa: %.0f bytes enviados, %.0f recebidos\n",
             enviados, recebidos);
    return parou != DISSE_TUDO || erro != 0 || n != 0 || entrada_falhou;
}

/* ---- UDP: pergunta e resposta ----------------------------------------- */

struct mensagem {
    char bytes[MAIOR_DATAGRAMA + 1]; /* um a mais: se usado, nao cabe */
    int n;
};

static int entrada_acabou; /* 1: ja se viu o fim da entrada */

/* Le uma linha da entrada, com o seu \n; o que passa do tamanho se perde.
 * Devolve quantos bytes; 0 no fim da entrada. */
static int ler_linha(struct mensagem *m) {
    static char entrada[TAM_BUFFER];
    static int i, total; /* o proximo byte a usar; quantos se leram */
    m->n = 0;
    while (!entrada_acabou) {
        if (i == total) {
            i = 0;
            total = ler_entrada(entrada, TAM_BUFFER);
            entrada_acabou = total == 0;
            continue;
        }
        char letra = entrada[i++];
        if (m->n <= MAIOR_DATAGRAMA) m->bytes[m->n++] = letra;
        if (letra == '\n') break;
    }
    return m->n;
}

static int espera = ESPERA; /* milissegundos */

/* As linhas repetidas, ou que ficaram sem resposta: a resposta de uma delas
 * ainda pode chegar, e nao e a da linha de agora. As ultimas DUVIDAS. */
static struct mensagem duvidas[DUVIDAS];
static int quantas_duvidas;

static int igual(const struct mensagem *m, const char *dados, int n) {
    return n == m->n && memcmp(dados, m->bytes, n) == 0;
}

/* 1 se os n bytes nao sao a resposta a m, e sim a uma linha de antes. */
static int atrasada(const struct mensagem *m, const char *dados, int n) {
    int i;
    if (igual(m, dados, n)) return 0;
    for (i = 0; i < quantas_duvidas && i < DUVIDAS; i++)
        if (igual(&duvidas[i], dados, n)) return 1;
    return 0;
}

/* Espera a resposta a uma mensagem. 1 se veio; 0 se nao; -1 se nao se pode
 * mostra-la. */
static int esperar_resposta(SOCKET s, const struct mensagem *m) {
    static char dados[TAM_BUFFER];
    struct sockaddr_in de;
    double prazo = agora() + espera / 1000.0;
    if (passo_a_passo && !pronto(s, POLLIN, 0)) avisar_espera();
    while (pronto(s, POLLIN, prazo)) {
        socklen_t tamanho = sizeof de;
        int n =
            Recvfrom(s, dados, TAM_BUFFER, 0, (struct sockaddr *)&de, &tamanho);
        if (n < 0 && ultimo_erro() == CODIGO(ECONNRESET))
            continue; /* so no Windows */
        if (n < 0) {
            relatar("recvfrom", onde);
            return 0;
        }
        if (!mesmo_endereco(&de, &servidor)) {
            escrever(stderr,
                     "ignorada: resposta de outro endereco, %s. Se e o "
                     "mesmo servidor, use esse\n",
                     por_extenso(&de));
        } else if (atrasada(m, dados, n)) {
            escrever(stderr, "ignorada: resposta atrasada, de outra linha\n");
        } else {
            int r = mostrar(dados, n);
            fechar_linha();
            return r < 0 ? -1 : 1;
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
            escrever(stderr,
                     "linha %d sem resposta em %d ms: tentativa %d de %d\n",
                     linha, espera, tentativa, TENTATIVAS);
        if (Sendto(s, m->bytes, m->n, 0, (struct sockaddr *)&servidor,
                   sizeof servidor) < 0) {
            relatar("sendto", onde);
            return 0;
        }
        r = esperar_resposta(s, m);
        if (r != 0) return r;
        if (tentativa == 1) duvidas[quantas_duvidas++ % DUVIDAS] = *m;
    }
    escrever(stderr,
             "cliente: recvfrom(%s): a linha %d ficou sem resposta. "
             "O servidor esta no ar, com -u?\n",
             onde, linha);
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
    int r = escrever(
        stdout,
        "cliente: envia ao servidor o que se digita e mostra o que volta.\n\n"
        "uso: " PASTA "cliente [opcoes] [servidor [porta]]   (127.0.0.1 7777)"
        "\n\n"
        "  -t  TCP, SOCK_STREAM (o normal)\n"
        "  -u  UDP, SOCK_DGRAM: cada linha e um datagrama\n"
        "  -v  mostra cada chamada de socket\n"
        "  -s  passo a passo: ENTER antes de cada chamada; na conversa, o\n"
        "      ENTER e o de cada linha\n"
        "  -h  esta ajuda\n\n"
        "A linha sair, ou o fim da entrada, encerra a conversa.\n");
    exit(r < 0);
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
        case 's': rastro = passo_a_passo = conversa_livre = 1; break;
        case 'h': ajudar(); break;
        case '?': uso_errado("opcao '%s' desconhecida", nome); break;
        default: /* nao e opcao: o servidor; depois, a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (palavras == 2) uso_errado("'%s' esta a mais", argv[optind]);
            if (palavras++ == 0) op.nome = argv[optind++];
            else op.porta = ler_numero("porta", argv[optind++], 0, 65535);
        }
    }
    if (u) tipo = SOCK_DGRAM;
    if (t && u) uso_errado("-t ou -u, nao os dois", "");
}

static void apresentar(const char *fato, const char *detalhe) {
    escrever(stderr, "%s %s (%s). \"sair\" termina.\n", fato,
             por_extenso(&servidor), detalhe);
    if (passo_a_passo)
        escrever(stderr, "\n>> cliente, passo 3: digite; cada ENTER envia\n");
}

/* Monta o endereco do servidor a partir do numero (127.0.0.1) ou do nome
 * (localhost), que getaddrinfo(3) procura. 0, ou -1 se nao o acha. */
static int procurar_servidor(void) {
    const char *nome = op.nome;
    struct addrinfo filtro, *achado;
    char visivel[256];
    if (montar_endereco(&servidor, nome, op.porta) == 0) return 0;
    if (strchr(nome, ':') || strspn(nome, "0123456789.") == strlen(nome))
        uso_errado("'%s' nao e um endereco IPv4 (a porta vem depois)", nome);
    memset(&filtro, 0, sizeof filtro);
    filtro.ai_family = AF_INET;
    int codigo = getaddrinfo(nome, NULL, &filtro, &achado);
    if (codigo == 0) {
        servidor.sin_addr = ((struct sockaddr_in *)achado->ai_addr)->sin_addr;
        freeaddrinfo(achado);
        return 0;
    }
    escapar(visivel, sizeof visivel, nome, (int)strlen(nome), 0);
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
    na_tela = e_terminal(stdout);
    if (iniciar_rede() < 0 || procurar_servidor() < 0) return 1;
    strcpy(onde, por_extenso(&servidor));

    SOCKET s = Socket(AF_INET, tipo, 0); /* passo 1 */
    if (s == INVALID_SOCKET) return 1;
    if (tipo == SOCK_DGRAM) {
        apresentar("pronto para enviar a", "UDP nao conecta");
        saida = conversar_udp(s); /* passo 3: sendto, recvfrom */
    } else {
        ajustar(s, 0); /* pode esperar a sua vez na fila por muito tempo */
        /* passo 2 */
        if (Connect(s, (struct sockaddr *)&servidor, sizeof servidor) == 0) {
            apresentar("conectado a", "TCP");
            saida = conversar_tcp(s); /* passo 3: send, recv */
        }
    }
    Close(s); /* passo 4 */
    encerrar_rede();
    return saida;
}
