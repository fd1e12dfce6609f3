#include "app/core/model_scan.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 4;
constexpr std::string_view kExtension = ".gguf";

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return text;
}

struct ShardName {
    std::string stem;  // without the shard's number
    int index = 1;
    int count = 1;
};

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

// "name-00002-of-00005" → {name, 2, 5}; any other stem is one whole file.
ShardName parseShard(const std::string& stem) {
    constexpr std::size_t kSuffix = std::string_view("-00001-of-00001").size();
    if (stem.size() <= kSuffix) return {.stem = stem};
    const std::string_view suffix = std::string_view(stem).substr(stem.size() - kSuffix);
    if (suffix[0] != '-' || suffix.substr(6, 4) != "-of-") return {.stem = stem};
    const std::optional<int> index = number(suffix.substr(1, 5));
    const std::optional<int> count = number(suffix.substr(10, 5));
    if (!index || !count || *index < 1 || *index > *count) return {.stem = stem};
    return {.stem = stem.substr(0, stem.size() - kSuffix), .index = *index, .count = *count};
}

std::int64_t modificationTime(const fs::path& path) {
    using namespace std::chrono;
    std::error_code error;
    const fs::file_time_type time = fs::last_write_time(path, error);
    if (error) return 0;
    return duration_cast<milliseconds>(file_clock::to_sys(time).time_since_epoch()).count();
}

class Scan {
public:
    void addFolder(const fs::path& folder) {
        std::error_code error;
        fs::recursive_directory_iterator entry(
            folder, fs::directory_options::skip_permission_denied, error);
        for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
            if (entry.depth() >= kMaxDepth) entry.disable_recursion_pending();
            addFile(*entry);
        }
    }

    std::vector<ModelFile> models() const {
        std::vector<ModelFile> found;
        // A model whose first shard is missing cannot be loaded, and has no path to name it by.
        for (const auto& [key, model] : m_models) {
            if (!model.path.empty()) found.push_back(model);
        }
        std::sort(found.begin(), found.end(),
                  [](const ModelFile& a, const ModelFile& b) { return a.path < b.path; });
        return found;
    }

private:
    void addFile(const fs::directory_entry& entry) {
        std::error_code error;
        if (lowerCase(entry.path().extension().string()) != kExtension) return;
        if (!entry.is_regular_file(error) || error) return;
        const fs::path path = fs::absolute(entry.path(), error).lexically_normal();
        const std::uint64_t size = entry.file_size(error);
        if (error) return;
        const ShardName shard = parseShard(path.stem().string());
        ModelFile& model =
            m_models[path.parent_path() / (shard.stem + "/" + std::to_string(shard.count))];
        if (!m_seen.emplace(path, true).second) return;
        model.sizeBytes += size;
        model.nShards = shard.count;
        model.nShardsFound = ++m_shardsFound[&model];
        if (shard.index != 1) return;
        model.path = path;
        model.modifiedAtMs = modificationTime(path);
    }

    std::map<fs::path, ModelFile> m_models;  // by folder, name without shard, number of shards
    std::map<fs::path, bool> m_seen;         // folders may be given twice, or one inside another
    std::map<const ModelFile*, int> m_shardsFound;
};

}  // namespace

std::vector<ModelFile> scanModels(const std::vector<fs::path>& folders) {
    Scan scan;
    for (const fs::path& folder : folders) scan.addFolder(folder);
    return scan.models();
}

}  // namespace sotto::app
