// Logits and greedy continuations against an independent engine's, for every architecture, RoPE
// variant and weight type this build knows, through the reference and the fast kernels; compiled
// with SOTTO_TEST_CUDA for the CUDA kernels too: on the emulator, and for a card.
#include <QtTest>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "tests/engine/model/golden.h"
#include "tests/engine/model/model_runner.h"
#include "tests/support/missing_card.h"

using namespace sotto;

namespace {

// The bound of shared/golden/README.md: the reference engine sums in float32 in another order.
constexpr double kMaxRelativeL2 = 2e-4;
// More where matrices become F16 at load: that rounds each weight by at most 2^-11 of it, in the
// four matrices that a row passes one after the other (value, attention output, down, head).
constexpr double kUnpackedRelativeL2 = kMaxRelativeL2 + 4 * 0x1p-11;
// Below this gap between the two best a tie may break either way.
constexpr double kMinMargin = 1e-3;

const std::vector<std::string> kFolders{"llama", "llama-linear", "llama-yarn", "qwen2",
                                        "qwen3", "llama-types",  "llama-moe",  "qwen3moe"};

std::filesystem::path folderPath(const QString& folder) {
    return goldenFolder() / folder.toStdString();
}

// The larger variants are not committed: they come from the shared folder, where there is one.
std::filesystem::path goldenFile(const QString& folder, const std::string& name) {
    const auto committed = folderPath(folder) / name;
    if (std::filesystem::exists(committed)) return committed;
    return std::filesystem::path(sharedFolder()) / "golden" / folder.toStdString() / name;
}

#ifdef SOTTO_TEST_CUDA
const std::vector<std::string> kSets{"cuda"};
#else
const std::vector<std::string> kSets{"reference", "fast"};
#endif

Result<std::unique_ptr<KernelSet>> kernelsFor(const QString& set) {
    if (set == "reference") return createReferenceKernels();
    if (set == "fast") return createCpuKernels({});
    CudaKernelOptions options;
    options.uploadSlotBytes = std::size_t{64} << 10;
    return createCudaKernels(options);
}

void addRows(bool isF32) {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("variant");
    QTest::addColumn<QString>("set");
    for (const std::string& folder : kFolders) {
        const auto manifest =
            readJson(folderPath(QString::fromStdString(folder)) / "manifest.json");
        for (const auto& [variant, values] : manifest["variants"].items()) {
            if ((variant == "f32") != isF32) continue;
            for (const std::string& set : kSets)
                QTest::addRow("%s %s %s", folder.c_str(), variant.c_str(), set.c_str())
                    << QString::fromStdString(folder) << QString::fromStdString(variant)
                    << QString::fromStdString(set);
        }
    }
}

}  // namespace

class GoldenLogitsTest : public QObject {
    Q_OBJECT

private slots:
#ifdef SOTTO_TEST_CUDA
    void initTestCase() {
        if (const auto missing = missingCard()) QSKIP(missing->c_str());
    }
#endif
    void f32_equalsIndependentEngine_data() { addRows(true); }
    void f32_equalsIndependentEngine();
    void quantized_isWithinItsBound_data() { addRows(false); }
    void quantized_isWithinItsBound();

private:
    // Everything the two tests share: the opened model and the expected values.
    struct Case {
        std::unique_ptr<ModelRunner> runner;
        nlohmann::json values;
        std::vector<std::int32_t> tokens;
        std::vector<std::vector<float>> logits;  // ours, one row per prompt position
        std::string problem;
    };
    Case open() {
        QFETCH(QString, folder);
        QFETCH(QString, variant);
        QFETCH(QString, set);
        Case result;
        auto kernels = kernelsFor(set);
        if (!kernels) {
            result.problem = kernels.error().message;
            return result;
        }
        result.values =
            readJson(folderPath(folder) / "manifest.json")["variants"][variant.toStdString()];
        result.tokens = result.values["tokens"].get<std::vector<std::int32_t>>();
        auto runner = ModelRunner::open(
            goldenFile(folder, result.values["file"].get<std::string>()), std::move(*kernels), {});
        if (!runner) {
            result.problem = runner.error().message;
            return result;
        }
        result.runner = std::move(*runner);
        result.logits = result.runner->step(result.tokens);
        return result;
    }
    std::vector<std::vector<float>> expectedLogits(const std::string& file) {
        QFETCH(QString, folder);
        return readLogits(goldenFile(folder, file), 320);
    }
};

void GoldenLogitsTest::f32_equalsIndependentEngine() {
    Case golden = open();
    QVERIFY2(golden.problem.empty(), golden.problem.c_str());
    const auto expected = expectedLogits(golden.values["prompt"]["file"]);
    QCOMPARE(golden.logits.size(), expected.size());
    for (std::size_t position = 0; position < expected.size(); ++position) {
        const double error = relativeL2(golden.logits[position], expected[position]);
        QVERIFY2(error <= kMaxRelativeL2,
                 qPrintable(QString("position %1: relative L2 %2").arg(position).arg(error)));
    }

    const auto continued = expectedLogits(golden.values["cont"]["file"]);
    std::vector<float> last = golden.logits.back();
    for (std::size_t stepIndex = 0; stepIndex < continued.size(); ++stepIndex) {
        const double error = relativeL2(last, continued[stepIndex]);
        QVERIFY2(error <= kMaxRelativeL2,
                 qPrintable(QString("step %1: relative L2 %2").arg(stepIndex).arg(error)));
        if (golden.values["greedy_margin"][stepIndex].get<double>() < kMinMargin) break;
        const auto chosen = golden.values["greedy"][stepIndex].get<std::int32_t>();
        QCOMPARE(firstLargest(last), chosen);
        last = golden.runner->step({chosen}).front();
    }
}

void GoldenLogitsTest::quantized_isWithinItsBound() {
    QFETCH(QString, set);
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    if (!std::filesystem::exists(goldenFile(folder, variant.toStdString() + ".gguf")))
        QSKIP("this variant lies in the shared folder, which is not there (SOTTO_SHARED)");
    Case golden = open();
    QVERIFY2(golden.problem.empty(), golden.problem.c_str());
    const nlohmann::json& dequantised = golden.values["dequantised"];
    const auto expected = expectedLogits(dequantised["file"]);
    QCOMPARE(golden.logits.size(), expected.size());

    if (set != "reference") {
        // The fast kernels may round activations; how far is bounded by how far the reference
        // engine's own quantized path lies from the exact logits.
        const double bound = 1.5 * dequantised["rms_vs_direct"].get<double>();
        const double rms = rootMeanSquareDifference(golden.logits, expected);
        QVERIFY2(rms <= bound, qPrintable(QString("RMS %1, bound %2").arg(rms).arg(bound)));
        return;
    }
    const auto file = GgufFile::open(goldenFile(folder, variant.toStdString() + ".gguf"));
    QVERIFY(file);
    const bool isUnpacked =
        std::any_of(file->tensors().begin(), file->tensors().end(),
                    [](const GgufTensor& tensor) { return !hasKernels(tensor.type); });
    for (std::size_t position = 0; position < expected.size(); ++position) {
        const double error = relativeL2(golden.logits[position], expected[position]);
        QVERIFY2(error <= (isUnpacked ? kUnpackedRelativeL2 : kMaxRelativeL2),
                 qPrintable(QString("position %1: relative L2 %2").arg(position).arg(error)));
    }
    QVERIFY(dequantised["greedy_min_margin"].get<double>() >= kMinMargin);
    std::vector<float> last = golden.logits.back();
    for (const auto& chosen : dequantised["greedy"]) {
        QCOMPARE(firstLargest(last), chosen.get<std::int32_t>());
        last = golden.runner->step({chosen.get<std::int32_t>()}).front();
    }
}

QTEST_APPLESS_MAIN(GoldenLogitsTest)
#include "golden_logits_test.moc"
