#include <fmt/format.h>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "engine/api/benchmark.h"

namespace sotto::cli {

namespace {

Json toJson(const BenchmarkReport& report) {
    Json rows = Json::array();
    for (const BenchmarkRow& row : report.rows) {
        rows.push_back({{"test", row.test},
                        {"n", row.n},
                        {"depth", row.depth},
                        {"tokens_per_s",
                         {{"median", row.tokensPerSecond.median},
                          {"min", row.tokensPerSecond.min},
                          {"max", row.tokensPerSecond.max}}},
                        {"ttft_ms", row.ttftMs},
                        {"bytes_per_token", row.bytesPerToken},
                        {"bandwidth_gb_s", row.bandwidthGbS},
                        {"mbu", row.mbu},
                        {"tflops", row.tflops},
                        {"mfu", row.mfu}});
    }
    return {{"model", report.modelName},
            {"weight_bytes", report.weightBytes},
            {"device",
             {{"name", report.deviceName},
              {"note", report.deviceNote},
              {"bandwidth_gb_s_measured", report.readBandwidthGbS},
              {"bandwidth_gb_s_spec", report.specBandwidthGbS},
              {"copy_bandwidth_gb_s_measured", report.copyBandwidthGbS}}},
            {"launches_per_token", report.launchesPerToken},
            {"rows", std::move(rows)}};
}

void printText(const BenchmarkReport& report) {
    print(fmt::format("{}, {} of weights\n{}\n", report.modelName, bytesText(report.weightBytes),
                      report.deviceName));
    if (!report.deviceNote.empty()) print(report.deviceNote + "\n");
    print(fmt::format("Measured bandwidth: read {:.1f} GB/s, copy {:.1f} GB/s",
                      report.readBandwidthGbS, report.copyBandwidthGbS));
    if (report.specBandwidthGbS > 0)
        print(fmt::format(" of {:.0f} GB/s by the data sheet", report.specBandwidthGbS));
    if (report.launchesPerToken > 0)
        print(fmt::format("\nLaunches per token: {}", report.launchesPerToken));
    print("\n\n");
    print(fmt::format("{:<8} {:>7} {:>10} {:>10} {:>10} {:>9} {:>12} {:>8} {:>6}\n", "test",
                      "depth", "tokens/s", "min", "max", "TTFT ms", "bytes/token", "GB/s", "MBU"));
    for (const BenchmarkRow& row : report.rows) {
        const bool isDecode = row.test == "tg";
        const std::string decode =
            isDecode ? fmt::format("{:>9} {:>12} {:>8.2f} {:>5.1f}%", "",
                                   bytesText(static_cast<std::uint64_t>(row.bytesPerToken)),
                                   row.bandwidthGbS, row.mbu * 100)
                     : fmt::format("{:>9.1f}", row.ttftMs);
        print(fmt::format("{:<8} {:>7} {:>10.2f} {:>10.2f} {:>10.2f} {}\n",
                          fmt::format("{}{}", row.test, row.n), row.depth,
                          row.tokensPerSecond.median, row.tokensPerSecond.min,
                          row.tokensPerSecond.max, decode));
    }
}

}  // namespace

int runBench(const CommonOptions& common, const BenchOptions& options) {
    BenchmarkOptions benchmark;
    benchmark.engine = common.engine();
    benchmark.model = common.load();
    benchmark.synthetic = options.synthetic;
    benchmark.saveModel = options.saveFile;
    benchmark.promptTokens = options.promptTokens;
    benchmark.generatedTokens = options.generatedTokens;
    benchmark.depth = options.depth;
    benchmark.batch = options.batch;
    benchmark.repeats = options.repeats;
    benchmark.seed = common.seed.value_or(1);
    ProgressBar bar("bench", "tokens");
    const auto report = runBenchmark(benchmark, progressSink(bar));
    bar.finish();
    if (!report) return printError(report.error());
    if (common.isJson) {
        printJson(toJson(*report));
    } else {
        printText(*report);
    }
    return finishOutput();
}

}  // namespace sotto::cli
