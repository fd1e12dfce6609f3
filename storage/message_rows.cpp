#include "storage/message_rows.h"

#include <algorithm>

namespace sotto::storage {
namespace {

// A value outside the enum can only come from a damaged page; it must not become an undefined enum.
template <typename Enum>
Enum enumFrom(std::int64_t value, Enum last, Enum fallback) {
    if (value < 0 || value > static_cast<std::int64_t>(last)) return fallback;
    return static_cast<Enum>(value);
}

}  // namespace

MessageRecord readMessage(const Statement& row) {
    MessageRecord message;
    message.id = row.integer(0);
    message.chatId = row.integer(1);
    message.parentId = row.integer(2);
    message.role = enumFrom(row.integer(3), MessageRole::Tool, MessageRole::User);
    message.state = enumFrom(row.integer(4), MessageState::Failed, MessageState::Stopped);
    message.content = row.text(5);
    message.thinking = row.text(6);
    message.createdAt = row.integer(7);
    message.finishedAt = row.integer(8);
    message.statsJson = row.text(9);
    message.error = row.text(10);
    message.modelName = row.text(11);
    return message;
}

Result<MessageRecord> loadMessageRow(Connection& connection, MessageId messageId) {
    SOTTO_ASSIGN(Statement row, connection.query(kSelectMessageById, messageId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::NotFound, "This message does not exist any more.");
    return readMessage(row);
}

}  // namespace sotto::storage
