// Activation planes: what is stored is the row to the precision that each kind promises, with sums,
// squares and zero padding, and nothing is written where no token is.
#include "engine/kernels/cuda/quantize_rows.h"

#include <QtTest>
#include <cmath>
#include <limits>
#include <random>

#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/engine/kernels/cuda/plane_memory.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using cuda::ActivationKind;
using test::PlaneMemory;

namespace {

constexpr ActivationKind kKinds[] = {ActivationKind::Int8, ActivationKind::SplitF16,
                                     ActivationKind::SplitBf16};

// Largest error of one stored value in a group whose largest magnitude is `largest`.
//   Int8: half a step of largest / 127, and the roundings of inverse, product and scale.
//   SplitF16: two halves have 22 bits; below the smallest normal half the step is 2^-24 of a scale
//   that brings `largest` to at least 2^13.
//   SplitBf16: three times 8 bits hold a float exactly, down to where the last part gets subnormal.
double storedBound(ActivationKind kind, double value, double largest) {
    switch (kind) {
        case ActivationKind::Int8: return largest / 127 * (0.5 + 127 * 3 * 0x1p-24);
        case ActivationKind::SplitF16:
            return std::fabs(value) * 0x1p-22 + largest * 0x1p-13 * 0x1p-25;
        default: return 0x1p-133;
    }
}

double expectedActivation(bool isGelu, double x) {
    if (!isGelu) return x / (1.0 + std::exp(-x));
    return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
}

struct Input {
    std::int64_t nTokens;
    std::int64_t nCols;
    std::vector<float> x, normWeight, gate;
    bool isGelu = false;

    // The value to be stored, and how far a float computation of it may be off.
    std::pair<double, double> expected(std::int64_t token, std::int64_t col) const {
        const auto index = static_cast<std::size_t>(token * nCols + col);
        double value = x[index];
        double roundings = 0;
        if (!normWeight.empty()) {
            value *= normWeight[static_cast<std::size_t>(col)];
            roundings += 1;
        }
        double slack = 0;
        if (!gate.empty()) {
            const double activation = expectedActivation(isGelu, gate[index]);
            // A handful of float operations; the argument of exp carries an error of a few units,
            // which the exponential multiplies by its size, at most 88 before it under- or
            // overflows; and the product is below |gate * x| * 1e-38 there.
            slack = std::fabs(activation * value) * 2 * 88 * 0x1p-24 + std::fabs(value) * 1e-30;
            value *= activation;
            roundings += 6;
        }
        return {value, std::fabs(value) * roundings * 0x1p-24 + slack};
    }
};

void quantize(const Input& input, PlaneMemory& memory) {
    cuda::QuantizeRowsArgs args;
    args.x = input.x.data();
    args.normWeight = input.normWeight.empty() ? nullptr : input.normWeight.data();
    args.gate = input.gate.empty() ? nullptr : input.gate.data();
    args.isGelu = input.isGelu;
    args.nTokens = input.nTokens;
    args.plane = memory.plane;
    cuda::launchQuantizeRows(args, {});
}

// One group of one token: values, scale, sum, squares.
void checkGroup(const Input& input, const PlaneMemory& memory, std::int64_t token,
                std::int64_t group) {
    const ActivationKind kind = memory.plane.kind;
    const std::int64_t first = group * 32;
    const std::int64_t end = std::min(input.nCols, first + 32);
    double largest = 0;
    double squares = 0;
    for (std::int64_t col = first; col < end; ++col) {
        largest = std::max(largest, std::fabs(input.expected(token, col).first));
        const double raw = input.x[static_cast<std::size_t>(token * input.nCols + col)];
        squares += raw * raw;
    }
    int sum = 0;
    for (std::int64_t col = first; col < first + 32; ++col) {
        const auto [value, slack] =
            col < end ? input.expected(token, col) : std::pair<double, double>{0, 0};
        const double error = std::fabs(memory.value(token, col) - value);
        const double bound =
            col < end ? storedBound(kind, value, largest * (1 + 0x1p-16)) + slack : 0;
        QVERIFY2(error <= bound, qPrintable(QString("token %1, column %2: expected %3, error %4, "
                                                    "bound %5")
                                                .arg(token)
                                                .arg(col)
                                                .arg(value)
                                                .arg(error)
                                                .arg(bound)));
        if (kind != ActivationKind::Int8) continue;
        QVERIFY(std::abs(memory.code(token, col)) <= 127);
        sum += memory.code(token, col);
    }
    const std::size_t cell = memory.cell(token, group);
    const float scale = memory.scales[2 * cell];
    QCOMPARE(memory.scales[2 * cell + 1],
             kind == ActivationKind::Int8 ? scale * static_cast<float>(sum) : 0.0f);
    if (memory.plane.squares == nullptr) return;
    QVERIFY(std::fabs(memory.squares[cell] - squares) <= squares * 7 * 0x1p-24);
}

void checkPlane(const Input& input, const PlaneMemory& memory) {
    for (std::int64_t token = 0; token < input.nTokens; ++token)
        for (std::int64_t group = 0; group < memory.nGroups(); ++group) {
            checkGroup(input, memory, token, group);
            if (QTest::currentTestFailed()) return;
        }
    // Rows of the last tile beyond the last token keep the pattern.
    for (std::int64_t token = input.nTokens; token < cuda::tokenTilesOf(input.nTokens) * 8; ++token)
        for (std::int64_t group = 0; group < memory.nGroups(); ++group)
            QCOMPARE(std::bit_cast<std::uint32_t>(memory.scales[2 * memory.cell(token, group)]),
                     0xa5a5a5a5u);
}

}  // namespace

class QuantizeRowsTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void plane_holdsTheRows_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("nTokens");
        QTest::addColumn<int>("nCols");
        for (const ActivationKind kind : kKinds)
            for (const auto& [nTokens, nCols] :
                 {std::pair{1, 256}, {2, 1}, {7, 31}, {8, 32}, {9, 33}, {17, 288}, {3, 520}}) {
                const std::string name = "kind " + std::to_string(static_cast<int>(kind)) + ", " +
                                         std::to_string(nTokens) + 'x' + std::to_string(nCols);
                QTest::newRow(name.c_str()) << static_cast<int>(kind) << nTokens << nCols;
            }
    }
    void plane_holdsTheRows() {
        QFETCH(int, kind);
        QFETCH(int, nTokens);
        QFETCH(int, nCols);
        for (const std::uint64_t seed : {0, 5, 6}) {
            simt::setThreadOrderSeed(seed);
            std::mt19937 random(static_cast<unsigned>(seed + 1));
            Input input{.nTokens = nTokens,
                        .nCols = nCols,
                        .x = test::gaussians(random, nTokens * nCols),
                        .normWeight = {},
                        .gate = {}};
            const bool hasNorm = seed == 5;
            if (hasNorm) input.normWeight = test::gaussians(random, nCols);
            if (seed == 6) input.gate = test::gaussians(random, nTokens * nCols);
            input.isGelu = nTokens % 2 == 0;
            PlaneMemory memory(static_cast<ActivationKind>(kind), nTokens, nCols, hasNorm);
            quantize(input, memory);
            checkPlane(input, memory);
        }
    }

    // Slots of a mixture of experts take the row of their pair, or where pairsPerRow is 0 the row
    // of the same number; slots of no pair keep what they held. Gathering is exact: the rows are
    // those that the same rows in order give.
    void slots_takeTheRowsOfTheirPairs_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("pairsPerRow");
        for (const ActivationKind kind : kKinds)
            for (const int pairsPerRow : {0, 1, 3}) {
                const std::string name = "kind " + std::to_string(static_cast<int>(kind)) + ", " +
                                         std::to_string(pairsPerRow) + " pairs per row";
                QTest::newRow(name.c_str()) << static_cast<int>(kind) << pairsPerRow;
            }
    }
    void slots_takeTheRowsOfTheirPairs() {
        QFETCH(int, kind);
        QFETCH(int, pairsPerRow);
        constexpr std::int32_t kPairOfSlot[] = {4, -1, 0, 11, -1, -1, 7, 3, 5, 10, -1, 1};
        constexpr std::int64_t kSlots = std::size(kPairOfSlot), kCols = 288;
        std::mt19937 random(31);
        for (const bool hasNorm : {true, false}) {
            simt::setThreadOrderSeed(hasNorm ? 0 : 3);
            // As many rows as are read, no more: the address sanitizer looks on.
            const std::int64_t nRows = pairsPerRow == 0 ? kSlots : 11 / pairsPerRow + 1;
            Input source{.nTokens = nRows,
                         .nCols = kCols,
                         .x = test::gaussians(random, nRows * kCols),
                         .normWeight = {},
                         .gate = {}};
            if (hasNorm) source.normWeight = test::gaussians(random, kCols);
            if (!hasNorm) source.gate = test::gaussians(random, nRows * kCols);
            Input ordered = source;
            ordered.nTokens = kSlots;
            ordered.x.assign(kSlots * kCols, 0.0f);
            if (!hasNorm) ordered.gate.assign(kSlots * kCols, 0.0f);
            for (std::int64_t slot = 0; slot < kSlots; ++slot) {
                if (kPairOfSlot[slot] < 0) continue;
                const std::int64_t row = pairsPerRow == 0 ? slot : kPairOfSlot[slot] / pairsPerRow;
                std::copy_n(source.x.begin() + row * kCols, kCols,
                            ordered.x.begin() + slot * kCols);
                if (!hasNorm)
                    std::copy_n(source.gate.begin() + row * kCols, kCols,
                                ordered.gate.begin() + slot * kCols);
            }
            const auto planeKind = static_cast<ActivationKind>(kind);
            PlaneMemory expected(planeKind, kSlots, kCols, hasNorm);
            quantize(ordered, expected);
            const PlaneMemory untouched(planeKind, kSlots, kCols, hasNorm);
            PlaneMemory actual(planeKind, kSlots, kCols, hasNorm);
            cuda::QuantizeRowsArgs args;
            args.x = source.x.data();
            args.normWeight = hasNorm ? source.normWeight.data() : nullptr;
            args.gate = hasNorm ? nullptr : source.gate.data();
            args.nTokens = kSlots;
            args.plane = actual.plane;
            args.pairOfSlot = kPairOfSlot;
            args.pairsPerRow = pairsPerRow;
            cuda::launchQuantizeRows(args, {});
            for (std::int64_t slot = 0; slot < kSlots; ++slot) {
                const PlaneMemory& wanted = kPairOfSlot[slot] < 0 ? untouched : expected;
                for (std::int64_t col = 0; col < actual.nGroups() * 32; ++col) {
                    const std::size_t cell = actual.cell(slot, col / 32);
                    QCOMPARE(actual.value(slot, col), wanted.value(slot, col));
                    QCOMPARE(actual.scales[2 * cell], wanted.scales[2 * cell]);
                    QCOMPARE(actual.scales[2 * cell + 1], wanted.scales[2 * cell + 1]);
                    if (hasNorm) QCOMPARE(actual.squares[cell], wanted.squares[cell]);
                }
            }
        }
    }

    // Rows that a scale can break: zeros, one huge value, values near the ends of float.
    void plane_survivesExtremes() {
        for (const ActivationKind kind : kKinds) {
            for (const float size : {0.0f, 1e-30f, 3e-5f, 1e30f, 3e38f}) {
                std::mt19937 random(9);
                std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
                Input input{.nTokens = 1,
                            .nCols = 64,
                            .x = std::vector<float>(64),
                            .normWeight = {},
                            .gate = {}};
                for (float& x : input.x) x = uniform(random) * size;
                input.x[40] = size;
                PlaneMemory memory(kind, 1, 64, false);
                quantize(input, memory);
                checkPlane(input, memory);
            }
        }
    }

    // Small integers with 127 among them are stored without any loss.
    void int8_isExactForIntegers() {
        std::mt19937 random(2);
        Input input{.nTokens = 4,
                    .nCols = 256,
                    .x = std::vector<float>(4 * 256),
                    .normWeight = {},
                    .gate = {}};
        for (float& x : input.x) x = static_cast<float>(static_cast<int>(random() % 255) - 127);
        for (std::size_t index = 3; index < input.x.size(); index += 32)
            input.x[index] = index % 64 == 3 ? 127.0f : -127.0f;
        PlaneMemory memory(ActivationKind::Int8, 4, 256, false);
        quantize(input, memory);
        for (std::int64_t token = 0; token < 4; ++token)
            for (std::int64_t col = 0; col < 256; ++col) {
                QCOMPARE(memory.value(token, col),
                         static_cast<double>(input.x[static_cast<std::size_t>(token * 256 + col)]));
                QCOMPARE(memory.scales[2 * memory.cell(token, col / 32)], 1.0f);
            }
    }

    // A number that is not finite must not vanish: the group's values are not finite either.
    void nanAndInfinity_reachTheReader() {
        for (const ActivationKind kind : kKinds) {
            for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                                    std::numeric_limits<float>::infinity()}) {
                Input input{.nTokens = 1,
                            .nCols = 64,
                            .x = std::vector<float>(64, 0.5f),
                            .normWeight = {},
                            .gate = {}};
                input.x[35] = bad;
                PlaneMemory memory(kind, 1, 64, false);
                quantize(input, memory);
                double sum = 0;
                for (std::int64_t col = 32; col < 64; ++col) sum += memory.value(0, col);
                QVERIFY(!std::isfinite(sum));
                QVERIFY(std::isfinite(memory.value(0, 0)));
            }
        }
    }
};

QTEST_GUILESS_MAIN(QuantizeRowsTest)
#include "quantize_rows_test.moc"
