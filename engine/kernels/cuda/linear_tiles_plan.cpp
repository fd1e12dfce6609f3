#include "engine/kernels/cuda/linear_tiles_plan.h"

#include <algorithm>
#include <limits>

namespace sotto::cuda {
namespace {

// Issue slots that a block takes of each scheduler per group of 32 columns, from the budget in
// linear_tiles.cu; the smallest shape waits for memory rather than for instructions and counts
// double.
struct Candidate {
    int tokens;
    std::int64_t cost;
};
constexpr Candidate kCandidates[] = {{64, 500}, {32, 145}, {16, 90}};

struct Load {
    const std::int32_t* nRows;
    int nMatrices;
    int nMultiprocessors;

    // Of a launch: the multiprocessor with the most blocks decides.
    std::int64_t costOf(const Candidate& shape, std::int64_t nTokens) const {
        std::int64_t nRowBlocks = 0;
        for (int index = 0; index < nMatrices; ++index)
            nRowBlocks +=
                (nRows[index] + tileBlockRows(shape.tokens) - 1) / tileBlockRows(shape.tokens);
        const std::int64_t nBlocks = nRowBlocks * ((nTokens + shape.tokens - 1) / shape.tokens);
        return (nBlocks + nMultiprocessors - 1) / nMultiprocessors * shape.cost;
    }
};

}  // namespace

TilesPlan planTiles(const std::int32_t* nRows, int nMatrices, std::int64_t nTokens,
                    int nMultiprocessors, std::int32_t onlyTokens) {
    if (onlyTokens != 0) return {onlyTokens, nTokens, 0};
    const Load load{nRows, nMatrices, std::max(nMultiprocessors, 1)};
    TilesPlan best;
    std::int64_t bestCost = std::numeric_limits<std::int64_t>::max();
    for (const Candidate& main : kCandidates) {
        // Everything in blocks of one size.
        const std::int64_t wholeCost = load.costOf(main, nTokens);
        if (wholeCost < bestCost) {
            bestCost = wholeCost;
            best = {main.tokens, nTokens, 0};
        }
        const std::int64_t nFull = nTokens / main.tokens * main.tokens;
        if (nFull == 0 || nFull == nTokens) continue;
        for (const Candidate& tail : kCandidates) {
            if (tail.tokens >= main.tokens) continue;
            const std::int64_t cost = load.costOf(main, nFull) + load.costOf(tail, nTokens - nFull);
            if (cost >= bestCost) continue;
            bestCost = cost;
            best = {main.tokens, nFull, tail.tokens};
        }
    }
    return best;
}

}  // namespace sotto::cuda
