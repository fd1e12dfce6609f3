#include "app/core/hub/library_ledger.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "base/guarded.h"

namespace sotto::app {
namespace {

constexpr int kLockWaitMs = 2000;
// While the program works there will be another time.
constexpr int kEarlyLockWaitMs = 100;
constexpr std::chrono::milliseconds kLockPause{100};

}  // namespace

LibraryLedger::LibraryLedger(std::filesystem::path library) : m_writer(std::move(library)) {
    try {
        m_thread = std::jthread([this](const std::stop_token& stop) { work(stop); });
    } catch (const std::system_error&) {
        // All of it is written at the end.
    }
}

void LibraryLedger::begin(const net::LedgerEntry& entry) { add(entry, &LedgerQueue::begin); }
void LibraryLedger::end(const net::LedgerEntry& entry) { add(entry, &LedgerQueue::end); }

void LibraryLedger::add(const net::LedgerEntry& entry,
                        bool (LedgerQueue::*how)(const net::LedgerEntry&)) {
    const std::lock_guard lock(m_mutex);
    (m_waiting.*how)(entry);
    m_hasNews = true;
    m_wake.notify_one();
}

void LibraryLedger::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return m_hasNews; })) return;
            m_hasNews = false;
        }
        const Status written = guarded([this] { return write(kEarlyLockWaitMs); });
        // Other failures are tried again with the next request, and told at the end.
        if (written || written.error().code != ErrorCode::Locked) continue;
        if (stop.stop_requested()) return;  // keep() tries for longer
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, stop, kLockPause, [this] { return m_hasNews; });
        m_hasNews = true;
    }
}

Status LibraryLedger::keep() {
    m_thread.request_stop();
    if (m_thread.joinable()) m_thread.join();
    Status kept = write(kLockWaitMs);
    if (!kept && kept.error().code == ErrorCode::NotFound) return {};
    return kept;
}

Status LibraryLedger::write(int lockWaitMs) {
    LedgerQueue::Batch taken;
    {
        const std::lock_guard lock(m_mutex);
        taken = m_waiting.take();
    }
    if (taken.records.empty()) return {};
    const auto written = m_writer.write(taken.records, lockWaitMs);
    const std::lock_guard lock(m_mutex);
    if (written) {
        m_waiting.written(taken, *written);
        return {};
    }
    m_waiting.putBack(std::move(taken));
    return fail(written.error());
}

}  // namespace sotto::app
