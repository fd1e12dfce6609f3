// Small checks that stores share, so that a broken rule is a sentence and not a constraint's name.
#pragma once

#include <string_view>

#include "storage/sqlite/connection.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {

// Errors: InvalidArgument.
Status requireJson(Connection& connection, std::string_view json);

// One UPDATE or DELETE in a transaction of its own; `missing` is the sentence of NotFound when it
// met no row.
template <typename... Values>
Status changeOneRow(Connection& connection, Durability durability, std::string_view missing,
                    std::string_view sql, const Values&... values) {
    return inTransaction(connection, durability, [&]() -> Status {
        SOTTO_TRY(connection.run(sql, values...));
        if (connection.changes() == 0) return fail(ErrorCode::NotFound, std::string(missing));
        return {};
    });
}

}  // namespace sotto::storage
