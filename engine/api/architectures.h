// Which model families this engine runs, by the names that model files give them.
#pragma once

#include <string_view>
#include <vector>

namespace sotto {

// "llama", "qwen3moe": as general.architecture says it, in the registry's order.
std::vector<std::string_view> supportedArchitectures();

}  // namespace sotto
