/*
 * fechar_janela.c - faz com um programa do Windows o que faz o X da janela de
 * console: um fio novo, nele, chama os tratadores com CTRL_CLOSE_EVENT; quando
 * esse fio acaba, ou em 5 segundos, o sistema mata o programa. O console do
 * Wine em um terminal nao tem X: console.py usa isto. Sai com 0 se conseguiu.
 *
 *   fechar_janela.exe programa.exe
 */
#include <string.h>
#include <windows.h>
#include <tlhelp32.h>

int main(int argc, char **argv) {
    HANDLE lista = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    HMODULE base = GetModuleHandleA("kernelbase.dll");
    FARPROC rotina = GetProcAddress(base, "CtrlRoutine");
    PROCESSENTRY32 p;
    HANDLE programa, aviso;
    p.dwSize = sizeof p;
    if (argc != 2 || !Process32First(lista, &p)) return 2;
    while (strcmp(p.szExeFile, argv[1]) != 0)
        if (!Process32Next(lista, &p)) return 1;
    programa = OpenProcess(PROCESS_ALL_ACCESS, FALSE, p.th32ProcessID);
    aviso = CreateRemoteThread(programa, NULL, 0,
                               (LPTHREAD_START_ROUTINE)(void *)rotina,
                               (void *)CTRL_CLOSE_EVENT, 0, NULL);
    if (!aviso) return 1;
    WaitForSingleObject(aviso, 5000);
    return !TerminateProcess(programa, 1);
}
