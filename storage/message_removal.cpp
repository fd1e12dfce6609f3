#include "storage/message_removal.h"

#include <algorithm>
#include <unordered_set>

#include "storage/message_rows.h"

namespace sotto::storage {
namespace {

struct Node {
    MessageId id = 0;
    MessageId parentId = 0;
    bool isActive = false;
    MessageRole role = MessageRole::User;
};

Result<std::vector<Node>> readNodes(Connection& connection, ChatId chatId) {
    std::vector<Node> nodes;
    SOTTO_ASSIGN(Statement row, connection.query("SELECT id, ifnull(parent_id, 0), is_active, role"
                                                 " FROM messages WHERE chat_id = ? ORDER BY id",
                                                 chatId));
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return nodes;
        const bool isAnswer = row.integer(3) == static_cast<std::int64_t>(MessageRole::Assistant);
        nodes.push_back({row.integer(0), row.integer(1), row.boolean(2),
                         isAnswer ? MessageRole::Assistant : MessageRole::User});
    }
}

std::vector<Node> childrenOf(const std::vector<Node>& nodes, MessageId parentId) {
    std::vector<Node> children;
    std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(children),
                 [parentId](const Node& node) { return node.parentId == parentId; });
    return children;
}

// The one that is shown of these versions; see shownPath.
MessageId shownOf(const std::vector<Node>& versions) {
    for (auto node = versions.rbegin(); node != versions.rend(); ++node) {
        if (node->isActive) return node->id;
    }
    return versions.empty() ? 0 : versions.back().id;
}

// What goes and what follows, by the rules of Messages::remove.
struct Plan {
    std::vector<Node> goes;   // the message first, every one behind its parent
    std::vector<Node> moves;  // to the place of the message
    MessageId shown = 0;      // of those that move, or of the versions that stay
};

// Behind what goes already: the message and everything below it, each behind its parent.
void takeWhole(const std::vector<Node>& nodes, const Node& message, std::vector<Node>& goes) {
    std::size_t at = goes.size();
    std::unordered_set<MessageId> isTaken{message.id};
    goes.push_back(message);
    for (; at < goes.size(); ++at) {
        for (const Node& child : childrenOf(nodes, goes[at].id)) {
            if (isTaken.insert(child.id).second) goes.push_back(child);
        }
    }
}

Plan planOfVersion(const std::vector<Node>& nodes, const Node& message,
                   const std::vector<Node>& versions) {
    Plan plan;
    takeWhole(nodes, message, plan.goes);
    if (!message.isActive) return plan;
    for (const Node& version : versions) {
        const bool isNearer = plan.shown == 0 || version.id < message.id;
        if (version.id != message.id && isNearer) plan.shown = version.id;
    }
    return plan;
}

Plan planOfOnly(const std::vector<Node>& nodes, const Node& message) {
    Plan plan;
    plan.goes.push_back(message);
    const std::vector<Node> below = childrenOf(nodes, message.id);
    const MessageId shownBelow = shownOf(below);
    for (const Node& child : below) {
        const bool isItsAnswer =
            message.role == MessageRole::User && child.role == MessageRole::Assistant;
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
        const std::vector<Node> after = childrenOf(nodes, child.id);
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
    SOTTO_ASSIGN(const std::vector<Node> nodes, readNodes(connection, record.chatId));
    const auto message = std::find_if(nodes.begin(), nodes.end(),
                                      [&](const Node& node) { return node.id == messageId; });
    const std::vector<Node> versions = childrenOf(nodes, record.parentId);
    const Plan plan = versions.size() > 1 ? planOfVersion(nodes, *message, versions)
                                          : planOfOnly(nodes, *message);
    RemovedMessages removed;
    for (const Node& node : plan.goes) {
        SOTTO_ASSIGN(MessageRecord row, loadMessageRow(connection, node.id));
        removed.rows.push_back({std::move(row), node.isActive});
    }
    // Off before on: a unique index allows one active version of a place at any moment.
    SOTTO_TRY(setActive(connection, messageId, false));
    for (const Node& node : plan.moves) {
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
