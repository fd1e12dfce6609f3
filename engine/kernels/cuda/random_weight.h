// A random matrix made where it will lie: in device memory, packed, without a byte from the host.
#pragma once

#include <memory>

#include "base/result.h"
#include "engine/device/cuda/cuda_handles.h"
#include "engine/kernels/cuda/cuda_weight.h"
#include "engine/quant/random_weights.h"

namespace sotto::cuda {

// Rows pass through a staging buffer of about `stagingBytes`, made in file order and repacked as an
// upload's are. Done on return. Errors: OutOfMemory, Cancelled, DeviceFailed.
Result<std::unique_ptr<Weight>> makeRandomWeight(const RandomMatrix& matrix,
                                                 std::size_t stagingBytes, const Stream& stream,
                                                 const PrepareTarget& target);

}  // namespace sotto::cuda
