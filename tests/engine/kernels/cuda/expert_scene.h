// What the tests of a mixture's prefill share: a step's pairs in their slots, stacks of one matrix
// per expert, and the product over both.
//
// Memory is plain heap memory of the exact size. What nobody wrote is not-a-number, so that it
// shows where it spreads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "engine/kernels/cuda/expert_slots.h"
#include "engine/kernels/cuda/linear_tiles.h"
#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/engine/kernels/cuda/plane_memory.h"

namespace sotto::test {

inline std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

inline PlaneMemory unwrittenPlane(cuda::ActivationKind kind, std::int64_t nSlots,
                                  std::int64_t nCols, bool hasNorm) {
    PlaneMemory memory(kind, nSlots, nCols, hasNorm);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::fill(memory.values.begin(), memory.values.end(), std::byte{0xff});
    std::fill(memory.scales.begin(), memory.scales.end(), nan);
    std::fill(memory.squares.begin(), memory.squares.end(), nan);
    return memory;
}

// A step's pairs in their slots.
struct Slots {
    std::vector<std::int32_t> experts;  // of each pair
    std::vector<std::int32_t> pairOfSlot;
    std::vector<std::int32_t> slotOfPair;
    std::vector<cuda::ExpertBlock> blocks;
    std::int32_t blockTokens;

    Slots(std::vector<std::int32_t> expertsOfPairs, const ExpertChoice& choice,
          std::int32_t tokensOfBlock, const cuda::LaunchStream& on = {})
        : experts(std::move(expertsOfPairs)), blockTokens(tokensOfBlock) {
        const auto nTokens = static_cast<std::int64_t>(experts.size()) / choice.nUsed;
        pairOfSlot.resize(size(expertRows(nTokens, choice)));
        slotOfPair.resize(experts.size());
        blocks.resize(size(cuda::expertBlocks(nTokens, choice, blockTokens)));
        cuda::launchSortExperts({experts.data(),
                                 nTokens,
                                 choice,
                                 blockTokens,
                                 {pairOfSlot.data(), slotOfPair.data(), blocks.data()}},
                                on);
    }
    std::int64_t nSlots() const { return static_cast<std::int64_t>(pairOfSlot.size()); }
};

// A stack of one matrix per expert, packed as a whole.
struct Stack {
    FileMatrix matrix;
    std::int64_t nRows;  // of one expert
    std::vector<std::byte> records;
    bool isAccumulating;

    Stack(std::mt19937& random, DType type, std::int64_t nExperts, std::int64_t rowsOfOne,
          std::int64_t nCols, bool accumulates = false)
        : matrix(test::quantizedMatrix(random, type, nExperts * rowsOfOne, nCols)),
          nRows(rowsOfOne),
          records(test::packed(matrix)),
          isAccumulating(accumulates) {}

    const float* row(std::int64_t expert, std::int64_t index) const {
        return matrix.values.data() + (expert * nRows + index) * matrix.nCols;
    }
    // The matrix of one expert as a file of its own.
    FileMatrix of(std::int64_t expert) const {
        const auto begin = static_cast<std::ptrdiff_t>(expert * nRows);
        const auto bytes = static_cast<std::ptrdiff_t>(matrix.rowBytes());
        return {
            matrix.type,
            nRows,
            matrix.nCols,
            {matrix.bytes.begin() + begin * bytes, matrix.bytes.begin() + (begin + nRows) * bytes},
            {}};
    }
    cuda::RowsMatrix target(std::vector<float>& out) const {
        return {records.data(), nullptr,       out.data(), static_cast<std::int32_t>(nRows),
                matrix.type,    isAccumulating};
    }
};

inline void multiplyExperts(const PlaneMemory& plane, const Slots& placed,
                            const std::vector<const Stack*>& stacks,
                            const std::vector<std::vector<float>*>& outs,
                            const cuda::LaunchStream& on = {}) {
    cuda::LinearTilesArgs args;
    args.x = plane.plane;
    args.nTokens = placed.nSlots();
    args.nCols = plane.plane.nCols;
    args.nMatrices = static_cast<std::int32_t>(stacks.size());
    for (std::size_t index = 0; index < stacks.size(); ++index)
        args.matrices[index] = stacks[index]->target(*outs[index]);
    args.expertBlocks = placed.blocks.data();
    args.nExpertBlocks = static_cast<std::int32_t>(placed.blocks.size());
    args.blockTokens = placed.blockTokens;
    cuda::launchLinearTiles(args, on);
}

}  // namespace sotto::test
