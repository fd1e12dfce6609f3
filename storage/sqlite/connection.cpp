#include "storage/sqlite/connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "storage/sqlite/sqlite_error.h"

namespace sotto::storage {
namespace {

int openFlags(OpenMode mode) {
    // NOMUTEX: one thread uses a connection at a time. EXRESCODE: the reason behind an I/O error.
    const int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (mode) {
        case OpenMode::ReadWriteCreate: return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        case OpenMode::ReadWrite: return common | SQLITE_OPEN_READWRITE;
        case OpenMode::ReadOnly: return common | SQLITE_OPEN_READONLY;
    }
    return common;
}

}  // namespace

struct Connection::LockWait {
    std::chrono::milliseconds timeout{0};
    std::atomic<bool>& isWaiting;
    std::chrono::steady_clock::time_point since;
};

Connection::Connection(sqlite3* handle, std::string file)
    : m_handle(handle), m_file(std::move(file)) {}

Connection::Connection(Connection&& other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr)),
      m_lockWait(std::move(other.m_lockWait)),
      m_file(std::move(other.m_file)),
      m_durability(other.m_durability) {}

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(m_handle, other.m_handle);
    std::swap(m_lockWait, other.m_lockWait);
    std::swap(m_file, other.m_file);
    std::swap(m_durability, other.m_durability);
    return *this;
}

Connection::~Connection() {
    // close_v2 waits for statements that outlive the connection instead of failing.
    if (m_handle) sqlite3_close_v2(m_handle);
}

Result<Connection> Connection::open(const ConnectionOptions& options) {
    // SQLite wants UTF-8 on every platform; u8string gives it without the C locale.
    const std::u8string utf8Path = options.path.u8string();
    const std::string path(utf8Path.begin(), utf8Path.end());
    sqlite3* handle = nullptr;
    const int resultCode = sqlite3_open_v2(path.c_str(), &handle, openFlags(options.mode),
                                           options.vfs.empty() ? nullptr : options.vfs.c_str());
    Connection connection(handle, path);
    if (resultCode != SQLITE_OK) return fail(sqliteError(handle, resultCode, path));
    sqlite3_busy_timeout(handle, options.busyTimeoutMs);
    // Nothing in the file's own schema may call functions with side effects or write to its
    // internal tables: the file may come from elsewhere.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int resultCode =
        sqlite3_prepare_v2(m_handle, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (resultCode != SQLITE_OK) return fail(error(resultCode));
    return Statement(statement, m_file);
}

Status Connection::execute(const char* sql) {
    const int resultCode = sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    if (resultCode != SQLITE_OK) return fail(error(resultCode));
    return {};
}

Result<std::int64_t> Connection::queryInteger(std::string_view sql) {
    SOTTO_ASSIGN(Statement statement, prepare(sql));
    SOTTO_ASSIGN(const bool hasRow, statement.step());
    return hasRow ? statement.integer(0) : 0;
}

void Connection::watchLock(int busyTimeoutMs, std::atomic<bool>& isWaiting) {
    m_lockWait = std::make_unique<LockWait>(
        LockWait{std::chrono::milliseconds(busyTimeoutMs), isWaiting, {}});
    sqlite3_busy_handler(m_handle, &Connection::waitForLock, m_lockWait.get());
}

// As sqlite3_busy_timeout does it: soon again at first, then with pauses that nobody feels.
int Connection::waitForLock(void* lockWait, int nBefore) {
    LockWait& wait = *static_cast<LockWait*>(lockWait);
    constexpr int kLongestPauseMs = 50;
    const auto now = std::chrono::steady_clock::now();
    if (nBefore == 0) wait.since = now;
    wait.isWaiting = true;
    if (now - wait.since >= wait.timeout) return 0;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::min(1 << std::min(nBefore, 8), kLongestPauseMs)));
    return 1;
}

Status Connection::setDurability(Durability durability) {
    if (durability == m_durability) return {};
    SOTTO_TRY(execute(durability == Durability::Synced ? "PRAGMA synchronous=FULL"
                                                       : "PRAGMA synchronous=NORMAL"));
    m_durability = durability;
    return {};
}

int Connection::changes() const { return sqlite3_changes(m_handle); }

bool Connection::isAutocommit() const { return sqlite3_get_autocommit(m_handle) != 0; }

bool Connection::isReadOnly() const { return sqlite3_db_readonly(m_handle, "main") == 1; }

Error Connection::error(int resultCode) const { return sqliteError(m_handle, resultCode, m_file); }

}  // namespace sotto::storage
