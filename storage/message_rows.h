// Rows of `messages` as records: the one place that knows the columns and their order.
//
// The functions that write run inside the caller's transaction.
#pragma once

#include <string_view>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

extern const std::string_view kSelectMessageById;

// The current row of a kSelectMessageById statement.
MessageRecord readMessage(const Statement& row);

// As it stands in the table, without the chunks of an answer being written. Errors: NotFound.
Result<MessageRecord> loadMessageRow(Connection& connection, MessageId messageId);

// The column `full_bytes`: 0 for a whole message.
std::int64_t fullBytesOf(const MessageRecord& message);

// Not shown yet (see activateMessage). Errors: InvalidArgument (id taken, a reference is broken).
Status insertMessageRow(Connection& connection, const MessageRecord& message);

// Makes it the shown one among its siblings. Errors: NotFound.
Status activateMessage(Connection& connection, MessageId messageId);

// Adds the message as a version of its place that is not the shown one, and marks its chat as
// changed. Errors: InvalidArgument (no such chat, parent of another chat, id taken).
Status addBeside(Connection& connection, const MessageRecord& message);

// As above, and it is the shown one.
Status addToTree(Connection& connection, const MessageRecord& message);

// How an answer ended, with its whole text; its chunks go. Errors: NotFound.
Status storeAnswerText(Connection& connection, const MessageRecord& message);

// Whether the row can be written and holds a part of its message only (isDamaged).
bool isPartRow(Connection& connection, MessageId messageId);

// Takes one message out; what followed it follows the one before it. Errors: NotFound.
Status removeMessageRow(Connection& connection, MessageId messageId);

// Adds to the text what stands in the chunks of an answer being written.
Status appendChunks(Connection& connection, MessageRecord& message);

}  // namespace sotto::storage
