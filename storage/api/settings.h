// Settings of the app: dotted names ("appearance.theme") with JSON texts as values.
// Thread rule and common errors: see database.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sotto::storage {

class Settings {
public:
    virtual ~Settings() = default;

    virtual Result<std::optional<std::string>> value(std::string_view key) = 0;
    virtual Result<std::map<std::string, std::string>> all() = 0;
    // Errors: InvalidArgument (not JSON, empty key).
    virtual Status set(std::string_view key, std::string_view json) = 0;
    virtual Status remove(std::string_view key) = 0;  // no error when it is not there
};

}  // namespace sotto::storage
