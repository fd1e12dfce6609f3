// Whole models whose prompts go through a cuBLAS that computes on the emulated card: their logits,
// and that a row's bits do not depend on its step, also where only some matrices go that way.
#include <QtTest>
#include <algorithm>
#include <cmath>

#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "engine/selftest/witness_cases.h"
#include "tests/engine/device/cuda/fake_cublas.h"
#include "tests/engine/model/golden.h"
#include "tests/engine/model/model_runner.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using cuda::fakeCublas;

namespace {

using Rows = std::vector<std::vector<float>>;

// Says for matrices of these types that the library is faster, for others that it is not.
class ByType final : public ProductMemory {
public:
    explicit ByType(std::vector<std::string> types) : m_types(std::move(types)) {}
    std::optional<bool> isLibraryFaster(const std::string& key) override {
        return std::any_of(m_types.begin(), m_types.end(), [&](const std::string& type) {
            return key.find(", " + type + ' ') != std::string::npos;
        });
    }
    void keep(const std::string&, bool) override {}

private:
    std::vector<std::string> m_types;
};

std::filesystem::path fileOf(const std::string& folder, const std::string& variant) {
    return std::filesystem::path(SOTTO_GOLDEN_DIR) / folder / (variant + ".gguf");
}

// The prompt in steps of `nPerStep` rows; empty where anything fails.
Rows run(const std::string& folder, const std::string& variant,
         const std::vector<std::int32_t>& tokens, std::size_t nPerStep, ProductMemory* memory) {
    CudaKernelOptions options;
    options.products = memory != nullptr ? ProductPath::Measured : ProductPath::Library;
    options.productMemory = memory;
    options.uploadSlotBytes = std::size_t{64} << 10;
    auto kernels = createCudaKernels(options);
    if (!kernels) return {};
    auto runner = ModelRunner::open(
        fileOf(folder, variant), std::move(*kernels),
        {.maxTokens = 64, .contextTokens = 256, .kv = {KvType::F16, KvType::F16}});
    if (!runner) return {};
    Rows logits;
    for (std::size_t begin = 0; begin < tokens.size(); begin += nPerStep) {
        const std::size_t end = std::min(tokens.size(), begin + nPerStep);
        const Rows rows = (*runner)->step({tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                                           tokens.begin() + static_cast<std::ptrdiff_t>(end)});
        logits.insert(logits.end(), rows.begin(), rows.end());
    }
    return logits;
}

}  // namespace

class LibraryModelTest : public QObject {
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
    void prompts_areWithinTheBound_data();
    void prompts_areWithinTheBound();
    void launchesBehindTheLibrary_doNotOverlapIt();
    void plan_isWhatIsAllocated();
    void libraryThatIsForced_isAskedForByName();
    void witnessCases_findWhoIsWrong();
    void witnessCases_withoutAWitness_areSkipped_data();
    void witnessCases_withoutAWitness_areSkipped();
};

void LibraryModelTest::prompts_areWithinTheBound_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("variant");
    QTest::addColumn<QStringList>("types");  // of the matrices that go through it; none: all
    const QStringList all;
    QTest::newRow("llama q4_k_m") << "llama"
                                  << "q4_k_m" << all;
    QTest::newRow("llama q4_k_m, its Q6_K alone") << "llama"
                                                  << "q4_k_m" << QStringList{"Q6_K"};
    QTest::newRow("llama q4_k_m, its Q4_K alone") << "llama"
                                                  << "q4_k_m" << QStringList{"Q4_K"};
#ifndef SOTTO_ADDRESS_SANITIZED
    QTest::newRow("qwen2 q8_0") << "qwen2"
                                << "q8_0" << all;
    QTest::newRow("llama-types bf16") << "llama-types"
                                      << "bf16" << all;
    QTest::newRow("qwen3moe q8_0") << "qwen3moe"
                                   << "q8_0" << all;
#endif
}

void LibraryModelTest::prompts_areWithinTheBound() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    QFETCH(QStringList, types);
    const std::string name = folder.toStdString();
    const auto manifest =
        readJson(std::filesystem::path(SOTTO_GOLDEN_DIR) / name / "manifest.json");
    const auto values = manifest["variants"][variant.toStdString()];
    const auto tokens = values["tokens"].get<std::vector<std::int32_t>>();
    std::vector<std::string> names;
    for (const QString& type : types) names.push_back(type.toStdString());
    ByType memory(names);
    ProductMemory* const chosen = names.empty() ? nullptr : &memory;

    const Rows whole = run(name, variant.toStdString(), tokens, tokens.size(), chosen);
    QVERIFY(fakeCublas.nMatmuls > 0);
    const auto& exact = values["dequantised"];
    const auto expected = readLogits(
        std::filesystem::path(SOTTO_GOLDEN_DIR) / name / exact["file"].get<std::string>(), 320);
    QCOMPARE(whole.size(), expected.size());
    // That of golden_logits_test: how far int8 activations lie from the exact logits.
    const double bound = 1.5 * exact["rms_vs_direct"].get<double>() + 1e-3;
    const double rms = rootMeanSquareDifference(whole, expected);
    qInfo("RMS %g, bound %g", rms, bound);
    QVERIFY2(rms <= bound, qPrintable(QString("RMS %1, bound %2").arg(rms).arg(bound)));

    // As long as a step is not of few rows, its length shows nowhere.
    constexpr std::size_t kPerStep = 13;
    const auto nWhole = static_cast<std::ptrdiff_t>(tokens.size() / kPerStep * kPerStep);
    const Rows parts = run(name, variant.toStdString(), {tokens.begin(), tokens.begin() + nWhole},
                           kPerStep, chosen);
    QVERIFY(!parts.empty());
    QVERIFY(parts == Rows(whole.begin(), whole.begin() + nWhole));
}

// The emulator reports a programmatic launch behind what is no kernel of ours.
void LibraryModelTest::launchesBehindTheLibrary_doNotOverlapIt() {
    const std::vector<std::int32_t> tokens{1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45};
    const Rows expected = run("llama", "q4_k_m", tokens, tokens.size(), nullptr);
    simt::reset();
    simt::setDevices({{.name = "Hopper", .major = 9, .minor = 0}});
    simt::setStreamTiming(simt::StreamTiming::Late);
    const Rows late = run("llama", "q4_k_m", tokens, tokens.size(), nullptr);
    QVERIFY(!late.empty());
    QVERIFY(late == expected);
    QCOMPARE(simt::leaks(), std::string());
}

namespace {

LoadRequest onCard(ProductPath products, ProductMemory* memory) {
    LoadRequest request;
    request.engine.device = "auto";
    request.engine.products = products;
    request.engine.productMemory = memory;
    request.model.path = fileOf("llama", "q4_k_m");
    request.model.contextTokens = 128;
    request.model.gpuLayers = kGpuLayersAll;
    return request;
}

}  // namespace

void LibraryModelTest::plan_isWhatIsAllocated() {
    ByType all({"Q4_K", "Q6_K"});
    const auto model = loadModel(onCard(ProductPath::Measured, &all), {});
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    SequenceRunner runner(**model);
    QVERIFY(runner.run(std::vector<std::int32_t>(20, 3), 0, [](auto, auto) {}, {}));
    QVERIFY(fakeCublas.nMatmuls > 0);
    // As in cuda_model_test: what single allocations are rounded to is all there may be.
    const double planned = static_cast<double>((*model)->info.memory.total());
    const double used = static_cast<double>(simt::allocatedBytes());
    QVERIFY2(std::fabs(used - planned) <= 0.01 * planned,
             qPrintable(QString("planned %1, used %2").arg(planned).arg(used)));
}

// Not the processor without a word.
void LibraryModelTest::libraryThatIsForced_isAskedForByName() {
    fakeCublas.isInstalled = false;
    const auto model = loadModel(onCard(ProductPath::Library, nullptr), {});
    QVERIFY(!model);
    QVERIFY(model.error().message.find("cuBLAS is not found") != std::string::npos);
    QVERIFY(loadModel(onCard(ProductPath::Measured, nullptr), {}));
}

// Against a witness that is right every case passes; one that is not shows that they would notice.
void LibraryModelTest::witnessCases_findWhoIsWrong() {
    for (const bool isWrong : {false, true}) {
        fakeCublas.isWrong = isWrong;
        const auto subject = createCudaKernels({.uploadSlotBytes = std::size_t{64} << 10});
        const auto witness = createWitnessKernels("cuda:0");
        QVERIFY(subject && witness);
        const auto cases = witnessCases(**subject, **witness);
        QCOMPARE(cases.size(), kernelDTypes().size() - 1);
        // One of each kind of input; doctor runs them all.
        for (const SelftestCase& test : cases) {
            const bool isRun = test.name.starts_with("linear Q4_K") ||
                               (!isWrong && (test.name.starts_with("linear F16") ||
                                             test.name.starts_with("linear BF16")));
            if (!isRun) continue;
            const SelftestResult result = test.run();
            QVERIFY2(result.ok != isWrong, (test.name + ": " + result.detail).c_str());
        }
        QVERIFY(fakeCublas.nMatmuls > 0);
    }
    fakeCublas = {};
    QCOMPARE(createWitnessKernels("cuda:0").error().code, ErrorCode::FileNotFound);
}

void LibraryModelTest::witnessCases_withoutAWitness_areSkipped_data() {
    QTest::addColumn<int>("nAlgorithms");
    QTest::addColumn<int>("failingMatmul");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no algorithm") << 0 << 0 << "while looking for an algorithm (error 15)";
    // The trial of an algorithm is a call for each number of tokens: 192, 128, 64.
    QTest::newRow("fails in the middle") << 3 << 4 << "cuBLAS fails while multiplying (error 13)";
}

// Our own kernels then serve: they would agree with themselves.
void LibraryModelTest::witnessCases_withoutAWitness_areSkipped() {
    QFETCH(int, nAlgorithms);
    QFETCH(int, failingMatmul);
    QFETCH(QString, reason);
    fakeCublas.nAlgorithms = nAlgorithms;
    fakeCublas.failingMatmul = failingMatmul;
    const auto subject = createCudaKernels({.uploadSlotBytes = std::size_t{64} << 10});
    const auto witness = createWitnessKernels("cuda:0");
    QVERIFY(subject && witness);
    const auto cases = witnessCases(**subject, **witness);
    const auto test = std::ranges::find_if(
        cases, [](const SelftestCase& one) { return one.name.starts_with("linear Q4_K"); });
    QVERIFY(test != cases.end());
    const SelftestResult result = test->run();
    QVERIFY(!result.ok);
    QVERIFY(result.isSkipped);
    QVERIFY2(QString::fromStdString(result.detail).startsWith("Could not run"),
             result.detail.c_str());
    QVERIFY2(QString::fromStdString(result.detail).contains(reason), result.detail.c_str());
}

QTEST_GUILESS_MAIN(LibraryModelTest)
#include "library_model_test.moc"
