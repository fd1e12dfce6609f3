// RateLimit: so many bytes a second for all downloads together.
//
// Who has received bytes takes them here before it reads more, and waits where they came too early:
// the connection fills up and the sender slows down. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "net/api/clock.h"

namespace sotto::net {

class RateLimit {
public:
    RateLimit(Clock& clock, std::uint64_t bytesPerSecond)
        : m_clock(clock), m_bytesPerSecond(bytesPerSecond) {}

    void set(std::uint64_t bytesPerSecond) { m_bytesPerSecond.store(bytesPerSecond); }

    // False when it was stopped.
    bool take(std::uint64_t nBytes, const std::stop_token& stop) {
        const std::uint64_t limit = m_bytesPerSecond.load();
        if (limit == 0) return true;
        Clock::Span pause{};
        {
            const std::lock_guard lock(m_mutex);
            const Clock::Time now = m_clock.now();
            // What was not used before is not saved up.
            if (m_paidUntil < now) m_paidUntil = now;
            m_paidUntil += std::chrono::duration_cast<Clock::Span>(std::chrono::duration<double>(
                static_cast<double>(nBytes) / static_cast<double>(limit)));
            pause = m_paidUntil - now;
        }
        return m_clock.wait(pause, stop);
    }

private:
    Clock& m_clock;
    std::atomic<std::uint64_t> m_bytesPerSecond;
    std::mutex m_mutex;
    Clock::Time m_paidUntil{};  // guarded by m_mutex
};

}  // namespace sotto::net
