#include "engine/api/benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/guarded.h"
#include "engine/api/card_watch.h"
#include "engine/api/device_info.h"
#include "engine/api/synthetic_model.h"
#include "engine/schedule/kernel_choice.h"
#include "engine/schedule/sequence_runner.h"
#include "engine/schedule/step_executor.h"

namespace sotto {
namespace {

using BenchClock = std::chrono::steady_clock;

Spread spreadOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    const double median =
        values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return {median, values.front(), values.back()};
}

Status checkOptions(const BenchmarkOptions& options) {
    const auto refuse = [](std::string message) {
        return fail(ErrorCode::InvalidArgument, std::move(message));
    };
    if (options.promptTokens < 0 || options.generatedTokens < 0 || options.depth < 0 ||
        options.promptTokens + options.generatedTokens == 0)
        return refuse("Give a positive number of tokens for the prefill or the decode test.");
    if (options.repeats < 1) return refuse("At least one repeat is needed.");
    if (options.batches.empty()) return refuse("At least one batch is needed.");
    for (const std::int32_t batch : options.batches)
        if (batch < 1 || batch > kMaxSequences)
            return refuse(fmt::format("A batch must be between 1 and {}.", kMaxSequences));
    if (options.synthetic.empty() == options.model.path.empty())
        return refuse("Give either a model file or a synthetic shape.");
    if (options.synthetic.empty() && !options.saveModel.empty())
        return refuse("Only a synthetic model can be saved.");
    return {};
}

// The model under test; a synthetic one keeps the header that its keys lie in.
struct Subject {
    std::vector<std::byte> header;
    std::unique_ptr<LoadedModel> model;
};

// Making and loading a model takes a while too: the progress stays at zero, but a cancel is heard.
Result<Subject> openSubject(const BenchmarkOptions& options, const LoadRequest& request,
                            const std::function<bool()>& isContinuing) {
    Subject subject;
    const LoadSink sink = [&](double) { return isContinuing(); };
    if (options.synthetic.empty()) {
        SOTTO_ASSIGN(subject.model, loadModel(request, sink));
        return subject;
    }
    SOTTO_ASSIGN(SyntheticModel synthetic,
                 planSyntheticModel(options.synthetic, options.seed, options.syntheticLayers));
    const GgufRowSource source = [&](const GgufRowRange& range, std::span<std::byte> out) {
        return isContinuing() ? synthetic.source(range, out)
                              : Status(fail(ErrorCode::Cancelled, "The benchmark was cancelled."));
    };
    if (!options.saveModel.empty()) {
        SOTTO_TRY(synthetic.writer.write(options.saveModel, source));
        // A device or a pipe took it; then the test's weights come from memory as without saving.
        if (std::error_code ignored; std::filesystem::is_regular_file(options.saveModel, ignored)) {
            LoadRequest saved = request;
            saved.model.path = options.saveModel;
            SOTTO_ASSIGN(subject.model, loadModel(saved, sink));
            return subject;
        }
    }
    SOTTO_ASSIGN(subject.header, synthetic.writer.headerBytes());
    SOTTO_ASSIGN(auto file, randomModelFile(subject.header, options.synthetic, options.seed));
    SOTTO_ASSIGN(subject.model, loadModel(std::move(file), request, sink));
    return subject;
}

// Tokens of all tests and repeats: what progress is counted in.
std::int64_t totalTokens(const BenchmarkOptions& options) {
    const auto nBatches = static_cast<std::int64_t>(options.batches.size());
    return options.repeats * (options.promptTokens + nBatches * options.generatedTokens);
}

// What this program has on a card.
std::uint64_t bytesOnCard(const LoadedModel& model) {
    std::uint64_t bytes = 0;
    for (const LoadedPart& part : model.parts)
        if (part.isOnCard) bytes += part.memory.total();
    return bytes;
}

struct BenchSequence {
    std::unique_ptr<SequenceRunner> runner;
    std::vector<std::int32_t> text;
};

// Measures one loaded model.
class Bench {
public:
    Bench(LoadedModel& model, const BenchmarkOptions& options, const ProgressSink& progress,
          CardWatch& watch)
        : m_model(model),
          m_options(options),
          m_progress(progress),
          m_watch(watch),
          m_ownBytes(bytesOnCard(model)),
          m_total(totalTokens(options)) {}

    void setBandwidth(const BandwidthMeasurement& bandwidth) { m_bandwidth = bandwidth; }

    Result<BenchmarkRow> prefill() {
        BenchmarkRow row{.test = "pp", .n = m_options.promptTokens, .depth = m_options.depth};
        SequenceRunner runner(m_model);
        SOTTO_TRY(
            runner.run(tokens(m_options.depth + kWarmUp), kNoLogits, {}, [&] { return tell(0); }));
        const std::vector<std::int32_t> prompt = tokens(m_options.promptTokens);
        std::vector<double> rates, times;
        for (std::int32_t repeat = 0; repeat < m_options.repeats; ++repeat) {
            runner.restart(m_options.depth);
            const auto start = BenchClock::now();
            const std::int64_t last = m_options.depth + m_options.promptTokens - 1;
            SOTTO_TRY(runner.run(
                prompt, last, [](std::int64_t, std::span<const float>) {},
                [&] { return tell(0); }));
            const double seconds = secondsSince(start);
            m_watch.readAfterRun(m_ownBytes);
            rates.push_back(double(m_options.promptTokens) / seconds);
            times.push_back(seconds * 1e3);
            if (!tell(m_options.promptTokens)) return cancelled();
        }
        row.tokensPerSecond = spreadOf(rates);
        row.ttftMs = spreadOf(times).median;
        row.tflops = flopsPerToken() * row.tokensPerSecond.median * 1e-12;
        return row;
    }

    Result<BenchmarkRow> decode(std::int32_t nSequences) {
        BenchmarkRow row{.test = "tg",
                         .n = m_options.generatedTokens,
                         .depth = m_options.depth,
                         .batch = nSequences};
        std::vector<BenchSequence> sequences;
        for (std::int32_t index = 0; index < nSequences; ++index) {
            sequences.push_back(
                {std::make_unique<SequenceRunner>(m_model),
                 tokens(m_options.depth + std::max(m_options.generatedTokens, kWarmUp), index)});
            SOTTO_TRY(
                sequences.back().runner->run(tokens(m_options.depth, index), kNoLogits, {}, {}));
        }
        StepExecutor executor(m_model);
        std::vector<double> rates, deviceTimes;
        SOTTO_TRY(decodeSteps(executor, sequences, kWarmUp, 0, deviceTimes));
        deviceTimes.clear();
        for (std::int32_t repeat = 0; repeat < m_options.repeats; ++repeat) {
            for (auto& sequence : sequences) sequence.runner->restart(m_options.depth);
            const auto start = BenchClock::now();
            SOTTO_TRY(decodeSteps(executor, sequences, m_options.generatedTokens, 1, deviceTimes));
            const double seconds = secondsSince(start);
            m_watch.readAfterRun(m_ownBytes);
            rates.push_back(double(m_options.generatedTokens) * nSequences / seconds);
        }
        row.tokensPerSecond = spreadOf(rates);
        row.deviceStepMs = 1e3 * spreadOf(deviceTimes).median;
        rateDecode(row);
        for (const LoadedPart& part : m_model.parts)
            row.nLaunches += part.kernels->launchesPerStep();
        return row;
    }

private:
    static constexpr std::int64_t kNoLogits = INT64_MAX;
    // Brings weights and threads to life; on a card a step is recorded the second time.
    static constexpr std::int64_t kWarmUp = 8;

    static double secondsSince(BenchClock::time_point start) {
        return std::chrono::duration<double>(BenchClock::now() - start).count();
    }
    static tl::unexpected<Error> cancelled() {
        return fail(ErrorCode::Cancelled, "The benchmark was cancelled.");
    }
    bool tell(std::int64_t nTokens) {
        m_done += nTokens;
        return !m_progress || m_progress(std::min(m_done, m_total), m_total);
    }

    // One step reads the weights once and each sequence's cache, half full on average.
    void rateDecode(BenchmarkRow& row) const {
        const double cached = double(row.depth) + double(row.n) / 2;
        row.bytesPerStep = double(m_model.weights.bytesPerStep(row.batch)) +
                           row.batch * cached * double(m_model.kvTokenBytes);
        row.isMeanOfExperts = row.batch > 1 && m_model.weights.expertBytes > 0;
        const double stepsPerSecond = row.tokensPerSecond.median / row.batch;
        row.stepMs = 1e3 / stepsPerSecond;
        row.bandwidthGbS = row.bytesPerStep * stepsPerSecond * 1e-9;
        const auto shareOf = [&](double roof) { return roof > 0 ? row.bandwidthGbS / roof : 0; };
        row.mbu = shareOf(m_bandwidth.readGbS);
        row.shareOfCopy = shareOf(m_bandwidth.copyGbS);
        row.shareOfSpec = shareOf(m_bandwidth.specGbS);
    }

    // Any ids do: the time of a step does not depend on them, but on whether rows of several
    // sequences go to different experts, so each has its own.
    std::vector<std::int32_t> tokens(std::int64_t count, std::int32_t sequence = 0) const {
        std::vector<std::int32_t> ids(static_cast<std::size_t>(count));
        std::uint64_t state = m_options.seed + static_cast<std::uint64_t>(sequence);
        for (std::int32_t& id : ids) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            id = static_cast<std::int32_t>((state >> 33) %
                                           static_cast<std::uint64_t>(m_model.file->config.nVocab));
        }
        return ids;
    }

    // As a chat decodes, greedily: where a device chooses tokens, the next step starts before they
    // are known. `nTold`: tokens of progress per step. Appends each step's time on the device.
    Status decodeSteps(StepExecutor& executor, std::vector<BenchSequence>& sequences,
                       std::int64_t nSteps, std::int64_t nTold, std::vector<double>& deviceTimes) {
        const bool isAhead = executor.isRunningAhead();
        const auto start = [&](bool isFed) { return startStep(executor, sequences, isFed); };
        SOTTO_TRY(start(false));
        for (std::int64_t step = 0; step < nSteps; ++step) {
            const bool hasNext = step + 1 < nSteps;
            if (isAhead && hasNext) SOTTO_TRY(start(true));
            SOTTO_TRY(executor.wait());
            deviceTimes.push_back(executor.seconds());
            if (!tell(nTold)) {
                executor.drain();
                return cancelled();
            }
            if (!isAhead && hasNext) SOTTO_TRY(start(false));
        }
        return {};
    }

    // `isFed`: with the tokens that the step under way will have chosen, else with the sequences'
    // own.
    Status startStep(StepExecutor& executor, std::vector<BenchSequence>& sequences, bool isFed) {
        StepPlan plan;
        std::vector<StepSource> sources;
        for (auto& sequence : sequences) {
            const std::int64_t position = sequence.runner->nTokens();
            const std::size_t nKnown =
                isFed ? static_cast<std::size_t>(position) : sequence.text.size();
            const auto row = static_cast<std::int32_t>(sources.size());
            plan.slices.push_back({sources.size(), position, 1, 1, StepPhase::Answering});
            sources.push_back({std::span(sequence.text).first(nKnown), &sequence.runner->memory(),
                               TokenChoice{}, row});
        }
        return executor.start(plan, sources, {});
    }

    // Two per weight of every matrix a prompt's token passes (not the head, which one row of the
    // prompt needs) and four per cached element of every query head, at the prompt's middle.
    double flopsPerToken() const {
        double flops = 0;
        for (const WeightEntry& entry : m_model.file->table.entries)
            if (!entry.isVector() && entry.layerIndex >= 0)
                flops += 2.0 * double(usedByToken(
                                   m_model.file->config, entry,
                                   static_cast<std::uint64_t>(entry.tensor->elementCount())));
        const double cached = double(m_options.depth) + double(m_options.promptTokens) / 2;
        for (const LayerConfig& layer : m_model.file->config.layers)
            flops += 4.0 * cached * layer.attention.nHeads * layer.attention.headDim;
        return flops;
    }

    LoadedModel& m_model;
    const BenchmarkOptions& m_options;
    const ProgressSink& m_progress;
    CardWatch& m_watch;
    std::uint64_t m_ownBytes = 0;
    BandwidthMeasurement m_bandwidth;
    std::int64_t m_done = 0;
    std::int64_t m_total = 0;
};

BenchmarkReport describe(const LoadedModel& model, const BandwidthMeasurement& bandwidth) {
    BenchmarkReport report;
    report.modelName = model.info.name;
    report.deviceName = model.info.device;
    if (model.info.nGpuLayers == 0)
        report.deviceName = fmt::format("{}, {}", listDevices().front().name, report.deviceName);
    report.readBandwidthGbS = bandwidth.readGbS;
    report.copyBandwidthGbS = bandwidth.copyGbS;
    report.specBandwidthGbS = bandwidth.specGbS;
    report.deviceNote = model.info.deviceNote;
    report.weightBytes = model.weights.mappedBytes + model.weights.residentBytes;
    for (const WeightUse& use : model.info.weightUse) report.bytesPerToken += use.bytesPerToken;
    return report;
}

PromptProducts productsOf(const LoadedModel& model) {
    PromptProducts products;
    for (const LoadedPart& part : model.parts) {
        const ProductUse use = part.kernels->productUse();
        products.byOwnKernels += use.own;
        products.byCublas += use.library;
        if (!use.refusal.empty()) products.refusal = use.refusal;
    }
    return products;
}

// Positions of the cache that the largest batch takes: one pool for all its sequences, each rounded
// up to whole blocks.
std::int64_t neededContext(const BenchmarkOptions& options) {
    const std::int64_t longest =
        options.depth + std::max(options.promptTokens, options.generatedTokens) + kBlockTokens;
    const std::int32_t largest = *std::max_element(options.batches.begin(), options.batches.end());
    return largest * (longest + kBlockTokens);
}

Status checkContext(const LoadedModel& model, std::int64_t needed) {
    if (model.contextTokens() >= needed) return {};
    Error error{ErrorCode::ContextFull,
                fmt::format("The test needs a context of {} tokens and this model has {}; choose "
                            "fewer tokens, depth or batch.",
                            needed, model.contextTokens())};
    error.needed = static_cast<std::uint64_t>(needed);
    error.available = static_cast<std::uint64_t>(model.contextTokens());
    return fail(std::move(error));
}

Result<BandwidthMeasurement> bandwidthOf(const BenchmarkOptions& options, const std::string& card) {
    if (options.bandwidth) return *options.bandwidth;
    return measureDeviceBandwidth(card.empty() ? "cpu" : card, options.engine.nThreads);
}

Result<BenchmarkReport> runChecked(const BenchmarkOptions& options, const ProgressSink& progress) {
    SOTTO_TRY(checkOptions(options));
    LoadRequest request{options.engine, options.model};
    request.model.contextTokens = neededContext(options);
    const std::string card = cardOf(options.engine);
    CardWatch watch(card.empty() ? nullptr : openDeviceTelemetry(card));
    // Measured before the weights are in memory, as the engine does.
    SOTTO_ASSIGN(const BandwidthMeasurement bandwidth, bandwidthOf(options, card));
    const auto isContinuing = [&] { return !progress || progress(0, totalTokens(options)); };
    SOTTO_ASSIGN(Subject subject, openSubject(options, request, isContinuing));
    LoadedModel& model = *subject.model;
    SOTTO_TRY(checkContext(model, request.model.contextTokens));

    BenchmarkReport report = describe(model, bandwidth);
    Bench bench(model, options, progress, watch);
    bench.setBandwidth(bandwidth);
    if (options.promptTokens > 0) {
        SOTTO_ASSIGN(BenchmarkRow row, bench.prefill());
        report.rows.push_back(std::move(row));
    }
    for (const std::int32_t batch : options.batches) {
        if (options.generatedTokens == 0) break;
        SOTTO_ASSIGN(BenchmarkRow row, bench.decode(batch));
        if (report.launchesPerToken == 0) report.launchesPerToken = row.nLaunches;
        report.rows.push_back(std::move(row));
    }
    report.products = productsOf(model);
    report.card = watch.readings();
    return report;
}

}  // namespace

Result<BenchmarkReport> runBenchmark(const BenchmarkOptions& options,
                                     const ProgressSink& progress) {
    return guarded([&] { return runChecked(options, progress); });
}

}  // namespace sotto
