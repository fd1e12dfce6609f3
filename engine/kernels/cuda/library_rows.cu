// Plain 16-bit rows for a library's products, and their results put in place.
//
// expandRowsKernel: one block per matrix row; first a bound of its weights by its scales, so that
// it reads the codes once, then a weight per thread and step. Moves a matrix's bytes in and 2 bytes
// per weight out. splitRowsKernel: one block per token, its largest magnitude, then its parts.
// placeRowsKernel: a thread per number, compareRowsKernel: a block per row. All rows are
// independent of one another; scales are powers of two, so that taking them off again rounds
// nothing.
#include "engine/kernels/cuda/library_rows.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "base/check.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/record_weight.cuh"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {
namespace {

constexpr int kThreads = 256;
static_assert(kThreads == kStepCols);
constexpr int kWarps = kThreads / 32;

__device__ __forceinline__ std::uint32_t magnitudeBits(float value) {
    return __float_as_uint(value) & 0x7fffffffu;
}

// The largest of all threads, for all of them. As unsigned integers, so that NaN is the largest.
__device__ __forceinline__ std::uint32_t blockMax(std::uint32_t value) {
    SOTTO_SHARED(std::uint32_t[kWarps], warps);
    const int thread = static_cast<int>(threadIdx.x);
    value = warpMax(value);
    if (thread % 32 == 0) warps[thread / 32] = value;
    __syncthreads();
    std::uint32_t largest = warps[0];
    for (int warp = 1; warp < kWarps; ++warp) largest = max(largest, warps[warp]);
    return largest;
}

// The power of two that brings this magnitude into [2^13, 2^14), and its inverse: exponent fields.
struct PowerOfTwo {
    float scale = 1.0f;
    float inverse = 1.0f;
};
__device__ __forceinline__ PowerOfTwo scaleFor(std::uint32_t largest) {
    const std::uint32_t exponent = max(largest >> 23, 14u) - 13u;
    return {.scale = __uint_as_float(exponent << 23),
            .inverse = __uint_as_float((254u - exponent) << 23)};
}

// No weight of this row's group of 32 columns is larger.
template <DType type>
__device__ __forceinline__ float largestOfGroup(const std::byte* record, int row, int group) {
    using Layout = RecordLayout<type>;
    constexpr float kCodes = static_cast<float>((1 << Layout::kCodeBits) - 1);
    constexpr float kHalfOfCodes = static_cast<float>(1 << (Layout::kCodeBits - 1));
    const std::byte* const scales = record + Layout::kScales + 16 * row;
    if constexpr (kHasAddedMin<type>) {
        const std::byte* const mins = record + Layout::kMins + 16 * row;
        return fabsf(halfAt(scales, group * 2)) * kCodes + fabsf(halfAt(mins, group * 2));
    } else if constexpr (type == DType::Q8_0 || kIsSmallNibble<type>) {
        return fabsf(halfAt(scales, group * 2)) * kHalfOfCodes;
    } else if constexpr (type == DType::Q6_K) {
        const float d = halfAt(record, Layout::kD + 4 * (row % 8) + 2 * (row / 8));
        return fabsf(d) * 128.0f * kHalfOfCodes;
    } else {
        static_assert(type == DType::Q4_K || type == DType::Q5_K);
        return 63.0f * (fabsf(halfAt(scales, 0)) * kCodes + fabsf(halfAt(scales, 2)));
    }
}

struct ExpandShape {
    const std::byte* records;  // of the first row's tile
    __half* out;
    float* scales;
    int firstRow;  // in its tile
    int nCols;
    int nSteps;
    int stride;
};

template <DType type>
__global__ void __launch_bounds__(kThreads) expandRowsKernel(ExpandShape shape) {
    using Layout = RecordLayout<type>;
    gridDependencyWait();
    gridDependencyLaunch();
    const int thread = static_cast<int>(threadIdx.x);
    const int tileRow = shape.firstRow + static_cast<int>(blockIdx.x);
    const int row = tileRow % kTileRows;
    const std::byte* const records =
        shape.records +
        static_cast<std::int64_t>(tileRow / kTileRows) * shape.nSteps * Layout::kBytes;
    PowerOfTwo power;
    if constexpr (!Layout::kIsFloat) {
        std::uint32_t largest = 0;
        for (int group = thread; group < shape.nSteps * kStepGroups; group += kThreads) {
            const std::byte* const record =
                records + static_cast<std::int64_t>(group / kStepGroups) * Layout::kBytes;
            largest =
                max(largest, magnitudeBits(largestOfGroup<type>(record, row, group % kStepGroups)));
        }
        power = scaleFor(blockMax(largest));
    }
    if (thread == 0) shape.scales[blockIdx.x] = power.scale;
    __half* const out = shape.out + static_cast<std::int64_t>(blockIdx.x) * shape.stride;
    for (int step = 0; step < shape.nSteps; ++step) {
        const int col = step * kStepCols + thread;
        if (col >= shape.stride) return;
        const std::byte* const record = records + static_cast<std::int64_t>(step) * Layout::kBytes;
        const float weight = col < shape.nCols ? recordWeight<type>(record, row, thread) : 0.0f;
        if constexpr (type == DType::BF16)
            reinterpret_cast<__nv_bfloat16*>(out)[col] = __float2bfloat16_rn(weight);
        else
            out[col] = __float2half_rn(weight * power.inverse);
    }
}

template <DType type>
void launchExpandOf(const ExpandRowsArgs& args, const LaunchStream& on) {
    const std::int64_t nSteps = stepsOf(args.nCols);
    const std::int64_t firstRecord = args.firstRow / kTileRows * nSteps;
    const ExpandShape shape{.records = args.records + firstRecord * recordBytes(type),
                            .out = static_cast<__half*>(args.out),
                            .scales = args.scales,
                            .firstRow = static_cast<int>(args.firstRow % kTileRows),
                            .nCols = static_cast<int>(args.nCols),
                            .nSteps = static_cast<int>(nSteps),
                            .stride = static_cast<int>(libraryCols(args.nCols))};
    launch(expandRowsKernel<type>, dim3(static_cast<unsigned>(args.nRows)), dim3(kThreads), 0, on,
           shape);
}

template <int nParts>
__global__ void __launch_bounds__(kThreads) splitRowsKernel(SplitRowsArgs args, int stride) {
    gridDependencyWait();
    gridDependencyLaunch();
    const int thread = static_cast<int>(threadIdx.x);
    const int nCols = static_cast<int>(args.nCols);
    const auto token = static_cast<std::int64_t>(blockIdx.x);
    const float* const x = args.x + token * args.rowStride;
    const bool isThere = token < args.nTokens;
    PowerOfTwo power;
    if (nParts < 3) {
        std::uint32_t largest = 0;
        for (int col = thread; isThere && col < nCols; col += kThreads)
            largest = max(largest, magnitudeBits(x[col]));
        power = scaleFor(blockMax(largest));
    }
    if (thread == 0) args.scales[token] = power.scale;
    auto* const halves = static_cast<__half*>(args.out);
    auto* const bfloats = static_cast<__nv_bfloat16*>(args.out);
    for (int col = thread; col < stride; col += kThreads) {
        float rest = isThere && col < nCols ? x[col] * power.inverse : 0.0f;
#pragma unroll
        for (int part = 0; part < nParts; ++part) {
            const std::int64_t index = (part * args.nPadded + token) * stride + col;
            if constexpr (nParts == 3) {
                const __nv_bfloat16 rounded = __float2bfloat16_rn(rest);
                bfloats[index] = rounded;
                rest -= __bfloat162float(rounded);
            } else {
                const __half rounded = __float2half_rn(rest);
                halves[index] = rounded;
                rest -= __half2float(rounded);
            }
        }
    }
}

__global__ void __launch_bounds__(kThreads) placeRowsKernel(PlaceRowsArgs args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const std::int64_t nBlocks = (args.nRows + kThreads - 1) / kThreads;
    const std::int64_t token = blockIdx.x / nBlocks;
    const std::int64_t row = blockIdx.x % nBlocks * kThreads + threadIdx.x;
    if (row >= args.nRows) return;
    float value = args.product[token * args.nRows + row];
    if (args.scales != nullptr) value *= args.scales[row];
    if (args.xScales != nullptr) value *= args.xScales[token];
    if (args.bias != nullptr) value += args.bias[row];
    float& out = args.out[token * args.outStride + row];
    out = args.isAccumulating ? out + value : value;
}

__global__ void __launch_bounds__(kThreads) compareRowsKernel(CompareRowsArgs args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const std::int64_t row = blockIdx.x;
    std::uint32_t isDifferent = 0;
    for (std::int64_t col = threadIdx.x; col < args.width; col += kThreads)
        isDifferent |=
            __float_as_uint(args.rows[row * args.width + col]) != __float_as_uint(args.first[col]);
    isDifferent = blockMax(isDifferent);
    if (threadIdx.x == 0 && isDifferent != 0) args.isDifferent[row] = 1;
}

}  // namespace

void launchExpandRows(const ExpandRowsArgs& args, const LaunchStream& on) {
    if (args.nRows == 0) return;
    switch (args.type) {
        case DType::Q8_0: return launchExpandOf<DType::Q8_0>(args, on);
        case DType::Q4_0: return launchExpandOf<DType::Q4_0>(args, on);
        case DType::Q4_1: return launchExpandOf<DType::Q4_1>(args, on);
        case DType::Q5_0: return launchExpandOf<DType::Q5_0>(args, on);
        case DType::Q5_1: return launchExpandOf<DType::Q5_1>(args, on);
        case DType::Q4_K: return launchExpandOf<DType::Q4_K>(args, on);
        case DType::Q5_K: return launchExpandOf<DType::Q5_K>(args, on);
        case DType::Q6_K: return launchExpandOf<DType::Q6_K>(args, on);
        case DType::F16: return launchExpandOf<DType::F16>(args, on);
        case DType::BF16: return launchExpandOf<DType::BF16>(args, on);
        case DType::F32:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(args.type, "expandRows");
}

void launchSplitRows(const SplitRowsArgs& args, const LaunchStream& on) {
    if (args.nPadded == 0) return;
    const dim3 grid(static_cast<unsigned>(args.nPadded));
    const int stride = static_cast<int>(libraryCols(args.nCols));
    SOTTO_CHECK(args.parts.isBf16 == (args.parts.nParts == 3));
    if (args.parts.nParts == 1)
        launch(splitRowsKernel<1>, grid, dim3(kThreads), 0, on, args, stride);
    else if (args.parts.nParts == 2)
        launch(splitRowsKernel<2>, grid, dim3(kThreads), 0, on, args, stride);
    else
        launch(splitRowsKernel<3>, grid, dim3(kThreads), 0, on, args, stride);
}

void launchPlaceRows(const PlaceRowsArgs& args, const LaunchStream& on) {
    const std::int64_t nBlocks = (args.nRows + kThreads - 1) / kThreads * args.nTokens;
    if (nBlocks == 0) return;
    launch(placeRowsKernel, dim3(static_cast<unsigned>(nBlocks)), dim3(kThreads), 0, on, args);
}

void launchCompareRows(const CompareRowsArgs& args, const LaunchStream& on) {
    if (args.nRows == 0) return;
    launch(compareRowsKernel, dim3(static_cast<unsigned>(args.nRows)), dim3(kThreads), 0, on, args);
}

}  // namespace sotto::cuda
