// Attention on the processor cut within a row: pieces for every thread, and the same bits however
// it was cut; rotation in vectors is the plain formula; keys and values of different length.
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <span>
#include <tuple>
#include <vector>

#include "engine/kernels/cpu/attention_plan.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "tests/engine/kernels/attention_scene.h"
#include "tests/support/random_floats.h"

using namespace sotto;
using test::randomFloats;
using test::Run;
using test::Scene;

Q_DECLARE_METATYPE(Isa)

namespace {

void addIsaRows() {
    QTest::addColumn<Isa>("isa");
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
        QTest::addRow("%s", isaName(isa).data()) << isa;
}

}  // namespace

class CpuAttentionTest : public QObject {
    Q_OBJECT

private slots:
    void plan_oneRowOfFewHeads_hasPiecesForEveryThread();
    void plan_coversEveryPlaceOnce();
    void attention_anyThreadCount_givesTheSameBits_data() { addIsaRows(); }
    void attention_anyThreadCount_givesTheSameBits();
    void attention_anyCountOfRows_givesTheSameBits_data() { addIsaRows(); }
    void attention_anyCountOfRows_givesTheSameBits();
    void attention_valueThatARowDoesNotSee_neverReachesIt_data() { addIsaRows(); }
    void attention_valueThatARowDoesNotSee_neverReachesIt();
    void attention_valuesShorterThanKeys_agreesWithTheReference_data() { addIsaRows(); }
    void attention_valuesShorterThanKeys_agreesWithTheReference();
    void ropeStore_anyCountOfRows_storesTheSameBits_data() { addIsaRows(); }
    void ropeStore_anyCountOfRows_storesTheSameBits();
    void rotation_interleaved_isThePlainFormula_data() { addIsaRows(); }
    void rotation_interleaved_isThePlainFormula();
};

void CpuAttentionTest::plan_oneRowOfFewHeads_hasPiecesForEveryThread() {
    Scene scene;
    scene.nTokens = 4096;
    const std::vector<std::int32_t> position{4095}, sequence{0};
    AttentionArgs args;
    args.nHeads = scene.nHeads;
    args.cache.shape = scene.shape;
    args.batch = {position, sequence, {}};
    for (const int nThreads : {2, 4, 8, 16}) {
        cpu::AttentionPlan plan;
        plan.reserve(scene.limits(1), nThreads);
        plan.make(args);
        QVERIFY2(plan.nPieces() >= nThreads, qPrintable(QString::number(nThreads)));
    }
    // One thread has nothing to share, eight KV heads are enough for two.
    cpu::AttentionPlan alone;
    alone.reserve(scene.limits(1), 1);
    alone.make(args);
    QCOMPARE(alone.nPieces(), std::int64_t{scene.shape.nKvHeads});
}

// Two sequences and a window, split and whole: every (row, KV head, split) belongs to one piece,
// and the partial results of no two pieces overlap.
void CpuAttentionTest::plan_coversEveryPlaceOnce() {
    std::vector<std::int32_t> positions, sequence;
    for (std::int32_t row = 0; row < 5; ++row)
        positions.push_back(1022 + row), sequence.push_back(0);
    positions.push_back(40), sequence.push_back(1);
    AttentionArgs args;
    args.nHeads = 6;
    args.window = 700;
    args.cache.shape = kvLayerShape(2, 64, KvType::F16);
    args.batch = {positions, sequence, {}};
    Scene scene;
    scene.nHeads = 6;
    for (const int nThreads : {1, 3, 64}) {
        cpu::AttentionPlan plan;
        plan.reserve(scene.limits(6), nThreads);
        plan.make(args);
        QCOMPARE(plan.isSplit(), nThreads > 1);
        std::vector<std::pair<std::int64_t, std::int64_t>> states;  // [begin, end)
        std::vector<int> nSeen(6 * 2 * 3, 0);                       // [row][KV head][split]
        for (std::int64_t index = 0; index < plan.nPieces(); ++index) {
            const cpu::AttentionPiece piece = plan.piece(index);
            const bool isWhole = piece.split < 0;
            const std::int64_t first = isWhole ? piece.tile->firstSplit : piece.split;
            const std::int64_t end =
                isWhole ? piece.tile->firstSplit + piece.tile->nSplits : piece.split + 1;
            for (std::int64_t row = 0; row < piece.tile->nTokens; ++row)
                for (std::int64_t split = first; split < end; ++split)
                    ++nSeen[static_cast<std::size_t>(
                        ((piece.tile->firstToken + row) * 2 + piece.kvHead) * 3 + split)];
            if (isWhole) continue;
            const std::int64_t begin = plan.stateIndex(piece);
            states.emplace_back(begin, begin + piece.tile->nTokens * 3);
        }
        for (std::size_t row = 0; row < positions.size(); ++row)
            for (std::size_t place = 0; place < 6; ++place) {
                const auto split = static_cast<std::int64_t>(place % 3);
                // The tile's first row sees from 323 on, its last one up to 1026.
                const bool isVisible = row < 5 || split == 0;
                QCOMPARE(nSeen[row * 6 + place], isVisible ? 1 : 0);
            }
        std::sort(states.begin(), states.end());
        for (std::size_t index = 1; index < states.size(); ++index)
            QVERIFY(states[index - 1].second <= states[index].first);
        if (!states.empty())
            QVERIFY(states.back().second <=
                    cpu::AttentionPlan::maxStates(scene.limits(6), nThreads));
    }
}

void CpuAttentionTest::attention_anyThreadCount_givesTheSameBits() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    for (const std::int32_t window : {0, 700})
        for (const std::int32_t nRows : {1, 3, 20}) {
            Scene scene;
            scene.window = window;
            std::vector<float> expected;
            for (const int nThreads : {1, 2, 3, 7}) {
                const auto kernels = createCpuKernels({nThreads, isa});
                Run run(*kernels, scene);
                QVERIFY(run.isReserved);
                const auto actual = run.attend(scene.nTokens - nRows, scene.nTokens);
                QVERIFY(std::none_of(actual.begin(), actual.end(),
                                     [](float value) { return std::isnan(value); }));
                if (expected.empty()) expected = actual;
                QVERIFY2(std::memcmp(expected.data(), actual.data(),
                                     expected.size() * sizeof(float)) == 0,
                         qPrintable(QString("%1 threads, %2 rows, window %3")
                                        .arg(nThreads)
                                        .arg(nRows)
                                        .arg(window)));
            }
        }
}

// Rows on both sides of a split's border, as one prompt and one by one.
void CpuAttentionTest::attention_anyCountOfRows_givesTheSameBits() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    const auto kernels = createCpuKernels({3, isa});
    for (const std::int32_t window : {0, 520}) {
        Scene scene;
        scene.nTokens = 1060;
        scene.window = window;
        Run run(*kernels, scene);
        constexpr std::int32_t kFirst = 990;
        const auto together = run.attend(kFirst, scene.nTokens);
        const std::size_t rowFloats = together.size() / (scene.nTokens - kFirst);
        for (std::int32_t row = kFirst; row < scene.nTokens; ++row) {
            const auto alone = run.attend(row, row + 1);
            QVERIFY2(
                std::memcmp(alone.data(),
                            together.data() + static_cast<std::size_t>(row - kFirst) * rowFloats,
                            rowFloats * sizeof(float)) == 0,
                qPrintable(QString("position %1, window %2").arg(row).arg(window)));
        }
    }
}

// Rows of one step: those that see a value that is no number are none either, the others keep their
// bits, whether it comes after them or has left their window; with one, three and six heads per
// key, so with as few queries as read the cache itself and with many.
void CpuAttentionTest::attention_valueThatARowDoesNotSee_neverReachesIt() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    constexpr std::int32_t kFirst = 540, kStrange = 545;
    const auto kernels = createCpuKernels({2, isa});
    for (const KvType type : {KvType::F16, KvType::F32})
        for (const std::int32_t nHeads : {2, 6, 12})
            for (const std::int32_t window : {0, 7})
                for (const std::int32_t end : {546, 547, 560}) {
                    Scene scene;
                    scene.nHeads = nHeads;
                    scene.shape = kvLayerShape(2, 64, type);
                    scene.nTokens = 560;
                    scene.window = window;
                    const auto clean = Run(*kernels, scene).attend(kFirst, end);
                    scene.strangePosition = kStrange;
                    for (const float strange : {std::numeric_limits<float>::infinity(),
                                                std::numeric_limits<float>::quiet_NaN()}) {
                        scene.strange = strange;
                        const auto actual = Run(*kernels, scene).attend(kFirst, end);
                        const std::size_t rowFloats = actual.size() / (end - kFirst);
                        for (std::int32_t row = kFirst; row < end; ++row) {
                            const auto offset = static_cast<std::size_t>(row - kFirst) * rowFloats;
                            const bool isSeen =
                                row >= kStrange && (window == 0 || row - window < kStrange);
                            const auto own = std::span(actual).subspan(offset, rowFloats);
                            const bool isRight =
                                isSeen ? std::none_of(own.begin(), own.end(),
                                                      [](float x) { return std::isfinite(x); })
                                       : std::memcmp(own.data(), clean.data() + offset,
                                                     own.size_bytes()) == 0;
                            QVERIFY2(isRight, qPrintable(QString("%1 heads, window %2, rows to %3, "
                                                                 "row %4")
                                                             .arg(nHeads)
                                                             .arg(window)
                                                             .arg(end)
                                                             .arg(row)));
                        }
                    }
                }
}

// The bound of selftest's attention cases.
void CpuAttentionTest::attention_valuesShorterThanKeys_agreesWithTheReference() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    constexpr double kRounding = 0x1p-24, kLargest = 6;
    for (const auto& [keyDim, valueDim] : {std::pair{72, 40}, {24, 64}}) {
        Scene scene;
        scene.nTokens = 700;
        scene.shape.key.dim = keyDim;
        scene.shape.value.dim = valueDim;
        const auto slow = createReferenceKernels();
        const auto fast = createCpuKernels({2, isa});
        const auto expected = Run(*slow, scene).attend(660, 700);
        const auto actual = Run(*fast, scene).attend(660, 700);
        // Each of the queries' sums of sizes is below keyDim times the largest.
        const double delta = kRounding * (keyDim + 4) * keyDim * kLargest * std::sqrt(1.0 / keyDim);
        const double bound = (2 * delta + kRounding * (700 + 32)) * kLargest;
        for (std::size_t index = 0; index < expected.size(); ++index)
            QVERIFY(std::fabs(double{expected[index]} - double{actual[index]}) <= bound);
    }
}

// Two sequences, one behind the other in a step: queries and cache as if every token came alone;
// runs that begin anywhere, end with a block, a chunk or the sequence.
void CpuAttentionTest::ropeStore_anyCountOfRows_storesTheSameBits() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    constexpr std::int32_t kTokens = 75, kHeads = 4, kKvHeads = 2;
    const auto kernels = createCpuKernels({3, isa});
    for (const auto& [headDim, valueDim, type] :
         {std::tuple{64, 64, KvType::F16}, {72, 40, KvType::F16}, {24, 64, KvType::F32}})
        for (const RopeKind kind : {RopeKind::None, RopeKind::Neox, RopeKind::Interleaved}) {
            KvLayerShape shape = kvLayerShape(kKvHeads, headDim, type);
            shape.value.dim = valueDim;
            QVERIFY(kernels
                        ->reserve({.maxTokens = 2 * kTokens,
                                   .maxCols = 1024,
                                   .maxHeads = kHeads,
                                   .maxHeadDim = std::max(headDim, valueDim),
                                   .maxContext = 128})
                        .has_value());
            std::mt19937 random(11);
            const auto floats = [&](std::int32_t nHeads, std::int32_t dim) {
                return randomFloats(random, static_cast<std::size_t>(2 * kTokens * nHeads * dim));
            };
            const std::vector<float> queries = floats(kHeads, headDim),
                                     k = floats(kKvHeads, headDim), v = floats(kKvHeads, valueDim),
                                     frequencies = randomFloats(random, 12);
            const std::vector<std::int32_t> blocks{5, 0, 3, 1, 2, 4};
            const std::vector<BlockTableView> tables{{std::span(blocks).first(3)},
                                                     {std::span(blocks).last(3)}};
            std::vector<std::int32_t> positions(2 * kTokens), sequence(2 * kTokens);
            for (std::int32_t row = 0; row < 2 * kTokens; ++row) {
                positions[static_cast<std::size_t>(row)] = row % kTokens;
                sequence[static_cast<std::size_t>(row)] = row / kTokens;
            }
            // Queries, then the blocks in canonical form.
            const auto storeBy = [&](std::int32_t nRows) {
                std::vector<float> q = queries;
                std::vector<std::byte> memory(kernels->cacheBytes(shape, 6));
                RopeStoreArgs args;
                args.kind = kind;
                args.rotaryDims = 24;
                args.frequencies = frequencies.data();
                args.magnitude = 1.0f;
                args.nHeads = kHeads;
                args.cache = {shape, 6, memory.data()};
                for (std::int32_t first = 0; first < 2 * kTokens; first += nRows) {
                    const auto from = static_cast<std::size_t>(first);
                    const auto count =
                        static_cast<std::size_t>(std::min(nRows, 2 * kTokens - first));
                    args.q = q.data() + from * kHeads * static_cast<std::size_t>(headDim);
                    args.k = k.data() + from * kKvHeads * static_cast<std::size_t>(headDim);
                    args.v = v.data() + from * kKvHeads * static_cast<std::size_t>(valueDim);
                    args.batch = {std::span(positions).subspan(from, count),
                                  std::span(sequence).subspan(from, count), tables};
                    kernels->ropeStore(args);
                }
                std::vector<std::byte> result(q.size() * sizeof(float) + 6 * shape.blockBytes());
                std::memcpy(result.data(), q.data(), q.size() * sizeof(float));
                (void)kernels->readBlocks(args.cache, {blocks, 6 * 32, shape.blockBytes()},
                                          result.data() + q.size() * sizeof(float));
                return result;
            };
            const auto expected = storeBy(1);
            for (const std::int32_t nRows : {2, 3, 4, 7, 12, 16, 17, 48, 100, 150})
                QVERIFY2(storeBy(nRows) == expected,
                         qPrintable(QString("%1 dims, %2 rows").arg(headDim).arg(nRows)));
        }
}

// Each product and each sum rounded once: the bits of the loop over pairs.
void CpuAttentionTest::rotation_interleaved_isThePlainFormula() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    const auto kernels = createCpuKernels({2, isa});
    for (const auto& [headDim, rotaryDims] : {std::pair{64, 64}, {80, 80}, {24, 6}, {16, 10}}) {
        std::mt19937 random(static_cast<unsigned>(headDim));
        const KvLayerShape shape = kvLayerShape(1, headDim, KvType::F32);
        std::vector<std::byte> memory(kernels->cacheBytes(shape, 2));
        const std::vector<std::int32_t> blocks{1}, positions{3, 29}, sequence{0, 0};
        const BlockTableView table{blocks};
        const auto floats = static_cast<std::size_t>(2 * 3 * headDim);
        std::vector<float> q = randomFloats(random, floats), k = randomFloats(random, floats / 3);
        std::vector<float> expected = q, expectedKeys = k, frequencies;
        for (int pair = 0; pair < rotaryDims / 2; ++pair)
            frequencies.push_back(std::pow(
                10000.0f, -2.0f * static_cast<float>(pair) / static_cast<float>(rotaryDims)));
        const auto turn = [&](float* head, std::int32_t position) {
            for (int pair = 0; pair < rotaryDims / 2; ++pair) {
                const double angle =
                    double(position) * double{frequencies[static_cast<std::size_t>(pair)]};
                const auto cosine = static_cast<float>(std::cos(angle) * 1.25f);
                const auto sine = static_cast<float>(std::sin(angle) * 1.25f);
                const float x = head[2 * pair], y = head[2 * pair + 1];
                head[2 * pair] = x * cosine - y * sine;
                head[2 * pair + 1] = x * sine + y * cosine;
            }
        };
        for (std::size_t token = 0; token < 2; ++token) {
            const auto dims = static_cast<std::size_t>(headDim);
            for (std::size_t head = 0; head < 3; ++head)
                turn(expected.data() + (token * 3 + head) * dims, positions[token]);
            turn(expectedKeys.data() + token * dims, positions[token]);
        }
        KernelLimits limits{.maxTokens = 2,
                            .maxCols = 1024,
                            .maxHeads = 3,
                            .maxHeadDim = headDim,
                            .maxContext = 64};
        QVERIFY(kernels->reserve(limits).has_value());
        RopeStoreArgs args;
        args.q = q.data();
        args.k = args.v = k.data();
        args.kind = RopeKind::Interleaved;
        args.rotaryDims = rotaryDims;
        args.frequencies = frequencies.data();
        args.magnitude = 1.25f;
        args.nHeads = 3;
        args.cache = {shape, 2, memory.data()};
        args.batch = {positions, sequence, {&table, 1}};
        kernels->ropeStore(args);
        QVERIFY(std::memcmp(q.data(), expected.data(), q.size() * sizeof(float)) == 0);
        std::vector<std::byte> block(shape.blockBytes());
        QVERIFY(kernels->readBlocks(args.cache, {blocks, 32, block.size()}, block.data()));
        for (std::size_t token = 0; token < 2; ++token)
            QVERIFY(std::memcmp(block.data() +
                                    static_cast<std::size_t>(positions[token]) * shape.key.bytes(),
                                expectedKeys.data() + token * static_cast<std::size_t>(headDim),
                                shape.key.bytes()) == 0);
    }
}

QTEST_APPLESS_MAIN(CpuAttentionTest)
#include "cpu_attention_test.moc"
