// MessageTree: the messages of all chats as trees: adding versions, choosing the shown one, loading
// the shown path. Storage thread only.
#pragma once

#include <vector>

#include "storage/answer_writer.h"
#include "storage/api/messages.h"
#include "storage/clock.h"
#include "storage/damaged_messages.h"
#include "storage/sqlite/connection.h"
#include "storage/tree_path.h"

namespace sotto::storage {

struct TreeMessage {
    MessageRecord message;
    bool isActive = false;
};

class MessageTree : public Messages {
public:
    // All three must outlive the tree.
    MessageTree(Connection& connection, AnswerWriter& answers, IdGenerator& ids)
        : m_connection(connection), m_answers(answers), m_ids(ids), m_damaged(connection) {}

    Result<MessageRecord> add(const NewMessage& message) override;
    Result<MessageRecord> edit(MessageId messageId, std::string_view content,
                               MessageId newId) override;
    Result<std::vector<MessageRecord>> loadPath(ChatId chatId) override;
    Result<MessageRecord> get(MessageId messageId) override;
    Result<RemovedMessages> remove(MessageId messageId) override;
    Status restore(const RemovedMessages& removed) override;
    Status replaceDamaged(MessageId messageId, std::string_view content) override;
    Status removeDamaged(MessageId messageId) override;
    Status setActiveVersion(MessageId messageId) override;
    Status activatePathTo(MessageId messageId) override;

    Result<MessageRecord> beginAnswer(const NewAnswer& answer) override;
    Status continueAnswer(MessageId messageId) override;
    Status appendAnswer(MessageId messageId, std::string_view text,
                        std::string_view thinking) override;
    Status turnToThinking(MessageId messageId, std::int64_t nBytes) override;
    Status finishAnswer(MessageId messageId, const AnswerEnd& end) override;
    Status storeAnswer(const WholeAnswer& answer) override;
    Status flushAnswers() override;

    // All messages of a chat, also hidden versions. Outside of a transaction: SQLite ends one in
    // which it met a damaged page.
    Result<std::vector<TreeMessage>> readAll(ChatId chatId);
    // Into a chat that has none, under new ids; in the caller's transaction.
    Status copyInto(ChatId chatId, const std::vector<TreeMessage>& messages);
    // The chat was deleted: what is still streamed into it goes nowhere.
    void forgetChat(ChatId chatId);

private:
    MessageRecord newRow(const NewMessage& message, MessageState state);
    Result<MessageRecord> insertBeside(const NewMessage& message);
    Result<MessageRecord> insert(const NewMessage& message, MessageState state,
                                 Durability durability);
    Status writeKeptIn(ChatId chatId);
    Result<MessageRecord> insertBesideDamaged(const MessageRecord& original, MessageRecord row,
                                              Durability durability);
    Result<MessageRecord> damagedShownBeside(const MessageRecord& row);
    Result<MessageRecord> getDamaged(MessageId messageId);
    static bool isText(const MessageRecord& message);
    Status decide(MessageId messageId, const MessageRepair& repair);
    Result<std::vector<TreeNode>> loadShape(ChatId chatId);
    Result<std::vector<TreeNode>> loadStoredShape(ChatId chatId);
    Result<MessageRecord> readShown(Statement& row, const MessageRecord& place,
                                    MessageRole roleGuess);

    Connection& m_connection;
    AnswerWriter& m_answers;
    IdGenerator& m_ids;
    DamagedMessages m_damaged;
};

}  // namespace sotto::storage
