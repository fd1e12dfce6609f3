// appendToLedger: entries for the ledger of a library that this program does not have open: the
// command line's connections.
//
// One short transaction on a connection of its own, beside a window that has the library open. It
// makes no library, migrates none and checks none. Any thread.
#pragma once

#include <filesystem>
#include <span>

#include "base/result.h"
#include "storage/api/ledger.h"

namespace sotto::storage {

// Errors: NotFound (there is no library), NewerVersion, InvalidArgument (one that an older program
// left), DatabaseDamaged, Locked (by another program for longer than `busyTimeoutMs`), DiskFull,
// ReadOnly, Io. Nothing of `records` is written then.
Status appendToLedger(const std::filesystem::path& library, std::span<const LedgerRecord> records,
                      int busyTimeoutMs);

}  // namespace sotto::storage
