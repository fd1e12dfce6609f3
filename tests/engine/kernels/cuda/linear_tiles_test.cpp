// The prefill product against sums in double precision, in all shapes of its tiles.
//
// Expected: what the matrix's bytes and the plane's bytes mean (decoded here from
// activation_plane.h), so that only float rounding is left to bound.
#include "engine/kernels/cuda/linear_tiles.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <set>

#include "base/half.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/mma_bf16_k8.h"
#include "engine/kernels/cuda/linear_tiles_plan.h"
#include "engine/kernels/cuda/quantize_rows.h"
#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/support/compare.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using cuda::ActivationKind;
using sotto::test::FileMatrix;

namespace {

constexpr DType kTypes[] = {DType::Q8_0, DType::Q4_0, DType::Q4_1, DType::Q5_0, DType::Q5_1,
                            DType::Q4_K, DType::Q5_K, DType::Q6_K, DType::F16,  DType::BF16};
constexpr double kFloatRounding = 0x1p-24;

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

// A plane in heap memory of the exact size, made by launchQuantizeRows. What it does not write
// (tokens of the last tile that do not exist) is NaN in every format: it must not spread.
struct Plane {
    std::vector<std::byte> values;
    std::vector<float> scales;
    std::vector<float> squares;
    cuda::ActivationPlane view;

    struct Norm {
        const std::vector<float>* weight;
        float epsilon;
    };

    Plane(ActivationKind kind, const std::vector<float>& x, std::int64_t nTokens,
          std::int64_t nCols, std::optional<Norm> norm = {}) {
        const std::int64_t nTileGroups = cuda::tokenTilesOf(nTokens) * cuda::groupsOf(nCols);
        values.assign(size(nTileGroups * 8 * cuda::groupValueBytes(kind)), std::byte{0xff});
        scales.assign(size(nTileGroups * 16), std::numeric_limits<float>::quiet_NaN());
        view = {values.data(), scales.data(), nullptr, kind, static_cast<std::int32_t>(nCols)};
        cuda::QuantizeRowsArgs args{.x = x.data(), .nTokens = nTokens};
        if (norm) {
            squares.assign(size(nTileGroups * 8), std::numeric_limits<float>::quiet_NaN());
            view.squares = squares.data();
            view.normWidth = static_cast<std::int32_t>(nCols);
            view.normEpsilon = norm->epsilon;
            args.normWeight = norm->weight->data();
        }
        args.plane = view;
        cuda::launchQuantizeRows(args, {});
    }

    // The activation that the plane holds for this token and column.
    double at(std::int64_t token, std::int64_t col) const {
        const std::int64_t tileGroup = token / 8 * cuda::groupsOf(view.nCols) + col / 32;
        const std::int64_t inTile = token % 8;
        const std::int64_t inGroup = col % 32;
        const double scale = scales[size((tileGroup * 8 + inTile) * 2)];
        const std::byte* const group =
            values.data() + tileGroup * 8 * cuda::groupValueBytes(view.kind);
        if (view.kind == ActivationKind::Int8) {
            const std::int64_t byte =
                inTile * 32 + inGroup % 16 / 4 * 8 + inGroup / 16 * 4 + inGroup % 4;
            return scale * static_cast<std::int8_t>(group[byte]);
        }
        const int nParts = view.kind == ActivationKind::SplitF16 ? 2 : 3;
        const std::int64_t t = inGroup % 8 / 2;
        const std::int64_t first =
            ((inGroup / 16 * 8 + inTile) * 4 + t) * 4 * nParts + inGroup % 2 + inGroup % 16 / 8 * 2;
        double sum = 0;
        for (int part = 0; part < nParts; ++part) {
            std::uint16_t bits;
            std::memcpy(&bits, group + 2 * (first + 4 * part), 2);
            sum += nParts == 2 ? toFloat(Half{bits}) : toFloat(BFloat16{bits});
        }
        return scale * sum;
    }
};

// One matrix of a call with everything around it.
struct Target {
    FileMatrix matrix;
    std::vector<std::byte> records;
    std::vector<float> bias;  // empty: none
    bool isAccumulating = false;

    Target(FileMatrix file, std::vector<float> rowBias, bool accumulates)
        : matrix(std::move(file)),
          records(test::packed(matrix)),
          bias(std::move(rowBias)),
          isAccumulating(accumulates) {}
};

// Runs one call. before: [target][nTokens, nRows], what the outputs hold first.
std::vector<std::vector<float>> run(const std::vector<Target>& targets, const Plane& plane,
                                    std::int64_t nTokens, std::vector<std::vector<float>> before) {
    cuda::LinearTilesArgs args;
    args.x = plane.view;
    args.nTokens = nTokens;
    args.nCols = plane.view.nCols;
    args.nMatrices = static_cast<std::int32_t>(targets.size());
    for (std::size_t index = 0; index < targets.size(); ++index) {
        const Target& target = targets[index];
        args.matrices[index] = {
            target.records.data(), target.bias.empty() ? nullptr : target.bias.data(),
            before[index].data(),  static_cast<std::int32_t>(target.matrix.nRows),
            target.matrix.type,    target.isAccumulating};
    }
    cuda::launchLinearTiles(args, {});
    return before;
}

std::vector<std::vector<float>> outputs(std::mt19937& random, const std::vector<Target>& targets,
                                        std::int64_t nTokens) {
    std::vector<std::vector<float>> result;
    for (const Target& target : targets)
        result.push_back(test::gaussians(random, nTokens * target.matrix.nRows));
    return result;
}

// What one output should be, and how far float arithmetic may be off.
struct Expected {
    double value = 0;
    double bound = 0;
};

// factor: of the pending norm. The bound is that of engine/selftest/linear_cases.cpp: a chain of a
// few roundings per group, relative to the sizes of its terms; a K type's code part and minimum are
// each at most twice the spread of the group's weights. The norm adds six roundings (its sum,
// division, root and product) of the whole; bias and accumulation one each.
Expected expectedOutput(const Target& target, const Plane& plane, std::int64_t token,
                        std::int64_t row, float before, double factor) {
    const std::int64_t nCols = target.matrix.nCols;
    const float* const w = target.matrix.values.data() + row * nCols;
    const bool isFloat = plane.view.kind != ActivationKind::Int8;
    Expected result;
    double magnitude = 0;
    for (std::int64_t first = 0; first < nCols; first += 32) {
        const std::int64_t end = std::min(nCols, first + 32);
        const auto [low, high] = std::minmax_element(w + first, w + end);
        const double largest = std::max(std::fabs(*low), std::fabs(*high));
        double sumOfX = 0;
        for (std::int64_t col = first; col < end; ++col) {
            const double x = plane.at(token, col);
            result.value += w[col] * x;
            sumOfX += std::fabs(x);
        }
        magnitude += sumOfX * (isFloat ? largest : 2.0 * (*high - *low) + largest);
    }
    const double nRoundings = static_cast<double>(nCols) / 16 + 12 + (factor == 1 ? 0 : 6);
    result.bound = kFloatRounding * nRoundings * magnitude * factor;
    result.value *= factor;
    const double bias = target.bias.empty() ? 0 : target.bias[size(row)];
    const double start = target.isAccumulating ? before : 0;
    result.bound +=
        2 * kFloatRounding * (std::fabs(bias) + std::fabs(start) + std::fabs(result.value));
    result.value += bias + start;
    return result;
}

// The first problem, or an empty text.
QString check(const std::vector<Target>& targets, const Plane& plane, std::int64_t nTokens,
              const std::vector<std::vector<float>>& before,
              const std::vector<std::vector<float>>& actual,
              const std::vector<double>& factors = {}) {
    for (std::size_t index = 0; index < targets.size(); ++index) {
        const std::int64_t nRows = targets[index].matrix.nRows;
        for (std::int64_t token = 0; token < nTokens; ++token) {
            for (std::int64_t row = 0; row < nRows; ++row) {
                const std::size_t element = size(token * nRows + row);
                const Expected expected =
                    expectedOutput(targets[index], plane, token, row, before[index][element],
                                   factors.empty() ? 1.0 : factors[size(token)]);
                const double error = std::fabs(actual[index][element] - expected.value);
                if (!(error <= expected.bound))
                    return QString("matrix %1, token %2, row %3: expected %4, got %5, bound %6")
                        .arg(index)
                        .arg(token)
                        .arg(row)
                        .arg(expected.value, 0, 'g', 9)
                        .arg(actual[index][element], 0, 'g', 9)
                        .arg(expected.bound, 0, 'g', 3);
            }
        }
    }
    return {};
}

// Small integers with 127 in every group: an int8 activation loses nothing, and sums of codes reach
// their largest.
std::vector<float> integers(std::mt19937& random, std::int64_t nElements) {
    std::vector<float> x(size(nElements));
    for (std::size_t index = 0; index < x.size(); ++index) {
        x[index] = static_cast<float>(static_cast<int>(random() % 255) - 127);
        if (index % 32 == 7) x[index] = index % 64 == 7 ? 127.0f : -127.0f;
    }
    return x;
}

void setMultiprocessors(int count) {
    simt::DeviceSettings device;
    device.nMultiprocessors = count;
    simt::setDevices({device});
}

// One warp's operands of mmaBf16k8 in memory: [lane][register].
__global__ void multiplyEightColumns(const std::uint32_t* a, const std::uint32_t* b, float* c) {
    const unsigned lane = threadIdx.x;
    float sums[4] = {1.0f, 2.0f, 3.0f, 4.0f};
    cuda::mmaBf16k8(sums, {a[2 * lane], a[2 * lane + 1]}, b[lane]);
    for (unsigned index = 0; index < 4; ++index) c[4 * lane + index] = sums[index];
}

std::int64_t colsOf(DType type, std::int64_t nCols) {
    const std::int64_t block = dtypeTraits(type).blockElements;
    return (nCols + block - 1) / block * block;
}

}  // namespace

class LinearTilesTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    // Rows around tiles, panels and blocks; columns of one and two records, one group, and ends in
    // the middle of a record; tokens around tiles and blocks of tokens.
    void linearTiles_addsAllProducts_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("nRows");
        QTest::addColumn<int>("nCols");
        QTest::addColumn<int>("nTokens");
        struct Shape {
            int nRows, nCols, nTokens;
        };
        constexpr Shape kShapes[] = {{16, 256, 9},   {1, 512, 16},   {33, 32, 17}, {31, 288, 33},
                                     {160, 256, 70}, {129, 512, 12}, {65, 800, 1}, {40, 256, 129}};
        for (const DType type : kTypes) {
            for (const Shape& shape : kShapes) {
                const int nCols = static_cast<int>(colsOf(type, shape.nCols));
                const std::string name = std::string(dtypeTraits(type).name) + ' ' +
                                         std::to_string(shape.nRows) + 'x' + std::to_string(nCols) +
                                         ", " + std::to_string(shape.nTokens) + " tokens";
                QTest::newRow(name.c_str())
                    << static_cast<int>(type) << shape.nRows << nCols << shape.nTokens;
            }
        }
        for (const DType type : {DType::F16, DType::BF16})
            QTest::newRow((std::string(dtypeTraits(type).name) + " 17x45, 10 tokens").c_str())
                << static_cast<int>(type) << 17 << 45 << 10;
    }
    void linearTiles_addsAllProducts() {
        QFETCH(int, type);
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        QFETCH(int, nTokens);
        const auto dtype = static_cast<DType>(type);
        for (const unsigned seed : {0u, 1u}) {
            simt::setThreadOrderSeed(seed);
            setMultiprocessors(seed == 0 ? 1 : 8);  // large tiles and smaller ones
            std::mt19937 random(seed + 100);
            const std::vector<Target> targets{
                {test::quantizedMatrix(random, dtype, nRows, nCols),
                 seed == 0 ? std::vector<float>() : test::gaussians(random, nRows), seed == 1}};
            const std::vector<float> x =
                seed == 0 ? integers(random, std::int64_t{nTokens} * nCols)
                          : test::gaussians(random, std::int64_t{nTokens} * nCols);
            const Plane plane(cuda::activationKindOf(dtype), x, nTokens, nCols);
            if (seed == 0) {
                for (int col = 0; col < nCols; ++col)
                    QCOMPARE(plane.at(nTokens - 1, col),
                             double{x[size((nTokens - 1) * nCols + col)]});
            }
            const auto before = outputs(random, targets, nTokens);
            const auto actual = run(targets, plane, nTokens, before);
            const QString problem = check(targets, plane, nTokens, before, actual);
            QVERIFY2(problem.isEmpty(), qPrintable(problem));
        }
    }

    // Codes, scales and minimums as large as their bits allow: nothing overflows on the way.
    void linearTiles_holdsTheLargestSums_data() {
        QTest::addColumn<int>("type");
        for (const DType type : kTypes)
            if (cuda::activationKindOf(type) == ActivationKind::Int8)
                QTest::newRow(std::string(dtypeTraits(type).name).c_str())
                    << static_cast<int>(type);
    }
    void linearTiles_holdsTheLargestSums() {
        QFETCH(int, type);
        const auto dtype = static_cast<DType>(type);
        const std::size_t blockBytes = dtypeTraits(dtype).blockBytes;
        for (const std::byte fill : {std::byte{0xff}, std::byte{0x00}, std::byte{0x80}}) {
            FileMatrix matrix{.type = dtype,
                              .nRows = 16,
                              .nCols = 256,
                              .bytes = {},
                              .values = std::vector<float>(16 * 256)};
            matrix.bytes.assign(matrix.rowBytes() * 16, fill);
            const auto setHalf = [&](std::size_t at, float value) {
                const Half bits = toHalf(value);
                std::memcpy(matrix.bytes.data() + at, &bits, 2);
            };
            for (std::size_t block = 0; block < matrix.bytes.size(); block += blockBytes) {
                setHalf(block + (dtype == DType::Q6_K ? 208 : 0), 1.5f);
                if (dtype == DType::Q4_K || dtype == DType::Q5_K) setHalf(block + 2, 0.75f);
                if (dtype == DType::Q4_1 || dtype == DType::Q5_1) setHalf(block + 2, -0.75f);
            }
            dequantizeRow(dtype, matrix.bytes, matrix.values);
            const std::vector<Target> targets{{matrix, {}, false}};
            std::vector<float> x(9 * 256, 127.0f);
            std::fill(x.begin() + 256, x.begin() + 512, -127.0f);
            const Plane plane(ActivationKind::Int8, x, 9, 256);
            const std::vector<std::vector<float>> before{std::vector<float>(9 * 16)};
            const auto actual = run(targets, plane, 9, before);
            const QString problem = check(targets, plane, 9, before, actual);
            QVERIFY2(problem.isEmpty(), qPrintable(problem));
        }
    }

    void linearTiles_takesSeveralMatrices() {
        for (const unsigned seed : {0u, 5u, 9u}) {
            simt::setThreadOrderSeed(seed);
            setMultiprocessors(seed == 0u ? 1 : 4);
            std::mt19937 random(seed);
            const std::vector<Target> targets{
                {test::quantizedMatrix(random, DType::Q4_K, 130, 256), test::gaussians(random, 130),
                 false},
                {test::quantizedMatrix(random, DType::Q6_K, 32, 256), {}, true},
                {test::quantizedMatrix(random, DType::Q8_0, 65, 256), test::gaussians(random, 65),
                 true}};
            const std::vector<float> x = test::gaussians(random, 39 * 256);
            const Plane plane(ActivationKind::Int8, x, 39, 256);
            const auto before = outputs(random, targets, 39);
            const auto actual = run(targets, plane, 39, before);
            const QString problem = check(targets, plane, 39, before, actual);
            QVERIFY2(problem.isEmpty(), qPrintable(problem));
        }
    }

    // Token t has the same bits whatever comes with it and whatever shape of tile computes it: the
    // number of multiprocessors decides on the shapes.
    void linearTiles_givesTheSameBitsForAnyNumberOfTokens_data() {
        QTest::addColumn<int>("type");
        for (const DType type : kTypes)
            QTest::newRow(std::string(dtypeTraits(type).name).c_str()) << static_cast<int>(type);
    }
    void linearTiles_givesTheSameBitsForAnyNumberOfTokens() {
        QFETCH(int, type);
        const auto dtype = static_cast<DType>(type);
        constexpr std::int64_t kRows = 136, kCols = 256, kTokens = 130;
        std::mt19937 random(77);
        const std::vector<Target> targets{{test::quantizedMatrix(random, dtype, kRows, kCols),
                                           test::gaussians(random, kRows), false}};
        const std::vector<float> x = test::gaussians(random, kTokens * kCols);
        const std::vector<float> normWeight = test::gaussians(random, kCols);
        const Plane::Norm norm{&normWeight, 1e-5f};
        const auto runFirst = [&](std::int64_t nTokens) {
            const std::vector<float> first(x.begin(), x.begin() + nTokens * kCols);
            const Plane plane(cuda::activationKindOf(dtype), first, nTokens, kCols, norm);
            return run(targets, plane, nTokens, {std::vector<float>(size(nTokens * kRows))})[0];
        };
        setMultiprocessors(1);
        const std::vector<float> all = runFirst(kTokens);
        std::set<int> sizes;
        for (const std::int64_t nTokens : {1, 9, 70, 130}) {
            for (const int nMultiprocessors : {3, 8, 132}) {
                setMultiprocessors(nMultiprocessors);
                const auto nRows = static_cast<std::int32_t>(kRows);
                sizes.insert(cuda::planTiles(&nRows, 1, nTokens, nMultiprocessors).mainTokens);
                const std::vector<float> some = runFirst(nTokens);
                QVERIFY2(std::memcmp(all.data(), some.data(), some.size() * sizeof(float)) == 0,
                         qPrintable(QString("%1 tokens on %2 multiprocessors")
                                        .arg(nTokens)
                                        .arg(nMultiprocessors)));
            }
        }
        QCOMPARE(sizes, (std::set<int>{16, 32, 64}));
    }

    void linearTiles_appliesThePendingNorm() {
        constexpr std::int64_t kRows = 35, kCols = 288, kTokens = 21;
        for (const DType type : {DType::Q8_0, DType::Q4_0, DType::F16, DType::BF16}) {
            std::mt19937 random(13);
            const std::vector<Target> targets{{test::quantizedMatrix(random, type, kRows, kCols),
                                               test::gaussians(random, kRows), true}};
            const std::vector<float> x = test::gaussians(random, kTokens * kCols);
            const std::vector<float> weight = test::gaussians(random, kCols);
            const Plane plane(cuda::activationKindOf(type), x, kTokens, kCols,
                              Plane::Norm{&weight, 0.25f});
            std::vector<double> factors;
            for (std::int64_t token = 0; token < kTokens; ++token) {
                double sum = 0;
                for (std::int64_t col = 0; col < kCols; ++col) {
                    const double value = x[size(token * kCols + col)];
                    sum += value * value;
                }
                factors.push_back(1 / std::sqrt(sum / kCols + 0.25));
            }
            const auto before = outputs(random, targets, kTokens);
            const auto actual = run(targets, plane, kTokens, before);
            const QString problem = check(targets, plane, kTokens, before, actual, factors);
            QVERIFY2(problem.isEmpty(), qPrintable(problem));
        }
    }

    // Small integers: exact whatever the order. Places as in the PTX manual's figures for m16n8k8.
    void mmaBf16k8_multipliesEightColumns() {
        std::mt19937 random(3);
        const auto number = [&] { return static_cast<float>(static_cast<int>(random() % 17) - 8); };
        float a[16][8], b[8][8];
        for (auto& row : a)
            for (float& value : row) value = number();
        for (auto& row : b)
            for (float& value : row) value = number();
        const auto pair = [](float low, float high) {
            return toBFloat16(low).bits | static_cast<std::uint32_t>(toBFloat16(high).bits) << 16;
        };
        std::vector<std::uint32_t> registersOfA, registersOfB;
        for (int lane = 0; lane < 32; ++lane) {
            const int g = lane / 4, t = lane % 4;
            registersOfA.push_back(pair(a[g][2 * t], a[g][2 * t + 1]));
            registersOfA.push_back(pair(a[g + 8][2 * t], a[g + 8][2 * t + 1]));
            registersOfB.push_back(pair(b[2 * t][g], b[2 * t + 1][g]));
        }
        std::vector<float> sums(128);
        cuda::launch(multiplyEightColumns, dim3(1), dim3(32), 0, cuda::LaunchStream{},
                     registersOfA.data(), registersOfB.data(), sums.data());
        for (int lane = 0; lane < 32; ++lane) {
            for (int index = 0; index < 4; ++index) {
                const int row = lane / 4 + index / 2 * 8, col = lane % 4 * 2 + index % 2;
                float expected = static_cast<float>(index + 1);
                for (int k = 0; k < 8; ++k) expected += a[row][k] * b[k][col];
                QCOMPARE(sums[size(4 * lane + index)], expected);
            }
        }
    }

    void linearTiles_doesNothingWithoutTokens() {
        std::mt19937 random(1);
        const std::vector<Target> targets{
            {test::quantizedMatrix(random, DType::Q8_0, 16, 256), {}, false}};
        const Plane plane(ActivationKind::Int8, {}, 0, 256);
        const auto kernelsBefore = simt::kernelsRun();
        run(targets, plane, 0, {{}});
        QCOMPARE(simt::kernelsRun(), kernelsBefore);
    }

    // Full blocks first; what the tail takes starts where they end and fits the tile's order.
    void planTiles_coversAllTokensOnce() {
        const std::int32_t nRows[] = {4096, 1024, 1024};
        for (const int nMatrices : {1, 3}) {
            for (std::int64_t nTokens = 1; nTokens <= 700; ++nTokens) {
                const cuda::TilesPlan plan = cuda::planTiles(nRows, nMatrices, nTokens, 132);
                QVERIFY(plan.mainTokens == 16 || plan.mainTokens == 32 || plan.mainTokens == 64);
                if (plan.tailTokens == 0) {
                    QCOMPARE(plan.nMainTokens, nTokens);
                    continue;
                }
                QVERIFY(plan.tailTokens < plan.mainTokens);
                QVERIFY(plan.nMainTokens < nTokens);
                QCOMPARE(plan.nMainTokens % plan.mainTokens, 0);
            }
        }
    }

    void planTiles_fitsTheDevice() {
        const std::int32_t large[] = {4096};
        // 16 row blocks times 8 token blocks: one for nearly each of 132 multiprocessors.
        const auto full = cuda::planTiles(large, 1, 512, 132);
        QCOMPARE(full.mainTokens, 64);
        QCOMPARE(full.tailTokens, 0);
        const auto tail = cuda::planTiles(large, 1, 512 + 9, 132);
        QCOMPARE(tail.mainTokens, 64);
        QCOMPARE(tail.nMainTokens, 512);
        QCOMPARE(tail.tailTokens, 16);
        // Few blocks: smaller ones, so that more multiprocessors work.
        const std::int32_t small[] = {1024};
        QVERIFY(cuda::planTiles(small, 1, 64, 132).mainTokens < 64);
    }
};

QTEST_GUILESS_MAIN(LinearTilesTest)
#include "linear_tiles_test.moc"
