#include "storage/model_store.h"

#include "storage/clock.h"
#include "storage/row_checks.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kNoModel = "This model is not in the library.";

constexpr std::string_view kSelectModels =
    "SELECT path, name, size_bytes, modified_at, added_at, last_used_at, is_favourite, sha256,"
    " info_json, settings_json FROM models"
    " ORDER BY is_favourite DESC, last_used_at DESC, name, path";
constexpr std::string_view kSelectModel =
    "SELECT path, name, size_bytes, modified_at, added_at, last_used_at, is_favourite, sha256,"
    " info_json, settings_json FROM models WHERE path = ?";

// What was computed from the file's bytes (hash, info) holds as long as size and time are the same.
constexpr std::string_view kSaveModel =
    "INSERT INTO models (path, name, size_bytes, modified_at, added_at, last_used_at,"
    " is_favourite, sha256, info_json, settings_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (path) DO UPDATE SET name = excluded.name,"
    " sha256 = CASE WHEN excluded.sha256 <> '' THEN excluded.sha256"
    "   WHEN (size_bytes, modified_at) = (excluded.size_bytes, excluded.modified_at)"
    "   THEN sha256 ELSE '' END,"
    " info_json = CASE WHEN excluded.info_json <> '{}' THEN excluded.info_json"
    "   WHEN (size_bytes, modified_at) = (excluded.size_bytes, excluded.modified_at)"
    "   THEN info_json ELSE '{}' END,"
    " size_bytes = excluded.size_bytes, modified_at = excluded.modified_at";

ModelRecord readModel(const Statement& row) {
    ModelRecord model;
    model.path = row.text(0);
    model.name = row.text(1);
    model.sizeBytes = row.integer(2);
    model.modifiedAt = row.integer(3);
    model.addedAt = row.integer(4);
    model.lastUsedAt = row.integer(5);
    model.isFavourite = row.boolean(6);
    model.sha256 = row.text(7);
    model.infoJson = row.text(8);
    model.settingsJson = row.text(9);
    return model;
}

}  // namespace

Status ModelStore::save(const ModelRecord& model) {
    if (model.path.empty()) return fail(ErrorCode::InvalidArgument, "A model needs a path.");
    SOTTO_TRY(requireJson(m_connection, model.infoJson));
    SOTTO_TRY(requireJson(m_connection, model.settingsJson));
    return inTransaction(m_connection, Durability::Buffered, [&] {
        return m_connection.run(kSaveModel, model.path, model.name, model.sizeBytes,
                                model.modifiedAt, model.addedAt == 0 ? nowMs() : model.addedAt,
                                model.lastUsedAt, model.isFavourite, model.sha256, model.infoJson,
                                model.settingsJson);
    });
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
    SOTTO_ASSIGN(Statement row, m_connection.query(kSelectModel, path));
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
