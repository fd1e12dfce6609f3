// Scratch of the CUDA set: everything a step needs beside activations, weights and cache, laid out
// once by KernelLimits in one allocation.
#pragma once

#include <cstdint>

#include "engine/device/cuda/arena.h"
#include "engine/device/product_choice.h"
#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/kernels/cuda/library_memory.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

// Room for an ActivationPlane of any kind.
class PlaneSlot {
public:
    PlaneSlot() = default;
    PlaneSlot(ArenaPlan& plan, const char* name, std::int64_t nTokens, std::int64_t nCols);

    // A plane of this kind and width without a pending norm; withNorm() of the result adds one.
    ActivationPlane plane(const Arena& arena, ActivationKind kind, std::int64_t nCols) const;
    ActivationPlane normedPlane(const Arena& arena, ActivationKind kind, std::int64_t nCols,
                                float epsilon) const;

private:
    ArenaSlot m_values{};
    ArenaSlot m_scales{};
    ArenaSlot m_squares{};
};

class ScratchPlan {
public:
    // With what cuBLAS needs where products are not our Own.
    ScratchPlan(const KernelLimits& limits, ProductPath products);

    ArenaPlan arena{"the kernels' scratch"};
    PlaneSlot wide;              // any number of rows: the input of prefill and of unfused products
    PlaneSlot hidden;            // up to 8 rows: hidden rows on their way through the next norm
    PlaneSlot attention;         // up to 8 rows: attention's result
    PlaneSlot glu;               // up to 8 rows: the feed-forward's inner rows
    ArenaSlot partials{};        // attention's splits
    ArenaSlot finishedPanels{};  // int32 counters, zero between operations
    ArenaSlot finishedSplits{};
    // Of a mixture of experts.
    PlaneSlot experts;          // any number of rows, one for each expert of each token
    ArenaSlot chosenExperts{};  // int32 and float of each pair
    ArenaSlot expertWeights{};
    ArenaSlot pairOfSlot{};  // of ExpertSlots
    ArenaSlot slotOfPair{};
    ArenaSlot expertBlocks{};
    ArenaSlot routedBlocks{};  // an int32 counter, zero between operations
    ArenaSlot chosen{};        // the tokens that the last step chose, a ChoiceLayout
    ArenaSlot choosing{};      // scratch of the choice
    LibraryPlan library;       // its rows are `wide`

private:
    void planExperts(const KernelLimits& limits);
};

}  // namespace sotto::cuda
