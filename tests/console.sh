#!/bin/sh
# console.sh - o console do Windows: digita em um de verdade (o do Wine, dentro
# do tmux) e le o que o outro lado recebeu e o que a tela mostra.
#
# Acentos em qualquer pagina de codigo; entrada e saida por console, pipe e
# arquivo; Ctrl-C, fechar a janela, o servidor que termina, os dois cliques.
# Do ambiente: CASOS, so os casos cujo nome contem uma destas palavras; TEMPO
# multiplica os prazos.
cd "$(dirname "$0")/.." || exit 1
FERRAMENTAS=tmux
numero=0 # do caso
parar() { tm kill-server 2>/dev/null; }
. tests/wine.sh
if ! x86_64-w64-mingw32-gcc -o "$pasta/fechar_janela.exe" \
    tests/fechar_janela.c; then
    falhou 'console: fechar_janela.c nao compila'
    concluir
fi
PRAZO=$((30 * ${TEMPO:-1})) # segundos, por espera
aqui=$PWD
export TMUX_TMPDIR="$pasta" SHELL=/bin/sh
unset TMUX
cd "$pasta" || exit 1

# ---- Janelas e servidores ----------------------------------------------

tm() { tmux -u -f /dev/null -L "$numero" "$@"; }
tela() { tm capture-pane -p -t janela 2>/dev/null; }

# abrir COMANDO - em uma janela nova; o codigo de saida vai para ./codigo
abrir() {
    printf 'trap : INT\n%s\necho $? >codigo\nexec sleep 1000\n' "$1" >janela.sh
    tm new-session -d -s janela -x 100 -y 30 'sh janela.sh' ||
        falhar 'o tmux nao abriu a janela'
}
le_teclado() { # o Wine ja tomou o terminal para ler dele
    stty -F "$(tm display-message -p -t janela '#{pane_tty}')" -a |
        grep -q -e '-icanon'
}
ctrl_c() { tm send-keys -t janela C-c; }
teclar() {
    ate 'que o console lesse o teclado' le_teclado
    tm send-keys -t janela "$@"
}
digitar() { # uma linha, e ENTER
    teclar -l "$1"
    teclar Enter
}

falhar() {
    printf '%s\n    a tela:\n' "$1"
    tela | grep . | sed 's/^/    | /'
    [ -f registro ] && echo '    o servidor:' && sed 's/^/    | /' registro
    exit 1
}

# ate O_QUE COMANDO... - espera que o comando de certo
ate() {
    o_que=$1
    shift
    limite=$(($(date +%s) + PRAZO))
    until "$@"; do
        [ "$(date +%s)" -lt $limite ] || falhar "esperava $o_que"
        sleep 0.1
    done
}
aparece() { tela | grep -qF -- "$1"; }
ver() { ate "na tela: $1" aparece "$1"; }
linha_inteira() { tela | grep -qxF -- "$1"; }
ver_linha() { ate "uma linha da tela: $1" linha_inteira "$1"; }
registrado() { grep -qF -- "$1" registro; }
registro() { ate "no registro do servidor: $1" registrado "$1"; }
terminou() { [ -s codigo ]; }
codigo() { # codigo ESPERADO
    ate 'que o programa terminasse' terminou
    [ "$(cat codigo)" = "$1" ] || falhar "codigo $(cat codigo), esperava $1"
}
nao_pede_enter() { ! aparece 'Tecle ENTER' || falhar 'pediu ENTER'; }
iguais() { # iguais ESPERADO VISTO
    cmp "$1" "$2" || falhar "$(od -c "$2" | head -n 8)"
}
bytes() { printf "$1" | wc -c; }

# O servidor do Linux, em $servidor e $porta; e o do Windows, em uma janela
servidor_linux() {
    : >registro
    "$aqui/servidor" "$@" 0 >registro 2>&1 &
    servidor=$!
    ate 'o servidor' registrado 'para falar com ele'
    porta=$(sed -n '1s/.*:\([0-9]*\) (.*/\1/p' registro)
}
servidor_windows() { # servidor_windows COMANDO
    abrir "$1"
    ver 'para falar com ele'
    porta=$(tela | sed -n 's/.*:\([0-9]*\) (Ctrl-C.*/\1/p')
}

# ---- Os casos ----------------------------------------------------------

texto='ação ñ €'

acento_digitado() { # acento_digitado -t|-u PAGINA
    servidor_linux $1
    abrir "wine cmd /c 'chcp $2 & cliente.exe $1 127.0.0.1 $porta'"
    ver 'termina.'
    aparece ": $2" || falhar 'chcp nao mudou a pagina'
    digitar "$texto"
    registro "bytes \"$texto\n\""
    registro "cliente 1: $(bytes "$texto\n") bytes"
    ver "servidor> $texto"
    digitar '😀' # dois WCHAR; na tela, o Wine so mostra os de um
    registro "bytes \"😀\n\""
    ver 'servidor> '
    digitar sair
    codigo 0
    registro 'disse sair'
}

acento_mostrado() { # acento_mostrado -t|-u PAGINA
    servidor_windows "wine cmd /c 'chcp $2 & servidor.exe $1 0'"
    aparece ": $2" || falhar 'chcp nao mudou a pagina'
    printf '%s\n' "$texto 😀" >original
    "$aqui/cliente" $1 127.0.0.1 $porta <original >volta 2>/dev/null ||
        falhar 'o cliente nao saiu com 0'
    iguais original volta
    ver "cliente 1: $(wc -c <original) bytes \"$texto "
    ctrl_c
    ver 'resumo: clientes 1, mensagens 1, bytes '
}

# cliente.exe: a entrada e a saida por console, pipe ou arquivo. O que passa
# por pipe ou arquivo tem tudo o que o Windows mudaria em "modo texto".
combinacao() { # combinacao -t|-u ENTRADA SAIDA
    servidor_linux $1
    comando="wine cmd /c 'cliente.exe $1 127.0.0.1 $porta'"
    printf '%s\r\nnulo\000ctrl-z\032fim\377\n\r\rsem fim' "$texto" >original
    case $2 in
    pipe) comando="cat original | $comando" ;;
    arquivo) comando="$comando <original" ;;
    esac
    case $3 in
    pipe)
        comando="{ $comando; echo \$? >saiu; } | cat >volta
            (exit \$(cat saiu))"
        ;;
    arquivo) comando="$comando >volta" ;;
    esac
    abrir "$comando"
    if [ $2 = console ]; then
        printf "$texto\n" >original
        ver 'termina.'
        digitar "$texto"
        registro "bytes \"$texto\n\""
        [ $3 != console ] || ver "servidor> $texto"
        printf "sair\n" >>original
        digitar sair # o console do Wine nao deixa digitar Ctrl-Z
    else
        registro "$texto\\r\\n"
        registro 'nulo\x00ctrl-z\x1afim\xff\n'
        registro '\r\rsem fim"'
    fi
    codigo 0
    case $2-$3 in
    console-console) # o que chega nao cai sobre o que se digita
        ver_linha "$texto"
        ver_linha "servidor> $texto"
        ver_linha sair
        ver_linha 'servidor> sair'
        ;;
    *-console) # cada linha com a marca, os controles escapados
        ver "servidor> $texto\\r"
        ver 'servidor> nulo\x00ctrl-z\x1afim\xff'
        ver 'servidor> \r\rsem fim'
        ;;
    *) iguais original volta ;;
    esac
    kill -INT $servidor
    registro ", bytes $(wc -c <original)"
}

# As setas < e > do proprio cmd, com um arquivo de um milhao de bytes.
setas_do_cmd() {
    servidor_linux -q
    od -An -v -tu8 -N 250000 /dev/urandom | tr -d ' ' >original
    head -c 500000 /dev/urandom >>original
    abrir "wine cmd /c 'cliente.exe 127.0.0.1 $porta < original > volta'"
    codigo 0
    iguais original volta
}

# servidor.exe: o registro em pipe ou arquivo e o mesmo do Linux, com \n.
registro_do_servidor() { # registro_do_servidor pipe|arquivo -t|-u
    : >registro
    case $1 in
    pipe) abrir "wine cmd /c 'servidor.exe $2 0' |
        { trap '' INT; cat >registro; }" ;;
    arquivo) abrir "wine cmd /c 'servidor.exe $2 0' >registro" ;;
    esac
    ate 'o servidor' registrado 'para falar com ele'
    porta=$(sed -n '1s/.*:\([0-9]*\) (.*/\1/p' registro)
    printf '%s\r\n' "$texto" |
        "$aqui/cliente" $2 127.0.0.1 $porta >volta 2>/dev/null ||
        falhar 'o cliente nao saiu com 0'
    registro "cliente 1: $(bytes "$texto\r\n") bytes \"$texto\\r\\n\""
    ctrl_c
    registro 'resumo: clientes 1, mensagens 1'
    ! grep -q "$(printf '\r')" registro || falhar 'ha \r no registro'
}

# Um cliente do Linux que espera o teclado ve o servidor.exe terminar.
fim_do_servidor() { # fim_do_servidor ctrl_c|fechar OPCOES
    servidor_windows "wine servidor.exe $2 0"
    if [ "$2" != -u ]; then
        mkfifo teclado
        "$aqui/cliente" 127.0.0.1 $porta <teclado >/dev/null 2>avisos &
        cliente=$!
        exec 9>teclado
        ver 'cliente 1 chegou de'
    fi
    case $1 in
    ctrl_c) ctrl_c ;;
    fechar) wine fechar_janela.exe servidor.exe || falhar 'nao fechei' ;;
    esac
    ver 'resumo: clientes '
    codigo 0
    nao_pede_enter
    [ "$2" != -u ] || return 0
    aparece 'cliente 1 saiu (fim do servidor)' ||
        falhar 'nao se despediu do cliente'
    wait $cliente
    [ $? -eq 1 ] || falhar 'o cliente do Linux nao saiu com 1'
}

servidor_termina() { # servidor_termina cmd|sozinho
    servidor_linux
    case $1 in
    cmd) abrir "wine cmd /c 'cliente.exe 127.0.0.1 $porta'" ;;
    sozinho) abrir "wine cliente.exe 127.0.0.1 $porta" ;;
    esac
    registro 'cliente 1 chegou'
    ver 'termina.'
    kill -INT $servidor
    ver 'o servidor encerrou a conversa antes de voce'
    case $1 in
    cmd)
        codigo 1
        nao_pede_enter
        ;;
    sozinho) pede_um_enter 1 ;;
    esac
}

# Sozinho no console (dois cliques no .exe), espera um ENTER, e so um.
pede_um_enter() { # pede_um_enter CODIGO
    ver 'Tecle ENTER'
    ! terminou || falhar 'nao esperou o ENTER'
    teclar Enter
    codigo $1
    ! aparece 'erro incomum' || falhar 'o ENTER foi parar em send'
}

erro_ao_abrir() { # erro_ao_abrir sozinho|cmd PROGRAMA CODIGO TEXTO OPCOES
    como=$1 programa=$2 saida=$3 erro=$4
    servidor_linux
    [ "$5" != livre ] || { kill -INT $servidor && registro resumo; }
    opcoes=$porta
    [ $programa = servidor ] || opcoes="127.0.0.1 $porta"
    [ "$5" != ruim ] || opcoes='-n 0'
    [ "$5" != ajuda ] || opcoes=-h
    case $como in
    cmd) abrir "wine cmd /c '$programa.exe $opcoes'" ;;
    sozinho) abrir "wine $programa.exe $opcoes" ;;
    esac
    ver "$erro"
    case $como in
    cmd)
        codigo $saida
        nao_pede_enter
        ;;
    sozinho) pede_um_enter $saida ;;
    esac
}

ctrl_c_no_cliente() {
    servidor_linux
    abrir "wine cliente.exe 127.0.0.1 $porta"
    ver 'termina.'
    ctrl_c
    ate 'que o cliente terminasse' terminou
    nao_pede_enter
    registro 'cliente 1 '
    printf 'oi' | "$aqui/cliente" 127.0.0.1 $porta >volta 2>/dev/null ||
        falhar 'o servidor nao atende mais'
}

# Uma letra de dois bytes que chega em dois pedacos, e uma linha comprida.
letra_cortada() {
    servidor_linux
    mkfifo teclado
    abrir "wine cmd /c 'cliente.exe 127.0.0.1 $porta' <teclado"
    exec 9>teclado
    ver 'termina.'
    printf 'a\303' >&9
    registro 'cliente 1: 2 bytes "a\xc3"'
    ver 'servidor> a'
    printf '\247\303\243o\n' >&9
    exec 9>&-
    ver 'servidor> ação'
    codigo 0
}
linha_comprida() {
    servidor_linux -q
    awk 'BEGIN { while (i++ < 1500) printf "ã"; print "fim" }' >original
    abrir "wine cmd /c 'cliente.exe 127.0.0.1 $porta <original'"
    codigo 0
    ver 'ãfim'
    [ "$(tela | grep -o 'ã' | wc -l)" = 1500 ] || falhar 'a linha mudou'
    [ "$(tela | grep -c 'servidor> ')" = 1 ] || falhar 'mais de uma marca'
}

# Uma linha maior do que o console entrega de uma vez, com um par de WCHAR (um
# emoji) no lugar do corte: chega inteira, em UTF-8, e e uma linha so.
linha_colada() { # linha_colada -t|-u LETRAS: quantas vem antes dos emoji
    servidor_linux $1
    awk -v n="$2" 'BEGIN {
        while (n-- > 0) printf "a"
        while (i++ < 1030) printf "\360\237\230\200"
    }' >linha
    { cat linha && echo; } >original
    abrir "wine cmd /c 'cliente.exe $1 127.0.0.1 $porta >volta'"
    ver 'termina.'
    # aos poucos: o Wine le do terminal 4096 bytes por vez, e corta o que for
    letras=$2
    while [ $letras -gt 0 ]; do
        teclar -l "$(head -c $letras linha | head -c 1000)"
        letras=$((letras - 1000))
    done
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        teclar -l "$(tail -c +$(($2 + 1)) linha | head -c 412)"
    done
    teclar Enter
    ate 'a linha toda de volta' tem_bytes volta "$(wc -c <original)"
    digitar sair
    codigo 0
    echo sair >>original
    iguais original volta
    [ $1 = -t ] || registro "cliente 1: $(($(wc -c <linha) + 1)) bytes"
}
tem_bytes() { [ "$(wc -c <"$1")" -ge "$2" ]; }

pausa() { # pausa CHAMADA - a ultima que se anunciou
    ate ">> $1:" ultima_pausa "$1"
}
ultima_pausa() {
    tela | grep '>> ' | tail -n 1 | grep -qF ">> $1:"
}

passo_servidor() {
    abrir 'wine servidor.exe -s 0'
    for chamada in WSAStartup socket bind; do
        pausa $chamada
        digitar 'isto vale um ENTER'
    done
    pausa listen
    aparece 'sin_zero   00 00 00 00 00 00 00 00' || falhar 'faltam os bytes'
    teclar Enter
    ver 'para falar com ele'
    porta=$(tela | sed -n 's/.*:\([0-9]*\) (Ctrl-C.*/\1/p')
    printf 'oi\n' | "$aqui/cliente" 127.0.0.1 $porta >volta 2>/dev/null &
    cliente=$!
    for chamada in accept recv send; do
        pausa $chamada
        teclar Enter
    done
    ver 'send('
    pausa recv
    teclar Enter
    pausa closesocket
    teclar Enter
    ver 'closesocket('
    ctrl_c # fora de uma pausa
    ver 'resumo: clientes 1, mensagens 1, bytes 3'
    codigo 0
}

# Ctrl-C em uma pausa encerra com 0. O console do Wine, ao contrario do do
# Windows, continua a ler a linha: la falta um ENTER.
passo_ctrl_c() {
    for onde in socket bind listen; do
        rm -f codigo
        abrir 'wine servidor.exe -s 0'
        for chamada in WSAStartup socket bind listen; do
            pausa $chamada
            [ $chamada != $onde ] || break
            teclar Enter
        done
        ctrl_c
        ate 'que o programa terminasse' terminou_com_enter
        codigo 0
        tm kill-server
        numero=$numero.
    done
}

terminou_com_enter() { # sem Ctrl-C, ENTER so o levaria a esperar um cliente
    terminou || { tm send-keys -t janela Enter && false; }
}

passo_cliente() { # passo_cliente ate_o_fim|o_servidor_some
    servidor_linux
    abrir "wine cmd /c 'cliente.exe -s 127.0.0.1 $porta'"
    for chamada in WSAStartup socket connect; do
        pausa $chamada
        teclar Enter
    done
    ver 'termina.'
    if [ $1 = o_servidor_some ]; then
        kill -INT $servidor
        ver 'o servidor encerrou a conversa antes de voce'
        codigo 1
        return
    fi
    digitar "$texto"
    ver "servidor> $texto"
    digitar sair
    for chamada in shutdown closesocket WSACleanup; do
        pausa $chamada
        teclar Enter
    done
    codigo 0
}

# ---- Rodar -------------------------------------------------------------


caso() { # caso NOME FUNCAO ARGUMENTOS...
    nome=$1
    numero=$((numero + 1)) # um tmux por caso
    shift
    if [ -n "$CASOS" ]; then
        for palavra in $CASOS; do
            case $nome in *"$palavra"*) palavra= && break ;; esac
        done
        [ -z "$palavra" ] || return 0
    fi
    rm -f registro codigo original volta saiu teclado
    if (
        trap '{ kill -9 $servidor $cliente; tm kill-server; } 2>/dev/null' EXIT
        servidor='' cliente=''
        "$@"
    ) >relato 2>&1; then
        ok "$nome"
    else
        falhou "$nome: $(cat relato)"
    fi
}

# o teclado, a tela e os arquivos sao os mesmos em TCP e em UDP: em UDP basta um
# de cada
for pagina in 437 850 1252 65001; do
    caso acento_digitado_$pagina acento_digitado -t $pagina
    caso acento_mostrado_$pagina acento_mostrado -t $pagina
done
caso acento_digitado_udp acento_digitado -u 850
caso acento_mostrado_udp acento_mostrado -u 850
for entrada in console pipe arquivo; do
    for saida in console pipe arquivo; do
        caso cliente_de_${entrada}_para_$saida combinacao -t $entrada $saida
        [ $entrada != $saida ] ||
            caso cliente_udp_$entrada combinacao -u $entrada $saida
    done
done
caso servidor_para_pipe registro_do_servidor pipe -t
caso servidor_para_arquivo registro_do_servidor arquivo -t
caso servidor_udp_para_arquivo registro_do_servidor arquivo -u
caso setas_do_cmd setas_do_cmd
for jeito in ctrl_c fechar; do
    caso ${jeito}_no_servidor_varios fim_do_servidor $jeito ''
    caso ${jeito}_no_servidor_um fim_do_servidor $jeito '-n 1'
    caso ${jeito}_no_servidor_udp fim_do_servidor $jeito -u
done
caso ctrl_c_no_cliente ctrl_c_no_cliente
for jeito in cmd sozinho; do
    caso servidor_termina_$jeito servidor_termina $jeito
    caso recusado_$jeito erro_ao_abrir $jeito cliente 1 \
        'conexao recusada (WSAECONNREFUSED)' livre
    caso porta_em_uso_$jeito erro_ao_abrir $jeito servidor 1 \
        'endereco ja em uso (WSAEADDRINUSE)' usada
    caso uso_errado_$jeito erro_ao_abrir $jeito servidor 2 \
        "-n '0': use 1 a 10000" ruim
    caso ajuda_$jeito erro_ao_abrir $jeito cliente 0 'uso: .\cliente' ajuda
done
caso letra_cortada letra_cortada
caso linha_comprida linha_comprida
caso linha_colada_tcp linha_colada -t 1
caso linha_colada_tcp_par linha_colada -t 0
caso linha_colada_comprida linha_colada -t 8191
caso linha_colada_udp linha_colada -u 1
caso passo_servidor passo_servidor
caso passo_ctrl_c passo_ctrl_c
caso passo_cliente passo_cliente ate_o_fim
caso passo_cliente_sem_servidor passo_cliente o_servidor_some

concluir
