// RateLimit: so many bytes a second for all downloads together.
//
// Who has received bytes takes them here before it reads more, and waits where they came too early:
// the connection fills up and the sender slows down. Any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "net/api/clock.h"

namespace sotto::net {

class RateLimit {
public:
    RateLimit(Clock& clock, std::uint64_t bytesPerSecond)
        : m_clock(clock), m_bytesPerSecond(bytesPerSecond) {}

    // Who waits goes on at the new rate.
    void set(std::uint64_t bytesPerSecond) {
        const std::lock_guard lock(m_mutex);
        m_bytesPerSecond = bytesPerSecond;
        m_paidUntil = m_clock.now();
    }

    std::uint64_t bytesPerSecond() const {
        const std::lock_guard lock(m_mutex);
        return m_bytesPerSecond;
    }

    // False when it was stopped.
    bool take(std::uint64_t nBytes, const std::stop_token& stop) {
        Clock::Span pause = pay(nBytes);
        // In slices: the limit may be lifted meanwhile.
        for (; pause > kSlice; pause = stillOwed(pause))
            if (!m_clock.wait(kSlice, stop)) return false;
        return pause <= Clock::Span::zero() || m_clock.wait(pause, stop);
    }

private:
    static constexpr Clock::Span kSlice = std::chrono::milliseconds(200);

    Clock::Span pay(std::uint64_t nBytes) {
        const std::lock_guard lock(m_mutex);
        if (m_bytesPerSecond == 0) return {};
        const Clock::Time now = m_clock.now();
        // What was not used before is not saved up.
        if (m_paidUntil < now) m_paidUntil = now;
        m_paidUntil += std::chrono::duration_cast<Clock::Span>(std::chrono::duration<double>(
            static_cast<double>(nBytes) / static_cast<double>(m_bytesPerSecond)));
        return m_paidUntil - now;
    }

    // Behind a slice of `pause`: the rest of it, or less where all is paid sooner by now.
    Clock::Span stillOwed(Clock::Span pause) {
        const std::lock_guard lock(m_mutex);
        return std::min(pause - kSlice, m_paidUntil - m_clock.now());
    }

    Clock& m_clock;
    mutable std::mutex m_mutex;
    // Guarded by m_mutex.
    std::uint64_t m_bytesPerSecond;
    Clock::Time m_paidUntil{};
};

}  // namespace sotto::net
