#include <unistd.h>

#include "engine/device/process_id.h"

namespace sotto {

std::uint32_t processId() { return static_cast<std::uint32_t>(getpid()); }

}  // namespace sotto
