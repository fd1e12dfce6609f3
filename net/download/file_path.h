// Paths of files as a repository names them, before they become paths on this machine.
//
// A path from outside must not leave its folder nor mean something else on another system: no "..",
// no colon or other character that Windows gives a meaning, none of its devices, and no two names
// that differ only in case (they are one file on Windows and macOS). The same everywhere, so that a
// folder of models can move. Source: Microsoft, "Naming Files, Paths, and Namespaces".
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sotto::net {

// Errors: InvalidArgument, with what is wrong.
Status checkFilePath(std::string_view path);

// `folder` / `path`. Errors: InvalidArgument (a bad path; a file or folder with a name that differs
// only in case lies there).
Result<std::filesystem::path> targetIn(const std::filesystem::path& folder, std::string_view path);

// The first of `paths` that differs from an earlier one only in the case of its letters (ASCII);
// empty when there is none.
std::string_view caseClash(const std::vector<std::string_view>& paths);

}  // namespace sotto::net
