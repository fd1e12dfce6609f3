#include "engine/kernels/cpu/activation_tiles.h"

#include <algorithm>

#include "base/rounding.h"

namespace sotto::cpu {
namespace {

// Types with blocks of 32 only: other widths never reach the int8 planes.
std::int64_t paddedCols(std::int64_t nCols) { return roundUp(nCols, 32); }

}  // namespace

TokenTiles::TokenTiles(const KernelTable& table, std::int64_t nAllTokens)
    : nTokens(nAllTokens), nTiles(ceilDiv(nAllTokens, std::int64_t{table.tileTokens})) {}

TokenTile TokenTiles::tile(std::int64_t index) const {
    const std::int64_t nFewest = nTokens / nTiles, nLarger = nTokens % nTiles;
    return {index * nFewest + std::min(index, nLarger),
            static_cast<int>(nFewest + (index < nLarger ? 1 : 0))};
}

TokenTile TokenTiles::ofToken(std::int64_t token) const {
    const std::int64_t nFewest = nTokens / nTiles, nLarger = nTokens % nTiles;
    const std::int64_t nInLarger = nLarger * (nFewest + 1);
    return tile(token < nInLarger ? token / (nFewest + 1)
                                  : nLarger + (token - nInLarger) / nFewest);
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

std::int64_t tilesPerPanel(const KernelTable& table, std::int64_t nCols) {
    constexpr std::int64_t kPanelBytes = 256 * 1024;  // a quarter to a half of common L2 caches
    return std::max<std::int64_t>(1, kPanelBytes / (nCols * table.tileTokens));
}

std::int64_t groupsPerChunk(std::int64_t nGroups, std::int64_t nCols, std::int64_t nPanels,
                            int nThreads) {
    // With many tokens a chunk takes a few groups, so that a panel of activations serves them all.
    if (nPanels > 1) return 4;
    // Else its weights stream from memory, which waits where a chunk begins: long ones, as far as
    // every thread has eight to even the ends. 128 Ki weights take some ten microseconds, ten times
    // the cost of claiming a chunk; longer ones than 512 Ki gain nothing more.
    constexpr std::int64_t kFewestWeights = 128 * 1024, kMostWeights = 512 * 1024;
    const std::int64_t nWeights = kGroupRows * nCols;
    return std::max<std::int64_t>(
        1,
        std::clamp(nGroups * nWeights / (8 * nThreads), kFewestWeights, kMostWeights) / nWeights);
}

}  // namespace sotto::cpu
