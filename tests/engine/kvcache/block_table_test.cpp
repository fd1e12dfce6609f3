// Blocks are taken, shared, rolled back and given back without loss, whatever the order.
#include <QtTest>
#include <algorithm>
#include <memory>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/kvcache/block_table.h"
#include "engine/kvcache/kv_cache.h"

using namespace sotto;

class BlockTableTest : public QObject {
    Q_OBJECT

private slots:
    void pool_givesEachBlockOnce();
    void pool_keepsABlockUntilItsLastHolder();
    void reservation_takesOnlyWhatIsNeeded();
    void reservation_rollsBackWhenDropped();
    void reservation_failsWithoutHoldingAnything();
    void table_refusesMoreThanItsRoom();
    void truncate_givesBackWholeBlocks();
    void cache_placesLayersApart();
    void cache_blocksGoFromOneSetToAnother();
};

namespace {

// The last one's keys and values differ.
KvCacheShape threeLayers() {
    KvCacheShape shape;
    shape.layers = {kvLayerShape(2, 16, DType::F16),
                    kvLayerShape(1, 3, DType::F16),
                    {4, {DType::F32, 8}, {DType::F16, 5}}};
    shape.nTokens = 70;  // three blocks
    return shape;
}

}  // namespace

void BlockTableTest::pool_givesEachBlockOnce() {
    BlockPool pool(3);
    QCOMPARE(*pool.take(), 0);
    QCOMPARE(*pool.take(), 1);
    QCOMPARE(*pool.take(), 2);
    QVERIFY(!pool.take());
    pool.release(1);
    QCOMPARE(*pool.take(), 1);
    QCOMPARE(pool.nUsed(), 3);
}

void BlockTableTest::pool_keepsABlockUntilItsLastHolder() {
    BlockPool pool(1);
    const BlockId block = *pool.take();
    pool.addHolder(block);
    pool.release(block);
    QVERIFY(!pool.take());
    pool.release(block);
    QCOMPARE(pool.nFree(), 1);
}

void BlockTableTest::reservation_takesOnlyWhatIsNeeded() {
    BlockPool pool(8);
    BlockTable table(pool, 32, 200);
    for (const auto& [nNew, nBlocks] :
         std::vector<std::pair<std::int64_t, std::size_t>>{{1, 1}, {31, 1}, {1, 2}, {64, 4}}) {
        BlockReservation reservation(table, nNew);
        QVERIFY(reservation.ok());
        reservation.commit();
        QCOMPARE(table.blocks().size(), nBlocks);
    }
    QCOMPARE(table.nTokens(), 97);
}

void BlockTableTest::reservation_rollsBackWhenDropped() {
    BlockPool pool(8);
    BlockTable table(pool, 32, 200);
    BlockReservation(table, 40).commit();
    const auto before = table.blocks();
    {
        BlockReservation dropped(table, 100);
        QVERIFY(dropped.ok());
        QCOMPARE(table.blocks().size(), std::size_t{5});
        BlockReservation moved(std::move(dropped));
    }
    QCOMPARE(table.blocks(), before);
    QCOMPARE(table.nTokens(), 40);
    QCOMPARE(pool.nUsed(), 2);
}

void BlockTableTest::reservation_failsWithoutHoldingAnything() {
    BlockPool pool(2);
    BlockTable table(pool, 32, 200);
    {
        BlockReservation tooMuch(table, 65);
        QVERIFY(!tooMuch.ok());
    }
    QCOMPARE(pool.nFree(), 2);
    QVERIFY(table.blocks().empty());
}

void BlockTableTest::table_refusesMoreThanItsRoom() {
    BlockPool pool(8);
    BlockTable table(pool, 32, 40);
    QVERIFY(!BlockReservation(table, 41).ok());
    QVERIFY(BlockReservation(table, 40).ok());
}

void BlockTableTest::truncate_givesBackWholeBlocks() {
    BlockPool pool(8);
    {
        BlockTable table(pool, 32, 200);
        BlockReservation(table, 100).commit();
        table.truncate(64);
        QCOMPARE(table.blocks().size(), std::size_t{2});
        table.truncate(33);
        QCOMPARE(table.blocks().size(), std::size_t{2});
        QCOMPARE(table.nTokens(), 33);
    }
    QCOMPARE(pool.nFree(), 8);  // the table's end gives back the rest
}

void BlockTableTest::cache_placesLayersApart() {
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
void BlockTableTest::cache_blocksGoFromOneSetToAnother() {
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

QTEST_APPLESS_MAIN(BlockTableTest)
#include "block_table_test.moc"
