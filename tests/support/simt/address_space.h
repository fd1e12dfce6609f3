// What the emulator asks of the process's addresses: whether one belongs to it, and pages that can
// be closed to everybody.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simt {

// Asked of words that may be pointers.
bool isMapped(std::uintptr_t address);

std::size_t pageBytes();
// Closed pages; null where there is no room. Memory is taken for those that are written.
void* reservePages(std::size_t bytes);
void releasePages(void* first, std::size_t bytes);
void openPages(void* first, std::size_t bytes);
void closePages(void* first, std::size_t bytes);

}  // namespace simt
