#include "storage/folder_rows.h"

namespace sotto::storage {

const std::string_view kSelectFolders =
    "SELECT id, name, position, is_collapsed, created_at FROM folders ORDER BY position, id";
const std::string_view kSelectFolderById =
    "SELECT id, name, position, is_collapsed, created_at FROM folders WHERE id = ?";

Folder readFolder(const Statement& row) {
    return {row.integer(0), row.text(1), row.integer(2), row.boolean(3), row.integer(4)};
}

Status insertFolderRow(Connection& connection, const Folder& folder) {
    return connection.run(
        "INSERT INTO folders (id, name, position, is_collapsed, created_at)"
        " VALUES (?, ?, ?, ?, ?)",
        folder.id, folder.name, folder.position, folder.isCollapsed, folder.createdAt);
}

}  // namespace sotto::storage
