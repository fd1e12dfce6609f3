#include "base/check.h"
#include "engine/kernels/reference/reference_ops.h"
#include "engine/quant/dequantize_reference.h"

namespace sotto::reference {

ReferenceWeight::ReferenceWeight(const TensorView& view) : m_view(view) {
    nRows = view.nRows;
    nCols = view.nCols;
    type = view.type;
    residentBytes = view.bytes();
    isMapped = true;
}

void ReferenceWeight::row(std::int64_t rowIndex, float* out) const {
    SOTTO_DCHECK(rowIndex >= 0 && rowIndex < nRows);
    const std::size_t stride = rowBytes(type, static_cast<std::size_t>(nCols));
    const std::byte* data = m_view.data + stride * static_cast<std::size_t>(rowIndex);
    dequantizeRow(type, {data, stride}, {out, static_cast<std::size_t>(nCols)});
}

}  // namespace sotto::reference
