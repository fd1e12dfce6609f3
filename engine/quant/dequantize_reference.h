// dequantizeRow: the definition of what quantized bytes mean, in float32.
//
// Slow and obvious; kernels and repacking are judged against it bit for bit. Pure, any thread.
// Source: block_layouts.md.
#pragma once

#include <cstddef>
#include <span>

#include "engine/tensor/dtype.h"

namespace sotto {

// `bytes`: whole blocks of `type`; `out`: one float per weight, so out.size() is a multiple of
// blockElements and bytes.size() == rowBytes(type, out.size()). Several rows may be read at once.
void dequantizeRow(DType type, std::span<const std::byte> bytes, std::span<float> out);

}  // namespace sotto
