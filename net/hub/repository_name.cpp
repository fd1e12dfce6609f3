#include "net/hub/repository_name.h"

#include <algorithm>
#include <string>

namespace sotto::net {
namespace {

// Hubs allow 96 for both parts together.
constexpr std::size_t kMaxRepositoryBytes = 200;

bool isNameCharacter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '.' || character == '_' ||
           character == '-';
}

bool isPart(std::string_view part) {
    return !part.empty() && part != "." && part != ".." &&
           std::all_of(part.begin(), part.end(), isNameCharacter);
}

}  // namespace

Status checkRepository(std::string_view name) {
    const std::size_t slash = name.find('/');
    const bool isGood = name.size() <= kMaxRepositoryBytes && isPart(name.substr(0, slash)) &&
                        (slash == std::string_view::npos || isPart(name.substr(slash + 1)));
    if (isGood) return {};
    const std::string shown(name.substr(0, kMaxRepositoryBytes));
    return fail(ErrorCode::InvalidArgument,
                "'" + shown + "' is no name of a repository: write it as owner/name.", shown);
}

Status checkRevision(std::string_view revision) {
    bool isGood = !revision.empty() && revision.size() <= kMaxRepositoryBytes &&
                  revision.find("..") == std::string_view::npos && revision.front() != '/' &&
                  revision.back() != '/';
    for (const char character : revision)
        isGood = isGood && (isNameCharacter(character) || character == '/');
    if (isGood) return {};
    const std::string shown(revision.substr(0, kMaxRepositoryBytes));
    return fail(ErrorCode::InvalidArgument,
                "'" + shown + "' is no name of a revision: name a branch, a tag or a commit.",
                shown);
}

}  // namespace sotto::net
