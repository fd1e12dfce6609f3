// From SQLite's result codes to errors with a cause and a remedy: the one place that knows them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;

namespace sotto::storage {

// The error of the last call on `handle` that returned `resultCode` (extended or plain). The
// sentence names `file`; `context` of the result is the file and SQLite's own words.
Error sqliteError(sqlite3* handle, int resultCode, std::string_view file);

}  // namespace sotto::storage
