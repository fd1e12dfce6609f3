// Which messages of a tree are shown: pure functions over the tree's shape.
//
// A tree may come from a damaged file: missing parents, cycles and several or no active siblings
// must still give a path that ends.
#pragma once

#include <span>
#include <vector>

#include "storage/api/chat_record.h"

namespace sotto::storage {

struct TreeNode {
    MessageId id = 0;
    MessageId parentId = 0;  // 0: a root
    bool isActive = false;
};

// One place of the shown path, with its versions.
struct PathNode {
    MessageId id = 0;
    int versionIndex = 1;  // 1-based, by id
    int versionCount = 1;
    MessageId previousVersionId = 0;
    MessageId nextVersionId = 0;
};

// From a root down: at each place the active sibling, else the newest. `nodes` in ascending id
// order. A node whose parent is missing is taken to follow the node before it.
std::vector<PathNode> shownPath(std::span<const TreeNode> nodes);

// The node and its ancestors, leaf first; stops at a missing parent or a cycle.
std::vector<MessageId> ancestorsOf(std::span<const TreeNode> nodes, MessageId leaf);

}  // namespace sotto::storage
