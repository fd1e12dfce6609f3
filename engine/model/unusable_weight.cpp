#include "engine/model/unusable_weight.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/quant/dequantize_reference.h"

namespace sotto {
namespace {

// What a row is read into.
struct RowScratch {
    std::vector<std::byte> bytes;
    std::vector<float> values;
};

bool isUsable(const ModelFile& model, const GgufTensor& tensor, RowScratch& scratch) {
    const TensorView matrix = tensor.matrix();
    scratch.values.resize(static_cast<std::size_t>(matrix.nCols));
    for (std::int64_t rowIndex = 0; rowIndex < matrix.nRows; ++rowIndex) {
        dequantizeRow(matrix.type, model.rows(tensor, rowIndex, 1, scratch.bytes), scratch.values);
        if (!std::all_of(scratch.values.begin(), scratch.values.end(),
                         [](float weight) { return std::isfinite(weight); }))
            return false;
    }
    return true;
}

}  // namespace

Result<std::string> firstUnusableTensor(const ModelFile& model,
                                        const std::function<bool()>& isContinuing) {
    if (model.randomSeed) return std::string();
    RowScratch scratch;
    for (const GgufTensor& tensor : model.file.tensors()) {
        if (isContinuing && !isContinuing()) return fail(ErrorCode::Cancelled, "Cancelled.");
        const bool isWhole = isUsable(model, tensor, scratch);
        SOTTO_TRY(model.checkPages());  // lost ones read as zeros
        if (!isWhole) return tensor.name;
    }
    return std::string();
}

}  // namespace sotto
