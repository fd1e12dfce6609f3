// The number by which the system, and thus the graphics driver, knows this process.
//
// POSIX in process_id_posix.cpp, its Windows twin in process_id_windows.cpp. Thread-safe.
#pragma once

#include <cstdint>

namespace sotto {

std::uint32_t processId();

}  // namespace sotto
