// Small files of entries in JSON: {"format": N, NAME: [ ... ]}, and fields that may be missing or
// of another kind, because an older, newer or broken program wrote them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sotto::app {

// A file's entries: an array, empty where it is not there or not of this format. Any thread.
nlohmann::json readEntries(const std::filesystem::path& file, const char* name, int format);
// The same of a text; discarded (no array) where it is not of this format.
nlohmann::json parseEntries(std::string_view text, const char* name, int format);
// Makes the file's folder. Errors: those of AtomicFile.
Status writeEntries(const std::filesystem::path& file, const char* name, int format,
                    nlohmann::json entries);

// Of an object; empty, 0 and false where there is none of that kind.
std::string textField(const nlohmann::json& object, const char* name);
double numberField(const nlohmann::json& object, const char* name);
std::uint64_t wholeField(const nlohmann::json& object, const char* name);  // 0 of one below 0
bool flagField(const nlohmann::json& object, const char* name);

}  // namespace sotto::app
