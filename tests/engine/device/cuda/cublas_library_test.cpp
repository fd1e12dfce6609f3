// cuBLAS behind its table of functions: what is missing, what refuses, and that a product means
// what it says in spite of column-major matrices.
#include "engine/device/cuda/cublas_library.h"

#include <QtTest>

#include "base/half.h"
#include "engine/device/cuda/cuda_handles.h"
#include "tests/engine/device/cuda/fake_cublas.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

class CublasLibraryTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        simt::reset();
        installFakeCublas();
    }
    void cleanup() { QCOMPARE(fakeCublasMisuse(), std::string()); }
    void open_notInstalled_saysSo();
    void open_withoutAFunction_isTooOld();
    void open_refusingLibrary_saysItsNumber();
    void version_isRead();
    void gemm_withoutAnAlgorithm_isUnsupported();
    void gemm_isTheProductOfRows_data();
    void gemm_isTheProductOfRows();
    void gemm_accumulates();
    void gemm_keepsTheOrderOfItsStream();
    void gemm_thatFails_saysItsNumber();
};

namespace {

struct Numbers {
    DeviceBuffer buffer;
    std::vector<float> values;
};

// Small whole numbers, exact in either type.
Numbers numbers(CublasType type, std::int64_t count, int seed) {
    Numbers result;
    result.buffer = allocateDeviceBuffer(static_cast<std::size_t>(count) * 2, "a test").value();
    for (std::int64_t index = 0; index < count; ++index) {
        const float value = static_cast<float>((index * 7 + index / 5 + seed) % 11 - 5);
        result.values.push_back(value);
        const std::uint16_t bits = type == kCublasF16 ? toHalf(value).bits : toBFloat16(value).bits;
        std::memcpy(result.buffer.data() + 2 * index, &bits, 2);
    }
    return result;
}

constexpr std::int64_t kRows = 5, kCols = 24, kTokens = 3;

}  // namespace

void CublasLibraryTest::open_notInstalled_saysSo() {
    fakeCublas.isInstalled = false;
    const auto library = CublasLibrary::open();
    QVERIFY(!library);
    QCOMPARE(library.error().code, ErrorCode::FileNotFound);
    QVERIFY(library.error().message.starts_with("cuBLAS is not found:"));
}

void CublasLibraryTest::open_withoutAFunction_isTooOld() {
    for (const char* name :
         {"version", "create", "destroy", "operationCreate", "operationSet", "operationDestroy",
          "layoutCreate", "layoutSet", "layoutDestroy", "preferenceCreate", "preferenceSet",
          "preferenceDestroy", "heuristics", "matmul"}) {
        fakeCublas.missing = name;
        const auto library = CublasLibrary::open();
        QVERIFY2(!library, name);
        QVERIFY(library.error().message.find("too old") != std::string::npos);
    }
}

void CublasLibraryTest::open_refusingLibrary_saysItsNumber() {
    fakeCublas.createResult = 1;
    const auto library = CublasLibrary::open();
    QVERIFY(!library);
    QCOMPARE(library.error().code, ErrorCode::Unsupported);
    QVERIFY(library.error().message.find("error 1") != std::string::npos);
}

void CublasLibraryTest::version_isRead() {
    QCOMPARE(CublasLibrary::open().value().version(), std::string("13.1.0"));
}

void CublasLibraryTest::gemm_withoutAnAlgorithm_isUnsupported() {
    const auto library = CublasLibrary::open();
    QVERIFY(library);
    fakeCublas.nAlgorithms = 0;
    const auto gemm = CublasGemm::make(*library, {kCublasF16, kRows, kCols}, kTokens);
    QVERIFY(!gemm);
    QCOMPARE(gemm.error().code, ErrorCode::Unsupported);
}

void CublasLibraryTest::gemm_isTheProductOfRows_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("nTokens");  // of a call, at most those of make()
    QTest::newRow("f16") << int(kCublasF16) << 3;
    QTest::newRow("bf16") << int(kCublasBf16) << 3;
    QTest::newRow("fewer tokens") << int(kCublasF16) << 2;
}

void CublasLibraryTest::gemm_isTheProductOfRows() {
    QFETCH(int, type);
    QFETCH(int, nTokens);
    const auto kind = static_cast<CublasType>(type);
    const auto library = CublasLibrary::open();
    const Stream stream = Stream::create().value();
    const auto gemm = CublasGemm::make(*library, {kind, kRows, kCols}, kTokens);
    QVERIFY(gemm);
    const Numbers weights = numbers(kind, kRows * kCols, 1);
    const Numbers x = numbers(kind, kTokens * kCols, 4);
    const auto out = allocateDeviceBuffer(kTokens * kRows * sizeof(float), "a test").value();
    QVERIFY(gemm->multiply({.weights = weights.buffer.data(),
                            .x = x.buffer.data(),
                            .out = reinterpret_cast<float*>(out.data()),
                            .nTokens = nTokens},
                           stream.get()));
    QVERIFY(stream.synchronize());
    for (std::int64_t token = 0; token < nTokens; ++token)
        for (std::int64_t row = 0; row < kRows; ++row) {
            float expected = 0;
            for (std::int64_t col = 0; col < kCols; ++col)
                expected += weights.values[static_cast<std::size_t>(row * kCols + col)] *
                            x.values[static_cast<std::size_t>(token * kCols + col)];
            QCOMPARE(out.as<float>()[token * kRows + row], expected);
        }
}

void CublasLibraryTest::gemm_accumulates() {
    const auto library = CublasLibrary::open();
    const Stream stream = Stream::create().value();
    const auto gemm = CublasGemm::make(*library, {kCublasF16, kRows, kCols}, kTokens);
    const Numbers weights = numbers(kCublasF16, kRows * kCols, 1);
    const Numbers x = numbers(kCublasF16, kTokens * kCols, 4);
    const auto out = allocateDeviceBuffer(kTokens * kRows * sizeof(float), "a test").value();
    CublasOperands operands{.weights = weights.buffer.data(),
                            .x = x.buffer.data(),
                            .out = reinterpret_cast<float*>(out.data()),
                            .nTokens = kTokens};
    QVERIFY(gemm->multiply(operands, stream.get()));  // what was there, NaN, is gone
    QVERIFY(stream.synchronize());
    const std::vector<float> once(out.as<float>(), out.as<float>() + kTokens * kRows);
    operands.isAccumulating = true;
    QVERIFY(gemm->multiply(operands, stream.get()));
    QVERIFY(stream.synchronize());
    for (std::size_t index = 0; index < once.size(); ++index)
        QCOMPARE(out.as<float>()[index], 2 * once[index]);
}

void CublasLibraryTest::gemm_keepsTheOrderOfItsStream() {
    simt::setStreamTiming(simt::StreamTiming::Late);
    const auto library = CublasLibrary::open();
    const Stream stream = Stream::create().value();
    const auto gemm = CublasGemm::make(*library, {kCublasF16, kRows, kCols}, kTokens);
    const Numbers weights = numbers(kCublasF16, kRows * kCols, 1);
    Numbers x = numbers(kCublasF16, kTokens * kCols, 4);
    const auto out = allocateDeviceBuffer(kTokens * kRows * sizeof(float), "a test").value();
    // Queued before the product, so it multiplies zeros.
    QCOMPARE(cudaMemsetAsync(x.buffer.data(), 0, x.buffer.bytes(), stream.get()), cudaSuccess);
    QVERIFY(gemm->multiply({.weights = weights.buffer.data(),
                            .x = x.buffer.data(),
                            .out = reinterpret_cast<float*>(out.data()),
                            .nTokens = kTokens},
                           stream.get()));
    QVERIFY(stream.synchronize());
    for (std::int64_t index = 0; index < kTokens * kRows; ++index)
        QCOMPARE(out.as<float>()[index], 0.0f);
}

void CublasLibraryTest::gemm_thatFails_saysItsNumber() {
    const auto library = CublasLibrary::open();
    const Stream stream = Stream::create().value();
    const auto gemm = CublasGemm::make(*library, {kCublasF16, kRows, kCols}, kTokens);
    fakeCublas.failingMatmul = 1;
    const Status failed = gemm->multiply({.nTokens = kTokens}, stream.get());
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, ErrorCode::Unsupported);
    QVERIFY(failed.error().message.find("error 13") != std::string::npos);
}

QTEST_GUILESS_MAIN(CublasLibraryTest)
#include "cublas_library_test.moc"
