// Which device memory kernels may read as constants.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "simt/block.h"
#include "tests/support/simt/runtime_state.h"

namespace simt {

ReadOnlyRange lastReadOnly;

void forgetReadOnly(State& s, std::uintptr_t first, std::size_t bytes) {
    lastReadOnly = {};
    s.readOnly.erase(s.readOnly.lower_bound(first), s.readOnly.lower_bound(first + bytes));
}

namespace {

// The program's own memory between two allocations, or an allocation of pinned memory: anything.
ReadOnlyRange freeRange(State& s, std::uintptr_t address) {
    ReadOnlyRange range{0, std::numeric_limits<std::uintptr_t>::max()};
    const auto next = s.allocations.upper_bound(address);
    if (next != s.allocations.end()) range.end = next->first;
    if (next == s.allocations.begin()) return range;
    const auto& [start, allocation] = *std::prev(next);
    const std::uintptr_t end = start + allocation.bytes;
    if (address >= end) return {end, range.end};
    return allocation.type == cudaMemoryTypeHost ? ReadOnlyRange{start, end} : ReadOnlyRange{};
}

}  // namespace

// Called by a running kernel, so under the lock.
void findReadOnly(std::uintptr_t address, std::size_t bytes) {
    State& s = state();
    const auto next = s.readOnly.upper_bound(address);
    if (next != s.readOnly.begin()) {
        const auto& [first, end] = *std::prev(next);
        if (address + bytes <= end) {
            lastReadOnly = {first, end};
            return;
        }
    }
    const ReadOnlyRange range = freeRange(s, address);
    if (range.end == 0) {
        std::string problem = fmt::format(
            "a load as a constant of {} bytes at {:#x}, device memory that is not marked read-only",
            bytes, address);
        fail(std::move(problem));
    }
    lastReadOnly = range;
}

void notePrefetch(const void* address) {
    checkReadOnly(address, 1);
    ++state().prefetches;
}

// A matrix arrives in pieces: neighbours become one range.
void markReadOnly(const void* memory, std::size_t bytes) {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    if (bytes == 0) return;
    lastReadOnly = {};
    auto first = reinterpret_cast<std::uintptr_t>(memory);
    std::uintptr_t end = first + bytes;
    auto next = s.readOnly.upper_bound(end);
    while (next != s.readOnly.begin() && std::prev(next)->second >= first) {
        --next;
        first = std::min(first, next->first);
        end = std::max(end, next->second);
        next = s.readOnly.erase(next);
    }
    s.readOnly[first] = end;
}

}  // namespace simt
