// Rows of `messages` as records: the one place that knows the columns' order.
#pragma once

#include <string_view>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

inline constexpr std::string_view kSelectMessageById =
    "SELECT id, chat_id, parent_id, role, state, content, thinking, created_at, finished_at,"
    " stats_json, error, model_name FROM messages WHERE id = ?";

// The current row of a kSelectMessageById statement.
MessageRecord readMessage(const Statement& row);

// As it stands in the table, without the chunks of an answer being written. Errors: NotFound.
Result<MessageRecord> loadMessageRow(Connection& connection, MessageId messageId);

}  // namespace sotto::storage
