// MappedRange: while it lives, a page of a mapping that can no longer be read does not end the
// process.
//
// A file on a network drive or a stick that vanishes, or one that another program cuts, takes the
// pages of its mapping away: reading one raises SIGBUS (Windows: EXCEPTION_IN_PAGE_ERROR). The
// handler puts zeros in place of the whole mapping and marks it; who reads it looks at hasFailed()
// before it believes what it has read. Faults elsewhere go on to whoever handled them before.
// Handlers belong to the process and know nothing but an address, so this file keeps the one
// registry of ranges: installed with the first, gone with the last. Any thread.
// The registry is in mapped_range.cpp; the handler in mapped_range_posix.cpp, its Windows twin in
// mapped_range_windows.cpp.
#pragma once

#include <cstddef>
#include <utility>

namespace sotto {

struct MappedRangeSlot;

class MappedRange {
public:
    MappedRange() = default;
    // Where more ranges are mapped than a machine's files make, it guards nothing.
    MappedRange(const std::byte* data, std::size_t size);
    MappedRange(MappedRange&& other) noexcept : m_slot(std::exchange(other.m_slot, nullptr)) {}
    MappedRange& operator=(MappedRange&& other) noexcept {
        std::swap(m_slot, other.m_slot);
        return *this;
    }
    MappedRange(const MappedRange&) = delete;
    MappedRange& operator=(const MappedRange&) = delete;
    // Before the mapping goes.
    ~MappedRange();

    // All bytes of the mapping are zeros since, also those that were read before.
    bool hasFailed() const;

private:
    MappedRangeSlot* m_slot = nullptr;
};

}  // namespace sotto
