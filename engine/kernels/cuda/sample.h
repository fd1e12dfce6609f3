// What of sampling runs on the device: penalties, the first largest logit, the top candidates.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/tensor/token_choice.h"

namespace sotto::cuda {

// In place, per row: for each of the row's listed tokens (each once, with its count in the window)
//   logit = logit > 0 ? logit / repeat : logit * repeat
//   logit = (logit - presence) - frequency * count
// rounded after each operation, with NaN as -infinity and +infinity as the largest float before and
// after: the bits of applyPenalties() in engine/token/sampling_steps.
struct PenalizeLaunch {
    float* logits = nullptr;  // [nRows, nVocab]
    std::int64_t nVocab = 0;
    std::int32_t nRows = 0;
    const std::int32_t* tokenIds = nullptr;  // [nRows, stride]
    const std::int32_t* counts = nullptr;    // [nRows, stride]; 0: unused entry
    std::int32_t stride = 0;
    float repeat = 1.0f;
    float frequency = 0.0f;
    float presence = 0.0f;
};
void launchPenalize(const PenalizeLaunch& args, const LaunchStream& on);

// candidates[row, 0..k-1]: the k largest logits in descending order, the smaller id first among
// equal ones (0 and -0 are equal), and their ids. k = 1 is the greedy choice. NaN comes last, after
// -infinity. Where k > nVocab the rest is (-infinity, -1).
using sotto::kMaxCandidates;
struct TopCandidatesLaunch {
    const float* logits = nullptr;  // [nRows, nVocab]
    std::int64_t nVocab = 0;
    std::int32_t nRows = 0;
    std::int32_t k = 1;            // 1..kMaxCandidates
    float* values = nullptr;       // [nRows, k]
    std::int32_t* ids = nullptr;   // [nRows, k]
    std::byte* scratch = nullptr;  // topCandidatesScratchBytes()
};
std::int64_t topCandidatesScratchBytes(std::int64_t nVocab, std::int32_t nRows, std::int32_t k);
void launchTopCandidates(const TopCandidatesLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda
