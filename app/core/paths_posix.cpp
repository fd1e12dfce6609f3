// The XDG base directory specification: relative values are to be ignored.
#include "app/core/paths.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace sotto::app {
namespace {

std::filesystem::path baseFolder(const Environment& environment, const char* variable,
                                 const char* belowHome) {
    const std::filesystem::path chosen = environment(variable);
    if (chosen.is_absolute()) return chosen / "sotto";
    const std::filesystem::path home = environment("HOME");
    if (!home.is_absolute()) return {};
    return home / belowHome / "sotto";
}

}  // namespace

Paths detail::platformPaths(const Environment& environment) {
    Paths paths;
    paths.data = baseFolder(environment, "XDG_DATA_HOME", ".local/share");
    paths.cache = baseFolder(environment, "XDG_CACHE_HOME", ".cache");
    paths.config = baseFolder(environment, "XDG_CONFIG_HOME", ".config");
    return paths;
}

std::string detail::whyNotOurs(const std::filesystem::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return {};  // why is told where it is made
    if ((status.st_mode & S_ISVTX) != 0) return "everybody may write there";
    // One that cannot be written is told as such, and its chats can still be read.
    const bool isWritable = ::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) == 0;
    if (status.st_uid != ::geteuid() && isWritable) return "the folder belongs to another account";
    return {};
}

void detail::keepPrivate(const std::filesystem::path& folder, bool isWholeFolder) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (isWholeFolder) fs::permissions(folder, fs::perms::owner_all, ignored);
    for (fs::directory_iterator entry(folder, ignored), end; entry != end;
         entry.increment(ignored)) {
        // A link leads to somebody else's.
        const bool isOurs = entry->path().filename().string().starts_with("sotto");
        if (!isOurs || entry->symlink_status(ignored).type() != fs::file_type::regular) continue;
        fs::permissions(entry->path(), fs::perms::owner_read | fs::perms::owner_write, ignored);
    }
}

bool isOpenToOthers(const std::filesystem::path& file) {
    using std::filesystem::perms;
    std::error_code error;
    const perms rights = std::filesystem::status(file, error).permissions();
    constexpr perms kOthers =
        perms::group_read | perms::group_write | perms::others_read | perms::others_write;
    return !error && (rights & kOthers) != perms::none;
}

std::vector<std::filesystem::path> detail::systemDataFolders(const Environment& environment) {
    std::string folders = environment("XDG_DATA_DIRS");
    if (folders.empty()) folders = "/usr/local/share:/usr/share";
    std::vector<std::filesystem::path> found;
    for (std::size_t start = 0; start <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', start), folders.size());
        const std::filesystem::path folder = folders.substr(start, end - start);
        if (folder.is_absolute()) found.push_back(folder);
        start = end + 1;
    }
    return found;
}

std::filesystem::path programFolder() {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::path() : program.parent_path();
}

}  // namespace sotto::app
