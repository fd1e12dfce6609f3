// The cache and what works on it: blocks in and out, rotation and store, attention in pieces.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/cpu/cpu_kernel_set.h"
#include "engine/kernels/cpu/kv_codes.h"

namespace sotto::cpu {
namespace {

// Codes lie in patches of 32 tokens, which must not reach into another block; heads are turned in
// vectors.
bool isComputed(const KvLayerShape& shape) {
    for (const KvRow& row : {shape.key, shape.value}) {
        if (row.isRotated && row.dim % 16 != 0) return false;
        if (isQuantized(row.type) &&
            (row.dim % kKvBlock != 0 || shape.blockTokens % kKvPatchTokens != 0))
            return false;
    }
    return true;
}

// Cosines of a RotationTable.
std::int64_t rotationFloats(const RopeStoreArgs& args) {
    if (args.kind == RopeKind::None) return 0;
    return args.kind == RopeKind::Interleaved ? args.rotaryDims / 2 * 2 : args.rotaryDims / 2;
}

// As RotationTable wants them: cosines, then sines.
void fillRotation(const RopeStoreArgs& args, std::int32_t position, float* cosines) {
    const bool isInterleaved = args.kind == RopeKind::Interleaved;
    const std::int64_t count = rotationFloats(args);
    const std::int64_t nPairs = isInterleaved ? count / 2 : count;
    float* const sines = cosines + count;
    for (std::int64_t pair = 0; pair < nPairs; ++pair) {
        // In double: at position 32768 a float angle would be off by a thousandth.
        const double angle = static_cast<double>(position) * args.frequencies[pair];
        const auto cosine = static_cast<float>(std::cos(angle) * args.magnitude);
        const auto sine = static_cast<float>(std::sin(angle) * args.magnitude);
        if (isInterleaved) {
            cosines[2 * pair] = cosines[2 * pair + 1] = cosine;
            sines[2 * pair] = -sine;
            sines[2 * pair + 1] = sine;
        } else {
            cosines[pair] = cosine;
            sines[pair] = sine;
        }
    }
}

// The tokens from firstToken on that are one run: at most endToken - firstToken.
std::int64_t runTokens(const RopeStoreArgs& args, std::int64_t firstToken, std::int64_t endToken) {
    const auto positionOf = [&](std::int64_t token) {
        return args.batch.positions[static_cast<std::size_t>(token)];
    };
    const auto sequenceOf = [&](std::int64_t token) {
        return args.batch.sequenceIndex[static_cast<std::size_t>(token)];
    };
    const std::int32_t blockTokens = args.cache.shape.blockTokens;
    std::int64_t token = firstToken + 1;
    while (token < endToken && sequenceOf(token) == sequenceOf(firstToken) &&
           positionOf(token) == positionOf(token - 1) + 1 && positionOf(token) % blockTokens != 0)
        ++token;
    return token - firstToken;
}

// move(place, kvHead) of every one of the blocks, on all threads. By heads, for blocks that go to a
// drive or come from it do so one at a time.
template <typename Move>
void forEachHead(ThreadPool& pool, const KvLayerShape& shape, const KvBlocks& blocks, Move&& move) {
    const std::int64_t nHeads = shape.nKvHeads;
    pool.parallelFor(std::ssize(blocks.ids) * nHeads, [&](std::int64_t index, int) {
        move(static_cast<std::size_t>(index / nHeads), index % nHeads);
    });
}

}  // namespace

std::uint64_t CpuKernels::cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const {
    return kvTilesBytes(shape, nBlocks);
}

Status CpuKernels::copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) {
    copyTiles(tilesOf(layer), from, to);
    return {};
}

Status CpuKernels::readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) {
    const KvTiles tiles = tilesOf(layer);
    forEachHead(m_pool, tiles.shape, blocks, [&](std::size_t place, std::int64_t kvHead) {
        readTiles(tiles, blocks.ids[place], kvHead, out + place * blocks.stride);
    });
    clearUnfilled(layer.shape, blocks, out);
    return {};
}

Status CpuKernels::writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                               const std::byte* from) {
    const KvTiles tiles = tilesOf(layer);
    forEachHead(m_pool, tiles.shape, blocks, [&](std::size_t place, std::int64_t kvHead) {
        writeTiles(tiles, blocks.ids[place], kvHead, from + place * blocks.stride);
    });
    return {};
}

void CpuKernels::ropeStore(const RopeStoreArgs& args) {
    const KvTiles tiles = tilesOf(args.cache);
    const std::int64_t headDim = tiles.shape.key.dim;
    SOTTO_CHECK(isComputed(tiles.shape) && args.rotaryDims <= headDim &&
                tiles.shape.value.dim <= RopeRun::kMostTokens * headDim &&
                ropeScratchFloats(headDim) <= m_threadScratchFloats);
    const auto nTokens = std::ssize(args.batch.positions);
    if (nTokens == 0) return;
    // A block's keys share their cache lines, over which threads would quarrel: with many rows each
    // takes as many as a block has. Codes even share bytes with other tokens': each thread takes
    // all rows of some heads.
    const bool isByHeads =
        nTokens > 1 && (isQuantized(tiles.shape.key.type) || isQuantized(tiles.shape.value.type));
    const std::int64_t blockTokens = tiles.shape.blockTokens;
    const std::int64_t nKvHeads = tiles.shape.nKvHeads;
    const std::int64_t nParts = isByHeads ? std::min<std::int64_t>(m_pool.nThreads(), nKvHeads) : 1;
    const std::int64_t tokensPerChunk = isByHeads ? nTokens
                                        : nTokens > blockTokens
                                            ? blockTokens
                                            : ceilDiv(nTokens, m_pool.nThreads());
    const std::int64_t nRotation = rotationFloats(args);
    const std::int64_t nChunks = ceilDiv(nTokens, tokensPerChunk) * nParts;
    m_pool.parallelFor(nChunks, [&](std::int64_t chunk, int threadIndex) {
        const std::int64_t part = isByHeads ? chunk : 0;
        const std::int64_t firstToken = isByHeads ? 0 : chunk * tokensPerChunk;
        float* const rotations = threadScratch(threadIndex);
        float* const keys = rotations + RopeRun::kMostTokens * 2 * nRotation;
        const std::int64_t end = std::min(nTokens, firstToken + tokensPerChunk);
        for (std::int64_t token = firstToken; token < end;) {
            const std::int64_t endRun = std::min(end, token + RopeRun::kMostTokens);
            const RopeRun run{.firstToken = token,
                              .nTokens = runTokens(args, token, endRun),
                              .firstKvHead = part * nKvHeads / nParts,
                              .endKvHead = (part + 1) * nKvHeads / nParts,
                              .rotations = rotations,
                              .nRotation = nRotation};
            for (std::int64_t row = 0; row < run.nTokens; ++row)
                fillRotation(args, args.batch.positions[static_cast<std::size_t>(token + row)],
                             rotations + row * 2 * nRotation);
            m_table.ropeStoreRun(args, tiles, run, keys);
            token += run.nTokens;
        }
    });
}

void CpuKernels::attention(const AttentionArgs& args) {
    const KvTiles tiles = tilesOf(args.cache);
    SOTTO_CHECK(isComputed(tiles.shape) && args.nHeads <= m_limits.maxHeads &&
                std::max(tiles.shape.key.dim, tiles.shape.value.dim) <= m_limits.maxHeadDim);
    m_attention.make(args);
    const std::int64_t floatsPerState = stateFloats(tiles.shape.value.dim);
    const auto tileArgs = [&](const AttentionPiece& piece, int threadIndex) {
        const AttentionTile& tile = *piece.tile;
        const auto sequence = static_cast<std::size_t>(
            args.batch.sequenceIndex[static_cast<std::size_t>(tile.firstToken)]);
        AttentionTileArgs result;
        result.args = &args;
        result.cache = &tiles;
        result.blockIds = args.batch.sequences[sequence].blockIds.data();
        result.firstToken = tile.firstToken;
        result.nTokens = tile.nTokens;
        result.kvHead = piece.kvHead;
        result.firstSplit = piece.split < 0 ? tile.firstSplit : piece.split;
        result.endSplit = piece.split < 0 ? tile.firstSplit + tile.nSplits : piece.split + 1;
        result.scratch = threadScratch(threadIndex);
        return result;
    };
    const std::int64_t nPieces = m_attention.nPieces();
    m_pool.parallelFor(nPieces, [&](std::int64_t index, int threadIndex) {
        // Late rows see most keys: handing them out first evens the ends.
        const AttentionPiece piece = m_attention.piece(nPieces - 1 - index);
        AttentionTileArgs work = tileArgs(piece, threadIndex);
        if (m_attention.isSplit())
            work.partials = m_partials.as<float>() + m_attention.stateIndex(piece) * floatsPerState;
        m_table.attentionTile(work);
    });
    if (!m_attention.isSplit()) return;
    const std::int64_t nKvHeads = tiles.shape.nKvHeads;
    m_pool.parallelFor(std::ssize(m_attention.tiles()) * nKvHeads, [&](std::int64_t index,
                                                                       int threadIndex) {
        const AttentionTile& tile = m_attention.tiles()[static_cast<std::size_t>(index / nKvHeads)];
        AttentionTileArgs work = tileArgs({&tile, index % nKvHeads, -1}, threadIndex);
        work.partials =
            m_partials.as<float>() +
            m_attention.stateIndex({&tile, index % nKvHeads, tile.firstSplit}) * floatsPerState;
        m_table.attentionMerge(work);
    });
}

}  // namespace sotto::cpu
