#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "engine/api/benchmark.h"

namespace sotto::cli {

namespace {

std::vector<std::string> throttleNames(std::uint32_t throttling) {
    std::vector<std::string> names;
    for (int index = 0; index < kThrottleReasons; ++index)
        if ((throttling >> index & 1u) != 0)
            names.emplace_back(throttleReasonName(static_cast<ThrottleReason>(index)));
    return names;
}

// What the driver does not tell is null.
Json toJson(const DeviceStats& stats) {
    const auto orNull = [](auto value, bool isKnown) { return isKnown ? Json(value) : Json(); };
    const auto positive = [&](auto value) { return orNull(value, value > 0); };
    return {
        {"sm_clock_mhz", positive(stats.smClockMhz)},
        {"sm_clock_max_mhz", positive(stats.smClockMaxMhz)},
        {"memory_clock_mhz", positive(stats.memoryClockMhz)},
        {"memory_clock_max_mhz", positive(stats.memoryClockMaxMhz)},
        {"temperature_c", positive(stats.temperatureCelsius)},
        {"power_w", positive(stats.powerWatts)},
        {"power_limit_w", positive(stats.powerLimitWatts)},
        {"utilization_percent", orNull(stats.utilizationPercent, stats.utilizationPercent >= 0)},
        {"memory_of_others", orNull(stats.memoryOfOthers, stats.isMemoryKnown)},
        {"memory_free", orNull(stats.memoryFree, stats.isMemoryKnown)},
        {"throttling", throttleNames(stats.throttling)}};
}

Json toJson(const CardReadings& card) {
    return {{"before", toJson(card.before)},
            {"after", toJson(card.after)},
            {"sm_clock_mhz_low", card.smClockLowMhz},
            {"sm_clock_mhz_high", card.smClockHighMhz},
            {"power_w_high", card.powerHighWatts},
            {"throttling", throttleNames(card.throttling)},
            {"readings", card.nRuns}};
}

Json toJson(const BenchmarkRow& row) {
    return {{"test", row.test},
            {"n", row.n},
            {"depth", row.depth},
            {"batch", row.batch},
            {"tokens_per_s",
             {{"median", row.tokensPerSecond.median},
              {"min", row.tokensPerSecond.min},
              {"max", row.tokensPerSecond.max}}},
            {"ttft_ms", row.ttftMs},
            {"step_ms", row.stepMs},
            {"device_step_ms", row.deviceStepMs},
            {"bytes_per_token", row.bytesPerStep},
            {"bytes_are_mean", row.isMeanOfExperts},
            {"bandwidth_gb_s", row.bandwidthGbS},
            {"mbu", row.mbu},
            {"share_of", {{"read", row.mbu}, {"copy", row.shareOfCopy}, {"spec", row.shareOfSpec}}},
            {"launches", row.nLaunches},
            {"tflops", row.tflops},
            {"mfu", row.mfu}};
}

Json toJson(const BenchmarkReport& report) {
    Json rows = Json::array();
    for (const BenchmarkRow& row : report.rows) rows.push_back(toJson(row));
    Json json{{"model", report.modelName},
              {"weight_bytes", report.weightBytes},
              {"device",
               {{"name", report.deviceName},
                {"note", report.deviceNote},
                {"bandwidth_gb_s_measured", report.readBandwidthGbS},
                {"bandwidth_gb_s_spec", report.specBandwidthGbS},
                {"copy_bandwidth_gb_s_measured", report.copyBandwidthGbS}}},
              {"launches_per_token", report.launchesPerToken},
              {"prompt_products",
               {{"own", report.products.byOwnKernels},
                {"cublas", report.products.byCublas},
                {"refusal", report.products.refusal}}},
              {"rows", std::move(rows)}};
    if (report.card) json["card"] = toJson(*report.card);
    return json;
}

std::string throttleText(std::uint32_t throttling) {
    std::string text;
    for (const std::string& name : throttleNames(throttling))
        text += (text.empty() ? "slowed by: " : ", ") + name;
    return text;
}

// "SM 1755 of 1980 MHz, memory 3201 of 3201 MHz, 61 °C, 540 of 700 W, slowed by: power limit"; what
// the driver does not tell is left out.
std::string momentText(const DeviceStats& stats) {
    std::vector<std::string> parts;
    if (stats.smClockMhz > 0)
        parts.push_back(fmt::format("SM {} of {} MHz", stats.smClockMhz, stats.smClockMaxMhz));
    if (stats.memoryClockMhz > 0)
        parts.push_back(
            fmt::format("memory {} of {} MHz", stats.memoryClockMhz, stats.memoryClockMaxMhz));
    if (stats.temperatureCelsius > 0)
        parts.push_back(fmt::format("{} °C", stats.temperatureCelsius));
    if (stats.powerWatts > 0)
        parts.push_back(fmt::format("{:.0f} of {:.0f} W", stats.powerWatts, stats.powerLimitWatts));
    if (stats.throttling != 0) parts.push_back(throttleText(stats.throttling));
    return parts.empty() ? "the driver tells nothing" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string otherLoadText(const DeviceStats& stats) {
    const std::string busy = stats.utilizationPercent < 0
                                 ? "busy: unknown"
                                 : fmt::format("busy {} % of the time", stats.utilizationPercent);
    return stats.isMemoryKnown
               ? fmt::format("{}, {} of its memory held", busy, bytesText(stats.memoryOfOthers))
               : busy + ", memory: unknown";
}

void printCard(const CardReadings& card) {
    print(fmt::format("Before: {}\nOther load before: {}\n", momentText(card.before),
                      otherLoadText(card.before)));
    if (card.nRuns == 0) return;
    print(fmt::format("Behind the last run: {}\n", momentText(card.after)));
    if (card.after.isMemoryKnown)
        print(fmt::format("Held by others then: {}\n", bytesText(card.after.memoryOfOthers)));
    if (card.smClockHighMhz > 0)
        print(fmt::format("Behind each of {} runs: SM {} to {} MHz, at most {:.0f} W{}{}\n",
                          card.nRuns, card.smClockLowMhz, card.smClockHighMhz, card.powerHighWatts,
                          card.throttling != 0 ? ", " : "", throttleText(card.throttling)));
}

// Asked for or not, cuBLAS may have multiplied nothing: the figures are the own kernels' then.
void printProducts(const PromptProducts& products) {
    if (products.byOwnKernels + products.byCublas == 0) return;
    print(fmt::format("Matrices of prompts: {} multiplied by cuBLAS, {} by Sotto's own kernels\n",
                      products.byCublas, products.byOwnKernels));
    if (!products.refusal.empty()) print(products.refusal + "\n");
}

void printHeader(const BenchmarkReport& report) {
    print(fmt::format("{}, {} of weights\n{}\n", report.modelName, bytesText(report.weightBytes),
                      report.deviceName));
    if (!report.deviceNote.empty()) print(report.deviceNote + "\n");
    print(bandwidthText(report.readBandwidthGbS, report.copyBandwidthGbS));
    if (report.specBandwidthGbS > 0)
        print(fmt::format(" of {:.0f} GB/s by the data sheet", report.specBandwidthGbS));
    print("\n");
    if (report.launchesPerToken > 0)
        print(fmt::format("Launches per token: {}\n", report.launchesPerToken));
    printProducts(report.products);
    if (report.card) printCard(*report.card);
}

std::string percentText(double share) {
    return share > 0 ? fmt::format("{:.1f}%", share * 100) : "-";
}

void printText(const BenchmarkReport& report) {
    printHeader(report);
    print(
        "\nTokens per second are medians; GB/s and its shares of the read, copy and data sheet's "
        "bandwidth are of them.\n");
    print(
        fmt::format("{:<9} {:>6} {:>10} {:>10} {:>10} {:>9} {:>8} {:>8} {:>10} {:>8} {:>7} {:>7} "
                    "{:>7}\n",
                    "test", "depth", "tokens/s", "min", "max", "TTFT ms", "TFLOP/s", "step ms",
                    "bytes/step", "GB/s", "of read", "of copy", "of spec"));
    for (const BenchmarkRow& row : report.rows) {
        const bool isDecode = row.test == "tg";
        const std::string several = row.batch > 1 ? fmt::format(" x{}", row.batch) : "";
        const std::string figures =
            isDecode
                ? fmt::format("{:>9} {:>8} {:>8.3f} {:>10} {:>8.2f} {:>7} {:>7} {:>7}", "", "",
                              row.stepMs, bytesText(static_cast<std::uint64_t>(row.bytesPerStep)),
                              row.bandwidthGbS, percentText(row.mbu), percentText(row.shareOfCopy),
                              percentText(row.shareOfSpec))
                : fmt::format("{:>9.1f} {:>8.2f}", row.ttftMs, row.tflops);
        print(fmt::format("{:<9} {:>6} {:>10.2f} {:>10.2f} {:>10.2f} {}\n",
                          fmt::format("{}{}{}", row.test, row.n, several), row.depth,
                          row.tokensPerSecond.median, row.tokensPerSecond.min,
                          row.tokensPerSecond.max, figures));
        if (row.deviceStepMs > 0)
            print(fmt::format("{:>9} a step takes {:.3f} ms on the card's own clock\n", "",
                              row.deviceStepMs));
    }
    if (std::any_of(report.rows.begin(), report.rows.end(),
                    [](const BenchmarkRow& row) { return row.isMeanOfExperts; }))
        print(
            "Bytes of steps of several sequences are the mean of rows that choose their experts "
            "evenly; what they share is not counted.\n");
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
    benchmark.batches = options.batches;
    benchmark.repeats = options.repeats;
    benchmark.seed = common.seed.value_or(1);
    ProgressBar bar("bench", "tokens");
    const auto report = runBenchmark(benchmark, progressSink(bar));
    bar.finish();
    if (!report) return printError(report.error(), common.isJson);
    if (common.isJson) {
        printJson(toJson(*report));
    } else {
        printText(*report);
    }
    return finishOutput();
}

}  // namespace sotto::cli
