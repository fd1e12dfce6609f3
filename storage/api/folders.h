// Folders of the chat list. Thread rule and common errors: see database.h.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/api/chat_record.h"

namespace sotto::storage {

class Folders {
public:
    virtual ~Folders() = default;

    virtual Result<Folder> create(std::string_view name, FolderId id = 0) = 0;  // 0: one is made
    virtual Result<std::vector<Folder>> list() = 0;                             // by position
    // The following fail with NotFound when there is no such folder.
    virtual Status rename(FolderId folderId, std::string_view name) = 0;
    virtual Status setCollapsed(FolderId folderId, bool isCollapsed) = 0;
    virtual Status order(const std::vector<FolderId>& inOrder) = 0;
    // Its chats fall out, none is deleted. Returns what restore needs to undo it.
    virtual Result<RemovedFolder> remove(FolderId folderId) = 0;
    // The folder again with its id, name, place and state, and the chats in it that are still there
    // and in no other folder. Once more changes nothing.
    virtual Status restore(const RemovedFolder& removed) = 0;
};

}  // namespace sotto::storage
