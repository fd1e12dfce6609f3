#include <windows.h>

#include "tests/support/simt/address_space.h"

namespace simt {

bool isMapped(std::uintptr_t address) {
    MEMORY_BASIC_INFORMATION information{};
    return VirtualQuery(reinterpret_cast<void*>(address), &information, sizeof(information)) != 0 &&
           information.State == MEM_COMMIT;
}

std::size_t pageBytes() {
    SYSTEM_INFO information{};
    GetSystemInfo(&information);
    return information.dwPageSize;
}

void* reservePages(std::size_t bytes) {
    return VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
}

void releasePages(void* first, std::size_t) { VirtualFree(first, 0, MEM_RELEASE); }

void openPages(void* first, std::size_t bytes) {
    DWORD before = 0;
    VirtualProtect(first, bytes, PAGE_READWRITE, &before);
}

void closePages(void* first, std::size_t bytes) {
    DWORD before = 0;
    VirtualProtect(first, bytes, PAGE_NOACCESS, &before);
}

}  // namespace simt
