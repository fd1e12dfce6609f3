// quantizeRow: float32 weights to the bytes of a tensor type, without an importance matrix.
//
// Writes the same bytes as the reference quantizers of the format (tests/golden/quant) for the
// types with kernels; the others are rounded (quantize.h). Used by tests and by quantizeRows().
// Pure, any thread. Source: ENGINE_NOTES section 5.3.
#pragma once

#include <cstddef>
#include <span>

#include "engine/tensor/dtype.h"

namespace sotto {

// `values`: finite floats, a multiple of blockElements; `out`: rowBytes(type, values.size()) bytes.
// Several rows may be written at once. Values that are not finite give meaningless codes, never an
// access outside `out`; of types without kernels they are the caller's mistake.
void quantizeRow(DType type, std::span<const float> values, std::span<std::byte> out);

}  // namespace sotto
