#include "storage/message_tree.h"

#include <algorithm>
#include <unordered_map>

#include "storage/message_removal.h"
#include "storage/message_rows.h"
#include "storage/sqlite/transaction.h"
#include "storage/text_check.h"

namespace sotto::storage {
namespace {

Status readShape(Connection& connection, std::string_view sql, ChatId chatId,
                 std::vector<TreeNode>& nodes) {
    SOTTO_ASSIGN(Statement row, connection.query(sql, chatId));
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return {};
        nodes.push_back({row.integer(0), row.integer(1), row.boolean(2)});
    }
}

void sortById(std::vector<TreeNode>& nodes) {
    const auto byId = [](const TreeNode& a, const TreeNode& b) { return a.id < b.id; };
    const auto sameId = [](const TreeNode& a, const TreeNode& b) { return a.id == b.id; };
    std::stable_sort(nodes.begin(), nodes.end(), byId);
    nodes.erase(std::unique(nodes.begin(), nodes.end(), sameId), nodes.end());
}

}  // namespace

Result<MessageRecord> MessageTree::add(const NewMessage& message) {
    // Synced: what the user wrote survives a power cut before the model begins to answer.
    return insert(message, MessageState::Done, Durability::Synced);
}

Result<MessageRecord> MessageTree::edit(MessageId messageId, std::string_view content,
                                        MessageId newId) {
    SOTTO_ASSIGN(const MessageRecord original, get(messageId));
    NewMessage version;
    version.id = newId;
    version.chatId = original.chatId;
    version.parentId = original.parentId;
    version.role = original.role;
    version.content = content;
    version.modelName = original.modelName;
    const bool isBeside = original.isDamaged && !isPartRow(m_connection, messageId);
    if (!isBeside) return add(version);
    return insertBesideDamaged(original, newRow(version, MessageState::Done), Durability::Synced);
}

// The damaged row may be the shown one and cannot be told otherwise: this is noted beside it, and
// the newest of its versions is shown.
Result<MessageRecord> MessageTree::insertBesideDamaged(const MessageRecord& original,
                                                       MessageRecord row, Durability durability) {
    MessageRepair repair = m_damaged.repairOf(original.id);
    repair.isInactive = true;
    SOTTO_ASSIGN(const bool isShown, m_damaged.isActive(original));
    SOTTO_TRY(inTransaction(m_connection, durability, [&]() -> Status {
        SOTTO_TRY(insertMessageRow(m_connection, row));
        SOTTO_TRY(m_damaged.save(original, repair));
        SOTTO_TRY(m_connection.run("UPDATE chats SET updated_at = ? WHERE id = ?", row.createdAt,
                                   row.chatId));
        return isShown ? Status() : activateMessage(m_connection, row.id);
    }));
    return row;
}

Result<MessageRecord> MessageTree::beginAnswer(const NewAnswer& answer) {
    NewMessage message;
    message.id = answer.id;
    message.chatId = answer.chatId;
    message.parentId = answer.parentId;
    message.role = MessageRole::Assistant;
    message.modelName = answer.modelName;
    SOTTO_ASSIGN(MessageRecord row,
                 answer.isBeside ? insertBeside(message)
                                 : insert(message, MessageState::Writing, Durability::Buffered));
    m_answers.open(row);
    return row;
}

// No choice is changed by it, so a damaged version in its place is not touched.
Result<MessageRecord> MessageTree::insertBeside(const NewMessage& message) {
    if (m_answers.keptWhole(message.parentId) != nullptr) SOTTO_TRY(writeKeptIn(message.chatId));
    const MessageRecord row = newRow(message, MessageState::Writing);
    SOTTO_TRY(inTransaction(m_connection, Durability::Buffered,
                            [&] { return addBeside(m_connection, row); }));
    return row;
}

MessageRecord MessageTree::newRow(const NewMessage& message, MessageState state) {
    MessageRecord row;
    row.id = message.id == 0 ? m_ids.next() : message.id;
    row.chatId = message.chatId;
    row.parentId = message.parentId;
    row.role = message.role;
    row.state = state;
    row.content = message.content;
    row.thinking = message.thinking;
    row.createdAt = nowMs();
    row.finishedAt = state == MessageState::Writing ? 0 : row.createdAt;
    row.statsJson = "{}";
    row.modelName = message.modelName;
    return row;
}

Result<MessageRecord> MessageTree::insert(const NewMessage& message, MessageState state,
                                          Durability durability) {
    if (m_answers.keptWhole(message.parentId) != nullptr) SOTTO_TRY(writeKeptIn(message.chatId));
    MessageRecord row = newRow(message, state);
    Status status =
        inTransaction(m_connection, durability, [&] { return addToTree(m_connection, row); });
    if (status) return row;
    if (status.error().code == ErrorCode::DatabaseDamaged) {
        const Result<MessageRecord> shown = damagedShownBeside(row);
        if (shown) return insertBesideDamaged(*shown, std::move(row), durability);
    }
    return fail(std::move(status.error()));
}

// The shown version of the same place, if it is on a damaged page. Errors: NotFound.
Result<MessageRecord> MessageTree::damagedShownBeside(const MessageRecord& row) {
    MessageId shownId = 0;
    {
        SOTTO_ASSIGN(Statement shown,
                     m_connection.query("SELECT id FROM messages INDEXED BY messages_tree WHERE"
                                        " chat_id = ? AND ifnull(parent_id, 0) = ? AND"
                                        " is_active = 1",
                                        row.chatId, row.parentId));
        SOTTO_ASSIGN(const bool isThere, shown.step());
        if (isThere) shownId = shown.integer(0);
    }
    if (shownId != 0 && !isPartRow(m_connection, shownId)) {
        Result<MessageRecord> shown = get(shownId);
        if (shown && shown->isDamaged) return shown;
    }
    return fail(ErrorCode::NotFound, "No message stands in this place.");
}

Status MessageTree::setActiveVersion(MessageId messageId) {
    return inTransaction(m_connection, Durability::Buffered,
                         [&] { return activateMessage(m_connection, messageId); });
}

Status MessageTree::activatePathTo(MessageId messageId) {
    SOTTO_ASSIGN(const MessageRecord leaf, get(messageId));
    SOTTO_ASSIGN(const std::vector<TreeNode> shape, loadShape(leaf.chatId));
    return inTransaction(m_connection, Durability::Buffered, [&]() -> Status {
        for (const MessageId ancestor : ancestorsOf(shape, messageId)) {
            SOTTO_TRY(activateMessage(m_connection, ancestor));
        }
        return {};
    });
}

Result<MessageRecord> MessageTree::get(MessageId messageId) {
    Result<MessageRecord> row = loadMessageRow(m_connection, messageId);
    if (row) {
        if (!isText(*row)) return getDamaged(messageId);
        SOTTO_TRY(m_answers.complete(*row));
    } else if (row.error().code == ErrorCode::NotFound) {
        if (const MessageRecord* kept = m_answers.keptWhole(messageId)) return *kept;
    } else if (row.error().code == ErrorCode::DatabaseDamaged) {
        return getDamaged(messageId);
    }
    return row;
}

bool MessageTree::isText(const MessageRecord& message) {
    return validTextSize(message.content, Zeros::Allowed) == message.content.size();
}

Result<MessageRecord> MessageTree::getDamaged(MessageId messageId) {
    SOTTO_ASSIGN(const MessageRecord place, m_damaged.placeOf(messageId));
    return m_damaged.read(place, MessageRole::User);
}

Result<RemovedMessages> MessageTree::remove(MessageId messageId) {
    SOTTO_ASSIGN(const MessageRecord message, get(messageId));
    Status written = writeKeptIn(message.chatId);
    if (m_answers.keptWhole(messageId) != nullptr) return fail(std::move(written.error()));
    RemovedMessages removed;
    SOTTO_TRY(inTransaction(m_connection, Durability::Buffered, [&]() -> Status {
        SOTTO_ASSIGN(removed, removeMessage(m_connection, messageId));
        for (const RemovedMessages::Row& row : removed.rows) {
            if (row.message.state == MessageState::Writing || m_answers.writes(row.message.id)) {
                return fail(ErrorCode::Busy, "This answer is being written.");
            }
            for (const MessageRecord* kept : m_answers.keptWholeIn(message.chatId)) {
                if (kept->parentId == row.message.id) return written;
            }
        }
        return {};
    }));
    return removed;
}

// What changes or copies the tree looks at rows, and an answer that is in memory only has none.
Status MessageTree::writeKeptIn(ChatId chatId) {
    if (m_answers.keptWholeIn(chatId).empty()) return {};
    Status flushed = m_answers.flush();
    return m_answers.keptWholeIn(chatId).empty() ? Status() : flushed;
}

Status MessageTree::restore(const RemovedMessages& removed) {
    return inTransaction(m_connection, Durability::Buffered,
                         [&] { return restoreMessages(m_connection, removed); });
}

Status MessageTree::replaceDamaged(MessageId messageId, std::string_view content) {
    if (isPartRow(m_connection, messageId)) {
        return inTransaction(m_connection, Durability::Synced, [&] {
            return m_connection.run(
                "UPDATE messages SET content = ?2, full_bytes = 0, tokens = x'' WHERE id = ?1",
                messageId, content);
        });
    }
    MessageRepair repair = m_damaged.repairOf(messageId);
    repair.isReplaced = true;
    repair.content = content;
    return decide(messageId, repair);
}

Status MessageTree::removeDamaged(MessageId messageId) {
    if (isPartRow(m_connection, messageId)) {
        return inTransaction(m_connection, Durability::Synced,
                             [&] { return removeMessageRow(m_connection, messageId); });
    }
    MessageRepair repair = m_damaged.repairOf(messageId);
    repair.isRemoved = true;
    return decide(messageId, repair);
}

Status MessageTree::decide(MessageId messageId, const MessageRepair& repair) {
    SOTTO_ASSIGN(MessageRecord message, get(messageId));
    if (!message.isDamaged) {
        return fail(ErrorCode::InvalidArgument, "This message is not damaged.");
    }
    // Its role may be on the damaged page as well: then its place among the others tells.
    SOTTO_ASSIGN(const std::vector<MessageRecord> path, loadPath(message.chatId));
    for (const MessageRecord& shown : path) {
        if (shown.id == messageId) message.role = shown.role;
    }
    return inTransaction(m_connection, Durability::Synced,
                         [&] { return m_damaged.save(message, repair); });
}

Result<std::vector<TreeNode>> MessageTree::loadShape(ChatId chatId) {
    SOTTO_ASSIGN(std::vector<TreeNode> nodes, loadStoredShape(chatId));
    m_damaged.applyTo(nodes, chatId);
    return nodes;
}

// The index alone answers this. When its pages are damaged, the table is read instead, and what
// either gave is used.
Result<std::vector<TreeNode>> MessageTree::loadStoredShape(ChatId chatId) {
    std::vector<TreeNode> nodes;
    Status status = readShape(m_connection,
                              "SELECT id, parent_id, is_active FROM messages"
                              " INDEXED BY messages_tree WHERE chat_id = ? ORDER BY id",
                              chatId, nodes);
    if (status) return nodes;
    if (status.error().code == ErrorCode::DatabaseDamaged) {
        // Its own failure is of no interest: what it found is the result.
        (void)readShape(m_connection,
                        "SELECT id, parent_id, is_active FROM messages NOT INDEXED"
                        " WHERE chat_id = ?",
                        chatId, nodes);
        sortById(nodes);
        if (!nodes.empty()) return nodes;
    }
    return fail(std::move(status.error()));
}

Result<std::vector<MessageRecord>> MessageTree::loadPath(ChatId chatId) {
    SOTTO_ASSIGN(std::vector<TreeNode> shape, loadShape(chatId));
    // Answers that could not be given a row yet are shown in their place all the same.
    for (const MessageRecord* kept : m_answers.keptWholeIn(chatId)) {
        shape.push_back({kept->id, kept->parentId, !m_answers.isBeside(kept->id)});
    }
    sortById(shape);
    SOTTO_ASSIGN(Statement row, m_connection.prepare(kSelectMessageById));
    std::vector<MessageRecord> path;
    for (const PathNode& place : shownPath(shape)) {
        MessageRecord known;
        known.id = place.id;
        known.chatId = chatId;
        if (!path.empty()) known.parentId = path.back().id;
        const bool isAfterUser = !path.empty() && path.back().role == MessageRole::User;
        SOTTO_ASSIGN(
            MessageRecord message,
            readShown(row, known, isAfterUser ? MessageRole::Assistant : MessageRole::User));
        message.id = known.id;
        message.chatId = known.chatId;
        message.parentId = known.parentId;
        message.versionIndex = place.versionIndex;
        message.versionCount = place.versionCount;
        message.previousVersionId = place.previousVersionId;
        message.nextVersionId = place.nextVersionId;
        path.push_back(std::move(message));
    }
    return path;
}

// A failure of another kind than damage (locked, I/O) concerns all rows: only that is an error.
Result<MessageRecord> MessageTree::readShown(Statement& row, const MessageRecord& place,
                                             MessageRole roleGuess) {
    row.reset();
    row.bindAll(place.id);
    const Result<bool> isThere = row.step();
    if (!isThere && isThere.error().code != ErrorCode::DatabaseDamaged) {
        return fail(isThere.error());
    }
    if (isThere && *isThere) {
        MessageRecord message = readMessage(row);
        if (isText(message) && m_answers.complete(message)) return message;
    } else if (const MessageRecord* kept = m_answers.keptWhole(place.id); isThere && kept) {
        return *kept;
    }
    return m_damaged.read(place, roleGuess);
}

Result<std::vector<TreeMessage>> MessageTree::readAll(ChatId chatId) {
    SOTTO_TRY(writeKeptIn(chatId));
    SOTTO_ASSIGN(const std::vector<TreeNode> shape, loadShape(chatId));
    std::vector<TreeMessage> messages;
    for (const TreeNode& node : shape) {
        SOTTO_ASSIGN(MessageRecord message, get(node.id));
        // A copy of what can be read would pass for what was said.
        if (message.isDamaged) {
            return fail(ErrorCode::InvalidArgument,
                        "A message of this chat is damaged: decide what is kept of it first.");
        }
        message.parentId = node.parentId;
        messages.push_back({std::move(message), node.isActive});
    }
    return messages;
}

Status MessageTree::copyInto(ChatId chatId, const std::vector<TreeMessage>& messages) {
    std::unordered_map<MessageId, MessageId> copies{{0, 0}};
    for (const TreeMessage& original : messages) copies[original.message.id] = m_ids.next();
    // A parent may have the larger id (ids come from callers): references are checked at the end.
    SOTTO_TRY(m_connection.execute("PRAGMA defer_foreign_keys=ON"));
    for (const TreeMessage& original : messages) {
        MessageRecord copy = original.message;
        copy.id = copies[copy.id];
        copy.chatId = chatId;
        copy.parentId = copies[copy.parentId];
        // The copy of an answer in the making is not being written by anyone.
        if (copy.state == MessageState::Writing) copy.state = MessageState::Stopped;
        SOTTO_TRY(insertMessageRow(m_connection, copy));
        if (original.isActive) SOTTO_TRY(activateMessage(m_connection, copy.id));
    }
    return {};
}

Status MessageTree::continueAnswer(MessageId messageId) { return m_answers.reopen(messageId); }

Status MessageTree::appendAnswer(MessageId messageId, std::string_view text,
                                 std::string_view thinking) {
    return m_answers.append(messageId, text, thinking);
}

Status MessageTree::turnToThinking(MessageId messageId, std::int64_t nBytes) {
    return m_answers.turnToThinking(messageId, nBytes);
}

Status MessageTree::finishAnswer(MessageId messageId, const AnswerEnd& end) {
    return m_answers.finish(messageId, end);
}

Status MessageTree::storeAnswer(const WholeAnswer& answer) { return m_answers.store(answer); }

Status MessageTree::flushAnswers() { return m_answers.flush(); }

void MessageTree::forgetChat(ChatId chatId) { m_answers.forgetChat(chatId); }

}  // namespace sotto::storage
