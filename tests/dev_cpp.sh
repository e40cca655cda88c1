#!/bin/sh
# dev_cpp.sh - os projetos de docs/dev-cpp compilam como no Dev-C++?
#
#   [EXIGIR=1] sh tests/dev_cpp.sh
#
# Faz o que o Dev-C++ faz com um .dev: le o arquivo, escreve o Makefile.win ao
# lado dele e chama make, em C de 1990 e sem nenhum aviso, com o conjunto de 64
# bits e com o de 32 (aqui, os dois mingw-w64), como o 5.11 e como o 6.3. As
# regras vem do codigo-fonte dele (Compiler.pas, Project.pas, devCFG.pas); o
# que compilar e com que, so dos .dev. Depois confere o F5 (-g3), o common.h
# que mudou, o F12, de que DLLs o .exe precisa e, com o Wine, conversa com ele.
# Faltando um programa: PULADO; com EXIGIR=1, falha.

raiz=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "$raiz" || exit 1
. tests/contas.sh
LIMITE=240 # segundos; o primeiro Wine de uma conta demora um minuto
OPCOES='-std=gnu90 -Wall -Wextra -Werror'
precisar 'os projetos do Dev-C++' make wine x86_64-w64-mingw32-gcc \
    i686-w64-mingw32-gcc x86_64-w64-mingw32-g++ i686-w64-mingw32-g++

servidor=
limpar() {
    [ -z "$servidor" ] || kill "$servidor" 2>/dev/null
}
pasta_propria dev_cpp
export WINEDEBUG="${WINEDEBUG:--all}"

# provado NOME CODIGO: certo se CODIGO e 0; senao mostra o que ficou em viu
provado() {
    head -n 20 "$pasta/viu" >"$pasta/comeco" 2>/dev/null
    julgar "$2" "$1" "$pasta/comeco"
}

# ---- O que o Dev-C++ faz --------------------------------------------------

# O valor de uma chave do .dev, ou o que vale na falta dela.
ini() { # arquivo secao chave falta
    awk -v secao="[$2]" -v chave="$3" -v valor="$4" '
        { sub(/\r$/, "") }
        /^\[/ { dentro = tolower($0) == tolower(secao); next }
        dentro && (i = index($0, "=")) &&
        tolower(substr($0, 1, i - 1)) == tolower(chave) && i < length($0) {
            valor = substr($0, i + 1)
        }
        END { print valor }' "$1"
}

barras() { printf '%s\n' "$1" | tr '\\' '/'; }

# O .o de uma unidade: em ObjectOutput ou, sem isso, ao lado do fonte.
objeto() { # projeto unidade
    saida=$(barras "$(ini "$1" Project ObjectOutput '')")
    fonte=$(barras "$(ini "$1" "$2" FileName '')")
    [ -z "$saida" ] || fonte=${saida%/}/${fonte##*/}
    echo "${fonte%.*}.o"
}

# O .exe do projeto, a partir da pasta dele.
executavel() { # projeto
    nome=${1%.dev}.exe
    if [ "$(ini "$1" Project OverrideOutput 0)" != 0 ]; then
        nome=$(ini "$1" Project OverrideOutputName "$nome")
    fi
    pasta=$(barras "$(ini "$1" Project ExeOutput '')")
    echo "${pasta:+${pasta%/}/}$nome"
}

# As unidades que se compilam: cabecalhos so aparecem na arvore do projeto.
unidades() { # projeto
    i=1
    while [ $i -le "$(ini "$1" Project UnitCount 0)" ]; do
        case $(ini "$1" Unit$i FileName '') in
        *.[hH] | *.hpp) ;;
        *) [ "$(ini "$1" Unit$i Compile 1)" = 0 ] || echo Unit$i ;;
        esac
        i=$((i + 1))
    done
}

# gcc, ou g++ se a unidade (ou, sem dizer, o projeto) e de C++
compilador() { # projeto unidade
    cpp=$(ini "$1" Project IsCpp 0)
    [ -z "$2" ] || cpp=$(ini "$1" "$2" CompileCpp "$cpp")
    if [ "$cpp" = 0 ]; then echo CC; else echo CPP; fi
}

parametros() { # projeto chave
    ini "$1" Project "$2" '' | sed 's/_@@_/ /g'
}

# As caixas de "Opcoes do Compilador", na ordem dos algarismos de
# CompilerSettings: c vai para CFLAGS, l para LIBS; a 7 escolhe -m32 ou -m64; *
# e uma lista de que so se conhece o 0. O 6.3 tem uma a mais, a 22.
caixas() { # versao
    cat <<FIM
-ansi c
-fno-asm c
-traditional-cpp c
-march= *
-mtune= *
-m *
-O *
- cl
-std= *
-w c
-Wall c
-Wextra c
-pedantic c
-fsyntax-only c
-Werror c
-Wfatal-errors c
-pg cl
-lobjc l
-g3 cl
-nostdlib cl
-mwindows cl
-s l
FIM
    [ "$1" = 5.11 ] || echo '-j *'
    printf '%s\n' '-fverbose-asm c' '-S c' '-pipe c'
}

# O que os algarismos pedem a uma etapa. Sem algarismos, nada. O 6.3 escreve
# "0;1;0", e le tambem "010".
pedem() { # versao algarismos c|l
    caixas "$1" | awk -v a="$2" -v etapa="$3" '
        BEGIN { gsub(/;/, "", a) }
        {
            v = substr(a, NR, 1)
            if (v == "" || v == 0) next
            if ($2 == "*") $1 = "NAO-IMITADA" $1
            else if (!index($2, etapa)) next
            if ($1 == "-") $1 = v == 1 ? "-m32" : "-m64"
            printf " %s", $1
        }'
}

# O Makefile.win, na pasta corrente. Do conjunto vem as pastas das bibliotecas
# (as de 32 bits sao lib32) e o que OPCOES diz.
makefile_win() { # projeto versao conjunto algarismos apagador
    lista=
    for u in $(unidades "$1"); do
        [ "$(ini "$1" "$u" Link 1)" = 0 ] || lista="$lista $(objeto "$1" "$u")"
    done
    ligador=$(compilador "$1" '')
    lib=lib
    [ "$3" = 64 ] || lib=lib32
    depurar=
    case $(pedem "$2" "$4" c) in *' -g3'*) depurar=' -D__DEBUG__' ;; esac
    cat <<FIM
CPP      = g++.exe$depurar
CC       = gcc.exe$depurar
OBJ      =$lista
LINKOBJ  =$lista
LIBS     = -L"C:/Program Files (x86)/Dev-Cpp/MinGW64/$lib" -static-libgcc \
$(barras "$(parametros "$1" Linker)")$(pedem "$2" "$4" l)
BIN      = $(executavel "$1")
CXXFLAGS =$(pedem "$2" "$4" c) $OPCOES $(parametros "$1" CppCompiler)
CFLAGS   =$(pedem "$2" "$4" c) $OPCOES $(parametros "$1" Compiler)
$5

.PHONY: all all-before all-after clean clean-custom

all: all-before \$(BIN) all-after

FIM
    ini "$1" Project MakeIncludes '' | tr ';' '\n' | sed 's/^/include /'
    limpar=DEL
    [ "$2" != 5.11 ] || limpar=RM
    cat <<FIM

clean: clean-custom
	\${$limpar} \$(OBJ) \$(BIN)

\$(BIN): \$(OBJ)
	\$($ligador) \$(LINKOBJ) -o \$(BIN) \$(LIBS)
FIM
    for u in $(unidades "$1"); do
        fonte=$(barras "$(ini "$1" "$u" FileName '')")
        o=$(objeto "$1" "$u")
        c=$(compilador "$1" "$u")
        flags=CFLAGS
        [ "$c" = CC ] || flags=CXXFLAGS
        printf '\n%s: %s\n' "$o" "$fonte"
        printf '\t$(%s) -c %s -o %s $(%s)\n' "$c" "$fonte" "$o" $flags
    done
}

# Os programas que o Makefile.win chama. O gcc do TDM-GCC faz programas de 64
# bits e, com -m32, de 32; o do Debian e um para cada.
mkdir -p "$pasta/bin" "$pasta/Program Files (x86)/Dev-Cpp"
for p in gcc g++; do
    cat >"$pasta/bin/$p.exe" <<FIM
#!/bin/sh
case " \$* " in
*' -m32 '*) exec i686-w64-mingw32-$p "\$@" ;;
esac
exec x86_64-w64-mingw32-$p "\$@"
FIM
done
printf '#!/bin/sh\nexec rm "$@"\n' >"$pasta/bin/rm.exe"
# o 6.3 apaga chamando a si mesmo; do 5.50 ao 6.2, com o del do cmd.exe
printf '#!/bin/sh\n[ "$1" = INTERNAL_DEL ] && shift && exec rm -f "$@"\n' \
    >"$pasta/Program Files (x86)/Dev-Cpp/devcpp.exe"
printf '#!/bin/sh\nexec wine cmd /c "$2"\n' >"$pasta/bin/cmd"
chmod +x "$pasta"/bin/* "$pasta/Program Files (x86)/Dev-Cpp/devcpp.exe"
RM_511='RM       = rm.exe -f'
DEL_63="DEL      = $pasta/Program Files (x86)/Dev-Cpp/devcpp.exe INTERNAL_DEL"
DEL_62='DEL      = del /f /q'

fazer() { # alvos e variaveis de make
    (unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
    PATH="$pasta/bin:$PATH" make -f Makefile.win "$@") >"$pasta/viu" 2>&1
}

# O Makefile.win que essa versao escreve para o projeto.
fazer_makefile() { # projeto versao conjunto
    apagador=$RM_511
    [ "$2" = 5.11 ] || apagador=$DEL_63
    makefile_win "$1" "$2" "$3" "$(ini "$1" Project CompilerSettings '')" \
        "$apagador" >Makefile.win
}

# ---- As provas ------------------------------------------------------------

# O projeto se abre e se salva sem surpresa no Dev-C++.
provar_formato() { # projeto
    : >"$pasta/viu"
    awk '!/\r$/ { print "linha sem CR LF: " $0 }' "$1" >>"$pasta/viu"
    [ "$(ini "$1" Project Type 0)" = 1 ] ||
        echo "Type nao e 1, console" >>"$pasta/viu"
    [ "$(ini "$1" Project Ver 0)" = 2 ] ||
        echo "Ver nao e 2, o dos projetos de hoje" >>"$pasta/viu"
    [ -n "$(unidades "$1")" ] || echo "nada a compilar" >>"$pasta/viu"
    i=1
    while [ $i -le "$(ini "$1" Project UnitCount 0)" ]; do
        f=$(barras "$(ini "$1" Unit$i FileName '')")
        [ -f "$f" ] || echo "Unit$i: '$f' nao existe" >>"$pasta/viu"
        [ "$(ini "$1" Unit$i OverrideBuildCmd 0)" = 0 ] ||
            echo "Unit$i: BuildCmd, que este teste nao imita" >>"$pasta/viu"
        i=$((i + 1))
    done
    for chave in ObjFiles Includes Libs PrivateResource Icon CompilerSet \
        UseCustomMakefile IncludeVersionInfo SupportXPThemes; do
        case $(ini "$1" Project $chave 0) in
        0) ;;
        *) echo "$chave, que este teste nao imita" >>"$pasta/viu" ;;
        esac
    done
    for f in $(ini "$1" Project MakeIncludes '' | tr ';' ' '); do
        [ -f "$f" ] || echo "MakeIncludes: '$f' nao existe" >>"$pasta/viu"
    done
    [ -s "$pasta/viu" ]
    provado "$1: formato do Dev-C++" $((! $?))

    # F5: com menos algarismos que caixas ele nao consegue marcar -g3, e
    # pergunta para sempre; com os nossos, ja esta marcada (e -s, nao)
    a=$(ini "$1" Project CompilerSettings '')
    echo "CompilerSettings=$a" >"$pasta/viu"
    for v in 5.11 6.3; do
        echo "$v: $(pedem $v "$a" c) / $(pedem $v "$a" l)" >>"$pasta/viu"
    done
    [ ${#a} = "$(caixas 5.11 | wc -l)" ] &&
        [ "$(pedem 5.11 "$a" c)" = "$(pedem 6.3 "$a" c)" ] &&
        [ "$(pedem 5.11 "$a" l)" = "$(pedem 6.3 "$a" l)" ] &&
        [ "$(pedem 6.3 "$a" l)" = ' -g3' ] &&
        ! grep -q NAO-IMITADA "$pasta/viu"
    provado "$1: 25 algarismos, -g3 marcada e -s nao, no 5.11 e no 6.3" $?
}

# Uma copia do que o aluno baixa, e a lista de tudo o que ha nela.
copiar_arvore() { # pasta nova
    mkdir -p "$1/docs" && cp "$raiz"/*.[ch] "$1" &&
        cp -R "$raiz/docs/dev-cpp" "$1/docs" && cd "$1/docs/dev-cpp" &&
        rm -rf obj ./*.exe ./*.win ./*.layout
}

provar_projeto() { # projeto versao conjunto
    o_que="$1: $2, conjunto de $3 bits"
    maquina=x86_64 formato=pei-x86-64
    [ "$3" = 64 ] || maquina=i686 formato=pei-i386
    saida=$(barras "$(ini "$1" Project ObjectOutput '')")
    [ -z "$saida" ] || mkdir "$saida" 2>/dev/null
    exe=$(executavel "$1")
    rm -f "$exe" ${saida:+"$saida"/*.o}
    fazer_makefile "$1" "$2" "$3"
    fazer all && [ -f "$exe" ] && grep -q -e ' -g3 .*-Werror' "$pasta/viu" &&
        ! grep -q -e ' -s\( \|$\)' "$pasta/viu"
    provado "$o_que: compila com -g3 e $OPCOES" $?

    $maquina-w64-mingw32-objdump -f -h "$exe" >"$pasta/viu" 2>&1
    grep -q "file format $formato" "$pasta/viu" &&
        grep -q debug_info "$pasta/viu"
    provado "$o_que: programa de $3 bits, com o que o F5 precisa" $?

    (cd ../.. && find . -type f | grep -v '^\./docs/dev-cpp/') |
        LC_ALL=C sort >"$pasta/depois"
    (cd "$raiz" && for f in *.[ch]; do echo "./$f"; done) |
        LC_ALL=C sort | diff - "$pasta/depois" >"$pasta/viu"
    provado "$o_que: nada novo fora de docs/dev-cpp" $?

    if git -C "$raiz" rev-parse >/dev/null 2>&1; then
        find . -type f ! -name '*.dev' ! -name '*.mak' | while read -r f; do
            git -C "$raiz" check-ignore -q "docs/dev-cpp/$f" || echo "$f"
        done >"$pasta/viu"
        [ -s "$pasta/viu" ]
        provado "$o_que: o git ignora o que se produz" $((! $?))
    fi

    # So DLLs do proprio Windows: as que o Wine traz no lugar delas.
    $maquina-w64-mingw32-objdump -p "$exe" 2>"$pasta/viu" |
        sed -n 's/.*DLL Name: //p' | tr 'A-Z' 'a-z' >"$pasta/dlls"
    while read -r dll; do
        [ -f "$system32/$dll" ] || echo "$dll nao e do Windows"
    done <"$pasta/dlls" >>"$pasta/viu"
    [ -s "$pasta/dlls" ] || echo "nenhuma DLL encontrada" >>"$pasta/viu"
    [ -s "$pasta/viu" ]
    provado "$o_que: so DLLs do Windows ($(tr '\n' ' ' <"$pasta/dlls"))" $((! $?))
}

# O conjunto de 32 bits escolhido na barra: os algarismos dele (-m32 e a 7)
# tomam o lugar dos do projeto.
provar_escolha() { # projeto
    makefile_win "$1" 5.11 32 0000000100000000000000000 "$RM_511" >Makefile.win
    fazer clean all && i686-w64-mingw32-objdump -f "$(executavel "$1")" \
        >"$pasta/viu" && grep -q 'format pei-i386' "$pasta/viu"
    provado "$1: conjunto de 32 bits escolhido na barra: programa de 32" $?
}

# common.h mudou depois de tudo: F9 compila de novo. Sem o MakeIncludes, nao.
provar_cabecalho() { # projeto versao
    fazer_makefile "$1" "$2" 64
    fazer all
    touch -t 200001010000 ../../*.c
    find . -name '*.o' -exec touch -t 200101010000 '{}' +
    touch -t 200101010000 "$(executavel "$1")"
    touch -t 200201010000 ../../common.h
    sed '/^include/d' Makefile.win >"$pasta/sem.win"
    make -f "$pasta/sem.win" -q all 2>"$pasta/viu" && ! fazer -q all && fazer all &&
        grep -q -e '-c .*\.c' "$pasta/viu"
    provado "$1: $2: common.h mudou, o F9 compila de novo" $?
}

# F12 (clean all): apaga de verdade, e faz de novo. "velho" e o que nao pode
# sobrar. No 6.3, sem o nosso arquivo, o caminho sem aspas nao e um comando.
provar_f12() { # projeto versao
    fazer_makefile "$1" "$2" 64
    for f in "$(executavel "$1")" $(for u in $(unidades "$1"); do
        objeto "$1" "$u"; done); do
        echo velho >"$f"
    done
    sed '/^include/d' Makefile.win >"$pasta/sem.win"
    if [ "$2" = 6.3 ] && make -f "$pasta/sem.win" clean >"$pasta/viu" 2>&1; then
        false
    else
        fazer clean all && ! grep -q velho "$(executavel "$1")"
    fi
    provado "$1: $2: F12 apaga e compila tudo" $?
}

# As versoes do meio (5.50 a 6.2), com o cmd.exe do Wine.
provar_del() { # projeto
    makefile_win "$1" 6.2 64 '' "$DEL_62" >Makefile.win
    o=$(objeto "$1" "$(unidades "$1")")
    sed '/^include/d' Makefile.win >"$pasta/sem.win"
    echo velho >"$o"
    SHELL='' make -f "$pasta/sem.win" SHELL="$pasta/bin/cmd" clean >"$pasta/viu" 2>&1
    [ -f "$o" ] && { fazer SHELL="$pasta/bin/cmd" clean; [ ! -f "$o" ]; }
    provado "$1: 6.2: o del do Windows acha $o, e so com o nosso arquivo" $?
}

# O que o aluno ve ao compilar um arquivo avulso: sem o parametro do linker, o
# erro que docs/dev-cpp.md mostra; com o do projeto, um programa. E em C++.
provar_avulso() { # projeto maquina
    fonte=$(barras "$(ini "$1" "$(unidades "$1" | head -n 1)" FileName '')")
    "$2-gcc" "$fonte" -o avulso.exe >"$pasta/viu" 2>&1
    erro=$(grep -o "undefined reference to .*WSAStartup.*" "$pasta/viu")
    [ -n "$erro" ] && grep -qF -e "$erro" "$raiz/docs/dev-cpp.md"
    provado "$1: $2: sem o parametro, o erro que a pagina mostra" $?

    # shellcheck disable=SC2046 # varios parametros, varias palavras
    "$2-gcc" "$fonte" -o avulso.exe $(parametros "$1" Linker) >"$pasta/viu" 2>&1
    provado "$1: $2: com o parametro, arquivo avulso" $?

    # a caixa do compilador, que so vale para um arquivo avulso: em um projeto
    # ela vai para CFLAGS, que nao chega ao ligador
    # shellcheck disable=SC2046
    "$2-gcc" "$fonte" -o avulso.exe $(parametros "$1" Linker) -I. -L. \
        -static-libgcc >"$pasta/viu" 2>&1
    provado "$1: $2: na caixa do compilador, arquivo avulso" $?

    # shellcheck disable=SC2046
    "$2-gcc" -c "$fonte" -o avulso.o $(parametros "$1" Linker) 2>"$pasta/viu"
    ! "$2-gcc" avulso.o -o avulso.exe >"$pasta/viu" 2>&1 &&
        grep -q 'undefined reference to' "$pasta/viu"
    provado "$1: $2: na caixa do compilador, um projeto nao se liga" $?

    cpp=${fonte%.c}.cpp
    cp "$fonte" "$cpp"
    # shellcheck disable=SC2046
    "$2-g++" -std=gnu++98 -Wall -Wextra -Werror "$cpp" -o avulso.exe \
        $(parametros "$1" Linker) >"$pasta/viu" 2>&1
    provado "$1: $2: renomeado para .cpp" $?
    rm -f "$cpp" avulso.exe avulso.o
}

# Uma conversa entre os dois .exe, no Wine.
provar_conversa() { # maquina opcao
    mkfifo "$pasta/$1$2"
    timeout $LIMITE wine servidor.exe "$2" 0 >"$pasta/$1$2" 2>"$pasta/viu" &
    servidor=$!
    exec 3<"$pasta/$1$2"
    IFS= read -r linha <&3
    porta=${linha##*:}
    printf 'Ol\303\241 do Windows\nsair\n' >"$pasta/a"
    timeout $LIMITE wine cliente.exe "$2" 127.0.0.1 "${porta%% *}" \
        <"$pasta/a" >"$pasta/b" 2>>"$pasta/viu" && cmp "$pasta/a" "$pasta/b" >>"$pasta/viu"
    provado "servidor.exe e cliente.exe $2: $1: uma conversa no Wine" $?
    kill -INT "$servidor"
    wait "$servidor"
    servidor=
    exec 3<&-
}

windows=$(timeout $LIMITE wine cmd /c 'echo %SystemRoot%\system32' 2>/dev/null |
    tr -d '\r')
system32=$(timeout $LIMITE winepath -u "$windows" 2>/dev/null)
if [ ! -d "$system32" ]; then
    falhou "o Wine nao funciona: '$windows'"
    concluir
fi

cd docs/dev-cpp || exit 1
for projeto in *.dev; do
    provar_formato "$projeto"
done
copiar_arvore "$pasta/arvore" || exit 1
for conjunto in 64 32; do
    for versao in 6.3 5.11; do
        for projeto in *.dev; do
            provar_projeto "$projeto" $versao $conjunto
        done
    done
    maquina=x86_64-w64-mingw32
    [ $conjunto = 64 ] || maquina=i686-w64-mingw32
    if timeout $LIMITE wine cliente.exe -h 2>/dev/null | grep -q uso; then
        provar_conversa $maquina -t
        provar_conversa $maquina -u
    else
        echo "nao se aplica: este Wine nao executa programas $maquina"
    fi
    for projeto in *.dev; do
        provar_avulso "$projeto" $maquina
    done
done
for projeto in *.dev; do
    provar_escolha "$projeto"
    for versao in 5.11 6.3; do
        provar_cabecalho "$projeto" $versao
        provar_f12 "$projeto" $versao
    done
    provar_del "$projeto"
done

concluir
