// The registry behind MappedRange, and what a platform adds to it: a handler for the fault that
// its system raises when a page of a mapping can no longer be read.
//
// Place: base/mapped_range.cpp owns the registry; the handlers are in mapped_range_posix.cpp and
// its Windows twin mapped_range_windows.cpp.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sotto {

// Free while `size` is 0. Written under a lock and read by a handler without one: `generation` is
// odd while the range changes, and another one after.
struct MappedRangeSlot {
    std::atomic<std::uint32_t> generation{0};
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::size_t> size{0};
    std::atomic<bool> hasFailed{false};
    std::atomic<bool> isReplaced{false};  // zeros lie where the mapping was
};

// Only what may be called in a handler: atomics without locks.
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

// A slot and the range that it held when it was found: the slot may be freed, and taken for
// another file, while a handler runs.
struct MappedRangeMatch {
    MappedRangeSlot* slot = nullptr;
    std::uint32_t generation = 0;
    std::uintptr_t begin = 0;
    std::size_t size = 0;

    bool isCurrent() const { return slot->generation.load() == generation; }
};

// The range that holds this address, if one does. For handlers.
std::optional<MappedRangeMatch> mappedRangeAt(std::uintptr_t address);

// The platform's: marks the range and puts zeros in its place. False when they cannot be put
// there, and for a range that is gone: nothing is touched then. For handlers.
bool replaceByZeros(const MappedRangeMatch& range);

// The platform's part, called one at a time: with the first range, and with the last.
void installMappedRangeHandler();
void uninstallMappedRangeHandler();
// Takes back what the owner's unmapping will not, once a range that was replaced ends.
void releaseReplacedRange(MappedRangeSlot& slot);

}  // namespace sotto
