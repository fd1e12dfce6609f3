#include "storage/model_rows.h"

#include "storage/clock.h"

namespace sotto::storage {
namespace {

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

}  // namespace

const std::string_view kSelectModels =
    "SELECT path, name, size_bytes, modified_at, added_at, last_used_at, is_favourite, sha256,"
    " info_json, settings_json FROM models"
    " ORDER BY is_favourite DESC, last_used_at DESC, name, path";
const std::string_view kSelectModelByPath =
    "SELECT path, name, size_bytes, modified_at, added_at, last_used_at, is_favourite, sha256,"
    " info_json, settings_json FROM models WHERE path = ?";

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

Status saveModelRow(Connection& connection, const ModelRecord& model) {
    return connection.run(kSaveModel, model.path, model.name, model.sizeBytes, model.modifiedAt,
                          model.addedAt == 0 ? nowMs() : model.addedAt, model.lastUsedAt,
                          model.isFavourite, model.sha256, model.infoJson, model.settingsJson);
}

}  // namespace sotto::storage
