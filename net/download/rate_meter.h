// RateMeter: bytes a second over the last seconds, for people to read.
#pragma once

#include <cstdint>
#include <deque>

#include "net/api/clock.h"

namespace sotto::net {

class RateMeter {
public:
    // Of the bytes received in all. Less than before: it began anew.
    void note(Clock::Time now, std::uint64_t nBytes) {
        if (!m_samples.empty() && nBytes < m_samples.back().nBytes) m_samples.clear();
        // Four a second are enough; the last one is always the newest.
        if (m_samples.size() > 1 && now - m_samples[m_samples.size() - 2].at < kSampleSpan)
            m_samples.back() = {.at = now, .nBytes = nBytes};
        else
            m_samples.push_back({.at = now, .nBytes = nBytes});
        while (m_samples.size() > 2 && now - m_samples.front().at > kSpan) m_samples.pop_front();
    }

    double bytesPerSecond(Clock::Time now) const {
        if (m_samples.size() < 2) return 0;
        const double seconds = std::chrono::duration<double>(now - m_samples.front().at).count();
        const auto nBytes = static_cast<double>(m_samples.back().nBytes - m_samples.front().nBytes);
        return seconds > 0 ? nBytes / seconds : 0;
    }

private:
    struct Sample {
        Clock::Time at;
        std::uint64_t nBytes = 0;
    };
    static constexpr Clock::Span kSpan = std::chrono::seconds(5);
    static constexpr Clock::Span kSampleSpan = std::chrono::milliseconds(250);

    std::deque<Sample> m_samples;
};

}  // namespace sotto::net
