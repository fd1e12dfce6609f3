// The feed-forward block of a mixture of experts: one operation of a KernelSet.
//
// For each row x = norm(hidden):
//   p    = softmax(router x) over all experts
//   e, w = the nUsed experts of the highest p, the lower index first where equal, with w = p; where
//          isNormalized divided by their sum
//   out += sum over the chosen, the most probable first, of w * down_e (act(gate_e x) * up_e x)
// A logit that is no number counts as the lowest, so that experts are chosen that exist; what the
// weights are then is undefined.
// The matrices of all experts of a layer are one Weight, expert after expert: of a stack of
// nExperts matrices with n rows each, expert e has the rows [e * n, (e + 1) * n), n a multiple of
// kExpertRowUnit, so that packed rows of two experts share nothing.
// Sources: Shazeer et al. 2017; Jiang et al. 2024 (Mixtral); Qwen 3.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/kernels/kernel_set.h"

namespace sotto {

inline constexpr std::int32_t kMaxExperts = 512;
inline constexpr std::int32_t kMaxExpertsUsed = 32;
inline constexpr std::int64_t kExpertRowUnit = 32;

// How the experts of a row are chosen.
struct ExpertChoice {
    std::int32_t nExperts = 0;  // at most kMaxExperts
    std::int32_t nUsed = 0;     // per row, at most nExperts and kMaxExpertsUsed
    bool isNormalized = true;   // the weights of a row's experts sum to 1
};

// Rows that `gated`, `upper` and `mixed` of ExpertsArgs must have for so many tokens: one per
// chosen expert of each token, and room to begin every expert's rows at a multiple of 8.
constexpr std::int64_t expertRows(std::int64_t nTokens, const ExpertChoice& choice) {
    const std::int64_t nPairs = nTokens * choice.nUsed;
    return nPairs + 7 * std::min<std::int64_t>(choice.nExperts, nPairs);
}

struct ExpertsArgs {
    RmsNormArgs norm;                // hidden rows -> norm.out
    const Weight* router = nullptr;  // [nExperts, nEmbd]
    const Weight* gate = nullptr;    // [nExperts * nInner, nEmbd]
    const Weight* up = nullptr;      // [nExperts * nInner, nEmbd]
    const Weight* down = nullptr;    // [nExperts * nEmbd, nInner]
    ExpertChoice choice;
    GluKind glu = GluKind::Silu;
    float* out = nullptr;  // [nTokens, nEmbd], accumulated into: the hidden rows
    // The set's to write as it likes.
    float* logits = nullptr;  // [nTokens, nExperts]
    float* gated = nullptr;   // [expertRows(), nInner]
    float* upper = nullptr;   // [expertRows(), nInner]
    float* mixed = nullptr;   // [expertRows(), nEmbd]
    // As in ResidualArgs.
    const float* nextNorm = nullptr;
    float nextEpsilon = 0.0f;
    const Weight* nextConsumer = nullptr;
};

}  // namespace sotto
