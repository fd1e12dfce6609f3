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

}  // namespace

MappedRangeSlot* mappedRangeAt(std::uintptr_t address) {
    for (MappedRangeSlot& slot : slots) {
        const std::size_t size = slot.size.load(std::memory_order_acquire);
        const std::uintptr_t begin = slot.begin.load(std::memory_order_relaxed);
        if (address >= begin && address - begin < size) return &slot;
    }
    return nullptr;
}

MappedRange::MappedRange(const std::byte* data, std::size_t size) {
    const std::lock_guard lock(registering);
    for (MappedRangeSlot& slot : slots) {
        if (slot.size != 0) continue;
        if (nRanges++ == 0) installMappedRangeHandler();
        slot.hasFailed = false;
        slot.isReplaced = false;
        slot.begin = reinterpret_cast<std::uintptr_t>(data);
        slot.size.store(size, std::memory_order_release);
        m_slot = &slot;
        return;
    }
}

MappedRange::~MappedRange() {
    if (m_slot == nullptr) return;
    const std::lock_guard lock(registering);
    m_slot->size = 0;
    if (m_slot->isReplaced) releaseReplacedRange(*m_slot);
    if (--nRanges == 0) uninstallMappedRangeHandler();
}

bool MappedRange::hasFailed() const {
    return m_slot != nullptr && m_slot->hasFailed.load(std::memory_order_acquire);
}

}  // namespace sotto
