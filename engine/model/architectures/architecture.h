// Architecture: what one family does differently from the common reading of its metadata.
//
// Adding a family that fits the config: one file here with its adapt function, one row in
// registry.cpp, one golden test. The table is passed to the config reader; there is no global
// registration.
#pragma once

#include <span>
#include <string_view>

#include "engine/model/model_config.h"

namespace sotto {

struct Architecture {
    std::string_view name;                // general.architecture
    void (*adapt)(ModelConfig& config);   // called after the common keys were read
    Presence experts = Presence::Absent;  // whether its feed-forward blocks are mixtures
};

std::span<const Architecture> builtinArchitectures();

void adaptLlama(ModelConfig& config);
void adaptQwen2(ModelConfig& config);
void adaptQwen3(ModelConfig& config);  // and qwen3moe

}  // namespace sotto
