#include "engine/kernels/cpu/attention_plan.h"

#include <algorithm>

namespace sotto::cpu {
namespace {

// With four pieces per thread the last one to end is late by a quarter at most.
constexpr std::int64_t kPiecesPerThread = 4;
constexpr std::int64_t kSplitRows = 8;
// 16 MiB: eight rows of 32 heads of 128 dims at 65536 tokens.
constexpr std::int64_t kPartialFloats = std::int64_t{4} << 20;

}  // namespace

std::int64_t AttentionPlan::maxStates(const KernelLimits& limits, int nThreads) {
    if (nThreads <= 1 || limits.maxHeads == 0) return 0;
    // A window may touch one split more at each end.
    const std::int64_t nSplits = limits.maxContext / kSplitKeys + 2;
    const std::int64_t ofRow = limits.maxHeads * nSplits;
    const std::int64_t affordable = kPartialFloats / stateFloats(limits.maxHeadDim);
    return std::max(ofRow, std::min(kSplitRows * ofRow, affordable));
}

void AttentionPlan::reserve(const KernelLimits& limits, int nThreads) {
    m_tiles.reserve(static_cast<std::size_t>(limits.maxTokens));
    m_maxStates = maxStates(limits, nThreads);
    m_nThreads = nThreads;
}

void AttentionPlan::addTile(const AttentionArgs& args, std::int64_t firstToken,
                            std::int64_t nTokens) {
    const auto positionOf = [&](std::int64_t token) -> std::int64_t {
        return args.batch.positions[static_cast<std::size_t>(token)];
    };
    const std::int64_t lowest =
        args.window > 0 ? std::max<std::int64_t>(0, positionOf(firstToken) - args.window + 1) : 0;
    AttentionTile tile{firstToken, nTokens};
    tile.firstSplit = lowest / kSplitKeys;
    tile.nSplits = positionOf(firstToken + nTokens - 1) / kSplitKeys - tile.firstSplit + 1;
    m_tiles.push_back(tile);
}

void AttentionPlan::make(const AttentionArgs& args) {
    m_nKvHeads = args.cache.shape.nKvHeads;
    m_headsPerKv = args.nHeads / m_nKvHeads;
    const std::int64_t tileTokens = std::max<std::int64_t>(1, kTileQueries / m_headsPerKv);
    const auto nTokens = std::ssize(args.batch.positions);
    const std::span<const std::int32_t> sequences = args.batch.sequenceIndex;
    m_tiles.clear();
    for (std::int64_t token = 0; token < nTokens;) {
        std::int64_t end = token + 1;
        while (end < nTokens && end - token < tileTokens &&
               sequences[static_cast<std::size_t>(end)] ==
                   sequences[static_cast<std::size_t>(token)])
            ++end;
        addTile(args, token, end - token);
        token = end;
    }

    std::int64_t nStates = 0, nSplitPieces = 0;
    for (const AttentionTile& tile : m_tiles) {
        nStates += tile.nSplits * args.nHeads * tile.nTokens;
        nSplitPieces += tile.nSplits * m_nKvHeads;
    }
    const std::int64_t nWhole = std::ssize(m_tiles) * m_nKvHeads;
    m_isSplit =
        nWhole < kPiecesPerThread * m_nThreads && nSplitPieces > nWhole && nStates <= m_maxStates;
    m_nPieces = 0;
    nStates = 0;
    for (AttentionTile& tile : m_tiles) {
        tile.firstPiece = m_nPieces;
        tile.firstState = nStates;
        m_nPieces += m_nKvHeads * (m_isSplit ? tile.nSplits : 1);
        nStates += tile.nSplits * args.nHeads * tile.nTokens;
    }
}

AttentionPiece AttentionPlan::piece(std::int64_t index) const {
    const auto after = std::upper_bound(
        m_tiles.begin(), m_tiles.end(), index,
        [](std::int64_t wanted, const AttentionTile& tile) { return wanted < tile.firstPiece; });
    const AttentionTile& tile = *(after - 1);
    const std::int64_t inTile = index - tile.firstPiece;
    if (!m_isSplit) return {&tile, inTile, -1};
    return {&tile, inTile / tile.nSplits, tile.firstSplit + inTile % tile.nSplits};
}

std::int64_t AttentionPlan::stateIndex(const AttentionPiece& piece) const {
    const std::int64_t nSplitsBefore =
        piece.kvHead * piece.tile->nSplits + piece.split - piece.tile->firstSplit;
    return piece.tile->firstState + nSplitsBefore * piece.tile->nTokens * m_headsPerKv;
}

}  // namespace sotto::cpu
