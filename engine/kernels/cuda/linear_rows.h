// Decode: up to 8 token rows times packed matrices, everything around the product fused in.
//
// One thread block per panel of 32 matrix rows, its warps share the columns; the tokens are the n
// side of the tensor cores' mma, so 1 to 8 rows run the same instructions and give the same bits
// per row. Launch functions only; the pointers are device memory. Engine thread.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/cuda/rope_store.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

inline constexpr int kMaxRowTokens = 8;
inline constexpr int kMaxRowMatrices = 3;

struct RowsMatrix {
    const std::byte* records = nullptr;  // packed [nRows, nCols]
    const float* bias = nullptr;         // [nRows] or null
    float* out = nullptr;                // [nTokens, nRows]; unused by Glu
    std::int32_t nRows = 0;
    DType type = DType::Q8_0;
    bool isAccumulating = false;  // out += W x + b
};

enum class RowsEpilogue : std::uint8_t {
    Store,      // out = W x + b (or +=)
    RopeStore,  // matrices q, k, v; the last block to finish a head runs ropeStoreHead on it
    Glu,        // matrices gate, up (same nRows): next = activation(gate) * up
    Residual,   // one matrix, accumulating into the hidden rows; next = hidden * nextNorm, norm
                // deferred
};

// The first records of a matrix's row tiles, as the warps of the launch that multiplies with it
// next ask for them.
struct RowsAhead {
    const std::byte* records = nullptr;
    std::int32_t nTiles = 0;      // from the first on; 0: none
    std::int32_t firstBytes = 0;  // of each tile
    std::int64_t tileBytes = 0;   // from one tile to the next
};
inline constexpr int kMaxAhead = 2;

struct LinearRowsArgs {
    ActivationPlane x;
    std::int32_t nTokens = 0;  // 1..8
    std::int32_t nCols = 0;
    std::int32_t nMatrices = 1;
    RowsMatrix matrices[kMaxRowMatrices];
    RowsEpilogue epilogue = RowsEpilogue::Store;
    GluKind glu = GluKind::Silu;
    // Glu, Residual: where the next input goes; values == nullptr for Residual: nothing is written.
    ActivationPlane next;
    const float* nextNorm = nullptr;  // Residual: [nRows] weight of the norm that follows, or null
    // RopeStore: q, k, v of `rope` are the outs of the three matrices. finishedPanels: zeroed
    // int32 [nHeads + 2 * nKvHeads], left zeroed.
    RopeStoreLaunch rope;
    std::int32_t* finishedPanels = nullptr;
    // Asked of L2 when the sums are made, on cards whose kernels do not overlap (below sm_90).
    RowsAhead ahead[kMaxAhead];
};

// All matrices of one call share one ActivationKind and are packed types.
void launchLinearRows(const LinearRowsArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
