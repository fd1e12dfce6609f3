#include <io.h>
#include <windows.h>
#include <atomic>

#include "app/cli/platform.h"

namespace sotto::cli {

namespace {

// The one mutable global of the program: a console handler can reach nothing else.
std::atomic<bool> isInterruptPending = false;

BOOL WINAPI onInterrupt(DWORD event) {
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) return FALSE;
    // A second Ctrl-C while the first is being handled ends the program at once.
    return isInterruptPending.exchange(true) ? FALSE : TRUE;
}

}  // namespace

void preparePlatform() {
    SetConsoleOutputCP(CP_UTF8);
    SetConsoleCP(CP_UTF8);
    const HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD mode = 0;
    if (GetConsoleMode(console, &mode) != 0) {
        SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    }
    SetConsoleCtrlHandler(onInterrupt, TRUE);
}

bool isInterrupted() { return isInterruptPending; }
void clearInterrupt() { isInterruptPending = false; }

// Asked behind a failed write: a pipe has no other reason for one.
bool isStdoutAbandoned() { return GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)) == FILE_TYPE_PIPE; }

bool isStdinTerminal() { return _isatty(0) != 0; }
bool isStdoutTerminal() { return _isatty(1) != 0; }
bool isStderrTerminal() { return _isatty(2) != 0; }

}  // namespace sotto::cli
