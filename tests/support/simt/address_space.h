// Whether an address belongs to the process: the emulator asks it of words that may be pointers.
#pragma once

#include <cstdint>

namespace simt {

bool isMapped(std::uintptr_t address);

}  // namespace simt
