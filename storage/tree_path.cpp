#include "storage/tree_path.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace sotto::storage {
namespace {

using Children = std::unordered_map<MessageId, std::vector<const TreeNode*>>;

Children childrenByParent(std::span<const TreeNode> nodes) {
    std::unordered_set<MessageId> known;
    for (const TreeNode& node : nodes) known.insert(node.id);
    Children children;
    MessageId previousId = 0;
    for (const TreeNode& node : nodes) {
        const bool hasParent = node.parentId == 0 || known.contains(node.parentId);
        children[hasParent ? node.parentId : previousId].push_back(&node);
        previousId = node.id;
    }
    return children;
}

PathNode placeOf(const std::vector<const TreeNode*>& siblings) {
    const auto active = std::find_if(siblings.rbegin(), siblings.rend(),
                                     [](const TreeNode* node) { return node->isActive; });
    const std::size_t index =
        active == siblings.rend()
            ? siblings.size() - 1
            : static_cast<std::size_t>(std::distance(active, siblings.rend())) - 1;
    PathNode place;
    place.id = siblings[index]->id;
    place.versionIndex = static_cast<int>(index) + 1;
    place.versionCount = static_cast<int>(siblings.size());
    if (index > 0) place.previousVersionId = siblings[index - 1]->id;
    if (index + 1 < siblings.size()) place.nextVersionId = siblings[index + 1]->id;
    return place;
}

}  // namespace

std::vector<PathNode> shownPath(std::span<const TreeNode> nodes) {
    const Children children = childrenByParent(nodes);
    std::vector<PathNode> path;
    std::unordered_set<MessageId> visited;
    MessageId parentId = 0;
    while (true) {
        const auto siblings = children.find(parentId);
        if (siblings == children.end()) return path;
        const PathNode place = placeOf(siblings->second);
        if (!visited.insert(place.id).second) return path;
        path.push_back(place);
        parentId = place.id;
    }
}

std::vector<MessageId> ancestorsOf(std::span<const TreeNode> nodes, MessageId leaf) {
    std::unordered_map<MessageId, MessageId> parents;
    for (const TreeNode& node : nodes) parents.emplace(node.id, node.parentId);
    std::vector<MessageId> ancestors;
    std::unordered_set<MessageId> visited;
    MessageId current = leaf;
    while (current != 0 && parents.contains(current) && visited.insert(current).second) {
        ancestors.push_back(current);
        current = parents[current];
    }
    return ancestors;
}

}  // namespace sotto::storage
