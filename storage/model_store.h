// ModelStore: what is remembered of model files, keyed by path. Storage thread only.
#pragma once

#include <string_view>
#include <vector>

#include "storage/api/models.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class ModelStore : public Models {
public:
    explicit ModelStore(Connection& connection) : m_connection(connection) {}

    Status save(const ModelRecord& model) override;
    Result<std::vector<ModelRecord>> list() override;
    Result<ModelRecord> get(std::string_view path) override;
    Status markUsed(std::string_view path) override;
    Status setFavourite(std::string_view path, bool isFavourite) override;
    Status setSettings(std::string_view path, std::string_view json) override;
    Status remove(std::string_view path) override;

private:
    Connection& m_connection;
};

}  // namespace sotto::storage
