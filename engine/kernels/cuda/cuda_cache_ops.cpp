// The blocks of the cache in and out of the card, and from one place on it to another. Everything
// runs on the set's stream, so behind the steps that were queued.
#include <algorithm>
#include <array>
#include <vector>

#include "engine/device/cuda/cuda_error.h"
#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/cuda/cuda_kernel_set.h"
#include "engine/kernels/cuda/kv_blocks.h"
#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/cuda/move_keys.h"
#include "engine/kernels/move_keys.h"

namespace sotto::cuda {
namespace {

// Keys or values of a layer, and where they lie in a canonical block.
struct Side {
    KvParts parts;
    KvRow row;
    std::size_t offset;  // in a canonical block
    std::size_t bytes;   // there, and of the parts of a block together
};

std::array<Side, 2> sidesOf(const KvLayer& layer) {
    const KvPlanes planes = planesOf(layer);
    const KvLayerShape& shape = layer.shape;
    const std::size_t nRows =
        static_cast<std::size_t>(shape.nKvHeads) * static_cast<std::size_t>(shape.blockTokens);
    return {{{partsOf(planes.keys, nRows), shape.key, 0, shape.keyBlockBytes()},
             {partsOf(planes.values, nRows), shape.value, shape.keyBlockBytes(),
              shape.valueBlockBytes()}}};
}

std::byte* blockOf(const KvPart& part, std::int32_t block) {
    return part.data + static_cast<std::size_t>(block) * part.blockBytes;
}

Status copyOf(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
              const Stream& stream) {
    if (bytes == 0) return {};
    return check(cudaMemcpyAsync(to, from, bytes, kind, stream.get()), "copying the cache");
}

// One side of one block as its parts on the card are, one behind another in host memory.
KvPartBytes partBytesAt(std::byte* memory, const KvParts& parts) {
    return {.codes = memory,
            .fifths = memory + parts[0].blockBytes,
            .scales = memory + parts[0].blockBytes + parts[1].blockBytes};
}
std::size_t groupsIn(const Side& side) {
    return side.bytes / kvTypeTraits(side.row.type).blockBytes;
}

// Blocks of a layer whose sides are quantized pass through host memory in the parts of the card.
bool isInParts(const KvLayerShape& shape) {
    return isQuantized(shape.key.type) || isQuantized(shape.value.type);
}

void partsToCanonical(const Side& side, std::byte* parts, std::byte* canonical) {
    if (isQuantized(side.row.type))
        toCanonical(side.row.type, groupsIn(side), partBytesAt(parts, side.parts), canonical);
    else
        std::copy_n(parts, side.bytes, canonical);
}
void canonicalToParts(const Side& side, const std::byte* canonical, std::byte* parts) {
    if (isQuantized(side.row.type))
        fromCanonical(side.row.type, groupsIn(side), canonical, partBytesAt(parts, side.parts));
    else
        std::copy_n(canonical, side.bytes, parts);
}

// Room for the parts of so many blocks, one behind another; none where blocks are canonical as they
// are.
std::vector<std::byte> stagingFor(const KvLayerShape& shape, const KvBlocks& blocks) {
    return std::vector<std::byte>(isInParts(shape) ? blocks.ids.size() * shape.blockBytes() : 0);
}

}  // namespace

std::uint64_t CudaKernelSet::cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const {
    return kvPlanesBytes(shape, nBlocks);
}

Status CudaKernelSet::copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) {
    if (from == to) return {};
    for (const Side& side : sidesOf(layer))
        for (const KvPart& part : side.parts)
            SOTTO_TRY(copyOf(blockOf(part, to), blockOf(part, from), part.blockBytes,
                             cudaMemcpyDeviceToDevice, forCopy()));
    return {};
}

Status CudaKernelSet::readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) {
    const std::array<Side, 2> sides = sidesOf(layer);
    std::vector<std::byte> staging = stagingFor(layer.shape, blocks);
    std::byte* const target = staging.empty() ? out : staging.data();
    const std::size_t stride = staging.empty() ? blocks.stride : layer.shape.blockBytes();
    for (std::size_t index = 0; index < blocks.ids.size(); ++index)
        for (const Side& side : sides) {
            std::byte* to = target + index * stride + side.offset;
            for (const KvPart& part : side.parts) {
                SOTTO_TRY(copyOf(to, blockOf(part, blocks.ids[index]), part.blockBytes,
                                 cudaMemcpyDeviceToHost, forCopy()));
                to += part.blockBytes;
            }
        }
    SOTTO_TRY(m_stream.synchronize());
    for (std::size_t index = 0; !staging.empty() && index < blocks.ids.size(); ++index)
        for (const Side& side : sides)
            partsToCanonical(side, staging.data() + index * stride + side.offset,
                             out + index * blocks.stride + side.offset);
    clearUnfilled(layer.shape, blocks, out);
    return {};
}

Status CudaKernelSet::writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                                  const std::byte* from) {
    const std::array<Side, 2> sides = sidesOf(layer);
    std::vector<std::byte> staging = stagingFor(layer.shape, blocks);
    const std::size_t stride = staging.empty() ? blocks.stride : layer.shape.blockBytes();
    for (std::size_t index = 0; !staging.empty() && index < blocks.ids.size(); ++index)
        for (const Side& side : sides)
            canonicalToParts(side, from + index * blocks.stride + side.offset,
                             staging.data() + index * stride + side.offset);
    const std::byte* const source = staging.empty() ? from : staging.data();
    for (std::size_t index = 0; index < blocks.ids.size(); ++index)
        for (const Side& side : sides) {
            const std::byte* bytes = source + index * stride + side.offset;
            for (const KvPart& part : side.parts) {
                SOTTO_TRY(copyOf(blockOf(part, blocks.ids[index]), bytes, part.blockBytes,
                                 cudaMemcpyHostToDevice, forCopy()));
                bytes += part.blockBytes;
            }
        }
    return m_stream.synchronize();
}

Status CudaKernelSet::moveBlocks(const KvLayer& layer, const BlockMoves& blocks,
                                 const KeyMove& move) {
    for (std::size_t index = 0; index < blocks.from.size(); ++index)
        SOTTO_TRY(copyBlock(layer, blocks.from[index], blocks.to[index]));
    if (move.kind == RopeKind::None) return {};
    const KvLayerShape& shape = layer.shape;
    MoveKeysLaunch launch{.keys = planesOf(layer).keys,
                          .nKvHeads = shape.nKvHeads,
                          .blockTokens = shape.blockTokens,
                          .kind = move.kind};
    for (const KeyRotation& rotation : keyRotations(move)) {
        launch.cosines[launch.nPairs] = rotation.cosine;
        launch.sines[launch.nPairs++] = rotation.sine;
    }
    std::int64_t nLeft = blocks.nTokens;
    for (std::size_t first = 0; first < blocks.to.size(); first += kMaxMovedBlocks) {
        const auto ids = blocks.to.subspan(
            first, std::min<std::size_t>(kMaxMovedBlocks, blocks.to.size() - first));
        std::ranges::copy(ids, launch.blockIds);
        launch.nBlocks = static_cast<std::int32_t>(ids.size());
        launch.nTokens = std::min<std::int64_t>(nLeft, std::ssize(ids) * shape.blockTokens);
        launchMoveKeys(launch, on());
        nLeft -= launch.nTokens;
    }
    return {};
}

}  // namespace sotto::cuda
