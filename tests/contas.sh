# shellcheck shell=sh
# contas.sh - o que os scripts de teste tem em comum: um veredito por linha (ok,
# FALHOU, PULADO), a pasta de cada um, que some no fim, e a conta. Nao se roda:
# le-se com ". tests/contas.sh", do nivel de cima.
#
# PULADO e o que nao rodou porque falta uma ferramenta; com EXIGIR=1, e falha.
passaram=0 falharam=0 pulados=0

ok() { # NOME
    echo "ok $*"
    passaram=$((passaram + 1))
}

falhou() { # NOME: esperava ..., vi ...
    echo "FALHOU $*"
    falharam=$((falharam + 1))
}

pulado() { # NOME: MOTIVO
    if [ "$EXIGIR" = 1 ]; then
        falhou "$*"
    else
        echo "PULADO $*"
        pulados=$((pulados + 1))
    fi
}

# julgar ESTADO NOME [ARQUIVO]: certo se 0; o arquivo diz o que se viu
julgar() {
    if [ "$1" -eq 0 ]; then
        ok "$2"
    else
        falhou "$2${3:+: $(head -n 1 "$3")}"
        [ -z "$3" ] || sed '1d;s/^/    /' "$3"
    fi
}

# precisar NOME FERRAMENTA...: sem uma delas, o script todo e pulado
precisar() {
    nome=$1
    shift
    for ferramenta; do
        command -v "$ferramenta" >/dev/null && continue
        pulado "$nome: falta $ferramenta"
        concluir
    done
}

# juntar ROTULO ARQUIVO: a conta de outro teste, que esta em ARQUIVO, entra nesta
juntar() {
    sed -nE "s/^(\\[[^]]*\\] )?(FALHOU|PULADO) /\\2 $1: /p" "$2" | awk '!ja[$0]++'
    # shellcheck disable=SC2046
    set -- "$1" $(grep -E '^[0-9]+ passed, [0-9]+ failed' "$2" |
        tail -n 1 | tr -d ,)
    if [ $# -lt 5 ]; then
        falhou "$1: nao chegou ao fim"
        return
    fi
    echo "   $1: certos: $2; falhas: $4; pulados: ${6:-0}"
    passaram=$((passaram + $2)) falharam=$((falharam + $4))
    pulados=$((pulados + ${6:-0}))
}

# A conta, e o codigo de saida.
concluir() {
    printf '%s passed, %s failed' $passaram $falharam
    [ $pulados -eq 0 ] || printf ', %s skipped' $pulados
    echo
    [ $falharam -eq 0 ] && [ $((passaram + pulados)) -gt 0 ]
    exit
}

# pasta_propria NOME: $pasta, que some no fim, no Ctrl-C tambem; antes dela,
# limpar, se o script a define.
limpar() { :; }
pasta_propria() {
    pasta=$(mktemp -d "${TMPDIR:-/tmp}/$1.XXXXXX") || exit 1
    trap 'limpar; rm -rf "$pasta"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
