#include "engine/hf/json_document.h"

#include <fmt/format.h>

#include <set>

#include "base/mapped_file.h"
#include "engine/gguf/byte_cursor.h"

namespace sotto {

Result<HfJson> parseJson(std::span<const std::byte> bytes, const std::string& fileName) {
    const auto* const text = reinterpret_cast<const char*>(bytes.data());
    // A second member of the same name would take the place of the first in silence.
    std::set<std::string> names;
    std::string twice;
    const auto watch = [&](int depth, HfJson::parse_event_t event, HfJson& value) {
        if (depth != 1 || event != HfJson::parse_event_t::key) return true;
        const auto& name = value.get_ref<const std::string&>();
        if (!names.insert(name).second && twice.empty()) twice = name;
        return true;
    };
    HfJson document = HfJson::parse(text, text + bytes.size(), watch, false);
    if (document.is_discarded()) return damagedFile(fileName, "it is not a JSON document");
    if (!document.is_object()) return damagedFile(fileName, "it is not a JSON object");
    if (!twice.empty())
        return damagedFile(fileName, fmt::format("it has '{}' twice", printableName(twice)));
    return document;
}

Result<HfJson> readJsonFile(const std::filesystem::path& path) {
    const std::string fileName = path.filename().string();
    SOTTO_ASSIGN(const MappedFile file, MappedFile::open(path));
    if (file.bytes().size() > kMaxJsonBytes)
        return damagedFile(
            fileName, fmt::format("it has {} bytes, more than any real one", file.bytes().size()));
    SOTTO_ASSIGN(HfJson document, parseJson(file.bytes(), fileName));
    if (file.isLost())
        return fail(ErrorCode::FileUnreadable,
                    fmt::format("{} changed or can no longer be read: check its drive.", fileName),
                    path.string());
    return document;
}

const HfJson* memberOf(const HfJson& value, std::string_view key) {
    if (!value.is_object()) return nullptr;
    const auto found = value.find(std::string(key));
    return found == value.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> textOf(const HfJson& value, std::string_view key) {
    const HfJson* const member = memberOf(value, key);
    if (member == nullptr || !member->is_string()) return std::nullopt;
    return member->get<std::string>();
}

std::optional<std::int64_t> asInteger(const HfJson& value) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (!value.is_number_integer()) return std::nullopt;
    return value.get<std::int64_t>();
}

std::optional<std::int64_t> integerOf(const HfJson& value, std::string_view key) {
    const HfJson* const member = memberOf(value, key);
    return member == nullptr ? std::nullopt : asInteger(*member);
}

std::vector<std::int64_t> integersOf(const HfJson& value, std::string_view key) {
    std::vector<std::int64_t> integers;
    const HfJson* const member = memberOf(value, key);
    if (member == nullptr) return integers;
    if (const auto one = asInteger(*member)) integers.push_back(*one);
    if (member->is_array())
        for (const HfJson& element : *member)
            if (const auto one = asInteger(element)) integers.push_back(*one);
    return integers;
}

std::optional<double> numberOf(const HfJson& value, std::string_view key) {
    const HfJson* const member = memberOf(value, key);
    if (member == nullptr || !member->is_number()) return std::nullopt;
    return member->get<double>();
}

std::optional<bool> flagOf(const HfJson& value, std::string_view key) {
    const HfJson* const member = memberOf(value, key);
    if (member == nullptr || !member->is_boolean()) return std::nullopt;
    return member->get<bool>();
}

}  // namespace sotto
