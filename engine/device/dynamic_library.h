// DynamicLibrary: a shared library that is opened at run time because a machine may not have it
// (NVIDIA's management library, cuBLAS). Owns the handle; symbols are valid as long as it lives.
//
// POSIX in dynamic_library_posix.cpp, its Windows twin in dynamic_library_windows.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace sotto {

class DynamicLibrary {
public:
    // Never: the library stays in the process, for one that others hold on to (a driver that calls
    // it back, threads of its own). Opening it again then costs nothing.
    enum class Closing : std::uint8_t { WithTheLast, Never };

    // By file name in the system's search path, symbols not shared with other libraries. Errors:
    // FileNotFound with the system's own words.
    static Result<DynamicLibrary> open(const std::string& fileName,
                                       Closing closing = Closing::WithTheLast);

    DynamicLibrary() = default;
    DynamicLibrary(DynamicLibrary&& other) noexcept
        : m_handle(std::exchange(other.m_handle, nullptr)) {}
    DynamicLibrary& operator=(DynamicLibrary&& other) noexcept {
        DynamicLibrary taken(std::move(other));
        std::swap(m_handle, taken.m_handle);
        return *this;
    }
    DynamicLibrary(const DynamicLibrary&) = delete;
    DynamicLibrary& operator=(const DynamicLibrary&) = delete;
    ~DynamicLibrary();

    // Null when the library does not export it. `function` is set to it; the caller vouches for
    // the type.
    template <typename Function>
    void load(const char* name, Function*& function) const {
        function = reinterpret_cast<Function*>(symbol(name));
    }

private:
    void* symbol(const char* name) const;

    void* m_handle = nullptr;
};

}  // namespace sotto
