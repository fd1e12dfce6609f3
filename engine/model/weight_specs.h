// WeightSpec: one tensor of a block, spelled once: its name, its shape from the config, whether a
// file must have it, and where the loaded one goes.
//
// Place: weight_table finds and checks the tensors by these tables, loader fills Weights by them;
// neither knows a single name. Another block, or another way to write one, is another table here
// and its row in layerTables(). Constant data; any thread. Source of the names: ggml docs/gguf.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "engine/model/model_config.h"
#include "engine/model/weights.h"

namespace sotto {

// What a shape follows from. Of a tensor of the whole model `layer` is the first one.
struct WeightScope {
    const ModelConfig& config;
    const LayerConfig& layer;
};

struct Extent {
    std::int64_t (*count)(const WeightScope& scope) = nullptr;  // null: no such dimension
    std::string_view key = {};  // the metadata that it follows from, for the sentence of a mismatch

    bool isThere() const { return count != nullptr; }
};

// It is no weight of its own: it goes into every layer's rotation speeds.
struct RotationFactors {
    bool operator==(const RotationFactors&) const = default;
};

// The member that will point to it, which is also its role: `Weight` members take matrices, float
// members vectors (norms and biases, expanded to float32 at load).
using WeightPlace =
    std::variant<const Weight * LayerWeights::*, const float * LayerWeights::*,
                 const Weight * Weights::*, const float * Weights::*, RotationFactors>;

struct WeightSpec {
    std::string_view name;  // of a layer: behind "blk.N."
    WeightPlace place;
    Extent columns;     // inputs of a matrix (contiguous), length of a vector
    Extent rows = {};   // outputs; matrices only
    Extent stack = {};  // matrices behind one another: a mixture's experts
    Presence (*presence)(const WeightScope& scope) = [](const WeightScope&) {
        return Presence::Required;
    };

    bool isOfLayer() const {
        return std::holds_alternative<const Weight * LayerWeights::*>(place) ||
               std::holds_alternative<const float * LayerWeights::*>(place);
    }
    bool isVector() const {
        return !std::holds_alternative<const Weight * LayerWeights::*>(place) &&
               !std::holds_alternative<const Weight * Weights::*>(place);
    }
    // "blk.3.attn_q.weight"; `layerIndex` is not looked at when it is of the whole model.
    std::string tensorName(std::int32_t layerIndex) const;
};

using SpecTable = std::span<const WeightSpec>;

// Embedding, head and what lies around the layers.
SpecTable modelTable();
// The blocks of a layer, in the order in which they are loaded.
std::array<SpecTable, 2> layerTables(const LayerConfig& layer);

}  // namespace sotto
