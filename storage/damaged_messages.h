// DamagedMessages: what can be read of messages whose rows are damaged, and what was decided about
// them. A damaged row can be neither changed nor deleted, so decisions stand in a table of their
// own. Storage thread only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"
#include "storage/tree_path.h"

namespace sotto::storage {

struct MessageRepair {
    bool isRemoved = false;
    bool isInactive = false;  // a newer version is shown in its place
    bool isReplaced = false;
    MessageRole role = MessageRole::User;
    std::string content;  // isReplaced
};

class DamagedMessages {
public:
    // Must outlive this.
    explicit DamagedMessages(Connection& connection) : m_connection(connection) {}

    // The message from the parts of its row that can be read, isDamaged; as it was decided, if it
    // was. `place` gives what the index knows, `roleGuess` the role where the row does not.
    MessageRecord read(const MessageRecord& place, MessageRole roleGuess);
    // Chat and parent by the index. Errors: NotFound.
    Result<MessageRecord> placeOf(MessageId messageId);

    // Whether the index has it as the shown one of its versions.
    Result<bool> isActive(const MessageRecord& message);

    // Takes out what was removed; in ascending id order as before.
    void applyTo(std::vector<TreeNode>& nodes, ChatId chatId);

    // In the caller's transaction.
    Status save(const MessageRecord& message, const MessageRepair& repair);
    // What was decided about it; an empty one when nothing was.
    MessageRepair repairOf(MessageId messageId);

private:
    void readText(MessageRecord& message);

    Connection& m_connection;
};

}  // namespace sotto::storage
