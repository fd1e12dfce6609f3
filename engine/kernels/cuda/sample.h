// What of sampling runs on the device: penalties, the first largest logit, the top candidates.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/tensor/token_choice.h"

namespace sotto::cuda {

// How one row's token is chosen: a TokenChoice as it lies in device memory.
struct DeviceChoice {
    double uniform = 0;
    float temperature = 0;
    float topP = 1;
    float minP = 0;
    float repeatPenalty = 1;
    float presencePenalty = 0;
    float frequencyPenalty = 0;
    std::int32_t topK = 0;
    std::int32_t isPenalizing = 0;
    std::int32_t firstPenalized = 0;  // of the step's list
    std::int32_t nPenalized = 0;      // at most kMaxPenalized
};

// A logit before a penalty; token -1: none.
struct RawLogit {
    std::int32_t token = -1;
    float logit = 0;
};

// In place, per row: for each token of the row's list (each once, with its count in the window)
//   logit = logit > 0 ? logit / repeat : logit * repeat
//   logit = (logit - presence) - frequency * count
// rounded after each operation, with NaN as -infinity and +infinity as the largest float before and
// after: the bits of applyPenalties() in engine/token/sampling_steps. The token that a row was fed
// with by the step before counts once more.
struct PenalizeLaunch {
    float* logits = nullptr;  // [nRows, nVocab]
    std::int64_t nVocab = 0;
    std::int32_t nRows = 0;
    const DeviceChoice* choices = nullptr;      // [nRows]
    const PenalizedToken* penalized = nullptr;  // the lists of all rows
    const std::int32_t* fedTokens = nullptr;    // [nRows], -1: none; null: none at all
    RawLogit* raw = nullptr;                    // [nRows, kMaxPenalized + 1]
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
