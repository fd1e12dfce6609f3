// The dry run of the model list against what a load then does and takes, on an emulated card: whole
// on it, on both devices, on the processor alone; and that it touches no card.
#include <QtTest>
#include <cmath>

#include "engine/api/device_info.h"
#include "engine/device/system_memory.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/cuda/cuda_sizes.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "tests/support/simt/control.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

LoadOptions goldenOptions() {
    LoadOptions options;
    options.path = std::filesystem::path(SOTTO_GOLDEN_DIR) / "llama" / "q4_k_m.gguf";
    options.contextTokens = 128;
    return options;
}

void setCard(std::size_t memoryBytes) {
    simt::DeviceSettings card;
    card.memoryBytes = memoryBytes;
    simt::setDevices({card});
}

// What a card must have beside the model while it is loaded.
std::uint64_t loadingBytes() {
    const auto sizes = cudaKernelSizes();
    return sizes ? sizes->loadingBytes : 0;
}

// What a card must have for this many of the last layers.
std::uint64_t cardBytesFor(std::int32_t nLayers) {
    LoadOptions options = goldenOptions();
    options.gpuLayers = nLayers;
    const auto planned = planLoad(options, {UINT64_MAX, UINT64_MAX, 0});
    return planned ? planned->info.cardMemory.total() + loadingBytes() : 0;
}

// Bytes of all buffers that the model holds on either device.
std::uint64_t heldBytes(const LoadedModel& model) {
    std::uint64_t bytes =
        model.weights.mappedBytes + model.weights.residentBytes + model.cache->bytes();
    for (const LoadedPart& part : model.parts)
        bytes +=
            part.activations.buffer.bytes() +
            part.kernels->scratchBytes(kernelLimits(model.file->config, part.activations.limits));
    return bytes;
}

bool isWithinThreePercent(std::uint64_t planned, std::uint64_t used) {
    const double difference = std::fabs(static_cast<double>(planned) - static_cast<double>(used));
    return difference <= 0.03 * static_cast<double>(planned);
}

}  // namespace

class DryRunTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }
    void cleanupTestCase() { simt::reset(); }

    void sizes_withoutACard_areThoseOfTheSet();
    void plan_isWhatALoadThenTakes_data();
    void plan_isWhatALoadThenTakes();
    void plan_touchesNoCard();
    void plan_ofAContextThatDoesNotFit_isShorterAndLoads();
    void plan_thatNeverFits_saysHowMuchIsMissing();
    void plan_withoutACard_isTheProcessors();
    void device_ofALoad_goesBeforeTheEngines();
    void chosenDevice_passesOverACardThatCannotBeUsed();
};

void DryRunTest::sizes_withoutACard_areThoseOfTheSet() {
    const auto sizes = cudaKernelSizes();
    QVERIFY(sizes);
    const auto kernels = createCudaKernels({});
    QVERIFY(kernels);
    const KernelLimits limits[] = {{.maxTokens = 1,
                                    .maxCols = 64,
                                    .maxHeads = 1,
                                    .maxHeadDim = 16,
                                    .maxContext = 32,
                                    .maxReadback = 64},
                                   {.maxTokens = 512,
                                    .maxCols = 8192,
                                    .maxHeads = 32,
                                    .maxHeadDim = 128,
                                    .maxContext = 4096,
                                    .maxReadback = 8 * 32000},
                                   {.maxTokens = 8,
                                    .maxCols = 11008,
                                    .maxHeads = 40,
                                    .maxHeadDim = 256,
                                    .maxContext = 32768,
                                    .maxReadback = 1}};
    for (KernelLimits limit : limits)
        for (const std::int64_t nVocab : {0, 1000, 151936}) {
            limit.maxVocab = nVocab;
            QCOMPARE(sizes->scratchBytes(limit), (*kernels)->scratchBytes(limit));
        }
    for (const DType type : allDTypes()) {
        TensorView matrix;
        matrix.type = type;
        matrix.nRows = 320;  // no whole number of panels of every type
        matrix.nCols = 768;
        QCOMPARE(sizes->preparedBytes(matrix), (*kernels)->preparedBytes(matrix));
    }
}

void DryRunTest::plan_isWhatALoadThenTakes_data() {
    QTest::addColumn<quint64>("cardBytes");
    QTest::addColumn<int>("nOnCard");
    QTest::addColumn<int>("reason");
    const int nLayers = 2;  // of the golden model
    const std::uint64_t one = cardBytesFor(1), all = cardBytesFor(nLayers);
    QVERIFY(one > 0 && one < all);
    QTest::newRow("whole on the card") << quint64(all) << nLayers << int(DeviceReason::None);
    QTest::newRow("one byte too few: split")
        << quint64(all - 1) << 1 << int(DeviceReason::CardFull);
    QTest::newRow("split") << quint64(one) << 1 << int(DeviceReason::CardFull);
    QTest::newRow("processor") << quint64(one - 1) << 0 << int(DeviceReason::CardTooSmall);
}

void DryRunTest::plan_isWhatALoadThenTakes() {
    QFETCH(quint64, cardBytes);
    QFETCH(int, nOnCard);
    QFETCH(int, reason);
    setCard(cardBytes);
    const LoadOptions options = goldenOptions();
    const auto planned = planLoad(options, {systemMemory().availableBytes, cardBytes, 0});
    QVERIFY2(planned, planned ? "" : planned.error().message.c_str());
    QVERIFY(!planned->shortage);
    QVERIFY(!planned->isShortened);
    const ModelInfo& info = planned->info;
    QCOMPARE(info.nGpuLayers, nOnCard);
    QCOMPARE(int(info.deviceReason), reason);
    QVERIFY(info.cardMemory.total() + loadingBytes() <= cardBytes || nOnCard == 0);

    LoadRequest request;
    request.engine.device = "cuda";
    request.model = options;
    const auto model = loadModel(request, {});
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QCOMPARE((*model)->info.nGpuLayers, info.nGpuLayers);
    QCOMPARE((*model)->info.contextTokens, info.contextTokens);
    QCOMPARE((*model)->info.deviceReason, info.deviceReason);
    QCOMPARE((*model)->info.deviceNote, info.deviceNote);
    QCOMPARE((*model)->info.bytesPerToken, info.bytesPerToken);
    QCOMPARE((*model)->info.cardBytesPerToken, info.cardBytesPerToken);

    SequenceRunner runner(**model);
    QVERIFY(runner.run(std::vector<std::int32_t>{1, 2, 3}, 0, [](auto, auto) {}, {}));
    const std::uint64_t onCard = simt::allocatedBytes();
    QVERIFY2(isWithinThreePercent(info.cardMemory.total(), onCard),
             qPrintable(QString("planned %1, used %2").arg(info.cardMemory.total()).arg(onCard)));
    const std::uint64_t held = heldBytes(**model);
    QVERIFY2(isWithinThreePercent(info.memory.total(), held),
             qPrintable(QString("planned %1, held %2").arg(info.memory.total()).arg(held)));
}

void DryRunTest::plan_touchesNoCard() {
    QVERIFY(planLoad(goldenOptions(), {UINT64_MAX, std::uint64_t{1} << 30, 0}));
    for (const char* call : {"cudaMalloc", "cudaFree", "cudaSetDevice", "cudaMemGetInfo",
                             "cudaStreamCreateWithFlags", "cudaMallocHost", "cudaHostAlloc"})
        QCOMPARE(simt::callCount(call), 0);
}

void DryRunTest::plan_ofAContextThatDoesNotFit_isShorterAndLoads() {
    test::TinyModel tiny;
    tiny.nContext = 8192;
    const auto bytes = test::tinyModelBytes(tiny);
    QVERIFY(bytes);
    QTemporaryDir folder;
    LoadOptions options;
    options.path = folder.filePath("tiny.gguf").toStdString();
    QFile file(folder.filePath("tiny.gguf"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(reinterpret_cast<const char*>(bytes->data()), qint64(bytes->size()));
    file.close();
    const auto at = [&](std::int64_t context) {
        LoadOptions asked = options;
        asked.contextTokens = context;
        return planLoad(asked, {UINT64_MAX, {}, 0})->info.memory.total();
    };
    // Room for less than what is asked for, and for more than the least that is of use.
    const std::int64_t trained = tiny.nContext;
    const std::uint64_t room = (at(512) + at(trained)) / 2;
    options.contextTokens = trained;
    const auto planned = planLoad(options, {room, {}, 0});
    QVERIFY(planned);
    QVERIFY(!planned->shortage);
    QVERIFY(planned->isShortened);
    QVERIFY(planned->info.contextTokens >= 512 && planned->info.contextTokens < trained);
    QVERIFY(planned->info.memory.total() <= room);
    // Asked for by that number, as the window loads it, it is whole.
    options.contextTokens = planned->info.contextTokens;
    const auto again = planLoad(options, {room, {}, 0});
    QVERIFY(again && !again->shortage);
    QCOMPARE(again->info.memory.total(), planned->info.memory.total());
}

void DryRunTest::plan_thatNeverFits_saysHowMuchIsMissing() {
    const auto planned = planLoad(goldenOptions(), {4096, 4096, 0});
    QVERIFY(planned);
    QVERIFY(planned->shortage);
    QCOMPARE(planned->shortage->code, ErrorCode::OutOfMemory);
    QCOMPARE(planned->shortage->available, std::uint64_t{4096});
    QVERIFY(planned->info.memory.total() > 4096);
    QCOMPARE(planned->info.nGpuLayers, 0);
}

void DryRunTest::plan_withoutACard_isTheProcessors() {
    const auto planned = planLoad(goldenOptions(), {});
    QVERIFY(planned);
    QCOMPARE(planned->info.deviceReason, DeviceReason::None);
    QCOMPARE(planned->info.cardMemory.total(), std::uint64_t{0});
    LoadRequest request;
    request.engine.device = "cpu";
    request.model = goldenOptions();
    const auto model = loadModel(request, {});
    QVERIFY(model);
    QCOMPARE((*model)->info.memory.total(), planned->info.memory.total());
}

void DryRunTest::device_ofALoad_goesBeforeTheEngines() {
    LoadRequest request;
    request.engine.device = "cpu";
    request.model = goldenOptions();
    request.model.device = "cuda:0";
    const auto onCard = loadModel(request, {});
    QVERIFY2(onCard, onCard ? "" : onCard.error().message.c_str());
    QCOMPARE((*onCard)->info.nGpuLayers, (*onCard)->info.nLayers);
    request.engine.device = "cuda:0";
    request.model.device = "cpu";
    const auto onProcessor = loadModel(request, {});
    QVERIFY(onProcessor);
    QCOMPARE((*onProcessor)->info.nGpuLayers, 0);
}

void DryRunTest::chosenDevice_passesOverACardThatCannotBeUsed() {
    DeviceInfo processor, oldCard, card;
    processor.id = "cpu";
    oldCard.id = "cuda:0";
    oldCard.unusableReason = "too old";
    card.id = "cuda:1";
    const std::vector<DeviceInfo> both{processor, oldCard, card}, old{processor, oldCard};
    QCOMPARE(chosenDevice("auto", both)->id, std::string("cuda:1"));
    QCOMPARE(chosenDevice("auto", old)->id, std::string("cpu"));
    QCOMPARE(chosenDevice("cpu", both)->id, std::string("cpu"));
    QVERIFY(!chosenDevice("cuda:0", both));
    QVERIFY(!chosenDevice("cuda:1", old));
    QVERIFY(!chosenDevice("", both));
    setCard(std::size_t{1} << 30);
    const auto listed = chosenDevice("auto");
    QVERIFY(listed);
    QCOMPARE(listed->id, std::string("cuda:0"));
    QVERIFY(listed->specGbS > 0);
}

QTEST_APPLESS_MAIN(DryRunTest)
#include "dry_run_test.moc"
