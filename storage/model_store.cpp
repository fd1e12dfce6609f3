#include "storage/model_store.h"

#include "storage/clock.h"
#include "storage/model_rows.h"
#include "storage/row_checks.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kNoModel = "This model is not in the library.";

}  // namespace

Status ModelStore::save(const ModelRecord& model) {
    if (model.path.empty()) return fail(ErrorCode::InvalidArgument, "A model needs a path.");
    SOTTO_TRY(requireJson(m_connection, model.infoJson));
    SOTTO_TRY(requireJson(m_connection, model.settingsJson));
    return inTransaction(m_connection, Durability::Buffered,
                         [&] { return saveModelRow(m_connection, model); });
}

Result<std::vector<ModelRecord>> ModelStore::list() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare(kSelectModels));
    std::vector<ModelRecord> models;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return models;
        models.push_back(readModel(row));
    }
}

Result<ModelRecord> ModelStore::get(std::string_view path) {
    SOTTO_ASSIGN(Statement row, m_connection.query(kSelectModelByPath, path));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return fail(ErrorCode::NotFound, std::string(kNoModel), std::string(path));
    return readModel(row);
}

Status ModelStore::markUsed(std::string_view path) {
    return changeOneRow(m_connection, Durability::Buffered, kNoModel,
                        "UPDATE models SET last_used_at = ? WHERE path = ?", nowMs(), path);
}

Status ModelStore::setFavourite(std::string_view path, bool isFavourite) {
    return changeOneRow(m_connection, Durability::Synced, kNoModel,
                        "UPDATE models SET is_favourite = ? WHERE path = ?", isFavourite, path);
}

Status ModelStore::setSettings(std::string_view path, std::string_view json) {
    SOTTO_TRY(requireJson(m_connection, json));
    return changeOneRow(m_connection, Durability::Synced, kNoModel,
                        "UPDATE models SET settings_json = ? WHERE path = ?", json, path);
}

Status ModelStore::remove(std::string_view path) {
    return changeOneRow(m_connection, Durability::Synced, kNoModel,
                        "DELETE FROM models WHERE path = ?", path);
}

}  // namespace sotto::storage
