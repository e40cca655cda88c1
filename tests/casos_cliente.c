/* casos_cliente.c - o cliente: entrada, saida, erros e terminal. */
#include "ensaio.h"

/* ---- O que entra e o que sai ------------------------------------------ */

/* Com esta entrada o cliente sai com codigo e devolve estes bytes. */
static struct programa *conversar(int porta, const char *entrada, size_t n,
                                  const char *esperado, size_t m, int codigo) {
    struct programa *c = cliente(porta, "%s", forma);
    digitar_bytes(c, entrada, n);
    acabar(c, codigo);
    exigir_bytes("stdout do cliente", c->saida.dados, c->saida.n, esperado, m);
    return c;
}

/* Voltam os bytes que foram, em TCP e em UDP; e, em TCP, as contas do fim. */
static void cliente_devolve(void) {
    static char muito[200000], *fim = muito;
    static const char *const textos[] = {
        "", "\n",
        "uma linha\n\n\r\ncom \xc3\xa7\r\nsairx\n sair\n\x1b[2J\x07\nsem fim",
        muito};
    struct programa *s = servidor("-q %s", forma), *c;
    int i;
    for (i = 0; i < 3000; i++)
        fim += sprintf(fim, "linha %d, %*s\n", i, i % 80, "\xc3\xa9");
    for (i = 0; i < 4; i++) {
        size_t n = strlen(textos[i]);
        c = conversar(s->porta, textos[i], n, textos[i], n, 0);
        if (*forma) continue;
        esperar_linha(c, ERRO, "conectado a 127.0.0.1:%d *", s->porta);
        esperar_linha(c, ERRO,
                      "fim da conversa: %d bytes enviados, %d recebidos",
                      (int)n, (int)n);
    }
    conversar(s->porta, "\0com zero\n", 10, "\0com zero\n", 10, 0);
}

/* Uma linha de mais de 65507 bytes nao cabe em um datagrama; as outras vao. */
static void udp_cliente_linha_grande(void) {
    static const int tamanhos[] = {11, 65507, 65508, 11, 200001, 65507, 4};
    static char dados[400000], certo[400000];
    struct programa *s = servidor("-u -q"), *c;
    size_t n = 0, m = 0;
    int i;
    for (i = 0; i < 7; i++) {
        memset(dados + n, 'a' + i, (size_t)tamanhos[i]);
        n += (size_t)tamanhos[i];
        dados[n - 1] = '\n';
        if (tamanhos[i] > 65507) continue;
        memcpy(certo + m, dados + n - tamanhos[i], (size_t)tamanhos[i]);
        m += (size_t)tamanhos[i];
    }
    c = conversar(s->porta, dados, n, certo, m, 1);
    for (i = 3; i <= 5; i += 2) {
        esperar_linha(c, ERRO,
                      "cliente: sendto(127.0.0.1:%d): mensagem grande demais "
                      "(*EMSGSIZE). *65507*",
                      s->porta);
        esperar_linha(c, ERRO, "a linha %d nao foi enviada", i);
    }
    memset(dados, 'z', 65508); /* 65507 exatos, sem \n: cabe */
    conversar(s->porta, dados, 65507, dados, 65507, 0);
    conversar(s->porta, dados, 65508, "", 0, 1);
}

/* Uma entrada que nao se pode ler nao e uma entrada que acabou. */
static void cliente_entrada_ruim(void) {
    struct programa *s = servidor("%s", forma), *c;
    if (e_windows(CLIENTE)) nao_se_aplica("la uma pasta nem se abre");
    como.entrada = open(".", O_RDONLY | O_CLOEXEC);
    c = cliente(s->porta, "%s", forma);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: read(entrada): e uma pasta (EISDIR). *");
}

/* Um arquivo grande (GRANDE MB), gerado enquanto vai e conferido enquanto
 * volta: nada se guarda. Quem so fizesse uma coisa de cada vez pararia para
 * sempre: o servidor nao le mais enquanto nao se le o que ele devolve. */
static char byte_do_arquivo(size_t i) {
    return (char)((unsigned)i * 2654435761u >> 24);
}

static void cliente_arquivo_grande(void) {
    static char vai[65536];
    const char *g = getenv("GRANDE");
    size_t total = (size_t)(g ? atoi(g) : 50) << 20, foi = 0, voltou = 0, i;
    struct programa *s = servidor("-q"), *c = cliente(s->porta, "%s", forma);
    while (voltou < total) {
        if (foi < total) {
            for (i = 0; i < sizeof vai; i++) vai[i] = byte_do_arquivo(foi++);
            digitar_bytes(c, vai, sizeof vai);
            if (foi == total) fim_da_entrada(c);
        } else esperar_algo();
        for (i = 0; i < c->saida.n; i++, voltou++)
            exigir(c->saida.dados[i] == byte_do_arquivo(voltou),
                   "esperava o byte que foi, e vi outro no byte %lu",
                   (unsigned long)voltou);
        c->saida.n = c->saida.lido = *c->saida.dados = 0;
    }
    exigir_saida(c, 0, "");
    parar_com(s, "resumo: clientes 1, *, bytes %lu", (unsigned long)total);
}

/* ---- A ordem das coisas ----------------------------------------------- */

/* Ninguem espera a sua vez, nem o fim da linha; e o fim da entrada fecha so um
 * sentido: o resto ainda chega. */
static void cliente_fala_e_ouve(void) {
    struct programa *c = cliente_nosso("");
    falar_e_ver(c, "220 bem-vindo\r\n"); /* ninguem digitou nada ainda */
    digitar_e_ouvir(c, "QU");
    digitar_e_ouvir(c, "IT\n");
    fim_da_entrada(c);
    receber_fim(c->s);
    falar_e_ver(c, "221");
    enviar_texto(c->s, " ate logo");
    close(c->s);
    exigir_saida(c, 0, "220 bem-vindo\r\n221 ate logo");
}

/* A linha sair termina, com a entrada ainda aberta, venha inteira ou em
 * pedacos; o que segue nao vai. */
static void cliente_sair(void) {
    static const char *const partes[][2] = {
        {"", "oi\nsair\n"}, {"oi\n", "sair\r\n"}, {"oi\nsa", "ir\n"}};
    char texto[32];
    int i;
    for (i = 0; i < 3; i++) {
        struct programa *c = cliente_nosso("");
        digitar_e_ouvir(c, partes[i][0]);
        sprintf(texto, "%sresto\n", partes[i][1]);
        digitar(c, texto);
        receber_texto(c->s, partes[i][1]);
        exigir_fim(c->s);
        exigir_codigo(c, 0);
    }
}

/* ---- Quando a conversa quebra ----------------------------------------- */

/* O servidor sai enquanto o cliente espera o teclado: ele conta logo. */
static void cliente_ve_o_fim_do_servidor(void) {
    struct programa *c = cliente_nosso("");
    digitar_e_ouvir(c, "oi\n");
    enviar_texto(c->s, "ultima palavra");
    close(c->s);
    exigir_saida(c, 1, "ultima palavra");
    esperar_linha(c, ERRO,
                  "cliente: recv(127.0.0.1:%d): o servidor encerrou a conversa "
                  "antes de voce",
                  c->porta);
}

/* O que se digitava quando o servidor saiu nao sobra para o shell, que o
 * tomaria por um comando. */
static void cliente_meia_linha(void) {
    char texto[1024];
    const char *palavras[] = {"sh", "-c", texto, NULL};
    struct programa *s = servidor(""), *c;
    so_posix(CLIENTE);
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

/* stdout cheio, sem nada a mostrar: nada se perde; ou fechado, ./cliente >&-,
 * que nao pode virar o descritor do socket. */
static void cliente_saida_ruim(void) {
    struct programa *c;
    so_posix(CLIENTE);
    como.saida = CHEIA;
    acabar_em_ordem(cliente_nosso(""));
    como.saida = FECHADA;
    c = cliente_nosso("");
    enviar_texto(c->s, "oi\n");
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: write(saida): *");
    exigir_fim(c->s); /* e nao "oi" de volta */
}

/* A saida falha enquanto se envia: esse e o erro, e o unico que se conta; send
 * so acaba porque nos o soltamos. */
static void cliente_erro_unico(void) {
    struct programa *c;
    int i;
    so_posix(CLIENTE);
    for (i = 0; i < 20; i++) {
        como.entrada = open("/dev/zero", O_RDONLY | O_CLOEXEC);
        como.saida = CHEIA;
        c = cliente_nosso("");
        esperar_parado(c); /* em send e em recv */
        enviar_texto(c->s, "oi\n");
        exigir_codigo(c, 1);
        exigir_com(c, ERRO, "cliente: write(saida): ");
        exigir_vezes(c, ERRO, "cliente: ", 1);
    }
}

/* ---- No terminal ------------------------------------------------------ */

static struct programa *cliente_no_terminal(void) {
    so_posix(CLIENTE);
    como.entrada = como.saida = PTY;
    return cliente_nosso("");
}

/* O que vem do servidor, e o que isso acrescenta a tela: cada linha tem a sua
 * marca; a que esta por acabar aparece logo; e tudo visivel. */
static void terminal_mostra(void) {
    static const char *const partes[][2] = {
        {"um\ndois\n\ntres\n",
         "servidor> um\nservidor> dois\nservidor> \nservidor> tres\n"},
        {"login: ", "servidor> login: "},
        {"senha: ", "senha: "},
        {"\x1b]0;titulo\x07 \x1b[2J\b\x7f\r\n",
         "\\x1b]0;titulo\\x07 \\x1b[2J\\x08\\x7f\\r\n"},
        {"a\tb \xff \xc2\x9b \xc0\xaf \xe1 fim",
         "servidor> a\\tb \\xff \\xc2\\x9b \\xc0\\xaf \\xe1 fim"}};
    struct programa *c = cliente_no_terminal();
    char tela[512] = "";
    int i;
    for (i = 0; i < 5; i++) {
        enviar_texto(c->s, partes[i][0]);
        esperar_texto(c, SAIDA, partes[i][1]);
        strcat(tela, partes[i][1]);
    }
    digitar(c, "\004"); /* Ctrl-D */
    exigir_fim(c->s);
    exigir_saida(c, 0, strcat(tela, "\n"));
}

/* Os bytes de uma letra podem chegar separados; a letra aparece inteira. */
static void terminal_junta_utf8(void) {
    static const char *const letras[] = {"\xc3\xa1", "\xe2\x82\xac",
                                         "\xf0\x9f\x98\x80"};
    struct programa *c = cliente_no_terminal();
    int i, k;
    for (i = 0; i < 3; i++) {
        int n = (int)strlen(letras[i]);
        for (k = 1; k < n; k++) {
            falar_e_ver(c, "ol");
            enviar(c->s, letras[i], (size_t)k);
            digitar(c, "vi\n"); /* da tempo de ler so a metade */
            receber_texto(c->s, "vi\n");
            enviar(c->s, letras[i] + k, (size_t)(n - k));
            enviar_texto(c->s, "!\n");
            esperar_texto(c, SAIDA, letras[i]);
            esperar_texto(c, SAIDA, "!\n");
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

/* Com stdin (1), stdout (2) ou os dois no terminal: a marca segue stdout; e o
 * ENTER que comeca outra linha, se a do servidor ficou no meio, e so o do
 * teclado. */
static void terminal_de_cada_lado(void) {
    static const char *const telas[] = {"", "nome? oi, ana\n",
                                        "servidor> nome? oi, ana\n",
                                        "servidor> nome? servidor> oi, ana\n"};
    int lados;
    so_posix(CLIENTE);
    for (lados = 1; lados <= 3; lados++) {
        struct programa *c;
        if (lados & 1) como.entrada = PTY;
        if (lados & 2) como.saida = PTY;
        c = cliente_nosso("");
        falar_e_ver(c, "nome? ");
        digitar_e_ouvir(c, "ana\n");
        falar_e_ver(c, "oi, ana\n");
        acabar_em_ordem(c);
        exigir_texto("stdout", tudo(c, SAIDA), telas[lados]);
    }
}

/* O servidor nao acaba a sua linha: o que o cliente diz comeca outra. */
static void terminal_linha_nossa(void) {
    struct programa *c;
    no_terminal(CLIENTE);
    c = cliente_nosso(forma);
    falar_e_ver(c, "nome? ");
    falar_e_ver(c, "(so letras) ");
    fim_da_entrada(c);
    receber_fim(c->s);
    esperar_texto(c, SAIDA, "\ncliente: tudo enviado; ");
    close(c->s);
    exigir_codigo(c, 0);
    if (!*forma) return;
    exigir_com(c, SAIDA, "\nservidor> nome? \n");
    exigir_com(c, SAIDA, "\nservidor> (so letras) \n");
    exigir_com(c, SAIDA, "\nshutdown(");
}

const struct caso casos_cliente[] = {
    {"cliente_arquivo_grande", cliente_arquivo_grande},
    {"cliente_arquivo_grande_rastro", cliente_arquivo_grande, "-v"},
    {"cliente_texto", cliente_devolve},
    {"udp_cliente_devolve", cliente_devolve, "-u"},
    {"udp_cliente_linha_grande", udp_cliente_linha_grande, "-u"},
    {"cliente_entrada_ruim", cliente_entrada_ruim},
    {"cliente_entrada_ruim_udp", cliente_entrada_ruim, "-u"},
    {"cliente_fala_e_ouve", cliente_fala_e_ouve},
    {"cliente_sair", cliente_sair},
    {"cliente_ve_o_fim_do_servidor", cliente_ve_o_fim_do_servidor},
    {"cliente_meia_linha", cliente_meia_linha},
    {"cliente_saida_ruim", cliente_saida_ruim},
    {"cliente_erro_unico", cliente_erro_unico},
    {"terminal_mostra", terminal_mostra},
    {"terminal_junta_utf8", terminal_junta_utf8},
    {"terminal_de_cada_lado", terminal_de_cada_lado},
    {"terminal_linha_nossa", terminal_linha_nossa},
    {"terminal_linha_nossa_rastro", terminal_linha_nossa, "-v"},
    {NULL, NULL}};
