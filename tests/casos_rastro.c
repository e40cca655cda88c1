/* casos_rastro.c - o rastro (-v), linha por linha, e o passo a passo (-s). (Se
 * o rastro diz a verdade, quem confere e o strace: ferramentas.py.) */
#include "ensaio.h"

/* ---- O que os casos usam ---------------------------------------------- */

/* SERVIDOR ou CLIENTE. */
static int quem(const struct programa *p) {
    return strcmp(p->nome, "cliente") == 0 ? CLIENTE : SERVIDOR;
}

/* O nome da chamada close no rastro deste programa. */
static const char *fechar(const struct programa *p) {
    return e_windows(quem(p)) ? "closesocket" : "close";
}

/* ---- O rastro (-v) ---------------------------------------------------- */

/* O numero no fim da linha. */
static int resultado(const char *linha) {
    return atoi(strrchr(linha, '=') + 1);
}

/* O endereco 127.0.0.1:porta; vale ate a proxima. */
static const char *campos(int porta) {
    static char texto[128];
    sprintf(texto, "{AF_INET, htons(%d), \"127.0.0.1\"}, 16", porta);
    return texto;
}

/* As quatro linhas com os 16 bytes dele, por campo. */
static void linhas_dos_bytes(struct programa *p, int porta) {
    struct sockaddr_in e;
    unsigned char b[16];
    memset(&e, 0, sizeof e);
    e.sin_family = AF_INET;
    memcpy(b, &e, 16); /* como esta na memoria */
    linha_exata(p, ERRO, "    sin_family %02x %02x  *AF_INET", b[0], b[1]);
    linha_exata(p, ERRO, "    sin_port   %02x %02x  *  %d = 0x%04x", porta >> 8,
                porta & 255, porta, porta);
    linha_exata(p, ERRO, "    sin_addr   7f 00 00 01  *127.0.0.1");
    linha_exata(p, ERRO, "    sin_zero   00 00 00 00 00 00 00 00");
}

/* As primeiras linhas; devolve o socket. */
static int linhas_do_comeco(struct programa *p, const char *tipo) {
    if (e_windows(quem(p)))
        linha_exata(p, ERRO, "WSAStartup(MAKEWORD(2, 2), &wsaData) = 0");
    return resultado(linha_exata(p, ERRO, "socket(AF_INET, %s, 0) = *", tipo));
}

/* Do fim: close do socket s, WSACleanup, e mais nada. */
static void linhas_do_fim(struct programa *p, int s) {
    struct fluxo *f = &p->erro;
    linha_exata(p, ERRO, "%s(%d) = 0", fechar(p), s);
    if (e_windows(quem(p))) linha_exata(p, ERRO, "WSACleanup() = 0");
    exigir_codigo(p, 0);
    exigir_texto("o resto do rastro", f->dados + f->lido, "");
}

/* Todo o stderr dos dois. O que o rastro ja diz, o registro nao repete. */
static void rastro_tcp(void) {
    struct programa *p = servidor("-v"), *c = cliente(p->porta, "-v");
    int escuta = linhas_do_comeco(p, "SOCK_STREAM"), conversa;
    int s = linhas_do_comeco(c, "SOCK_STREAM");
    const char *aceita;
    linha_exata(p, ERRO, "bind(%d, %s) = 0", escuta, campos(0));
    linhas_dos_bytes(p, 0);
    linha_exata(p, ERRO, "listen(%d, *) = 0", escuta);
    linha_exata(c, ERRO, "connect(%d, %s) = 0", s, campos(p->porta));
    linhas_dos_bytes(c, p->porta);
    linha_exata(c, ERRO, "conectado a 127.0.0.1:%d (TCP). *", p->porta);
    aceita = linha_exata(
        p, ERRO, "accept(%d, {AF_INET, htons(*), \"127.0.0.1\"}, 16) = *",
        escuta);
    conversa = resultado(aceita);
    exigir(conversa != escuta && !strstr(aceita, campos(p->porta)),
           "esperava outro socket, e a porta do cliente: %s", aceita);
    digitar(c, "oi\n");
    linha_exata(p, ERRO, "recv(%d, \"oi\\n\", 65536, 0) = 3", conversa);
    linha_exata(p, ERRO, "send(%d, \"oi\\n\", 3, 0) = 3", conversa);
    linha_exata(c, ERRO, "send(%d, \"oi\\n\", 3, 0) = 3", s);
    linha_exata(c, ERRO, "recv(%d, \"oi\\n\", 65536, 0) = 3", s);
    fim_da_entrada(c);
    linha_exata(c, ERRO, "shutdown(%d, SHUT_WR) = 0", s);
    linha_exata(c, ERRO, "recv(%d, \"\", 65536, 0) = 0", s);
    linha_exata(c, ERRO, "fim da conversa: 3 bytes enviados, 3 recebidos");
    linhas_do_fim(c, s);
    exigir_texto("o eco", tudo(c, SAIDA), "oi\n");
    linha_exata(p, ERRO, "recv(%d, \"\", 65536, 0) = 0", conversa);
    linha_exata(p, ERRO, "%s(%d) = 0", fechar(p), conversa);
    parar(p);
    linhas_do_fim(p, escuta);
    exigir_sem(p, SAIDA, "\ncliente 1");
}

/* Idem. Os 16 bytes: so em bind e no 1o. sendto. Os dados, cortados em 32
 * bytes, com reticencias so quando ha mais. */
static void rastro_udp(void) {
    static const char *const textos[][2] = {
        {"oi\n", "oi\\n\""},
        {"\n", "\\n\""},
        {"0123456789012345678901234567890\n", /* 32 */
         "0123456789012345678901234567890\\n\""},
        {"01234567890123456789012345678901\n", /* 33 */
         "01234567890123456789012345678901\"..."},
        {"0123456789012345678901234567890\303\241\n", /* um a' cortado */
         "0123456789012345678901234567890\\xc3\"..."},
        {"\033[2Jma\303\247\303\243\n", "\\x1b[2Jma\303\247\303\243\\n\""}};
    struct programa *p = servidor("-u -v"), *c = cliente(p->porta, "-u -v");
    int escuta = linhas_do_comeco(p, "SOCK_DGRAM"), i, n, dele;
    int s = linhas_do_comeco(c, "SOCK_DGRAM");
    pode_atrasar = 1;
    linha_exata(p, ERRO, "bind(%d, %s) = 0", escuta, campos(0));
    linhas_dos_bytes(p, 0);
    linha_exata(c, ERRO, "pronto para enviar a 127.0.0.1:%d (UDP *", p->porta);
    for (i = 0; i < 6; i++) {
        const char *texto = textos[i][1], *veio;
        n = (int)strlen(textos[i][0]);
        digitar(c, textos[i][0]);
        linha_exata(c, ERRO, "sendto(%d, \"%s, %d, 0, %s) = %d", s, texto, n,
                    campos(p->porta), n);
        if (i == 0) linhas_dos_bytes(c, p->porta);
        linha_exata(c, ERRO, "recvfrom(%d, \"%s, 65536, 0, %s) = %d", s, texto,
                    campos(p->porta), n);
        veio =
            linha_exata(p, ERRO, "recvfrom(%d, \"%s, 65536, 0, {*}, 16) = %d",
                        escuta, texto, n);
        dele = atoi(strstr(veio, "htons(") + 6);
        exigir(dele != p->porta, "esperava a porta do cliente: %s", veio);
        linha_exata(p, ERRO, "sendto(%d, \"%s, %d, 0, %s) = %d", escuta, texto,
                    n, campos(dele), n);
        if (i == 0) linhas_dos_bytes(p, dele);
    }
    fim_da_entrada(c);
    linha_exata(c, ERRO, "fim da conversa: *");
    linhas_do_fim(c, s);
    exigir_com(c, SAIDA, "\033[2Jma\303\247\303\243\n");
    esperar_parado(p);
    parar(p);
    if (!e_windows(SERVIDOR))
        linha_exata(p, ERRO, "recvfrom(%d, ..., 65536, 0, ..., ...) = -1 EINTR",
                    escuta);
    linhas_do_fim(p, escuta);
    exigir_sem(p, SAIDA, "\ncliente 1");
}

/* Sem -v nao ha rastro. */
static void sem_rastro(void) {
    struct programa *s = servidor("%s", forma), *c = cliente(s->porta, forma);
    pode_atrasar = 1;
    digitar(c, "oi\nsair\n");
    exigir_saida(c, 0, "oi\nsair\n");
    esperar_linha(s, SAIDA, "cliente 1 saiu*");
    parar(s);
    exigir_texto("stderr do servidor", tudo(s, ERRO), "");
    linha_exata(c, ERRO, "* a 127.0.0.1:*");
    esperar_linha(c, ERRO, "fim da conversa: *");
    exigir_vezes(c, ERRO, "\n", 2);
}

/* Uma falha leva o nome do codigo, e os 16 bytes tambem. */
static void rastro_falha(void) {
    int porta, s = reservar(&porta), e_bind = qual == SERVIDOR;
    const char *chamada = e_bind ? "bind" : "connect";
    const char *codigo =
        nome_do_erro(qual, e_bind ? "EADDRINUSE" : "ECONNREFUSED");
    struct programa *p;
    if (e_bind) listen(s, 1);
    p = rodar(qual, e_bind ? "-v %d" : "-v 127.0.0.1 %d", porta);
    esperar_linha(p, ERRO, "socket(*) = *");
    linha_exata(p, ERRO, "%s(*, %s) = -1 %s", chamada, campos(porta), codigo);
    linhas_dos_bytes(p, porta);
    esperar_linha(p, ERRO, "%s: %s(*): * (%s). *", p->nome, chamada, codigo);
    exigir_codigo(p, 1);
}

/* ---- Passo a passo (-s) ----------------------------------------------- */

/* Onde o programa do caso pede ENTER: ERRO; em um terminal, SAIDA. */
static int onde = ERRO;
static void em_um_terminal(int quem) {
    no_terminal(quem);
    onde = SAIDA;
}

/* O passo da aula de cada chamada. */
static int passo_de(const char *chamada) {
    if (strstr("socket bind listen", chamada)) return 1;
    if (strstr("accept connect", chamada)) return 2;
    return strstr("send sendto recv recvfrom", chamada) ? 3 : 4;
}

/* O programa esta parado e nao escreveu mais nada: espera o ENTER. */
static void nada_mais(struct programa *p) {
    struct fluxo *f = fluxo(p, onde);
    esperar_parado(p);
    exigir(p->vivo && f->lido == f->n,
           "esperava que o %s pedisse ENTER, e ele %s: \"%s\"", p->nome,
           p->vivo ? "escreveu" : "terminou", f->dados + f->lido);
}

/* O cliente anuncia a conversa, em que nao ha pausas. */
#define CONVERSA ">> cliente, passo 3: digite"

/* A proxima pausa e antes desta chamada: uma linha (ou, em um terminal, duas)
 * que diz qual e, o passo da aula e para que serve; depois o pedido do ENTER, e
 * espera. */
static void pausa(struct programa *p, const char *chamada) {
    char molde[64];
    const char *linha;
    sprintf(molde, ">> %s: %s, ", chamada, p->nome);
    if (*chamada == 'W') strcat(molde, "*"); /* as do Winsock nao tem passo */
    else sprintf(molde + strlen(molde), "passo %d: *", passo_de(chamada));
    do {
        linha = esperar_linha(p, onde, ">> *");
    } while (strstr(linha, CONVERSA));
    exigir(casa(linha, molde), "esperava \"%s\", vi \"%s\"", molde, linha);
    linha = linha_exata(p, onde, "*");
    if (*linha != ' ') linha = linha_exata(p, onde, "*"); /* era a segunda */
    exigir_texto("o pedido", linha, "   ENTER para chamar.");
    nada_mais(p);
}

/* ENTER, e a chamada acontece. */
static void teclar(struct programa *p, const char *molde) {
    digitar(p, "\n");
    esperar_linha(p, onde, "%s", molde);
}

static void passo(struct programa *p, const char *chamada, const char *molde) {
    pausa(p, chamada);
    teclar(p, molde);
}

/* Uma depois da outra, estas pausas. */
static void passos(struct programa *p, const char *chamadas) {
    char nome[32], molde[64];
    int n;
    for (; sscanf(chamadas, "%31s%n", nome, &n) == 1; chamadas += n) {
        sprintf(molde, "%s(*) = *", nome);
        passo(p, nome, molde);
    }
}

/* As primeiras, iguais em todos os casos; e as ultimas. */
static void passar_socket(struct programa *p) {
    passos(p, e_windows(quem(p)) ? "WSAStartup socket" : "socket");
}

static void passar_fim(struct programa *p) {
    passos(p, e_windows(quem(p)) ? "closesocket WSACleanup" : "close");
    exigir_codigo(p, 0);
}

/* O servidor ja atende, em s->porta. */
static void passar_inicio(struct programa *s) {
    anotar_inicio(s, esperar_linha(s, SAIDA, "servidor * em *:*"));
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
    /* um socket nosso, que nao escuta, guarda a porta de todos menos de quem
     * usa SO_REUSEADDR, como o servidor; no Windows ele nao a divide */
    int porta, um = 1, guarda = reservar(&porta);
    struct programa *s, *c;
    setsockopt(guarda, SOL_SOCKET, SO_REUSEADDR, &um, sizeof um);
    if (e_windows(SERVIDOR)) close(guarda);
    s = rodar(SERVIDOR, "-s -n 1 %d", porta);
    passar_socket(s);
    pausa(s, "bind");
    recusado(porta);
    teclar(s, "bind(*) = 0");
    pausa(s, "listen");
    recusado(porta);
    nada_mais(s);
    exigir_texto("stdout antes de listen", tudo(s, SAIDA), "");
    teclar(s, "listen(*) = 0");
    c = cliente(porta, "");
    esperar_linha(c, ERRO, "conectado a *");
    digitar(c, "oi\n");
    pausa(s, "accept");
    exigir_sem(s, ERRO, "accept(");
    teclar(s, "accept(*) = *");
    pausa(s, "recv");
    exigir_sem(s, ERRO, "recv(");
    teclar(s, "recv(*, \"oi\\n\", *) = 3");
    pausa(s, "send");
    exigir_texto("o eco, antes do ENTER", tudo(c, SAIDA), "");
    teclar(s, "send(*, \"oi\\n\", 3, 0) = 3");
    esperar_texto(c, SAIDA, "oi\n");
    fim_da_entrada(c);
    passo(s, "recv", "recv(*, \"\", *) = 0");
    pausa(s, fechar(s));
    exigir(c->vivo, "esperava o cliente no ar ate o close do servidor");
    digitar(s, "\n");
    exigir_codigo(c, 0);
    fim_da_entrada(s); /* daqui em diante nao ha mais quem tecle */
    c = cliente(porta, "");
    digitar(c, "sem ENTER\nsair\n");
    exigir_saida(c, 0, "sem ENTER\nsair\n");
    exigir_vezes(s, ERRO, "\naccept(", 2);
    parar(s);
}

/* Depois de sair o cliente com -s tambem esta em uma pausa: o servidor espera
 * por ele em recv, e nao os 2 segundos de sempre. */
static void passo_despedida(void) {
    struct programa *s = rodar(SERVIDOR, "-s -n 1 0");
    int c;
    passar_socket(s);
    passos(s, "bind listen");
    passar_inicio(s);
    c = ligar(s->porta);
    enviar_texto(c, "sair\n");
    digitar(s, "\n\n\n\n"); /* accept, recv, send, shutdown */
    receber_texto(c, "sair\n");
    receber_fim(c);
    esperar_linha(s, ERRO, "shutdown(*) = 0");
    pausa(s, "recv"); /* o cliente nao encerrou: recv vai esperar */
    digitar(s, "\n");
    esperar_linha(s, ERRO, "   esperando o cliente...");
    nada_mais(s);
    close(c);
    esperar_linha(s, ERRO, "recv(*, \"\", *) = 0");
    pausa(s, fechar(s));
    fim_da_entrada(s);
    parar(s);
}

static void passo_servidor_udp(void) {
    struct programa *s = rodar(SERVIDOR, "-s -u 0");
    int u = novo_udp();
    passar_socket(s);
    passos(s, "bind");
    passar_inicio(s);
    enviar_udp(u, s->porta, "oi", 2);
    passo(s, "recvfrom", "recvfrom(*, \"oi\", *) = 2");
    passo(s, "sendto", "sendto(*, \"oi\", 2, *) = 2");
    receber_udp_texto(u, "oi");
    fim_da_entrada(s);
    eco_udp(u, s->porta, "sem ENTER", 9);
    parar(s);
}

/* Ctrl-C antes de sendto: ela nao se faz, e nao se conta que falhou. */
static void passo_servidor_udp_ctrl_c(void) {
    struct programa *s = rodar(SERVIDOR, "-s -u 0");
    if (e_windows(SERVIDOR))
        nao_se_aplica("o Wine nao espia (PeekNamedPipe) um pipe do Linux");
    passar_socket(s);
    passos(s, "bind");
    passar_inicio(s);
    enviar_udp(novo_udp(), s->porta, "oi", 2);
    passo(s, "recvfrom", "recvfrom(*, \"oi\", *) = 2");
    esperar_texto(s, ERRO, ">> sendto");
    parar(s);
    exigir_sem(s, ERRO, "sendto(");
}

/* Um cliente com -s; passou por connect, e o nosso lado e c->s. */
static struct programa *cliente_ligado(void) {
    int porta, e = escutar(&porta);
    struct programa *c;
    if (qual == PTY) em_um_terminal(CLIENTE);
    c = cliente(porta, "-s");
    passar_socket(c);
    pausa(c, "connect");
    exigir_nada(e, "antes do ENTER");
    teclar(c, "connect(*) = 0");
    c->s = aceitar(e);
    esperar_linha(c, onde, "conectado a *");
    return c;
}

/* Antes e depois da conversa ha pausas; nela, nao. Em um terminal, Ctrl-D acaba
 * a entrada, mas ha quem tecle. */
static void passo_cliente(void) {
    struct programa *c = cliente_ligado();
    digitar_e_ouvir(c, "oi\n");
    falar_e_ver(c, "OI\n");
    if (qual == PTY) {
        esperar_parado(c);
        fim_da_entrada(c);
    } else digitar_e_ouvir(c, "sair\n");
    pausa(c, "shutdown");
    exigir_com(c, onde, "\n" CONVERSA);
    exigir_vezes(c, onde, "ENTER para chamar", e_windows(CLIENTE) ? 4 : 3);
    exigir_nada(c->s, "antes do ENTER de shutdown");
    enviar_texto(c->s, "tarde\n"); /* o que chega nao cai debaixo do pedido */
    esperar_parado(c);
    exigir_sem(c, SAIDA, "tarde");
    teclar(c, "shutdown(*) = 0");
    esperar_texto(c, SAIDA, "tarde\n");
    exigir_fim(c->s);
    passar_fim(c);
}

/* O servidor fecha e esquece a conversa enquanto o cliente esta na pausa do
 * shutdown: o RST que vem depois e da pausa, e a conversa foi inteira. */
static void passo_esquecido(void) {
    struct programa *c = cliente_ligado();
    int nada = -1;
    digitar_e_ouvir(c, "sair\n");
    pausa(c, "shutdown");
    enviar_texto(c->s, "sair\n");
    meio_fechar(c->s);
    setsockopt(c->s, IPPROTO_TCP, TCP_LINGER2, &nada, sizeof nada);
    close(c->s);
    digitar(c, e_windows(CLIENTE) ? "\n\n\n" : "\n\n"); /* ate o fim */
    exigir_saida(c, 0, "sair\n");
}

/* O servidor termina enquanto o cliente com -s espera o teclado: sabe-se na
 * hora, sem nenhuma tecla, e o codigo e 1. */
static void passo_servidor_some(void) {
    struct programa *c = cliente_ligado();
    esperar_parado(c);
    close(c->s);
    esperar_linha(c, onde, "cliente: recv(127.0.0.1:*): o servidor encerrou *");
    exigir_codigo(c, 1);
    exigir_com(c, onde, "\nclose");
    exigir_vezes(c, onde, "ENTER para chamar", e_windows(CLIENTE) ? 3 : 2);
}

static void passo_cliente_udp(void) {
    struct programa *c = cliente_nosso("-s -u");
    passar_socket(c);
    digitar_e_ouvir(c, "oi\n");
    falar_e_ver(c, "oi\n");
    digitar_e_ouvir(c, "sair\n");
    resposta(c, "sair\n");
    passar_fim(c);
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
    pausa(c, "shutdown");
    fim_da_entrada(c);
    exigir_fim(s);
    exigir_codigo(c, 0);
}

/* Sem entrada (/dev/null) nada espera, e tudo e anunciado: socket, bind,
 * listen, accept, recv, close; socket, connect, a conversa, shutdown, close; e
 * as do Winsock. */
static void passo_sem_entrada(void) {
    struct programa *s, *c;
    como.entrada = NULA;
    s = servidor("-s");
    como.entrada = NULA;
    c = cliente(s->porta, "-s");
    exigir_codigo(c, 0);
    esperar_linha(s, ERRO, "%s(*) = 0", fechar(s));
    parar(s);
    exigir_vezes(s, ERRO, "\n>> ", e_windows(SERVIDOR) ? 7 : 6);
    exigir_vezes(c, ERRO, "\n>> ", e_windows(CLIENTE) ? 7 : 5);
}

/* Em um terminal: uma linha inteira conta uma vez, e o que se teclou antes do
 * pedido nao vale para ele. */
static void passo_terminal_servidor(void) {
    struct programa *s;
    int a;
    em_um_terminal(SERVIDOR);
    s = rodar(SERVIDOR, "-s 0");
    pausa(s, "socket");
    congelar(s);
    digitar(s, "\n\n\n\n\n\n");
    mandar_sinal(s, SIGCONT);
    pausa(s, "bind");
    digitar(s, "isto tambem vale um ENTER");
    nada_mais(s);
    teclar(s, "bind(*) = 0");
    passos(s, "listen");
    passar_inicio(s);
    a = ligar(s->porta);
    passos(s, "accept");
    esperar_parado(s);
    exigir_um_fio(s); /* dois esperariam ao mesmo tempo */
    desfazer(a);
    passo(s, "recv", "recv(*) = -1 ECONNRESET");
    passos(s, "close");
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
        struct programa *s;
        em_um_terminal(SERVIDOR);
        s = rodar(SERVIDOR, "-s -n 1 0");
        for (i = 0; i <= ultima; i++) {
            if (i > 0) digitar(s, "\n");
            if (i == 4) {
                anotar_inicio(s, strstr(tudo(s, SAIDA), "servidor TCP em "));
                ligar(s->porta);
            }
            pausa(s, pausas[i]);
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

const struct caso casos_rastro[] = {
    {"passo_terminal_ctrl_c", passo_terminal_ctrl_c},
    {"rastro_tcp", rastro_tcp},
    {"rastro_udp", rastro_udp},
    {"rastro_falha_de_bind", rastro_falha, "", SERVIDOR},
    {"rastro_falha_de_connect", rastro_falha, "", CLIENTE},
    {"sem_rastro_tcp", sem_rastro, "-t"},
    {"sem_rastro_udp", sem_rastro, "-u"},
    {"passo_servidor", passo_servidor},
    {"passo_despedida", passo_despedida},
    {"passo_servidor_udp", passo_servidor_udp},
    {"passo_servidor_udp_ctrl_c", passo_servidor_udp_ctrl_c},
    {"passo_cliente", passo_cliente},
    {"passo_terminal_cliente", passo_cliente, "", PTY},
    {"passo_esquecido", passo_esquecido},
    {"passo_servidor_some", passo_servidor_some},
    {"passo_terminal_servidor_some", passo_servidor_some, "", PTY},
    {"passo_cliente_udp", passo_cliente_udp},
    {"passo_cliente_colado", passo_cliente_colado},
    {"passo_sem_entrada", passo_sem_entrada},
    {"passo_terminal_servidor", passo_terminal_servidor},
    {"passo_ctrl_c_na_leitura", passo_ctrl_c_na_leitura},
    {NULL, NULL}};
