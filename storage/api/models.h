// Models: the library of model files. Thread rule and common errors: see database.h.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/api/model_record.h"

namespace sotto::storage {

class Models {
public:
    virtual ~Models() = default;

    // Inserts or updates by path. Of an existing row addedAt, lastUsedAt, isFavourite and
    // settingsJson stay; sha256 and infoJson are emptied when the file changed (size or time) and
    // none is given.
    virtual Status save(const ModelRecord& model) = 0;
    virtual Result<std::vector<ModelRecord>> list() = 0;         // favourites, then last used first
    virtual Result<ModelRecord> get(std::string_view path) = 0;  // NotFound
    virtual Status markUsed(std::string_view path) = 0;          // now
    virtual Status setFavourite(std::string_view path, bool isFavourite) = 0;
    virtual Status setSettings(std::string_view path, std::string_view json) = 0;
    virtual Status remove(std::string_view path) = 0;  // the row, never the file
};

}  // namespace sotto::storage
