// What the operations of CudaKernelSet ask of the matrices they are given. Private to kernels/cuda.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "engine/kernels/cuda/cuda_weight.h"
#include "engine/kernels/cuda/linear_rows.h"

namespace sotto::cuda {

inline const CudaWeight& asCuda(const Weight* weight) {
    return *static_cast<const CudaWeight*>(weight);
}

// Whether all matrices read one and the same plane.
inline bool shareInput(std::initializer_list<const Weight*> weights) {
    const CudaWeight& first = asCuda(*weights.begin());
    return std::all_of(weights.begin(), weights.end(), [&](const Weight* weight) {
        return asCuda(weight).isPacked() && asCuda(weight).inputKind() == first.inputKind();
    });
}

inline bool readsPlane(const Weight* consumer) {
    return consumer != nullptr && asCuda(consumer).isPacked();
}

// Whether these are the rows 0 to nTokens - 1 in order.
inline bool isEveryRow(std::span<const std::int32_t> rowIndices, std::size_t nTokens) {
    if (rowIndices.size() != nTokens) return false;
    for (std::size_t row = 0; row < nTokens; ++row)
        if (rowIndices[row] != static_cast<std::int32_t>(row)) return false;
    return true;
}

inline RowsMatrix rowsMatrix(const LinearTarget& target) {
    const CudaWeight& weight = asCuda(target.weight);
    return {weight.records(), target.bias,
            target.out,       static_cast<std::int32_t>(weight.nRows),
            weight.type,      target.isAccumulating};
}

}  // namespace sotto::cuda
