#include "storage/damaged_messages.h"

#include <algorithm>
#include <span>
#include <vector>

#include "storage/clock.h"
#include "storage/sqlite/blob.h"
#include "storage/text_check.h"

namespace sotto::storage {
namespace {

// Small against a page, so that little is lost where the readable part ends.
constexpr std::int64_t kPiece = 256;

MessageRole roleFrom(std::int64_t value, MessageRole fallback) {
    return value >= 0 && value <= 3 ? static_cast<MessageRole>(value) : fallback;
}

}  // namespace

Result<MessageRecord> DamagedMessages::placeOf(MessageId messageId) {
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT chat_id, parent_id FROM messages INDEXED BY"
                                    " messages_tree WHERE id = ?",
                                    messageId));
    // The index is read from its start: it leads with the chat.
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::NotFound, "This message does not exist any more.");
    MessageRecord place;
    place.id = messageId;
    place.chatId = row.integer(0);
    place.parentId = row.integer(1);
    return place;
}

Result<bool> DamagedMessages::isActive(const MessageRecord& message) {
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT is_active FROM messages INDEXED BY messages_tree"
                                    " WHERE chat_id = ? AND id = ?",
                                    message.chatId, message.id));
    SOTTO_ASSIGN(const bool isThere, row.step());
    return isThere && row.boolean(0);
}

MessageRecord DamagedMessages::read(const MessageRecord& place, MessageRole roleGuess) {
    MessageRecord message = place;
    message.role = roleGuess;
    message.state = MessageState::Done;
    message.createdAt = timeOfId(place.id);
    message.finishedAt = message.createdAt;
    message.statsJson = "{}";
    const MessageRepair repair = repairOf(place.id);
    if (repair.isReplaced) {
        message.role = repair.role;
        message.content = repair.content;
        return message;
    }
    message.isDamaged = true;
    // What stands before the text in the row is on its own page.
    if (auto row = m_connection.query("SELECT role FROM messages WHERE id = ?", place.id)) {
        const Result<bool> isThere = row->step();
        if (isThere && *isThere) message.role = roleFrom(row->integer(0), roleGuess);
    }
    readText(message);
    return message;
}

void DamagedMessages::readText(MessageRecord& message) {
    auto blob = Blob::open(m_connection, {"messages", "content", message.id}, Blob::Mode::Read);
    if (!blob) return;
    message.totalBytes = blob->size();
    std::string text;
    std::string piece;
    for (std::int64_t at = 0; at < blob->size(); at += kPiece) {
        piece.resize(static_cast<std::size_t>(std::min(kPiece, blob->size() - at)));
        if (!blob->read(at, std::as_writable_bytes(std::span(piece)))) break;
        text += piece;
    }
    text.resize(validTextSize(text, Zeros::End));
    message.readableBytes = static_cast<std::int64_t>(text.size());
    message.content = std::move(text);
}

void DamagedMessages::applyTo(std::vector<TreeNode>& nodes, ChatId chatId) {
    auto row = m_connection.query(
        "SELECT id, is_removed, is_inactive FROM message_repairs WHERE chat_id = ?", chatId);
    if (!row) return;
    std::map<MessageId, bool> isRemoved;
    for (Result<bool> hasRow = row->step(); hasRow && *hasRow; hasRow = row->step()) {
        isRemoved[row->integer(0)] = row->boolean(1);
        const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const TreeNode& entry) {
            return entry.id == row->integer(0);
        });
        if (node != nodes.end() && row->boolean(2)) node->isActive = false;
    }
    for (const auto& [id, isGone] : isRemoved) {
        const auto node = std::find_if(nodes.begin(), nodes.end(),
                                       [&](const TreeNode& entry) { return entry.id == id; });
        if (!isGone || node == nodes.end()) continue;
        const MessageId parentId = node->parentId;
        nodes.erase(node);
        for (TreeNode& entry : nodes) {
            if (entry.parentId == id) entry.parentId = parentId;
        }
    }
}

MessageRepair DamagedMessages::repairOf(MessageId messageId) {
    MessageRepair repair;
    auto row = m_connection.query(
        "SELECT is_removed, is_inactive, is_replaced, role, content FROM message_repairs"
        " WHERE id = ?",
        messageId);
    if (!row) return repair;
    const Result<bool> isThere = row->step();
    if (!isThere || !*isThere) return repair;
    repair.isRemoved = row->boolean(0);
    repair.isInactive = row->boolean(1);
    repair.isReplaced = row->boolean(2);
    repair.role = roleFrom(row->integer(3), MessageRole::User);
    repair.content = row->text(4);
    return repair;
}

Status DamagedMessages::save(const MessageRecord& message, const MessageRepair& repair) {
    return m_connection.run(
        "INSERT OR REPLACE INTO message_repairs (id, chat_id, is_removed, is_inactive, is_replaced,"
        " role, content) VALUES (?, ?, ?, ?, ?, ?, ?)",
        message.id, message.chatId, repair.isRemoved, repair.isInactive, repair.isReplaced,
        static_cast<int>(message.role), repair.content);
}

}  // namespace sotto::storage
