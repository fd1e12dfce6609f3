#include <windows.h>

#include "engine/device/dynamic_library.h"

namespace sotto {

Result<DynamicLibrary> DynamicLibrary::open(const std::string& fileName, Closing closing) {
    DynamicLibrary library;
    // System folders only: a library beside a model file must never be taken.
    library.m_handle = static_cast<void*>(
        LoadLibraryExA(fileName.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS));
    if (library.m_handle != nullptr && closing == Closing::Never) {
        HMODULE pinned = nullptr;
        // Fails for want of memory alone, and then it is closed as any other.
        static_cast<void>(
            GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN, fileName.c_str(), &pinned));
    }
    if (library.m_handle != nullptr) return library;
    return fail(ErrorCode::FileNotFound,
                "The library " + fileName + " cannot be opened (system error " +
                    std::to_string(GetLastError()) + ").",
                fileName);
}

DynamicLibrary::~DynamicLibrary() {
    if (m_handle != nullptr) FreeLibrary(static_cast<HMODULE>(m_handle));
}

void* DynamicLibrary::symbol(const char* name) const {
    if (m_handle == nullptr) return nullptr;
    return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(m_handle), name));
}

}  // namespace sotto
