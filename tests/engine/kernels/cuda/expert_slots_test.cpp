// Pairs sorted by expert against std::stable_sort, the plan of blocks against all that can be
// needed, the sum of a token's experts against double precision and, for its order, to the bit.
#include "engine/kernels/cuda/expert_slots.h"

#include <QtTest>
#include <algorithm>
#include <bit>
#include <climits>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "tests/support/simt/control.h"

using namespace sotto;

namespace {

constexpr std::int32_t kUnwritten = 0x5a5a5a5a;

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

// What a sort gives, in memory of the exact size.
struct Sorted {
    std::vector<std::int32_t> pairOfSlot;
    std::vector<std::int32_t> slotOfPair;
    std::vector<std::int32_t> blocks;  // expert, firstSlot, nSlots of each

    bool operator==(const Sorted&) const = default;
};

Sorted sortOnDevice(const std::vector<std::int32_t>& experts, std::int64_t nTokens,
                    const ExpertChoice& choice, std::int32_t blockTokens) {
    Sorted sorted;
    sorted.pairOfSlot.assign(size(expertRows(nTokens, choice)), kUnwritten);
    sorted.slotOfPair.assign(experts.size(), kUnwritten);
    std::vector<cuda::ExpertBlock> blocks(
        size(cuda::expertBlocks(nTokens, choice, blockTokens)),
        cuda::ExpertBlock{.expert = kUnwritten, .firstSlot = kUnwritten, .nSlots = kUnwritten});
    cuda::launchSortExperts({experts.data(),
                             nTokens,
                             choice,
                             blockTokens,
                             {sorted.pairOfSlot.data(), sorted.slotOfPair.data(), blocks.data()}},
                            {});
    for (const cuda::ExpertBlock& block : blocks)
        sorted.blocks.insert(sorted.blocks.end(), {block.expert, block.firstSlot, block.nSlots});
    return sorted;
}

// The same from its definition in expert_slots.h.
Sorted sortByDefinition(const std::vector<std::int32_t>& experts, std::int64_t nTokens,
                        const ExpertChoice& choice, std::int32_t blockTokens) {
    std::vector<std::int32_t> pairs(experts.size());
    std::iota(pairs.begin(), pairs.end(), 0);
    std::stable_sort(pairs.begin(), pairs.end(),
                     [&](int a, int b) { return experts[size(a)] < experts[size(b)]; });
    Sorted sorted;
    sorted.slotOfPair.resize(experts.size());
    for (std::size_t first = 0; first < pairs.size();) {
        const std::int32_t expert = experts[size(pairs[first])];
        while (sorted.pairOfSlot.size() % 8 != 0) sorted.pairOfSlot.push_back(-1);
        std::int32_t inBlock = 0;
        for (; first < pairs.size() && experts[size(pairs[first])] == expert; ++first) {
            const auto slot = static_cast<std::int32_t>(sorted.pairOfSlot.size());
            if (inBlock % blockTokens == 0)
                sorted.blocks.insert(sorted.blocks.end(), {expert, slot, 0});
            ++inBlock;
            ++sorted.blocks.back();
            sorted.slotOfPair[size(pairs[first])] = slot;
            sorted.pairOfSlot.push_back(pairs[first]);
        }
    }
    sorted.pairOfSlot.resize(size(expertRows(nTokens, choice)), -1);
    sorted.blocks.resize(size(3 * cuda::expertBlocks(nTokens, choice, blockTokens)), 0);
    return sorted;
}

// How tokens choose.
enum class Routing {
    Even,    // any nUsed experts
    Uneven,  // few get most: a third of all experts none, as a rule
    Same,    // all tokens the same nUsed, the last one among them
};

std::vector<std::int32_t> chooseExperts(std::mt19937& random, std::int64_t nTokens,
                                        const ExpertChoice& choice, Routing routing) {
    std::vector<std::int32_t> order(size(choice.nExperts));
    std::iota(order.begin(), order.end(), 0);
    if (routing == Routing::Same) std::swap(order[0], order.back());
    std::vector<std::int32_t> experts;
    for (std::int64_t token = 0; token < nTokens; ++token) {
        if (routing == Routing::Even) std::shuffle(order.begin(), order.end(), random);
        if (routing == Routing::Uneven) {
            // The earlier ones stay in front mostly, the last third never gets there.
            const auto nOften = std::max<std::size_t>(size(choice.nUsed), order.size() * 2 / 3);
            std::swap(order[random() % nOften], order[random() % nOften * (random() % 4 == 0)]);
        }
        experts.insert(experts.end(), order.begin(), order.begin() + choice.nUsed);
    }
    return experts;
}

// The most blocks that any way of giving pairs to experts needs.
std::int64_t mostBlocks(std::int64_t nPairs, std::int64_t nExperts, std::int64_t blockTokens) {
    std::vector<std::int64_t> most(size(nPairs + 1), -1);
    most[0] = 0;
    for (std::int64_t expert = 0; expert < nExperts; ++expert) {
        std::vector<std::int64_t> next = most;
        for (std::int64_t before = 0; before <= nPairs; ++before)
            for (std::int64_t own = 1; most[size(before)] >= 0 && before + own <= nPairs; ++own)
                next[size(before + own)] =
                    std::max(next[size(before + own)],
                             most[size(before)] + (own + blockTokens - 1) / blockTokens);
        most = next;
    }
    return most[size(nPairs)];
}

}  // namespace

class ExpertSlotsTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void sort_isStableAndCutIntoBlocks_data() {
        QTest::addColumn<int>("nExperts");
        QTest::addColumn<int>("nUsed");
        QTest::addColumn<int>("nTokens");
        for (const int nExperts : {1, 3, 8, 128, 512})
            for (const int nUsed : {1, 2, 8})
                for (const int nTokens : {1, 17, 67, 130})
                    if (nUsed <= nExperts)
                        QTest::newRow(qPrintable(QString("%1 experts, %2 used, %3 tokens")
                                                     .arg(nExperts)
                                                     .arg(nUsed)
                                                     .arg(nTokens)))
                            << nExperts << nUsed << nTokens;
        QTest::newRow("most pairs that there can be") << 512 << 32 << 512;
        QTest::newRow("a chunk of Qwen 3 30B A3B") << 128 << 8 << 512;
    }
    void sort_isStableAndCutIntoBlocks() {
        QFETCH(int, nExperts);
        QFETCH(int, nUsed);
        QFETCH(int, nTokens);
        const ExpertChoice choice{.nExperts = nExperts, .nUsed = nUsed, .isNormalized = true};
        std::mt19937 random(static_cast<unsigned>(nExperts + nUsed + nTokens));
        std::uint64_t seed = 0;
        for (const Routing routing : {Routing::Even, Routing::Uneven, Routing::Same}) {
            const auto experts = chooseExperts(random, nTokens, choice, routing);
            for (const std::int32_t blockTokens : {16, 32, 64}) {
                simt::setThreadOrderSeed(seed++);
                const Sorted expected = sortByDefinition(experts, nTokens, choice, blockTokens);
                const Sorted actual = sortOnDevice(experts, nTokens, choice, blockTokens);
                QCOMPARE(actual.slotOfPair, expected.slotOfPair);
                QCOMPARE(actual.pairOfSlot, expected.pairOfSlot);
                QCOMPARE(actual.blocks, expected.blocks);
            }
        }
    }

    // Experts of a token are distinct and in range; were they not, nothing is written elsewhere
    // (the address sanitizer looks on) and every pair keeps a slot of its own: ids out of range
    // count as the last expert.
    void sort_bearsIdsThatTheRouterNeverGives() {
        constexpr std::int64_t kTokens = 37;
        const ExpertChoice choice{.nExperts = 9, .nUsed = 4, .isNormalized = true};
        std::mt19937 random(8);
        std::vector<std::int32_t> experts(size(kTokens * choice.nUsed));
        for (const int kind : {0, 1, 2}) {
            constexpr std::int32_t kWrong[] = {-1, INT_MIN, 9, 512, INT_MAX};
            for (std::int32_t& expert : experts)
                expert = kind == 0   ? kWrong[random() % 5]
                         : kind == 1 ? 4
                                     : static_cast<std::int32_t>(random() % 12) - 2;
            std::vector<std::int32_t> inRange = experts;
            for (std::int32_t& expert : inRange)
                if (expert < 0 || expert > 8) expert = 8;
            for (const std::int32_t blockTokens : {16, 64}) {
                simt::setThreadOrderSeed(static_cast<std::uint64_t>(kind));
                QVERIFY(sortOnDevice(experts, kTokens, choice, blockTokens) ==
                        sortByDefinition(inRange, kTokens, choice, blockTokens));
            }
        }
    }

    void sort_doesNothingWithoutTokens() {
        const auto before = simt::kernelsRun();
        sortOnDevice({}, 0, {8, 2, true}, 16);
        cuda::launchMixExperts({}, {});
        QCOMPARE(simt::kernelsRun(), before);
    }

    // As many as the worst routing needs, not one more.
    void expertBlocks_isTheMostThatCanBeNeeded() {
        for (const std::int32_t blockTokens : {16, 32, 64})
            for (const std::int32_t nExperts : {1, 2, 3, 5})
                for (std::int64_t nPairs = 1; nPairs <= 150; ++nPairs)
                    QCOMPARE(cuda::expertBlocks(nPairs, {nExperts, 1, true}, blockTokens),
                             mostBlocks(nPairs, nExperts, blockTokens));
    }

    // Memory made for the most tokens and the smallest blocks is enough for all steps.
    void expertBlocks_growsWithTokensAndSmallerBlocks() {
        for (const ExpertChoice& choice :
             {ExpertChoice{.nExperts = 128, .nUsed = 8, .isNormalized = true},
              ExpertChoice{.nExperts = 8, .nUsed = 2, .isNormalized = true}})
            for (std::int64_t nTokens = 1; nTokens <= 600; ++nTokens)
                for (const std::int32_t blockTokens : {16, 32, 64})
                    QVERIFY(cuda::expertBlocks(nTokens, choice, blockTokens) <=
                            cuda::expertBlocks(600, choice, 16));
    }

    void expertBlockTokens_followsTheRowsPerExpert() {
        const ExpertChoice qwen{.nExperts = 128, .nUsed = 8, .isNormalized = true};
        const ExpertChoice mixtral{.nExperts = 8, .nUsed = 2, .isNormalized = true};
        struct Case {
            const ExpertChoice& choice;
            std::int64_t nTokens;
            std::int32_t expected;
        };
        // On average 0.6, 8, 24, 32, 64, 128 and 0.25, 16, 32, 128 rows.
        for (const Case& one :
             {Case{qwen, 9, 16}, Case{qwen, 128, 16}, Case{qwen, 384, 16}, Case{qwen, 512, 32},
              Case{qwen, 1024, 32}, Case{qwen, 2048, 64}, Case{mixtral, 1, 16},
              Case{mixtral, 64, 16}, Case{mixtral, 128, 32}, Case{mixtral, 512, 64}})
            QCOMPARE(cuda::expertBlockTokens(one.nTokens, one.choice), one.expected);
    }

    void mix_addsTheWeightedRows_data() {
        QTest::addColumn<int>("nTokens");
        QTest::addColumn<int>("nUsed");
        QTest::addColumn<int>("width");
        for (const auto& [nTokens, nUsed, width] : {std::tuple{1, 1, 1},
                                                    {2, 2, 255},
                                                    {3, 8, 256},
                                                    {17, 3, 258},
                                                    {2, 8, 1024},
                                                    {5, 5, 1028},
                                                    {1, 32, 2052}})
            QTest::newRow(qPrintable(
                QString("%1 tokens, %2 used, width %3").arg(nTokens).arg(nUsed).arg(width)))
                << nTokens << nUsed << width;
    }
    void mix_addsTheWeightedRows() {
        QFETCH(int, nTokens);
        QFETCH(int, nUsed);
        QFETCH(int, width);
        const int nPairs = nTokens * nUsed;
        for (const unsigned seed : {0u, 1u, 2u, 3u}) {
            simt::setThreadOrderSeed(seed);
            std::mt19937 random(seed);
            std::normal_distribution<float> normal;
            // Slots in any order, with some between that no pair has: they are NaN.
            const bool hasSlots = seed % 2 == 0;
            const int nSlots = hasSlots ? nPairs + 9 : nPairs;
            std::vector<std::int32_t> slotOfPair(size(nSlots));
            std::iota(slotOfPair.begin(), slotOfPair.end(), 0);
            if (hasSlots) std::shuffle(slotOfPair.begin(), slotOfPair.end(), random);
            slotOfPair.resize(size(nPairs));
            const std::size_t shift = seed == 3 ? 1 : 0;  // rows not aligned
            std::vector<float> rows(size(nSlots * width) + shift,
                                    std::numeric_limits<float>::quiet_NaN());
            for (const std::int32_t slot : slotOfPair)
                for (int col = 0; col < width; ++col)
                    rows[shift + size(slot * width + col)] =
                        normal(random) * (random() % 50 == 0 ? 1000.0f : 1.0f);
            std::vector<float> weights(size(nPairs));
            for (float& weight : weights) weight = std::fabs(normal(random));
            std::vector<float> out(size(nTokens * width));
            for (float& value : out) value = normal(random);
            const std::vector<float> before = out;
            cuda::launchMixExperts({rows.data() + shift, hasSlots ? slotOfPair.data() : nullptr,
                                    weights.data(), out.data(), nTokens, nUsed, width},
                                   {});
            for (int cell = 0; cell < nTokens * width; ++cell) {
                double exact = before[size(cell)];
                double magnitude = std::fabs(exact);
                float inOrder = 0.0f;
                for (int index = 0; index < nUsed; ++index) {
                    const int pair = cell / width * nUsed + index;
                    const float row =
                        rows[shift + size(slotOfPair[size(pair)] * width + cell % width)];
                    exact += static_cast<double>(weights[size(pair)]) * row;
                    magnitude += std::fabs(static_cast<double>(weights[size(pair)]) * row);
                    inOrder = std::fma(weights[size(pair)], row, inOrder);
                }
                // One rounding per expert and one of the sum with what was there.
                QVERIFY(std::fabs(out[size(cell)] - exact) <= (nUsed + 1) * 0x1p-24 * magnitude);
                QCOMPARE(std::bit_cast<std::uint32_t>(out[size(cell)]),
                         std::bit_cast<std::uint32_t>(before[size(cell)] + inOrder));
            }
        }
    }
};

QTEST_GUILESS_MAIN(ExpertSlotsTest)
#include "expert_slots_test.moc"
