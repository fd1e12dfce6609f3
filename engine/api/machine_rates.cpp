// measureRates() of forecast.h: benchmarks of small random models.
#include <fmt/format.h>

#include <algorithm>

#include "base/guarded.h"
#include "engine/api/benchmark.h"
#include "engine/api/device_info.h"
#include "engine/api/device_traits.h"
#include "engine/api/forecast.h"
#include "engine/api/synthetic_model.h"

namespace sotto {
namespace {

constexpr std::int64_t kCacheDepth = 1024;

struct Effort {
    std::int64_t promptTokens = 256;
    std::int64_t decodeTokens = 16;
    std::int32_t repeats = 3;
};

// A prompt is most of the time on a processor, whose kernels reach their speed with few rows; a
// card reads a long one in milliseconds.
constexpr std::int64_t kQuickPromptTokens = 64;

Effort effortOf(const RateWish& wish, bool isOnCard) {
    if (!wish.isQuick) return {};
    return {isOnCard ? Effort{}.promptTokens : kQuickPromptTokens, 8, isOnCard ? 3 : 2};
}

// Of the synthetic shape that rates are measured with.
const SyntheticShape& probeShape() { return *findShape("probe"); }

// Weights of one layer's matrices.
std::int64_t layerElements(const SyntheticShape& shape) {
    const std::int64_t nQuery = std::int64_t{shape.nHeads} * shape.headDim;
    const std::int64_t nKv = std::int64_t{shape.nKvHeads} * shape.headDim;
    return shape.nEmbd * (2 * nQuery + 2 * nKv + std::int64_t{3} * shape.nFeedForward);
}

// Walking round its weights, a cache that keeps a part of what was used last has little of them
// left: with 480 MiB of L3, 0.6 of it gave 13 % more than larger models read, and 1.6 no more.
constexpr double kCacheShares = 1.75;
// Where weights are repacked they are there twice while they are loaded, and other programs want
// their memory too.
constexpr std::uint64_t kPartsOfMemory = 4;
// Fewer repeats where each step reads more than twice as much.
std::int32_t manyLayers() { return 2 * probeShape().nLayers; }

// The random models' benchmarks, in the progress of all, beside one bandwidth.
class RateBench {
public:
    RateBench(const EngineOptions& engine, const BandwidthMeasurement& bandwidth,
              const Effort& effort, std::int64_t nRuns, const ProgressSink& progress)
        : m_engine(engine),
          m_bandwidth(bandwidth),
          m_effort(effort),
          m_nRuns(nRuns),
          m_progress(progress) {}

    const Effort& effort() const { return m_effort; }

    Result<BenchmarkReport> run(BenchmarkOptions options) {
        options.engine = m_engine;
        options.repeats =
            options.syntheticLayers > manyLayers() ? (m_effort.repeats + 1) / 2 : m_effort.repeats;
        options.bandwidth = m_bandwidth;
        const std::int64_t index = m_nDone++;
        return runBenchmark(options, [&](std::int64_t done, std::int64_t total) {
            constexpr std::int64_t kParts = 1000;  // of one run
            const std::int64_t part = total > 0 ? done * kParts / total : 0;
            return !m_progress || m_progress(index * kParts + part, m_nRuns * kParts);
        });
    }

private:
    EngineOptions m_engine;
    BandwidthMeasurement m_bandwidth;
    Effort m_effort;
    std::int64_t m_nRuns;
    const ProgressSink& m_progress;
    std::int64_t m_nDone = 0;
};

const BenchmarkRow& rowOf(const BenchmarkReport& report, std::string_view test) {
    return *std::find_if(report.rows.begin(), report.rows.end(),
                         [&](const BenchmarkRow& row) { return row.test == test; });
}

Result<TypeRate> measureType(RateBench& bench, const DeviceInfo& device, std::uint64_t cacheBytes,
                             DType type) {
    BenchmarkOptions options;
    options.syntheticLayers = probeLayers(type, cacheBytes, device.memoryAvailable);
    options.synthetic = fmt::format("probe:{}", dtypeTraits(type).name);
    options.promptTokens = bench.effort().promptTokens;
    options.generatedTokens = bench.effort().decodeTokens;
    SOTTO_ASSIGN(const BenchmarkReport report, bench.run(options));
    // The file's bytes, whatever the kernels make of them: those are what a forecast knows.
    const double tokensPerSecond = rowOf(report, "tg").tokensPerSecond.median;
    return TypeRate{type, 1e-9 * double(report.bytesPerToken) * tokensPerSecond,
                    rowOf(report, "pp").tflops};
}

// Of the cache: what a step takes longer behind many tokens than behind none. A model that is
// nearly nothing but attention.
Result<double> measureCache(RateBench& bench) {
    BenchmarkOptions options;
    options.synthetic = "probe-cache:Q8_0";
    options.promptTokens = 0;
    options.generatedTokens = bench.effort().decodeTokens;
    SOTTO_ASSIGN(const BenchmarkReport empty, bench.run(options));
    options.depth = kCacheDepth;
    SOTTO_ASSIGN(const BenchmarkReport deep, bench.run(options));
    const BenchmarkRow& first = rowOf(empty, "tg");
    const BenchmarkRow& second = rowOf(deep, "tg");
    const double seconds = 1e-3 * (second.stepMs - first.stepMs);
    return seconds > 0 ? (second.bytesPerStep - first.bytesPerStep) * 1e-9 / seconds : 0;
}

Result<BandwidthMeasurement> bandwidthOf(const RateWish& wish, const std::string& deviceId,
                                         int nThreads) {
    if (wish.readGbS > 0) return BandwidthMeasurement{wish.readGbS, 0, 0};
    return measureDeviceBandwidth(deviceId, nThreads);
}

Result<MachineRates> measure(const EngineOptions& engine, const RateWish& wish,
                             const ProgressSink& progress) {
    MachineRates rates = wish.known;
    const auto device = chosenDevice(engine.device);
    if (!device)
        return fail(ErrorCode::Unsupported,
                    fmt::format("There is no usable device '{}' here.", engine.device));
    std::vector<DType> missing;
    for (const DType type : wish.types)
        if (rates.find(type) == nullptr &&
            std::find(missing.begin(), missing.end(), type) == missing.end())
            missing.push_back(type);
    rates.deviceId = device->id;
    rates.deviceName = device->name;
    rates.nThreads = engine.nThreads;
    SOTTO_ASSIGN(const BandwidthMeasurement bandwidth,
                 bandwidthOf(wish, device->id, engine.nThreads));
    // Without one (no memory is free for it) the rates stay those of the bandwidth before.
    if (bandwidth.readGbS > 0) {
        rates = ratesAt(rates, bandwidth.readGbS);
        rates.readGbS = bandwidth.readGbS;
    }

    const bool isCacheMissing = rates.cacheGbS <= 0;
    const auto nRuns = static_cast<std::int64_t>(missing.size()) + (isCacheMissing ? 2 : 0);
    RateBench bench(engine, bandwidth, effortOf(wish, device->id != "cpu"), nRuns, progress);
    const std::uint64_t cacheBytes = missing.empty() ? 0 : deviceTraits(device->id).cacheBytes;
    for (const DType type : missing) {
        SOTTO_ASSIGN(const TypeRate rate, measureType(bench, *device, cacheBytes, type));
        rates.types.push_back(rate);
    }
    if (isCacheMissing) {
        SOTTO_ASSIGN(rates.cacheGbS, measureCache(bench));
    }
    return rates;
}

}  // namespace

std::int32_t probeLayers(DType type, std::uint64_t cacheBytes, std::uint64_t freeBytes) {
    const DTypeTraits& traits = dtypeTraits(type);
    const double layerBytes = static_cast<double>(layerElements(probeShape())) *
                              static_cast<double>(traits.blockBytes) /
                              static_cast<double>(traits.blockElements);
    const auto layersIn = [layerBytes](double bytes) {
        return static_cast<std::int32_t>(std::min(bytes / layerBytes, 1000.0));
    };
    const std::int32_t wanted = layersIn(kCacheShares * static_cast<double>(cacheBytes)) + 1;
    const std::int32_t most = layersIn(static_cast<double>(freeBytes / kPartsOfMemory));
    return std::max(probeShape().nLayers, std::min(wanted, most));
}

Result<MachineRates> measureRates(const EngineOptions& engine, RateWish wish,
                                  const ProgressSink& progress) {
    return guarded([&] { return measure(engine, wish, progress); });
}

}  // namespace sotto
