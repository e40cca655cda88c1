/*
 * casos_vida.c - o que o uso de verdade achou: entradas e saidas que nao
 * bloqueiam, terminais parados, discos cheios, o aluno que aperta Ctrl-D duas
 * vezes, o servidor que nunca fecha. Nada se perde, ninguem para a turma.
 *
 * O que precisa de falhas injetadas no sistema esta em faltas.py.
 */
#include "ensaio.h"
#include <termios.h>

#define PARADO 400 /* ms sem nada andar: quem escreve esta travado */

/* ---- Saidas ----------------------------------------------------------- */

enum { CANO, CANO_SOLTO, TELA, TELA_SOLTA, TELA_PARADA, PAR };

/* Um par de pontas que guarda pouco (mas mais de uma pagina: com uma so, um
 * pipe esta cheio desde a primeira linha). A nossa e o resultado; a do
 * programa, *dele. SOLTO: a dele nao bloqueia. */
static int abrir_saida(int tipo, int *dele) {
    int par[2], muito = 65536;
    if (tipo == CANO || tipo == CANO_SOLTO) {
        abrir_cano(par);
#ifdef F_SETPIPE_SZ
        fcntl(par[1], F_SETPIPE_SZ, 8192);
#endif
    } else if (tipo == PAR) {
        exigir(socketpair(AF_UNIX, SOCK_STREAM, 0, par) == 0, "socketpair: %s",
               strerror(errno));
        setsockopt(par[1], SOL_SOCKET, SO_SNDBUF, &muito, sizeof muito);
    } else par[0] = abrir_terminal(&par[1]);
    if (tipo == CANO_SOLTO || tipo == TELA_SOLTA) sem_bloquear(par[1]);
    sem_bloquear(par[0]);
    so_nosso(par[0]);
    so_nosso(par[1]);
    *dele = par[1];
    return par[0];
}

/* O servidor com o registro (e, com -v, o rastro) em uma saida destas. */
struct registro {
    struct programa *s;
    int tipo, nosso, dele;
};

static struct registro servidor_em(int tipo, const char *opcoes) {
    struct registro r;
    so_posix(SERVIDOR);
    r.tipo = tipo;
    r.nosso = abrir_saida(tipo, &r.dele);
    como.saida = r.dele;
    if (strstr(opcoes, "-v")) como.erro = r.dele;
    r.s = rodar(SERVIDOR, "%s 0", opcoes);
    r.s->saida.fd = r.nosso;
    anotar_inicio(r.s, esperar_linha(r.s, SAIDA, "servidor * em *"));
    esperar_linha(r.s, SAIDA, "para falar com ele: *");
    return r;
}

/* A bancada deixa de ler a saida, ou volta a le-la. */
static void ler_registro(struct registro *r, int sim) {
    if (r->tipo == TELA_PARADA) tcflow(r->dele, sim ? TCOON : TCOOFF);
    r->s->saida.fd = sim ? r->nosso : -1;
}

/* ---- O registro nunca para a turma ------------------------------------ */

#define MUITAS 500 /* mensagens: muito mais do que a saida guarda */

#define NAO_COUBE "(* linhas do registro nao couberam na saida)"

/* Uma mensagem, que volta; de cada vez acaba em outro lugar do que a saida
 * guarda, e cabe toda em uma linha do registro. */
static void dizer(int udp, int c, int porta, int i) {
    char texto[200];
    int n = 140 + i * 7 % 43;
    memset(texto, '-', sizeof texto);
    texto[sprintf(texto, "mensagem %d ", i)] = '-';
    texto[n - 1] = '\n';
    texto[n] = '\0';
    if (udp) eco_udp(c, porta, texto, (size_t)n);
    else eco(c, texto);
}

/* As linhas inteiras do registro; com -v, tambem as primeiras. */
enum { SO_COM_V = 3 };
static const char *const do_registro[] = {
    "*(*) = *",
    "   *",
    "cliente *",
    "cliente *: * bytes \"mensagem *-\\n\"",
    "cliente * chegou de *",
    "cliente * saiu*",
    "resumo: clientes *",
    "servidor * em *",
    "para falar *",
    NAO_COUBE,
    NULL};

/* Em uma tela, uma linha comprida do registro se quebra entre palavras. */
static void registro_quebra(void) {
    struct registro r = servidor_em(TELA, "");
    eco(ligar(r.s->porta), "uma mensagem bem mais longa, como um aluno "
                           "digitaria na frente da turma\n");
    esperar_linha(r.s, SAIDA,
                  "cliente 1: 72 bytes \"uma mensagem bem mais "
                  "longa, como um aluno digitaria na");
    esperar_linha(r.s, SAIDA, "frente da turma\\n\"");
}

/* Ninguem le o registro, e a turma conversa; volta-se a ler, e o servidor diz
 * quantas linhas nao couberam: as que vieram, inteiras, e elas sao todas. */
static void registro_parado(void) {
    int udp = strstr(forma, "-u") != NULL, v = strstr(forma, "-v") != NULL;
    struct registro r = servidor_em(qual, forma);
    int i, n = 0, vistas = 0, perdidas = 0, c;
    char *l, *resto;
    c = udp ? novo_udp() : ligar(r.s->porta);
    ler_registro(&r, 0);
    while (n < MUITAS) dizer(udp, c, r.s->porta, n++);
    exigir_um_processo(r.s); /* cada um contaria as suas perdas */
    ler_registro(&r, 1);
    while (!strstr(tudo(r.s, SAIDA), "do registro nao coube")) {
        dizer(udp, c, r.s->porta, n++);
        if (ha(r.nosso, POLLIN, 50)) esperar_algo();
        exigir(n < 5 * MUITAS, "esperava o aviso do que nao coube, vi \"%s\"",
               mostra(r.s->saida.dados + r.s->saida.n - 300, 300));
    }
    esperar_linha(r.s, SAIDA, NAO_COUBE);
    for (i = 0; i < 20; i++, n++) { /* agora, cada uma */
        dizer(udp, c, r.s->porta, n);
        esperar_linha(r.s, SAIDA, "%s*mensagem %d*", v ? "" : "cliente 1: ", n);
    }
    close(c);
    mandar_sinal(r.s, SIGTERM);
    exigir_codigo(r.s, 0);
    resto = strdup(tudo(r.s, SAIDA));
    /* uma tela as quebra entre palavras */
    for (l = resto; v && (l = strstr(l, ",\n")) != NULL;) l[1] = ' ';
    for (l = resto; (l = strstr(l, "\n-")) != NULL;) *l = ' ';
    exigir(resto[strlen(resto) - 1] == '\n', "esperava a ultima linha inteira");
    exigir_linhas(resto, v ? do_registro : do_registro + SO_COM_V);
    for (l = strtok(resto, "\n"); l; l = strtok(NULL, "\n")) {
        if (casa(l, NAO_COUBE)) perdidas += atoi(l + 1);
        else vistas++;
    }
    exigir(perdidas > 0, "esperava o aviso do que nao coube");
    i = n + (udp ? 4 : 5); /* as duas do comeco, chegou, saiu (TCP), resumo */
    exigir(v || vistas + perdidas == i,
           "esperava a soma %d, vi %d linhas e %d que nao couberam", i, vistas,
           perdidas);
}

/* SIGTERM com 64 vivos e a saida parada: ninguem espera por ela. */
static void fim_com_a_saida_parada(void) {
    struct registro r = servidor_em(qual, forma);
    int c[64], i;
    for (i = 0; i < 64; i++) c[i] = ligar(r.s->porta);
    ler_registro(&r, 0);
    for (i = 0; i < MUITAS; i++) dizer(0, c[i % 64], r.s->porta, i);
    mandar_sinal(r.s, SIGTERM);
    for (i = 0; i < 64; i++) receber_fim(c[i]);
    exigir_codigo(r.s, 0);
}

/* ---- Discos cheios ---------------------------------------------------- */

/* A saida do proximo programa e um arquivo, que nao passa de tanto: ulimit -f,
 * como um disco cheio, e nao um sinal que mata. */
static int limitar_arquivo(long limite) {
    char nome[512];
    como.recurso = RLIMIT_FSIZE;
    como.limite = limite;
    return como.saida = arquivo_temporario(nome, sizeof nome);
}

static void limite_de_arquivo(void) {
    struct programa *s;
    char linha[256] = "";
    int c, i, f, udp = strcmp(forma, "-u") == 0;
    so_posix(SERVIDOR);
    f = limitar_arquivo(4096);
    s = rodar(SERVIDOR, "%s 0", forma);
    while (!strchr(linha, '\n') && pread(f, linha, sizeof linha - 1, 0) >= 0)
        poll(NULL, 0, 20); /* o prazo do caso vigia */
    anotar_inicio(s, linha);
    c = udp ? novo_udp() : ligar(s->porta);
    for (i = 0; i < 90; i++) dizer(udp, c, s->porta, i);
    close(c);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
}

/* A entrada ou a saida do cliente falha: diz qual, por que, e sai com 1. */
enum { LIMITE, CHEIO, SEM_LEITOR, JANELA, NOHUP };
static void cliente_nao_pode(void) {
    static const char *const erros[] = {
        "write(saida): arquivo grande demais (EFBIG)",
        "write(saida): disco cheio (ENOSPC)",
        "write(saida): conexao ja fechada (EPIPE)", /* ./cliente | head -n 1 */
        "write(saida): o terminal ou o disco falhou (EIO)", /* fechou-se */
        "read(entrada): descritor fechado, ou aberto para outra coisa (EBADF)"};
    struct programa *s = servidor("-q %s", forma), *c;
    int nosso = -1, dele = -1;
    so_posix(CLIENTE);
    if (qual == LIMITE) limitar_arquivo(4);
    if (qual == CHEIO) como.saida = CHEIA;
    if (qual == JANELA) {
        nosso = abrir_saida(TELA, &dele);
        como.saida = dele;
    }
    if (qual == NOHUP) como.entrada = open("/dev/null", O_WRONLY | O_CLOEXEC);
    c = cliente(s->porta, "%s", forma);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    close(dele);
    close(nosso);
    if (qual == SEM_LEITOR) {
        digitar(c, "um\n");
        esperar_texto(c, SAIDA, "um\n");
        close(c->saida.fd);
        c->saida.fd = -1;
    }
    if (qual != NOHUP) digitar(c, "mais uma linha\n");
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: %s. *", erros[qual]);
}

/* O mesmo com a ajuda, em uma saida que ninguem le, cheia ou fechada. */
static void ajuda_que_nao_sai(void) {
    int par[2], i;
    so_posix(qual);
    abrir_cano(par);
    close(par[0]);
    for (i = 0; i < 3; i++) {
        como.saida = i == 0 ? par[1] : i == 1 ? CHEIA : FECHADA;
        exigir_codigo(rodar(qual, "-h"), 1);
    }
}

/* ---- 0, 1 e 2 quaisquer ----------------------------------------------- */

/* Em segundo plano, com SIGTTIN ignorado, o terminal nao se le: EIO. */
static void cliente_segundo_plano(void) {
    struct programa *s = servidor("-q"), *c;
    char texto[512];
    const char *palavras[] = {"sh", "-mc", texto, NULL};
    so_posix(CLIENTE);
    snprintf(texto, sizeof texto,
             "trap '' TTIN; %s 127.0.0.1 %d & wait $!; exit $?",
             comando(CLIENTE), s->porta);
    como.entrada = PTY;
    c = rodar_palavras(FERRAMENTA, palavras);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: read(entrada): o terminal * (EIO). *");
}

/* 0, 1 ou 2 (qual) fechado no comeco: o socket nao ocupa o seu lugar, e o que
 * se escreveria nele nao vai para o outro lado. */
static void sem(void) {
    int quem = strcmp(forma, "cliente") == 0 ? CLIENTE : SERVIDOR, s;
    struct programa *c;
    so_posix(quem);
    if (qual == 0) como.entrada = FECHADA;
    if (qual == 1) como.saida = FECHADA;
    if (qual == 2) como.erro = FECHADA;
    if (quem == SERVIDOR) {
        eco(s = ligar(servidor("-v")->porta), "oi\nsair\n");
        exigir_fim(s);
        return;
    }
    c = cliente_nosso("-v");
    if (qual > 0) {
        digitar_e_ouvir(c, "oi\n");
        fim_da_entrada(c);
    }
    exigir_fim(c->s);
    exigir_codigo(c, 0);
}

/* ---- Entradas e saidas que nao bloqueiam ------------------------------ */

/* servidor -s: um passo por ENTER, com a entrada que nao bloqueia. */
static void passo_solto(void) {
    static const char *const passos[] = {">> socket", ">> bind", ">> listen",
                                         ">> accept"};
    int dele, nosso, i, onde = qual == TELA_SOLTA ? SAIDA : ERRO;
    struct programa *s;
    so_posix(SERVIDOR);
    nosso = abrir_saida(qual, &dele);
    sem_bloquear(dele);
    como.entrada = dele;
    if (qual == TELA_SOLTA) como.saida = como.erro = dele;
    s = rodar(SERVIDOR, "-s 0");
    if (qual == TELA_SOLTA) s->saida.fd = dup(nosso);
    s->entrada = nosso;
    for (i = 0; i < 3; i++) {
        esperar_texto(s, onde, passos[i]);
        poll(NULL, 0, PARADO); /* so para ver o defeito, que viria ja */
        exigir_sem(s, onde, passos[i + 1]);
        digitar(s, "\n");
    }
}

/* Somos o eco de um cliente_nosso. */
static void ouvir_e_devolver(struct programa *c, const char *texto) {
    if (c->udp) {
        pergunta(c, texto);
        resposta(c, texto);
    } else {
        receber_texto(c->s, texto);
        enviar_texto(c->s, texto);
    }
}

/* Algumas combinacoes de 0, 1 e 2 que nao bloqueiam, como os deixam alguns
 * programas (os bits de qual), em saidas que guardam pouco; ou os tres em um
 * terminal. Ninguem os le por um tempo, e nada se perde. */
enum { LINHAS = 300, TERMINAL = 8 };
static void cliente_solto(void) {
    static const char *const linhas[] = {
        "servidor> linha * com *", "*127.0.0.1:*", "fim da conversa: *", NULL};
    int nosso[3], dele[3], i, k, lendo = 0;
    int udp = strcmp(forma, "-u") == 0, onde = qual == TERMINAL ? SAIDA : ERRO;
    struct programa *c;
    char linha[64], esperado[LINHAS * sizeof linha], *e = esperado;
    so_posix(CLIENTE);
    pode_atrasar = 1;
    for (i = 0; i < 3; i++) {
        nosso[i] = abrir_saida(i == 0 ? PAR : CANO, &dele[i]);
        if (qual >> i & 1) sem_bloquear(dele[i]);
    }
    if (qual == TERMINAL) {
        nosso[1] = abrir_saida(TELA_SOLTA, &dele[1]);
        nosso[0] = dup(nosso[1]);
        dele[0] = dele[2] = dele[1];
        nosso[2] = -1;
    }
    como.entrada = dele[0];
    como.saida = dele[1];
    como.erro = dele[2];
    c = cliente_nosso(qual & 4 && udp ? "-v -u" : qual & 4 ? "-v" : forma);
    c->entrada = nosso[0];
    for (i = 0; i < LINHAS; i++) { /* uma de cada vez, ida e volta */
        sprintf(linha, "linha %03d com enchimento .............\n", i);
        e += sprintf(e, "%s", linha);
        digitar(c, linha);
        /* outro programa as solta de novo */
        for (k = 0; i == 5 && qual != TERMINAL && k < 3; k++) {
            if (qual >> k & 1) sem_bloquear(dele[k]);
            close(dele[k]);
        }
        if (!lendo && !ha(c->s, POLLIN, PARADO)) { /* travou: le-se */
            c->saida.fd = nosso[1];
            c->erro.fd = nosso[2];
            lendo = 1;
        }
        ouvir_e_devolver(c, linha);
    }
    if (!lendo) poll(NULL, 0, PARADO);
    c->saida.fd = nosso[1];
    c->erro.fd = nosso[2];
    fim_da_entrada(c);
    if (!udp) exigir_fim(c->s);
    exigir_codigo(c, 0);
    exigir_vezes(c, onde, "fim da conversa: ", 1);
    if (qual == TERMINAL) {
        exigir_linhas(tudo(c, SAIDA), linhas);
        exigir_vezes(c, SAIDA, "servidor> linha", LINHAS);
    } else exigir_texto("stdout", tudo(c, SAIDA), esperado);
    if (qual & 4) exigir_vezes(c, ERRO, udp ? "\nsendto(" : "\nsend(", LINHAS);
}

/* ---- O cliente que espera --------------------------------------------- */

/* O servidor ignora recv = 0: o cliente diz o que espera, e como sair; ainda
 * pode receber; e, no terminal, o Ctrl-C desiste mesmo. */
static void fim_ignorado(void) {
    struct programa *c;
    if (qual) no_terminal(CLIENTE);
    c = cliente_nosso("");
    digitar_e_ouvir(c, forma);
    if (strcmp(forma, "oi\n") == 0) fim_da_entrada(c);
    receber_fim(c->s);
    esperar_texto(c, qual ? SAIDA : ERRO,
                  "cliente: tudo enviado; esperando que o servidor encerre "
                  "(Ctrl-C desiste)\n");
    if (qual) {
        digitar(c, "\003");
        esperar_saida(c);
        return;
    }
    falar_e_ver(c, forma);
    close(c->s);
    exigir_codigo(c, 0);
    exigir_vezes(c, ERRO, "esperando que", 1);
}

/* O servidor se cala antes de se dizer qualquer coisa, e so entao se digita uma
 * linha, que ele ja nao le: nunca e sucesso. */
static void fim_antes_de_nos(void) {
    struct programa *c;
    int i;
    for (i = 0; i < 10; i++) {
        c = cliente_nosso("-v");
        meio_fechar(c->s);
        esperar_linha(c, ERRO, "recv(*) = 0");
        if (write(c->entrada, "oi\n", 3) < 0 && errno != EPIPE)
            falhar("write: %s", strerror(errno));
        exigir_codigo(c, 1);
        esperar_linha(c, ERRO,
                      "cliente: recv(*o servidor encerrou a conversa*");
    }
}

/* No terminal: oi, Ctrl-D, Ctrl-D. E quem encerra logo nao recebe aquele aviso.
 */
static void dois_ctrl_d(void) {
    struct programa *s = servidor("-q %s", forma), *c;
    int tcp = strcmp(forma, "-t") == 0;
    so_posix(CLIENTE);
    como.entrada = como.saida = PTY;
    c = cliente(s->porta, "%s", forma);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    digitar(c, "oi\004");
    if (tcp) esperar_texto(c, SAIDA, "oi");
    digitar(c, "\004");
    exigir_codigo(c, 0);
    esperar_texto(c, SAIDA, tcp ? "\n" : "oi\n");
    exigir_sem(c, ERRO, "esperando");
}

/* ---- UDP: o que se aceita --------------------------------------------- */

/* So e recusada a que e igual a uma linha repetida ou sem resposta; e, se esta
 * linha e igual aquela, vale. */
static void udp_duvidosas(void) {
    static const char recusa[] = "ignorada: resposta atrasada, de outra linha";
    struct programa *c = cliente_nosso("-u");
    int i;
    digitar_e_ouvir(c, "um\n");
    pergunta(c, "um\n"); /* repetida: em duvida */
    falar_e_ver(c, "primeira\n");
    digitar_e_ouvir(c, "dois\n");
    resposta(c, "um\n"); /* a outra resposta de um */
    esperar_linha(c, ERRO, "%s", recusa);
    falar_e_ver(c, "segunda\n");
    digitar_e_ouvir(c, "tres\n");
    resposta(c, "dois\n"); /* dois nunca se repetiu: vale */
    esperar_texto(c, SAIDA, "dois\n");
    digitar_e_ouvir(c, "um\n");
    resposta(c, "um\n"); /* e a desta linha */
    esperar_texto(c, SAIDA, "um\n");
    digitar(c, "nada\n");
    for (i = 0; i < 3; i++) pergunta(c, "nada\n");
    esperar_linha(c, ERRO, "*a linha 5 ficou sem resposta*");
    digitar_e_ouvir(c, "fim\n");
    resposta(c, "nada\n");
    esperar_linha(c, ERRO, "%s", recusa);
    falar_e_ver(c, "fim\n");
    acabar(c, 1);
}

/* Datagramas de estranhos nao esticam a espera: a linha se repete assim
 * mesmo. Cada um que e ignorado traz outro. */
static void udp_estranhos_nao_esticam(void) {
    struct programa *c = cliente_nosso("-u");
    int estranho = novo_udp();
    digitar_e_ouvir(c, "oi\n");
    do {
        enviar_udp(estranho, c->dele, "x\n", 2);
        esperar_linha(c, ERRO, "ignorada: resposta de outro endereco*");
        poll(NULL, 0, 20);
    } while (!ha(c->s, POLLIN, 0)); /* o prazo do caso vigia */
    pergunta(c, "oi\n");
    resposta(c, "oi\n");
    acabar(c, 0);
}

/* Mais de 64, e ate 1024, remetentes UDP sao lembrados; os mais velhos se
 * esquecem. */
static void udp_muitos_remetentes(void) {
    struct programa *s;
    static int u[1100];
    int i;
    limitar_os_nossos(1400);
    s = servidor("-u");
    for (i = 0; i < 1100; i++) {
        eco_udp(u[i] = novo_udp(), s->porta, "oi\n", 3);
        if (i == 1000) eco_udp(u[0], s->porta, "lembra?\n", 8);
    }
    eco_udp(u[1], s->porta, "esqueceu\n", 9);
    esperar_linha(s, SAIDA, "cliente 1: 8 bytes \"lembra?\\n\"");
    esperar_linha(s, SAIDA, "cliente 1100: 3 bytes \"oi\\n\"");
    esperar_linha(s, SAIDA, "cliente 1101: 9 bytes \"esqueceu\\n\"");
}

/* ---- A tela ----------------------------------------------------------- */

/* Os controles de direcao (U+202A a 202E, 2066 a 2069, 200E, 200F, 061C) viram
 * o texto do terminal do avesso: no registro e na tela do cliente se escapam;
 * os vizinhos deles se mostram; e na rede tudo vai como veio. */
static void direcao(void) {
    static const char controles[] =
        "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae"
        "\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9"
        "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c";
    static const char vizinhos[] =
        "\xe2\x80\x90\xe2\x80\x94\xe2\x80\xa2\xe2\x82\xac\xe2\x81\x82";
    char texto[128], visto[256] = "";
    struct programa *p;
    int i;
    sprintf(texto, "%s%s\n", controles, vizinhos);
    for (i = 0; controles[i]; i++)
        sprintf(visto + 4 * i, "\\x%02x", controles[i] & 0xff);
    strcat(visto, vizinhos);
    if (qual == SERVIDOR) {
        p = servidor("");
        eco(ligar(p->porta), texto);
        esperar_linha(p, SAIDA, "cliente 1: * bytes \"%s\\n\"", visto);
        return;
    }
    so_posix(CLIENTE);
    como.saida = PTY;
    p = cliente_nosso("");
    for (i = 0; texto[i]; i++) enviar(p->s, texto + i, 1);
    esperar_linha(p, SAIDA, "servidor> %s", visto);
    acabar_em_ordem(p);
}

/* ---- Romper, sair e cortar -------------------------------------------- */

/* Soma o que o rastro diz que esta chamada levou ("\nrecv(", "\nsend("). */
static long somar_rastro(struct programa *s, const char *chamada) {
    const char *l = tudo(s, ERRO);
    long soma = 0, n;
    while ((l = strstr(l, chamada)) && (l = strstr(l, ") = ")))
        if ((n = atol(l + 4)) > 0) soma += n;
    return soma;
}

/* O servidor leu tudo, deve parte do eco, e acaba: o cliente ve um corte (RST),
 * e nao um fim. (Com algo por ler, o sistema ja cortaria sozinho.) */
static void eco_devido(void) {
    struct programa *s;
    static char dados[60000];
    long foi = 0;
    int c;
    so_posix(SERVIDOR);
    s = servidor("-v -q %s", forma);
    c = ligar_apertado(s->porta, 4096, 0);
    memset(dados, 'a', sizeof dados);
    do {
        enviar(c, dados, sizeof dados);
        foi += (long)sizeof dados;
        while (somar_rastro(s, "\nrecv(") < foi) esperar_algo();
        while (ha(s->erro.fd, POLLIN, PARADO)) esperar_algo();
    } while (somar_rastro(s, "\nsend(") == foi);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
    exigir_corte(c);
}

/* A linha sair em cada lugar de um pedaco grande; e linhas que quase dizem. */
static void sair_em_cada_lugar(void) {
    static const char *const quase[] = {"a", "\nsa", "\nsairr", "\nsair ",
                                        "\r\nsai"};
    struct programa *s = servidor("-q %s", forma);
    char dados[1024];
    int antes, c, n;
    for (antes = 1; antes <= 520; antes++) {
        const char *q = quase[antes % 5];
        for (n = 0; n < antes; n++) dados[n] = q[n % (int)strlen(q)];
        dados[0] = dados[antes - 1] = '.';
        n += sprintf(dados + n, antes % 2 ? "\nsair\r\n" : "\nsair\n");
        memset(dados + n, 'z', 200);
        c = ligar(s->porta);
        enviar(c, dados, (size_t)n + 200);
        receber_bytes(c, dados, (size_t)n);
        exigir_fim(c);
    }
}

/* O corte e em 200 bytes: com 200, tudo; com 201, 200 e reticencias. */
static void corte_em_200(void) {
    struct programa *s = servidor("");
    char texto[202];
    int c = ligar(s->porta), n;
    for (n = 200; n <= 201; n++) {
        memset(texto, 'c', sizeof texto);
        texto[n] = '\0';
        eco(c, texto);
        esperar_linha(s, SAIDA, "cliente 1: %d bytes \"%.200s\"%s", n, texto,
                      n > 200 ? "..." : "");
    }
}

const struct caso casos_vida[] = {
    {"registro_quebra", registro_quebra},
    {"registro_cano registro_cano_um", registro_parado, NULL, CANO},
    {"registro_cano_rastro_um", registro_parado, "-v -n 1", CANO},
    {"registro_cano_solto_udp", registro_parado, "-u", CANO_SOLTO},
    {"registro_tela registro_tela_um", registro_parado, NULL, TELA},
    {"registro_tela_solta_udp", registro_parado, "-u", TELA_SOLTA},
    {"registro_tela_parada registro_tela_parada_um", registro_parado, NULL,
     TELA_PARADA},
    {"registro_tela_parada_rastro_udp", registro_parado, "-v -u", TELA_PARADA},
    {"registro_par registro_par_um", registro_parado, NULL, PAR},
    {"registro_par_rastro", registro_parado, "-v", PAR},
    {"fim_com_o_cano_parado", fim_com_a_saida_parada, "", CANO},
    {"fim_com_a_tela_parada_rastro", fim_com_a_saida_parada, "-v", TELA_PARADA},
    {"fim_com_a_tela_cheia", fim_com_a_saida_parada, "", TELA},
    {"limite_de_arquivo_um limite_de_arquivo_varios", limite_de_arquivo},
    {"limite_de_arquivo_udp", limite_de_arquivo, "-u"},
    {"cliente_limite_de_arquivo_tcp", cliente_nao_pode, "-t", LIMITE},
    {"cliente_limite_de_arquivo_udp", cliente_nao_pode, "-u", LIMITE},
    {"cliente_disco_cheio_tcp", cliente_nao_pode, "-t", CHEIO},
    {"cliente_leitor_some", cliente_nao_pode, "-t", SEM_LEITOR},
    {"cliente_janela_fechada", cliente_nao_pode, "-t", JANELA},
    {"cliente_de_nohup_tcp", cliente_nao_pode, "-t", NOHUP},
    {"cliente_de_nohup_udp", cliente_nao_pode, "-u", NOHUP},
    {"ajuda_que_nao_sai_cliente", ajuda_que_nao_sai, "", CLIENTE},
    {"ajuda_que_nao_sai_servidor", ajuda_que_nao_sai, "", SERVIDOR},
    {"cliente_segundo_plano", cliente_segundo_plano},
    {"cliente_sem_0", sem, "cliente", 0},
    {"cliente_sem_1", sem, "cliente", 1},
    {"cliente_sem_2", sem, "cliente", 2},
    {"servidor_sem_0", sem, "servidor", 0},
    {"servidor_sem_2", sem, "servidor", 2},
    {"passo_par_solto", passo_solto, "", PAR},
    {"passo_tela_solta", passo_solto, "", TELA_SOLTA},
    {"cliente_solto_tcp_1", cliente_solto, "-t", 1},
    {"cliente_solto_tcp_2", cliente_solto, "-t", 2},
    {"cliente_solto_tcp_4", cliente_solto, "-t", 4},
    {"cliente_solto_tcp_7", cliente_solto, "-t", 7},
    {"cliente_solto_tcp_terminal", cliente_solto, "-t", TERMINAL},
    {"cliente_solto_udp_7", cliente_solto, "-u", 7},
    {"cliente_solto_udp_terminal", cliente_solto, "-u", TERMINAL},
    {"fim_ignorado_sair", fim_ignorado, "sair\n"},
    {"fim_ignorado_da_entrada", fim_ignorado, "oi\n"},
    {"fim_ignorado_ctrl_c", fim_ignorado, "sair\n", 1},
    {"fim_antes_de_nos", fim_antes_de_nos},
    {"dois_ctrl_d_tcp", dois_ctrl_d, "-t"},
    {"dois_ctrl_d_udp", dois_ctrl_d, "-u"},
    {"udp_duvidosas", udp_duvidosas},
    {"udp_estranhos_nao_esticam", udp_estranhos_nao_esticam},
    {"udp_muitos_remetentes", udp_muitos_remetentes},
    {"direcao_no_registro", direcao, "", SERVIDOR},
    {"direcao_na_tela", direcao, "", CLIENTE},
    {"eco_devido_um eco_devido_varios", eco_devido},
    {"sair_em_cada_lugar_um sair_em_cada_lugar_varios", sair_em_cada_lugar},
    {"corte_em_200", corte_em_200},
    {NULL, NULL}};
