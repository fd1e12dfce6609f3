// Rows of `folders` as records: the one place that knows the columns and their order.
#pragma once

#include <string_view>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

// What is said of a folder that is not there.
inline constexpr std::string_view kNoFolder = "This folder does not exist any more.";

extern const std::string_view kSelectFolders;     // by position
extern const std::string_view kSelectFolderById;  // binds the id

// The current row of one of these statements.
Folder readFolder(const Statement& row);

// In the caller's transaction. Errors: InvalidArgument (id taken).
Status insertFolderRow(Connection& connection, const Folder& folder);

}  // namespace sotto::storage
