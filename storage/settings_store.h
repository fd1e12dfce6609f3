// SettingsStore: the app's settings as dotted keys with JSON values. Storage thread only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "storage/sqlite/connection.h"

namespace sotto::storage {

class SettingsStore {
public:
    explicit SettingsStore(Connection& connection) : m_connection(connection) {}

    Result<std::optional<std::string>> value(std::string_view key);
    Result<std::map<std::string, std::string>> all();
    Status set(std::string_view key, std::string_view json);
    Status remove(std::string_view key);

private:
    Connection& m_connection;
};

}  // namespace sotto::storage
