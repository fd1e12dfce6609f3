#include "app/core/model_scan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/core/folder_look.h"
#include "app/core/foreign_models.h"
#include "app/core/shard_name.h"
#include "base/letter_case.h"

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 4;
constexpr std::string_view kExtension = ".gguf";
constexpr const char* kImportanceFolder = ".imatrix";

// A file as it was met; what it belongs to is decided once all are known, in the order of the
// paths, so that the order in which a disk lists them does not matter.
struct Met {
    fs::path path;
    fs::path file;  // without links: what it is known by
    std::uint64_t sizeBytes = 0;
    std::string name;
};

class Scan {
public:
    explicit Scan(const std::function<bool()>& isCancelled) : m_isCancelled(isCancelled) {}

    void addFolder(const fs::path& folder) {
        std::error_code error;
        fs::recursive_directory_iterator entry(
            folder, fs::directory_options::skip_permission_denied, error);
        for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
            if (isCancelled()) return;
            if (entry.depth() >= kMaxDepth) entry.disable_recursion_pending();
            const fs::path& path = entry->path();
            // Where importance matrices of a hub lie, whatever they are called.
            if (path.extension() == kImportanceFolder) entry.disable_recursion_pending();
            if (path.filename() == "manifests" && isOllamaFolder(path.parent_path())) {
                entry.disable_recursion_pending();
                for (const NamedModel& model : ollamaModels(path.parent_path(), m_isCancelled))
                    addFile(model.path, model.name);
            } else if (path.filename() == "model.yml") {
                if (const auto model = janModel(path)) addFile(model->path, model->name);
            } else if (isModelName(path)) {
                addFile(path, {});
            }
        }
    }

    std::vector<ModelFile> models() {
        std::sort(m_met.begin(), m_met.end(), [](const Met& a, const Met& b) {
            // Of a file that was met twice the one with a name.
            return std::pair(a.path, a.name.empty()) < std::pair(b.path, b.name.empty());
        });
        std::set<fs::path> seen;               // folders may be given twice, or one inside another
        std::map<fs::path, ModelFile> models;  // by folder, name without shard, number of shards
        std::map<const ModelFile*, int> shardsFound;
        for (const Met& met : m_met) {
            if (!seen.insert(met.file).second) continue;
            const ShardName shard = parseShard(met.path.stem().string());
            ModelFile& model =
                models[met.path.parent_path() / (shard.stem + "/" + std::to_string(shard.count))];
            model.sizeBytes += met.sizeBytes;
            model.nShards = shard.count;
            model.nShardsFound = ++shardsFound[&model];
            if (shard.index != 1) continue;
            model.path = met.path;
            model.name = met.name;
            model.modifiedAtMs = traceOf(met.path).modifiedAtMs;
        }
        std::vector<ModelFile> found;
        // A model whose first shard is missing cannot be loaded, and has no path to name it by.
        for (const auto& [key, model] : models) {
            if (!model.path.empty()) found.push_back(model);
        }
        std::sort(found.begin(), found.end(),
                  [](const ModelFile& a, const ModelFile& b) { return a.path < b.path; });
        return found;
    }

    bool isCancelled() const { return m_isCancelled && m_isCancelled(); }

private:
    void addFile(const fs::path& named, const std::string& name) {
        std::error_code error;
        if (!fs::is_regular_file(named, error) || error) return;
        Met met;
        met.path = fs::absolute(named, error).lexically_normal();
        met.sizeBytes = fs::file_size(named, error);
        met.name = name;
        if (error) return;
        met.file = fs::canonical(named, error);
        if (error) met.file = met.path;
        m_met.push_back(std::move(met));
    }

    const std::function<bool()>& m_isCancelled;
    std::vector<Met> m_met;
};

}  // namespace

bool isModelName(const fs::path& path) {
    if (lowerCase(path.extension().string()) != kExtension) return false;
    const std::string stem = lowerCase(path.stem().string());
    return !stem.starts_with("mmproj") && !stem.starts_with("incomplete-") &&
           !isImportanceName(path);
}

bool isImportanceName(const fs::path& path) {
    const std::string stem = lowerCase(path.stem().string());
    return stem.starts_with("imatrix") || stem.ends_with(".imatrix");
}

std::vector<ModelFile> scanModels(const std::vector<fs::path>& folders,
                                  const std::function<bool()>& isCancelled) {
    Scan scan(isCancelled);
    for (const fs::path& folder : folders) {
        if (scan.isCancelled()) break;
        scan.addFolder(folder);
    }
    return scan.models();
}

}  // namespace sotto::app
