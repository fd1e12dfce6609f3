#include "storage/message_rows.h"

#include <algorithm>
#include <span>

#include "storage/token_blob.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kNoMessage = "This message does not exist any more.";

// A value outside the enum can only come from a damaged page; it must not become an undefined enum.
template <typename Enum>
Enum enumFrom(std::int64_t value, Enum last, Enum fallback) {
    if (value < 0 || value > static_cast<std::int64_t>(last)) return fallback;
    return static_cast<Enum>(value);
}

// What a failure's columns are written from: its code's name is empty where there was none.
struct FailureValues {
    explicit FailureValues(const std::optional<Error>& failure)
        : error(failure.value_or(Error{})),
          code(failure ? errorCodeName(error.code) : std::string_view()),
          needed(static_cast<std::int64_t>(error.needed)),
          available(static_cast<std::int64_t>(error.available)) {}

    Error error;
    std::string_view code;
    std::int64_t needed;
    std::int64_t available;
};

// Statistics that are not JSON would break the column's rule and with it the end of an answer.
// Code and numbers, never a sentence of the window; `message` is the library's own, in English,
// which holds the only detail of some codes (which tensor type, what the template said).
constexpr std::string_view kInsertMessage =
    "INSERT INTO messages (id, chat_id, parent_id, role, state, is_active, content, thinking,"
    " created_at, finished_at, stats_json, error, model_name, error_json, full_bytes, tokens)"
    " VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9,"
    " CASE WHEN json_valid(?10) THEN ?10 ELSE '{}' END, ?11, ?12, CASE ?13 WHEN '' THEN '' ELSE"
    " json_object('code', ?13, 'message', ?14, 'context', ?15, 'needed', ?16, 'available', ?17)"
    " END, ?18, ?19)";
constexpr std::string_view kStoreAnswer =
    "UPDATE messages SET content = ?2, thinking = ?3, state = ?4, finished_at = ?5,"
    " stats_json = CASE WHEN json_valid(?6) THEN ?6 ELSE '{}' END, error = ?7,"
    " error_json = CASE ?8 WHEN '' THEN '' ELSE json_object('code', ?8, 'message', ?9, 'context',"
    " ?10, 'needed', ?11, 'available', ?12) END, tokens = ?13 WHERE id = ?1";

std::optional<Error> readFailure(const Statement& row, int column) {
    const std::string code = row.text(column);
    if (code.empty()) return std::nullopt;
    Error error;
    error.code = errorCodeOfName(code);
    error.message = row.text(column + 1);
    error.context = row.text(column + 2);
    error.needed = static_cast<std::uint64_t>(row.integer(column + 3));
    error.available = static_cast<std::uint64_t>(row.integer(column + 4));
    return error;
}

struct MessagePlace {
    ChatId chatId = 0;
    MessageId parentId = 0;
    bool isActive = false;
};

Status checkPlace(Connection& connection, ChatId chatId, MessageId parentId) {
    SOTTO_ASSIGN(Statement chat, connection.query("SELECT 1 FROM chats WHERE id = ?", chatId));
    SOTTO_ASSIGN(const bool hasChat, chat.step());
    if (!hasChat) return fail(ErrorCode::InvalidArgument, "This chat does not exist any more.");
    if (parentId == 0) return {};
    SOTTO_ASSIGN(
        Statement parent,
        connection.query("SELECT 1 FROM messages WHERE id = ? AND chat_id = ?", parentId, chatId));
    SOTTO_ASSIGN(const bool hasParent, parent.step());
    if (!hasParent) {
        return fail(ErrorCode::InvalidArgument,
                    "The message before this one does not exist any more.");
    }
    return {};
}

}  // namespace

// A damaged error_json must not keep the row from being read.
const std::string_view kSelectMessageById =
    "SELECT id, chat_id, parent_id, role, state, content, thinking, created_at, finished_at,"
    " stats_json, error, model_name, e ->> '$.code', e ->> '$.message', e ->> '$.context',"
    " e ->> '$.needed', e ->> '$.available', full_bytes, tokens"
    " FROM (SELECT *, CASE WHEN json_valid(error_json) THEN error_json END AS e FROM messages)"
    " WHERE id = ?";

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
    message.failure = readFailure(row, 12);
    message.tokens = tokensOfBlob(row.blob(18));
    const std::int64_t fullBytes = row.integer(17);
    if (fullBytes != 0) {
        message.isDamaged = true;
        message.readableBytes = static_cast<std::int64_t>(message.content.size());
        message.totalBytes = std::max(fullBytes, std::int64_t{0});
    }
    return message;
}

Result<MessageRecord> loadMessageRow(Connection& connection, MessageId messageId) {
    SOTTO_ASSIGN(Statement row, connection.query(kSelectMessageById, messageId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::NotFound, std::string(kNoMessage));
    return readMessage(row);
}

std::int64_t fullBytesOf(const MessageRecord& message) {
    if (!message.isDamaged) return 0;
    return message.totalBytes > 0 ? message.totalBytes : -1;
}

Status insertMessageRow(Connection& connection, const MessageRecord& message) {
    const FailureValues failure(message.failure);
    const std::vector<std::byte> tokens = tokenBlob(message.tokens);
    return connection.run(kInsertMessage, message.id, message.chatId, OptionalId{message.parentId},
                          static_cast<int>(message.role), static_cast<int>(message.state),
                          message.content, message.thinking, message.createdAt, message.finishedAt,
                          message.statsJson, message.error, message.modelName, failure.code,
                          failure.error.message, failure.error.context, failure.needed,
                          failure.available, fullBytesOf(message), std::span(tokens));
}

// Off first, then on: a unique index allows one active sibling at any moment.
Status activateMessage(Connection& connection, MessageId messageId) {
    SOTTO_TRY(
        connection.run("UPDATE messages SET is_active = 0 WHERE is_active = 1 AND"
                       " (chat_id, ifnull(parent_id, 0)) ="
                       " (SELECT chat_id, ifnull(parent_id, 0) FROM messages WHERE id = ?)",
                       messageId));
    SOTTO_TRY(connection.run("UPDATE messages SET is_active = 1 WHERE id = ?", messageId));
    if (connection.changes() == 0) return fail(ErrorCode::NotFound, std::string(kNoMessage));
    return {};
}

Status addBeside(Connection& connection, const MessageRecord& message) {
    SOTTO_TRY(checkPlace(connection, message.chatId, message.parentId));
    SOTTO_TRY(insertMessageRow(connection, message));
    return connection.run("UPDATE chats SET updated_at = ? WHERE id = ?", message.createdAt,
                          message.chatId);
}

Status addToTree(Connection& connection, const MessageRecord& message) {
    SOTTO_TRY(addBeside(connection, message));
    return activateMessage(connection, message.id);
}

Status storeAnswerText(Connection& connection, const MessageRecord& message) {
    const FailureValues failure(message.failure);
    const std::vector<std::byte> tokens = tokenBlob(message.tokens);
    SOTTO_TRY(connection.run(kStoreAnswer, message.id, message.content, message.thinking,
                             static_cast<int>(message.state), message.finishedAt, message.statsJson,
                             message.error, failure.code, failure.error.message,
                             failure.error.context, failure.needed, failure.available,
                             std::span(tokens)));
    if (connection.changes() == 0) {
        return fail(ErrorCode::NotFound, "The chat of this answer was deleted.");
    }
    return connection.run("DELETE FROM answer_chunks WHERE message_id = ?", message.id);
}

bool isPartRow(Connection& connection, MessageId messageId) {
    // The column stands behind the texts: a broken page among theirs fails here.
    auto row = connection.query("SELECT full_bytes FROM messages WHERE id = ?", messageId);
    if (!row) return false;
    const Result<bool> isThere = row->step();
    return isThere && *isThere && row->integer(0) != 0;
}

// Its children take its place among its versions: they are shown there if it was.
Status removeMessageRow(Connection& connection, MessageId messageId) {
    MessagePlace place;
    {
        SOTTO_ASSIGN(Statement row,
                     connection.query("SELECT chat_id, parent_id, is_active FROM messages"
                                      " WHERE id = ?",
                                      messageId));
        SOTTO_ASSIGN(const bool isThere, row.step());
        if (!isThere) return fail(ErrorCode::NotFound, std::string(kNoMessage));
        place = {row.integer(0), row.integer(1), row.boolean(2)};
    }
    SOTTO_TRY(connection.run(place.isActive ? "UPDATE messages SET is_active = 0 WHERE id = ?"
                                            : "UPDATE messages SET is_active = 0 WHERE parent_id ="
                                              " ? AND is_active = 1",
                             messageId));
    SOTTO_TRY(connection.run("UPDATE messages SET parent_id = ? WHERE parent_id = ?",
                             OptionalId{place.parentId}, messageId));
    SOTTO_TRY(connection.run("DELETE FROM messages WHERE id = ?", messageId));
    // Without children, the newest of its versions is shown.
    return connection.run(
        "UPDATE messages SET is_active = 1 WHERE id = (SELECT max(id) FROM messages WHERE chat_id ="
        " ?1 AND ifnull(parent_id, 0) = ?2 HAVING sum(is_active) = 0)",
        place.chatId, place.parentId);
}

Status appendChunks(Connection& connection, MessageRecord& message) {
    SOTTO_ASSIGN(Statement chunk, connection.query("SELECT content, thinking FROM answer_chunks"
                                                   " WHERE message_id = ? ORDER BY sequence",
                                                   message.id));
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, chunk.step());
        if (!hasRow) return {};
        message.content += chunk.text(0);
        message.thinking += chunk.text(1);
    }
}

}  // namespace sotto::storage
