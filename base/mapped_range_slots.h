// The registry behind MappedRange, and what a platform adds to it: a handler for the fault that
// its system raises when a page of a mapping can no longer be read.
//
// Place: base/mapped_range.cpp owns the registry; the handlers are in mapped_range_posix.cpp and
// its Windows twin mapped_range_windows.cpp.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sotto {

// Free while `size` is 0. Read by a handler without a lock: `begin` is written first.
struct MappedRangeSlot {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::size_t> size{0};
    std::atomic<bool> hasFailed{false};
    std::atomic<bool> isReplaced{false};  // zeros lie where the mapping was
};

// Only what may be called in a handler: atomics without locks.
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

// The slot whose range holds this address, or null. For handlers.
MappedRangeSlot* mappedRangeAt(std::uintptr_t address);

// The platform's part, called one at a time: with the first range, and with the last.
void installMappedRangeHandler();
void uninstallMappedRangeHandler();
// Takes back what the owner's unmapping will not, once a range that was replaced ends.
void releaseReplacedRange(MappedRangeSlot& slot);

}  // namespace sotto
