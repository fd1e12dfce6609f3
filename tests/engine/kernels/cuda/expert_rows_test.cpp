// expert_rows: products with the experts of each token against double precision, for every type,
// number of experts and place of a row in the plane; the gated product, the weighted sum with the
// residual and the next input; and the promise that a row's bits depend on nothing but the row.
#include "engine/kernels/cuda/expert_rows.h"

#include <QtTest>
#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "tests/engine/kernels/cuda/rows_case.h"
#include "tests/support/compare.h"
#include "tests/support/simt/control.h"
#include "tests/support/simt/hopper.h"

using namespace sotto;
using cuda::ActivationKind;
using test::FileMatrix;
using test::haveSameBits;
using test::PlaneMemory;

namespace {

constexpr DType kTypes[] = {DType::Q8_0, DType::Q4_0, DType::Q4_1, DType::Q5_0, DType::Q5_1,
                            DType::Q4_K, DType::Q5_K, DType::Q6_K, DType::F16,  DType::BF16};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr double kRounding = 0x1p-24;

struct Shape {
    int nRows;  // of one expert
    int nCols;
    int nTokens;
    int nUsed;
};
// Pairs in one to three tiles of the plane, at every place of a tile.
constexpr Shape kShapes[] = {
    {32, 256, 1, 8}, {32, 768, 2, 3}, {32, 768, 7, 2}, {96, 256, 8, 1}, {32, 256, 2, 11}};
// For types whose blocks are shorter than a step.
constexpr Shape kShortShapes[] = {{32, 288, 8, 2}, {64, 32, 1, 3}};

int colsOf(DType type, int nCols) {
    // 16-bit floats have no blocks: odd widths.
    return dtypeTraits(type).blockElements == 1 && nCols % 256 != 0 ? nCols - 3 : nCols;
}

std::vector<Shape> shapesOf(DType type) {
    std::vector<Shape> shapes(std::begin(kShapes), std::end(kShapes));
    if (dtypeTraits(type).blockElements < 256)
        shapes.insert(shapes.end(), std::begin(kShortShapes), std::end(kShortShapes));
    for (Shape& shape : shapes) shape.nCols = colsOf(type, shape.nCols);
    return shapes;
}

std::string nameOf(DType type, const Shape& shape) {
    return std::string(dtypeTraits(type).name) + ' ' + std::to_string(shape.nRows) + 'x' +
           std::to_string(shape.nCols) + ", " + std::to_string(shape.nTokens) + " tokens, " +
           std::to_string(shape.nUsed) + " experts";
}

// The matrices of all experts of a layer.
struct Stack {
    FileMatrix file;
    std::vector<std::byte> records;
    int nRows;

    Stack(std::mt19937& random, DType type, int nExperts, int nRowsOfOne, int nCols)
        : file(test::quantizedMatrix(random, type, nExperts * nRowsOfOne, nCols)),
          records(test::packed(file)),
          nRows(nRowsOfOne) {}

    cuda::RowsMatrix matrix(float* out) const {
        return {records.data(), nullptr, out, nRows, file.type, false};
    }
    double product(int expert, int row, const float* x) const {
        return test::dotProduct(file, expert * nRows + row, x);
    }
    double bound(int expert, int row, const float* x, bool isExact) const {
        return test::outputBound(file, expert * nRows + row, x, isExact);
    }
};

// Which experts each token goes to: distinct for a token, the same ones for tokens of one parity
// but in another order, so that experts are shared.
struct Routing {
    int nTokens, nUsed, nExperts;
    std::vector<std::int32_t> experts;
    std::vector<float> weights;

    Routing(std::mt19937& random, int tokens, int used)
        : nTokens(tokens), nUsed(used), nExperts(used + 2) {
        std::vector<std::int32_t> order(static_cast<std::size_t>(nExperts));
        for (int token = 0; token < nTokens; ++token) {
            std::iota(order.begin(), order.end(), token % 2 * 2);
            for (std::int32_t& expert : order) expert %= nExperts;
            std::shuffle(order.begin(), order.begin() + nUsed, random);
            experts.insert(experts.end(), order.begin(), order.begin() + nUsed);
        }
        for (std::size_t pair = 0; pair < experts.size(); ++pair)
            weights.push_back(static_cast<float>(1 + random() % 1000) / 1024.0f);
    }

    int nPairs() const { return nTokens * nUsed; }
    int expertOf(int pair) const { return experts[static_cast<std::size_t>(pair)]; }
    cuda::ExpertRowsArgs args(const PlaneMemory& x, bool isPerPair) const {
        cuda::ExpertRowsArgs args;
        args.x = x.plane;
        args.isPerPair = isPerPair;
        args.nTokens = nTokens;
        args.nUsed = nUsed;
        args.nCols = x.plane.nCols;
        // The kernels only read them.
        args.chosen = {const_cast<std::int32_t*>(experts.data()),
                       const_cast<float*>(weights.data())};
        return args;
    }
    // Some of the tokens, in this order.
    Routing of(const std::vector<int>& tokens) const {
        Routing some = *this;
        some.nTokens = static_cast<int>(tokens.size());
        some.experts.clear();
        some.weights.clear();
        for (const int token : tokens)
            for (int pair = token * nUsed; pair < (token + 1) * nUsed; ++pair) {
                some.experts.push_back(expertOf(pair));
                some.weights.push_back(weights[static_cast<std::size_t>(pair)]);
            }
        return some;
    }
};

std::vector<float> rowsOf(const std::vector<float>& rows, int width,
                          const std::vector<int>& chosen) {
    std::vector<float> some;
    for (const int row : chosen)
        some.insert(some.end(), rows.begin() + row * width, rows.begin() + (row + 1) * width);
    return some;
}

std::vector<float> store(const Routing& routing, const Stack& stack, const PlaneMemory& x,
                         bool isPerPair) {
    std::vector<float> out(static_cast<std::size_t>(routing.nPairs() * stack.nRows), kNan);
    cuda::ExpertRowsArgs args = routing.args(x, isPerPair);
    args.matrices[0] = stack.matrix(out.data());
    cuda::launchExpertRows(args, {nullptr, true});
    return out;
}

PlaneMemory gated(const Routing& routing, const Stack& gate, const Stack& up, const PlaneMemory& x,
                  GluKind kind) {
    PlaneMemory next(x.plane.kind, routing.nPairs(), gate.nRows, false);
    cuda::ExpertRowsArgs args = routing.args(x, false);
    args.matrices[0] = gate.matrix(nullptr);
    args.matrices[1] = up.matrix(nullptr);
    args.epilogue = cuda::ExpertEpilogue::Glu;
    args.glu = kind;
    args.next = next.plane;
    cuda::launchExpertRows(args, {nullptr, true});
    return next;
}

// hidden += ..., and the next plane where there is one.
void mix(const Routing& routing, const Stack& down, const PlaneMemory& x,
         std::vector<float>& hidden, PlaneMemory* next, const std::vector<float>& norm = {}) {
    cuda::ExpertRowsArgs args = routing.args(x, true);
    args.matrices[0] = down.matrix(hidden.data());
    args.epilogue = cuda::ExpertEpilogue::Mix;
    if (next != nullptr) args.next = next->plane;
    args.nextNorm = norm.empty() ? nullptr : norm.data();
    cuda::launchExpertRows(args, {nullptr, true});
}

double activation(GluKind kind, double x) {
    if (kind == GluKind::Silu) return x / (1.0 + std::exp(-x));
    return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
}

// 1 / rms of a row that was stored with a pending norm.
double normFactor(const float* x, int nCols, float epsilon) {
    double squares = 0;
    for (int col = 0; col < nCols; ++col) squares += static_cast<double>(x[col]) * x[col];
    return 1 / std::sqrt(squares / nCols + static_cast<double>(epsilon));
}
// The squares' sum and its root add some twenty roundings to the factor (linear_rows_test).
constexpr double kNormRoundings = 20 * kRounding;

// Cells of one row of a plane, as bits: what the plane says of it, and its scales.
std::vector<float> cellsOf(const PlaneMemory& plane, int row, int nCols) {
    std::vector<float> cells;
    for (int col = 0; col < nCols; ++col)
        cells.push_back(static_cast<float>(plane.value(row, col)));
    for (std::int64_t group = 0; group < plane.nGroups(); ++group)
        for (std::size_t part = 0; part < 2; ++part)
            cells.push_back(plane.scales[2 * plane.cell(row, group) + part]);
    return cells;
}

QString placeText(int pair, int row, double expected, double actual, double bound) {
    return QString("pair or token %1, row %2: expected %3, got %4, bound %5")
        .arg(pair)
        .arg(row)
        .arg(expected)
        .arg(actual)
        .arg(bound);
}

}  // namespace

class ExpertRowsTest : public QObject {
    Q_OBJECT

private slots:
    // Overlapping launches: every kernel must wait for what it reads.
    void init() {
        simt::reset();
        simt::useHopper();
    }

    void store_isTheProductOfEachPair_data() { addShapes(); }
    void store_isTheProductOfEachPair() {
        QFETCH(int, type);
        QFETCH(int, shapeIndex);
        QFETCH(bool, isExact);
        const Shape shape =
            shapesOf(static_cast<DType>(type))[static_cast<std::size_t>(shapeIndex)];
        const auto& [nRows, nCols, nTokens, nUsed] = shape;
        std::mt19937 random(static_cast<unsigned>(nRows + nCols + type));
        const Routing routing(random, nTokens, nUsed);
        const Stack stack(random, static_cast<DType>(type), routing.nExperts, nRows, nCols);
        // A row per token or per pair: each with half of the cases.
        const bool isPerPair = isExact == (shapeIndex % 2 == 0);
        const int nInputs = isPerPair ? routing.nPairs() : nTokens;
        const std::vector<float> rows = test::inputRows(random, nInputs, nCols, isExact);
        const PlaneMemory x = test::planeOf(rows, nInputs, nCols, stack.file.type);
        const std::vector<float> out = store(routing, stack, x, isPerPair);
        for (int pair = 0; pair < routing.nPairs(); ++pair) {
            const float* const own = rows.data() + (isPerPair ? pair : pair / nUsed) * nCols;
            for (int row = 0; row < nRows; ++row) {
                const double expected = stack.product(routing.expertOf(pair), row, own);
                const double bound = stack.bound(routing.expertOf(pair), row, own, isExact) +
                                     3 * kRounding * std::fabs(expected);
                const double actual = out[static_cast<std::size_t>(pair * nRows + row)];
                if (!(std::fabs(actual - expected) <= bound))
                    QFAIL(qPrintable(placeText(pair, row, expected, actual, bound)));
            }
        }
        simt::setThreadOrderSeed(isExact ? 1 : 2);
        QCOMPARE(test::firstBitDifference(out, store(routing, stack, x, isPerPair)), out.size());
    }

    // W (x * w / rms(x)), the factor from the squares of the pair's own token.
    void pendingNorm_isAppliedToItsToken() {
        for (const DType type : {DType::Q8_0, DType::Q4_K, DType::F16, DType::BF16}) {
            std::mt19937 random(31);
            const int nCols = type == DType::Q4_K ? 512 : 288;
            const Routing routing(random, 5, 2);
            const Stack stack(random, type, routing.nExperts, 32, nCols);
            const std::vector<float> norm = test::gaussians(random, nCols);
            for (const bool isPerPair : {false, true}) {
                const int nInputs = isPerPair ? 10 : 5;
                std::vector<float> rows = test::gaussians(random, nInputs * nCols);
                const PlaneMemory x = test::planeOf(rows, nInputs, nCols, type, norm);
                const std::vector<float> out = store(routing, stack, x, isPerPair);
                std::vector<double> factors;
                for (int input = 0; input < nInputs; ++input) {
                    float* const own = rows.data() + input * nCols;
                    factors.push_back(normFactor(own, nCols, x.plane.normEpsilon));
                    for (int col = 0; col < nCols; ++col)
                        own[col] *= norm[static_cast<std::size_t>(col)];
                }
                for (int pair = 0; pair < routing.nPairs(); ++pair) {
                    const int input = isPerPair ? pair : pair / 2;
                    const float* const own = rows.data() + input * nCols;
                    const double factor = factors[static_cast<std::size_t>(input)];
                    for (int row = 0; row < 32; ++row) {
                        const int expert = routing.expertOf(pair);
                        const double expected = stack.product(expert, row, own) * factor;
                        const double bound = stack.bound(expert, row, own, false) * factor +
                                             kNormRoundings * std::fabs(expected);
                        const double actual = out[static_cast<std::size_t>(pair * 32 + row)];
                        QVERIFY2(std::fabs(actual - expected) <= bound,
                                 qPrintable(placeText(pair, row, expected, actual, bound)));
                    }
                }
            }
        }
    }

    void glu_isTheGatedProductOfEachPair_data() {
        QTest::addColumn<int>("gateType");
        QTest::addColumn<int>("upType");
        // As in Q4_K_M files, the second matrix may be of another type.
        for (const auto& [gate, up] : {std::pair{DType::Q4_K, DType::Q4_K},
                                       {DType::Q6_K, DType::Q4_0},
                                       {DType::Q8_0, DType::Q5_K},
                                       {DType::Q5_0, DType::Q5_1},
                                       {DType::Q4_1, DType::Q5_0},
                                       {DType::F16, DType::F16},
                                       {DType::BF16, DType::BF16}})
            QTest::addRow("%s, %s", std::string(dtypeTraits(gate).name).c_str(),
                          std::string(dtypeTraits(up).name).c_str())
                << static_cast<int>(gate) << static_cast<int>(up);
    }
    void glu_isTheGatedProductOfEachPair() {
        QFETCH(int, gateType);
        QFETCH(int, upType);
        for (const auto& [nRows, nCols, nTokens, nUsed] : {std::tuple{32, 512, 1, 8},
                                                           {96, 256, 2, 3},
                                                           {288, 256, 2, 1},
                                                           {32, 256, 7, 2},
                                                           {32, 256, 1, 11}}) {
            std::mt19937 random(static_cast<unsigned>(nRows + 1));
            const Routing routing(random, nTokens, nUsed);
            const Stack gate(random, static_cast<DType>(gateType), routing.nExperts, nRows, nCols);
            const Stack up(random, static_cast<DType>(upType), routing.nExperts, nRows, nCols);
            // Integers, made small by the norm and a power of two as its weight, so that they stay
            // exact and the activation is not in its straight part.
            const std::vector<float> rows = test::inputRows(random, nTokens, nCols, true);
            const std::vector<float> norm(static_cast<std::size_t>(nCols), 0x1p-5f);
            const PlaneMemory x = test::planeOf(rows, nTokens, nCols, gate.file.type, norm);
            for (const GluKind kind : {GluKind::Silu, GluKind::GeluTanh}) {
                simt::setThreadOrderSeed(0);
                const PlaneMemory next = gated(routing, gate, up, x, kind);
                checkGlu(routing, gate, up, rows, x.plane.normEpsilon, kind, next);
                if (QTest::currentTestFailed()) return;
                simt::setThreadOrderSeed(kind == GluKind::Silu ? 4 : 5);
                QVERIFY(haveSameBits(next, gated(routing, gate, up, x, kind)));
            }
        }
    }

    void mix_isTheWeightedSum_data() { addShapes(); }
    void mix_isTheWeightedSum() {
        QFETCH(int, type);
        QFETCH(int, shapeIndex);
        QFETCH(bool, isExact);
        const Shape shape =
            shapesOf(static_cast<DType>(type))[static_cast<std::size_t>(shapeIndex)];
        const auto& [nRows, nCols, nTokens, nUsed] = shape;
        std::mt19937 random(static_cast<unsigned>(nRows + nCols + type + 1));
        const Routing routing(random, nTokens, nUsed);
        const Stack down(random, static_cast<DType>(type), routing.nExperts, nRows, nCols);
        const std::vector<float> rows = test::inputRows(random, routing.nPairs(), nCols, isExact);
        const PlaneMemory x = test::planeOf(rows, routing.nPairs(), nCols, down.file.type);
        const std::vector<float> before = test::gaussians(random, nTokens * nRows);
        std::vector<float> hidden = before;
        mix(routing, down, x, hidden, nullptr);
        checkMix(routing, down, rows, std::vector<double>(rows.size(), 1.0), isExact, before,
                 hidden);
        if (QTest::currentTestFailed()) return;
        simt::setThreadOrderSeed(isExact ? 1 : 2);
        std::vector<float> again = before;
        mix(routing, down, x, again, nullptr);
        QCOMPARE(test::firstBitDifference(hidden, again), hidden.size());
    }

    // The plane that quantize_rows makes of the new hidden rows, padding included.
    void mix_leavesTheNextInput() {
        for (const DType type : {DType::Q8_0, DType::Q6_K, DType::F16, DType::BF16}) {
            for (const auto& [nRows, nTokens, nUsed] :
                 {std::tuple{64, 1, 8}, {288, 2, 2}, {32, 3, 11}}) {
                std::mt19937 random(static_cast<unsigned>(nRows));
                const Routing routing(random, nTokens, nUsed);
                const Stack down(random, type, routing.nExperts, nRows, 256);
                const PlaneMemory x = test::planeOf(test::gaussians(random, routing.nPairs() * 256),
                                                    routing.nPairs(), 256, type);
                const std::vector<float> norm = test::gaussians(random, nRows);
                const std::vector<float> before = test::gaussians(random, nTokens * nRows);
                std::vector<float> expected = before;
                mix(routing, down, x, expected, nullptr);
                for (const bool hasNorm : {true, false}) {
                    simt::setThreadOrderSeed(hasNorm ? 0 : 3);
                    const std::vector<float> ownNorm = hasNorm ? norm : std::vector<float>();
                    std::vector<float> hidden = before;
                    PlaneMemory next(x.plane.kind, nTokens, nRows, hasNorm);
                    mix(routing, down, x, hidden, &next, ownNorm);
                    QCOMPARE(test::firstBitDifference(expected, hidden), hidden.size());
                    QVERIFY(
                        haveSameBits(test::planeOf(expected, nTokens, nRows, type, ownNorm), next));
                }
            }
        }
    }

    void mix_appliesThePendingNormOfEachPair() {
        for (const DType type : {DType::Q4_0, DType::F16}) {
            std::mt19937 random(37);
            const Routing routing(random, 3, 3);
            const Stack down(random, type, routing.nExperts, 32, 288);
            const std::vector<float> rows = test::inputRows(random, 9, 288, true);
            const std::vector<float> norm(288, 1.0f);
            const PlaneMemory x = test::planeOf(rows, 9, 288, type, norm);
            const std::vector<float> before = test::gaussians(random, 3 * 32);
            std::vector<float> hidden = before;
            mix(routing, down, x, hidden, nullptr);
            std::vector<double> factors;
            for (int pair = 0; pair < 9; ++pair)
                factors.push_back(normFactor(rows.data() + pair * 288, 288, x.plane.normEpsilon));
            checkMix(routing, down, rows, factors, true, before, hidden);
            if (QTest::currentTestFailed()) return;
        }
    }

    // Any subset of the tokens, in any order: the same bits, also where one token has few blocks
    // and eight have many (the shape with 1536 columns, which more warps would split otherwise).
    void rows_doNotDependOnEachOther_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("nRows");
        QTest::addColumn<int>("nCols");
        QTest::addColumn<int>("nUsed");
        for (const DType type : kTypes)
            QTest::addRow("%s", std::string(dtypeTraits(type).name).c_str())
                << static_cast<int>(type) << 32 << (type == DType::BF16 ? 256 : 512) << 3;
#ifndef SOTTO_ADDRESS_SANITIZED  // about the plan alone, and long
        QTest::newRow("many blocks") << static_cast<int>(DType::Q8_0) << 96 << 1536 << 8;
#endif
        QTest::newRow("rounds") << static_cast<int>(DType::Q4_0) << 32 << 256 << 11;
    }
    void rows_doNotDependOnEachOther() {
        QFETCH(int, type);
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        QFETCH(int, nUsed);
        const auto dtype = static_cast<DType>(type);
        std::mt19937 random(17);
        const Routing all(random, 8, nUsed);
        const Stack stack(random, dtype, all.nExperts, nRows, nCols);
        const std::vector<float> rows = test::gaussians(random, 8 * nCols);
        const std::vector<float> pairRows = test::gaussians(random, 8 * nUsed * nCols);
        const std::vector<float> before = test::gaussians(random, 8 * nRows);
        const auto run = [&](const std::vector<int>& tokens) {
            const Routing some = all.of(tokens);
            std::vector<int> pairs;
            for (const int token : tokens)
                for (int place = 0; place < nUsed; ++place) pairs.push_back(token * nUsed + place);
            const PlaneMemory x =
                test::planeOf(rowsOf(rows, nCols, tokens), some.nTokens, nCols, dtype);
            const PlaneMemory pairX =
                test::planeOf(rowsOf(pairRows, nCols, pairs), some.nPairs(), nCols, dtype);
            const std::vector<float> products = store(some, stack, x, false);
            const PlaneMemory next = gated(some, stack, stack, x, GluKind::Silu);
            std::vector<float> hidden = rowsOf(before, nRows, tokens);
            mix(some, stack, pairX, hidden, nullptr);
            // Everything of one token, one after the other.
            std::vector<std::vector<float>> result;
            for (int token = 0; token < some.nTokens; ++token) {
                std::vector<float> bits(hidden.begin() + token * nRows,
                                        hidden.begin() + (token + 1) * nRows);
                for (int pair = token * nUsed; pair < (token + 1) * nUsed; ++pair) {
                    bits.insert(bits.end(), products.begin() + pair * nRows,
                                products.begin() + (pair + 1) * nRows);
                    const std::vector<float> cells = cellsOf(next, pair, nRows);
                    bits.insert(bits.end(), cells.begin(), cells.end());
                }
                result.push_back(bits);
            }
            return result;
        };
        const auto expected = run({0, 1, 2, 3, 4, 5, 6, 7});
        for (const std::vector<int>& tokens :
             std::vector<std::vector<int>>{{6}, {5, 2}, {7, 0, 3, 1, 4, 6, 2}}) {
            const auto actual = run(tokens);
            for (std::size_t index = 0; index < tokens.size(); ++index) {
                const auto& own = expected[static_cast<std::size_t>(tokens[index])];
                QCOMPARE(test::firstBitDifference(own, actual[index]), own.size());
            }
        }
    }

private:
    static void addShapes() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("shapeIndex");
        QTest::addColumn<bool>("isExact");
        for (const DType type : kTypes) {
            const std::vector<Shape> shapes = shapesOf(type);
            for (std::size_t index = 0; index < shapes.size(); ++index) {
                for (const bool isExact : {true, false}) {
#ifdef SOTTO_ADDRESS_SANITIZED
                    if (!isExact) continue;  // numbers do not change what is touched
#endif
                    QTest::newRow(
                        (nameOf(type, shapes[index]) + (isExact ? ", exact" : "")).c_str())
                        << static_cast<int>(type) << static_cast<int>(index) << isExact;
                }
            }
        }
    }

    // As in linear_rows_epilogue_test: a product's error passes the activation with a factor of at
    // most 1.13 (GELU's slope), exp's argument may be off by a few units of its size (at most 88).
    static void checkGlu(const Routing& routing, const Stack& gate, const Stack& up,
                         const std::vector<float>& rows, float epsilon, GluKind kind,
                         const PlaneMemory& next) {
        const auto nCols = static_cast<int>(gate.file.nCols);
        for (int pair = 0; pair < routing.nPairs(); ++pair) {
            const int expert = routing.expertOf(pair);
            const float* const x = rows.data() + pair / routing.nUsed * nCols;
            const double factor = normFactor(x, nCols, epsilon) / 32;
            for (int first = 0; first < gate.nRows; first += 32) {
                double largest = 0;
                std::vector<std::pair<double, double>> expected;  // value and bound
                for (int row = first; row < first + 32; ++row) {
                    const double g = gate.product(expert, row, x) * factor;
                    const double u = up.product(expert, row, x) * factor;
                    const double gateError =
                        gate.bound(expert, row, x, true) * factor + std::fabs(g) * kNormRoundings;
                    const double upError =
                        up.bound(expert, row, x, true) * factor + std::fabs(u) * kNormRoundings;
                    const double value = activation(kind, g) * u;
                    const double bound = 1.13 * gateError * (std::fabs(u) + upError) +
                                         std::fabs(activation(kind, g)) * upError +
                                         std::fabs(value) * (2 * 88 + 6) * kRounding;
                    largest = std::max(largest, std::fabs(value) + bound);
                    expected.emplace_back(value, bound);
                }
                const double step = next.plane.kind == ActivationKind::Int8 ? largest / 127 * 0.5001
                                                                            : largest * 0x1p-22;
                for (int index = 0; index < 32; ++index) {
                    const auto& [value, bound] = expected[static_cast<std::size_t>(index)];
                    const double stored = next.value(pair, first + index);
                    QVERIFY2(
                        std::fabs(stored - value) <= bound + step,
                        qPrintable(placeText(pair, first + index, value, stored, bound + step)));
                }
            }
            for (std::int64_t col = gate.nRows; col < next.nGroups() * 32; ++col)
                QCOMPARE(next.value(pair, col), 0.0);
        }
    }

    // factors: of the pending norm of each pair, 1 without one. Beyond the products' own bounds:
    // the factor, weight times factor, times the result, a sum of at most nUsed and eight terms in
    // the warps and across them, and the hidden value.
    static void checkMix(const Routing& routing, const Stack& down, const std::vector<float>& rows,
                         const std::vector<double>& factors, bool isExact,
                         const std::vector<float>& before, const std::vector<float>& hidden) {
        const auto nCols = static_cast<int>(down.file.nCols);
        for (int token = 0; token < routing.nTokens; ++token) {
            for (int row = 0; row < down.nRows; ++row) {
                const auto cell = static_cast<std::size_t>(token * down.nRows + row);
                double expected = before[cell];
                double size = std::fabs(expected);
                double bound = 0;
                for (int place = 0; place < routing.nUsed; ++place) {
                    const int pair = token * routing.nUsed + place;
                    const auto index = static_cast<std::size_t>(pair);
                    const float* const x = rows.data() + pair * nCols;
                    const double weight = routing.weights[index] * factors[index];
                    const double term = weight * down.product(routing.expertOf(pair), row, x);
                    const double error =
                        weight * down.bound(routing.expertOf(pair), row, x, isExact);
                    expected += term;
                    size += std::fabs(term) + error;
                    bound += error + kNormRoundings * std::fabs(term);
                }
                bound += (routing.nUsed + 8 + 3) * kRounding * size;
                QVERIFY2(std::fabs(hidden[cell] - expected) <= bound,
                         qPrintable(placeText(token, row, expected, hidden[cell], bound)));
            }
        }
    }
};

QTEST_GUILESS_MAIN(ExpertRowsTest)
#include "expert_rows_test.moc"
