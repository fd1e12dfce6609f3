#include "app/core/library_copy.h"

#include <fmt/format.h>

#include <random>
#include <system_error>
#include <utility>

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, const std::error_code& error) {
    return {ErrorCode::Io, fmt::format("{} cannot be copied ({}).", path.string(), error.message()),
            path.string()};
}

// A folder that was not there before, so that nobody else has a hand in it.
Result<fs::path> makeOwnFolder(const fs::path& parent) {
    std::error_code error;
    std::random_device random;
    const fs::path folder =
        parent / fmt::format("sotto-{:08x}{:08x}", static_cast<std::uint32_t>(random()),
                             static_cast<std::uint32_t>(random()));
    if (!fs::create_directory(folder, error)) return fail(failed(folder, error));
    fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return fail(failed(folder, error));
    return folder;
}

}  // namespace

Result<LibraryCopy> LibraryCopy::make(const fs::path& database, const Environment& environment) {
    std::error_code error;
    if (!fs::is_regular_file(database, error))
        return fail(ErrorCode::NotFound, "There is no database to copy.");
    // The specification tells to ignore one that is relative; one that is there may be small.
    if (const fs::path runtime = environment("XDG_RUNTIME_DIR"); runtime.is_absolute())
        if (auto copy = makeIn(runtime, database)) return copy;
    const fs::path temporary = fs::temp_directory_path(error);
    if (error) return fail(failed(database, error));
    return makeIn(temporary, database);
}

Result<LibraryCopy> LibraryCopy::makeIn(const fs::path& parent, const fs::path& database) {
    SOTTO_ASSIGN(const fs::path folder, makeOwnFolder(parent));
    LibraryCopy copy(folder / database.filename());
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
    : m_database(std::exchange(other.m_database, {})) {}

LibraryCopy& LibraryCopy::operator=(LibraryCopy&& other) noexcept {
    std::swap(m_database, other.m_database);
    return *this;
}

LibraryCopy::~LibraryCopy() {
    std::error_code ignored;
    if (!m_database.empty()) fs::remove_all(m_database.parent_path(), ignored);
}

}  // namespace sotto::app
