// Prefill of a mixture's feed-forward block as a whole: sort, gather, gate and up, activation,
// down, mix; against the definition in engine/kernels/experts.h in double precision.
#include "engine/kernels/cuda/expert_slots.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "engine/kernels/cuda/quantize_rows.h"
#include "tests/engine/kernels/cuda/expert_scene.h"
#include "tests/support/simt/control.h"
#include "tests/support/simt/hopper.h"

using namespace sotto;
using cuda::ActivationKind;
using test::PlaneMemory;
using test::size;
using test::Slots;
using test::Stack;

namespace {

// A number and how far it may be off.
struct Estimate {
    double value = 0;
    double error = 0;
};

// What quantizing does to a row: half a step of the largest magnitude of each 32 columns in 8 bits,
// 22 or 24 bits of a float split into parts, down to the steps of the smallest halves.
std::vector<Estimate> stored(ActivationKind kind, std::vector<Estimate> row) {
    for (std::size_t first = 0; first < row.size(); first += 32) {
        const std::size_t end = std::min(row.size(), first + 32);
        double largest = 0;
        for (std::size_t col = first; col < end; ++col)
            largest = std::max(largest, std::fabs(row[col].value) + row[col].error);
        for (std::size_t col = first; col < end; ++col) {
            Estimate& cell = row[col];
            cell.error += kind == ActivationKind::Int8
                              ? largest / 127 * (0.5 + 127 * 3 * 0x1p-24)
                              : (std::fabs(cell.value) + cell.error) * 0x1p-22 + largest * 0x1p-38;
        }
    }
    return row;
}

// One row of a matrix times x. A chain of a few roundings per group, relative to the sizes of its
// terms: a weight's code part and minimum are each at most twice the spread of its group.
Estimate product(const float* weights, const std::vector<Estimate>& x) {
    Estimate sum;
    double magnitude = 0;
    for (std::size_t first = 0; first < x.size(); first += 32) {
        const std::size_t end = std::min(x.size(), first + 32);
        const auto [low, high] = std::minmax_element(weights + first, weights + end);
        const double largest = 2.0 * (*high - *low) + std::max(std::fabs(*low), std::fabs(*high));
        for (std::size_t col = first; col < end; ++col) {
            sum.value += weights[col] * x[col].value;
            sum.error += std::fabs(weights[col]) * x[col].error;
            magnitude += largest * (std::fabs(x[col].value) + x[col].error);
        }
    }
    sum.error += (static_cast<double>(x.size()) / 16 + 12) * 0x1p-24 * magnitude;
    return sum;
}

// activation(gate) * up. Slopes of SiLU and tanh GELU are below 1.13; a few float operations, whose
// exponential multiplies the rounding of its argument (quantize_rows_test.cpp).
Estimate gated(bool isGelu, const Estimate& gate, const Estimate& up) {
    const double x = gate.value;
    const double activation =
        isGelu ? 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)))
               : x / (1 + std::exp(-x));
    const double value = activation * up.value;
    const double activationError =
        1.13 * gate.error + (std::fabs(activation) + 1e-30) * 200 * 0x1p-24;
    return {value, activationError * (std::fabs(up.value) + up.error) +
                       std::fabs(activation) * up.error + 6 * 0x1p-24 * std::fabs(value)};
}

struct Scene {
    static constexpr int kExperts = 6;
    std::int64_t nTokens;
    std::int64_t nCols;
    std::int64_t nInner;
    ExpertChoice choice;
    bool isGelu;
    std::vector<Stack> stacks;  // gate, up, down
    std::vector<float> x;       // normed rows
    std::vector<std::int32_t> experts;
    std::vector<float> weights;
    std::vector<float> hidden;

    // Expert 2 gets nothing; the others what comes.
    Scene(std::mt19937& random, const DType (&types)[3], std::int64_t tokens, std::int64_t cols,
          std::int64_t inner, std::int32_t nUsed)
        : nTokens(tokens),
          nCols(cols),
          nInner(inner),
          choice{kExperts, nUsed, true},
          isGelu(nUsed == 3),
          x(size(tokens * cols)),
          hidden(test::gaussians(random, tokens * cols)) {
        stacks.emplace_back(random, types[0], kExperts, inner, cols);
        stacks.emplace_back(random, types[1], kExperts, inner, cols);
        stacks.emplace_back(random, types[2], kExperts, cols, inner);
        // Small integers times a power of two, the largest in every group: 8 bits lose nothing of
        // them. Gates come out around one: neither all open nor all shut.
        const float unit = cols >= 256 ? 0x1p-11f : 0x1p-10f;
        for (std::size_t index = 0; index < x.size(); ++index) {
            const int number = static_cast<int>(random() % 255) - 127;
            x[index] = unit * static_cast<float>(index % 32 == 7 ? 127 : number);
        }
        std::uniform_real_distribution<float> positive(0.1f, 1.0f);
        for (std::int64_t token = 0; token < tokens; ++token) {
            std::vector<std::int32_t> order{0, 1, 3, 4, 5};
            std::shuffle(order.begin(), order.end(), random);
            experts.insert(experts.end(), order.begin(), order.begin() + nUsed);
            for (int index = 0; index < nUsed; ++index) weights.push_back(positive(random));
        }
    }

    Estimate expected(std::int64_t token, std::int64_t col,
                      const std::vector<std::vector<Estimate>>& innerRows) const {
        Estimate sum{hidden[size(token * nCols + col)], 0};
        double magnitude = std::fabs(sum.value);
        for (std::int64_t index = 0; index < choice.nUsed; ++index) {
            const std::int64_t pair = token * choice.nUsed + index;
            const Estimate down =
                product(stacks[2].row(experts[size(pair)], col), innerRows[size(pair)]);
            const double weight = weights[size(pair)];
            sum.value += weight * down.value;
            sum.error += weight * down.error;
            magnitude += weight * (std::fabs(down.value) + down.error);
        }
        sum.error += (choice.nUsed + 1) * 0x1p-24 * magnitude;
        return sum;
    }
    // Inputs of down, by pair.
    std::vector<std::vector<Estimate>> innerRows() const {
        const ActivationKind downKind = cuda::activationKindOf(stacks[2].matrix.type);
        std::vector<std::vector<Estimate>> rows;
        for (std::size_t pair = 0; pair < experts.size(); ++pair) {
            const std::int64_t token = static_cast<std::int64_t>(pair) / choice.nUsed;
            std::vector<Estimate> in;
            for (std::int64_t col = 0; col < nCols; ++col)
                in.push_back({x[size(token * nCols + col)], 0});
            std::vector<Estimate> inner;
            for (std::int64_t row = 0; row < nInner; ++row)
                inner.push_back(gated(isGelu, product(stacks[0].row(experts[pair], row), in),
                                      product(stacks[1].row(experts[pair], row), in)));
            rows.push_back(stored(downKind, inner));
        }
        return rows;
    }
};

// The launches of a layer, as the engine makes them.
std::vector<float> run(const Scene& scene, std::int32_t blockTokens, const cuda::LaunchStream& on) {
    const Slots placed(scene.experts, scene.choice, blockTokens, on);
    const std::int64_t nSlots = placed.nSlots();
    const auto unwritten = [&](std::int64_t width) {
        return std::vector<float>(size(nSlots * width), std::numeric_limits<float>::quiet_NaN());
    };
    const auto kindOf = [&](std::size_t stack) {
        return cuda::activationKindOf(scene.stacks[stack].matrix.type);
    };
    PlaneMemory in = test::unwrittenPlane(kindOf(0), nSlots, scene.nCols, false);
    cuda::QuantizeRowsArgs gather;
    gather.x = scene.x.data();
    gather.nTokens = nSlots;
    gather.plane = in.plane;
    gather.pairOfSlot = placed.pairOfSlot.data();
    gather.pairsPerRow = scene.choice.nUsed;
    cuda::launchQuantizeRows(gather, on);
    std::vector<float> gate = unwritten(scene.nInner), up = unwritten(scene.nInner);
    test::multiplyExperts(in, placed, {&scene.stacks[0], &scene.stacks[1]}, {&gate, &up}, on);
    PlaneMemory inner = test::unwrittenPlane(kindOf(2), nSlots, scene.nInner, false);
    cuda::QuantizeRowsArgs activate;
    activate.x = up.data();
    activate.gate = gate.data();
    activate.isGelu = scene.isGelu;
    activate.nTokens = nSlots;
    activate.plane = inner.plane;
    activate.pairOfSlot = placed.pairOfSlot.data();
    cuda::launchQuantizeRows(activate, on);
    std::vector<float> mixed = unwritten(scene.nCols);
    test::multiplyExperts(inner, placed, {&scene.stacks[2]}, {&mixed}, on);
    std::vector<float> hidden = scene.hidden;
    cuda::launchMixExperts({mixed.data(), placed.slotOfPair.data(), scene.weights.data(),
                            hidden.data(), scene.nTokens, scene.choice.nUsed, scene.nCols},
                           on);
    return hidden;
}

}  // namespace

class ExpertChainTest : public QObject {
    Q_OBJECT

private slots:
    // Overlapping launches: every kernel must wait for what it reads.
    void init() {
        simt::reset();
        simt::useHopper();
    }

    void block_isTheWeightedSumOfExperts_data() {
        QTest::addColumn<int>("gate");
        QTest::addColumn<int>("up");
        QTest::addColumn<int>("down");
        QTest::addColumn<int>("nTokens");
        QTest::addColumn<int>("nCols");
        QTest::addColumn<int>("nInner");
        QTest::addColumn<int>("nUsed");
        const auto add = [](DType gate, DType up, DType down, int nTokens, int nCols, int nInner,
                            int nUsed) {
            const std::string name = std::string(dtypeTraits(gate).name) + ' ' +
                                     std::string(dtypeTraits(up).name) + ' ' +
                                     std::string(dtypeTraits(down).name);
            QTest::newRow(name.c_str())
                << static_cast<int>(gate) << static_cast<int>(up) << static_cast<int>(down)
                << nTokens << nCols << nInner << nUsed;
        };
        add(DType::Q4_K, DType::Q4_K, DType::Q6_K, 19, 256, 256, 2);
        add(DType::Q8_0, DType::Q4_0, DType::Q8_0, 25, 64, 96, 3);
        add(DType::Q5_0, DType::Q4_1, DType::Q5_1, 17, 64, 96, 2);
        add(DType::Q5_K, DType::Q6_K, DType::F16, 9, 256, 32, 1);
        add(DType::F16, DType::F16, DType::F16, 21, 64, 96, 3);
        add(DType::BF16, DType::BF16, DType::BF16, 9, 64, 32, 5);
    }
    void block_isTheWeightedSumOfExperts() {
        QFETCH(int, gate);
        QFETCH(int, up);
        QFETCH(int, down);
        QFETCH(int, nTokens);
        QFETCH(int, nCols);
        QFETCH(int, nInner);
        QFETCH(int, nUsed);
        const DType types[] = {static_cast<DType>(gate), static_cast<DType>(up),
                               static_cast<DType>(down)};
        std::mt19937 random(6);
        const Scene scene(random, types, nTokens, nCols, nInner, nUsed);
        const auto innerRows = scene.innerRows();
        const std::vector<float> first = run(scene, 16, {nullptr, true});
        double sumOfErrors = 0, sumOfChanges = 0;
        for (std::int64_t token = 0; token < nTokens; ++token) {
            for (std::int64_t col = 0; col < nCols; ++col) {
                const std::size_t cell = size(token * nCols + col);
                const Estimate expected = scene.expected(token, col, innerRows);
                QVERIFY2(std::fabs(first[cell] - expected.value) <= expected.error,
                         qPrintable(QString("token %1, column %2: expected %3, got %4, bound %5")
                                        .arg(token)
                                        .arg(col)
                                        .arg(expected.value)
                                        .arg(first[cell])
                                        .arg(expected.error)));
                sumOfErrors += expected.error;
                sumOfChanges += std::fabs(expected.value - scene.hidden[cell]);
            }
        }
        // The bound would be nothing worth, were it as large as what a wrong expert or token
        // changes: 8-bit inputs of down in the worst case add up to a sixth of it.
        const bool isInt8 =
            cuda::activationKindOf(static_cast<DType>(down)) == ActivationKind::Int8;
        QVERIFY(sumOfErrors < (isInt8 ? 0.25 : 0.005) * sumOfChanges);
        // Nothing depends on the block's size nor on the order of threads.
        std::uint64_t seed = 1;
        for (const std::int32_t blockTokens : {16, 32, 64}) {
            simt::setThreadOrderSeed(seed++);
            QCOMPARE(run(scene, blockTokens, {nullptr, true}), first);
        }
    }

    // A token's bits are the same whatever comes with it.
    void block_givesTheSameBitsForAnyOtherTokens() {
        std::mt19937 random(12);
        const DType types[] = {DType::Q4_K, DType::Q5_K, DType::Q6_K};
        Scene scene(random, types, 21, 256, 256, 2);
        const std::vector<float> all = run(scene, 16, {});
        for (const std::int64_t nTokens : {1, 9, 14}) {
            Scene some = scene;
            some.nTokens = nTokens;
            const auto keepLast = [&](auto& values, std::int64_t perToken) {
                values.erase(values.begin(), values.end() - nTokens * perToken);
            };
            keepLast(some.x, scene.nCols);
            keepLast(some.hidden, scene.nCols);
            keepLast(some.experts, scene.choice.nUsed);
            keepLast(some.weights, scene.choice.nUsed);
            const std::vector<float> last = run(some, 32, {});
            QCOMPARE(last, std::vector<float>(all.end() - nTokens * scene.nCols, all.end()));
        }
    }
};

QTEST_GUILESS_MAIN(ExpertChainTest)
#include "expert_chain_test.moc"
