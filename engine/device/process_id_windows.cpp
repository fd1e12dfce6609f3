#include <windows.h>

#include "engine/device/process_id.h"

namespace sotto {

std::uint32_t processId() { return GetCurrentProcessId(); }

}  // namespace sotto
