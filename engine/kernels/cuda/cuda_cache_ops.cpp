// The blocks of the cache in and out of the card, and from one place on it to another. Everything
// runs on the set's stream, so behind the steps that were queued.
#include "engine/device/cuda/cuda_error.h"
#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/cuda/cuda_kernel_set.h"
#include "engine/kernels/cuda/kv_planes.h"

namespace sotto::cuda {
namespace {

// Where a block's keys and values begin.
struct BlockPlaces {
    std::byte* keys;
    std::byte* values;
};

BlockPlaces placesOf(const KvLayer& layer, std::int32_t block) {
    const KvPlanes planes = planesOf(layer);
    const auto index = static_cast<std::size_t>(block);
    return {planes.keys.data + index * layer.shape.keyBlockBytes(),
            planes.values.data + index * layer.shape.valueBlockBytes()};
}

Status copyOf(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
              const Stream& stream) {
    if (bytes == 0) return {};
    return check(cudaMemcpyAsync(to, from, bytes, kind, stream.get()), "copying the cache");
}

}  // namespace

std::uint64_t CudaKernelSet::cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const {
    return kvPlanesBytes(shape, nBlocks);
}

Status CudaKernelSet::copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) {
    if (from == to) return {};
    const BlockPlaces source = placesOf(layer, from), target = placesOf(layer, to);
    SOTTO_TRY(copyOf(target.keys, source.keys, layer.shape.keyBlockBytes(),
                     cudaMemcpyDeviceToDevice, forCopy()));
    return copyOf(target.values, source.values, layer.shape.valueBlockBytes(),
                  cudaMemcpyDeviceToDevice, forCopy());
}

Status CudaKernelSet::readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) {
    const std::size_t keyBytes = layer.shape.keyBlockBytes();
    for (std::size_t index = 0; index < blocks.ids.size(); ++index) {
        const BlockPlaces source = placesOf(layer, blocks.ids[index]);
        std::byte* const block = out + index * blocks.stride;
        SOTTO_TRY(copyOf(block, source.keys, keyBytes, cudaMemcpyDeviceToHost, forCopy()));
        SOTTO_TRY(copyOf(block + keyBytes, source.values, layer.shape.valueBlockBytes(),
                         cudaMemcpyDeviceToHost, forCopy()));
    }
    SOTTO_TRY(m_stream.synchronize());
    clearUnfilled(layer.shape, blocks, out);
    return {};
}

Status CudaKernelSet::writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                                  const std::byte* from) {
    const std::size_t keyBytes = layer.shape.keyBlockBytes();
    for (std::size_t index = 0; index < blocks.ids.size(); ++index) {
        const BlockPlaces target = placesOf(layer, blocks.ids[index]);
        const std::byte* const block = from + index * blocks.stride;
        SOTTO_TRY(copyOf(target.keys, block, keyBytes, cudaMemcpyHostToDevice, forCopy()));
        SOTTO_TRY(copyOf(target.values, block + keyBytes, layer.shape.valueBlockBytes(),
                         cudaMemcpyHostToDevice, forCopy()));
    }
    return m_stream.synchronize();
}

}  // namespace sotto::cuda
