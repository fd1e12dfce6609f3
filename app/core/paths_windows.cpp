#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "app/core/paths.h"

namespace sotto::app {

Paths detail::platformPaths(const Environment& environment) {
    // Local, not roaming: databases and models are too large to follow a person over a network.
    const std::filesystem::path local = environment("LOCALAPPDATA");
    if (!local.is_absolute()) return {};
    const std::filesystem::path home = local / "Sotto";
    Paths paths;
    paths.data = home;
    paths.cache = home / "cache";
    paths.config = home / "config";
    return paths;
}

// %LOCALAPPDATA% is the user's own, and what is made in it inherits that; a folder that SOTTO_HOME
// names keeps the rights that its owner gave it.
void detail::keepPrivate(const std::filesystem::path&, bool) {}

std::string detail::whyNotOurs(const std::filesystem::path&) { return {}; }

bool isOpenToOthers(const std::filesystem::path&) { return false; }

// What comes with a program lies beside it there.
std::vector<std::filesystem::path> detail::systemDataFolders(const Environment&) { return {}; }

std::filesystem::path programFolder() {
    std::wstring name(32768, L'\0');
    const DWORD length = GetModuleFileNameW(nullptr, name.data(), static_cast<DWORD>(name.size()));
    name.resize(length);
    return std::filesystem::path(name).parent_path();
}

}  // namespace sotto::app
