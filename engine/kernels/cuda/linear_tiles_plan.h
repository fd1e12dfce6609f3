// How many tokens a block of linear_tiles takes: pure arithmetic on the host, tested by itself.
//
// Large tiles need the fewest instructions per product, small ones waste less on a chunk's tail and
// fill the device when there are few blocks. Whatever is chosen, the bits of a result are the same.
#pragma once

#include <cstdint>

namespace sotto::cuda {

// The first nMainTokens tokens in blocks of mainTokens, what remains in blocks of tailTokens.
struct TilesPlan {
    int mainTokens = 0;  // 64, 32, 16, or 0: no such launch
    std::int64_t nMainTokens = 0;
    int tailTokens = 0;
};

// Matrix rows of a block with this many tokens.
constexpr int tileBlockRows(int tokens) { return tokens >= 64 ? 256 : tokens >= 32 ? 128 : 64; }

// What may be chosen from.
inline constexpr std::int32_t kBlockTokenChoices[] = {16, 32, 64};

// nRows: per matrix. nMultiprocessors: of the device. onlyTokens: blocks of so many tokens alone;
// 0: whatever takes least.
TilesPlan planTiles(const std::int32_t* nRows, int nMatrices, std::int64_t nTokens,
                    int nMultiprocessors, std::int32_t onlyTokens = 0);

}  // namespace sotto::cuda
