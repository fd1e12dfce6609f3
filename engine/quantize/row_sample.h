// SampledRows: some rows of a tensor, evenly from all of it, with what an error in each of their
// columns costs: what measures losses before anything is made (sensitivity.h, column_folds.h).
//
// Plain values.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/quantize/importance.h"
#include "engine/quantize/tensor_source.h"

namespace sotto {

// How many weights of a tensor are looked at: the standard error is then some per cent, and a model
// of 8 billion takes about as long as a fortieth of its quantizing for each type.
inline constexpr std::int64_t kSampledWeights = 1 << 18;

struct SampledRows {
    std::int64_t nColumns = 0;
    std::int64_t nAll = 0;           // rows of the tensor
    std::vector<std::int64_t> rows;  // which of them
    std::vector<float> values;       // [rows.size(), nColumns]
    std::vector<float> weights;      // [nMatrices, nColumns], or none: all the same
    std::int64_t rowsPerMatrix = 0;
    DType from = DType::F32;  // the source's own
    DType stored = DType::F32;

    std::size_t nRows() const { return rows.size(); }
    std::size_t matrixOf(std::size_t index) const {
        return static_cast<std::size_t>(rows[index] / rowsPerMatrix);
    }
    std::span<const float> row(std::size_t index) const {
        const auto width = static_cast<std::size_t>(nColumns);
        return std::span(values).subspan(index * width, width);
    }
    std::span<const float> weightsOf(std::size_t index) const {
        if (weights.empty()) return {};
        const auto width = static_cast<std::size_t>(nColumns);
        return std::span(weights).subspan(matrixOf(index) * width, width);
    }
};

// `importance` may be null. Errors: FileDamaged (a weight that is no number), FileUnreadable, those
// of ImportanceMatrix::weightsOf().
Result<SampledRows> sampleRows(const TensorSource& source, const ImportanceMatrix* importance,
                               std::size_t tensorIndex);

}  // namespace sotto
