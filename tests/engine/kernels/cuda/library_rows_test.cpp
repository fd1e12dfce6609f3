// Plain 16-bit rows and back: every weight and activation within the bounds of library_rows.h,
// padding zero, results in their places.
#include "engine/kernels/cuda/library_rows.h"

#include <QtTest>
#include <cmath>

#include "base/half.h"
#include "tests/engine/kernels/cuda/packed_matrix.h"

using namespace sotto;
using namespace sotto::cuda;

class LibraryRowsTest : public QObject {
    Q_OBJECT

private slots:
    void expandedWeights_areWithinTheBound_data();
    void expandedWeights_areWithinTheBound();
    void splitRows_areWithinTheBound_data();
    void splitRows_areWithinTheBound();
    void splitRows_keepWhatIsNoNumber();
    void placedRows_areScaledAndAdded();
    void comparedRows_differInOneBit();
};

namespace {

constexpr std::uint16_t kPattern = 0xa5a5;

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

double numberOf(std::uint16_t bits, bool isBf16) {
    return isBf16 ? toFloat(BFloat16{bits}) : toFloat(Half{bits});
}

}  // namespace

void LibraryRowsTest::expandedWeights_areWithinTheBound_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("nCols");
    QTest::addColumn<double>("scale");  // of the weights: a row must not be lost for being small
    for (const DType type : kernelDTypes()) {
        if (type == DType::F32) continue;
        const bool isFloat = dtypeTraits(type).blockElements == 1;
        const int nCols = isFloat ? 333 : 768;
        for (const double scale : {1.0, 1e-6, 100.0})
            QTest::addRow("%s %d columns, times %g", std::string(dtypeTraits(type).name).c_str(),
                          nCols, scale)
                << int(type) << nCols << scale;
    }
}

void LibraryRowsTest::expandedWeights_areWithinTheBound() {
    QFETCH(int, type);
    QFETCH(int, nCols);
    QFETCH(double, scale);
    std::mt19937 random(7);
    test::FileMatrix matrix = test::quantizedMatrix(random, static_cast<DType>(type), 77, nCols);
    for (float& value : matrix.values) value *= static_cast<float>(scale);
    quantizeRow(matrix.type, matrix.values, matrix.bytes);
    dequantizeRow(matrix.type, matrix.bytes, matrix.values);
    const std::vector<std::byte> records = test::packed(matrix);
    const std::int64_t stride = libraryCols(nCols);
    const RowParts parts = rowPartsOf(matrix.type);
    const struct { std::int64_t first, count; } ranges[] = {{0, 77}, {32, 32}, {64, 13}};
    for (const auto& range : ranges) {
        std::vector<std::uint16_t> out(size(range.count * stride + 1), kPattern);
        std::vector<float> scales(size(range.count + 1), -1.0f);
        launchExpandRows({.records = records.data(),
                          .type = matrix.type,
                          .firstRow = range.first,
                          .nRows = range.count,
                          .nCols = nCols,
                          .out = out.data(),
                          .scales = scales.data()},
                         {});
        QCOMPARE(out.back(), kPattern);
        QCOMPARE(scales.back(), -1.0f);
        for (std::int64_t row = 0; row < range.count; ++row) {
            const double power = scales[size(row)];
            QCOMPARE(std::exp2(std::round(std::log2(power))), power);
            for (std::int64_t col = 0; col < stride; ++col) {
                const double expanded =
                    power * numberOf(out[size(row * stride + col)], parts.isBf16);
                const double expected =
                    col < nCols ? matrix.values[size((range.first + row) * nCols + col)] : 0.0;
                // Halves that are not normal: 2^-25 of them, beside at most 2^14.
                const double bound =
                    parts.nParts > 1 ? 0.0 : 0x1p-11 * std::fabs(expected) + 0x1p-25 * power;
                if (!(std::fabs(expanded - expected) <= bound))
                    QFAIL(qPrintable(QString("row %1, column %2: %3 instead of %4")
                                         .arg(range.first + row)
                                         .arg(col)
                                         .arg(expanded)
                                         .arg(expected)));
            }
        }
    }
}

void LibraryRowsTest::splitRows_areWithinTheBound_data() {
    QTest::addColumn<int>("type");
    QTest::newRow("one part") << int(DType::Q4_K);
    QTest::newRow("two parts") << int(DType::F16);
    QTest::newRow("three parts") << int(DType::BF16);
}

void LibraryRowsTest::splitRows_areWithinTheBound() {
    QFETCH(int, type);
    const RowParts parts = rowPartsOf(static_cast<DType>(type));
    constexpr std::int64_t kTokens = 5, kPadded = 64, kCols = 301;
    const std::int64_t stride = libraryCols(kCols);
    std::mt19937 random(3);
    std::vector<float> x = test::gaussians(random, kTokens * kCols);
    const float sizes[] = {1.0f, 1e-30f, 1e6f, 0.0f, 1e30f};
    for (std::int64_t token = 0; token < kTokens; ++token)
        for (std::int64_t col = 0; col < kCols; ++col) x[size(token * kCols + col)] *= sizes[token];
    std::vector<std::uint16_t> out(size(parts.nParts * kPadded * stride), kPattern);
    std::vector<float> scales(size(kPadded));
    launchSplitRows({.x = x.data(),
                     .rowStride = kCols,
                     .nTokens = kTokens,
                     .nPadded = kPadded,
                     .nCols = kCols,
                     .parts = parts,
                     .out = out.data(),
                     .scales = scales.data()},
                    {});
    const double relative = parts.nParts == 1 ? 0x1p-11 : parts.nParts == 2 ? 0x1p-22 : 0x1p-24;
    for (std::int64_t token = 0; token < kPadded; ++token)
        for (std::int64_t col = 0; col < stride; ++col) {
            double sum = 0;
            for (int part = 0; part < parts.nParts; ++part)
                sum += numberOf(out[size((part * kPadded + token) * stride + col)], parts.isBf16);
            sum *= scales[size(token)];
            const bool isThere = token < kTokens && col < kCols;
            const double expected = isThere ? x[size(token * kCols + col)] : 0.0;
            // As above; bf16 has the range of a float, but not below 2^-133.
            const double smallest = parts.isBf16 ? 0x1p-134 : 0x1p-25 * scales[size(token)];
            if (!(std::fabs(sum - expected) <= relative * std::fabs(expected) + smallest))
                QFAIL(qPrintable(QString("token %1, column %2: %3 instead of %4")
                                     .arg(token)
                                     .arg(col)
                                     .arg(sum)
                                     .arg(expected)));
        }
}

// Broken numbers are to be found in the results of their own row.
void LibraryRowsTest::splitRows_keepWhatIsNoNumber() {
    for (const DType type : {DType::Q8_0, DType::F16, DType::BF16}) {
        const RowParts parts = rowPartsOf(type);
        std::vector<float> x(2 * 32, 1.0f);
        x[3] = std::numeric_limits<float>::quiet_NaN();
        x[9] = std::numeric_limits<float>::infinity();
        std::vector<std::uint16_t> out(size(parts.nParts * 64 * 32));
        std::vector<float> scales(64);
        launchSplitRows({.x = x.data(),
                         .rowStride = 32,
                         .nTokens = 2,
                         .nPadded = 64,
                         .nCols = 32,
                         .parts = parts,
                         .out = out.data(),
                         .scales = scales.data()},
                        {});
        QVERIFY(std::isnan(numberOf(out[3], parts.isBf16)));
        QVERIFY(!std::isfinite(numberOf(out[9], parts.isBf16)));
        QCOMPARE(scales[1] * numberOf(out[32 + 3], parts.isBf16), 1.0);
    }
}

void LibraryRowsTest::placedRows_areScaledAndAdded() {
    constexpr std::int64_t kTokens = 3, kRows = 5, kStride = 11;
    std::vector<float> product, out(size(kTokens * kStride), 100.0f);
    for (int index = 0; index < kTokens * kRows; ++index)
        product.push_back(static_cast<float>(index));
    const std::vector<float> scales{1, 2, 4, 8, 16}, xScales{0.5f, 1, 2}, bias{1, 2, 3, 4, 5};
    launchPlaceRows({.product = product.data(),
                     .scales = scales.data(),
                     .xScales = xScales.data(),
                     .bias = bias.data(),
                     .out = out.data() + 2,
                     .outStride = kStride,
                     .nTokens = kTokens,
                     .nRows = kRows,
                     .isAccumulating = true},
                    {});
    launchPlaceRows({.product = product.data(),
                     .out = out.data() + 7,
                     .outStride = kStride,
                     .nTokens = kTokens,
                     .nRows = 3,
                     .isAccumulating = false},
                    {});
    for (std::int64_t token = 0; token < kTokens; ++token)
        for (std::int64_t col = 0; col < kStride; ++col) {
            const std::int64_t row = col - 2;
            float expected = 100.0f;
            if (row >= 0 && row < kRows)
                expected +=
                    product[size(token * kRows + row)] * scales[size(row)] * xScales[size(token)] +
                    bias[size(row)];
            if (col >= 7 && col < 10) expected = product[size(token * 3 + col - 7)];
            QCOMPARE(out[size(token * kStride + col)], expected);
        }
}

void LibraryRowsTest::comparedRows_differInOneBit() {
    constexpr std::int64_t kRows = 3, kWidth = 300;
    std::vector<float> rows(size(kRows * kWidth), 1.0f), first(size(kWidth), 1.0f);
    rows[5] = -1.0f;
    rows[size(kWidth + 299)] = std::nextafter(1.0f, 2.0f);
    std::vector<std::int32_t> isDifferent(size(kRows), 0);
    launchCompareRows({.rows = rows.data(),
                       .first = first.data(),
                       .nRows = kRows,
                       .width = kWidth,
                       .isDifferent = isDifferent.data()},
                      {});
    QCOMPARE(isDifferent, (std::vector<std::int32_t>{1, 1, 0}));
}

QTEST_GUILESS_MAIN(LibraryRowsTest)
#include "library_rows_test.moc"
