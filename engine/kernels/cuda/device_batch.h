// DeviceBatch: a step's rows as the kernels see them, in device memory at fixed addresses, so that
// a captured step can be replayed with other contents.
//
// Filled by CudaKernels from BatchView (kernel_set.h) with one copy per step. Plain pointers.
#pragma once

#include <cstdint>

namespace sotto::cuda {

struct DeviceBatch {
    const std::int32_t* positions = nullptr;      // [nTokens]
    const std::int32_t* sequenceIndex = nullptr;  // [nTokens]
    const std::int32_t* firstRows = nullptr;      // [nSequences + 1]: rows of sequence s are
                                                  // firstRows[s] .. firstRows[s + 1] - 1
    const std::int32_t* blockIds = nullptr;       // [nSequences, tableStride]
    std::int32_t tableStride = 0;
    std::int32_t nTokens = 0;
    std::int32_t nSequences = 0;
    // Host's upper bounds, part of a captured step's key: rows of one sequence and the position
    // after the last one of any sequence (rounded up by the caller).
    std::int32_t maxRows = 0;
    std::int32_t maxPositions = 0;
};

}  // namespace sotto::cuda
