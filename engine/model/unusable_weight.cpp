#include "engine/model/unusable_weight.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/quant/dequantize_reference.h"

namespace sotto {
namespace {

bool isUsable(const TensorView& matrix, std::vector<float>& row) {
    row.resize(static_cast<std::size_t>(matrix.nCols));
    const std::size_t nBytes = rowBytes(matrix.type, row.size());
    for (std::int64_t rowIndex = 0; rowIndex < matrix.nRows; ++rowIndex) {
        const auto begin = static_cast<std::size_t>(rowIndex) * nBytes;
        dequantizeRow(matrix.type, {matrix.data + begin, nBytes}, row);
        if (!std::all_of(row.begin(), row.end(),
                         [](float weight) { return std::isfinite(weight); }))
            return false;
    }
    return true;
}

}  // namespace

Result<std::string> firstUnusableTensor(const ModelFile& model,
                                        const std::function<bool()>& isContinuing) {
    if (model.randomSeed) return std::string();
    std::vector<float> row;
    for (const GgufTensor& tensor : model.file.tensors()) {
        if (isContinuing && !isContinuing()) return fail(ErrorCode::Cancelled, "Cancelled.");
        const bool isWhole = isUsable(tensor.matrix(), row);
        SOTTO_TRY(model.file.checkPages());  // lost ones read as zeros
        if (!isWhole) return tensor.name;
    }
    return std::string();
}

}  // namespace sotto
