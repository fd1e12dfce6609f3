// out[token, row] = sum over cols of W[row, col] * x[token, col] + bias[row], or added to out.
#include <vector>

#include "engine/kernels/reference/reference_ops.h"

namespace sotto::reference {
namespace {

void linearTarget(const LinearArgs& args, const LinearTarget& target, std::vector<float>& row) {
    const auto& weight = static_cast<const ReferenceWeight&>(*target.weight);
    row.resize(static_cast<std::size_t>(weight.nCols));
    for (std::int64_t rowIndex = 0; rowIndex < weight.nRows; ++rowIndex) {
        weight.row(rowIndex, row.data());
        for (std::int64_t token = 0; token < args.nTokens; ++token) {
            const float* x = args.x + token * weight.nCols;
            double sum = target.bias != nullptr ? target.bias[rowIndex] : 0.0;
            for (std::int64_t col = 0; col < weight.nCols; ++col)
                sum += static_cast<double>(row[static_cast<std::size_t>(col)]) * x[col];
            float& out = target.out[token * weight.nRows + rowIndex];
            out = static_cast<float>(target.isAccumulating ? out + sum : sum);
        }
    }
}

}  // namespace

void linear(const LinearArgs& args) {
    std::vector<float> row;
    for (const LinearTarget& target : args.targets) linearTarget(args, target, row);
}

}  // namespace sotto::reference
