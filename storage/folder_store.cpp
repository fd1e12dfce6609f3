#include "storage/folder_store.h"

#include "storage/folder_rows.h"
#include "storage/row_checks.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {

Result<Folder> FolderStore::create(std::string_view name, FolderId id) {
    Folder folder;
    folder.id = id == 0 ? m_ids.next() : id;
    folder.name = name;
    folder.createdAt = nowMs();
    SOTTO_TRY(inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        SOTTO_ASSIGN(folder.position, m_connection.queryInteger(
                                          "SELECT ifnull(max(position), -1) + 1 FROM folders"));
        return insertFolderRow(m_connection, folder);
    }));
    return folder;
}

Result<std::vector<Folder>> FolderStore::list() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare(kSelectFolders));
    std::vector<Folder> folders;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return folders;
        folders.push_back(readFolder(row));
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

Result<RemovedFolder> FolderStore::remove(FolderId folderId) {
    return inTransaction(m_connection, Durability::Synced, [&]() -> Result<RemovedFolder> {
        RemovedFolder removed;
        SOTTO_ASSIGN(removed.folder, get(folderId));
        SOTTO_ASSIGN(Statement chat, m_connection.query("SELECT id FROM chats INDEXED BY"
                                                        " chats_by_folder WHERE folder_id = ?",
                                                        folderId));
        while (true) {
            SOTTO_ASSIGN(const bool hasRow, chat.step());
            if (!hasRow) break;
            removed.chats.push_back(chat.integer(0));
        }
        // The schema lets its chats fall out (ON DELETE SET NULL).
        SOTTO_TRY(m_connection.run("DELETE FROM folders WHERE id = ?", folderId));
        return removed;
    });
}

Status FolderStore::restore(const RemovedFolder& removed) {
    return inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        const Result<Folder> present = get(removed.folder.id);
        if (!present) {
            if (present.error().code != ErrorCode::NotFound) return fail(present.error());
            SOTTO_TRY(makeRoomAt(removed.folder.position));
            SOTTO_TRY(insertFolderRow(m_connection, removed.folder));
        }
        for (const ChatId chatId : removed.chats) {
            SOTTO_TRY(m_connection.run(
                "UPDATE chats SET folder_id = ? WHERE id = ? AND folder_id IS NULL",
                removed.folder.id, chatId));
        }
        return {};
    });
}

Result<Folder> FolderStore::get(FolderId folderId) {
    SOTTO_ASSIGN(Statement row, m_connection.query(kSelectFolderById, folderId));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::NotFound, std::string(kNoFolder));
    return readFolder(row);
}

// The others may have been given its place since it went.
Status FolderStore::makeRoomAt(std::int64_t position) {
    return m_connection.run(
        "UPDATE folders SET position = position + 1 WHERE position >= ?1 AND"
        " EXISTS (SELECT 1 FROM folders WHERE position = ?1)",
        position);
}

}  // namespace sotto::storage
