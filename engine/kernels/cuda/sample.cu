// Penalties and the choice of the top candidates of a row of logits.
//
// Top candidates: a tournament. A block holds 4096 (later levels: up to 16384) keys in registers
// and finds the k-th largest by bisection over the key's bits, counting with the block barrier; the
// keys above it go on. Logits are read once (600 KB per row at 150,000 tokens) and 37 blocks of
// k keys are left for the second and last launch. A key is the order of the logit above the order
// of the id, so keys are unique and ties need no care.
#include "engine/kernels/cuda/sample.h"

#include <cfloat>
#include <cmath>
#include <cstddef>

#include "engine/kernels/cuda/common/clean_logit.cuh"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {
namespace {

using Key = unsigned long long;

// 16 keys of 8 bytes are 32 registers: room for 1024 threads in a block.
constexpr int kKeysPerThread = 16;
constexpr int kSmallThreads = 256;
constexpr int kLargeThreads = 1024;
// A thread per listed token and one more, in whole warps.
constexpr int kPenaltyThreads = kMaxPenalized + 32;

__host__ __device__ constexpr std::int64_t blockKeys(int nThreads) {
    return std::int64_t{nThreads} * kKeysPerThread;
}

// Below every key of a token, NaN's too.
constexpr Key kNoKey = 0;

// One block per row, one thread per listed token and one for the token that the row was fed with.
__global__ void __launch_bounds__(kPenaltyThreads) penalizeKernel(PenalizeLaunch args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const int entry = static_cast<int>(threadIdx.x);
    const int row = static_cast<int>(blockIdx.x);
    const DeviceChoice choice = args.choices[row];
    const int fed = args.fedTokens != nullptr ? args.fedTokens[row] : -1;
    int token = -1;
    int count = 0;
    if (choice.isPenalizing != 0 && entry < choice.nPenalized) {
        token = args.penalized[choice.firstPenalized + entry].token;
        count = args.penalized[choice.firstPenalized + entry].count;
    }
    const bool isFed = fed >= 0 && token == fed;
    if (isFed) ++count;
    const bool isFedListed = __syncthreads_or(isFed ? 1 : 0) != 0;
    if (entry == kMaxPenalized && choice.isPenalizing != 0 && !isFedListed) {
        token = fed;
        count = 1;
    }
    if (entry > kMaxPenalized) return;
    RawLogit raw{-1, 0.0f};
    if (token >= 0 && token < args.nVocab) {
        float* place = args.logits + static_cast<std::int64_t>(row) * args.nVocab + token;
        raw = {token, *place};
        float logit = cleanLogit(raw.logit);
        // The intrinsics keep the compiler from fusing: the host rounds each step.
        logit =
            logit > 0.0f ? logit / choice.repeatPenalty : __fmul_rn(logit, choice.repeatPenalty);
        logit = __fsub_rn(logit, choice.presencePenalty);
        logit = __fsub_rn(logit, __fmul_rn(choice.frequencyPenalty, static_cast<float>(count)));
        *place = cleanLogit(logit);
    }
    args.raw[row * (kMaxPenalized + 1) + entry] = raw;
}

// Unsigned order of the key is: larger logit first, then smaller id; NaN (0) below -infinity.
__device__ __forceinline__ Key keyOf(float logit, unsigned id) {
    unsigned order = 0;
    if (!isnan(logit)) {
        const unsigned bits = __float_as_uint(logit == 0.0f ? 0.0f : logit);
        order = (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
    }
    return static_cast<Key>(order) << 32 | static_cast<Key>(~id);
}

struct Level {
    TopCandidatesLaunch args;
    const Key* source = nullptr;    // [nRows, nKeys], unless the logits are read
    Key* target = nullptr;          // [nRows, gridDim.x, k], unless this is the last level
    std::int64_t nKeys = 0;         // per row
    std::int64_t targetStride = 0;  // gridDim.x * k
};

// The keys of this thread: every kThreads-th of the block's, so that loads are coalesced.
template <bool kReadsLogits, int kThreads>
__device__ __forceinline__ void loadKeys(const Level& level, Key (&keys)[kKeysPerThread]) {
    const std::int64_t start = blockIdx.x * blockKeys(kThreads) + threadIdx.x;
    const std::int64_t rowStart = static_cast<std::int64_t>(blockIdx.y) * level.nKeys;
#pragma unroll
    for (int index = 0; index < kKeysPerThread; ++index) {
        const std::int64_t place = start + index * kThreads;
        keys[index] = kNoKey;
        if (place >= level.nKeys) continue;
        if constexpr (kReadsLogits)
            keys[index] = keyOf(level.args.logits[rowStart + place], static_cast<unsigned>(place));
        else
            keys[index] = level.source[rowStart + place];
    }
}

// The largest key of the block. `shared` has a place per warp.
template <int kThreads>
__device__ __forceinline__ Key largestKey(const Key (&keys)[kKeysPerThread], Key* shared) {
    Key largest = kNoKey;
#pragma unroll
    for (int index = 0; index < kKeysPerThread; ++index) largest = max(largest, keys[index]);
    largest = warpMax(largest);
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = largest;
    __syncthreads();
    for (int warp = 0; warp < kThreads / 32; ++warp) largest = max(largest, shared[warp]);
    __syncthreads();
    return largest;
}

// The largest bound that at least k keys reach; ends early once exactly k do. 0 where fewer than k
// places hold a key.
__device__ __forceinline__ Key boundOfTop(const Key (&keys)[kKeysPerThread], int k) {
    Key bound = 0;
    for (int bit = 63; bit >= 0; --bit) {
        const Key candidate = bound | Key{1} << bit;
        int own = 0;
#pragma unroll
        for (int index = 0; index < kKeysPerThread; ++index) own += keys[index] >= candidate;
        // A thread has at most 16: its count in binary, a barrier per digit, tells the block's.
        int count = 0;
#pragma unroll
        for (int digit = 0; digit < 5; ++digit)
            count += __syncthreads_count(own >> digit & 1) << digit;
        if (count >= k) bound = candidate;
        if (count == k) break;
    }
    return bound;
}

// The chosen keys in descending order: a key's place is the number of keys above it.
template <int kThreads>
__device__ __forceinline__ void writeSorted(const TopCandidatesLaunch& args, const Key* chosen,
                                            int nChosen) {
    const std::int64_t rowStart = static_cast<std::int64_t>(blockIdx.y) * args.k;
    const float* logits = args.logits + static_cast<std::int64_t>(blockIdx.y) * args.nVocab;
    for (int index = static_cast<int>(threadIdx.x); index < args.k; index += kThreads) {
        if (index >= nChosen) {
            args.values[rowStart + index] = -INFINITY;
            args.ids[rowStart + index] = -1;
            continue;
        }
        const Key key = chosen[index];
        int place = 0;
        for (int other = 0; other < nChosen; ++other) place += chosen[other] > key;
        const unsigned id = ~static_cast<unsigned>(key);
        args.values[rowStart + place] = logits[id];
        args.ids[rowStart + place] = static_cast<std::int32_t>(id);
    }
}

// One block: one part of one row. Writes the part's k largest keys, or in the last level the
// result.
template <bool kReadsLogits, int kThreads>
__global__ void __launch_bounds__(kThreads) topCandidatesKernel(Level level) {
    SOTTO_SHARED(Key[kThreads / 32], warpLargest);
    SOTTO_SHARED(Key[kMaxCandidates], chosen);
    SOTTO_SHARED(int, nChosen);
    gridDependencyWait();
    gridDependencyLaunch();
    const int k = level.args.k;
    if (threadIdx.x == 0) nChosen = 0;
    Key keys[kKeysPerThread];
    loadKeys<kReadsLogits, kThreads>(level, keys);
    const Key bound = k == 1 ? largestKey<kThreads>(keys, warpLargest) : boundOfTop(keys, k);
    __syncthreads();
#pragma unroll
    for (int index = 0; index < kKeysPerThread; ++index)
        if (keys[index] != kNoKey && keys[index] >= bound)
            chosen[atomicAdd(&nChosen, 1)] = keys[index];
    __syncthreads();
    if (level.target == nullptr) {
        writeSorted<kThreads>(level.args, chosen, nChosen);
        return;
    }
    Key* target = level.target + static_cast<std::int64_t>(blockIdx.y) * level.targetStride +
                  static_cast<std::int64_t>(blockIdx.x) * k;
    for (int index = static_cast<int>(threadIdx.x); index < k; index += kThreads)
        target[index] = index < nChosen ? chosen[index] : kNoKey;
}

// Parts of a row at a level: small blocks, unless large ones take all that is left at once.
struct LevelShape {
    int nThreads;
    std::int64_t nParts;
};
LevelShape shapeOf(std::int64_t nKeys, bool isFirst) {
    const bool isLarge = !isFirst && nKeys > blockKeys(kSmallThreads);
    const int nThreads = isLarge ? kLargeThreads : kSmallThreads;
    return {nThreads, (nKeys + blockKeys(nThreads) - 1) / blockKeys(nThreads)};
}

}  // namespace

void launchPenalize(const PenalizeLaunch& args, const LaunchStream& on) {
    if (args.nRows == 0) return;
    launch(penalizeKernel, dim3(static_cast<unsigned>(args.nRows)), dim3(kPenaltyThreads), 0, on,
           args);
}

std::int64_t topCandidatesScratchBytes(std::int64_t nVocab, std::int32_t nRows, std::int32_t k) {
    std::int64_t nKeys = 0;
    LevelShape shape = shapeOf(nVocab, true);
    while (shape.nParts > 1) {
        nKeys += shape.nParts * k;
        shape = shapeOf(shape.nParts * k, false);
    }
    return nKeys * nRows * static_cast<std::int64_t>(sizeof(Key));
}

void launchTopCandidates(const TopCandidatesLaunch& args, const LaunchStream& on) {
    Level level;
    level.args = args;
    level.nKeys = args.nVocab;
    auto* scratch = reinterpret_cast<Key*>(args.scratch);
    for (bool isFirst = true;; isFirst = false) {
        const LevelShape shape = shapeOf(level.nKeys, isFirst);
        level.targetStride = shape.nParts * args.k;
        level.target = shape.nParts > 1 ? scratch : nullptr;
        const dim3 grid(static_cast<unsigned>(shape.nParts), static_cast<unsigned>(args.nRows));
        if (isFirst)
            launch(topCandidatesKernel<true, kSmallThreads>, grid, dim3(kSmallThreads), 0, on,
                   level);
        else if (shape.nThreads == kSmallThreads)
            launch(topCandidatesKernel<false, kSmallThreads>, grid, dim3(kSmallThreads), 0, on,
                   level);
        else
            launch(topCandidatesKernel<false, kLargeThreads>, grid, dim3(kLargeThreads), 0, on,
                   level);
        if (shape.nParts == 1) return;
        level.source = scratch;
        level.nKeys = level.targetStride;
        scratch += level.targetStride * args.nRows;
    }
}

}  // namespace sotto::cuda
