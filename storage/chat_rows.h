// Rows of `chats` as records: the one place that knows the columns and their order.
#pragma once

#include <string_view>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

extern const std::string_view kSelectChatById;

// The current row of a kSelectChatById statement.
ChatSummary readChat(const Statement& row);

// In the caller's transaction; settings that are not JSON become "{}". Errors: InvalidArgument (id
// taken, no such folder).
Status insertChatRow(Connection& connection, const ChatSummary& chat,
                     std::string_view settingsJson);

}  // namespace sotto::storage
