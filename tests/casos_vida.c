/*
 * casos_vida.c - o que o uso de verdade achou: entradas e saidas que nao
 * bloqueiam, terminais parados, discos cheios, o aluno que aperta Ctrl-D duas
 * vezes, o servidor que nunca fecha. Nada se perde, ninguem para a turma.
 *
 * O que precisa de falhas injetadas no sistema esta em faltas.c.
 */
#include "ensaio.h"
#include <ifaddrs.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

/* ms sem nada andar: quem escreve esta travado, ou nada mais virou */
#define PARADO 400

static void so_posix(int quem) {
    if (e_windows(quem)) nao_se_aplica("descritores e sinais do POSIX");
}

/* So o proprio programa: o valgrind reabre 0, 1 e 2, e gasta descritores. */
static void so_direto(int quem) {
    const char *nome = getenv(quem == SERVIDOR ? "SERVIDOR" : "CLIENTE");
    so_posix(quem);
    if (nome && strstr(nome, "valgrind")) nao_se_aplica("o valgrind muda isto");
}

static void juntar(char *destino, size_t cabe, const char *texto) {
    snprintf(destino + strlen(destino), cabe - strlen(destino), "%s", texto);
}

static void sem_bloquear(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void so_nosso(int fd) { fcntl(fd, F_SETFD, FD_CLOEXEC); }

/* Nada chega em fd durante PARADO ms: so serve para ver um defeito, que
 * chegaria ja. */
static void exigir_silencio(struct programa *p, int onde, const char *texto) {
    double fim = 0;
    do {
        struct pollfd v;
        v.fd = onde == SAIDA ? p->saida.fd : p->erro.fd;
        v.events = POLLIN;
        if (poll(&v, 1, PARADO) <= 0) break;
        esperar_algo();
    } while (fim++ < 50);
    exigir(!strstr((onde == SAIDA ? p->saida.dados + p->saida.lido
                                  : p->erro.dados + p->erro.lido),
                   texto),
           "o %s nao esperou: \"%s\"", p->nome, tudo(p, onde));
}

/* ---- Saidas ----------------------------------------------------------- */

enum { CANO, CANO_SOLTO, TELA, TELA_SOLTA, TELA_PARADA, PAR };

/* Um par de pontas que guarda pouco (mas mais de uma pagina: com uma so, um
 * pipe esta cheio desde a primeira linha). A nossa e o resultado; a do
 * programa, *dele. SOLTO: a dele nao bloqueia. */
static int abrir_saida(int tipo, int *dele) {
    int par[2], pouco = 8192, muito = 65536, mestre;
    struct termios t;
    if (tipo == CANO || tipo == CANO_SOLTO) {
        exigir(pipe(par) == 0, "pipe: %s", strerror(errno));
#ifdef F_SETPIPE_SZ
        fcntl(par[1], F_SETPIPE_SZ, pouco);
#endif
    } else if (tipo == PAR) {
        exigir(socketpair(AF_UNIX, SOCK_STREAM, 0, par) == 0, "socketpair: %s",
               strerror(errno));
        setsockopt(par[1], SOL_SOCKET, SO_SNDBUF, &muito, sizeof muito);
    } else {
        mestre = posix_openpt(O_RDWR | O_NOCTTY);
        if (mestre < 0 || grantpt(mestre) < 0 || unlockpt(mestre) < 0 ||
            (par[1] = open(ptsname(mestre), O_RDWR | O_NOCTTY)) < 0)
            falhar("nao consegui abrir um terminal: %s", strerror(errno));
        par[0] = mestre;
        tcgetattr(par[1], &t);
        t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
        t.c_oflag &= ~(tcflag_t)OPOST;
        tcsetattr(par[1], TCSANOW, &t);
    }
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
    const char *linha, *c;
    r.tipo = tipo;
    r.nosso = abrir_saida(tipo, &r.dele);
    como.saida = r.dele;
    if (strstr(opcoes, "-v")) como.erro = r.dele;
    r.s = rodar(SERVIDOR, "%s 0", opcoes);
    r.s->saida.fd = r.nosso;
    linha = esperar_linha(r.s, SAIDA, "servidor * em *");
    c = strchr(linha, ':');
    r.s->porta = c ? atoi(c + 1) : 0;
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

/* Uma mensagem de quase CORTE_REGISTRO bytes, que volta. */
static void dizer(int udp, int c, int porta, int i) {
    char texto[200];
    memset(texto, 'a' + i % 26, sizeof texto);
    sprintf(texto, "mensagem %d ", i);
    texto[strlen(texto)] = '-';
    texto[180] = '\n';
    texto[181] = '\0';
    if (udp) {
        enviar_udp(c, "127.0.0.1", porta, texto, 181);
        receber_udp_texto(c, texto);
    } else {
        enviar_texto(c, texto);
        receber_texto(c, texto);
    }
}

static int linha_do_registro(const char *l) {
    return casa(l, "cliente * chegou de 127.0.0.1:*") ||
           casa(l, "cliente *: 181 bytes \"mensagem * *-*\\n\"") ||
           casa(l, "cliente * saiu*") || casa(l, "resumo: clientes *");
}

/* Ninguem le o registro, e a turma conversa; volta-se a ler, e o servidor diz
 * quantas linhas nao couberam: as que vieram, inteiras, e elas sao todas. */
static void registro_parado(int tipo, const char *opcoes) {
    struct registro r;
    int udp = strstr(opcoes, "-u") != NULL, v = strstr(opcoes, "-v") != NULL;
    int c, i, porta = 0, n = 0, vistas = 0, perdidas = 0, avisos = 0;
    char *l, *resto;
    so_posix(SERVIDOR);
    r = servidor_em(tipo, opcoes);
    c = udp ? abrir_udp("127.0.0.1", &porta) : ligar(r.s->porta);
    parar_de_ler(&r);
    for (i = 0; i < MUITAS; i++) dizer(udp, c, r.s->porta, n++);
    voltar_a_ler(&r);
    while (!strstr(tudo(r.s, SAIDA), "do registro nao coube")) {
        struct pollfd p;
        p.fd = r.nosso;
        p.events = POLLIN;
        dizer(udp, c, r.s->porta, n++);
        if (poll(&p, 1, 50) > 0) esperar_algo();
        exigir(n < 5 * MUITAS, "nao disse quantas linhas nao couberam: \"%s\"",
               mostra(r.s->saida.dados + r.s->saida.n - 300, 300));
    }
    esperar_linha(r.s, SAIDA, "(*do registro nao coube*na saida)");
    for (i = 0; i < 20; i++) { /* agora, cada uma */
        char molde[64];
        sprintf(molde, v ? "*mensagem %d -*" : "cliente 1: *mensagem %d -*", n);
        dizer(udp, c, r.s->porta, n++);
        esperar_linha(r.s, SAIDA, molde);
    }
    close(c);
    mandar_sinal(r.s, SIGTERM);
    exigir_codigo(r.s, 0);
    close(r.dele);
    resto = strdup(tudo(r.s, SAIDA));
    for (l = resto; v && (l = strstr(l, ",\n")) != NULL;) l[1] = ' ';
    exigir(resto[strlen(resto) - 1] == '\n', "a ultima linha veio cortada");
    strtok(resto, "\n"); /* as duas do comeco */
    if (!strstr(opcoes, "-v")) strtok(NULL, "\n");
    while ((l = strtok(NULL, "\n")) != NULL) {
        if (casa(l, "(* do registro nao coube*")) {
            perdidas += atoi(l + 1);
            avisos++;
        } else if (!v) {
            exigir(linha_do_registro(l), "a linha veio cortada: \"%s\"", l);
            vistas++;
        } else {
            exigir(casa(l, "(*)") || casa(l, "*(*) = *") || casa(l, "   *") ||
                       casa(l, "cliente *") || casa(l, "resumo: *") ||
                       casa(l, "servidor * em *") || casa(l, "para falar *"),
                   "a linha veio cortada: \"%s\"", l);
        }
    }
    exigir(avisos > 0 && perdidas > 0, "nenhum aviso do que nao coube");
    if (v) return;
    i = n + (udp ? 2 : 3); /* chegou, resumo; e, em TCP, saiu */
    exigir(vistas + perdidas == i,
           "de %d linhas, vieram %d e o servidor disse que %d nao couberam", i,
           vistas, perdidas);
}

static void registro_cano(void) { registro_parado(CANO, ""); }
static void registro_cano_um(void) { registro_parado(CANO, "-n 1"); }
static void registro_cano_udp(void) { registro_parado(CANO, "-u"); }
static void registro_cano_solto(void) { registro_parado(CANO_SOLTO, ""); }
static void registro_cano_rastro(void) { registro_parado(CANO, "-v"); }
static void registro_cano_rastro_um(void) { registro_parado(CANO, "-v -n 1"); }
static void registro_tela(void) { registro_parado(TELA, ""); }
static void registro_tela_um(void) { registro_parado(TELA, "-n 1"); }
static void registro_tela_solta(void) { registro_parado(TELA_SOLTA, ""); }
static void registro_tela_parada(void) { registro_parado(TELA_PARADA, ""); }
static void registro_tela_parada_um(void) {
    registro_parado(TELA_PARADA, "-n 1");
}
static void registro_tela_parada_udp(void) {
    registro_parado(TELA_PARADA, "-u");
}
static void registro_tela_parada_rastro(void) {
    registro_parado(TELA_PARADA, "-v");
}
static void registro_tela_parada_rastro_udp(void) {
    registro_parado(TELA_PARADA, "-v -u");
}
static void registro_par(void) { registro_parado(PAR, ""); }
static void registro_par_rastro(void) { registro_parado(PAR, "-v"); }

/* A linha acaba em lugares diferentes do que a saida guarda: nenhuma se corta
 * ao meio, em nenhum deles. */
static void registro_em_cada_tamanho(void) {
    struct registro r;
    char texto[256], *l;
    int c, i, k;
    so_posix(SERVIDOR);
    r = servidor_em(CANO, "");
    c = ligar(r.s->porta);
    for (k = 0; k < 12; k++) {
        parar_de_ler(&r);
        for (i = 0; i < 100; i++) { /* 100 * 130 > 8192 */
            int n = 97 + (i * 7 + k * 13) % 40;
            memset(texto, '.', (size_t)n);
            texto[n] = '\n';
            texto[n + 1] = '\0';
            enviar_texto(c, texto);
            receber_texto(c, texto);
        }
        voltar_a_ler(&r);
        for (i = 0; !strstr(r.s->saida.dados + r.s->saida.lido, "nao coube");
             i++) {
            struct pollfd p;
            exigir(i < 400, "nao disse quantas linhas nao couberam");
            p.fd = r.nosso;
            p.events = POLLIN;
            enviar_texto(c, "e agora?\n");
            receber_texto(c, "e agora?\n");
            if (poll(&p, 1, 50) > 0) esperar_algo();
        }
        esperar_linha(r.s, SAIDA, "(*nao coube*)");
    }
    close(c);
    mandar_sinal(r.s, SIGTERM);
    exigir_codigo(r.s, 0);
    close(r.dele);
    for (l = strtok(strdup(tudo(r.s, SAIDA)), "\n"); l; l = strtok(NULL, "\n"))
        exigir(casa(l, "cliente 1: * bytes \"..*..\\n\"") ||
                   casa(l, "cliente 1: 9 bytes \"e agora?\\n\"") ||
                   casa(l, "cliente 1 chegou de *") ||
                   casa(l, "cliente 1 saiu*") || casa(l, "(* nao coube*)") ||
                   casa(l, "servidor * em *") || casa(l, "para falar *") ||
                   casa(l, "resumo: *"),
               "a linha veio cortada: \"%s\"", l);
}

/* SIGTERM com 64 vivos e a saida parada: ninguem espera por ela. */
static void fim_com_a_saida_parada(int tipo, const char *opcoes) {
    struct registro r;
    int c[64], i;
    so_posix(SERVIDOR);
    r = servidor_em(tipo, opcoes);
    for (i = 0; i < 64; i++) c[i] = ligar(r.s->porta);
    for (i = 0; i < 64; i++) dizer(0, c[i], r.s->porta, i);
    parar_de_ler(&r);
    for (i = 0; i < MUITAS; i++) dizer(0, c[i % 64], r.s->porta, i);
    mandar_sinal(r.s, SIGTERM);
    for (i = 0; i < 64; i++) receber_fim(c[i]);
    exigir_codigo(r.s, 0);
}

static void fim_com_o_cano_parado(void) { fim_com_a_saida_parada(CANO, ""); }
static void fim_com_a_tela_parada(void) {
    fim_com_a_saida_parada(TELA_PARADA, "");
}
static void fim_com_a_tela_parada_rastro(void) {
    fim_com_a_saida_parada(TELA_PARADA, "-v");
}
static void fim_com_a_tela_cheia(void) { fim_com_a_saida_parada(TELA, ""); }
static void fim_com_o_par_parado(void) { fim_com_a_saida_parada(PAR, ""); }

/* So o stderr parado, com -v: a turma tambem nao para. */
static void rastro_parado(void) {
    struct programa *s;
    int dele, nosso, c, i;
    so_posix(SERVIDOR);
    nosso = abrir_saida(TELA, &dele);
    como.erro = dele;
    s = rodar(SERVIDOR, "-v %s 0", forma);
    s->porta =
        atoi(strchr(esperar_linha(s, SAIDA, "servidor * em *"), ':') + 1);
    tcflow(dele, TCOOFF);
    c = ligar(s->porta);
    for (i = 0; i < MUITAS; i++) dizer(0, c, s->porta, i);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
    close(nosso);
    close(dele);
}

/* ---- Discos cheios ---------------------------------------------------- */

/* ulimit -f: como um disco cheio, e nao um sinal que mata. */
static void limite_de_arquivo(const char *opcoes) {
    struct programa *s;
    FILE *f = tmpfile();
    char linha[256], nome[] = "/proc/self/fd/000000";
    int c, i, porta = 0, udp = strstr(opcoes, "-u") != NULL, dele;
    struct stat st;
    so_direto(SERVIDOR);
    exigir(f != NULL, "tmpfile: %s", strerror(errno));
    como.saida = fileno(f);
    como.recurso = RLIMIT_FSIZE;
    como.limite = 4096;
    s = rodar(SERVIDOR, "%s 0", opcoes);
    sprintf(nome, "/proc/self/fd/%d", fileno(f));
    dele = open(nome, O_RDONLY); /* outra posicao: le desde o comeco */
    if (dele < 0) nao_se_aplica("sem /proc/self/fd");
    for (i = 0; i < 500 && (fstat(dele, &st) < 0 || st.st_size < 40); i++)
        poll(NULL, 0, 20);
    memset(linha, 0, sizeof linha);
    exigir(read(dele, linha, sizeof linha - 1) > 20 && strchr(linha, ':'),
           "o servidor nao disse onde esta");
    s->porta = atoi(strchr(linha, ':') + 1);
    c = udp ? abrir_udp("127.0.0.1", &porta) : ligar(s->porta);
    for (i = 0; i < 90; i++) dizer(udp, c, s->porta, i);
    close(c);
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
    fstat(dele, &st);
    exigir(st.st_size <= 4096, "o limite nao valeu");
    close(dele);
}

static void limite_de_arquivo_tcp(void) { limite_de_arquivo(forma); }
static void limite_de_arquivo_udp(void) { limite_de_arquivo("-u"); }

/* Uma linha de erro sempre nomeia a chamada, a causa, o codigo e a dica. */
static void exigir_erro(struct programa *p, const char *chamada,
                        const char *codigo) {
    char molde[128], *l, *achada = NULL;
    snprintf(molde, sizeof molde, "%s: %s(*): * (%s). *", p->nome, chamada,
             codigo);
    for (l = strtok(strdup(tudo(p, ERRO)), "\n"); l; l = strtok(NULL, "\n"))
        if (casa(l, molde)) achada = l;
    exigir(achada != NULL, "esperava a linha \"%s\"; stderr: \"%s\"", molde,
           tudo(p, ERRO));
    exigir(!strstr(achada, "raro") && !strstr(achada, "codigo "),
           "o codigo nao se explica: \"%s\"", achada);
}

static void cliente_limite_de_arquivo(void) {
    struct programa *s = servidor("-q"), *c;
    FILE *f = tmpfile();
    static char linhas[10000];
    int i;
    so_direto(CLIENTE);
    exigir(f != NULL, "tmpfile: %s", strerror(errno));
    como.saida = fileno(f);
    como.recurso = RLIMIT_FSIZE;
    como.limite = 4096;
    c = cliente(s->porta, "");
    for (i = 0; i < 1000; i++) memcpy(linhas + 10 * i, "uma linha\n", 10);
    digitar_bytes(c, linhas, sizeof linhas); /* de uma vez: ele pode sair */
    fim_da_entrada(c);
    exigir_codigo(c, 1);
    exigir_erro(c, "write", "EFBIG");
}

static void cliente_limite_de_arquivo_udp(void) {
    struct programa *s = servidor("-u -q"), *c;
    FILE *f = tmpfile();
    so_direto(CLIENTE);
    exigir(f != NULL, "tmpfile: %s", strerror(errno));
    como.saida = fileno(f);
    como.recurso = RLIMIT_FSIZE;
    como.limite = 4;
    c = cliente(s->porta, "-u");
    digitar(c, "uma linha\noutra\n");
    fim_da_entrada(c);
    exigir_codigo(c, 1);
    exigir_erro(c, "write", "EFBIG");
}

static void cliente_disco_cheio(const char *opcoes) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    so_posix(CLIENTE);
    como.saida = CHEIA;
    c = cliente(s->porta, "%s", opcoes);
    digitar(c, "oi\n");
    exigir_codigo(c, 1);
    exigir_erro(c, "write", "ENOSPC");
}
static void cliente_disco_cheio_tcp(void) { cliente_disco_cheio("-t"); }
static void cliente_disco_cheio_udp(void) { cliente_disco_cheio("-u"); }

static void cliente_leitor_some(void) {
    struct programa *s = servidor("-q"), *c;
    so_posix(CLIENTE);
    c = cliente(s->porta, "");
    esperar_linha(c, ERRO, "conectado a *");
    close(c->saida.fd);
    c->saida.fd = -1;
    digitar(c, "oi\n");
    exigir_codigo(c, 1);
    exigir_erro(c, "write", "EPIPE");
}

static void ajuda_que_nao_sai(int quem) {
    struct programa *p;
    int par[2];
    so_direto(quem);
    como.saida = CHEIA;
    p = rodar(quem, "-h");
    exigir_codigo(p, 1);
    como.saida = FECHADA;
    p = rodar(quem, "-h");
    exigir_codigo(p, 1);
    exigir(pipe(par) == 0, "pipe: %s", strerror(errno));
    close(par[0]);
    como.saida = par[1];
    p = rodar(quem, "-h");
    close(par[1]);
    exigir_codigo(p, 1);
    p = rodar(quem, "-h");
    exigir_codigo(p, 0);
}
static void ajuda_que_nao_sai_cliente(void) { ajuda_que_nao_sai(CLIENTE); }
static void ajuda_que_nao_sai_servidor(void) { ajuda_que_nao_sai(SERVIDOR); }

/* ---- 0, 1 e 2 quaisquer ----------------------------------------------- */

/* nohup ./cliente: a entrada so se escreve (EBADF). */
static void cliente_de_nohup(const char *opcoes) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    int fd = open("/dev/null", O_WRONLY);
    so_posix(CLIENTE);
    so_nosso(fd);
    como.entrada = fd;
    c = cliente(s->porta, "%s", opcoes);
    exigir_codigo(c, 1);
    exigir_erro(c, "read", "EBADF");
}
static void cliente_de_nohup_tcp(void) { cliente_de_nohup("-t"); }
static void cliente_de_nohup_udp(void) { cliente_de_nohup("-u"); }

/* Em segundo plano, com SIGTTIN ignorado, o terminal nao se le: EIO. */
static void cliente_segundo_plano(void) {
    struct programa *s = servidor("-q"), *c;
    const char *nome = getenv("CLIENTE");
    char texto[512];
    const char *palavras[] = {"sh", "-mc", texto, NULL};
    so_posix(CLIENTE);
    snprintf(texto, sizeof texto,
             "trap '' TTIN; %s 127.0.0.1 %d & wait $!; exit $?",
             nome && *nome ? nome : "./cliente", s->porta);
    como.entrada = PTY;
    c = rodar_palavras(FERRAMENTA, palavras);
    c->nome = "cliente";
    exigir_codigo(c, 1);
    exigir_erro(c, "read", "EIO");
}

/* A janela do terminal se fechou: write da EIO. */
static void cliente_janela_fechada(void) {
    struct programa *s = servidor("-q"), *c;
    int dele, nosso;
    so_posix(CLIENTE);
    nosso = abrir_saida(TELA, &dele);
    como.saida = dele;
    c = cliente(s->porta, "");
    close(dele);
    esperar_linha(c, ERRO, "conectado a *");
    close(nosso);
    digitar(c, "oi\n");
    exigir_codigo(c, 1);
    exigir_erro(c, "write", "EIO");
}

/* fd 2 fechado no comeco: o socket nao ocupa o seu lugar, e o que se escreveria
 * nele nao vai para o outro lado. O mesmo com 0 e 1. */
static void cliente_fechados(int qual) {
    int porta, escuta = escutar(&porta), s;
    struct programa *c;
    char visto[64];
    size_t n;
    so_direto(CLIENTE);
    if (qual == 0) como.entrada = FECHADA;
    if (qual == 1) como.saida = FECHADA;
    if (qual == 2) como.erro = FECHADA;
    c = cliente(porta, "-v");
    s = aceitar(escuta);
    if (qual > 0) {
        digitar(c, "oi\n");
        fim_da_entrada(c);
    }
    n = receber_ate_o_fim(s, visto, sizeof visto);
    exigir_bytes("o que o cliente enviou", visto, n, "oi\n", qual > 0 ? 3 : 0);
    close(s);
    exigir_codigo(c, 0);
}
static void cliente_sem_0(void) { cliente_fechados(0); }
static void cliente_sem_1(void) { cliente_fechados(1); }
static void cliente_sem_2(void) { cliente_fechados(2); }

static void servidor_sem(int qual) {
    struct programa *s;
    int c;
    so_direto(SERVIDOR);
    if (qual == 0) como.entrada = FECHADA;
    if (qual == 2) como.erro = FECHADA;
    s = servidor("-v");
    c = ligar(s->porta);
    enviar_texto(c, "oi\nsair\n");
    receber_texto(c, "oi\nsair\n");
    receber_fim(c);
    close(c);
}
static void servidor_sem_0(void) { servidor_sem(0); }
static void servidor_sem_2(void) { servidor_sem(2); }

/* ---- Entradas e saidas que nao bloqueiam ------------------------------ */

/* So a entrada, e ninguem digita: o cliente espera. */
static void entrada_solta(const char *opcoes) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    int par[2];
    so_posix(CLIENTE);
    exigir(pipe(par) == 0, "pipe: %s", strerror(errno));
    sem_bloquear(par[0]);
    so_nosso(par[1]);
    como.entrada = par[0];
    c = cliente(s->porta, "%s", opcoes);
    close(par[0]);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    c->entrada = par[1];
    exigir_silencio(c, ERRO, "read");
    digitar(c, "oi\n");
    esperar_texto(c, SAIDA, "oi\n");
    exigir_silencio(c, ERRO, "read");
    digitar(c, "sair\n");
    esperar_texto(c, SAIDA, "sair\n");
    exigir_codigo(c, 0);
}
static void entrada_solta_tcp(void) { entrada_solta("-t"); }
static void entrada_solta_udp(void) { entrada_solta("-u"); }

/* servidor -s: um passo por ENTER, com a entrada que nao bloqueia. */
static void passo_entrada_solta(int tipo) {
    struct programa *s;
    int nosso, dele, par[2];
    so_posix(SERVIDOR);
    if (tipo == TELA_SOLTA) {
        nosso = abrir_saida(tipo, &dele);
        como.entrada = como.saida = como.erro = dele;
        s = rodar(SERVIDOR, "-s 0");
        s->saida.fd = nosso;
        s->entrada = dup(nosso);
        so_nosso(s->entrada);
        tipo = SAIDA;
    } else {
        exigir(pipe(par) == 0, "pipe: %s", strerror(errno));
        sem_bloquear(par[0]);
        so_nosso(par[1]);
        como.entrada = par[0];
        s = rodar(SERVIDOR, "-s 0");
        s->entrada = par[1];
        tipo = ERRO;
    }
    esperar_texto(s, tipo, ">> socket");
    exigir_silencio(s, tipo, ">> bind");
    digitar(s, "\n");
    esperar_texto(s, tipo, ">> bind");
    exigir_silencio(s, tipo, ">> listen");
    digitar(s, "\n");
    esperar_texto(s, tipo, ">> listen");
    exigir_silencio(s, tipo, ">> accept");
}
static void passo_cano_solto(void) { passo_entrada_solta(CANO_SOLTO); }
static void passo_tela_solta(void) { passo_entrada_solta(TELA_SOLTA); }

/* O terminal todo (0, 1 e 2) nao bloqueia, como o deixam alguns programas; o
 * que nao cabe nele espera, e nada se perde. */
static void terminal_solto(const char *opcoes) {
    int porta = 0, udp = strcmp(opcoes, "-u") == 0, escuta = -1, s = -1;
    int nosso, dele, i, de = 0;
    struct programa *c;
    char linha[128], lido[128], *l;
    const char *p;
    so_posix(CLIENTE);
    if (udp) s = abrir_udp("127.0.0.1", &porta);
    else escuta = escutar(&porta);
    nosso = abrir_saida(TELA_SOLTA, &dele);
    como.entrada = como.saida = como.erro = dele;
    c = cliente(porta, "%s", opcoes);
    c->saida.fd = nosso;
    c->entrada = dup(nosso);
    so_nosso(c->entrada);
    if (!udp) s = aceitar(escuta);
    esperar_linha(c, SAIDA, "*127.0.0.1:*");
    exigir_silencio(c, SAIDA, "read");
    digitar(c, "oi\n");
    if (udp) {
        receber_udp(s, lido, sizeof lido, NULL, &de);
        enviar_udp(s, "127.0.0.1", de, "oi\n", 3);
    } else {
        receber_texto(s, "oi\n");
        enviar_texto(s, "oi\n");
    }
    esperar_linha(c, SAIDA, "servidor> oi");
    if (!udp) {
        c->saida.fd = -1; /* ninguem le a tela, e ela enche */
        for (i = 0; i < 4000; i++) {
            sprintf(linha, "linha %d ................................\n", i);
            if (i == 2000) poll(NULL, 0, PARADO);
            enviar_texto(s, linha);
        }
        c->saida.fd = nosso;
        for (i = 0; i < 4000; i++) {
            sprintf(linha, "servidor> linha %d ..........*", i);
            p = proxima_linha(c, SAIDA);
            exigir(p && casa(p, linha), "esperava \"%s\", vi \"%s\"", linha,
                   p ? p : "(o fim)");
        }
    }
    digitar(c, "sair\n");
    if (udp) {
        receber_udp(s, lido, sizeof lido, NULL, &de);
        enviar_udp(s, "127.0.0.1", de, "sair\n", 5);
    } else {
        receber_texto(s, "sair\n");
        receber_fim(s);
        close(s);
    }
    exigir_codigo(c, 0);
    for (l = strtok(strdup(tudo(c, SAIDA)), "\n"); l; l = strtok(NULL, "\n"))
        exigir(casa(l, "servidor> *") || casa(l, "*127.0.0.1:*") ||
                   casa(l, "fim da conversa: *"),
               "uma linha estranha: \"%s\"", l);
}
static void terminal_solto_tcp(void) { terminal_solto("-t"); }
static void terminal_solto_udp(void) { terminal_solto("-u"); }

/* Cada combinacao de 0, 1 e 2 que nao bloqueiam, em pipes que guardam pouco e
 * que ninguem le por um tempo: nada se perde. */
#define LINHAS 300
static void cliente_solto(int quais, int udp) {
    int porta = 0, escuta = -1, s = -1, par[2], saida, erro, dsaida, derro;
    int i, de = 0, lendo = 0;
    struct programa *c;
    char linha[64], lido[64], *esperado = (char *)calloc(1, 65536);
    struct pollfd p;
    if (udp) s = abrir_udp("127.0.0.1", &porta);
    else escuta = escutar(&porta);
    exigir(pipe(par) == 0, "pipe: %s", strerror(errno));
    if (quais & 1) sem_bloquear(par[0]);
    so_nosso(par[1]);
    saida = abrir_saida(quais & 2 ? CANO_SOLTO : CANO, &dsaida);
    erro = abrir_saida(quais & 4 ? CANO_SOLTO : CANO, &derro);
    como.entrada = par[0];
    como.saida = dsaida;
    como.erro = derro;
    c = cliente(porta, "%s %s", quais & 4 ? "-v" : "", udp ? "-u" : "-t");
    close(par[0]);
    close(dsaida);
    close(derro);
    c->entrada = par[1];
    if (!udp) s = aceitar(escuta);
    p.fd = s;
    p.events = POLLIN;
    for (i = 0; i < LINHAS; i++) { /* uma de cada vez, ida e volta */
        sprintf(linha, "linha %03d com enchimento .............\n", i);
        juntar(esperado, 65536, linha);
        digitar(c, linha);
        if (!lendo && poll(&p, 1, PARADO) == 0) { /* travou: le-se */
            c->saida.fd = saida;
            c->erro.fd = erro;
            lendo = 1;
        }
        if (udp) {
            receber_udp(s, lido, sizeof lido, NULL, &de);
            exigir(memcmp(lido, linha, strlen(linha)) == 0,
                   "esperava %s no servidor, vi %s", linha, lido);
            enviar_udp(s, "127.0.0.1", de, linha, strlen(linha));
        } else {
            receber_texto(s, linha);
            enviar_texto(s, linha);
        }
    }
    if (!lendo) poll(NULL, 0, PARADO);
    c->saida.fd = saida;
    c->erro.fd = erro;
    fim_da_entrada(c);
    if (!udp) {
        receber_fim(s);
        close(s);
    }
    exigir_codigo(c, 0);
    exigir_texto("stdout", tudo(c, SAIDA), esperado);
    for (i = 0; i < LINHAS && quais & 4; i++) { /* um recv pode juntar linhas */
        for (de = 3, p.fd = -1; de < 9 && p.fd < 0; de++) { /* o socket */
            sprintf(linha, "%s(%d, \"linha %03d com enchimento .......\"...",
                    udp ? "sendto" : "send", de, i);
            if (strstr(tudo(c, ERRO), linha)) p.fd = de;
        }
        exigir(p.fd > 0, "falta no rastro: send de \"linha %03d\"", i);
    }
    exigir(vezes(tudo(c, ERRO), "fim da conversa: ") == 1,
           "o fim da conversa se perdeu");
}

#define SOLTO(q)                              \
    static void cliente_solto_tcp_##q(void) { \
        so_posix(CLIENTE);                    \
        cliente_solto(q, 0);                  \
    }                                         \
    static void cliente_solto_udp_##q(void) { \
        so_posix(CLIENTE);                    \
        cliente_solto(q, 1);                  \
    }
SOLTO(1)
SOLTO(2)
SOLTO(3)
SOLTO(4)
SOLTO(5)
SOLTO(6)
SOLTO(7)

/* ---- Quem espera, e quem chega ---------------------------------------- */

/* Uma volta do laco aceita todos os que esperam: os 40 chegam antes que se
 * atenda o primeiro deles. */
static void todos_de_uma_vez(void) {
    struct programa *s = servidor("-n 100");
    siginfo_t info;
    int c[40], i;
    const char *l;
    so_posix(SERVIDOR);
    mandar_sinal(s, SIGSTOP);
    while (waitid(P_PID, (id_t)s->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0)
        exigir(errno == EINTR, "waitid: %s", strerror(errno));
    for (i = 0; i < 40; i++) {
        c[i] = ligar(s->porta);
        enviar_texto(c[i], "eu\n");
    }
    mandar_sinal(s, SIGCONT);
    for (i = 0; i < 40; i++) receber_texto(c[i], "eu\n");
    esperar_linha(s, SAIDA, "para falar com ele*");
    for (i = 0; i < 40; i++) {
        l = proxima_linha(s, SAIDA);
        exigir(l && strstr(l, " chegou de "),
               "atendeu antes de aceitar todos os que esperavam: \"%s\"", l);
    }
    for (i = 0; i < 40; i++) close(c[i]);
}

/* Cheio, avisa uma vez que ha quem espere. */
static void lotado(void) {
    struct programa *s = servidor("-n 2");
    int c[4], i;
    for (i = 0; i < 4; i++) {
        c[i] = ligar(s->porta);
        enviar_texto(c[i], "eu\n");
        if (i < 2) receber_texto(c[i], "eu\n");
    }
    esperar_linha(s, SAIDA,
                  "lotado: 2 clientes (-n 2); ha quem espere na fila");
    enviar_texto(c[0], "de novo\n");
    receber_texto(c[0], "de novo\n");
    exigir(vezes(tudo(s, SAIDA), "lotado") == 1, "avisou mais de uma vez");
    close(c[0]); /* um sai, um entra, e ainda ha um na fila: e a mesma vez */
    receber_texto(c[2], "eu\n");
    enviar_texto(c[2], "de novo\n");
    receber_texto(c[2], "de novo\n");
    exigir(vezes(tudo(s, SAIDA), "lotado") == 1, "avisou outra vez");
    close(c[1]);
    receber_texto(c[3], "eu\n");
    close(c[2]);
    close(c[3]);
}

/* Com -q, nem isso. */
static void lotado_quieto(void) {
    struct programa *s = servidor("-q -n 2");
    int c[3], i;
    for (i = 0; i < 3; i++) c[i] = ligar(s->porta);
    for (i = 0; i < 2; i++) {
        enviar_texto(c[i], "eu\n");
        receber_texto(c[i], "eu\n");
    }
    close(c[0]);
    enviar_texto(c[2], "eu\n");
    receber_texto(c[2], "eu\n");
    parar(s);
    exigir(!strstr(tudo(s, SAIDA), "lotado"), "-q: %s", tudo(s, SAIDA));
}

/* ---- O cliente que espera --------------------------------------------- */

/* O servidor ignora recv = 0: o cliente diz o que espera, e como sair. */
static void fim_ignorado(const char *como_acaba) {
    int porta, escuta = escutar(&porta), s;
    struct programa *c = cliente(porta, "");
    s = aceitar(escuta);
    digitar(c, como_acaba);
    if (strcmp(como_acaba, "oi\n") == 0) fim_da_entrada(c);
    receber_texto(s, como_acaba);
    receber_fim(s);
    esperar_linha(c, ERRO,
                  "cliente: tudo enviado; esperando que o servidor encerre "
                  "(Ctrl-C desiste)");
    enviar_texto(s, como_acaba); /* e ainda se pode receber */
    esperar_texto(c, SAIDA, como_acaba);
    close(s);
    exigir_codigo(c, 0);
    exigir(vezes(tudo(c, ERRO), "esperando que") == 1, "disse duas vezes: %s",
           tudo(c, ERRO));
}
static void fim_ignorado_sair(void) { fim_ignorado("sair\n"); }
static void fim_ignorado_da_entrada(void) { fim_ignorado("oi\n"); }

/* O servidor, que quase nada leu, se cala e depois fecha: o RST vem depois do
 * fim (recv = 0), e o cliente, que ja disse tudo, o ve. */
static void rst_depois_do_fim(void) {
    static char dados[60000];
    int porta, escuta = escutar(&porta), s, pouco = 4096;
    struct programa *c;
    siginfo_t info;
    so_posix(CLIENTE);
    /* o fim do que ele diz nem chega aqui: espera no sistema dele */
    setsockopt(escuta, SOL_SOCKET, SO_RCVBUF, &pouco, sizeof pouco);
    c = cliente(porta, "");
    s = aceitar(escuta);
    memset(dados, 'a', sizeof dados);
    digitar_bytes(c, dados, sizeof dados);
    fim_da_entrada(c);
    esperar_linha(c, ERRO, "cliente: tudo enviado; *");
    mandar_sinal(c, SIGSTOP);
    while (waitid(P_PID, (id_t)c->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0)
        exigir(errno == EINTR, "waitid: %s", strerror(errno));
    meio_fechar(s);
    close(s); /* com bytes por ler */
    mandar_sinal(c, SIGCONT);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: recv(*");
}

/* O servidor se cala antes de se dizer qualquer coisa: nunca e sucesso. */
static void fim_antes_de_nos(void) {
    int porta, escuta = escutar(&porta), s;
    struct programa *c = cliente(porta, "");
    s = aceitar(escuta);
    meio_fechar(s);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: recv(*o servidor encerrou a conversa*");
    close(s);
}

/* E o Ctrl-C desiste mesmo, no terminal. */
static void fim_ignorado_ctrl_c(void) {
    int porta, escuta = escutar(&porta), s;
    struct programa *c;
    so_posix(CLIENTE);
    como.entrada = como.saida = como.erro = PTY;
    c = cliente(porta, "");
    s = aceitar(escuta);
    digitar(c, "sair\n");
    receber_texto(s, "sair\n");
    receber_fim(s);
    esperar_texto(c, SAIDA, "esperando que o servidor encerre");
    digitar(c, "\003");
    esperar_saida(c);
    close(s);
}

/* Quem encerra logo nao recebe esse aviso. */
static void fim_sem_aviso(void) {
    struct programa *s = servidor("-q"), *c = cliente(s->porta, "");
    digitar(c, "oi\nsair\n");
    exigir_codigo(c, 0);
    exigir(!strstr(tudo(c, ERRO), "esperando"), "avisou a toa: \"%s\"",
           tudo(c, ERRO));
}

/* -u no terminal: oi, Ctrl-D, Ctrl-D. */
static void dois_ctrl_d(const char *opcoes) {
    struct programa *s = servidor("-q %s", opcoes), *c;
    so_posix(CLIENTE);
    como.entrada = como.saida = PTY;
    c = cliente(s->porta, "%s", opcoes);
    esperar_linha(c, ERRO, "*127.0.0.1:*");
    digitar(c, "oi\004");
    if (strcmp(opcoes, "-t") == 0) esperar_texto(c, SAIDA, "oi");
    digitar(c, "\004");
    exigir_codigo(c, 0);
    esperar_texto(c, SAIDA, strcmp(opcoes, "-t") == 0 ? "\n" : "oi\n");
}
static void dois_ctrl_d_udp(void) { dois_ctrl_d("-u"); }
static void dois_ctrl_d_tcp(void) { dois_ctrl_d("-t"); }

/* ---- UDP: o que se aceita --------------------------------------------- */

static void pergunta_udp(int u, const char *esperada, int *de) {
    char dados[64];
    size_t n = receber_udp(u, dados, sizeof dados, NULL, de);
    exigir_bytes("pergunta", dados, n, esperada, strlen(esperada));
}

static void resposta_udp(int u, int de, const char *texto) {
    enviar_udp(u, "127.0.0.1", de, texto, strlen(texto));
}

/* Um servico que nao e o eco, e que por acaso responde igual: "123" em
 * maiusculas e "123". As proximas respostas valem. */
static void udp_igual_por_acaso(void) {
    int porta = 0, u = abrir_udp("127.0.0.1", &porta), de;
    struct programa *c = cliente(porta, "-u");
    digitar(c, "123\noi\n!?\nOI\ntchau\n");
    fim_da_entrada(c);
    pergunta_udp(u, "123\n", &de);
    resposta_udp(u, de, "123\n");
    pergunta_udp(u, "oi\n", &de);
    resposta_udp(u, de, "OI\n");
    pergunta_udp(u, "!?\n", &de);
    resposta_udp(u, de, "!?\n");
    pergunta_udp(u, "OI\n", &de);
    resposta_udp(u, de, "OI\n");
    pergunta_udp(u, "tchau\n", &de);
    resposta_udp(u, de, "TCHAU\n");
    exigir_codigo(c, 0);
    exigir_texto("stdout", tudo(c, SAIDA), "123\nOI\n!?\nOI\nTCHAU\n");
    exigir(!strstr(tudo(c, ERRO), "ignorada"), "recusou: %s", tudo(c, ERRO));
}

/* So e recusada a que e igual a uma linha repetida ou sem resposta; e, se esta
 * linha e igual aquela, vale. */
static void udp_duvidosas(void) {
    int porta = 0, u = abrir_udp("127.0.0.1", &porta), de, i;
    struct programa *c = cliente(porta, "-u");
    digitar(c, "um\n");
    pergunta_udp(u, "um\n", &de);
    pergunta_udp(u, "um\n", &de); /* repetida: em duvida */
    resposta_udp(u, de, "primeira\n");
    esperar_texto(c, SAIDA, "primeira\n");
    digitar(c, "dois\n");
    pergunta_udp(u, "dois\n", &de);
    resposta_udp(u, de, "um\n"); /* a outra resposta de um */
    esperar_linha(c, ERRO, "ignorada: resposta atrasada, de outra linha");
    resposta_udp(u, de, "segunda\n");
    esperar_texto(c, SAIDA, "segunda\n");
    digitar(c, "tres\n");
    pergunta_udp(u, "tres\n", &de);
    resposta_udp(u, de, "dois\n"); /* dois nunca se repetiu: vale */
    esperar_texto(c, SAIDA, "dois\n");
    digitar(c, "um\n");
    pergunta_udp(u, "um\n", &de);
    resposta_udp(u, de, "um\n"); /* e a desta linha */
    esperar_texto(c, SAIDA, "um\n");
    digitar(c, "nada\n");
    for (i = 0; i < 3; i++) pergunta_udp(u, "nada\n", &de);
    esperar_linha(c, ERRO, "*a linha 5 ficou sem resposta*");
    digitar(c, "fim\n");
    pergunta_udp(u, "fim\n", &de);
    resposta_udp(u, de, "nada\n");
    esperar_linha(c, ERRO, "ignorada: resposta atrasada, de outra linha");
    resposta_udp(u, de, "fim\n");
    esperar_texto(c, SAIDA, "fim\n");
    fim_da_entrada(c);
    exigir_codigo(c, 1);
}

/* Datagramas de estranhos nao esticam a espera: a linha se repete assim
 * mesmo. Cada um que e ignorado traz outro. */
static void udp_estranhos_nao_esticam(void) {
    int porta = 0, outra = 0, u = abrir_udp("127.0.0.1", &porta), de;
    int estranho = abrir_udp("127.0.0.1", &outra);
    struct programa *c = cliente(porta, "-u");
    struct pollfd p;
    digitar(c, "oi\n");
    pergunta_udp(u, "oi\n", &de);
    p.fd = u;
    p.events = POLLIN;
    do {
        resposta_udp(estranho, de, "x\n");
        esperar_linha(c, ERRO, "ignorada: resposta de outro endereco*");
        poll(NULL, 0, 20);
    } while (poll(&p, 1, 0) == 0); /* o prazo do caso vigia */
    pergunta_udp(u, "oi\n", &de);
    resposta_udp(u, de, "oi\n");
    fim_da_entrada(c);
    exigir_codigo(c, 0);
}

/* Mais de 64, e ate 1024, remetentes UDP sao lembrados; os mais velhos se
 * esquecem. */
static void udp_muitos_remetentes(void) {
    struct rlimit r;
    struct programa *s;
    static int u[1100];
    int i, porta;
    char molde[64];
    getrlimit(RLIMIT_NOFILE, &r);
    if (r.rlim_max < 1400) nao_se_aplica("o limite de descritores e menor");
    r.rlim_cur = 1400;
    setrlimit(RLIMIT_NOFILE, &r);
    s = servidor("-u");
    for (i = 0; i < 1100; i++) {
        porta = 0;
        u[i] = abrir_udp("127.0.0.1", &porta);
        exigir(u[i] >= 0, "bind: %s", strerror(errno));
        enviar_udp(u[i], "127.0.0.1", s->porta, "oi\n", 3);
        receber_udp_texto(u[i], "oi\n");
        if (i != 1000) continue;
        enviar_udp(u[0], "127.0.0.1", s->porta, "lembra?\n", 8);
        receber_udp_texto(u[0], "lembra?\n");
        esperar_linha(s, SAIDA, "cliente 1: 8 bytes \"lembra?\\n\"");
    }
    enviar_udp(u[1099], "127.0.0.1", s->porta, "o ultimo\n", 9);
    receber_udp_texto(u[1099], "o ultimo\n");
    esperar_linha(s, SAIDA, "cliente 1100: 9 bytes \"o ultimo\\n\"");
    enviar_udp(u[1], "127.0.0.1", s->porta, "esqueceu\n", 9);
    receber_udp_texto(u[1], "esqueceu\n");
    sprintf(molde, "cliente %d: 9 bytes \"esqueceu\\n\"", 1101);
    esperar_linha(s, SAIDA, molde);
}

/* ---- Descritores a menos com poll no meio ----------------------------- */

#ifdef __linux__
/* Menos descritores do que clientes, com o servidor no ar: poll falha, e isso
 * se conta; quando voltam, todos sao atendidos. */
static void poll_falha(void) {
    struct programa *s = servidor("-n 64");
    struct rlimit antes, agora;
    int c[20], i;
    so_direto(SERVIDOR);
    for (i = 0; i < 20; i++) {
        c[i] = ligar(s->porta);
        enviar_texto(c[i], "oi\n");
        receber_texto(c[i], "oi\n");
    }
    if (prlimit(s->pid, RLIMIT_NOFILE, NULL, &antes) < 0)
        nao_se_aplica("prlimit: %s", strerror(errno));
    agora = antes;
    agora.rlim_cur = 10;
    prlimit(s->pid, RLIMIT_NOFILE, &agora, NULL);
    enviar_texto(c[0], "e agora?\n"); /* acorda o poll que ja esperava */
    esperar_linha(s, ERRO, "servidor: poll(*): * (EINVAL). *");
    prlimit(s->pid, RLIMIT_NOFILE, &antes, NULL);
    receber_texto(c[0], "e agora?\n");
    for (i = 0; i < 20; i++) {
        enviar_texto(c[i], "voltou\n");
        receber_texto(c[i], "voltou\n");
        close(c[i]);
    }
}

/* Uma segunda falta de descritores se conta outra vez. O primeiro cliente vem
 * antes das faltas: o servidor que o atendeu ja abriu tudo de que precisa (o
 * do exercicio 16, o descritor de epoll). */
static void falta_duas_vezes(void) {
    struct programa *s = servidor(forma);
    struct rlimit antes, agora;
    int c = ligar(s->porta), vez, em_uso;
    so_direto(SERVIDOR);
    enviar_texto(c, "oi\n");
    receber_texto(c, "oi\n");
    em_uso = descritores(s) - 1;
    close(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu*");
    if (prlimit(s->pid, RLIMIT_NOFILE, NULL, &antes) < 0)
        nao_se_aplica("prlimit: %s", strerror(errno));
    for (vez = 0; vez < 2; vez++) {
        agora = antes;
        agora.rlim_cur = em_uso;
        prlimit(s->pid, RLIMIT_NOFILE, &agora, NULL);
        /* o accept que ja esperava ja tinha o seu descritor */
        while (vezes(tudo(s, ERRO), "EMFILE") == vez) {
            struct pollfd p[2]; /* o aviso, ou a resposta? */
            c = ligar(s->porta);
            enviar_texto(c, "tem lugar?\n");
            p[0].fd = c;
            p[1].fd = s->erro.fd;
            p[0].events = p[1].events = POLLIN;
            do {
                poll(p, 2, 50);
                if (p[1].revents) esperar_algo();
            } while (vezes(tudo(s, ERRO), "EMFILE") == vez && !p[0].revents);
            if (!p[0].revents) continue;
            receber_texto(c, "tem lugar?\n"); /* este entrou */
            close(c);
        }
        exigir(vezes(tudo(s, ERRO), "EMFILE") == vez + 1,
               "avisou %d vezes de %d faltas: \"%s\"",
               vezes(tudo(s, ERRO), "EMFILE"), vez + 1, tudo(s, ERRO));
        prlimit(s->pid, RLIMIT_NOFILE, &antes, NULL);
        receber_texto(c, "tem lugar?\n");
        close(c);
    }
}
#else
static void poll_falha(void) { nao_se_aplica("prlimit e do Linux"); }
static void falta_duas_vezes(void) { nao_se_aplica("prlimit e do Linux"); }
#endif

/* 64 clientes cabem com o limite brando em 64. */
static void limite_brando_64(void) {
    struct programa *s;
    struct rlimit l, brando;
    int c[64], i;
    so_direto(SERVIDOR);
    getrlimit(RLIMIT_NOFILE, &l);
    if (l.rlim_max < 200) nao_se_aplica("o limite rigido daqui e menor");
    brando = l;
    brando.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &brando);
    s = servidor("");
    l.rlim_cur = 200;
    setrlimit(RLIMIT_NOFILE, &l);
    for (i = 0; i < 64; i++) c[i] = ligar(s->porta);
    for (i = 0; i < 64; i++) {
        enviar_texto(c[i], "dentro\n");
        receber_texto(c[i], "dentro\n");
    }
    exigir_texto("stderr do servidor", tudo(s, ERRO), "");
}

/* ---- A tela ----------------------------------------------------------- */

/* Os controles de direcao (U+202A a 202E, 2066 a 2069, 200E, 200F, 061C) viram
 * o texto do terminal do avesso: se escapam, e o resto nao. */
static const char *const direcao[] = {
    "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad",
    "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8",
    "\xe2\x81\xa9", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xd8\x9c"};
#define VIZINHOS "\xe2\x80\x90\xe2\x80\x94\xe2\x80\xa2\xe2\x82\xac\xe2\x81\x82"

static void exigir_sem_direcao(const char *onde, const char *texto) {
    size_t i, k;
    char escapado[32];
    for (i = 0; i < sizeof direcao / sizeof *direcao; i++) {
        exigir(!strstr(texto, direcao[i]), "%s: passou o controle %d", onde,
               (int)i);
        for (*escapado = '\0', k = 0; direcao[i][k]; k++)
            sprintf(escapado + 4 * k, "\\x%02x", direcao[i][k] & 0xff);
        exigir(strstr(texto, escapado) != NULL, "%s: falta %s em \"%s\"", onde,
               escapado, texto);
    }
    exigir(strstr(texto, VIZINHOS) != NULL, "%s: falta %s em \"%s\"", onde,
           VIZINHOS, texto);
}

static void direcao_no_registro(void) {
    struct programa *s = servidor("");
    char texto[256] = "a";
    size_t i;
    int c = ligar(s->porta);
    for (i = 0; i < sizeof direcao / sizeof *direcao; i++)
        juntar(texto, sizeof texto, direcao[i]);
    juntar(texto, sizeof texto, VIZINHOS "b\n");
    enviar_texto(c, texto);
    receber_texto(c, texto); /* na rede, como veio */
    exigir_sem_direcao("registro",
                       esperar_linha(s, SAIDA, "cliente 1: *b\\n*"));
    close(c);
}

static void direcao_na_tela(void) {
    int porta, escuta = escutar(&porta), s;
    struct programa *c;
    size_t i;
    so_posix(CLIENTE);
    como.saida = PTY;
    c = cliente(porta, "");
    s = aceitar(escuta);
    enviar_texto(s, "a");
    for (i = 0; i < sizeof direcao / sizeof *direcao; i++)
        enviar_aos_poucos(s, direcao[i]);
    enviar_texto(s, VIZINHOS "b\n");
    exigir_sem_direcao("tela", esperar_linha(c, SAIDA, "servidor> a*b"));
    fim_da_entrada(c);
    receber_fim(s);
    close(s);
    exigir_codigo(c, 0);
}

/* ---- A dica ----------------------------------------------------------- */

/* O comando que a dica sugere e de verdade, e do mesmo protocolo. */
static void dica_da_porta_em_uso(int udp) {
    int porta = 0;
    char molde[256];
    struct programa *s;
    if (udp) abrir_udp("127.0.0.1", &porta);
    else escutar(&porta);
    s = rodar(SERVIDOR, "%s %d", udp ? "-u" : "", porta);
    exigir_codigo(s, 1);
    sprintf(molde,
            "servidor: bind(127.0.0.1:%d): endereco ja em uso (%s). * Tente "
            "%sservidor %s%d",
            porta, nome_do_erro(SERVIDOR, "EADDRINUSE"),
            e_windows(SERVIDOR) ? ".\\" : "./", udp ? "-u " : "",
            porta < 65535 ? porta + 1 : 7777);
    esperar_linha(s, ERRO, molde);
}
static void dica_da_porta_em_uso_tcp(void) { dica_da_porta_em_uso(0); }
static void dica_da_porta_em_uso_udp(void) { dica_da_porta_em_uso(1); }

/* ---- Romper, sair e contar -------------------------------------------- */

/* Soma o que o rastro diz de recv ou send deste servidor. */
static long somar_rastro(struct programa *s, const char *chamada) {
    long soma = 0;
    char molde[32], *l;
    char *copia = strdup(tudo(s, ERRO)), *fim = strrchr(copia, '\n');
    if (fim) *fim = '\0';
    sprintf(molde, "%s(*) = *", chamada);
    for (l = strtok(copia, "\n"); l; l = strtok(NULL, "\n"))
        if (casa(l, molde) && atol(strrchr(l, '=') + 1) > 0)
            soma += atol(strrchr(l, '=') + 1);
    free(copia);
    return soma;
}

/* O servidor leu tudo, deve parte do eco, e acaba: o cliente ve um corte (RST),
 * e nao um fim. (Com algo por ler, o sistema ja cortaria sozinho.) */
static void eco_devido(void) {
    struct programa *s;
    int pouco = 4096, mss = 1400, c, i;
    static char dados[60000];
    struct sockaddr_in e;
    long foi = 0, antes;
    ssize_t r;
    so_posix(SERVIDOR);
    s = servidor("-v -q %s", forma);
    c = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(c, SOL_SOCKET, SO_RCVBUF, &pouco, sizeof pouco);
    setsockopt(c, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_port = htons((unsigned short)s->porta);
    e.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    exigir(connect(c, (struct sockaddr *)&e, sizeof e) == 0, "connect: %s",
           strerror(errno));
    sem_bloquear(c);
    so_nosso(c);
    memset(dados, 'a', sizeof dados);
    for (;;) {
        enviar(c, dados, sizeof dados);
        foi += (long)sizeof dados;
        exigir(foi < 1 << 26, "o servidor guarda tudo");
        while (somar_rastro(s, "recv") < foi) esperar_algo();
        do { /* ate que devolva tudo, ou nada mais ande */
            struct pollfd p;
            antes = somar_rastro(s, "send");
            if (antes == foi) break;
            p.fd = s->erro.fd;
            p.events = POLLIN;
            if (poll(&p, 1, PARADO) > 0) esperar_algo();
        } while (somar_rastro(s, "send") != antes);
        if (somar_rastro(s, "send") < foi) break;
    }
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
    for (i = 0;; i++) {
        esperar_fd(c, POLLIN, "o fim da conexao");
        r = recv(c, dados, sizeof dados, 0);
        if (r <= 0) break;
    }
    exigir(r < 0 && errno == ECONNRESET,
           "faltava eco, e o cliente viu um fim em ordem");
    close(c);
}

/* A linha sair em cada lugar de um pedaco grande; e linhas que quase dizem. */
static void sair_em_cada_lugar(void) {
    struct programa *s = servidor("-q %s", forma);
    static const char *const quase[] = {"a", "\nsa", "\nsairr", "\nsair ",
                                        "\r\nsai"};
    char dados[1024];
    int antes, c, q, n;
    for (antes = 1; antes < 700; antes++) {
        if (antes > 4 && (antes < 120 || antes > 135) &&
            (antes < 248 || antes > 265) && (antes < 376 || antes > 392) &&
            (antes < 504 || antes > 520))
            continue;
        for (q = 0; q < 5; q++) {
            for (n = 0; n < antes; n++)
                dados[n] = quase[q][n % (int)strlen(quase[q])];
            dados[0] = '.';
            dados[antes - 1] = '.';
            memcpy(dados + antes, q % 2 ? "\nsair\r\n" : "\nsair\n", 7);
            n = antes + (q % 2 ? 7 : 6);
            memset(dados + n, 'z', 200);
            c = ligar(s->porta);
            enviar(c, dados, (size_t)n + 200);
            receber_bytes(c, dados, (size_t)n);
            receber_fim(c);
            close(c);
        }
    }
}

/* Nao sao a linha sair, e a conversa continua. */
static void quase_sair(void) {
    static const struct {
        const char *dados;
        size_t n;
    } quase[] = {{"sair\r\0\n", 7}, {"sair\0\n", 6},   {"sair\0\r\n", 7},
                 {"\0sair\n", 6},   {"sair\r\r\n", 7}, {"sair \n", 6},
                 {" sair\n", 6},    {"SAIR\n", 5},     {"sairsair\n", 9},
                 {"sai\n", 4},      {"\rsair\n", 6},   {"sair\rsair\n", 10},
                 {"sair\r\0", 6}};
    struct programa *s = servidor("-q %s", forma);
    size_t i;
    int c = ligar(s->porta), k;
    for (i = 0; i < sizeof quase / sizeof *quase; i++) {
        enviar(c, quase[i].dados, quase[i].n);
        receber_bytes(c, quase[i].dados, quase[i].n);
        if (i == 12) break;
        for (k = 0; k < (int)quase[i].n; k++) enviar(c, quase[i].dados + k, 1);
        receber_bytes(c, quase[i].dados, quase[i].n);
    }
    enviar(c, "\nsair\n", 6);
    receber_texto(c, "\nsair\n");
    receber_fim(c);
    close(c);
}

/* Ctrl-C enquanto se espera que feche quem disse sair (com -s, 60 segundos). */
static void ctrl_c_na_despedida(void) {
    struct programa *s;
    int c;
    so_posix(SERVIDOR);
    como.entrada = NULA; /* a entrada acaba: -s nao espera por ENTER */
    s = servidor("-s %s", forma);
    c = ligar(s->porta);
    enviar_texto(c, "sair\n");
    receber_texto(c, "sair\n");
    receber_fim(c);
    mandar_sinal(s, SIGINT);
    exigir_codigo(s, 0);
    esperar_linha(s, SAIDA, "resumo: clientes 1, mensagens 1, bytes 5");
    close(c);
}

/* O que se teclou antes do pedido nao vale para ele. */
static void teclas_adiantadas(void) {
    struct programa *s;
    siginfo_t info;
    so_posix(SERVIDOR);
    como.entrada = como.saida = como.erro = PTY;
    s = rodar(SERVIDOR, "-s 0");
    esperar_texto(s, SAIDA, ">> socket");
    esperar_texto(s, SAIDA, "ENTER");
    mandar_sinal(s, SIGSTOP);
    while (waitid(P_PID, (id_t)s->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0)
        exigir(errno == EINTR, "waitid: %s", strerror(errno));
    digitar(s, "\n\n\n\n\n\n");
    mandar_sinal(s, SIGCONT);
    esperar_texto(s, SAIDA, ">> bind");
    exigir_silencio(s, SAIDA, ">> listen");
    digitar(s, "\n");
    esperar_texto(s, SAIDA, ">> listen");
}

/* Depois de uma falha, as contas do que foi e do que veio continuam certas. */
static void contas_depois_da_falha(void) {
    int porta, escuta = escutar(&porta), s;
    struct programa *c = cliente(porta, "");
    s = aceitar(escuta);
    digitar(c, "quatro\n");
    receber_texto(s, "quatro\n");
    enviar_texto(s, "dez bytes.");
    esperar_texto(c, SAIDA, "dez bytes.");
    desfazer(s);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "fim da conversa: 7 bytes enviados, 10 recebidos");
}

/* O corte e em 200 bytes: com 200, tudo; com 201, 200 e reticencias. */
static void corte_em_200(void) {
    struct programa *s = servidor("");
    char texto[256], molde[320];
    int c = ligar(s->porta), n;
    for (n = 199; n <= 201; n++) {
        memset(texto, 'c', sizeof texto);
        texto[n] = '\0';
        enviar_texto(c, texto);
        receber_texto(c, texto);
        texto[n > 200 ? 200 : n] = '\0';
        sprintf(molde, "cliente 1: %d bytes \"%s\"%s", n, texto,
                n > 200 ? "..." : "");
        exigir_texto("linha", esperar_linha(s, SAIDA, "cliente 1: *"), molde);
    }
    close(c);
}

/* Uma palavra a mais, mesmo que seja uma porta. */
static void palavra_a_mais(void) {
    struct programa *p = rodar(CLIENTE, "127.0.0.1 7777 7778");
    exigir_codigo(p, 2);
    esperar_linha(p, ERRO, "cliente: '7778' esta a mais*");
    p = rodar(SERVIDOR, "0 0");
    exigir_codigo(p, 2);
    esperar_linha(p, ERRO, "servidor: '0' esta a mais*");
}

/* Um numero com seis digitos nao e porta, mesmo que valha 7777. */
static void porta_de_seis_digitos(void) {
    struct programa *p = rodar(SERVIDOR, "007777");
    exigir_codigo(p, 2);
    p = rodar(CLIENTE, "127.0.0.1 007777");
    exigir_codigo(p, 2);
    p = rodar(SERVIDOR, "-n 000001 0");
    exigir_codigo(p, 2);
}

/* Aberto a toda a rede: um comando por endereco, e "daqui" e so o de 127. */
static void qual_e_daqui(void) {
    struct programa *s;
    struct ifaddrs *todos, *i;
    const char *l;
    int n = 0, daqui;
    so_posix(SERVIDOR);
    if (getifaddrs(&todos) < 0)
        nao_se_aplica("getifaddrs: %s", strerror(errno));
    for (i = todos; i; i = i->ifa_next)
        n += i->ifa_addr && i->ifa_addr->sa_family == AF_INET;
    freeifaddrs(todos);
    s = servidor("-a 0.0.0.0");
    if (n < 2) nao_se_aplica("esta maquina so tem um endereco");
    for (; n > 0; n--) {
        l = proxima_linha(s, SAIDA);
        exigir(l && strncmp(l, "para falar com ele", 18) == 0,
               "esperava mais %d enderecos, vi \"%s\"", n, l ? l : "(o fim)");
        daqui = strstr(l, "cliente 127.") != NULL;
        exigir(daqui == (strstr(l, ", daqui: ") != NULL), "daqui? \"%s\"", l);
    }
}

const struct caso casos_vida[] = {
    {"registro_cano", registro_cano},
    {"registro_cano_um", registro_cano_um},
    {"registro_cano_udp", registro_cano_udp},
    {"registro_cano_solto", registro_cano_solto},
    {"registro_cano_rastro", registro_cano_rastro},
    {"registro_cano_rastro_um", registro_cano_rastro_um},
    {"registro_tela", registro_tela},
    {"registro_tela_um", registro_tela_um},
    {"registro_tela_solta", registro_tela_solta},
    {"registro_tela_parada", registro_tela_parada},
    {"registro_tela_parada_um", registro_tela_parada_um},
    {"registro_tela_parada_udp", registro_tela_parada_udp},
    {"registro_tela_parada_rastro", registro_tela_parada_rastro},
    {"registro_tela_parada_rastro_udp", registro_tela_parada_rastro_udp},
    {"registro_par", registro_par},
    {"registro_par_rastro", registro_par_rastro},
    {"registro_em_cada_tamanho", registro_em_cada_tamanho},
    {"fim_com_o_cano_parado", fim_com_o_cano_parado},
    {"fim_com_a_tela_parada", fim_com_a_tela_parada},
    {"fim_com_a_tela_parada_rastro", fim_com_a_tela_parada_rastro},
    {"fim_com_a_tela_cheia", fim_com_a_tela_cheia},
    {"fim_com_o_par_parado", fim_com_o_par_parado},
    {"rastro_parado_um", rastro_parado},
    {"rastro_parado_varios", rastro_parado},
    {"limite_de_arquivo_um", limite_de_arquivo_tcp},
    {"limite_de_arquivo_varios", limite_de_arquivo_tcp},
    {"limite_de_arquivo_udp", limite_de_arquivo_udp},
    {"cliente_limite_de_arquivo", cliente_limite_de_arquivo},
    {"cliente_limite_de_arquivo_udp", cliente_limite_de_arquivo_udp},
    {"cliente_disco_cheio_tcp", cliente_disco_cheio_tcp},
    {"cliente_disco_cheio_udp", cliente_disco_cheio_udp},
    {"cliente_leitor_some", cliente_leitor_some},
    {"ajuda_que_nao_sai_cliente", ajuda_que_nao_sai_cliente},
    {"ajuda_que_nao_sai_servidor", ajuda_que_nao_sai_servidor},
    {"cliente_de_nohup_tcp", cliente_de_nohup_tcp},
    {"cliente_de_nohup_udp", cliente_de_nohup_udp},
    {"cliente_segundo_plano", cliente_segundo_plano},
    {"cliente_janela_fechada", cliente_janela_fechada},
    {"cliente_sem_0", cliente_sem_0},
    {"cliente_sem_1", cliente_sem_1},
    {"cliente_sem_2", cliente_sem_2},
    {"servidor_sem_0", servidor_sem_0},
    {"servidor_sem_2", servidor_sem_2},
    {"entrada_solta_tcp", entrada_solta_tcp},
    {"entrada_solta_udp", entrada_solta_udp},
    {"passo_cano_solto", passo_cano_solto},
    {"passo_tela_solta", passo_tela_solta},
    {"terminal_solto_tcp", terminal_solto_tcp},
    {"terminal_solto_udp", terminal_solto_udp},
    {"cliente_solto_tcp_1", cliente_solto_tcp_1},
    {"cliente_solto_tcp_2", cliente_solto_tcp_2},
    {"cliente_solto_tcp_3", cliente_solto_tcp_3},
    {"cliente_solto_tcp_4", cliente_solto_tcp_4},
    {"cliente_solto_tcp_5", cliente_solto_tcp_5},
    {"cliente_solto_tcp_6", cliente_solto_tcp_6},
    {"cliente_solto_tcp_7", cliente_solto_tcp_7},
    {"cliente_solto_udp_1", cliente_solto_udp_1},
    {"cliente_solto_udp_2", cliente_solto_udp_2},
    {"cliente_solto_udp_3", cliente_solto_udp_3},
    {"cliente_solto_udp_4", cliente_solto_udp_4},
    {"cliente_solto_udp_5", cliente_solto_udp_5},
    {"cliente_solto_udp_6", cliente_solto_udp_6},
    {"cliente_solto_udp_7", cliente_solto_udp_7},
    {"lotado", lotado},
    {"lotado_quieto", lotado_quieto},
    {"fim_ignorado_sair", fim_ignorado_sair},
    {"fim_ignorado_da_entrada", fim_ignorado_da_entrada},
    {"rst_depois_do_fim", rst_depois_do_fim},
    {"fim_antes_de_nos", fim_antes_de_nos},
    {"fim_ignorado_ctrl_c", fim_ignorado_ctrl_c},
    {"fim_sem_aviso", fim_sem_aviso},
    {"dois_ctrl_d_tcp", dois_ctrl_d_tcp},
    {"dois_ctrl_d_udp", dois_ctrl_d_udp},
    {"udp_igual_por_acaso", udp_igual_por_acaso},
    {"udp_duvidosas", udp_duvidosas},
    {"udp_estranhos_nao_esticam", udp_estranhos_nao_esticam},
    {"udp_muitos_remetentes", udp_muitos_remetentes},
    {"falta_duas_vezes_um", falta_duas_vezes},
    {"falta_duas_vezes_varios", falta_duas_vezes},
    {"limite_brando_64", limite_brando_64},
    {"direcao_no_registro", direcao_no_registro},
    {"direcao_na_tela", direcao_na_tela},
    {"dica_da_porta_em_uso_tcp", dica_da_porta_em_uso_tcp},
    {"dica_da_porta_em_uso_udp", dica_da_porta_em_uso_udp},
    {"eco_devido_um", eco_devido},
    {"eco_devido_varios", eco_devido},
    {"sair_em_cada_lugar_um", sair_em_cada_lugar},
    {"sair_em_cada_lugar_varios", sair_em_cada_lugar},
    {"quase_sair_um", quase_sair},
    {"quase_sair_varios", quase_sair},
    {"ctrl_c_na_despedida_um", ctrl_c_na_despedida},
    {"ctrl_c_na_despedida_varios", ctrl_c_na_despedida},
    {"teclas_adiantadas", teclas_adiantadas},
    {"contas_depois_da_falha", contas_depois_da_falha},
    {"corte_em_200", corte_em_200},
    {"porta_de_seis_digitos", porta_de_seis_digitos},
    {"palavra_a_mais", palavra_a_mais},
    {"qual_e_daqui", qual_e_daqui},
    {NULL, NULL}};

/* So em "make conferir": quem espera de outro modo (select, um fio por cliente)
 * nao chama poll, nem aceita todos antes de atender o primeiro. */
const struct caso casos_poll[] = {{"poll_falha", poll_falha},
                                  {"todos_de_uma_vez", todos_de_uma_vez},
                                  {NULL, NULL}};
