// LibraryLedger: the ledger of a program that has no library open: it gathers what a network tells
// and hands it over at the end.
//
// Place: the command line. Any thread; record() waits for nothing but a short lock.
#pragma once

#include <filesystem>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "net/api/ledger.h"
#include "storage/api/ledger.h"

namespace sotto::app {

class LibraryLedger final : public net::LedgerSink {
public:
    void record(const net::LedgerEntry& entry) override;

    // Writes what has gathered into the library at `path`, beside whoever has it open; where there
    // is none, none is made. Takes two seconds at most. Errors: as storage::appendToLedger(), but
    // NotFound; what has gathered is gone then.
    Status keep(const std::filesystem::path& path);

private:
    std::mutex m_mutex;
    std::vector<storage::LedgerRecord> m_gathered;  // guarded by m_mutex
};

}  // namespace sotto::app
