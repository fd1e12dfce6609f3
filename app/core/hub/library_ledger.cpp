#include "app/core/hub/library_ledger.h"

#include <utility>

#include "app/core/hub/stored_ledger.h"
#include "storage/api/ledger_append.h"

namespace sotto::app {
namespace {

constexpr int kLockWaitMs = 2000;

}  // namespace

void LibraryLedger::record(const net::LedgerEntry& entry) {
    storage::LedgerRecord gathered = ledgerRecord(entry);
    const std::lock_guard lock(m_mutex);
    m_gathered.push_back(std::move(gathered));
}

Status LibraryLedger::keep(const std::filesystem::path& path) {
    std::vector<storage::LedgerRecord> gathered;
    {
        const std::lock_guard lock(m_mutex);
        gathered = std::exchange(m_gathered, {});
    }
    if (gathered.empty()) return {};
    Status kept = storage::appendToLedger(path, gathered, kLockWaitMs);
    if (!kept && kept.error().code == ErrorCode::NotFound) return {};
    return kept;
}

}  // namespace sotto::app
