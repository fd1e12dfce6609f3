#include "engine/quantize/sensitivity.h"

#include <algorithm>
#include <cmath>

#include "engine/quant/dequantize_reference.h"
#include "engine/quantize/row_checks.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// Rows of one tensor, with what an error in each of their columns costs.
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
    std::span<const float> row(std::size_t index) const {
        const auto width = static_cast<std::size_t>(nColumns);
        return std::span(values).subspan(index * width, width);
    }
    std::span<const float> weightsOf(std::size_t index) const {
        if (weights.empty()) return {};
        const auto width = static_cast<std::size_t>(nColumns);
        return std::span(weights).subspan(
            static_cast<std::size_t>(rows[index] / rowsPerMatrix) * width, width);
    }
};

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

Result<SampledRows> sampleOf(const SensitivityArgs& args, std::size_t tensorIndex) {
    const GgufTensorPlan& tensor = args.source.tensors()[tensorIndex];
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
        SOTTO_ASSIGN(const auto bytes, args.source.rows({tensorIndex, row, 1}, scratch));
        const auto width = static_cast<std::size_t>(sample.nColumns);
        const std::span values = std::span(sample.values).subspan(index * width, width);
        dequantizeRow(tensor.type, bytes, values);
        SOTTO_TRY(checkRowValues(values, {.tensor = tensor.name,
                                          .nColumns = sample.nColumns,
                                          .firstRow = row,
                                          .type = DType::F32}));
    }
    SOTTO_TRY(args.source.check());
    if (args.importance != nullptr) {
        SOTTO_ASSIGN(sample.weights, args.importance->weightsOf(
                                         tensor.name, matrixCount(tensor.shape), sample.nColumns));
    }
    return sample;
}

RowLoss lossOfRow(const SampledRows& sample, std::size_t index, DType type, QuantizeMethod method) {
    const std::span<const float> values = sample.row(index), weights = sample.weightsOf(index);
    std::vector<float> back(values.begin(), values.end());
    // What has this type already is copied, not made again.
    if (type != sample.from) {
        std::vector<std::byte> bytes(rowBytes(type, values.size()));
        quantizeCheckedRows({.type = type,
                             .rows = values,
                             .nColumns = sample.nColumns,
                             .importance = weights,
                             .method = method,
                             .stored = sample.stored},
                            bytes);
        dequantizeRow(type, bytes, back);
    }
    return rowLoss(values, back, weights);
}

// The ratio of the sums, and its standard error: that of the rows' residuals around it.
TypeLoss lossOf(DType type, std::span<const RowLoss> rows, std::int64_t nAll) {
    RowLoss all;
    for (const RowLoss& row : rows) all += row;
    TypeLoss loss{.type = type, .loss = all.share()};
    if (!(all.energy > 0)) return loss;
    double squares = 0;
    for (const RowLoss& row : rows) {
        const double residual = row.error - loss.loss * row.energy;
        squares += residual * residual;
    }
    const auto nRows = static_cast<double>(rows.size());
    const double unseen = 1.0 - nRows / static_cast<double>(nAll);
    if (rows.size() > 1 && unseen > 0)
        loss.samplingError = std::sqrt(squares * unseen * nRows / (nRows - 1)) / all.energy;
    return loss;
}

}  // namespace

RowLoss rowLoss(std::span<const float> values, std::span<const float> back,
                std::span<const float> importance) {
    RowLoss loss;
    for (std::size_t column = 0; column < values.size(); ++column) {
        const double weight = importance.empty() ? 1.0 : double(importance[column]);
        const double error = double(back[column]) - double(values[column]);
        loss.error += weight * error * error;
        loss.energy += weight * double(values[column]) * double(values[column]);
    }
    return loss;
}

Result<std::vector<std::vector<TypeLoss>>> measureSensitivity(
    const SensitivityArgs& args, std::span<const SensitivityWish> wishes) {
    std::vector<std::vector<TypeLoss>> all;
    std::vector<RowLoss> rows;
    for (const SensitivityWish& wish : wishes) {
        if (args.progress && !args.progress(all.size()))
            return fail(ErrorCode::Cancelled, "Cancelled.");
        SOTTO_ASSIGN(const SampledRows sample, sampleOf(args, wish.tensorIndex));
        const std::size_t nRows = sample.nRows();
        rows.assign(nRows * wish.types.size(), {});
        args.pool.parallelFor(static_cast<std::int64_t>(rows.size()), [&](std::int64_t place, int) {
            const auto index = static_cast<std::size_t>(place);
            rows[index] = lossOfRow(sample, index % nRows, wish.types[index / nRows], args.method);
        });
        std::vector<TypeLoss>& losses = all.emplace_back();
        for (std::size_t type = 0; type < wish.types.size(); ++type)
            losses.push_back(lossOf(wish.types[type], std::span(rows).subspan(type * nRows, nRows),
                                    sample.nAll));
    }
    return all;
}

}  // namespace sotto
