// Transaction: all or nothing. Rolls back on destruction unless committed.
#pragma once

#include "storage/sqlite/connection.h"

namespace sotto::storage {

class Transaction {
public:
    // Takes the write lock at once, so that it fails here and not in the middle.
    static Result<Transaction> begin(Connection& connection, Durability durability);
    // For reading: every statement sees the same state of the file. There is nothing to commit.
    static Result<Transaction> beginReading(Connection& connection);

    Transaction(Transaction&& other) noexcept;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    // A failed commit is rolled back: nothing of it stays.
    Status commit();

private:
    explicit Transaction(Connection& connection) : m_connection(&connection) {}
    void rollback();

    Connection* m_connection;  // null: moved from or done
};

// Runs `body` (returning a Status or Result) in a transaction and commits when it succeeded.
template <typename Body>
auto inTransaction(Connection& connection, Durability durability, Body body) -> decltype(body()) {
    SOTTO_ASSIGN(Transaction transaction, Transaction::begin(connection, durability));
    auto outcome = body();
    if (!outcome) return outcome;
    SOTTO_TRY(transaction.commit());
    return outcome;
}

}  // namespace sotto::storage
