// Linux: /proc/meminfo knows MemAvailable (since 3.14). Elsewhere sysconf's free pages.
#include <unistd.h>

#include <fstream>
#include <string>

#include "engine/device/system_memory.h"

namespace sotto {

SystemMemory systemMemory() {
    SystemMemory memory;
    const auto pageBytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    memory.totalBytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * pageBytes;
    std::ifstream info("/proc/meminfo");
    std::string key;
    std::uint64_t kilobytes = 0;
    std::string unit;
    while (info >> key >> kilobytes) {
        if (key == "MemAvailable:") {
            memory.availableBytes = kilobytes * 1024;
            return memory;
        }
        std::getline(info, unit);
    }
#ifdef _SC_AVPHYS_PAGES
    memory.availableBytes = static_cast<std::uint64_t>(sysconf(_SC_AVPHYS_PAGES)) * pageBytes;
#endif
    return memory;
}

}  // namespace sotto
