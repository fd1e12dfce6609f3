// What a cache holds of a key or a value, row by row in the canonical form: the definition, which
// the sets' stores and loads are judged by.
//
// A row is turned where row.isRotated (engine/tensor/hadamard.h), then rounded to its type:
//   F32           as it is
//   F16           toFiniteHalf() of each element
//   Q8_0 to Q4_0  per 32 elements the codes of GGUF's reference quantizers (quantizeRow())
//   F8            scale = the least half that is >= largest magnitude / largest of the type (448,
//                 57344), at most the largest half; codes = x * (1 / scale) rounded to nearest even
//                 (1 / scale is a float), at most the largest of the type
// Of a quantized type's block: where an element is no finite number the scale is NaN and the codes
// are zeros, so that broken weights are found wherever the row is seen; where the scale rounds to
// zero all bytes are. Scales beyond the largest half become that one. Pure, any thread.
#pragma once

#include <cstddef>

#include "engine/kernels/kv_layer.h"

namespace sotto {

// values [row.dim], turned in place where the row is; out [row.bytes()].
void writeKvRow(const KvRow& row, float* values, std::byte* out);

// The elements as they are stored (turned where the row is) into values [row.dim].
void readKvRow(const KvRow& row, const std::byte* stored, float* values);

}  // namespace sotto
