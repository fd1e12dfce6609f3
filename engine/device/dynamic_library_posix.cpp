#include <dlfcn.h>

#include "engine/device/dynamic_library.h"

namespace sotto {

Result<DynamicLibrary> DynamicLibrary::open(const std::string& fileName, Closing closing) {
    DynamicLibrary library;
    const int staying = closing == Closing::Never ? RTLD_NODELETE : 0;
    library.m_handle = dlopen(fileName.c_str(), RTLD_NOW | RTLD_LOCAL | staying);
    if (library.m_handle != nullptr) return library;
    const char* const reason = dlerror();
    return fail(ErrorCode::FileNotFound,
                "The library " + fileName + " cannot be opened: " +
                    (reason != nullptr ? reason : "the system gives no reason") + ".",
                fileName);
}

DynamicLibrary::~DynamicLibrary() {
    if (m_handle != nullptr) dlclose(m_handle);
}

void* DynamicLibrary::symbol(const char* name) const {
    return m_handle != nullptr ? dlsym(m_handle, name) : nullptr;
}

}  // namespace sotto
