// Which experts a token goes to: router, softmax and the highest few (engine/kernels/experts.h).
//
// Launch functions only; the pointers are device memory. Engine thread.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/experts.h"

namespace sotto::cuda {

// Where the choice goes.
struct ChosenExperts {
    std::int32_t* experts = nullptr;  // [nTokens, nUsed] in [0, nExperts), the most probable first
    float* weights = nullptr;         // [nTokens, nUsed]
};

// From logits, for any number of tokens.
struct ChooseExpertsLaunch {
    const float* logits = nullptr;  // [nTokens, nExperts]
    std::int64_t nTokens = 0;
    ExpertChoice choice;
    ChosenExperts chosen;
};
void launchChooseExperts(const ChooseExpertsLaunch& args, const LaunchStream& on);

// Norm, router and choice of up to kMaxRowTokens rows in one kernel, for a router of float32.
struct RouteRowsLaunch {
    const float* hidden = nullptr;      // [nTokens, nCols] before the norm
    const float* normWeight = nullptr;  // [nCols]
    float normEpsilon = 0.0f;
    const float* router = nullptr;  // [nExperts, nCols]
    std::int32_t nTokens = 0;
    std::int32_t nCols = 0;
    ExpertChoice choice;
    float* logits = nullptr;                 // [nTokens, nExperts], written on the way
    std::int32_t* finishedBlocks = nullptr;  // one counter, zero before and after
    ChosenExperts chosen;
};
void launchRouteRows(const RouteRowsLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda
