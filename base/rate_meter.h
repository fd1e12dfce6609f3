// RateMeter: how fast something goes, over the last seconds, for people to read: a download's
// bytes, a job's units. Plain value; times are of any clock that does not go back.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace sotto {

class RateMeter {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Span = std::chrono::steady_clock::duration;

    // `window`: calm enough to read, short enough to follow. `shortest`: less of a look says
    // nothing.
    explicit RateMeter(Span window, Span shortest = Span(1))
        : m_window(window), m_shortest(shortest) {}

    // Of all that is done until now. Less than before: it began anew.
    void note(Time now, std::uint64_t nDone) {
        if (!m_samples.empty() && nDone < m_samples.back().nDone) reset();
        // Four a second are enough; the last one is always the newest.
        if (m_samples.size() > 1 && now - m_samples[m_samples.size() - 2].at < kSampleSpan)
            m_samples.back() = {.at = now, .nDone = nDone};
        else
            m_samples.push_back({.at = now, .nDone = nDone});
        // The last one that is older than the window stays: the rate is over at least that long.
        while (m_samples.size() > 2 && now - m_samples[1].at >= m_window) m_samples.pop_front();
    }
    // Behind a pause nothing of before counts.
    void reset() { m_samples.clear(); }

    // Nothing before there is enough to tell by. It sinks while nothing comes.
    std::optional<double> perSecond(Time now) const {
        if (m_samples.size() < 2 || now - m_samples.front().at < m_shortest) return std::nullopt;
        const double seconds = std::chrono::duration<double>(now - m_samples.front().at).count();
        return static_cast<double>(m_samples.back().nDone - m_samples.front().nDone) / seconds;
    }

private:
    struct Sample {
        Time at;
        std::uint64_t nDone = 0;
    };
    static constexpr Span kSampleSpan = std::chrono::milliseconds(250);

    Span m_window;
    Span m_shortest;
    std::deque<Sample> m_samples;
};

}  // namespace sotto
