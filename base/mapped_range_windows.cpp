#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <cstdint>

#include "base/mapped_range_slots.h"

namespace sotto {
namespace {

void* handler = nullptr;

// A view cannot be mapped over: it goes, and zeros are put where it was. A thread that reads it in
// between meets an access violation and tries again.
bool replaceByZeros(std::uintptr_t address, bool isPageError) {
    MappedRangeSlot* const slot = mappedRangeAt(address);
    if (slot == nullptr || (!isPageError && !slot->hasFailed)) return false;
    if (slot->hasFailed.exchange(true)) {
        for (int wait = 0; wait < 1000 && !slot->isReplaced; ++wait) ::Sleep(1);
        return slot->isReplaced;
    }
    void* const data = reinterpret_cast<void*>(slot->begin.load());
    ::UnmapViewOfFile(data);
    slot->isReplaced =
        ::VirtualAlloc(data, slot->size.load(), MEM_RESERVE | MEM_COMMIT, PAGE_READONLY) == data;
    return slot->isReplaced;
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

void installMappedRangeHandler() { handler = ::AddVectoredExceptionHandler(1, onException); }

void uninstallMappedRangeHandler() { ::RemoveVectoredExceptionHandler(handler); }

// The view itself is gone, and its owner's unmapping finds nothing.
void releaseReplacedRange(MappedRangeSlot& slot) {
    ::VirtualFree(reinterpret_cast<void*>(slot.begin.load()), 0, MEM_RELEASE);
}

}  // namespace sotto
