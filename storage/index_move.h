// IndexMove: carries the search index of a library from before schema 5 over to a smaller one,
// behind the commands.
//
// message_search (detail=full) → message_index (detail=none), see schema/0005_search_move.sql. Each
// slice is a transaction of its own that begins with what the file says: a kill between two, or
// another process that moves as well, loses nothing and does nothing twice. When every message is
// in the new index, the old one goes, piece by piece. Storage thread only.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "storage/sqlite/connection.h"

namespace sotto::storage {

// The index of messages that can be asked now; empty when the file does not say it.
std::string messageIndex(Connection& connection);

class IndexMove {
public:
    using Clock = std::chrono::steady_clock;

    // Must outlive this.
    explicit IndexMove(Connection& connection) : m_connection(connection) {}

    // Does the next slice. False: nothing is left to do. A failed one has changed nothing. Errors:
    // DatabaseDamaged, Internal (of the indexes; a message that cannot be read is left out), and
    // those of every write.
    Result<bool> next();

    // When the storage thread should do a slice; nothing when none is left, or none can be done.
    std::optional<Clock::time_point> nextSlice() const { return m_due; }
    void runSlice();

private:
    Status indexSome();
    Result<bool> removeSome();

    Connection& m_connection;
    // Not in the first moments of a start.
    std::optional<Clock::time_point> m_due = Clock::now() + std::chrono::seconds(1);
};

}  // namespace sotto::storage
