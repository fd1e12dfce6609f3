// WeightTable: which tensor of the file is which of weight_specs, with every shape checked against
// the hyper-parameters.
//
// Flow: config_reader → here → loader and memory_estimate. Plain values; the pointers live as long
// as the GgufFile. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/model/model_config.h"
#include "engine/model/weight_specs.h"

namespace sotto {

struct WeightEntry {
    const WeightSpec* spec = nullptr;
    std::int32_t layerIndex = -1;  // -1: of the whole model
    const GgufTensor* tensor = nullptr;

    bool isVector() const { return spec->isVector(); }
    bool isEmbedding() const { return spec->place == WeightPlace(&Weights::embedding); }
};

struct WeightTable {
    std::vector<WeightEntry> entries;
    const GgufTensor* ropeFactors = nullptr;
    bool hasTiedHead = true;  // no head of its own: the embedding is used
};

// Of a matrix of that many bytes, or that many elements, how many one token needs: all, or of the
// experts' the share that a token goes to.
std::uint64_t usedByToken(const ModelConfig& config, const WeightEntry& entry,
                          std::uint64_t amount);

// Errors: FileDamaged (a tensor that is missing or has another shape than the keys ask for, both
// named), Unsupported (a tensor this architecture is not known to have, named).
Result<WeightTable> buildWeightTable(const ModelConfig& config, const GgufFile& file);

}  // namespace sotto
