// RecordedLedger: what the network wrote into its ledger, for a test to read.
#pragma once

#include <mutex>
#include <vector>

#include "net/api/ledger.h"

namespace sotto::test {

class RecordedLedger final : public net::LedgerSink {
public:
    void begin(const net::LedgerEntry& entry) override {
        const std::lock_guard lock(m_mutex);
        m_begun.push_back(entry);
    }
    void end(const net::LedgerEntry& entry) override {
        const std::lock_guard lock(m_mutex);
        m_entries.push_back(entry);
    }
    // In the order of their beginnings.
    std::vector<net::LedgerEntry> begun() const {
        const std::lock_guard lock(m_mutex);
        return m_begun;
    }
    // In the order of their ends.
    std::vector<net::LedgerEntry> entries() const {
        const std::lock_guard lock(m_mutex);
        return m_entries;
    }

private:
    mutable std::mutex m_mutex;
    // Guarded by m_mutex.
    std::vector<net::LedgerEntry> m_begun;
    std::vector<net::LedgerEntry> m_entries;
};

}  // namespace sotto::test
