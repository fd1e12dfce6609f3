// Steps on the emulated card: what the head reads, how many kernels there are, what the program
// may touch.
#include "engine/kernels/reference/reference_kernels.h"
#include "tests/engine/model/card_runs.h"
#include "tests/support/simt/control.h"

using namespace sotto;

class CudaStepTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }
    void cleanupTestCase() { simt::reset(); }
    void head_isOneKernelBehindTheLastLayer();
    void program_followsNoPointerToTheCard();
    void askingAhead_changesNoBit_data() { addModels(); }
    void askingAhead_changesNoBit();
    void wantedRows_haveTheBitsOfAll_data() { addModels(); }
    void wantedRows_haveTheBitsOfAll();
    void cacheOfAnotherType_takesOneKernelMorePerLayer();
    void cacheOfAnotherType_givesTheReferencesLogits_data();
    void cacheOfAnotherType_givesTheReferencesLogits();
};

// It reads the input that the last layer leaves: embedding, first input, five kernels per layer (of
// a mixture six), head. Of some of the rows that input is gathered: one kernel more.
void CudaStepTest::head_isOneKernelBehindTheLastLayer() {
    ModelRunner::Options options;
    options.kv = {KvType::F16, KvType::F16};
    for (const char* folder : {"qwen3", "qwen3moe"}) {
        auto kernels = createCudaKernels(smallUploads());
        QVERIFY(kernels);
        auto runner = ModelRunner::open(golden(folder, "q8_0.gguf"), std::move(*kernels), options);
        QVERIFY(runner);
        const std::int64_t perLayer = std::string(folder) == "qwen3" ? 5 : 6;
        const std::int64_t nLayers = std::ssize((*runner)->config().layers);
        for (const std::size_t firstWanted : {0, 1}) {
            for (int step = 0; step < 3; ++step)  // plain, recorded, replayed
                QVERIFY(!(*runner)->step({3, 4}, firstWanted).empty());
            QCOMPARE((*runner)->kernels().launchesPerStep(),
                     2 + perLayer * nLayers + 1 + static_cast<std::int64_t>(firstWanted));
        }
    }
}

void CudaStepTest::program_followsNoPointerToTheCard() {
    for (const auto& [folder, variant] :
         {std::pair("llama", "q4_k_m"), std::pair("qwen3moe", "q8_0")}) {
        simt::reset();
        const Run open = runGolden(folder, variant, 3, smallUploads(), 20);
        simt::reset();
        simt::hideDeviceMemory();
        QVERIFY(areSameBits(open.logits, runGolden(folder, variant, 3, smallUploads(), 20).logits));
    }
}

// What is asked for lies in the weights: the emulator looks at each address.
void CudaStepTest::askingAhead_changesNoBit() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    if (!std::filesystem::exists(golden(folder.toStdString(), variant.toStdString() + ".gguf")))
        QSKIP("this variant lies in the shared folder, which is not there (SOTTO_SHARED)");
    CudaKernelOptions options = smallUploads();
    const Run quiet = runGolden(folder, variant, 1, options);
    QCOMPARE(simt::prefetches(), std::uint64_t{0});
    options.isAskingAhead = true;
    const Run asking = runGolden(folder, variant, 1, options);
    QVERIFY(simt::prefetches() > 0);
    QVERIFY(areSameBits(quiet.logits, asking.logits));
}

// In steps of at most eight rows, recorded, replayed and plain, and of more; up to eight wanted
// rows, because the head of more rounds differently.
void CudaStepTest::wantedRows_haveTheBitsOfAll() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    const auto path = golden(folder.toStdString(), variant.toStdString() + ".gguf");
    if (!std::filesystem::exists(path))
        QSKIP("this variant lies in the shared folder, which is not there (SOTTO_SHARED)");
    ModelRunner::Options options;
    options.kv = {KvType::F16, KvType::F16};
    auto kernels = createCudaKernels(smallUploads());
    QVERIFY(kernels);
    auto runner = ModelRunner::open(path, std::move(*kernels), options);
    QVERIFY(runner);
    std::vector<std::int32_t> tokens;
    for (const std::size_t nTokens : {5, 12}) {
        while (tokens.size() < nTokens)
            tokens.push_back(static_cast<std::int32_t>(3 + tokens.size()));
        const std::size_t first = nTokens > 8 ? nTokens - 8 : 0;
        (*runner)->restart();
        const Rows all = (*runner)->step(tokens, first);
        QCOMPARE(all.size(), nTokens - first);
        for (int turn = 0; turn < 3; ++turn)
            for (const std::size_t firstWanted : {first + 2, nTokens - 1}) {
                (*runner)->restart();
                const Rows wanted = (*runner)->step(tokens, firstWanted);
                const Rows expected(all.begin() + static_cast<std::ptrdiff_t>(firstWanted - first),
                                    all.end());
                QVERIFY2(areSameBits(wanted, expected),
                         qPrintable(QString("%1 tokens from %2").arg(nTokens).arg(firstWanted)));
            }
    }
}

// The store, which no epilogue does then. Attention turns what it reads and writes by itself.
void CudaStepTest::cacheOfAnotherType_takesOneKernelMorePerLayer() {
    ModelRunner::Options options;
    options.kv = {KvType::Q8_0, KvType::Q8_0};
    auto kernels = createCudaKernels(smallUploads());
    QVERIFY(kernels);
    auto runner = ModelRunner::open(golden("llama", "q4_k_m.gguf"), std::move(*kernels), options);
    QVERIFY(runner);
    const std::int64_t nLayers = std::ssize((*runner)->config().layers);
    for (int step = 0; step < 3; ++step) QVERIFY(!(*runner)->step({3, 4}).empty());
    QCOMPARE((*runner)->kernels().launchesPerStep(), 2 + 6 * nLayers + 1);
}

void CudaStepTest::cacheOfAnotherType_givesTheReferencesLogits_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("variant");
    QTest::addColumn<QString>("types");
    for (const char* types : {"q8_0", "q8_0,q4_0", "fp8_e4m3,q5_0", "fp8_e5m2"})
        QTest::addRow("heads of 64, %s", types) << "llama"
                                                << "q4_k_m" << types;
    // No variant on the tensor cores.
    QTest::addRow("heads of 32, q8_0") << "qwen3"
                                       << "q8_0"
                                       << "q8_0";
}
// Both keep the same types. The bound is that of decode_isWithinTheBoundOfPrefill
// (cuda_model_test): rows that differ by the rounding of activations differ in their cache by no
// more than that and a code here and there. One by one, in steps of three with the same bits, and a
// prompt at once.
void CudaStepTest::cacheOfAnotherType_givesTheReferencesLogits() {
    QFETCH(QString, folder);
    QFETCH(QString, variant);
    QFETCH(QString, types);
    if (!std::filesystem::exists(golden(folder.toStdString(), variant.toStdString() + ".gguf")))
        QSKIP("this variant lies in the shared folder, which is not there (SOTTO_SHARED)");
    const KvTypes kv = *kvTypesFromText(types.toStdString());
    const Run expected = runGoldenWith(createReferenceKernels(), folder, variant, 8, 0, kv);
    const Run exact =
        runGoldenWith(createReferenceKernels(), folder, variant, 8, 0, {KvType::F32, KvType::F32});
    const Run single = runGolden(folder, variant, 1, smallUploads(), 0, kv);
    const Run several = runGolden(folder, variant, 3, smallUploads(), 0, kv);
    const Run prompt = runGolden(folder, variant, 3, smallUploads(), 20, kv);
    QVERIFY(!expected.logits.empty());
    QVERIFY(areSameBits(single.logits, several.logits));
    const double cachesOwn = rootMeanSquareDifference(expected.logits, exact.logits);
    const double bound =
        1.5 * exact.values["dequantised"]["rms_vs_direct"].get<double>() + 1e-3 + 2 * cachesOwn;
    for (const Run* const run : {&single, &prompt}) {
        QCOMPARE(run->logits.size(), expected.logits.size());
        const double rms = rootMeanSquareDifference(run->logits, expected.logits);
        QVERIFY2(rms <= bound, qPrintable(QString("RMS %1, bound %2").arg(rms).arg(bound)));
    }
}

QTEST_APPLESS_MAIN(CudaStepTest)
#include "cuda_step_test.moc"
