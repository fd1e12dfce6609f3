#include "engine/kernels/cuda/cuda_sizes.h"

#include <algorithm>

#include "engine/device/cuda/weight_uploader.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/cuda/cuda_weight.h"
#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/scratch.h"
#include "engine/kernels/cuda/step_inputs.h"

namespace sotto {
namespace {

// As CudaKernelSet::scratchBytes(); cuda_model_test compares the two.
std::uint64_t scratchBytes(const KernelLimits& limits) {
    constexpr std::int64_t kBlockTokens = 32;
    cuda::StepInputsBuffer::Capacity inputs;
    inputs.nTokens = std::max<std::int64_t>(1, limits.maxTokens);
    inputs.nSequences = cuda::kMaxRowTokens;
    inputs.nBlocks = (limits.maxContext + kBlockTokens - 1) / kBlockTokens + 1;
    return cuda::ScratchPlan(limits).arena.bytes() + cuda::StepInputsBuffer::bytes(inputs);
}

}  // namespace

Result<KernelSizes> cudaKernelSizes() {
    const auto nSlots = static_cast<std::uint64_t>(cuda::WeightUploaderOptions{}.nSlots);
    return KernelSizes{cuda::cudaWeightBytes, scratchBytes,
                       nSlots * CudaKernelOptions{}.uploadSlotBytes};
}

}  // namespace sotto
