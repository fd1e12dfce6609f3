// Against tests/golden/quant: bytes and floats computed by an independent engine (see the README of
// the golden data).
#include "engine/quant/dequantize_reference.h"

#include <QtTest/QtTest>

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "engine/quant/block_formats.h"
#include "tests/support/compare.h"
#include "tests/support/golden_files.h"
#include "tests/support/shared_data.h"

using namespace sotto;

namespace {

const std::filesystem::path kGolden = std::filesystem::path(SOTTO_GOLDEN_DIR) / "quant";

template <typename Block>
std::vector<float> dequantizeOne(DType type, const Block& block) {
    std::vector<float> out(dtypeTraits(type).blockElements);
    dequantizeRow(type, std::as_bytes(std::span(&block, 1)), out);
    return out;
}

// The goldens are named as the types, in small letters but for the K.
QString goldenStem(DType type) {
    const auto name = QString::fromStdString(std::string(dtypeTraits(type).name));
    return name.endsWith("_K") ? name.first(name.size() - 1).toLower() + 'K' : name.toLower();
}

}  // namespace

class DequantizeReferenceTest : public QObject {
    Q_OBJECT

private slots:
    void dequantizeRow_matchesGoldenBits_data() {
        QTest::addColumn<QString>("typeName");
        QTest::addColumn<QString>("stem");
        for (const DType type : allDTypes()) {
            if (type == DType::F32) continue;
            const QString stem = goldenStem(type);
            QTest::newRow(qPrintable(stem)) << stem << stem;
            // Random codes under sane scales: reaches codes that no quantizer writes.
            if (dtypeTraits(type).blockElements > 1)
                QTest::addRow("%s fuzz", qPrintable(stem)) << stem << stem + ".fuzz";
        }
    }

    void dequantizeRow_matchesGoldenBits() {
        QFETCH(const QString, typeName);
        QFETCH(const QString, stem);
        const auto type = dtypeFromName(typeName.toStdString());
        QVERIFY(type.has_value());
        const auto bytes = test::readBytes(kGolden / (stem.toStdString() + ".bin"));
        const auto expected = test::readFloats(kGolden / (stem.toStdString() + ".deq.f32"));
        QCOMPARE(expected.size(), stem.endsWith("fuzz") ? std::size_t{4096} : std::size_t{2048});
        QCOMPARE(bytes.size(), rowBytes(*type, expected.size()));

        std::vector<float> actual(expected.size());
        dequantizeRow(*type, bytes, actual);
        QVERIFY2(test::firstBitDifference(expected, actual) == expected.size(),
                 test::compareValues(expected, actual).text().c_str());
    }

    // The same of what the reference writes with an importance matrix.
    void dequantizeRow_matchesGoldenBitsOfWeightedFiles() {
        SOTTO_NEEDS_SHARED("golden2/quant-imatrix/types.json");
        const auto folder = test::sharedFolder() / "golden2" / "quant-imatrix";
        int nTypes = 0;
        for (const DType type : allDTypes()) {
            const std::string stem = goldenStem(type).toLower().toStdString();
            if (!std::filesystem::exists(folder / (stem + ".im.bin"))) continue;
            const auto bytes = test::readBytes(folder / (stem + ".im.bin"));
            const auto expected = test::readFloats(folder / (stem + ".im.deq.f32"));
            QCOMPARE(bytes.size(), rowBytes(type, expected.size()));
            std::vector<float> actual(expected.size());
            dequantizeRow(type, bytes, actual);
            QVERIFY2(test::firstBitDifference(expected, actual) == expected.size(), stem.c_str());
            ++nTypes;
        }
        QCOMPARE(nTypes, 19);
    }

    void dequantizeRow_copiesF32WhateverItsAlignment() {
        const std::vector<float> values{1.5f, -0.0f, std::numeric_limits<float>::infinity(),
                                        std::numeric_limits<float>::denorm_min()};
        std::vector<std::byte> bytes(values.size() * sizeof(float) + 1);
        std::memcpy(bytes.data() + 1, values.data(), values.size() * sizeof(float));
        std::vector<float> actual(values.size());
        dequantizeRow(DType::F32, std::span(bytes).subspan(1), actual);
        QCOMPARE(test::firstBitDifference(values, actual), values.size());
    }

    void dequantizeRow_acceptsNoWeights() {
        for (const DType type : allDTypes())
            dequantizeRow(type, {}, {});  // must not divide by the number of blocks
    }

    // Single codes placed by the drawings of block_layouts.md: one weight is not zero, at the
    // position that the drawing says.
    void dequantizeRow_readsSingleCodes() {
        const Half one = toHalf(1.0f);
        BlockQ4_0 q4{one, {}};
        std::memset(q4.codes, 0x88, sizeof(q4.codes));
        q4.codes[3] = 0xf8;
        auto values = dequantizeOne(DType::Q4_0, q4);
        QCOMPARE(values[19], 7.0f);
        QCOMPARE(values[3], 0.0f);

        BlockQ4_1 q4m{one, toHalf(-3.0f), {}};
        q4m.codes[3] = 0xf0;
        values = dequantizeOne(DType::Q4_1, q4m);
        QCOMPARE(values[19], 12.0f);
        QCOMPARE(values[3], -3.0f);

        BlockQ5_0 q5{one, {}, {}};
        q5.highBits[2] = 0x08;  // weight 16 + 3
        q5.codes[3] = 0x21;
        values = dequantizeOne(DType::Q5_0, q5);
        QCOMPARE(values[19], 2.0f);
        QCOMPARE(values[3], -15.0f);
        QCOMPARE(values[20], -16.0f);

        BlockQ5_1 q5m{one, toHalf(0.5f), {}, {}};
        q5m.highBits[1] = 0x80;  // weight 15
        q5m.codes[15] = 0x4f;
        values = dequantizeOne(DType::Q5_1, q5m);
        QCOMPARE(values[15], 31.5f);
        QCOMPARE(values[31], 4.5f);

        BlockQ4_K q4k{};
        q4k.d = one;
        q4k.dMin = one;
        q4k.scales[1] = 0x3f;  // scale of sub-block 1
        q4k.scales[5] = 0x02;  // its min
        q4k.codes[4] = 0x30;   // high nibble: weight 4 of sub-block 1
        values = dequantizeOne(DType::Q4_K, q4k);
        QCOMPARE(values[36], 63.0f * 3.0f - 2.0f);
        QCOMPARE(values[35], -2.0f);
        QCOMPARE(values[4], 0.0f);

        BlockQ5_K q5k{};
        q5k.d = one;
        q5k.scales[8 + 3] = 0x05;  // low four bits of the scale of sub-block 7
        q5k.scales[3] = 0x40;      // its bit 4
        q5k.highBits[9] = 0x80;    // bit 4 of weight 9 of sub-block 7
        values = dequantizeOne(DType::Q5_K, q5k);
        QCOMPARE(values[7 * 32 + 9], (16.0f + 5.0f) * 16.0f);
        QCOMPARE(values[7 * 32 + 8], 0.0f);

        BlockQ6_K q6k{};
        q6k.d = one;
        q6k.scales[8 + 2 * 3 + 1] = -2;    // second half, group 3, l >= 16
        q6k.lowBits[64 + 32 + 20] = 0x50;  // high nibble: group 3, l = 20
        q6k.highBits[32 + 20] = 0x40;      // bits 6..7: group 3
        values = dequantizeOne(DType::Q6_K, q6k);
        QCOMPARE(values[128 + 96 + 20], -2.0f * (0x15 - 32));
        QCOMPARE(values[128 + 96 + 21], 64.0f);
        QCOMPARE(values[128 + 96 + 15], 0.0f);
    }

    void scaleAndMin_survivePackingForAllValues() {
        for (int value = 0; value < 64; ++value) {
            ScaleAndMin factors[8];
            for (int subBlock = 0; subBlock < 8; ++subBlock)
                factors[subBlock] = {static_cast<std::uint8_t>((value + subBlock * 9) % 64),
                                     static_cast<std::uint8_t>((value * 5 + subBlock * 23) % 64)};
            std::uint8_t packed[12] = {};
            packScalesAndMins(factors, packed);
            for (int subBlock = 0; subBlock < 8; ++subBlock) {
                const ScaleAndMin read = unpackScaleAndMin(packed, subBlock);
                QCOMPARE(read.scale, factors[subBlock].scale);
                QCOMPARE(read.min, factors[subBlock].min);
            }
        }
    }
};

QTEST_APPLESS_MAIN(DequantizeReferenceTest)
#include "dequantize_reference_test.moc"
