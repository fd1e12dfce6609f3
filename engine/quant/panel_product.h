// addPanelProduct: C += A B, the matrix product behind error feedback (error_feedback.h) and the
// sums and factors of inputs that it needs (engine/quantize/input_products.h).
//
// Each element is summed by steps in order, in pieces of 256, whatever rows and columns are asked
// for at once and however wide the registers are: results do not depend on how work is cut. Pure;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/cpu_features.h"
#include "engine/quant/block_source.h"

namespace sotto {

// Columns come in whole groups of so many.
inline constexpr std::int64_t kPanelColumns = 16;

// Strides are in elements. `c`: [nRows, nColumns], `a`: [nRows, nSteps], `b`: [nSteps, nColumns].
template <typename Number>
struct PanelProduct {
    Number* c = nullptr;
    std::int64_t cStride = 0;  // from row to row; within a row elements are neighbours
    const Number* a = nullptr;
    std::int64_t aRowStride = 0;
    std::int64_t aStepStride = 0;
    const Number* b = nullptr;
    std::int64_t bStride = 0;  // from step to step
    std::int64_t nRows = 0;
    std::int64_t nColumns = 0;  // a multiple of kPanelColumns
    std::int64_t nSteps = 0;
};

// `isa`: none: the best that there is; the sums are the same with all.
void addPanelProduct(const PanelProduct<float>& product, std::optional<Isa> isa = {});
void addPanelProduct(const PanelProduct<double>& product, std::optional<Isa> isa = {});

// panel_sums.cpp, once for each instruction set.
namespace baseline {
void addPanelSums(const PanelProduct<float>& product);
void addPanelSums(const PanelProduct<double>& product);
}  // namespace baseline
namespace avx2 {
void addPanelSums(const PanelProduct<float>& product);
void addPanelSums(const PanelProduct<double>& product);
}  // namespace avx2

}  // namespace sotto
