// The prefill product of a mixture of experts: right in double precision, and the same bits as each
// expert's matrix alone gives.
//
// Slots that no pair has are not-a-number in every plane and output: nothing of them may spread.
#include "engine/kernels/cuda/linear_tiles.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "tests/engine/kernels/cuda/expert_scene.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using cuda::ActivationKind;
using test::multiplyExperts;
using test::PlaneMemory;
using test::size;
using test::Slots;
using test::Stack;
using test::unwrittenPlane;

namespace {

constexpr DType kTypes[] = {DType::Q8_0, DType::Q4_0, DType::Q4_1, DType::Q5_0, DType::Q5_1,
                            DType::Q4_K, DType::Q5_K, DType::Q6_K, DType::F16,  DType::BF16};
constexpr double kFloatRounding = 0x1p-24;
// Pairs of each expert: around a token tile, a block of 16 and one of 64; none first and last.
constexpr std::int32_t kExpertPairs[] = {0, 9, 65, 0, 1, 17, 8, 0};
constexpr std::int32_t kExperts = 8;
constexpr std::int32_t kPairs = 100;

std::vector<std::int32_t> shuffledExperts(std::mt19937& random) {
    std::vector<std::int32_t> experts;
    for (std::int32_t expert = 0; expert < kExperts; ++expert)
        experts.insert(experts.end(), size(kExpertPairs[expert]), expert);
    std::shuffle(experts.begin(), experts.end(), random);
    return experts;
}

// The inputs of a product: rows of x by pair, with the deferred norm where there is a weight.
struct Input {
    std::vector<float> x;  // [kPairs, nCols]
    std::vector<float> normWeight;
    std::int64_t nCols;

    Input(std::mt19937& random, std::int64_t cols, bool hasNorm)
        : x(test::gaussians(random, kPairs * cols)),
          normWeight(hasNorm ? test::gaussians(random, cols) : std::vector<float>()),
          nCols(cols) {}

    PlaneMemory quantized(ActivationKind kind, const float* rows, std::int64_t nRows,
                          const std::int32_t* pairOfSlot) const {
        PlaneMemory plane = unwrittenPlane(kind, nRows, nCols, !normWeight.empty());
        cuda::QuantizeRowsArgs args;
        args.x = rows;
        args.normWeight = normWeight.empty() ? nullptr : normWeight.data();
        args.nTokens = nRows;
        args.plane = plane.plane;
        args.pairOfSlot = pairOfSlot;
        args.pairsPerRow = 1;
        cuda::launchQuantizeRows(args, {});
        return plane;
    }
    double normFactor(std::int64_t pair, double epsilon) const {
        if (normWeight.empty()) return 1.0;
        double sum = 0;
        for (std::int64_t col = 0; col < nCols; ++col)
            sum += static_cast<double>(x[size(pair * nCols + col)]) * x[size(pair * nCols + col)];
        return 1.0 / std::sqrt(sum / static_cast<double>(nCols) + epsilon);
    }
};

// Sum of weight * x, and how far float arithmetic may be off: the bound of linear_tiles_test.cpp, a
// chain of a few roundings per group, relative to the sizes of its terms; code part and minimum of
// a K type are each at most twice the spread of the group's weights.
struct Product {
    double value = 0;
    double bound = 0;
};
Product product(const float* weights, const std::vector<double>& x, bool isFloat, bool hasNorm) {
    Product result;
    for (std::size_t first = 0; first < x.size(); first += 32) {
        const std::size_t end = std::min(x.size(), first + 32);
        const auto [low, high] = std::minmax_element(weights + first, weights + end);
        const double largest = std::max(std::fabs(*low), std::fabs(*high));
        double sumOfX = 0;
        for (std::size_t col = first; col < end; ++col) {
            result.value += weights[col] * x[col];
            sumOfX += std::fabs(x[col]);
        }
        result.bound += sumOfX * (isFloat ? largest : 2.0 * (*high - *low) + largest);
    }
    const double nRoundings = static_cast<double>(x.size()) / 16 + 12 + (hasNorm ? 6 : 0);
    result.bound *= nRoundings * kFloatRounding;
    return result;
}

// The first problem of an output [nSlots, nRows], or an empty text.
QString checkProducts(const Stack& stack, const Slots& placed, const Input& input,
                      const PlaneMemory& plane, const std::vector<float>& before,
                      const std::vector<float>& actual) {
    for (std::int64_t slot = 0; slot < placed.nSlots(); ++slot) {
        const std::int64_t pair = placed.pairOfSlot[size(slot)];
        const std::size_t first = size(slot * stack.nRows);
        if (pair < 0) {
            if (std::memcmp(&actual[first], &before[first], size(stack.nRows) * sizeof(float)) != 0)
                return QString("slot %1 has no pair and was written").arg(slot);
            continue;
        }
        std::vector<double> x;
        for (std::int64_t col = 0; col < input.nCols; ++col) x.push_back(plane.value(slot, col));
        const double factor = input.normFactor(pair, double{plane.plane.normEpsilon});
        for (std::int64_t row = 0; row < stack.nRows; ++row) {
            const std::size_t cell = first + size(row);
            const Product sum =
                product(stack.row(placed.experts[size(pair)], row), x,
                        plane.plane.kind != ActivationKind::Int8, !input.normWeight.empty());
            const double start = stack.isAccumulating ? before[cell] : 0.0;
            const double expected = sum.value * factor + start;
            const double bound =
                sum.bound * factor +
                2 * kFloatRounding * (std::fabs(start) + std::fabs(sum.value * factor));
            if (!(std::fabs(actual[cell] - expected) <= bound))
                return QString("slot %1, row %2: expected %3, got %4, bound %5")
                    .arg(slot)
                    .arg(row)
                    .arg(expected)
                    .arg(actual[cell])
                    .arg(bound);
        }
    }
    return {};
}

// The same with each expert's rows and matrix alone, bit for bit.
QString checkAgainstDense(const Stack& stack, const Slots& placed, const Input& input,
                          ActivationKind kind, const std::vector<float>& before,
                          const std::vector<float>& actual) {
    for (std::int32_t expert = 0; expert < kExperts; ++expert) {
        std::vector<float> x, out;
        std::vector<std::int64_t> places;
        for (std::int64_t slot = 0; slot < placed.nSlots(); ++slot) {
            const std::int64_t pair = placed.pairOfSlot[size(slot)];
            if (pair < 0 || placed.experts[size(pair)] != expert) continue;
            const auto row = input.x.begin() + pair * input.nCols;
            x.insert(x.end(), row, row + input.nCols);
            const auto start = before.begin() + slot * stack.nRows;
            out.insert(out.end(), start, start + stack.nRows);
            places.push_back(slot);
        }
        const auto nRows = static_cast<std::int64_t>(places.size());
        if (nRows != kExpertPairs[expert]) return "the slots lost a pair";
        if (nRows == 0) continue;
        const PlaneMemory plane = input.quantized(kind, x.data(), nRows, nullptr);
        const std::vector<std::byte> records = test::packed(stack.of(expert));
        cuda::LinearTilesArgs args;
        args.x = plane.plane;
        args.nTokens = nRows;
        args.nCols = plane.plane.nCols;
        args.matrices[0] = stack.target(out);
        args.matrices[0].records = records.data();
        cuda::launchLinearTiles(args, {});
        for (std::int64_t index = 0; index < nRows; ++index)
            if (std::memcmp(&out[size(index * stack.nRows)],
                            &actual[size(places[size(index)] * stack.nRows)],
                            size(stack.nRows) * sizeof(float)) != 0)
                return QString("expert %1, its row %2").arg(expert).arg(index);
    }
    return {};
}

// One call with all checks.
QString runAndCheck(const std::vector<Stack>& stacks, std::mt19937& random,
                    std::int32_t blockTokens, bool hasNorm) {
    const ActivationKind kind = cuda::activationKindOf(stacks[0].matrix.type);
    const Slots placed(shuffledExperts(random), {kExperts, 1, true}, blockTokens);
    const Input input(random, stacks[0].matrix.nCols, hasNorm);
    const PlaneMemory plane =
        input.quantized(kind, input.x.data(), placed.nSlots(), placed.pairOfSlot.data());
    std::vector<std::vector<float>> outs;
    for (const Stack& stack : stacks)
        outs.push_back(test::gaussians(random, placed.nSlots() * stack.nRows));
    const auto before = outs;
    std::vector<const Stack*> matrices;
    std::vector<std::vector<float>*> targets;
    for (std::size_t index = 0; index < stacks.size(); ++index) {
        matrices.push_back(&stacks[index]);
        targets.push_back(&outs[index]);
    }
    multiplyExperts(plane, placed, matrices, targets);
    for (std::size_t index = 0; index < stacks.size(); ++index) {
        QString problem =
            checkProducts(stacks[index], placed, input, plane, before[index], outs[index]);
        if (problem.isEmpty())
            problem =
                checkAgainstDense(stacks[index], placed, input, kind, before[index], outs[index]);
        if (!problem.isEmpty())
            return QString("matrix %1, blocks of %2: ").arg(index).arg(blockTokens) + problem;
    }
    return {};
}

}  // namespace

class ExpertTilesTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    // Each type in blocks of 16, 32 and 64 and each shape too; every other one with a deferred norm
    // and sums added to what is there.
    void experts_multiplyTheirOwnRows_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("nRows");
        QTest::addColumn<int>("nCols");
        QTest::addColumn<int>("blockTokens");
        QTest::addColumn<bool>("isAdding");
        std::size_t next = 0;
        for (const DType type : kTypes) {
            // Few columns where a product is six mma of the emulator.
            const bool isFloat = cuda::activationKindOf(type) != ActivationKind::Int8;
            const bool isShort = dtypeTraits(type).blockElements <= 32;
            for (const auto& [nRows, nCols] : {std::pair{32, isFloat ? 288 : 768},
                                               {96, isFloat   ? 160
                                                    : isShort ? 288
                                                              : 256},
                                               {288, isFloat ? 96 : 256}}) {
                const int blockTokens = 16 << next++ % 3;
                const std::string name = std::string(dtypeTraits(type).name) + ' ' +
                                         std::to_string(nRows) + 'x' + std::to_string(nCols) +
                                         ", blocks of " + std::to_string(blockTokens);
                QTest::newRow(name.c_str())
                    << static_cast<int>(type) << nRows << nCols << blockTokens << (next % 2 == 0);
            }
            ++next;
        }
    }
    void experts_multiplyTheirOwnRows() {
        QFETCH(int, type);
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        QFETCH(int, blockTokens);
        QFETCH(bool, isAdding);
        simt::setThreadOrderSeed(static_cast<std::uint64_t>(type));
        std::mt19937 random(static_cast<unsigned>(nRows + type));
        const std::vector<Stack> stacks{
            {random, static_cast<DType>(type), kExperts, nRows, nCols, isAdding}};
        const QString problem = runAndCheck(stacks, random, blockTokens, isAdding);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }

    // Matrices of different types and heights: row blocks of the second begin behind the first's.
    void experts_takeSeveralMatrices() {
        unsigned seed = 3;
        for (const std::int32_t blockTokens : {16, 32, 64}) {
            simt::setThreadOrderSeed(seed);
            std::mt19937 random(seed++);
            std::vector<Stack> stacks;
            stacks.emplace_back(random, DType::Q4_K, kExperts, 96, 256);
            stacks.emplace_back(random, DType::Q6_K, kExperts, 32, 256, true);
            const QString problem = runAndCheck(stacks, random, blockTokens, false);
            QVERIFY2(problem.isEmpty(), qPrintable(problem));
        }
        std::mt19937 random(9);
        std::vector<Stack> stacks;
        stacks.emplace_back(random, DType::Q8_0, kExperts, 32, 256);
        stacks.emplace_back(random, DType::Q5_K, kExperts, 160, 256);
        const QString problem = runAndCheck(stacks, random, 32, true);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }

    void experts_doNothingWithoutBlocks() {
        std::mt19937 random(1);
        const std::vector<Stack> stacks{{random, DType::Q8_0, 1, 32, 32}};
        std::vector<float> out(32);
        cuda::LinearTilesArgs args;
        const PlaneMemory plane = unwrittenPlane(ActivationKind::Int8, 1, 32, false);
        args.x = plane.plane;
        args.nTokens = 1;
        args.nCols = 32;
        args.matrices[0] = stacks[0].target(out);
        const cuda::ExpertBlock none{};
        args.expertBlocks = &none;
        args.blockTokens = 16;
        const auto before = simt::kernelsRun();
        cuda::launchLinearTiles(args, {});
        QCOMPARE(simt::kernelsRun(), before);
        args.nExpertBlocks = 1;  // an empty one
        cuda::launchLinearTiles(args, {});
        QCOMPARE(simt::kernelsRun(), before + 1);
        QCOMPARE(out, std::vector<float>(32));
    }
};

QTEST_GUILESS_MAIN(ExpertTilesTest)
#include "expert_tiles_test.moc"
