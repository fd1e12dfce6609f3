// measureRates() of forecast.h: benchmarks of small random models.
#include <fmt/format.h>

#include <algorithm>

#include "base/guarded.h"
#include "engine/api/benchmark.h"
#include "engine/api/device_info.h"
#include "engine/api/forecast.h"

namespace sotto {
namespace {

constexpr std::int64_t kPromptTokens = 256, kDecodeTokens = 16, kCacheDepth = 1024;
constexpr std::int32_t kRepeats = 3;

// The random models' benchmarks, in the progress of all, beside one bandwidth.
class RateBench {
public:
    RateBench(const EngineOptions& engine, const BandwidthMeasurement& bandwidth,
              std::int64_t nRuns, const ProgressSink& progress)
        : m_engine(engine), m_bandwidth(bandwidth), m_nRuns(nRuns), m_progress(progress) {}

    Result<BenchmarkReport> run(BenchmarkOptions options) {
        options.engine = m_engine;
        options.repeats = kRepeats;
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
    std::int64_t m_nRuns;
    const ProgressSink& m_progress;
    std::int64_t m_nDone = 0;
};

const BenchmarkRow& rowOf(const BenchmarkReport& report, std::string_view test) {
    return *std::find_if(report.rows.begin(), report.rows.end(),
                         [&](const BenchmarkRow& row) { return row.test == test; });
}

Result<TypeRate> measureType(RateBench& bench, DType type) {
    BenchmarkOptions options;
    options.synthetic = fmt::format("probe:{}", dtypeTraits(type).name);
    options.promptTokens = kPromptTokens;
    options.generatedTokens = kDecodeTokens;
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
    options.generatedTokens = kDecodeTokens;
    SOTTO_ASSIGN(const BenchmarkReport empty, bench.run(options));
    options.depth = kCacheDepth;
    SOTTO_ASSIGN(const BenchmarkReport deep, bench.run(options));
    const BenchmarkRow& first = rowOf(empty, "tg");
    const BenchmarkRow& second = rowOf(deep, "tg");
    const double seconds = 1e-3 * (second.stepMs - first.stepMs);
    return seconds > 0 ? (second.bytesPerStep - first.bytesPerStep) * 1e-9 / seconds : 0;
}

Result<MachineRates> measure(const EngineOptions& engine, std::span<const DType> types,
                             MachineRates rates, const ProgressSink& progress) {
    const auto device = chosenDevice(engine.device);
    if (!device)
        return fail(ErrorCode::Unsupported,
                    fmt::format("There is no usable device '{}' here.", engine.device));
    std::vector<DType> missing;
    for (const DType type : types)
        if (rates.find(type) == nullptr &&
            std::find(missing.begin(), missing.end(), type) == missing.end())
            missing.push_back(type);
    rates.deviceId = device->id;
    rates.deviceName = device->name;
    rates.nThreads = engine.nThreads;
    SOTTO_ASSIGN(const BandwidthMeasurement bandwidth,
                 measureDeviceBandwidth(device->id, engine.nThreads));
    // Without one (no memory is free for it) the rates stay those of the bandwidth before.
    if (bandwidth.readGbS > 0) {
        rates = ratesAt(rates, bandwidth.readGbS);
        rates.readGbS = bandwidth.readGbS;
    }

    const bool isCacheMissing = rates.cacheGbS <= 0;
    const auto nRuns = static_cast<std::int64_t>(missing.size()) + (isCacheMissing ? 2 : 0);
    RateBench bench(engine, bandwidth, nRuns, progress);
    for (const DType type : missing) {
        SOTTO_ASSIGN(const TypeRate rate, measureType(bench, type));
        rates.types.push_back(rate);
    }
    if (isCacheMissing) {
        SOTTO_ASSIGN(rates.cacheGbS, measureCache(bench));
    }
    return rates;
}

}  // namespace

Result<MachineRates> measureRates(const EngineOptions& engine, std::span<const DType> types,
                                  MachineRates known, const ProgressSink& progress) {
    return guarded([&] { return measure(engine, types, std::move(known), progress); });
}

}  // namespace sotto
