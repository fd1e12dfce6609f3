// MessageTree: the messages of all chats as trees: adding versions, choosing the shown one, loading
// the shown path. Storage thread only.
#pragma once

#include <vector>

#include "storage/answer_writer.h"
#include "storage/api/chat_record.h"
#include "storage/clock.h"
#include "storage/sqlite/connection.h"
#include "storage/tree_path.h"

namespace sotto::storage {

class MessageTree {
public:
    // All three must outlive the tree.
    MessageTree(Connection& connection, AnswerWriter& answers, IdGenerator& ids)
        : m_connection(connection), m_answers(answers), m_ids(ids) {}

    Result<MessageRecord> add(const NewMessage& message);
    Result<MessageRecord> edit(MessageId messageId, std::string_view content, MessageId newId);
    Result<MessageRecord> beginAnswer(const NewAnswer& answer);
    Result<MessageRecord> message(MessageId messageId);
    Result<std::vector<MessageRecord>> loadPath(ChatId chatId);
    Status setActiveVersion(MessageId messageId);
    Status activatePathTo(MessageId messageId);
    // Copies every message of one chat into another that has none.
    Status copyAll(ChatId from, ChatId to);

private:
    Result<MessageRecord> insert(const NewMessage& message, MessageState state,
                                 Durability durability);
    Status insertRow(const MessageRecord& message);
    Status checkPlace(ChatId chatId, MessageId parentId);
    Status activate(MessageId messageId);
    Result<std::vector<TreeNode>> loadShape(ChatId chatId);

    Connection& m_connection;
    AnswerWriter& m_answers;
    IdGenerator& m_ids;
};

}  // namespace sotto::storage
