// Keys rotated on in the cache, in place.
//
// One warp per row; reads and writes each key once: bound by memory, 2 * key bytes of the blocks.
// It runs once in about half a context of tokens, so that it is plain rather than tuned: elements
// are read one by one whatever their type. A lane holds elements i, i + 32, ... as storeAnyRow()
// wants them; partners of a pair meet in shared memory.
#include "engine/kernels/cuda/move_keys.h"

#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/hadamard.cuh"
#include "engine/kernels/cuda/kv_codes.cuh"
#include "engine/kernels/cuda/kv_store.cuh"

namespace sotto::cuda {
namespace {

constexpr int kMoveWarps = 4;

template <int kGroups>
__global__ void __launch_bounds__(kMoveWarps * 32, 1) moveKeysKernel(MoveKeysLaunch args) {
    SOTTO_SHARED(float[kMoveWarps][32 * kGroups], rows);
    gridDependencyWait();
    const int warp = static_cast<int>(threadIdx.x / 32);
    const int lane = static_cast<int>(threadIdx.x % 32u);
    const int rowInBlock = static_cast<int>(blockIdx.y) * kMoveWarps + warp;
    const int slot = rowInBlock % args.blockTokens;
    const auto place = static_cast<int>(blockIdx.x);
    // The whole warp: a row is a warp's.
    if (rowInBlock >= args.nKvHeads * args.blockTokens ||
        static_cast<std::int64_t>(place) * args.blockTokens + slot >= args.nTokens)
        return;
    const std::int64_t row =
        static_cast<std::int64_t>(args.blockIds[place]) * args.nKvHeads * args.blockTokens +
        rowInBlock;
    const int headDim = args.keys.dim;
    float values[kGroups];
#pragma unroll
    for (int index = 0; index < kGroups; ++index) {
        const int dim = lane + 32 * index;
        values[index] = dim < headDim ? elementOf(args.keys, row, dim) : 0.0f;
    }
    // The transform is its own inverse; storing turns the key again.
    if (args.keys.isRotated) turnRow(headDim, values);
#pragma unroll
    for (int index = 0; index < kGroups; ++index) rows[warp][lane + 32 * index] = values[index];
    __syncwarp();
    const bool isApart = args.kind == RopeKind::Neox;
#pragma unroll
    for (int index = 0; index < kGroups; ++index) {
        const int dim = lane + 32 * index;
        if (dim >= 2 * args.nPairs) continue;
        const int pair = isApart ? dim % args.nPairs : dim / 2;
        const bool isFirst = isApart ? dim < args.nPairs : dim % 2 == 0;
        const int step = isApart ? args.nPairs : 1;
        const float other = rows[warp][isFirst ? dim + step : dim - step];
        const float cosine = args.cosines[pair], sine = args.sines[pair];
        values[index] = isFirst ? fmaf(values[index], cosine, -(other * sine))
                                : fmaf(other, sine, values[index] * cosine);
    }
    storeAnyRow(args.keys, row, values);
}

}  // namespace

void launchMoveKeys(const MoveKeysLaunch& args, const LaunchStream& on) {
    if (args.nBlocks == 0) return;
    const int nRows = args.nKvHeads * args.blockTokens;
    const dim3 grid(static_cast<unsigned>(args.nBlocks),
                    static_cast<unsigned>((nRows + kMoveWarps - 1) / kMoveWarps));
    const dim3 block(kMoveWarps * 32);
    const bool isLong = args.keys.dim > 256;
    launch(isLong ? moveKeysKernel<16> : moveKeysKernel<8>, grid, block, 0, on, args);
}

}  // namespace sotto::cuda
