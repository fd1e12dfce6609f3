#include "storage/settings_store.h"

#include "storage/row_checks.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {

Result<std::optional<std::string>> SettingsStore::value(std::string_view key) {
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT value FROM settings WHERE key = ?", key));
    SOTTO_ASSIGN(const bool isThere, row.step());
    if (!isThere) return std::nullopt;
    return row.text(0);
}

Result<std::map<std::string, std::string>> SettingsStore::all() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare("SELECT key, value FROM settings"));
    std::map<std::string, std::string> settings;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return settings;
        settings.emplace(row.text(0), row.text(1));
    }
}

Status SettingsStore::set(std::string_view key, std::string_view json) {
    if (key.empty()) return fail(ErrorCode::InvalidArgument, "A setting needs a name.");
    SOTTO_TRY(requireJson(m_connection, json));
    return inTransaction(m_connection, Durability::Synced, [&] {
        return m_connection.run(
            "INSERT INTO settings (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key, json);
    });
}

Status SettingsStore::remove(std::string_view key) {
    return inTransaction(m_connection, Durability::Synced, [&] {
        return m_connection.run("DELETE FROM settings WHERE key = ?", key);
    });
}

}  // namespace sotto::storage
