#include "engine/kernels/cuda/kv_planes.h"

#include "base/rounding.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {
namespace {

// Each plane starts on a cache line of its own.
std::uint64_t keyPlaneBytes(const KvLayerShape& shape, std::int32_t nBlocks) {
    return roundUp(static_cast<std::uint64_t>(nBlocks) * shape.keyBlockBytes(), kCacheAlignment);
}

}  // namespace

KvPlanes planesOf(const KvLayer& layer) {
    const KvLayerShape& shape = layer.shape;
    return {.keys = {layer.memory, shape.key.type, shape.key.dim},
            .values = {layer.memory + keyPlaneBytes(shape, layer.nBlocks), shape.value.type,
                       shape.value.dim},
            .blockTokens = shape.blockTokens,
            .nKvHeads = shape.nKvHeads};
}

std::uint64_t kvPlanesBytes(const KvLayerShape& shape, std::int32_t nBlocks) {
    return keyPlaneBytes(shape, nBlocks) +
           roundUp(static_cast<std::uint64_t>(nBlocks) * shape.valueBlockBytes(), kCacheAlignment);
}

}  // namespace sotto::cuda
