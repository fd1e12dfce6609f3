// LibraryLedger: the ledger of a program that has no library open: what a network tells goes into
// the library that is there, beside whoever has it open; where there is none, none is made.
//
// Place: the command line. Owns the thread that writes, so that the network waits for no disk. Any
// thread; begin() and end() wait for nothing but a short lock.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <thread>

#include "app/core/hub/ledger_queue.h"
#include "base/result.h"
#include "net/api/ledger.h"
#include "storage/api/ledger_writer.h"

namespace sotto::app {

class LibraryLedger final : public net::LedgerSink {
public:
    explicit LibraryLedger(std::filesystem::path library);
    ~LibraryLedger() override = default;
    LibraryLedger(const LibraryLedger&) = delete;
    LibraryLedger& operator=(const LibraryLedger&) = delete;

    void begin(const net::LedgerEntry& entry) override;
    void end(const net::LedgerEntry& entry) override;

    // Writes what waits, once the network has ended; nothing is written by itself any more. Takes
    // about two seconds at most. Errors: as storage::LedgerWriter::write(), but NotFound; what
    // waits is gone then.
    Status keep();

private:
    void add(const net::LedgerEntry& entry, bool (LedgerQueue::*how)(const net::LedgerEntry&));
    void work(const std::stop_token& stop);
    Status write(int lockWaitMs);

    storage::LedgerWriter m_writer;  // the thread's, then keep()'s
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    LedgerQueue m_waiting;   // guarded by m_mutex
    bool m_hasNews = false;  // guarded by m_mutex
    std::jthread m_thread;   // last: it works with all of it
};

}  // namespace sotto::app
