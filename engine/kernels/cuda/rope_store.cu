// Rotation and cache write as a kernel of its own: prefill, and wherever linear_rows did not do it.
//
// One warp per (token, head); moves (nHeads * 2 + nKvHeads * 2) * headDim floats of q, k and v and
// 2 * nKvHeads * headDim cache elements per token: bound by memory. Formulas: rope_store.cuh.
#include "engine/kernels/cuda/rope_store.h"

#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/rope_store.cuh"

namespace sotto::cuda {
namespace {

// Four warps: enough to fill an SM at its limit of 16 to 32 blocks, small enough for one token's 16
// to 80 heads to spread over several.
constexpr int kWarpsPerBlock = 4;

template <int kPairsPerLane>
__global__ void __launch_bounds__(kWarpsPerBlock * 32) ropeStoreKernel(RopeStoreLaunch args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const int headIndex =
        static_cast<int>(blockIdx.y) * kWarpsPerBlock + static_cast<int>(threadIdx.x / 32);
    if (headIndex >= args.nHeads + 2 * args.cache.nKvHeads) return;
    ropeStoreHead<kPairsPerLane>(args, headIndex, static_cast<int>(blockIdx.x));
}

}  // namespace

void launchRopeStore(const RopeStoreLaunch& args, const LaunchStream& on) {
    if (args.batch.nTokens == 0) return;
    const int nHeads = args.nHeads + 2 * args.cache.nKvHeads;
    const dim3 grid(static_cast<unsigned>(args.batch.nTokens),
                    static_cast<unsigned>((nHeads + kWarpsPerBlock - 1) / kWarpsPerBlock));
    const dim3 block(kWarpsPerBlock * 32);
    if (args.cache.keys.dim <= kMaxFusedHeadDim)
        launch(ropeStoreKernel<kRopePairsPerLane>, grid, block, 0, on, args);
    else
        launch(ropeStoreKernel<kLongRopePairsPerLane>, grid, block, 0, on, args);
}

}  // namespace sotto::cuda
