/* casos_tcp.c - o servidor TCP na rede: eco, sair, meio fechamento, -n. */
#include "ensaio.h"

static void tcp_eco(void)
{
    struct programa *s = servidor("");
    int c = ligar(s->porta);
    enviar_texto(c, "ola");
    receber_texto(c, "ola"); /* sem esperar o fim da linha */
    enviar(c, "\0\r\n\xff", 4);
    receber_bytes(c, "\0\r\n\xff", 4);
    close(c);
    esperar_linha(s, SAIDA, "cliente 1 chegou de 127.0.0.1:*");
    esperar_linha(s, SAIDA, "cliente 1: 3 bytes \"ola\"");
    esperar_linha(s, SAIDA, "cliente 1: 4 bytes \"\\x00\\r\\n\\xff\"");
    esperar_linha(s, SAIDA, "cliente 1 saiu");
    exigir_texto("resumo", parar(s), "resumo: clientes 1, mensagens 2, bytes 7");
}

static void tcp_meio_fechamento(void)
{
    struct programa *s = servidor("");
    int c = ligar(s->porta);
    enviar_texto(c, "sem fim de linha");
    meio_fechar(c);
    receber_texto(c, "sem fim de linha");
    receber_fim(c);
    esperar_linha(s, SAIDA, "cliente 1 saiu");
}

static void cliente_devolve(void)
{
    struct programa *s = servidor("");
    struct programa *c = cliente(s->porta, "");
    digitar(c, "um\ndois");
    fim_da_entrada(c);
    exigir_codigo(c, 0);
    exigir_texto("stdout do cliente", tudo(c, SAIDA), "um\ndois");
}

const struct caso casos_tcp[] = {
    {"tcp_eco", tcp_eco},
    {"tcp_meio_fechamento", tcp_meio_fechamento},
    {"cliente_devolve", cliente_devolve},
    {NULL, NULL}};
