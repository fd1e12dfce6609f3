// How the slots of a mixture of experts are cut into blocks of linear_tiles: arithmetic of the
// host.
//
// Blocks of B tokens over an expert with r rows are ceil(r / B), on average r / B + 1/2. Issue
// slots of a scheduler per 256 matrix rows and 32 columns, from the budget in linear_tiles.cu
// (without the doubling of linear_tiles_plan.cpp: experts are so many blocks that the smallest
// shape, four blocks to a multiprocessor, has as many loads on their way as the others):
//   B     a block   on average over r     r = 4   16    24    32    64    80   128
//   64    500        7.8 r + 250             281   375   438   500   750   875  1250
//   32    2 * 145    9.1 r + 145             181   290   363   435   725   870  1305
//   16    4 * 45    11.3 r +  90             135   270   360   450   810   990  1530
// Lowest up to about 24 rows: 16, up to about 80: 32, beyond: 64. Few rows are bound by the reading
// of the weights, 223 cycles of an H200 per 256 x 32 of Q4_K: there one block of 16 tokens per
// expert stays below (180), one of 32 does not (290). How uneven the experts' rows are does not
// matter to this: the sum over the experts is linear in r but for the halves.
#include <algorithm>

#include "engine/kernels/cuda/expert_slots.h"

namespace sotto::cuda {

// Most blocks come of as many experts as there can be with one row each; every further block then
// takes blockTokens rows more.
std::int64_t expertBlocks(std::int64_t nTokens, const ExpertChoice& choice,
                          std::int32_t blockTokens) {
    const std::int64_t nPairs = nTokens * choice.nUsed;
    const std::int64_t nExperts = std::min<std::int64_t>(choice.nExperts, nPairs);
    return nExperts + (nPairs - nExperts) / blockTokens;
}

std::int32_t expertBlockTokens(std::int64_t nTokens, const ExpertChoice& choice,
                               std::int32_t onlyTokens) {
    if (onlyTokens != 0) return onlyTokens;
    const std::int64_t nPairs = nTokens * choice.nUsed;
    if (nPairs <= std::int64_t{24} * choice.nExperts) return 16;
    return nPairs <= std::int64_t{80} * choice.nExperts ? 32 : 64;
}

}  // namespace sotto::cuda
