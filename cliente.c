/*
 * cliente.c - conversa com um servidor: o que se digita vai, o que volta se
 * mostra.
 *
 *   cliente [-t|-u] [-v] [-s] [servidor [porta]]
 *
 * TCP: os dois sentidos ao mesmo tempo. Um fio de execucao (thread) envia o
 * que se digita; outro, main, mostra o que chega. O fim da entrada (Ctrl-D;
 * no Windows, Ctrl-Z e ENTER) ou a linha "sair" avisa o servidor que
 * acabamos, e esperamos o resto.
 * UDP: cada linha e um datagrama, e se espera a resposta antes da proxima.
 *
 * As chamadas, na ordem do slide:
 *
 *   TCP:  socket  connect  { send  recv }  shutdown  close
 *   UDP:  socket  { sendto  recvfrom }               close
 *
 * Em stdout so o que o servidor enviou; o resto em stderr. Comece por main,
 * no fim do arquivo.
 */
#define PROGRAMA "cliente"
#include "common.h"

#define TENTATIVAS 3    /* envios de cada datagrama, no maximo */
#define ESPERA     1000 /* milissegundos por uma resposta UDP */

static struct {
    int tipo; /* SOCK_STREAM (-t) ou SOCK_DGRAM (-u) */
    const char *servidor;
    int porta;
} op = {SOCK_STREAM, ENDERECO_PADRAO, PORTA_PADRAO};

/* ---- Mostrar o que chega ---------------------------------------------- */

/* Em um terminal: cada linha com a marca do servidor, controles escapados.
 * Devolve quantos bytes ficaram: um caractere que nao chegou inteiro (e que
 * se mostra assim mesmo se acabou). */
static int mostrar_na_tela(const char *dados, int n, int acabou)
{
    static int meio_da_linha;
    char visivel[1024];
    int i = 0, usados, linha;
    while (i < n) {
        const char *p = (const char *)memchr(dados + i, '\n', n - i);
        linha = p ? (int)(p - dados) - i : n - i;
        usados = escapar(visivel, sizeof visivel, dados + i, linha, p || acabou);
        if (usados < linha && *visivel == '\0') break;
        escrever(stdout, "%s%s", meio_da_linha ? "" : "servidor> ", visivel);
        i += usados;
        meio_da_linha = 1;
        if (usados == linha && p) {
            escrever(stdout, "\n");
            meio_da_linha = 0;
            i++;
        }
    }
    if (acabou && meio_da_linha) {
        escrever(stdout, "\n");
        meio_da_linha = 0;
    }
    return n - i;
}

/* Mostra n bytes: em um arquivo ou pipe, exatamente eles. Devolve quantos
 * ficaram por mostrar, ou -1 se a saida nao os aceita. */
static int mostrar(const char *dados, int n, int acabou)
{
    if (e_terminal(stdout)) return mostrar_na_tela(dados, n, acabou);
    if (escrever_bytes(stdout, dados, n) == 0) return 0;
    escrever(stderr, "cliente: a saida nao aceita mais dados: disco cheio ou "
                     "programa do outro lado do pipe ja fechado\n");
    return -1;
}

/* ---- TCP: os dois sentidos ao mesmo tempo ----------------------------- */

static trava mudando = TRAVA_ABERTA; /* protege enviei_tudo */
static int enviei_tudo;              /* 1: nada mais sera digitado */

static void marcar_enviei_tudo(void)
{
    travar(&mudando);
    enviei_tudo = 1;
    destravar(&mudando);
}

/* O fio que envia: passo 3, send, do que se digita. */
static FIO(enviar_digitado)
{
    static char buffer[TAM_BUFFER];
    SOCKET s = *(SOCKET *)dados;
    int n, util = 0, estado = 0;
    while (!util && (n = ler_entrada(buffer, TAM_BUFFER)) > 0) {
        util = procurar_sair(&estado, buffer, n);
        if (util) marcar_enviei_tudo();
        if (enviar_tudo(s, buffer, util ? util : n) < 0) {
            escrever(stderr, "cliente: send: %s (%s)\n",
                     explicar(ultimo_erro())->causa,
                     explicar(ultimo_erro())->nome);
            return 0;
        }
    }
    marcar_enviei_tudo();
    Shutdown(s); /* o servidor recebe fim de arquivo e devolve o resto */
    return 0;
}

/* Passo 3. Devolve o codigo de saida: 0, ou 1 se a conversa quebrou. */
static int conversar_tcp(SOCKET s, const struct sockaddr_in *servidor)
{
    static char buffer[TAM_BUFFER];
    int n, resta = 0, completo;
    double recebidos = 0;
    fio envio;
    if (abrir_fio(&envio, enviar_digitado, &s) != 0) return 1;
    while ((n = Recv(s, buffer + resta, TAM_BUFFER - resta, 0)) > 0) {
        recebidos += n;
        n += resta;
        resta = mostrar(buffer, n, 0);
        if (resta < 0) return 1;
        memmove(buffer, buffer + n - resta, resta);
    }
    if (n < 0) relatar("recv", servidor);
    mostrar(buffer, resta, 1);
    travar(&mudando);
    completo = enviei_tudo;
    if (!completo) passo = 0; /* o teclado esta com o outro fio */
    destravar(&mudando);
    if (completo) esperar_fio(envio);
    else if (n == 0)
        escrever(stderr, "cliente: o servidor encerrou a conversa (recv "
                         "devolveu 0) antes do fim da entrada\n");
    escrever(stderr, "fim da conversa: %.0f bytes recebidos\n", recebidos);
    return n == 0 && completo ? 0 : 1;
}

/* ---- UDP: pergunta e resposta ----------------------------------------- */

/* Le uma linha da entrada, com o \n, ate MAIOR_DATAGRAMA + 1 bytes; o que
 * passa disso se descarta. Devolve quantos bytes; 0 no fim da entrada. */
static int ler_linha(char *linha)
{
    static char entrada[TAM_BUFFER];
    static int inicio, total;
    const char *p = NULL;
    int n = 0, pedaco, cabe;
    while (!p) {
        if (inicio == total) {
            inicio = 0;
            total = ler_entrada(entrada, TAM_BUFFER);
            if (total <= 0) {
                total = 0;
                break;
            }
        }
        p = (const char *)memchr(entrada + inicio, '\n', total - inicio);
        pedaco = p ? (int)(p - entrada) + 1 - inicio : total - inicio;
        cabe = MAIOR_DATAGRAMA + 1 - n;
        memcpy(linha + n, entrada + inicio, pedaco < cabe ? pedaco : cabe);
        n += pedaco < cabe ? pedaco : cabe;
        inicio += pedaco;
    }
    return n;
}

/* Espera a resposta a pergunta de n bytes. 1 se veio, 0 se nao, -1 se nao se
 * pode mostra-la. Depois de uma repeticao (so_igual) podem chegar respostas
 * atrasadas de antes: dai em diante so vale a que e igual a pergunta. */
static int esperar_resposta(SOCKET s, const struct sockaddr_in *servidor,
                            const char *pergunta, int n, int so_igual)
{
    static char resposta[TAM_BUFFER];
    struct sockaddr_in de;
    unsigned long inicio = agora_ms(), passou;
    int r;
    while ((passou = agora_ms() - inicio) < ESPERA) {
        if (!chegou(s, ESPERA - (int)passou)) continue;
        r = Recvfrom(s, resposta, TAM_BUFFER, 0, &de);
        if (r < 0) continue; /* no Windows: nao ha ninguem naquela porta */
        if (de.sin_port != servidor->sin_port ||
            de.sin_addr.s_addr != servidor->sin_addr.s_addr)
            escrever(stderr, "ignorada: resposta de outro endereco, %s\n",
                     por_extenso(&de));
        else if (so_igual && (r != n || memcmp(resposta, pergunta, n) != 0))
            escrever(stderr, "ignorada: resposta atrasada, de outra mensagem\n");
        else
            return mostrar(resposta, r, 1) < 0 ? -1 : 1;
    }
    return 0;
}

/* Um datagrama e sua resposta, com ate TENTATIVAS envios. 1 se veio a
 * resposta, 0 se nao, -1 se sendto falhou. */
static int perguntar(SOCKET s, const struct sockaddr_in *servidor,
                     const char *linha, int n)
{
    static int repetiu; /* alguma mensagem anterior foi repetida */
    int tentativa = 1, r;
    for (;;) {
        if (Sendto(s, linha, n, 0, servidor) < 0) {
            relatar("sendto", servidor);
            return -1;
        }
        r = esperar_resposta(s, servidor, linha, n, repetiu);
        if (r != 0 || tentativa == TENTATIVAS) break;
        escrever(stderr, "sem resposta em %d ms: tentativa %d de %d\n", ESPERA,
                 ++tentativa, TENTATIVAS);
    }
    if (tentativa > 1) repetiu = 1;
    return r;
}

/* Passo 3 em UDP. Devolve o codigo de saida: 0, ou 1 se algo se perdeu. */
static int conversar_udp(SOCKET s, const struct sockaddr_in *servidor)
{
    static char linha[MAIOR_DATAGRAMA + 1];
    int n, r, numero = 0, saida = 0;
    while ((n = ler_linha(linha)) > 0) {
        numero++;
        if (n > MAIOR_DATAGRAMA) {
            escrever(stderr,
                     "cliente: a linha %d passa de %d bytes e nao cabe em um "
                     "datagrama: nao foi enviada\n",
                     numero, MAIOR_DATAGRAMA);
            saida = 1;
            continue;
        }
        r = perguntar(s, servidor, linha, n);
        if (r == 0)
            escrever(stderr,
                     "cliente: recvfrom(%s): a linha %d ficou sem resposta em "
                     "%d tentativas. O servidor esta no ar, com -u?\n",
                     por_extenso(servidor), numero, TENTATIVAS);
        if (r <= 0) saida = 1;
        if (r > 0 && e_sair(linha, n)) break;
    }
    return saida;
}

/* ---- Opcoes e main ---------------------------------------------------- */

static void ajudar(void)
{
    puts("cliente: envia ao servidor o que se digita e mostra o que volta.\n"
         "\n"
         "uso: " AQUI "cliente [opcoes] [servidor [porta]]"
         "    (127.0.0.1 7777)\n"
         "\n"
         "  -t  TCP, SOCK_STREAM (o normal)\n"
         "  -u  UDP, SOCK_DGRAM: cada linha e um datagrama\n"
         "  -v  mostra cada chamada de socket\n"
         "  -s  passo a passo: espera ENTER antes de cada chamada\n"
         "  -h  esta ajuda\n"
         "\n"
         "A linha sair, ou o fim da entrada, encerra a conversa.");
    exit(0);
}

static void ler_opcoes(int argc, char **argv)
{
    int letra, t = 0, palavras = 0;
    char nome[2] = "";
    opterr = 0; /* as mensagens sao nossas */
    while (optind < argc) {
        letra = getopt(argc, argv, "+:tuvsh");
        nome[0] = (char)optopt;
        switch (letra) {
        case 't': t = 1; break;
        case 'u': op.tipo = SOCK_DGRAM; break;
        case 's': rastro = passo = 1; break;
        case 'v': rastro = 1; break;
        case 'h': ajudar(); break;
        case '?': uso_errado("opcao -%s desconhecida", nome); break;
        default: /* nao e opcao: o servidor, depois a porta */
            if (optind >= argc) break; /* havia so um -- */
            if (palavras == 2) uso_errado("palavra a mais: '%s'", argv[optind]);
            if (palavras++ == 0) op.servidor = argv[optind++];
            else op.porta = ler_numero(argv[optind++], 0, 65535,
                                       "porta '%s' nao e de 0 a 65535");
        }
    }
    if (t && op.tipo == SOCK_DGRAM) uso_errado("-t e -u: so um dos dois", "");
}

/* Do nome ("localhost") ou numero ("127.0.0.1") para a estrutura. 0 ou -1. */
static int resolver(struct sockaddr_in *e)
{
    struct addrinfo dica, *achado;
    char nome[256];
    int codigo;
    if (montar_endereco(e, op.servidor, op.porta) == 0) return 0;
    if (strchr(op.servidor, ':'))
        uso_errado("'%s' e um endereco IPv6, e este par so fala IPv4",
                   op.servidor);
    if (strspn(op.servidor, "0123456789.") == strlen(op.servidor))
        uso_errado("'%s' nao e um endereco IPv4", op.servidor);
    memset(&dica, 0, sizeof dica);
    dica.ai_family = AF_INET;
    codigo = getaddrinfo(op.servidor, NULL, &dica, &achado);
    if (codigo == 0) {
        e->sin_addr = ((struct sockaddr_in *)achado->ai_addr)->sin_addr;
        freeaddrinfo(achado);
        return 0;
    }
    escapar(nome, sizeof nome, op.servidor, (int)strlen(op.servidor), 1);
    if (codigo == EAI_AGAIN)
        escrever(stderr,
                 "cliente: getaddrinfo(%s): o servico de nomes nao respondeu "
                 "(EAI_AGAIN). Sem rede? Tente o numero, como 127.0.0.1\n",
                 nome);
    else
        escrever(stderr,
                 "cliente: getaddrinfo(%s): nome nao encontrado (%s). Confira "
                 "o nome, ou use o numero, como 127.0.0.1\n",
                 nome, codigo == EAI_NONAME ? "EAI_NONAME" : "sem IPv4");
    return -1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in servidor;
    SOCKET s;
    int saida = 1;

    preparar_programa();
    ler_opcoes(argc, argv);
    if (iniciar_rede() < 0 || resolver(&servidor) < 0) return 1;

    s = Socket(AF_INET, op.tipo, 0); /* passo 1 */
    if (s == INVALID_SOCKET) return 1;
    if (op.tipo == SOCK_DGRAM) {
        escrever(stderr, "pronto para enviar a %s (UDP nao conecta). "
                         "\"sair\" termina.\n", por_extenso(&servidor));
        saida = conversar_udp(s, &servidor); /* passo 3 */
    } else if (Connect(s, &servidor) == 0) { /* passo 2 */
        escrever(stderr, "conectado a %s (TCP). \"sair\" termina.\n",
                 por_extenso(&servidor));
        saida = conversar_tcp(s, &servidor); /* passo 3 */
    }
    Close(s); /* passo 4 */
    encerrar_rede();
    return saida;
}
