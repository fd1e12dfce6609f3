// Sums of products of inputs and their factors against plain double sums, whatever comes at once.
#include "engine/quantize/input_products.h"

#include <QtTest>
#include <cmath>
#include <limits>
#include <random>

using namespace sotto;

namespace {

std::vector<float> inputs(std::size_t nRows, std::size_t nColumns) {
    std::mt19937 random(11);
    std::normal_distribution<float> normal;
    std::vector<float> x(nRows * nColumns);
    for (std::size_t row = 0; row < nRows; ++row) {
        float last = 0.0f;
        for (std::size_t column = 0; column < nColumns; ++column) {
            last = 0.8f * last + normal(random);
            // The last column is never used.
            x[row * nColumns + column] = column + 1 < nColumns ? last : 0.0f;
        }
    }
    return x;
}

}  // namespace

class InputProductsTest : public QObject {
    Q_OBJECT

    ThreadPool m_pool{2};

private slots:
    void factors_makeUpTheProducts_data();
    void factors_makeUpTheProducts();
    void pieces_makeNoDifference();
    void numbersThatAreNone_areRefused();
    void roundedSums_areDampedMore();
    void cancel_isHeard();
};

void InputProductsTest::factors_makeUpTheProducts_data() {
    QTest::addColumn<int>("nColumns");
    QTest::addColumn<int>("nRows");
    QTest::newRow("one tile") << 32 << 100;
    QTest::newRow("odd tiles") << 160 << 300;
    QTest::newRow("fewer rows than columns") << 128 << 50;
}

void InputProductsTest::factors_makeUpTheProducts() {
    QFETCH(const int, nColumns);
    QFETCH(const int, nRows);
    const auto width = static_cast<std::size_t>(nColumns);
    const std::vector<float> x = inputs(static_cast<std::size_t>(nRows), width);
    std::vector<double> expected(width * width);
    for (std::size_t row = 0; row < static_cast<std::size_t>(nRows); ++row)
        for (std::size_t one = 0; one < width; ++one)
            for (std::size_t other = 0; other < width; ++other)
                expected[one * width + other] +=
                    double(x[row * width + one]) * double(x[row * width + other]);
    double mean = 0;
    for (std::size_t column = 0; column < width; ++column)
        mean += expected[column * width + column] / double(nColumns);

    InputProducts products(nColumns);
    products.add(x.data(), nRows, m_pool);
    products.finish(m_pool);
    QCOMPARE(products.nRows(), std::int64_t{nRows});
    const auto feedback = products.takeFeedback(m_pool, {});
    QVERIFY2(feedback.has_value(), feedback ? "" : feedback.error().message.c_str());
    for (std::size_t column = 0; column < width; ++column) {
        const double diagonal = expected[column * width + column];
        // Float sums of nRows terms.
        QVERIFY(std::fabs(double(feedback->importance[column]) - diagonal) <= 1e-5 * diagonal);
        expected[column * width + column] += 0.01 * mean;
    }
    // M is known, so D follows from the last column on: H = M D M^T.
    const auto m = [&](std::size_t row, std::size_t column) {
        return row == column ? 1.0 : double(feedback->passed[row * width + column]);
    };
    std::vector<double> d(width);
    for (std::size_t column = width; column-- > 0;) {
        d[column] = expected[column * width + column];
        for (std::size_t later = column + 1; later < width; ++later)
            d[column] -= m(column, later) * m(column, later) * d[later];
        QVERIFY(d[column] > 0);
    }
    double worst = 0;
    for (std::size_t row = 0; row < width; ++row)
        for (std::size_t column = row; column < width; ++column) {
            double sum = 0;
            for (std::size_t term = column; term < width; ++term)
                sum += m(row, term) * d[term] * m(column, term);
            worst = std::max(worst, std::fabs(sum - expected[row * width + column]));
        }
    // Float sums and float factors: 2^-24 of the largest, times the terms.
    QVERIFY2(worst <= 1e-5 * mean * double(nColumns),
             qPrintable(QString("%1 of %2").arg(worst).arg(mean)));
    // What is never used neither passes anything on nor takes it over.
    for (std::size_t row = 0; row + 1 < width; ++row)
        QCOMPARE(feedback->passed[row * width + width - 1], 0.0f);
}

void InputProductsTest::pieces_makeNoDifference() {
    constexpr std::int64_t kColumns = 96, kRows = 300;
    const std::vector<float> x = inputs(kRows, kColumns);
    ThreadPool one(1);
    InputProducts whole(kColumns), pieces(kColumns);
    whole.add(x.data(), kRows, m_pool);
    whole.finish(m_pool);
    for (std::int64_t first = 0; first < kRows; first += 7)
        pieces.add(x.data() + first * kColumns, std::min<std::int64_t>(7, kRows - first), one);
    pieces.finish(one);
    const auto first = whole.takeFeedback(m_pool, {});
    const auto second = pieces.takeFeedback(one, {});
    QVERIFY(first && second);
    QVERIFY(first->importance == second->importance);
    for (std::size_t row = 0; row < kColumns; ++row)
        for (std::size_t column = row + 1; column < kColumns; ++column)
            QCOMPARE(first->passed[row * kColumns + column],
                     second->passed[row * kColumns + column]);
}

void InputProductsTest::numbersThatAreNone_areRefused() {
    std::vector<float> x = inputs(40, 32);
    x[70] = std::numeric_limits<float>::quiet_NaN();
    InputProducts products(32);
    products.add(x.data(), 40, m_pool);
    products.finish(m_pool);
    const auto feedback = products.takeFeedback(m_pool, {});
    QVERIFY(!feedback && feedback.error().code == ErrorCode::FileDamaged);
}

// One column is 1.2 times another. Behind a row of 1, rows whose squares are 0.9 times half of what
// float32 tells there are lost in the first column's sum, and count for a whole step in the two
// other ones: after 20,000 of them the sums are those of no inputs, by 2.3 thousandths of the
// diagonal, against 1.3 of damping.
void InputProductsTest::roundedSums_areDampedMore() {
    constexpr std::size_t kColumns = 32, kAtOnce = 128;
    InputProducts products(kColumns);
    std::vector<float> x(kColumns * kAtOnce);
    for (int piece = 0; piece < 20'000; ++piece) {
        x[0] = piece == 0 ? 1.0f : std::sqrt(0.9f * 0x1p-24f);
        x[1] = 1.2f * x[0];
        products.add(x.data(), kAtOnce, m_pool);
    }
    products.finish(m_pool);
    const auto feedback = products.takeFeedback(m_pool, {});
    QVERIFY2(feedback.has_value(), feedback ? "" : feedback.error().message.c_str());
    // With ten times the damping, H_01 / H_11.
    const double damping = 0.1 * (1.0 + 1.44) / 32;
    const double expected = 1.2 / (1.44 + damping);
    QVERIFY(std::fabs(double(feedback->passed[1]) - expected) < 0.005);
}

void InputProductsTest::cancel_isHeard() {
    const std::vector<float> x = inputs(40, 32);
    InputProducts products(32);
    products.add(x.data(), 40, m_pool);
    products.finish(m_pool);
    const auto feedback = products.takeFeedback(m_pool, [] { return false; });
    QVERIFY(!feedback && feedback.error().code == ErrorCode::Cancelled);
}

QTEST_GUILESS_MAIN(InputProductsTest)
#include "input_products_test.moc"
