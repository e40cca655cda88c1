/*
 * casos_falhas.c - uma turma inteira de uma vez: cada falha que um cliente,
 * um servidor ou a rede podem ter e, depois dela, alguem bem comportado que
 * tem de ser atendido. As duas formas de TCP (-n 1: o laco da aula; as
 * outras: poll) passam pelas mesmas falhas.
 */
#include "ensaio.h"

#define MUITO   (16 << 20) /* bytes: mais do que se guarda de uma conexao */
#define PARADO  400        /* ms sem nada andar: quem envia esta travado */
#define OLHADAS 60         /* vezes em que se ve se o programa dorme */

/* Depois de cada falha: um cliente de verdade. */
static void bem_atendido(struct programa *s) {
    struct programa *c = cliente(s->porta, s->udp ? "-u" : "");
    digitar(c, "boa tarde\nsair\n");
    exigir_saida(c, 0, "boa tarde\nsair\n");
}

/* ---- Medir um programa ------------------------------------------------ */

/* Um numero de /proc/PID/status; o nome vem com os dois pontos. -1: o que esta
 * la nao e o proprio programa, e sim o wine, ou outro que o interprete. */
static long do_status(const struct programa *p, const char *nome) {
    char caminho[64], linha[256];
    long valor = -1;
    FILE *f;
    sprintf(caminho, "/proc/%d/status", (int)p->pid);
    f = fopen(caminho, "re");
    while (f && fgets(linha, sizeof linha, f)) {
        if (casa(linha, "Name:*.exe*") ||
            (casa(linha, "Name:*") && !strstr(linha, p->nome)))
            break;
        if (strncmp(linha, nome, strlen(nome)) == 0)
            valor = atol(linha + strlen(nome));
    }
    if (f) fclose(f);
    return valor;
}

/* O programa nao gira em falso: das vezes em que se olha, quase sempre dorme, e
 * dorme de cada vez muito (conta-se quantas vezes ele acorda). Um que gira esta
 * sempre rodando ou na fila do processador, por mais ocupada que a maquina
 * esteja; o tempo de processador nao o mostraria. */
static void exigir_calmo(const struct programa *p, const char *quando) {
    long acordou = do_status(p, "voluntary_ctxt_switches:");
    int i, dormia = 0;
    if (acordou < 0) return;
    for (i = 0; i < OLHADAS; i++) {
        poll(NULL, 0, 10);
        dormia += dorme(p);
    }
    acordou = do_status(p, "voluntary_ctxt_switches:") - acordou;
    exigir(dormia >= OLHADAS / 2 && acordou <= 3 * OLHADAS,
           "esperava que o %s esperasse, %s; em %d olhadas dormia em %d, e "
           "acordou %ld vezes",
           p->nome, quando, OLHADAS, dormia, acordou);
}

/* ---- Muitos bytes ----------------------------------------------------- */

static unsigned char livro[MUITO + 131072]; /* o que se envia por atacado */

static void abrir_livro(void) {
    unsigned semente = 4;
    encher(livro, sizeof livro, &semente);
}

/* Uma conexao que envia, e nao le. */
struct ponta {
    int s;
    const unsigned char *texto; /* parte do livro */
    size_t foi;
};

/* Envia por todas, sem ler, ate que nenhuma ande por PARADO ms. */
static void entupir(struct ponta *p, int n) {
    struct pollfd v[64];
    ssize_t r;
    int i;
    do {
        for (i = 0; i < n; i++) {
            v[i].fd = p[i].s;
            v[i].events = POLLOUT;
            r = send(p[i].s, p[i].texto + p[i].foi, 65536, MSG_NOSIGNAL);
            exigir(r > 0 || errno == EAGAIN, "send: %s", strerror(errno));
            if (r > 0) p[i].foi += (size_t)r;
            exigir(p[i].foi < MUITO,
                   "esperava que parasse de ler quem nao le; aceitou 16 MB");
        }
    } while (poll(v, (nfds_t)n, PARADO) > 0);
}

static struct ponta abrir_ponta(int porta, const unsigned char *texto) {
    struct ponta p = {-1, NULL, 0};
    p.s = ligar_apertado(porta, 65536, 65536);
    p.texto = texto;
    return p;
}

static struct ponta entupida(int porta) {
    struct ponta p = abrir_ponta(porta, livro);
    abrir_livro();
    entupir(&p, 1);
    return p;
}

/* ---- TCP: conexoes desfeitas ------------------------------------------ */

/* No meio de uma linha; e sem ler o eco, que o servidor ja nao pode enviar (no
 * Wine um RST que chega com o programa parado se le como um fim). */
static void reset_no_meio(void) {
    struct programa *s = servidor(forma);
    int c = ligar(s->porta);
    eco(c, "meia lin");
    desfazer(c);
    if (e_windows(SERVIDOR)) esperar_linha(s, SAIDA, "cliente * sai*");
    else
        esperar_linha(s, SAIDA, "cliente * caiu: conexao desfeita*ECONNRESET)");
    c = ligar(s->porta);
    enviar_texto(c, "sai");
    desfazer(c);
    bem_atendido(s);
    desfazer(entupida(s->porta).s);
    bem_atendido(s);
    close(entupida(s->porta).s); /* com bytes por ler, tambem e um RST */
    bem_atendido(s);
}

/* De cem que esperam, e que o servidor nem viu, uns ja desistiram: nao e falta
 * de nada, e os outros nada perdem. */
static void reset_na_fila(void) {
    struct programa *s = servidor("-q %s", forma);
    int i, c[100], n = e_windows(SERVIDOR) ? 8 : 100, um = ligar(s->porta);
    eco(um, "oi\n"); /* com -n 1, enquanto este conversa */
    if (!e_windows(SERVIDOR)) congelar(s);
    for (i = 0; i < n; i++) {
        c[i] = ligar(s->porta);
        if (i % 4 > 0) enviar_texto(c[i], "alguem?\n");
        if (i % 4 < 2) desfazer(c[i]);
        if (i % 4 == 2) close(c[i]);
    }
    if (!e_windows(SERVIDOR)) mandar_sinal(s, SIGCONT);
    close(um);
    for (i = 3; i < n; i += 4) {
        receber_texto(c[i], "alguem?\n");
        close(c[i]);
    }
    bem_atendido(s);
    exigir_sem(s, ERRO, "accept(");
}

/* ---- TCP: meio fechadas, abertas e fechadas --------------------------- */

static void meio_fechada(void) {
    struct programa *s = servidor("-q %s", forma);
    struct ponta p;
    int c = ligar(s->porta);
    meio_fechar(c); /* sem dizer nada */
    exigir_fim(c);
    c = ligar(s->porta);
    enviar_texto(c, "sem fim de linha");
    meio_fechar(c);
    receber_texto(c, "sem fim de linha");
    exigir_fim(c);
    c = ligar(s->porta);
    shutdown(c, SHUT_RD); /* nao quer ouvir */
    enviar_texto(c, "surdo\n");
    close(c);
    p = entupida(s->porta);
    meio_fechar(p.s); /* com quase tudo por voltar */
    receber_bytes(p.s, livro, p.foi);
    exigir_fim(p.s);
    bem_atendido(s);
}

/* Todos contam, e cada um que sai devolve o seu descritor: o servidor so pode
 * ter 24. */
static void abre_e_fecha(void) {
    struct programa *s;
    int i, c, n = e_windows(SERVIDOR) ? 200 : 2000;
    if (!e_windows(SERVIDOR)) {
        como.recurso = RLIMIT_NOFILE;
        como.limite = 24;
    }
    s = servidor("-q -n %d", qual);
    for (i = 0; i < n; i++) {
        c = ligar(s->porta);
        if (i % 2 && !e_windows(SERVIDOR)) desfazer(c);
        else close(c);
    }
    bem_atendido(s);
    parar_com(s, "resumo: clientes %d, *", n + 1);
    exigir_sem(s, ERRO, "accept(");
}

/* ---- TCP: ritmos ------------------------------------------------------ */

/* Dez ao mesmo tempo, um byte de cada um: quanto de "sair" ja se viu e de cada
 * conversa. */
static void um_byte_por_vez(void) {
    struct programa *s = servidor("");
    static const char texto[] = "devagar\r\nsai\nsairr\nsair \nsair\r\n";
    int c[10], i, k;
    for (k = 0; k < 10; k++) c[k] = ligar(s->porta);
    for (i = 0; texto[i]; i++) {
        for (k = 0; k < 10; k++) enviar(c[k], texto + i, 1);
        for (k = 0; k < 10; k++) receber_bytes(c[k], texto + i, 1);
    }
    for (k = 0; k < 10; k++) exigir_fim(c[k]);
}

/* Dados urgentes (MSG_OOB): nenhum byte se perde, e ninguem gira em falso; nem
 * com quem nao os le, e some. */
static void urgente(void) {
    struct programa *s = servidor("-q %s", forma);
    int i, c;
    for (i = 0; i < 20; i++) {
        c = ligar(s->porta);
        send(c, "xyz!", 4, MSG_OOB);
        if (i % 2) desfazer(c);
        else close(c);
    }
    c = ligar(s->porta);
    eco(c, "ab");
    for (i = 0; i < 3; i++) {
        exigir(send(c, "!", 1, MSG_OOB) == 1, "send: %s", strerror(errno));
        if (i == 0) exigir_calmo(s, "com um byte urgente");
        receber_texto(c, "!");
    }
    eco(c, "fim\n");
}

/* ---- TCP: quem nao le ------------------------------------------------- */

/* Com muitos, os outros nem percebem, e o servidor espera sem girar; quem
 * chegou antes e sai muda o que ficou de lugar, no vetor de clientes. Nada se
 * perde: nem se ele para e continua (Ctrl-Z, fg), nem se quem nao le, com quase
 * todo o eco por voltar, diz sair, e mais alguma coisa, e so entao le, devagar.
 */
static void quem_nao_le(void) {
    struct programa *s = servidor("-q %s", forma);
    int antes = ligar(s->porta);
    struct ponta p;
    size_t i;
    eco(antes, "oi\n");
    p = entupida(s->porta);
    close(antes);
    entupir(&p, 1); /* com -n 1, e a sua vez */
    if (!*forma) bem_atendido(s);
    exigir_calmo(s, "com um cliente que nao le");
    if (!e_windows(SERVIDOR)) {
        congelar(s);
        mandar_sinal(s, SIGCONT);
    }
    for (i = 0; !ha(p.s, POLLOUT, 0); i += 500)
        receber_bytes(p.s, livro + i, 500);
    enviar_texto(p.s, "\nsair\n");
    send(p.s, livro, 30000, MSG_NOSIGNAL); /* o que couber: sera ignorado */
    for (; i + 500 < p.foi; i += 500) receber_bytes(p.s, livro + i, 500);
    receber_bytes(p.s, livro + i, p.foi - i);
    receber_texto(p.s, "\nsair\n");
    exigir_fim(p.s);
    bem_atendido(s);
}

/* De cada um que nao le se guardam 64 KB (e mais 8, de conta), que voltam ao
 * sistema quando ele le, ainda que fique; e quando sai, ainda que nao leia. */
static void memoria_volta(void) {
    enum { N = 60 };
    struct programa *s = servidor("-q");
    struct ponta p[N];
    long comeco, cheia, volta, tamanho = do_status(s, "VmSize:");
    int vez, i;
    if (tamanho < 0 || tamanho > 1000000000)
        nao_se_aplica("o wine, o AddressSanitizer: a memoria nao e a dele");
    eco(ligar(s->porta), "eu fico\n");
    exigir_um_fio(s); /* as pilhas dos outros a biblioteca guarda */
    abrir_livro();
    comeco = do_status(s, "VmRSS:");
    for (vez = 0; vez < 2; vez++) {
        for (i = 0; i < N; i++) p[i] = abrir_ponta(s->porta, livro + i * 1000);
        do {
            entupir(p, N);
            cheia = do_status(s, "VmRSS:") - comeco;
        } while (cheia < 1000); /* com a maquina ocupada, ainda nao leu */
        exigir(cheia < N * 72, "esperava menos de %d kB para %d, vi %ld",
               N * 72, N, cheia);
        for (i = 0; i < N; i++) {
            if (vez == 0) receber_bytes(p[i].s, p[i].texto, p[i].foi);
            else desfazer(p[i].s);
        }
        bem_atendido(s);
        volta = do_status(s, "VmRSS:") - comeco;
        exigir(volta < cheia / 3, "esperava menos de %ld kB a mais, vi %ld",
               cheia / 3, volta);
        for (i = 0; i < N && vez == 0; i++) close(p[i].s);
    }
}

/* ---- TCP: quem espera a vez ------------------------------------------- */

/* Cheio, avisa uma vez que ha quem espere; com -q, nem isso; e nao gira. A
 * ultima vaga e a que passa de um a outro. Com -n 1, o laco do slide ve a fila
 * a cada mensagem, antes de parar em recv: o eco de um "eu" so vem depois de
 * tudo o que o "eu" anterior causou. */
static void lotado(void) {
    struct programa *s = servidor(forma);
    int c[4], i, n = strstr(forma, "-n 2") ? 2 : 1;
    char linha[64];
    sprintf(linha, "lotado (-n %d): outro espera na fila\n", n);
    if (n == 2) eco(ligar(s->porta), "eu fico\n");
    exigir_um_fio(s); /* o eco seria de um, e o aviso de outro */
    for (i = 0; i < 3; i++) c[i] = ligar(s->porta);
    eco(c[0], "eu\n");
    exigir_calmo(s, "cheio e com gente na fila");
    eco(c[0], "eu\n");
    exigir_vezes(s, SAIDA, linha, qual);
    eco(c[0], "eu\n");
    desfazer(c[0]); /* um sai, um entra, e ainda ha um na fila: e a mesma vez */
    eco(c[1], "eu\n");
    close(c[1]); /* a fila se esvazia; a seguinte e outra */
    eco(c[2], "eu\n");
    exigir_vezes(s, SAIDA, "lotado", qual);
    c[3] = ligar(s->porta);
    eco(c[2], "eu\n");
    eco(c[2], "eu\n");
    exigir_vezes(s, SAIDA, linha, 2 * qual);
}

/* ---- Descritores que acabam ------------------------------------------- */

/* O limite desce com o servidor no ar, e volta a subir, duas vezes: cada falta
 * se conta, uma vez, os de dentro seguem, e ninguem gira. O primeiro cliente
 * vem antes: o servidor que o atendeu ja abriu tudo de que precisa (o do
 * exercicio 16, o descritor de epoll). */
static void falta_duas_vezes(void) {
    struct programa *s = servidor("-v %s", forma);
    int c = ligar(s->porta), dentro = -1, vez, em_uso;
    so_posix(SERVIDOR);
    eco(c, "oi\n");
    em_uso = descritores(s) - 1;
    close(c);
    esperar_linha(s, ERRO, "close(*) = 0");
    if (!*forma) {
        eco(dentro = ligar(s->porta), "estou dentro\n");
        em_uso++;
    }
    for (vez = 0; vez < 2; vez++) {
        limitar_descritores(s, em_uso);
        do { /* o accept que ja esperava ja tinha o seu descritor */
            c = ligar(s->porta);
            enviar_texto(c, "tem lugar?\n");
            while (vezes(tudo(s, ERRO), "(EMFILE)") == vez &&
                   !ha(c, POLLIN, 50))
                ler_o_que_ha();
            if (ha(c, POLLIN, 0)) close(c); /* este entrou */
        } while (vezes(tudo(s, ERRO), "(EMFILE)") == vez);
        esperar_linha(s, ERRO,
                      "servidor: accept(*): descritores esgotados (EMFILE). *");
        exigir_calmo(s, "sem descritores");
        if (!*forma) eco(dentro, "e continuo\n");
        esperar_linha(s, ERRO, "accept(*) = -1 EMFILE"); /* de novo */
        exigir_vezes(s, ERRO, "(EMFILE)", vez + 1);
        limitar_descritores(s, -1);
        receber_texto(c, "tem lugar?\n");
        close(c);
        bem_atendido(s);
    }
}

/* Com o limite brando em 64, cem clientes (e o que mais se abre) cabem: pede-se
 * ate o rigido, e nao se avisa. */
static void limite_brando(void) {
    struct programa *s;
    int i;
    so_posix(SERVIDOR);
    limitar_os_nossos(64);
    s = servidor("-n 100");
    limitar_os_nossos(200);
    for (i = 0; i < 100; i++) eco(ligar(s->porta), "dentro\n");
    exigir_texto("stderr do servidor", tudo(s, ERRO), "");
}

/* ---- Sinais ----------------------------------------------------------- */

/* Muitos Ctrl-C seguidos, com o servidor em cada lugar onde ele espera: sai com
 * 0, e com um resumo. */
static void ctrl_c(void) {
    static const int sinais[] = {SIGINT, SIGTERM, SIGINT, SIGWINCH, SIGALRM};
    int lugar, i, c, udp = strcmp(forma, "-u") == 0;
    struct programa *s;
    so_posix(SERVIDOR);
    for (lugar = 0; lugar < (udp ? 2 : 4); lugar++) {
        como.entrada = NULA; /* com ela, -s nao espera por ENTER */
        s = servidor("%s %s", lugar == 3 ? "-s" : "-q", forma);
        for (i = 0; i < 100 && lugar == 1 && udp; i++) /* no meio deles */
            enviar_udp(novo_udp(), s->porta, "oi\n", 3);
        if (lugar == 1 && !udp) eco(ligar(s->porta), "oi\n"); /* em recv */
        if (lugar == 2) entupida(s->porta);                   /* em send */
        if (lugar == 3) { /* na despedida de quem nao fecha: 60 segundos */
            eco(c = ligar(s->porta), "sair\n");
            receber_fim(c);
        }
        kill(s->pid, SIGINT);
        for (i = 0; i < 200 && s->vivo; i++)
            kill(s->pid, sinais[i % 5]); /* ainda nao colhido: existe */
        exigir_codigo(s, 0);
        exigir_vezes(s, SAIDA, "resumo: clientes ", 1);
    }
}

/* Quem lia o registro do servidor saiu (servidor | head): ele continua. */
static void registro_sem_leitor(void) {
    struct programa *s = servidor(forma);
    so_posix(SERVIDOR);
    close(s->saida.fd);
    s->saida.fd = -1;
    bem_atendido(s);
    bem_atendido(s);
}

/* ---- UDP -------------------------------------------------------------- */

/* Quem fecha antes da resposta (volta um ICMP); e quem despeja, sem ler. Os que
 * fecham tem um endereco so deles: o eco nao chega a quem, em outro caso, vier
 * a ter a mesma porta. */
static void udp_enxurrada(void) {
    struct programa *s = servidor("-u -q");
    int i, c, porta;
    abrir_livro();
    for (i = 0; i < 30; i++) {
        porta = 0;
        c = abrir_udp("127.0.0.2", &porta);
        if (c < 0) nao_se_aplica("este sistema nao tem 127.0.0.2");
        enviar_udp(c, s->porta, "tchau\n", 6);
        close(c);
    }
    c = novo_udp();
    for (i = 0; i < 20000; i++)
        enviar_udp(c, s->porta, livro + i, (size_t)(i % 1400));
    for (i = 0; i < 300; i++) enviar_udp(c, s->porta, livro, 65507);
    bem_atendido(s);
}

/* ---- Terminal --------------------------------------------------------- */

static const char veneno[] =
    "\033[2J\033]0;titulo\007\b\b\r\v\f\016\177\x9b"
    "31m\xc2\x9b"
    "31m"
    "\xc2\x85\xe0\x80\x9b\xf0\x80\x80\x9b\xed\xa0\x80\xff\xfe \xc3\xa7 %s%n\n"
    "\033[6n\0\x9d\033P\033\\fim\n";

/* Tudo o que o proximo programa diz vai para um terminal. */
static void na_tela(int quem) {
    if (e_windows(quem))
        nao_se_aplica("o console do Wine escreve os seus proprios escapes; "
                      "veja console.py");
    como.saida = PTY;
}

static void exigir_tudo_visivel(struct programa *p) {
    exigir_visivel("stdout", p->saida.dados, p->saida.n);
    exigir_visivel("stderr", p->erro.dados, p->erro.n);
}

static void veneno_no_servidor(void) {
    struct programa *s;
    int c;
    na_tela(SERVIDOR);
    s = servidor("%s", forma);
    if (strstr(forma, "-u"))
        eco_udp(novo_udp(), s->porta, veneno, sizeof veneno - 1);
    else {
        c = ligar(s->porta);
        eco_bytes(c, veneno, sizeof veneno - 1); /* volta como foi */
        eco(c, "\xc3");                          /* meio caractere */
        close(c);
    }
    bem_atendido(s);
    parar(s);
    if (!strstr(forma, "-v")) exigir_com(s, SAIDA, "\\x1b[2J");
    exigir_tudo_visivel(s);
}

/* ---- O cliente e os servidores hostis --------------------------------- */

/* Cada linha tem a sua marca; e cada resposta UDP sem fim de linha, a sua
 * linha.
 */
static void veneno_no_cliente(void) {
    struct programa *c;
    const char *p;
    int i;
    na_tela(CLIENTE);
    pode_atrasar = 1;
    c = cliente_nosso(forma);
    digitar_e_ouvir(c, "oi\n");
    if (c->udp) enviar_udp(c->s, c->dele, veneno, sizeof veneno - 1);
    else enviar(c->s, veneno, sizeof veneno - 1);
    esperar_linha(c, SAIDA, "servidor> *fim*");
    for (i = 0; i < 3 && c->udp; i++) {
        digitar_e_ouvir(c, "que horas sao?\n");
        resposta(c, "dez");
        linha_exata(c, SAIDA, "servidor> dez");
    }
    if (c->udp) acabar(c, 0);
    else acabar_em_ordem(c);
    exigir_tudo_visivel(c);
    for (p = tudo(c, SAIDA); *p; p = strchr(p, '\n') + 1)
        exigir(strncmp(p, "servidor> ", 10) == 0,
               "esperava a marca servidor>, vi \"%s\"", mostra(p, strlen(p)));
}

/* Um megabyte sem nenhum fim de linha, em um terminal: uma marca so. */
static void linha_sem_fim_no_cliente(void) {
    enum { MB = 1 << 20 };
    static char as[10 + MB + 1] = "servidor> ";
    struct programa *c;
    na_tela(CLIENTE);
    c = cliente_nosso("");
    memset(as + 10, 'a', MB);
    enviar(c->s, as + 10, MB);
    meio_fechar(c->s);
    exigir_codigo(c, 1); /* ele encerrou antes */
    as[10 + MB] = '\n';
    exigir_bytes("a linha", c->saida.dados, c->saida.n, as, sizeof as);
}

/* Um cliente que envia n bytes do livro e a linha sair a quem nao le, e de que
 * o sistema guarda pouco; volta quando ele trava. */
static struct programa *enviar_a_quem_nao_le(size_t n) {
    int porta, escuta = escutar(&porta), pouco = 4096, mss = 1400;
    FILE *f = tmpfile();
    struct programa *c;
    setsockopt(escuta, SOL_SOCKET, SO_RCVBUF, &pouco, sizeof pouco);
    setsockopt(escuta, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
    abrir_livro();
    exigir(f && fwrite(livro, 1, n, f) == n && fputs("\nsair\n", f) >= 0,
           "nao pude escrever o arquivo");
    rewind(f);
    como.entrada = fileno(f);
    c = cliente(porta, "");
    fclose(f);
    c->s = aceitar(escuta);
    esperar_fd(c->s, POLLIN, "o comeco do envio do cliente");
    esperar_parado(c);
    return c;
}

/* Com a linha sair presa no meio de um send, o servidor se cala: o cliente nao
 * espera para sempre, nem diz que deu certo, nem deixa parecer (FIN) que tudo
 * foi enviado. (Quanto cabe nao e sempre igual: procura-se, de send em send, o
 * primeiro que nao cabe; o ultimo acaba em sair.) Ou o servidor fecha sem ler,
 * ou desfaz a conexao: tambem nunca e sucesso. */
static void sair_preso(void) {
    enum { SEND = 65536 }; /* bytes de cada um */
    size_t n = SEND - 6;
    struct programa *c;
    int i;
    for (;; n += SEND) {
        exigir(n < MUITO, "coube tudo");
        c = enviar_a_quem_nao_le(n);
        meio_fechar(c->s);
        if (esperar_saida(c) != 0) break;
    }
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: recv(*o servidor encerrou a conversa*");
    if (!e_windows(CLIENTE)) exigir_corte(c->s); /* o wine fecha em ordem */
    for (i = 0; i < 4; i++) {
        c = enviar_a_quem_nao_le(i < 2 ? 10 * SEND : n);
        if (i == 0) close(c->s); /* com bytes por ler, tambem e um RST */
        else desfazer(c->s);
        exigir_codigo(c, 1);
        /* a falha e uma so, e o fio que envia pode gasta-la um instante antes
         * que o outro leia: entao o que este ve e um fim */
        exigir(strstr(tudo(c, ERRO), "ECONNRESET") ||
                   strstr(tudo(c, ERRO), "EPIPE") ||
                   strstr(tudo(c, ERRO), "encerrou a conversa antes de voce"),
               "esperava o motivo (ECONNRESET, EPIPE...), vi \"%s\"",
               tudo(c, ERRO));
    }
}

/* A conexao se desfaz com os dois fios no meio de uma chamada, e a saida de
 * erros nao anda: cada um tem a sua falha a contar, ao mesmo tempo, e so uma se
 * conta. (Qual ve o que, e sorte; se usam a mesma memoria, e o ThreadSanitizer
 * quem ve.) */
static void os_dois_fios_falham(void) {
    static const char *const linhas[] = {
        "conectado a *", "cliente: *(127.0.0.1:*): * (E*). *",
        "cliente: recv(127.0.0.1:*): o servidor enc*",
        "fim da conversa: * bytes enviados, *", NULL};
    static char vazias[4096];
    struct programa *c;
    int erro[2], vez;
    so_posix(CLIENTE);
    memset(vazias, '\n', sizeof vazias);
    for (vez = 0; vez < 4; vez++) {
        abrir_cano(erro);
        sem_bloquear(erro[0]);
        como.erro = erro[1];
        c = enviar_a_quem_nao_le(1 << 20);
        c->erro.fd = erro[0];
        esperar_linha(c, ERRO, "conectado a *");
        c->erro.fd = -1; /* ninguem mais a le, e ela enche */
        while (ha(erro[1], POLLOUT, 0) && write(erro[1], vazias, 4096) == 4096)
            continue;
        desfazer(c->s);
        poll(NULL, 0, PARADO); /* que um espere pelo outro, ou pela saida */
        c->erro.fd = erro[0];
        close(erro[1]);
        exigir_codigo(c, 1);
        exigir_linhas(tudo(c, ERRO), linhas);
        exigir_vezes(c, ERRO, "\ncliente: ", 1);
    }
}

/* O servidor, que quase nada leu, se cala e depois fecha: o RST vem depois do
 * fim (recv = 0), e o cliente, que ja disse tudo, o ve. */
static void rst_depois_do_fim(void) {
    struct programa *c;
    so_posix(CLIENTE);
    c = enviar_a_quem_nao_le(20000); /* cabem no sistema dele */
    esperar_linha(c, ERRO, "cliente: tudo enviado; *");
    congelar(c);
    meio_fechar(c->s);
    close(c->s); /* com bytes por ler */
    mandar_sinal(c, SIGCONT);
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: recv(*");
}

/* Um nome que nao existe, e que nem cabe no DNS: nao e uso errado, e uma
 * falha, contada em uma linha que nao manda no terminal. */
static void nome_venenoso(void) {
    char nome[400];
    struct programa *c;
    memset(nome, 'a', sizeof nome);
    memcpy(nome, "\033[2J\n\xff%s%n", 10);
    nome[sizeof nome - 1] = '\0';
    c = rodar(CLIENTE, "%s", nome);
    exigir_codigo(c, 1);
    exigir_visivel("stderr", c->erro.dados, c->erro.n);
    exigir_vezes(c, ERRO, "\n", 1);
}

const struct caso casos_falhas[] = {
    {"reset_no_meio_um reset_no_meio_varios", reset_no_meio},
    {"reset_na_fila_um reset_na_fila_varios", reset_na_fila},
    {"tcp_meio_fechada_um tcp_meio_fechada_varios", meio_fechada},
    {"tcp_abre_e_fecha_um", abre_e_fecha, "", 1},
    {"tcp_abre_e_fecha_varios", abre_e_fecha, "", 8},
    {"um_byte_por_vez", um_byte_por_vez},
    {"urgente_um urgente_varios", urgente},
    {"quem_nao_le_um quem_nao_le_varios", quem_nao_le},
    {"memoria_volta", memoria_volta},
    {"lotado", lotado, "-n 2", 1},
    {"lotado_quieto", lotado, "-q -n 2", 0},
    {"lotado_n_1", lotado, "-n 1", 1},
    {"lotado_n_1_rastro", lotado, "-v -n 1", 1},
    {"lotado_n_1_quieto", lotado, "-q -n 1", 0},
    {"falta_duas_vezes_um falta_duas_vezes_varios", falta_duas_vezes},
    {"limite_brando", limite_brando},
    {"ctrl_c_um ctrl_c_varios", ctrl_c},
    {"ctrl_c_udp", ctrl_c, "-u"},
    {"registro_sem_leitor_um registro_sem_leitor_varios", registro_sem_leitor},
    {"udp_enxurrada", udp_enxurrada},
    {"veneno_no_servidor_um veneno_no_servidor_varios", veneno_no_servidor},
    {"veneno_no_servidor_udp", veneno_no_servidor, "-u"},
    {"veneno_no_rastro_udp", veneno_no_servidor, "-u -v"},
    {"veneno_no_cliente_tcp", veneno_no_cliente, "-t -v"},
    {"veneno_no_cliente_udp", veneno_no_cliente, "-u -v"},
    {"linha_sem_fim_no_cliente", linha_sem_fim_no_cliente},
    {"sair_preso", sair_preso},
    {"os_dois_fios_falham", os_dois_fios_falham},
    {"rst_depois_do_fim", rst_depois_do_fim},
    {"nome_venenoso", nome_venenoso},
    {NULL, NULL}};
