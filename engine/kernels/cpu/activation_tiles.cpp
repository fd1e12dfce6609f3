#include "engine/kernels/cpu/activation_tiles.h"

#include <algorithm>

#include "base/rounding.h"

namespace sotto::cpu {
namespace {

int largestTile(const KernelTable& table, std::int64_t nAtMost) {
    for (int nTokens = kMaxTileTokens; nTokens > 1; --nTokens)
        if (nTokens <= nAtMost && table.packedTile[0][nTokens] != nullptr) return nTokens;
    return 1;
}

// Types with blocks of 32 only: other widths never reach the int8 planes.
std::int64_t paddedCols(std::int64_t nCols) { return roundUp(nCols, 32); }

}  // namespace

TokenTile tileOfToken(const KernelTable& table, std::int64_t nTokens, std::int64_t token) {
    const int largest = largestTile(table, nTokens);
    const std::int64_t nInFull = nTokens / largest * largest;
    if (token < nInFull) return {token / largest * largest, largest};
    TokenTile tile{nInFull, largestTile(table, nTokens - nInFull)};
    while (token >= tile.firstToken + tile.nTokens) {
        tile.firstToken += tile.nTokens;
        tile.nTokens = largestTile(table, nTokens - tile.firstToken);
    }
    return tile;
}

std::uint64_t activationBytes(std::int64_t maxTokens, std::int64_t maxCols) {
    const std::int64_t nElements = maxTokens * paddedCols(maxCols);
    // One byte per quant; scale and sum per 32, a negative sum per 16; planes start at 64 bytes.
    return static_cast<std::uint64_t>(nElements + nElements / 32 * 8 + nElements / 16 * 4 + 4 * 64);
}

ActivationPlanes layOutActivations(const Buffer& buffer, std::int64_t nTokens, std::int64_t nCols) {
    const std::int64_t nElements = nTokens * nCols;
    auto* bytes = reinterpret_cast<std::int8_t*>(buffer.data());
    ActivationPlanes planes;
    planes.first.quants = bytes;
    bytes += roundUp(nElements, 64);
    planes.first.scales = reinterpret_cast<float*>(bytes);
    bytes += roundUp(nElements / 32 * 4, 64);
    planes.first.sums = reinterpret_cast<float*>(bytes);
    bytes += roundUp(nElements / 32 * 4, 64);
    planes.first.negSums = reinterpret_cast<std::int32_t*>(bytes);
    return planes;
}

ActivationTile activationTile(const ActivationPlanes& planes, std::int64_t firstToken,
                              std::int64_t nCols) {
    ActivationTile tile = planes.first;
    tile.quants += firstToken * nCols;
    tile.scales += firstToken * (nCols / 32);
    tile.sums += firstToken * (nCols / 32);
    tile.negSums += firstToken * (nCols / 16);
    return tile;
}

std::int64_t groupsPerChunk(std::int64_t nCols, std::int64_t nTokens) {
    // About 128 Ki products: some ten microseconds, ten times the cost of claiming a chunk. With
    // many tokens a chunk takes a few groups, so that a panel of activations serves them all.
    constexpr std::int64_t kProductsPerChunk = 128 * 1024;
    const std::int64_t nProducts = kGroupRows * nCols * nTokens;
    const std::int64_t nGroups = kProductsPerChunk / std::max<std::int64_t>(1, nProducts);
    return std::max<std::int64_t>(nTokens > kMaxTileTokens ? 4 : 1, nGroups);
}

std::int64_t panelTokens(const KernelTable& table, std::int64_t nCols) {
    constexpr std::int64_t kPanelBytes = 256 * 1024;  // a quarter to a half of common L2 caches
    const std::int64_t largest = largestTile(table, kMaxTileTokens);
    return std::max<std::int64_t>(1, kPanelBytes / (nCols * largest)) * largest;
}

}  // namespace sotto::cpu
