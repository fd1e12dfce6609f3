// Synthetic models: the shapes of CLI.md with random weights, as a GGUF that this engine and others
// load. Pure plans; the weights are made when the writer asks for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/gguf/gguf_writer.h"

namespace sotto {

struct SyntheticShape {
    std::string_view name;
    std::int32_t nEmbd = 0, nFeedForward = 0, nLayers = 0, nHeads = 0, nKvHeads = 0, headDim = 0,
                 nVocab = 0;
    bool isTied = false;
    // Of a mixture of experts, as Qwen 3 has them; nFeedForward is then of one expert.
    std::int32_t nExperts = 0, nExpertsUsed = 0;

    bool isMixture() const { return nExperts > 0; }
};

// The shape of this name, or null.
const SyntheticShape* findShape(std::string_view name);

// A model that can be written: keys, a stand-in vocabulary, tensors and their random content.
struct SyntheticModel {
    GgufWriter writer;
    GgufRowSource source;  // refers to nothing outside itself
};

// `description` is "SHAPE:TYPE" as in CLI.md: "llama-1b:Q4_K_M". TYPE is a tensor type or one of
// the mixes Q4_K_S, Q4_K_M, Q5_K_S, Q5_K_M.
// `nLayers`: in place of the shape's own; 0: those. Errors: InvalidArgument (lists what is known).
Result<SyntheticModel> planSyntheticModel(std::string_view description, std::uint64_t seed,
                                          std::int32_t nLayers = 0);

// The same for a shape of one's own; `type` as above.
Result<SyntheticModel> planSyntheticModel(const SyntheticShape& shape, std::string_view type,
                                          std::uint64_t seed);

}  // namespace sotto
