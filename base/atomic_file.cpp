#include "base/atomic_file.h"

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/abandoned_files.h"

namespace sotto {
namespace {

namespace fs = std::filesystem;

// As many as Linux follows.
constexpr int kMaxLinks = 40;

Status refuseInputs(const fs::path& target, const AtomicFileOptions& options) {
    for (const fs::path& input : options.inputs) {
        std::error_code error;
        // Compares device and inode (file index on Windows) behind all links.
        if (!fs::equivalent(target, input, error) || error) continue;
        return fail(ErrorCode::InvalidArgument,
                    "'" + target.string() + "' is what is being read ('" + input.string() +
                        "'): it was left as it is; choose another name",
                    target.string());
    }
    return {};
}

// Where a chain of links ends, also when nothing is there yet.
Result<fs::path> behindLinks(const fs::path& target) {
    fs::path real = target;
    for (int nLinks = 0; nLinks < kMaxLinks; ++nLinks) {
        std::error_code error;
        if (!fs::is_symlink(fs::symlink_status(real, error))) return real;
        const fs::path next = fs::read_symlink(real, error);
        if (error) break;
        real = next.is_absolute() ? next : real.parent_path() / next;
    }
    return fail(ErrorCode::Io,
                "'" + target.string() +
                    "' is a link that leads round in a circle: remove it or choose another name",
                target.string());
}

// "123-0.part", behind the name and its dot.
bool isTemporaryEnding(std::string_view ending) {
    const std::size_t dash = ending.find('-');
    const std::size_t dot = ending.find('.');
    if (dash == std::string_view::npos || dot == std::string_view::npos || dot < dash) return false;
    const auto isNumber = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return isNumber(ending.substr(0, dash)) && isNumber(ending.substr(dash + 1, dot - dash - 1)) &&
           ending.substr(dot) == ".part";
}

}  // namespace

int removeAbandonedFiles(const fs::path& target) {
    const Result<fs::path> real = behindLinks(target);
    if (!real) return 0;
    std::error_code error;
    const fs::path folder = real->has_parent_path() ? real->parent_path() : fs::path(".");
    const auto beginning = real->filename().native().substr(0, kMaxTemporaryBeginning);
    int nRemoved = 0;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().native();
        if (name.size() <= beginning.size() + 1 ||
            name.compare(0, beginning.size(), beginning) != 0 || name[beginning.size()] != '.')
            continue;
        const fs::path ending(name.substr(beginning.size() + 1));
        if (isTemporaryEnding(ending.string()) && removeIfAbandoned(entry->path())) ++nRemoved;
    }
    return nRemoved;
}

Status AtomicFile::check(const fs::path& target, const AtomicFileOptions& options) {
    std::error_code ignored;
    if (target.empty())
        return fail(ErrorCode::InvalidArgument, "a file to write needs a name: choose one");
    if (fs::is_directory(target, ignored))
        return fail(ErrorCode::InvalidArgument,
                    "'" + target.string() + "' is a folder: name a file in it", target.string());
    return refuseInputs(target, options);
}

Result<AtomicFile> AtomicFile::create(const fs::path& target, const AtomicFileOptions& options) {
    SOTTO_TRY(check(target, options));
    AtomicFile file;
    file.m_target = target;
    file.m_isNew = options.isNew;
    SOTTO_TRY(file.openDirectly());
    if (file.m_handle != -1) return file;
    SOTTO_ASSIGN(const fs::path real, behindLinks(target));
    SOTTO_TRY(file.openBeside(real, options.isPrivate));
    return file;
}

Error AtomicFile::nameIsTaken(const fs::path& target) {
    return {ErrorCode::InvalidArgument,
            "A file named '" + target.filename().string() +
                "' came while the new one was made, and was left as it is. Move it, or choose "
                "another name.",
            target.string()};
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_target(std::move(other.m_target)),
      m_real(std::move(other.m_real)),
      m_temporary(std::exchange(other.m_temporary, {})),
      m_handle(std::exchange(other.m_handle, -1)),
      m_isNew(other.m_isNew) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
    std::swap(m_target, other.m_target);
    std::swap(m_real, other.m_real);
    std::swap(m_temporary, other.m_temporary);
    std::swap(m_handle, other.m_handle);
    std::swap(m_isNew, other.m_isNew);
    return *this;
}

AtomicFile::~AtomicFile() { discard(); }

}  // namespace sotto
