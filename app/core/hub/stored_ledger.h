// StoredLedger: the network's ledger in the library.
//
// Place: the network's thread tells it each request as it begins and as it ends; the storage thread
// writes what has gathered by then in one transaction. What cannot be written waits for the next
// attempt, up to a limit, and is counted: an entry is never lost without a word. Borrows the
// Storage, which must outlive it. Any thread; begin() and end() wait for nothing but a short lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "app/core/hub/ledger_queue.h"
#include "net/api/ledger.h"
#include "storage/api/storage.h"

namespace sotto::app {

class StoredLedger final : public net::LedgerSink {
public:
    struct Unwritten {
        std::uint64_t nWaiting = 0;  // tried again with the next entry
        std::uint64_t nLost = 0;     // since the start
        Error problem;               // of the last attempt; empty message: it went well
    };

    explicit StoredLedger(storage::Storage& storage);
    // Tries once more what waits.
    ~StoredLedger() override;
    StoredLedger(const StoredLedger&) = delete;
    StoredLedger& operator=(const StoredLedger&) = delete;

    void begin(const net::LedgerEntry& entry) override;
    void end(const net::LedgerEntry& entry) override;
    Unwritten unwritten() const;
    // Told on the storage thread after each attempt; must be short. Once this returns, the one
    // before is not called any more.
    void setListener(std::function<void()> listener);

private:
    struct State;

    void add(const net::LedgerEntry& entry, bool (LedgerQueue::*how)(const net::LedgerEntry&));

    storage::Storage& m_storage;
    std::shared_ptr<State> m_state;  // with the commands that the storage has yet to run
};

}  // namespace sotto::app
