#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>

#include "base/mapped_range.h"

namespace sotto {

// Free while `size` is 0. Read by the handler without a lock: `begin` is written first.
struct MappedRangeSlot {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::size_t> size{0};
    std::atomic<bool> hasFailed{false};
};

namespace {

// Parts of a split model count each; the largest known have some two hundred.
std::array<MappedRangeSlot, 1024> slots;
std::mutex installing;         // of the three below, and of who takes a slot
std::size_t nRanges = 0;       // guarded by installing
bool isInstalled = false;      // guarded by installing
struct sigaction previous {};  // guarded by installing; read by the handler while it is installed

// Only what may be called in a handler: atomics without locks, and mmap, which is one system call.
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

bool replaceByZeros(std::uintptr_t address) {
    for (MappedRangeSlot& slot : slots) {
        const std::size_t size = slot.size.load(std::memory_order_acquire);
        const std::uintptr_t begin = slot.begin.load(std::memory_order_relaxed);
        if (address < begin || address - begin >= size) continue;
        slot.hasFailed.store(true, std::memory_order_release);
        // All of it: page by page, a large file would cost as many faults as it has pages.
        return ::mmap(reinterpret_cast<void*>(begin), size, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
    }
    return false;
}

bool isNobody(const struct sigaction& action) {
    return (action.sa_flags & SA_SIGINFO) == 0 &&
           (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN);
}

void onBusError(int signal, siginfo_t* info, void* context) {
    const int savedErrno = errno;
    const bool isReplaced = replaceByZeros(reinterpret_cast<std::uintptr_t>(info->si_addr));
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

// One that is installed behind ours may still call ours: kept as `previous`, both would call each
// other without end.
void install() {
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
void uninstall() {
    struct sigaction current {};
    ::sigaction(SIGBUS, nullptr, &current);
    if (current.sa_sigaction != onBusError) return;
    ::sigaction(SIGBUS, &previous, nullptr);
    isInstalled = false;
}

}  // namespace

MappedRange::MappedRange(const std::byte* data, std::size_t size) {
    const std::lock_guard lock(installing);
    for (MappedRangeSlot& slot : slots) {
        if (slot.size != 0) continue;
        if (nRanges++ == 0) install();
        slot.hasFailed = false;
        slot.begin = reinterpret_cast<std::uintptr_t>(data);
        slot.size.store(size, std::memory_order_release);
        m_slot = &slot;
        return;
    }
}

MappedRange::~MappedRange() {
    if (m_slot == nullptr) return;
    const std::lock_guard lock(installing);
    m_slot->size = 0;
    if (--nRanges == 0) uninstall();
}

bool MappedRange::hasFailed() const {
    return m_slot != nullptr && m_slot->hasFailed.load(std::memory_order_acquire);
}

}  // namespace sotto
