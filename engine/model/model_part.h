// ModelPart: which share of a model lies on one KernelSet. A model that is larger than the card's
// memory is cut into two parts by layers; the hidden rows cross the border once per step.
//
// Plain values; any thread.
#pragma once

#include <cstddef>

#include "engine/kernels/kernel_set.h"
#include "engine/model/model_config.h"
#include "engine/model/weight_table.h"

namespace sotto {

struct LayerRange {
    std::size_t first = 0;
    std::size_t end = 0;

    std::size_t count() const { return end - first; }
    bool contains(std::int32_t layerIndex) const {
        return layerIndex >= 0 && static_cast<std::size_t>(layerIndex) >= first &&
               static_cast<std::size_t>(layerIndex) < end;
    }
};

struct PartShare {
    LayerRange layers;
    bool hasEmbedding = true;  // the first part
    bool hasHead = true;       // the last part: output norm and head

    static PartShare whole(const ModelConfig& config) { return {{0, config.layers.size()}}; }

    // A tied head away from the embedding is a copy of the same tensor.
    bool holds(const WeightEntry& entry, bool hasTiedHead) const {
        if (entry.layerIndex >= 0) return layers.contains(entry.layerIndex);
        if (entry.isEmbedding()) return hasEmbedding || (hasHead && hasTiedHead);
        return hasHead;
    }
};

struct ModelPart {
    KernelSet* kernels = nullptr;
    PartShare share;
};

}  // namespace sotto
