#include <array>

#include "engine/model/architectures/architecture.h"

namespace sotto {

std::span<const Architecture> builtinArchitectures() {
    static constexpr std::array<Architecture, 4> kArchitectures{{
        {"llama", adaptLlama, Presence::Optional},
        {"qwen2", adaptQwen2},
        {"qwen3", adaptQwen3},
        {"qwen3moe", adaptQwen3, Presence::Required},
    }};
    return kArchitectures;
}

}  // namespace sotto
