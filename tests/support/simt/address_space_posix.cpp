#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/simt/address_space.h"

namespace simt {

bool isMapped(std::uintptr_t address) {
    const std::uintptr_t page = pageBytes();
    unsigned char residency = 0;
    // Fails for pages that are not there, whatever their protection.
    return mincore(reinterpret_cast<void*>(address / page * page), 1, &residency) == 0;
}

std::size_t pageBytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

void* reservePages(std::size_t bytes) {
    void* const first =
        mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return first == MAP_FAILED ? nullptr : first;
}

void releasePages(void* first, std::size_t bytes) { munmap(first, bytes); }

void openPages(void* first, std::size_t bytes) { mprotect(first, bytes, PROT_READ | PROT_WRITE); }

void closePages(void* first, std::size_t bytes) { mprotect(first, bytes, PROT_NONE); }

}  // namespace simt
