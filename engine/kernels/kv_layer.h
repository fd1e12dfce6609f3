// KvLayer: the keys and values of one layer, cut into blocks; opaque to all but the kernel set
// whose memory they lie in, as a Weight is.
//
// Place: KvCache (engine/kvcache) allocates cacheBytes() of a set's memory for each layer and hands
// the layers on; the model names them in its operations; how a block is laid out only the set
// knows. What leaves the set is in one canonical form, which a file can hold and every set
// understands:
//
//   block   = keys, then values
//   keys    = [nKvHeads][blockTokens] rows of key.dim elements in key.type's own bytes
//   values  = [nKvHeads][blockTokens] rows of value.dim elements in value.type's own bytes
//
// without gaps, blocks of one layer behind one another. Plain values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/tensor/kv_type.h"

namespace sotto {

// What one head keeps of one token: its key, or its value. The two may differ in type and size.
struct KvRow {
    KvType type = KvType::F16;
    std::int32_t dim = 0;  // elements; whole blocks of a quantized type
    // Turned by the orthonormal Hadamard transform (engine/tensor/hadamard.h) before it is stored,
    // which spreads a large channel over all of a block. A set turns queries as keys are, and sums
    // of values back, so that nothing outside of its operations knows of it.
    bool isRotated = false;

    std::size_t bytes() const { return rowBytes(type, static_cast<std::size_t>(dim)); }
};

struct KvLayerShape {
    std::int32_t nKvHeads = 0;
    KvRow key;
    KvRow value;
    std::int32_t blockTokens = 32;  // tokens per block

    // Bytes in the canonical form, of a block and of one token.
    std::size_t keyBlockBytes() const { return rowsPerBlock() * key.bytes(); }
    std::size_t valueBlockBytes() const { return rowsPerBlock() * value.bytes(); }
    std::size_t blockBytes() const { return keyBlockBytes() + valueBlockBytes(); }
    std::size_t tokenBytes() const {
        return static_cast<std::size_t>(nKvHeads) * (key.bytes() + value.bytes());
    }

private:
    std::size_t rowsPerBlock() const {
        return static_cast<std::size_t>(nKvHeads) * static_cast<std::size_t>(blockTokens);
    }
};

// Keys and values of the same type and size, as all models with grouped query heads have them.
inline KvLayerShape kvLayerShape(std::int32_t nKvHeads, std::int32_t headDim, KvType type) {
    return {.nKvHeads = nKvHeads, .key = {type, headDim}, .value = {type, headDim}};
}

// The same with keys and values of their own types. Quantized rows are rotated.
inline KvLayerShape kvLayerShape(std::int32_t nKvHeads, std::int32_t headDim, KvTypes types) {
    return {.nKvHeads = nKvHeads,
            .key = {types.key, headDim, isQuantized(types.key)},
            .value = {types.value, headDim, isQuantized(types.value)}};
}

struct KvLayer {
    KvLayerShape shape;
    std::int32_t nBlocks = 0;
    std::byte* memory = nullptr;  // KernelSet::cacheBytes(shape, nBlocks) of the set's own memory
};

// Blocks on their way between a layer and host memory.
struct KvBlocks {
    std::span<const std::int32_t> ids;  // in order of position
    // Slots that are filled, counted over all blocks. Those behind them are read as zeros, so that
    // nothing of a sequence that had the block before gets out, and written as they are given.
    std::int64_t nTokens = 0;
    std::size_t stride = 0;  // bytes in host memory from one block to the next, >= blockBytes()
};

}  // namespace sotto
