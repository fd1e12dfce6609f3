// Weights that were trained for Q4_0 or Q8_0 come back as they were, whatever float type they were
// stored in, and ordinary ones are not mistaken for such.
#include "engine/quant/lattice.h"

#include <QtTest/QtTest>

#include <cmath>
#include <random>

#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize.h"
#include "tests/support/compare.h"

using namespace sotto;

namespace {

constexpr std::size_t kWeights = 4096;

float storedAs(float value, DType stored) {
    if (stored == DType::F16) return toFloat(toHalf(value));
    if (stored == DType::BF16) return toFloat(toBFloat16(value));
    return value;
}

// Each block has a half of its own, of either sign, times integers of a bell curve.
std::vector<float> latticeWeights(DType type, DType stored) {
    const LatticeRange range = *latticeOf(type);
    std::mt19937 random(5);
    std::normal_distribution<float> size(0.0f, static_cast<float>(range.highest) / 3.0f);
    std::vector<float> values(kWeights);
    for (std::size_t first = 0; first < kWeights; first += kSmallBlock) {
        const float magnitude = std::exp2(-6.0f - static_cast<float>(random() % 700) / 100.0f);
        const float d = toFloat(toHalf(random() % 2 == 0 ? magnitude : -magnitude));
        for (std::size_t index = first; index < first + kSmallBlock; ++index) {
            float code = std::nearbyint(size(random));
            code = std::clamp(code, static_cast<float>(range.lowest),
                              static_cast<float>(range.highest));
            if (index == first) code = static_cast<float>(range.lowest);
            values[index] = storedAs(d * code, stored);
        }
    }
    return values;
}

std::vector<float> ordinaryWeights(DType stored) {
    std::mt19937 random(6);
    std::normal_distribution<float> weight(0.0f, 0.02f);
    std::vector<float> values(kWeights);
    for (float& value : values) value = storedAs(weight(random), stored);
    return values;
}

void addCases() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("stored");
    for (const DType type : {DType::Q4_0, DType::Q8_0})
        for (const DType stored : {DType::F32, DType::F16, DType::BF16})
            QTest::addRow("%s in %s", dtypeTraits(type).name.data(),
                          dtypeTraits(stored).name.data())
                << static_cast<int>(type) << static_cast<int>(stored);
}

// How many of the blocks of `values` lie on a lattice of `type`; 0 for a type that has none.
std::int64_t countLatticeBlocks(DType type, std::span<const float> values, DType stored) {
    const auto range = latticeOf(type);
    if (!range) return 0;
    std::int64_t nBlocks = 0;
    for (std::size_t first = 0; first + kSmallBlock <= values.size(); first += kSmallBlock)
        if (latticeScale(values.subspan(first).first<kSmallBlock>(), *range, stored)) ++nBlocks;
    return nBlocks;
}

}  // namespace

class LatticeTest : public QObject {
    Q_OBJECT

private slots:
    void trainedWeights_comeBackExactly_data() { addCases(); }

    void trainedWeights_comeBackExactly() {
        QFETCH(const int, type);
        QFETCH(const int, stored);
        const auto asType = static_cast<DType>(type);
        const auto asStored = static_cast<DType>(stored);
        const auto values = latticeWeights(asType, asStored);
        QCOMPARE(countLatticeBlocks(asType, values, asStored),
                 std::int64_t{kWeights / kSmallBlock});
        std::vector<std::byte> bytes(rowBytes(asType, kWeights));
        QVERIFY(quantizeRows(
            {.type = asType, .rows = values, .nColumns = 256, .importance = {}, .stored = asStored},
            bytes));
        std::vector<float> read(kWeights);
        dequantizeRow(asType, bytes, read);
        for (float& value : read) value = storedAs(value, asStored);
        QVERIFY(values == read);
    }

    void ordinaryWeights_areNotMistaken_data() { addCases(); }

    void ordinaryWeights_areNotMistaken() {
        QFETCH(const int, type);
        QFETCH(const int, stored);
        QCOMPARE(countLatticeBlocks(static_cast<DType>(type),
                                    ordinaryWeights(static_cast<DType>(stored)),
                                    static_cast<DType>(stored)),
                 std::int64_t{0});
    }

    // One weight beside the grid is enough.
    void aStrayWeight_isSeen() {
        auto values = latticeWeights(DType::Q4_0, DType::BF16);
        values[3] = toFloat(BFloat16{static_cast<std::uint16_t>(toBFloat16(values[0]).bits - 1)});
        QCOMPARE(countLatticeBlocks(DType::Q4_0, values, DType::BF16),
                 std::int64_t{kWeights / kSmallBlock - 1});
    }

    void zeros_andOtherTypes_haveNone() {
        const std::vector<float> zeros(kWeights, 0.0f);
        QCOMPARE(countLatticeBlocks(DType::Q4_0, zeros, DType::F32), std::int64_t{0});
        QCOMPARE(
            countLatticeBlocks(DType::Q4_K, latticeWeights(DType::Q4_0, DType::F32), DType::F32),
            std::int64_t{0});
    }
};

QTEST_APPLESS_MAIN(LatticeTest)
#include "lattice_test.moc"
