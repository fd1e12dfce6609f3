#include "base/mapped_range.h"

#include <array>
#include <mutex>

#include "base/mapped_range_slots.h"

namespace sotto {
namespace {

// Parts of a split model count each; the largest known have some two hundred.
std::array<MappedRangeSlot, 1024> slots;
std::mutex registering;  // of the number below, and of who takes or frees a slot
std::size_t nRanges = 0;

// All in one order: a handler that sees a part of it sees another generation too.
void setRange(MappedRangeSlot& slot, std::uintptr_t begin, std::size_t size) {
    ++slot.generation;
    slot.begin = begin;
    slot.size = size;
    ++slot.generation;
}

}  // namespace

std::optional<MappedRangeMatch> mappedRangeAt(std::uintptr_t address) {
    for (MappedRangeSlot& slot : slots) {
        const MappedRangeMatch match{.slot = &slot,
                                     .generation = slot.generation.load(),
                                     .begin = slot.begin.load(),
                                     .size = slot.size.load()};
        if (address < match.begin || address - match.begin >= match.size) continue;
        // Who reads this address holds its range: one that changes is another.
        if (match.generation % 2 == 0 && match.isCurrent()) return match;
    }
    return std::nullopt;
}

MappedRange::MappedRange(const std::byte* data, std::size_t size) {
    const std::lock_guard lock(registering);
    for (MappedRangeSlot& slot : slots) {
        if (slot.size != 0) continue;
        if (nRanges++ == 0) installMappedRangeHandler();
        slot.hasFailed = false;
        slot.isReplaced = false;
        setRange(slot, reinterpret_cast<std::uintptr_t>(data), size);
        m_slot = &slot;
        return;
    }
}

MappedRange::~MappedRange() {
    if (m_slot == nullptr) return;
    const std::lock_guard lock(registering);
    setRange(*m_slot, m_slot->begin, 0);
    if (m_slot->isReplaced) releaseReplacedRange(*m_slot);
    if (--nRanges == 0) uninstallMappedRangeHandler();
}

bool MappedRange::hasFailed() const {
    return m_slot != nullptr && m_slot->hasFailed.load(std::memory_order_acquire);
}

}  // namespace sotto
