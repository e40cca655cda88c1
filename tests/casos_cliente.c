/* casos_cliente.c - o cliente TCP: entrada, saida, erros e terminal. */
#include "ensaio.h"
#include <sys/stat.h>

/* ---- O que entra e o que sai ------------------------------------------ */

static void conversar(const void *dados, size_t n) {
    struct programa *s = servidor("-q"), *c = cliente(s->porta, "");
    digitar_bytes(c, dados, n);
    acabar(c, 0);
    exigir_bytes("stdout do cliente", c->saida.dados, c->saida.n, dados, n);
    esperar_linha(c, ERRO, "conectado a 127.0.0.1:%d *", s->porta);
    esperar_linha(c, ERRO, "fim da conversa: %d bytes enviados, %d recebidos",
                  (int)n, (int)n);
}

static void cliente_texto(void) {
    static const char *const textos[] = {"uma linha\n",
                                         "sem fim de linha",
                                         "\n",
                                         "a\n\n\r\nb\r\n",
                                         "acentua\xc3\xa7\xc3\xa3o\n",
                                         "\x1b[2J controles \x07\n",
                                         "sairx\n",
                                         " sair\n"};
    size_t i;
    for (i = 0; i < sizeof textos / sizeof *textos; i++)
        conversar(textos[i], strlen(textos[i]));
}

static void cliente_entrada_vazia(void) {
    static const int entradas[] = {NULA, FECHADA};
    struct programa *s = servidor(""), *c;
    int i;
    conversar("", 0);
    for (i = 0; i < 2; i++) {
        if (entradas[i] == FECHADA && strstr(comando(CLIENTE), "valgrind"))
            return; /* ele fica com o 0 */
        como.entrada = entradas[i];
        c = cliente(s->porta, "");
        exigir_saida(c, 0, "");
    }
}

/* Uma entrada que nao se pode ler nao e uma entrada que acabou. */
static void cliente_entrada_ruim(void) {
    const char *const opcoes[] = {"-t", "-u"};
    struct programa *s, *c;
    int i;
    if (e_windows(CLIENTE)) nao_se_aplica("la uma pasta nem se abre");
    for (i = 0; i < 2; i++) {
        s = servidor("%s", opcoes[i]);
        como.entrada = open(".", O_RDONLY | O_CLOEXEC);
        c = cliente(s->porta, "%s", opcoes[i]);
        exigir_codigo(c, 1);
        esperar_linha(c, ERRO,
                      "cliente: read(entrada): e uma pasta (EISDIR). *");
    }
}

static void cliente_binario(void) {
    enum { N = 1 << 20 };
    static char dados[N];
    unsigned semente = 11;
    int i;
    for (i = 0; i < 256; i++) dados[i] = (char)i;
    conversar(dados, 256);
    encher(dados, N, &semente);
    conversar(dados, N);
}

/* ./cliente < a > b, com arquivos de verdade. */
static void cliente_de_arquivo_a_arquivo(void) {
    enum { N = 3 << 20 };
    char *vai = (char *)malloc(N), *volta = (char *)malloc(N + 1);
    FILE *a = tmpfile(), *b = tmpfile();
    struct programa *s = servidor("-q"), *c;
    unsigned semente = 12;
    size_t n;
    encher(vai, N, &semente);
    exigir(a && b && fwrite(vai, 1, N, a) == N && fflush(a) == 0,
           "nao consegui escrever um arquivo temporario");
    rewind(a);
    como.entrada = fileno(a);
    como.saida = fileno(b);
    c = cliente(s->porta, "");
    exigir_codigo(c, 0);
    rewind(b);
    n = fread(volta, 1, N + 1, b);
    exigir_bytes("o arquivo b", volta, n, vai, N);
}

/* Um arquivo grande (GRANDE MB), gerado enquanto vai e conferido enquanto
 * volta: nada se guarda. */
static void cliente_arquivo_grande(void) {
    enum { PEDACO = 65536 };
    static char vai[PEDACO], volta[PEDACO];
    const char *g = getenv("GRANDE");
    size_t total = (size_t)(g ? atoi(g) : 50) << 20, foi = 0, voltou = 0;
    size_t no_pedaco = PEDACO, confere = PEDACO;
    unsigned ida = 13, vinda = 13;
    struct programa *s = servidor("-q"), *c = cliente(s->porta, "");
    while (voltou < total) {
        size_t i = 0;
        if (foi < total) {
            size_t n;
            if (no_pedaco == PEDACO) {
                encher(vai, PEDACO, &ida);
                no_pedaco = 0;
            }
            n = digitar_algo(c, vai + no_pedaco, PEDACO - no_pedaco);
            no_pedaco += n;
            foi += n;
        } else {
            fim_da_entrada(c);
            if (c->saida.n == 0) {
                exigir(c->saida.fd >= 0,
                       "esperava mais bytes, e vi o fim depois de %lu de %lu",
                       (unsigned long)voltou, (unsigned long)total);
                esperar_algo();
            }
        }
        while (i < c->saida.n) {
            size_t n = c->saida.n - i;
            if (confere == PEDACO) {
                encher(volta, PEDACO, &vinda);
                confere = 0;
            }
            if (n > PEDACO - confere) n = PEDACO - confere;
            exigir(memcmp(c->saida.dados + i, volta + confere, n) == 0,
                   "esperava o byte que foi, e vi outro perto de %lu",
                   (unsigned long)(voltou + i));
            confere += n;
            i += n;
        }
        voltou += i;
        c->saida.n = c->saida.lido = 0;
    }
    acabar(c, 0);
    exigir(voltou == total && c->saida.n == 0,
           "esperava so o que foi, e voltaram bytes a mais");
    parar_com(s, "resumo: clientes 1, *, bytes %lu", (unsigned long)total);
}

/* O servidor envia 8 MB antes de ler o primeiro byte, e o cliente tem 8 MB a
 * enviar: quem so fizesse uma coisa de cada vez pararia para sempre. */
static void cliente_nos_dois_sentidos(void) {
    enum { N = 8 << 20 };
    char *dele = (char *)malloc(N), *nosso = (char *)malloc(N);
    char *veio = (char *)malloc(N);
    struct programa *c = cliente_nosso("");
    size_t digitei = 0, enviei = 0, li = 0;
    unsigned semente = 14;
    ssize_t n;
    encher(dele, N, &semente);
    encher(nosso, N, &semente);
    while (enviei < N) { /* digita o que couber; envia tudo; nada le */
        if (digitei < N && ha(c->entrada, POLLOUT, 0))
            digitei += digitar_algo(c, dele + digitei, N - digitei);
        esperar_fd(c->s, POLLOUT,
                   "que o cliente lesse, mesmo tendo o que enviar");
        n = send(c->s, nosso + enviei, N - enviei, MSG_NOSIGNAL);
        if (n > 0) enviei += (size_t)n;
    }
    while (li < N) {
        n = recv(c->s, veio + li, N - li, 0);
        exigir(n != 0, "esperava tudo o que se digitou, e o cliente fechou");
        if (n > 0) li += (size_t)n;
        else if (digitei < N)
            digitei += digitar_algo(c, dele + digitei, N - digitei);
        else esperar_fd(c->s, POLLIN, "o que digitamos");
    }
    acabar_em_ordem(c);
    exigir_bytes("o que o cliente enviou", veio, N, dele, N);
    exigir_bytes("stdout do cliente", c->saida.dados, c->saida.n, nosso, N);
}

/* ---- A ordem das coisas ----------------------------------------------- */

/* O fim da entrada fecha so um sentido; o resto ainda chega. */
static void cliente_espera_o_resto(void) {
    struct programa *c = cliente_nosso("");
    digitar_tudo(c, "pergunta\n");
    receber_texto(c->s, "pergunta\n");
    receber_fim(c->s); /* so agora comecamos a responder */
    falar_e_ver(c, "uma\n");
    enviar_texto(c->s, "outra");
    close(c->s);
    exigir_saida(c, 0, "uma\noutra");
}

static void cliente_servidor_fala_antes(void) {
    struct programa *c = cliente_nosso("");
    enviar_texto(c->s, "220 bem-vindo\r\n"); /* ninguem digitou nada ainda */
    esperar_texto(c, SAIDA, "220 bem-vindo\r\n");
    digitar_e_ouvir(c, "QUIT\n");
    falar_e_ver(c, "221"); /* sem esperar o fim da linha */
    acabar_em_ordem(c);
}

/* printf 'GET / HTTP/1.0\r\n\r\n' | ./cliente */
static void cliente_fala_http(void) {
    static const char pedido[] = "GET / HTTP/1.0\r\n\r\n";
    static const char resposta[] = "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n"
                                   "\r\n<p>oi";
    struct programa *c = cliente_nosso("");
    digitar_tudo(c, pedido);
    receber_texto(c->s, pedido);
    receber_fim(c->s);
    enviar_texto(c->s, resposta);
    close(c->s);
    exigir_saida(c, 0, resposta);
}

static void cliente_envia_sem_esperar_a_linha(void) {
    struct programa *c = cliente_nosso("");
    digitar_e_ouvir(c, "meia");
    digitar_e_ouvir(c, " linha\n");
    acabar_em_ordem(c);
}

/* A linha sair termina, com a entrada ainda aberta; o que segue nao vai. */
static void cliente_sair(void) {
    static const char *const formas[] = {"oi\nsair\n", "oi\nsair\r\n",
                                         "sair\n"};
    int i;
    for (i = 0; i < 3; i++) {
        struct programa *c = cliente_nosso("");
        size_t n = strlen(formas[i]);
        char tudo_junto[64];
        snprintf(tudo_junto, sizeof tudo_junto, "%sresto\n", formas[i]);
        digitar(c, tudo_junto);
        receber_bytes(c->s, formas[i], n);
        receber_fim(c->s);
        enviar(c->s, formas[i], n);
        close(c->s);
        exigir_saida(c, 0, formas[i]);
    }
}

static void cliente_sair_em_pedacos(void) {
    struct programa *c = cliente_nosso("");
    digitar_e_ouvir(c, "sa");
    digitar_e_ouvir(c, "ir");
    digitar(c, "\nresto\n");
    receber_texto(c->s, "\n");
    exigir_fim(c->s);
    exigir_codigo(c, 0);
}

static void cliente_sair_com_o_servidor(void) {
    struct programa *s = servidor(""), *c = cliente(s->porta, "");
    digitar(c, "oi\nsair\nresto\n");
    exigir_saida(c, 0, "oi\nsair\n");
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    exigir_sem(s, SAIDA, "resto");
}

/* ---- Quando a conversa quebra ----------------------------------------- */

static void exigir_fim_do_servidor(struct programa *c) {
    exigir_codigo(c, 1);
    esperar_texto(c, ERRO, "cliente: ");
    esperar_texto(c, ERRO, "o servidor encerrou a conversa");
}

/* O servidor sai enquanto o cliente espera o teclado: ele conta logo. */
static void cliente_ve_o_fim_do_servidor(void) {
    struct programa *s = servidor("");
    struct programa *c = cliente(s->porta, "");
    digitar_e_ver(c, "oi\n");
    parar(s);
    exigir_fim_do_servidor(c);
    c = cliente_nosso("");
    enviar_texto(c->s, "ultima palavra");
    close(c->s);
    exigir_fim_do_servidor(c);
    exigir_texto("stdout", tudo(c, SAIDA), "ultima palavra");
}

static void cliente_ve_o_fim_no_terminal(void) {
    struct programa *s = servidor(""), *c;
    so_posix(CLIENTE);
    como.entrada = como.saida = PTY;
    c = cliente(s->porta, "");
    digitar(c, "oi\n");
    esperar_texto(c, SAIDA, "servidor> oi\n");
    parar(s);
    exigir_fim_do_servidor(c);
}

/* O que se digitava quando o servidor saiu nao sobra para o shell, que o
 * tomaria por um comando. */
static void cliente_meia_linha(void) {
    char texto[1024];
    const char *palavras[] = {"sh", "-c", texto, NULL};
    struct programa *s = servidor(""), *c;
    so_posix(CLIENTE);
    exigir_ferramenta("stty");
    snprintf(texto, sizeof texto,
             "%s 127.0.0.1 %d; stty -icanon min 0 time 0; "
             "echo \"sobrou=[$(dd bs=1000 count=1 2>/dev/null)]\"",
             comando(CLIENTE), s->porta);
    como.entrada = como.saida = como.erro = PTY;
    c = rodar_palavras(FERRAMENTA, palavras);
    digitar(c, "oi\nrm -rf");
    esperar_texto(c, SAIDA, "servidor> oi\n");
    parar(s);
    esperar_texto(c, SAIDA, "o servidor encerrou a conversa");
    esperar_texto(c, SAIDA, "sobrou=[]");
    exigir_codigo(c, 0);
}

/* O RST tem de chegar a recv como erro. */
static struct programa *ligar_para_desfazer(void) {
    if (e_windows(CLIENTE))
        nao_se_aplica("o wine as vezes mostra um RST como fim normal");
    return cliente_nosso("");
}

/* Desfeito enquanto ainda envia: qualquer das duas chamadas pode contar. */
static void cliente_desfeito_enviando(void) {
    static char muito[65536];
    struct programa *c = cliente_nosso("");
    char b[1000];
    memset(muito, 'x', sizeof muito);
    digitar_bytes(c, muito, sizeof muito);
    receber(c->s, b, sizeof b);
    desfazer(c->s);
    exigir_codigo(c, 1);
    esperar_texto(c, ERRO, "cliente: ");
    exigir(strstr(tudo(c, ERRO), "send(") || strstr(tudo(c, ERRO), "recv("),
           "esperava send ou recv na mensagem, vi \"%s\"", tudo(c, ERRO));
    exigir(strstr(tudo(c, ERRO), "ECONN") || strstr(tudo(c, ERRO), "EPIPE"),
           "esperava ECONN* ou EPIPE na mensagem, vi \"%s\"", tudo(c, ERRO));
}

/* Ja dissemos tudo, e a resposta nao vem inteira: tambem e 1. */
static void cliente_desfeito_no_resto(void) {
    struct programa *c = ligar_para_desfazer();
    digitar_tudo(c, "oi\n");
    receber_texto(c->s, "oi\n");
    receber_fim(c->s);
    falar_e_ver(c, "o");
    desfazer(c->s);
    exigir_codigo(c, 1);
    esperar_texto(c, ERRO, nome_do_erro(CLIENTE, "ECONNRESET"));
}

static void exigir_saida_recusada(struct programa *c) {
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: write(saida): *");
}

static void cliente_saida_cheia(void) {
    struct programa *s = servidor(""), *c;
    como.saida = CHEIA;
    c = cliente(s->porta, "");
    digitar(c, "oi\n");
    exigir_saida_recusada(c);
    como.saida = CHEIA;
    c = cliente(s->porta, "-u");
    acabar(c, 0); /* nada chegou, nada se perdeu */
    s = servidor("-u");
    como.saida = CHEIA;
    c = cliente(s->porta, "-u");
    digitar_tudo(c, "oi\n");
    exigir_saida_recusada(c);
}

/* ./cliente >&-: stdout fechado nao pode virar o descritor do socket. */
static void cliente_saida_fechada(void) {
    struct programa *c;
    so_direto(CLIENTE);
    como.saida = FECHADA;
    c = cliente_nosso("");
    enviar_texto(c->s, "oi\n");
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: write(saida): *");
    exigir_fim(c->s); /* e nao "oi" de volta */
}

/* ---- No terminal ------------------------------------------------------ */

static struct programa *terminal_de_um_cliente(void) {
    so_posix(CLIENTE);
    como.entrada = como.saida = PTY;
    return cliente_nosso("");
}

static void terminal_marca_cada_linha(void) {
    struct programa *c = terminal_de_um_cliente();
    enviar_texto(c->s, "um\ndois\n\ntres\n");
    esperar_texto(c, SAIDA,
                  "servidor> um\nservidor> dois\nservidor> \n"
                  "servidor> tres\n");
    enviar_texto(c->s, "login: "); /* linha por acabar: aparece logo */
    esperar_texto(c, SAIDA, "servidor> login: ");
    falar_e_ver(c, "senha: ");
    enviar_texto(c->s, "ok\nfim");
    esperar_texto(c, SAIDA, "ok\nservidor> fim");
    digitar(c, "\004"); /* Ctrl-D */
    exigir_fim(c->s);
    exigir_saida(c, 0,
                 "servidor> um\nservidor> dois\nservidor> \nservidor> tres\n"
                 "servidor> login: senha: ok\nservidor> fim\n");
}

static void terminal_escapa_controles(void) {
    static const char controles[] = "\x1b]0;titulo\x07 \x1b[2J\b\0\x7f\r\n";
    struct programa *c = terminal_de_um_cliente();
    enviar(c->s, controles, sizeof controles - 1);
    esperar_texto(c, SAIDA,
                  "servidor> \\x1b]0;titulo\\x07 \\x1b[2J\\x08\\x00\\x7f\\r\n");
    enviar_texto(c->s, "a\tb \xff \xc2\x9b"
                       "2J \xc0\xaf \xe1 fim\n");
    esperar_texto(c, SAIDA,
                  "servidor> a\\tb \\xff \\xc2\\x9b2J \\xc0\\xaf "
                  "\\xe1 fim\n");
    exigir(!strpbrk(tudo(c, SAIDA), "\x1b\x07\b\x7f\r"),
           "esperava tudo escapado, e um controle chegou ao terminal");
}

/* Os bytes de uma letra podem chegar separados; a letra aparece inteira. */
static void terminal_junta_utf8(void) {
    static const char *const letras[] = {"\xc3\xa1", "\xe2\x82\xac",
                                         "\xf0\x9f\x98\x80"};
    struct programa *c = terminal_de_um_cliente();
    int i, k;
    for (i = 0; i < 3; i++) {
        int n = (int)strlen(letras[i]);
        for (k = 1; k < n; k++) {
            char esperado[32];
            falar_e_ver(c, "ol");
            enviar(c->s, letras[i], (size_t)k);
            digitar(c, "vi\n"); /* da tempo de ler so a metade */
            receber_texto(c->s, "vi\n");
            enviar(c->s, letras[i] + k, (size_t)(n - k));
            enviar_texto(c->s, "!\n");
            snprintf(esperado, sizeof esperado, "%s!\n", letras[i]);
            esperar_texto(c, SAIDA, esperado);
        }
    }
    exigir_sem(c, SAIDA, "\\");           /* meia letra */
    enviar_texto(c->s, "corta \xe2\x82"); /* e a que nunca se completa */
    esperar_texto(c, SAIDA, "servidor> corta ");
    close(c->s);
    esperar_texto(c, SAIDA, "\\xe2\\x82\n");
    exigir_codigo(c, 1);
    /* 6 vezes "ol", a letra e "!\n"; e o fim */
    esperar_texto(c, ERRO, ", 52 recebidos");
}

/* A linha do servidor ficou no meio; o ENTER de quem digita comeca outra. */
static void terminal_enter_no_meio(void) {
    struct programa *c = terminal_de_um_cliente();
    enviar_texto(c->s, "nome? ");
    esperar_texto(c, SAIDA, "servidor> nome? ");
    digitar_e_ouvir(c, "ana\n");
    enviar_texto(c->s, "oi, ana\n");
    esperar_texto(c, SAIDA, "servidor> oi, ana\n");
}

static void terminal_linha_comprida(void) {
    struct programa *c = terminal_de_um_cliente();
    static char linha[20001];
    memset(linha, 'm', 20000);
    enviar_texto(c->s, linha);
    enviar_texto(c->s, "\n");
    esperar_texto(c, SAIDA, "servidor> ");
    esperar_texto(c, SAIDA, linha);
    esperar_texto(c, SAIDA, "\n");
}

/* So stdout no terminal; e so stdin no terminal: a marca segue stdout. */
static void terminal_so_de_um_lado(void) {
    struct programa *s = servidor(""), *c;
    so_posix(CLIENTE);
    como.saida = PTY;
    c = cliente(s->porta, "");
    digitar(c, "oi\n");
    esperar_texto(c, SAIDA, "servidor> oi\n");
    acabar(c, 0);
    como.entrada = PTY;
    c = cliente(s->porta, "");
    digitar_e_ver(c, "oi\n");
    digitar(c, "sair\n");
    exigir_saida(c, 0, "oi\nsair\n");
}

static void terminal_sair(void) {
    struct programa *s = servidor(""), *c;
    no_terminal(CLIENTE);
    c = cliente(s->porta, "");
    esperar_texto(c, SAIDA, "conectado a 127.0.0.1:");
    digitar(c, "ol\xc3\xa1\n");
    esperar_texto(c, SAIDA, "servidor> ol\xc3\xa1\n");
    digitar(c, "sair\n");
    exigir_codigo(c, 0);
    esperar_texto(c, SAIDA, "servidor> sair\n");
}

const struct caso casos_cliente[] = {
    {"cliente_arquivo_grande", cliente_arquivo_grande},
    {"cliente_texto", cliente_texto},
    {"cliente_entrada_vazia", cliente_entrada_vazia},
    {"cliente_entrada_ruim", cliente_entrada_ruim},
    {"cliente_binario", cliente_binario},
    {"cliente_de_arquivo_a_arquivo", cliente_de_arquivo_a_arquivo},
    {"cliente_nos_dois_sentidos", cliente_nos_dois_sentidos},
    {"cliente_espera_o_resto", cliente_espera_o_resto},
    {"cliente_servidor_fala_antes", cliente_servidor_fala_antes},
    {"cliente_fala_http", cliente_fala_http},
    {"cliente_envia_sem_esperar_a_linha", cliente_envia_sem_esperar_a_linha},
    {"cliente_sair", cliente_sair},
    {"cliente_sair_em_pedacos", cliente_sair_em_pedacos},
    {"cliente_sair_com_o_servidor", cliente_sair_com_o_servidor},
    {"cliente_ve_o_fim_do_servidor", cliente_ve_o_fim_do_servidor},
    {"cliente_ve_o_fim_no_terminal", cliente_ve_o_fim_no_terminal},
    {"cliente_meia_linha", cliente_meia_linha},
    {"cliente_desfeito_enviando", cliente_desfeito_enviando},
    {"cliente_desfeito_no_resto", cliente_desfeito_no_resto},
    {"cliente_saida_cheia", cliente_saida_cheia},
    {"cliente_saida_fechada", cliente_saida_fechada},
    {"terminal_marca_cada_linha", terminal_marca_cada_linha},
    {"terminal_escapa_controles", terminal_escapa_controles},
    {"terminal_junta_utf8", terminal_junta_utf8},
    {"terminal_enter_no_meio", terminal_enter_no_meio},
    {"terminal_linha_comprida", terminal_linha_comprida},
    {"terminal_so_de_um_lado", terminal_so_de_um_lado},
    {"terminal_sair", terminal_sair},
    {NULL, NULL}};
