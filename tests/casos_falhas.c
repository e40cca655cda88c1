/*
 * casos_falhas.c - uma turma inteira de uma vez: cada falha que um cliente,
 * um servidor ou a rede podem ter e, depois dela, alguem bem comportado que
 * tem de ser atendido. As duas formas de TCP (-n 1: o laco da aula; as
 * outras: poll) passam pelas mesmas falhas.
 */
#include "ensaio.h"
#include <sys/ioctl.h>

#define MB      (1024 * 1024)
#define MUITO   (16 * MB) /* mais do que o sistema guarda de uma conexao */
#define PARADO  400       /* ms sem nada andar: quem envia esta travado */
#define OLHADAS 60        /* vezes em que se ve se o programa dorme */

static unsigned char livro[MUITO + 65536]; /* o que se envia por atacado */

static void abrir_livro(void) {
    unsigned semente = 4;
    if (livro[0] == 0) encher(livro, sizeof livro, &semente);
}

/* ---- Quem se comporta bem --------------------------------------------- */

/* Depois de cada falha: um socket, e um cliente de verdade. */
static void bem_atendido(struct programa *s) {
    int udp = strstr(s->primeira_linha, "UDP") != NULL, c;
    struct programa *p;
    if (!udp) {
        c = ligar(s->porta);
        enviar_texto(c, "bom ");
        enviar_texto(c, "dia\n");
        receber_texto(c, "bom dia\n");
        meio_fechar(c);
        exigir_fim(c);
    }
    p = cliente(s->porta, udp ? "-u" : "");
    digitar(p, "boa tarde\nsair\n");
    exigir_saida(p, 0, "boa tarde\nsair\n");
}

/* ---- Medir um programa ------------------------------------------------ */

/* 1 se o que esta em /proc e do proprio programa: nao do valgrind, do wine ou
 * de outro que o interprete. */
static int medivel(const struct programa *p) {
    char caminho[64], exe[512];
    ssize_t n;
    sprintf(caminho, "/proc/%d/exe", (int)p->pid);
    n = readlink(caminho, exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    return strstr(exe, "/servidor") || strstr(exe, "/cliente");
}

static void exigir_proc(const struct programa *p) {
    if (!medivel(p))
        nao_se_aplica("mede-se em /proc, e so o programa sem intermediario");
}

/* Um numero de /proc/PID/status; o nome vem com os dois pontos. */
static long do_status(struct programa *p, const char *nome) {
    char caminho[64], linha[256];
    long valor = -1;
    FILE *f;
    sprintf(caminho, "/proc/%d/status", (int)p->pid);
    f = fopen(caminho, "r");
    exigir(f != NULL, "o %s nao esta em /proc", p->nome);
    while (fgets(linha, sizeof linha, f))
        if (strncmp(linha, nome, strlen(nome)) == 0)
            valor = atol(linha + strlen(nome));
    fclose(f);
    return valor;
}

/* O programa nao gira em falso: das vezes em que se olha, quase sempre dorme, e
 * dorme de cada vez muito (conta-se quantas vezes ele acorda). Um que gira esta
 * sempre rodando ou na fila do processador, por mais ocupada que a maquina
 * esteja; o tempo de processador nao o mostraria. */
static void exigir_calmo(struct programa *p, const char *quando) {
    long acordou;
    int i, dormia = 0;
    if (!medivel(p)) return;
    acordou = do_status(p, "voluntary_ctxt_switches:");
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

/* Uma ponta que envia parte do livro e confere o que volta. */
struct ponta {
    int s;
    size_t inicio; /* onde comeca, no livro */
    size_t foi, voltou;
};

static struct ponta abrir_ponta(int porta, size_t inicio) {
    struct ponta p = {-1, 0, 0, 0};
    abrir_livro();
    p.s = ligar_apertado(porta, 65536, 65536);
    p.inicio = inicio;
    return p;
}

/* Envia o que couber agora, ate o byte n; 1 se algum foi. */
static int enviar_algo(struct ponta *p, size_t n) {
    ssize_t r;
    if (p->foi >= n) return 0;
    r = send(p->s, livro + p->inicio + p->foi, n - p->foi, MSG_NOSIGNAL);
    if (r < 0 && errno != EAGAIN) falhar("send: %s", strerror(errno));
    if (r > 0) p->foi += (size_t)r;
    return r > 0;
}

/* Le ate max bytes do que ja voltou e confere; 1 se veio algum. */
static int receber_algum(struct ponta *p, size_t max) {
    static char visto[65536];
    ssize_t r;
    if (p->voltou >= p->foi) return 0;
    if (max > sizeof visto) max = sizeof visto;
    if (max > p->foi - p->voltou) max = p->foi - p->voltou;
    r = recv(p->s, visto, max, 0);
    if (r < 0 && errno == EAGAIN) return 0;
    if (r <= 0)
        falhar("esperava o resto do eco; a conexao %s com %lu bytes por voltar",
               r == 0 ? "acabou" : "foi desfeita",
               (unsigned long)(p->foi - p->voltou));
    exigir_bytes("eco", visto, (size_t)r, livro + p->inicio + p->voltou,
                 (size_t)r);
    p->voltou += (size_t)r;
    return 1;
}

/* Envia do livro ate o byte n e le tudo de volta, nos dois sentidos. */
static void ir_e_voltar(struct ponta *p, size_t n) {
    while (p->voltou < n) {
        esperar_fd(p->s, p->foi < n ? POLLIN | POLLOUT : POLLIN,
                   "o eco de muitos bytes");
        enviar_algo(p, n);
        receber_algum(p, 65536);
    }
}

/* Le o que falta voltar, de pouco em pouco, e se despede. */
static void ler_o_resto(struct ponta *p, size_t pedaco) {
    meio_fechar(p->s);
    while (p->voltou < p->foi) {
        esperar_fd(p->s, POLLIN, "o que falta do eco");
        receber_algum(p, pedaco);
    }
    exigir_fim(p->s);
}

/* Envia por todas as pontas, sem ler, ate que nenhuma ande por PARADO ms. */
static void enviar_ate_travar(struct ponta *p, int n) {
    struct pollfd v[64];
    int i, andou;
    do {
        for (i = 0; i < n; i++) {
            v[i].fd = p[i].s;
            v[i].events = POLLOUT;
        }
        andou = poll(v, (nfds_t)n, PARADO) > 0;
        for (i = 0; i < n; i++) {
            if (v[i].revents) enviar_algo(&p[i], MUITO);
            exigir(p[i].foi < MUITO,
                   "esperava que parasse de ler quem nao le; aceitou 16 MB");
        }
    } while (andou);
}

/* ---- TCP: conexoes desfeitas ------------------------------------------ */

/* No Wine um RST que chega com o programa parado se le como um fim. */
static void esperar_queda(struct programa *s) {
    if (e_windows(SERVIDOR)) esperar_linha(s, SAIDA, "cliente * sai*");
    else
        esperar_linha(s, SAIDA, "cliente * caiu: conexao desfeita*ECONNRESET)");
}

/* Mal chega; no meio de uma linha; sem ler o eco; e na despedida. */
static void reset_no_meio(void) {
    struct programa *s = servidor(forma);
    int i, c;
    for (i = 0; i < 50; i++) desfazer(ligar(s->porta));
    bem_atendido(s);
    c = ligar(s->porta);
    eco(c, "meia lin");
    esperar_linha(s, SAIDA, "cliente *: 8 bytes \"meia lin\"");
    desfazer(c);
    esperar_queda(s);
    c = ligar(s->porta);
    enviar_texto(c, "sai");
    desfazer(c);
    bem_atendido(s);
    c = ligar(s->porta);
    eco(c, "sair\n");
    desfazer(c);
    bem_atendido(s);
}

static void reset_com_eco_por_ler(void) {
    struct programa *s = servidor("-q %s", forma);
    struct ponta p = abrir_ponta(s->porta, 0);
    enviar_ate_travar(&p, 1); /* o servidor tem o que enviar */
    desfazer(p.s);
    bem_atendido(s);
    p = abrir_ponta(s->porta, 0);
    enviar_ate_travar(&p, 1);
    close(p.s); /* com bytes por ler, close tambem e um RST */
    bem_atendido(s);
}

/* Enquanto um conversa, cinco esperam na fila e desistem: nao e falta de nada,
 * e o proximo e atendido logo. */
static void desistem_na_fila(void) {
    struct programa *s = servidor("-n 1");
    int i, c, um = ligar(s->porta);
    eco(um, "oi\n");
    for (i = 0; i < 5; i++) {
        c = ligar(s->porta);
        enviar_texto(c, "alguem?\n");
        desfazer(c);
    }
    c = ligar(s->porta);
    close(um);
    eco(c, "eu fiquei\n");
    exigir_sem(s, ERRO, "accept(");
}

/* De cem que esperam na fila, e que o servidor nem viu, uns ja desistiram; os
 * outros nada perdem. */
static void reset_na_fila(void) {
    struct programa *s = servidor("-q %s", forma);
    int i, c[100];
    so_posix(SERVIDOR);
    congelar(s);
    for (i = 0; i < 100; i++) {
        c[i] = ligar(s->porta);
        if (i % 4 > 0) enviar_texto(c[i], "alguem?\n");
        if (i % 4 < 2) desfazer(c[i]);
        if (i % 4 == 2) close(c[i]);
    }
    mandar_sinal(s, SIGCONT);
    for (i = 3; i < 100; i += 4) {
        receber_texto(c[i], "alguem?\n");
        close(c[i]);
    }
    bem_atendido(s);
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
    p = abrir_ponta(s->porta, 100);
    enviar_ate_travar(&p, 1);
    ler_o_resto(&p, 65536); /* meio fecha com quase tudo por voltar */
    bem_atendido(s);
}

/* O servidor passa a ter no maximo tantos descritores (o ultimo cliente pode
 * estar ainda a sair, agora ou quando se contou n). */
static void exigir_descritores(struct programa *s, int n) {
    int i;
    for (i = 0; descritores(s) > n && i < 300; i++) poll(NULL, 0, 100);
    exigir(descritores(s) <= n, "esperava ate %d descritores, vi %d", n,
           descritores(s));
}

/* Todos contam, e cada um que sai devolve o seu descritor. */
static void abre_e_fecha(void) {
    struct programa *s = servidor("-q %s", forma);
    int i, c, antes, n = e_windows(SERVIDOR) ? 200 : 2000;
    bem_atendido(s); /* o servidor ja abriu tudo o que abre */
    antes = medivel(s) ? descritores(s) : 0;
    for (i = 0; i < n; i++) {
        c = ligar(s->porta);
        if (i % 2 && !e_windows(SERVIDOR)) desfazer(c);
        else close(c);
    }
    bem_atendido(s);
    if (antes) exigir_descritores(s, antes);
    parar_com(s, "resumo: clientes %d, *", n + 4);
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
    bem_atendido(s);
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
    close(c);
    bem_atendido(s);
}

/* ---- TCP: quem nao le ------------------------------------------------- */

/* Os outros nem percebem, o servidor espera sem girar, e nada se perdeu. Quem
 * chegou antes e sai muda o que ficou de lugar, no vetor de clientes. */
static void quem_nao_le(void) {
    struct programa *s = servidor("-q");
    int antes = ligar(s->porta);
    struct ponta p;
    eco(antes, "oi\n");
    p = abrir_ponta(s->porta, 0);
    enviar_ate_travar(&p, 1);
    close(antes);
    bem_atendido(s);
    exigir_calmo(s, "com um cliente que nao le");
    ler_o_resto(&p, 65536);
    bem_atendido(s);
}

/* Disse sair, e mais alguma coisa, com quase todo o eco ainda por ler: ele
 * chega inteiro, ate a linha sair. */
static void sair_com_eco_por_ler(void) {
    struct programa *s = servidor("-q %s", forma);
    struct ponta p = abrir_ponta(s->porta, 0);
    static const char sair[] = "\nsair\n";
    size_t i;
    enviar_ate_travar(&p, 1);
    if (strcmp(forma, "-n 1") != 0) bem_atendido(s);
    for (i = 0; i < sizeof sair - 1; i++) livro[p.foi + i] = sair[i];
    i = p.foi + sizeof sair - 1;
    while (p.foi < i) {
        esperar_fd(p.s, POLLIN | POLLOUT, "poder dizer sair");
        enviar_algo(&p, i);
        receber_algum(&p, 4096);
    }
    send(p.s, livro, 30000, MSG_NOSIGNAL); /* o que couber: sera ignorado */
    ler_o_resto(&p, 4096);
    bem_atendido(s);
}

static void leitor_lento(void) {
    struct programa *s = servidor("-q %s", forma);
    struct ponta p = abrir_ponta(s->porta, 7);
    while (p.foi < MB) { /* le o minimo para poder enviar mais */
        esperar_fd(p.s, POLLIN | POLLOUT, "o eco de um leitor lento");
        if (!enviar_algo(&p, MB)) receber_algum(&p, 500);
    }
    ler_o_resto(&p, 500);
    bem_atendido(s);
}

/* De cada um que nao le se guardam 64 KB (e mais 8, de conta), que voltam ao
 * sistema quando ele le, ainda que fique; e quando sai, ainda que nao leia. */
static void memoria_volta(void) {
    enum { N = 60 };
    struct programa *s = servidor("-q");
    struct ponta p[N];
    long comeco, cheia, volta;
    int vez, i;
    exigir_proc(s);
    if (do_status(s, "VmSize:") > 1000000000)
        nao_se_aplica("o AddressSanitizer guarda o que o programa solta");
    eco(ligar(s->porta), "eu fico\n");
    exigir_um_processo(s);
    comeco = do_status(s, "VmRSS:");
    for (vez = 0; vez < 2; vez++) {
        for (i = 0; i < N; i++) p[i] = abrir_ponta(s->porta, (size_t)i * 1000);
        cheia = 0; /* com a maquina ocupada ele ainda pode nao ter lido */
        for (i = 0; i < 20 && cheia < 1000; i++) {
            enviar_ate_travar(p, N);
            cheia = do_status(s, "VmRSS:") - comeco;
        }
        exigir(cheia < N * 72, "esperava menos de %d kB para %d, vi %ld",
               N * 72, N, cheia);
        for (i = 0; i < N; i++) {
            if (vez == 0) ir_e_voltar(&p[i], p[i].foi);
            else desfazer(p[i].s);
        }
        bem_atendido(s);
        volta = do_status(s, "VmRSS:") - comeco;
        exigir(volta < cheia / 3, "esperava menos de %ld kB a mais, vi %ld",
               cheia / 3, volta);
        for (i = 0; i < N && vez == 0; i++) close(p[i].s);
    }
}

/* ---- TCP: cheio ------------------------------------------------------- */

/* So dois de cada vez; os outros esperam, sem que o servidor gire, e cada um
 * tem a sua vez. */
static void cheio(void) {
    struct programa *s = servidor("-n 2");
    int c[12], i;
    for (i = 0; i < 12; i++) {
        c[i] = ligar(s->porta);
        enviar_texto(c[i], "minha vez\n");
    }
    for (i = 0; i < 2; i++) receber_texto(c[i], "minha vez\n");
    exigir_calmo(s, "cheio e com gente na fila");
    for (i = 0; i < 2; i++) eco(c[i], "outra\n");
    exigir_sem(s, SAIDA, "cliente 3 "); /* com -n 2 nao se aceita um terceiro */
    for (i = 0; i < 12; i++) {
        if (i >= 2) receber_texto(c[i], "minha vez\n");
        if (i % 3 == 0) desfazer(c[i]); /* a vaga volta de qualquer jeito */
        else close(c[i]);
    }
    bem_atendido(s);
}

/* ---- Descritores que acabam ------------------------------------------- */

/* Mais clientes do que descritores: a falta se conta uma vez, os de dentro
 * seguem, e cada um que sai da lugar a outro. */
static void descritores_acabam(void) {
    struct programa *s;
    int c[40], i;
    so_posix(SERVIDOR);
    como.recurso = RLIMIT_NOFILE;
    como.limite = 24;
    s = servidor("-v -n 64");
    exigir_proc(s);
    for (i = 0; i < 40; i++) {
        c[i] = ligar(s->porta);
        enviar_texto(c[i], "tem lugar?\n");
        if (i > 0) continue;
        receber_texto(c[0], "tem lugar?\n");
        exigir_um_processo(s);
        enviar_texto(c[0], "tem lugar?\n");
    }
    esperar_linha(
        s, ERRO,
        "servidor: accept(*): descritores esgotados (EMFILE). *-n menor*");
    receber_texto(c[0], "tem lugar?\n"); /* e os de dentro sao atendidos */
    eco(c[0], "eu tenho\n");
    for (i = 0; i < 2; i++) /* tenta de novo, e so o rastro o diz */
        esperar_linha(s, ERRO, "accept(*) = -1 EMFILE");
    exigir_vezes(s, ERRO, "servidor: accept(", 1);
    close(c[0]);
    for (i = 1; i < 40; i++) {
        receber_texto(c[i], "tem lugar?\n");
        close(c[i]);
    }
    bem_atendido(s);
}

/* O limite desce com o servidor no ar, e volta a subir, duas vezes: cada falta
 * se conta, uma vez, e ninguem gira. O primeiro cliente vem antes: o servidor
 * que o atendeu ja abriu tudo de que precisa (o do exercicio 16, o descritor de
 * epoll). */
static void falta_duas_vezes(void) {
    struct programa *s = servidor("%s", forma);
    int c = ligar(s->porta), vez, em_uso;
    so_posix(SERVIDOR);
    eco(c, "oi\n");
    em_uso = descritores(s) - 1;
    close(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu*");
    for (vez = 0; vez < 2; vez++) {
        limitar_descritores(s, em_uso);
        /* o accept que ja esperava ja tinha o seu descritor */
        while (vezes(tudo(s, ERRO), "EMFILE") == vez) {
            c = ligar(s->porta);
            enviar_texto(c, "tem lugar?\n");
            while (vezes(tudo(s, ERRO), "EMFILE") == vez && !ha(c, POLLIN, 50))
                if (ha(s->erro.fd, POLLIN, 0)) esperar_algo();
            if (!ha(c, POLLIN, 0)) continue;
            receber_texto(c, "tem lugar?\n"); /* este entrou */
            close(c);
        }
        esperar_linha(s, ERRO, "servidor: accept(*): descritores esgotados *");
        exigir_calmo(s, "sem descritores");
        exigir_vezes(s, ERRO, "EMFILE", vez + 1);
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
    int c[100], i;
    so_posix(SERVIDOR);
    limitar_os_nossos(64);
    s = servidor("-n 100");
    limitar_os_nossos(200);
    for (i = 0; i < 100; i++) eco(c[i] = ligar(s->porta), "dentro\n");
    exigir_texto("stderr do servidor", tudo(s, ERRO), "");
}

/* ---- Sinais ----------------------------------------------------------- */

/* Ctrl-Z e fg no meio de tudo, e nenhum byte se perde. */
static void parado_e_retomado(void) {
    struct programa *s = servidor("-q %s", forma);
    struct ponta p = abrir_ponta(s->porta, 0);
    int i;
    so_posix(SERVIDOR);
    for (i = 1; i <= 60; i++) {
        congelar(s);
        enviar_algo(&p, (size_t)i * 40000); /* chega com ele parado */
        mandar_sinal(s, SIGCONT);
        if (i % 3 == 0) ir_e_voltar(&p, p.foi); /* ou por fazer */
    }
    ler_o_resto(&p, 65536);
    bem_atendido(s);
}

/* Ctrl-C: sai com 0 e o resumo e a ultima linha, uma vez so. */
static void exigir_despedida(struct programa *s) {
    const char *fim;
    exigir_codigo(s, 0);
    fim = strstr(tudo(s, SAIDA), "resumo: clientes ");
    exigir(fim && vezes(tudo(s, SAIDA), "resumo: ") == 1 && strchr(fim, '\n') &&
               strchr(fim, '\n')[1] == '\0',
           "esperava o resumo no fim; o servidor disse \"%s\"", tudo(s, SAIDA));
}

/* Muitos Ctrl-C seguidos, com o servidor em cada lugar onde ele espera. */
static void ctrl_c(void) {
    static const int sinais[] = {SIGINT, SIGTERM, SIGINT, SIGWINCH, SIGALRM};
    int onde, i, udp = strcmp(forma, "-u") == 0;
    so_posix(SERVIDOR);
    for (onde = 0; onde < (udp ? 2 : 5); onde++) {
        struct programa *s = servidor("-q %s", forma);
        struct ponta p = {-1, 0, 0, 0};
        if (onde > 0 && !udp) p = abrir_ponta(s->porta, 0);
        for (i = 0; i < 100 && onde > 0 && udp; i++)
            enviar_udp(novo_udp(), s->porta, "oi\n", 3);
        if (onde == 2) ir_e_voltar(&p, 10);      /* espera por mais, em recv */
        if (onde == 3) enviar_ate_travar(&p, 1); /* espera, em send */
        if (onde == 4) enviar_algo(&p, MB);      /* no meio de tudo */
        kill(s->pid, SIGINT);
        for (i = 0; i < 200 && s->vivo; i++)
            kill(s->pid, sinais[i % 5]); /* ainda nao colhido: existe */
        exigir_despedida(s);
        if (p.s >= 0) close(p.s);
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

/* Quem perguntou ja fechou antes da resposta: volta um ICMP. */
static void udp_ninguem_ouve(void) {
    struct programa *s = servidor("-u");
    int i, c;
    if (!e_windows(SERVIDOR)) congelar(s);
    for (i = 0; i < 30; i++) {
        c = novo_udp();
        enviar_udp(c, s->porta, "tchau\n", 6);
        close(c);
    }
    if (!e_windows(SERVIDOR)) mandar_sinal(s, SIGCONT);
    for (i = 0; i < 30; i++)
        esperar_linha(s, SAIDA, "cliente *: 6 bytes \"tchau\\n\"");
    bem_atendido(s);
}

/* Volta quando o servidor ja respondeu a tudo o que se enviou antes: o eco a
 * quem fechou nao chega mais a quem vier a ter a mesma porta. */
static void esperar_os_ecos(struct programa *s) {
    int c = novo_udp(), chegou = 0;
    char b[8];
    while (!chegou) { /* o datagrama pode nao caber na fila */
        enviar_udp(c, s->porta, "ultimo", 6);
        while (!chegou && ha(c, POLLIN, 100))
            chegou = recv(c, b, sizeof b, 0) == 6;
    }
    close(c);
}

/* Um so que despeja, sem ler; e mil que aparecem e somem. */
static void udp_enxurrada(void) {
    struct programa *s = servidor("-u -q");
    int i, c = novo_udp();
    abrir_livro();
    for (i = 0; i < 20000; i++)
        enviar_udp(c, s->porta, livro + i, (size_t)(i % 1400));
    bem_atendido(s);
    for (i = 0; i < 3000; i++) { /* mais do que o servidor lembra */
        int um = novo_udp();
        enviar_udp(um, s->porta, "eu\n", 3);
        close(um);
    }
    esperar_os_ecos(s);
    bem_atendido(s);
    for (i = 0; i < 300; i++) enviar_udp(c, s->porta, livro, 65507);
    bem_atendido(s);
    close(c);
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

static void veneno_no_cliente(void) {
    struct programa *c;
    const char *p;
    na_tela(CLIENTE);
    c = cliente_nosso("-v");
    enviar(c->s, veneno, sizeof veneno - 1);
    enviar_aos_poucos(c->s, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\033[H\n");
    enviar_texto(c->s, "acaba no meio \xe2\x82");
    esperar_linha(c, SAIDA, "servidor> \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80*");
    acabar_em_ordem(c);
    exigir_tudo_visivel(c);
    for (p = tudo(c, SAIDA); *p; p = strchr(p, '\n') + 1)
        exigir(strncmp(p, "servidor> ", 10) == 0,
               "esperava a marca servidor>, vi \"%s\"", mostra(p, strlen(p)));
    exigir_com(c, SAIDA, "acaba no meio \\xe2\\x82\n");
}

/* O mesmo em UDP; e cada resposta sem fim de linha fica em uma linha sua. */
static void veneno_no_cliente_udp(void) {
    struct programa *c;
    int i;
    na_tela(CLIENTE);
    c = cliente_nosso("-u -v");
    digitar_e_ouvir(c, "oi\n");
    enviar_udp(c->s, c->dele, veneno, sizeof veneno - 1);
    esperar_linha(c, SAIDA, "servidor> *fim*");
    for (i = 0; i < 3; i++) {
        digitar_e_ouvir(c, "que horas sao?\n");
        resposta(c, "dez");
        linha_exata(c, SAIDA, "servidor> dez");
    }
    acabar(c, 0);
    exigir_tudo_visivel(c);
}

/* Um megabyte sem nenhum fim de linha, em um terminal: uma marca so. */
static void linha_sem_fim_no_cliente(void) {
    struct programa *c;
    static char as[MB + 1];
    na_tela(CLIENTE);
    c = cliente_nosso("");
    memset(as, 'a', MB);
    enviar(c->s, as, MB);
    meio_fechar(c->s);
    exigir_codigo(c, 1); /* ele encerrou antes */
    exigir_texto("a marca", strndup(tudo(c, SAIDA), 10), "servidor> ");
    as[MB] = '\n';
    exigir_bytes("a linha", c->saida.dados + 10, c->saida.n - 10, as, MB + 1);
}

/* O cliente ve o fim do servidor, e so entao se digita uma linha, que ele ja
 * nao le: nunca e sucesso. */
static void servidor_fecha_e_se_digita(void) {
    struct programa *c;
    int i, entrada[2];
    if (e_windows(CLIENTE))
        nao_se_aplica("o Wine nao conta o RST que vem depois do fim");
    for (i = 0; i < 10; i++) {
        abrir_cano(entrada);
        como.entrada = entrada[0];
        c = cliente_nosso("-v");
        close(entrada[0]);
        close(c->s);
        esperar_linha(c, ERRO, "recv(*) = 0");
        if (write(entrada[1], "oi\n", 3) < 0 && errno != EPIPE)
            falhar("write: %s", strerror(errno));
        close(entrada[1]);
        exigir_codigo(c, 1);
    }
}

/* Espera que os bytes por ler em s parem de crescer: o cliente travou. */
static void esperar_travar(int s) {
    int antes, agora = -1;
    esperar_fd(s, POLLIN, "o comeco do envio do cliente");
    do {
        antes = agora;
        poll(NULL, 0, 100);
        ioctl(s, FIONREAD, &agora);
    } while (agora != antes);
}

/* Quantos bytes, em pedacos de 64 KB, o sistema aceita para quem nao le. */
static size_t quanto_cabe(void) {
    int porta, escuta = escutar(&porta), c = ligar(porta), s = aceitar(escuta);
    struct timeval prazo = {0, PARADO * 1000};
    size_t cabe = 0;
    close(escuta);
    fcntl(c, F_SETFL, fcntl(c, F_GETFL) & ~O_NONBLOCK);
    setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &prazo, sizeof prazo);
    abrir_livro();
    while (cabe < MUITO && send(c, livro, 65536, MSG_NOSIGNAL) == 65536)
        cabe += 65536;
    close(c);
    close(s);
    exigir(cabe < MUITO - MB, "o sistema guarda tudo: o cliente nao travaria");
    return cabe;
}

/* Um cliente que envia n bytes do livro e a linha sair a quem nao le; volta
 * quando ele trava. */
static struct programa *enviar_a_quem_nao_le(size_t n) {
    FILE *f = tmpfile();
    struct programa *c;
    abrir_livro();
    exigir(f && fwrite(livro, 1, n, f) == n && fputs("\nsair\n", f) >= 0,
           "nao pude escrever o arquivo");
    rewind(f);
    como.entrada = fileno(f);
    c = cliente_nosso("");
    fclose(f);
    esperar_travar(c->s);
    return c;
}

/* O servidor nao le nada, e fecha: o cliente, no meio do envio, sai com 1. */
static void servidor_nao_le(void) {
    struct programa *c = enviar_a_quem_nao_le(MUITO);
    close(c->s);
    exigir_codigo(c, 1);
    /* a falha e uma so, e o fio que envia pode gasta-la um instante antes que o
     * outro leia: entao o que este ve e um fim */
    exigir(
        strstr(tudo(c, ERRO), "ECONNRESET") || strstr(tudo(c, ERRO), "EPIPE") ||
            strstr(tudo(c, ERRO), "encerrou a conversa antes de voce"),
        "esperava o motivo (ECONNRESET, EPIPE...), vi \"%s\"", tudo(c, ERRO));
}

/* Com a linha sair presa no meio de um send, o servidor se cala: o cliente nao
 * espera para sempre, nem diz que deu certo, nem deixa parecer (FIN) que tudo
 * foi enviado. Ou o servidor desfaz a conexao: tambem nunca e sucesso. Quanto
 * cabe nao e sempre igual: procura-se, de send em send (65536 bytes), o
 * primeiro que nao cabe; o ultimo acaba em sair. */
static void sair_preso(void) {
    size_t n = quanto_cabe() / 4 * 3 / 65536 * 65536 - 6;
    struct programa *c;
    int i;
    for (;; n += 65536) {
        exigir(n < MUITO, "coube tudo");
        c = enviar_a_quem_nao_le(n);
        meio_fechar(c->s);
        if (esperar_saida(c) != 0) break;
        close(c->s);
    }
    exigir_codigo(c, 1);
    esperar_linha(c, ERRO, "cliente: recv(*o servidor encerrou a conversa*");
    if (!e_windows(CLIENTE)) exigir_corte(c->s); /* o wine fecha em ordem */
    for (i = 0; i < 3; i++) {
        c = enviar_a_quem_nao_le(n);
        desfazer(c->s);
        exigir_codigo(c, 1);
    }
}

/* A conexao se desfaz com os dois fios no meio de uma chamada, e a saida de
 * erros nao anda: cada um tem a sua falha a contar, ao mesmo tempo. (Se usam a
 * mesma memoria para isso, e o ThreadSanitizer quem ve.) */
static void os_dois_fios_falham(void) {
    static const char *const linhas[] = {
        "conectado a *", "cliente: *(127.0.0.1:*): * (E*). *",
        "cliente: recv(127.0.0.1:*): o servidor enc*",
        "fim da conversa: * bytes enviados, *", NULL};
    static char vazias[4096];
    struct programa *c;
    int erro[2];
    long antes, agora = -1;
    abrir_cano(erro);
    sem_bloquear(erro[0]);
    como.erro = erro[1];
    c = enviar_a_quem_nao_le(MUITO);
    exigir_proc(c);
    c->erro.fd = erro[0];
    esperar_linha(c, ERRO, "conectado a *");
    c->erro.fd = -1; /* ninguem mais a le, e ela enche */
    memset(vazias, '\n', sizeof vazias);
    while (ha(erro[1], POLLOUT, 0) && write(erro[1], vazias, 4096) == 4096)
        continue;
    desfazer(c->s);
    do { /* ate que o fio de main espere por outro, ou pela saida */
        antes = agora;
        poll(NULL, 0, PARADO);
        agora = do_status(c, "voluntary_ctxt_switches:");
    } while (agora != antes);
    c->erro.fd = erro[0];
    close(erro[1]);
    exigir_codigo(c, 1);
    exigir(
        strstr(tudo(c, ERRO), "ECONNRESET") || strstr(tudo(c, ERRO), "EPIPE"),
        "esperava o motivo (ECONNRESET, EPIPE...), vi \"%s\"", tudo(c, ERRO));
    exigir_linhas(tudo(c, ERRO), linhas);
    exigir_vezes(c, ERRO, "\ncliente: ", 1); /* a falha e uma so */
}

/* Um nome que nao existe, e que nem cabe no DNS: nao e uso errado, e uma
 * falha, contada em uma linha que nao manda no terminal. */
static void nome_venenoso(void) {
    static char nome[3000];
    const char *palavras[] = {nome, "7777", NULL};
    struct programa *p;
    memset(nome, 'a', sizeof nome - 1);
    memcpy(nome, "\033[2J\n\xff%s%n", 10);
    p = rodar_palavras(CLIENTE, palavras);
    exigir_codigo(p, 1);
    exigir_visivel("stderr", p->erro.dados, p->erro.n);
    exigir(vezes(tudo(p, ERRO), "\n") == 1, "esperava uma linha: \"%s\"",
           tudo(p, ERRO));
}

const struct caso casos_falhas[] = {
    {"reset_no_meio_um", reset_no_meio},
    {"reset_no_meio_varios", reset_no_meio},
    {"reset_com_eco_por_ler_um", reset_com_eco_por_ler},
    {"reset_com_eco_por_ler_varios", reset_com_eco_por_ler},
    {"desistem_na_fila", desistem_na_fila},
    {"reset_na_fila_um", reset_na_fila},
    {"reset_na_fila_varios", reset_na_fila},
    {"tcp_meio_fechada_um", meio_fechada},
    {"tcp_meio_fechada_varios", meio_fechada},
    {"tcp_abre_e_fecha_um", abre_e_fecha},
    {"tcp_abre_e_fecha_varios", abre_e_fecha},
    {"um_byte_por_vez", um_byte_por_vez},
    {"urgente_um", urgente},
    {"urgente_varios", urgente},
    {"quem_nao_le", quem_nao_le},
    {"sair_com_eco_por_ler_um", sair_com_eco_por_ler},
    {"sair_com_eco_por_ler_varios", sair_com_eco_por_ler},
    {"leitor_lento_um", leitor_lento},
    {"leitor_lento_varios", leitor_lento},
    {"memoria_volta", memoria_volta},
    {"cheio", cheio},
    {"descritores_acabam", descritores_acabam},
    {"falta_duas_vezes_um", falta_duas_vezes},
    {"falta_duas_vezes_varios", falta_duas_vezes},
    {"limite_brando", limite_brando},
    {"parado_e_retomado_um", parado_e_retomado},
    {"parado_e_retomado_varios", parado_e_retomado},
    {"ctrl_c_um", ctrl_c},
    {"ctrl_c_varios", ctrl_c},
    {"ctrl_c_udp", ctrl_c, "-u"},
    {"registro_sem_leitor_um", registro_sem_leitor},
    {"registro_sem_leitor_varios", registro_sem_leitor},
    {"udp_ninguem_ouve", udp_ninguem_ouve},
    {"udp_enxurrada", udp_enxurrada},
    {"veneno_no_servidor_um", veneno_no_servidor},
    {"veneno_no_servidor_varios", veneno_no_servidor},
    {"veneno_no_servidor_udp", veneno_no_servidor, "-u"},
    {"veneno_no_rastro_udp", veneno_no_servidor, "-u -v"},
    {"veneno_no_cliente", veneno_no_cliente},
    {"veneno_no_cliente_udp", veneno_no_cliente_udp},
    {"linha_sem_fim_no_cliente", linha_sem_fim_no_cliente},
    {"servidor_fecha_e_se_digita", servidor_fecha_e_se_digita},
    {"servidor_nao_le", servidor_nao_le},
    {"sair_preso", sair_preso},
    {"os_dois_fios_falham", os_dois_fios_falham},
    {"nome_venenoso", nome_venenoso},
    {NULL, NULL}};
