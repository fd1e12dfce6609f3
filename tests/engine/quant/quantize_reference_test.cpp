// Against tests/golden/quant: the bytes that the formats' reference quantizers wrote for src.f32
// (Gaussian rows, outliers, zero blocks, ties).
#include "engine/quant/quantize_reference.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "engine/quant/block_source.h"
#include "engine/quant/dequantize_reference.h"
#include "tests/support/compare.h"
#include "tests/support/golden_files.h"

using namespace sotto;

namespace {

const std::filesystem::path kGolden = std::filesystem::path(SOTTO_GOLDEN_DIR) / "quant";

std::vector<DType> quantizedTypes() {
    std::vector<DType> types;
    for (const DType type : kernelDTypes())
        if (dtypeTraits(type).blockElements > 1) types.push_back(type);
    return types;
}
const std::vector<DType> kQuantized = quantizedTypes();

std::vector<float> roundTrip(DType type, const std::vector<float>& values) {
    std::vector<std::byte> bytes(rowBytes(type, values.size()));
    quantizeRow(type, values, bytes);
    std::vector<float> result(values.size());
    dequantizeRow(type, bytes, result);
    return result;
}

}  // namespace

class QuantizeReferenceTest : public QObject {
    Q_OBJECT

private slots:
    void quantizeRow_writesGoldenBytes_data() {
        QTest::addColumn<QString>("stem");
        for (const char* const stem :
             {"f16", "bf16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "q4_K", "q5_K", "q6_K"})
            QTest::newRow(stem) << stem;
    }

    void quantizeRow_writesGoldenBytes() {
        QFETCH(const QString, stem);
        const auto type = dtypeFromName(stem.toStdString());
        QVERIFY(type.has_value());
        const auto source = test::readFloats(kGolden / "src.f32");
        const auto expected = test::readBytes(kGolden / (stem.toStdString() + ".bin"));
        QCOMPARE(source.size(), std::size_t{2048});
        QCOMPARE(expected.size(), rowBytes(*type, source.size()));
        std::vector<std::byte> actual(expected.size());
        quantizeRow(*type, source, actual);
        const auto differs = std::mismatch(expected.begin(), expected.end(), actual.begin());
        const auto byteIndex = differs.first - expected.begin();
        QVERIFY2(differs.first == expected.end(),
                 qPrintable(QString("first difference at byte %1 of block %2")
                                .arg(byteIndex % dtypeTraits(*type).blockBytes)
                                .arg(byteIndex / dtypeTraits(*type).blockBytes)));
    }

    void quantizeRow_keepsZeros() {
        const std::vector<float> zeros(512, 0.0f);
        for (const DType type : kQuantized) {
            const auto result = roundTrip(type, zeros);
            QVERIFY2(std::all_of(result.begin(), result.end(), [](float v) { return v == 0.0f; }),
                     dtypeTraits(type).name.data());
        }
    }

    // Half a step of the largest code is the most that rounding may lose in a symmetric block.
    void quantizeRow_staysWithinHalfAStep() {
        std::vector<float> values(256);
        for (std::size_t index = 0; index < values.size(); ++index)
            values[index] = std::sin(static_cast<float>(index) * 0.7f) *
                            std::exp2(static_cast<float>(index % 9) - 4.0f);
        const auto q8 = roundTrip(DType::Q8_0, values);
        for (std::size_t block = 0; block < values.size(); block += 32) {
            float largest = 0.0f;
            for (std::size_t index = block; index < block + 32; ++index)
                largest = std::max(largest, std::fabs(values[index]));
            // d is rounded to half precision: 127 codes of relative error 2^-11 add 0.0625 steps.
            const float bound = largest / 127.0f * (0.5f + 127.0f * 0x1p-11f);
            for (std::size_t index = block; index < block + 32; ++index)
                QVERIFY(std::fabs(values[index] - q8[index]) <= bound);
        }
    }

    void quantizeRow_ofEqualValuesIsClose() {
        for (const float value : {1.0f, -3.25f, 0.05f}) {
            const std::vector<float> values(256, value);
            for (const DType type : kQuantized) {
                const auto result = roundTrip(type, values);
                // A rounding of d to half precision (subnormal below 6e-5) and a factor of six
                // bits.
                QVERIFY2(std::fabs(result[17] - value) <= std::fabs(value) * 0.02f,
                         qPrintable(QString("%1: %2 became %3")
                                        .arg(dtypeTraits(type).name.data())
                                        .arg(static_cast<double>(value))
                                        .arg(static_cast<double>(result[17]))));
            }
        }
    }

    // Hostile numbers may give any codes but must stay inside the row (run under asan and ubsan).
    void quantizeRow_survivesValuesThatAreNotFinite() {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const float infinity = std::numeric_limits<float>::infinity();
        const float largest = std::numeric_limits<float>::max();
        for (const float odd : {nan, infinity, -infinity, largest, -largest}) {
            std::vector<float> values(256, 0.5f);
            values[0] = odd;
            values[77] = odd;
            for (const DType type : kQuantized) {
                std::vector<std::byte> bytes(rowBytes(type, values.size()));
                quantizeRow(type, values, bytes);
            }
        }
    }

    void roundClamped_roundsTiesToEven() {
        QCOMPARE(roundClamped(0.5f, -9, 9), 0.0f);
        QCOMPARE(roundClamped(1.5f, -9, 9), 2.0f);
        QCOMPARE(roundClamped(-2.5f, -9, 9), -2.0f);
        QCOMPARE(roundClamped(2.4999f, -9, 9), 2.0f);
        QCOMPARE(roundClamped(0.49999997f, -9, 9), 0.0f);
        QCOMPARE(roundClamped(99.0f, -9, 9), 9.0f);
        QCOMPARE(roundClamped(std::numeric_limits<float>::quiet_NaN(), -9, 9), -9.0f);
        for (int twice = -256; twice <= 256; ++twice) {
            const float value = 0.5f * static_cast<float>(twice);
            QCOMPARE(roundClamped(value, -128, 127), std::min(std::nearbyint(value), 127.0f));
        }
    }
};

QTEST_APPLESS_MAIN(QuantizeReferenceTest)
#include "quantize_reference_test.moc"
