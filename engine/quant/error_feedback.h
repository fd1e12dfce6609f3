// Error feedback: the codes of a matrix chosen column by column, each error made up for by the
// columns that follow, as far as their inputs go together.
//
// Flow: the quantizing job measures H = sum of x x^T over the rows that come to a matrix
// (engine/quantize/input_products.h) and factors it into H = M D M^T, M upper triangular with ones
// on its diagonal, D diagonal. What the error e of a row of weights does to the outputs is e H e^T
// = sum over columns j of D_j (sum over i <= j of e_i M_ij)^2. Column j, with all before it done,
// therefore makes its term least as the code nearest to w_j + sum over i < j of e_i M_ij, e_i being
// what weight i was less what became of it. Blocks get their scales from the search for what their
// weights are by then, an error of each column weighing H_jj. Blocks on a lattice of the type
// (lattice.h) stay as they are.
// Source: Frantar et al., "GPTQ", arXiv:2210.17323, whose updates by the Cholesky factor of the
// inverse these are without an inverse (Chee et al., "QuIP", arXiv:2307.13304, section 4). Pure,
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/cpu_features.h"
#include "engine/tensor/dtype.h"

namespace sotto {

struct ErrorFeedback {
    std::int64_t nColumns = 0;
    // [nColumns, nColumns] row-major; above the diagonal M, and what else is there is not read.
    std::vector<float> passed;
    std::vector<float> importance;  // [nColumns]: the diagonal of H, finite and not negative
};

// Whether the type's codes can be chosen one by one: those of one number for each weight.
bool hasErrorFeedback(DType type);

struct FeedbackArgs {
    DType type = DType::Q4_0;     // one with error feedback
    std::span<const float> rows;  // [nRows, nColumns] row-major, finite
    const ErrorFeedback& feedback;
    DType stored = DType::F32;  // as in QuantizeArgs
    std::optional<Isa> isa;     // the bytes are the same with all; none: the best
};

// Writes rowBytes(type, nColumns) bytes for each row; a row's do not depend on the others.
void quantizeRowsWithFeedback(const FeedbackArgs& args, std::span<std::byte> out);

}  // namespace sotto
