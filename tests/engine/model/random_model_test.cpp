// A model of random weights that is in no file: the logits of the same model written and loaded, on
// the card, on the processor and on both; and on the card without a matrix in the host's memory.
#include <QTemporaryDir>
#include <QtTest>
#include <cstring>

#include "engine/api/synthetic_model.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "tests/support/simt/control.h"
#include "tests/support/small_shape.h"

using namespace sotto;

namespace {

using Rows = std::vector<std::vector<float>>;

constexpr std::uint64_t kSeed = 11;
constexpr SyntheticShape kTied = test::kSmallShape;
constexpr SyntheticShape kUntied = [] {
    SyntheticShape shape = test::kSmallShape;
    shape.nLayers = 3;
    shape.isTied = false;
    return shape;
}();
constexpr SyntheticShape kMixture = [] {
    SyntheticShape shape = test::kSmallShape;
    shape.nFeedForward = 256;
    shape.isTied = false;
    shape.nExperts = 5;
    shape.nExpertsUsed = 2;
    return shape;
}();

LoadRequest requestFor(const std::string& device, std::int32_t gpuLayers) {
    LoadRequest request;
    request.engine.device = device;
    request.engine.nThreads = 1;
    request.model.contextTokens = 128;
    request.model.gpuLayers = gpuLayers;
    request.maxOutputs = 8;
    return request;
}

Rows logitsOf(LoadedModel& model) {
    Rows rows;
    SequenceRunner runner(model);
    const LogitsSink keep = [&](std::int64_t, std::span<const float> row) {
        rows.emplace_back(row.begin(), row.end());
    };
    // Five at once, then one: prefill and decode.
    if (!runner.run(std::vector<std::int32_t>{1, 300, 17, 4, 259}, 0, keep, {})) return {};
    if (!runner.run(std::vector<std::int32_t>{77}, 0, keep, {})) return {};
    return rows;
}

bool areSameBits(const Rows& a, const Rows& b) {
    if (a.size() != 6 || b.size() != 6) return false;
    for (std::size_t row = 0; row < a.size(); ++row)
        if (a[row].size() != 320 || std::memcmp(a[row].data(), b[row].data(), 320 * 4) != 0)
            return false;
    return true;
}

bool areFinite(const Rows& rows) {
    for (const auto& row : rows)
        for (const float value : row)
            if (!std::isfinite(value)) return false;
    return true;
}

const SyntheticShape& shapeNamed(const QString& name) {
    return name == "tied" ? kTied : name == "untied" ? kUntied : kMixture;
}

int pinnedAllocations() {
    return simt::callCount("cudaMallocHost") + simt::callCount("cudaHostAlloc");
}

}  // namespace

class RandomModelTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(m_folder.isValid()); }
    void init() { simt::reset(); }
    void cleanupTestCase() { simt::reset(); }

    void logits_areThoseOfTheSameModelAsAFile_data();
    void logits_areThoseOfTheSameModelAsAFile();
    void cancel_leavesNothingBehind();
    void card_thatIsTooSmallIsNamed();

private:
    // `header` must outlive the model.
    static Result<std::unique_ptr<LoadedModel>> loadUnwritten(const SyntheticModel& planned,
                                                              const LoadRequest& request,
                                                              std::vector<std::byte>& header,
                                                              const LoadSink& sink = {}) {
        SOTTO_ASSIGN(header, planned.writer.headerBytes());
        SOTTO_ASSIGN(auto file, randomModelFile(header, "random", kSeed));
        return loadModel(std::move(file), request, sink);
    }

    QTemporaryDir m_folder;
};

void RandomModelTest::logits_areThoseOfTheSameModelAsAFile_data() {
    QTest::addColumn<QString>("shape");
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("device");
    QTest::addColumn<int>("gpuLayers");
    for (const char* type : {"Q4_K_M", "Q5_K_S", "Q8_0", "Q4_0", "F16", "BF16", "F32"})
        QTest::addRow("card %s", type) << "tied" << type << "cuda" << int{kGpuLayersAll};
    QTest::addRow("card untied") << "untied"
                                 << "Q4_K_M"
                                 << "cuda" << int{kGpuLayersAll};
    QTest::addRow("both Q6_K") << "untied"
                               << "Q6_K"
                               << "cuda" << 2;
    QTest::addRow("both F16 tied") << "tied"
                                   << "F16"
                                   << "cuda" << 1;
    QTest::addRow("processor Q4_K_M") << "tied"
                                      << "Q4_K_M"
                                      << "cpu" << int{kGpuLayersAuto};
    QTest::addRow("processor F16") << "untied"
                                   << "F16"
                                   << "cpu" << int{kGpuLayersAuto};
    QTest::addRow("mixture on the card Q4_K_M") << "mixture"
                                                << "Q4_K_M"
                                                << "cuda" << int{kGpuLayersAll};
    QTest::addRow("mixture on the processor Q8_0") << "mixture"
                                                   << "Q8_0"
                                                   << "cpu" << int{kGpuLayersAuto};
}

void RandomModelTest::logits_areThoseOfTheSameModelAsAFile() {
    QFETCH(QString, shape);
    QFETCH(QString, type);
    QFETCH(QString, device);
    QFETCH(int, gpuLayers);
    const auto planned = planSyntheticModel(shapeNamed(shape), type.toStdString(), kSeed);
    QVERIFY(planned);
    LoadRequest request = requestFor(device.toStdString(), gpuLayers);
    request.model.path = m_folder.filePath("written.gguf").toStdString();
    QVERIFY(planned->writer.write(request.model.path, planned->source));
    Rows expected;
    int pinnedOfAFile = 0;
    {
        const auto written = loadModel(request, {});
        QVERIFY2(written, written ? "" : written.error().message.c_str());
        pinnedOfAFile = pinnedAllocations();
        expected = logitsOf(**written);
        QVERIFY(areFinite(expected));
    }

    simt::reset();
    std::vector<std::byte> header;
    double lastTold = 0;
    const auto model = loadUnwritten(*planned, request, header, [&](double fraction) {
        const bool isGrowing = fraction >= lastTold && fraction <= 1.0;
        lastTold = fraction;
        return isGrowing;
    });
    QVERIFY2(model, model ? "" : model.error().message.c_str());
    QVERIFY(lastTold > 0.99);
    const Weights& weights = (*model)->weights;
    if (gpuLayers == kGpuLayersAll) {
        QCOMPARE((*model)->info.nGpuLayers, (*model)->info.nLayers);
        // No matrix of the host's, and no way for one to the card.
        QVERIFY(weights.made.empty());
        QVERIFY(pinnedAllocations() < pinnedOfAFile);
    } else if (type == "F16") {
        // The processor uses these in place: seven matrices in each of its layers, and the
        // embedding; on the processor alone the head as well.
        const bool isSplit = device == "cuda";
        QCOMPARE(weights.made.size(), std::size_t{isSplit ? 7u + 1 : 3 * 7u + 2});
    } else {
        // Packed, and the rows given back; the routers of a mixture are float32.
        QCOMPARE(weights.made.size(), std::size_t{shape == "mixture" ? 2u : 0u});
    }
    QVERIFY(areSameBits(logitsOf(**model), expected));
}

void RandomModelTest::cancel_leavesNothingBehind() {
    const auto planned = planSyntheticModel(kUntied, "Q8_0", kSeed);
    QVERIFY(planned);
    for (const char* device : {"cuda", "cpu"}) {
        std::vector<std::byte> header;
        int nTold = 0;
        const auto model = loadUnwritten(*planned, requestFor(device, kGpuLayersAuto), header,
                                         [&](double) { return ++nTold < 4; });
        QVERIFY(!model);
        QCOMPARE(model.error().code, ErrorCode::Cancelled);
        QCOMPARE(nTold, 4);
        QCOMPARE(simt::leaks(), std::string());
    }
}

void RandomModelTest::card_thatIsTooSmallIsNamed() {
    simt::DeviceSettings card;
    card.memoryBytes = std::size_t{1} << 20;
    simt::setDevices({card});
    const auto planned = planSyntheticModel(kUntied, "F32", kSeed);
    QVERIFY(planned);
    std::vector<std::byte> header;
    const auto model = loadUnwritten(*planned, requestFor("cuda", kGpuLayersAll), header);
    QVERIFY(!model);
    QCOMPARE(model.error().code, ErrorCode::OutOfMemory);
    QVERIFY(model.error().message.find("on the graphics card") != std::string::npos);
    QVERIFY(model.error().needed > model.error().available);
}

QTEST_APPLESS_MAIN(RandomModelTest)
#include "random_model_test.moc"
