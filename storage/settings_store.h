// SettingsStore: the app's settings as dotted keys with JSON values. Storage thread only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "storage/api/settings.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class SettingsStore : public Settings {
public:
    explicit SettingsStore(Connection& connection) : m_connection(connection) {}

    Result<std::optional<std::string>> value(std::string_view key) override;
    Result<std::map<std::string, std::string>> all() override;
    Status set(std::string_view key, std::string_view json) override;
    Status remove(std::string_view key) override;

private:
    Connection& m_connection;
};

}  // namespace sotto::storage
