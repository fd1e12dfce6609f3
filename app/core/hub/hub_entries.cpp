#include "app/core/hub/hub_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "app/core/shard_name.h"

namespace sotto::app {
namespace {

constexpr std::string_view kSuffix = ".gguf";
constexpr std::size_t kListed = 12;  // of a sentence

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string upperOf(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), upper);
    return result;
}

bool isModelPath(std::string_view path) {
    return path.size() > kSuffix.size() &&
           upperOf(path.substr(path.size() - kSuffix.size())) == upperOf(kSuffix);
}

std::string_view fileName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Of a path that isModelPath().
ShardName shardOf(std::string_view path) {
    return parseShard(path.substr(0, path.size() - kSuffix.size()));
}

HubEntryKind kindOf(std::string_view path) {
    const std::string name = upperOf(fileName(path));
    const std::string_view stem = std::string_view(name).substr(0, name.size() - kSuffix.size());
    if (stem.find("MMPROJ") != std::string_view::npos) return HubEntryKind::Vision;
    if (isImportancePath(path)) return HubEntryKind::Matrix;
    const bool isDraft = stem.ends_with("-DRAFT") || stem.find("-DRAFT-") != std::string_view::npos;
    if (stem.starts_with("MTP-") || isDraft) return HubEntryKind::Draft;
    return HubEntryKind::Model;
}

constexpr std::array<std::string_view, 3> kFloats{"F32", "F16", "BF16"};

// "Q4_K_M", "IQ2_XXS", "TQ1_0", "MXFP4", "F16": a letter or two, a number of bits, and more behind
// an underline.
bool isType(std::string_view word) {
    if (std::find(kFloats.begin(), kFloats.end(), word) != kFloats.end()) return true;
    if (word.starts_with("MXFP4") || word.starts_with("NVFP4")) return true;
    const std::size_t letters = word.find_first_of("0123456789");
    if (letters == std::string_view::npos || letters + 1 >= word.size()) return false;
    const std::string_view family = word.substr(0, letters);
    return (family == "Q" || family == "IQ" || family == "TQ") && word[letters + 1] == '_';
}

// The last of the words between '-' and '.' that is a type.
std::string lastType(std::string_view text) {
    std::string found;
    const std::string all = upperOf(text);
    std::size_t begin = 0;
    while (begin <= all.size()) {
        const std::size_t end = std::min(all.find_first_of("-. ", begin), all.size());
        const std::string word = all.substr(begin, end - begin);
        if (isType(word)) found = word;
        begin = end + 1;
    }
    return found;
}

std::string listOf(const std::vector<HubEntry>& entries) {
    std::string list;
    std::size_t nListed = 0;
    for (const HubEntry& entry : entries) {
        if (entry.kind != HubEntryKind::Model) continue;
        if (nListed++ == kListed) return list + ", …";
        list += (list.empty() ? "" : ", ") + (entry.type.empty() ? entry.name : entry.type);
    }
    return list;
}

}  // namespace

std::string typeOfName(std::string_view path) {
    if (!isModelPath(path)) return {};
    const ShardName shard = shardOf(path);
    const std::string_view stem = shard.stem;
    std::string type = lastType(fileName(stem));
    const std::size_t slash = stem.rfind('/');
    if (type.empty() && slash != std::string_view::npos)
        type = lastType(fileName(stem.substr(0, slash)));
    return type;
}

bool isImportancePath(std::string_view path) {
    constexpr std::string_view kWord = "IMATRIX";
    const std::string name = upperOf(fileName(path));
    if (name.find(kWord) == name.npos) return false;
    if (name.ends_with(".DAT") || name.ends_with(".IMATRIX")) return true;
    for (const std::string_view form : {".GGUF", ".GGUF_FILE"}) {
        if (!name.ends_with(form)) continue;
        const std::string_view stem = std::string_view(name).substr(0, name.size() - form.size());
        return stem.starts_with(kWord) || stem.ends_with(".IMATRIX") || lastType(stem).empty();
    }
    return false;
}

std::vector<HubEntry> hubEntries(std::vector<net::HubFile> files) {
    // By stem and number of parts: what is called alike belongs together.
    std::map<std::pair<std::string, int>, HubEntry> byStem;
    std::sort(files.begin(), files.end(),
              [](const auto& left, const auto& right) { return left.path < right.path; });
    for (net::HubFile& file : files) {
        if (!isModelPath(file.path)) continue;
        const ShardName shard = shardOf(file.path);
        HubEntry& entry = byStem[{shard.stem, shard.count}];
        if (entry.parts.empty()) {
            entry.kind = kindOf(file.path);
            entry.name = file.path;
            entry.type = typeOfName(file.path);
            entry.nParts = shard.count;
        }
        entry.nBytes += file.nBytes;
        entry.parts.push_back(std::move(file));
    }
    std::vector<HubEntry> entries;
    for (auto& [stem, entry] : byStem) entries.push_back(std::move(entry));
    std::stable_sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) {
        return std::pair(left.kind, left.nBytes) < std::pair(right.kind, right.nBytes);
    });
    return entries;
}

Error missingParts(std::string_view repository, const HubEntry& entry) {
    return {ErrorCode::NotFound,
            fmt::format("{} has {} of the {} parts of {}: choose another file.", repository,
                        entry.parts.size(), entry.nParts, entry.name),
            std::string(repository)};
}

Result<HubEntry> chooseEntry(const std::vector<HubEntry>& entries, std::string_view wanted,
                             std::string_view repository) {
    const std::string name = upperOf(wanted);
    std::vector<HubEntry> byPath, byName, byType, models;
    for (const HubEntry& entry : entries) {
        const std::string path = upperOf(entry.name);
        if (path == name) byPath.push_back(entry);
        if (fileName(path) == name) byName.push_back(entry);
        if (entry.kind != HubEntryKind::Model) continue;
        models.push_back(entry);
        if (!name.empty() && entry.type == name) byType.push_back(entry);
    }
    const std::vector<HubEntry>& found = name.empty()      ? models
                                         : !byPath.empty() ? byPath
                                         : !byName.empty() ? byName
                                                           : byType;
    if (found.size() == 1 && found.front().isWhole()) return found.front();
    if (found.size() == 1) return fail(missingParts(repository, found.front()));
    if (models.empty())
        return fail(ErrorCode::NotFound,
                    fmt::format("{} holds no GGUF model: look for a repository whose name ends in "
                                "-GGUF.",
                                repository),
                    std::string(repository));
    if (found.empty())
        return fail(ErrorCode::NotFound,
                    fmt::format("{} has no '{}': it has {}.", repository, wanted, listOf(entries)),
                    std::string(repository));
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} has several models: name one as {}:TYPE or {}:FILE, of {}.",
                            repository, repository, repository,
                            listOf(found.size() == models.size() ? entries : found)),
                std::string(repository));
}

}  // namespace sotto::app
