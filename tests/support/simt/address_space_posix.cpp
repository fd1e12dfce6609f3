#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/simt/address_space.h"

namespace simt {

bool isMapped(std::uintptr_t address) {
    const auto pageBytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    unsigned char residency = 0;
    // Fails for pages that are not there, whatever their protection.
    return mincore(reinterpret_cast<void*>(address / pageBytes * pageBytes), 1, &residency) == 0;
}

}  // namespace simt
