// Rescue: what can be done with a library that is damaged: count what can be read, read it into a
// new library, or take a backup instead. The damaged file is never changed, and nothing is deleted.
//
// Flow: Storage::open fails with DatabaseDamaged (or StorageOptions::onCheckFinished tells of it)
// → inspectDamaged() for the choice → setDatabaseAside() (storage.h) → rescue(), restoreBackup() or
// nothing → Storage::open() of the new file.
// The damaged file is not read by SQLite but page by page, with what its journal holds, so that a
// broken page costs only the rows that stand on it. Thread rule: plain functions that take their
// time; not for the window's thread. No Storage may have the file open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/api/chat_record.h"

namespace sotto::storage {

// A copy that was made before a migration; it lies beside the library.
struct LibraryBackup {
    std::filesystem::path path;
    TimeMs madeAt = 0;
    int chats = 0;  // not in its bin
};

struct DamageReport {
    std::filesystem::path path;
    std::int64_t fileBytes = 0;  // with the journal
    std::int64_t pages = 0;
    std::int64_t unreadablePages = 0;    // wholly or in part
    int chats = 0;                       // of which there is any trace, also those in the bin
    int readableChats = 0;               // of which at least one message or the name can be read
    std::vector<LibraryBackup> backups;  // newest first
};

// Errors: NotFound, Io.
Result<DamageReport> inspectDamaged(const std::filesystem::path& path);

struct RescueProgress {
    int chats = 0;  // written so far
    int totalChats = 0;
    int messages = 0;
    int messagesLeftOut = 0;
    std::int64_t bytes = 0;  // of the damaged file's; an estimate
    std::int64_t totalBytes = 0;
};

// A chat that did not come back whole.
struct IncompleteChat {
    ChatId id = 0;
    std::string title;             // may be empty: neither the name nor a message could be read
    int messages = 0;              // that came back; 0 and no title: could not be read
    int totalMessages = 0;         // that there were, as far as can be seen
    int shortened = 0;             // of `messages`: those of which only the beginning came back
    std::filesystem::path backup;  // the newest backup that has this chat; empty: none
};

struct RescueReport {
    int chats = 0;  // in the new library, also those in its bin
    int totalChats = 0;
    int messages = 0;
    int messagesLeftOut = 0;
    bool hasAllSettings = true;  // settings, folders, drafts, models, downloads
    std::vector<IncompleteChat> incomplete;
};

// Reads everything that can be read from the damaged file `from` into the new library `to`, which
// must not exist. It appears at `to` when it is whole. `progress` (may be empty) is called on the
// caller's thread; `isCancelled` (may be empty) ends with Cancelled and without a file at `to`.
// Errors: InvalidArgument (`to` exists), NotFound (`from`), DatabaseDamaged (nothing in it can be
// read), Cancelled, DiskFull, ReadOnly, Io.
Result<RescueReport> rescue(const std::filesystem::path& from, const std::filesystem::path& to,
                            const std::function<void(const RescueProgress&)>& progress = {},
                            const std::function<bool()>& isCancelled = {});

// Puts a copy of a backup at `to`, which must not exist. Errors: as rescue.
Status restoreBackup(const std::filesystem::path& backup, const std::filesystem::path& to);

// Adds to the library at `to` (which may be open in a Storage) these chats of a backup; what the
// library has of them already is replaced where the backup has more of it. Returns how many came.
// Errors: NotFound, DatabaseDamaged, Locked, DiskFull, ReadOnly, Io.
Result<int> takeFromBackup(const std::filesystem::path& backup, const std::filesystem::path& to,
                           const std::vector<ChatId>& chats);

}  // namespace sotto::storage
