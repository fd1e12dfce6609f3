#include "engine/kernels/cuda/kv_planes.h"

#include "base/rounding.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {
namespace {

struct PartBytes {
    std::size_t codes, fifths, scales;
};

// Of so many rows of whole groups; a row of no quantized type has all that it has as "codes".
PartBytes partBytesOf(KvType type, std::size_t dim, std::size_t nRows) {
    if (!isQuantized(type)) return {nRows * rowBytes(type, dim), 0, 0};
    const std::size_t nGroups = nRows * (dim / kKvBlockElements);
    const std::size_t fifths = type == KvType::Q5_0 ? sizeof(std::uint32_t) : 0;
    const std::size_t scale = sizeof(std::uint16_t);
    return {nGroups * (kvTypeTraits(type).blockBytes - fifths - scale), nGroups * fifths,
            nGroups * scale};
}

PartBytes partBytesOf(const KvLayerShape& shape, const KvRow& row, std::int32_t nBlocks) {
    return partBytesOf(row.type, static_cast<std::size_t>(row.dim),
                       static_cast<std::size_t>(shape.nKvHeads) *
                           static_cast<std::size_t>(shape.blockTokens) *
                           static_cast<std::size_t>(nBlocks));
}

// Each part of a plane starts on a cache line of its own.
std::size_t aligned(std::size_t bytes) { return roundUp(bytes, std::size_t{kCacheAlignment}); }

std::size_t planeBytes(const PartBytes& parts) {
    return aligned(parts.codes) + aligned(parts.fifths) + aligned(parts.scales);
}

KvPlane planeAt(std::byte* memory, const KvRow& row, const PartBytes& parts) {
    KvPlane plane{memory, row.type, row.dim, row.isRotated};
    if (!isQuantized(row.type)) return plane;
    std::byte* const fifths = memory + aligned(parts.codes);
    if (parts.fifths > 0) plane.fifths = reinterpret_cast<std::uint32_t*>(fifths);
    plane.scales = reinterpret_cast<std::uint16_t*>(fifths + aligned(parts.fifths));
    return plane;
}

}  // namespace

KvPlanes planesOf(const KvLayer& layer) {
    const KvLayerShape& shape = layer.shape;
    const PartBytes keys = partBytesOf(shape, shape.key, layer.nBlocks);
    const PartBytes values = partBytesOf(shape, shape.value, layer.nBlocks);
    return {.keys = planeAt(layer.memory, shape.key, keys),
            .values = planeAt(layer.memory + planeBytes(keys), shape.value, values),
            .blockTokens = shape.blockTokens,
            .nKvHeads = shape.nKvHeads};
}

KvParts partsOf(const KvPlane& plane, std::size_t rowsPerBlock) {
    const PartBytes bytes =
        partBytesOf(plane.type, static_cast<std::size_t>(plane.dim), rowsPerBlock);
    return {{{plane.data, bytes.codes},
             {reinterpret_cast<std::byte*>(plane.fifths), bytes.fifths},
             {reinterpret_cast<std::byte*>(plane.scales), bytes.scales}}};
}

std::uint64_t kvPlanesBytes(const KvLayerShape& shape, std::int32_t nBlocks) {
    return planeBytes(partBytesOf(shape, shape.key, nBlocks)) +
           planeBytes(partBytesOf(shape, shape.value, nBlocks));
}

}  // namespace sotto::cuda
