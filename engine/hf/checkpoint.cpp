#include "engine/hf/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "engine/gguf/byte_cursor.h"
#include "engine/hf/json_document.h"

namespace sotto {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndexName = "model.safetensors.index.json";
constexpr const char* kSingleName = "model.safetensors";

// Whether it names a file of the folder itself: an index must not lead out of it.
bool isPlainName(const std::string& name) {
    return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
           name.find_first_of(std::string_view("/\\\0:", 4)) == std::string::npos;
}

bool isThere(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

// Of each tensor the file that holds it.
Result<std::map<std::string, std::string>> readIndex(const fs::path& path) {
    SOTTO_ASSIGN(const HfJson index, readJsonFile(path));
    const HfJson* const weights = memberOf(index, "weight_map");
    if (weights == nullptr || !weights->is_object() || weights->empty())
        return damagedFile(kIndexName, "it does not say which file holds what");
    std::map<std::string, std::string> fileOf;
    for (const auto& [tensor, file] : weights->items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : std::string();
        if (!isPlainName(name))
            return damagedFile(kIndexName, fmt::format("'{}' is in no file of this folder",
                                                       printableName(tensor)));
        fileOf.emplace(tensor, name);
    }
    return fileOf;
}

tl::unexpected<Error> noWeights(const fs::path& folder) {
    const std::string name = folderName(folder);
    for (const char* other : {"pytorch_model.bin", "pytorch_model.bin.index.json",
                              "consolidated.safetensors", "consolidated.00.pth"})
        if (isThere(folder / other))
            return fail(ErrorCode::Unsupported,
                        fmt::format("The weights of the folder {} are in {}, which this version "
                                    "does not read: get those in model.safetensors.",
                                    name, other),
                        folder.string());
    return fail(ErrorCode::FileNotFound,
                fmt::format("The folder {} has no weights: put its model.safetensors, or all parts "
                            "of it with {}, there.",
                            name, kIndexName),
                folder.string());
}

}  // namespace

Result<Checkpoint> Checkpoint::open(const fs::path& folder) {
    Checkpoint checkpoint;
    if (!isThere(folder / kIndexName)) {
        if (!isThere(folder / kSingleName)) return noWeights(folder);
        SOTTO_TRY(checkpoint.addPart(folder / kSingleName));
        SOTTO_TRY(checkpoint.check());
        SOTTO_TRY(checkpoint.sortByName());
        return checkpoint;
    }
    SOTTO_ASSIGN(const auto fileOf, readIndex(folder / kIndexName));
    checkpoint.m_files.push_back(folder / kIndexName);
    std::set<std::string> names;
    for (const auto& [tensor, file] : fileOf) names.insert(file);
    for (const std::string& name : names) {
        if (!isThere(folder / name))
            return fail(ErrorCode::FileNotFound,
                        fmt::format("the part {} of the model is missing: put it into the folder "
                                    "{}",
                                    printableName(name), folderName(folder)),
                        (folder / name).string());
        SOTTO_TRY(checkpoint.addPart(folder / name));
    }
    SOTTO_TRY(checkpoint.check());
    SOTTO_TRY(checkpoint.sortByName());
    for (const auto& [tensor, file] : fileOf)
        if (checkpoint.find(tensor) == nullptr)
            return damagedFile(file, fmt::format("it has no tensor '{}', which {} says it has",
                                                 printableName(tensor), kIndexName));
    return checkpoint;
}

Status Checkpoint::addPart(const fs::path& path) {
    SOTTO_ASSIGN(MappedFile mapping, MappedFile::open(path));
    SOTTO_ASSIGN(auto tensors, parseSafetensors(mapping.bytes(), path.filename().string()));
    std::move(tensors.begin(), tensors.end(), std::back_inserter(m_tensors));
    m_mappings.push_back(std::move(mapping));
    m_parts.push_back(path);
    m_files.push_back(path);
    return {};
}

Status Checkpoint::sortByName() {
    std::sort(m_tensors.begin(), m_tensors.end(),
              [](const StoredTensor& a, const StoredTensor& b) { return a.name < b.name; });
    const auto twice = std::adjacent_find(
        m_tensors.begin(), m_tensors.end(),
        [](const StoredTensor& a, const StoredTensor& b) { return a.name == b.name; });
    if (twice == m_tensors.end()) return {};
    return damagedFile(kIndexName, fmt::format("two parts of the model have a tensor '{}'",
                                               printableName(twice->name)));
}

const StoredTensor* Checkpoint::find(std::string_view name) const {
    const auto found = std::lower_bound(
        m_tensors.begin(), m_tensors.end(), name,
        [](const StoredTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
    return found == m_tensors.end() || found->name != name ? nullptr : &*found;
}

Status Checkpoint::check() const {
    for (std::size_t index = 0; index < m_mappings.size(); ++index) {
        const MappedFile& mapping = m_mappings[index];
        const std::string name = m_parts[index].filename().string();
        if (mapping.isLost())
            return fail(ErrorCode::FileUnreadable,
                        fmt::format("{} changed or can no longer be read: check its drive.", name),
                        m_parts[index].string());
        if (mapping.sizeNow() < mapping.bytes().size())
            return fail(ErrorCode::FileDamaged,
                        fmt::format("{} shrank while it was open: download it again", name),
                        m_parts[index].string());
    }
    return {};
}

fs::path wholeFolder(const fs::path& folder) {
    std::error_code error;
    const fs::path whole = fs::absolute(folder, error).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
}

std::string folderName(const fs::path& folder) { return wholeFolder(folder).filename().string(); }

}  // namespace sotto
