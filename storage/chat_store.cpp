#include "storage/chat_store.h"

#include "storage/chat_rows.h"
#include "storage/folder_rows.h"
#include "storage/row_checks.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kNoChat = "This chat does not exist any more.";
// `deleted_at` of a chat that is deleted for good and of which a damaged message cannot go: it is
// in no list, no search and no rescue.
constexpr std::string_view kHide =
    "UPDATE chats SET deleted_at = -1, title = '', folder_id = NULL, is_pinned = 0, model_path = "
    "'',"
    " settings_json = '{}' WHERE id = ?";

Status collectIds(Statement& row, std::vector<std::int64_t>& ids) {
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return {};
        ids.push_back(row.integer(0));
    }
}

}  // namespace

Result<ChatSummary> ChatStore::create(const NewChat& chat) {
    SOTTO_TRY(requireJson(m_connection, chat.settingsJson));
    ChatSummary row;
    row.id = chat.id == 0 ? m_ids.next() : chat.id;
    row.folderId = chat.folderId;
    row.title = chat.title;
    row.modelPath = chat.modelPath;
    row.createdAt = nowMs();
    row.updatedAt = row.createdAt;
    SOTTO_TRY(inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        SOTTO_TRY(requireFolder(chat.folderId));
        return insertChatRow(m_connection, row, chat.settingsJson);
    }));
    return row;
}

// From the index, so that one damaged row does not end the list.
Result<std::vector<ChatId>> ChatStore::listIds(bool isInBin) {
    std::vector<ChatId> ids;
    SOTTO_ASSIGN(
        Statement row,
        m_connection.prepare(isInBin ? "SELECT id FROM chats INDEXED BY chats_by_update"
                                       " WHERE deleted_at > 0 ORDER BY deleted_at DESC, id DESC"
                                     : "SELECT id FROM chats INDEXED BY chats_by_update"
                                       " WHERE deleted_at = 0 ORDER BY updated_at DESC, id DESC"));
    SOTTO_TRY(collectIds(row, ids));
    return ids;
}

Result<std::vector<ChatSummary>> ChatStore::list(bool isInBin) {
    SOTTO_ASSIGN(const std::vector<ChatId> ids, listIds(isInBin));
    SOTTO_ASSIGN(Statement row, m_connection.prepare(kSelectChatById));
    std::vector<ChatSummary> chats;
    chats.reserve(ids.size());
    for (const ChatId chatId : ids) {
        row.reset();
        row.bindAll(chatId);
        const Result<bool> isThere = row.step();
        if (!isThere && isThere.error().code != ErrorCode::DatabaseDamaged) {
            return fail(isThere.error());
        }
        ChatSummary chat;
        if (isThere && *isThere) {
            chat = readChat(row);
        } else {
            chat.isDamaged = true;
        }
        chat.id = chatId;
        chats.push_back(std::move(chat));
    }
    return chats;
}

Result<ChatSummary> ChatStore::get(ChatId chatId) {
    SOTTO_ASSIGN(Statement row, m_connection.query(kSelectChatById, chatId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::NotFound, std::string(kNoChat));
    return readChat(row);
}

Status ChatStore::rename(ChatId chatId, std::string_view title) {
    return changeOneRow(m_connection, Durability::Synced, kNoChat,
                        "UPDATE chats SET title = ? WHERE id = ?", title, chatId);
}

Status ChatStore::setPinned(ChatId chatId, bool isPinned) {
    return changeOneRow(m_connection, Durability::Synced, kNoChat,
                        "UPDATE chats SET is_pinned = ? WHERE id = ?", isPinned, chatId);
}

Status ChatStore::moveToFolder(ChatId chatId, FolderId folderId) {
    SOTTO_TRY(requireFolder(folderId));
    return changeOneRow(m_connection, Durability::Synced, kNoChat,
                        "UPDATE chats SET folder_id = ? WHERE id = ?", OptionalId{folderId},
                        chatId);
}

Status ChatStore::setModel(ChatId chatId, std::string_view modelPath) {
    return changeOneRow(m_connection, Durability::Synced, kNoChat,
                        "UPDATE chats SET model_path = ? WHERE id = ?", modelPath, chatId);
}

Status ChatStore::moveToBin(ChatId chatId) {
    // A second time keeps the first date, by which the bin is emptied.
    return changeOneRow(m_connection, Durability::Synced, kNoChat,
                        "UPDATE chats SET deleted_at = CASE deleted_at WHEN 0 THEN ? ELSE"
                        " deleted_at END WHERE id = ?",
                        nowMs(), chatId);
}

Status ChatStore::restore(ChatId chatId) {
    return changeOneRow(m_connection, Durability::Synced, kNoChat,
                        "UPDATE chats SET deleted_at = 0 WHERE id = ?", chatId);
}

Status ChatStore::remove(ChatId chatId) {
    Status status = changeOneRow(m_connection, Durability::Synced, kNoChat,
                                 "DELETE FROM chats WHERE id = ? AND deleted_at >= 0", chatId);
    if (!status && status.error().code == ErrorCode::DatabaseDamaged) status = hide(chatId);
    SOTTO_TRY(std::move(status));
    m_messages.forgetChat(chatId);
    return {};
}

// A row with a broken chain of pages can be neither deleted nor changed, and what it refers to must
// stay: the others lose their words instead. Each by itself, since damage ends a transaction, and
// the chat last: where one fails it can be deleted again.
Status ChatStore::hide(ChatId chatId) {
    SOTTO_TRY(m_connection.run("DELETE FROM drafts WHERE chat_id = ?", chatId));
    SOTTO_TRY(m_connection.run("DELETE FROM message_repairs WHERE chat_id = ?", chatId));
    std::vector<MessageId> messages;
    {
        SOTTO_ASSIGN(Statement row,
                     m_connection.query("SELECT id FROM messages INDEXED BY messages_tree"
                                        " WHERE chat_id = ?",
                                        chatId));
        SOTTO_TRY(collectIds(row, messages));
    }
    for (const MessageId messageId : messages) {
        const Status emptied = m_connection.run(
            "UPDATE messages SET content = '', thinking = '', stats_json = '{}', error = '',"
            " error_json = '' WHERE id = ?",
            messageId);
        if (!emptied && emptied.error().code != ErrorCode::DatabaseDamaged) return emptied;
    }
    return changeOneRow(m_connection, Durability::Synced, kNoChat, kHide, chatId);
}

Result<std::vector<ChatId>> ChatStore::binnedBefore(TimeMs deletedBefore) {
    std::vector<ChatId> ids;
    SOTTO_ASSIGN(Statement row, m_connection.query("SELECT id FROM chats WHERE deleted_at > 0 AND"
                                                   " deleted_at < ?",
                                                   deletedBefore));
    SOTTO_TRY(collectIds(row, ids));
    return ids;
}

Result<int> ChatStore::emptyBin(TimeMs deletedBefore) {
    SOTTO_ASSIGN(const std::vector<ChatId> chats, binnedBefore(deletedBefore));
    // One by one: a bin of a thousand chats must not hold the write lock for seconds.
    int nRemoved = 0;
    for (const ChatId chatId : chats) {
        const Status status = remove(chatId);
        // One that stands on a damaged page stays; it must not keep the others.
        if (!status && status.error().code != ErrorCode::DatabaseDamaged) {
            return fail(status.error());
        }
        nRemoved += status.has_value();
    }
    return nRemoved;
}

Result<ChatSize> ChatStore::size(ChatId chatId) {
    SOTTO_TRY(get(chatId));
    SOTTO_ASSIGN(
        Statement row,
        m_connection.query("SELECT count(*), ifnull(sum(length(CAST(content AS BLOB)) +"
                           " length(CAST(thinking AS BLOB))), 0) FROM messages WHERE chat_id = ?",
                           chatId));
    SOTTO_TRY(row.step());
    return ChatSize{static_cast<int>(row.integer(0)), row.integer(1)};
}

Result<std::int64_t> ChatStore::binBytes() {
    return m_connection.queryInteger(
        "SELECT ifnull(sum(length(CAST(content AS BLOB)) + length(CAST(thinking AS BLOB))), 0)"
        " FROM messages WHERE chat_id IN (SELECT id FROM chats WHERE deleted_at > 0)");
}

Result<ChatSummary> ChatStore::duplicate(ChatId chatId, std::string_view title) {
    SOTTO_ASSIGN(ChatSummary copy, get(chatId));
    SOTTO_ASSIGN(const std::string settingsJson, settings(chatId));
    SOTTO_ASSIGN(const std::vector<TreeMessage> messages, m_messages.readAll(chatId));
    copy.id = m_ids.next();
    copy.title = title;
    copy.isPinned = false;
    copy.hasDraft = false;
    copy.createdAt = nowMs();
    copy.updatedAt = copy.createdAt;
    copy.deletedAt = 0;
    SOTTO_TRY(inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        SOTTO_TRY(insertChatRow(m_connection, copy, settingsJson));
        return m_messages.copyInto(copy.id, messages);
    }));
    return copy;
}

Result<std::string> ChatStore::settings(ChatId chatId) {
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT settings_json FROM chats WHERE id = ?", chatId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::NotFound, std::string(kNoChat));
    return row.text(0);
}

Status ChatStore::setSettings(ChatId chatId, std::string_view json) {
    SOTTO_TRY(requireJson(m_connection, json));
    return changeOneRow(m_connection, Durability::Synced, kNoChat,
                        "UPDATE chats SET settings_json = ? WHERE id = ?", json, chatId);
}

Result<std::string> ChatStore::draft(ChatId chatId) {
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT content FROM drafts WHERE chat_id = ?", chatId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    return isThere ? row.text(0) : std::string();
}

// Buffered: written after every pause in typing; the message itself is synced when it is sent.
Status ChatStore::setDraft(ChatId chatId, std::string_view text) {
    return inTransaction(m_connection, Durability::Buffered, [&]() -> Status {
        SOTTO_TRY(get(chatId).map([](const ChatSummary&) {}));
        if (text.empty()) {
            return m_connection.run("DELETE FROM drafts WHERE chat_id = ?", chatId);
        }
        return m_connection.run(
            "INSERT INTO drafts (chat_id, content, updated_at) VALUES (?, ?, ?)"
            " ON CONFLICT (chat_id) DO UPDATE SET content = excluded.content,"
            " updated_at = excluded.updated_at",
            chatId, text, nowMs());
    });
}

Status ChatStore::requireFolder(FolderId folderId) {
    if (folderId == 0) return {};
    SOTTO_ASSIGN(Statement row, m_connection.query("SELECT 1 FROM folders WHERE id = ?", folderId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::InvalidArgument, std::string(kNoFolder));
    return {};
}

}  // namespace sotto::storage
