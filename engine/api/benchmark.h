// Speed of a model, or of a synthetic shape with random weights, set against this machine's
// measured memory bandwidth.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/device_info.h"
#include "engine/api/engine_options.h"
#include "engine/api/evaluate.h"

namespace sotto {

struct BenchmarkOptions {
    EngineOptions engine;
    LoadOptions model;                   // `path` empty when `synthetic` is given
    std::string synthetic;               // "llama-1b:Q4_K_M": CLI.md lists the shapes
    std::int32_t syntheticLayers = 0;    // 0: the shape's own
    std::filesystem::path saveModel;     // write the synthetic model as GGUF
    std::int64_t promptTokens = 512;     // 0: no prefill test
    std::int64_t generatedTokens = 128;  // 0: no decode test
    std::int64_t depth = 0;              // tokens already in the cache before each test
    // Sequences decoded together: one decode test for each, on the same loaded model.
    std::vector<std::int32_t> batches{1};
    std::int32_t repeats = 5;
    std::optional<BandwidthMeasurement> bandwidth;  // of the device, where it was just measured
    std::uint64_t seed = 1;
};

struct Spread {
    double median = 0, min = 0, max = 0;
};

struct BenchmarkRow {
    std::string test;    // "pp" or "tg"
    std::int64_t n = 0;  // tokens
    std::int64_t depth = 0;
    std::int32_t batch = 1;   // decode: sequences together
    Spread tokensPerSecond;   // of all sequences
    double ttftMs = 0;        // prefill only
    double stepMs = 0;        // decode only: median
    double bytesPerStep = 0;  // decode only: resident weights and KV read by one step
    // bytesPerStep is no count but the mean of rows that choose their experts evenly: of several
    // sequences in a mixture, whose routing only the device knows.
    bool isMeanOfExperts = false;
    double bandwidthGbS = 0;     // decode only
    double mbu = 0;              // bandwidth over the measured read bandwidth
    double shareOfCopy = 0;      // over the measured copy bandwidth
    double shareOfSpec = 0;      // over the data sheet's; 0 where it is not known
    std::int64_t nLaunches = 0;  // decode on a card: kernels and copies of one step
    double deviceStepMs = 0;     // decode: of a step on the card's own clock; 0: it has none
    double tflops = 0;           // prefill only
    double mfu = 0;              // prefill: over the measured compute peak; 0 when not measured
};

// What a card's driver told around the tests.
struct CardReadings {
    DeviceStats before;  // with this program's empty context at most: load and memory are others'
    DeviceStats after;   // right behind the last run
    int nRuns = 0;       // a reading behind each; the following are of all of them
    std::int32_t smClockLowMhz = 0, smClockHighMhz = 0;
    double powerHighWatts = 0;
    std::uint32_t throttling = 0;  // every reason that was seen, 1 << ThrottleReason
};

// Matrices of prompts on a card, by who multiplied them; all zero where there is no card.
struct PromptProducts {
    std::uint64_t byOwnKernels = 0;
    std::uint64_t byCublas = 0;
    std::string refusal;  // the last reason why cuBLAS did not where it was to; or empty
};

struct BenchmarkReport {
    std::string modelName;
    std::string deviceName;       // "AMD EPYC …, avx512-vnni, 2 threads"
    std::string deviceNote;       // why not all of it is on the card; mostly empty
    double readBandwidthGbS = 0;  // measured in the same run
    double copyBandwidthGbS = 0;
    double specBandwidthGbS = 0;        // of a card, by its data sheet
    std::int64_t launchesPerToken = 0;  // of the first decode row
    std::uint64_t weightBytes = 0;
    std::uint64_t bytesPerToken = 0;  // of the file's matrices, as ModelInfo::weightUse
    PromptProducts products;          // of all tests together
    std::optional<CardReadings> card;
    std::vector<BenchmarkRow> rows;
};

Result<BenchmarkReport> runBenchmark(const BenchmarkOptions& options, const ProgressSink& progress);

}  // namespace sotto
