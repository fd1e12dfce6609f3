// Models of types that no kernel computes with: they load, and answer as their twin whose matrices
// are F16 in the file.
#include <QtTest>

#include <QTemporaryDir>

#include "base/finite_half.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/model/unpacked_weight.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize_reference.h"
#include "tests/engine/model/model_runner.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

const std::vector<std::int32_t> kTokens{1, 17, 300, 4, 99, 5, 6, 7};

test::TinyModel modelOf(DType type, std::uint32_t nExperts) {
    test::TinyModel tiny;
    tiny.architecture = nExperts == 0 ? "llama" : "qwen3moe";
    tiny.nEmbd = 256;
    tiny.nFf = 256;
    tiny.headDim = 64;
    tiny.nExperts = nExperts;
    return test::withTypes(tiny, type);
}

// The weights that a file of `type` holds, as halves.
GgufRowSource halvesOf(const GgufWriter& writer, std::uint64_t seed, DType type) {
    return [&writer, seed, type](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        const GgufTensorPlan& tensor = writer.tensors()[range.tensorIndex];
        const auto nCols = static_cast<std::size_t>(tensor.shape.front());
        const std::vector<float> all = test::tinyTensorValues(tensor, seed);
        std::vector<float> rows(
            all.begin() +
                static_cast<std::ptrdiff_t>(static_cast<std::size_t>(range.firstRow) * nCols),
            all.begin() + static_cast<std::ptrdiff_t>(
                              static_cast<std::size_t>(range.firstRow + range.nRows) * nCols));
        if (tensor.type == DType::F16) {
            std::vector<std::byte> bytes(rowBytes(type, rows.size()));
            quantizeRow(type, rows, bytes);
            dequantizeRow(type, bytes, rows);
        }
        quantizeRow(tensor.type, rows, out);
        return {};
    };
}

Result<std::vector<std::vector<float>>> logitsOf(const std::filesystem::path& path,
                                                 std::unique_ptr<KernelSet> kernels) {
    SOTTO_ASSIGN(const auto runner, ModelRunner::open(path, std::move(kernels), {}));
    return runner->step(kTokens);
}

}  // namespace

class UnpackedModelTest : public QObject {
    Q_OBJECT

private slots:
    void logits_areThoseOfTheTwin_data() {
        QTest::addColumn<int>("number");
        QTest::addColumn<int>("nExperts");
        for (const DType type : allDTypes())
            for (const int nExperts : {0, 4})
                if (!hasKernels(type))
                    QTest::addRow("%s, %d experts", std::string(dtypeTraits(type).name).c_str(),
                                  nExperts)
                        << static_cast<int>(type) << nExperts;
    }

    void logits_areThoseOfTheTwin() {
        QFETCH(const int, number);
        QFETCH(const int, nExperts);
        const auto type = static_cast<DType>(number);
        const QTemporaryDir folder;
        const auto path = std::filesystem::path(folder.path().toStdString());
        const test::TinyModel model = modelOf(type, static_cast<std::uint32_t>(nExperts));
        const Status written = test::writeTinyModel(model, path / "packed.gguf");
        QVERIFY2(written, written ? "" : written.error().message.c_str());
        const GgufWriter twin = test::describeTinyModel(test::withTypes(model, DType::F16));
        QVERIFY(twin.write(path / "twin.gguf", halvesOf(twin, model.seed, type)));

        const auto reference = logitsOf(path / "packed.gguf", createReferenceKernels());
        const auto referenceTwin = logitsOf(path / "twin.gguf", createReferenceKernels());
        QVERIFY2(reference, reference ? "" : reference.error().message.c_str());
        QVERIFY(referenceTwin && *reference == *referenceTwin);
        QVERIFY(std::all_of(reference->back().begin(), reference->back().end(),
                            [](float logit) { return std::isfinite(logit); }));
        const auto fast = logitsOf(path / "packed.gguf", createCpuKernels({}));
        const auto fastTwin = logitsOf(path / "twin.gguf", createCpuKernels({}));
        QVERIFY(fast && fastTwin && *fast == *fastTwin);
    }

    void unpacking_isCancelled() {
        std::vector<std::byte> bytes(rowBytes(DType::IQ4_NL, 256) * 40);
        const GgufTensor tensor{.name = "t",
                                .type = DType::IQ4_NL,
                                .shape = {256, 40},
                                .byteSize = bytes.size(),
                                .bytes = bytes};
        ThreadPool pool(2);
        std::uint64_t told = 0;
        const auto halves = unpackToHalf(tensor, pool, [&](std::uint64_t done) {
            told = done;
            return true;
        });
        QVERIFY(halves);
        QCOMPARE(halves->bytes(), std::size_t{256 * 40 * 2});
        QCOMPARE(told, std::uint64_t{bytes.size()});
        const auto cancelled = unpackToHalf(tensor, pool, [](std::uint64_t) { return false; });
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
    }
};

QTEST_APPLESS_MAIN(UnpackedModelTest)
#include "unpacked_model_test.moc"
