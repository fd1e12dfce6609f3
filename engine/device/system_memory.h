// How much memory the machine has and could give right now.
//
// POSIX in system_memory_posix.cpp, its Windows twin in system_memory_windows.cpp. Thread-safe.
#pragma once

#include <cstdint>

namespace sotto {

struct SystemMemory {
    std::uint64_t totalBytes = 0;
    std::uint64_t availableBytes = 0;  // without swapping; page cache counts as available
};

SystemMemory systemMemory();

}  // namespace sotto
