#!/bin/sh
# conversa.sh - a figura docs/img/conversa.svg, de uma conversa de verdade.
#
#   sh tests/conversa.sh > docs/img/conversa.svg     desenha
#   sh tests/conversa.sh conferir                    ainda e assim?
#
# Abre dois terminais (tmux), digita neles o que um aluno digita e desenha o
# que ficou nas telas. Para conferir, usa uma porta livre, e os numeros de
# porta nao contam na comparacao. Sem tmux: diz que nao rodou e sai com 3; com
# EXIGIR=1, sai com 1.

cd "$(dirname "$0")/.." || exit 1
COLUNAS=52
LINHAS=12
ESPERA=100 # decimos de segundo, por uma linha na tela
LC_ALL=C.UTF-8
export LC_ALL

if ! command -v tmux >/dev/null; then
    echo "NAO RODOU conversa.sh: falta instalar tmux" >&2
    [ "$EXIGIR" = 1 ] && exit 1
    exit 3
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/conversa.XXXXXX") || exit 1
tela() { tmux -u -S "$dir/tmux" -f /dev/null "$@"; }
trap 'tela kill-server 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

abrir() { # terminal
    tela new-session -d -s "$1" -x $COLUNAS -y $LINHAS "PS1='$ ' sh"
    esperar "$1" '^[$]'
}

digitar() { # terminal texto
    tela send-keys -t "$1" -l "$2"
    tela send-keys -t "$1" Enter
}

# Espera que a tela do terminal tenha uma linha assim.
esperar() { # terminal expressao
    n=0
    until tela capture-pane -p -t "$1" | grep -q "$2"; do
        n=$((n + 1))
        if [ $n -gt $ESPERA ]; then
            echo "conversa.sh: nao apareceu: $2" >&2
            tela capture-pane -p -t "$1" >&2
            exit 1
        fi
        sleep 0.1
    done
}

conversar() { # porta, ou nada
    abrir servidor
    abrir cliente
    digitar servidor "./servidor${1:+ $1}"
    esperar servidor 'para falar'
    digitar cliente "./cliente${1:+ 127.0.0.1 $1}"
    esperar cliente '^conectado'
    for frase in "$(printf 'Ol\303\241, servidor!')" \
        "$(printf 'Voc\303\252 repete tudo?')" sair; do
        digitar cliente "$frase"
        esperar cliente "^servidor> $frase"
    done
    esperar cliente '^fim da conversa'
    esperar servidor 'saiu'
    tela send-keys -t servidor C-c
    esperar servidor 'resumo'
}

# Uma janela: o alto, e cada linha da tela com as cores de um terminal.
desenhar() { # terminal x
    tela capture-pane -p -t "$1" | awk -v nome="$1" -v x="$2" '
        function limpo(s) {
            gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s)
            gsub(/>/, "\\&gt;", s)
            return s
        }
        function texto(classe, s) {
            return "<tspan class=\"" classe "\">" limpo(s) "</tspan>"
        }
        BEGIN {
            printf "<g transform=\"translate(%d 0)\">\n", x
            print "<rect class=\"janela\" y=\"1\" width=\"456\" height=\"250\" rx=\"8\"/>"
            print "<text class=\"nome\" x=\"14\" y=\"21\">" nome "</text>"
        }
        /^\$ ./ { s = texto("fraco", "$ ") texto("digitado", substr($0, 3)) }
        /^\$ ?$/ { s = texto("fraco", "$") }
        /^servidor> / { s = texto("eco", "servidor> ") limpo(substr($0, 11)) }
        /^\^C/ { s = texto("digitado", "^C") limpo(substr($0, 3)) }
        !s && nome == "cliente" && !/^(conectado|fim)/ {
            s = texto("digitado", $0)
        }
        !s && nome == "cliente" { s = texto("fraco", $0) }
        $0 != "" {
            printf "<text x=\"14\" y=\"%d\">%s</text>\n", 28 + 19 * NR,
                s ? s : limpo($0)
        }
        { s = "" }
        END { print "</g>" }'
}

figura() {
    cat <<'FIM'
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 928 252" width="928" height="252" role="img" aria-labelledby="t d">
<title id="t">Uma conversa em dois terminais</title>
<desc id="d">Em um terminal, o servidor espera, mostra cada mensagem que chega e, no fim, o resumo. No outro, o cliente envia o que se digita e mostra a resposta.</desc>
<style>
text { font: 14px "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; fill: #e6edf3; white-space: pre; }
.janela { fill: #1b2330; stroke: #6e7b8b; }
.nome { font-weight: bold; fill: #9fb3c8; }
.fraco { fill: #9fb3c8; }
.digitado { fill: #ffd866; font-weight: bold; }
.eco { fill: #8ee28e; }
</style>
FIM
    desenhar servidor 4
    desenhar cliente 468
    echo '</svg>'
}

sem_portas() { sed 's/[: ][0-9]\{4,5\}//g; s/ 127\.0\.0\.1</</' "$1"; }

if [ "$1" = conferir ]; then
    mkfifo "$dir/fifo"
    ./servidor 0 >"$dir/fifo" &
    read -r linha <"$dir/fifo"
    kill $!
    wait
    porta=${linha##*:}
    conversar "${porta%% *}"
    figura >"$dir/nova"
    sem_portas "$dir/nova" >"$dir/a"
    sem_portas docs/img/conversa.svg | diff - "$dir/a" &&
        echo 'ok a figura docs/img/conversa.svg mostra uma conversa de hoje'
else
    conversar
    figura
fi
