// What is forecast of a model: from its header alone as from the file, and its speed as bytes over
// the rates of their types.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "engine/api/forecast.h"
#include "engine/api/inspect.h"
#include "engine/api/synthetic_model.h"

using namespace sotto;

namespace {

constexpr SyntheticShape kShape{.name = "small",
                                .nEmbd = 256,
                                .nFeedForward = 512,
                                .nLayers = 3,
                                .nHeads = 4,
                                .nKvHeads = 2,
                                .headDim = 64,
                                .nVocab = 512,
                                .isTied = false};
constexpr SyntheticShape kMixture{.name = "mixture",
                                  .nEmbd = 256,
                                  .nFeedForward = 256,
                                  .nLayers = 2,
                                  .nHeads = 4,
                                  .nKvHeads = 2,
                                  .headDim = 64,
                                  .nVocab = 512,
                                  .isTied = true,
                                  .nExperts = 8,
                                  .nExpertsUsed = 2};

std::vector<std::byte> headerOf(const SyntheticShape& shape, std::string_view type) {
    auto model = planSyntheticModel(shape, type, 1);
    return model ? model->writer.headerBytes().value_or(std::vector<std::byte>())
                 : std::vector<std::byte>();
}

PlannedModel planned(const SyntheticShape& shape, std::string_view type) {
    LoadOptions options;
    options.contextTokens = 1024;
    auto plan = planHeader(headerOf(shape, type), "header", options, {.nThreads = 2});
    return plan ? *plan : PlannedModel{};
}

MachineRates someRates() {
    MachineRates rates;
    rates.deviceId = "cpu";
    rates.readGbS = 40;
    rates.cacheGbS = 20;
    rates.types = {{DType::Q8_0, 36, 0.8}, {DType::Q4_K, 30, 0.5}};
    return rates;
}

ModelInfo someModel() {
    ModelInfo info;
    info.weightUse = {{DType::Q8_0, 3'600'000'000, 1'000'000'000},
                      {DType::Q4_K, 1'500'000'000, 2'000'000'000}};
    info.bytesPerToken = 5'100'000'000;
    info.contextTokens = 1000;
    info.memory.kv = 100'000'000;  // 100,000 bytes per token
    info.nHeads = 32;
    info.headDim = 128;
    info.nLayers = 10;
    return info;
}

bool isNear(double value, double expected) {
    return std::abs(value - expected) <= 1e-9 * std::abs(expected);
}

}  // namespace

class ForecastTest : public QObject {
    Q_OBJECT
private slots:
    void header_plansAsTheFile();
    void header_cutShort_isSaid();
    void header_thatGoesOn_saysHowFar();
    void weightUse_isWhatATokenReads();
    void weightUse_ofAMixture_isItsChosenExperts();
    void decode_isBytesOverRates();
    void decode_readsTheCache();
    void decode_onTwoDevices_isTheirSum();
    void prefill_isOperationsOverRates();
    void unknownTypes_areNoFasterThanTheSlowest();
    void nothingMeasured_givesAFigure();
    void unpackedModels_haveNoSpeed();
    void rates_followTheBandwidth();
    void probe_isLargerThanTheCache();
    void measuring_stops();
};

void ForecastTest::header_plansAsTheFile() {
    QTemporaryDir folder;
    auto model = planSyntheticModel(kShape, "Q4_K_M", 1);
    QVERIFY(model);
    LoadOptions options;
    options.path = folder.filePath("model.gguf").toStdString();
    options.contextTokens = 1024;
    QVERIFY(model->writer.write(options.path, model->source));
    const PlanSpace space{.nThreads = 2};
    const auto file = planModel(options, space);
    const auto header = planHeader(*model->writer.headerBytes(), "header", options, space);
    QVERIFY(file && header);
    QCOMPARE(header->info.memory.weights, file->info.memory.weights);
    QCOMPARE(header->info.memory.kv, file->info.memory.kv);
    QCOMPARE(header->info.memory.scratch, file->info.memory.scratch);
    QCOMPARE(header->info.bytesPerToken, file->info.bytesPerToken);
    QCOMPARE(header->info.parameters, file->info.parameters);
    QVERIFY(header->info.fileBytes <
            file->info.fileBytes);  // what it cannot know: the tensors' sum
    QVERIFY(header->info.bitsPerWeight == file->info.bitsPerWeight);
    QCOMPARE(header->info.weightUse.size(), file->info.weightUse.size());
    QVERIFY(header->info.weightUse.size() > 1);
}

void ForecastTest::unpackedModels_haveNoSpeed() {
    ModelInfo info = someModel();
    QVERIFY(forecastSpeed(info, someRates(), nullptr, {}).tokensPerSecond > 0);
    info.weightUse.push_back({DType::IQ3_S, 1000, 1000});
    info.unpackedTypes = {DType::IQ3_S};
    const SpeedForecast forecast = forecastSpeed(info, someRates(), nullptr, {});
    QCOMPARE(forecast.tokensPerSecond, 0.0);
    QCOMPARE(forecast.prefillTokensPerSecond, 0.0);
    QVERIFY(forecast.assumed.empty());
    QCOMPARE(forecast.bytesPerToken, 5'100'001'000.0);
}

void ForecastTest::header_cutShort_isSaid() {
    std::vector<std::byte> header = headerOf(kShape, "Q8_0");
    QVERIFY(planHeader(header, "header", {}, {}));
    header.resize(header.size() / 2);
    const auto cut = planHeader(header, "header", {}, {});
    QVERIFY(!cut);
    QCOMPARE(cut.error().code, ErrorCode::FileDamaged);
}

// Whatever beginning is there, it never asks for more than the header has, and always for more than
// it got; what is wrong is not mended by more.
void ForecastTest::header_thatGoesOn_saysHowFar() {
    const std::vector<std::byte> header = headerOf(kShape, "Q8_0");
    const std::span<const std::byte> all(header);
    // Behind the table lies padding up to the alignment.
    constexpr std::size_t kAlignment = 32;
    for (std::size_t nBytes = 0; nBytes < header.size(); nBytes = nBytes * 9 / 8 + 1) {
        const std::uint64_t wanted = wantedHeaderBytes(all.first(nBytes));
        QVERIFY2(wanted > nBytes || nBytes + kAlignment > header.size(),
                 std::to_string(nBytes).c_str());
        QVERIFY2(wanted <= header.size(), std::to_string(nBytes).c_str());
    }
    QVERIFY(wantedHeaderBytes(header) <= header.size());
    std::vector<std::byte> other = header;
    other[0] = std::byte{'X'};
    QVERIFY(wantedHeaderBytes(std::span(other).first(100)) <= 100);
}

// Counted by hand from the shape: all matrices of the layers and the head, not the embedding.
void ForecastTest::weightUse_isWhatATokenReads() {
    const ModelInfo info = planned(kShape, "Q8_0").info;
    QCOMPARE(info.weightUse.size(), std::size_t{1});
    const std::uint64_t layer = 256 * 256 + 2 * 256 * 128 + 256 * 256 + 3 * 256 * 512;
    QCOMPARE(info.weightUse[0].layerElementsPerToken, 3 * layer);
    QCOMPARE(info.weightUse[0].bytesPerToken, (3 * layer + 256 * 512) / 32 * 34);
}

void ForecastTest::weightUse_ofAMixture_isItsChosenExperts() {
    const ModelInfo info = planned(kMixture, "Q8_0").info;
    QCOMPARE(info.weightUse.size(), std::size_t{2});  // the router is F32
    QCOMPARE(info.weightUse[0].type, DType::F32);
    QCOMPARE(info.weightUse[0].layerElementsPerToken, std::uint64_t{2 * 256 * 8});
    const std::uint64_t layer = 256 * 256 + 2 * 256 * 128 + 256 * 256 + 2 * 3 * 256 * 256;
    QCOMPARE(info.weightUse[1].layerElementsPerToken, 2 * layer);
    // Tied: the embedding is the head.
    QCOMPARE(info.weightUse[1].bytesPerToken, (2 * layer + 256 * 512) / 32 * 34);
}

void ForecastTest::decode_isBytesOverRates() {
    const SpeedForecast forecast = forecastSpeed(someModel(), someRates(), nullptr, {});
    // 3.6 / 36 + 1.5 / 30 seconds.
    QVERIFY(isNear(forecast.tokensPerSecond, 1 / 0.15));
    QCOMPARE(forecast.bytesPerToken, 5.1e9);
    QVERIFY(forecast.assumed.empty());
}

void ForecastTest::decode_readsTheCache() {
    const SpeedForecast forecast =
        forecastSpeed(someModel(), someRates(), nullptr, {.depth = 10'000});
    // And 1 GB of keys and values at 20 GB/s.
    QVERIFY(isNear(forecast.tokensPerSecond, 1 / 0.20));
    QVERIFY(isNear(forecast.bytesPerToken, 6.1e9));
}

void ForecastTest::decode_onTwoDevices_isTheirSum() {
    ModelInfo model = someModel();
    model.cardBytesPerToken = model.bytesPerToken / 4;
    MachineRates card = someRates();
    card.types = {{DType::Q8_0, 360, 80}, {DType::Q4_K, 300, 50}};
    const SpeedForecast forecast = forecastSpeed(model, someRates(), &card, {});
    QVERIFY(isNear(forecast.tokensPerSecond, 1 / (0.75 * 0.15 + 0.25 * 0.015)));
    model.cardBytesPerToken = model.bytesPerToken;
    QVERIFY(isNear(forecastSpeed(model, {}, &card, {}).tokensPerSecond, 1 / 0.015));
}

void ForecastTest::prefill_isOperationsOverRates() {
    const SpeedForecast forecast =
        forecastSpeed(someModel(), someRates(), nullptr, {.promptTokens = 1000});
    // 2 GFLOP at 0.8 TFLOP/s, 4 at 0.5; attention over 500 tokens on average at the slower rate.
    const double seconds = 2.0 / 800 + 4.0 / 500 + 4.0 * 500 * 32 * 128 * 10 / 0.5e12;
    QVERIFY(isNear(forecast.prefillTokensPerSecond, 1 / seconds));
}

void ForecastTest::unknownTypes_areNoFasterThanTheSlowest() {
    ModelInfo model = someModel();
    model.weightUse.push_back({DType::Q6_K, 3'000'000'000, 1});
    const SpeedForecast forecast = forecastSpeed(model, someRates(), nullptr, {});
    QCOMPARE(forecast.assumed, std::vector<DType>{DType::Q6_K});
    QVERIFY(forecast.tokensPerSecond <= 1 / (0.15 + 3.0 / 30));
    QVERIFY(forecast.tokensPerSecond > 0);
}

void ForecastTest::nothingMeasured_givesAFigure() {
    MachineRates rates;
    rates.readGbS = 40;
    const SpeedForecast forecast = forecastSpeed(someModel(), rates, nullptr, {});
    QVERIFY(std::isfinite(forecast.tokensPerSecond) && forecast.tokensPerSecond > 0);
    QVERIFY(forecast.tokensPerSecond < 40 / 5.1);  // never faster than the bandwidth allows
    QCOMPARE(forecast.prefillTokensPerSecond, 0.0);
    QCOMPARE(forecast.assumed.size(), std::size_t{2});
    // No bandwidth either: no figure rather than one made up.
    QCOMPARE(forecastSpeed(someModel(), {}, nullptr, {}).tokensPerSecond, 0.0);
}

void ForecastTest::rates_followTheBandwidth() {
    const MachineRates slower = ratesAt(someRates(), 20);
    QCOMPARE(slower.readGbS, 20.0);
    QCOMPARE(slower.cacheGbS, 10.0);
    QCOMPARE(slower.find(DType::Q8_0)->decodeGbS, 18.0);
    QCOMPARE(slower.find(DType::Q8_0)->prefillTflops, 0.8);  // computing is no reading
    QCOMPARE(ratesAt(someRates(), 0).readGbS, 40.0);
}

// The weights have left the largest cache before they are read again, wherever there is room.
void ForecastTest::probe_isLargerThanTheCache() {
    constexpr std::uint64_t kMiB = std::uint64_t{1} << 20, kFree = 64 * 1024 * kMiB;
    for (const std::uint64_t cacheMib : {0, 32, 96})
        for (const DType type : {DType::Q4_K, DType::Q8_0, DType::F16})
            QCOMPARE(probeLayers(type, cacheMib * kMiB, kFree),
                     8);  // no new time for most machines
    constexpr std::uint64_t kLarge = 480 * kMiB;
    for (const DType type : {DType::Q4_K, DType::Q6_K, DType::Q8_0, DType::F16}) {
        const std::int32_t nLayers = probeLayers(type, kLarge, kFree);
        const auto model =
            planSyntheticModel("probe:" + std::string(dtypeTraits(type).name), 1, nLayers);
        QVERIFY(model.has_value());
        const auto bytes = model->writer.fileBytes();
        QVERIFY(bytes.has_value());
        QVERIFY2(double(*bytes) >= 1.75 * double(kLarge), std::to_string(nLayers).c_str());
        QVERIFY(nLayers == 8 || double(*bytes) < 2 * 1.75 * double(kLarge));
    }
    QCOMPARE(probeLayers(DType::Q4_K, kLarge, 1024 * kMiB), 8);
}

void ForecastTest::measuring_stops() {
    EngineOptions engine;
    engine.device = "cpu";
    const auto rates = measureRates(engine, {.types = {DType::Q8_0}},
                                    [](std::int64_t, std::int64_t) { return false; });
    QVERIFY(!rates);
    QCOMPARE(rates.error().code, ErrorCode::Cancelled);
}

QTEST_GUILESS_MAIN(ForecastTest)
#include "forecast_test.moc"
