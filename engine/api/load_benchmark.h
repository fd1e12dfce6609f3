// A load test: many requests against the real engine, as a server's users would send them.
//
// Flow: load_spec (who arrives when) → here → an Engine of its own, through its public door only.
// An answer's time is TTFT + TPOT * (tokens - 1); TTFT begins when the request arrives, so that the
// wait for a free stream is part of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/evaluate.h"
#include "engine/api/load_spec.h"

namespace sotto {

struct LoadTestOptions {
    EngineOptions engine;
    LoadOptions model;  // contextTokens 0: what all streams take together
    LoadSpec spec;
};

// Answers that are being written while a long prompt arrives.
struct IntruderReport {
    TimeSpread quietGaps;         // between two tokens of an answer, nobody else arriving
    TimeSpread disturbedGaps;     // those that meet the time in which the long prompt was read
    TimeSpread ttft;              // of the long prompt
    std::optional<double> ratio;  // p95 of the disturbed gaps over that of the quiet ones
};

struct LoadReport {
    std::string modelName;
    std::string deviceName;  // "avx512-vnni, 2 threads"
    std::string deviceNote;  // why not all of it is on the card; mostly empty
    std::int64_t contextTokens = 0;
    StreamCount streams;         // that ran at once at most; the wait of others is in their times
    double seconds = 0;          // from the first arrival to the last token
    double tokensPerSecond = 0;  // generated, of all streams
    double promptTokensPerSecond = 0;
    double requestsPerSecond = 0;     // answered (QPS)
    TimeSpread ttft, tpot, endToEnd;  // of the requests
    TimeSpread gaps;                  // between two tokens of one answer, of all answers
    std::int64_t nPreemptions = 0;
    double kvUse = 0;  // most of the cache's blocks that were taken at once, 0..1
    std::optional<IntruderReport> intruder;
};

// Loads the model, warms it up with one short answer and plays. `progress` counts generated tokens.
// Errors: those of createEngine, of loading and of a request; ContextFull (the context does not
// hold one request); InvalidArgument (an intruder would wait for a stream, and there would be no
// running answers to disturb: says how many streams fit); Cancelled.
Result<LoadReport> runLoadTest(const LoadTestOptions& options, const ProgressSink& progress);

}  // namespace sotto
