// LoadSpec: the arrivals that a load test plays, and how its times are summed up.
//
// Pure: no clock, no engine; any thread. Poisson arrivals as in Kwon et al. 2023 (PagedAttention),
// section 6: exponential gaps between requests, whoever is still being served.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sotto {

struct LoadSpec {
    std::int64_t nStreams = 8;        // most requests in flight; later ones queue, and it counts
    double rate = 0;                  // arrivals per second; 0: all at once
    std::int64_t promptTokens = 300;  // of each request, no two with a common beginning
    std::int64_t answerTokens = 150;  // of each request: end tokens are ignored
    std::int64_t nRequests = 64;
    // Above 0 another test: while nStreams answers are written, a prompt of that many tokens
    // arrives, nRequests times; there are no other arrivals then, and an answer has answerTokens at
    // most.
    std::int64_t intruderTokens = 0;
    std::uint64_t seed = 1;

    // Positions of the cache that all streams can take together, each in whole blocks.
    std::int64_t contextTokens(std::int64_t blockTokens) const;
};

// "streams=8,rate=2,prompt=300,answer=150,requests=64,seed=1", in any order; what is not named
// keeps its value in `defaults`; "intruder=2000" is intruderTokens.
// Errors: InvalidArgument, one sentence that names the part it is about; among them an intruder on
// answers shorter than kQuietAnswerTokens.
inline constexpr std::int64_t kQuietAnswerTokens = 66;  // half of them are written before it comes
Result<LoadSpec> parseLoadSpec(std::string_view text, const LoadSpec& defaults = {});

// How many of a load's requests are in work at once. Those beyond it wait inside the engine, which
// is another load than the one that was asked for.
struct LoadRoom {
    std::int64_t contextTokens = 0;  // that all sequences share
    std::int64_t blockTokens = 1;    // a sequence takes whole blocks
    std::int64_t maxSequences = 0;
};
struct StreamCount {
    std::int64_t most = 0;  // at once, the intruder not counted; at most LoadSpec::nStreams
    std::string note;       // why not all, as a sentence; empty where all that ever come are
};
StreamCount streamsAtOnce(const LoadSpec& spec, const LoadRoom& room);

// The seconds at which the requests arrive, ascending, the first at 0. The same for the same seed
// on every machine: a splitmix64 (Steele et al. 2014) from it gives u in (0, 1], a gap is
// -ln(u) / rate.
std::vector<double> arrivalSeconds(const LoadSpec& spec);

// Ids for one prompt, drawn from `ordinary` (not empty); request by request others.
std::vector<std::int32_t> loadPrompt(std::span<const std::int32_t> ordinary, std::int64_t nTokens,
                                     std::uint64_t seed, std::int64_t requestIndex);

// Of one kind of time over all requests, milliseconds. Percentiles are nearest ranks.
struct TimeSpread {
    std::optional<double> mean;                // nothing without a sample
    std::optional<double> p50, p90, p95, p99;  // nothing below kSamplesForPercentiles
};
inline constexpr std::size_t kSamplesForPercentiles = 20;
TimeSpread timeSpread(std::vector<float> milliseconds);

}  // namespace sotto
