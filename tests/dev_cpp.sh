#!/bin/sh
# dev_cpp.sh - os projetos de docs/dev-cpp compilam como no Dev-C++?
#
#   [EXIGIR=1] sh tests/dev_cpp.sh
#
# Faz o que o Dev-C++ faz com um .dev: le o arquivo, escreve o Makefile.win ao
# lado dele e chama make, aqui com o mingw-w64 de 64 e de 32 bits, em C de
# 1990 e sem nenhum aviso. Depois confere de que DLLs o .exe precisa e, com o
# Wine, conversa com ele. As regras vem do codigo-fonte do Dev-C++
# (Compiler.pas, Project.pas); o que compilar e com que, so dos .dev.
# Faltando um programa: diz qual e sai com 3; com EXIGIR=1, sai com 1.

raiz=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "$raiz" || exit 1
LIMITE=240 # segundos; o primeiro Wine de uma conta demora um minuto
OPCOES='-std=gnu90 -Wall -Wextra -Werror'

faltam=
for p in make wine x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc \
    x86_64-w64-mingw32-g++ i686-w64-mingw32-g++; do
    command -v $p >/dev/null || faltam="$faltam $p"
done
if [ -n "$faltam" ]; then
    echo "NAO RODOU dev_cpp.sh: falta instalar$faltam"
    [ "$EXIGIR" = 1 ] && exit 1
    exit 3
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/dev_cpp.XXXXXX") || exit 1
servidor=
limpar() {
    [ -z "$servidor" ] || kill "$servidor" 2>/dev/null
    rm -rf "$dir"
}
trap limpar EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passaram=0 falharam=0
export WINEDEBUG="${WINEDEBUG:--all}"

# julgar NOME CODIGO: ok se CODIGO e 0; senao mostra o que ficou em $dir/viu
julgar() {
    if [ "$2" = 0 ]; then
        echo "ok $1"
        passaram=$((passaram + 1))
    else
        echo "FALHOU $1"
        sed 's/^/    /; 20q' "$dir/viu"
        falharam=$((falharam + 1))
    fi
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

makefile_win() { # projeto, na pasta corrente; o resto vem do compilador
    lista=
    for u in $(unidades "$1"); do
        [ "$(ini "$1" "$u" Link 1)" = 0 ] || lista="$lista $(objeto "$1" "$u")"
    done
    ligador=$(compilador "$1" '')
    cat <<FIM
CPP      = g++.exe
CC       = gcc.exe
OBJ      =$lista
LINKOBJ  =$lista
LIBS     = $(barras "$(parametros "$1" Linker)")
BIN      = $(executavel "$1")
CXXFLAGS = $3 $(parametros "$1" CppCompiler)
CFLAGS   = $2 $(parametros "$1" Compiler)

.PHONY: all all-before all-after clean clean-custom

all: all-before \$(BIN) all-after

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

# ---- As provas ------------------------------------------------------------

# O projeto se abre e se salva sem surpresa no Dev-C++.
provar_formato() { # projeto
    : >"$dir/viu"
    awk '!/\r$/ { print "linha sem CR LF: " $0 }' "$1" >>"$dir/viu"
    [ "$(ini "$1" Project Type 0)" = 1 ] ||
        echo "Type nao e 1, console" >>"$dir/viu"
    [ "$(ini "$1" Project Ver 0)" = 2 ] ||
        echo "Ver nao e 2, o dos projetos de hoje" >>"$dir/viu"
    [ -n "$(unidades "$1")" ] || echo "nada a compilar" >>"$dir/viu"
    i=1
    while [ $i -le "$(ini "$1" Project UnitCount 0)" ]; do
        f=$(barras "$(ini "$1" Unit$i FileName '')")
        [ -f "$f" ] || echo "Unit$i: '$f' nao existe" >>"$dir/viu"
        [ "$(ini "$1" Unit$i OverrideBuildCmd 0)" = 0 ] ||
            echo "Unit$i: BuildCmd, que este teste nao imita" >>"$dir/viu"
        i=$((i + 1))
    done
    for chave in ObjFiles Includes Libs PrivateResource MakeIncludes Icon \
        UseCustomMakefile IncludeVersionInfo SupportXPThemes CompilerSettings; do
        case $(ini "$1" Project $chave 0) in
        0) ;;
        *) echo "$chave, que este teste nao imita" >>"$dir/viu" ;;
        esac
    done
    [ -s "$dir/viu" ]
    julgar "$1: formato do Dev-C++" $((! $?))
}

# Uma copia do que o aluno baixa, e a lista de tudo o que ha nela.
copiar_arvore() { # pasta nova
    mkdir -p "$1/docs" && cp "$raiz"/*.[ch] "$1" &&
        cp -R "$raiz/docs/dev-cpp" "$1/docs" && cd "$1/docs/dev-cpp" &&
        rm -rf obj ./*.exe ./*.win ./*.layout
}

provar_projeto() { # projeto maquina
    saida=$(barras "$(ini "$1" Project ObjectOutput '')")
    [ -z "$saida" ] || mkdir "$saida" 2>/dev/null
    makefile_win "$1" "$OPCOES" "$OPCOES" >Makefile.win
    make -f Makefile.win all CC="$2-gcc" CPP="$2-g++" >"$dir/viu" 2>&1 &&
        [ -f "$(executavel "$1")" ]
    julgar "$1: $2: compila com $OPCOES" $?

    (cd ../.. && find . -type f | grep -v '^\./docs/dev-cpp/') |
        LC_ALL=C sort >"$dir/depois"
    (cd "$raiz" && for f in *.[ch]; do echo "./$f"; done) |
        LC_ALL=C sort | diff - "$dir/depois" >"$dir/viu"
    julgar "$1: $2: nada novo fora de docs/dev-cpp" $?

    if git -C "$raiz" rev-parse >/dev/null 2>&1; then
        find . -type f ! -name '*.dev' | while read -r f; do
            git -C "$raiz" check-ignore -q "docs/dev-cpp/$f" || echo "$f"
        done >"$dir/viu"
        [ -s "$dir/viu" ]
        julgar "$1: $2: o git ignora o que se produz" $((! $?))
    fi

    # So DLLs do proprio Windows: as que o Wine traz no lugar delas.
    "$2-objdump" -p "$(executavel "$1")" 2>"$dir/viu" |
        sed -n 's/.*DLL Name: //p' | tr 'A-Z' 'a-z' >"$dir/dlls"
    while read -r dll; do
        [ -f "$system32/$dll" ] || echo "$dll nao e do Windows"
    done <"$dir/dlls" >>"$dir/viu"
    [ -s "$dir/dlls" ] || echo "nenhuma DLL encontrada" >>"$dir/viu"
    [ -s "$dir/viu" ]
    julgar "$1: $2: so DLLs do Windows ($(tr '\n' ' ' <"$dir/dlls"))" $((! $?))
}

# O que o aluno ve ao compilar um arquivo avulso: sem o parametro do linker, o
# erro que docs/dev-cpp.md mostra; com o do projeto, um programa. E em C++.
provar_avulso() { # projeto maquina
    fonte=$(barras "$(ini "$1" "$(unidades "$1" | head -n 1)" FileName '')")
    "$2-gcc" "$fonte" -o avulso.exe >"$dir/viu" 2>&1
    erro=$(grep -o "undefined reference to .*WSAStartup.*" "$dir/viu")
    [ -n "$erro" ] && grep -qF -e "$erro" "$raiz/docs/dev-cpp.md"
    julgar "$1: $2: sem o parametro, o erro que a pagina mostra" $?

    # shellcheck disable=SC2046 # varios parametros, varias palavras
    "$2-gcc" "$fonte" -o avulso.exe $(parametros "$1" Linker) >"$dir/viu" 2>&1
    julgar "$1: $2: com o parametro, arquivo avulso" $?

    cpp=${fonte%.c}.cpp
    cp "$fonte" "$cpp"
    # shellcheck disable=SC2046
    "$2-g++" -std=gnu++98 -Wall -Wextra -Werror "$cpp" -o avulso.exe \
        $(parametros "$1" Linker) >"$dir/viu" 2>&1
    julgar "$1: $2: renomeado para .cpp" $?
    rm -f "$cpp" avulso.exe
}

# Uma conversa entre os dois .exe, no Wine.
provar_conversa() { # maquina opcao
    mkfifo "$dir/$1$2"
    timeout $LIMITE wine servidor.exe "$2" 0 >"$dir/$1$2" 2>"$dir/viu" &
    servidor=$!
    exec 3<"$dir/$1$2"
    IFS= read -r linha <&3
    porta=${linha##*:}
    printf 'Ol\303\241 do Windows\nsair\n' >"$dir/a"
    timeout $LIMITE wine cliente.exe "$2" 127.0.0.1 "${porta%% *}" \
        <"$dir/a" >"$dir/b" 2>>"$dir/viu" && cmp "$dir/a" "$dir/b" >>"$dir/viu"
    julgar "servidor.exe e cliente.exe $2: $1: uma conversa no Wine" $?
    kill -INT "$servidor"
    wait "$servidor"
    servidor=
    exec 3<&-
}

windows=$(timeout $LIMITE wine cmd /c 'echo %SystemRoot%\system32' 2>/dev/null |
    tr -d '\r')
system32=$(timeout $LIMITE winepath -u "$windows" 2>/dev/null)
if [ ! -d "$system32" ]; then
    echo "FALHOU o Wine nao funciona: '$windows'"
    exit 1
fi

cd docs/dev-cpp || exit 1
for projeto in *.dev; do
    provar_formato "$projeto"
done
for maquina in x86_64-w64-mingw32 i686-w64-mingw32; do
    copiar_arvore "$dir/$maquina" || exit 1
    for projeto in *.dev; do
        provar_projeto "$projeto" $maquina
        provar_avulso "$projeto" $maquina
    done
    if timeout $LIMITE wine cliente.exe -h 2>/dev/null | grep -q uso; then
        provar_conversa $maquina -t
        provar_conversa $maquina -u
    else
        echo "nao se aplica: este Wine nao executa programas $maquina"
    fi
done

echo "$passaram passed, $falharam failed"
[ "$falharam" = 0 ]
