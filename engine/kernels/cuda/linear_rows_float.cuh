// The main loop of linear_rows for 16-bit floats, which are bound by memory alone: every token has
// a column of its own, and what mma adds up is the result.
//
// Order of summation: steps of the warp, groups 0..7, in F16 high and low halves of 16 columns, the
// group's sum scaled by its power of two; in BF16 high, middle and low parts of 16 columns. Half a
// record (4 KB per warp) is loaded at a time, and both are waited for together. With one token of a
// view a warp takes steps of half a record, in quarters.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <utility>

#include "engine/kernels/cuda/linear_rows_sum.cuh"

namespace sotto::cuda {

// Groups that are loaded at a time: half a record, with one token, where all the products of a unit
// are independent and crowd the registers, a quarter.
template <int kTokens>
constexpr int kFloatGroups = kTokens == 1 ? 2 : 4;

// kTokens 1: the plane is a view that may begin at any token of a tile, so that nothing lies behind
// the token's own scale, and pairs of scales may be no multiple of 16 bytes.
template <DType type, int kTokens>
struct FloatUnit : FloatCodes<kFloatGroups<kTokens>> {
    static constexpr int kParts = 2;
    static constexpr int kGroups = kFloatGroups<kTokens>;
    static constexpr bool kIsF16 = type == DType::F16;
    static constexpr int kLaneBytes = kIsF16 ? 16 : 24;  // per 16 columns
    static constexpr int kK16Bytes = 32 * kLaneBytes;

    template <int inPart>
    __device__ __forceinline__ void addGroup(float (&results)[4], const std::byte* values,
                                             const float* scales) const {
        float sums[4] = {};
        addK16<2 * inPart>(kIsF16 ? sums : results, values);
        addK16<2 * inPart + 1>(kIsF16 ? sums : results, values + kK16Bytes);
        if constexpr (kIsF16 && kTokens == 1) {
#pragma unroll
            for (int cell = 0; cell < 4; ++cell)
                results[cell] = fmaf(sums[cell], *scales, results[cell]);
        } else if constexpr (kIsF16) {
            const float4 tokens = *reinterpret_cast<const float4*>(scales);
#pragma unroll
            for (int cell = 0; cell < 4; ++cell)
                results[cell] =
                    fmaf(sums[cell], cell % 2 == 0 ? tokens.x : tokens.z, results[cell]);
        }
    }

private:
    template <int k16>
    __device__ __forceinline__ void addK16(float (&sums)[4], const std::byte* values) const {
        std::uint32_t a[4];
        this->template fragment<k16>(a);
        if constexpr (kIsF16) {
            const uint4 b = *reinterpret_cast<const uint4*>(values);
            mmaF16k16(sums, a, {b.x, b.y});
            mmaF16k16(sums, a, {b.z, b.w});
        } else {
#pragma unroll
            for (int part = 0; part < 3; ++part) {
                const uint2 b = *reinterpret_cast<const uint2*>(values + 8 * part);
                mmaBf16k16(sums, a, {b.x, b.y});
            }
        }
    }
};

template <class Unit, int... groups>
__device__ __forceinline__ void addFloatGroups(float (&results)[4], const Unit& unit,
                                               const std::byte* values, const float* scales,
                                               std::integer_sequence<int, groups...>) {
    (unit.template addGroup<groups>(results, values + groups * 2 * Unit::kK16Bytes,
                                    scales + groups * kScaleStride),
     ...);
}

// kTokens: 8, or 1 for one token, of a view.
template <DType type, int kTokens, class Steps, class WhileLoading>
__device__ __forceinline__ void sumFloatTile(float (&results)[4], const Steps& steps,
                                             const ActivationPlane& x, int nTokens,
                                             const WhileLoading& whileLoading) {
    using Unit = FloatUnit<type, kTokens>;
    constexpr int kTurnGroups = Unit::kParts * Unit::kGroups;
    constexpr int kUnitBytes = Unit::kGroups * (RecordLayout<type>::kBytes / kStepGroups);
    Steps turns = steps;
    turns.nSteps = steps.nSteps * (kStepGroups / kTurnGroups);
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int t = lane % 4;
    const int token = lane / 4 < nTokens ? lane / 4 : 0;
    const int pair = 2 * t < nTokens ? t : 0;
    const std::byte* const values = x.values + (4 * token + t) * Unit::kLaneBytes;
    const float* const scales = x.scales + 4 * pair;
    overUnits<Unit, UnitLoads::Branch>(
        turns,
        [&](Unit& unit, int step, int part, int place) {
            unit.load(turns.unitAt(Unit::kParts * step + part, kUnitBytes), place);
        },
        whileLoading,
        [&](const Unit& unit, int step, auto part) {
            const int group = step * kTurnGroups + part.value * Unit::kGroups;
            addFloatGroups(results, unit, values + group * (2 * Unit::kK16Bytes),
                           scales + group * kScaleStride,
                           std::make_integer_sequence<int, Unit::kGroups>{});
        });
}

}  // namespace sotto::cuda
