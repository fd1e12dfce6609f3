// Rows of `models` as records: the one place that knows the columns and their order.
#pragma once

#include <string_view>

#include "storage/api/model_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

extern const std::string_view kSelectModels;       // favourites, then last used first
extern const std::string_view kSelectModelByPath;  // binds the path

// The current row of one of these statements.
ModelRecord readModel(const Statement& row);

// Inserts or updates by path, as Models::save says; in the caller's transaction. Errors:
// InvalidArgument (texts that are not JSON).
Status saveModelRow(Connection& connection, const ModelRecord& model);

}  // namespace sotto::storage
