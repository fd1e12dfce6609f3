// linear_rows without an epilogue of its own: every type at shapes around panels, steps and splits,
// several matrices in one call, the pending norm, and the promise that a row's bits depend on
// nothing but the row.
#include "engine/kernels/cuda/linear_rows.h"

#include <QtTest>
#include <random>

#include "engine/kernels/cuda/linear_rows_config.h"
#include "tests/engine/kernels/cuda/rows_case.h"
#include "tests/support/compare.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using test::FileMatrix;
using test::PlaneMemory;

namespace {

constexpr DType kTypes[] = {DType::Q8_0, DType::Q4_0, DType::Q4_1, DType::Q5_0, DType::Q5_1,
                            DType::Q4_K, DType::Q5_K, DType::Q6_K, DType::F16,  DType::BF16};

struct Shape {
    int nRows;
    int nCols;
    int nTokens;
};
// Panels of 32 rows, steps of 256 columns; 2304 columns are nine steps for eight splits.
constexpr Shape kShapes[] = {{1, 256, 1}, {31, 512, 2}, {32, 256, 7}, {33, 768, 8}, {70, 2304, 3}};
// For types whose blocks are shorter than a step.
constexpr Shape kShortShapes[] = {{5, 32, 4}, {17, 288, 8}};

int colsOf(DType type, int nCols) {
    // 16-bit floats have no blocks: odd widths.
    return dtypeTraits(type).blockElements == 1 && nCols % 256 != 0 ? nCols - 3 : nCols;
}

// Everything of one call with one matrix.
struct Product {
    FileMatrix matrix;
    std::vector<std::byte> records;
    std::vector<float> x, bias, before;
    int nTokens;
    bool isAccumulating;

    Product(std::mt19937& random, DType type, const Shape& shape, bool isExact)
        : matrix(test::quantizedMatrix(random, type, shape.nRows, colsOf(type, shape.nCols))),
          records(test::packed(matrix)),
          x(test::inputRows(random, shape.nTokens, matrix.nCols, isExact)),
          bias(random() % 2 == 0 ? test::gaussians(random, shape.nRows) : std::vector<float>()),
          before(test::gaussians(random, shape.nTokens * shape.nRows)),
          nTokens(shape.nTokens),
          isAccumulating(random() % 2 == 0) {}

    cuda::RowsMatrix target(std::vector<float>& out) const {
        return {records.data(), bias.empty() ? nullptr : bias.data(),
                out.data(),     static_cast<std::int32_t>(matrix.nRows),
                matrix.type,    isAccumulating};
    }
    std::vector<float> run(const PlaneMemory& plane) const {
        std::vector<float> out = before;
        cuda::LinearRowsArgs args;
        args.x = plane.plane;
        args.nTokens = nTokens;
        args.nCols = static_cast<std::int32_t>(matrix.nCols);
        args.matrices[0] = target(out);
        cuda::launchLinearRows(args, {});
        return out;
    }
    std::vector<float> run() const {
        return run(test::planeOf(x, nTokens, matrix.nCols, matrix.type));
    }

    void check(const std::vector<float>& out, bool isExact) const {
        for (int token = 0; token < nTokens; ++token) {
            const float* row = x.data() + token * matrix.nCols;
            for (int index = 0; index < matrix.nRows; ++index) {
                const auto cell = static_cast<std::size_t>(token * matrix.nRows + index);
                double expected = test::dotProduct(matrix, index, row);
                double size = std::fabs(expected);
                if (!bias.empty()) {
                    expected += bias[static_cast<std::size_t>(index)];
                    size += std::fabs(bias[static_cast<std::size_t>(index)]);
                }
                if (isAccumulating) {
                    expected += before[cell];
                    size += std::fabs(before[cell]);
                }
                const double bound =
                    test::outputBound(matrix, index, row, isExact) + 3 * 0x1p-24 * size;
                const double error = std::fabs(out[cell] - expected);
                if (!(error <= bound))
                    QFAIL(qPrintable(QString("token %1, row %2: expected %3, got %4, bound %5")
                                         .arg(token)
                                         .arg(index)
                                         .arg(expected)
                                         .arg(out[cell])
                                         .arg(bound)));
            }
        }
    }
};

}  // namespace

class LinearRowsTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void store_isTheProduct_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("nRows");
        QTest::addColumn<int>("nCols");
        QTest::addColumn<int>("nTokens");
        QTest::addColumn<bool>("isExact");
        for (const DType type : kTypes) {
            const auto add = [&](const Shape& shape) {
                for (const bool isExact : {true, false}) {
                    const std::string name =
                        std::string(dtypeTraits(type).name) + ' ' + std::to_string(shape.nRows) +
                        'x' + std::to_string(shape.nCols) + ", " + std::to_string(shape.nTokens) +
                        " tokens" + (isExact ? ", exact" : "");
                    QTest::newRow(name.c_str()) << static_cast<int>(type) << shape.nRows
                                                << shape.nCols << shape.nTokens << isExact;
                }
            };
            for (const Shape& shape : kShapes) add(shape);
            if (dtypeTraits(type).blockElements < 256)
                for (const Shape& shape : kShortShapes) add(shape);
        }
    }
    void store_isTheProduct() {
        QFETCH(int, type);
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        QFETCH(int, nTokens);
        QFETCH(bool, isExact);
        std::mt19937 random(static_cast<unsigned>(nRows + nCols + type));
        const Product product(random, static_cast<DType>(type), {nRows, nCols, nTokens}, isExact);
        const std::vector<float> out = product.run();
        product.check(out, isExact);
        for (const std::uint64_t seed : {1, 2}) {
            simt::setThreadOrderSeed(seed);
            QCOMPARE(test::firstBitDifference(out, product.run()), out.size());
        }
    }

    // Any subset of the rows, in any place of the tile: the same bits.
    void rows_doNotDependOnEachOther() {
        for (const DType type : kTypes) {
            std::mt19937 random(17);
            Product all(random, type, {33, 768, 8}, false);
            all.isAccumulating = false;
            const std::vector<float> expected = all.run();
            for (int nTokens = 1; nTokens < 8; ++nTokens) {
                Product some = all;
                some.nTokens = nTokens;
                std::vector<int> chosen;
                for (int token = 0; token < nTokens; ++token)
                    chosen.push_back((5 * token + nTokens) % 8);
                for (int token = 0; token < nTokens; ++token)
                    std::copy_n(all.x.begin() + chosen[static_cast<std::size_t>(token)] * 768, 768,
                                some.x.begin() + token * 768);
                some.x.resize(static_cast<std::size_t>(nTokens * 768));
                some.before.resize(static_cast<std::size_t>(nTokens * 33));
                const std::vector<float> out = some.run();
                for (int token = 0; token < nTokens; ++token)
                    QCOMPARE(
                        std::memcmp(out.data() + token * 33,
                                    expected.data() + chosen[static_cast<std::size_t>(token)] * 33,
                                    33 * sizeof(float)),
                        0);
            }
        }
    }

    // Query, key and value of a Q4_K_M file: three matrices, two types, one launch.
    void store_takesMixedTypes() {
        constexpr DType kMixes[][3] = {{DType::Q4_K, DType::Q4_K, DType::Q6_K},
                                       {DType::Q5_K, DType::Q8_0, DType::Q4_0},
                                       {DType::Q5_0, DType::Q4_1, DType::Q5_1},
                                       {DType::F16, DType::F16, DType::F16}};
        for (const auto& types : kMixes) {
            for (const int nTokens : {1, 5}) {
                std::mt19937 random(23);
                std::vector<Product> products;
                for (int index = 0; index < 3; ++index)
                    products.emplace_back(random, types[index],
                                          Shape{index == 0 ? 70 : 33, 512, nTokens}, true);
                std::vector<std::vector<float>> outs;
                for (Product& product : products) {
                    product.x = products[0].x;
                    outs.push_back(product.before);
                }
                const PlaneMemory plane = test::planeOf(products[0].x, nTokens, 512, types[0]);
                cuda::LinearRowsArgs args;
                args.x = plane.plane;
                args.nTokens = nTokens;
                args.nCols = 512;
                args.nMatrices = 3;
                for (std::size_t index = 0; index < 3; ++index)
                    args.matrices[index] = products[index].target(outs[index]);
                cuda::launchLinearRows(args, {});
                for (std::size_t index = 0; index < 3; ++index)
                    products[index].check(outs[index], true);
            }
        }
    }

    // W (x * w / rms(x)): the factor comes from the plane's squares, after the product.
    void pendingNorm_isApplied() {
        for (const DType type : {DType::Q8_0, DType::Q4_K, DType::F16, DType::BF16}) {
            std::mt19937 random(31);
            const int nCols = type == DType::Q4_K ? 512 : 288;
            Product product(random, type, {33, nCols, 3}, false);
            product.isAccumulating = false;
            product.bias.clear();
            product.x = test::gaussians(random, 3 * product.matrix.nCols);
            const std::vector<float> norm = test::gaussians(random, product.matrix.nCols);
            const PlaneMemory plane = test::planeOf(product.x, 3, product.matrix.nCols, type, norm);
            const std::vector<float> out = product.run(plane);
            for (int token = 0; token < 3; ++token) {
                float* const x = product.x.data() + token * product.matrix.nCols;
                double squares = 0;
                for (int col = 0; col < product.matrix.nCols; ++col) {
                    squares += static_cast<double>(x[col]) * x[col];
                    x[col] *= norm[static_cast<std::size_t>(col)];
                }
                const double factor =
                    1 / std::sqrt(squares / static_cast<double>(product.matrix.nCols) +
                                  static_cast<double>(plane.plane.normEpsilon));
                for (int row = 0; row < 33; ++row) {
                    const double expected = test::dotProduct(product.matrix, row, x) * factor;
                    // The squares' sum and its root add some twenty roundings to the factor.
                    const double bound = test::outputBound(product.matrix, row, x, false) * factor +
                                         20 * 0x1p-24 * std::fabs(expected);
                    QVERIFY(std::fabs(out[static_cast<std::size_t>(token * 33 + row)] - expected) <=
                            bound);
                }
            }
        }
    }

    void splits_coverTheSteps() {
        for (const int nTiles : {2, 4})
            for (const std::int64_t nPanels : {1, 132, 133, 5000})
                for (const std::int64_t nSteps : {1, 2, 3, 9, 112}) {
                    const int nSplits = cuda::rowSplits(nPanels, nTiles, nSteps);
                    QVERIFY(nSplits >= 1 && nSplits <= nSteps);
                    QVERIFY(nSplits * nTiles <= cuda::kMaxRowWarps);
                }
    }

    // Blocks of all 16 warps fit a multiprocessor once, so that the 133rd would begin a second wave
    // of 132 multiprocessors.
    void splits_areHalfOfTheWarpsFromASecondBlockOn() {
        QCOMPARE(cuda::rowSplits(132, 2, 112), 8);
        QCOMPARE(cuda::rowSplits(133, 2, 112), 4);
        QCOMPARE(cuda::rowSplits(263, 4, 112), 2);
    }
};

QTEST_GUILESS_MAIN(LinearRowsTest)
#include "linear_rows_test.moc"
