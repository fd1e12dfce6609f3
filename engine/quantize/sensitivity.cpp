#include "engine/quantize/sensitivity.h"

#include <algorithm>
#include <cmath>

#include "engine/quant/dequantize_reference.h"
#include "engine/quantize/row_sample.h"

namespace sotto {
namespace {

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
        SOTTO_ASSIGN(const SampledRows sample,
                     sampleRows(args.source, args.importance, wish.tensorIndex));
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
