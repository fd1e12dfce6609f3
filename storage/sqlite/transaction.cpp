#include "storage/sqlite/transaction.h"

#include <sqlite3.h>

#include <utility>

namespace sotto::storage {

Result<Transaction> Transaction::begin(Connection& connection, Durability durability) {
    SOTTO_TRY(connection.setDurability(durability));
    SOTTO_TRY(connection.execute("BEGIN IMMEDIATE"));
    return Transaction(connection);
}

Result<Transaction> Transaction::beginReading(Connection& connection) {
    SOTTO_TRY(connection.execute("BEGIN"));
    return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr)) {}

Transaction::~Transaction() { rollback(); }

Status Transaction::commit() {
    Status status = m_connection->execute("COMMIT");
    if (!status) rollback();
    m_connection = nullptr;
    return status;
}

void Transaction::rollback() {
    // SQLite rolls back by itself after some failures (disk full, I/O error); a second ROLLBACK
    // would be an error of its own.
    if (m_connection && !m_connection->isAutocommit()) {
        sqlite3_exec(m_connection->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

}  // namespace sotto::storage
