// Error feedback against its definition: the paper's, with the inverse of H itself, column by
// column in double; what it gains over a search; and that its bytes depend on nothing but its
// input.
#include "engine/quant/error_feedback.h"

#include <QtTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "base/half.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize.h"

using namespace sotto;

namespace {

constexpr std::size_t kColumns = 512;  // two super-blocks, sixteen small ones
constexpr std::size_t kRows = 5;

using Matrix = std::vector<double>;  // [kColumns, kColumns]

double& at(Matrix& matrix, std::size_t row, std::size_t column) {
    return matrix[row * kColumns + column];
}

// H of inputs whose neighbours go together, some columns twenty times as large as the others.
Matrix inputProducts() {
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    Matrix products(kColumns * kColumns);
    std::vector<double> x(kColumns);
    for (std::size_t row = 0; row < 2 * kColumns; ++row) {
        double last = 0;
        for (std::size_t column = 0; column < kColumns; ++column) {
            last = 0.9 * last + normal(random);
            x[column] = last * (column % 61 == 5 ? 20.0 : 1.0);
        }
        for (std::size_t one = 0; one < kColumns; ++one)
            for (std::size_t other = 0; other < kColumns; ++other)
                at(products, one, other) += x[one] * x[other];
    }
    double mean = 0;
    for (std::size_t column = 0; column < kColumns; ++column)
        mean += at(products, column, column) / double(kColumns);
    for (std::size_t column = 0; column < kColumns; ++column)
        at(products, column, column) += 0.01 * mean;
    return products;
}

// H = R R^T by the definition, and M = R with ones on its diagonal.
ErrorFeedback factored(const Matrix& products) {
    Matrix left = products;
    ErrorFeedback feedback{.nColumns = kColumns, .passed = {}, .importance = {}};
    feedback.passed.assign(kColumns * kColumns, 0.0f);
    for (std::size_t column = kColumns; column-- > 0;) {
        const double d = at(left, column, column);
        for (std::size_t above = 0; above < column; ++above) {
            const double part = at(left, above, column) / d;
            feedback.passed[above * kColumns + column] = static_cast<float>(part);
            for (std::size_t other = 0; other < column; ++other)
                at(left, above, other) -= part * at(left, other, column);
        }
    }
    for (std::size_t column = 0; column < kColumns; ++column)
        feedback.importance.push_back(static_cast<float>(products[column * kColumns + column]));
    return feedback;
}

Matrix inverse(Matrix matrix) {
    Matrix result(kColumns * kColumns);
    for (std::size_t row = 0; row < kColumns; ++row) at(result, row, row) = 1;
    for (std::size_t pivot = 0; pivot < kColumns; ++pivot) {
        const double by = at(matrix, pivot, pivot);
        for (std::size_t column = 0; column < kColumns; ++column) {
            at(matrix, pivot, column) /= by;
            at(result, pivot, column) /= by;
        }
        for (std::size_t row = 0; row < kColumns; ++row) {
            const double factor = at(matrix, row, pivot);
            if (row == pivot || factor == 0) continue;
            for (std::size_t column = 0; column < kColumns; ++column) {
                at(matrix, row, column) -= factor * at(matrix, pivot, column);
                at(result, row, column) -= factor * at(result, pivot, column);
            }
        }
    }
    return result;
}

std::vector<float> weights(unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, 0.05f);
    std::vector<float> values(kRows * kColumns);
    for (float& value : values) value = normal(random);
    for (std::size_t index = 11; index < values.size(); index += 97) values[index] *= 6.0f;
    return values;
}

std::vector<float> meanings(DType type, const std::vector<std::byte>& bytes) {
    std::vector<float> values(bytes.size() / rowBytes(type, kColumns) * kColumns);
    dequantizeRow(type, bytes, values);
    return values;
}

std::vector<std::byte> made(DType type, std::span<const float> rows, const ErrorFeedback& feedback,
                            std::optional<Isa> isa = {}) {
    std::vector<std::byte> bytes(rowBytes(type, rows.size()));
    quantizeRowsWithFeedback({.type = type, .rows = rows, .feedback = feedback, .isa = isa}, bytes);
    return bytes;
}

std::vector<std::byte> searched(DType type, std::span<const float> rows,
                                const ErrorFeedback& feedback) {
    std::vector<std::byte> bytes(rowBytes(type, rows.size()));
    quantizeCheckedRows(
        {.type = type, .rows = rows, .nColumns = kColumns, .importance = feedback.importance},
        bytes);
    return bytes;
}

// What weight `position` of a block could be with the scales that it has: bits that change it alone
// are its code's.
std::vector<float> attainable(DType type, std::span<const std::byte> block, std::size_t position) {
    const auto nWeights = static_cast<std::size_t>(dtypeTraits(type).blockElements);
    std::vector<std::byte> bytes(block.begin(), block.end());
    std::vector<float> before(nWeights), after(nWeights);
    dequantizeRow(type, bytes, before);
    std::vector<std::size_t> bits;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        const auto mask = std::byte(1u << (bit % 8));
        bytes[bit / 8] ^= mask;
        dequantizeRow(type, bytes, after);
        bytes[bit / 8] ^= mask;
        std::size_t nChanged = 0;
        for (std::size_t weight = 0; weight < nWeights; ++weight)
            nChanged += after[weight] != before[weight] ? 1 : 0;
        if (nChanged == 1 && after[position] != before[position]) bits.push_back(bit);
    }
    std::vector<float> values;
    for (std::size_t code = 0; code < std::size_t{1} << bits.size(); ++code) {
        std::vector<std::byte> other = bytes;
        for (std::size_t place = 0; place < bits.size(); ++place) {
            const auto mask = std::byte(1u << (bits[place] % 8));
            std::byte& byte = other[bits[place] / 8];
            byte = (code >> place & 1) != 0 ? byte | mask : byte & ~mask;
        }
        dequantizeRow(type, other, after);
        values.push_back(after[position]);
    }
    return values;
}

// e H e^T, of all rows.
double outputError(const std::vector<float>& values, const std::vector<float>& back,
                   const Matrix& products) {
    double sum = 0;
    std::vector<double> errors(kColumns);
    for (std::size_t row = 0; row < values.size() / kColumns; ++row) {
        for (std::size_t column = 0; column < kColumns; ++column)
            errors[column] =
                double(values[row * kColumns + column]) - double(back[row * kColumns + column]);
        for (std::size_t one = 0; one < kColumns; ++one)
            for (std::size_t other = 0; other < kColumns; ++other)
                sum += errors[one] * products[one * kColumns + other] * errors[other];
    }
    return sum;
}

constexpr std::array kTypes{DType::Q8_0, DType::Q4_0, DType::Q4_1,   DType::Q5_0,
                            DType::Q5_1, DType::Q2_K, DType::Q3_K,   DType::Q4_K,
                            DType::Q5_K, DType::Q6_K, DType::IQ4_NL, DType::IQ4_XS};

}  // namespace

class ErrorFeedbackTest : public QObject {
    Q_OBJECT

    Matrix m_products = inputProducts();
    ErrorFeedback m_feedback = factored(m_products);
    // Of H after each column is done with, the row that it is passed on by: the paper's equation 3.
    Matrix m_passed;

private slots:
    void initTestCase();
    void codes_areTheDefinitions_data() { addTypes(); }
    void codes_areTheDefinitions();
    void outputs_loseLessThanBySearching_data() { addTypes(); }
    void outputs_loseLessThanBySearching();
    void bytes_dependOnNothingElse_data() { addTypes(); }
    void bytes_dependOnNothingElse();
    void columnsThatDoNotGoTogether_areRounded();
    void lattices_areKept_data();
    void lattices_areKept();
    void otherTypes_haveNone();

private:
    void addTypes() {
        QTest::addColumn<int>("type");
        for (const DType type : kTypes)
            QTest::newRow(std::string(dtypeTraits(type).name).c_str()) << static_cast<int>(type);
    }
};

// w_later -= (w - q) / [H^-1]_cc * [H^-1]_c,later; then H^-1 loses row and column c by a step of
// Gauss's elimination.
void ErrorFeedbackTest::initTestCase() {
    Matrix left = inverse(m_products);
    m_passed.assign(kColumns * kColumns, 0.0);
    for (std::size_t column = 0; column < kColumns; ++column) {
        const double own = at(left, column, column);
        for (std::size_t later = column + 1; later < kColumns; ++later)
            at(m_passed, column, later) = at(left, column, later) / own;
        for (std::size_t one = column + 1; one < kColumns; ++one)
            for (std::size_t other = column + 1; other < kColumns; ++other)
                at(left, one, other) -= at(left, one, column) * at(left, column, other) / own;
    }
}

void ErrorFeedbackTest::codes_areTheDefinitions() {
    QFETCH(const int, type);
    const auto dtype = static_cast<DType>(type);
    const std::vector<float> values = weights(3);
    const std::vector<std::byte> bytes = made(dtype, values, m_feedback);
    const std::vector<float> back = meanings(dtype, bytes);
    const auto nWeights = static_cast<std::size_t>(dtypeTraits(dtype).blockElements);
    const std::size_t blockBytes = dtypeTraits(dtype).blockBytes;
    // Two rows: what is attainable takes long to find.
    for (std::size_t row = 0; row < 2; ++row) {
        std::vector<double> wanted(values.begin() + std::ptrdiff_t(row * kColumns),
                                   values.begin() + std::ptrdiff_t((row + 1) * kColumns));
        for (std::size_t column = 0; column < kColumns; ++column) {
            const float is = back[row * kColumns + column];
            const std::size_t blockIndex = (row * kColumns + column) / nWeights;
            // Every seventh, and the first and the last of a block.
            if (column % 7 == 0 || column % nWeights == nWeights - 1) {
                const auto block = std::span(bytes).subspan(blockIndex * blockBytes, blockBytes);
                double best = std::numeric_limits<double>::infinity();
                for (const float value : attainable(dtype, block, column % nWeights))
                    best = std::min(best, std::fabs(value - wanted[column]));
                // Both sums of up to 512 errors of a step each, in float here and there in double,
                // with factors of a condition of 1e4: a ten thousandth of the largest weight.
                const double distance = std::fabs(is - wanted[column]);
                QVERIFY2(distance <= best + 3e-5,
                         qPrintable(QString("row %1, column %2: %3 for %4, %5 is nearer")
                                        .arg(row)
                                        .arg(column)
                                        .arg(double(is))
                                        .arg(wanted[column])
                                        .arg(best)));
            }
            const double error = wanted[column] - double(is);
            for (std::size_t later = column + 1; later < kColumns; ++later)
                wanted[later] -= error * at(m_passed, column, later);
        }
    }
}

void ErrorFeedbackTest::outputs_loseLessThanBySearching() {
    QFETCH(const int, type);
    const auto dtype = static_cast<DType>(type);
    const std::vector<float> values = weights(4);
    const double fedBack =
        outputError(values, meanings(dtype, made(dtype, values, m_feedback)), m_products);
    const double plain =
        outputError(values, meanings(dtype, searched(dtype, values, m_feedback)), m_products);
    // Neighbours share nine tenths: what one of them loses the next makes up for most of.
    QVERIFY2(fedBack < 0.6 * plain, qPrintable(QString("%1 of %2").arg(fedBack).arg(plain)));
}

void ErrorFeedbackTest::bytes_dependOnNothingElse() {
    QFETCH(const int, type);
    const auto dtype = static_cast<DType>(type);
    const std::vector<float> values = weights(5);
    const std::vector<std::byte> all = made(dtype, values, m_feedback);
    QVERIFY(made(dtype, values, m_feedback, Isa::Scalar) == all);
    const std::size_t bytesPerRow = rowBytes(dtype, kColumns);
    for (std::size_t row = 0; row < kRows; ++row)
        QVERIFY(std::ranges::equal(
            made(dtype, std::span(values).subspan(row * kColumns, kColumns), m_feedback),
            std::span(all).subspan(row * bytesPerRow, bytesPerRow)));
}

// Without anything to pass on, the codes are those nearest to the weights, as the search's are.
void ErrorFeedbackTest::columnsThatDoNotGoTogether_areRounded() {
    ErrorFeedback none{.nColumns = kColumns, .passed = {}, .importance = {}};
    none.passed.assign(kColumns * kColumns, 0.0f);
    none.importance.assign(kColumns, 1.0f);
    const std::vector<float> values = weights(6);
    for (const DType type : kTypes) {
        const std::vector<float> one = meanings(type, made(type, values, none));
        const std::vector<float> other = meanings(type, searched(type, values, none));
        std::size_t nOther = 0;
        for (std::size_t index = 0; index < one.size(); ++index) {
            // Q8_0 by the search has the bytes of other tools, which are not always the nearest.
            const double mine = std::fabs(double(one[index]) - double(values[index]));
            const double theirs = std::fabs(double(other[index]) - double(values[index]));
            if (mine > theirs + 1e-6) ++nOther;
        }
        QVERIFY2(nOther == 0, std::string(dtypeTraits(type).name).c_str());
    }
}

void ErrorFeedbackTest::lattices_areKept_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("stored");
    for (const DType type : {DType::Q4_0, DType::Q8_0})
        for (const DType stored : {DType::BF16, DType::F16})
            QTest::addRow("%s stored as %s", std::string(dtypeTraits(type).name).c_str(),
                          std::string(dtypeTraits(stored).name).c_str())
                << static_cast<int>(type) << static_cast<int>(stored);
}

// Each block of a row comes back to the last bit that it was stored with; blocks that lie on no
// lattice make up for nothing of theirs.
void ErrorFeedbackTest::lattices_areKept() {
    QFETCH(const int, type);
    QFETCH(const int, stored);
    const auto dtype = static_cast<DType>(type);
    const int highest = dtype == DType::Q8_0 ? 127 : 7;
    const auto rounded = [&](float value) {
        return static_cast<DType>(stored) == DType::BF16 ? toFloat(toBFloat16(value))
                                                         : toFloat(toHalf(value));
    };
    std::mt19937 random(8);
    std::uniform_int_distribution<int> code(-highest, highest);
    std::uniform_real_distribution<float> scale(0.001f, 0.002f);
    std::vector<float> values = weights(9);
    constexpr std::size_t kOffLattice = 5;  // of the first row, that block is as it comes
    for (std::size_t block = 0; block < values.size() / 32; ++block) {
        const float d = toFloat(toHalf(scale(random)));
        for (std::size_t place = 0; place < 32; ++place) {
            float& value = values[block * 32 + place];
            const auto own = static_cast<float>(place == 3 ? -highest : code(random));
            value = rounded(block == kOffLattice ? value : d * own);
        }
    }
    std::vector<std::byte> bytes(rowBytes(dtype, values.size()));
    quantizeRowsWithFeedback({.type = dtype,
                              .rows = values,
                              .feedback = m_feedback,
                              .stored = static_cast<DType>(stored)},
                             bytes);
    const std::vector<float> back = meanings(dtype, bytes);
    for (std::size_t index = 0; index < values.size(); ++index)
        if (index / 32 != kOffLattice)
            QVERIFY2(rounded(back[index]) == values[index],
                     qPrintable(QString("weight %1").arg(index)));
}

void ErrorFeedbackTest::otherTypes_haveNone() {
    for (const DType type : kTypes) QVERIFY(hasErrorFeedback(type));
    for (const DType type : {DType::F32, DType::F16, DType::BF16, DType::IQ2_XXS, DType::IQ3_S,
                             DType::IQ1_M, DType::MXFP4, DType::NVFP4, DType::TQ1_0})
        QVERIFY(!hasErrorFeedback(type));
}

QTEST_GUILESS_MAIN(ErrorFeedbackTest)
#include "error_feedback_test.moc"
