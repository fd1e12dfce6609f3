// A paged cache and a step's rows over it, for the tests of rope_store and attention: blocks in
// shuffled order, slots that no position has filled are NaN, so that reading one shows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "base/half.h"
#include "engine/kernels/cuda/device_batch.h"
#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::test {

inline std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

inline std::vector<float> gaussians(std::mt19937& random, std::int64_t nElements,
                                    float deviation = 1.0f) {
    std::normal_distribution<float> normal(0.0f, deviation);
    std::vector<float> values(at(nElements));
    for (float& value : values) value = normal(random);
    return values;
}

struct CacheShape {
    KvType type = KvType::F16;
    std::int32_t blockTokens = 32;
    std::int32_t nHeads = 1;
    std::int32_t nKvHeads = 1;
    std::int32_t headDim = 64;
};

// `depth` positions are in the cache before the step, `nNew` rows are added by it.
struct SequenceShape {
    std::int32_t depth = 0;
    std::int32_t nNew = 1;
    std::int32_t end() const { return depth + nNew; }
};

class PagedScene {
public:
    PagedScene(const CacheShape& cacheShape, std::vector<SequenceShape> sequenceShapes,
               std::uint32_t seed)
        : shape(cacheShape), sequences(std::move(sequenceShapes)) {
        std::mt19937 random(seed);
        for (const SequenceShape& sequence : sequences)
            m_tableStride = std::max(m_tableStride,
                                     (sequence.end() + shape.blockTokens - 1) / shape.blockTokens);
        std::vector<std::int32_t> order(sequences.size() * at(m_tableStride) + 2);
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random);
        m_blockIds.assign(order.begin(), order.end() - 2);
        m_firstRows.push_back(0);
        for (std::size_t index = 0; index < sequences.size(); ++index) {
            for (std::int32_t row = 0; row < sequences[index].nNew; ++row) {
                positions.push_back(sequences[index].depth + row);
                sequenceIndex.push_back(static_cast<std::int32_t>(index));
            }
            m_firstRows.push_back(static_cast<std::int32_t>(positions.size()));
        }
        const std::int64_t nElements = static_cast<std::int64_t>(order.size()) * shape.nKvHeads *
                                       shape.blockTokens * shape.headDim;
        keys.resize(at(nElements) * elementBytes());
        values.resize(keys.size());
        for (std::int64_t index = 0; index < nElements; ++index) {
            store(keys, index, std::numeric_limits<float>::quiet_NaN());
            store(values, index, std::numeric_limits<float>::quiet_NaN());
        }
    }

    // Positions [0, end) of every sequence, in every head, by draw(): a key and a value element.
    template <class Draw>
    void fill(const Draw& draw) {
        for (std::int32_t sequence = 0; sequence < std::ssize(sequences); ++sequence)
            for (std::int32_t position = 0; position < sequences[at(sequence)].end(); ++position)
                for (std::int32_t kvHead = 0; kvHead < shape.nKvHeads; ++kvHead)
                    for (std::int32_t dim = 0; dim < shape.headDim; ++dim) {
                        const auto index = elementIndex(sequence, position, kvHead) + dim;
                        store(keys, index, draw());
                        store(values, index, draw());
                    }
    }

    std::int32_t nTokens() const { return static_cast<std::int32_t>(positions.size()); }
    std::int64_t elementIndex(std::int32_t sequence, std::int32_t position,
                              std::int32_t kvHead) const {
        const std::int64_t block =
            m_blockIds[at(sequence * m_tableStride + position / shape.blockTokens)];
        return ((block * shape.nKvHeads + kvHead) * shape.blockTokens +
                position % shape.blockTokens) *
               shape.headDim;
    }
    float load(const std::vector<std::byte>& plane, std::int64_t index) const {
        float value = 0;
        if (shape.type != KvType::F16) {
            std::memcpy(&value, plane.data() + index * 4, 4);
            return value;
        }
        Half half;
        std::memcpy(&half, plane.data() + index * 2, 2);
        return toFloat(half);
    }

    cuda::KvPlanes cache() {
        return {{keys.data(), shape.type, shape.headDim},
                {values.data(), shape.type, shape.headDim},
                shape.blockTokens,
                shape.nKvHeads};
    }
    // The same for the reference, whose cache is canonical; `memory` is filled and must outlive it.
    KvLayer canonicalCache(std::vector<std::byte>& memory) const {
        KvLayer layer{kvLayerShape(shape.nKvHeads, shape.headDim, shape.type)};
        layer.shape.blockTokens = shape.blockTokens;
        const std::size_t side = layer.shape.keyBlockBytes();
        memory.resize(2 * keys.size());
        for (std::size_t place = 0; place < keys.size(); place += side) {
            std::memcpy(memory.data() + 2 * place, keys.data() + place, side);
            std::memcpy(memory.data() + 2 * place + side, values.data() + place, side);
        }
        layer.nBlocks = static_cast<std::int32_t>(keys.size() / side);
        layer.memory = memory.data();
        return layer;
    }
    void takeCanonical(const std::vector<std::byte>& memory) {
        const std::size_t side =
            at(shape.nKvHeads) * at(shape.blockTokens) * at(shape.headDim) * elementBytes();
        for (std::size_t place = 0; place < keys.size(); place += side) {
            std::memcpy(keys.data() + place, memory.data() + 2 * place, side);
            std::memcpy(values.data() + place, memory.data() + 2 * place + side, side);
        }
    }
    cuda::DeviceBatch deviceBatch() const {
        cuda::DeviceBatch batch;
        batch.positions = positions.data();
        batch.sequenceIndex = sequenceIndex.data();
        batch.firstRows = m_firstRows.data();
        batch.blockIds = m_blockIds.data();
        batch.tableStride = m_tableStride;
        batch.nTokens = nTokens();
        batch.nSequences = static_cast<std::int32_t>(sequences.size());
        for (const SequenceShape& sequence : sequences) {
            batch.maxRows = std::max(batch.maxRows, sequence.nNew);
            batch.maxPositions = std::max(batch.maxPositions, sequence.end());
        }
        return batch;
    }
    // For the reference; `tables` is filled and must outlive the view.
    BatchView hostBatch(std::vector<BlockTableView>& tables) const {
        tables.clear();
        for (std::size_t sequence = 0; sequence < sequences.size(); ++sequence)
            tables.push_back(
                {std::span(m_blockIds).subspan(sequence * at(m_tableStride), at(m_tableStride))});
        return {.positions = positions, .sequenceIndex = sequenceIndex, .sequences = tables};
    }

    CacheShape shape;
    std::vector<SequenceShape> sequences;
    std::vector<std::int32_t> positions;
    std::vector<std::int32_t> sequenceIndex;
    std::vector<std::byte> keys;  // in the cache's type and element order
    std::vector<std::byte> values;

private:
    std::size_t elementBytes() const { return shape.type == KvType::F16 ? 2 : 4; }
    void store(std::vector<std::byte>& plane, std::int64_t index, float value) const {
        const Half half = toHalf(value);
        if (shape.type == KvType::F16)
            std::memcpy(plane.data() + index * 2, &half, 2);
        else
            std::memcpy(plane.data() + index * 4, &value, 4);
    }

    std::int32_t m_tableStride = 0;
    std::vector<std::int32_t> m_blockIds;
    std::vector<std::int32_t> m_firstRows;
};

}  // namespace sotto::test
