#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "storage/sqlite/private_file.h"

namespace sotto::storage {

void createPrivateFile(const std::filesystem::path& path) {
    const HANDLE file = CreateFileW(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                    nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
}

// The access list of a file comes from its folder, which the app makes private.
void makePrivate(const std::filesystem::path&) {}

}  // namespace sotto::storage
