#include <sys/mman.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include "base/mapped_range_slots.h"

namespace sotto {
namespace {

bool isInstalled = false;
struct sigaction previous {};  // read by the handler while it is installed

bool isNobody(const struct sigaction& action) {
    return (action.sa_flags & SA_SIGINFO) == 0 &&
           (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN);
}

void onBusError(int signal, siginfo_t* info, void* context) {
    const int savedErrno = errno;
    const auto range = mappedRangeAt(reinterpret_cast<std::uintptr_t>(info->si_addr));
    const bool isReplaced = range && replaceByZeros(*range);
    errno = savedErrno;
    if (isReplaced) return;
    if (isNobody(previous)) {
        // The access is repeated and ends the process as it would have without us.
        ::signal(signal, SIG_DFL);
    } else if ((previous.sa_flags & SA_SIGINFO) != 0) {
        previous.sa_sigaction(signal, info, context);
    } else {
        previous.sa_handler(signal);
    }
}

}  // namespace

// Only what may be called in a handler; mmap is one system call.
bool replaceByZeros(const MappedRangeMatch& range) {
    if (!range.isCurrent()) return false;
    MappedRangeSlot& slot = *range.slot;
    slot.hasFailed.store(true, std::memory_order_release);
    // All of it: page by page, a large file would cost as many faults as it has pages. The range
    // is the one that was found: what the slot says by now may be another file's.
    slot.isReplaced = ::mmap(reinterpret_cast<void*>(range.begin), range.size, PROT_READ,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
    return slot.isReplaced;
}

// One that is installed behind ours may still call ours: kept as `previous`, both would call each
// other without end.
void installMappedRangeHandler() {
    struct sigaction current {};
    ::sigaction(SIGBUS, nullptr, &current);
    if (isInstalled && !isNobody(current)) return;
    struct sigaction action {};
    action.sa_sigaction = onBusError;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &previous);
    isInstalled = true;
}

// Somebody who installed a handler behind ours keeps it.
void uninstallMappedRangeHandler() {
    struct sigaction current {};
    ::sigaction(SIGBUS, nullptr, &current);
    if (current.sa_sigaction != onBusError) return;
    ::sigaction(SIGBUS, &previous, nullptr);
    isInstalled = false;
}

// The zeros were mapped over the file's pages, so the owner's munmap takes them.
void releaseReplacedRange(MappedRangeSlot&) {}

}  // namespace sotto
