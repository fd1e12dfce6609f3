// Connection: one open SQLite database. Move-only; closes on destruction.
//
// Knows nothing of chats: opening, pragmas, one-line statements. Thread rule: one thread at a time
// (opened with SQLITE_OPEN_NOMUTEX).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/sqlite/statement.h"

struct sqlite3;

namespace sotto::storage {

enum class OpenMode { ReadWriteCreate, ReadWrite, ReadOnly };

struct ConnectionOptions {
    std::filesystem::path path;  // ":memory:" for a database in memory
    OpenMode mode = OpenMode::ReadWriteCreate;
    int busyTimeoutMs = 3000;
    std::string vfs;  // empty: the system's
};

// How sure a commit is. Both survive the death of the process.
enum class Durability {
    Buffered,  // handed to the system (synchronous=NORMAL): a power cut may undo the last seconds
    Synced,    // on the disk (synchronous=FULL, one fsync of the WAL): survives a power cut
};

class Connection {
public:
    static Result<Connection> open(const ConnectionOptions& options);

    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    Result<Statement> prepare(std::string_view sql);
    // Runs every statement of `sql`; for schemas and pragmas.
    Status execute(const char* sql);

    // Binds `values` in order and runs to the end.
    template <typename... Values>
    Status run(std::string_view sql, const Values&... values) {
        SOTTO_ASSIGN(Statement statement, prepare(sql));
        statement.bindAll(values...);
        return statement.run();
    }
    // Binds `values` and hands the statement over before its first row.
    template <typename... Values>
    Result<Statement> query(std::string_view sql, const Values&... values) {
        SOTTO_ASSIGN(Statement statement, prepare(sql));
        statement.bindAll(values...);
        return statement;
    }
    // The first column of the first row; 0 when there is none.
    Result<std::int64_t> queryInteger(std::string_view sql);

    // Sets `isWaiting` while another program's lock is waited for, from the first refusal on; who
    // asks clears it when the statement is over. It must outlive the connection.
    void watchLock(int busyTimeoutMs, std::atomic<bool>& isWaiting);

    // Outside a transaction only.
    Status setDurability(Durability durability);

    int changes() const;        // rows changed by the last statement
    bool isAutocommit() const;  // false inside a transaction
    bool isReadOnly() const;    // the file could only be opened for reading
    sqlite3* handle() const { return m_handle; }
    const std::string& file() const { return m_file; }
    Error error(int resultCode) const;

private:
    struct LockWait;
    Connection(sqlite3* handle, std::string file);
    static int waitForLock(void* lockWait, int nBefore);

    sqlite3* m_handle = nullptr;
    std::unique_ptr<LockWait> m_lockWait;          // its address is SQLite's
    std::string m_file;                            // for sentences
    Durability m_durability = Durability::Synced;  // SQLite's own default is FULL
};

}  // namespace sotto::storage
