#include "app/core/json_entries.h"

#include <optional>
#include <system_error>
#include <utility>

#include "base/text_file.h"

namespace sotto::app {

nlohmann::json readEntries(const std::filesystem::path& file, const char* name, int format) {
    const std::optional<std::string> text = readTextFile(file);
    nlohmann::json entries = text ? parseEntries(*text, name, format) : nlohmann::json();
    return entries.is_array() ? entries : nlohmann::json::array();
}

nlohmann::json parseEntries(std::string_view text, const char* name, int format) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const nlohmann::json none(nlohmann::json::value_t::discarded);
    if (!json.is_object() || json.value("format", nlohmann::json()) != format) return none;
    const auto entries = json.find(name);
    return entries != json.end() && entries->is_array() ? *entries : none;
}

Status writeEntries(const std::filesystem::path& file, const char* name, int format,
                    nlohmann::json entries) {
    const nlohmann::json json{{"format", format}, {name, std::move(entries)}};
    std::error_code ignored;  // the file says it better
    std::filesystem::create_directories(file.parent_path(), ignored);
    // A file's name, which may stand in it, need not be UTF-8.
    return writeTextFile(file,
                         json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

std::string textField(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double numberField(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::uint64_t wholeField(const nlohmann::json& object, const char* name) {
    const double number = numberField(object, name);
    return number >= 0 && number < 9e18 ? static_cast<std::uint64_t>(number) : 0;
}

bool flagField(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace sotto::app
