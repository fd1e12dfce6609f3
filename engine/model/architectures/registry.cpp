#include <array>

#include "engine/model/architectures/architecture.h"

namespace sotto {

std::span<const Architecture> builtinArchitectures() {
    static constexpr std::array<Architecture, 3> kArchitectures{{
        {"llama", adaptLlama},
        {"qwen2", adaptQwen2},
        {"qwen3", adaptQwen3},
    }};
    return kArchitectures;
}

}  // namespace sotto
