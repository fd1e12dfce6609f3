// A whole library as text: every value that the storage gives, one per line. What one version
// wrote must read the same in every later one.
#pragma once

#include <string>
#include <vector>

#include "storage/api/database.h"

// `messageIds`: all messages of the file, shown or not, as its table lists them. Errors become
// lines of the text, so that a comparison shows them.
std::string libraryText(sotto::storage::Database& database,
                        const std::vector<sotto::storage::MessageId>& messageIds);
