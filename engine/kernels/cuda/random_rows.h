// Rows of a random matrix in file order, made on the device: the bytes of
// engine/quant/random_weights.h.
#pragma once

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/quant/random_weights.h"

namespace sotto::cuda {

struct RandomRowsArgs {
    RandomMatrix matrix;
    std::int64_t firstRow = 0;
    std::int64_t nRows = 0;
    std::byte* out = nullptr;  // [nRows, rowBytes], aligned to 4 bytes
};
void launchRandomRows(const RandomRowsArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
