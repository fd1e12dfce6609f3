#include "storage/chat_rows.h"

namespace sotto::storage {

const std::string_view kSelectChatById =
    "SELECT id, folder_id, title, is_pinned, created_at, updated_at, deleted_at, model_path,"
    " EXISTS (SELECT 1 FROM drafts WHERE chat_id = chats.id) FROM chats WHERE id = ? AND"
    " deleted_at >= 0";

ChatSummary readChat(const Statement& row) {
    ChatSummary chat;
    chat.id = row.integer(0);
    chat.folderId = row.integer(1);
    chat.title = row.text(2);
    chat.isPinned = row.boolean(3);
    chat.createdAt = row.integer(4);
    chat.updatedAt = row.integer(5);
    chat.deletedAt = row.integer(6);
    chat.modelPath = row.text(7);
    chat.hasDraft = row.boolean(8);
    return chat;
}

Status insertChatRow(Connection& connection, const ChatSummary& chat,
                     std::string_view settingsJson) {
    return connection.run(
        "INSERT INTO chats (id, folder_id, title, is_pinned, created_at, updated_at, deleted_at,"
        " model_path, settings_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
        " CASE WHEN json_valid(?9) THEN ?9 ELSE '{}' END)",
        chat.id, OptionalId{chat.folderId}, chat.title, chat.isPinned, chat.createdAt,
        chat.updatedAt, chat.deletedAt, chat.modelPath, settingsJson);
}

}  // namespace sotto::storage
