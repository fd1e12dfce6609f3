#include "storage/message_removal.h"

#include <algorithm>
#include <unordered_set>

#include "storage/message_rows.h"
#include "storage/tree_path.h"

namespace sotto::storage {
namespace {

// From the index alone: a broken page with other messages of the chat is of no concern here.
Result<std::vector<TreeNode>> readNodes(Connection& connection, ChatId chatId) {
    std::vector<TreeNode> nodes;
    SOTTO_ASSIGN(Statement row,
                 connection.query("SELECT id, parent_id, is_active FROM messages INDEXED BY"
                                  " messages_tree WHERE chat_id = ? ORDER BY id",
                                  chatId));
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return nodes;
        nodes.push_back({row.integer(0), row.integer(1), row.boolean(2)});
    }
}

Result<bool> isAnswer(Connection& connection, MessageId messageId) {
    SOTTO_ASSIGN(Statement row,
                 connection.query("SELECT role FROM messages WHERE id = ?", messageId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    return isThere && row.integer(0) == static_cast<std::int64_t>(MessageRole::Assistant);
}

std::vector<TreeNode> childrenOf(const std::vector<TreeNode>& nodes, MessageId parentId) {
    std::vector<TreeNode> children;
    std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(children),
                 [parentId](const TreeNode& node) { return node.parentId == parentId; });
    return children;
}

// The one that is shown of these versions; see shownPath.
MessageId shownOf(const std::vector<TreeNode>& versions) {
    for (auto node = versions.rbegin(); node != versions.rend(); ++node) {
        if (node->isActive) return node->id;
    }
    return versions.empty() ? 0 : versions.back().id;
}

// What goes and what follows, by the rules of Messages::remove.
struct Plan {
    std::vector<TreeNode> goes;   // the message first, every one behind its parent
    std::vector<TreeNode> moves;  // to the place of the message
    MessageId shown = 0;          // of those that move, or of the versions that stay
};

// Behind what goes already: the message and everything below it, each behind its parent.
void takeWhole(const std::vector<TreeNode>& nodes, const TreeNode& message,
               std::vector<TreeNode>& goes) {
    std::size_t at = goes.size();
    std::unordered_set<MessageId> isTaken{message.id};
    goes.push_back(message);
    for (; at < goes.size(); ++at) {
        for (const TreeNode& child : childrenOf(nodes, goes[at].id)) {
            if (isTaken.insert(child.id).second) goes.push_back(child);
        }
    }
}

Plan planOfVersion(const std::vector<TreeNode>& nodes, const TreeNode& message,
                   const std::vector<TreeNode>& versions) {
    Plan plan;
    takeWhole(nodes, message, plan.goes);
    if (!message.isActive) return plan;
    for (const TreeNode& version : versions) {
        const bool isNearer = plan.shown == 0 || version.id < message.id;
        if (version.id != message.id && isNearer) plan.shown = version.id;
    }
    return plan;
}

Result<Plan> planOfOnly(Connection& connection, const std::vector<TreeNode>& nodes,
                        const TreeNode& message, MessageRole role) {
    Plan plan;
    plan.goes.push_back(message);
    const std::vector<TreeNode> below = childrenOf(nodes, message.id);
    const MessageId shownBelow = shownOf(below);
    for (const TreeNode& child : below) {
        bool isItsAnswer = false;
        if (role == MessageRole::User) {
            SOTTO_ASSIGN(isItsAnswer, isAnswer(connection, child.id));
        }
        if (!isItsAnswer) {
            plan.moves.push_back(child);
            if (child.id == shownBelow) plan.shown = child.id;
            continue;
        }
        if (child.id != shownBelow) {
            takeWhole(nodes, child, plan.goes);
            continue;
        }
        plan.goes.push_back(child);
        const std::vector<TreeNode> after = childrenOf(nodes, child.id);
        plan.moves.insert(plan.moves.end(), after.begin(), after.end());
        plan.shown = shownOf(after);
    }
    return plan;
}

Status setActive(Connection& connection, MessageId messageId, bool isActive) {
    return connection.run("UPDATE messages SET is_active = ? WHERE id = ?", isActive, messageId);
}

Status moveBelow(Connection& connection, MessageId messageId, MessageId parentId) {
    return connection.run("UPDATE messages SET parent_id = ? WHERE id = ?", OptionalId{parentId},
                          messageId);
}

}  // namespace

Result<RemovedMessages> removeMessage(Connection& connection, MessageId messageId) {
    SOTTO_ASSIGN(const MessageRecord record, loadMessageRow(connection, messageId));
    SOTTO_ASSIGN(const std::vector<TreeNode> nodes, readNodes(connection, record.chatId));
    const auto message = std::find_if(nodes.begin(), nodes.end(),
                                      [&](const TreeNode& node) { return node.id == messageId; });
    if (message == nodes.end()) {
        return fail(ErrorCode::DatabaseDamaged,
                    connection.file() + " is damaged: a message is missing from the tree.");
    }
    const std::vector<TreeNode> versions = childrenOf(nodes, record.parentId);
    Plan plan;
    if (versions.size() > 1) {
        plan = planOfVersion(nodes, *message, versions);
    } else {
        SOTTO_ASSIGN(plan, planOfOnly(connection, nodes, *message, record.role));
    }
    RemovedMessages removed;
    for (const TreeNode& node : plan.goes) {
        SOTTO_ASSIGN(MessageRecord row, loadMessageRow(connection, node.id));
        removed.rows.push_back({std::move(row), node.isActive});
    }
    // Off before on: a unique index allows one active version of a place at any moment.
    SOTTO_TRY(setActive(connection, messageId, false));
    for (const TreeNode& node : plan.moves) {
        removed.moved.push_back({node.id, node.parentId, node.isActive});
        if (node.id != plan.shown) SOTTO_TRY(setActive(connection, node.id, false));
        SOTTO_TRY(moveBelow(connection, node.id, record.parentId));
    }
    // Children first: a reference to a parent is checked when a statement has ended.
    for (auto node = plan.goes.rbegin(); node != plan.goes.rend(); ++node) {
        SOTTO_TRY(connection.run("DELETE FROM messages WHERE id = ?", node->id));
    }
    if (plan.shown != 0) SOTTO_TRY(setActive(connection, plan.shown, true));
    return removed;
}

Status restoreMessages(Connection& connection, const RemovedMessages& removed) {
    for (const RemovedMessages::Row& row : removed.rows) {
        SOTTO_TRY(insertMessageRow(connection, row.message));
    }
    for (const RemovedMessages::Move& move : removed.moved) {
        SOTTO_TRY(setActive(connection, move.id, false));
        SOTTO_TRY(moveBelow(connection, move.id, move.parentId));
        if (move.isActive) SOTTO_TRY(setActive(connection, move.id, true));
    }
    for (const RemovedMessages::Row& row : removed.rows) {
        if (row.isActive) SOTTO_TRY(activateMessage(connection, row.message.id));
    }
    return {};
}

}  // namespace sotto::storage
