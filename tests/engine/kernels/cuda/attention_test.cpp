// Attention on the emulated device against the formula in double: decode's splits, prefill's single
// pass and the plain variant, at the borders of groups, tiles, splits and blocks of the cache.
#include <QtTest>
#include <cmath>
#include <cstring>

#include "tests/engine/kernels/cuda/attention_step.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::test;

namespace {

using Scene = AttentionScene;
using Step = AttentionStep;
using Expected = ExpectedAttention;

QByteArray nameOf(const Scene& scene) {
    QString name = QStringLiteral("%1 dims, %2/%3 heads, blocks of %4%5")
                       .arg(scene.shape.headDim)
                       .arg(scene.shape.nHeads)
                       .arg(scene.shape.nKvHeads)
                       .arg(scene.shape.blockTokens)
                       .arg(scene.shape.type == KvType::F32 ? QStringLiteral(", F32") : QString());
    for (const SequenceShape& sequence : scene.sequences)
        name += QStringLiteral(", %1 at %2").arg(sequence.nNew).arg(sequence.depth);
    if (scene.window > 0) name += QStringLiteral(", window %1").arg(scene.window);
    return name.toUtf8();
}

const Scene kDecodeScenes[] = {
    {{KvType::F16, 32, 4, 2, 64}, {{0, 1}}},
    {{KvType::F16, 32, 4, 2, 64}, {{15, 1}, {16, 1}}},
    // The borders of a split: last position 254 to 258.
    {{KvType::F16, 32, 4, 1, 64}, {{254, 1}, {255, 1}, {256, 1}, {257, 1}}},
    {{KvType::F16, 32, 4, 1, 64}, {{254, 5}}},
    {{KvType::F16, 32, 8, 1, 128}, {{600, 1}, {0, 1}, {70, 1}}},
    {{KvType::F16, 16, 7, 1, 128}, {{509, 6}, {3, 2}}},
    {{KvType::F16, 24, 5, 1, 96}, {{300, 3}}},
    {{KvType::F16, 32, 6, 2, 80}, {{40, 2}, {257, 1}}},
    {{KvType::F16, 64, 3, 1, 256}, {{258, 3}}},
    {{KvType::F16, 32, 16, 1, 64}, {{100, 1}}},
    {{KvType::F16, 32, 16, 1, 64}, {{270, 4}, {255, 4}}},
    {{KvType::F16, 32, 2, 2, 64}, {{300, 8}}},
    // Windows within a split, across one, and with whole splits before them.
    {{KvType::F16, 32, 4, 2, 64}, {{100, 1}, {30, 2}}, 24},
    {{KvType::F16, 32, 4, 2, 64}, {{530, 3}}, 20},
    {{KvType::F16, 32, 4, 2, 64}, {{800, 2}, {10, 1}}, 300},
    {{KvType::F16, 32, 4, 2, 64}, {{511, 2}}, 1},
    // The borders of a node of 2048 positions, three nodes, a window that leaves one out.
    {{KvType::F16, 32, 2, 1, 64}, {{2046, 4}}},
    {{KvType::F16, 32, 10, 1, 128}, {{4300, 2}, {2047, 1}, {2048, 1}}},
    {{KvType::F16, 32, 2, 1, 64}, {{4200, 3}, {300, 1}}, 1000},
    {{KvType::F16, 64, 1, 1, 256}, {{2500, 1}}},
    // The plain variant.
    {{KvType::F32, 32, 4, 2, 64}, {{257, 2}, {1, 1}}},
    {{KvType::F16, 32, 6, 2, 48}, {{70, 2}}},
    {{KvType::F32, 8, 3, 3, 16}, {{11, 5}}, 7},
    {{KvType::F16, 32, 2, 1, 260}, {{33, 2}}},
    {{KvType::F16, 32, 2, 1, 512}, {{40, 1}, {3, 2}}},
    {{KvType::F32, 16, 1, 1, 512}, {{20, 2}}, 7},
};

const Scene kPrefillScenes[] = {
    {{KvType::F16, 32, 4, 2, 64}, {{0, 1}}},
    {{KvType::F16, 32, 4, 2, 64}, {{0, 33}}},
    {{KvType::F16, 32, 8, 2, 64}, {{31, 70}}},
    {{KvType::F16, 32, 2, 2, 64}, {{0, 63}, {1, 64}, {2, 65}}},
    {{KvType::F16, 16, 4, 1, 128}, {{50, 17}, {33, 1}, {1, 1}}},
    {{KvType::F16, 24, 7, 1, 80}, {{20, 12}}},
    {{KvType::F16, 32, 3, 3, 96}, {{63, 30}}},
    {{KvType::F16, 32, 2, 1, 256}, {{90, 20}}},
    {{KvType::F16, 32, 4, 2, 64}, {{150, 40}}, 24},
    {{KvType::F16, 32, 4, 4, 64}, {{0, 80}, {100, 1}}, 1},
    {{KvType::F32, 32, 4, 2, 32}, {{64, 20}}, 33},
};

template <std::size_t nScenes>
void addRows(const Scene (&scenes)[nScenes]) {
    QTest::addColumn<int>("index");
    for (int index = 0; index < static_cast<int>(nScenes); ++index)
        QTest::newRow(nameOf(scenes[index]).constData()) << index;
}

}  // namespace

class AttentionTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void decode_matchesFormula_data() { addRows(kDecodeScenes); }
    void decode_matchesFormula() {
        QFETCH(int, index);
        Step step(kDecodeScenes[index]);
        const auto actual = step.runDecode();
        const QByteArray fault = faultOf(expectedOf(step), actual);
        QVERIFY2(fault.isEmpty(), fault.constData());
        QVERIFY(step.areCountersZero);
    }

    void prefill_matchesFormula_data() { addRows(kPrefillScenes); }
    void prefill_matchesFormula() {
        QFETCH(int, index);
        Step step(kPrefillScenes[index]);
        const auto actual = step.runPrefill();
        const QByteArray fault = faultOf(expectedOf(step), actual);
        QVERIFY2(fault.isEmpty(), fault.constData());
    }

    // Keys, values and queries with single elements up to 1e4 times the rest.
    void bothPasses_matchFormulaWithOutliers_data() {
        QTest::addColumn<float>("outlier");
        QTest::newRow("30") << 30.0f;
        QTest::newRow("1000") << 1000.0f;
        QTest::newRow("10000") << 10000.0f;
        QTest::newRow("1e-4, near the smallest halves") << 1e-4f;
    }
    void bothPasses_matchFormulaWithOutliers() {
        QFETCH(float, outlier);
        Step step({{KvType::F16, 32, 4, 1, 128}, {{270, 2}, {9, 1}}}, outlier);
        const Expected expected = expectedOf(step);
        const QByteArray decodeFault = faultOf(expected, step.runDecode());
        QVERIFY2(decodeFault.isEmpty(), decodeFault.constData());
        const QByteArray prefillFault = faultOf(expected, step.runPrefill());
        QVERIFY2(prefillFault.isEmpty(), prefillFault.constData());
    }

    // A query of zeros weighs all positions alike; one of tiny numbers must not lose them.
    void bothPasses_matchFormulaForTinyQueries_data() {
        QTest::addColumn<float>("factor");
        QTest::newRow("zero") << 0.0f;
        QTest::newRow("1e-30") << 1e-30f;
        QTest::newRow("subnormal") << 1e-40f;
    }
    void bothPasses_matchFormulaForTinyQueries() {
        QFETCH(float, factor);
        Step step({{KvType::F16, 32, 4, 2, 64}, {{40, 2}}});
        for (float& element : step.q) element *= factor;
        const Expected expected = expectedOf(step);
        const QByteArray decodeFault = faultOf(expected, step.runDecode());
        QVERIFY2(decodeFault.isEmpty(), decodeFault.constData());
        const QByteArray prefillFault = faultOf(expected, step.runPrefill());
        QVERIFY2(prefillFault.isEmpty(), prefillFault.constData());
    }

    // One position outweighs each of 300 others by e^12, but its value is 0: the result is the sum
    // of weights near 2^-17, which halves alone would round to steps of 2^-24.
    void bothPasses_keepSmallProbabilities() {
        constexpr int kHeadDim = 64;
        Step step({{KvType::F16, 32, 4, 1, kHeadDim}, {{300, 1}}});
        int nDrawn = 0;
        step.paged.fill([&] {  // key and value of an element in turn
            const int element = nDrawn / 2;
            const bool isFirstPosition = element < kHeadDim;
            const bool isKey = nDrawn++ % 2 == 0;
            if (isKey) return element == 0 ? 1.0f : 0.0f;
            return isFirstPosition ? 0.0f : 1.0f;
        });
        for (std::size_t index = 0; index < step.q.size(); index += kHeadDim)
            step.q[index] = 12.0f / step.scale;
        const Expected expected = expectedOf(step);
        const QByteArray decodeFault = faultOf(expected, step.runDecode());
        QVERIFY2(decodeFault.isEmpty(), decodeFault.constData());
        const QByteArray prefillFault = faultOf(expected, step.runPrefill());
        QVERIFY2(prefillFault.isEmpty(), prefillFault.constData());
    }

    void decode_rowHasSameBitsAlone_data() {
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("nHeads");
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("depth");
        QTest::newRow("64, 4 heads") << 64 << 4 << static_cast<int>(KvType::F16) << 253;
        QTest::newRow("80, 16 heads") << 80 << 16 << static_cast<int>(KvType::F16) << 253;
        QTest::newRow("128, 5 heads") << 128 << 5 << static_cast<int>(KvType::F16) << 253;
        QTest::newRow("256, 2 heads") << 256 << 2 << static_cast<int>(KvType::F16) << 253;
        // The first three rows see one node, which a step of their own does without.
        QTest::newRow("64, 2 heads, two nodes") << 64 << 2 << static_cast<int>(KvType::F16) << 2045;
        QTest::newRow("plain") << 32 << 3 << static_cast<int>(KvType::F32) << 253;
    }
    // The rows of a step with two sequences, each row then as a step of its own, with other bounds
    // of the grid.
    void decode_rowHasSameBitsAlone() {
        QFETCH(int, headDim);
        QFETCH(int, nHeads);
        QFETCH(int, type);
        QFETCH(int, depth);
        const CacheShape shape{static_cast<KvType>(type), 32, nHeads, 1, headDim};
        Step step({shape, {{depth, 5}, {30, 3}}});
        const std::vector<float> together = step.runDecode();
        const std::int64_t rowElements = std::int64_t{nHeads} * headDim;
        for (std::int32_t token = 0; token < 8; ++token) {
            Step alone({shape, {{depth, 5}, {30, 3}}});
            const std::int32_t sequence = alone.paged.sequenceIndex[at(token)];
            const std::int32_t position = alone.paged.positions[at(token)];
            const std::int32_t firstRows[] = {0, 1};
            const std::int32_t zero = 0;
            alone.batch.positions = &position;
            alone.batch.sequenceIndex = &zero;
            alone.batch.firstRows = firstRows;
            alone.batch.blockIds += std::int64_t{sequence} * alone.batch.tableStride;
            alone.batch.nTokens = 1;
            alone.batch.nSequences = 1;
            alone.batch.maxRows = token % 2 == 0 ? 1 : 8;
            alone.batch.maxPositions = token % 3 == 0 ? 4000 : position + 1;
            alone.q.assign(step.q.begin() + token * rowElements,
                           step.q.begin() + (token + 1) * rowElements);
            const std::vector<float> row = alone.runDecode();
            QVERIFY2(std::memcmp(row.data(), together.data() + token * rowElements,
                                 at(rowElements) * sizeof(float)) == 0,
                     qPrintable(QStringLiteral("token %1").arg(token)));
        }
    }

    void decode_hasSameBitsInAnyThreadOrder() {
        const Scene scene{{KvType::F16, 32, 16, 1, 64}, {{2300, 2}, {100, 1}}};
        const std::vector<float> expected = Step(scene).runDecode();
        for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
            simt::setThreadOrderSeed(seed);
            QVERIFY(hasSameBits(Step(scene).runDecode(), expected));
        }
    }
    void prefill_hasSameBitsInAnyThreadOrder() {
        const Scene scene{{KvType::F16, 32, 4, 2, 64}, {{70, 40}}};
        const std::vector<float> expected = Step(scene).runPrefill();
        for (const std::uint64_t seed : {1u, 2u, 3u}) {
            simt::setThreadOrderSeed(seed);
            QVERIFY(hasSameBits(Step(scene).runPrefill(), expected));
        }
    }

    void decode_alsoWritesNextInput_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("nHeads");
        const int f16 = static_cast<int>(KvType::F16);
        QTest::newRow("14 heads of 64: the last 128 columns are padding") << f16 << 64 << 14;
        QTest::newRow("8 heads of 128: none") << f16 << 128 << 8;
        QTest::newRow("plain, 6 heads of 32") << static_cast<int>(KvType::F32) << 32 << 6;
    }
    // Codes and scales against `out`: a code is off by half at most; the scale is the largest
    // magnitude over 127. Layout as activation_plane.h has it.
    void decode_alsoWritesNextInput() {
        QFETCH(int, type);
        QFETCH(int, headDim);
        QFETCH(int, nHeads);
        Step step({{static_cast<KvType>(type), 32, nHeads, 2, headDim}, {{260, 2}, {20, 3}}});
        const int nCols = nHeads * headDim;
        const std::int64_t nGroups = cuda::groupsOf(nCols);
        std::vector<std::int8_t> codes(at(nGroups * 8 * 32), 77);
        std::vector<float> scales(at(nGroups * 8 * 2), 77.0f);
        step.next.values = reinterpret_cast<std::byte*>(codes.data());
        step.next.scales = scales.data();
        step.next.kind = cuda::ActivationKind::Int8;
        step.next.nCols = nCols;
        const std::vector<float> out = step.runDecode();
        for (int token = 0; token < 8; ++token)
            for (std::int64_t group = 0; group < nGroups; ++group) {
                const auto place = at(group * 8 + token);
                if (token >= step.paged.nTokens()) {
                    QCOMPARE(scales[place * 2], 77.0f);  // no token: left alone
                    continue;
                }
                float largest = 0, sum = 0;
                for (int column = 0; column < 32; ++column) {
                    const bool isPadding = group * 32 + column >= nCols;
                    const float value =
                        isPadding ? 0.0f : out[at(token * nCols + group * 32 + column)];
                    const int inHalf = column % 16;
                    const int byte = inHalf / 4 * 8 + column / 16 * 4 + inHalf % 4;
                    const float code = codes[place * 32 + at(byte)];
                    const float scale = scales[place * 2];
                    QVERIFY(std::fabs(scale * code - value) <= scale * 0.5001f);
                    largest = std::max(largest, std::fabs(value));
                    sum += code;
                }
                QVERIFY(std::fabs(scales[place * 2] - largest / 127.0f) <= largest * 0x1p-22f);
                QVERIFY(std::fabs(scales[place * 2 + 1] - scales[place * 2] * sum) <=
                        std::fabs(sum) * scales[place * 2] * 0x1p-22f);
            }
    }

    void decode_doesNothingForSequenceWithoutRows() {
        Step step({{KvType::F16, 32, 4, 2, 64}, {{40, 1}, {50, 1}}});
        const std::vector<float> both = step.runDecode();
        // The same rows as sequences 0 and 2 of three.
        const std::int32_t firstRows[] = {0, 1, 1, 2};
        const std::int32_t stride = step.batch.tableStride;
        std::vector<std::int32_t> blockIds(at(3 * stride), 0);
        std::copy_n(step.batch.blockIds, stride, blockIds.begin());
        std::copy_n(step.batch.blockIds + stride, stride, blockIds.begin() + 2 * stride);
        step.batch.firstRows = firstRows;
        step.batch.blockIds = blockIds.data();
        step.batch.nSequences = 3;
        QVERIFY(hasSameBits(step.runDecode(), both));
        QVERIFY(step.areCountersZero);
        QVERIFY(faultOf(expectedOf(step), step.runPrefill()).isEmpty());
    }
};

QTEST_APPLESS_MAIN(AttentionTest)
#include "attention_test.moc"
