#include "engine/api/load_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "base/rounding.h"
#include "engine/quant/random_bits.h"
#include "engine/schedule/telemetry.h"

namespace sotto {
namespace {

// Far beyond any machine, and no product of them overflows.
constexpr std::int64_t kMostStreams = 4096;
constexpr std::int64_t kMostTokens = 1 << 20;
constexpr std::int64_t kMostRequests = 1'000'000;
constexpr double kHighestRate = 1e6;

struct CountKey {
    std::string_view name;
    std::int64_t LoadSpec::*target;
    std::int64_t least;
    std::int64_t most;
};
constexpr std::array<CountKey, 5> kCounts{{
    {.name = "streams", .target = &LoadSpec::nStreams, .least = 1, .most = kMostStreams},
    {.name = "prompt", .target = &LoadSpec::promptTokens, .least = 1, .most = kMostTokens},
    {.name = "answer", .target = &LoadSpec::answerTokens, .least = 1, .most = kMostTokens},
    {.name = "requests", .target = &LoadSpec::nRequests, .least = 1, .most = kMostRequests},
    {.name = "intruder", .target = &LoadSpec::intruderTokens, .least = 0, .most = kMostTokens},
}};

template <typename Number>
std::optional<Number> wholeNumber(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

tl::unexpected<Error> refuse(std::string message) {
    return fail(ErrorCode::InvalidArgument, std::move(message));
}

Status setRate(std::string_view value, LoadSpec& spec) {
    const auto rate = wholeNumber<double>(value);
    // Written so that NaN is refused.
    if (!rate || !(*rate >= 0 && *rate <= kHighestRate))
        return refuse(
            fmt::format("In the load 'rate' takes arrivals per second from 0 (all at once) to "
                        "{:.0f}, not '{}'.",
                        kHighestRate, value));
    spec.rate = *rate;
    return {};
}

Status setPart(std::string_view name, std::string_view value, LoadSpec& spec) {
    if (name == "rate") return setRate(value, spec);
    if (name == "seed") {
        const auto seed = wholeNumber<std::uint64_t>(value);
        if (!seed)
            return refuse(fmt::format("In the load 'seed' takes a whole number, not '{}'.", value));
        spec.seed = *seed;
        return {};
    }
    for (const CountKey& key : kCounts) {
        if (key.name != name) continue;
        const auto count = wholeNumber<std::int64_t>(value);
        if (!count || *count < key.least || *count > key.most)
            return refuse(
                fmt::format("In the load '{}' takes a whole number from {} to {}, not '{}'.", name,
                            key.least, key.most, value));
        spec.*key.target = *count;
        return {};
    }
    return refuse(
        fmt::format("The load knows streams, rate, prompt, answer, requests, intruder and seed, "
                    "not '{}'.",
                    name));
}

std::uint64_t nextRandom(std::uint64_t& state) { return mixBits(state += kGoldenRatio); }

}  // namespace

std::int64_t LoadSpec::contextTokens(std::int64_t blockTokens) const {
    const auto inBlocks = [&](std::int64_t nTokens) { return roundUp(nTokens, blockTokens); };
    // One block more for the token that is sampled last, and is not read any more.
    const std::int64_t streams = nStreams * inBlocks(promptTokens + answerTokens + 1);
    return streams + (intruderTokens > 0 ? inBlocks(intruderTokens + 1) : 0);
}

Result<LoadSpec> parseLoadSpec(std::string_view text, const LoadSpec& defaults) {
    LoadSpec spec = defaults;
    std::vector<std::string_view> seen;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view part = text.substr(0, comma);
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos)
            return refuse(
                fmt::format("The load is written as streams=8,rate=2,prompt=300; '{}' has no "
                            "value.",
                            part));
        const std::string_view name = part.substr(0, equals);
        for (const std::string_view other : seen)
            if (other == name)
                return refuse(fmt::format("The load names '{}' more than once.", name));
        seen.push_back(name);
        SOTTO_TRY(setPart(name, part.substr(equals + 1), spec));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    if (spec.intruderTokens > 0 && spec.answerTokens < kQuietAnswerTokens)
        return refuse(
            fmt::format("With an 'intruder' the load's 'answer' takes {} tokens or more, half of "
                        "them before it comes.",
                        kQuietAnswerTokens));
    return spec;
}

StreamCount streamsAtOnce(const LoadSpec& spec, const LoadRoom& room) {
    const auto blocksOf = [&](std::int64_t nTokens) { return ceilDiv(nTokens, room.blockTokens); };
    const bool hasIntruder = spec.intruderTokens > 0;
    const std::int64_t nForIntruder = hasIntruder ? blocksOf(spec.intruderTokens + 1) : 0;
    const std::int64_t nBlocks = blocksOf(room.contextTokens) - nForIntruder;
    const std::int64_t byContext =
        std::max<std::int64_t>(0, nBlocks / blocksOf(spec.promptTokens + spec.answerTokens));
    const std::int64_t bySequences = room.maxSequences - (hasIntruder ? 1 : 0);
    const std::int64_t wanted =
        hasIntruder ? spec.nStreams : std::min(spec.nStreams, spec.nRequests);
    StreamCount count;
    count.most = std::min({wanted, byContext, bySequences});
    if (count.most == wanted) return count;
    const std::string beside =
        hasIntruder ? fmt::format(" beside a prompt of {} tokens", spec.intruderTokens) : "";
    const std::string reason =
        byContext < bySequences
            ? fmt::format("the context of {} tokens holds no more", room.contextTokens)
            : fmt::format("the engine works on at most {} requests at once", room.maxSequences);
    count.note = fmt::format("Of {} streams at most {} run at once{}: {}.", spec.nStreams,
                             count.most, beside, reason);
    return count;
}

std::vector<double> arrivalSeconds(const LoadSpec& spec) {
    std::vector<double> arrivals(static_cast<std::size_t>(spec.nRequests), 0.0);
    if (spec.rate <= 0) return arrivals;
    std::uint64_t state = spec.seed;
    double now = 0;
    for (std::size_t requestIndex = 1; requestIndex < arrivals.size(); ++requestIndex) {
        // 53 bits, and never 0: the logarithm is finite.
        const double unit = (double(nextRandom(state) >> 11) + 1) * 0x1p-53;
        now -= std::log(unit) / spec.rate;
        arrivals[requestIndex] = now;
    }
    return arrivals;
}

std::vector<std::int32_t> loadPrompt(std::span<const std::int32_t> ordinary, std::int64_t nTokens,
                                     std::uint64_t seed, std::int64_t requestIndex) {
    // The request's number is mixed first: seeds and numbers that are neighbours share nothing.
    std::uint64_t mixing = static_cast<std::uint64_t>(requestIndex);
    std::uint64_t state = seed ^ nextRandom(mixing);
    std::vector<std::int32_t> ids(static_cast<std::size_t>(nTokens));
    for (std::int32_t& id : ids) id = ordinary[nextRandom(state) % ordinary.size()];
    return ids;
}

TimeSpread timeSpread(std::vector<float> milliseconds) {
    TimeSpread spread;
    if (milliseconds.empty()) return spread;
    spread.mean = std::accumulate(milliseconds.begin(), milliseconds.end(), 0.0) /
                  double(milliseconds.size());
    if (milliseconds.size() < kSamplesForPercentiles) return spread;
    spread.p50 = percentileOf(milliseconds, 0.50);
    spread.p90 = percentileOf(milliseconds, 0.90);
    spread.p95 = percentileOf(milliseconds, 0.95);
    spread.p99 = percentileOf(milliseconds, 0.99);
    return spread;
}

}  // namespace sotto
