// LedgerWriter: entries for the ledger of a library that this program does not have open: the
// command line's connections.
//
// Each write is one short transaction on a connection of its own, beside a window that has the
// library open. It makes no library, migrates none and checks none. While it lives, what it wrote
// as open is open: a window that starts meanwhile leaves it so. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "storage/api/ledger.h"

namespace sotto::storage {

class OwnerLock;

class LedgerWriter {
public:
    explicit LedgerWriter(std::filesystem::path library);
    ~LedgerWriter();
    LedgerWriter(const LedgerWriter&) = delete;
    LedgerWriter& operator=(const LedgerWriter&) = delete;

    // As Ledger::write(). Errors: NotFound (there is no library), NewerVersion, InvalidArgument
    // (one that an older program left), DatabaseDamaged, Locked (by another program for longer than
    // `busyTimeoutMs`), DiskFull, ReadOnly, Io. Nothing of `records` is written then.
    Result<std::vector<std::int64_t>> write(std::span<const LedgerRecord> records,
                                            int busyTimeoutMs);

private:
    const std::filesystem::path m_library;
    std::unique_ptr<OwnerLock> m_lock;  // from the first write on
};

}  // namespace sotto::storage
