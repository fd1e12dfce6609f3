#include "engine/kernels/cuda/library_memory.h"

#include <algorithm>

#include "engine/device/cuda/cublas_library.h"
#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/cuda/library_rows.h"
#include "engine/kernels/cuda/linear_rows.h"

namespace sotto::cuda {
namespace {

// 2,340 rows of 14,336 columns: with 512 tokens 148 tiles of 128 x 64, one for each multiprocessor
// of the largest cards, and no more than the second-level cache of many.
constexpr std::int64_t kMostWeightBytes = std::int64_t{64} << 20;
constexpr std::int64_t kMostRows = 8192;
// No matrix of a model is much taller than four times its width, but the head.
constexpr std::int64_t kUsualHeight = 4;

constexpr std::int64_t wholePanels(std::int64_t nRows) { return panelsOf(nRows) * kPanelRows; }

std::size_t floats(std::int64_t count) { return static_cast<std::size_t>(count) * sizeof(float); }

}  // namespace

std::int64_t LibraryMemory::blockRows(std::int64_t nCols) const {
    const std::int64_t fitting = weightBytes / (2 * libraryCols(nCols));
    return std::min(fitting, resultRows) / kPanelRows * kPanelRows;
}

LibraryPlan::LibraryPlan(ArenaPlan& arena, const KernelLimits& limits) {
    if (limits.maxTokens <= kMaxRowTokens) return;
    const std::int64_t nCols = libraryCols(std::max<std::int64_t>(1, limits.maxCols));
    m_sizes.maxCols = nCols;
    m_sizes.callTokens = std::min(kLibraryTokens, libraryTokens(limits.maxTokens));
    m_sizes.resultRows = std::min(kMostRows, wholePanels(kUsualHeight * nCols));
    // One panel at least, and the float rows that the other path is measured with.
    m_sizes.weightBytes = std::max({std::min(kMostWeightBytes, 2 * nCols * m_sizes.resultRows),
                                    2 * nCols * kPanelRows,
                                    std::int64_t{sizeof(float)} * nCols * m_sizes.callTokens});
    m_weights = arena.add("weights for cuBLAS", static_cast<std::size_t>(m_sizes.weightBytes));
    m_result = arena.add("results of cuBLAS", floats(m_sizes.callTokens * m_sizes.resultRows));
    m_weightScales = arena.add("scales of weights", floats(m_sizes.resultRows));
    m_xScales = arena.add("scales of rows", floats(libraryTokens(limits.maxTokens)));
    m_probe = arena.add("probe of cuBLAS", floats(nCols + m_sizes.resultRows));
    m_isDifferent = arena.add("differences", floats(m_sizes.callTokens));
    m_workspace = arena.add("workspace of cuBLAS", kCublasWorkspaceBytes);
}

LibraryMemory LibraryPlan::memory(const Arena& arena) const {
    LibraryMemory memory = m_sizes;
    if (memory.callTokens == 0) return memory;
    memory.weights = arena.data(m_weights);
    memory.result = arena.as<float>(m_result);
    memory.weightScales = arena.as<float>(m_weightScales);
    memory.xScales = arena.as<float>(m_xScales);
    memory.probe = arena.as<float>(m_probe);
    memory.isDifferent = arena.as<std::int32_t>(m_isDifferent);
    memory.workspace = arena.data(m_workspace);
    return memory;
}

}  // namespace sotto::cuda
