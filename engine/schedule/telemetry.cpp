#include "engine/schedule/telemetry.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>

namespace sotto {
namespace {

double milliseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

// Below these counts a tail percentile says nothing.
constexpr std::size_t kSamplesForP95 = 20;
constexpr std::size_t kSamplesForP99 = 100;

}  // namespace

double percentile(std::vector<float> samples, double fraction) {
    return percentileOf(samples, fraction);
}

double percentileOf(std::span<float> samples, double fraction) {
    if (samples.empty()) return 0;
    const auto rank = static_cast<std::size_t>(std::ceil(fraction * double(samples.size())));
    const std::size_t index = std::clamp<std::size_t>(rank, 1, samples.size()) - 1;
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(index),
                     samples.end());
    return samples[index];
}

void RequestClock::noteToken(Clock::time_point now) {
    if (!m_hasToken) {
        m_firstToken = now;
        m_hasToken = true;
    } else {
        m_tokenMs.push_back(static_cast<float>(milliseconds(now - m_lastToken)));
    }
    m_lastToken = now;
}

void RequestClock::spreadLast(std::int64_t nTokens) {
    const auto count = std::min(static_cast<std::size_t>(nTokens), m_tokenMs.size());
    if (count == 0) return;
    const auto times = std::span(m_tokenMs).last(count);
    std::ranges::fill(times, std::accumulate(times.begin(), times.end(), 0.0f) / float(count));
}

void RequestClock::noteDecodeBytes(std::uint64_t bytes) {
    m_decodeBytes += double(bytes);
    ++m_nDecodeSteps;
}

RequestStats RequestClock::stats(double readBandwidthGbS) const {
    RequestStats stats;
    if (!m_hasToken) return stats;
    stats.ttftMs = milliseconds(m_firstToken - m_submitted);
    stats.prefillMs = milliseconds(m_firstToken - m_prefillStart);
    if (m_tokenMs.empty()) return stats;
    const double seconds = secondsBetween(m_firstToken, m_lastToken);
    stats.tpotMeanMs = seconds * 1e3 / double(m_tokenMs.size());
    m_sorted.assign(m_tokenMs.begin(), m_tokenMs.end());
    stats.tpotP50Ms = percentileOf(m_sorted, 0.5);
    if (m_tokenMs.size() >= kSamplesForP95) stats.tpotP95Ms = percentileOf(m_sorted, 0.95);
    if (m_tokenMs.size() >= kSamplesForP99) stats.tpotP99Ms = percentileOf(m_sorted, 0.99);
    if (seconds > 0) stats.tokensPerSecond = double(m_tokenMs.size()) / seconds;
    if (m_nDecodeSteps > 0) stats.bytesPerStep = m_decodeBytes / double(m_nDecodeSteps);
    if (readBandwidthGbS > 0 && seconds > 0)
        stats.mbu = m_decodeBytes / seconds / (readBandwidthGbS * 1e9);
    return stats;
}

void StepMeter::note(Clock::time_point end, Seconds seconds, std::int64_t nTokens,
                     std::uint64_t nBytes) {
    m_steps[m_next] = {end, seconds, nTokens, nBytes};
    m_next = (m_next + 1) % kSteps;
}

StepMeter::Sum StepMeter::lastSecond(Clock::time_point now) const {
    Sum sum;
    for (const Step& step : m_steps) {
        if (step.nTokens == 0 || now - step.end > std::chrono::seconds(1)) continue;
        sum.seconds.whole += step.seconds.whole;
        sum.seconds.reading += step.seconds.reading;
        sum.tokens += double(step.nTokens);
        sum.bytes += double(step.nBytes);
    }
    return sum;
}

double StepMeter::tokensPerSecond(Clock::time_point now) const {
    const Sum sum = lastSecond(now);
    return sum.seconds.whole > 0 ? sum.tokens / sum.seconds.whole : 0;
}

double StepMeter::bandwidthGbS(Clock::time_point now) const {
    const Sum sum = lastSecond(now);
    return sum.seconds.reading > 0 ? sum.bytes / sum.seconds.reading * 1e-9 : 0;
}

static_assert(std::is_trivially_copyable_v<EngineSnapshot>);

double combinedReadGbS(std::span<const ReadShare> shares) {
    if (shares.size() == 1) return shares[0].gbS;
    double bytes = 0;
    double seconds = 0;
    for (const ReadShare& share : shares) {
        if (share.gbS <= 0) return 0;
        bytes += static_cast<double>(share.bytes);
        seconds += static_cast<double>(share.bytes) / (share.gbS * 1e9);
    }
    return seconds > 0 ? bytes / seconds / 1e9 : 0;
}

void SnapshotCell::store(const EngineSnapshot& snapshot) {
    std::array<std::uint64_t, kWords> words{};
    std::memcpy(words.data(), &snapshot, sizeof snapshot);
    const std::uint64_t version = m_version.load(std::memory_order_relaxed);
    m_version.store(version + 1, std::memory_order_relaxed);
    // Release on each word, acquire at the reader: who sees a new word also sees the odd version
    // before it. (Fences would do as well, but the thread sanitizer does not understand them.)
    for (std::size_t wordIndex = 0; wordIndex < kWords; ++wordIndex)
        m_words[wordIndex].store(words[wordIndex], std::memory_order_release);
    m_version.store(version + 2, std::memory_order_release);
}

EngineSnapshot SnapshotCell::load() const {
    for (;;) {
        const std::uint64_t before = m_version.load(std::memory_order_acquire);
        std::array<std::uint64_t, kWords> words{};
        for (std::size_t wordIndex = 0; wordIndex < kWords; ++wordIndex)
            words[wordIndex] = m_words[wordIndex].load(std::memory_order_acquire);
        if (before % 2 == 0 && m_version.load(std::memory_order_relaxed) == before) {
            EngineSnapshot snapshot;
            std::memcpy(static_cast<void*>(&snapshot), words.data(), sizeof snapshot);
            return snapshot;
        }
    }
}

}  // namespace sotto
