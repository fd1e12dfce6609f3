#include "app/core/paths.h"

#include <array>
#include <cstdlib>
#include <system_error>

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
    for (const fs::path& folder : {paths.data, paths.models, paths.cache, paths.config}) {
        if (Status status = createFolder(folder); !status) return status;
    }
    // Chats are private, also from other accounts of this machine; what was copied here or made
    // under a wide umask as well.
    for (const fs::path& folder : {paths.data, paths.cache, paths.config})
        detail::keepPrivate(folder);
    return {};
}

}  // namespace sotto::app
