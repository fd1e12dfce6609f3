// Blocks are taken, shared, rolled back and given back without loss, whatever the order.
#include <QtTest>
#include <memory>

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
};

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
    KvCacheShape shape;
    shape.layers = {{2, 16}, {1, 3}, {4, 8}};  // 3 dimensions: planes are padded to 64 bytes
    shape.nTokens = 70;                        // three blocks
    const auto cache = KvCache::create(shape, *kernels);
    QVERIFY(cache);
    QCOMPARE((*cache)->bytes(), kvCacheBytes(shape));
    QCOMPARE((*cache)->pool().nBlocks(), 3);
    QCOMPARE(kvTokenBytes(shape), std::uint64_t{2 * 2 * (32 + 3 + 32)});
    const auto layers = (*cache)->layers();
    const std::byte* end = layers[0].keys;
    for (std::size_t layer = 0; layer < 3; ++layer) {
        const auto elements = static_cast<std::size_t>(3 * kBlockTokens) *
                              static_cast<std::size_t>(shape.layers[layer].nKvHeads) *
                              static_cast<std::size_t>(shape.layers[layer].headDim);
        QVERIFY(layers[layer].keys >= end);
        QVERIFY(layers[layer].values >= layers[layer].keys + elements * 2);
        end = layers[layer].values + elements * 2;
        QCOMPARE(reinterpret_cast<std::uintptr_t>(layers[layer].values) % 64, std::uintptr_t{0});
    }
}

QTEST_APPLESS_MAIN(BlockTableTest)
#include "block_table_test.moc"
