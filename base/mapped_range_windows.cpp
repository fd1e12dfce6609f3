#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <cstdint>

#include "base/mapped_range_slots.h"

namespace sotto {
namespace {

void* handler = nullptr;

LONG CALLBACK onException(EXCEPTION_POINTERS* exception) {
    const EXCEPTION_RECORD& record = *exception->ExceptionRecord;
    const bool isPageError = record.ExceptionCode == EXCEPTION_IN_PAGE_ERROR;
    if (!isPageError && record.ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    const auto range = mappedRangeAt(record.ExceptionInformation[1]);
    if (!range || (!isPageError && !range->slot->hasFailed)) return EXCEPTION_CONTINUE_SEARCH;
    return replaceByZeros(*range) ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

}  // namespace

// A view cannot be mapped over: it goes, and zeros are put where it was. A thread that reads it in
// between meets an access violation and tries again. The range is the one that was found: what the
// slot says by now may be another file's.
bool replaceByZeros(const MappedRangeMatch& range) {
    if (!range.isCurrent()) return false;
    MappedRangeSlot& slot = *range.slot;
    if (slot.hasFailed.exchange(true)) {
        for (int wait = 0; wait < 1000 && !slot.isReplaced; ++wait) ::Sleep(1);
        return slot.isReplaced;
    }
    void* const data = reinterpret_cast<void*>(range.begin);
    ::UnmapViewOfFile(data);
    slot.isReplaced =
        ::VirtualAlloc(data, range.size, MEM_RESERVE | MEM_COMMIT, PAGE_READONLY) == data;
    return slot.isReplaced;
}

void installMappedRangeHandler() { handler = ::AddVectoredExceptionHandler(1, onException); }

void uninstallMappedRangeHandler() { ::RemoveVectoredExceptionHandler(handler); }

// The view itself is gone, and its owner's unmapping finds nothing.
void releaseReplacedRange(MappedRangeSlot& slot) {
    ::VirtualFree(reinterpret_cast<void*>(slot.begin.load()), 0, MEM_RELEASE);
}

}  // namespace sotto
