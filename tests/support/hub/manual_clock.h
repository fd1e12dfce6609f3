// ManualClock: time that passes when a test says so, and when somebody waits.
//
// A wait returns at once and moves the clock by its length, so that pauses of minutes take none;
// `waits` says what was waited for. Any thread.
#pragma once

#include <mutex>
#include <vector>

#include "net/api/clock.h"

namespace sotto::test {

class ManualClock final : public net::Clock {
public:
    Time now() const override {
        const std::lock_guard lock(m_mutex);
        return m_now;
    }
    std::int64_t wallMs() const override {
        const std::lock_guard lock(m_mutex);
        return std::chrono::duration_cast<std::chrono::milliseconds>(m_now.time_since_epoch())
            .count();
    }
    bool wait(Span span, const std::stop_token& stop) override {
        const std::lock_guard lock(m_mutex);
        m_waits.push_back(span);
        m_now += span;
        return !stop.stop_requested();
    }

    void advance(Span span) {
        const std::lock_guard lock(m_mutex);
        m_now += span;
    }
    std::vector<Span> waits() const {
        const std::lock_guard lock(m_mutex);
        return m_waits;
    }

private:
    mutable std::mutex m_mutex;
    // Guarded by m_mutex.
    Time m_now{std::chrono::hours(1000)};
    std::vector<Span> m_waits;
};

}  // namespace sotto::test
