// The rotation speeds of RoPE's pairs with every scaling already in them: what KernelSet::ropeStore
// takes. Pure functions in double precision.
// Sources: Su et al. 2021 (RoPE); Chen et al. 2023 (linear); Peng et al. 2023, YaRN, section 3;
// llama.cpp's meaning of the GGUF keys.
#pragma once

#include <span>
#include <vector>

#include "engine/model/model_config.h"

namespace sotto {

struct RopeTable {
    std::vector<float> frequencies;  // [rotaryDims / 2] radians per position
    float magnitude = 1.0f;          // of cos and sin
};

// `factors` [rotaryDims / 2] divide the frequencies (rope_freqs.weight); empty: none.
RopeTable ropeTable(const RopeConfig& rope, std::span<const float> factors);

}  // namespace sotto
