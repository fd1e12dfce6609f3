// Chooses tokens on the device, so that the next step need not wait for the host.
//
// Launches: sums of exp over parts of a row (logits read once), penalties where a row has some, the
// top candidates (sample.h, logits read a second time, from L2), and one block per row that takes
// the sampler's steps over at most 256 candidates. 600 KB per row at 150,000 tokens, read twice:
// below a thousandth of the bytes of a step's weights.
//
// Formulas: engine/token/sampling_steps.cpp, in the same order and precision: probabilities in
// float, running sums in double by one thread, so that host and device differ at most where the
// draw lies within rounding of a border between two tokens.
#include "engine/kernels/cuda/choose_tokens.h"

#include <cfloat>
#include <cmath>
#include <cstddef>

#include "engine/kernels/cuda/common/clean_logit.cuh"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/warp.h"
#include "engine/kernels/cuda/sample.h"

namespace sotto::cuda {
namespace {

constexpr int kSumThreads = 256;
constexpr int kSumWarps = kSumThreads / 32;
constexpr int kSumValues = 16;  // per thread
constexpr int kPartLogits = kSumThreads * kSumValues;
constexpr int kChooseThreads = kMaxCandidates;

// As in sampling_steps.cpp: exp of less counts as nothing.
constexpr float kImpossible = -87.0f;

struct PartSum {
    float highest;
    float sumOfExp;  // of exp(logit - highest); 0 where nothing is possible
    int hasFinite;
    int padding;
};

__host__ __device__ constexpr std::int64_t partsOf(std::int64_t nVocab) {
    return (nVocab + kPartLogits - 1) / kPartLogits;
}

// exp(logit - highest), 0 when it is next to nothing or when nothing at all is possible.
__device__ __forceinline__ float weightOf(float logit, float highest) {
    const float difference = logit - highest;
    return difference > kImpossible ? expf(difference) : 0.0f;
}

struct SumsShape {
    const float* logits;  // [nRows, nVocab]
    PartSum* parts;       // [nRows, gridDim.x]
    std::int64_t nVocab;
};

// One block: 4096 logits of one row. Sum: a thread's in order, the lanes by a butterfly, the warps
// in order.
__global__ void __launch_bounds__(kSumThreads) partSumsKernel(SumsShape shape) {
    SOTTO_SHARED(float[kSumWarps], warpHighest);
    SOTTO_SHARED(float[kSumWarps], warpSums);
    gridDependencyWait();
    gridDependencyLaunch();
    const int thread = static_cast<int>(threadIdx.x);
    const float* row = shape.logits + static_cast<std::int64_t>(blockIdx.y) * shape.nVocab;
    const std::int64_t start = static_cast<std::int64_t>(blockIdx.x) * kPartLogits + thread;

    float logits[kSumValues];
    float highest = -INFINITY;
    int hasFinite = 0;
#pragma unroll
    for (int index = 0; index < kSumValues; ++index) {
        const std::int64_t place = start + index * kSumThreads;
        const float raw = place < shape.nVocab ? row[place] : -INFINITY;
        hasFinite |= isfinite(raw) ? 1 : 0;
        logits[index] = cleanLogit(raw);
        highest = fmaxf(highest, logits[index]);
    }
    highest = warpMax(highest);
    if (thread % 32 == 0) warpHighest[thread / 32] = highest;
    hasFinite = __syncthreads_or(hasFinite);
    for (int warp = 0; warp < kSumWarps; ++warp) highest = fmaxf(highest, warpHighest[warp]);

    float sum = 0.0f;
#pragma unroll
    for (int index = 0; index < kSumValues; ++index) sum += weightOf(logits[index], highest);
    sum = warpSum(sum);
    if (thread % 32 == 0) warpSums[thread / 32] = sum;
    __syncthreads();
    if (thread != 0) return;
    float total = 0.0f;
    for (int warp = 0; warp < kSumWarps; ++warp) total += warpSums[warp];
    shape.parts[static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x] = {highest, total,
                                                                                   hasFinite, 0};
}

struct ChooseShape {
    const DeviceChoice* choices;
    const PartSum* parts;  // [nRows, nParts]
    ChosenHeader* headers;
    const float* logits;      // [nRows, k]
    const std::int32_t* ids;  // [nRows, k]
    const float* rows;        // [nRows, nVocab], penalized
    const RawLogit* raw;      // [nRows, kMaxPenalized + 1], or null
    std::int64_t nVocab;
    int nParts;
    int k;
};

// A row's candidates in shared memory.
struct Candidates {
    float logits[kMaxCandidates];
    float weights[kMaxCandidates];  // exp of the logits in their present state
    std::int32_t ids[kMaxCandidates];
    std::int32_t order[kMaxCandidates];  // the draw's order
    int nKept;
    int isWhole;  // tokens beyond the candidates are still possible
    std::int32_t chosen;
    float rawLogit;
};

__device__ __forceinline__ ChosenHeader summaryOf(const ChooseShape& shape, int row) {
    const PartSum* parts = shape.parts + static_cast<std::int64_t>(row) * shape.nParts;
    ChosenHeader header;
    header.highest = -INFINITY;
    int hasFinite = 0;
    for (int part = 0; part < shape.nParts; ++part) {
        header.highest = fmaxf(header.highest, parts[part].highest);
        hasFinite |= parts[part].hasFinite;
    }
    header.sumOfExp = 0.0f;
    for (int part = 0; part < shape.nParts; ++part)
        header.sumOfExp += parts[part].sumOfExp * weightOf(parts[part].highest, header.highest);
    header.isUnusable = hasFinite == 0 ? 1 : 0;
    return header;
}

__device__ __forceinline__ double sumOfKept(const Candidates& row) {
    double sum = 0;
    for (int index = 0; index < row.nKept; ++index) sum += row.weights[index];
    return sum;
}

// Thread 0: top-p over the kept candidates, or over the whole row by its sum.
__device__ __forceinline__ void keepTopP(Candidates& row, float p, float sumOfRow) {
    if (p >= 1.0f) return;
    const double total = row.isWhole != 0 ? static_cast<double>(sumOfRow) : sumOfKept(row);
    const float scale = static_cast<float>(1.0 / total);
    double sum = 0;
    for (int index = 0; index < row.nKept; ++index) {
        sum += static_cast<double>(row.weights[index] * scale);
        if (sum < static_cast<double>(p)) continue;
        row.nKept = index + 1;
        row.isWhole = 0;
        return;
    }
}

// Thread 0: min-p; the candidates are in order, so that those kept are the first. Over a whole row
// the common factor of all probabilities is left out.
__device__ __forceinline__ void keepMinP(Candidates& row, float p) {
    if (p <= 0.0f) return;
    const float scale = row.isWhole != 0 ? 1.0f : static_cast<float>(1.0 / sumOfKept(row));
    const float bound = fminf(p, 1.0f) * (row.weights[0] * scale);
    int nKept = 0;
    while (nKept < row.nKept && row.weights[nKept] * scale >= bound) ++nKept;
    if (nKept < row.nKept) row.isWhole = 0;
    row.nKept = nKept;
}

// Thread 0: the candidate where the running sum passes the draw.
__device__ __forceinline__ std::int32_t pick(const Candidates& row, double uniform) {
    const float scale = static_cast<float>(1.0 / sumOfKept(row));
    double sum = 0;
    std::int32_t last = 0;
    for (int index = 0; index < row.nKept; ++index) {
        const int place = row.order[index];
        const float probability = row.weights[place] * scale;
        if (probability <= 0.0f) continue;
        sum += static_cast<double>(probability);
        last = row.ids[place];
        if (uniform < sum) break;
    }
    return last;
}

// One block per row, one thread per candidate.
__global__ void __launch_bounds__(kChooseThreads) chooseKernel(ChooseShape shape) {
    SOTTO_SHARED(Candidates, row);
    gridDependencyWait();
    gridDependencyLaunch();
    const int rowIndex = static_cast<int>(blockIdx.x);
    const int own = static_cast<int>(threadIdx.x);
    const DeviceChoice choice = shape.choices[rowIndex];
    const int n = static_cast<int>(min(static_cast<std::int64_t>(shape.k), shape.nVocab));
    if (own < n) {
        row.logits[own] = cleanLogit(shape.logits[rowIndex * shape.k + own]);
        row.ids[own] = shape.ids[rowIndex * shape.k + own];
        row.order[own] = own;
    }
    __syncthreads();
    if (own < n) row.weights[own] = weightOf(row.logits[own], row.logits[0]);
    __syncthreads();

    ChosenHeader summary;
    if (own == 0) {
        summary = summaryOf(shape, rowIndex);
        row.nKept = choice.topK > 0 ? min(choice.topK, n) : n;
        row.isWhole = choice.topK <= 0 && n < shape.nVocab ? 1 : 0;
        if (choice.temperature > 0.0f && summary.isUnusable == 0) {
            keepTopP(row, choice.topP, summary.sumOfExp);
            keepMinP(row, choice.minP);
        }
    }
    __syncthreads();
    const bool isDrawing = choice.temperature > 0.0f && row.isWhole == 0;
    if (isDrawing && own < row.nKept) {
        row.weights[own] = weightOf((row.logits[own] - row.logits[0]) / choice.temperature, 0.0f);
        // Where no step sorts, the sampler draws in order of the ids.
        if (choice.topK <= 0 && choice.topP >= 1.0f) {
            int place = 0;
            for (int other = 0; other < row.nKept; ++other) place += row.ids[other] < row.ids[own];
            row.order[place] = own;
        }
    }
    __syncthreads();
    if (own == 0) {
        summary.token = choice.temperature <= 0.0f ? row.ids[0]
                        : row.isWhole != 0         ? -1
                                                   : pick(row, choice.uniform);
        if (summary.isUnusable != 0) summary.token = 0;
        row.chosen = summary.token;
        row.rawLogit =
            summary.token < 0 ? 0.0f : shape.rows[rowIndex * shape.nVocab + summary.token];
    }
    __syncthreads();
    // As the model gave it: of a penalized token it was put aside.
    if (shape.raw != nullptr) {
        for (int entry = own; entry <= kMaxPenalized; entry += kChooseThreads) {
            const RawLogit raw = shape.raw[rowIndex * (kMaxPenalized + 1) + entry];
            if (raw.token >= 0 && raw.token == row.chosen) row.rawLogit = raw.logit;
        }
        __syncthreads();
    }
    if (own != 0) return;
    summary.logit = row.rawLogit;
    shape.headers[rowIndex] = summary;
}

// What each row of logits was fed with, where only the device knows it.
struct FedShape {
    const std::int32_t* tokenIds;
    const std::int32_t* outputRows;
    const ChosenHeader* chosen;
    std::int32_t* fed;  // [nRows]
    int nRows;
};
__global__ void __launch_bounds__(32) fedTokensKernel(FedShape shape) {
    gridDependencyWait();
    gridDependencyLaunch();
    const int row = static_cast<int>(threadIdx.x);
    if (row >= shape.nRows) return;
    const std::int32_t token = shape.tokenIds[shape.outputRows[row]];
    shape.fed[row] = token < 0 ? shape.chosen[-1 - token].token : -1;
}

struct ChoiceScratch {
    std::int64_t parts = 0, raw = 0, fed = 0, top = 0;  // offsets in bytes

    ChoiceScratch(std::int64_t nVocab, std::int64_t nRows) {
        const auto after = [](std::int64_t begin, std::int64_t count, std::size_t size) {
            return begin + (count * static_cast<std::int64_t>(size) + 15) / 16 * 16;
        };
        raw = after(parts, partsOf(nVocab) * nRows, sizeof(PartSum));
        fed = after(raw, (kMaxPenalized + 1) * nRows, sizeof(RawLogit));
        top = after(fed, nRows, sizeof(std::int32_t));
    }
};

void penalize(const ChooseTokensLaunch& args, const ChoiceScratch& scratch,
              const LaunchStream& on) {
    PenalizeLaunch penalties;
    penalties.logits = args.logits;
    penalties.nVocab = args.nVocab;
    penalties.nRows = args.layout.nRows;
    penalties.choices = args.choices;
    penalties.penalized = args.penalized;
    penalties.raw = reinterpret_cast<RawLogit*>(args.scratch + scratch.raw);
    if (args.tokenIds != nullptr) {
        auto* fed = reinterpret_cast<std::int32_t*>(args.scratch + scratch.fed);
        penalties.fedTokens = fed;
        launch(fedTokensKernel, dim3(1), dim3(32), 0, on,
               FedShape{.tokenIds = args.tokenIds,
                        .outputRows = args.outputRows,
                        .chosen = reinterpret_cast<const ChosenHeader*>(args.results),
                        .fed = fed,
                        .nRows = args.layout.nRows});
    }
    launchPenalize(penalties, on);
}

}  // namespace

std::int32_t candidateCount(std::int32_t nWanted) {
    if (nWanted <= 1) return 1;
    return nWanted <= 64 ? 64 : kMaxCandidates;
}

std::int64_t chooseTokensScratchBytes(std::int64_t nVocab, std::int32_t nRows, std::int32_t k) {
    return ChoiceScratch(nVocab, nRows).top + topCandidatesScratchBytes(nVocab, nRows, k);
}

void launchChooseTokens(const ChooseTokensLaunch& args, const LaunchStream& on) {
    const std::int64_t nParts = partsOf(args.nVocab);
    const auto nRows = static_cast<unsigned>(args.layout.nRows);
    const ChoiceScratch scratch(args.nVocab, args.layout.nRows);
    auto* parts = reinterpret_cast<PartSum*>(args.scratch + scratch.parts);
    const bool isPenalizing = args.penalized != nullptr;
    launch(partSumsKernel, dim3(static_cast<unsigned>(nParts), nRows), dim3(kSumThreads), 0, on,
           SumsShape{args.logits, parts, args.nVocab});
    if (isPenalizing) penalize(args, scratch, on);
    TopCandidatesLaunch top;
    top.logits = args.logits;
    top.nVocab = args.nVocab;
    top.nRows = args.layout.nRows;
    top.k = args.layout.k;
    top.values = reinterpret_cast<float*>(args.results + args.layout.logitsOffset());
    top.ids = reinterpret_cast<std::int32_t*>(args.results + args.layout.idsOffset());
    top.scratch = args.scratch + scratch.top;
    launchTopCandidates(top, on);
    ChooseShape shape{};
    shape.choices = args.choices;
    shape.parts = parts;
    shape.headers = reinterpret_cast<ChosenHeader*>(args.results);
    shape.logits = top.values;
    shape.ids = top.ids;
    shape.rows = args.logits;
    if (isPenalizing) shape.raw = reinterpret_cast<RawLogit*>(args.scratch + scratch.raw);
    shape.nVocab = args.nVocab;
    shape.nParts = static_cast<int>(nParts);
    shape.k = args.layout.k;
    launch(chooseKernel, dim3(nRows), dim3(kChooseThreads), 0, on, shape);
}

}  // namespace sotto::cuda
