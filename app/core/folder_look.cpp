#include "app/core/folder_look.h"

#include <chrono>
#include <set>
#include <string>
#include <system_error>

#include "app/core/model_scan.h"

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

// Ollama's manifests lie deepest: manifests/host/namespace/model/tag.
constexpr int kMaxLookDepth = 6;

bool isOfAModel(const fs::path& path) {
    const std::string name = path.filename().string();
    const bool isBlob = name.starts_with("sha256") && !name.ends_with("-partial");
    return isModelName(path) || name == "model.yml" || isBlob ||
           path.generic_string().find("/manifests/") != std::string::npos;
}

// What is known to change first.
void addWatched(FolderLook& look, const std::vector<fs::path>& further) {
    std::set<fs::path> there(look.watched.begin(), look.watched.end());
    const auto add = [&](const fs::path& path) {
        if (look.watched.size() < kMostWatched && there.insert(path).second)
            look.watched.push_back(path);
    };
    for (const auto& [file, trace] : look.files) add(file.parent_path());
    // A folder does not tell what is written into its files.
    for (const auto& [file, trace] : look.files) add(file);
    for (const fs::path& folder : further) add(folder);
}

}  // namespace

FileTrace traceOf(const fs::path& file) {
    using namespace std::chrono;
    std::error_code error;
    FileTrace trace;
    const std::uintmax_t nBytes = fs::file_size(file, error);
    if (error) return trace;
    trace.nBytes = nBytes;
    const fs::file_time_type time = fs::last_write_time(file, error);
    if (!error)
        trace.modifiedAtMs =
            duration_cast<milliseconds>(file_clock::to_sys(time).time_since_epoch()).count();
    return trace;
}

FolderLook lookAtFolders(const std::vector<fs::path>& folders,
                         const std::function<bool()>& isCancelled) {
    FolderLook look;
    std::vector<fs::path> further;
    for (const fs::path& folder : folders) {
        std::error_code error;
        if (!fs::is_directory(folder, error) || error) continue;
        look.watched.push_back(folder);
        fs::recursive_directory_iterator entry(
            folder, fs::directory_options::skip_permission_denied, error);
        for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
            if (isCancelled && isCancelled()) return look;
            if (entry.depth() >= kMaxLookDepth) entry.disable_recursion_pending();
            std::error_code unread;
            if (entry->is_directory(unread)) {
                // Links to folders are not followed, so that nothing of them is to be watched.
                if (further.size() < kMostWatched && !entry->is_symlink(unread))
                    further.push_back(entry->path());
            } else if (isOfAModel(entry->path()) && entry->is_regular_file(unread)) {
                look.files[entry->path()] = traceOf(entry->path());
            }
        }
    }
    addWatched(look, further);
    return look;
}

}  // namespace sotto::app
