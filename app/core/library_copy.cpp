#include "app/core/library_copy.h"

#include <fmt/format.h>

#include <random>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, const std::error_code& error) {
    return {ErrorCode::Io, fmt::format("{} cannot be copied ({}).", path.string(), error.message()),
            path.string()};
}

// The name of a copy's folder: this and kDigits hexadecimal digits by chance.
constexpr std::string_view kPrefix = "sotto-copy-";
constexpr std::size_t kDigits = 16;
constexpr const char* kLock = "copy.lock";

bool isCopyName(const std::string& name) {
    return name.size() == kPrefix.size() + kDigits && name.starts_with(kPrefix) &&
           name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
}

// Most wanted first. The specification tells to ignore a relative one.
std::vector<fs::path> placesOfCopies(const Environment& environment) {
    std::vector<fs::path> places;
    if (const fs::path runtime = environment("XDG_RUNTIME_DIR"); runtime.is_absolute())
        places.push_back(runtime);
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    if (!error) places.push_back(temporary);
    return places;
}

struct OwnFolder {
    fs::path path;
    FileLock lock;
};

// A folder that was not there before, so that nobody else has a hand in it.
Result<OwnFolder> makeOwnFolder(const fs::path& parent) {
    std::error_code error;
    std::random_device random;
    const fs::path folder =
        parent / fmt::format("{}{:08x}{:08x}", kPrefix, static_cast<std::uint32_t>(random()),
                             static_cast<std::uint32_t>(random()));
    if (!fs::create_directory(folder, error)) return fail(failed(folder, error));
    fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return fail(failed(folder, error));
    SOTTO_ASSIGN(std::optional<FileLock> lock, FileLock::tryTake(folder / kLock));
    // The sweep of another start, in the moment between the file and its lock.
    if (!lock) return fail(ErrorCode::Busy, folder.string() + " was taken away.", folder.string());
    return OwnFolder{folder, std::move(*lock)};
}

// Whoever makes a copy makes the file of its lock first: an empty folder is none yet.
void sweepFolder(const fs::path& folder) {
    std::error_code ignored;
    if (!isCopyName(folder.filename().string()) || !detail::isPrivateFolder(folder)) return;
    if (!fs::is_regular_file(fs::symlink_status(folder / kLock, ignored))) {
        fs::remove(folder, ignored);  // does nothing to one that holds something
        return;
    }
    if (auto lock = FileLock::tryTake(folder / kLock); lock && *lock)
        detail::removeCopy(folder, std::move(**lock));
}

}  // namespace

Result<LibraryCopy> LibraryCopy::make(const fs::path& database, const Environment& environment) {
    std::error_code error;
    if (!fs::is_regular_file(database, error))
        return fail(ErrorCode::NotFound, "There is no database to copy.");
    Error last{ErrorCode::Io, "There is no folder for temporary files."};
    for (const fs::path& place : placesOfCopies(environment)) {
        auto copy = makeIn(place, database);
        if (copy) return copy;
        last = std::move(copy.error());
    }
    return fail(std::move(last));
}

void LibraryCopy::sweep(const Environment& environment) {
    for (const fs::path& place : placesOfCopies(environment)) {
        std::error_code error;
        for (fs::directory_iterator entry(place, error), end; !error && entry != end;
             entry.increment(error))
            sweepFolder(entry->path());
    }
}

Result<LibraryCopy> LibraryCopy::makeIn(const fs::path& parent, const fs::path& database) {
    SOTTO_ASSIGN(OwnFolder folder, makeOwnFolder(parent));
    LibraryCopy copy(folder.path / database.filename(), std::move(folder.lock));
    std::error_code error;
    // What a run that was killed has not yet moved into the file lies in its journal.
    for (const char* suffix : {"", "-wal"}) {
        fs::path from = database, to = copy.database();
        from += suffix;
        to += suffix;
        if (!fs::exists(from, error)) continue;
        fs::copy_file(from, to, error);
        if (!error) fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, error);
        if (error) return fail(failed(from, error));
    }
    return copy;
}

LibraryCopy::LibraryCopy(LibraryCopy&& other) noexcept
    : m_database(std::move(other.m_database)), m_lock(std::exchange(other.m_lock, {})) {}

LibraryCopy& LibraryCopy::operator=(LibraryCopy&& other) noexcept {
    std::swap(m_database, other.m_database);
    std::swap(m_lock, other.m_lock);
    return *this;
}

LibraryCopy::~LibraryCopy() {
    if (m_lock) detail::removeCopy(m_database.parent_path(), std::move(*m_lock));
}

}  // namespace sotto::app
