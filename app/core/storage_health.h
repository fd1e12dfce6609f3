// StorageHealth: what keeps chats from being written now, by database and by cause.
//
// Flow: every failure of a write is told to it, by whoever saw it; it is cleared by a write that
// was made to prove that the database takes new text again, never because something else went well:
// a full disk still takes a small write now and then. Plain value without threads; no Qt.
#pragma once

#include <vector>

#include "base/error.h"

namespace sotto::app {

enum class StoreKind { Disk, Temporary };

struct StorageProblem {
    StoreKind store = StoreKind::Disk;
    Error error;  // the latest of its cause
};

class StorageHealth {
public:
    // A state of the disk or the database, which holds until its remedy. Other failures are
    // refusals of one command and are over with it.
    static bool isLasting(ErrorCode cause);
    // A lasting cause that a write which went well disproves. Damage is not one.
    static bool isProvenByAWrite(ErrorCode cause);

    // These return whether problems() changed in what a person is told.
    bool noteFailure(StoreKind store, const Error& error);
    bool dismissRefusals();

    // A write that needed new space, rights and the lock has gone well.
    bool noteProvenWrite(StoreKind store);

    const std::vector<StorageProblem>& problems() const { return m_problems; }
    // What a person is told first: lasting before refused, the disk before temporary chats; null
    // when all is well.
    const StorageProblem* worst() const;
    bool isAiling(StoreKind store) const;  // a lasting cause holds there
    // One that a write may disprove: trying to write says something. Of damage it says nothing.
    bool isWorthATry(StoreKind store) const;

private:
    std::vector<StorageProblem> m_problems;  // one for each database and cause
};

}  // namespace sotto::app
