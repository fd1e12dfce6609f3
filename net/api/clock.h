// Clock: the time that the network's waiting goes by, so that tests need not wait.
//
// Place: stalls, pauses between attempts, limits of rate. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace sotto::net {

class Clock {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Span = std::chrono::steady_clock::duration;

    virtual ~Clock() = default;

    virtual Time now() const = 0;
    // Milliseconds since 1970, for the ledger.
    virtual std::int64_t wallMs() const = 0;
    // False when it was stopped before the end.
    virtual bool wait(Span span, const std::stop_token& stop) = 0;
};

// The machine's own.
class SystemClock final : public Clock {
public:
    Time now() const override;
    std::int64_t wallMs() const override;
    bool wait(Span span, const std::stop_token& stop) override;
};

}  // namespace sotto::net
