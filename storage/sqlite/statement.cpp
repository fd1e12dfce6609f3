#include "storage/sqlite/statement.h"

#include <sqlite3.h>

#include <utility>

#include "storage/sqlite/sqlite_error.h"

namespace sotto::storage {

Statement::Statement(sqlite3_stmt* statement, std::string file)
    : m_statement(statement), m_file(std::move(file)) {}

Statement::Statement(Statement&& other) noexcept
    : m_statement(std::exchange(other.m_statement, nullptr)),
      m_file(std::move(other.m_file)),
      m_bindResult(other.m_bindResult) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(m_statement, other.m_statement);
    std::swap(m_file, other.m_file);
    std::swap(m_bindResult, other.m_bindResult);
    return *this;
}

Statement::~Statement() { sqlite3_finalize(m_statement); }

void Statement::bind(int index, std::int64_t value) {
    const int resultCode = sqlite3_bind_int64(m_statement, index, value);
    if (m_bindResult == SQLITE_OK) m_bindResult = resultCode;
}

void Statement::bind(int index, std::string_view value) {
    // An empty view may have no address, which SQLite would bind as NULL.
    const char* bytes = value.empty() ? "" : value.data();
    const int resultCode =
        sqlite3_bind_text64(m_statement, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (m_bindResult == SQLITE_OK) m_bindResult = resultCode;
}

void Statement::bind(int index, OptionalId value) {
    const int resultCode = value.id == 0 ? sqlite3_bind_null(m_statement, index)
                                         : sqlite3_bind_int64(m_statement, index, value.id);
    if (m_bindResult == SQLITE_OK) m_bindResult = resultCode;
}

void Statement::bind(int index, std::span<const std::byte> value) {
    // No bytes are a value of their own, not NULL.
    const void* bytes = value.empty() ? static_cast<const void*>("") : value.data();
    const int resultCode =
        sqlite3_bind_blob64(m_statement, index, bytes, value.size(), SQLITE_TRANSIENT);
    if (m_bindResult == SQLITE_OK) m_bindResult = resultCode;
}

void Statement::bind(int index, Zeroes value) {
    const int resultCode =
        sqlite3_bind_zeroblob64(m_statement, index, static_cast<sqlite3_uint64>(value.nBytes));
    if (m_bindResult == SQLITE_OK) m_bindResult = resultCode;
}

void Statement::bind(int index, Pointer value) {
    const int resultCode =
        sqlite3_bind_pointer(m_statement, index, value.object, value.type, nullptr);
    if (m_bindResult == SQLITE_OK) m_bindResult = resultCode;
}

Result<bool> Statement::step() {
    sqlite3* handle = sqlite3_db_handle(m_statement);
    if (m_bindResult != SQLITE_OK) return fail(sqliteError(handle, m_bindResult, m_file));
    const int resultCode = sqlite3_step(m_statement);
    if (resultCode == SQLITE_ROW) return true;
    if (resultCode == SQLITE_DONE) return false;
    return fail(sqliteError(handle, resultCode, m_file));
}

Status Statement::run() {
    while (true) {
        Result<bool> hasRow = step();
        if (!hasRow) return fail(std::move(hasRow.error()));
        if (!*hasRow) return {};
    }
}

void Statement::reset() {
    sqlite3_reset(m_statement);
    m_bindResult = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(m_statement, column);
}

std::vector<std::byte> Statement::blob(int column) const {
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(m_statement, column));
    if (!bytes) return {};
    return {bytes, bytes + sqlite3_column_bytes(m_statement, column)};
}

std::string Statement::text(int column) const {
    const unsigned char* bytes = sqlite3_column_text(m_statement, column);
    if (!bytes) return {};
    const int size = sqlite3_column_bytes(m_statement, column);
    return std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

}  // namespace sotto::storage
