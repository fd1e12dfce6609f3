// ModelConfig: everything the forward pass must know of an architecture, as plain values.
//
// Flow: config_reader fills it from metadata, architectures/<name>.cpp says what differs,
// weight_table derives the tensors it wants, transformer_layer computes by it. A model is a list of
// layers, a layer a (mixer, feed-forward) pair; today the mixer is attention and the feed-forward
// dense or a mixture of experts. Further families (ENGINE_NOTES section 6) add fields here and a
// branch in the block concerned, never a second forward pass. Immutable after loading; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/kernels/experts.h"
#include "engine/kernels/kernel_set.h"

namespace sotto {

// Whether a family has a tensor: a file that lacks a Required one, or brings an Absent one, is
// refused.
enum class Presence : std::uint8_t { Absent, Optional, Required };

enum class RopeScaling : std::uint8_t { None, Linear, Yarn };

// Llama 3's scaling has no entry of its own: GGUF stores its result as the tensor
// rope_freqs.weight, one divisor per pair, which is applied with any scaling.
struct RopeConfig {
    RopeKind kind = RopeKind::Interleaved;
    std::int32_t rotaryDims = 0;  // dims of a head that rotate, even
    double base = 10000.0;
    RopeScaling scaling = RopeScaling::None;
    double factor = 1.0;               // context is stretched by this
    std::int64_t originalContext = 0;  // tokens the model was first trained with (YaRN)
    double attentionFactor = 1.0;      // multiplies cos and sin, beside YaRN's own
    double betaFast = 32.0;            // YaRN: rotations from which a pair is left as it is
    double betaSlow = 1.0;             // YaRN: rotations below which a pair is fully interpolated
    double logMultiplier = 0.0;        // YaRN of the DeepSeek kind: see rope_frequencies.cpp
};

struct AttentionConfig {
    std::int32_t nHeads = 0;
    std::int32_t nKvHeads = 0;
    std::int32_t headDim = 0;
    float scale = 0.0f;       // of the scores, usually 1 / sqrt(headDim)
    std::int32_t window = 0;  // 0: full causal attention
    // Which biases a file has varies within families: those that are there are added.
    Presence inputBias = Presence::Optional;  // of q, k and v
    Presence outputBias = Presence::Optional;
    Presence qkNorm = Presence::Absent;  // per-head RMS norm of q and k before rotation
    RopeConfig rope;
};

struct FeedForwardConfig {
    std::int32_t nFeedForward = 0;  // inner width, in a mixture of each expert
    GluKind glu = GluKind::Silu;
    Presence bias = Presence::Optional;  // of dense blocks
    ExpertChoice experts;                // none: the block is dense

    bool isMixture() const { return experts.nExperts > 0; }
};

struct LayerConfig {
    AttentionConfig attention;
    FeedForwardConfig feedForward;
    float normEpsilon = 1e-5f;  // RMS norm before each block (and of q and k)
};

struct ModelConfig {
    std::string architecture;         // as in the file: "llama"
    std::int64_t trainedContext = 0;  // tokens
    std::int32_t nEmbd = 0;
    std::int32_t nVocab = 0;
    float embeddingScale = 1.0f;
    float outputNormEpsilon = 1e-5f;
    std::vector<LayerConfig> layers;
};

}  // namespace sotto
