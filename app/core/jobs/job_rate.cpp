#include "app/core/jobs/job_rate.h"

namespace sotto::app {
namespace {

constexpr double kWindow = 10;  // s: calm enough to read, short enough to follow a slower network
constexpr double kLeast = 1;    // s: a shorter look says nothing

}  // namespace

void JobRate::note(double seconds, std::uint64_t done) {
    if (!m_samples.empty() && done < m_samples.back().done) reset();  // it began again
    m_samples.push_back({seconds, done});
    // The last sample that is older than the window stays: the rate is over at least that long.
    while (m_samples.size() > 2 && m_samples[1].seconds <= seconds - kWindow) m_samples.pop_front();
}

std::optional<double> JobRate::perSecond() const {
    if (m_samples.size() < 2) return std::nullopt;
    const double span = m_samples.back().seconds - m_samples.front().seconds;
    if (span < kLeast) return std::nullopt;
    return static_cast<double>(m_samples.back().done - m_samples.front().done) / span;
}

std::optional<double> JobRate::secondsLeft(const JobProgress& progress) const {
    const std::optional<double> rate = perSecond();
    if (!rate || *rate <= 0 || progress.total <= progress.done) return std::nullopt;
    return static_cast<double>(progress.total - progress.done) / *rate;
}

}  // namespace sotto::app
