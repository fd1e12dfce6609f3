// The JSON documents of a model's folder, read whole, and their members without a throw.
//
// Place: only the sources of engine/hf see it. What a document says is not believed: each accessor
// gives nothing where the member is absent or of another kind. Pure but for readJsonFile(); any
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sotto {

using HfJson = nlohmann::json;

// Larger than any tokenizer.json (of 256k words and their merges: about 35 MB).
constexpr std::uint64_t kMaxJsonBytes = std::uint64_t{256} << 20;

// An object. Errors: FileDamaged (no JSON, not an object, a member of it twice).
Result<HfJson> parseJson(std::span<const std::byte> bytes, const std::string& fileName);

// Errors: those of MappedFile::open(), FileDamaged (also: longer than kMaxJsonBytes).
Result<HfJson> readJsonFile(const std::filesystem::path& path);

// Null where `value` is no object, has no such member, or that is null.
const HfJson* memberOf(const HfJson& value, std::string_view key);

std::optional<std::string> textOf(const HfJson& value, std::string_view key);
std::optional<std::int64_t> integerOf(const HfJson& value, std::string_view key);
std::optional<double> numberOf(const HfJson& value, std::string_view key);
// Of one integer, or of a list of them; empty where it is absent.
std::vector<std::int64_t> integersOf(const HfJson& value, std::string_view key);
std::optional<bool> flagOf(const HfJson& value, std::string_view key);

// Of one value: nothing where it is no integer of 63 bits.
std::optional<std::int64_t> asInteger(const HfJson& value);

}  // namespace sotto
