// The main loop of linear_rows: one warp adds up its share of the columns of one tile of 16 rows.
//
// The eight columns of an mma are shared by tokens and groups. With kTokens = 8 each token has one.
// With fewer, every group of a bundle of 8 / kTokens groups is multiplied with all columns, each of
// which belongs to one token and one group of the bundle, and a lane keeps the cells of its own:
// two selects per group, after which scales are applied once per bundle instead of once per group.
// One token so takes less than half of the instructions of eight.
//
// Order of summation, the same for every kTokens: each row and token has four accumulators; the
// groups 0 and 2, 1 and 3, 4 and 6, 5 and 7 of a step go one after the other into accumulators 0,
// 1, 2, 3, step after step; at the end (0+1)+(2+3). (Why these pairs: with four tokens the even and
// the odd group of a bundle lie in different lanes.) All group sums are exact integers and every
// factor has the same bits in all forms, so a row's bits do not depend on the number of tokens.
// A warp takes steps first, first + stride, ... and has two units, loaded in turn (overUnits).
// Bytes: each record once from memory; activations from L1/L2.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <type_traits>
#include <utility>

#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/linear_rows_scales.cuh"

namespace sotto::cuda {

// A lane's view of the first token tile of an ActivationPlane. A lane whose token is absent reads
// the first token's words instead: the same sectors, so nothing more is moved, no branch, and what
// comes of them stays in columns that nobody reads. (The second scale of an odd number's last pair
// is read for the same reason.)
struct TokenLane {
    const std::byte* values;  // of this lane's B fragment in the first bundle
    const float* scales;      // of parity 0 in the first bundle
};

// Floats between two groups in `scales`, bytes in `values`.
constexpr int kScaleStride = 2 * kTileTokens;
constexpr int kCodeStride = kTileTokens * kGroupCols;

// With one token: column n is group h + 2 * (n % 2), h = n / 4 * 4 + n / 2 % 2, so that the lane t
// (columns 2t, 2t + 1) has the two groups of accumulator t.
__device__ __forceinline__ int firstGroupOf(int t) { return t / 2 * 4 + t % 2; }

template <int kTokens>
__device__ __forceinline__ TokenLane tokenLane(const ActivationPlane& x, int nTokens, int lane) {
    const int t = lane % 4;
    const int column = lane / 4;
    if constexpr (kTokens == 1) {
        const int group = firstGroupOf(column / 2) + column % 2 * 2;
        return {x.values + group * kCodeStride + t * 8, x.scales + firstGroupOf(t) * kScaleStride};
    } else {
        const int token = column % kTokens < nTokens ? column % kTokens : 0;
        const int ownPair = t % (kTokens / 2);
        const int pair = 2 * ownPair < nTokens ? ownPair : 0;
        return {x.values + column / kTokens * kCodeStride + (4 * token + t) * 8,
                x.scales + t / (kTokens / 2) * kScaleStride + 4 * pair};
    }
}

// (scale, scale * sum of codes) of parities 0 and 1.
template <int kTokens>
__device__ __forceinline__ float4 tokenScales(const TokenLane& tokens, int group) {
    const float* const own = tokens.scales + group * kScaleStride;
    if constexpr (kTokens > 1) {
        return *reinterpret_cast<const float4*>(own);
    } else {
        const float2 first = *reinterpret_cast<const float2*>(own);
        const float2 second = *reinterpret_cast<const float2*>(own + 2 * kScaleStride);
        return make_float4(first.x, first.y, second.x, second.y);
    }
}

struct CellSums {
    int first[4];
    int second[4];  // columns 16..31 where scales are per 16
};

// The products of one group with all columns, of which `own` takes what belongs to the group.
template <class Codes, int kTokens, int group>
__device__ __forceinline__ void addGroup(CellSums& own, const CellSums& start, const Codes& codes,
                                         const std::uint32_t (&b)[2], int t) {
    CellSums sums = start;
    std::uint32_t a[4];
    codes.template fragment<group>(a);
    addProducts<Codes>(sums.first, sums.second, a, b);
    // Of four tokens, columns 0-3 are the bundle's even group and 4-7 its odd one; of one token see
    // firstGroupOf().
    constexpr int kParity = group / 2 % 2;
    constexpr int kLane = group / 4 * 2 + group % 2;
    // The first writer of a cell writes it in all lanes; the others' are overwritten later.
    constexpr bool kIsFirst = kTokens == 1 ? kLane == 0 : group % (8 / kTokens) == 0;
    bool isOwn = true;
    if constexpr (kTokens == 4) isOwn = t / 2 == group % 2;
    if constexpr (kTokens == 1) isOwn = t == kLane;
#pragma unroll
    for (int cell = 0; cell < 4; ++cell) {
        if (kTokens == 1 && cell % 2 != kParity) continue;
        own.first[cell] = kIsFirst || isOwn ? sums.first[cell] : own.first[cell];
        if constexpr (Codes::kScaleCols == 16)
            own.second[cell] = kIsFirst || isOwn ? sums.second[cell] : own.second[cell];
    }
}

// The even (isOdd 0) or odd (1) groups from firstGroup on. They start from the same sums: the
// codes' offset times the activations, or nothing.
template <class Codes, int kTokens, int firstGroup, int isOdd, int... groups>
__device__ __forceinline__ void sumEverySecond(CellSums& own, const Codes& codes,
                                               const std::uint32_t (&b)[2], int t,
                                               std::integer_sequence<int, groups...>) {
    CellSums start;
    startSums<Codes, isOdd>(start.first, start.second, b);
    (addGroup<Codes, kTokens, firstGroup + 2 * groups + isOdd>(own, start, codes, b, t), ...);
}

// nGroups groups of one bundle.
template <class Codes, int kTokens, int firstGroup, int nGroups>
__device__ __forceinline__ void sumGroups(CellSums& own, const Codes& codes,
                                          const std::uint32_t (&b)[2], int t) {
    if constexpr (nGroups == 1) {
        constexpr int kIsOdd = firstGroup % 2;
        sumEverySecond<Codes, kTokens, firstGroup - kIsOdd, kIsOdd>(
            own, codes, b, t, std::integer_sequence<int, 0>{});
    } else {
        constexpr std::make_integer_sequence<int, nGroups / 2> kHalf{};
        sumEverySecond<Codes, kTokens, firstGroup, 0>(own, codes, b, t, kHalf);
        sumEverySecond<Codes, kTokens, firstGroup, 1>(own, codes, b, t, kHalf);
    }
}

// Into the accumulators. (sum - bias) * scale as one fused multiply-add: bias * scale is exact, 2
// times at most 17 bits. With one token both parities are groups of the same row and token.
template <class Codes, int kTokens>
__device__ __forceinline__ void addCells(float (&results)[4], const CellSums& sums,
                                         const CellFactors& factors, const float4& tokens) {
#pragma unroll
    for (int cell = 0; cell < 4; ++cell) {
        const float scale = factors.scale[cell];
        float sum;
        if constexpr (Codes::kScaleCols == 16)
            sum = fmaf(sumToFloat(sums.second[cell]), factors.scaleSecond[cell],
                       sumToFloat(sums.first[cell]) * scale);
        else
            sum = fmaf(__int_as_float(sums.first[cell]), scale, -12582912.0f * scale);
        float& result = results[kTokens == 1 ? cell / 2 * 2 : cell];
        result = fmaf(sum, cell % 2 == 0 ? tokens.x : tokens.z, result);
        if constexpr (Codes::kHasMin)
            result = fmaf(-factors.min[cell], cell % 2 == 0 ? tokens.y : tokens.w, result);
    }
}

// What a warp loads at a time: a record.
template <DType type, int kTokens>
struct RowsUnit {
    static constexpr int kParts = 1;

    RecordCodes<type> codes;
    LaneScales<type, kTokens> scales;

    __device__ __forceinline__ void load(const std::byte* record, int, int lane) {
        codes.loadCodes(record, lane);
        scales.load(record, lane);
    }
};

// Half a record, groups 0-3 or 4-7, where a whole one would take too many registers. The scales and
// what else both halves need come twice, the second time from L2.
template <DType type>
struct HalfCodes : RecordCodes<type> {
    static constexpr bool kHasRest = RecordLayout<type>::kCodeBits > 4;

    uint4 pairs[2];
    uint4 restWords;

    __device__ __forceinline__ void loadHalf(const std::byte* record, int part, int lane) {
        pairs[0] = detail::loadWords(record, 64 * part + lane);
        pairs[1] = detail::loadWords(record, 64 * part + 32 + lane);
        if constexpr (kHasRest)
            restWords = detail::loadWords(record + RecordLayout<type>::kRest,
                                          type == DType::Q6_K ? 32 * part + lane : lane);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        detail::NibbleWords words;
        words.pairs[0] = pairs[group / 2 % 2];
        words.fragment<group % 2>(a);
        if constexpr (kHasRest) detail::addRest<type, group>(a, restWords);
    }
};

template <>
struct HalfCodes<DType::Q8_0> : RecordCodes<DType::Q8_0> {
    __device__ __forceinline__ void loadHalf(const std::byte* record, int part, int lane) {
#pragma unroll
        for (int group = 0; group < 4; ++group)
            codes[group] = detail::loadWords(record, 32 * (4 * part + group) + lane);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        RecordCodes::fragment<group % 4>(a);
    }
};

// Whole records of these take so many registers that two of them would not leave enough.
template <DType type, int kTokens>
constexpr bool kLoadsHalves = type == DType::Q6_K ||
                              (kTokens > 1 && (type == DType::Q8_0 || type == DType::Q4_1 ||
                                               RecordLayout<type>::kCodeBits == 5));

template <DType type, int kTokens>
struct RowsHalf {
    static constexpr int kParts = 2;

    HalfCodes<type> codes;
    LaneScales<type, kTokens> scales;

    __device__ __forceinline__ void load(const std::byte* record, int part, int lane) {
        codes.loadHalf(record, part, lane);
        if (kTokens > 1 || part == 1) scales.load(record, lane);
    }
};

template <DType type, int kTokens>
requires kLoadsHalves<type, kTokens>
struct RowsUnit<type, kTokens> : RowsHalf<type, kTokens> {
};

// The accumulators of a row tile: of each cell all four, the lane's two (0 and 2, or 1 and 3) or
// the lane's one.
template <int kTokens>
struct RowSums {
    static constexpr int kGroups = 8 / kTokens;  // of a bundle

    float cells[kTokens == 8 ? 4 : kTokens == 4 ? 2 : 1][4];
    CellSums waiting;

    template <int bundle, class Unit>
    __device__ __forceinline__ void addBundle(const Unit& unit, const TokenLane& tokens, int step,
                                              int t) {
        using Codes = decltype(Unit::codes);
        constexpr int kFirst = bundle * kGroups;
        constexpr int kAccumulator = kTokens == 8 ? kFirst / 4 * 2 + kFirst % 2 : kFirst / 4;
        const int group = step * kStepGroups + kFirst;
        const uint2 words = *reinterpret_cast<const uint2*>(tokens.values + group * kCodeStride);
        CellSums sums;
        sumGroups<Codes, kTokens, kFirst, kGroups>(sums, unit.codes, {words.x, words.y}, t);
        addCells<Codes, kTokens>(cells[kAccumulator], sums, unit.scales.template factors<bundle>(t),
                                 tokenScales<kTokens>(tokens, group));
    }

    template <int part, class Unit, int... bundles>
    __device__ __forceinline__ void addBundles(const Unit& unit, const TokenLane& tokens, int step,
                                               int t, std::integer_sequence<int, bundles...>) {
        constexpr int kFirst = part * static_cast<int>(sizeof...(bundles));
        (addBundle<kFirst + bundles>(unit, tokens, step, t), ...);
    }

    // One token, half a record: the integer sums wait in `waiting` for the second half.
    template <int part, class Unit>
    __device__ __forceinline__ void addHalfBundle(const Unit& unit, const TokenLane& tokens,
                                                  int step, int t) {
        using Codes = decltype(Unit::codes);
        const int group = step * kStepGroups;
        const uint2 words = *reinterpret_cast<const uint2*>(tokens.values + group * kCodeStride);
        sumGroups<Codes, 1, 4 * part, 4>(waiting, unit.codes, {words.x, words.y}, t);
        if constexpr (part == 1)
            addCells<Codes, 1>(cells[0], waiting, unit.scales.template factors<0>(t),
                               tokenScales<1>(tokens, group));
    }

    template <int part, class Unit>
    __device__ __forceinline__ void add(const Unit& unit, const TokenLane& tokens, int step,
                                        int t) {
        if constexpr (kTokens == 1 && Unit::kParts == 2)
            addHalfBundle<part>(unit, tokens, step, t);
        else
            addBundles<part>(unit, tokens, step, t,
                             std::make_integer_sequence<int, kTokens / Unit::kParts>{});
    }

    // results: rows g (0, 1) and g + 8 (2, 3) of two tokens: 2t, 2t + 1 (kTokens 8), 2 (t % 2),
    // + 1 (4), only the first (1).
    __device__ __forceinline__ void finish(float (&results)[4]) const {
        constexpr unsigned kAll = 0xffffffffu;
#pragma unroll
        for (int cell = 0; cell < 4; ++cell) {
            if constexpr (kTokens == 8) {
                results[cell] =
                    (cells[0][cell] + cells[1][cell]) + (cells[2][cell] + cells[3][cell]);
            } else if constexpr (kTokens == 4) {
                const float lower = cells[0][cell] + __shfl_xor_sync(kAll, cells[0][cell], 2);
                const float upper = cells[1][cell] + __shfl_xor_sync(kAll, cells[1][cell], 2);
                results[cell] = lower + upper;
            } else {
                float sum = cells[0][cell];
                sum += __shfl_xor_sync(kAll, sum, 1);
                sum += __shfl_xor_sync(kAll, sum, 2);
                results[cell] = sum;  // cells 1 and 3 are zero
            }
        }
    }
};

// How a unit is asked for where there may be none any more (overUnits).
enum class UnitLoads {
    Branch,      // not at all
    OddClamped,  // every second one: the last again
    Narrowed,    // the last one's first 16 bytes, by all lanes: one sector
};

// Whole records are loaded without a branch: behind one, ptxas counts them on the scoreboard of the
// activations, and a warp waits for a record as soon as it has asked for it. That sm_90 and sm_120
// gain by it was counted for each type (tests/gates/cuda_sass.py): not so with halves, whose scales
// ptxas then waits for too early, nor with Q4_1, Q5_0 and Q5_1. Eight tokens have registers left
// for every second record alone. On sm_75 Q4_K would spill.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
inline constexpr bool kIsTuring = true;
#else
inline constexpr bool kIsTuring = false;
#endif
template <DType type, int kTokens>
constexpr UnitLoads kWarpLoads =
    kIsTuring || type == DType::Q4_1 || type == DType::Q5_0 || type == DType::Q5_1
        ? UnitLoads::Branch
    : kTokens == 8 ? UnitLoads::OddClamped
                   : UnitLoads::Narrowed;

// The steps of one warp, in order.
struct WarpSteps {
    const std::byte* tile;  // first record of the row tile
    int nSteps;
    int first, stride;  // stride <= nSteps, so every warp has a step

    template <DType type, int kTokens>
    using Unit = RowsUnit<type, kTokens>;
    template <DType type, int kTokens>
    static constexpr UnitLoads kLoads = kWarpLoads<type, kTokens>;

    __device__ __forceinline__ const std::byte* unitAt(std::int64_t index, int nBytes) const {
        return tile + index * nBytes;
    }
};

// The same where `tile` was found by reading memory, which takes more registers: the largest
// records come in halves, and no part of an address is kept from one load to the next.
struct StackSteps : WarpSteps {
    template <DType type, int kTokens>
    using Unit = std::conditional_t<type == DType::Q8_0 || RecordLayout<type>::kCodeBits == 5,
                                    RowsHalf<type, kTokens>, RowsUnit<type, kTokens>>;
    template <DType type, int kTokens>
    static constexpr UnitLoads kLoads = UnitLoads::Narrowed;

    __device__ __forceinline__ const std::byte* unitAt(std::int64_t index, int nBytes) const {
        return forgotten(WarpSteps::unitAt(index, nBytes));
    }
};

// Runs unit by unit: load(unit, step, part, lane) starts loads, add<part>(unit, step) uses them.
// Loads of one unit are under way while another is used. whileLoading: called once, after the first
// loads have been started and what the kernel before wrote is there to be read. kLoads: of units
// that are whole steps; halves take the branch.
template <class Unit, UnitLoads kLoads, class Load, class WhileLoading, class Add>
__device__ __forceinline__ void overUnits(const WarpSteps& steps, const Load& load,
                                          const WhileLoading& whileLoading, const Add& add) {
    constexpr int kParts = Unit::kParts;
    Unit even;
    Unit odd;
    const int first = steps.first;
    const int stride = steps.stride;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    constexpr std::integral_constant<int, 0> kEven{};
    constexpr std::integral_constant<int, 1> kOdd{};
    const auto loadNext = [&](Unit& unit, int step, auto turn) {
        constexpr int kTurn = turn.value;
        const bool isThere = step < steps.nSteps;
        const int there = min(step, steps.nSteps - 1);
        if constexpr (kParts == 1 && kLoads == UnitLoads::Narrowed)
            load(unit, there, kTurn, isThere ? lane : 0);
        else if constexpr (kParts == 1 && kLoads == UnitLoads::OddClamped && kTurn == 1)
            load(unit, there, kTurn, lane);
        else if (isThere)
            load(unit, step, kTurn, lane);
    };
    load(even, first, 0, lane);
    gridDependencyWait();
    whileLoading();
    // With two parts, `even` holds the first and `odd` the second of a step; else steps alternate,
    // and there is but one part.
    for (int step = first; step < steps.nSteps;) {
        const int oddStep = kParts == 2 ? step : step + stride;
        loadNext(odd, oddStep, kOdd);
        add(even, step, kEven);
        if (oddStep >= steps.nSteps) break;
        step = oddStep + stride;
        loadNext(even, step, kEven);
        add(odd, oddStep, std::integral_constant<int, kParts - 1>{});
    }
}

template <DType type, int kTokens, class Steps, class WhileLoading>
__device__ __forceinline__ void sumTile(float (&results)[4], const Steps& steps,
                                        const ActivationPlane& x, int nTokens,
                                        const WhileLoading& whileLoading) {
    using Unit = typename Steps::template Unit<type, kTokens>;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const TokenLane tokens = tokenLane<kTokens>(x, nTokens, lane);
    RowSums<kTokens> sums = {};
    constexpr UnitLoads kLoads = Steps::template kLoads<type, kTokens>;
    overUnits<Unit, kLoads>(
        steps,
        [&](Unit& unit, int step, int part, int place) {
            const std::byte* record = steps.unitAt(step, RecordLayout<type>::kBytes);
            // Addresses that are made anew leave registers free. Q4_0 has enough of them.
            if constexpr (Unit::kParts == 1 && kLoads == UnitLoads::Narrowed && type != DType::Q4_0)
                record = forgotten(record);
            unit.load(record, part, place);
        },
        whileLoading,
        [&](const Unit& unit, int step, auto part) {
            sums.template add<part.value>(unit, tokens, step, lane % 4);
        });
    sums.finish(results);
}

}  // namespace sotto::cuda
