/*
 * passos.c - os passos de docs/passos conversam e quebram como a pagina diz?
 *
 * Quem compila e chama e tests/passos.sh. Cada caso roda os programas de um
 * passo como um aluno: em um terminal, com as linhas que ele digitaria. O que
 * se espera ver e texto de docs/construir.md: da_pagina falha se nao esta la.
 * quebra_x: o passo 5 quebra; cura_x: o par, com o mesmo, nao.
 *
 * Do ambiente, alem do que ensaio.h diz:
 *   PASSOS  a pasta com 1/servidor, 1/cliente, 2/servidor...; dos passos 1 a 4
 *           a porta e a da variavel PORTA, para que os casos rodem ao lado
 *   EXE     ".exe": sao os do Windows, e quem os roda e o Wine
 */
#include "ensaio.h"

static int porta; /* a deste caso */

/* ---- A pagina --------------------------------------------------------- */

/* O mesmo texto, que tem de estar na pagina. */
static const char *da_pagina(const char *texto) {
    static char pagina[1 << 20];
    if (!*pagina) {
        FILE *f = fopen("docs/construir.md", "r");
        if (!f || fread(pagina, 1, sizeof pagina - 1, f) == 0)
            falhar("nao li docs/construir.md");
        fclose(f);
    }
    exigir(strstr(pagina, texto) != NULL, "a pagina nao diz: %s", texto);
    return texto;
}

/* ---- Rodar um passo --------------------------------------------------- */

/* Uma porta livre em TCP e em UDP, fora das que o sistema da sozinho. */
static void escolher_porta(void) {
    int p = 20000 + (int)getpid() % 6000 * 2, tentativas;
    struct sockaddr_in e;
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    e.sin_addr.s_addr = inet_addr("127.0.0.1");
    for (tentativas = 0; tentativas < 500; tentativas++, p++) {
        int t = socket(AF_INET, SOCK_STREAM, 0);
        int u = socket(AF_INET, SOCK_DGRAM, 0), livre;
        e.sin_port = htons((unsigned short)p);
        livre = bind(t, (struct sockaddr *)&e, sizeof e) == 0 &&
                bind(u, (struct sockaddr *)&e, sizeof e) == 0;
        close(t);
        close(u);
        if (livre) {
            porta = p;
            return;
        }
    }
    falhar("nao achei uma porta livre");
}

static int windows(void) { return getenv("EXE") != NULL; }

/* O programa de um passo, em um terminal (no Windows, em pipes). quem:
 * "3/servidor". Sem mexer em como.entrada, ela e um pipe. */
static struct programa *passo(const char *quem, const char *formato, ...) {
    static char ambiente[32];
    char opcoes[128];
    FORMATAR(opcoes, formato);
    if (!porta) escolher_porta();
    sprintf(ambiente, "PORTA=%d", porta);
    como.ambiente = ambiente;
    if (windows())
        return rodar(FERRAMENTA, "wine %s/%s.exe %s", getenv("PASSOS"), quem,
                     opcoes);
    if (como.saida == PIPE) como.saida = PTY;
    if (como.erro == PIPE) como.erro = PTY;
    return rodar(FERRAMENTA, "%s/%s %s", getenv("PASSOS"), quem, opcoes);
}

/* Espera que haja um socket na porta: em TCP, que escute. */
static void esperar_porta(const char *tipo, int qual) {
    char arquivo[32], linha[512];
    int i;
    snprintf(arquivo, sizeof arquivo, "/proc/net/%s", tipo);
    for (i = 0; i < 3000; i++) {
        FILE *f = fopen(arquivo, "r");
        unsigned p, estado;
        if (!f) nao_se_aplica("este sistema nao tem %s", arquivo);
        while (fgets(linha, sizeof linha, f))
            if (sscanf(linha, " %*d: %*8x:%x %*x:%*x %x", &p, &estado) == 2 &&
                (int)p == qual && estado == (*tipo == 't' ? 0x0a : 0x07)) {
                fclose(f);
                return;
            }
        fclose(f);
        poll(NULL, 0, 20);
    }
    falhar("ninguem na porta %d (%s)", qual, tipo);
}

/* Um servidor TCP (ou "udp") do passo n, ja a espera. */
static struct programa *servidor_do_passo(int n, const char *tipo) {
    char quem[16];
    struct programa *p;
    if (!porta) escolher_porta();
    sprintf(quem, "%d/servidor", n);
    if (n != 5) p = passo(quem, "");
    else p = passo(quem, "%s %d", *tipo == 'u' ? "-u" : "-t", porta);
    esperar_porta(tipo, porta);
    return p;
}

static struct programa *cliente_do_passo(int n, const char *tipo) {
    char quem[16];
    sprintf(quem, "%d/cliente", n);
    if (n != 5) return passo(quem, "");
    return passo(quem, "%s 127.0.0.1 %d", *tipo == 'u' ? "-u" : "-t", porta);
}

/* Espera que o processo durma sem gastar processador por um segundo: esta
 * preso em uma chamada. */
static void esperar_parado(struct programa *p) {
    char arquivo[64], linha[1024], *c, estado;
    unsigned long u, s, antes = (unsigned long)-1;
    int quietos = 0, i;
    snprintf(arquivo, sizeof arquivo, "/proc/%d/stat", (int)p->pid);
    for (i = 0; i < 600 && quietos < 10; i++) {
        FILE *f = fopen(arquivo, "r");
        if (!f) nao_se_aplica("este sistema nao tem %s", arquivo);
        if (!fgets(linha, sizeof linha, f)) *linha = '\0';
        fclose(f);
        c = strrchr(linha, ')');
        exigir(c && sscanf(c + 1,
                           " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu "
                           "%lu",
                           &estado, &u, &s) == 3,
               "nao entendi %s: %s", arquivo, linha);
        exigir(estado != 'Z', "o %s terminou", p->nome);
        quietos = estado == 'S' && u + s == antes ? quietos + 1 : 0;
        antes = u + s;
        poll(NULL, 0, 100);
    }
    exigir(quietos >= 10, "o %s nao para", p->nome);
}

static void encerrar(struct programa *p) {
    mandar_sinal(p, SIGINT);
    esperar_saida(p);
}

/* ---- Os passos conversam ---------------------------------------------- */

static void passo_1_conversa(void) {
    struct programa *s = servidor_do_passo(1, "tcp");
    struct programa *c = cliente_do_passo(1, "");
    esperar_texto(c, SAIDA, da_pagina("servidor> oi, servidor"));
    exigir_codigo(c, 0);
    esperar_texto(s, SAIDA, da_pagina("recebi 12 bytes: oi, servidor"));
    exigir_codigo(s, 0);
}

static void passo_2_conversa(void) {
    struct programa *s = servidor_do_passo(2, "tcp");
    struct programa *c = cliente_do_passo(2, "");
    esperar_texto(c, SAIDA, "servidor> oi, servidor");
    exigir_codigo(c, 0);
    esperar_texto(s, SAIDA, da_pagina("servidor: esperando na porta 7777"));
    esperar_texto(s, SAIDA, "recebi 12 bytes: oi, servidor");
    exigir_codigo(s, 0);
}

/* A mesma conversa em todos os passos de 3 a 5. No Windows o servidor, em um
 * pipe, so escreve quando termina: olha-se o cliente. */
static void conversa(void) {
    int n = qual, tcp = strcmp(forma, "tcp") == 0;
    struct programa *s = servidor_do_passo(n, forma);
    struct programa *c = cliente_do_passo(n, forma);
    digitar(c, windows() ? "oi\r\nsair\r\n" : "oi\nsair\n");
    esperar_texto(c, SAIDA,
                  da_pagina(!tcp     ? "pronto"
                            : n == 3 ? "conectado; sair termina"
                                     : "conectado"));
    esperar_texto(c, SAIDA, da_pagina("servidor> oi"));
    esperar_texto(c, SAIDA, da_pagina("servidor> sair"));
    esperar_texto(c, SAIDA, da_pagina("fim da conversa"));
    exigir_codigo(c, 0);
    if (windows()) return;
    if (n == 5) esperar_texto(s, SAIDA, "servidor: esperando em 127.0.0.1:");
    else
        esperar_texto(
            s, SAIDA,
            da_pagina("servidor: esperando na porta 7777 (Ctrl-C termina)"));
    if (tcp) {
        esperar_texto(s, SAIDA, da_pagina("chegou um cliente"));
        esperar_texto(s, SAIDA, da_pagina("recebi 3 bytes: oi"));
        esperar_texto(s, SAIDA, da_pagina("recebi 5 bytes: sair"));
        esperar_texto(s, SAIDA, da_pagina("disse sair"));
    } else {
        esperar_linha(s, SAIDA, "127.0.0.1:* enviou 3 bytes: oi");
        esperar_linha(s, SAIDA, "127.0.0.1:* enviou 5 bytes: sair");
    }
    encerrar(s);
}

/* ---- ...e falham, cada um como a pagina diz --------------------------- */

static void passo_1_sem_servidor(void) {
    struct programa *c = cliente_do_passo(1, "");
    if (windows()) {
        esperar_texto(c, SAIDA, da_pagina("servidor> "));
        exigir_codigo(c, 0);
        return;
    }
    da_pagina("mostra 141");
    exigir_saida(c, 141, "");
}

static void passo_1_dois_servidores(void) {
    struct programa *s = servidor_do_passo(1, "tcp");
    struct programa *t = passo("1/servidor", ""), *c;
    if (windows()) {
        da_pagina("no Windows, termina calado");
        exigir_saida(t, 0, "");
        exigir_codigo(cliente_do_passo(1, ""), 0);
        return;
    }
    esperar_parado(t); /* em accept, como se tudo estivesse bem */
    c = cliente_do_passo(1, "");
    exigir_codigo(c, 0);
    exigir_codigo(s, 0);
    c = cliente_do_passo(1, ""); /* o segundo servidor ainda esta la... */
    exigir_codigo(c, 141);       /* ...mas em outra porta */
    exigir_texto("o que o segundo servidor disse", tudo(t, SAIDA), "");
    encerrar(t);
}

static void passo_2_sem_servidor(void) {
    struct programa *c = cliente_do_passo(2, "");
    esperar_texto(c, windows() ? ERRO : SAIDA,
                  da_pagina(windows() ? "connect: erro 10061"
                                      : "connect: Connection refused"));
    exigir_codigo(c, 1);
}

static void passo_2_dois_servidores(void) {
    struct programa *s = servidor_do_passo(2, "tcp");
    struct programa *t = passo("2/servidor", "");
    esperar_texto(t, windows() ? ERRO : SAIDA,
                  da_pagina(windows() ? "bind: erro 10048"
                                      : "bind: Address already in use"));
    exigir_codigo(t, 1);
    exigir_codigo(cliente_do_passo(2, ""), 0);
    exigir_codigo(s, 0);
}

static void passo_3_ctrl_c_no_cliente(void) {
    struct programa *s = servidor_do_passo(3, "tcp");
    struct programa *c = cliente_do_passo(3, "");
    esperar_texto(c, SAIDA, "conectado");
    digitar(c, "oi\n");
    esperar_texto(c, SAIDA, "servidor> oi");
    encerrar(c);
    esperar_texto(s, SAIDA, da_pagina("encerrou"));
    c = cliente_do_passo(3, "");
    digitar(c, "outro\n");
    esperar_texto(c, SAIDA, "servidor> outro");
    encerrar(s);
}

static void o_segundo_espera(void) {
    struct programa *s = servidor_do_passo(qual, "tcp");
    struct programa *um = cliente_do_passo(qual, "tcp"), *dois;
    digitar(um, "um\n");
    esperar_texto(um, SAIDA, "servidor> um");
    dois = cliente_do_passo(qual, "tcp");
    esperar_texto(dois, SAIDA, da_pagina("conectado"));
    digitar(dois, "dois\n");
    esperar_parado(dois);
    exigir_sem(dois, SAIDA, "servidor>");
    digitar(um, "sair\n");
    exigir_codigo(um, 0);
    esperar_texto(dois, SAIDA, "servidor> dois");
    encerrar(s);
}

static void passo_4_dois_clientes(void) {
    struct programa *s = servidor_do_passo(4, "udp");
    struct programa *um = cliente_do_passo(4, "");
    struct programa *dois = cliente_do_passo(4, "");
    digitar(um, "um\n");
    esperar_texto(um, SAIDA, "servidor> um");
    digitar(dois, "dois\n");
    esperar_texto(dois, SAIDA, "servidor> dois");
    digitar(um, "sair\n");
    exigir_codigo(um, 0);
    digitar(dois, "sair\n");
    exigir_codigo(dois, 0);
    encerrar(s);
}

/* De um cliente UDP e de ninguem do outro lado: so a primeira linha sai. */
static void espera_para_sempre(void) {
    struct programa *c;
    int u;
    escolher_porta();
    u = abrir_udp("127.0.0.1", &porta); /* recebe e nao responde */
    c = cliente_do_passo(qual, "udp");
    esperar_texto(c, SAIDA, da_pagina("pronto"));
    digitar(c, "oi\n");
    receber_udp_texto(u, "oi\n");
    esperar_parado(c);
    exigir_sem(c, SAIDA, "fim");
    encerrar(c);
    close(u);
}

static void passo_5_outro_endereco(void) {
    struct programa *s, *c;
    escolher_porta();
    s = passo("5/servidor", "%d 0.0.0.0", porta);
    esperar_texto(s, SAIDA, "servidor: esperando em 0.0.0.0:");
    esperar_porta("tcp", porta);
    c = passo("5/cliente", "127.0.0.1 %d", porta);
    digitar(c, "sair\n");
    esperar_texto(c, SAIDA, "servidor> sair");
    exigir_codigo(c, 0);
    encerrar(s);
}

/* ---- 6.1 Um cliente que some ------------------------------------------ */

/* O comando da pagina, com a porta deste caso. */
static void some(int qual) {
    char comando[200];
    const char *palavras[] = {"bash", "-c", comando, NULL};
    exigir_ferramenta("bash");
    da_pagina("head -c 100000 /dev/zero >/dev/tcp/127.0.0.1/7777");
    sprintf(comando,
            "head -c 100000 /dev/zero >/dev/tcp/127.0.0.1/%d 2>/dev/null",
            qual);
    esperar_saida(rodar_palavras(FERRAMENTA, palavras));
}

static void quebra_cliente_some(void) {
    struct programa *s = servidor_do_passo(5, "tcp");
    int codigo;
    some(porta);
    codigo = esperar_saida(s);
    if (codigo == 141) return;
    exigir(codigo == 1, "esperava 1 ou 141, vi %d", codigo);
    exigir(
        strstr(tudo(s, SAIDA), da_pagina("send: Connection reset by peer")) ||
            strstr(tudo(s, SAIDA), da_pagina("recv: Connection reset by peer")),
        "o servidor nao disse por que terminou");
}

/* Parado enquanto o cliente envia n bytes e fecha, o servidor, que os le em
 * mais de uma vez, escreve duas vezes para quem ja se foi: a segunda e o sinal.
 * O par le 65536 de cada vez; antes, uma conversa maior faz o sistema lhe dar
 * um buffer em que caibam todos, e o fim tambem. */
static void sem_ouvinte(struct programa *s, int qual, size_t n) {
    static char bytes[150000];
    int i, c = ligar(qual);
    memset(bytes, 'x', sizeof bytes);
    for (i = 0; i < 200 && n > 65536; i++) {
        enviar(c, bytes, 65536);
        receber_bytes(c, bytes, 65536);
    }
    enviar(c, "oi\n", 3);
    receber_texto(c, "oi\n");
    mandar_sinal(s, SIGSTOP);
    enviar(c, bytes, n);
    close(c);
    mandar_sinal(s, SIGCONT);
}

static void quebra_sigpipe(void) {
    struct programa *s = servidor_do_passo(5, "tcp");
    da_pagina("`SIGPIPE`, que mata o programa");
    sem_ouvinte(s, porta, 5000);
    exigir_codigo(s, 141);
}

static void ainda_atende(struct programa *s) {
    int c = ligar(s->porta);
    eco(c, "vivo\n");
    close(c);
}

static void cura_cliente_some(void) {
    struct programa *s = servidor("-n 1"), *t = servidor("");
    some(s->porta);
    da_pagina("`cliente 1 caiu`");
    esperar_linha(s, SAIDA, "cliente 1 caiu*");
    ainda_atende(s);
    some(t->porta);
    ainda_atende(t);
}

static void cura_sigpipe(void) {
    struct programa *s = servidor("-q -n 1"), *t = servidor("-q");
    sem_ouvinte(s, s->porta, 150000);
    ainda_atende(s);
    sem_ouvinte(t, t->porta, 150000);
    ainda_atende(t);
}

/* ---- 6.2 O segundo cliente -------------------------------------------- */

static void cura_segundo_espera(void) {
    struct programa *s = servidor("");
    int um = ligar(s->porta), dois = ligar(s->porta);
    eco(um, "um\n");
    eco(dois, "dois\n");
}

/* ---- 6.3 Duas linhas em um recv; sair em dois ------------------------- */

/* O servidor que viu a linha sair fecha a conversa; o outro devolve tudo e
 * continua, ate que o cliente encerre. */
static void quebra_sair_colado(void) {
    struct programa *s = servidor_do_passo(5, "tcp");
    int c = ligar(porta);
    enviar_texto(c, "sair\n"); /* assim, ele ve */
    receber_texto(c, "sair\n");
    exigir_fim(c);
    esperar_texto(s, SAIDA, da_pagina("disse sair"));
    c = ligar(porta);
    da_pagina("printf 'oi\\nsair\\n' | nc 127.0.0.1 7777");
    eco(c, "oi\nsair\n");
    eco(c, "continua\n");
    close(c);
    esperar_texto(s, SAIDA, "recebi 8 bytes: oi");
    esperar_texto(s, SAIDA, "encerrou");
    c = ligar(porta);
    da_pagina("(printf sa; sleep 1; printf 'ir\\n') | nc 127.0.0.1 7777");
    eco(c, "sa");
    eco(c, "ir\n");
    eco(c, "continua\n");
    close(c);
    esperar_texto(s, SAIDA, "encerrou");
    encerrar(s);
}

static void cura_sair_colado(void) {
    struct programa *s = servidor("");
    int c = ligar(s->porta);
    eco(c, "oi\nsair\n");
    exigir_fim(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu (disse sair)");
    c = ligar(s->porta);
    eco(c, "sa");
    eco(c, "ir\n");
    exigir_fim(c);
    esperar_linha(s, SAIDA, "cliente 2 saiu (disse sair)");
}

/* ---- 6.4 Um arquivo grande -------------------------------------------- */

#define GRANDE_DA_PAGINA 50000000

static FILE *arquivo_grande(void) {
    static char bloco[100000];
    FILE *f = tmpfile();
    int i;
    da_pagina("head -c 50000000 /dev/zero | tr '\\0' x >grande");
    if (!f) falhar("nao criei o arquivo grande");
    memset(bloco, 'x', sizeof bloco);
    for (i = 0; i < GRANDE_DA_PAGINA / (int)sizeof bloco; i++)
        if (fwrite(bloco, 1, sizeof bloco, f) != sizeof bloco)
            falhar("o arquivo grande nao coube no disco");
    fflush(f);
    lseek(fileno(f), 0, SEEK_SET);
    return f;
}

static void quebra_arquivo_grande(void) {
    FILE *f = arquivo_grande();
    struct programa *s, *c;
    como.saida = NULA;
    s = servidor_do_passo(5, "tcp");
    como.entrada = fileno(f);
    como.saida = NULA;
    c = cliente_do_passo(5, "tcp");
    esperar_parado(c);
    esperar_parado(s);
    encerrar(c);
    esperar_saida(s); /* e o reset do cliente o derruba, como em 6.1 */
}

static void cura_arquivo_grande(void) {
    FILE *f = arquivo_grande(), *volta = tmpfile();
    struct programa *s = servidor("-q"), *c;
    static char bloco[100000];
    size_t n, total = 0;
    if (!volta) falhar("nao criei o arquivo da volta");
    como.entrada = fileno(f);
    como.saida = fileno(volta);
    c = cliente(s->porta, "");
    exigir_codigo(c, 0);
    lseek(fileno(volta), 0, SEEK_SET);
    while ((n = fread(bloco, 1, sizeof bloco, volta)) > 0) {
        size_t i;
        for (i = 0; i < n; i++)
            if (bloco[i] != 'x') falhar("um byte voltou diferente");
        total += n;
    }
    exigir(total == GRANDE_DA_PAGINA, "voltaram %lu bytes",
           (unsigned long)total);
}

/* ---- 6.5 O servidor termina ------------------------------------------- */

static void quebra_servidor_termina(void) {
    struct programa *s = servidor_do_passo(5, "tcp");
    struct programa *c = cliente_do_passo(5, "tcp");
    digitar(c, "oi\n");
    esperar_texto(c, SAIDA, "servidor> oi");
    encerrar(s);
    esperar_parado(c); /* no teclado: nem viu */
    digitar(c, "perdida\n");
    esperar_texto(c, SAIDA, da_pagina("fim da conversa"));
    exigir_codigo(c, 0);
}

static void cura_servidor_termina(void) {
    struct programa *s = servidor(""), *c = cliente(s->porta, "");
    digitar_e_ver(c, "oi\n");
    parar(s);
    esperar_texto(c, ERRO,
                  da_pagina("o servidor encerrou a conversa antes de voce"));
    exigir_codigo(c, 1); /* sem que se digitasse nada */
}

/* ---- 6.6 Um datagrama se perde ---------------------------------------- */

static void cura_datagrama(void) {
    struct programa *c;
    int u, p = 0;
    u = abrir_udp("127.0.0.1", &p);
    c = cliente(p, "-u");
    digitar(c, "oi\nfim\n");
    receber_udp_texto(u, "oi\n");
    receber_udp_texto(u, "oi\n");
    receber_udp_texto(u, "oi\n");
    esperar_texto(c, ERRO, da_pagina("tentativa 2 de 3"));
    esperar_texto(c, ERRO, "sem resposta");
    receber_udp_texto(u, "fim\n"); /* segue com a proxima */
}

/* ---- 6.7 A porta continua tomada -------------------------------------- */

static void quebra_porta_tomada(void) {
    struct programa *s = servidor_do_passo(5, "tcp");
    int c = ligar(porta);
    eco(c, "oi\n");
    encerrar(s);
    exigir_fim(c);
    s = passo("5/servidor", "%d", porta);
    esperar_texto(s, SAIDA, da_pagina("bind: Address already in use"));
    exigir_codigo(s, 1);
}

static void cura_porta_tomada(void) {
    struct programa *s = servidor("");
    int p = s->porta, c = ligar(p);
    eco(c, "oi\n");
    parar(s);
    exigir_fim(c);
    s = rodar(SERVIDOR, "%d", p);
    esperar_linha(s, SAIDA, "servidor TCP em 127.0.0.1:*");
    mandar_sinal(s, SIGTERM);
    exigir_codigo(s, 0);
}

/* ---- 6.8 Bytes de controle -------------------------------------------- */

static void quebra_controle(void) {
    struct programa *s = servidor_do_passo(5, "tcp");
    int c = ligar(porta);
    da_pagina("printf '\\033[31mvermelho\\n' | nc 127.0.0.1 7777");
    eco(c, "\033[31mvermelho\n");
    close(c);
    esperar_texto(s, SAIDA, "\033[31mvermelho"); /* a ordem, tal e qual */
    encerrar(s);
}

static void cura_controle(void) {
    struct programa *s = servidor("");
    int c = ligar(s->porta);
    enviar_texto(c, "\033[31mvermelho\n");
    da_pagina("\\x1b");
    esperar_linha(s, SAIDA, "cliente 1: 14 bytes \"\\x1b[31mvermelho\\n\"");
}

/* ---- 6.9 Bytes que nao sao letras ------------------------------------- */

static void quebra_zero(void) {
    struct programa *s = servidor_do_passo(5, "tcp");
    struct programa *c = cliente_do_passo(5, "tcp");
    da_pagina("printf 'a\\0b\\n' | ./cliente");
    digitar_bytes(c, "a\0b\n", 4);
    acabar(c, 0);
    esperar_texto(s, SAIDA, "recebi 1 bytes: a");
    esperar_texto(s, SAIDA, "encerrou");
    encerrar(s);
}

static void cura_zero(void) {
    struct programa *s = servidor(""), *c = cliente(s->porta, "");
    digitar_bytes(c, "a\0b\n", 4);
    acabar(c, 0);
    exigir_bytes("a volta", c->saida.dados, c->saida.n, "a\0b\n", 4);
}

/* ---- 6.10 Uma porta que nao existe ------------------------------------ */

static void quebra_porta_70000(void) {
    struct programa *s;
    char linha[64];
    escolher_porta();
    s = passo("5/servidor", "%d", porta + 65536);
    sprintf(linha, "esperando em 127.0.0.1:%d ", porta + 65536);
    esperar_texto(s, SAIDA, linha);
    close(ligar(porta)); /* e la que ele esta */
    encerrar(s);
    s = passo("5/servidor", "setemil");
    esperar_texto(s, SAIDA, "esperando em 127.0.0.1:0 ");
    encerrar(s);
}

static void cura_porta_70000(void) {
    struct programa *s = rodar(SERVIDOR, da_pagina("70000"));
    exigir_codigo(s, 2);
    exigir(strstr(tudo(s, ERRO), "70000") != NULL, "nao disse qual porta");
    exigir_codigo(rodar(SERVIDOR, da_pagina("setemil")), 2);
}

/* ---- 6.11 Um nome no lugar do numero ---------------------------------- */

static void quebra_nome(void) {
    struct programa *c = passo("5/cliente", "localhost");
    esperar_texto(c, SAIDA, da_pagina("connect: Network is unreachable"));
    exigir_codigo(c, 1);
}

static void cura_nome(void) {
    struct programa *s = servidor("");
    struct programa *c = rodar(CLIENTE, "localhost %d", s->porta);
    digitar(c, "sair\n");
    exigir_saida(c, 0, "sair\n");
}

/* ---- O seu programa no Dev-C++ ---------------------------------------- */

static void engano_sizeof(void) {
    struct programa *s = servidor(""), *e;
    porta = s->porta;
    e = passo("enganos/sizeof", "");
    esperar_texto(e, SAIDA, "enviei 200 bytes");
    exigir_codigo(e, 0);
    da_pagina("200 bytes \"oi\\x00 (198 vezes)\"");
    esperar_linha(s, SAIDA, "cliente 1: 200 bytes \"oi\\x00 (198 vezes)\"");
}

static void engano_recv_zero(void) {
    struct programa *s = passo("enganos/recv_zero", ""), *c;
    int i;
    esperar_porta("tcp", porta);
    c = cliente_do_passo(3, "");
    digitar(c, "oi\n");
    esperar_texto(c, SAIDA, "servidor> oi");
    acabar(c, 0);
    for (i = 0; i < 1000; i++)
        esperar_texto(s, SAIDA, da_pagina("recebi 0 bytes"));
    mandar_sinal(s, SIGKILL);
}

#define CASO(f) \
    { #f, f }
static const struct caso no_windows[] = {
    CASO(passo_1_dois_servidores),
    CASO(passo_1_conversa),
    CASO(passo_1_sem_servidor),
    CASO(passo_2_conversa),
    CASO(passo_2_sem_servidor),
    CASO(passo_2_dois_servidores),
    {"passo_3_conversa", conversa, "tcp", 3},
    {"passo_4_conversa", conversa, "udp", 4},
    {"passo_5_conversa_tcp", conversa, "tcp", 5},
    {"passo_5_conversa_udp", conversa, "udp", 5},
    {NULL, NULL}};

static const struct caso so_aqui[] = {
    CASO(passo_3_ctrl_c_no_cliente),
    {"passo_3_o_segundo_espera", o_segundo_espera, "", 3},
    CASO(passo_4_dois_clientes),
    {"passo_4_sem_servidor", espera_para_sempre, "", 4},
    CASO(passo_5_outro_endereco),
    CASO(quebra_cliente_some),
    CASO(cura_cliente_some),
    CASO(quebra_sigpipe),
    CASO(cura_sigpipe),
    {"quebra_segundo_espera", o_segundo_espera, "", 5},
    CASO(cura_segundo_espera),
    CASO(quebra_sair_colado),
    CASO(cura_sair_colado),
    CASO(quebra_arquivo_grande),
    CASO(cura_arquivo_grande),
    CASO(quebra_servidor_termina),
    CASO(cura_servidor_termina),
    {"quebra_datagrama", espera_para_sempre, "", 5},
    CASO(cura_datagrama),
    CASO(quebra_porta_tomada),
    CASO(cura_porta_tomada),
    CASO(quebra_controle),
    CASO(cura_controle),
    CASO(quebra_zero),
    CASO(cura_zero),
    CASO(quebra_porta_70000),
    CASO(cura_porta_70000),
    CASO(quebra_nome),
    CASO(cura_nome),
    CASO(engano_sizeof),
    CASO(engano_recv_zero),
    {NULL, NULL}};

int main(void) {
    const struct caso *tabelas[] = {no_windows, so_aqui, NULL};
    if (!getenv("PASSOS")) {
        fprintf(stderr, "quem chama este programa e tests/passos.sh\n");
        return 2;
    }
    if (windows()) tabelas[1] = NULL;
    return executar(tabelas);
}
