// A model on both devices, on an emulated card: what the window and `sotto-cli forecast
// --gpu-layers N` tell beforehand is what the engine's load then takes, layer by layer.
#include <QTemporaryDir>
#include <QtTest>

#include "app/core/chosen_devices.h"
#include "app/core/model_forecast.h"
#include "engine/api/engine.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/simt/control.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kLayers = 3;
constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

KnownRates someRates() {
    KnownRates rates;
    rates.processor.readGbS = 40;
    rates.processor.cacheGbS = 20;
    rates.processor.types = {{DType::Q8_0, 30, 0.5}, {DType::F32, 35, 0.5}};
    rates.card.emplace().readGbS = 1000;
    rates.card->cacheGbS = 500;
    rates.card->types = {{DType::Q8_0, 900, 50}, {DType::F32, 950, 50}};
    return rates;
}

}  // namespace

class SplitForecastTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        simt::reset();
        simt::DeviceSettings card;
        card.memoryBytes = 4 * kGib;
        simt::setDevices({card});
        test::TinyModel tiny = test::withTypes({}, DType::Q8_0);
        tiny.nLayers = kLayers;
        QVERIFY(test::writeTinyModel(tiny, path()));
    }
    void cleanupTestCase() { simt::reset(); }

    void forecast_isWhatTheLoadTakes_data() {
        QTest::addColumn<int>("nGpuLayers");  // as asked for
        QTest::addColumn<int>("nOnCard");
        QTest::newRow("none") << 0 << 0;
        QTest::newRow("one") << 1 << 1;
        QTest::newRow("two") << 2 << 2;
        QTest::newRow("all") << int(kGpuLayersAll) << kLayers;
        QTest::newRow("as many as fit") << int(kGpuLayersAuto) << kLayers;
    }
    void forecast_isWhatTheLoadTakes() {
        QFETCH(int, nGpuLayers);
        QFETCH(int, nOnCard);
        const ModelForecast window = forecast(nGpuLayers, "auto");
        const ModelForecast commandLine = forecast(nGpuLayers, "");
        QVERIFY(window.isFitting());
        const ModelInfo& info = window.plan.info;
        QCOMPARE(info.nGpuLayers, std::int64_t{nOnCard});
        QCOMPARE(window.card.needed, info.cardMemory.total());
        QCOMPARE(window.card.needed + window.processor.needed, info.memory.total());
        QCOMPARE(commandLine.plan.info.memory.total(), info.memory.total());
        QCOMPARE(commandLine.plan.info.cardMemory.total(), info.cardMemory.total());
        QCOMPARE(commandLine.speed.tokensPerSecond, window.speed.tokensPerSecond);

        EventLog log;
        EngineOptions options;
        options.device = "auto";
        options.nThreads = 2;
        options.isMeasuringBandwidth = false;
        auto engine = createEngine(options, log.sink());
        QVERIFY(engine);
        (*engine)->load(loadOptions(nGpuLayers, "auto"));
        QVERIFY(log.waitForAny<ModelLoaded>());
        const ModelInfo loaded = log.all<ModelLoaded>().front().info;
        QCOMPARE(loaded.nGpuLayers, info.nGpuLayers);
        QCOMPARE(loaded.contextTokens, info.contextTokens);
        for (const auto part :
             {&MemoryEstimate::weights, &MemoryEstimate::kv, &MemoryEstimate::scratch}) {
            QCOMPARE(loaded.memory.*part, info.memory.*part);
            QCOMPARE(loaded.cardMemory.*part, info.cardMemory.*part);
        }
        QCOMPARE(loaded.cardBytesPerToken, info.cardBytesPerToken);
        // That these are the bytes which a card gives out, once the first step has given the
        // staging memory back: dry_run_test.
    }

    // Each layer that moves to the faster device makes it faster.
    void speed_growsWithTheLayersOnTheCard() {
        double before = 0;
        for (int nLayers = 0; nLayers <= kLayers; ++nLayers) {
            const double speed = forecast(nLayers, "auto").speed.tokensPerSecond;
            QVERIFY2(speed > before, qPrintable(QString::number(nLayers)));
            before = speed;
        }
    }

private:
    std::string path() const { return m_folder.filePath("tiny.gguf").toStdString(); }
    LoadOptions loadOptions(int nGpuLayers, const char* device) const {
        LoadOptions load;
        load.path = path();
        load.contextTokens = 64;
        load.prefillChunk = 16;
        load.gpuLayers = nGpuLayers;
        load.device = device;
        return load;
    }
    // `device`: the window names it with the load, the command line with its engine.
    ModelForecast forecast(int nGpuLayers, const char* device) const {
        ForecastSetting setting;
        setting.load = loadOptions(nGpuLayers, device);
        setting.devices = chooseDevices("auto", listDevices());
        setting.nThreads = 2;
        setting.rates = someRates();
        auto plan = planModel(setting.load, setting.space());
        if (!plan) {
            qWarning("%s", plan.error().message.c_str());
            return {};
        }
        return forecastOf(std::move(*plan), setting);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(SplitForecastTest)
#include "split_forecast_test.moc"
