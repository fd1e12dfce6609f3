// Prefill of a mixture of experts, around the products: pairs (one expert of one token) sorted into
// slots by expert, and the rows of a token's experts summed.
//
// Sort: slot of a pair = first slot of its expert + pairs of that expert before it; a stable
// counting sort of integers, the same whatever the timing. One block of 16 warps, because 4096 ids
// are 16 KiB and anything wider would need a second kernel or a barrier of the grid:
//   1 each warp walks its own part of the pairs, 32 at a time, and counts them by expert. Ballots
//     over the bits of the ids tell a lane which others have its expert;
//   2 thread e sums expert e over the warps, scans over the experts give its first slot (rounded up
//     to 8) and its first block;
//   3 each warp walks its part once more, counting on from what the warps before it have;
//   4 empty slots, and the table of blocks, whose experts are found by bisection.
// Expected for 4096 pairs and 128 experts, at 1.75 GHz (reasoned, not measured): a walk is 8 rounds
// of 7 ballots and a read and a write of shared memory, some 170 cycles each, ids being loaded 4
// rounds at a time: 2 * (500 + 4 * 170) cycles, then 2 * (100 + 4 * 170) with the ids in L1. Scans
// 500, step 4 about 600: 5000 cycles, 3 us, and the launch. 16384 pairs: four times the walks, 9
// us.
//
// Mix: out += sum over n of weight * row, from zero, in order of n by fused multiply-adds, added to
// out at the end. Bound by memory: 4 bytes per column, expert and token read, 8 of out.
#include "engine/kernels/cuda/expert_slots.h"

#include <cuda_runtime.h>

#include <bit>

#include "base/check.h"
#include "engine/kernels/cuda/common/float_columns.cuh"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {
namespace {

constexpr int kSortWarps = 16;
constexpr int kSortThreads = 32 * kSortWarps;
static_assert(kSortThreads >= kMaxExperts);  // a thread per expert
constexpr int kRoundsAtOnce = 4;
constexpr int kSlotUnit = 8;

struct SortShape {
    const std::int32_t* experts;  // [nPairs]
    ExpertSlots sorted;
    int nPairs;
    int nExperts;
    int nExpertBits;
    int nSlots;
    int nBlocks;
    int blockTokens;
};

// 39 KiB.
struct SortMemory {
    // Of a warp and expert: pairs, then how many come before the warp's next one.
    std::int32_t nPairsOf[kSortWarps][kMaxExperts];
    std::int32_t nPairs[kMaxExperts];
    std::int32_t firstSlot[kMaxExperts];
    std::int32_t firstBlock[kMaxExperts];
    std::int32_t nSlots;  // of all experts
    std::int32_t nBlocks;
    int2 sums[kSortWarps];
};

// The lanes that have a pair of the same expert, for those that have one.
__device__ __forceinline__ unsigned lanesOfExpert(unsigned expert, bool hasPair, int nBits) {
    unsigned lanes = __ballot_sync(kAllLanes, hasPair);
    for (int bit = 0; bit < nBits; ++bit) {
        const bool isSet = (expert >> bit & 1u) != 0;
        const unsigned setLanes = __ballot_sync(kAllLanes, isSet);
        lanes &= isSet ? setLanes : ~setLanes;
    }
    return lanes;
}

// visit(pair, expert, pairs of this expert before it), for all pairs of the warp's part. counted:
// the warp's, goes on with what it holds.
template <class Visit>
__device__ __forceinline__ void walkPairs(const SortShape& shape,
                                          std::int32_t (&counted)[kMaxExperts],
                                          const Visit& visit) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int partPairs = (shape.nPairs + kSortThreads - 1) / kSortThreads * 32;
    const int begin = static_cast<int>(threadIdx.x) / 32 * partPairs;
    const int end = min(begin + partPairs, shape.nPairs);
    for (int first = begin + lane; first - lane < end; first += 32 * kRoundsAtOnce) {
        unsigned experts[kRoundsAtOnce];
#pragma unroll
        for (int round = 0; round < kRoundsAtOnce; ++round) {
            const int pair = first + 32 * round;
            // An id out of range would be a fault of the router; it must not become one of memory.
            experts[round] = pair < end ? min(static_cast<unsigned>(shape.experts[pair]),
                                              static_cast<unsigned>(shape.nExperts - 1))
                                        : 0u;
        }
#pragma unroll
        for (int round = 0; round < kRoundsAtOnce; ++round) {
            const int pair = first + 32 * round;
            const unsigned lanes = lanesOfExpert(experts[round], pair < end, shape.nExpertBits);
            const int before = __popc(lanes & ((1u << lane) - 1u));
            const std::int32_t earlier = counted[experts[round]];
            if (pair < end) visit(pair, static_cast<int>(experts[round]), earlier + before);
            __syncwarp();
            if (pair < end && before == 0) counted[experts[round]] = earlier + __popc(lanes);
            __syncwarp();
        }
    }
}

__device__ __forceinline__ int2 sumOfLanesUpTo(int2 value) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
    for (int step = 1; step < 32; step *= 2) {
        const int x = __shfl_up_sync(kAllLanes, value.x, static_cast<unsigned>(step));
        const int y = __shfl_up_sync(kAllLanes, value.y, static_cast<unsigned>(step));
        if (lane >= step) value = {value.x + x, value.y + y};
    }
    return value;
}

// Thread e: expert e's pairs, first slot and first block. All threads take part.
__device__ __forceinline__ void placeExperts(SortMemory& memory, const SortShape& shape) {
    const int expert = static_cast<int>(threadIdx.x);
    const int warp = expert / 32;
    int nPairs = 0;
    if (expert < shape.nExperts) {
#pragma unroll
        for (int part = 0; part < kSortWarps; ++part) {
            const int own = memory.nPairsOf[part][expert];
            memory.nPairsOf[part][expert] = nPairs;
            nPairs += own;
        }
    }
    const int2 needed{(nPairs + kSlotUnit - 1) / kSlotUnit * kSlotUnit,
                      (nPairs + shape.blockTokens - 1) / shape.blockTokens};
    const int2 inWarp = sumOfLanesUpTo(needed);
    if (expert % 32 == 31) memory.sums[warp] = inWarp;
    __syncthreads();
    int2 before{inWarp.x - needed.x, inWarp.y - needed.y};
#pragma unroll
    for (int other = 0; other < kSortWarps; ++other)
        if (other < warp)
            before = {before.x + memory.sums[other].x, before.y + memory.sums[other].y};
    if (expert < shape.nExperts) {
        memory.nPairs[expert] = nPairs;
        memory.firstSlot[expert] = before.x;
        memory.firstBlock[expert] = before.y;
    }
    if (expert == kSortThreads - 1) {
        memory.nSlots = before.x + needed.x;
        memory.nBlocks = before.y + needed.y;
    }
}

__device__ __forceinline__ ExpertBlock blockAt(const SortMemory& memory, const SortShape& shape,
                                               int index) {
    if (index >= memory.nBlocks) return {};
    // The last expert that begins at this block or before it: those without blocks begin where the
    // next one does.
    int expert = 0;
    int end = shape.nExperts;
    while (end - expert > 1) {
        const int middle = (expert + end) / 2;
        if (memory.firstBlock[middle] <= index)
            expert = middle;
        else
            end = middle;
    }
    const int first = (index - memory.firstBlock[expert]) * shape.blockTokens;
    return {.expert = expert,
            .firstSlot = memory.firstSlot[expert] + first,
            .nSlots = min(memory.nPairs[expert] - first, shape.blockTokens)};
}

__global__ void __launch_bounds__(kSortThreads) sortExpertsKernel(SortShape shape) {
    SOTTO_SHARED(SortMemory, memory);
    gridDependencyWait();
    gridDependencyLaunch();
    const int thread = static_cast<int>(threadIdx.x);
    std::int32_t(&counted)[kMaxExperts] = memory.nPairsOf[thread / 32];
    for (int expert = thread % 32; expert < shape.nExperts; expert += 32) counted[expert] = 0;
    __syncwarp();
    walkPairs(shape, counted, [](int, int, int) {});
    __syncthreads();
    placeExperts(memory, shape);
    __syncthreads();
    walkPairs(shape, counted, [&](int pair, int expert, int before) {
        const int slot = memory.firstSlot[expert] + before;
        shape.sorted.slotOfPair[pair] = slot;
        shape.sorted.pairOfSlot[slot] = pair;
    });
    if (thread < shape.nExperts) {
        const int end = memory.firstSlot[thread] + memory.nPairs[thread];
        for (int slot = end; slot % kSlotUnit != 0; ++slot) shape.sorted.pairOfSlot[slot] = -1;
    }
    for (int slot = memory.nSlots + thread; slot < shape.nSlots; slot += kSortThreads)
        shape.sorted.pairOfSlot[slot] = -1;
    for (int index = thread; index < shape.nBlocks; index += kSortThreads)
        shape.sorted.blocks[index] = blockAt(memory, shape, index);
}

constexpr int kMixThreads = 256;

template <int kWidth>
__global__ void __launch_bounds__(kMixThreads) mixExpertsKernel(MixExpertsLaunch args, int nParts) {
    gridDependencyWait();
    gridDependencyLaunch();
    const std::int64_t token = static_cast<int>(blockIdx.x) / nParts;
    const std::int64_t col =
        (static_cast<std::int64_t>(static_cast<int>(blockIdx.x) % nParts) * kMixThreads +
         static_cast<int>(threadIdx.x)) *
        kWidth;
    if (col >= args.width) return;
    FloatColumns<kWidth> sums = {};
#pragma unroll 4
    for (int index = 0; index < args.nUsed; ++index) {
        const std::int64_t pair = token * args.nUsed + index;
        const std::int64_t slot = args.slotOfPair == nullptr ? pair : args.slotOfPair[pair];
        const float weight = args.weights[pair];
        const FloatColumns<kWidth> row = loadColumns<kWidth>(args.rows + slot * args.width + col);
#pragma unroll
        for (int inThread = 0; inThread < kWidth; ++inThread)
            sums.values[inThread] = fmaf(weight, row.values[inThread], sums.values[inThread]);
    }
    float* const out = args.out + token * args.width + col;
    const FloatColumns<kWidth> before = loadColumns<kWidth>(out);
#pragma unroll
    for (int inThread = 0; inThread < kWidth; ++inThread)
        sums.values[inThread] += before.values[inThread];
    if constexpr (kWidth == 4)
        *reinterpret_cast<float4*>(out) =
            make_float4(sums.values[0], sums.values[1], sums.values[2], sums.values[3]);
    else
        *out = sums.values[0];
}

template <int kWidth>
void launchMix(const MixExpertsLaunch& args, const LaunchStream& on) {
    constexpr std::int64_t kPartCols = kMixThreads * kWidth;
    const std::int64_t nParts = (args.width + kPartCols - 1) / kPartCols;
    launch(mixExpertsKernel<kWidth>, dim3(static_cast<unsigned>(args.nTokens * nParts)),
           dim3(kMixThreads), 0, on, args, static_cast<int>(nParts));
}

}  // namespace

void launchSortExperts(const SortExpertsLaunch& args, const LaunchStream& on) {
    SOTTO_DCHECK(args.choice.nExperts > 0 && args.choice.nExperts <= kMaxExperts);
    SOTTO_DCHECK(args.blockTokens > 0 && args.blockTokens % kSlotUnit == 0);
    if (args.nTokens == 0) return;
    const SortShape shape{
        .experts = args.experts,
        .sorted = args.sorted,
        .nPairs = static_cast<int>(args.nTokens * args.choice.nUsed),
        .nExperts = args.choice.nExperts,
        .nExpertBits =
            static_cast<int>(std::bit_width(static_cast<unsigned>(args.choice.nExperts - 1))),
        .nSlots = static_cast<int>(expertRows(args.nTokens, args.choice)),
        .nBlocks = static_cast<int>(expertBlocks(args.nTokens, args.choice, args.blockTokens)),
        .blockTokens = args.blockTokens};
    launch(sortExpertsKernel, dim3(1), dim3(kSortThreads), 0, on, shape);
}

void launchMixExperts(const MixExpertsLaunch& args, const LaunchStream& on) {
    if (args.nTokens * args.width == 0) return;
    if (args.width % 4 == 0 && isAligned16(args.rows) && isAligned16(args.out))
        launchMix<4>(args, on);
    else
        launchMix<1>(args, on);
}

}  // namespace sotto::cuda
