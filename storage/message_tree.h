// MessageTree: the messages of all chats as trees: adding versions, choosing the shown one, loading
// the shown path. Storage thread only.
#pragma once

#include <vector>

#include "storage/answer_writer.h"
#include "storage/api/messages.h"
#include "storage/clock.h"
#include "storage/sqlite/connection.h"
#include "storage/tree_path.h"

namespace sotto::storage {

class MessageTree : public Messages {
public:
    // All three must outlive the tree.
    MessageTree(Connection& connection, AnswerWriter& answers, IdGenerator& ids)
        : m_connection(connection), m_answers(answers), m_ids(ids) {}

    Result<MessageRecord> add(const NewMessage& message) override;
    Result<MessageRecord> edit(MessageId messageId, std::string_view content,
                               MessageId newId) override;
    Result<std::vector<MessageRecord>> loadPath(ChatId chatId) override;
    Result<MessageRecord> get(MessageId messageId) override;
    Status setActiveVersion(MessageId messageId) override;
    Status activatePathTo(MessageId messageId) override;

    Result<MessageRecord> beginAnswer(const NewAnswer& answer) override;
    Status continueAnswer(MessageId messageId) override;
    Status appendAnswer(MessageId messageId, std::string_view text,
                        std::string_view thinking) override;
    Status finishAnswer(MessageId messageId, const AnswerEnd& end) override;
    Status storeAnswer(const WholeAnswer& answer) override;
    Status flushAnswers() override;

    // Copies every message of one chat into another that has none; in the caller's transaction.
    Status copyAll(ChatId from, ChatId to);
    // The chat was deleted: what is still streamed into it goes nowhere.
    void forgetChat(ChatId chatId);

private:
    Result<MessageRecord> insert(const NewMessage& message, MessageState state,
                                 Durability durability);
    Result<std::vector<TreeNode>> loadShape(ChatId chatId);

    Connection& m_connection;
    AnswerWriter& m_answers;
    IdGenerator& m_ids;
};

}  // namespace sotto::storage
