// Blocks are taken, shared, copied, rolled back and given back without loss, whatever the order, in
// every kind of group.
#include <QtTest>
#include <algorithm>
#include <map>
#include <memory>
#include <random>

#include "engine/kvcache/sequence_memory.h"

using namespace sotto;

namespace {

constexpr BlockId kGivenBack = SequenceMemory::kGivenBack;

MemoryGroups fullGroup(std::int32_t nBlocks) { return {{MemoryKind::Full, BlockPool(nBlocks)}}; }

// Of a model with all kinds of layers.
MemoryGroups allGroups(std::int32_t nBlocks) {
    return {{MemoryKind::Full, BlockPool(nBlocks)},
            {MemoryKind::Window, BlockPool(nBlocks), 40},
            {MemoryKind::Latent, BlockPool(nBlocks)},
            {MemoryKind::Recurrent, BlockPool(nBlocks)}};
}

void grow(SequenceMemory& memory, std::int64_t nTokens) {
    SequenceReservation reservation(memory, nTokens);
    QVERIFY(reservation.ok());
    reservation.commit();
}

std::vector<std::int32_t> used(const MemoryGroups& groups) {
    std::vector<std::int32_t> counts;
    for (const MemoryGroup& group : groups) counts.push_back(group.pool.nUsed());
    return counts;
}

}  // namespace

class SequenceMemoryTest : public QObject {
    Q_OBJECT

private slots:
    void pool_givesEachBlockOnce();
    void pool_keepsABlockUntilItsLastHolder();
    void reservation_takesOnlyWhatIsNeeded();
    void reservation_rollsBackWhenDropped();
    void reservation_failsWithoutHoldingAnything();
    void reservation_isOfAllGroupsOrOfNone_data();
    void reservation_isOfAllGroupsOrOfNone();
    void memory_refusesMoreThanItsRoom();
    void truncate_givesBackWholeBlocks();
    void window_givesBackWhatNoStepReads_data();
    void window_givesBackWhatNoStepReads();
    void window_isMissedWhenGoingBackFar();
    void state_isOneBlockWhateverTheLength();
    void state_thatIsKeptIsGoneBackTo();
    void state_thatIsOldestIsForgotten();
    void share_holdsTheSameBlocks();
    void share_copiesTheTailOnWrite();
    void share_leavesTheOriginalsWhenDropped();
    void share_stopsAtWhatIsThere();
    void gap_givesItsBlocksBackAndClosesUp();
    void takeOwn_leavesTheOthersTheirs();
    void randomOperations_loseAndMixNothing();
};

void SequenceMemoryTest::pool_givesEachBlockOnce() {
    BlockPool pool(3);
    QCOMPARE(*pool.take(), 0);
    QCOMPARE(*pool.take(), 1);
    QCOMPARE(*pool.take(), 2);
    QVERIFY(!pool.take());
    pool.release(1);
    QCOMPARE(*pool.take(), 1);
    QCOMPARE(pool.nUsed(), 3);
}

void SequenceMemoryTest::pool_keepsABlockUntilItsLastHolder() {
    BlockPool pool(1);
    const BlockId block = *pool.take();
    pool.addHolder(block);
    pool.release(block);
    QVERIFY(!pool.take());
    pool.release(block);
    QCOMPARE(pool.nFree(), 1);
}

void SequenceMemoryTest::reservation_takesOnlyWhatIsNeeded() {
    MemoryGroups groups = fullGroup(8);
    SequenceMemory memory(groups, 32, 200);
    for (const auto& [nNew, nBlocks] :
         std::vector<std::pair<std::int64_t, std::size_t>>{{1, 1}, {31, 1}, {1, 2}, {64, 4}}) {
        grow(memory, nNew);
        QCOMPARE(memory.blocks().size(), nBlocks);
    }
    QCOMPARE(memory.nTokens(), 97);
}

void SequenceMemoryTest::reservation_rollsBackWhenDropped() {
    MemoryGroups groups = allGroups(8);
    SequenceMemory memory(groups, 32, 200);
    grow(memory, 40);
    const auto before = memory.blocks();
    {
        SequenceReservation dropped(memory, 100);
        QVERIFY(dropped.ok());
        QCOMPARE(memory.blocks().size(), std::size_t{5});
        SequenceReservation moved(std::move(dropped));
    }
    QCOMPARE(memory.blocks(), before);
    QCOMPARE(memory.nTokens(), 40);
    QCOMPARE(used(groups), (std::vector<std::int32_t>{2, 2, 2, 1}));
}

void SequenceMemoryTest::reservation_failsWithoutHoldingAnything() {
    MemoryGroups groups = fullGroup(2);
    SequenceMemory memory(groups, 32, 200);
    SequenceReservation tooMuch(memory, 65);
    QVERIFY(!tooMuch.ok());
    QCOMPARE(groups[0].pool.nFree(), 2);
    QVERIFY(memory.blocks().empty());
}

void SequenceMemoryTest::reservation_isOfAllGroupsOrOfNone_data() {
    QTest::addColumn<int>("emptyGroup");
    for (int groupIndex = 0; groupIndex < 4; ++groupIndex)
        QTest::addRow("group %d is empty", groupIndex) << groupIndex;
}

void SequenceMemoryTest::reservation_isOfAllGroupsOrOfNone() {
    QFETCH(int, emptyGroup);
    MemoryGroups groups = allGroups(4);
    BlockPool& empty = groups[static_cast<std::size_t>(emptyGroup)].pool;
    while (empty.nFree() > 0) empty.take();
    const auto before = used(groups);
    SequenceMemory memory(groups, 32, 200);
    SequenceReservation reservation(memory, 1);
    QVERIFY(!reservation.ok());
    QCOMPARE(used(groups), before);
    empty.release(0);
    grow(memory, 1);
    QCOMPARE(memory.nTokens(), 1);
}

void SequenceMemoryTest::memory_refusesMoreThanItsRoom() {
    MemoryGroups groups = fullGroup(8);
    SequenceMemory memory(groups, 32, 40);
    QVERIFY(!SequenceReservation(memory, 41).ok());
    QVERIFY(SequenceReservation(memory, 40).ok());
}

void SequenceMemoryTest::truncate_givesBackWholeBlocks() {
    MemoryGroups groups = fullGroup(8);
    {
        SequenceMemory memory(groups, 32, 200);
        grow(memory, 100);
        QCOMPARE(memory.truncate(64), 64);
        QCOMPARE(memory.blocks().size(), std::size_t{2});
        QCOMPARE(memory.truncate(33), 33);
        QCOMPARE(memory.blocks().size(), std::size_t{2});
        QCOMPARE(memory.nTokens(), 33);
        QCOMPARE(memory.truncate(1000), 33);
    }
    QCOMPARE(groups[0].pool.nFree(), 8);  // the sequence's end gives back the rest
}

void SequenceMemoryTest::window_givesBackWhatNoStepReads_data() {
    QTest::addColumn<qint64>("window");
    QTest::addColumn<qint64>("nPerStep");
    for (const qint64 window : {1, 31, 32, 33, 64, 100, 1000})
        for (const qint64 nPerStep : {1, 7, 32, 50})
            QTest::addRow("window %lld, %lld per step", window, nPerStep) << window << nPerStep;
}

// After every step: a block is there if, and only if, the next step reads a position of it.
void SequenceMemoryTest::window_givesBackWhatNoStepReads() {
    QFETCH(qint64, window);
    QFETCH(qint64, nPerStep);
    MemoryGroups groups{{MemoryKind::Window, BlockPool(16), window}};
    SequenceMemory memory(groups, 32, 512);
    while (memory.nTokens() + nPerStep <= 400) {
        grow(memory, nPerStep);
        const std::int64_t firstRead = std::max<std::int64_t>(0, memory.nTokens() - window + 1);
        std::int32_t nHeld = 0;
        for (std::int64_t block = 0; block < std::ssize(memory.blocks()); ++block) {
            const bool isThere = memory.blocks()[static_cast<std::size_t>(block)] != kGivenBack;
            QCOMPARE(isThere, (block + 1) * 32 > firstRead);
            nHeld += isThere ? 1 : 0;
        }
        QCOMPARE(groups[0].pool.nUsed(), nHeld);
    }
    memory.clear();
    QCOMPARE(groups[0].pool.nUsed(), 0);
}

void SequenceMemoryTest::window_isMissedWhenGoingBackFar() {
    MemoryGroups groups{{MemoryKind::Window, BlockPool(16), 40}};
    SequenceMemory memory(groups, 32, 512);
    grow(memory, 200);
    // Position 200 reads from 161 on: blocks from 160 are there, enough for a step at 199.
    QCOMPARE(memory.lastRestorable(199), 199);
    QCOMPARE(memory.lastRestorable(198), 0);
    QCOMPARE(memory.truncate(199), 199);
    QCOMPARE(memory.truncate(100), 0);
    QCOMPARE(groups[0].pool.nUsed(), 0);
}

void SequenceMemoryTest::state_isOneBlockWhateverTheLength() {
    MemoryGroups groups{{MemoryKind::Recurrent, BlockPool(2)}};
    {
        SequenceMemory memory(groups, 32, 512);
        for (int step = 0; step < 4; ++step) {
            grow(memory, 100);
            QCOMPARE(memory.blocks(), (std::vector<BlockId>{0}));
        }
        QCOMPARE(memory.lastRestorable(399), 0);
        QCOMPARE(memory.lastRestorable(400), 400);
    }
    QCOMPARE(groups[0].pool.nUsed(), 0);
}

void SequenceMemoryTest::state_thatIsKeptIsGoneBackTo() {
    MemoryGroups groups = allGroups(8);
    SequenceMemory memory(groups, 32, 200);
    grow(memory, 50);
    memory.keepState();
    memory.keepState();  // once is enough
    const BlockId kept = memory.blocks(3).front();
    QCOMPARE(groups[3].pool.nUsed(), 1);
    for (int round = 0; round < 2; ++round) {  // as often as wanted
        SequenceReservation step(memory, 4);
        QVERIFY(step.ok());
        // The step writes into a state of its own, which begins as the kept one.
        QCOMPARE(step.copies().size(), std::size_t{1});
        QCOMPARE(step.copies().front(), (BlockCopy{3, kept, memory.blocks(3).front()}));
        QVERIFY(memory.blocks(3).front() != kept);
        step.commit();
        QCOMPARE(memory.lastRestorable(53), 50);
        QCOMPARE(memory.truncate(53), 50);
        QCOMPARE(memory.blocks(3).front(), kept);
        QCOMPARE(memory.nTokens(), 50);
        QCOMPARE(groups[3].pool.nUsed(), 1);
    }
    QCOMPARE(memory.truncate(49), 0);
    QCOMPARE(used(groups), (std::vector<std::int32_t>{0, 0, 0, 0}));
}

void SequenceMemoryTest::state_thatIsOldestIsForgotten() {
    MemoryGroups groups{{MemoryKind::Recurrent, BlockPool(16)}};
    SequenceMemory memory(groups, 32, 512);
    for (int step = 0; step < 6; ++step) {
        grow(memory, 10);
        memory.keepState();
    }
    grow(memory, 1);
    QCOMPARE(groups[0].pool.nUsed(), 5);  // four kept, one at work
    QCOMPARE(memory.lastRestorable(29), 0);
    QCOMPARE(memory.lastRestorable(45), 40);
    QCOMPARE(memory.truncate(45), 40);
    QCOMPARE(groups[0].pool.nUsed(), 2);
    memory.clear();
    QCOMPARE(groups[0].pool.nUsed(), 0);
}

void SequenceMemoryTest::share_holdsTheSameBlocks() {
    MemoryGroups groups = allGroups(8);
    SequenceMemory first(groups, 32, 200);
    grow(first, 100);
    SequenceMemory second(groups, 32, 200);
    QCOMPARE(second.share(first, 1000), 100);
    for (std::size_t groupIndex = 0; groupIndex < groups.size(); ++groupIndex) {
        QCOMPARE(second.blocks(groupIndex), first.blocks(groupIndex));
        for (const BlockId block : first.blocks(groupIndex))
            if (block != kGivenBack) QCOMPARE(groups[groupIndex].pool.nHolders(block), 2);
    }
    first.clear();
    QCOMPARE(used(groups), (std::vector<std::int32_t>{4, 3, 4, 1}));
    second.clear();
    QCOMPARE(used(groups), (std::vector<std::int32_t>{0, 0, 0, 0}));
}

void SequenceMemoryTest::share_copiesTheTailOnWrite() {
    MemoryGroups groups = fullGroup(8);
    SequenceMemory first(groups, 32, 200);
    grow(first, 70);
    SequenceMemory second(groups, 32, 200);
    QCOMPARE(second.share(first, 65), 65);
    const BlockId tail = first.blocks().back();
    {
        SequenceReservation step(second, 1);
        QVERIFY(step.ok());
        QCOMPARE(step.copies().size(), std::size_t{1});
        QCOMPARE(step.copies().front(), (BlockCopy{0, tail, second.blocks().back()}));
        step.commit();
    }
    QVERIFY(second.blocks().back() != tail);
    QCOMPARE(first.blocks().back(), tail);
    QCOMPARE(second.blocks().front(), first.blocks().front());
    // Nobody else holds it any more: written in place.
    SequenceReservation own(first, 1);
    QVERIFY(own.ok() && own.copies().empty());
    own.commit();
    // At a border nothing is written into.
    SequenceMemory third(groups, 32, 200);
    QCOMPARE(third.share(first, 64), 64);
    QVERIFY(SequenceReservation(third, 1).copies().empty());
}

void SequenceMemoryTest::share_leavesTheOriginalsWhenDropped() {
    MemoryGroups groups = fullGroup(3);
    SequenceMemory first(groups, 32, 200);
    grow(first, 40);
    SequenceMemory second(groups, 32, 200);
    second.share(first, 40);
    QVERIFY(SequenceReservation(second, 1).ok());  // and is dropped
    QCOMPARE(second.blocks(), first.blocks());
    QVERIFY(!SequenceReservation(second, 32).ok());  // the copy finds room, the next block none
    QCOMPARE(second.blocks(), first.blocks());
    QCOMPARE(groups[0].pool.nFree(), 1);
    QCOMPARE(groups[0].pool.nHolders(first.blocks().back()), 2);
}

void SequenceMemoryTest::share_stopsAtWhatIsThere() {
    MemoryGroups groups = allGroups(16);
    SequenceMemory first(groups, 32, 200);
    grow(first, 50);
    first.keepState();
    grow(first, 10);
    SequenceMemory second(groups, 32, 200);
    QCOMPARE(second.share(first, 55), 50);
    QCOMPARE(second.nTokens(), 50);
    QVERIFY(second.blocks(3) != first.blocks(3));  // the kept state, not the one at work
    SequenceMemory third(groups, 32, 200);
    QCOMPARE(third.share(first, 49), 0);
    QVERIFY(third.blocks().empty());
    grow(third, 3);
}

namespace {

// What the blocks would hold: by group, block and slot the sequence's own number at a position; of
// a state the number of the position it is at.
class WrittenBytes {
public:
    WrittenBytes(const MemoryGroups& groups, std::int32_t blockTokens)
        : m_groups(groups), m_blockTokens(blockTokens) {}

    void copy(const BlockCopy& copy) {
        for (std::int32_t slot = 0; slot < m_blockTokens; ++slot)
            m_slots[{copy.groupIndex, copy.to, slot}] = m_slots[{copy.groupIndex, copy.from, slot}];
    }
    void write(const SequenceMemory& memory, std::int64_t position, std::int64_t value) {
        for (std::size_t groupIndex = 0; groupIndex < m_groups.size(); ++groupIndex)
            at(memory, groupIndex, position) = value;
    }
    // What the step at `position` would read of an earlier one.
    bool isReadable(const SequenceMemory& memory, std::size_t groupIndex, std::int64_t position,
                    std::int64_t value) {
        return at(memory, groupIndex, position) == value;
    }

private:
    std::int64_t& at(const SequenceMemory& memory, std::size_t groupIndex, std::int64_t position) {
        const bool isRecurrent = m_groups[groupIndex].isRecurrent();
        const auto blockIndex =
            static_cast<std::size_t>(isRecurrent ? 0 : position / m_blockTokens);
        const auto slot = static_cast<std::int32_t>(isRecurrent ? 0 : position % m_blockTokens);
        return m_slots[{groupIndex, memory.blocks(groupIndex)[blockIndex], slot}];
    }

    const MemoryGroups& m_groups;
    std::int32_t m_blockTokens;
    std::map<std::tuple<std::size_t, BlockId, std::int32_t>, std::int64_t> m_slots;
};

struct ModelSequence {
    std::unique_ptr<SequenceMemory> memory;
    std::vector<std::int64_t> written;  // by position
};

// Every position that a next step reads still holds what this sequence wrote or shared.
bool isWhole(const ModelSequence& sequence, const MemoryGroups& groups, WrittenBytes& bytes) {
    const std::int64_t nTokens = sequence.memory->nTokens();
    if (nTokens != std::ssize(sequence.written)) return false;
    for (std::size_t groupIndex = 0; groupIndex < groups.size(); ++groupIndex) {
        std::int64_t first = 0;
        if (groups[groupIndex].kind == MemoryKind::Window)
            first = std::max<std::int64_t>(0, nTokens + 1 - groups[groupIndex].window);
        if (groups[groupIndex].isRecurrent()) first = std::max<std::int64_t>(0, nTokens - 1);
        for (std::int64_t position = first; position < nTokens; ++position)
            if (!bytes.isReadable(*sequence.memory, groupIndex, position,
                                  sequence.written[static_cast<std::size_t>(position)]))
                return false;
    }
    return true;
}

}  // namespace

// Sequences that grow, are dropped half way, go back, are shared and end, against what each of them
// wrote: nobody ever reads another's bytes, and nothing stays taken.
void SequenceMemoryTest::gap_givesItsBlocksBackAndClosesUp() {
    MemoryGroups groups = fullGroup(8);
    BlockPool& pool = groups.front().pool;
    SequenceMemory memory(groups, 4, 32);
    grow(memory, 22);  // six blocks, the last of them half full
    const std::vector<BlockId> before = memory.blocks();
    SequenceMemory other(groups, 4, 32);
    other.share(memory, 12);
    const SequenceMemory::Gap gap{1, 2};
    QCOMPARE(memory.nAloneIn(gap), 0);
    QCOMPARE(memory.nSharedBehind(gap), 0);
    QCOMPARE(memory.nSharedBehind({0, 1}), 2);
    memory.dropGap(gap);
    QCOMPARE(memory.nTokens(), 14);
    QVERIFY(memory.blocks() == (std::vector<BlockId>{before[0], before[3], before[4], before[5]}));
    QCOMPARE(pool.nUsed(), 6);  // the other one's are still held
    other.clear();
    QCOMPARE(pool.nUsed(), 4);
    grow(memory, 18);
    QCOMPARE(memory.nTokens(), 32);
    QCOMPARE(pool.nUsed(), 8);
    QCOMPARE(memory.nAloneIn({2, 4}), 4);
    memory.clear();
    QCOMPARE(pool.nFree(), 8);
}

void SequenceMemoryTest::takeOwn_leavesTheOthersTheirs() {
    MemoryGroups groups = fullGroup(3);
    BlockPool& pool = groups.front().pool;
    SequenceMemory memory(groups, 4, 12), other(groups, 4, 12);
    grow(memory, 8);
    other.share(memory, 8);
    const BlockId shared = memory.blocks()[1];
    const auto own = memory.takeOwn(1);
    QVERIFY(own && *own != shared);
    QCOMPARE(memory.blocks()[1], *own);
    QCOMPARE(other.blocks()[1], shared);
    QCOMPARE(pool.nHolders(shared), 1);
    QVERIFY(!other.takeOwn(0));  // the pool is empty
    QCOMPARE(pool.nHolders(other.blocks()[0]), 2);
}

void SequenceMemoryTest::randomOperations_loseAndMixNothing() {
    constexpr std::int32_t kTokens = 4;  // of a block: many borders
    std::mt19937 random(7);
    const auto below = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    MemoryGroups groups{{MemoryKind::Full, BlockPool(22)},
                        {MemoryKind::Window, BlockPool(14), 9},
                        {MemoryKind::Recurrent, BlockPool(9)}};
    WrittenBytes bytes(groups, kTokens);
    std::vector<ModelSequence> sequences(5);
    for (ModelSequence& sequence : sequences)
        sequence.memory = std::make_unique<SequenceMemory>(groups, kTokens, 60);
    std::int64_t value = 0;
    int nCommitted = 0, nRefused = 0, nShared = 0, nBack = 0;
    for (int round = 0; round < 6000; ++round) {
        ModelSequence& sequence = sequences[static_cast<std::size_t>(below(5))];
        SequenceMemory& memory = *sequence.memory;
        const std::int64_t action = below(20);
        if (action < 12) {
            const std::int64_t nNew = 1 + below(7);
            // What it would take is known before.
            const bool isRoom = memory.nTokens() + nNew <= memory.maxTokens();
            bool isThere = isRoom;
            std::vector<std::int32_t> after = used(groups);
            for (std::size_t groupIndex = 0; groupIndex < groups.size(); ++groupIndex) {
                const auto nWanted =
                    static_cast<std::int32_t>(memory.nBlocksWanted(groupIndex, nNew));
                isThere = isThere && nWanted <= groups[groupIndex].pool.nFree();
                after[groupIndex] += nWanted;
            }
            SequenceReservation reservation(memory, nNew);
            QCOMPARE(reservation.ok(), isThere);
            if (isThere) QCOMPARE(used(groups), after);
            nRefused += reservation.ok() ? 0 : 1;
            if (reservation.ok() && action < 10) {
                for (const BlockCopy& copy : reservation.copies()) bytes.copy(copy);
                for (std::int64_t position = memory.nTokens(); position < memory.nTokens() + nNew;
                     ++position) {
                    sequence.written.push_back(++value);
                    bytes.write(memory, position, value);
                }
                reservation.commit();
                ++nCommitted;
            }
        } else if (action < 14) {
            memory.keepState();
        } else if (action < 16) {
            const std::int64_t last = memory.truncate(below(memory.nTokens() + 1));
            sequence.written.resize(static_cast<std::size_t>(last));
            nBack += last > 0 ? 1 : 0;
        } else if (action < 18) {
            const ModelSequence& other = sequences[static_cast<std::size_t>(below(5))];
            memory.clear();
            const std::int64_t last = memory.share(*other.memory, below(60));
            sequence.written.assign(other.written.begin(), other.written.begin() + last);
            nShared += last > 0 ? 1 : 0;
        } else if (action == 18) {
            memory.clear();
            sequence.written.clear();
        }
        for (const ModelSequence& each : sequences) QVERIFY(isWhole(each, groups, bytes));
    }
    QVERIFY2(
        nCommitted > 500 && nRefused > 100 && nShared > 50 && nBack > 50,
        qPrintable(QString("%1 %2 %3 %4").arg(nCommitted).arg(nRefused).arg(nShared).arg(nBack)));
    sequences.clear();
    for (const MemoryGroup& group : groups) QCOMPARE(group.pool.nUsed(), 0);
}

QTEST_APPLESS_MAIN(SequenceMemoryTest)
#include "sequence_memory_test.moc"
