// Backoff: pauses between attempts that double each time, from one second to one minute.
//
// Without chance in them: one person's program does not come in herds.
#pragma once

#include <algorithm>
#include <chrono>

#include "net/api/clock.h"

namespace sotto::net {

class Backoff {
public:
    Clock::Span next() {
        const Clock::Span pause = m_next;
        m_next = std::min<Clock::Span>(m_next * 2, std::chrono::seconds(60));
        return pause;
    }
    void reset() { m_next = std::chrono::seconds(1); }

private:
    Clock::Span m_next = std::chrono::seconds(1);
};

}  // namespace sotto::net
