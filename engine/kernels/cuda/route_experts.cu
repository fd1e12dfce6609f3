// Which experts a token goes to: logits = router * norm(hidden), softmax, the nUsed highest.
//
// Choice: one warp per token, a lane has nExperts / 32 neighbours in registers as integers of the
// floats' order; nUsed times the highest of all lanes, the first lane that has it, its first one.
// (NaN is -infinity, as in the definition; for the exponentials infinities become the largest
// floats, so that weights are numbers whatever the logits are.) Some 100 clocks per chosen expert.
// Router: one block of eight warps per expert, so that 128 experts use 128 multiprocessors (one
// warp per expert would leave the 1 MB of a layer's router to 16 of them). A thread takes four
// columns in every 1024: router * (hidden * normWeight) and hidden^2 by fused multiply-adds in
// order of the columns, then a butterfly over the lanes, then the warps in order; the norm's factor
// is applied to the sum. That order depends on nCols alone, so a row's bits do not depend on the
// other rows, nor on alignment. The last block to finish makes the choice for all tokens.
// Bytes moved: the router once (its first 2048 columns are asked for before the kernel before has
// ended), hidden rows by every block from L2: 8 KB per token and expert at 2048 columns.
#include "engine/kernels/cuda/route_experts.h"

#include <cfloat>
#include <cmath>

#include <cuda_runtime.h>

#include "base/check.h"
#include "engine/kernels/cuda/common/float_columns.cuh"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/warp.h"
#include "engine/kernels/cuda/linear_rows.h"

namespace sotto::cuda {
namespace {

constexpr int kWarps = 8;
constexpr int kThreads = 32 * kWarps;
constexpr int kQuad = 4;
constexpr int kTurnCols = kThreads * kQuad;
constexpr int kTurnsAhead = 2;  // turns whose weights are loaded before the hidden rows are there

static_assert(kMaxExpertsUsed <= 32, "a lane holds one chosen expert");
static_assert(kMaxRowTokens <= kWarps, "a warp chooses for one token");

// Larger for larger logits, equal for equal ones (0 and -0), never 0: that is an expert already
// taken, or none.
__device__ __forceinline__ unsigned orderOf(float logit) {
    const float value = isnan(logit) ? -INFINITY : logit + 0.0f;
    const unsigned bits = __float_as_uint(value);
    return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

// The logit of an order, in the range of floats.
__device__ __forceinline__ float finiteLogit(unsigned order) {
    const unsigned bits = (order & 0x80000000u) != 0 ? order & 0x7fffffffu : ~order;
    return fminf(fmaxf(__uint_as_float(bits), -FLT_MAX), FLT_MAX);
}

// The experts of one token (warp-collective). kPerLane * 32 >= nExperts.
template <int kPerLane>
__device__ __forceinline__ void chooseRow(const float* logits, const ExpertChoice& choice,
                                          std::int32_t* experts, float* weights) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    unsigned orders[kPerLane];
#pragma unroll
    for (int own = 0; own < kPerLane; ++own) {
        const int expert = lane * kPerLane + own;
        orders[own] = expert < choice.nExperts ? orderOf(logits[expert]) : 0;
    }
    // Over all experts the sum is needed only where the chosen weights keep their size.
    float sumOfAll = 0.0f;
    unsigned highest = 0;
    unsigned chosenOrder = 0;  // lane n: of the n-th chosen
    int chosenExpert = 0;
    for (int place = 0; place < choice.nUsed; ++place) {
        unsigned best = 0;
        int bestOwn = 0;
#pragma unroll
        for (int own = 0; own < kPerLane; ++own) {
            if (orders[own] <= best) continue;
            best = orders[own];
            bestOwn = own;
        }
        const unsigned bestOfAll = warpMaxUnsigned(best);
        // Experts are numbered along the lanes: the first lane that has it has the lowest index.
        const int winner = __ffs(static_cast<int>(__ballot_sync(kAllLanes, best == bestOfAll))) - 1;
        const int expert = __shfl_sync(kAllLanes, lane * kPerLane + bestOwn, winner);
        if (place == 0) {
            highest = bestOfAll;
            if (!choice.isNormalized) {
#pragma unroll
                for (int own = 0; own < kPerLane; ++own)
                    if (orders[own] != 0)
                        sumOfAll += expf(finiteLogit(orders[own]) - finiteLogit(highest));
                sumOfAll = warpSum(sumOfAll);
            }
        }
        if (lane == place) {
            chosenOrder = bestOfAll;
            chosenExpert = expert;
        }
#pragma unroll
        for (int own = 0; own < kPerLane; ++own)
            if (lane == winner && own == bestOwn) orders[own] = 0;
    }
    const float size =
        lane < choice.nUsed ? expf(finiteLogit(chosenOrder) - finiteLogit(highest)) : 0.0f;
    const float sumOfChosen = warpSum(size);
    if (lane >= choice.nUsed) return;
    experts[lane] = chosenExpert;
    weights[lane] = size / (choice.isNormalized ? sumOfChosen : sumOfAll);
}

template <int kPerLane>
__device__ __forceinline__ void chooseToken(const float* logits, const ExpertChoice& choice,
                                            const ChosenExperts& chosen, std::int64_t token) {
    chooseRow<kPerLane>(logits + token * choice.nExperts, choice,
                        chosen.experts + token * choice.nUsed,
                        chosen.weights + token * choice.nUsed);
}

template <int kPerLane>
__global__ void __launch_bounds__(kThreads) chooseExpertsKernel(ChooseExpertsLaunch args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const std::int64_t token =
        static_cast<std::int64_t>(blockIdx.x) * kWarps + static_cast<int>(threadIdx.x) / 32;
    if (token < args.nTokens) chooseToken<kPerLane>(args.logits, args.choice, args.chosen, token);
}

// Four columns; those past the end of the row are zero.
template <bool kIsAligned>
__device__ __forceinline__ float4 loadQuad(const float* row, int first, int nCols) {
    if constexpr (kIsAligned)
        return first < nCols ? *reinterpret_cast<const float4*>(row + first) : float4{};
    return make_float4(first < nCols ? row[first] : 0.0f, first + 1 < nCols ? row[first + 1] : 0.0f,
                       first + 2 < nCols ? row[first + 2] : 0.0f,
                       first + 3 < nCols ? row[first + 3] : 0.0f);
}

struct RowSum {
    float product = 0.0f;  // router * (hidden * normWeight)
    float squares = 0.0f;  // hidden * hidden

    __device__ __forceinline__ void add(float router, float norm, float hidden) {
        product = fmaf(router, hidden * norm, product);
        squares = fmaf(hidden, hidden, squares);
    }
};

// This thread's share of the columns for all tokens. What the kernel before wrote is read only
// after gridDependencyWait().
template <bool kIsAligned>
__device__ __forceinline__ void sumColumns(RowSum (&sums)[kMaxRowTokens],
                                           const RouteRowsLaunch& args, int expert) {
    const float* const router = args.router + static_cast<std::int64_t>(expert) * args.nCols;
    const auto addQuads = [&](int first, const float4& routers, const float4& norms) {
#pragma unroll
        for (int token = 0; token < kMaxRowTokens; ++token) {
            if (token >= args.nTokens) continue;
            const float4 hidden = loadQuad<kIsAligned>(
                args.hidden + static_cast<std::int64_t>(token) * args.nCols, first, args.nCols);
            sums[token].add(routers.x, norms.x, hidden.x);
            sums[token].add(routers.y, norms.y, hidden.y);
            sums[token].add(routers.z, norms.z, hidden.z);
            sums[token].add(routers.w, norms.w, hidden.w);
        }
    };
    const int start = static_cast<int>(threadIdx.x) * kQuad;
    float4 routers[kTurnsAhead];
    float4 norms[kTurnsAhead];
#pragma unroll
    for (int turn = 0; turn < kTurnsAhead; ++turn) {
        routers[turn] = loadQuad<kIsAligned>(router, start + turn * kTurnCols, args.nCols);
        norms[turn] = loadQuad<kIsAligned>(args.normWeight, start + turn * kTurnCols, args.nCols);
    }
    gridDependencyWait();
#pragma unroll
    for (int turn = 0; turn < kTurnsAhead; ++turn) {
        const int first = start + turn * kTurnCols;
        if (first < args.nCols) addQuads(first, routers[turn], norms[turn]);
    }
    for (int first = start + kTurnsAhead * kTurnCols; first < args.nCols; first += kTurnCols)
        addQuads(first, loadQuad<kIsAligned>(router, first, args.nCols),
                 loadQuad<kIsAligned>(args.normWeight, first, args.nCols));
}

// The block's sums of each token, then its logit.
__device__ __forceinline__ void storeLogits(const RowSum (&sums)[kMaxRowTokens],
                                            const RouteRowsLaunch& args, int expert) {
    SOTTO_SHARED(RowSum[kWarps][kMaxRowTokens], warpSums);
    const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
    for (int token = 0; token < kMaxRowTokens; ++token) {
        if (token >= args.nTokens) continue;
        RowSum sum;
        sum.product = warpSum(sums[token].product);
        sum.squares = warpSum(sums[token].squares);
        // No register array is indexed at run time.
        if (thread % 32 == token) warpSums[thread / 32][token] = sum;
    }
    __syncthreads();
    if (thread >= args.nTokens) return;
    float product = 0.0f;
    float squares = 0.0f;
#pragma unroll
    for (int warp = 0; warp < kWarps; ++warp) {
        product += warpSums[warp][thread].product;
        squares += warpSums[warp][thread].squares;
    }
    const float factor = 1.0f / sqrtf(squares / static_cast<float>(args.nCols) + args.normEpsilon);
    args.logits[static_cast<std::int64_t>(thread) * args.choice.nExperts + expert] =
        product * factor;
}

// Whether all other blocks have stored their logits (whole block). The counter goes back to zero
// with the last one.
__device__ __forceinline__ bool isLastBlock(std::int32_t* finishedBlocks) {
    SOTTO_SHARED(bool, isLast);
    __threadfence();  // the logits before the count
    __syncthreads();
    if (threadIdx.x == 0) {
        isLast = atomicAdd(finishedBlocks, 1) == static_cast<int>(gridDim.x) - 1;
        if (isLast) *finishedBlocks = 0;
    }
    __syncthreads();
    __threadfence();  // the count before other blocks' logits
    return isLast;
}

template <int kPerLane, bool kIsAligned>
__global__ void __launch_bounds__(kThreads) routeRowsKernel(RouteRowsLaunch args) {
    const int expert = static_cast<int>(blockIdx.x);
    RowSum sums[kMaxRowTokens];
    sumColumns<kIsAligned>(sums, args, expert);
    gridDependencyLaunch();
    storeLogits(sums, args, expert);
    if (!isLastBlock(args.finishedBlocks)) return;
    const int token = static_cast<int>(threadIdx.x) / 32;
    if (token < args.nTokens) chooseToken<kPerLane>(args.logits, args.choice, args.chosen, token);
}

void checkChoice(const ExpertChoice& choice) {
    SOTTO_CHECK(choice.nExperts >= 1 && choice.nExperts <= kMaxExperts);
    SOTTO_CHECK(choice.nUsed >= 1 && choice.nUsed <= choice.nExperts &&
                choice.nUsed <= kMaxExpertsUsed);
}

template <int kPerLane>
void launchRouteFor(const RouteRowsLaunch& args, const LaunchStream& on) {
    const dim3 grid(static_cast<unsigned>(args.choice.nExperts));
    if (args.nCols % kQuad == 0 && isAligned16(args.hidden) && isAligned16(args.normWeight) &&
        isAligned16(args.router))
        launch(routeRowsKernel<kPerLane, true>, grid, dim3(kThreads), 0, on, args);
    else
        launch(routeRowsKernel<kPerLane, false>, grid, dim3(kThreads), 0, on, args);
}

}  // namespace

void launchChooseExperts(const ChooseExpertsLaunch& args, const LaunchStream& on) {
    checkChoice(args.choice);
    if (args.nTokens == 0) return;
    const dim3 grid(static_cast<unsigned>((args.nTokens + kWarps - 1) / kWarps));
    if (args.choice.nExperts <= 4 * 32)
        launch(chooseExpertsKernel<4>, grid, dim3(kThreads), 0, on, args);
    else
        launch(chooseExpertsKernel<kMaxExperts / 32>, grid, dim3(kThreads), 0, on, args);
}

void launchRouteRows(const RouteRowsLaunch& args, const LaunchStream& on) {
    checkChoice(args.choice);
    SOTTO_CHECK(args.nTokens >= 1 && args.nTokens <= kMaxRowTokens);
    if (args.choice.nExperts <= 4 * 32)
        launchRouteFor<4>(args, on);
    else
        launchRouteFor<kMaxExperts / 32>(args, on);
}

}  // namespace sotto::cuda
