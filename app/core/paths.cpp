#include "app/core/paths.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>
#include <vector>

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

ErrorCode codeOf(const std::error_code& error) {
    if (error == std::errc::no_space_on_device) return ErrorCode::DiskFull;
    if (error == std::errc::permission_denied || error == std::errc::read_only_file_system ||
        error == std::errc::operation_not_permitted) {
        return ErrorCode::ReadOnly;
    }
    return ErrorCode::Io;
}

Status refuseForeign(const fs::path& folder) {
    const std::string why = detail::whyNotOurs(folder);
    if (why.empty()) return {};
    return fail(ErrorCode::InvalidArgument,
                "Chats must not lie in " + folder.string() + ": " + why +
                    ". Choose a folder of your own with SOTTO_HOME.",
                folder.string());
}

// Whether everything in it is Sotto's, so that its rights are, too.
bool isOnlyOurs(const fs::path& folder, const Paths& paths) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const bool isFolderOfOurs = entry->path() == paths.models || entry->path() == paths.cache ||
                                    entry->path() == paths.config;
        if (!isFolderOfOurs && !entry->path().filename().string().starts_with("sotto"))
            return false;
    }
    return true;
}

Status createFolder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error && fs::is_directory(folder, error)) return {};
    if (!error) error = std::make_error_code(std::errc::not_a_directory);
    return fail(codeOf(error),
                "The folder " + folder.string() + " cannot be made (" + error.message() +
                    "): allow writing there or choose another with SOTTO_HOME.",
                folder.string());
}

}  // namespace

Environment processEnvironment() {
    return [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
}

Result<Paths> findPaths(const Environment& environment) {
    Paths paths = detail::platformPaths(environment);
    if (const std::string home = environment("SOTTO_HOME"); !home.empty()) {
        // Absolute, because the working folder may change while the program runs.
        std::error_code ignored;
        paths.data = fs::absolute(home, ignored);
        paths.cache = paths.data / "cache";
        paths.config = paths.data / "config";
        paths.isChosen = true;
    }
    if (paths.data.empty() || paths.cache.empty() || paths.config.empty()) {
        return fail(ErrorCode::NotFound,
                    "This account has no home folder: set SOTTO_HOME to a folder for "
                    "Sotto's files.");
    }
    paths.database = paths.data / "sotto.db";
    paths.models = paths.data / "models";
    return paths;
}

Status createFolders(const Paths& paths) {
    std::error_code error;
    std::vector<fs::path> made;
    for (const fs::path& folder : {paths.data, paths.models, paths.cache, paths.config}) {
        if (!fs::exists(folder, error)) made.push_back(folder);
        if (folder != paths.models) SOTTO_TRY(refuseForeign(folder));
        SOTTO_TRY(createFolder(folder));
    }
    // Chats are private, also from other accounts of this machine; what was copied here or made
    // under a wide umask as well.
    for (const fs::path& folder : {paths.data, paths.cache, paths.config})
        detail::keepPrivate(folder, !paths.isChosen || std::ranges::count(made, folder) > 0 ||
                                        isOnlyOurs(folder, paths));
    return {};
}

}  // namespace sotto::app
