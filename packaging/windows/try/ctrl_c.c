/* ctrl_c MILLISECONDS COMMAND LINE: starts a program in a console of its own, presses Ctrl-C in it after that time, and ends with
   the program's exit code. 99: the program had ended before; 98: Windows would not. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

int main(void) {
    STARTUPINFOW start = {sizeof start};
    PROCESS_INFORMATION child;
    DWORD code = 98;
    /* What stands behind our own name and the time, untouched: no quoting is undone and made again. */
    wchar_t *line = GetCommandLineW();
    line = line[0] == L'"' ? wcschr(line + 1, L'"') + 1 : line + wcscspn(line, L" ");
    DWORD wait_ms = wcstoul(line, &line, 10);
    line += wcsspn(line, L" ");
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &child)) return 98;
    if (WaitForSingleObject(child.hProcess, wait_ms) != WAIT_TIMEOUT) return 99;
    FreeConsole();
    if (!AttachConsole(child.dwProcessId)) return 98;
    SetConsoleCtrlHandler(NULL, TRUE);
    if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) return 98;
    WaitForSingleObject(child.hProcess, 60000);
    GetExitCodeProcess(child.hProcess, &code);
    return (int)code;
}
