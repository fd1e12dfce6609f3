// quantizeRows: float32 rows to the bytes of any tensor type that can be written, with or without
// an importance matrix.
//
// Flow: the quantizing job cuts a tensor into runs of rows and calls this from as many threads as
// it likes. `QuantizeMethod::Nearest` rounds to the scale that the range of a block asks for (for
// Q4_0 to Q8_0 and Q4_K to Q6_K to the same bytes as other tools without an importance matrix);
// `Search` looks for the scales with the least weighted squared error. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/cpu_features.h"
#include "base/result.h"
#include "engine/tensor/dtype.h"

namespace sotto {

enum class QuantizeMethod {
    Nearest,
    Search,
};

struct QuantizeArgs {
    DType type = DType::F16;
    std::span<const float> rows;  // [nRows, nColumns], row-major
    std::int64_t nColumns = 0;    // a whole number of blocks of `type`
    // [nColumns]: what a squared error in each column costs, relative to the others, finite and not
    // negative; empty: all the same. Of use to Search alone.
    std::span<const float> importance;
    QuantizeMethod method = QuantizeMethod::Search;
    // F32, F16 or BF16: what the weights were stored in. The search keeps blocks that lie on the
    // lattice of Q4_0 or Q8_0 but for that rounding (lattice.h).
    DType stored = DType::F32;
    // Of the search, whose bytes are the same with all; none: the best that there is.
    std::optional<Isa> isa;
};

// Writes rowBytes(type, nColumns) bytes per row to `out`, which has exactly this size. Errors:
// InvalidArgument (a weight that is not finite or, for F16 and BF16, beyond what these hold; an
// importance that is not finite or negative, each with its place; a width that is no whole number
// of blocks), then `out` is unspecified.
Status quantizeRows(const QuantizeArgs& args, std::span<std::byte> out);

// The same without a look at what quantizeRows() refuses: the caller has seen that there is none.
void quantizeCheckedRows(const QuantizeArgs& args, std::span<std::byte> out);

// Whether the type is so coarse that files of it without an importance matrix are of no use: the
// field's tools refuse that, and so should a caller (quantizeRows() does not).
bool needsImportance(DType type);

}  // namespace sotto
