// What was computed is found again by its tokens, from the first on and no further than they are
// the same; what nobody holds goes when room is needed, and nothing else does. Against a list of
// all that was kept, whatever the order of doing.
#include "engine/kvcache/prefix_cache.h"

#include <QtTest>
#include <algorithm>
#include <map>
#include <memory>
#include <random>

using namespace sotto;

namespace {

constexpr std::int32_t kBlock = 4;

using Tokens = std::vector<std::int32_t>;

Tokens counted(std::int32_t first, std::size_t count) {
    Tokens tokens(count);
    for (std::size_t index = 0; index < count; ++index)
        tokens[index] = first + static_cast<std::int32_t>(index);
    return tokens;
}

Tokens operator+(Tokens left, const Tokens& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

struct Fixture {
    explicit Fixture(std::int32_t nBlocks)
        : groups{{MemoryKind::Full, BlockPool(nBlocks)}},
          cache(groups, kBlock, std::move(*KeyedHash::create({}))) {}

    MemoryGroups groups;
    PrefixCache cache;

    BlockPool& pool() { return groups.front().pool; }
    std::unique_ptr<SequenceMemory> sequence() {
        return std::make_unique<SequenceMemory>(groups, kBlock, 1000);
    }
    // A sequence that computes what it does not find, and no more than there is room for.
    std::unique_ptr<SequenceMemory> computed(const Tokens& tokens) {
        auto memory = sequence();
        cache.share(*memory, std::span(tokens).first(tokens.size() - 1));
        const std::int64_t nNew = std::ssize(tokens) - memory->nTokens();
        cache.makeRoom(memory->nBlocksWanted(0, nNew));
        SequenceReservation blocks(*memory, nNew);
        if (!blocks.ok()) return nullptr;
        blocks.commit();
        return memory;
    }
    // One that ended.
    void keep(const Tokens& tokens) {
        const auto memory = computed(tokens);
        QVERIFY(memory != nullptr);
        cache.keep(*memory, tokens);
    }
    std::int64_t found(const Tokens& tokens) const { return cache.find(tokens).nTokens; }
};

}  // namespace

class PrefixCacheTest : public QObject {
    Q_OBJECT

private slots:
    // A window slides over what it kept: what hangs on that goes with it, and what others hold of
    // it is theirs and found by nobody.
    void forgotten_goesWithAllThatHangsOnIt() {
        Fixture fixture(16);
        const Tokens beginning = counted(1, 8), text = beginning + counted(20, 10);
        const Tokens branch = beginning + counted(50, 9);
        fixture.keep(branch);
        fixture.keep(text);
        const auto memory = fixture.computed(text);
        const auto other = fixture.computed(branch);
        const std::int32_t nUsed = fixture.pool().nUsed();
        fixture.cache.forget(memory->blocks()[1]);
        QCOMPARE(fixture.found(text), kBlock);
        QCOMPARE(fixture.found(branch), kBlock);
        QCOMPARE(fixture.pool().nUsed(), nUsed);
        QCOMPARE(fixture.pool().nIdle(), 0);
        QCOMPARE(std::ssize(fixture.cache.kept()), 1);
        fixture.cache.forget(memory->blocks()[2]);  // which is not kept any more
        QCOMPARE(std::ssize(fixture.cache.kept()), 1);
        fixture.cache.keep(*memory, text);
        QCOMPARE(fixture.found(text), std::ssize(text));
    }

    void nothing_isFoundOfNothing() {
        Fixture fixture(8);
        QCOMPARE(fixture.found({}), 0);
        QCOMPARE(fixture.found(counted(1, 9)), 0);
        fixture.keep(counted(1, 9));
        QCOMPARE(fixture.found({}), 0);
        QCOMPARE(fixture.found({2, 3}), 0);
    }

    void beginning_isFoundAsFarAsItIsTheSame() {
        Fixture fixture(8);
        const Tokens kept = counted(1, 10);  // two blocks and a half
        fixture.keep(kept);
        for (std::size_t nSame = 0; nSame <= kept.size(); ++nSame) {
            Tokens asked(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(nSame));
            QCOMPARE(fixture.found(asked), std::ssize(asked));
            QCOMPARE(fixture.found(asked + counted(100, 9)), std::ssize(asked));
        }
    }

    // The same tokens behind others hold something else.
    void block_isOfUseBehindItsOwnBeginningOnly() {
        Fixture fixture(8);
        fixture.keep(counted(1, 12));
        QCOMPARE(fixture.found(counted(5, 8)), 0);
        QCOMPARE(fixture.found(counted(100, 4) + counted(5, 8)), 0);
    }

    void blocks_areShared_andCountAsHeld() {
        Fixture fixture(8);
        fixture.keep(counted(1, 10));
        QCOMPARE(fixture.pool().nIdle(), 3);
        QCOMPARE(fixture.cache.find(counted(1, 10)).nHeldBlocks, 0);
        const auto memory = fixture.sequence();
        QCOMPARE(fixture.cache.share(*memory, counted(1, 9)), 9);
        QCOMPARE(memory->nTokens(), 9);
        QCOMPARE(fixture.pool().nIdle(), 0);
        QCOMPARE(fixture.pool().nUsed(), 3);
        QCOMPARE(fixture.cache.find(counted(1, 10)).nHeldBlocks, 2);  // the third is not full
    }

    // What others may find is not written into.
    void keptBlock_isCopiedBeforeItIsWritten() {
        Fixture fixture(8);
        fixture.keep(counted(1, 10));
        const auto memory = fixture.sequence();
        fixture.cache.share(*memory, counted(1, 10));
        const BlockId kept = memory->blocks().back();
        QVERIFY(memory->isWritingIntoShared(0));
        SequenceReservation blocks(*memory, 1);
        QVERIFY(blocks.ok());
        QCOMPARE(blocks.copies().size(), std::size_t{1});
        QCOMPARE(blocks.copies().front().from, kept);
        blocks.commit();
        QVERIFY(memory->blocks().back() != kept);
        QCOMPARE(fixture.found(counted(1, 10) + counted(50, 3)), 10);
    }

    void longerEnd_takesThePlaceOfItsBeginning() {
        Fixture fixture(8);
        fixture.keep(counted(1, 5));
        fixture.keep(counted(1, 7));
        QCOMPARE(fixture.pool().nIdle(), 2);
        fixture.keep(counted(1, 8));
        QCOMPARE(fixture.pool().nIdle(), 2);
        fixture.keep(counted(1, 6));  // is there
        QCOMPARE(fixture.pool().nIdle(), 2);
        QCOMPARE(fixture.found(counted(1, 8)), 8);
    }

    void branches_shareWhatIsTheSame() {
        Fixture fixture(12);
        const Tokens system = counted(1, 8);
        fixture.keep(system + counted(20, 6));
        fixture.keep(system + counted(40, 6));
        fixture.keep(system + counted(20, 2) + counted(60, 4));  // within a block
        QCOMPARE(fixture.found(system + counted(20, 6)), 14);
        QCOMPARE(fixture.found(system + counted(40, 6)), 14);
        QCOMPARE(fixture.found(system + counted(20, 2) + counted(60, 4)), 14);
        QCOMPARE(fixture.pool().nIdle(), 2 + 3 * 2);
    }

    void twoThatComputeTheSame_leaveItOnce() {
        Fixture fixture(12);
        const Tokens tokens = counted(1, 12);
        auto one = fixture.computed(tokens), other = fixture.computed(tokens);
        fixture.cache.keep(*one, tokens);
        fixture.cache.keep(*other, tokens);
        one.reset();
        other.reset();
        QCOMPARE(fixture.pool().nIdle(), 3);
        QCOMPARE(fixture.pool().nFree(), 9);
    }

    // Whoever holds a block holds what it hangs on: nothing idle is out of reach.
    void whatIsThere_isHeldInPlaceOfItsTwin() {
        Fixture fixture(8);
        const Tokens shared = counted(1, 8);
        auto one = fixture.computed(shared + counted(20, 4));
        auto other = fixture.computed(shared + counted(40, 4));
        QCOMPARE(fixture.pool().nUsed(), 6);
        fixture.cache.keep(*one, shared + counted(20, 4));
        fixture.cache.keep(*other, shared + counted(40, 4));
        QCOMPARE(fixture.pool().nUsed(), 4);
        QVERIFY(
            std::equal(one->blocks().begin(), one->blocks().begin() + 2, other->blocks().begin()));
        one.reset();
        QCOMPARE(fixture.pool().nIdle(), 1);
        fixture.cache.makeRoom(5);
        QCOMPARE(fixture.pool().nFree(), 5);
    }

    void room_isMadeOfWhatWasUsedLeastRecently_fromTheEnds() {
        Fixture fixture(6);
        fixture.keep(counted(1, 12));    // three blocks
        fixture.keep(counted(100, 12));  // three more
        QCOMPARE(fixture.pool().nFree(), 0);
        const auto memory = fixture.sequence();
        fixture.cache.share(*memory, counted(1, 8));
        memory->clear();
        fixture.cache.makeRoom(1);
        QCOMPARE(fixture.pool().nFree(), 1);
        QCOMPARE(fixture.found(counted(1, 12)), 8);  // its end was not used again
        QCOMPARE(fixture.found(counted(100, 12)), 12);
        fixture.cache.makeRoom(2);
        QCOMPARE(fixture.found(counted(100, 12)), 8);
        fixture.cache.makeRoom(4);
        QCOMPARE(fixture.found(counted(100, 12)), 0);
        QCOMPARE(fixture.found(counted(1, 12)), 8);
        fixture.cache.makeRoom(100);
        QCOMPARE(fixture.pool().nFree(), 6);
        QCOMPARE(fixture.found(counted(1, 12)), 0);
    }

    void whatIsHeld_stays() {
        Fixture fixture(4);
        fixture.keep(counted(1, 14));
        const auto memory = fixture.sequence();
        fixture.cache.share(*memory, counted(1, 6));
        fixture.cache.makeRoom(4);
        QCOMPARE(fixture.pool().nFree(), 2);
        QCOMPARE(fixture.pool().nUsed(), 2);
        QCOMPARE(fixture.found(counted(1, 14)), 8);
    }

    void forgetting_freesWhatNobodyHolds() {
        Fixture fixture(6);
        fixture.keep(counted(1, 10));
        auto memory = fixture.sequence();
        fixture.cache.share(*memory, counted(1, 6));
        fixture.cache.clear();
        QCOMPARE(fixture.found(counted(1, 10)), 0);
        QCOMPARE(fixture.pool().nFree(), 4);
        QCOMPARE(fixture.pool().nIdle(), 0);
        memory.reset();
        QCOMPARE(fixture.pool().nFree(), 6);
        fixture.keep(counted(1, 10));
        QCOMPARE(fixture.found(counted(1, 10)), 10);
    }

    // A window's blocks are given back and a state is of one position: neither is a prefix.
    void otherKinds_areNotUsed_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("isUsable");
        QTest::newRow("full") << static_cast<int>(MemoryKind::Full) << true;
        QTest::newRow("latent") << static_cast<int>(MemoryKind::Latent) << true;
        QTest::newRow("window") << static_cast<int>(MemoryKind::Window) << false;
        QTest::newRow("recurrent") << static_cast<int>(MemoryKind::Recurrent) << false;
    }
    void otherKinds_areNotUsed() {
        QFETCH(int, kind);
        QFETCH(bool, isUsable);
        MemoryGroups groups{{static_cast<MemoryKind>(kind), BlockPool(4), 8}};
        QCOMPARE(PrefixCache::isUsable(groups), isUsable);
        groups.push_back({MemoryKind::Recurrent, BlockPool(4)});
        QVERIFY(!PrefixCache::isUsable(groups));
    }

    void anyOrder_findsTheLongestBeginning_data();
    void anyOrder_findsTheLongestBeginning();
};

void PrefixCacheTest::anyOrder_findsTheLongestBeginning_data() {
    QTest::addColumn<int>("nBlocks");
    QTest::newRow("room for all") << 4000;
    QTest::newRow("room for some") << 40;
    QTest::newRow("room for few") << 12;
}

// Sequences of a small alphabet, so that beginnings meet everywhere; some run while others come and
// go. With room for all the longest beginning of any is found, else one that is truly there.
void PrefixCacheTest::anyOrder_findsTheLongestBeginning() {
    QFETCH(int, nBlocks);
    Fixture fixture(nBlocks);
    std::mt19937 random(7);
    const auto below = [&](std::uint32_t limit) { return random() % limit; };
    struct Running {
        Tokens tokens;
        std::unique_ptr<SequenceMemory> memory;
    };
    std::vector<Running> running;
    std::vector<Tokens> kept;
    // What stands in each block, told by all tokens up to each of its places.
    std::map<BlockId, std::vector<Tokens>> contents;
    const auto write = [&](const SequenceMemory& memory, const Tokens& tokens, std::size_t from) {
        for (std::size_t at = from; at < tokens.size(); ++at) {
            auto& places = contents[memory.blocks()[at / kBlock]];
            places.resize(kBlock);
            places[at % kBlock] =
                Tokens(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(at + 1));
        }
    };
    for (int round = 0; round < 600; ++round) {
        Tokens tokens(1 + below(30));
        for (std::int32_t& token : tokens) token = static_cast<std::int32_t>(below(2));
        std::int64_t longest = 0;
        for (const Tokens& one : kept)
            longest = std::max<std::int64_t>(longest,
                                             std::ranges::mismatch(one, tokens).in1 - one.begin());
        const std::int64_t found = fixture.found(tokens);
        QVERIFY(found <= longest);
        if (nBlocks == 4000) QCOMPARE(found, longest);

        auto memory = fixture.sequence();
        const std::int64_t nShared =
            fixture.cache.share(*memory, std::span(tokens).first(tokens.size() - 1));
        QCOMPARE(nShared, std::min(found, std::ssize(tokens) - 1));
        for (std::int64_t at = 0; at < nShared; ++at) {
            const auto& places =
                contents.at(memory->blocks()[static_cast<std::size_t>(at / kBlock)]);
            QVERIFY(places[static_cast<std::size_t>(at % kBlock)] ==
                    Tokens(tokens.begin(), tokens.begin() + at + 1));
        }
        const std::int64_t nNew = std::ssize(tokens) - nShared;
        const std::int64_t nWanted = memory->nBlocksWanted(0, nNew);
        fixture.cache.makeRoom(nWanted);
        QVERIFY(fixture.pool().nFree() >= nWanted || fixture.pool().nIdle() == 0);
        SequenceReservation blocks(*memory, nNew);
        if (blocks.ok()) {
            for (const BlockCopy& copy : blocks.copies()) contents[copy.to] = contents[copy.from];
            blocks.commit();
            write(*memory, tokens, static_cast<std::size_t>(nShared));
            running.push_back({tokens, std::move(memory)});
        }
        while (!running.empty() && (running.size() > 3 || below(2) == 0)) {
            const auto ended = running.begin() + below(static_cast<std::uint32_t>(running.size()));
            if (below(4) > 0) {
                fixture.cache.keep(*ended->memory, ended->tokens);
                kept.push_back(ended->tokens);
            }
            running.erase(ended);
        }
        // What is full of one that goes on.
        if (!running.empty() && below(2) == 0) {
            const Running& one = running[below(static_cast<std::uint32_t>(running.size()))];
            const Tokens full(one.tokens.begin(),
                              one.tokens.end() - std::ssize(one.tokens) % kBlock);
            fixture.cache.keep(*one.memory, full);
            kept.push_back(full);
        }
        if (below(150) == 0) {
            fixture.cache.clear();
            kept.clear();
        }
        BlockPool& pool = fixture.pool();
        std::int32_t nHeld = 0;
        for (const std::int32_t nHolders : pool.holders()) nHeld += nHolders > 0 ? 1 : 0;
        QCOMPARE(pool.nFree() + pool.nIdle() + nHeld, pool.nBlocks());
    }
    running.clear();
    fixture.cache.makeRoom(nBlocks);
    QCOMPARE(fixture.pool().nFree(), nBlocks);
}

QTEST_GUILESS_MAIN(PrefixCacheTest)
#include "prefix_cache_test.moc"
