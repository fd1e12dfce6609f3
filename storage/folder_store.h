// FolderStore: the folders of the chat list. Storage thread only.
#pragma once

#include <string_view>
#include <vector>

#include "storage/api/folders.h"
#include "storage/clock.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class FolderStore : public Folders {
public:
    // Both must outlive the store.
    FolderStore(Connection& connection, IdGenerator& ids) : m_connection(connection), m_ids(ids) {}

    Result<Folder> create(std::string_view name, FolderId id) override;
    Result<std::vector<Folder>> list() override;
    Status rename(FolderId folderId, std::string_view name) override;
    Status setCollapsed(FolderId folderId, bool isCollapsed) override;
    Status order(const std::vector<FolderId>& inOrder) override;
    Result<RemovedFolder> remove(FolderId folderId) override;
    Status restore(const RemovedFolder& removed) override;

private:
    Result<Folder> get(FolderId folderId);
    Status makeRoomAt(std::int64_t position);

    Connection& m_connection;
    IdGenerator& m_ids;
};

}  // namespace sotto::storage
