/*
 * ensaio.h - a bancada dos testes: inicia servidor e cliente como um aluno os
 * inicia, fala com eles por pipes, terminais e sockets, e confere. So no Linux.
 *
 * Cada caso roda em um processo seu. Toda espera tem prazo; uma conferencia
 * que falha termina o caso, e os outros seguem. Um arquivo de casos e
 * tests/casos_NOME.c (o Makefile acha casos_*.c sozinho):
 *
 *     #include "ensaio.h"
 *
 *     static void tcp_devolve(void)
 *     {
 *         struct programa *s = servidor("-n 2");
 *         int c = ligar(s->porta);
 *         eco(c, "oi\n");
 *         esperar_linha(s, SAIDA, "cliente 1: 3 bytes *");
 *     }
 *
 *     const struct caso casos_nome[] = {{"tcp_devolve", tcp_devolve},
 *                                       {NULL, NULL}};
 *
 * A tabela se declara mais abaixo, e entra na lista de suite.c. Arquivos de um
 * caso: em $TMPDIR, uma pasta que some no fim, ou no Ctrl-C. Nada mais a
 * limpar: no fim do caso a bancada encerra cada servidor() que ainda vive e
 * exige que ele saia com 0; o que sobrar ela mata.
 *
 * Do ambiente:
 *   SERVIDOR, CLIENTE  os programas (./servidor, ./cliente; servem varias
 *                      palavras: "wine ./servidor.exe")
 *   CASOS              so estes casos; de uma palavra que nao e o nome de um,
 *                      os casos cujo nome a contem
 *   TEMPO              multiplica os prazos (o wine e lento: 4; para ver falhar
 *                      um programa quebrado, 0.2)
 *   PARALELO           quantos casos de cada vez (4)
 *   GRANDE             MB do caso do arquivo grande (50)
 * Para os programas: VAGA, de 0 a PARALELO - 1; outra em cada caso ao lado.
 */
#ifndef ENSAIO_H
#define ENSAIO_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* O argumento m e um formato de printf, com os valores de n em diante: o
 * compilador confere. */
#define COMO_PRINTF(m, n) __attribute__((format(printf, m, n)))

/* Uma linha da tabela: os nomes dos casos (um so, ou varios, com um espaco
 * entre eles) que rodam a funcao. O que muda de um para outro vai na linha, ou
 * no nome, e a funcao o le em forma e qual. */
struct caso {
    const char *nome;
    void (*ensaiar)(void);
    const char *forma; /* as duas ultimas podem faltar */
    int qual;
};
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* As tabelas, uma por arquivo casos_*.c. (Declaradas aqui: em C++, um const que
 * ninguem declarou extern so existe no seu arquivo.) */
extern const struct caso casos_udp[], casos_rastro[], casos_erros[],
    casos_falhas[], casos_vida[], casos_tcp[], casos_cliente[], casos_uso[];

/* Do caso que roda. forma: as opcoes do programa; se a tabela nao diz, "-n 1",
 * o laco da aula, quando o nome do caso termina em _um, e "", muitos ao mesmo
 * tempo, nos outros. Assim {"tcp_eco_um tcp_eco_varios", tcp_eco} prova as duas
 * formas. */
extern const char *forma;
extern int qual;

/* ---- Programas -------------------------------------------------------- */

/* O que um programa escreveu ate agora; lido: ate onde esperar_* ja leu. */
struct fluxo {
    int fd;      /* -1: fechado ou nao e nosso */
    char *dados; /* sempre com um '\0' depois do ultimo */
    size_t n, cabe, lido;
};

struct programa {
    const char *nome; /* "servidor", "cliente"; ou a ferramenta */
    char linha[80];   /* a linha de comando, cortada, para as mensagens */
    pid_t pid;
    int vivo;
    int codigo;               /* de saida; 128 + sinal se um o matou */
    int entrada;              /* onde se escreve o que ele le, ou -1 */
    struct fluxo saida, erro; /* no terminal (PTY) tudo chega em saida */
    int porta, udp;           /* do servidor, ou do caso que faz de servidor */
    int s, dele;              /* cliente_nosso: o socket nosso; a porta dele */
    char pedida[100], respondida[100]; /* cliente_nosso com -u: as ultimas */
};

enum { SERVIDOR, CLIENTE, FERRAMENTA };
enum { SAIDA, ERRO }; /* qual fluxo */

/* Como ligar cada ponta do proximo programa; volta ao normal (PIPE, sem mais
 * nada) depois de cada um. Um valor >= 0 e um descritor ja aberto. */
enum { PIPE = -1, PTY = -2, FECHADA = -3, NULA = -4, CHEIA = -5 };
extern struct como {
    int entrada, saida, erro;
    int recurso; /* RLIMIT_NOFILE..., ou -1 */
    long limite;
} como;

/* Um servidor com estas opcoes (formato de printf, palavras separadas por
 * espaco, '' e a palavra vazia) na porta 0; volta depois da linha de inicio,
 * com porta preenchida. */
struct programa *servidor(const char *formato, ...);
/* Tira porta e udp da linha de inicio de um servidor rodado de outro modo. */
void anotar_inicio(struct programa *s, const char *linha);
/* Um cliente com estas opcoes, de 127.0.0.1:porta. Nao espera nada. */
struct programa *cliente(int porta, const char *formato, ...);
/* O mesmo, e o servidor e o caso: c->s, ja aceito; com -u, o socket UDP. */
struct programa *cliente_nosso(const char *opcoes);
/* A linha de comando toda por conta do caso; FERRAMENTA: a primeira palavra
 * e o programa. */
struct programa *rodar(int quem, const char *formato, ...);
/* O mesmo com as palavras ja separadas (podem ter espacos); NULL no fim. */
struct programa *rodar_palavras(int quem, const char *const *palavras);

/* Escreve tudo na entrada do programa, sem travar se ele tambem escreve. */
void digitar(struct programa *p, const char *texto);
void digitar_bytes(struct programa *p, const void *dados, size_t n);
/* O fim da entrada (Ctrl-D no terminal); acabar: e ele sai com este codigo. */
void fim_da_entrada(struct programa *p);
void acabar(struct programa *p, int codigo);
void digitar_tudo(struct programa *p, const char *texto); /* e ela acaba */

/* Espera aparecer texto no que ainda nao foi lido e avanca ate depois dele. */
void esperar_texto(struct programa *p, int onde, const char *texto);
/* Espera uma linha inteira que case com o molde (de printf; na linha, * vale
 * qualquer coisa) e avanca ate depois dela, saltando outras. Devolve a linha,
 * sem o \n. linha_exata: a proxima linha tem de ser ela. */
const char *esperar_linha(struct programa *p, int onde, const char *molde, ...)
    COMO_PRINTF(3, 4);
const char *linha_exata(struct programa *p, int onde, const char *molde, ...)
    COMO_PRINTF(3, 4);
int casa(const char *linha, const char *molde); /* 1 se casa */
/* Espera o programa terminar e o resto do que escreveu; o codigo de saida.
 * exigir_codigo: e falha se nao e este; exigir_saida: ou se o stdout todo nao e
 * este texto. */
int esperar_saida(struct programa *p);
void exigir_codigo(struct programa *p, int codigo);
void exigir_saida(struct programa *p, int codigo, const char *texto);
void mandar_sinal(struct programa *p, int sinal);
/* SIGSTOP, e espera que ele tenha parado: o que se fizer ate SIGCONT ja o
 * espera pronto. */
void congelar(struct programa *p);
/* 1 se todos os fios do programa dormem (em read, accept, recv...). Espera-se
 * que durmam: para isso nao ha evento, e se pergunta de tempos em tempos. */
int dorme(const struct programa *p);
void esperar_parado(const struct programa *p);
/* Quantos descritores o programa tem abertos. Ele (NULL: nos, e os que
 * iniciarmos) passa a poder abrir n; -1: tantos quantos antes. */
int descritores(struct programa *p);
void limitar_descritores(struct programa *p, long n);
#define limitar_os_nossos(n) limitar_descritores(NULL, n)
/* SIGTERM (no wine, Ctrl-C), exige 0, e devolve a linha do resumo; parar_com:
 * que tem de casar com este molde. */
const char *parar(struct programa *p);
void parar_com(struct programa *p, const char *molde, ...) COMO_PRINTF(2, 3);
/* Tudo o que o programa escreveu ate agora, como texto. */
struct fluxo *fluxo(struct programa *p, int onde);
const char *tudo(struct programa *p, int onde);

/* Do programa quem, SERVIDOR ou CLIENTE. */
int e_windows(int quem);       /* 1 se e um .exe */
void so_posix(int quem);       /* se e, o caso nao se aplica */
const char *comando(int quem); /* ./servidor, ou o que o ambiente disser */
const char *aqui(int quem);    /* "./" ou, no Windows, ".\" */
/* "ECONNRESET" ou, no .exe, "WSAECONNRESET". */
const char *nome_do_erro(int quem, const char *nome);
/* O caso nao se aplica se o servidor, que ja atende alguem, atende com
 * processos filhos, ou com eles ou outros fios: o que se mede esta em um so. */
void exigir_um_processo(struct programa *s);
void exigir_um_fio(struct programa *s);

/* O proximo programa, todo em um terminal (um .exe teria o console do wine: o
 * caso nao se aplica). */
void no_terminal(int quem);
/* Um terminal sem eco e sem mudar \n em \r\n (Ctrl-C e Ctrl-D valem): a nossa
 * ponta; a do programa em *escravo. */
int abrir_terminal(int *escravo);
/* Um pipe que guarda pouco; so nosso. */
void abrir_cano(int *par);
/* Um arquivo novo em $TMPDIR, aberto; o nome em nome. */
int arquivo_temporario(char *nome, size_t cabe);

/* ---- Sockets nossos --------------------------------------------------- */

int ligar(int porta); /* um socket TCP ligado a 127.0.0.1:porta */
/* Uma conexao em que o sistema guarda pouco, como a de uma rede de verdade: nos
 * 64 KB de cada segmento da interface lo cabem megabytes. Em bytes, quanto se
 * guarda do que chega e do que sai (0: o de sempre). */
int ligar_apertado(int porta, int chega, int sai);
/* Um socket TCP que escuta em 127.0.0.1, porta do sistema em *porta. */
int escutar(int *porta);
/* Uma porta TCP tomada em que ninguem escuta: connect e recusado. */
int reservar(int *porta);
int aceitar(int escuta);
/* Um socket UDP em ip:*porta; 0: do sistema, que fica em *porta. -1 se nao
 * ha esse endereco aqui. */
int abrir_udp(const char *ip, int *porta);

void enviar(int s, const void *dados, size_t n);
void enviar_texto(int s, const char *texto);
/* Exatamente estes bytes. */
void receber_bytes(int s, const void *esperados, size_t n);
void receber_texto(int s, const char *esperado);
/* Nada mais: o outro lado fechou em ordem (FIN, recv 0). exigir_fim: e fechamos
 * tambem. */
void receber_fim(int s);
void exigir_fim(int s);
/* Venha o que vier antes, o outro lado desfez a conexao (RST); e a fecha. */
void exigir_corte(int s);
void meio_fechar(int s); /* so nao enviaremos mais */
void desfazer(int s);    /* close que envia RST */
/* Vai e volta: o eco, de qualquer tamanho (envia e recebe ao mesmo tempo). */
void eco(int s, const char *texto);
void eco_bytes(int s, const void *dados, size_t n);

int novo_udp(void); /* em 127.0.0.1, na porta que o sistema escolher */
/* A 127.0.0.1:porta. */
void enviar_udp(int s, int porta, const void *dados, size_t n);
/* Um datagrama, que tem de ser este. */
void receber_udp_texto(int s, const char *esperado);
void eco_udp(int s, int porta, const void *dados, size_t n);
/* De um cliente_nosso com -u: o seu datagrama, que tem de ser este (c->dele
 * passa a ser a porta dele), e uma resposta. Uma copia a mais do que ja se
 * respondeu passa: ele a manda se esta maquina, ocupada, demora. */
void pergunta(struct programa *c, const char *esperada);
void resposta(struct programa *c, const char *texto);
/* De um cliente_nosso, TCP ou UDP: o que se digita chega ao caso; o que o caso
 * diz aparece em stdout. */
void digitar_e_ouvir(struct programa *c, const char *texto);
void falar_e_ver(struct programa *c, const char *texto);
/* De um cliente_nosso TCP: a entrada acaba, e o fim chega ao caso; o caso
 * fecha, e ele sai com 0. */
void acabar_em_ordem(struct programa *c);

/* Espera que algum programa escreva algo ou termine (ou o prazo do caso);
 * ler_o_que_ha: sem esperar. esperar_fd: ate fd ter o evento de poll(2), lendo
 * enquanto isso o que os programas escrevem; o_que vai para a mensagem. */
void esperar_algo(void);
void ler_o_que_ha(void);
void esperar_fd(int fd, int evento, const char *o_que);
/* 1 se fd tem o evento, ou passa a ter antes de tantos ms; nada mais se le. */
int ha(int fd, int evento, int ms);
void sem_bloquear(int fd); /* um socket ou pipe que nao bloqueia */
void so_nosso(int fd);     /* que nenhum programa herda */

/* ---- Conferir --------------------------------------------------------- */

/* Termina o caso: FALHOU, com o que se esperava e o que se viu; ou PULADO (mas
 * falta algo: com EXIGIR=1, FALHOU). Os argumentos sao os de printf, e exigir
 * so os olha se for falhar. Com pode_atrasar, o caso supoe que a maquina nao
 * para um segundo: se um cliente UDP repetiu uma linha, a falha e PULADO. */
extern int pode_atrasar;
void terminar(int codigo, const char *formato, ...) __attribute__((noreturn))
COMO_PRINTF(2, 3);
#define falhar(...)        terminar(1, __VA_ARGS__)
#define nao_se_aplica(...) terminar(2, __VA_ARGS__)
#define falta(...)         terminar(getenv("EXIGIR") ? 1 : 2, __VA_ARGS__)
#define exigir(verdade, ...)                 \
    do {                                     \
        if (!(verdade)) falhar(__VA_ARGS__); \
    } while (0)
/* Bytes iguais; se nao, mostra onde comecam a diferir. */
void exigir_bytes(const char *o_que, const void *vistos, size_t nv,
                  const void *esperados, size_t ne);
void exigir_texto(const char *o_que, const char *visto, const char *esperado);
/* Em uma funcao (..., const char *formato, ...): o que printf escreveria, em
 * texto, que e um vetor. */
#define FORMATAR(texto, formato)                           \
    do {                                                   \
        va_list valores;                                   \
        va_start(valores, formato);                        \
        vsnprintf(texto, sizeof(texto), formato, valores); \
        va_end(valores);                                   \
    } while (0)
int vezes(const char *texto, const char *parte); /* quantas aparece */
/* O programa escreveu este texto, ate agora, n vezes; ao menos uma; nenhuma. */
void exigir_vezes(struct programa *p, int onde, const char *texto, int n);
void exigir_com(struct programa *p, int onde, const char *texto);
#define exigir_sem(p, onde, texto) exigir_vezes(p, onde, texto, 0)
/* Nenhum byte de controle (nem C1) fora o \n, e tudo UTF-8, como um terminal o
 * le. */
void exigir_visivel(const char *o_que, const void *dados, size_t n);
/* Cada linha do texto casa com um dos moldes; o ultimo e NULL. */
void exigir_linhas(const char *texto, const char *const *moldes);
/* Nada chegou a s, um socket do caso, ate agora. */
void exigir_nada(int s, const char *quando);
/* Os bytes como texto, cortados, e o 0 visivel. */
const char *mostra(const void *dados, size_t n);
/* Enche com bytes que parecem sorte e sao sempre os mesmos. */
void encher(void *dados, size_t n, unsigned *semente);

/* Roda os casos das tabelas (a ultima e NULL); o codigo de saida. */
int executar(const struct caso *const *tabelas);

#endif
