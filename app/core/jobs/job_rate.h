// JobRate: how fast a job goes, from what a reader saw of its progress. Plain value, one thread;
// times are seconds of any clock that does not go back.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "app/core/jobs/job.h"

namespace sotto::app {

class JobRate {
public:
    void note(double seconds, std::uint64_t done);
    // Behind a pause nothing of before counts.
    void reset() { m_samples.clear(); }

    // Units per second over the last seconds; nothing before there is enough to tell by.
    std::optional<double> perSecond() const;
    // Nothing while the rate or the total is not known, or nothing moves.
    std::optional<double> secondsLeft(const JobProgress& progress) const;

private:
    struct Sample {
        double seconds = 0;
        std::uint64_t done = 0;
    };
    std::deque<Sample> m_samples;
};

}  // namespace sotto::app
