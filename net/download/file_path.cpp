#include "net/download/file_path.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <system_error>

namespace sotto::net {
namespace {

namespace fs = std::filesystem;

// Of one name: what file systems allow, less the endings that a download puts behind it.
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxPathBytes = 1024;

std::string lowered(std::string_view text) {
    std::string lower(text);
    for (char& character : lower)
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
    return lower;
}

// Windows opens a device for these, whatever stands behind their first dot.
bool isDevice(std::string_view name) {
    std::string stem = lowered(name.substr(0, name.find('.')));
    while (!stem.empty() && stem.back() == ' ') stem.pop_back();
    constexpr std::array kDevices = {"con", "prn", "aux", "nul", "conin$", "conout$"};
    if (std::find(kDevices.begin(), kDevices.end(), stem) != kDevices.end()) return true;
    if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
    // Raised digits count as digits there.
    const std::string_view number = std::string_view(stem).substr(3);
    return (number.size() == 1 && number[0] >= '0' && number[0] <= '9') || number == "\u00b9" ||
           number == "\u00b2" || number == "\u00b3";
}

bool isUtf8(std::string_view text) {
    std::size_t nFollowing = 0;
    unsigned low = 0x80;
    unsigned high = 0xbf;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (nFollowing > 0) {
            if (byte < low || byte > high) return false;
            low = 0x80;
            high = 0xbf;
            --nFollowing;
            continue;
        }
        if (byte < 0x80) continue;
        if (byte < 0xc2 || byte > 0xf4) return false;
        nFollowing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        // No overlong forms, no surrogates, nothing above U+10FFFF.
        if (byte == 0xe0) low = 0xa0;
        if (byte == 0xed) high = 0x9f;
        if (byte == 0xf0) low = 0x90;
        if (byte == 0xf4) high = 0x8f;
    }
    return nFollowing == 0;
}

// Empty when it is a name everywhere.
std::string partProblem(std::string_view name) {
    if (name.empty()) return "a part of it is empty";
    if (name == "." || name == "..") return "it leads out of its folder";
    if (name.size() > kMaxNameBytes) return "a part of it is too long";
    if (name.back() == '.' || name.back() == ' ') return "a part of it ends with a dot or a space";
    if (isDevice(name)) return "a part of it is the name of a device on Windows";
    for (const char character : name) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 || byte == 0x7f) return "it has a control character in it";
        if (std::string_view("\\:*?\"<>|").find(character) != std::string_view::npos)
            return std::string("it has a '") + character + "' in it";
    }
    return {};
}

// The name in `folder` that differs from `name` only in case; empty when there is none.
std::string otherCaseIn(const fs::path& folder, const std::string& name) {
    std::error_code error;
    const std::string lower = lowered(name);
    fs::directory_iterator entry(folder, error);
    const fs::directory_iterator end;
    while (!error && entry != end) {
        std::string other = entry->path().filename().string();
        if (other != name && lowered(other) == lower) return other;
        entry.increment(error);
    }
    return {};
}

tl::unexpected<Error> refusePath(std::string_view path, const std::string& why) {
    const std::string shown(path.substr(0, kMaxNameBytes));
    return fail(ErrorCode::InvalidArgument,
                "The file '" + shown + "' of the repository is not taken: " + why + ".", shown);
}

}  // namespace

Status checkFilePath(std::string_view path) {
    if (path.empty()) return refusePath(path, "it has no name");
    if (path.size() > kMaxPathBytes) return refusePath(path, "its path is too long");
    if (!isUtf8(path)) return refusePath({}, "its name is not UTF-8");
    std::string_view rest = path;
    while (true) {
        const std::size_t slash = rest.find('/');
        if (const std::string problem = partProblem(rest.substr(0, slash)); !problem.empty())
            return refusePath(path, problem);
        if (slash == std::string_view::npos) return {};
        rest.remove_prefix(slash + 1);
    }
}

Result<fs::path> targetIn(const fs::path& folder, std::string_view path) {
    SOTTO_TRY(checkFilePath(path));
    fs::path target = folder;
    for (const fs::path& part : fs::path(std::string(path))) {
        if (const std::string other = otherCaseIn(target, part.string()); !other.empty())
            return refusePath(path,
                              "'" + other + "' lies there, which is the same name on some systems");
        target /= part;
    }
    return target;
}

std::string_view caseClash(const std::vector<std::string_view>& paths) {
    std::set<std::string> seen;
    for (const std::string_view path : paths)
        if (!seen.insert(lowered(path)).second) return path;
    return {};
}

}  // namespace sotto::net
