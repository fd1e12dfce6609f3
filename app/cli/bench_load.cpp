// `bench --load`: arrivals played against the engine.
#include <fmt/format.h>

#include <string>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "engine/api/load_benchmark.h"

namespace sotto::cli {

namespace {

Json toJson(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json toJson(const TimeSpread& spread) {
    return {{"mean", toJson(spread.mean)},
            {"p50", toJson(spread.p50)},
            {"p90", toJson(spread.p90)},
            {"p95", toJson(spread.p95)},
            {"p99", toJson(spread.p99)}};
}

Json toJson(const LoadSpec& spec) {
    return {{"streams", spec.nStreams},       {"rate", spec.rate},
            {"prompt", spec.promptTokens},    {"answer", spec.answerTokens},
            {"requests", spec.nRequests},     {"seed", spec.seed},
            {"intruder", spec.intruderTokens}};
}

Json loadJson(const LoadSpec& spec, const LoadReport& report) {
    Json load{{"spec", toJson(spec)},
              {"streams_at_once", report.streams.most},
              {"streams_note", report.streams.note},
              {"seconds", report.seconds},
              {"preemptions", report.nPreemptions},
              {"kv_use", report.kvUse}};
    if (report.intruder) {
        load["intruder"] = {{"quiet_ms", toJson(report.intruder->quietGaps)},
                            {"disturbed_ms", toJson(report.intruder->disturbedGaps)},
                            {"ttft_ms", toJson(report.intruder->ttft)},
                            {"p95_ratio", toJson(report.intruder->ratio)}};
        return load;
    }
    load["tokens_per_s"] = report.tokensPerSecond;
    load["prompt_tokens_per_s"] = report.promptTokensPerSecond;
    load["requests_per_min"] = report.requestsPerSecond * 60;
    load["qps"] = report.requestsPerSecond;
    load["ttft_ms"] = toJson(report.ttft);
    load["tpot_ms"] = toJson(report.tpot);
    load["e2e_ms"] = toJson(report.endToEnd);
    load["gap_ms"] = toJson(report.gaps);
    load["formula"] = "time = TTFT + TPOT * (tokens - 1)";
    return load;
}

Json reportJson(const LoadSpec& spec, const LoadReport& report) {
    return {{"model", report.modelName},
            {"device", {{"name", report.deviceName}, {"note", report.deviceNote}}},
            {"context_tokens", report.contextTokens},
            {"load", loadJson(spec, report)}};
}

std::string cell(const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : "–";
}

void printTimes(const char* name, const TimeSpread& spread) {
    print(fmt::format("{:<22} {:>10} {:>10} {:>10} {:>10} {:>10}\n", name, cell(spread.mean),
                      cell(spread.p50), cell(spread.p90), cell(spread.p95), cell(spread.p99)));
}

void printTableHead() {
    print(fmt::format("{:<22} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "milliseconds", "mean", "p50",
                      "p90", "p95", "p99"));
}

void printIntruder(const LoadSpec& spec, const LoadReport& report) {
    const IntruderReport& intruder = *report.intruder;
    print(fmt::format("Answers at once: {}; prompts of {} tokens that came meanwhile: {}\n\n",
                      spec.nStreams, spec.intruderTokens, spec.nRequests));
    printTableHead();
    printTimes("gap, quiet", intruder.quietGaps);
    printTimes("gap, meanwhile", intruder.disturbedGaps);
    printTimes("TTFT of that prompt", intruder.ttft);
    print(fmt::format("\np95 of the gaps meanwhile over the quiet one: {}\n",
                      intruder.ratio ? fmt::format("{:.2f}", *intruder.ratio) : "–"));
}

void printText(const LoadSpec& spec, const LoadReport& report) {
    print(fmt::format("{}\n{}, a context of {} tokens\n", report.modelName, report.deviceName,
                      report.contextTokens));
    if (!report.deviceNote.empty()) print(report.deviceNote + "\n");
    if (report.intruder) {
        printIntruder(spec, report);
    } else {
        print(fmt::format(
            "{} requests of {} tokens, each answered with {}, {}, at most {} in flight: {:.1f} s\n",
            spec.nRequests, spec.promptTokens, spec.answerTokens,
            spec.rate > 0 ? fmt::format("{:g} arriving per second", spec.rate) : "all at once",
            spec.nStreams, report.seconds));
        print(fmt::format("{:.2f} tokens/s in all, {:.2f} requests/min ({:.3f} QPS)\n\n",
                          report.tokensPerSecond, report.requestsPerSecond * 60,
                          report.requestsPerSecond));
        if (!report.streams.note.empty())
            print(report.streams.note + " The others wait in the engine; their times show it.\n\n");
        printTableHead();
        printTimes("TTFT", report.ttft);
        printTimes("TPOT", report.tpot);
        printTimes("whole answer", report.endToEnd);
        printTimes("gap of two tokens", report.gaps);
        print(
            "\ntime = TTFT + TPOT x (tokens - 1); TTFT begins when a request arrives, the wait for "
            "a stream included.\n");
    }
    print(fmt::format("Preemptions: {}; of the KV cache at most {:.1f} % were taken at once.\n",
                      report.nPreemptions, report.kvUse * 100));
}

}  // namespace

int runLoadBench(const CommonOptions& common, const BenchOptions& options) {
    LoadTestOptions test;
    test.engine = common.engine();
    test.model = common.load();
    LoadSpec defaults;
    defaults.seed = common.seed.value_or(defaults.seed);
    const auto spec = parseLoadSpec(options.load, defaults);
    if (!spec) return printError(spec.error(), common.isJson);
    test.spec = *spec;
    ProgressBar bar("load", "tokens");
    const auto report = runLoadTest(test, progressSink(bar));
    bar.finish();
    if (!report) return printError(report.error(), common.isJson);
    if (common.isJson)
        printJson(reportJson(test.spec, *report));
    else
        printText(test.spec, *report);
    return finishOutput();
}

}  // namespace sotto::cli
