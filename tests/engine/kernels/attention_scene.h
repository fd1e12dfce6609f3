// Attention of one sequence over a cache that ropeStore has filled, for tests of kernel sets.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "engine/kernels/kernel_set.h"
#include "tests/support/random_floats.h"

namespace sotto::test {

// One sequence of nTokens in a cache of shuffled blocks, whose rows are [nTokens - nRows, nTokens).
struct Scene {
    std::int32_t nHeads = 4;
    KvLayerShape shape = kvLayerShape(2, 64, KvType::F16);
    std::int32_t nTokens = 1500;
    std::int32_t window = 0;
    // All values of this position are `strange`, where there is one.
    std::int32_t strangePosition = -1;
    float strange = 0;
    bool hasOutliers = false;  // in some channels of queries, keys and values

    std::vector<std::int32_t> blockIds() const {
        std::vector<std::int32_t> ids(static_cast<std::size_t>((nTokens + 31) / 32));
        std::iota(ids.begin(), ids.end(), 0);
        std::shuffle(ids.begin(), ids.end(), std::mt19937(3));
        return ids;
    }
    KernelLimits limits(std::int64_t nRows) const {
        KernelLimits limits;
        limits.maxTokens = nRows;
        limits.maxCols = 1024;
        limits.maxHeads = nHeads;
        limits.maxHeadDim = std::max(shape.key.dim, shape.value.dim);
        limits.maxContext = nTokens;
        return limits;
    }
};

// A cache filled through ropeStore, and attention over it.
class Run {
public:
    Run(KernelSet& kernels, const Scene& scene)
        : m_kernels(kernels), m_scene(scene), m_blockIds(scene.blockIds()) {
        const auto nBlocks = static_cast<std::int32_t>(m_blockIds.size());
        m_memory.resize(kernels.cacheBytes(scene.shape, nBlocks), std::byte{0xff});  // NaN
        m_layer = {scene.shape, nBlocks, m_memory.data()};
        m_table = {m_blockIds};
        std::mt19937 random(5);
        const auto nTokens = static_cast<std::size_t>(scene.nTokens);
        const auto floatsOf = [&](std::int32_t nHeads, std::int32_t dim) {
            auto values = randomFloats(random, nTokens * static_cast<std::size_t>(nHeads * dim));
            if (scene.hasOutliers)
                for (std::size_t index = 5; index < values.size(); index += 16) values[index] *= 8;
            return values;
        };
        m_q = floatsOf(scene.nHeads, scene.shape.key.dim);
        const auto k = floatsOf(scene.shape.nKvHeads, scene.shape.key.dim);
        auto v = floatsOf(scene.shape.nKvHeads, scene.shape.value.dim);
        const std::ptrdiff_t valueFloats = scene.shape.nKvHeads * scene.shape.value.dim;
        if (scene.strangePosition >= 0)
            std::fill_n(v.begin() + scene.strangePosition * valueFloats, valueFloats,
                        scene.strange);
        isReserved = kernels.reserve(scene.limits(scene.nTokens)).has_value();
        RopeStoreArgs store;
        std::vector<float> unused = m_q;
        store.q = unused.data();
        store.k = k.data();
        store.v = v.data();
        store.kind = RopeKind::None;
        store.nHeads = scene.nHeads;
        store.cache = m_layer;
        store.batch = batchOf(0, scene.nTokens);
        kernels.ropeStore(store);
    }

    const std::vector<float>& queries() const { return m_q; }  // [nTokens, nHeads, key.dim]
    void setQueries(std::vector<float> queries) { m_q = std::move(queries); }
    // All blocks in the canonical form.
    std::vector<std::byte> blocks() {
        std::vector<std::byte> bytes(m_blockIds.size() * m_layer.shape.blockBytes());
        if (!m_kernels.readBlocks(m_layer, allBlocks(), bytes.data())) bytes.clear();
        return bytes;
    }
    bool setBlocks(const std::vector<std::byte>& bytes) {
        return m_kernels.writeBlocks(m_layer, allBlocks(), bytes.data()).has_value();
    }

    // Rows [first, end): [end - first, nHeads, value.dim].
    std::vector<float> attend(std::int32_t first, std::int32_t end) {
        const KvLayerShape& shape = m_scene.shape;
        std::vector<float> out(
            static_cast<std::size_t>((end - first) * m_scene.nHeads * shape.value.dim));
        AttentionArgs args;
        args.q = m_q.data() + std::ptrdiff_t{first} * m_scene.nHeads * shape.key.dim;
        args.out = out.data();
        args.scale = 1.0f / std::sqrt(static_cast<float>(shape.key.dim));
        args.window = m_scene.window;
        args.nHeads = m_scene.nHeads;
        args.cache = m_layer;
        args.batch = batchOf(first, end);
        m_kernels.attention(args);
        return out;
    }

    bool isReserved = false;

private:
    KvBlocks allBlocks() const { return {m_blockIds, m_scene.nTokens, m_layer.shape.blockBytes()}; }
    BatchView batchOf(std::int32_t first, std::int32_t end) {
        m_positions.resize(static_cast<std::size_t>(end - first));
        std::iota(m_positions.begin(), m_positions.end(), first);
        m_sequence.assign(m_positions.size(), 0);
        return {.positions = m_positions, .sequenceIndex = m_sequence, .sequences = {&m_table, 1}};
    }

    KernelSet& m_kernels;
    Scene m_scene;
    std::vector<std::int32_t> m_blockIds, m_positions, m_sequence;
    std::vector<std::byte> m_memory;
    KvLayer m_layer;
    BlockTableView m_table;
    std::vector<float> m_q;
};

}  // namespace sotto::test
