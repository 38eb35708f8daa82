/* hold MILLISECONDS FILE: has a file open as Excel does, shared with nobody, and says so; 97: it could not. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

int main(int count, char **words) {
    (void)count;
    HANDLE file = CreateFileA(words[2], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return 97;
    puts("held");
    fflush(stdout);
    Sleep(strtoul(words[1], NULL, 10));
    return 0;
}
