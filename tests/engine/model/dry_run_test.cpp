// The dry run of the model list against what a load then does and takes, on an emulated card: whole
// on it, on both devices, on the processor alone; and that it touches no card.
#include <QtTest>
#include <cmath>

#include "base/rounding.h"
#include "engine/api/device_info.h"
#include "engine/api/synthetic_model.h"
#include "engine/device/system_memory.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/cuda/cuda_sizes.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "tests/engine/device/cuda/fake_cublas.h"
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

// Layers of more than a page, and 16 KiB of float32 cache per token.
constexpr SyntheticShape kShape{.name = "pages",
                                .nEmbd = 512,
                                .nFeedForward = 1536,
                                .nLayers = 2,
                                .nHeads = 16,
                                .nKvHeads = 16,
                                .headDim = 64,
                                .nVocab = 320,
                                .isTied = true};

const std::uint64_t kMargin = cudaMarginBytes(0);  // of a card of up to 12.8 GB

// What a card must have beside the model while it is loaded.
std::uint64_t loadingBytes() {
    const auto sizes = cudaKernelSizes();
    return sizes ? sizes->loadingBytes + kMargin : 0;
}

// What a card must have for this.
std::uint64_t cardBytesFor(const LoadOptions& options) {
    const auto planned = planLoad(options, {UINT64_MAX, UINT64_MAX, 0});
    return planned ? planned->info.cardMemory.total() + loadingBytes() : 0;
}

Result<std::unique_ptr<LoadedModel>> loadOnCard(const LoadOptions& options) {
    LoadRequest request;
    request.engine.device = "cuda";
    request.model = options;
    return loadModel(request, {});
}

// Bytes of all buffers that the model holds on either device, in what each gives away at once.
std::uint64_t heldBytes(const LoadedModel& model) {
    std::uint64_t bytes =
        model.weights.mappedBytes + model.weights.residentBytes + model.cache->bytes();
    for (const LoadedPart& part : model.parts)
        bytes +=
            roundUp(std::uint64_t{part.activations.buffer.bytes()},
                    part.kernels->allocationUnit()) +
            part.kernels->scratchBytes(kernelLimits(model.file->config, part.activations.limits));
    return bytes;
}

constexpr std::uint64_t kCardBytes = std::uint64_t{1} << 30;

// Of a model of one layer with such heads, written to `folder`.
LoadRequest requestOfHeads(int headDim, const QTemporaryDir& folder) {
    test::TinyModel tiny;
    tiny.headDim = static_cast<std::uint32_t>(headDim);
    tiny.nHeads = 16;  // so that all heads together are whole blocks of Q8_0
    tiny.nKvHeads = 1;
    tiny.nLayers = 1;
    LoadRequest request;
    request.model.path = folder.filePath("tiny.gguf").toStdString();
    request.model.contextTokens = 64;
    if (!test::writeTinyModel(test::withTypes(tiny, DType::Q8_0), request.model.path))
        request.model.path.clear();
    return request;
}

// Of a prompt, and of a token after it.
std::vector<float> logitsOf(LoadedModel& model) {
    std::vector<float> logits;
    SequenceRunner runner(model);
    const LogitsSink keep = [&](std::int64_t, std::span<const float> row) {
        logits.insert(logits.end(), row.begin(), row.end());
    };
    const std::vector<std::int32_t> prompt{1, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    if (!runner.run(prompt, 0, keep, {}) || !runner.run(std::vector<std::int32_t>{25}, 0, keep, {}))
        logits.clear();
    return logits;
}

}  // namespace

class DryRunTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init() { simt::reset(); }
    void cleanupTestCase() { simt::reset(); }

    void sizes_withoutACard_areThoseOfTheSet();
    void plan_isWhatALoadThenTakes_data();
    void plan_isWhatALoadThenTakes();
    void plan_withCublas_isWhatALoadThenTakes();
    void weights_ofAModel_loseLessThanAPage();
    void load_ofAFittedContext_fillsTheCard();
    void load_thatRunsOutOfMemory_isShorter_data();
    void load_thatRunsOutOfMemory_isShorter();
    void load_thatRunsOutOfMemory_putsFewerLayersOnTheCard();
    void load_thatRunsOutOfMemory_withoutAChoiceSaysSo();
    void margin_isAShareOfALargeCard();
    void plan_touchesNoCard();
    void plan_ofAContextThatDoesNotFit_isShorterAndLoads();
    void plan_thatNeverFits_saysHowMuchIsMissing();
    void plan_ofChosenLayersThatDoNotFit_tellsThemOnTheCard();
    void plan_withoutACard_isTheProcessors();
    void heads_thatACardCannotCompute_stayWithTheProcessor_data();
    void heads_thatACardCannotCompute_stayWithTheProcessor();
    void heads_ofUnusualLengths_computeWhatTheReferenceDoes_data() {
        heads_thatACardCannotCompute_stayWithTheProcessor_data();
    }
    void heads_ofUnusualLengths_computeWhatTheReferenceDoes();
    void device_ofALoad_goesBeforeTheEngines();
    void chosenDevice_passesOverACardThatCannotBeUsed();

private:
    LoadOptions paged(std::int64_t contextTokens) const;

    QTemporaryDir m_folder;
};

void DryRunTest::initTestCase() {
    const auto planned = planSyntheticModel(kShape, "Q8_0", 5);
    QVERIFY(planned);
    QVERIFY(planned->writer.write(paged(0).path, planned->source));
}

LoadOptions DryRunTest::paged(std::int64_t contextTokens) const {
    LoadOptions options;
    options.path = m_folder.filePath("pages.gguf").toStdString();
    options.contextTokens = contextTokens;
    options.kv = {KvType::F32, KvType::F32};
    options.prefillChunk = 32;
    return options;
}

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
    for (const DType type : kernelDTypes()) {
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
    const auto cardBytes = [&](std::int32_t nLayers) {
        LoadOptions options = paged(128);
        options.gpuLayers = nLayers;
        return cardBytesFor(options);
    };
    const int nLayers = kShape.nLayers;
    const std::uint64_t one = cardBytes(1), all = cardBytes(nLayers);
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
    const LoadOptions options = paged(128);
    const auto planned = planLoad(options, {systemMemory().availableBytes, cardBytes, 0});
    QVERIFY2(planned, planned ? "" : planned.error().message.c_str());
    QVERIFY(!planned->shortage);
    QVERIFY(!planned->isShortened);
    const ModelInfo& info = planned->info;
    QCOMPARE(info.nGpuLayers, nOnCard);
    QCOMPARE(int(info.deviceReason), reason);
    QVERIFY(info.cardMemory.total() + loadingBytes() <= cardBytes || nOnCard == 0);

    const auto model = loadOnCard(options);
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QCOMPARE((*model)->info.nGpuLayers, info.nGpuLayers);
    QCOMPARE((*model)->info.contextTokens, info.contextTokens);
    QCOMPARE((*model)->info.deviceReason, info.deviceReason);
    QCOMPARE((*model)->info.deviceNote, info.deviceNote);
    QCOMPARE((*model)->info.bytesPerToken, info.bytesPerToken);
    QCOMPARE((*model)->info.cardBytesPerToken, info.cardBytesPerToken);

    SequenceRunner runner(**model);
    QVERIFY(runner.run(std::vector<std::int32_t>{1, 2, 3}, 0, [](auto, auto) {}, {}));
    QCOMPARE(std::uint64_t{simt::allocatedBytes()}, info.cardMemory.total());
    QCOMPARE(heldBytes(**model), info.memory.total());
    QCOMPARE((*model)->weights.mappedBytes + (*model)->weights.residentBytes, info.memory.weights);
    QCOMPARE((*model)->cache->bytes(), info.memory.kv);
}

// Its scratch is the card's, too, and counts where a load would take it.
void DryRunTest::plan_withCublas_isWhatALoadThenTakes() {
    cuda::installFakeCublas();
    const LoadOptions options = paged(128);
    const auto plan = [&](ProductPath products) {
        PlanSpace space{.cardBytes = kCardBytes};
        space.products = products;
        return planLoad(options, space);
    };
    const auto planned = plan(ProductPath::Measured), own = plan(ProductPath::Own);
    QVERIFY(planned && own);
    QVERIFY(planned->info.cardMemory.total() > own->info.cardMemory.total());
    for (const bool isInstalled : {true, false}) {
        cuda::fakeCublas.isInstalled = isInstalled;
        const std::uint64_t bytes = (isInstalled ? planned : own)->info.cardMemory.total();
        QCOMPARE(plan(ProductPath::Measured)->info.cardMemory.total(), bytes);
        setCard(kCardBytes);
        const auto model = loadOnCard(options);
        QVERIFY2(model, model ? "" : model.error().message.c_str());
        SequenceRunner runner(**model);
        QVERIFY(runner.run(std::vector<std::int32_t>{1, 2, 3}, 0, [](auto, auto) {}, {}));
        QCOMPARE(std::uint64_t{simt::allocatedBytes()}, bytes);
    }
    cuda::fakeCublas = {};
}

void DryRunTest::weights_ofAModel_loseLessThanAPage() {
    const auto planned = planSyntheticModel("llama-8b:Q4_K", 1);
    QVERIFY(planned);
    const auto header = planned->writer.headerBytes();
    QVERIFY(header);
    const auto model = randomModelFile(*header, "header", 1);
    const auto sizes = cudaKernelSizes();
    QVERIFY(model && sizes);
    const auto onCard = [&](std::uint64_t bytes) { return roundUp(bytes, sizes->allocationUnit); };
    std::uint64_t records = 0, apart = 0;
    for (const WeightEntry& entry : (*model)->table.entries) {
        if (entry.isVector()) continue;
        const std::uint64_t bytes = sizes->preparedBytes(entry.tensor->matrix());
        records += bytes;
        apart += onCard(bytes);
    }
    const PartShare share = PartShare::whole((*model)->config);
    const std::uint64_t together = onCard(matrixBytes((*model)->table, *sizes, share));
    qInfo("records %llu, of them lost to pages: %llu, each by itself %llu", qulonglong(records),
          qulonglong(together - records), qulonglong(apart - records));
    QVERIFY(together - records < sizes->allocationUnit);
    QVERIFY(apart - records > std::uint64_t{200} << 20);
}

// A card with room for a thousand tokens: the cache takes what the rest leaves, to the last block.
void DryRunTest::load_ofAFittedContext_fillsTheCard() {
    const std::uint64_t cardBytes = cardBytesFor(paged(1024));
    setCard(cardBytes);
    LoadOptions options = paged(0);
    options.gpuLayers = kGpuLayersAll;
    const auto model = loadOnCard(options);
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QVERIFY((*model)->info.contextTokens >= 1024);
    // A block more would be another page.
    QVERIFY(cardBytesFor(paged((*model)->info.contextTokens + kBlockTokens)) > cardBytes);
    QCOMPARE((*model)->info.shortenedFrom, std::int64_t{0});
    // One allocation each for weights, vectors, cache, activations, scratch and inputs; three for
    // the upload.
    QCOMPARE(simt::callCount("cudaMalloc"), 6 + 3);
    QVERIFY(simt::peakAllocatedBytes() <= cardBytes - kMargin);
    SequenceRunner runner(**model);
    QVERIFY(runner.run(std::vector<std::int32_t>{1, 2, 3}, 0, [](auto, auto) {}, {}));
    QCOMPARE(std::uint64_t{simt::allocatedBytes()}, (*model)->info.memory.total());
}

void DryRunTest::load_thatRunsOutOfMemory_isShorter_data() {
    QTest::addColumn<bool>("isFittedBefore");
    QTest::newRow("fitted by the load") << false;
    QTest::newRow("fitted by the list") << true;
}

// The first plan fills the card but for a margin; the next one leaves another free.
void DryRunTest::load_thatRunsOutOfMemory_isShorter() {
    QFETCH(bool, isFittedBefore);
    const std::uint64_t cardBytes = cardBytesFor(paged(1024)) + kMargin;
    setCard(cardBytes);
    LoadOptions options = paged(0);
    options.gpuLayers = kGpuLayersAll;
    const auto planned = planLoad(options, {UINT64_MAX, cardBytes, 0});
    QVERIFY(planned && !planned->shortage);
    const std::int64_t first = planned->info.contextTokens;
    QVERIFY(first > 16000);
    if (isFittedBefore) {
        options.contextTokens = first;
        options.isContextFitted = true;
    }
    simt::injectFailure("cudaMalloc", 1, cudaErrorMemoryAllocation);
    const auto model = loadOnCard(options);
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QVERIFY((*model)->info.contextTokens >= 1024 && (*model)->info.contextTokens < 1200);
    QCOMPARE((*model)->info.shortenedFrom, first);
    SequenceRunner runner(**model);
    QVERIFY(runner.run(std::vector<std::int32_t>{1, 2, 3}, 0, [](auto, auto) {}, {}));
    QCOMPARE(std::uint64_t{simt::allocatedBytes()}, (*model)->info.memory.total());
}

void DryRunTest::load_thatRunsOutOfMemory_putsFewerLayersOnTheCard() {
    setCard(cardBytesFor(paged(128)));
    simt::injectFailure("cudaMalloc", 1, cudaErrorMemoryAllocation);
    const auto model = loadOnCard(paged(128));
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QVERIFY((*model)->info.nGpuLayers < kShape.nLayers);
    QVERIFY(!(*model)->info.deviceNote.empty());
    QCOMPARE((*model)->info.contextTokens, std::int64_t{128});
    QCOMPARE((*model)->info.shortenedFrom, std::int64_t{0});
}

void DryRunTest::load_thatRunsOutOfMemory_withoutAChoiceSaysSo() {
    setCard(cardBytesFor(paged(128)));
    LoadOptions options = paged(128);
    options.gpuLayers = kGpuLayersAll;
    // Whichever allocation it is: cache, activations, scratch, inputs, vectors, weights, upload.
    for (int nth = 1; nth <= 9; ++nth) {
        {
            simt::injectFailure("cudaMalloc", nth, cudaErrorMemoryAllocation);
            const auto model = loadOnCard(options);
            QVERIFY2(!model || nth > 6, qPrintable(QString::number(nth)));
            if (model) continue;  // the upload goes on with smaller pieces
            QCOMPARE(model.error().code, ErrorCode::OutOfMemory);
            QVERIFY(model.error().needed > 0);
            QVERIFY2(model.error().message.find("free") != std::string::npos,
                     model.error().message.c_str());
        }
        QCOMPARE(simt::leaks(), std::string());
    }
}

void DryRunTest::margin_isAShareOfALargeCard() {
    constexpr std::uint64_t kGib = std::uint64_t{1} << 30;
    QCOMPARE(cudaMarginBytes(8 * kGib), kGib / 4);
    QCOMPARE(cudaMarginBytes(100 * kGib), 2 * kGib);
    // The whole context fits nowhere here, so that the cache takes the rest; 512 MiB stay free of
    // 25 GiB.
    const auto onCard = [&](std::uint64_t totalBytes) {
        const auto planned = planLoad(paged(0), {UINT64_MAX, kGib * 3 / 4, 0, totalBytes});
        return planned->info.cardMemory.total();
    };
    const std::uint64_t small = onCard(8 * kGib), large = onCard(kGib * 256 / 10);
    QVERIFY(small > large + kMargin * 9 / 10 && small < large + kMargin * 11 / 10);
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

void DryRunTest::plan_ofChosenLayersThatDoNotFit_tellsThemOnTheCard() {
    LoadOptions options = goldenOptions();
    options.gpuLayers = kGpuLayersAll;
    const auto planned = planLoad(options, {UINT64_MAX, 4096, 0});
    QVERIFY(planned && planned->shortage);
    QCOMPARE(planned->info.nGpuLayers, planned->info.nLayers);
    QCOMPARE(planned->info.cardMemory.total(), planned->shortage->needed);
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

void DryRunTest::heads_thatACardCannotCompute_stayWithTheProcessor_data() {
    QTest::addColumn<int>("headDim");
    QTest::addColumn<bool>("isComputable");
    QTest::newRow("multiple of 4") << 260 << true;
    QTest::newRow("the longest") << 512 << true;
    QTest::newRow("longer") << 516 << false;
    QTest::newRow("no multiple of 4") << 18 << false;
}

// Refused by name where the card was asked for, before anything is allocated on it.
void DryRunTest::heads_thatACardCannotCompute_stayWithTheProcessor() {
    QFETCH(int, headDim);
    QFETCH(bool, isComputable);
    setCard(kCardBytes);
    QTemporaryDir folder;
    LoadRequest request = requestOfHeads(headDim, folder);
    const auto planned = planLoad(request.model, {UINT64_MAX, kCardBytes, 0});
    QVERIFY(planned);
    QCOMPARE(planned->info.nGpuLayers > 0, isComputable);
    request.engine.device = "cuda";
    const auto asked = loadModel(request, {});
    QCOMPARE(asked.has_value(), isComputable);
    if (!asked) {
        QCOMPARE(asked.error().code, ErrorCode::Unsupported);
        QVERIFY(asked.error().message.find(std::to_string(headDim)) != std::string::npos);
        QCOMPARE(int(planned->info.deviceReason), int(DeviceReason::CardUnusable));
        // With what to do about it behind.
        QVERIFY(asked.error().message.starts_with(planned->info.deviceNote + ' '));
    }
    // The preview of a load that names the card says the same.
    LoadOptions named = request.model;
    named.device = "cuda";
    const auto preview = planLoad(named, {UINT64_MAX, kCardBytes, 0});
    QCOMPARE(preview.has_value(), isComputable);
    if (!preview) QCOMPARE(preview.error().message, asked.error().message);
    // Without layers on it the card computes none of them.
    LoadRequest none = request;
    none.model.gpuLayers = 0;
    const auto onProcessor = loadModel(none, {});
    QVERIFY2(onProcessor, onProcessor ? "" : onProcessor.error().message.c_str());
    QCOMPARE((*onProcessor)->info.nGpuLayers, 0);
    named.gpuLayers = 0;
    QVERIFY(planLoad(named, {UINT64_MAX, kCardBytes, 0}));
    // Nor where none fits.
    named.gpuLayers = kGpuLayersAuto;
    const auto small = planLoad(named, {UINT64_MAX, 4096, 0});
    QVERIFY(small);
    QCOMPARE(int(small->info.deviceReason), int(DeviceReason::CardTooSmall));
    request.engine.device = "auto";
    const auto chosen = loadModel(request, {});
    QVERIFY2(chosen, chosen ? "" : chosen.error().message.c_str());
    QCOMPARE((*chosen)->info.nGpuLayers > 0, isComputable);
}

// Beside each other on the card's own kernels where it has them, and with the definition.
void DryRunTest::heads_ofUnusualLengths_computeWhatTheReferenceDoes() {
    QFETCH(int, headDim);
    setCard(kCardBytes);
    QTemporaryDir folder;
    LoadRequest request = requestOfHeads(headDim, folder);
    const auto fast = loadModel(request, {});
    request.engine.kernels = KernelChoice::Reference;
    const auto exact = loadModel(request, {});
    QVERIFY(fast && exact);
    const std::vector<float> expected = logitsOf(**exact), logits = logitsOf(**fast);
    QVERIFY(!expected.empty() && logits.size() == expected.size());
    double error = 0, size = 0;
    for (std::size_t index = 0; index < expected.size(); ++index) {
        error += std::pow(double{logits[index]} - double{expected[index]}, 2);
        size += std::pow(double{expected[index]}, 2);
    }
    // Activations in int8 per 32 columns are off by 0.6 % of their size (a third of a step of 1/127
    // of the largest, which is 2.5 times the mean one); the six products one behind another of a
    // layer and the head add up to 1.5 %. A wrong head is off by the size itself.
    QVERIFY2(std::sqrt(error / size) <= 0.02, qPrintable(QString::number(std::sqrt(error / size))));
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
