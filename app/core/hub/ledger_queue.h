// LedgerQueue: what the network told of its requests and is not in a library yet.
//
// Place: between the two ledgers of app/core, which a network tells, and whatever writes for them.
// A request that ends before its beginning was written is one entry; one whose beginning stands in
// the library already is written over it. Not locked: its owner does that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "net/api/ledger.h"
#include "storage/api/ledger.h"

namespace sotto::app {

// As the library has it.
storage::LedgerRecord ledgerRecord(const net::LedgerEntry& entry, storage::LedgerState state);

class LedgerQueue {
public:
    // What a writer has: the requests' ids, and for each of them the record.
    struct Batch {
        std::vector<std::uint64_t> requests;
        std::vector<storage::LedgerRecord> records;
    };

    // False: there are too many, and the oldest one went that nothing will be told of again.
    bool begin(const net::LedgerEntry& entry);
    bool end(const net::LedgerEntry& entry);

    bool isEmpty() const { return m_waiting.empty(); }
    std::size_t size() const { return m_waiting.size(); }

    // All that waits; written() or putBack() follows.
    Batch take();
    void written(const Batch& batch, std::span<const std::int64_t> ids);
    // How many went because there are too many.
    std::size_t putBack(Batch batch);

private:
    struct Waiting {
        std::uint64_t request = 0;
        storage::LedgerRecord record;
    };

    bool dropOldest();

    std::deque<Waiting> m_waiting;
    std::map<std::uint64_t, std::int64_t> m_rows;  // of open requests, in the library
};

}  // namespace sotto::app
