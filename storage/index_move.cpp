#include "storage/index_move.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "storage/api/chat_record.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::int64_t kAllMessages = std::numeric_limits<std::int64_t>::max();
// A command may have to wait for a slice: 64 KiB of text are indexed in about 15 ms, and so many
// rows of the old index, each of about a page, are removed in less.
constexpr std::size_t kBytesPerSlice = std::size_t{64} * 1024;
constexpr int kMessagesPerSlice = 500;
constexpr int kRemovedPerSlice = 256;
// Of the time on the storage thread and of a core: one part of four.
constexpr int kPauseFactor = 3;
constexpr std::chrono::seconds kMoveRetry{60};

Result<std::int64_t> indexedTo(Connection& connection) {
    return connection.queryInteger("SELECT indexed_to FROM search_move");
}

struct Slice {
    MessageId to = kAllMessages;  // goes no further than this message
    MessageId read = 0;           // the last one that could be read; 0: none
    bool isUnreadable = false;    // it failed because the next one is on a damaged page
};

// In the caller's transaction.
Status finishIndexing(Connection& connection) {
    SOTTO_TRY(connection.run("UPDATE search_move SET indexed_to = ?", kAllMessages));
    return connection.execute(
        "DROP TRIGGER IF EXISTS messages_search_insert;"
        "DROP TRIGGER IF EXISTS messages_search_delete;"
        "DROP TRIGGER IF EXISTS messages_search_update;");
}

// In the caller's transaction.
Status indexSlice(Connection& connection, Slice& slice) {
    SOTTO_ASSIGN(const MessageId from, indexedTo(connection));
    SOTTO_ASSIGN(Statement insert,
                 connection.prepare("INSERT INTO message_index (rowid, content) VALUES (?, ?)"));
    SOTTO_ASSIGN(Statement row,
                 connection.query("SELECT id, state, content FROM messages WHERE id > ? AND"
                                  " id <= ? ORDER BY id LIMIT ?",
                                  from, slice.to, kMessagesPerSlice));
    // One step further than wanted would meet the damaged page.
    for (std::size_t nBytes = 0; nBytes < kBytesPerSlice && slice.read < slice.to;) {
        Result<bool> hasRow = row.step();
        if (!hasRow) {
            slice.isUnreadable = hasRow.error().code == ErrorCode::DatabaseDamaged;
            return fail(std::move(hasRow.error()));
        }
        if (!*hasRow) break;
        const std::string content = row.text(2);
        nBytes += content.size();
        slice.read = row.integer(0);
        if (row.integer(1) == 0) continue;  // being written: the trigger takes it at its end
        insert.reset();
        insert.bindAll(slice.read, content);
        SOTTO_TRY(insert.run());
    }
    if (slice.read == 0) return finishIndexing(connection);
    return connection.run("UPDATE search_move SET indexed_to = ?", slice.read);
}

// It can be neither changed nor deleted (damaged_messages.h), so nothing will look for it in the
// index either. Its id stands in another tree.
Status skipUnreadable(Connection& connection) {
    return connection.execute(
        "UPDATE search_move SET indexed_to = (SELECT min(id) FROM messages INDEXED BY"
        " messages_tree WHERE id > indexed_to)");
}

bool isLasting(ErrorCode code) {
    return code == ErrorCode::DatabaseDamaged || code == ErrorCode::InvalidArgument ||
           code == ErrorCode::Internal;
}

}  // namespace

std::string messageIndex(Connection& connection) {
    const Result<std::int64_t> to = indexedTo(connection);
    if (!to) return {};
    return *to == kAllMessages ? "message_index" : "message_search";
}

Result<bool> IndexMove::next() {
    SOTTO_ASSIGN(const std::int64_t to, indexedTo(m_connection));
    if (to != kAllMessages) {
        SOTTO_TRY(indexSome());
        return true;
    }
    SOTTO_ASSIGN(const std::int64_t nOld,
                 m_connection.queryInteger(
                     "SELECT count(*) FROM sqlite_schema WHERE name = 'message_search'"));
    if (nOld == 0) return false;
    return removeSome();
}

// Damage ends a transaction: what stands before it is taken once more, without it.
Status IndexMove::indexSome() {
    const auto inOne = [&](auto&& body) {
        return inTransaction(m_connection, Durability::Buffered, body);
    };
    Slice slice;
    Status status = inOne([&] { return indexSlice(m_connection, slice); });
    if (status || !slice.isUnreadable) return status;
    if (slice.read == 0) return inOne([&] { return skipUnreadable(m_connection); });
    Slice before{.to = slice.read};
    return inOne([&] { return indexSlice(m_connection, before); });
}

// FTS5 would remove it at once, and where SQLite overwrites what is deleted (Debian's does) that
// writes all of it. Its own tables are protected otherwise. Row 10 says how the index is built:
// FTS5 drops an empty one, whatever became of this one.
Result<bool> IndexMove::removeSome() {
    sqlite3_db_config(m_connection.handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    Result<bool> hasMore = inTransaction(m_connection, Durability::Buffered, [&]() -> Result<bool> {
        SOTTO_TRY(
            m_connection.run("DELETE FROM message_search_data WHERE id IN"
                             " (SELECT id FROM message_search_data WHERE id > 10 LIMIT ?)",
                             kRemovedPerSlice));
        if (m_connection.changes() > 0) return true;
        SOTTO_TRY(m_connection.execute(
            "INSERT OR REPLACE INTO message_search_data VALUES (10, x'00000000000000');"
            "DROP TABLE message_search"));
        return false;
    });
    sqlite3_db_config(m_connection.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return hasMore;
}

void IndexMove::runSlice() {
    const Clock::time_point started = Clock::now();
    m_due = started + kMoveRetry;  // also when it throws
    const Result<bool> hasMore = next();
    const Clock::time_point ended = Clock::now();
    if (hasMore && *hasMore)
        m_due = ended + kPauseFactor * (ended - started);
    else if (hasMore || isLasting(hasMore.error().code))
        m_due.reset();
}

}  // namespace sotto::storage
