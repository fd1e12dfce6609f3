// ModelStore: what is remembered of model files, keyed by path. Storage thread only.
#pragma once

#include <string_view>
#include <vector>

#include "storage/api/model_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class ModelStore {
public:
    explicit ModelStore(Connection& connection) : m_connection(connection) {}

    Status save(const ModelRecord& model);
    Result<std::vector<ModelRecord>> list();
    Result<ModelRecord> model(std::string_view path);
    Status markUsed(std::string_view path);
    Status setFavourite(std::string_view path, bool isFavourite);
    Status setSettings(std::string_view path, std::string_view json);
    Status remove(std::string_view path);

private:
    Connection& m_connection;
};

}  // namespace sotto::storage
