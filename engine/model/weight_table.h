// WeightTable: which tensor of the file plays which role, with every shape checked against the
// hyper-parameters.
//
// Flow: config_reader → here → loader and memory_estimate. Plain values; the pointers live as long
// as the GgufFile. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/model/model_config.h"

namespace sotto {

enum class TensorRole : std::uint8_t {
    TokenEmbedding,  // [nVocab, nEmbd]
    OutputNorm,      // [nEmbd]
    Head,            // [nVocab, nEmbd]; absent: the embedding is used
    RopeFactors,     // [rotaryDims / 2]
    AttentionNorm,
    Query,
    Key,
    Value,
    AttentionOutput,
    QueryBias,
    KeyBias,
    ValueBias,
    AttentionOutputBias,
    QueryNorm,
    KeyNorm,
    FeedForwardNorm,
    Router,  // of a mixture
    Gate,    // in a mixture the stack of all experts, and so of the next two
    Up,
    Down,
    GateBias,
    UpBias,
    DownBias,
};

struct WeightEntry {
    TensorRole role = TensorRole::TokenEmbedding;
    std::int32_t layerIndex = -1;  // -1: of the whole model
    bool isVector = false;         // norms, biases and factors: expanded to float32 at load
    const GgufTensor* tensor = nullptr;
};

struct WeightTable {
    std::vector<WeightEntry> entries;
    const GgufTensor* ropeFactors = nullptr;
    bool hasTiedHead = false;
};

// Of a matrix of that many bytes, or that many elements, how many one token needs: all, or of the
// experts' the share that a token goes to.
std::uint64_t usedByToken(const ModelConfig& config, const WeightEntry& entry,
                          std::uint64_t amount);

// Errors: FileDamaged (a tensor that is missing or has another shape than the keys ask for, both
// named), Unsupported (a tensor this architecture is not known to have, named).
Result<WeightTable> buildWeightTable(const ModelConfig& config, const GgufFile& file);

}  // namespace sotto
