// linear_rows with its epilogues, each against the separate kernels that it stands for: residual
// plus the next input, gate and up, and the projections with rotation and cache.
#include <QtTest>
#include <random>

#include "engine/kernels/cuda/linear_rows.h"
#include "tests/engine/kernels/cuda/rows_case.h"
#include "tests/support/compare.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using cuda::ActivationKind;
using test::FileMatrix;
using test::haveSameBits;
using test::PlaneMemory;

namespace {

struct Weights {
    FileMatrix file;
    std::vector<std::byte> records;
    std::vector<float> bias;

    Weights(std::mt19937& random, DType type, int nRows, int nCols)
        : file(test::quantizedMatrix(random, type, nRows, nCols)),
          records(test::packed(file)),
          bias(test::gaussians(random, nRows)) {}

    cuda::RowsMatrix matrix(float* out, bool isAccumulating = false) const {
        return {records.data(), bias.data(),   out, static_cast<std::int32_t>(file.nRows),
                file.type,      isAccumulating};
    }
};

cuda::LinearRowsArgs argsOf(const PlaneMemory& x, int nTokens) {
    cuda::LinearRowsArgs args;
    args.x = x.plane;
    args.nTokens = nTokens;
    args.nCols = x.plane.nCols;
    return args;
}

double activation(GluKind kind, double x) {
    if (kind == GluKind::Silu) return x / (1.0 + std::exp(-x));
    return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
}

// q, k, v and cache of one layer, with the batch on the "device".
struct RopeCase {
    int headDim, nHeads, nKvHeads, nTokens;
    std::vector<float> q, k, v, qNorm, kNorm, frequencies;
    std::vector<std::byte> keys, values;
    std::vector<std::int32_t> positions, sequenceIndex, firstRows, blockIds;
    std::vector<std::int32_t> finishedPanels;

    static constexpr int kBlockTokens = 4;
    static constexpr int kBlocks = 6;

    RopeCase(std::mt19937& random, int dim, int heads, int kvHeads, int tokens)
        : headDim(dim),
          nHeads(heads),
          nKvHeads(kvHeads),
          nTokens(tokens),
          q(static_cast<std::size_t>(tokens * heads * dim)),
          k(static_cast<std::size_t>(tokens * kvHeads * dim)),
          v(k.size()),
          qNorm(test::gaussians(random, dim)),
          kNorm(test::gaussians(random, dim)),
          keys(static_cast<std::size_t>(kBlocks * kvHeads * kBlockTokens * dim * 2)),
          values(keys.size()),
          firstRows{0, tokens / 2, tokens},
          blockIds{5, 3, 0, 1, 4, 2},
          finishedPanels(static_cast<std::size_t>(heads + 2 * kvHeads)) {
        for (int pair = 0; pair < dim / 2; ++pair)
            frequencies.push_back(
                std::pow(10000.0f, -2.0f * static_cast<float>(pair) / static_cast<float>(dim)));
        for (int token = 0; token < tokens; ++token) {
            sequenceIndex.push_back(token < tokens / 2 ? 0 : 1);
            positions.push_back(token < tokens / 2 ? 2 + token : 1 + token - tokens / 2);
        }
    }

    cuda::RopeStoreLaunch launch(RopeKind kind, bool hasNorm) {
        cuda::RopeStoreLaunch args;
        args.q = q.data();
        args.k = k.data();
        args.v = v.data();
        args.qNorm = hasNorm ? qNorm.data() : nullptr;
        args.kNorm = hasNorm ? kNorm.data() : nullptr;
        args.kind = kind;
        args.rotaryDims = headDim;
        args.frequencies = frequencies.data();
        args.nHeads = nHeads;
        args.cache = {{keys.data(), KvType::F16, headDim},
                      {values.data(), KvType::F16, headDim},
                      kBlockTokens,
                      nKvHeads};
        args.batch = {positions.data(),
                      sequenceIndex.data(),
                      firstRows.data(),
                      blockIds.data(),
                      3,
                      nTokens,
                      2,
                      nTokens,
                      12};
        return args;
    }
};

}  // namespace

class LinearRowsEpilogueTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    // hidden += W x + b, then the plane that quantize_rows makes of the new hidden rows.
    void residual_leavesTheNextInput() {
        for (const DType type : {DType::Q8_0, DType::Q4_K, DType::F16, DType::BF16}) {
            for (const auto& [nRows, nTokens] : {std::pair{64, 1}, {40, 3}, {288, 8}}) {
                std::mt19937 random(static_cast<unsigned>(nRows));
                const Weights weights(random, type, nRows, 256);
                const PlaneMemory x =
                    test::planeOf(test::gaussians(random, nTokens * 256), nTokens, 256, type);
                const std::vector<float> norm = test::gaussians(random, nRows);
                const std::vector<float> before = test::gaussians(random, nTokens * nRows);

                std::vector<float> expectedRows = before;
                cuda::LinearRowsArgs args = argsOf(x, nTokens);
                args.matrices[0] = weights.matrix(expectedRows.data(), true);
                cuda::launchLinearRows(args, {});
                const PlaneMemory expected =
                    test::planeOf(expectedRows, nTokens, nRows, type, norm);

                for (const std::uint64_t seed : {0, 3}) {
                    simt::setThreadOrderSeed(seed);
                    std::vector<float> rows = before;
                    PlaneMemory next(cuda::activationKindOf(type), nTokens, nRows, true);
                    args.matrices[0].out = rows.data();
                    args.epilogue = cuda::RowsEpilogue::Residual;
                    args.next = next.plane;
                    args.nextNorm = norm.data();
                    cuda::launchLinearRows(args, {});
                    QCOMPARE(test::firstBitDifference(expectedRows, rows), rows.size());
                    QVERIFY(haveSameBits(expected, next));

                    // Without a norm: plain values. Without a plane: nothing but the rows.
                    rows = before;
                    PlaneMemory plain(cuda::activationKindOf(type), nTokens, nRows, false);
                    args.next = plain.plane;
                    args.nextNorm = nullptr;
                    cuda::launchLinearRows(args, {});
                    QVERIFY(haveSameBits(test::planeOf(expectedRows, nTokens, nRows, type), plain));
                    rows = before;
                    args.next.values = nullptr;
                    cuda::launchLinearRows(args, {});
                    QCOMPARE(test::firstBitDifference(expectedRows, rows), rows.size());
                }
            }
        }
    }

    // next = activation(gate) * up. The reference is computed in double; a product's error passes
    // the activation with a factor of at most 1.13 (GELU's slope).
    void glu_isTheGatedProduct() {
        for (const DType type : {DType::Q4_K, DType::Q6_K, DType::F16}) {
            for (const auto& [nRows, nTokens] : {std::pair{32, 1}, {75, 4}, {288, 8}}) {
                for (const GluKind kind : {GluKind::Silu, GluKind::GeluTanh}) {
                    std::mt19937 random(static_cast<unsigned>(nRows + 1));
                    // As in Q4_K_M files, the second matrix may be of another type.
                    const Weights gate(random, type, nRows, 512);
                    const Weights up(random, type == DType::Q6_K ? DType::Q4_0 : type, nRows, 512);
                    // Small rows, so that the activation is not in its straight part.
                    std::vector<float> rows = test::inputRows(random, nTokens, 512, true);
                    for (float& value : rows) value /= 4096.0f;
                    const PlaneMemory x = test::planeOf(rows, nTokens, 512, type);
                    PlaneMemory next(cuda::activationKindOf(type), nTokens, nRows, false);
                    cuda::LinearRowsArgs args = argsOf(x, nTokens);
                    args.nMatrices = 2;
                    args.matrices[0] = gate.matrix(nullptr);
                    args.matrices[1] = up.matrix(nullptr);
                    args.epilogue = cuda::RowsEpilogue::Glu;
                    args.glu = kind;
                    args.next = next.plane;
                    cuda::launchLinearRows(args, {});
                    checkGlu(gate, up, rows, nTokens, kind, next);
                    if (QTest::currentTestFailed()) return;

                    for (const std::uint64_t seed : {4, 5}) {
                        simt::setThreadOrderSeed(seed);
                        PlaneMemory again(next.plane.kind, nTokens, nRows, false);
                        args.next = again.plane;
                        cuda::launchLinearRows(args, {});
                        QVERIFY(haveSameBits(next, again));
                    }
                }
            }
        }
    }

    // The same bits as storing q, k and v and running the kernel of rope_store on them; heads of 80
    // dims share panels with their neighbours, heads of 16 lie several in one.
    void ropeStore_isStoreThenRotate_data() {
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("nHeads");
        QTest::addColumn<int>("nKvHeads");
        QTest::addColumn<int>("nTokens");
        QTest::newRow("64") << 64 << 3 << 1 << 1;
        QTest::newRow("80") << 80 << 3 << 1 << 5;
        QTest::newRow("128") << 128 << 2 << 2 << 8;
        QTest::newRow("16") << 16 << 5 << 3 << 2;
        QTest::newRow("32") << 32 << 4 << 2 << 7;
    }
    void ropeStore_isStoreThenRotate() {
        QFETCH(int, headDim);
        QFETCH(int, nHeads);
        QFETCH(int, nKvHeads);
        QFETCH(int, nTokens);
        for (const auto& [seed, kind, hasNorm] : {std::tuple{0, RopeKind::Neox, true},
                                                  {7, RopeKind::Interleaved, false},
                                                  {8, RopeKind::None, false}}) {
            std::mt19937 random(static_cast<unsigned>(headDim));
            const Weights q(random, DType::Q4_K, nHeads * headDim, 256);
            const Weights k(random, DType::Q4_K, nKvHeads * headDim, 256);
            const Weights v(random, DType::Q6_K, nKvHeads * headDim, 256);
            const PlaneMemory x =
                test::planeOf(test::gaussians(random, nTokens * 256), nTokens, 256, DType::Q4_K);
            RopeCase expected(random, headDim, nHeads, nKvHeads, nTokens);
            RopeCase actual = expected;
            const auto argsFor = [&](RopeCase& test) {
                cuda::LinearRowsArgs args = argsOf(x, nTokens);
                args.nMatrices = 3;
                args.matrices[0] = q.matrix(test.q.data());
                args.matrices[1] = k.matrix(test.k.data());
                args.matrices[2] = v.matrix(test.v.data());
                return args;
            };
            cuda::launchLinearRows(argsFor(expected), {});
            cuda::launchRopeStore(expected.launch(kind, hasNorm), {});

            simt::setThreadOrderSeed(static_cast<std::uint64_t>(seed));
            cuda::LinearRowsArgs args = argsFor(actual);
            args.epilogue = cuda::RowsEpilogue::RopeStore;
            args.rope = actual.launch(kind, hasNorm);
            args.finishedPanels = actual.finishedPanels.data();
            cuda::launchLinearRows(args, {});
            QCOMPARE(test::firstBitDifference(expected.q, actual.q), actual.q.size());
            QCOMPARE(test::firstBitDifference(expected.k, actual.k), actual.k.size());
            QCOMPARE(test::firstBitDifference(expected.v, actual.v), actual.v.size());
            QCOMPARE(actual.keys, expected.keys);
            QCOMPARE(actual.values, expected.values);
            QVERIFY(std::count(actual.values.begin(), actual.values.end(), std::byte{0}) <
                    std::ssize(actual.values));
            QVERIFY(std::all_of(actual.finishedPanels.begin(), actual.finishedPanels.end(),
                                [](std::int32_t count) { return count == 0; }));
        }
    }

    // One row of several gives the same next input as alone.
    void nextInput_doesNotDependOnOtherRows() {
        std::mt19937 random(41);
        const Weights gate(random, DType::Q4_K, 64, 512);
        const Weights up(random, DType::Q6_K, 64, 512);
        const std::vector<float> rows = test::gaussians(random, 8 * 512);
        const auto run = [&](int firstToken, int nTokens) {
            const std::vector<float> some(rows.begin() + firstToken * 512,
                                          rows.begin() + (firstToken + nTokens) * 512);
            const PlaneMemory x = test::planeOf(some, nTokens, 512, DType::Q4_K);
            PlaneMemory next(ActivationKind::Int8, nTokens, 64, false);
            cuda::LinearRowsArgs args = argsOf(x, nTokens);
            args.nMatrices = 2;
            args.matrices[0] = gate.matrix(nullptr);
            args.matrices[1] = up.matrix(nullptr);
            args.epilogue = cuda::RowsEpilogue::Glu;
            args.next = next.plane;
            cuda::launchLinearRows(args, {});
            return next;
        };
        const PlaneMemory all = run(0, 8);
        for (int token = 0; token < 8; ++token) {
            for (const int nTokens : {1, 3}) {
                if (token + nTokens > 8) continue;
                const PlaneMemory some = run(token, nTokens);
                for (int col = 0; col < 64; ++col)
                    QCOMPARE(some.code(0, col), all.code(token, col));
                for (int group = 0; group < 8; ++group)
                    for (std::size_t part = 0; part < 2; ++part)
                        QCOMPARE(std::bit_cast<std::uint32_t>(
                                     some.scales[2 * some.cell(0, group) + part]),
                                 std::bit_cast<std::uint32_t>(
                                     all.scales[2 * all.cell(token, group) + part]));
            }
        }
    }

private:
    static void checkGlu(const Weights& gate, const Weights& up, const std::vector<float>& rows,
                         int nTokens, GluKind kind, const PlaneMemory& next) {
        const auto nRows = static_cast<int>(gate.file.nRows);
        for (int token = 0; token < nTokens; ++token) {
            const float* const x = rows.data() + token * 512;
            for (int first = 0; first < nRows; first += 32) {
                double largest = 0;
                std::vector<std::pair<double, double>> expected;  // value and bound
                for (int row = first; row < std::min(nRows, first + 32); ++row) {
                    const auto index = static_cast<std::size_t>(row);
                    const double g = test::dotProduct(gate.file, row, x) + gate.bias[index];
                    const double u = test::dotProduct(up.file, row, x) + up.bias[index];
                    const double gateError =
                        test::outputBound(gate.file, row, x, true) + std::fabs(g) * 3 * 0x1p-24;
                    const double upError =
                        test::outputBound(up.file, row, x, true) + std::fabs(u) * 3 * 0x1p-24;
                    const double value = activation(kind, g) * u;
                    // exp's argument may be off by a few units of its size (at most 88).
                    const double bound = 1.13 * gateError * (std::fabs(u) + upError) +
                                         std::fabs(activation(kind, g)) * upError +
                                         std::fabs(value) * (2 * 88 + 6) * 0x1p-24;
                    largest = std::max(largest, std::fabs(value) + bound);
                    expected.emplace_back(value, bound);
                }
                const double step = next.plane.kind == ActivationKind::Int8 ? largest / 127 * 0.5001
                                                                            : largest * 0x1p-22;
                for (std::size_t index = 0; index < expected.size(); ++index) {
                    const double stored =
                        next.value(token, first + static_cast<std::int64_t>(index));
                    QVERIFY2(
                        std::fabs(stored - expected[index].first) <= expected[index].second + step,
                        qPrintable(QString("token %1, row %2: expected %3, got %4")
                                       .arg(token)
                                       .arg(first + static_cast<int>(index))
                                       .arg(expected[index].first)
                                       .arg(stored)));
                }
            }
            for (std::int64_t col = nRows; col < next.nGroups() * 32; ++col)
                QCOMPARE(next.value(token, col), 0.0);
        }
    }
};

QTEST_GUILESS_MAIN(LinearRowsEpilogueTest)
#include "linear_rows_epilogue_test.moc"
