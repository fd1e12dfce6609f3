// Prefill: many token rows times packed matrices on the tensor cores, weights decoded in registers.
//
// Reads the same records and the same activation planes as linear_rows; a block covers a tile of
// matrix rows and a tile of tokens, the activations pass through shared memory by asynchronous
// copies.
#pragma once

#include "engine/kernels/cuda/expert_slots.h"
#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/linear_tiles_plan.h"

namespace sotto::cuda {

struct LinearTilesArgs {
    ActivationPlane x;
    std::int64_t nTokens = 0;
    std::int32_t nCols = 0;
    std::int32_t nMatrices = 1;
    RowsMatrix matrices[kMaxRowMatrices];  // out = W x + b, or += where accumulating
    // Of a mixture of experts: the rows are slots, the matrices stacks (nRows of one expert), and a
    // block takes its slots and its expert from here. nTokens: all slots.
    const ExpertBlock* expertBlocks = nullptr;  // [nExpertBlocks] or null
    std::int32_t nExpertBlocks = 0;
    // Of experts: 16, 32 or 64, that of the blocks. Else planTiles()'s onlyTokens.
    std::int32_t blockTokens = 0;
};

// All matrices of one call share one ActivationKind and are packed types. Returns what was
// launched.
TilesPlan launchLinearTiles(const LinearTilesArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
