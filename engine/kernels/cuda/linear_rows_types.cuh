// The main loops of linear_rows by the type of a matrix: known when compiling, or read from the
// matrix where those of one launch differ.
//
// Device code, shared by linear_rows and expert_rows.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <type_traits>

#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/linear_rows_float.cuh"
#include "engine/kernels/cuda/linear_rows_sum.cuh"

namespace sotto::cuda {

// F32 stands for matrices of different quantized types in one call.
inline constexpr DType kMixed = DType::F32;

// What a main loop multiplies with.
struct RowsInput {
    const ActivationPlane& plane;
    int nTokens;
};

// The sums of one row tile over this warp's steps. Steps: WarpSteps or StackSteps.
template <DType type, int kTokens, class Steps, class WhileLoading>
__device__ __forceinline__ void sumRows(float (&results)[4], const RowsInput& input,
                                        const RowsMatrix& matrix, int tile, Steps steps,
                                        const WhileLoading& whileLoading) {
    steps.tile = matrix.records +
                 static_cast<std::int64_t>(tile) * steps.nSteps * RecordLayout<type>::kBytes;
    if constexpr (RecordLayout<type>::kIsFloat)
        sumFloatTile<type, kTokens>(results, steps, input.plane, input.nTokens, whileLoading);
    else
        sumTile<type, kTokens>(results, steps, input.plane, input.nTokens, whileLoading);
}

template <DType type, int kTokens, class Steps, class WhileLoading>
__device__ __forceinline__ void sumAnyRows(float (&results)[4], const RowsInput& input,
                                           const RowsMatrix& matrix, int tile, const Steps& steps,
                                           const WhileLoading& whileLoading) {
    const auto sumAs = [&](auto own) {
        sumRows<own.value, kTokens>(results, input, matrix, tile, steps, whileLoading);
    };
    if constexpr (type != kMixed) {
        sumAs(std::integral_constant<DType, type>{});
    } else {
        // The same for all threads of a warp.
        switch (matrix.type) {
            case DType::Q8_0: return sumAs(std::integral_constant<DType, DType::Q8_0>{});
            case DType::Q4_0: return sumAs(std::integral_constant<DType, DType::Q4_0>{});
            case DType::Q4_1: return sumAs(std::integral_constant<DType, DType::Q4_1>{});
            case DType::Q5_0: return sumAs(std::integral_constant<DType, DType::Q5_0>{});
            case DType::Q5_1: return sumAs(std::integral_constant<DType, DType::Q5_1>{});
            case DType::Q4_K: return sumAs(std::integral_constant<DType, DType::Q4_K>{});
            case DType::Q5_K: return sumAs(std::integral_constant<DType, DType::Q5_K>{});
            case DType::Q6_K: return sumAs(std::integral_constant<DType, DType::Q6_K>{});
            case DType::F32:
            case DType::F16:
            case DType::BF16:
            case SOTTO_TYPES_WITHOUT_KERNELS: break;
        }
        __trap();  // the launcher checks the types
    }
}

}  // namespace sotto::cuda
