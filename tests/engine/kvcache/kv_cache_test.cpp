// The bytes of the cache: where the layers lie, and that blocks go out, in and over without change.
#include <QtTest>
#include <algorithm>
#include <memory>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/kvcache/kv_cache.h"

using namespace sotto;

class KvCacheTest : public QObject {
    Q_OBJECT

private slots:
    void cache_placesLayersApart();
    void cache_blocksGoFromOneSetToAnother();
};

namespace {

// The last one's keys and values differ.
KvCacheShape threeLayers() {
    KvCacheShape shape;
    shape.layers = {kvLayerShape(2, 16, KvType::F16),
                    kvLayerShape(1, 3, KvType::F16),
                    {4, {KvType::F32, 8}, {KvType::F16, 5}}};
    shape.nTokens = 70;  // three blocks
    return shape;
}

}  // namespace

void KvCacheTest::cache_placesLayersApart() {
    const auto kernels = createReferenceKernels();
    // 3 dimensions: layers are padded to whole cache lines.
    const KvCacheShape shape = threeLayers();
    const auto cache = KvCache::create(shape, *kernels);
    QVERIFY(cache);
    const CacheBytes cacheBytes = [&](const KvLayerShape& layer, std::int32_t nBlocks) {
        return kernels->cacheBytes(layer, nBlocks);
    };
    QCOMPARE((*cache)->bytes(), kvCacheBytes(shape, 0, 3, cacheBytes));
    QCOMPARE((*cache)->pool().nBlocks(), 3);
    QCOMPARE(kvTokenBytes(shape), std::uint64_t{2 * 2 * (32 + 3) + 4 * (4 * 8 + 2 * 5)});
    QCOMPARE((*cache)->blockBytes(), kvTokenBytes(shape) * kBlockTokens);
    const std::byte* end = (*cache)->layers()[0].memory;
    for (const KvLayer& layer : (*cache)->layers()) {
        QVERIFY(layer.memory >= end);
        QCOMPARE(reinterpret_cast<std::uintptr_t>(layer.memory) % kCacheAlignment,
                 std::uintptr_t{0});
        end = layer.memory + kernels->cacheBytes(layer.shape, layer.nBlocks);
    }
}

// All layers' parts of a block lie behind one another; a cache of another set, with another order
// of blocks, takes them and gives them back.
void KvCacheTest::cache_blocksGoFromOneSetToAnother() {
    const auto slow = createReferenceKernels();
    const auto fast = createCpuKernels({1});
    const KvCacheShape shape = threeLayers();
    // Two sets in one cache, as of a model on two devices.
    const std::vector<KernelSet*> mixed{slow.get(), fast.get(), fast.get()};
    const auto from = KvCache::create(shape, *slow);
    const auto to = KvCache::create(shape, mixed);
    QVERIFY(from && to);
    const std::size_t blockBytes = (*from)->blockBytes();
    std::vector<std::byte> bytes(3 * blockBytes);
    for (std::size_t index = 0; index < bytes.size(); ++index)
        bytes[index] = static_cast<std::byte>(index * 7 + index / 251);
    const std::vector<BlockId> order{1, 2, 0}, other{2, 0, 1};
    QVERIFY((*from)->writeBlocks(order, bytes));
    std::vector<std::byte> read(bytes.size());
    QVERIFY((*from)->readBlocks(order, 3 * kBlockTokens, read));
    QCOMPARE(read, bytes);
    QVERIFY((*to)->writeBlocks(other, read));
    std::fill(read.begin(), read.end(), std::byte{1});
    QVERIFY((*to)->readBlocks(other, 3 * kBlockTokens, read));
    QCOMPARE(read, bytes);

    QVERIFY((*to)->copyBlock(2, 1));
    const BlockId copied = 1;
    read.resize(blockBytes);
    QVERIFY((*to)->readBlocks({&copied, 1}, kBlockTokens, read));
    QVERIFY(std::equal(read.begin(), read.end(), bytes.begin()));
    // Nothing of what lay there before gets out of slots that are not filled.
    QVERIFY((*to)->readBlocks({&copied, 1}, 0, read));
    QVERIFY(
        std::all_of(read.begin(), read.end(), [](std::byte byte) { return byte == std::byte{}; }));
}

QTEST_APPLESS_MAIN(KvCacheTest)
#include "kv_cache_test.moc"
