// The transform of heads: orthonormal, its own inverse, in blocks that divide every size of head.
#include <QtTest>
#include <bit>
#include <cmath>
#include <vector>

#include "engine/tensor/hadamard.h"

using namespace sotto;

class HadamardTest : public QObject {
    Q_OBJECT
private slots:
    void turnHead_ofUnits_isSylvestersMatrix();
    void turnHead_twice_isTheHead();
    void hadamardBlock_isTheLargestPowerThatDivides();
};

// Every entry is +-1 / sqrt(n), the sign by the bits that row and column share.
void HadamardTest::turnHead_ofUnits_isSylvestersMatrix() {
    for (const std::int32_t dim : {1, 2, 8, 32, 64, 96, 128, 256}) {
        const std::int32_t block = hadamardBlock(dim);
        const double size = 1.0 / std::sqrt(block);
        QVERIFY(std::fabs(double{hadamardScale(block)} - size) <= 0x1p-24 * size);
        for (std::int32_t row = 0; row < dim; ++row) {
            std::vector<float> head(static_cast<std::size_t>(dim));
            head[static_cast<std::size_t>(row)] = 1;
            turnHead(head.data(), dim);
            for (std::int32_t col = 0; col < dim; ++col) {
                const auto shared = static_cast<unsigned>(row % block & col % block);
                const float sign = std::popcount(shared) % 2 == 0 ? 1.0f : -1.0f;
                const float expected =
                    row / block == col / block ? sign * hadamardScale(block) : 0.0f;
                QCOMPARE(head[static_cast<std::size_t>(col)], expected);
            }
        }
    }
}

// Each of the two turns adds a rounding per distance and one, relative to the norm of the block.
void HadamardTest::turnHead_twice_isTheHead() {
    for (const std::int32_t dim : {7, 80, 96, 128, 576}) {
        std::vector<double> head(static_cast<std::size_t>(dim));
        std::vector<float> turned;
        double norm = 0;
        for (std::size_t index = 0; index < head.size(); ++index) {
            head[index] = static_cast<float>(std::sin(static_cast<double>(index * index)));
            if (index % 61 == 3) head[index] *= 30;
            turned.push_back(static_cast<float>(head[index]));
            norm += head[index] * head[index];
        }
        norm = std::sqrt(norm);
        turnHead(turned.data(), dim);
        turnHead(turned.data(), dim);
        const double nRoundings = 2 * (std::log2(hadamardBlock(dim)) + 2);
        for (std::size_t index = 0; index < head.size(); ++index)
            QVERIFY(std::fabs(turned[index] - head[index]) <= nRoundings * 0x1p-24 * norm);
    }
}

void HadamardTest::hadamardBlock_isTheLargestPowerThatDivides() {
    QCOMPARE(hadamardBlock(64), 64);
    QCOMPARE(hadamardBlock(80), 16);
    QCOMPARE(hadamardBlock(96), 32);
    QCOMPARE(hadamardBlock(7), 1);
    QCOMPARE(hadamardBlock(576), 64);
}

QTEST_APPLESS_MAIN(HadamardTest)
#include "hadamard_test.moc"
