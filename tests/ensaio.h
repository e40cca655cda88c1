/*
 * ensaio.h - a bancada dos testes: inicia servidor e cliente como um aluno os
 * inicia, fala com eles por pipes, terminais e sockets, e confere.
 *
 * Cada caso roda em um processo seu. Toda espera tem prazo; uma conferencia
 * que falha termina o caso, e os outros seguem.
 *
 * Para acrescentar um arquivo de casos:
 *
 *   1. Crie tests/casos_NOME.c (o Makefile acha casos_*.c sozinho):
 *
 *          #include "ensaio.h"
 *
 *          static void tcp_devolve(void)
 *          {
 *              struct programa *s = servidor("-n 2");
 *              int c = ligar(s->porta);
 *              enviar_texto(c, "oi\n");
 *              receber_texto(c, "oi\n");
 *              esperar_linha(s, SAIDA, "cliente 1: 3 bytes *");
 *          }
 *
 *          const struct caso casos_nome[] = {
 *              {"tcp_devolve", tcp_devolve},
 *              {NULL, NULL}};
 *
 *   2. Declare a tabela mais abaixo e ponha-a na lista de suite.c.
 *
 * Arquivos de um caso: em $TMPDIR, uma pasta que some no fim, ou no Ctrl-C.
 * Nada mais a limpar: no fim do caso a bancada encerra cada servidor() que
 * ainda vive e exige que ele saia com 0; o que sobrar ela mata.
 *
 * Do ambiente:
 *   SERVIDOR, CLIENTE  os programas (./servidor, ./cliente); varias palavras
 *                      servem: "wine ./servidor.exe", "valgrind -q ./cliente"
 *   CASOS              so estes casos; de uma palavra que nao e o nome de um,
 *                      os casos cujo nome a contem
 *   NAO_APLICA         "nome: motivo; nome: motivo": casos a nao rodar
 *   TEMPO              multiplica os prazos (valgrind e wine sao lentos: 4;
 *                      para ver falhar um programa quebrado, 0.2)
 *   PARALELO           quantos casos de cada vez (4)
 *   WINDOWS            "servidor,cliente": quais sao .exe (senao, pelo nome)
 *   GRANDE             MB do caso do arquivo grande (50)
 *   EXIGIR             1: a falta de uma ferramenta (nc, socat...) e falha
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
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

struct caso {
    const char *nome;
    void (*ensaiar)(void);
};

/* As tabelas, uma por arquivo casos_*.c. (Declaradas aqui: em C++, um const que
 * ninguem declarou extern so existe no seu arquivo.) */
extern const struct caso casos_udp[], casos_rastro[], casos_strace[],
    casos_poll[], casos_erros[], casos_falhas[], casos_vida[], casos_tcp[],
    casos_cliente[], casos_uso[], casos_ferramentas[];

/* Como o caso que roda pede o servidor: "-n 1", o laco da aula, se o nome do
 * caso termina em _um; "", muitos ao mesmo tempo, se nao. Uma funcao com dois
 * nomes na tabela (tcp_eco_um, tcp_eco_varios) prova as duas formas. */
extern const char *forma;

/* ---- Programas -------------------------------------------------------- */

/* O que um programa escreveu ate agora; lido: ate onde esperar_* ja leu. */
struct fluxo {
    int fd;      /* -1: fechado ou nao e nosso */
    char *dados; /* sempre com um '\0' depois do ultimo */
    size_t n, cabe, lido;
};

struct programa {
    const char *nome; /* "servidor", "cliente"; ou a ferramenta */
    pid_t pid;
    int vivo;
    int codigo;               /* de saida; 128 + sinal se um o matou */
    int entrada;              /* onde se escreve o que ele le, ou -1 */
    struct fluxo saida, erro; /* no terminal (PTY) tudo chega em saida */
    int porta;                /* do servidor */
    char primeira_linha[256]; /* do servidor */
};

enum { SERVIDOR, CLIENTE, FERRAMENTA };
enum { SAIDA, ERRO }; /* qual fluxo */

/* Como ligar cada ponta do proximo programa; volta ao normal (PIPE, sem mais
 * nada) depois de cada um. Um valor >= 0 e um descritor ja aberto. */
enum { PIPE = -1, PTY = -2, FECHADA = -3, NULA = -4, CHEIA = -5 };
extern struct como {
    int entrada, saida, erro;
    const char *ambiente; /* "NOME=valor", ou NULL */
    int recurso;          /* RLIMIT_NOFILE..., ou -1 */
    long limite;
} como;

/* Um servidor com estas opcoes (formato de printf, palavras separadas por
 * espaco, '' e a palavra vazia) na porta 0; volta depois da linha de inicio,
 * com porta preenchida. */
struct programa *servidor(const char *formato, ...);
/* Um cliente com estas opcoes, de 127.0.0.1:porta. Nao espera nada. */
struct programa *cliente(int porta, const char *formato, ...);
/* A linha de comando toda por conta do caso; FERRAMENTA: a primeira palavra
 * e o programa. */
struct programa *rodar(int quem, const char *formato, ...);
/* O mesmo com as palavras ja separadas (podem ter espacos); NULL no fim. */
struct programa *rodar_palavras(int quem, const char *const *palavras);

/* Escreve tudo na entrada do programa, sem travar se ele tambem escreve. */
void digitar(struct programa *p, const char *texto);
void digitar_bytes(struct programa *p, const void *dados, size_t n);
/* Escreve o que couber agora (espera ate caber algo ou haver saida nova);
 * devolve quantos bytes, 0 se nenhum coube. */
size_t digitar_algo(struct programa *p, const void *dados, size_t n);
/* O fim da entrada (Ctrl-D no terminal). */
void fim_da_entrada(struct programa *p);

/* Espera aparecer texto no que ainda nao foi lido e avanca ate depois dele. */
void esperar_texto(struct programa *p, int onde, const char *texto);
/* Espera uma linha inteira que case com o molde (* vale qualquer coisa) e
 * avanca ate depois dela, saltando outras. Devolve a linha, sem o \n. */
const char *esperar_linha(struct programa *p, int onde, const char *molde);
/* A proxima linha, seja qual for; NULL se o fluxo acabou. */
const char *proxima_linha(struct programa *p, int onde);
/* 1 se a linha casa com o molde. */
int casa(const char *linha, const char *molde);
/* Espera o programa terminar e o resto do que escreveu; o codigo de saida. */
int esperar_saida(struct programa *p);
/* O mesmo, e falha se o codigo nao e este. */
void exigir_codigo(struct programa *p, int codigo);
void mandar_sinal(struct programa *p, int sinal);
/* SIGTERM (no wine, Ctrl-C), exige 0, e devolve a linha do resumo. */
const char *parar(struct programa *p);
/* Tudo o que o programa escreveu ate agora, como texto. */
const char *tudo(struct programa *p, int onde);

/* 1 se o programa (SERVIDOR ou CLIENTE) e um .exe. */
int e_windows(int quem);
/* "ECONNRESET" ou, no .exe, "WSAECONNRESET". */
const char *nome_do_erro(int quem, const char *nome);
/* O caso nao se aplica se o servidor, que ja atende alguem, atende com
 * processos filhos: o que ele mede esta em um so. */
void exigir_um_processo(struct programa *s);
/* 1 se a ferramenta esta instalada; senao, o caso nao se aplica (ou, com
 * EXIGIR=1, falha). */
void exigir_ferramenta(const char *nome);

/* Um arquivo novo em $TMPDIR, aberto; o nome em nome. */
int arquivo_temporario(char *nome, size_t cabe);

/* ---- Sockets nossos --------------------------------------------------- */

/* Um socket TCP ligado a 127.0.0.1:porta; ligar_a: a outro endereco. */
int ligar(int porta);
int ligar_a(const char *ip, int porta);
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
/* Envia cada byte de texto em um segmento seu. */
void enviar_aos_poucos(int s, const char *texto);
/* Exatamente n bytes. */
void receber(int s, void *dados, size_t n);
/* Exatamente estes bytes. */
void receber_bytes(int s, const void *esperados, size_t n);
void receber_texto(int s, const char *esperado);
/* Tudo ate o fim (recv 0); devolve quantos; falha se passa de max. */
size_t receber_ate_o_fim(int s, void *dados, size_t max);
/* Nada mais: o outro lado fechou em ordem (FIN, recv 0). */
void receber_fim(int s);
/* O outro lado desfez a conexao (RST, ECONNRESET). */
void receber_reset(int s);
/* So nao enviaremos mais. */
void meio_fechar(int s);
/* close que envia RST. */
void desfazer(int s);

void enviar_udp(int s, const char *ip, int porta, const void *dados, size_t n);
/* Um datagrama; devolve o tamanho e, se nao sao NULL, de onde veio. */
size_t receber_udp(int s, void *dados, size_t max, char *ip, int *porta);
void receber_udp_bytes(int s, const void *esperados, size_t n);
void receber_udp_texto(int s, const char *esperado);

/* Espera que algum programa escreva algo ou termine (ou o prazo do caso).
 * esperar_fd: ate fd ter o evento de poll(2), lendo enquanto isso o
 * que os programas escrevem; o_que se espera vai para a mensagem de falha. */
void esperar_algo(void);
void esperar_fd(int fd, int evento, const char *o_que);

/* ---- Conferir --------------------------------------------------------- */

/* Termina o caso: o que se esperava e o que se viu. */
void falhar(const char *formato, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
/* Termina o caso, que nao conta nem como certo nem como falha (PULADO). */
void nao_se_aplica(const char *formato, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void exigir(int verdade, const char *formato, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes iguais; se nao, mostra onde comecam a diferir. */
void exigir_bytes(const char *o_que, const void *vistos, size_t nv,
                  const void *esperados, size_t ne);
void exigir_texto(const char *o_que, const char *visto, const char *esperado);
/* Quantos descritores o programa tem abertos (so Linux: /proc). */
int descritores(struct programa *p);
/* Quantas vezes parte aparece no texto. */
int vezes(const char *texto, const char *parte);
/* Os bytes com controles escapados, cortados; vale ate 4 chamadas depois. */
const char *mostra(const void *dados, size_t n);
/* Enche com bytes que parecem sorte e sao sempre os mesmos. */
void encher(void *dados, size_t n, unsigned *semente);

/* Roda os casos das tabelas (a ultima e NULL); o codigo de saida. */
int executar(const struct caso *const *tabelas);

#endif
