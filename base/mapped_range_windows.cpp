#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/mapped_range.h"

namespace sotto {

// Free while `size` is 0. Read by the handler without a lock: `begin` is written first.
struct MappedRangeSlot {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::size_t> size{0};
    std::atomic<bool> hasFailed{false};
    std::atomic<bool> isReplaced{false};
};

namespace {

// Parts of a split model count each; the largest known have some two hundred.
std::array<MappedRangeSlot, 1024> slots;
std::mutex installing;    // of the two below, and of who takes a slot
std::size_t nRanges = 0;  // guarded by installing
void* handler = nullptr;  // guarded by installing

// A view cannot be mapped over: it goes, and zeros are put where it was. A thread that reads it in
// between meets an access violation and tries again.
bool replaceByZeros(std::uintptr_t address, bool isPageError) {
    for (MappedRangeSlot& slot : slots) {
        const std::size_t size = slot.size.load(std::memory_order_acquire);
        const std::uintptr_t begin = slot.begin.load(std::memory_order_relaxed);
        if (address < begin || address - begin >= size) continue;
        if (!isPageError && !slot.hasFailed) return false;
        if (slot.hasFailed.exchange(true)) {
            for (int wait = 0; wait < 1000 && !slot.isReplaced; ++wait) ::Sleep(1);
            return slot.isReplaced;
        }
        void* const data = reinterpret_cast<void*>(begin);
        ::UnmapViewOfFile(data);
        slot.isReplaced =
            ::VirtualAlloc(data, size, MEM_RESERVE | MEM_COMMIT, PAGE_READONLY) == data;
        return slot.isReplaced;
    }
    return false;
}

LONG CALLBACK onException(EXCEPTION_POINTERS* exception) {
    const EXCEPTION_RECORD& record = *exception->ExceptionRecord;
    const bool isPageError = record.ExceptionCode == EXCEPTION_IN_PAGE_ERROR;
    if (!isPageError && record.ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    return replaceByZeros(record.ExceptionInformation[1], isPageError)
               ? EXCEPTION_CONTINUE_EXECUTION
               : EXCEPTION_CONTINUE_SEARCH;
}

}  // namespace

MappedRange::MappedRange(const std::byte* data, std::size_t size) {
    const std::lock_guard lock(installing);
    for (MappedRangeSlot& slot : slots) {
        if (slot.size != 0) continue;
        if (nRanges++ == 0) handler = ::AddVectoredExceptionHandler(1, onException);
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
    const std::lock_guard lock(installing);
    m_slot->size = 0;
    // The view itself is gone, and its owner's unmapping finds nothing.
    if (m_slot->isReplaced)
        ::VirtualFree(reinterpret_cast<void*>(m_slot->begin.load()), 0, MEM_RELEASE);
    if (--nRanges == 0) ::RemoveVectoredExceptionHandler(handler);
}

bool MappedRange::hasFailed() const {
    return m_slot != nullptr && m_slot->hasFailed.load(std::memory_order_acquire);
}

}  // namespace sotto
