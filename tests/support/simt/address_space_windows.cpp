#include <windows.h>

#include "tests/support/simt/address_space.h"

namespace simt {

bool isMapped(std::uintptr_t address) {
    MEMORY_BASIC_INFORMATION information{};
    return VirtualQuery(reinterpret_cast<void*>(address), &information, sizeof(information)) != 0 &&
           information.State == MEM_COMMIT;
}

}  // namespace simt
