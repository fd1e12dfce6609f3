// What a card must give whatever its speed: long prompts within the bounds of short ones, rows that
// depend on nothing else in their step, recordings and overlapping launches that change no bit,
// and the processor's answers. On the emulator in ctest, on a card by scripts/card-check.
#include <QtTest>
#include <cmath>
#include <cstring>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "tests/engine/model/golden.h"
#include "tests/engine/model/model_runner.h"
#include "tests/support/missing_card.h"

using namespace sotto;

namespace {

using Rows = std::vector<std::vector<float>>;

// A prompt of 600 tokens and 200 more.
constexpr std::int64_t kContext = 832;

const std::vector<std::string> kModels{"llama/q4_k_m",     "qwen2/q8_0",         "qwen3/q8_0",
                                       "llama-types/q4_0", "llama-types/q5_k_s", "llama-types/q6_k",
                                       "llama-types/bf16", "llama-moe/q4_k_m",   "qwen3moe/q8_0"};

std::filesystem::path fileOf(const std::string& model) {
    return goldenFolder() / (model + ".gguf");
}

// `nRows` tokens of a vocabulary of 320 without its control tokens.
std::vector<std::int32_t> prompt(std::int64_t nRows) {
    std::vector<std::int32_t> tokens;
    for (std::int64_t row = 0; row < nRows; ++row)
        tokens.push_back(static_cast<std::int32_t>((row * row * 7 + row * 13 + 5) % 300));
    return tokens;
}

using Runner = Result<std::unique_ptr<ModelRunner>>;

Runner open(const std::string& model, Result<std::unique_ptr<KernelSet>> kernels) {
    if (!kernels) return fail(kernels.error());
    return ModelRunner::open(
        fileOf(model), std::move(*kernels),
        {.maxTokens = 640, .contextTokens = kContext, .kv = {KvType::F16, KvType::F16}});
}

Runner openOnCard(const std::string& model, const CudaKernelOptions& options = {}) {
    return open(model, createCudaKernels(options));
}

// The logits of `tokens`, read `rowsPerStep` at a time.
Rows run(ModelRunner& runner, const std::vector<std::int32_t>& tokens, std::size_t rowsPerStep) {
    Rows logits;
    for (std::size_t begin = 0; begin < tokens.size(); begin += rowsPerStep) {
        const std::size_t end = std::min(tokens.size(), begin + rowsPerStep);
        const Rows rows = runner.step({tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                                       tokens.begin() + static_cast<std::ptrdiff_t>(end)});
        logits.insert(logits.end(), rows.begin(), rows.end());
    }
    return logits;
}

bool areSameBits(const Rows& a, const Rows& b) {
    if (a.empty() || a.size() != b.size()) return false;
    for (std::size_t row = 0; row < a.size(); ++row)
        if (std::memcmp(a[row].data(), b[row].data(), a[row].size() * sizeof(float)) != 0)
            return false;
    return true;
}

void addModels() {
    QTest::addColumn<QString>("model");
    for (const std::string& model : kModels)
        QTest::addRow("%s", model.c_str()) << QString::fromStdString(model);
}

}  // namespace

class CardAnswersTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void longPrompt_isAsNearToExactAsTheProcessors_data();
    void longPrompt_isAsNearToExactAsTheProcessors();
    void rows_areBitIdenticalInStepsOfOneToEight_data() { addModels(); }
    void rows_areBitIdenticalInStepsOfOneToEight();
    void recordingAndOverlap_changeNoBit_data() { addModels(); }
    void recordingAndOverlap_changeNoBit();
    void greedyAnswer_isTheProcessors_data();
    void greedyAnswer_isTheProcessors();
};

void CardAnswersTest::initTestCase() {
    if (const auto missing = missingCard()) QSKIP(missing->c_str());
}

void CardAnswersTest::longPrompt_isAsNearToExactAsTheProcessors_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<int>("nTokens");
    for (const char* model : {"llama-types/q5_k_s", "llama/q4_k_m", "qwen3moe/q8_0"})
        for (const int nTokens : {100, 600})
            QTest::addRow("%s %d tokens", model, nTokens) << QString(model) << nTokens;
}

// Both round activations to eight bits per block and round nothing else by more, so that their
// distances from the exact logits are alike. The factor is that of golden_logits_test.
void CardAnswersTest::longPrompt_isAsNearToExactAsTheProcessors() {
    QFETCH(QString, model);
    QFETCH(int, nTokens);
    const auto exactly = open(model.toStdString(), createReferenceKernels());
    const auto processor = open(model.toStdString(), createCpuKernels({}));
    const auto card = openOnCard(model.toStdString());
    QVERIFY2(card, card ? "" : card.error().message.c_str());
    QVERIFY(exactly && processor);
    const auto tokens = prompt(nTokens);
    const auto all = static_cast<std::size_t>(nTokens);
    const Rows expected = run(**exactly, tokens, all);
    const Rows found = run(**card, tokens, all);
    QCOMPARE(found.size(), all);
    const double bound = 1.5 * rootMeanSquareDifference(run(**processor, tokens, all), expected);
    const double rms = rootMeanSquareDifference(found, expected);
    QVERIFY2(rms <= bound, qPrintable(QString("RMS %1, bound %2").arg(rms).arg(bound)));
}

void CardAnswersTest::rows_areBitIdenticalInStepsOfOneToEight() {
    QFETCH(QString, model);
    const auto card = openOnCard(model.toStdString());
    QVERIFY2(card, card ? "" : card.error().message.c_str());
    const auto tokens = prompt(24);
    const Rows one = run(**card, tokens, 1);
    for (std::size_t rowsPerStep = 2; rowsPerStep <= 8; ++rowsPerStep) {
        (*card)->restart();
        QVERIFY2(areSameBits(one, run(**card, tokens, rowsPerStep)),
                 qPrintable(QString("steps of %1").arg(rowsPerStep)));
    }
}

void CardAnswersTest::recordingAndOverlap_changeNoBit() {
    QFETCH(QString, model);
    const auto tokens = prompt(40);
    Rows plain;
    for (const bool isRecording : {false, true})
        for (const bool isOverlapping : {false, true}) {
            const auto card = openOnCard(
                model.toStdString(),
                {.isRecordingSteps = isRecording, .isOverlappingLaunches = isOverlapping});
            QVERIFY2(card, card ? "" : card.error().message.c_str());
            const Rows logits = run(**card, tokens, 1);
            if (plain.empty()) plain = logits;
            QVERIFY2(areSameBits(plain, logits),
                     qPrintable(
                         QString("recording %1, overlap %2").arg(isRecording).arg(isOverlapping)));
        }
}

void CardAnswersTest::greedyAnswer_isTheProcessors_data() {
    QTest::addColumn<QString>("model");
    for (const char* model : {"llama/q4_k_m", "qwen3/q8_0"})
        QTest::addRow("%s", model) << QString(model);
}

// 200 tokens, each the best after the processor's answer so far. Each lies within 1.5 times the
// manifest's RMS, and what a 16-bit cache adds, of the exact logits (golden_logits_test), so both
// lie within twice that of each other; where they choose differently, the two choices are so near
// that such differences explain it: 4 sigma of four independent errors.
void CardAnswersTest::greedyAnswer_isTheProcessors() {
    QFETCH(QString, model);
    const auto processor = open(model.toStdString(), createCpuKernels({}));
    const auto card = openOnCard(model.toStdString());
    QVERIFY2(card, card ? "" : card.error().message.c_str());
    QVERIFY(processor);
    const std::filesystem::path file = fileOf(model.toStdString());
    const auto manifest = readJson(file.parent_path() / "manifest.json");
    const double rms =
        manifest["variants"][file.stem().string()]["dequantised"]["rms_vs_direct"].get<double>() +
        1e-3;
    Rows expected{(*processor)->step(prompt(8)).back()};
    Rows found{(*card)->step(prompt(8)).back()};
    int nEqual = 0;
    double largestGap = 0;
    for (int nTokens = 0; nTokens < 200; ++nTokens) {
        const std::vector<float>& logits = expected.back();
        const std::int32_t best = firstLargest(logits), chosen = firstLargest(found.back());
        if (chosen == best) ++nEqual;
        largestGap = std::max(largestGap, double(logits[static_cast<std::size_t>(best)]) -
                                              double(logits[static_cast<std::size_t>(chosen)]));
        expected.push_back((*processor)->step({best}).front());
        found.push_back((*card)->step({best}).front());
    }
    qInfo("%d of 200 tokens equal, the largest gap of the others %.4f, RMS %.5f", nEqual,
          largestGap, rootMeanSquareDifference(found, expected));
    QVERIFY(largestGap <= 8 * rms);
    QVERIFY(rootMeanSquareDifference(found, expected) <= 2 * 1.5 * rms);
}

QTEST_APPLESS_MAIN(CardAnswersTest)
#include "card_answers_test.moc"
