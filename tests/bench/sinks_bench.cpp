// How well a sliding window tells a text longer than its context, and what a slide takes.
//
//   sinks_bench MODEL TEXT [--context N] [--tokens N] [--threads N] [--kv KEY[,VALUE]]
//
// The text runs through a window that slides (engine/schedule/window_slide.h) and, at each slide,
// through one that is read anew; both tell the tokens that follow. Mean nats per token of both, the
// KL divergence of the second from the first, and the median time of a slide beside that of a
// token. Not a test.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"
#include "engine/schedule/window_slide.h"

using namespace sotto;

namespace {

using Timer = std::chrono::steady_clock;
using Rows = std::vector<std::vector<float>>;
using Tokens = std::vector<std::int32_t>;

struct Options {
    std::string model, text;
    std::int64_t contextTokens = 512;
    std::int64_t nTokens = 0;  // 0: ten contexts
    int nThreads = 2;
    KvTypes kv;
};

Options parse(int argc, char** argv) {
    Options options;
    if (argc > 2) {
        options.model = argv[1];
        options.text = argv[2];
    }
    for (int index = 3; index + 1 < argc; index += 2) {
        const std::string word = argv[index], next = argv[index + 1];
        if (word == "--context") options.contextTokens = std::atoll(next.c_str());
        if (word == "--tokens") options.nTokens = std::atoll(next.c_str());
        if (word == "--threads") options.nThreads = std::atoi(next.c_str());
        if (word == "--kv")
            if (const auto types = kvTypesFromText(next)) options.kv = *types;
    }
    if (options.nTokens == 0) options.nTokens = 10 * options.contextTokens;
    return options;
}

double millisecondsSince(Timer::time_point start) {
    return std::chrono::duration<double, std::milli>(Timer::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

std::vector<double> logProbabilities(std::span<const float> logits) {
    const double most = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double(logit) - most);
    std::vector<double> logs;
    for (const float logit : logits) logs.push_back(double(logit) - most - std::log(sum));
    return logs;
}

struct Sums {
    double slid = 0, fresh = 0, divergence = 0;
    std::int64_t nTokens = 0;

    void add(std::span<const float> slidLogits, std::span<const float> freshLogits,
             std::int32_t token) {
        const auto ofSlid = logProbabilities(slidLogits), ofFresh = logProbabilities(freshLogits);
        slid -= ofSlid[static_cast<std::size_t>(token)];
        fresh -= ofFresh[static_cast<std::size_t>(token)];
        for (std::size_t index = 0; index < ofSlid.size(); ++index)
            divergence += std::exp(ofSlid[index]) * (ofSlid[index] - ofFresh[index]);
        ++nTokens;
    }
};

Result<Rows> read(SequenceRunner& runner, const Tokens& tokens, bool isWanted) {
    Rows rows;
    const std::int64_t first = runner.nTokens() + (isWanted ? 0 : std::ssize(tokens));
    SOTTO_TRY(runner.run(tokens, first,
                         [&](std::int64_t, std::span<const float> row) {
                             rows.emplace_back(row.begin(), row.end());
                         },
                         {}));
    return rows;
}

Status measure(const Options& options) {
    std::ifstream file(options.text, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    LoadOptions load;
    load.path = options.model;
    load.kv = options.kv;
    EngineOptions engine;
    engine.nThreads = options.nThreads;
    // Room for the window that slides and the one that is read anew.
    SOTTO_ASSIGN(const ModelAndText loaded,
                 loadForText(engine, load, text, 2 * options.contextTokens));
    LoadedModel& model = *loaded.model;
    const WindowShape window = windowShape(options.contextTokens);
    if (!window.isUsable() || std::ssize(loaded.tokens) <= options.contextTokens)
        return fail(ErrorCode::InvalidArgument, "The context or the text is too short to slide.");
    const std::int64_t nAll = std::min<std::int64_t>(options.nTokens, std::ssize(loaded.tokens));
    const auto from = [&](std::int64_t first, std::int64_t count) {
        return Tokens(loaded.tokens.begin() + first, loaded.tokens.begin() + first + count);
    };
    Tokens tokens = from(0, options.contextTokens - 1);
    SequenceRunner slid(model);
    SOTTO_TRY(read(slid, tokens, false));
    Sums sums;
    std::vector<double> slides, perToken;
    for (std::int64_t next = std::ssize(tokens); next + window.stepTokens < nAll;
         next += window.stepTokens) {
        Timer::time_point start = Timer::now();
        SOTTO_TRY(slideMemory(model, slid.memory(), window, nullptr));
        slides.push_back(millisecondsSince(start));
        tokens.erase(tokens.begin() + window.sinkTokens,
                     tokens.begin() + window.sinkTokens + window.stepTokens);
        SequenceRunner fresh(model);
        SOTTO_TRY(read(fresh, tokens, false));
        const Tokens more = from(next, window.stepTokens);
        SOTTO_ASSIGN(const Rows rowsFresh, read(fresh, more, true));
        SOTTO_ASSIGN(const Rows rowsSlid, read(slid, more, true));
        for (std::size_t row = 0; row < more.size(); ++row)
            sums.add(rowsSlid[row], rowsFresh[row],
                     loaded.tokens[static_cast<std::size_t>(next) + row + 1]);
        // A step of one token, as an answer is written.
        fresh.restart(fresh.nTokens() - 1);
        start = Timer::now();
        SOTTO_TRY(read(fresh, {more.back()}, true));
        perToken.push_back(millisecondsSince(start));
        tokens.insert(tokens.end(), more.begin(), more.end());
    }
    const auto n = static_cast<double>(sums.nTokens);
    fmt::print(
        "context {}, {} tokens in {} slides of {}: slid {:.4f} nats, read anew {:.4f}, KL {:.4f}; "
        "a slide {:.2f} ms, a token {:.2f} ms\n",
        options.contextTokens, sums.nTokens, slides.size(), window.stepTokens, sums.slid / n,
        sums.fresh / n, sums.divergence / n, median(slides), median(perToken));
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const Status done = measure(parse(argc, argv));
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    return done ? 0 : 1;
}
