// RecordedLedger: what the network wrote into its ledger, for a test to read.
#pragma once

#include <mutex>
#include <vector>

#include "net/api/ledger.h"

namespace sotto::test {

class RecordedLedger final : public net::LedgerSink {
public:
    void record(const net::LedgerEntry& entry) override {
        const std::lock_guard lock(m_mutex);
        m_entries.push_back(entry);
    }
    std::vector<net::LedgerEntry> entries() const {
        const std::lock_guard lock(m_mutex);
        return m_entries;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<net::LedgerEntry> m_entries;  // guarded by m_mutex
};

}  // namespace sotto::test
