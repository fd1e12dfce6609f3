// Database: everything the storage can do, as plain synchronous calls, one part per subject.
//
// Flow: Storage (storage.h) owns one Database on its storage thread and hands it to the commands
// that callers submit. Ownership: owns the one writing connection. Thread rule: used by the storage
// thread only (a reference to it or to a part must not leave the command it was given to).
//
// Every method of every part is one transaction: it is done wholly or not at all. Every Status or
// Result may be DiskFull, ReadOnly, Locked, DatabaseDamaged or Io; further codes are named at the
// methods.
#pragma once

#include <vector>

#include "base/result.h"
#include "storage/api/chat_record.h"
#include "storage/api/chats.h"
#include "storage/api/comparisons.h"
#include "storage/api/downloads.h"
#include "storage/api/folders.h"
#include "storage/api/ledger.h"
#include "storage/api/messages.h"
#include "storage/api/models.h"
#include "storage/api/settings.h"

namespace sotto::storage {

class Database {
public:
    virtual ~Database() = default;

    virtual Chats& chats() = 0;
    virtual Folders& folders() = 0;
    virtual Messages& messages() = 0;
    virtual Settings& settings() = 0;
    virtual Models& models() = 0;
    virtual Downloads& downloads() = 0;
    virtual Ledger& ledger() = 0;
    virtual Comparisons& comparisons() = 0;

    // Titles first, then messages, newest first. Any text is a valid query; an empty one
    // finds nothing. Takes at most about a third of a second: then what was found until then is the
    // answer, and it is marked as cut.
    virtual Result<SearchResult> search(const SearchQuery& query) = 0;
};

}  // namespace sotto::storage
