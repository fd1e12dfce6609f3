// What lies in folders of models at one moment, to tell by a second look what comes, goes or still
// grows. Names and sizes only, no file is opened; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <vector>

namespace sotto::app {

struct FileTrace {
    std::uint64_t nBytes = 0;
    std::int64_t modifiedAtMs = 0;  // since 1970 UTC

    bool operator==(const FileTrace&) const = default;
};

struct FolderLook {
    std::map<std::filesystem::path, FileTrace> files;  // what scanModels() may make a model of
    // What to watch, so that changes are heard of: the folders that were asked for, those with
    // files and the files, then further folders. At most kMostWatched.
    std::vector<std::filesystem::path> watched;
};

// A person may add a home folder with a hundred thousand folders in it. Letting a watch go takes
// some systems 10 ms, and all of them go at the end.
inline constexpr std::size_t kMostWatched = 150;

// As deep as scanModels() looks, and Ollama's manifests to their end. What cannot be read is left
// out. `isCancelled` is asked before each entry.
FolderLook lookAtFolders(const std::vector<std::filesystem::path>& folders,
                         const std::function<bool()>& isCancelled = {});

// Of one file, links followed; nothing known where it is not there.
FileTrace traceOf(const std::filesystem::path& file);

}  // namespace sotto::app
