// What the storage remembers of a model file: the rows of the model library.
//
// The file itself is the truth; a row is a memory of it and survives the file's absence (a
// removable disk). Times are milliseconds since 1970-01-01 UTC.
#pragma once

#include <cstdint>
#include <string>

namespace sotto::storage {

struct ModelRecord {
    std::string path;  // absolute; the key
    std::string name;  // as shown
    std::int64_t sizeBytes = 0;
    std::int64_t modifiedAt = 0;  // the file's own time: with the size it tells a changed file
    std::int64_t addedAt = 0;
    std::int64_t lastUsedAt = 0;  // 0: never
    bool isFavourite = false;
    std::string sha256;               // hex; empty: not computed
    std::string infoJson = "{}";      // what inspectModel said, cached by the app
    std::string settingsJson = "{}";  // the model layer of the settings
};

}  // namespace sotto::storage
