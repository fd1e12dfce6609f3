// F32 matrices: right to float rounding at shapes around warps and blocks, rows independent of each
// other.
#include "engine/kernels/cuda/linear_float.h"

#include <QtTest>
#include <cmath>
#include <cstring>
#include <random>

#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/support/simt/control.h"

using namespace sotto;

class LinearFloatTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void linear_isTheProduct_data() {
        QTest::addColumn<int>("nRows");
        QTest::addColumn<int>("nCols");
        QTest::addColumn<int>("nTokens");
        for (const auto& [nRows, nCols, nTokens] :
             {std::tuple{1, 1, 1}, {7, 31, 2}, {8, 32, 7}, {9, 33, 8}, {17, 132, 9}, {5, 260, 17}})
            QTest::newRow(
                qPrintable(QString("%1x%2, %3 tokens").arg(nRows).arg(nCols).arg(nTokens)))
                << nRows << nCols << nTokens;
    }
    void linear_isTheProduct() {
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        QFETCH(int, nTokens);
        for (const std::uint64_t seed : {0, 1, 2}) {
            simt::setThreadOrderSeed(seed);
            std::mt19937 random(static_cast<unsigned>(seed));
            const std::vector<float> weights = test::gaussians(random, nRows * nCols);
            const std::vector<float> x = test::gaussians(random, nTokens * nCols);
            const std::vector<float> bias = test::gaussians(random, nRows);
            std::vector<float> out = test::gaussians(random, nTokens * nRows);
            const std::vector<float> before = out;
            const bool isAccumulating = seed == 1;
            const bool hasBias = seed != 2;
            cuda::launchLinearFloat({.x = x.data(),
                                     .weights = weights.data(),
                                     .bias = hasBias ? bias.data() : nullptr,
                                     .out = out.data(),
                                     .nTokens = nTokens,
                                     .nRows = nRows,
                                     .nCols = nCols,
                                     .isAccumulating = isAccumulating},
                                    {});
            for (int token = 0; token < nTokens; ++token) {
                for (int row = 0; row < nRows; ++row) {
                    const auto cell = static_cast<std::size_t>(token * nRows + row);
                    double expected = hasBias ? bias[static_cast<std::size_t>(row)] : 0.0;
                    if (isAccumulating) expected += before[cell];
                    double magnitude = std::fabs(expected) + std::fabs(before[cell]);
                    for (int col = 0; col < nCols; ++col) {
                        const double term =
                            static_cast<double>(
                                weights[static_cast<std::size_t>(row * nCols + col)]) *
                            x[static_cast<std::size_t>(token * nCols + col)];
                        expected += term;
                        magnitude += std::fabs(term);
                    }
                    // A lane's chain, five steps of the butterfly, bias, what was there, the
                    // result.
                    const double bound = (nCols / 32.0 + 1 + 5 + 3) * 0x1p-24 * magnitude;
                    QVERIFY2(std::fabs(out[cell] - expected) <= bound,
                             qPrintable(QString("token %1, row %2: expected %3, got %4")
                                            .arg(token)
                                            .arg(row)
                                            .arg(expected)
                                            .arg(out[cell])));
                }
            }
        }
    }

    void rows_doNotDependOnEachOther() {
        constexpr int kRows = 9, kTokens = 17;
        for (const int nCols : {31, 260}) {
            std::mt19937 random(4);
            const std::vector<float> weights = test::gaussians(random, kRows * nCols);
            const std::vector<float> x = test::gaussians(random, kTokens * nCols);
            std::vector<float> all(kTokens * kRows);
            cuda::launchLinearFloat(
                {x.data(), weights.data(), nullptr, all.data(), kTokens, kRows, nCols, false}, {});
            for (int nTokens = 1; nTokens <= 8; ++nTokens) {
                const int first = 2 * nTokens - 1;
                const int count = std::min(nTokens, kTokens - first);
                // A copy, so that the rows are aligned as the first ones of a step are.
                const std::vector<float> rows(x.begin() + first * nCols,
                                              x.begin() + (first + count) * nCols);
                std::vector<float> some(static_cast<std::size_t>(count * kRows));
                cuda::launchLinearFloat(
                    {rows.data(), weights.data(), nullptr, some.data(), count, kRows, nCols, false},
                    {});
                QCOMPARE(std::memcmp(some.data(), all.data() + first * kRows,
                                     some.size() * sizeof(float)),
                         0);
            }
        }
    }

    // Rows of a mixture: right in double precision, and with the bits that the expert's matrix
    // gives alone. Decode: every pair of a token in order; prefill: slots, some of them without a
    // pair; behind the activation: a row of x per slot.
    void experts_multiplyTheirOwnRows_data() {
        QTest::addColumn<bool>("hasSlots");
        QTest::addColumn<int>("pairsPerRow");
        QTest::addColumn<int>("nRows");
        QTest::addColumn<int>("nCols");
        for (const bool hasSlots : {false, true})
            for (const int pairsPerRow : {0, 2})
                for (const auto& [nRows, nCols] : {std::pair{9, 260}, {32, 33}, {1, 4}})
                    QTest::newRow(qPrintable(QString("%1, %2 pairs per row, %3x%4")
                                                 .arg(hasSlots ? "slots" : "pairs")
                                                 .arg(pairsPerRow)
                                                 .arg(nRows)
                                                 .arg(nCols)))
                        << hasSlots << pairsPerRow << nRows << nCols;
    }
    void experts_multiplyTheirOwnRows() {
        QFETCH(bool, hasSlots);
        QFETCH(int, pairsPerRow);
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        constexpr int kExperts = 4;
        const std::vector<std::int32_t> experts{3, 0, 3, 1, 0, 3, 0, 1, 3, 1};  // nobody's: 2
        const std::vector<std::int32_t> pairOfSlot{1, 4, -1, 6, 3, -1, 9, 7, 0, 2, -1, 5, 8};
        const int nOut = static_cast<int>(hasSlots ? pairOfSlot.size() : experts.size());
        const int nIn = pairsPerRow == 0 ? nOut : static_cast<int>(experts.size()) / pairsPerRow;
        for (const unsigned seed : {0u, 1u, 2u}) {
            simt::setThreadOrderSeed(seed);
            std::mt19937 random(seed + 5);
            const std::vector<float> stack = test::gaussians(random, kExperts * nRows * nCols);
            const std::vector<float> x = test::gaussians(random, nIn * nCols);
            std::vector<float> out = test::gaussians(random, nOut * nRows);
            const std::vector<float> before = out;
            cuda::LinearFloatArgs args{.x = x.data(),
                                       .weights = stack.data(),
                                       .out = out.data(),
                                       .nTokens = nOut,
                                       .nRows = nRows,
                                       .nCols = nCols,
                                       .isAccumulating = seed == 1};
            args.experts = {experts.data(), hasSlots ? pairOfSlot.data() : nullptr, pairsPerRow};
            cuda::launchLinearFloat(args, {});
            for (int slot = 0; slot < nOut; ++slot) {
                const int pair = hasSlots ? pairOfSlot[static_cast<std::size_t>(slot)] : slot;
                std::vector<float> alone(before.begin() + slot * nRows,
                                         before.begin() + (slot + 1) * nRows);
                if (pair >= 0) {
                    const int in = pairsPerRow == 0 ? slot : pair / pairsPerRow;
                    const auto matrix =
                        stack.begin() + experts[static_cast<std::size_t>(pair)] * nRows * nCols;
                    // Copies, so that both are aligned as the first rows of a step are.
                    const std::vector<float> w(matrix, matrix + nRows * nCols);
                    const std::vector<float> row(x.begin() + in * nCols,
                                                 x.begin() + (in + 1) * nCols);
                    for (int index = 0; index < nRows; ++index) {
                        double exact = seed == 1 ? alone[static_cast<std::size_t>(index)] : 0.0;
                        double magnitude = std::fabs(exact);
                        for (int col = 0; col < nCols; ++col) {
                            const double term =
                                static_cast<double>(
                                    w[static_cast<std::size_t>(index * nCols + col)]) *
                                row[static_cast<std::size_t>(col)];
                            exact += term;
                            magnitude += std::fabs(term);
                        }
                        const double error =
                            std::fabs(out[static_cast<std::size_t>(slot * nRows + index)] - exact);
                        QVERIFY(error <= (nCols / 32.0 + 1 + 5 + 2) * 0x1p-24 * magnitude);
                    }
                    cuda::launchLinearFloat(
                        {row.data(), w.data(), nullptr, alone.data(), 1, nRows, nCols, seed == 1},
                        {});
                }
                QVERIFY2(std::memcmp(alone.data(), &out[static_cast<std::size_t>(slot * nRows)],
                                     alone.size() * sizeof(float)) == 0,
                         qPrintable(QString("slot %1").arg(slot)));
            }
        }
    }
};

QTEST_GUILESS_MAIN(LinearFloatTest)
#include "linear_float_test.moc"
