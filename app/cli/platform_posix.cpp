#include <poll.h>
#include <unistd.h>
#include <csignal>

#include "app/cli/platform.h"

namespace sotto::cli {

namespace {

// The one mutable global of the program: a signal handler can reach nothing else.
volatile std::sig_atomic_t interruptCount = 0;

extern "C" void onInterrupt(int signal) {
    // A second Ctrl-C while the first is being handled ends the program at once.
    if (interruptCount > 0) {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
    interruptCount = 1;
}

}  // namespace

void preparePlatform() {
    struct sigaction action = {};
    action.sa_handler = onInterrupt;
    action.sa_flags = 0;  // no SA_RESTART: a waiting read() returns
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // `| head` closes the pipe: a failed write, not a death
}

bool isInterrupted() { return interruptCount > 0; }
void clearInterrupt() { interruptCount = 0; }

bool isStdoutAbandoned() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

bool isStdinTerminal() { return isatty(STDIN_FILENO) == 1; }
bool isStdoutTerminal() { return isatty(STDOUT_FILENO) == 1; }
bool isStderrTerminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace sotto::cli
