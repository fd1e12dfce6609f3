// What a source's values must be before they are quantized.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// Whose values they are: of the tensor's rows from `firstRow` on, to become `type`.
struct CheckedRows {
    const std::string& tensor;
    std::int64_t nColumns = 0;
    std::int64_t firstRow = 0;
    DType type = DType::F32;
};

// Errors, with the value's place: FileDamaged (no number, infinite), InvalidArgument (more than
// the type holds).
Status checkRowValues(std::span<const float> values, const CheckedRows& rows);

}  // namespace sotto
