/* casos_uso.c - a linha de comando: opcoes, ajuda, erros de uso, a linha de
 * inicio, -a e -q. */
#include "ensaio.h"
#include <ifaddrs.h>

/* Sai com 2; stdout vazio; stderr: uma linha com o culpado e com -h. */
static void exigir_uso_errado(struct programa *p, const char *culpado) {
    char molde[256];
    exigir_saida(p, 2, "");
    snprintf(molde, sizeof molde, "%s: *%s*. Ajuda: %s%s -h\n", p->nome,
             culpado, aqui(qual), p->nome);
    exigir(vezes(tudo(p, ERRO), "\n") == 1 && casa(tudo(p, ERRO), molde),
           "\"%s\": esperava so \"%s\" em stderr, vi \"%s\"", p->linha, molde,
           tudo(p, ERRO));
    exigir_visivel("stderr", p->erro.dados, p->erro.n);
}

/* As linhas erradas, separadas por |; a mensagem tem de citar o que vem depois
 * de @, ate um espaco. */
static const char do_servidor[] =
    "@77x|@x77|@70000|@65536|@007777|@123456789012|@4294967376|@+80|@0x50|"
    "@7.5|@7777,|@-1|-u @77x|7777 @8888|7777 -q @x|-- 0 @1|@-n 0 0|"
    "-n @10001 0|-n @000001 0|-n @-1 0|-n @x 0|-n @2x 0|-n @1.5 0|"
    "-n @99999999999 0|@-n '' 0|@-n|0 @-n|-x @101 -u 0|-u -x @-1 0|"
    "-u -x @5% 0|-u @-x '' 0|-u @-x|-u@x|-t @-u 0|-u @-t 0|-t@u 0|"
    "@-n 5 -u 0|-u @-n 64 0|0 -u @-n 1|@-x 5 0|-t @-x 5 0|@-x 0 0|"
    "@-x 5 0 -t|@-z 0|-q@z 0|0 @-z|--help|@-a|0 @-a|@-a '' 0|-a @x 0|"
    "-a @1.2.3 0|-a @1.2.3.4.5 0|-a @256.0.0.1 0|-a @7777|-a @127.0.0.1x 0|"
    "-a @1..2.3 0|-a @localhost 0|%s%s%s%n%n|-a %n%s|-n %1000000d 0|-%|"
    "\xff\xfe\x80|-\xff|-\xc3\xa7|-\033|-q\033[2J|-a 127.0.0.1\033[31m|"
    "-n 4294967297 0|18446744073709551616|+7777|''|7777 \033[2J";
static const char do_cliente[] =
    "127.0.0.1 @77x|127.0.0.1 @65536|127.0.0.1 @007777|127.0.0.1 ''|"
    "127.0.0.1 @-5|127.0.0.1 7777 @7778|-- 127.0.0.1 7777 @x|-t @-u|-u @-t|"
    "-u@t 127.0.0.1|127.0.0.1 7777 -t @-u|@-z|@-q|@-n 5|@-x 5 -u|"
    "@-a 127.0.0.1|@1.2.3 7777|@256.1.1.1 7777|@1.2.3.4.5|''|-%|-v\033[2J|"
    "127.0.0.1 %s%n|127.0.0.1 7777 \033[2J\xff|::1\033[2J 7777|:\xff\xfe%s%n";

static void uso_errado(void) {
    char *linhas = strdup(qual == SERVIDOR ? do_servidor : do_cliente), *l, *p;
    char culpado[64];
    while ((l = strsep(&linhas, "|")) != NULL) {
        *culpado = '\0';
        if ((p = strchr(l, '@')) != NULL) {
            sscanf(p + 1, "%63s", culpado);
            memmove(p, p + 1, strlen(p));
        }
        exigir_uso_errado(rodar(qual, "%s", l), culpado);
    }
}

/* O que se digitou volta na mensagem, mesmo longo, sem mandar no terminal. */
static void uso_errado_escapado(void) {
    static const char *const antes[] = {NULL, "-n", "-a", "-x", "7777"};
    static char longo[20000];
    const char *palavras[] = {NULL, longo, NULL};
    int i;
    memset(longo, '7', sizeof longo - 1);
    for (i = 0; i < 5; i++) {
        palavras[0] = antes[i];
        exigir_uso_errado(rodar_palavras(SERVIDOR, palavras + !antes[i]),
                          "777");
    }
    strcpy(longo, "7\x1b[2J\n7");
    exigir_uso_errado(rodar_palavras(SERVIDOR, palavras + 1),
                      "'7\\x1b[2J\\n7'");
    qual = CLIENTE;
    palavras[0] = "127.0.0.1";
    memset(longo, '7', sizeof longo - 1);
    exigir_uso_errado(rodar_palavras(CLIENTE, palavras + 1), "777");
    exigir_uso_errado(rodar_palavras(CLIENTE, palavras), "777");
    if (e_windows(CLIENTE)) return; /* la os argumentos nao sao bytes */
    strcpy(longo, "\x9b\x07");
    exigir_uso_errado(rodar_palavras(CLIENTE, palavras), "'\\x9b\\x07'");
}

/* ---- Ajuda ------------------------------------------------------------ */

static void ajuda(void) {
    static const char *const linhas[] = {"-h", "7777 -u -qh", "127.0.0.1 -h"};
    char opcao[8];
    int i;
    for (i = 0; i < 3; i++) {
        struct programa *p = rodar(i < 2 ? SERVIDOR : CLIENTE, "%s", linhas[i]);
        const char *letra = i < 2 ? "tuvsqanxh" : "tuvsh";
        exigir_codigo(p, 0);
        exigir_texto("stderr da ajuda", tudo(p, ERRO), "");
        for (; *letra; letra++) {
            sprintf(opcao, "  -%c ", *letra);
            exigir_com(p, SAIDA, opcao);
        }
        exigir_com(p, SAIDA, "7777");       /* a porta padrao */
        exigir_sem(p, SAIDA, "127.0.0.1:"); /* nem iniciou */
    }
}

/* Em um terminal, uma mensagem se quebra entre palavras, e uma linha tem ate 79
 * colunas: as da que acaba em "Ajuda:", com 38 letras na porta. */
static void erro_no_terminal(void) {
    static const char porta[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    static const char *const fins[] = {
        "': use 0 a 65535.\nAjuda: ./servidor -h\n",
        "': use 0 a 65535. Ajuda:\n./servidor -h\n"};
    char esperado[128];
    int menos;
    if (e_windows(SERVIDOR)) nao_se_aplica("no wine o terminal e outro");
    for (menos = 0; menos < 2; menos++) {
        sprintf(esperado, "servidor: porta '%s%s", porta + menos, fins[menos]);
        como.saida = como.erro = PTY;
        exigir_saida(rodar(SERVIDOR, "%s", porta + menos), 2, esperado);
    }
}

/* ---- Formas certas ---------------------------------------------------- */

/* A porta que se pediu, 7777 sem pedir nenhuma, e a que se ve; se outro
 * processo a ocupa agora, ao menos e ela que o erro cita. */
static void porta_pedida(void) {
    static const char *const linhas[] = {"-q", "-u", "-u 65535", "-- 65535"};
    int i;
    for (i = 0; i < 4; i++) {
        struct programa *s = rodar(SERVIDOR, "%s", linhas[i]);
        int porta = i < 2 ? 7777 : 65535;
        while (s->vivo && !*tudo(s, SAIDA)) esperar_algo();
        if (*tudo(s, SAIDA)) {
            linha_exata(s, SAIDA, "servidor * em 127.0.0.1:%d *", porta);
            mandar_sinal(s, SIGINT);
            exigir_codigo(s, 0);
        } else {
            exigir_codigo(s, 1);
            esperar_linha(s, ERRO, "servidor: bind(127.0.0.1:%d): *(%s)*",
                          porta, nome_do_erro(SERVIDOR, "EADDRINUSE"));
        }
    }
}

/* Um cliente com estes argumentos diz oi, e oi volta. */
COMO_PRINTF(1, 2) static void conversar(const char *formato, ...) {
    char argumentos[128];
    struct programa *c;
    FORMATAR(argumentos, formato);
    c = rodar(CLIENTE, "%s", argumentos);
    digitar_tudo(c, "oi\n");
    exigir_saida(c, 0, "oi\n");
}

static void opcoes_depois_da_porta(void) {
    struct programa *s = rodar(SERVIDOR, "0 -q");
    anotar_inicio(s, linha_exata(s, SAIDA, "*"));
    eco(ligar(s->porta), "oi\n");
    parar(s);
    exigir_sem(s, SAIDA, "chegou");

    s = rodar(SERVIDOR, "0 -u -a 127.0.0.1 -x 0");
    anotar_inicio(s, linha_exata(s, SAIDA, "servidor UDP em 127.0.0.1:*"));
    conversar("127.0.0.1 %d -u", s->porta);
    parar(s);

    s = servidor("-t -qn10000");            /* letras juntas; e o maior -n */
    conversar("localhost -t %d", s->porta); /* um nome */
}

/* Sem argumentos: 127.0.0.1 e 7777. Se ha algum servidor la agora nao importa,
 * nem o que ele faz. */
static void cliente_padrao(void) {
    struct programa *c;
    como.entrada = NULA;
    c = rodar(CLIENTE, "--");
    esperar_texto(c, ERRO, "127.0.0.1:7777");
    como.entrada = NULA;
    c = rodar(CLIENTE, "-u 127.0.0.1");
    esperar_texto(c, ERRO, "127.0.0.1:7777");
    exigir_codigo(c, 0); /* nada a enviar */
}

/* ---- A linha de inicio, -a e -q --------------------------------------- */

/* A primeira linha diz onde ele atende; a segunda (com 0.0.0.0, uma delas) e um
 * comando: o que esta depois de "cliente " serve. */
static void exigir_inicio(struct programa *s, const char *opcoes,
                          const char *ip) {
    const char *linha;
    s->saida.lido = 0;
    linha_exata(s, SAIDA, "servidor %s em %s:%d *", *opcoes ? "UDP" : "TCP", ip,
                s->porta);
    linha = esperar_linha(s, SAIDA, "*: %scliente %s%s %d", aqui(SERVIDOR),
                          opcoes, *ip == '0' ? "127.0.0.1" : ip, s->porta);
    conversar("%s", strstr(linha, "cliente ") + 8);
}

/* Na porta de s ninguem atende neste endereco. */
static void exigir_ninguem(struct programa *s, const char *ip) {
    struct programa *c = rodar(CLIENTE, "%s %d", ip, s->porta);
    exigir_codigo(c, 1);
    esperar_texto(c, ERRO, nome_do_erro(CLIENTE, "ECONNREFUSED"));
}

static void a_endereco(void) {
    struct programa *s = servidor("");
    int porta = 0;
    exigir_inicio(s, "", "127.0.0.1");
    exigir_inicio(servidor("-u"), "-u ", "127.0.0.1");
    if (abrir_udp("127.0.0.2", &porta) < 0)
        nao_se_aplica("este sistema nao tem 127.0.0.2");
    exigir_ninguem(s, "127.0.0.2"); /* o normal e so 127.0.0.1 */
    reservar(&porta);               /* de 127.0.0.1, ninguem mais a toma */
    s = rodar(SERVIDOR, "-a 127.0.0.2 %d", porta);
    s->porta = porta;
    exigir_inicio(s, "", "127.0.0.2");
    exigir_ninguem(s, "127.0.0.1");
    if (!e_windows(SERVIDOR)) /* o wine responde de 127.0.0.1 */
        exigir_inicio(servidor("-a 127.0.0.2 -u"), "-u ", "127.0.0.2");
}

/* Com 0.0.0.0, um comando para cada endereco IPv4 da maquina; "daqui" so serve
 * o de 127. */
static void a_todos(void) {
    struct programa *s = servidor("-a 0.0.0.0 %s", forma);
    struct ifaddrs *todos, *i;
    char linha[120];
    int n = 0;
    exigir_inicio(s, forma, "0.0.0.0");
    parar(s);
    getifaddrs(&todos);
    for (i = todos; i; i = i->ifa_next)
        n += i->ifa_addr && i->ifa_addr->sa_family == AF_INET;
    for (i = todos; i; i = i->ifa_next) {
        struct sockaddr_in *e = (struct sockaddr_in *)i->ifa_addr;
        const char *ip;
        if (!e || e->sin_family != AF_INET) continue;
        ip = inet_ntoa(e->sin_addr);
        sprintf(linha, "para falar com ele%s: %scliente %s%s %d\n",
                n > 1 && strncmp(ip, "127.", 4) == 0 ? ", daqui" : "",
                aqui(SERVIDOR), forma, ip, s->porta);
        /* o Windows conta os enderecos de outro modo */
        exigir_com(s, SAIDA,
                   e_windows(SERVIDOR) ? strstr(linha, "cliente") : linha);
    }
    freeifaddrs(todos);
    if (!e_windows(SERVIDOR)) exigir_vezes(s, SAIDA, "para falar com ele", n);
}

/* Se o sistema nao diz quais sao, serve o que ha em toda maquina. */
static void a_todos_sem_lista(void) {
    struct programa *s;
    so_posix(SERVIDOR);
    como.recurso = RLIMIT_NOFILE;
    como.limite = 4; /* 0, 1, 2 e a escuta; getifaddrs(3) pede mais um */
    s = servidor("-a 0.0.0.0");
    linha_exata(s, SAIDA, "para falar com ele: ./cliente 127.0.0.1 %d",
                s->porta);
}

/* -q: da linha de inicio, que acaba no comando, ate o resumo, nada. */
static void quieto(void) {
    struct programa *s = servidor("-q %s", forma);
    int c;
    if (*forma) eco_udp(novo_udp(), s->porta, "sair\n", 5);
    else {
        eco(c = ligar(s->porta), "sair\n");
        exigir_fim(c);
    }
    parar_com(s, "resumo: clientes 1, mensagens 1, bytes 5");
    exigir_vezes(s, SAIDA, "\n", 3);
    exigir_texto("stderr", tudo(s, ERRO), "");
}

const struct caso casos_uso[] = {
    {"servidor_uso", uso_errado, "", SERVIDOR},
    {"cliente_uso", uso_errado, "", CLIENTE},
    {"uso_errado_escapado", uso_errado_escapado, "", SERVIDOR},
    {"erro_no_terminal", erro_no_terminal},
    {"ajuda", ajuda},
    {"porta_pedida", porta_pedida},
    {"opcoes_depois_da_porta", opcoes_depois_da_porta},
    {"cliente_padrao", cliente_padrao},
    {"a_endereco", a_endereco},
    {"a_todos_tcp", a_todos, ""},
    {"a_todos_udp", a_todos, "-u "},
    {"a_todos_sem_lista", a_todos_sem_lista},
    {"quieto_tcp", quieto, ""},
    {"quieto_udp", quieto, "-u "},
    {NULL, NULL}};
