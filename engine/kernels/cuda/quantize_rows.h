// Float rows to an ActivationPlane, where no epilogue made it: the first layer, prefill, tests.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/kernels/cuda/launch_stream.h"

namespace sotto::cuda {

struct QuantizeRowsArgs {
    const float* x = nullptr;           // [nTokens, nCols]
    const float* normWeight = nullptr;  // [nCols] or null: x * normWeight is stored, the norm is
                                        // deferred when plane.squares is not null
    const float* gate = nullptr;        // [nTokens, nCols] or null: activation(gate) * x is stored
    bool isGelu = false;                // the activation of gate: tanh GELU, else SiLU
    std::int64_t nTokens = 0;
    ActivationPlane plane;
    // Of a mixture of experts: the plane's rows are slots (expert_slots.h), those of no pair are
    // left alone. Of the head: the rows that are wanted, with pairsPerRow 1.
    const std::int32_t* pairOfSlot = nullptr;  // [nTokens] or null
    std::int32_t pairsPerRow = 0;              // slot i reads row pairOfSlot[i] / pairsPerRow; 0:
                                               // row i
};

void launchQuantizeRows(const QuantizeRowsArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
