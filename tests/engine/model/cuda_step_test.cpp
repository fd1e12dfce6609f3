// Steps on the emulated card: what the head reads, how many kernels there are, what the program
// may touch.
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
};

// It reads the input that the last layer leaves: embedding, first input, five kernels per layer (of
// a mixture six), head. Of some of the rows that input is gathered: one kernel more.
void CudaStepTest::head_isOneKernelBehindTheLastLayer() {
    ModelRunner::Options options;
    options.kvType = KvType::F16;
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
    options.kvType = KvType::F16;
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

QTEST_APPLESS_MAIN(CudaStepTest)
#include "cuda_step_test.moc"
