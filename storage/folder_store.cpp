#include "storage/folder_store.h"

#include "storage/row_checks.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kNoFolder = "This folder does not exist any more.";

}  // namespace

Result<Folder> FolderStore::create(std::string_view name, FolderId id) {
    Folder folder;
    folder.id = id == 0 ? m_ids.next() : id;
    folder.name = name;
    folder.createdAt = nowMs();
    SOTTO_TRY(inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        SOTTO_ASSIGN(folder.position, m_connection.queryInteger(
                                          "SELECT ifnull(max(position), -1) + 1 FROM folders"));
        return m_connection.run(
            "INSERT INTO folders (id, name, position, created_at) VALUES (?, ?, ?, ?)", folder.id,
            folder.name, folder.position, folder.createdAt);
    }));
    return folder;
}

Result<std::vector<Folder>> FolderStore::list() {
    SOTTO_ASSIGN(Statement row,
                 m_connection.prepare("SELECT id, name, position, is_collapsed, created_at"
                                      " FROM folders ORDER BY position, id"));
    std::vector<Folder> folders;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return folders;
        folders.push_back(
            {row.integer(0), row.text(1), row.integer(2), row.boolean(3), row.integer(4)});
    }
}

Status FolderStore::rename(FolderId folderId, std::string_view name) {
    return changeOneRow(m_connection, Durability::Synced, kNoFolder,
                        "UPDATE folders SET name = ? WHERE id = ?", name, folderId);
}

Status FolderStore::setCollapsed(FolderId folderId, bool isCollapsed) {
    return changeOneRow(m_connection, Durability::Buffered, kNoFolder,
                        "UPDATE folders SET is_collapsed = ? WHERE id = ?", isCollapsed, folderId);
}

Status FolderStore::order(const std::vector<FolderId>& inOrder) {
    return inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        std::int64_t position = 0;
        for (const FolderId folderId : inOrder) {
            SOTTO_TRY(m_connection.run("UPDATE folders SET position = ? WHERE id = ?", position++,
                                       folderId));
            if (m_connection.changes() == 0) {
                return fail(ErrorCode::NotFound, std::string(kNoFolder));
            }
        }
        return {};
    });
}

Status FolderStore::remove(FolderId folderId) {
    // The schema lets its chats fall out (ON DELETE SET NULL).
    return changeOneRow(m_connection, Durability::Synced, kNoFolder,
                        "DELETE FROM folders WHERE id = ?", folderId);
}

}  // namespace sotto::storage
