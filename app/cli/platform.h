// What the command line needs of the operating system. POSIX in platform_posix.cpp, its Windows
// twin in platform_windows.cpp.
#pragma once

namespace sotto::cli {

// UTF-8 output, and Ctrl-C sets a flag instead of ending the program. Once, at start.
void preparePlatform();

// Whether Ctrl-C was pressed since the last clearInterrupt(). Any thread.
bool isInterrupted();
void clearInterrupt();

// Whether stdout is a pipe or a socket that nobody reads from any more.
bool isStdoutAbandoned();

bool isStdinTerminal();
bool isStdoutTerminal();
bool isStderrTerminal();

}  // namespace sotto::cli
