#include "engine/kernels/cuda/cuda_sizes.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/device/cuda/cublas_symbols.h"
#include "engine/device/cuda/weight_uploader.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/cuda/cuda_weight.h"
#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/scratch.h"
#include "engine/kernels/cuda/step_inputs.h"

namespace sotto {

std::uint64_t cudaScratchBytes(const KernelLimits& limits, ProductPath products) {
    using cuda::StepInputsBuffer;
    return cuda::wholePages(cuda::ScratchPlan(limits, products).arena.bytes()) +
           cuda::wholePages(StepInputsBuffer::bytes(StepInputsBuffer::capacityFor(limits)));
}

ProductPath productsHere(ProductPath wanted) {
    if (wanted == ProductPath::Own || cuda::isCublasInstalled()) return wanted;
    return ProductPath::Own;
}

namespace {

Status checkHeads(const KvLayerShape& shape) {
    const std::int32_t headDim = shape.key.dim;
    for (const KvRow& row : {shape.key, shape.value})
        if ((isQuantized(row.type) || row.isRotated) && row.dim % kKvBlockElements != 0)
            return fail(ErrorCode::Unsupported,
                        fmt::format("The model has heads of {} dimensions, of which a cache in {} "
                                    "is not made: it keeps whole groups of {}. Choose f16.",
                                    row.dim, kvTypeTraits(row.type).name, kKvBlockElements));
    if (headDim % 4 == 0 && headDim <= cuda::kMaxHeadDim) return {};
    return fail(ErrorCode::Unsupported,
                fmt::format("The model has heads of {} dimensions (attention.key_length); on a "
                            "graphics card they are multiples of 4 up to {}.",
                            headDim, cuda::kMaxHeadDim));
}

}  // namespace

Result<KernelSizes> cudaKernelSizes(ProductPath products) {
    const auto nSlots = static_cast<std::uint64_t>(cuda::WeightUploaderOptions{}.nSlots);
    return KernelSizes{
        .preparedBytes = cuda::cudaWeightBytes,
        .scratchBytes =
            [products](const KernelLimits& limits) { return cudaScratchBytes(limits, products); },
        .cacheBytes = cuda::kvPlanesBytes,
        .allocationUnit = cuda::kDevicePageBytes,
        .loadingBytes = nSlots * cuda::wholePages(CudaKernelOptions{}.uploadSlotBytes),
        .exactRows = cuda::kMaxRowTokens,
        .checkCache = checkHeads};
}

}  // namespace sotto
