// The scratch of products through cuBLAS: how much for which limits, cut out of the kernels' arena.
#pragma once

#include <cstdint>

#include "engine/device/cuda/arena.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

// Tokens of one call at most: two hundred blocks of a usual tile, which fills the largest cards.
inline constexpr std::int64_t kLibraryTokens = 512;
// Calls have multiples of so many tokens; absent ones are zeros.
inline constexpr std::int64_t kLibraryTokenStep = 64;

constexpr std::int64_t libraryTokens(std::int64_t nTokens) {
    return (nTokens + kLibraryTokenStep - 1) / kLibraryTokenStep * kLibraryTokenStep;
}

struct LibraryMemory {
    std::byte* weights = nullptr;         // 16-bit rows of one block of a matrix
    float* result = nullptr;              // [callTokens, resultRows]
    float* weightScales = nullptr;        // [resultRows]
    float* xScales = nullptr;             // [libraryTokens(maxTokens)]
    float* probe = nullptr;               // [maxCols], then [resultRows]: for trying an algorithm
    std::int32_t* isDifferent = nullptr;  // [callTokens]
    std::byte* workspace = nullptr;
    std::byte* x = nullptr;  // [3 parts, libraryTokens(maxTokens), maxCols] 16 bits
    std::int64_t weightBytes = 0;
    std::int64_t resultRows = 0;
    std::int64_t callTokens = 0;  // 0: no step is long enough
    std::int64_t maxCols = 0;

    // Matrix rows that are expanded and multiplied at once; a multiple of 32.
    std::int64_t blockRows(std::int64_t nCols) const;
};

class LibraryPlan {
public:
    LibraryPlan() = default;
    LibraryPlan(ArenaPlan& arena, const KernelLimits& limits);

    // Without `x`, which is the kernels' own plane of any number of rows.
    LibraryMemory memory(const Arena& arena) const;

private:
    LibraryMemory m_sizes;
    ArenaSlot m_weights{};
    ArenaSlot m_result{};
    ArenaSlot m_weightScales{};
    ArenaSlot m_xScales{};
    ArenaSlot m_probe{};
    ArenaSlot m_isDifferent{};
    ArenaSlot m_workspace{};
};

}  // namespace sotto::cuda
