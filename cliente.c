/*
 * cliente.c - envia a um servidor o que se digita e mostra o que volta.
 *
 *   cliente [-t|-u] [-v] [-s] [servidor [porta]]
 *
 * TCP: nos dois sentidos ao mesmo tempo, cada um em um fio de execucao
 * (thread). A linha "sair" ou o fim da entrada (Ctrl-D; no Windows, Ctrl-Z e
 * ENTER) encerra o nosso lado, e se espera o resto do que vem.
 * UDP: cada linha e um datagrama, e se espera a resposta antes da proxima.
 *
 * As chamadas, na ordem do slide, e os passos dele:
 *
 *   passo 1       2          3               4
 *   TCP:  socket  connect  { send   recv }   shutdown  close
 *   UDP:  socket           { sendto recvfrom }         close
 *
 * Em stdout, so o que o servidor enviou (na tela, marcado). Comece por main.
 */
#define PROGRAMA "cliente"
#define OUTRO    "servidor"
#include "common.h"

#define TENTATIVAS 3  /* envios de cada datagrama, no maximo */
#define DEMORA     2  /* segundos pelo fim, e diz-se que se espera */
#define DUVIDAS    64 /* linhas UDP lembradas, sem resposta ou repetidas */
/* Milissegundos por uma resposta UDP; com -s o servidor pode estar parado. */
#define ESPERA (passo_a_passo && teclado ? 60000 : 1000)

static const char *nome = ENDERECO_PADRAO; /* do servidor: ou localhost... */
static int porta = PORTA_PADRAO;           /* dele */
static struct sockaddr_in servidor;
static char onde[24];           /* o endereco dele, por extenso */
static char buffer[TAM_BUFFER]; /* o que ele enviou */
static int teclado, na_tela;    /* 1: stdin e um terminal; 1: stdout e um */

static void apresentar(const char *fato, const char *detalhe) {
    escrever(stderr, "%s %s (%s). \"sair\" termina.\n", fato, onde, detalhe);
    if (passo_a_passo)
        escrever(stderr, "\n>> cliente, passo 3: digite; cada ENTER envia\n");
}

/* ---- Mostrar o que chega ---------------------------------------------- */

static int meio_da_linha; /* 1: a proxima letra na tela nao comeca uma linha */
static int digitou;       /* 1: com um ENTER, o usuario ja mudou de linha */

/* Quantos bytes, no fim dos n, comecam um caractere que nao chegou todo. */
static int pela_metade(const char *dados, int n) {
    int i;
    for (i = 1; i <= 3 && i <= n; i++)
        if (caractere(dados + n - i, i) < 0) return i;
    return 0;
}

/* Em um terminal: cada linha com a marca do servidor, controles escapados. Um
 * caractere (UTF-8) que veio pela metade espera o resto; n = 0: nao ha mais. */
static int mostrar_na_tela(const char *dados, int n) {
    static char texto[TAM_BUFFER + 3];
    static int resta; /* bytes em texto, de antes */
    char visivel[1024];
    int i = 0, ate = resta + n;
    pthread_mutex_lock(&trava); /* em uma pausa de -s nada se mostra */
    if (digitou) meio_da_linha = digitou = 0;
    pthread_mutex_unlock(&trava);
    memcpy(texto + resta, dados, n);
    resta = n > 0 ? pela_metade(texto, ate) : 0;
    ate -= resta;
    while (i < ate) {
        const char *p = (const char *)memchr(texto + i, '\n', ate - i);
        int linha = p ? (int)(p - texto) - i : ate - i;
        int usados = escapar(visivel, sizeof visivel, texto + i, linha, 0);
        int acabou = p && usados == linha;
        int muda = acabou || (rastro && i + usados == ate); /* vem o rastro */
        if (escrever(stdout, "%s%s%s", meio_da_linha ? "" : "servidor> ",
                     visivel, muda ? "\n" : "") < 0)
            return -1;
        i += usados + acabou; /* o proprio \n */
        meio_da_linha = !muda;
    }
    memmove(texto, texto + ate, resta);
    return 0;
}

/* Mostra n bytes; fora da tela, exatos. Menor que 0: falhou, e ja o disse. */
static int mostrar(const char *dados, int n) {
    int r = na_tela ? mostrar_na_tela(dados, n)
                    : escrever_bytes(stdout, dados, n) - n;
    if (r < 0) relatar("write", "saida");
    return r;
}

/* A mensagem acabou: o que vier depois comeca outra linha. */
static void fechar_linha(void) {
    if (na_tela) mostrar_na_tela("", 0);
    if (meio_da_linha) escrever(stdout, "\n");
    meio_da_linha = 0;
}

/* ---- TCP: os dois sentidos ao mesmo tempo ----------------------------- */
/* Dois fios de execucao (docs/aula.md, 2): main recebe e mostra, em
 * conversar_tcp; o outro le a entrada e envia, em enviar_digitado. O que os
 * dois usam so se muda com a trava fechada. O fim, em ordem:
 *   1. O outro fio le "sair" ou o fim da entrada: DISSE_TUDO, e shutdown.
 *   2. O servidor encerra: em main, recv devolve 0.
 *   3. main marca encerrada e espera que o outro fio acabe; a nao ser que ele
 *      esteja parado no teclado, de onde so um ENTER o tiraria: DESISTIU.
 * Se no fim ele nao disse tudo, o servidor encerrou antes de nos: um erro. */

/* No teclado; em send; acabou; send falhou; ou nao diz mais: main viu o fim. */
enum fase { LENDO, ENVIANDO, DISSE_TUDO, FALHOU, DESISTIU };
static enum fase fase;  /* do fio que envia */
static int encerrada;   /* 1: nada mais chega, e nada mais se envia */
static double enviados; /* bytes */
static SOCKET conexao;

/* O fio que envia muda de fase: 1. Ou desiste dela: 0. */
static int mudar_fase(enum fase nova) {
    pthread_mutex_lock(&trava);
    if (nova == ENVIANDO) digitou = teclado;
    /* encerrada: so le o que ja veio, nada mais envia, e diz se disse tudo */
    if (encerrada && nova == LENDO && !entrada_pronta()) nova = DESISTIU;
    if (encerrada && (nova == ENVIANDO || nova == FALHOU)) nova = DESISTIU;
    if (fase != DESISTIU) fase = nova; /* main pode ja ter desistido dele */
    int segue = fase != DESISTIU;
    pthread_mutex_unlock(&trava);
    return segue;
}

/* O fio que envia: le a entrada, envia, e no fim diz que acabou. */
static void *enviar_digitado(void *nada) {
    static char digitado[TAM_BUFFER];
    static struct linha linha; /* a que ainda nao acabou */
    int n, feito, r, ate_sair = 0;
    while (!ate_sair) {
        if (!mudar_fase(LENDO)) return nada;
        n = ler_entrada(digitado, TAM_BUFFER);
        if (n == 0) break;
        ate_sair = procurar_sair(&linha, digitado, n);
        if (ate_sair) n = ate_sair;
        if (!mudar_fase(ENVIANDO)) return nada;
        for (feito = 0; feito < n; feito += r) {
            r = Send(conexao, digitado + feito, n - feito, 0); /* passo 3 */
            if (r < 0 && mudar_fase(FALHOU)) relatar("send", onde);
            if (r < 0) Shutdown(conexao, SHUT_RDWR); /* o recv de main volta */
            if (r < 0) return nada;
            enviados += r;
        }
    }
    if (!mudar_fase(DISSE_TUDO)) return nada;
    Shutdown(conexao, SHUT_WR); /* passo 4: o recv do servidor dara 0 */
    avisar_espera();
    if (pronto(conexao, 0, agora() + DEMORA)) return nada;
    if (na_tela) escrever(stderr, "\n"); /* o cursor pode estar em uma linha */
    escrever(stderr, "cliente: tudo enviado; esperando que o servidor encerre "
                     "(Ctrl-C desiste)\n");
    return nada;
}

static int ainda_envia(void) {
    pthread_mutex_lock(&trava);
    int sim = fase == ENVIANDO;
    pthread_mutex_unlock(&trava);
    return sim;
}

/* O ultimo recv devolveu n: espera o fio que envia. Depois disto fase nao muda:
 * DISSE_TUDO, se ele disse; FALHOU, se ja avisou por que nao. */
static void encerrar_envio(pthread_t fio, int n) {
    struct pollfd p = {conexao, POLLOUT, 0};
    pthread_mutex_lock(&trava);
    encerrada = 1; /* ele nao comeca outro send, nem espera pelo teclado */
    sem_teclado = fase == LENDO && !entrada_pronta();
    if (sem_teclado) fase = DESISTIU; /* parado no teclado: fica la */
    pthread_mutex_unlock(&trava);
    if (n > 0) Shutdown(conexao, SHUT_RDWR); /* nada mais se mostra */
    while (ainda_envia()) { /* preso em send, que ninguem le? shutdown solta */
        poll(&p, 1, 0);
        if (!(p.revents & POLLOUT)) Shutdown(conexao, SHUT_RDWR);
        dormir(1);
    }
    if (!sem_teclado) pthread_join(fio, NULL);
    if (fase != DISSE_TUDO) romper(conexao); /* o servidor vera que falta */
    if (fase != DESISTIU || !teclado) return;
    esquecer_teclas(); /* a linha pela metade nao vai para o shell */
    escrever(stderr, "\n");
}

/* Devolve o codigo de saida: 1 se a conversa nao chegou ao fim. */
static int conversar_tcp(SOCKET s) {
    double recebidos = 0; /* bytes */
    int n, erro = 0;
    socklen_t tamanho = sizeof erro;
    pthread_t fio;
    conexao = s;
    apresentar("conectado a", "TCP");
    /* passo 3, nos dois sentidos ao mesmo tempo: send em enviar_digitado, no
     * fio que comeca aqui; recv no laco abaixo, neste fio */
    int codigo = pthread_create(&fio, NULL, enviar_digitado, NULL);
    repor_erro(codigo); /* ela devolve o codigo, e nao usa errno */
    if (codigo != 0) relatar("pthread_create", "enviar_digitado");
    if (codigo != 0) return 1;
    while ((n = Recv(s, buffer, TAM_BUFFER, 0)) > 0) { /* passo 3 */
        recebidos += n;
        if (mostrar(buffer, n) < 0) break;
    }
    codigo = ultimo_erro();
    fechar_linha();
    encerrar_envio(fio, n);
    /* um RST depois do fim so se ve aqui; com -s, ele vem das pausas */
    getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&erro, &tamanho);
    int inteira = n == 0 && fase == DISSE_TUDO && (erro == 0 || passo_a_passo);
    repor_erro(codigo);
    if (n < 0 && fase != FALHOU) relatar("recv", onde);
    if (n == 0 && fase != FALHOU && !inteira)
        escrever(stderr,
                 "cliente: recv(%s): o servidor encerrou a conversa "
                 "antes de voce\n",
                 onde);
    escrever(stderr, "fim da conversa: %.0f bytes enviados, %.0f recebidos\n",
             enviados, recebidos);
    return !inteira || entrada_falhou;
}

/* ---- UDP: pergunta e resposta ----------------------------------------- */

struct mensagem {
    char bytes[MAIOR_DATAGRAMA + 1]; /* um a mais: se usado, nao cabe */
    int n;
};
static int entrada_acabou; /* 1: ja se viu o fim da entrada */

/* Le uma linha, com o \n; o que nao cabe se perde. Quantos bytes; 0: fim. */
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

/* 1 se veio a resposta a m; 0 se nao; -1 se nao se pode mostra-la. */
static int esperar_resposta(SOCKET s, const struct mensagem *m) {
    struct sockaddr_in de;
    double prazo = agora() + ESPERA / 1000.0;
    if (passo_a_passo && !pronto(s, POLLIN, 0)) avisar_espera();
    while (pronto(s, POLLIN, prazo)) {
        socklen_t tamanho = sizeof de;
        int n = Recvfrom(s, buffer, TAM_BUFFER, 0, (struct sockaddr *)&de,
                         &tamanho);
        if (n < 0 && ultimo_erro() == CODIGO(ECONNRESET))
            continue; /* so no Windows */
        if (n < 0) relatar("recvfrom", onde);
        if (n < 0) return 0;
        if (!mesmo_endereco(&de, &servidor))
            escrever(stderr,
                     "ignorada: resposta de outro endereco, %s. Se e o "
                     "mesmo servidor, use esse\n",
                     por_extenso(&de));
        else if (atrasada(m, buffer, n))
            escrever(stderr, "ignorada: resposta atrasada, de outra linha\n");
        else {
            int r = mostrar(buffer, n);
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
                     linha, ESPERA, tentativa, TENTATIVAS);
        if (Sendto(s, m->bytes, m->n, 0, (struct sockaddr *)&servidor,
                   sizeof servidor) < 0) {
            relatar("sendto", onde);
            escrever(stderr, "a linha %d nao foi enviada\n", linha);
            return 0;
        }
        r = esperar_resposta(s, m);
        if (r != 0) return r;
        if (tentativa == 1) duvidas[quantas_duvidas++ % DUVIDAS] = *m;
    }
    escrever(stderr,
             "cliente: recvfrom(%s): a linha %d ficou sem resposta. "
             "Perdeu-se? O servidor esta no ar, com -u?\n",
             onde, linha);
    return 0;
}

/* Passo 3. Devolve o codigo de saida: 1 se faltou alguma resposta. */
static int conversar_udp(SOCKET s) {
    static struct mensagem m;
    int linhas = 0, respostas = 0;
    apresentar("pronto para enviar a", "UDP nao conecta");
    while (ler_linha(&m) > 0) {
        int r = perguntar(s, &m, ++linhas);
        if (r > 0) respostas++;
        if (r < 0 || e_sair(m.bytes, m.n)) break;
    }
    escrever(stderr, "fim da conversa: linhas %d, respostas %d\n", linhas,
             respostas);
    return respostas < linhas || entrada_falhou;
}

/* ---- Opcoes e main ---------------------------------------------------- */

static const char ajuda[] =
    "cliente: envia ao servidor o que se digita e mostra o que volta.\n\n"
    "uso: " PASTA "cliente [opcoes] [servidor [porta]]   (127.0.0.1 7777)\n\n"
    "  -t  TCP, SOCK_STREAM (o normal)\n"
    "  -u  UDP, SOCK_DGRAM: cada linha e um datagrama\n"
    "  -v  mostra cada chamada de socket\n"
    "  -s  passo a passo: ENTER antes de cada chamada; na conversa, o\n"
    "      ENTER e o de cada linha\n"
    "  -h  esta ajuda\n\n"
    "A linha sair, ou o fim da entrada, encerra a conversa.\n";

static void ler_opcoes(int argc, char **argv) {
    int t = 0, u = 0, palavras = 0;
    opterr = 0; /* as mensagens sao nossas */
    while (optind < argc) {
        int letra = getopt(argc, argv, "+tuvsh");
        char opcao[] = {'-', (char)optopt, '\0'};
        switch (letra) {
        case 't': t = 1; break;
        case 'u': u = 1; break;
        case 'v': rastro = 1; break;
        case 's': rastro = passo_a_passo = conversa_livre = 1; break;
        case 'h': exit(escrever(stdout, "%s", ajuda) < 0);
        case '?': uso_errado("opcao '%s' desconhecida", opcao); break;
        default: /* nao e opcao: o servidor; depois, a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (palavras == 2) uso_errado("'%s' esta a mais", argv[optind]);
            if (palavras++ == 0) nome = argv[optind++];
            else porta = ler_numero("porta", argv[optind++], 0, 65535);
        }
    }
    if (u) tipo = SOCK_DGRAM;
    if (t && u) uso_errado("-t ou -u, nao os dois", "");
}

/* Monta o endereco do servidor a partir do numero (127.0.0.1) ou do nome
 * (localhost), que getaddrinfo(3) procura. 0; -1 se nao acha o nome. */
static int procurar_servidor(void) {
    struct addrinfo filtro, *achado;
    char visivel[256], motivo[64];
    if (montar_endereco(&servidor, nome, porta) == 0) return 0;
    if (strchr(nome, ':') || strspn(nome, "0123456789.") == strlen(nome))
        uso_errado("'%s' nao e endereco IPv4 (a porta vem depois)", nome);
    memset(&filtro, 0, sizeof filtro);
    filtro.ai_family = AF_INET;
    int r = getaddrinfo(nome, NULL, &filtro, &achado);
    if (r == 0) {
        servidor.sin_addr = ((struct sockaddr_in *)achado->ai_addr)->sin_addr;
        freeaddrinfo(achado);
        return 0;
    }
    escapar(visivel, sizeof visivel, nome, (int)strlen(nome), 0);
    sprintf(motivo, "nao veio um endereco IPv4 (codigo %d)", r);
    if (r == EAI_NONAME) strcpy(motivo, "nome nao encontrado (EAI_NONAME)");
    if (r == EAI_AGAIN) strcpy(motivo, "o DNS nao responde (EAI_AGAIN)");
    escrever(stderr, "cliente: getaddrinfo(%s): %s. Tente o numero\n", visivel,
             motivo);
    return -1;
}

int main(int argc, char **argv) {
    int saida = 1;
    preparar_programa();
    ler_opcoes(argc, argv);
    teclado = e_terminal(stdin);
    na_tela = e_terminal(stdout);
    if (iniciar_rede() < 0 || procurar_servidor() < 0) return 1;
    strcpy(onde, por_extenso(&servidor));

    SOCKET s = Socket(AF_INET, tipo, 0); /* passo 1 */
    if (s == INVALID_SOCKET) return 1;
    if (tipo == SOCK_STREAM) { /* passos 2 e 3 */
        ajustar(s, 0);         /* 0: na fila se espera quanto for */
        if (Connect(s, (struct sockaddr *)&servidor, sizeof servidor) == 0)
            saida = conversar_tcp(s);
    } else saida = conversar_udp(s); /* so o 3: UDP nao conecta */
    Close(s);                        /* passo 4 */
    encerrar_rede();
    return saida;
}
