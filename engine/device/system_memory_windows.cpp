#include <windows.h>

#include "engine/device/system_memory.h"

namespace sotto {

SystemMemory systemMemory() {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof(status);
    if (!GlobalMemoryStatusEx(&status)) return {};
    return {status.ullTotalPhys, status.ullAvailPhys};
}

}  // namespace sotto
