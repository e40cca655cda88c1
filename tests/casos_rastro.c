/* casos_rastro.c - o rastro (-v) e o passo a passo (-s): o que dizem e se e
 * verdade, linha por linha, contra o strace. */
#include "ensaio.h"
#include <glob.h>

/* ---- O que os casos usam ---------------------------------------------- */

/* Espera o programa parar em uma chamada que espera. Nao ha evento para isso:
 * pergunta-se ao sistema de tempos em tempos (o caso tem o seu prazo). */
static void esperar_parado(const struct programa *p) {
    while (p->vivo && !dorme(p)) {
        poll(NULL, 0, 5);
        ler_o_que_ha();
    }
    ler_o_que_ha();
}

/* O nome da chamada close no rastro deste programa. */
static const char *fechar(int quem) {
    return e_windows(quem) ? "closesocket" : "close";
}

/* Uma porta TCP para dar ao servidor: um socket nosso, que nao escuta, a guarda
 * de todos menos de quem usa SO_REUSEADDR, como ele. No Windows ele nao a
 * divide com ninguem, e so a escolhemos. */
static int porta_para_o_servidor(void) {
    int porta, um = 1, s = reservar(&porta);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &um, sizeof um);
    if (e_windows(SERVIDOR)) close(s);
    return porta;
}

/* O numero depois do ultimo "= ". */
static int resultado(const char *linha) {
    const char *p = linha, *q;
    while ((q = strstr(p, "= ")) != NULL) p = q + 2;
    return atoi(p);
}

/* ---- O rastro contra o strace ----------------------------------------- */
/*
 * O programa roda sob "strace -ff", com -v, e as duas listas de chamadas tem
 * de ser a mesma, por fio: mesma ordem, mesmos descritores, argumentos,
 * dados (ate 32 bytes), resultado e nome do erro. O strace escreve algumas
 * coisas de outro modo, e isso se traduz para o nosso:
 *
 *   sendto(..., NULL, 0)       send, que no Linux e um sendto sem destino
 *   recvfrom(..., NULL, NULL)  recv, idem
 *   ? ERESTARTSYS              EINTR: o que o programa ve se um sinal chega
 *   0x7ffe0123 (ponteiro)      ...
 *   sa_family=, inet_addr("x") so o valor, na ordem da estrutura
 *   [16]                       16; ... se a chamada falhou
 *
 * Do que o strace mostra, sao do programa: socket(AF_INET, SOCK_STREAM ou
 * SOCK_DGRAM, 0), sem mais nada no tipo (a libc pede SOCK_CLOEXEC), e toda
 * chamada sobre um descritor que um desses socket ou um accept devolveu e que
 * close ainda nao fechou. O resto e da libc (o carregador, o arquivo hosts,
 * AF_UNIX, AF_NETLINK). Fora do rastro, por contrato, ficam setsockopt,
 * getsockopt, getsockname e getpeername.
 */

#define MAX_CHAMADAS 4000
#define MAX_FIOS     4

static char *vistas[MAX_FIOS][MAX_CHAMADAS + 1]; /* do strace; NULL no fim */
static char nossos[1024];  /* por descritor: 1 se e um socket do programa */
static char notas[2][512]; /* o strace escreve em notas[quem].PID */

/* O proximo servidor ou cliente roda sob strace, com estas opcoes. Com -D o
 * programa continua a ser nosso filho, e o strace e que fica ao lado. */
static void com_strace(int quem, const char *opcoes) {
    static char original[2][1024];
    const char *asan = getenv("ASAN_OPTIONS");
    char *este = original[quem], texto[2048];
    struct programa *prova;
    if (e_windows(quem)) nao_se_aplica("o strace nao acompanha um .exe");
    if (!*este) snprintf(este, sizeof original[0], "%s", comando(quem));
    exigir_ferramenta("strace");
    prova = rodar(FERRAMENTA, "strace -D -f -o /dev/null true");
    if (esperar_saida(prova) != 0) {
        if (getenv("EXIGIR")) falhar("strace: %s", tudo(prova, ERRO));
        nao_se_aplica("o strace nao roda aqui: %s", tudo(prova, ERRO));
    }
    /* o LeakSanitizer nao funciona sob strace; nos outros casos, sim */
    snprintf(texto, sizeof texto, "%s:detect_leaks=0", asan ? asan : "");
    setenv("ASAN_OPTIONS", texto, 1);
    close(arquivo_temporario(notas[quem], sizeof notas[0]));
    snprintf(texto, sizeof texto, "strace -D -ff %s -o %s %s", opcoes,
             notas[quem], este);
    setenv(quem == SERVIDOR ? "SERVIDOR" : "CLIENTE", texto, 1);
}

/* O mesmo, com o que conferir_rastro vai ler. */
static void sob_strace(int quem) {
    com_strace(quem, "-s 32 -e trace=socket,bind,listen,accept,accept4,connect,"
                     "sendto,sendmsg,sendmmsg,recvfrom,recvmsg,recvmmsg,"
                     "shutdown,close");
}

/* O que o strace viu do programa, que ja acabou, em um texto. O strace acaba
 * depois, e so entao solta a saida de erros dos dois. */
static char *ler_notas(struct programa *p, const char *arquivo) {
    static char texto[1 << 20];
    FILE *f = fopen(arquivo, "re");
    size_t n;
    while (p->erro.fd >= 0) esperar_algo();
    exigir(f != NULL, "esperava %s, do strace", arquivo);
    n = fread(texto, 1, sizeof texto - 1, f);
    texto[n] = '\0';
    fclose(f);
    return texto;
}

/* O arquivo do strace com as chamadas do fio principal de p. */
static const char *notas_de(const struct programa *p) {
    static char arquivo[600];
    sprintf(arquivo, "%s.%d", notas[strcmp(p->nome, "cliente") == 0],
            (int)p->pid);
    return arquivo;
}

/* Troca, no texto, a primeira vez de por para; 1 se trocou. */
static int trocar(char *texto, const char *de, const char *para) {
    char *p = strstr(texto, de), *resto = p ? p + strlen(de) : NULL;
    if (!p) return 0;
    memmove(p + strlen(para), resto, strlen(resto) + 1);
    memcpy(p, para, strlen(para));
    return 1;
}

/* Uma chamada como o strace a escreve passa a ser como nos a escrevemos. 0 se
 * nao e uma, ou nao chegou a voltar. */
static int traduzir(char *t) {
    char *p, *igual = NULL;
    if (*t == '-' || *t == '+' || strstr(t, "<unfinished")) return 0;
    for (p = t; (p = strstr(p, " = ")) != NULL; p++) igual = p;
    exigir(igual != NULL, "nao entendo o strace: \"%s\"", t);
    if (strcmp(igual, " = ?") == 0) return 0; /* o programa acabou nela */
    if (strncmp(igual, " = ? ERESTART", 13) == 0) strcpy(igual, " = -1 EINTR");
    if ((p = strstr(igual + 3, " (")) != NULL) *p = '\0'; /* a explicacao */
    for (p = igual; p > t && p[-1] == ' ';) p--; /* o strace alinha o = */
    memmove(p, igual, strlen(igual) + 1);
    if (strncmp(t, "recvfrom(", 9) == 0 && trocar(t, ", NULL, NULL)", ")"))
        trocar(t, "recvfrom", "recv");
    if (strncmp(t, "sendto(", 7) == 0 && trocar(t, ", NULL, 0)", ")"))
        trocar(t, "sendto", "send");
    while ((p = strstr(t, "0x")) != NULL) {
        size_t n = 2 + strspn(p + 2, "0123456789abcdef");
        memmove(p + 3, p + n, strlen(p + n) + 1);
        memcpy(p, "...", 3);
    }
    if (strncmp(t, "socket(", 7) == 0) trocar(t, "IPPROTO_IP", "0");
    if (trocar(t, "sa_family=", "") && trocar(t, "inet_addr(\"", "\""))
        trocar(t, "\")}", "\"}");
    trocar(t, "sin_port=", "");
    trocar(t, "sin_addr=", "");
    trocar(t, "..., [16])", "..., ...)");
    trocar(t, ", [16])", ", 16)");
    return 1;
}

/* 1 se a chamada e do programa (veja a regra acima). */
static int do_programa(const char *t) {
    const char *p = strchr(t, '(');
    int d = p ? atoi(p + 1) : -1, r = resultado(t);
    if (strncmp(t, "socket(AF_INET, SOCK_STREAM, 0) ", 32) == 0 ||
        strncmp(t, "socket(AF_INET, SOCK_DGRAM, 0) ", 31) == 0) {
        if (r >= 0 && r < 1024) nossos[r] = 1;
        return 1;
    }
    if (strncmp(t, "socket", 6) == 0 || d < 0 || d >= 1024 || !nossos[d])
        return 0;
    if (strncmp(t, "accept", 6) == 0 && r >= 0 && r < 1024) nossos[r] = 1;
    if (strncmp(t, "close(", 6) == 0) nossos[d] = 0;
    return 1;
}

/* Guarda em vistas[fio] as chamadas do programa que ha neste arquivo. */
static void guardar(struct programa *p, int fio, const char *arquivo) {
    char *l = strtok(ler_notas(p, arquivo), "\n"), *linha;
    int n = 0;
    for (; l; l = strtok(NULL, "\n")) {
        linha = (char *)malloc(strlen(l) + 16); /* a traducao a alonga */
        if (!traduzir(strcpy(linha, l)) || !do_programa(linha)) continue;
        exigir(n < MAX_CHAMADAS, "chamadas demais para este teste");
        vistas[fio][n++] = linha;
    }
    vistas[fio][n] = NULL;
}

/* Le tudo o que o strace viu: o fio principal abre e fecha o que os outros
 * usam, e vem antes. */
static void ler_strace(struct programa *p) {
    char todos[600];
    const char *principal = notas_de(p);
    int fio = 1, quem = strcmp(p->nome, "cliente") == 0;
    size_t i;
    glob_t g;
    memset(vistas, 0, sizeof vistas);
    memset(nossos, 0, sizeof nossos);
    guardar(p, 0, principal);
    memset(nossos, 1, sizeof nossos); /* os outros fios so conversam */
    snprintf(todos, sizeof todos, "%s.*", notas[quem]);
    glob(todos, 0, NULL, &g);
    for (i = 0; i < g.gl_pathc; i++) {
        if (strcmp(g.gl_pathv[i], principal) == 0) continue;
        exigir(fio < MAX_FIOS, "fios demais no strace");
        guardar(p, fio++, g.gl_pathv[i]);
    }
    globfree(&g);
}

/* O programa terminou com este codigo, e o seu rastro e uma mistura do que o
 * strace diz de cada fio; sao ao menos tantas chamadas. */
static void conferir_rastro(struct programa *p, int codigo, int ao_menos) {
    char **fio[MAX_FIOS], *l, *copia, resta[1024] = "";
    int f, n = 0;
    exigir_codigo(p, codigo);
    ler_strace(p);
    for (f = 0; f < MAX_FIOS; f++) fio[f] = vistas[f];
    l = strtok(copia = strdup(tudo(p, ERRO)), "\n");
    for (; l; l = strtok(NULL, "\n")) {
        size_t nome = strspn(l, "abcdefghijklmnopqrstuvwxyz");
        if (nome == 0 || l[nome] != '(' || !strstr(l, ") = ")) continue;
        for (f = 0; f < MAX_FIOS; f++)
            if (*fio[f] && strcmp(*fio[f], l) == 0) break;
        if (f == MAX_FIOS) break;
        fio[f]++;
        n++;
    }
    for (f = 0; f < MAX_FIOS; f++)
        if (*fio[f])
            snprintf(resta + strlen(resta), sizeof resta - strlen(resta),
                     " [fio %d] %s", f, *fio[f]);
    exigir(!l && !*resta, "linha %d do rastro do %s: \"%s\"; o strace:%s",
           n + 1, p->nome, l ? l : "(acabou)", *resta ? resta : " (acabou)");
    exigir(n >= ao_menos, "esperava %d chamadas, vi %d", ao_menos, n);
    free(copia);
}

/* Muitos ao mesmo tempo: eco, sair, meio fechamento, RST na leitura e na
 * escrita, 4 MB que nao cabem de uma vez, e o fim com um cliente ligado. */
static void strace_servidor_varios(void) {
    static char muito[1 << 22];
    struct programa *s;
    int a, b;
    sob_strace(SERVIDOR);
    s = servidor("-v");
    a = ligar(s->porta);
    b = ligar(s->porta);
    eco(a, "oi, sou o primeiro\n");
    enviar_texto(b, "sair\n e o que vem depois nao conta");
    receber_texto(b, "sair\n");
    exigir_fim(b);
    esperar_linha(s, ERRO, "close(*) = 0");
    meio_fechar(a);
    receber_fim(a);
    a = ligar(s->porta);
    eco(a, "vou cair");
    desfazer(a);
    esperar_linha(s, ERRO, "recv(*) = -1 ECONNRESET");
    a = ligar(s->porta);
    esperar_linha(s, ERRO, "accept(*) = *");
    esperar_parado(s);
    congelar(s);
    enviar_texto(a, "nao espero a resposta");
    desfazer(a);
    mandar_sinal(s, SIGCONT);
    esperar_linha(s, ERRO, "send(*) = -1 *");
    a = ligar(s->porta);
    memset(muito, 'x', sizeof muito);
    eco_bytes(a, muito, sizeof muito); /* nao cabem de uma vez */
    a = ligar(s->porta);
    esperar_linha(s, ERRO, "accept(*) = *");
    mandar_sinal(s, SIGTERM);
    conferir_rastro(s, 0, 50);
}

/* -n 1: uma conversa, e um sinal que interrompe accept ou, com um cliente
 * calado, recv. */
static void strace_servidor_um(void) {
    struct programa *s;
    int c;
    sob_strace(SERVIDOR);
    s = servidor("-v -n 1");
    c = ligar(s->porta);
    eco(c, "oi");
    eco(c, "\nsair\n");
    exigir_fim(c);
    esperar_linha(s, ERRO, "close(*) = 0");
    if (qual) {
        ligar(s->porta);
        esperar_linha(s, ERRO, "accept(*) = *");
    }
    esperar_parado(s);
    mandar_sinal(s, SIGINT);
    esperar_linha(s, ERRO,
                  qual ? "recv(*, ..., 65536, 0) = -1 EINTR"
                       : "accept(*, ..., ...) = -1 EINTR");
    conferir_rastro(s, 0, 12);
}

/* -x 100: recvfrom sem sendto. -a 0.0.0.0: a libc pergunta os enderecos por
 * um socket AF_NETLINK, que nao e do programa. */
static void strace_servidor_perda(void) {
    struct programa *s;
    int u = novo_udp();
    sob_strace(SERVIDOR);
    s = servidor("-u -v -x 100 -a 0.0.0.0");
    enviar_udp(u, s->porta, "nunca chegou", 12);
    esperar_linha(s, SAIDA, "cliente 1: * perdid* na v* (-x): *");
    esperar_parado(s);
    mandar_sinal(s, SIGTERM);
    conferir_rastro(s, 0, 5);
}

/* O que falha logo: bind, connect, sendto. */
static void strace_falhas(void) {
    struct {
        int quem;
        const char *opcoes, *falha;
        int porta;
    } falhas[] = {
        {SERVIDOR, "-v", "bind(*) = -1 EADDRINUSE", 0},
        {SERVIDOR, "-u -v", "bind(*) = -1 EADDRINUSE", 0},
        {SERVIDOR, "-v -a 203.0.113.1", "bind(*) = -1 EADDRNOTAVAIL", 0},
        {CLIENTE, "-v 127.0.0.1", "connect(*) = -1 ECONNREFUSED", 0},
        {CLIENTE, "-u -v 127.0.0.1", "sendto(*) = -1 EINVAL", 0}};
    struct programa *p;
    int i, par[2];
    escutar(&falhas[0].porta);
    abrir_udp("127.0.0.1", &falhas[1].porta);
    reservar(&falhas[3].porta);
    for (i = 0; i < 5; i++) {
        abrir_cano(par);
        exigir(write(par[1], "oi\n", 3) == 3, "write: %s", strerror(errno));
        close(par[1]);
        sob_strace(falhas[i].quem);
        como.entrada = par[0];
        p = rodar(falhas[i].quem, "%s %d", falhas[i].opcoes, falhas[i].porta);
        conferir_rastro(p, 1, 3);
        esperar_linha(p, ERRO, "%s", falhas[i].falha);
    }
}

/* accept sem descritores. */
static void strace_servidor_descritores(void) {
    struct programa *s;
    int i;
    sob_strace(SERVIDOR);
    como.recurso = RLIMIT_NOFILE;
    como.limite = 16;
    s = servidor("-v");
    for (i = 0; i < 16; i++) ligar(s->porta);
    esperar_linha(s, ERRO, "accept(*) = -1 EMFILE");
    mandar_sinal(s, SIGTERM);
    conferir_rastro(s, 0, 10);
}

/* O cliente: nome procurado pela libc, os dois sentidos, fim da entrada. */
static void strace_cliente(void) {
    struct programa *c;
    int porta, e = escutar(&porta), s;
    sob_strace(CLIENTE);
    c = rodar(CLIENTE, "-v localhost %d", porta);
    s = aceitar(e);
    digitar(c, "oi\n");
    receber_texto(s, "oi\n");
    enviar_texto(s, "OI\n");
    esperar_texto(c, SAIDA, "OI\n");
    enviar_texto(s, "antes de voce escrever\n");
    esperar_texto(c, SAIDA, "antes de voce escrever\n");
    digitar(c, "uma linha com mais de trinta e dois bytes\n");
    receber_texto(s, "uma linha com mais de trinta e dois bytes\n");
    fim_da_entrada(c);
    receber_fim(s);
    enviar_texto(s, "e depois do seu fim");
    close(s);
    conferir_rastro(c, 0, 9);
}

/* Os dois fios contam na ordem em que aconteceu: o strace segura a volta de
 * send, a resposta chega antes, e no rastro send continua a vir antes. */
static void strace_cliente_ordem(void) {
    struct programa *c;
    com_strace(CLIENTE, "-e inject=sendto:delay_exit=300000");
    c = cliente_nosso("-v");
    digitar_e_ouvir(c, "oi\n");
    falar_e_ver(c, "OI\n");
    acabar_em_ordem(c);
    esperar_linha(c, ERRO, "send(*");
    esperar_linha(c, ERRO, "recv(*, \"OI\\n\", *");
}

/* Sem -v, cada mensagem custa um recv e um send (e, com varios, um poll):
 * nenhuma outra chamada ao sistema. */
static void so_as_chamadas(void) {
    enum { VEZES = 50 };
    int i, c, chamadas = 0, dentro = 0, ultimo = 0;
    struct programa *s;
    char *l;
    if (getenv("ASAN_OPTIONS")) nao_se_aplica("o vigia faz outras chamadas");
    com_strace(SERVIDOR, "");
    s = servidor("-q %s", forma);
    c = ligar(s->porta);
    for (i = 0; i < VEZES; i++) eco(c, "oi\n");
    close(c);
    parar(s);
    l = strtok(ler_notas(s, notas_de(s)), "\n");
    for (; l; l = strtok(NULL, "\n")) { /* do 1o. recv ao ultimo send */
        if (strstr(l, "recvfrom(")) dentro = 1;
        chamadas += dentro;
        if (strstr(l, "sendto(")) ultimo = chamadas;
    }
    exigir(ultimo > 0 && ultimo <= VEZES * qual,
           "esperava %d chamadas em %d mensagens, vi %d", VEZES * qual, VEZES,
           ultimo);
}

/* Nos dois programas: sem Nagle, urgentes no seu lugar, e keepalive. */
static void opcoes_do_socket(void) {
    static const char *const opcoes[] = {
        "TCP_NODELAY, [1]", "SO_OOBINLINE, [1]", "SO_KEEPALIVE, [1]", NULL};
    struct programa *p[2];
    const char *visto;
    int quem, i;
    for (quem = SERVIDOR; quem <= CLIENTE; quem++)
        com_strace(quem, "-e trace=setsockopt");
    p[SERVIDOR] = servidor("-q");
    p[CLIENTE] = cliente(p[SERVIDOR]->porta, "");
    digitar(p[CLIENTE], "sair\n");
    exigir_codigo(p[CLIENTE], 0);
    parar(p[SERVIDOR]);
    for (quem = SERVIDOR; quem <= CLIENTE; quem++) {
        visto = ler_notas(p[quem], notas_de(p[quem]));
        for (i = 0; opcoes[i]; i++)
            exigir(strstr(visto, opcoes[i]) != NULL,
                   "esperava setsockopt(..., %s), vi \"%s\"", opcoes[i], visto);
    }
}

/* A chamada diz "tente depois" sem motivo, e a conversa continua. */
static void conversa_apesar_de(void) {
    struct programa *s;
    int c;
    com_strace(SERVIDOR, forma);
    s = servidor("");
    c = ligar(s->porta);
    eco(c, "oi\n");
    eco(c, "sair\n");
    receber_fim(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
}

/* send aceita so um byte (dos que diz que aceitou, o strace nao envia nenhum):
 * vai o resto, e so ele. */
static void send_aceita_um(void) {
    struct programa *s;
    int c;
    com_strace(SERVIDOR, "-e inject=sendto:retval=1:when=1");
    s = servidor("%s", forma);
    c = ligar(s->porta);
    enviar_texto(c, "oi\n");
    receber_texto(c, "i\n");
    close(c);
}

static void cliente_send_aceita_um(void) {
    struct programa *c;
    com_strace(CLIENTE, "-e inject=sendto:retval=1:when=1");
    c = cliente_nosso("");
    digitar_tudo(c, "oi\n");
    receber_texto(c->s, "i\n");
    exigir_fim(c->s);
    esperar_linha(c, ERRO, "fim da conversa: 3 bytes enviados, 0 recebidos");
    exigir_codigo(c, 0);
}

/* recv de uma conexao desfeita. */
static void strace_cliente_desfeito(void) {
    struct programa *c;
    sob_strace(CLIENTE);
    c = cliente_nosso("-v");
    digitar_e_ouvir(c, "oi\n");
    desfazer(c->s);
    esperar_linha(c, ERRO, "recv(*) = -1 ECONNRESET");
    conferir_rastro(c, 1, 5);
}

/* send para quem ja fechou: EPIPE. */
static void strace_cliente_epipe(void) {
    char lixo[16384];
    struct programa *c;
    int leitura;
    sob_strace(CLIENTE);
    c = cliente_preso("-v", &leitura);
    digitar(c, "tem alguem ai?\n");
    esperar_linha(c, ERRO, "send(*) = -1 EPIPE");
    while (read(leitura, lixo, sizeof lixo) > 0)
        ;
    conferir_rastro(c, 1, 5);
}

/* UDP: resposta, resposta alheia, pergunta repetida, sem resposta no fim. */
static void strace_cliente_udp(void) {
    struct programa *c;
    int outro = novo_udp();
    sob_strace(CLIENTE);
    c = cliente_nosso("-u -v");
    digitar_e_ouvir(c, "um\n");
    enviar_udp(outro, c->dele, "intruso", 7);
    falar_e_ver(c, "um\n");
    digitar_e_ouvir(c, "dois\n"); /* e nao respondo */
    pergunta(c, "dois\n");
    falar_e_ver(c, "dois\n");
    digitar(c, "sair\n");
    conferir_rastro(c, 1, 11);
}

/* ---- O rastro por escrito --------------------------------------------- */

/* As quatro linhas de bytes, por campo, do endereco 127.0.0.1:porta. */
static void linhas_dos_bytes(struct programa *p, int porta) {
    struct sockaddr_in e;
    unsigned char b[16];
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)porta);
    e.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(b, &e, 16); /* como esta na memoria */
    linha_exata(p, ERRO, "    sin_family %02x %02x  *AF_INET", b[0], b[1]);
    linha_exata(p, ERRO, "    sin_port   %02x %02x  *  %d = 0x%02x%02x",
                porta >> 8, porta & 255, porta, porta >> 8, porta & 255);
    linha_exata(p, ERRO, "    sin_addr   7f 00 00 01  *127.0.0.1");
    linha_exata(p, ERRO, "    sin_zero   00 00 00 00 00 00 00 00");
}

/* "{AF_INET, ...}" de 127.0.0.1:porta; vale ate a proxima. */
static const char *campos(int porta) {
    static char texto[128];
    sprintf(texto, "{AF_INET, htons(%d), \"127.0.0.1\"}", porta);
    return texto;
}

static void linha_da_partida(struct programa *p, int quem) {
    if (e_windows(quem))
        linha_exata(p, ERRO, "WSAStartup(MAKEWORD(2, 2), &wsaData) = 0");
}

/* Do fim: close do socket s, WSACleanup, e mais nada. */
static void linhas_do_fim(struct programa *p, int quem, int s) {
    const char *linha;
    linha_exata(p, ERRO, "%s(%d) = 0", fechar(quem), s);
    if (e_windows(quem)) linha_exata(p, ERRO, "WSACleanup() = 0");
    exigir_codigo(p, 0);
    linha = proxima_linha(p, ERRO);
    exigir(linha == NULL, "esperava o fim, vi \"%s\"", linha);
}

static int porta_local(int s) {
    struct sockaddr_in e;
    socklen_t n = sizeof e;
    getsockname(s, (struct sockaddr *)&e, &n);
    return ntohs(e.sin_port);
}

/* Todo o stderr do servidor TCP, linha por linha. */
static void rastro_servidor_tcp(void) {
    int porta = porta_para_o_servidor(), a, s, c;
    struct programa *p = rodar(SERVIDOR, "-v %d", porta);
    esperar_linha(p, SAIDA, "para falar com ele: *");
    linha_da_partida(p, SERVIDOR);
    s = resultado(linha_exata(p, ERRO, "socket(AF_INET, SOCK_STREAM, 0) = *"));
    linha_exata(p, ERRO, "bind(%d, %s, 16) = 0", s, campos(porta));
    linhas_dos_bytes(p, porta);
    linha_exata(p, ERRO, "listen(%d, *) = 0", s);
    a = ligar(porta);
    c = resultado(linha_exata(p, ERRO, "accept(%d, %s, 16) = *", s,
                              campos(porta_local(a))));
    exigir(c != s, "esperava outro socket, e accept devolveu o da escuta");
    eco(a, "oi\n");
    linha_exata(p, ERRO, "recv(%d, \"oi\\n\", 65536, 0) = 3", c);
    linha_exata(p, ERRO, "send(%d, \"oi\\n\", 3, 0) = 3", c);
    close(a);
    linha_exata(p, ERRO, "recv(%d, \"\", 65536, 0) = 0", c);
    linha_exata(p, ERRO, "%s(%d) = 0", fechar(SERVIDOR), c);
    parar(p);
    linhas_do_fim(p, SERVIDOR, s);
}

/* Todo o stderr do servidor UDP. Os 16 bytes: so em bind e no 1o. sendto. Os
 * dados, cortados em 32 bytes, com reticencias so quando ha mais. Com qual, o
 * strace diz o mesmo (menos os acentos, que ele escreve de outro modo). */
static void rastro_servidor_udp(void) {
    static const char *const textos[][2] = {
        {"oi\n", "oi\\n\""},
        {"", "\""},
        {"0123456789012345678901234567890", /* 31 */
         "0123456789012345678901234567890\""},
        {"01234567890123456789012345678901", /* 32 */
         "01234567890123456789012345678901\""},
        {"012345678901234567890123456789012", /* 33 */
         "01234567890123456789012345678901\"..."},
        {"0123456789012345678901234567890\303\241", /* um a' cortado */
         "0123456789012345678901234567890\\xc3\"..."},
        {"ma\303\247\303\243", "ma\303\247\303\243\""}};
    struct programa *p;
    int porta = 0, u = abrir_udp("127.0.0.1", &porta), s, i, n;
    if (qual) sob_strace(SERVIDOR);
    p = servidor("-u -v");
    linha_da_partida(p, SERVIDOR);
    s = resultado(linha_exata(p, ERRO, "socket(AF_INET, SOCK_DGRAM, 0) = *"));
    linha_exata(p, ERRO, "bind(%d, %s, 16) = 0", s, campos(0));
    linhas_dos_bytes(p, 0);
    for (i = 0; i < (qual ? 5 : 7); i++) {
        n = (int)strlen(textos[i][0]);
        eco_udp(u, p->porta, textos[i][0], (size_t)n);
        linha_exata(p, ERRO, "recvfrom(%d, \"%s, 65536, 0, %s, 16) = %d", s,
                    textos[i][1], campos(porta), n);
        linha_exata(p, ERRO, "sendto(%d, \"%s, %d, 0, %s, 16) = %d", s,
                    textos[i][1], n, campos(porta), n);
        if (i == 0) linhas_dos_bytes(p, porta);
    }
    esperar_parado(p);
    parar(p);
    if (!e_windows(SERVIDOR))
        linha_exata(p, ERRO, "recvfrom(%d, ..., 65536, 0, ..., ...) = -1 EINTR",
                    s);
    linhas_do_fim(p, SERVIDOR, s);
    if (qual) conferir_rastro(p, 0, 10);
}

/* Todo o stderr do cliente TCP. */
static void rastro_cliente_tcp(void) {
    struct programa *p = cliente_nosso("-v");
    int s;
    linha_da_partida(p, CLIENTE);
    s = resultado(linha_exata(p, ERRO, "socket(AF_INET, SOCK_STREAM, 0) = *"));
    linha_exata(p, ERRO, "connect(%d, %s, 16) = 0", s, campos(p->porta));
    linhas_dos_bytes(p, p->porta);
    linha_exata(p, ERRO, "conectado a 127.0.0.1:%d (TCP). *", p->porta);
    digitar_e_ouvir(p, "oi\n");
    enviar_texto(p->s,
                 "OI\n"); /* logo: no rastro, send vem antes mesmo assim */
    linha_exata(p, ERRO, "send(%d, \"oi\\n\", 3, 0) = 3", s);
    linha_exata(p, ERRO, "recv(%d, \"OI\\n\", 65536, 0) = 3", s);
    fim_da_entrada(p);
    linha_exata(p, ERRO, "shutdown(%d, SHUT_WR) = 0", s);
    close(p->s);
    linha_exata(p, ERRO, "recv(%d, \"\", 65536, 0) = 0", s);
    linha_exata(p, ERRO, "fim da conversa: 3 bytes enviados, 3 recebidos");
    linhas_do_fim(p, CLIENTE, s);
}

/* Todo o stderr do cliente UDP. Os 16 bytes: so no 1o. sendto. */
static void rastro_cliente_udp(void) {
    struct programa *p = cliente_nosso("-u -v");
    int s, i;
    linha_da_partida(p, CLIENTE);
    s = resultado(linha_exata(p, ERRO, "socket(AF_INET, SOCK_DGRAM, 0) = *"));
    linha_exata(p, ERRO, "pronto para enviar a 127.0.0.1:%d (UDP *", p->porta);
    for (i = 0; i < 2; i++) {
        digitar_e_ouvir(p, "oi\n");
        resposta(p, "OI\n");
        linha_exata(p, ERRO, "sendto(%d, \"oi\\n\", 3, 0, %s, 16) = 3", s,
                    campos(p->porta));
        if (i == 0) linhas_dos_bytes(p, p->porta);
        linha_exata(p, ERRO, "recvfrom(%d, \"OI\\n\", 65536, 0, %s, 16) = 3", s,
                    campos(p->porta));
    }
    fim_da_entrada(p);
    linha_exata(p, ERRO, "fim da conversa: *");
    linhas_do_fim(p, CLIENTE, s);
}

/* O fim que o nosso shutdown causa nao aparece antes dele. */
static void rastro_shutdown_antes_do_fim(void) {
    struct programa *s = servidor("-q"), *c;
    const char *fim, *avisou;
    int i;
    for (i = 0; i < (e_windows(CLIENTE) ? 5 : 25); i++) {
        c = cliente(s->porta, "-v");
        digitar_e_sair(c, "oi\n", 0);
        avisou = strstr(tudo(c, ERRO), "shutdown(");
        fim = strstr(tudo(c, ERRO), ", \"\", 65536, 0) = 0\n");
        exigir(avisou && fim && avisou < fim,
               "esperava shutdown antes do fim que ele causa, vi %s",
               tudo(c, ERRO));
    }
}

/* Uma falha leva o nome do codigo, e os 16 bytes tambem. */
static void rastro_falha(void) {
    const char *chamada = qual == SERVIDOR ? "bind" : "connect";
    const char *codigo =
        nome_do_erro(qual, qual == SERVIDOR ? "EADDRINUSE" : "ECONNREFUSED");
    struct programa *p;
    int porta;
    if (qual == SERVIDOR) escutar(&porta);
    else reservar(&porta);
    p = qual == SERVIDOR ? rodar(SERVIDOR, "-v %d", porta)
                         : cliente(porta, "-v");
    esperar_linha(p, ERRO, "socket(*) = *");
    linha_exata(p, ERRO, "%s(*, %s, 16) = -1 %s", chamada, campos(porta),
                codigo);
    linhas_dos_bytes(p, porta);
    esperar_linha(p, ERRO, "%s: %s(*): * (%s). *", p->nome, chamada, codigo);
    exigir_codigo(p, 1);
}

/* O rastro esta so em stderr, e so com -v; e o registro nao o repete. */
static void rastro_so_com_v(void) {
    int v = strstr(forma, "-v") != NULL;
    struct programa *s = servidor("%s", forma), *c = cliente(s->porta, forma);
    digitar_e_ver(c, "a primeira linha\n");
    digitar_e_ver(c, "\x1b[2J\xc3\xa7 e mais de trinta e dois bytes\n");
    digitar(c, "sair\n");
    exigir_codigo(c, 0);
    if (!v) esperar_linha(s, SAIDA, "cliente 1 saiu*");
    parar(s);
    exigir((vezes(tudo(s, SAIDA), "\ncliente 1") > 0) == !v, "vi \"%s\"",
           tudo(s, SAIDA));
    exigir_texto("o eco", tudo(c, SAIDA),
                 "a primeira linha\n\x1b[2J\xc3\xa7 e mais de trinta e dois "
                 "bytes\nsair\n");
    if (v) {
        exigir(vezes(tudo(s, ERRO), ") = ") > 6 &&
                   vezes(tudo(c, ERRO), ") = ") > 6,
               "esperava o rastro em stderr, e nao ha");
        return;
    }
    exigir_texto("stderr do servidor", tudo(s, ERRO), "");
    linha_exata(c, ERRO, "* a 127.0.0.1:*");
    linha_exata(c, ERRO, "fim da conversa: *");
    exigir(proxima_linha(c, ERRO) == NULL, "esperava mais nada em stderr");
}

/* ---- Passo a passo ---------------------------------------------------- */

/* O passo da aula de cada chamada. */
static int passo_de(const char *chamada) {
    static const char *const passos[] = {
        " socket bind listen ", " accept connect ",
        " send recv sendto recvfrom ", " shutdown close closesocket "};
    char nome[32];
    int i;
    sprintf(nome, " %s ", chamada);
    for (i = 0; i < 4; i++)
        if (strstr(passos[i], nome)) return i + 1;
    return 0;
}

/* O programa esta parado e nao escreveu mais nada: espera o ENTER. */
static void nada_mais(struct programa *p, int onde) {
    struct fluxo *f = fluxo(p, onde);
    esperar_parado(p);
    exigir(p->vivo, "esperava que o %s pedisse ENTER, e terminou: \"%s\"",
           p->nome, tudo(p, onde));
    exigir(f->lido == f->n,
           "esperava que o %s pedisse ENTER, e escreveu \"%s\"", p->nome,
           mostra(f->dados + f->lido, f->n - f->lido));
}

/* O cliente anuncia a conversa, em que nao ha pausas. */
#define CONVERSA "\n>> cliente, passo 3: digite"

/* A proxima pausa e antes desta chamada: no maximo duas linhas que dizem qual
 * e, para que serve e o passo da aula; depois o pedido do ENTER, e espera. */
static void pausa(struct programa *p, int onde, const char *chamada) {
    struct fluxo *f = fluxo(p, onde);
    size_t de = f->lido;
    char *texto, *anuncio, molde[64];
    esperar_texto(p, onde, "   ENTER para chamar.\n");
    texto = strndup(f->dados + de, f->lido - de);
    anuncio = strstr(texto, "\n>> ");
    if (anuncio && strncmp(anuncio, CONVERSA, strlen(CONVERSA)) == 0)
        anuncio = strstr(anuncio + 1, "\n>> ");
    exigir(anuncio && !strstr(anuncio + 1, "\n>> "),
           "esperava o anuncio de %s, vi \"%s\"", chamada, texto);
    snprintf(molde, sizeof molde, "\n>> %s: *passo %d: *", chamada,
             passo_de(chamada));
    if (strncmp(chamada, "WSA", 3) == 0)
        snprintf(molde, sizeof molde, "\n>> %s: %s, *", chamada, p->nome);
    exigir(casa(anuncio, molde), "esperava \"%s\", vi \"%s\"", molde, anuncio);
    exigir(vezes(anuncio + 1, "\n") <= 3, "esperava ate duas linhas, vi \"%s\"",
           anuncio);
    nada_mais(p, onde);
    free(texto);
}

/* ENTER, e a chamada acontece. */
static void teclar(struct programa *p, int onde, const char *molde) {
    digitar(p, "\n");
    esperar_linha(p, onde, "%s", molde);
}

static void passo(struct programa *p, int onde, const char *chamada,
                  const char *molde) {
    pausa(p, onde, chamada);
    teclar(p, onde, molde);
}

/* As primeiras pausas, iguais em todos os casos. */
static void passar_socket(struct programa *p, int quem, int onde) {
    if (e_windows(quem)) passo(p, onde, "WSAStartup", "WSAStartup(*) = 0");
    passo(p, onde, "socket", "socket(AF_INET, *) = *");
}

/* As ultimas: close e, no Windows, WSACleanup. */
static void passar_fim(struct programa *p, int quem, int onde) {
    pausa(p, onde, fechar(quem));
    digitar(p, "\n");
    if (e_windows(quem)) {
        pausa(p, onde, "WSACleanup");
        digitar(p, "\n");
    }
    exigir_codigo(p, 0);
}

/* Um cliente nao consegue se ligar a esta porta. */
static void recusado(int porta) {
    struct programa *c = cliente(porta, "");
    exigir_codigo(c, 1);
    exigir_com(c, ERRO, "conexao recusada (");
}

/* O laco do slide, e a experiencia: entre bind e listen o cliente e recusado;
 * depois de listen, antes ainda de accept, ele entra. */
static void passo_servidor(void) {
    int porta = porta_para_o_servidor();
    struct programa *s = rodar(SERVIDOR, "-s -n 1 %d", porta), *c;
    passar_socket(s, SERVIDOR, ERRO);
    pausa(s, ERRO, "bind");
    recusado(porta);
    teclar(s, ERRO, "bind(*) = 0");
    pausa(s, ERRO, "listen");
    recusado(porta);
    nada_mais(s, ERRO);
    exigir_texto("stdout antes de listen", tudo(s, SAIDA), "");
    teclar(s, ERRO, "listen(*) = 0");
    c = cliente(porta, "");
    esperar_linha(c, ERRO, "conectado a *");
    digitar(c, "oi\n");
    pausa(s, ERRO, "accept");
    exigir_sem(s, ERRO, "accept(");
    teclar(s, ERRO, "accept(*) = *");
    pausa(s, ERRO, "recv");
    exigir_sem(s, ERRO, "recv(");
    teclar(s, ERRO, "recv(*, \"oi\\n\", *) = 3");
    pausa(s, ERRO, "send");
    exigir_texto("o eco, antes do ENTER", tudo(c, SAIDA), "");
    teclar(s, ERRO, "send(*, \"oi\\n\", 3, 0) = 3");
    esperar_texto(c, SAIDA, "oi\n");
    fim_da_entrada(c);
    passo(s, ERRO, "recv", "recv(*, \"\", *) = 0");
    pausa(s, ERRO, fechar(SERVIDOR));
    exigir(c->vivo, "esperava o cliente no ar ate o close do servidor");
    digitar(s, "\n");
    exigir_codigo(c, 0);
    fim_da_entrada(s); /* daqui em diante nao ha mais quem tecle */
    c = cliente(porta, "");
    digitar(c, "sem ENTER\nsair\n");
    exigir_saida(c, 0, "sem ENTER\nsair\n");
    exigir(vezes(tudo(s, ERRO), "accept(") >= 2, "%s", tudo(s, ERRO));
    parar(s);
}

/* Depois de sair o cliente com -s tambem esta em uma pausa: o servidor espera
 * por ele em recv, e nao os 2 segundos de sempre. */
static void passo_despedida(void) {
    int porta = porta_para_o_servidor(), c;
    struct programa *s = rodar(SERVIDOR, "-s -n 1 %d", porta);
    digitar(s, e_windows(SERVIDOR) ? "\n\n\n\n" : "\n\n\n");
    esperar_linha(s, SAIDA, "para falar com ele: *");
    c = ligar(porta);
    enviar_texto(c, "sair\n");
    digitar(s, "\n\n\n\n"); /* accept, recv, send, shutdown */
    receber_texto(c, "sair\n");
    receber_fim(c);
    esperar_linha(s, ERRO, "shutdown(*) = 0");
    pausa(s, ERRO, "recv"); /* o cliente nao encerrou: recv vai esperar */
    digitar(s, "\n");
    esperar_linha(s, ERRO, "   esperando o cliente...");
    nada_mais(s, ERRO);
    close(c);
    esperar_linha(s, ERRO, "recv(*, \"\", *) = 0");
    pausa(s, ERRO, fechar(SERVIDOR));
    fim_da_entrada(s);
    parar(s);
}

/* O servidor fecha e esquece a conversa enquanto o cliente esta na pausa do
 * shutdown: o RST que vem depois e da pausa, e a conversa foi inteira. */
static void passo_esquecido(void) {
    int porta, escuta = escutar(&porta), s, nada = -1;
    struct programa *c = cliente(porta, "-s");
    passar_socket(c, CLIENTE, ERRO);
    passo(c, ERRO, "connect", "connect(*) = 0");
    s = aceitar(escuta);
    digitar(c, "sair\n");
    receber_texto(s, "sair\n");
    pausa(c, ERRO, "shutdown");
    enviar_texto(s, "sair\n");
    meio_fechar(s);
    setsockopt(s, IPPROTO_TCP, TCP_LINGER2, &nada, sizeof nada);
    close(s);
    digitar(c, e_windows(CLIENTE) ? "\n\n\n" : "\n\n"); /* ate o fim */
    exigir_saida(c, 0, "sair\n");
}

static void passo_servidor_udp(void) {
    int minha = 0, u = abrir_udp("127.0.0.1", &minha), porta;
    struct programa *s = rodar(SERVIDOR, "-s -u 0");
    passar_socket(s, SERVIDOR, ERRO);
    passo(s, ERRO, "bind", "bind(*) = 0");
    porta = atoi(strrchr(esperar_linha(s, SAIDA, "para falar *"), ' ') + 1);
    enviar_udp(u, porta, "oi", 2);
    passo(s, ERRO, "recvfrom", "recvfrom(*, \"oi\", *) = 2");
    passo(s, ERRO, "sendto", "sendto(*, \"oi\", 2, *) = 2");
    receber_udp_texto(u, "oi");
    fim_da_entrada(s);
    enviar_udp(u, porta, "sem ENTER", 9);
    receber_udp_texto(u, "sem ENTER");
    parar(s);
}

/* Antes e depois da conversa ha pausas; nela, nao. Em um terminal, Ctrl-D acaba
 * a entrada, mas ha quem tecle. */
static void passo_cliente(void) {
    int porta, e = escutar(&porta), s, onde = qual == PTY ? SAIDA : ERRO;
    struct programa *c;
    if (qual == PTY) no_terminal(CLIENTE);
    c = cliente(porta, "-s");
    passar_socket(c, CLIENTE, onde);
    pausa(c, onde, "connect");
    exigir_nada(e, "antes do ENTER");
    teclar(c, onde, "connect(*) = 0");
    s = aceitar(e);
    digitar(c, "oi\n");
    receber_texto(s, "oi\n");
    enviar_texto(s, "OI\n");
    esperar_texto(c, SAIDA, "OI\n");
    if (qual == PTY) {
        esperar_parado(c);
        fim_da_entrada(c);
    } else {
        digitar(c, "sair\n");
        receber_texto(s, "sair\n");
    }
    pausa(c, onde, "shutdown");
    exigir_com(c, onde, CONVERSA);
    exigir_vezes(c, onde, "ENTER para chamar", e_windows(CLIENTE) ? 4 : 3);
    exigir_nada(s, "antes do ENTER de shutdown");
    enviar_texto(s, "tarde\n"); /* o que chega nao cai debaixo do pedido */
    esperar_parado(c);
    exigir_sem(c, SAIDA, "tarde");
    teclar(c, onde, "shutdown(*) = 0");
    esperar_texto(c, SAIDA, "tarde\n");
    exigir_fim(s);
    passar_fim(c, CLIENTE, onde);
}

static void passo_cliente_udp(void) {
    struct programa *c = cliente_nosso("-s -u");
    passar_socket(c, CLIENTE, ERRO);
    digitar_e_ouvir(c, "oi\n");
    falar_e_ver(c, "oi\n");
    digitar_e_ouvir(c, "sair\n");
    resposta(c, "sair\n");
    passar_fim(c, CLIENTE, ERRO);
    exigir_sem(c, ERRO, ">> sendto"); /* na conversa nao ha pausas */
    exigir_sem(c, ERRO, ">> recvfrom");
}

/* Teclado e conversa colados de uma vez: cada pausa leva so a sua linha. */
static void passo_cliente_colado(void) {
    int porta, e = escutar(&porta), s;
    struct programa *c = cliente(porta, "-s");
    digitar(c, e_windows(CLIENTE) ? "sim\n\n\noi\n\nsair\n"
                                  : "sim\n\noi\n\nsair\n");
    s = aceitar(e);
    receber_texto(s, "oi\n\nsair\n");
    esperar_linha(c, ERRO, "conectado a *");
    pausa(c, ERRO, "shutdown");
    fim_da_entrada(c);
    exigir_fim(s);
    exigir_codigo(c, 0);
}

static void exigir_anuncios(struct programa *p, const char *const *chamadas) {
    char texto[64];
    for (; *chamadas; chamadas++) {
        snprintf(texto, sizeof texto, "\n>> %s: ", *chamadas);
        exigir_com(p, ERRO, texto);
    }
}

/* Sem entrada (/dev/null) nada espera, e tudo e anunciado. */
static void passo_sem_entrada(void) {
    static const char *const do_servidor[] = {
        "socket", "bind", "listen", "accept", "recv", "send", NULL};
    const char *do_cliente[] = {"socket", "connect", "shutdown", NULL, NULL};
    struct programa *s, *c;
    int a;
    do_cliente[3] = fechar(CLIENTE);
    como.entrada = NULA;
    s = servidor("-s");
    a = ligar(s->porta);
    eco(a, "oi");
    meio_fechar(a);
    receber_fim(a);
    como.entrada = NULA;
    c = cliente(s->porta, "-s");
    exigir_codigo(c, 0);
    parar(s);
    exigir_anuncios(s, do_servidor);
    exigir_anuncios(c, do_cliente);
}

/* Em um terminal: uma linha inteira conta uma vez, e o que se teclou antes do
 * pedido nao vale para ele. */
static void passo_terminal_servidor(void) {
    int porta = porta_para_o_servidor(), a;
    struct programa *s;
    no_terminal(SERVIDOR);
    s = rodar(SERVIDOR, "-s %d", porta);
    pausa(s, SAIDA, "socket");
    congelar(s);
    digitar(s, "\n\n\n\n\n\n");
    mandar_sinal(s, SIGCONT);
    pausa(s, SAIDA, "bind");
    digitar(s, "isto tambem vale um ENTER");
    nada_mais(s, SAIDA);
    teclar(s, SAIDA, "bind(*) = 0");
    passo(s, SAIDA, "listen", "listen(*) = 0");
    esperar_linha(s, SAIDA, "para falar com ele: *");
    a = ligar(porta);
    passo(s, SAIDA, "accept", "accept(*) = *");
    desfazer(a);
    passo(s, SAIDA, "recv", "recv(*) = -1 ECONNRESET");
    passo(s, SAIDA, "close", "close(*) = 0");
    esperar_parado(s);
    digitar(s, "\003"); /* Ctrl-C fora de uma pausa */
    esperar_linha(s, SAIDA, "resumo: *");
    exigir_codigo(s, 0);
}

/* Ctrl-C durante uma pausa encerra o servidor, com 0, sem mais teclas, nem
 * pedidos, nem a chamada que se anunciou. */
static void passo_terminal_ctrl_c(void) {
    static const char *const pausas[] = {"socket", "bind", "listen", "accept",
                                         "recv"};
    char chamada[16];
    int i, ultima;
    for (ultima = 1; ultima < 5; ultima++) {
        int porta = porta_para_o_servidor();
        struct programa *s;
        no_terminal(SERVIDOR);
        s = rodar(SERVIDOR, "-s -n 1 %d", porta);
        for (i = 0; i <= ultima; i++) {
            if (i > 0) digitar(s, "\n");
            if (i == 4) ligar(porta);
            pausa(s, SAIDA, pausas[i]);
        }
        digitar(s, "\003");
        exigir_codigo(s, 0);
        exigir_vezes(s, SAIDA, "ENTER para chamar", ultima + 1);
        sprintf(chamada, "\n%s(", pausas[ultima]);
        exigir_sem(s, SAIDA, chamada);
        esperar_linha(s, SAIDA, "resumo: *");
    }
}

/* Ctrl-C com uma entrada que nao acaba, nem tem ENTER. */
static void passo_ctrl_c_na_leitura(void) {
    struct programa *s;
    so_posix(SERVIDOR);
    como.entrada = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    s = rodar(SERVIDOR, "-s 0");
    esperar_texto(s, ERRO, "ENTER para chamar.\n");
    mandar_sinal(s, SIGINT);
    exigir_codigo(s, 0);
}

/* O servidor termina enquanto o cliente com -s espera o teclado: sabe-se na
 * hora, sem nenhuma tecla, e o codigo e 1. */
static void servidor_some(void) {
    int porta, e = escutar(&porta), s, onde = qual == PTY ? SAIDA : ERRO;
    struct programa *c;
    if (qual == PTY) no_terminal(CLIENTE);
    c = cliente(porta, "-s");
    passar_socket(c, CLIENTE, onde);
    passo(c, onde, "connect", "connect(*) = 0");
    s = aceitar(e);
    esperar_linha(c, onde, "conectado a *");
    esperar_parado(c);
    close(s);
    esperar_linha(c, onde, "cliente: recv(127.0.0.1:*): o servidor encerrou *");
    exigir_codigo(c, 1);
    exigir_com(c, onde, "\nclose");
    exigir_vezes(c, onde, "ENTER para chamar", e_windows(CLIENTE) ? 3 : 2);
}

const struct caso casos_rastro[] = {
    {"passo_terminal_ctrl_c", passo_terminal_ctrl_c},
    {"rastro_servidor_tcp", rastro_servidor_tcp},
    {"rastro_servidor_udp", rastro_servidor_udp},
    {"rastro_cliente_tcp", rastro_cliente_tcp},
    {"rastro_cliente_udp", rastro_cliente_udp},
    {"rastro_shutdown_antes_do_fim", rastro_shutdown_antes_do_fim},
    {"rastro_falha_de_bind", rastro_falha, "", SERVIDOR},
    {"rastro_falha_de_connect", rastro_falha, "", CLIENTE},
    {"rastro_so_com_v_tcp", rastro_so_com_v, "-t -v"},
    {"rastro_so_com_v_udp", rastro_so_com_v, "-u -v"},
    {"sem_rastro_tcp", rastro_so_com_v, "-t"},
    {"sem_rastro_udp", rastro_so_com_v, "-u"},
    {"passo_servidor", passo_servidor},
    {"passo_despedida", passo_despedida},
    {"passo_esquecido", passo_esquecido},
    {"passo_servidor_udp", passo_servidor_udp},
    {"passo_cliente", passo_cliente},
    {"passo_terminal_cliente", passo_cliente, "", PTY},
    {"passo_cliente_udp", passo_cliente_udp},
    {"passo_cliente_colado", passo_cliente_colado},
    {"passo_sem_entrada", passo_sem_entrada},
    {"passo_terminal_servidor", passo_terminal_servidor},
    {"passo_ctrl_c_na_leitura", passo_ctrl_c_na_leitura},
    {"passo_servidor_some", servidor_some},
    {"passo_terminal_servidor_some", servidor_some, "", PTY},
    {NULL, NULL}};

/* So em "make conferir": comparam as chamadas com as do strace, e um programa
 * certo, mas feito de outro modo, pode faze-las em outra ordem. */
const struct caso casos_strace[] = {
    {"strace_cliente_udp", strace_cliente_udp},
    {"strace_servidor_varios", strace_servidor_varios},
    {"strace_servidor_um", strace_servidor_um, "-n 1", 0},
    {"strace_servidor_sinal_em_recv", strace_servidor_um, "-n 1", 1},
    {"strace_servidor_udp", rastro_servidor_udp, "", 1},
    {"strace_falhas", strace_falhas},
    {"strace_servidor_perda", strace_servidor_perda},
    {"strace_servidor_descritores", strace_servidor_descritores},
    {"strace_cliente", strace_cliente},
    {"strace_cliente_ordem", strace_cliente_ordem},
    {"opcoes_do_socket", opcoes_do_socket},
    {"recv_tente_depois", conversa_apesar_de,
     "-e inject=recvfrom:error=EAGAIN:when=1..2"},
    {"send_tente_depois", conversa_apesar_de,
     "-e inject=sendto:error=EAGAIN:when=1..2"},
    {"send_aceita_um_um", send_aceita_um},
    {"send_aceita_um_varios", send_aceita_um},
    {"cliente_send_aceita_um", cliente_send_aceita_um},
    {"so_as_chamadas_um", so_as_chamadas, "-n 1", 2},
    {"so_as_chamadas_varios", so_as_chamadas, "", 3},
    {"strace_cliente_desfeito", strace_cliente_desfeito},
    {"strace_cliente_epipe", strace_cliente_epipe},
    {NULL, NULL}};
