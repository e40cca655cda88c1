/*
 * casos_vida.c - o que o uso de verdade achou: entradas e saidas que nao
 * bloqueiam, terminais parados, discos cheios, o aluno que aperta Ctrl-D duas
 * vezes, o servidor que nunca fecha. Nada se perde, ninguem para a turma.
 *
 * O que precisa de falhas injetadas no sistema esta em faltas.c.
 */
#include "ensaio.h"
#include <termios.h>

/* ms sem nada andar: quem escreve esta travado, ou nada mais virou */
#define PARADO 400

/* Nada chega em fd durante PARADO ms: so serve para ver um defeito, que
 * chegaria ja. */
static void exigir_silencio(struct programa *p, int onde, const char *texto) {
    struct fluxo *f = fluxo(p, onde);
    int i;
    for (i = 0; i < 50 && ha(f->fd, POLLIN, PARADO); i++) esperar_algo();
    exigir(!strstr(f->dados + f->lido, texto),
           "esperava que o %s esperasse, e escreveu \"%s\"", p->nome,
           tudo(p, onde));
}

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

static void parar_de_ler(struct registro *r) {
    if (r->tipo == TELA_PARADA) tcflow(r->dele, TCOOFF);
    r->s->saida.fd = -1; /* a bancada deixa de ler */
}

static void voltar_a_ler(struct registro *r) {
    if (r->tipo == TELA_PARADA) tcflow(r->dele, TCOON);
    r->s->saida.fd = r->nosso;
}

/* ---- O registro nunca para a turma ------------------------------------ */

#define MUITAS 500 /* mensagens: muito mais do que a saida guarda */

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

/* As linhas inteiras do registro; e, com -v, do rastro. */
static const char *const do_registro[] = {
    "cliente * chegou de 127.0.0.1:*",
    "cliente *: * bytes \"mensagem * *-*\\n\"", "cliente * saiu*",
    "resumo: clientes *", NULL};
static const char *const do_rastro[] = {
    "*(*) = *",        "(*)",          "   *", "cliente *", "resumo: *",
    "servidor * em *", "para falar *", NULL};

/* Em uma tela, uma linha comprida do registro se quebra entre palavras. */
static void registro_quebra(void) {
    struct registro r = servidor_em(TELA, "");
    int c = ligar(r.s->porta);
    eco(c, "uma mensagem bem mais longa, como um aluno digitaria na frente da "
           "turma\n");
    esperar_linha(r.s, SAIDA,
                  "cliente 1: 72 bytes \"uma mensagem bem mais "
                  "longa, como um aluno digitaria na");
    esperar_linha(r.s, SAIDA, "frente da turma\\n\"");
    parar(r.s);
}

/* Ninguem le o registro, e a turma conversa; volta-se a ler, e o servidor diz
 * quantas linhas nao couberam: as que vieram, inteiras, e elas sao todas. */
static void registro_parado(void) {
    int udp = strstr(forma, "-u") != NULL, v = strstr(forma, "-v") != NULL;
    struct registro r = servidor_em(qual, forma);
    int c, i, n = 0, vistas = 0, perdidas = 0, avisos = 0;
    char *l, *resto;
    c = udp ? novo_udp() : ligar(r.s->porta);
    parar_de_ler(&r);
    for (i = 0; i < MUITAS; i++) dizer(udp, c, r.s->porta, n++);
    voltar_a_ler(&r);
    while (!strstr(tudo(r.s, SAIDA), "do registro nao coube")) {
        dizer(udp, c, r.s->porta, n++);
        if (ha(r.nosso, POLLIN, 50)) esperar_algo();
        exigir(n < 5 * MUITAS, "esperava o aviso do que nao coube, vi \"%s\"",
               mostra(r.s->saida.dados + r.s->saida.n - 300, 300));
    }
    esperar_linha(r.s, SAIDA, "(*do registro nao coube*na saida)");
    for (i = 0; i < 20; i++, n++) { /* agora, cada uma */
        dizer(udp, c, r.s->porta, n);
        esperar_linha(r.s, SAIDA, "%s*mensagem %d*", v ? "" : "cliente 1: ", n);
    }
    close(c);
    mandar_sinal(r.s, SIGTERM);
    exigir_codigo(r.s, 0);
    close(r.dele);
    resto = strdup(tudo(r.s, SAIDA));
    /* uma tela as quebra entre palavras */
    for (l = resto; v && (l = strstr(l, ",\n")) != NULL;) l[1] = ' ';
    for (l = resto; (l = strstr(l, "\n-")) != NULL;) *l = ' ';
    exigir(resto[strlen(resto) - 1] == '\n', "esperava a ultima linha inteira");
    strtok(resto, "\n"); /* as duas do comeco */
    if (!v) strtok(NULL, "\n");
    while ((l = strtok(NULL, "\n")) != NULL) {
        if (casa(l, "(* do registro nao coube*")) {
            perdidas += atoi(l + 1);
            avisos++;
        } else {
            exigir_linhas(l, v ? do_rastro : do_registro);
            vistas++;
        }
    }
    exigir(avisos > 0 && perdidas > 0, "esperava o aviso do que nao coube");
    if (v) return;
    i = n + (udp ? 2 : 3); /* chegou, resumo; e, em TCP, saiu */
    exigir(vistas + perdidas == i,
           "esperava a soma %d, vi %d linhas e %d que nao couberam", i, vistas,
           perdidas);
}

/* SIGTERM com 64 vivos e a saida parada: ninguem espera por ela. */
static void fim_com_a_saida_parada(void) {
    struct registro r = servidor_em(qual, forma);
    int c[64], i;
    for (i = 0; i < 64; i++) c[i] = ligar(r.s->porta);
    for (i = 0; i < 64; i++) dizer(0, c[i], r.s->porta, i);
    parar_de_ler(&r);
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
        digitar_e_ver(c, "um\n");
        close(c->saida.fd);
        c->saida.fd = -1;
    }
    if (qual != NOHUP) digitar(c, "mais uma linha\n");
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: %s. *", erros[qual]);
}

static void ajuda_que_nao_sai(void) {
    int par[2];
    so_posix(qual);
    como.saida = CHEIA;
    exigir_codigo(rodar(qual, "-h"), 1);
    como.saida = FECHADA;
    exigir_codigo(rodar(qual, "-h"), 1);
    abrir_cano(par);
    close(par[0]);
    como.saida = par[1];
    exigir_codigo(rodar(qual, "-h"), 1);
    close(par[1]);
    exigir_codigo(rodar(qual, "-h"), 0);
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

/* fd 2 fechado no comeco: o socket nao ocupa o seu lugar, e o que se escreveria
 * nele nao vai para o outro lado. O mesmo com 0 e 1. */
static void cliente_sem(void) {
    struct programa *c;
    so_posix(CLIENTE);
    if (qual == 0) como.entrada = FECHADA;
    if (qual == 1) como.saida = FECHADA;
    if (qual == 2) como.erro = FECHADA;
    c = cliente_nosso("-v");
    if (qual > 0) {
        digitar_tudo(c, "oi\n");
        receber_texto(c->s, "oi\n");
    }
    exigir_fim(c->s);
    exigir_codigo(c, 0);
}

static void servidor_sem(void) {
    struct programa *s;
    int c;
    so_posix(SERVIDOR);
    if (qual == 0) como.entrada = FECHADA;
    if (qual == 2) como.erro = FECHADA;
    s = servidor("-v");
    c = ligar(s->porta);
    eco(c, "oi\nsair\n");
    exigir_fim(c);
}

/* ---- Entradas e saidas que nao bloqueiam ------------------------------ */

/* A entrada do proximo programa e par[0], um pipe que nao bloqueia. */
static void entrada_que_nao_bloqueia(int *par) {
    abrir_cano(par);
    sem_bloquear(par[0]);
    como.entrada = par[0];
}

static void usar_entrada(struct programa *p, const int *par) {
    close(par[0]);
    p->entrada = par[1];
}

/* O proximo programa tem um terminal que nao bloqueia em 0, 1 e 2. */
static int terminal_que_nao_bloqueia(void) {
    int dele, nosso = abrir_saida(TELA_SOLTA, &dele);
    como.entrada = como.saida = como.erro = dele;
    return nosso;
}

static void usar_terminal(struct programa *p, int nosso) {
    p->saida.fd = nosso;
    p->entrada = dup(nosso);
    so_nosso(p->entrada);
}

/* servidor -s: um passo por ENTER, com a entrada que nao bloqueia. */
static void passo_solto(void) {
    struct programa *s;
    int nosso = -1, par[2], onde = qual == TELA_SOLTA ? SAIDA : ERRO;
    so_posix(SERVIDOR);
    if (qual == TELA_SOLTA) nosso = terminal_que_nao_bloqueia();
    else entrada_que_nao_bloqueia(par);
    s = rodar(SERVIDOR, "-s 0");
    if (qual == TELA_SOLTA) usar_terminal(s, nosso);
    else usar_entrada(s, par);
    esperar_texto(s, onde, ">> socket");
    exigir_silencio(s, onde, ">> bind");
    digitar(s, "\n");
    esperar_texto(s, onde, ">> bind");
    exigir_silencio(s, onde, ">> listen");
    digitar(s, "\n");
    esperar_texto(s, onde, ">> listen");
    exigir_silencio(s, onde, ">> accept");
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

/* Cada combinacao de 0, 1 e 2 que nao bloqueiam, como os deixam alguns
 * programas (os bits de qual), em pipes que guardam pouco; ou os tres em um
 * terminal. Ninguem os le por um tempo, e nada se perde. */
enum { LINHAS = 300, TERMINAL = 8 };
static void cliente_solto(void) {
    static const char *const linhas[] = {
        "servidor> linha * com *", "*127.0.0.1:*", "fim da conversa: *", NULL};
    int saida, erro = -1, par[2], dele[3], i, lendo = 0;
    int udp = strcmp(forma, "-u") == 0, onde = qual == TERMINAL ? SAIDA : ERRO;
    struct programa *c;
    char linha[64], esperado[LINHAS * sizeof linha], *e = esperado;
    char opcoes[8];
    so_posix(CLIENTE);
    if (qual == TERMINAL) saida = terminal_que_nao_bloqueia();
    else {
        entrada_que_nao_bloqueia(par);
        if (!(qual & 1)) fcntl(par[0], F_SETFL, 0);
        saida = abrir_saida(qual & 2 ? CANO_SOLTO : CANO, &dele[0]);
        erro = abrir_saida(qual & 4 ? CANO_SOLTO : CANO, &dele[1]);
        como.saida = dele[0];
        como.erro = dele[1];
    }
    sprintf(opcoes, "%s %s", qual & 4 ? "-v" : "", forma);
    c = cliente_nosso(opcoes);
    if (qual == TERMINAL) {
        usar_terminal(c, saida);
        c->saida.fd = -1;
    } else {
        dele[2] = dup(par[0]);
        usar_entrada(c, par);
    }
    for (i = 0; i < LINHAS; i++) { /* uma de cada vez, ida e volta */
        sprintf(linha, "linha %03d com enchimento .............\n", i);
        e += sprintf(e, "%s", linha);
        digitar(c, linha);
        if (i == 5 && qual != TERMINAL) { /* outro programa as solta de novo */
            if (qual & 2) sem_bloquear(dele[0]);
            if (qual & 4) sem_bloquear(dele[1]);
            if (qual & 1) sem_bloquear(dele[2]);
            close(dele[0]);
            close(dele[1]);
            close(dele[2]);
        }
        if (!lendo && !ha(c->s, POLLIN, PARADO)) { /* travou: le-se */
            c->saida.fd = saida;
            c->erro.fd = erro;
            lendo = 1;
        }
        ouvir_e_devolver(c, linha);
    }
    if (!lendo) poll(NULL, 0, PARADO);
    c->saida.fd = saida;
    c->erro.fd = erro;
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

/* ---- Quem espera a vez ------------------------------------------------ */

/* Cheio, avisa uma vez que ha quem espere; com -q, nem isso. A ultima vaga e a
 * que passa de um a outro. Com -n 1, o laco do slide ve a fila a cada mensagem,
 * antes de parar em recv: o eco de um "eu" so vem depois de tudo o que o "eu"
 * anterior causou. */
static void lotado(void) {
    struct programa *s = servidor(forma);
    int c[4], i, n = strstr(forma, "-n 2") ? 2 : 1;
    char linha[64];
    sprintf(linha, "lotado (-n %d): outro espera na fila\n", n);
    if (n == 2) eco(ligar(s->porta), "eu fico\n");
    for (i = 0; i < 3; i++) c[i] = ligar(s->porta);
    eco(c[0], "eu\n");
    eco(c[0], "eu\n");
    exigir_vezes(s, SAIDA, linha, qual);
    eco(c[0], "eu\n");
    close(c[0]); /* um sai, um entra, e ainda ha um na fila: e a mesma vez */
    eco(c[1], "eu\n");
    close(c[1]); /* a fila se esvazia; a seguinte e outra */
    eco(c[2], "eu\n");
    exigir_vezes(s, SAIDA, "lotado", qual);
    c[3] = ligar(s->porta);
    eco(c[2], "eu\n");
    eco(c[2], "eu\n");
    exigir_vezes(s, SAIDA, linha, 2 * qual);
    for (i = 2; i < 4; i++) close(c[i]);
}

/* ---- O cliente que espera --------------------------------------------- */

/* O servidor ignora recv = 0: o cliente diz o que espera, e como sair. */
static void fim_ignorado(void) {
    struct programa *c = cliente_nosso("");
    digitar(c, forma);
    if (strcmp(forma, "oi\n") == 0) fim_da_entrada(c);
    receber_texto(c->s, forma);
    receber_fim(c->s);
    esperar_linha(c, ERRO,
                  "cliente: tudo enviado; esperando que o servidor encerre "
                  "(Ctrl-C desiste)");
    falar_e_ver(c, forma); /* e ainda se pode receber */
    close(c->s);
    exigir_codigo(c, 0);
    exigir_vezes(c, ERRO, "esperando que", 1);
}

/* O servidor, que quase nada leu, se cala e depois fecha: o RST vem depois do
 * fim (recv = 0), e o cliente, que ja disse tudo, o ve. */
static void rst_depois_do_fim(void) {
    static char dados[60000];
    int porta, escuta = escutar(&porta), s, pouco = 4096;
    struct programa *c;
    so_posix(CLIENTE);
    /* o fim do que ele diz nem chega aqui: espera no sistema dele */
    setsockopt(escuta, SOL_SOCKET, SO_RCVBUF, &pouco, sizeof pouco);
    c = cliente(porta, "");
    s = aceitar(escuta);
    memset(dados, 'a', sizeof dados);
    digitar_bytes(c, dados, sizeof dados);
    fim_da_entrada(c);
    esperar_linha(c, ERRO, "cliente: tudo enviado; *");
    congelar(c);
    meio_fechar(s);
    close(s); /* com bytes por ler */
    mandar_sinal(c, SIGCONT);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: recv(*");
}

/* O servidor se cala antes de se dizer qualquer coisa: nunca e sucesso. */
static void fim_antes_de_nos(void) {
    struct programa *c = cliente_nosso("");
    meio_fechar(c->s);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: recv(*o servidor encerrou a conversa*");
    close(c->s);
}

/* E o Ctrl-C desiste mesmo, no terminal. */
static void fim_ignorado_ctrl_c(void) {
    struct programa *c;
    no_terminal(CLIENTE);
    c = cliente_nosso("");
    digitar_e_ouvir(c, "sair\n");
    receber_fim(c->s);
    esperar_texto(c, SAIDA, "esperando que o servidor encerre");
    digitar(c, "\003");
    esperar_saida(c);
    close(c->s);
}

/* Quem encerra logo nao recebe esse aviso. */
static void fim_sem_aviso(void) {
    struct programa *s = servidor("-q"), *c = cliente(s->porta, "");
    digitar(c, "oi\nsair\n");
    exigir_codigo(c, 0);
    exigir_sem(c, ERRO, "esperando");
}

/* -u no terminal: oi, Ctrl-D, Ctrl-D. */
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
        u[i] = novo_udp();
        eco_udp(u[i], s->porta, "oi\n", 3);
        if (i != 1000) continue;
        eco_udp(u[0], s->porta, "lembra?\n", 8);
        esperar_linha(s, SAIDA, "cliente 1: 8 bytes \"lembra?\\n\"");
    }
    eco_udp(u[1099], s->porta, "o ultimo\n", 9);
    esperar_linha(s, SAIDA, "cliente 1100: 9 bytes \"o ultimo\\n\"");
    eco_udp(u[1], s->porta, "esqueceu\n", 9);
    esperar_linha(s, SAIDA, "cliente 1101: 9 bytes \"esqueceu\\n\"");
}

/* ---- A tela ----------------------------------------------------------- */

/* Os controles de direcao (U+202A a 202E, 2066 a 2069, 200E, 200F, 061C) viram
 * o texto do terminal do avesso: no registro e na tela do cliente se escapam;
 * os vizinhos deles se mostram; e na rede tudo vai como veio. */
static void direcao(void) {
    static const char controles[] =
        "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae\xe2\x81"
        "\xa6"
        "\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c";
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
    enviar_aos_poucos(p->s, texto);
    esperar_linha(p, SAIDA, "servidor> %s", visto);
    acabar_em_ordem(p);
}

/* ---- Romper, sair e contar -------------------------------------------- */

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
    long foi = 0, voltou;
    int c;
    so_posix(SERVIDOR);
    s = servidor("-v -q %s", forma);
    c = ligar_apertado(s->porta, 4096, 0);
    memset(dados, 'a', sizeof dados);
    do {
        enviar(c, dados, sizeof dados);
        foi += (long)sizeof dados;
        exigir(foi < 1 << 26, "o servidor guarda tudo");
        while (somar_rastro(s, "\nrecv(") < foi) esperar_algo();
        /* ate que devolva tudo, ou nada mais ande */
        while ((voltou = somar_rastro(s, "\nsend(")) < foi &&
               ha(s->erro.fd, POLLIN, PARADO))
            esperar_algo();
    } while (voltou == foi);
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

/* Ctrl-C enquanto se espera que feche quem disse sair (com -s, 60 segundos). */
static void ctrl_c_na_despedida(void) {
    struct programa *s;
    int c;
    so_posix(SERVIDOR);
    como.entrada = NULA; /* a entrada acaba: -s nao espera por ENTER */
    s = servidor("-s %s", forma);
    c = ligar(s->porta);
    eco(c, "sair\n");
    receber_fim(c);
    mandar_sinal(s, SIGINT);
    exigir_codigo(s, 0);
    esperar_linha(s, SAIDA, "resumo: clientes 1, mensagens 1, bytes 5");
    close(c);
}

/* Depois de uma falha, as contas do que foi e do que veio continuam certas. */
static void contas_depois_da_falha(void) {
    struct programa *c = cliente_nosso("");
    digitar_e_ouvir(c, "quatro\n");
    falar_e_ver(c, "dez bytes.");
    desfazer(c->s);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "fim da conversa: 7 bytes enviados, 10 recebidos");
}

/* O corte e em 200 bytes: com 200, tudo; com 201, 200 e reticencias. */
static void corte_em_200(void) {
    struct programa *s = servidor("");
    char texto[256], molde[320];
    int c = ligar(s->porta), n;
    for (n = 200; n <= 201; n++) {
        memset(texto, 'c', sizeof texto);
        texto[n] = '\0';
        eco(c, texto);
        texto[200] = '\0';
        sprintf(molde, "cliente 1: %d bytes \"%s\"%s", n, texto,
                n > 200 ? "..." : "");
        exigir_texto("linha", esperar_linha(s, SAIDA, "cliente 1: *"), molde);
    }
}

const struct caso casos_vida[] = {
    {"registro_quebra", registro_quebra},
    {"registro_cano", registro_parado, "", CANO},
    {"registro_cano_um", registro_parado, "-n 1", CANO},
    {"registro_cano_udp", registro_parado, "-u", CANO},
    {"registro_cano_solto", registro_parado, "", CANO_SOLTO},
    {"registro_cano_rastro", registro_parado, "-v", CANO},
    {"registro_cano_rastro_um", registro_parado, "-v -n 1", CANO},
    {"registro_tela", registro_parado, "", TELA},
    {"registro_tela_um", registro_parado, "-n 1", TELA},
    {"registro_tela_solta", registro_parado, "", TELA_SOLTA},
    {"registro_tela_parada", registro_parado, "", TELA_PARADA},
    {"registro_tela_parada_um", registro_parado, "-n 1", TELA_PARADA},
    {"registro_tela_parada_udp", registro_parado, "-u", TELA_PARADA},
    {"registro_tela_parada_rastro", registro_parado, "-v", TELA_PARADA},
    {"registro_tela_parada_rastro_udp", registro_parado, "-v -u", TELA_PARADA},
    {"registro_par", registro_parado, "", PAR},
    {"registro_par_rastro", registro_parado, "-v", PAR},
    {"fim_com_o_cano_parado", fim_com_a_saida_parada, "", CANO},
    {"fim_com_a_tela_parada", fim_com_a_saida_parada, "", TELA_PARADA},
    {"fim_com_a_tela_parada_rastro", fim_com_a_saida_parada, "-v", TELA_PARADA},
    {"fim_com_a_tela_cheia", fim_com_a_saida_parada, "", TELA},
    {"fim_com_o_par_parado", fim_com_a_saida_parada, "", PAR},
    {"limite_de_arquivo_um", limite_de_arquivo},
    {"limite_de_arquivo_varios", limite_de_arquivo},
    {"limite_de_arquivo_udp", limite_de_arquivo, "-u"},
    {"cliente_limite_de_arquivo_tcp", cliente_nao_pode, "-t", LIMITE},
    {"cliente_limite_de_arquivo_udp", cliente_nao_pode, "-u", LIMITE},
    {"cliente_disco_cheio_tcp", cliente_nao_pode, "-t", CHEIO},
    {"cliente_disco_cheio_udp", cliente_nao_pode, "-u", CHEIO},
    {"cliente_leitor_some", cliente_nao_pode, "-t", SEM_LEITOR},
    {"cliente_janela_fechada", cliente_nao_pode, "-t", JANELA},
    {"cliente_de_nohup_tcp", cliente_nao_pode, "-t", NOHUP},
    {"cliente_de_nohup_udp", cliente_nao_pode, "-u", NOHUP},
    {"ajuda_que_nao_sai_cliente", ajuda_que_nao_sai, "", CLIENTE},
    {"ajuda_que_nao_sai_servidor", ajuda_que_nao_sai, "", SERVIDOR},
    {"cliente_segundo_plano", cliente_segundo_plano},
    {"cliente_sem_0", cliente_sem, "", 0},
    {"cliente_sem_1", cliente_sem, "", 1},
    {"cliente_sem_2", cliente_sem, "", 2},
    {"servidor_sem_0", servidor_sem, "", 0},
    {"servidor_sem_2", servidor_sem, "", 2},
    {"passo_cano_solto", passo_solto, "", CANO_SOLTO},
    {"passo_tela_solta", passo_solto, "", TELA_SOLTA},
    {"cliente_solto_tcp_1", cliente_solto, "-t", 1},
    {"cliente_solto_tcp_2", cliente_solto, "-t", 2},
    {"cliente_solto_tcp_3", cliente_solto, "-t", 3},
    {"cliente_solto_tcp_4", cliente_solto, "-t", 4},
    {"cliente_solto_tcp_5", cliente_solto, "-t", 5},
    {"cliente_solto_tcp_6", cliente_solto, "-t", 6},
    {"cliente_solto_tcp_7", cliente_solto, "-t", 7},
    {"cliente_solto_tcp_terminal", cliente_solto, "-t", TERMINAL},
    {"cliente_solto_udp_1", cliente_solto, "-u", 1},
    {"cliente_solto_udp_2", cliente_solto, "-u", 2},
    {"cliente_solto_udp_3", cliente_solto, "-u", 3},
    {"cliente_solto_udp_4", cliente_solto, "-u", 4},
    {"cliente_solto_udp_5", cliente_solto, "-u", 5},
    {"cliente_solto_udp_6", cliente_solto, "-u", 6},
    {"cliente_solto_udp_7", cliente_solto, "-u", 7},
    {"cliente_solto_udp_terminal", cliente_solto, "-u", TERMINAL},
    {"lotado", lotado, "-n 2", 1},
    {"lotado_quieto", lotado, "-q -n 2", 0},
    {"lotado_n_1", lotado, "-n 1", 1},
    {"lotado_n_1_rastro", lotado, "-v -n 1", 1},
    {"lotado_n_1_quieto", lotado, "-q -n 1", 0},
    {"fim_ignorado_sair", fim_ignorado, "sair\n"},
    {"fim_ignorado_da_entrada", fim_ignorado, "oi\n"},
    {"rst_depois_do_fim", rst_depois_do_fim},
    {"fim_antes_de_nos", fim_antes_de_nos},
    {"fim_ignorado_ctrl_c", fim_ignorado_ctrl_c},
    {"fim_sem_aviso", fim_sem_aviso},
    {"dois_ctrl_d_tcp", dois_ctrl_d, "-t"},
    {"dois_ctrl_d_udp", dois_ctrl_d, "-u"},
    {"udp_duvidosas", udp_duvidosas},
    {"udp_estranhos_nao_esticam", udp_estranhos_nao_esticam},
    {"udp_muitos_remetentes", udp_muitos_remetentes},
    {"direcao_no_registro", direcao, "", SERVIDOR},
    {"direcao_na_tela", direcao, "", CLIENTE},
    {"eco_devido_um", eco_devido},
    {"eco_devido_varios", eco_devido},
    {"sair_em_cada_lugar_um", sair_em_cada_lugar},
    {"sair_em_cada_lugar_varios", sair_em_cada_lugar},
    {"ctrl_c_na_despedida_um", ctrl_c_na_despedida},
    {"ctrl_c_na_despedida_varios", ctrl_c_na_despedida},
    {"contas_depois_da_falha", contas_depois_da_falha},
    {"corte_em_200", corte_em_200},
    {NULL, NULL}};
