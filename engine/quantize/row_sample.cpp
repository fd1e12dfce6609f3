#include "engine/quantize/row_sample.h"

#include <algorithm>

#include "engine/quant/dequantize_reference.h"
#include "engine/quantize/row_checks.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// Of a tensor of fewer rows all, else so many that lie evenly in it.
std::vector<std::int64_t> chosenRows(std::int64_t nAll, std::int64_t nColumns) {
    constexpr std::int64_t kLeastRows = 32;
    const std::int64_t nWanted =
        std::min(nAll, std::max(kLeastRows, kSampledWeights / std::max<std::int64_t>(1, nColumns)));
    std::vector<std::int64_t> rows(static_cast<std::size_t>(nWanted));
    for (std::int64_t index = 0; index < nWanted; ++index)
        rows[static_cast<std::size_t>(index)] = (2 * index + 1) * nAll / (2 * nWanted);
    return rows;
}

}  // namespace

Result<SampledRows> sampleRows(const TensorSource& source, const ImportanceMatrix* importance,
                               std::size_t tensorIndex) {
    const GgufTensorPlan& tensor = source.tensors()[tensorIndex];
    SampledRows sample;
    sample.nColumns = tensor.shape.front();
    sample.nAll = rowCount(tensor.shape);
    sample.rows = chosenRows(sample.nAll, sample.nColumns);
    sample.rowsPerMatrix = sample.nAll / matrixCount(tensor.shape);
    sample.from = tensor.type;
    sample.stored = isInBlocks(tensor.type) ? DType::F32 : tensor.type;
    sample.values.resize(sample.nRows() * static_cast<std::size_t>(sample.nColumns));
    std::vector<std::byte> scratch;
    for (std::size_t index = 0; index < sample.nRows(); ++index) {
        const std::int64_t row = sample.rows[index];
        SOTTO_ASSIGN(const auto bytes, source.rows({tensorIndex, row, 1}, scratch));
        const auto width = static_cast<std::size_t>(sample.nColumns);
        const std::span values = std::span(sample.values).subspan(index * width, width);
        dequantizeRow(tensor.type, bytes, values);
        SOTTO_TRY(checkRowValues(values, {.tensor = tensor.name,
                                          .nColumns = sample.nColumns,
                                          .firstRow = row,
                                          .type = DType::F32}));
    }
    SOTTO_TRY(source.check());
    if (importance != nullptr) {
        SOTTO_ASSIGN(sample.weights, importance->weightsOf(tensor.name, matrixCount(tensor.shape),
                                                           sample.nColumns));
    }
    return sample;
}

}  // namespace sotto
