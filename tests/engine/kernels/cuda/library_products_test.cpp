// Products of prompts through a cuBLAS that computes on the emulated card: right within the bound
// of library_products.h, the same bits whatever the step, and our own kernels wherever it fails.
#include "engine/kernels/cuda/library_products.h"

#include <QtTest>
#include <cmath>
#include <cstring>
#include <map>

#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/quant/dequantize_reference.h"
#include "tests/engine/device/cuda/fake_cublas.h"
#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using cuda::fakeCublas;

namespace {

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

class Remembered final : public ProductMemory {
public:
    std::optional<bool> isLibraryFaster(const std::string& key) override {
        ++nAsked;
        if (answer) return answer;
        const auto found = kept.find(key);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const std::string& key, bool isFaster) override { kept[key] = isFaster; }

    std::optional<bool> answer;
    std::map<std::string, bool> kept;
    int nAsked = 0;
};

struct Shape {
    std::int64_t nRows, nCols, maxTokens;
};
// 256 columns: blocks of 1,024 rows; 64 columns: of 256.
constexpr Shape kSmall{48, 256, 130};

// A set with one matrix and its buffers.
class Scene {
public:
    Scene(ProductPath products, DType type, const Shape& shape, ProductMemory* memory = nullptr)
        : m_shape(shape) {
        CudaKernelOptions options;
        options.products = products;
        options.productMemory = memory;
        options.uploadSlotBytes = std::size_t{64} << 10;
        auto made = createCudaKernels(options);
        if (!made) return;
        kernels = std::move(*made);
        std::mt19937 random(11);
        matrix = test::quantizedMatrix(random, type, shape.nRows, shape.nCols);
        x = test::gaussians(random, shape.maxTokens * shape.nCols);
        before = test::gaussians(random, shape.maxTokens * shape.nRows);
        bias = test::gaussians(random, shape.nRows);
        const Status reserved = kernels->reserve({.maxTokens = shape.maxTokens,
                                                  .maxCols = shape.nCols,
                                                  .maxHeads = 1,
                                                  .maxHeadDim = 1,
                                                  .maxContext = 1,
                                                  .maxReadback = shape.maxTokens * shape.nRows});
        if (!reserved) return;
        weight = kernels->prepareWeight({matrix.bytes.data(), type, shape.nCols, shape.nRows})
                     .value_or(nullptr);
        m_x = put(x);
        m_bias = put(bias);
    }

    // Of `nTokens` rows from `first` on: out = W x + b, or += onto `before`.
    std::vector<float> run(std::int64_t first, std::int64_t nTokens, bool isAccumulating = false) {
        Buffer out = put(
            isAccumulating ? std::vector<float>(before.begin() + first * m_shape.nRows,
                                                before.begin() + (first + nTokens) * m_shape.nRows)
                           : std::vector<float>(size(nTokens * m_shape.nRows)));
        const LinearTarget target{weight.get(), m_bias.as<float>(), out.as<float>(),
                                  isAccumulating};
        kernels->linear({m_x.as<float>() + first * m_shape.nCols, nTokens, {&target, 1}});
        const auto read = kernels->readback(out.as<float>(), size(nTokens * m_shape.nRows));
        if (!read) return {};
        return {read->begin(), read->end()};
    }

    // The first number that is off by more than the docstring allows; empty: none.
    QString fault(const std::vector<float>& out, std::int64_t nTokens, bool isAccumulating) const {
        if (out.size() != size(nTokens * m_shape.nRows)) return "no result";
        const int nParts = cuda::rowPartsOf(matrix.type).nParts;
        for (std::int64_t token = 0; token < nTokens; ++token)
            for (std::int64_t row = 0; row < m_shape.nRows; ++row) {
                double sum = 0, sizes = 0;
                for (std::int64_t col = 0; col < m_shape.nCols; ++col) {
                    const double term =
                        static_cast<double>(matrix.values[size(row * m_shape.nCols + col)]) *
                        x[size(token * m_shape.nCols + col)];
                    sum += term;
                    sizes += std::fabs(term);
                }
                const std::size_t index = size(token * m_shape.nRows + row);
                const double old = isAccumulating ? before[index] : 0;
                const double expected = old + sum + bias[size(row)];
                const double bound =
                    sizes * ((nParts == 1 ? 0x1p-10 : 0x1p-21) +
                             static_cast<double>(nParts * m_shape.nCols) * 0x1p-23) +
                    0x1p-23 * (std::fabs(old) + std::fabs(bias[size(row)]) + std::fabs(expected));
                if (!(std::fabs(out[index] - expected) <= bound))
                    return QString("token %1, row %2: %3 instead of %4, allowed %5")
                        .arg(token)
                        .arg(row)
                        .arg(out[index])
                        .arg(expected)
                        .arg(bound);
            }
        return {};
    }

    std::unique_ptr<KernelSet> kernels;
    std::unique_ptr<Weight> weight;
    test::FileMatrix matrix;
    std::vector<float> x, before, bias;

private:
    Buffer put(const std::vector<float>& values) {
        Buffer buffer = kernels->allocate(values.size() * sizeof(float)).value();
        static_cast<void>(kernels->upload(buffer.data(), values.data(), buffer.bytes()));
        return buffer;
    }

    Shape m_shape;
    Buffer m_x, m_bias;
};

bool areSameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return !a.empty() && a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::vector<float> ownBits(DType type, const Shape& shape, std::int64_t nTokens,
                           bool isAccumulating = false) {
    Scene own(ProductPath::Own, type, shape);
    return own.run(0, nTokens, isAccumulating);
}

constexpr DType kTypes[] = {DType::Q8_0, DType::Q4_0, DType::Q4_1, DType::Q5_0, DType::Q5_1,
                            DType::Q4_K, DType::Q5_K, DType::Q6_K, DType::F16,  DType::BF16};

}  // namespace

class LibraryProductsTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        simt::reset();
        cuda::installFakeCublas();
#ifndef SOTTO_ADDRESS_SANITIZED
        simt::checkArgumentPointers();
#endif
    }
    void cleanup() { QCOMPARE(cuda::fakeCublasMisuse(), std::string()); }

    void products_areWithinTheBound_data();
    void products_areWithinTheBound();
    void severalBlocksAndCalls_areWithinTheBound();
    void rows_haveTheSameBitsInStepsOfAnyLength_data() { addTypes({DType::Q4_K, DType::BF16}); }
    void rows_haveTheSameBitsInStepsOfAnyLength();
    void fewRows_areOurOwnKernels();
    void ordersOfThreadsAndStreams_changeNothing();
    void algorithmThatDependsOnThePlace_isPassedOver();
    void noAlgorithmThatMayBeUsed_isOurOwnKernels_data();
    void noAlgorithmThatMayBeUsed_isOurOwnKernels();
    void libraryThatCannotBeOpened_isOurOwnKernels_data();
    void libraryThatCannotBeOpened_isOurOwnKernels();
    void libraryThatIsForced_mustBeThere();
    void callThatFailsInTheMiddle_isMadeGood_data();
    void callThatFailsInTheMiddle_isMadeGood();
    void measuredPath_isKept();
    void rememberedPath_isNotMeasuredAgain();
    void fasterPath_isThatOfBothSteps();
    void scratch_isWhatIsAllocated();
    void threeMatricesOfMixedTypes_allGoTheirWay();
    void handle_goesOnItsDeviceBeforeTheContext();
    void measurement_takesTurns();

private:
    static void addTypes(std::initializer_list<DType> types) {
        QTest::addColumn<int>("type");
        for (const DType type : types)
            QTest::addRow("%s", std::string(dtypeTraits(type).name).c_str()) << int(type);
    }
};

void LibraryProductsTest::products_areWithinTheBound_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<bool>("isAccumulating");
    for (const DType type : kTypes)
        for (const bool isAccumulating : {false, true})
            QTest::addRow("%s%s", std::string(dtypeTraits(type).name).c_str(),
                          isAccumulating ? ", accumulating" : "")
                << int(type) << isAccumulating;
}

void LibraryProductsTest::products_areWithinTheBound() {
    QFETCH(int, type);
    QFETCH(bool, isAccumulating);
    // Floats have no blocks: a width that 8 does not divide.
    const bool isFloat = dtypeTraits(static_cast<DType>(type)).blockElements == 1;
    const Shape shape{48, isFloat ? 83 : 256, 20};
    Scene scene(ProductPath::Library, static_cast<DType>(type), shape);
    QVERIFY(scene.weight);
    const auto out = scene.run(0, 20, isAccumulating);
    QVERIFY(fakeCublas.nMatmuls > 0);
    QCOMPARE(scene.fault(out, 20, isAccumulating), QString());
}

void LibraryProductsTest::severalBlocksAndCalls_areWithinTheBound() {
    // Blocks of 160 and 140 rows, calls of 512 and 64 tokens.
    const Shape shape{300, 64, 530};
    Scene scene(ProductPath::Library, DType::Q8_0, shape);
    QVERIFY(scene.weight);
    static_cast<void>(scene.run(0, 9));  // tries the algorithms
    fakeCublas.nMatmuls = 0;
    const auto out = scene.run(0, 530, true);
    QCOMPARE(fakeCublas.nMatmuls, 4);
    QCOMPARE(scene.fault(out, 530, true), QString());
}

void LibraryProductsTest::rows_haveTheSameBitsInStepsOfAnyLength() {
    QFETCH(int, type);
    Scene scene(ProductPath::Library, static_cast<DType>(type), kSmall);
    QVERIFY(scene.weight);
    const auto whole = scene.run(0, 130);
    for (const std::int64_t first : {0, 1, 37})
        for (const std::int64_t nTokens : {9, 63, 64, 65, 93}) {
            const auto part = scene.run(first, nTokens);
            const std::vector<float> expected(whole.begin() + first * kSmall.nRows,
                                              whole.begin() + (first + nTokens) * kSmall.nRows);
            QVERIFY2(areSameBits(part, expected),
                     qPrintable(QString("%1 rows from %2").arg(nTokens).arg(first)));
        }
}

void LibraryProductsTest::fewRows_areOurOwnKernels() {
    Scene scene(ProductPath::Library, DType::Q4_K, kSmall);
    QVERIFY(areSameBits(scene.run(0, 8), ownBits(DType::Q4_K, kSmall, 8)));
    QCOMPARE(fakeCublas.nMatmuls, 0);
}

void LibraryProductsTest::ordersOfThreadsAndStreams_changeNothing() {
    std::vector<float> expected;
    for (const auto timing : {simt::StreamTiming::Immediate, simt::StreamTiming::Late})
        for (const int seed : {0, 3}) {
            simt::setStreamTiming(timing);
            simt::setThreadOrderSeed(seed);
            Scene scene(ProductPath::Library, DType::F16, kSmall);
            const auto out = scene.run(0, 70, true);
            if (expected.empty()) expected = out;
            QVERIFY(areSameBits(out, expected));
        }
}

void LibraryProductsTest::algorithmThatDependsOnThePlace_isPassedOver() {
    fakeCublas.nPlaceDependent = 1;
    fakeCublas.nUnsupported = 0;
    Scene scene(ProductPath::Library, DType::Q4_K, kSmall);
    const auto whole = scene.run(0, 100);
    QVERIFY(areSameBits(scene.run(1, 50), std::vector<float>(whole.begin() + kSmall.nRows,
                                                             whole.begin() + 51 * kSmall.nRows)));
    QVERIFY(!areSameBits(whole, ownBits(DType::Q4_K, kSmall, 100)));
}

void LibraryProductsTest::noAlgorithmThatMayBeUsed_isOurOwnKernels_data() {
    QTest::addColumn<int>("nAlgorithms");
    QTest::addColumn<int>("nPlaceDependent");
    QTest::addColumn<int>("nUnsupported");
    QTest::newRow("none is found") << 0 << 0 << 0;
    QTest::newRow("all depend on the place") << 3 << 3 << 0;
    QTest::newRow("none can run") << 3 << 0 << 3;
}

void LibraryProductsTest::noAlgorithmThatMayBeUsed_isOurOwnKernels() {
    QFETCH(int, nAlgorithms);
    QFETCH(int, nPlaceDependent);
    QFETCH(int, nUnsupported);
    fakeCublas.nAlgorithms = nAlgorithms;
    fakeCublas.nPlaceDependent = nPlaceDependent;
    fakeCublas.nUnsupported = nUnsupported;
    Scene scene(ProductPath::Library, DType::Q4_K, kSmall);
    QVERIFY(areSameBits(scene.run(0, 100, true), ownBits(DType::Q4_K, kSmall, 100, true)));
}

void LibraryProductsTest::libraryThatCannotBeOpened_isOurOwnKernels_data() {
    QTest::addColumn<bool>("isInstalled");
    QTest::addColumn<QString>("missing");
    QTest::addColumn<int>("createResult");
    QTest::newRow("not installed") << false << QString() << 0;
    QTest::newRow("a function is missing") << true << QString("heuristics") << 0;
    QTest::newRow("it refuses to start") << true << QString() << 1;
}

void LibraryProductsTest::libraryThatCannotBeOpened_isOurOwnKernels() {
    QFETCH(bool, isInstalled);
    QFETCH(QString, missing);
    QFETCH(int, createResult);
    fakeCublas.isInstalled = isInstalled;
    fakeCublas.missing = missing.toStdString();
    fakeCublas.createResult = createResult;
    Scene scene(ProductPath::Measured, DType::Q4_K, kSmall);
    QVERIFY(scene.weight);
    const auto out = scene.run(0, 100, true);
    Scene own(ProductPath::Own, DType::Q4_K, kSmall);
    QVERIFY(areSameBits(out, own.run(0, 100, true)));
    const KernelLimits limits{.maxTokens = 512, .maxCols = 4096};
    QCOMPARE(scene.kernels->scratchBytes(limits), own.kernels->scratchBytes(limits));
}

void LibraryProductsTest::libraryThatIsForced_mustBeThere() {
    fakeCublas.isInstalled = false;
    CudaKernelOptions options;
    options.products = ProductPath::Library;
    const auto kernels = createCudaKernels(options);
    QVERIFY(!kernels);
    QCOMPARE(kernels.error().code, ErrorCode::FileNotFound);
    QVERIFY(kernels.error().message.find("cuBLAS is not found") != std::string::npos);
}

void LibraryProductsTest::callThatFailsInTheMiddle_isMadeGood_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("call");
    QTest::newRow("first call") << int(DType::Q8_0) << 1;
    QTest::newRow("second slice of the first block") << int(DType::Q8_0) << 2;
    QTest::newRow("last block") << int(DType::Q8_0) << 4;
    QTest::newRow("second part") << int(DType::F16) << 2;
    QTest::newRow("third part of the second slice") << int(DType::BF16) << 6;
}

void LibraryProductsTest::callThatFailsInTheMiddle_isMadeGood() {
    QFETCH(int, type);
    QFETCH(int, call);
    const Shape shape{300, 64, 530};
    Scene scene(ProductPath::Library, static_cast<DType>(type), shape);
    static_cast<void>(scene.run(0, 9));
    fakeCublas.failingMatmul = call;
    // Int8 activations are no part of the library's bound.
    const auto broken = scene.run(0, 530, true);
    const auto own = ownBits(static_cast<DType>(type), shape, 530, true);
    QCOMPARE(broken.size(), own.size());
    double worst = 0, largest = 0;
    for (std::size_t index = 0; index < own.size(); ++index) {
        worst = std::max<double>(worst, std::fabs(broken[index] - own[index]));
        largest = std::max<double>(largest, std::fabs(own[index]));
    }
    // A row added twice would be off by as much as there is.
    QVERIFY2(worst < 0.01 * largest, qPrintable(QString("%1 of %2").arg(worst).arg(largest)));
    // For good.
    fakeCublas.nMatmuls = 0;
    QVERIFY(areSameBits(scene.run(0, 530, true), own));
    QCOMPARE(fakeCublas.nMatmuls, 0);
}

void LibraryProductsTest::measuredPath_isKept() {
    Remembered memory;
    Scene scene(ProductPath::Measured, DType::Q4_K, kSmall, &memory);
    const auto out = scene.run(0, 100);
    QCOMPARE(memory.kept.size(), std::size_t{1});
    const auto& [key, isFaster] = *memory.kept.begin();
    QCOMPARE(QString::fromStdString(key),
             QString("Emulated GPU, sm_89, driver  13000, cuBLAS 13.1.0, Q4_K 48x256, 192 tokens"));
    QVERIFY(areSameBits(out, ownBits(DType::Q4_K, kSmall, 100)) != isFaster);
    // Asked once per shape.
    const int nAsked = memory.nAsked;
    QVERIFY(areSameBits(scene.run(0, 100), out));
    QCOMPARE(memory.nAsked, nAsked);
}

void LibraryProductsTest::rememberedPath_isNotMeasuredAgain() {
    Remembered memory;
    memory.answer = false;
    Scene own(ProductPath::Measured, DType::Q4_K, kSmall, &memory);
    QVERIFY(areSameBits(own.run(0, 100), ownBits(DType::Q4_K, kSmall, 100)));
    QCOMPARE(fakeCublas.nMatmuls, 0);

    memory.answer = true;
    Scene library(ProductPath::Measured, DType::Q4_K, kSmall, &memory);
    const auto out = library.run(0, 100);
    QVERIFY(!areSameBits(out, ownBits(DType::Q4_K, kSmall, 100)));
    QCOMPARE(library.fault(out, 100, false), QString());
    QVERIFY(memory.kept.empty());
}

void LibraryProductsTest::fasterPath_isThatOfBothSteps() {
    QVERIFY(cuda::isFaster({.few = 2, .many = 5}, {.few = 1, .many = 9}));
    QVERIFY(!cuda::isFaster({.few = 4, .many = 5}, {.few = 1, .many = 7}));
    QVERIFY(!cuda::isFaster({.few = 1, .many = 5}, {.few = 1, .many = 5}));
}

void LibraryProductsTest::scratch_isWhatIsAllocated() {
    const KernelLimits limits[] = {
        {.maxTokens = 512, .maxCols = 4096, .maxHeads = 32, .maxHeadDim = 128, .maxContext = 4096},
        {.maxTokens = 8, .maxCols = 512, .maxHeads = 4, .maxHeadDim = 64, .maxContext = 64},
        {.maxTokens = 13, .maxCols = 83, .maxHeads = 4, .maxHeadDim = 64, .maxContext = 64}};
    for (const KernelLimits& limit : limits) {
        CudaKernelOptions options;
        options.products = ProductPath::Library;
        const auto kernels = createCudaKernels(options);
        QVERIFY(kernels);
        const std::size_t before = simt::allocatedBytes();
        QVERIFY((*kernels)->reserve(limit));
        QCOMPARE(quint64((*kernels)->scratchBytes(limit)),
                 quint64(simt::allocatedBytes() - before));
    }
}

void LibraryProductsTest::threeMatricesOfMixedTypes_allGoTheirWay() {
    Scene scene(ProductPath::Library, DType::Q4_K, kSmall);
    std::mt19937 random(5);
    const DType types[] = {DType::F32, DType::BF16, DType::F16};
    std::vector<test::FileMatrix> matrices;
    std::vector<std::unique_ptr<Weight>> weights{};
    std::vector<Buffer> outs;
    std::vector<LinearTarget> targets;
    Buffer x = scene.kernels->allocate(scene.x.size() * sizeof(float)).value();
    QVERIFY(scene.kernels->upload(x.data(), scene.x.data(), x.bytes()));
    for (const DType type : types) {
        matrices.push_back(test::quantizedMatrix(random, type, 40, kSmall.nCols));
        weights.push_back(
            scene.kernels->prepareWeight({matrices.back().bytes.data(), type, kSmall.nCols, 40})
                .value());
        outs.push_back(scene.kernels->allocate(20 * 40 * sizeof(float)).value());
        targets.push_back({weights.back().get(), nullptr, outs.back().as<float>(), false});
    }
    scene.kernels->linear({x.as<float>(), 20, targets});
    for (std::size_t index = 0; index < matrices.size(); ++index) {
        const auto read = scene.kernels->readback(outs[index].as<float>(), 20 * 40);
        QVERIFY(read);
        for (std::int64_t token = 0; token < 20; ++token)
            for (std::int64_t row = 0; row < 40; ++row) {
                double expected = 0, sizes = 0;
                for (std::int64_t col = 0; col < kSmall.nCols; ++col) {
                    const double term =
                        static_cast<double>(
                            matrices[index].values[size(row * kSmall.nCols + col)]) *
                        scene.x[size(token * kSmall.nCols + col)];
                    expected += term;
                    sizes += std::fabs(term);
                }
                const double bound = sizes * (0x1p-21 + 3 * kSmall.nCols * 0x1p-23);
                QVERIFY(std::fabs((*read)[size(token * 40 + row)] - expected) <= bound);
            }
    }
}

// The fake reports a handle that is used or destroyed behind a reset, or on another device.
void LibraryProductsTest::handle_goesOnItsDeviceBeforeTheContext() {
    simt::setDevices({{}, {}});
    const auto make = [](int card) {
        CudaKernelOptions options;
        options.deviceIndex = card;
        options.products = ProductPath::Library;
        return createCudaKernels(options).value_or(nullptr);
    };
    auto other = make(1), first = make(0), second = make(0);
    QVERIFY(other && first && second);
    QCOMPARE(fakeCublas.nHandles, 3);
    other.reset();
    QCOMPARE(fakeCublas.nHandles, 2);
    QCOMPARE(cuda::fakeCublas.misuse, std::string());
    // The card fails: both of its sets end, the last of them with its context.
    QCOMPARE(cudaSetDevice(0), cudaSuccess);
    simt::injectFailure("cudaStreamSynchronize", 1, cudaErrorIllegalAddress, true);
    QVERIFY(!first->finish());
    first.reset();
    QCOMPARE(fakeCublas.nHandles, 1);
    QCOMPARE(simt::callCount("cudaDeviceReset"), 0);
    second.reset();
    QCOMPARE(fakeCublas.nHandles, 0);
    QCOMPARE(simt::callCount("cudaDeviceReset"), 1);
    QCOMPARE(cuda::fakeCublas.misuse, std::string());
    // The next set has a handle of the new context.
    Scene scene(ProductPath::Library, DType::Q4_K, kSmall);
    QVERIFY(scene.weight);
    QCOMPARE(scene.fault(scene.run(0, 100), 100, false), QString());
}

// The order of the runs: our own as letters o, the library's as l.
void LibraryProductsTest::measurement_takesTurns() {
    std::string order;
    CudaKernelOptions options;
    options.products = ProductPath::Measured;
    options.uploadSlotBytes = std::size_t{64} << 10;
    options.onTiles = [&](DType, std::int32_t, bool) { order += 'o'; };
    fakeCublas.onMatmul = [&] { order += 'l'; };
    // Of 64 tokens at most, so that every call has as many, and one algorithm.
    fakeCublas.nAlgorithms = 1;
    const auto kernels = createCudaKernels(options);
    QVERIFY(kernels);
    const Shape shape{48, 256, 64};
    QVERIFY((*kernels)->reserve({.maxTokens = shape.maxTokens,
                                 .maxCols = shape.nCols,
                                 .maxHeads = 1,
                                 .maxHeadDim = 1,
                                 .maxContext = 1,
                                 .maxReadback = shape.maxTokens * shape.nRows}));
    std::mt19937 random(11);
    const auto matrix = test::quantizedMatrix(random, DType::Q4_K, shape.nRows, shape.nCols);
    const auto weight =
        (*kernels)->prepareWeight({matrix.bytes.data(), DType::Q4_K, shape.nCols, shape.nRows});
    QVERIFY(weight);
    Buffer x = (*kernels)->allocate(size(shape.maxTokens * shape.nCols) * sizeof(float)).value();
    Buffer out = (*kernels)->allocate(size(shape.maxTokens * shape.nRows) * sizeof(float)).value();
    const std::vector<float> zeros(size(shape.maxTokens * shape.nCols));
    QVERIFY((*kernels)->upload(x.data(), zeros.data(), x.bytes()));
    const LinearTarget target{weight->get(), nullptr, out.as<float>(), false};
    (*kernels)->linear({x.as<float>(), shape.maxTokens, {&target, 1}});
    QVERIFY((*kernels)->finish());
    // The trial, then for few and for many tokens a pair that loads the kernels and four that
    // count; at the end the product itself.
    const std::string pairs = "olloollool";
    QCOMPARE(QString::fromStdString(order.substr(0, order.size() - 1)),
             QString::fromStdString("l" + pairs + pairs));
}

QTEST_GUILESS_MAIN(LibraryProductsTest)
#include "library_products_test.moc"
