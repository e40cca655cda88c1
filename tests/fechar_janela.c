/*
 * fechar_janela.c - faz com um programa do Windows o que faz o X da janela de
 * console: um fio novo, nele, chama os tratadores com CTRL_CLOSE_EVENT; quando
 * esse fio acaba, ou em 5 segundos, o sistema mata o programa. O console do
 * Wine em um terminal nao tem X: console.py usa isto.
 *
 *   fechar_janela.exe programa.exe
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <tlhelp32.h>

/* O primeiro processo com esse nome, ou NULL. */
static HANDLE procurar(const char *nome) {
    HANDLE lista = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    PROCESSENTRY32 p;
    int ha;
    p.dwSize = sizeof p;
    for (ha = Process32First(lista, &p); ha; ha = Process32Next(lista, &p))
        if (strcmp(p.szExeFile, nome) == 0)
            return OpenProcess(PROCESS_ALL_ACCESS, FALSE, p.th32ProcessID);
    return NULL;
}

int main(int argc, char **argv) {
    HMODULE base = GetModuleHandleA("kernelbase.dll");
    void *rotina = (void *)GetProcAddress(base, "CtrlRoutine");
    HANDLE programa = argc == 2 ? procurar(argv[1]) : NULL, aviso = NULL;
    if (programa && rotina)
        aviso = CreateRemoteThread(programa, NULL, 0,
                                   (LPTHREAD_START_ROUTINE)rotina,
                                   (void *)CTRL_CLOSE_EVENT, 0, NULL);
    if (!aviso) {
        fprintf(stderr, "fechar_janela: nao consegui avisar o programa\n");
        return 1;
    }
    WaitForSingleObject(aviso, 5000);
    TerminateProcess(programa, 1);
    return 0;
}
