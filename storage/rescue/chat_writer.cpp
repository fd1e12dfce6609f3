#include "storage/rescue/chat_writer.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "storage/chat_rows.h"
#include "storage/clock.h"
#include "storage/comparison_table.h"
#include "storage/download_table.h"
#include "storage/folder_rows.h"
#include "storage/ledger_table.h"
#include "storage/message_rows.h"
#include "storage/model_rows.h"
#include "storage/sqlite/transaction.h"
#include "storage/token_blob.h"

namespace sotto::storage {
namespace {

constexpr std::size_t kLongestTitle = 60;  // bytes

// The parent, or what stands before it when it is lost; 0 at the beginning.
MessageId nearestParent(const FoundChat& chat, MessageId messageId) {
    std::set<MessageId> visited{messageId};
    MessageId parent = chat.messages.at(messageId).parentId;
    while (parent != 0) {
        if (!visited.insert(parent).second) return 0;
        const auto found = chat.messages.find(parent);
        if (found == chat.messages.end()) break;
        if (found->second.isReadable()) return parent;
        parent = found->second.parentId;
    }
    if (parent == 0) return 0;
    // Nothing is known of it: the message before this one in time.
    MessageId before = 0;
    for (const auto& [id, message] : chat.messages) {
        if (id < messageId && message.isReadable()) before = id;
    }
    return before;
}

// What breaks a rule of its table is left out; it must not keep the rest from coming.
Status unlessRefused(Status status) {
    if (!status && status.error().code == ErrorCode::InvalidArgument) return {};
    return status;
}

// Cut behind a whole character.
std::string firstLine(const std::string& text) {
    std::string line = text.substr(0, text.find('\n'));
    if (line.size() <= kLongestTitle) return line;
    std::size_t end = kLongestTitle;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0u) == 0x80) --end;
    return line.substr(0, end) + "…";
}

}  // namespace

Status ChatWriter::writeRest() {
    return inTransaction(m_target, Durability::Buffered, [&]() -> Status {
        for (const Folder& folder : m_found.folders) {
            SOTTO_TRY(unlessRefused(insertFolderRow(m_target, folder)));
        }
        for (const auto& [key, json] : m_found.settings) {
            SOTTO_TRY(
                m_target.run("INSERT INTO settings (key, value) SELECT ?1, ?2 WHERE json_valid(?2)"
                             " ON CONFLICT DO NOTHING",
                             key, json));
        }
        for (const ModelRecord& model : m_found.models) {
            SOTTO_TRY(unlessRefused(saveModelRow(m_target, model)));
        }
        for (const DownloadRecord& download : m_found.downloads) {
            SOTTO_TRY(unlessRefused(saveDownloadRow(m_target, download)));
        }
        for (const LedgerRecord& entry : m_found.ledger) {
            SOTTO_TRY(unlessRefused(keepLedgerRow(m_target, entry)));
        }
        for (const ComparisonRecord& comparison : m_found.comparisons) {
            SOTTO_TRY(unlessRefused(saveComparisonRow(m_target, comparison)));
        }
        return {};
    });
}

Result<IncompleteChat> ChatWriter::writeChat(ChatId chatId, const FoundChat& chat) {
    IncompleteChat outcome;
    outcome.id = chatId;
    outcome.title = titleOf(chat);
    outcome.totalMessages = static_cast<int>(chat.messages.size());
    outcome.shortened = chat.nShortened();
    SOTTO_TRY(inTransaction(m_target, Durability::Buffered, [&]() -> Status {
        // A parent may have the larger id: references are checked at the end.
        SOTTO_TRY(m_target.execute("PRAGMA defer_foreign_keys=ON"));
        SOTTO_TRY(insertChat(chatId, chat, outcome.title));
        SOTTO_TRY(writeMessages(chatId, chat, outcome));
        const auto draft = m_found.drafts.find(chatId);
        if (draft == m_found.drafts.end()) return {};
        return m_target.run(
            "INSERT INTO drafts (chat_id, content, updated_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            chatId, draft->second, nowMs());
    }));
    return outcome;
}

Status ChatWriter::insertChat(ChatId chatId, const FoundChat& chat, const std::string& title) {
    SOTTO_ASSIGN(Statement present, m_target.query("SELECT 1 FROM chats WHERE id = ?", chatId));
    SOTTO_ASSIGN(const bool isThere, present.step());
    if (isThere) return {};
    ChatSummary row = chat.row.value_or(ChatSummary{});
    row.id = chatId;
    row.title = title;
    if (!chat.row) {
        row.createdAt = timeOfId(chatId);
        row.updatedAt = chat.updatedAt;
        row.deletedAt = chat.deletedAt;
    }
    SOTTO_ASSIGN(Statement folder,
                 m_target.query("SELECT 1 FROM folders WHERE id = ?", row.folderId));
    SOTTO_ASSIGN(const bool hasFolder, folder.step());
    if (!hasFolder) row.folderId = 0;
    return insertChatRow(m_target, row, chat.settingsJson);
}

Status ChatWriter::writeMessages(ChatId chatId, const FoundChat& chat, IncompleteChat& outcome) {
    std::vector<MessageId> activeBefore;
    {
        SOTTO_ASSIGN(Statement row,
                     m_target.query("SELECT id FROM messages WHERE chat_id = ? AND is_active = 1"
                                    " ORDER BY id",
                                    chatId));
        while (true) {
            SOTTO_ASSIGN(const bool hasRow, row.step());
            if (!hasRow) break;
            activeBefore.push_back(row.integer(0));
        }
    }
    // Places in the tree may change: which versions are shown is decided at the end.
    SOTTO_TRY(m_target.run("UPDATE messages SET is_active = 0 WHERE chat_id = ?", chatId));
    for (const auto& [id, found] : chat.messages) {
        std::optional<FoundRow> row = readFound(m_source, id, found);
        if (!row) continue;
        row->message.chatId = chatId;
        addChunks(row->message);
        SOTTO_ASSIGN(const bool isWritten, writeMessage(*row, nearestParent(chat, id)));
        outcome.messages += isWritten;
    }
    return activate(chatId, chat, activeBefore);
}

// False: the row breaks a rule of the table.
Result<bool> ChatWriter::writeMessage(const FoundRow& row, MessageId parentId) {
    MessageRecord message = row.message;
    message.parentId = parentId;
    SOTTO_ASSIGN(Statement present, m_target.query("SELECT 1 FROM messages WHERE id = ?1 AND"
                                                   " chat_id = ?2",
                                                   message.id, message.chatId));
    SOTTO_ASSIGN(const bool isThere, present.step());
    if (isThere) {
        const std::vector<std::byte> tokens = tokenBlob(message.tokens);
        SOTTO_TRY(m_target.run("UPDATE messages SET parent_id = ? WHERE id = ?",
                               OptionalId{parentId}, message.id));
        SOTTO_TRY(m_target.run(
            "UPDATE messages SET content = ?2, thinking = ?3, full_bytes = ?4,"
            " tokens = ?5 WHERE id = ?1 AND CASE WHEN (full_bytes <> 0) <> (?4 <> 0) THEN"
            " full_bytes <> 0 ELSE"
            " length(content) + length(thinking) < length(?2) + length(?3) END",
            message.id, message.content, message.thinking, fullBytesOf(message),
            std::span(tokens)));
        return true;
    }
    const Status inserted = insertMessageRow(m_target, message);
    if (!inserted) {
        if (inserted.error().code == ErrorCode::InvalidArgument) return false;
        return fail(inserted.error());
    }
    SOTTO_TRY(m_target.run("UPDATE messages SET error_json = ?2 WHERE id = ?1 AND json_valid(?2)",
                           message.id, row.errorJson));
    return true;
}

// As they were found, then as the library had chosen since.
Status ChatWriter::activate(ChatId chatId, const FoundChat& chat,
                            const std::vector<MessageId>& before) {
    std::vector<MessageId> inOrder;
    for (const auto& [id, found] : chat.messages) {
        if (found.isActive && found.isReadable()) inOrder.push_back(id);
    }
    inOrder.insert(inOrder.end(), before.begin(), before.end());
    for (const MessageId id : inOrder) {
        const Status status = activateMessage(m_target, id);
        if (!status && status.error().code != ErrorCode::NotFound) return status;
    }
    // Where the chosen version is lost, the newest of the others is shown.
    return m_target.run(
        "UPDATE messages SET is_active = 1 WHERE id IN (SELECT max(id) FROM messages"
        " WHERE chat_id = ? GROUP BY ifnull(parent_id, 0) HAVING sum(is_active) = 0)",
        chatId);
}

// An answer that was being written has the rest of its text in pieces.
void ChatWriter::addChunks(MessageRecord& message) const {
    if (message.state != MessageState::Writing) return;
    message.state = MessageState::Stopped;
    const auto chunks = m_found.chunks.find(message.id);
    if (chunks == m_found.chunks.end()) return;
    // What begins behind a gap must not pass for what followed it.
    const JoinedChunks rest = join(chunks->second);
    message.content += rest.content;
    message.thinking += rest.thinking;
    message.isDamaged = message.isDamaged || rest.isShortened;
}

std::string ChatWriter::titleOf(const FoundChat& chat) {
    if (chat.row) return chat.row->title;
    for (const auto& [id, found] : chat.messages) {
        const auto row = readFound(m_source, id, found);
        if (row && row->message.role == MessageRole::User && !row->message.content.empty()) {
            return firstLine(row->message.content);
        }
    }
    return {};
}

}  // namespace sotto::storage
