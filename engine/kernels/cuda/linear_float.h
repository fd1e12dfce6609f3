// F32 matrices, row-major as in the file: plain fused multiply-adds, any number of rows.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"

namespace sotto::cuda {

// Rows that go to experts: of a stack of matrices each takes its own.
struct ExpertRowsView {
    const std::int32_t* experts = nullptr;     // of each pair; null: one matrix for all rows
    const std::int32_t* pairOfSlot = nullptr;  // of each row, negative: none, the row is left out;
                                               // null: row i is pair i
    std::int32_t pairsPerRow = 0;  // row i reads row pair / pairsPerRow of x; 0: row i of x
};

struct LinearFloatArgs {
    const float* x = nullptr;        // [nTokens, nCols]
    const float* weights = nullptr;  // [nRows, nCols]
    const float* bias = nullptr;     // [nRows] or null
    float* out = nullptr;            // [nTokens, nRows]
    std::int64_t nTokens = 0;
    std::int64_t nRows = 0;
    std::int64_t nCols = 0;
    bool isAccumulating = false;
    ExpertRowsView experts;  // nRows is then of one expert
};

void launchLinearFloat(const LinearFloatArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
