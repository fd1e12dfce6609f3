// Prefill of a mixture of experts: the rows of a step sorted by the expert that they go to.
//
// A pair is one expert of one token, pair = token * nUsed + n. Pairs of one expert lie in slots
// that follow each other, in order of the pairs, beginning at a multiple of 8 (a token tile of an
// ActivationPlane); slots in between are empty. linear_tiles takes blocks of slots of one expert.
// Launch functions only; the pointers are device memory. Engine thread.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/experts.h"

namespace sotto::cuda {

// Tokens of the smallest block.
inline constexpr std::int32_t kMinExpertBlock = 16;

// What a block of linear_tiles works on.
struct ExpertBlock {
    std::int32_t expert = 0;
    std::int32_t firstSlot = 0;  // a multiple of 8
    std::int32_t nSlots = 0;     // at most the block's tokens; 0: nothing
};

struct ExpertSlots {
    std::int32_t* pairOfSlot = nullptr;  // [nSlots]; -1: empty
    std::int32_t* slotOfPair = nullptr;  // [nPairs]
    ExpertBlock* blocks = nullptr;       // [expertBlocks()], those that are not needed are empty
};

struct SortExpertsLaunch {
    const std::int32_t* experts = nullptr;  // [nTokens, nUsed]
    std::int64_t nTokens = 0;
    ExpertChoice choice;
    std::int32_t blockTokens = 0;  // 16, 32 or 64
    ExpertSlots sorted;            // nSlots = expertRows(nTokens, choice)
};
void launchSortExperts(const SortExpertsLaunch& args, const LaunchStream& on);

// Blocks of at most blockTokens slots that the pairs of nTokens tokens may need. Grows with nTokens
// and as blockTokens gets less.
std::int64_t expertBlocks(std::int64_t nTokens, const ExpertChoice& choice,
                          std::int32_t blockTokens);

// Tokens of a block, 16, 32 or 64: large blocks for experts with many rows on average, small ones
// where much of a large one would be empty. onlyTokens: those alone; 0: as said.
std::int32_t expertBlockTokens(std::int64_t nTokens, const ExpertChoice& choice,
                               std::int32_t onlyTokens = 0);

// out[token, :] += sum over n of weights[token, n] * rows[slot of pair (token, n), :], in order of
// n.
struct MixExpertsLaunch {
    const float* rows = nullptr;               // [nSlots, width]
    const std::int32_t* slotOfPair = nullptr;  // [nTokens * nUsed]; null: slot = pair
    const float* weights = nullptr;            // [nTokens, nUsed]
    float* out = nullptr;                      // [nTokens, width]
    std::int64_t nTokens = 0;
    std::int32_t nUsed = 0;
    std::int64_t width = 0;
};
void launchMixExperts(const MixExpertsLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda
