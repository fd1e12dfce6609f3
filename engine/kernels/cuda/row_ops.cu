// RMS norm, gated linear unit and gathering of rows as kernels of their own.
//
// Formulas and sources: reference/rms_norm.cpp, reference/glu.cpp. Each moves every element once or
// twice and is bound by memory; what decode needs of them lies in the epilogues of linear_rows.
#include "engine/kernels/cuda/row_ops.h"

#include <cstdint>

#include "engine/kernels/cuda/common/float_columns.cuh"
#include "engine/kernels/cuda/common/gate_activation.cuh"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {
namespace {

// 256 threads with 4 columns each cover 1024 columns: one to eight turns for the usual widths.
constexpr int kBlockThreads = 256;
constexpr int kBlockWarps = kBlockThreads / 32;
constexpr int kQuad = 4;

// Four neighbours of a row; those past the end are zero.
template <bool kIsAligned>
__device__ __forceinline__ float4 loadQuad(const float* row, int first, int width) {
    if constexpr (kIsAligned) return *reinterpret_cast<const float4*>(row + first);
    return make_float4(row[first], first + 1 < width ? row[first + 1] : 0.0f,
                       first + 2 < width ? row[first + 2] : 0.0f,
                       first + 3 < width ? row[first + 3] : 0.0f);
}

template <bool kIsAligned>
__device__ __forceinline__ void storeQuad(float* row, int first, int width, float4 value) {
    if constexpr (kIsAligned) {
        *reinterpret_cast<float4*>(row + first) = value;
    } else {
        row[first] = value.x;
        if (first + 1 < width) row[first + 1] = value.y;
        if (first + 2 < width) row[first + 2] = value.z;
        if (first + 3 < width) row[first + 3] = value.w;
    }
}

// One block per row. Sum of squares: a thread's quads in order, the lanes by a butterfly, the warps
// in order; the same with and without alignment. In place: a thread reads and writes the same
// columns.
template <bool kIsAligned>
__global__ void __launch_bounds__(kBlockThreads) rmsNormKernel(RmsNormArgs args) {
    SOTTO_SHARED(float[kBlockWarps], warpSquares);
    gridDependencyWait();
    gridDependencyLaunch();
    const int thread = static_cast<int>(threadIdx.x);
    const int width = static_cast<int>(args.width);
    const std::int64_t offset = static_cast<std::int64_t>(blockIdx.x) * args.width;
    const float* x = args.x + offset;
    float* out = args.out + offset;

    float squares = 0.0f;
    for (int first = thread * kQuad; first < width; first += kBlockThreads * kQuad) {
        const float4 quad = loadQuad<kIsAligned>(x, first, width);
        squares = fmaf(quad.x, quad.x, squares);
        squares = fmaf(quad.y, quad.y, squares);
        squares = fmaf(quad.z, quad.z, squares);
        squares = fmaf(quad.w, quad.w, squares);
    }
    squares = warpSum(squares);
    if (thread % 32 == 0) warpSquares[thread / 32] = squares;
    __syncthreads();
    float sum = 0.0f;
    for (int warp = 0; warp < kBlockWarps; ++warp) sum += warpSquares[warp];
    const float inverse = 1.0f / sqrtf(sum / static_cast<float>(width) + args.epsilon);

    for (int first = thread * kQuad; first < width; first += kBlockThreads * kQuad) {
        const float4 quad = loadQuad<kIsAligned>(x, first, width);
        const float4 weight = loadQuad<kIsAligned>(args.weight, first, width);
        storeQuad<kIsAligned>(
            out, first, width,
            make_float4(quad.x * inverse * weight.x, quad.y * inverse * weight.y,
                        quad.z * inverse * weight.z, quad.w * inverse * weight.w));
    }
}

// Element by element, so the rows do not matter: the arrays count as one row.
template <GluKind kKind, bool kIsAligned>
__global__ void __launch_bounds__(kBlockThreads) gluKernel(GluArgs args, std::int64_t nElements) {
    gridDependencyWait();
    gridDependencyLaunch();
    const std::int64_t start =
        (static_cast<std::int64_t>(blockIdx.x) * kBlockThreads + threadIdx.x) * kQuad;
    if (start >= nElements) return;
    const std::int64_t rest = nElements - start;
    const int width = rest < kQuad ? static_cast<int>(rest) : kQuad;
    const float4 gate = loadQuad<kIsAligned>(args.gate + start, 0, width);
    const float4 up = loadQuad<kIsAligned>(args.up + start, 0, width);
    storeQuad<kIsAligned>(args.out + start, 0, width,
                          make_float4(gateActivation(kKind == GluKind::GeluTanh, gate.x) * up.x,
                                      gateActivation(kKind == GluKind::GeluTanh, gate.y) * up.y,
                                      gateActivation(kKind == GluKind::GeluTanh, gate.z) * up.z,
                                      gateActivation(kKind == GluKind::GeluTanh, gate.w) * up.w));
}

template <bool kIsAligned>
__global__ void __launch_bounds__(kBlockThreads) gatherRowsKernel(GatherRowsLaunch args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const int width = static_cast<int>(args.width);
    const int row = static_cast<int>(blockIdx.x);
    const float* x = args.x + args.rowIds[row] * args.width;
    float* out = args.out + row * args.width;
    for (int first = static_cast<int>(threadIdx.x) * kQuad; first < width;
         first += kBlockThreads * kQuad)
        storeQuad<kIsAligned>(out, first, width, loadQuad<kIsAligned>(x, first, width));
}

template <GluKind kKind>
void launchGluOf(const GluArgs& args, const LaunchStream& on) {
    const std::int64_t nElements = args.nTokens * args.width;
    constexpr std::int64_t kBlockElements = kBlockThreads * kQuad;
    const dim3 grid(static_cast<unsigned>((nElements + kBlockElements - 1) / kBlockElements));
    const bool isAligned = nElements % kQuad == 0 && isAligned16(args.gate) &&
                           isAligned16(args.up) && isAligned16(args.out);
    if (isAligned)
        launch(gluKernel<kKind, true>, grid, dim3(kBlockThreads), 0, on, args, nElements);
    else
        launch(gluKernel<kKind, false>, grid, dim3(kBlockThreads), 0, on, args, nElements);
}

}  // namespace

void launchRmsNorm(const RmsNormArgs& args, const LaunchStream& on) {
    if (args.nTokens == 0) return;
    const dim3 grid(static_cast<unsigned>(args.nTokens));
    const bool isAligned = args.width % kQuad == 0 && isAligned16(args.x) &&
                           isAligned16(args.weight) && isAligned16(args.out);
    if (isAligned)
        launch(rmsNormKernel<true>, grid, dim3(kBlockThreads), 0, on, args);
    else
        launch(rmsNormKernel<false>, grid, dim3(kBlockThreads), 0, on, args);
}

void launchGlu(const GluArgs& args, const LaunchStream& on) {
    if (args.nTokens * args.width == 0) return;
    if (args.kind == GluKind::Silu)
        launchGluOf<GluKind::Silu>(args, on);
    else
        launchGluOf<GluKind::GeluTanh>(args, on);
}

void launchGatherRows(const GatherRowsLaunch& args, const LaunchStream& on) {
    if (args.nRows == 0) return;
    const dim3 grid(static_cast<unsigned>(args.nRows));
    const bool isAligned = args.width % kQuad == 0 && isAligned16(args.x) && isAligned16(args.out);
    if (isAligned)
        launch(gatherRowsKernel<true>, grid, dim3(kBlockThreads), 0, on, args);
    else
        launch(gatherRowsKernel<false>, grid, dim3(kBlockThreads), 0, on, args);
}

}  // namespace sotto::cuda
