// DeliveryPace: when the window takes the next events of the engine: 30 times a second, and less
// often where showing the last ones took long, such as the text of one long paragraph.
//
// The clock is given. Any thread, one at a time.
#pragma once

#include <chrono>
#include <functional>

namespace sotto::app {

// The clock of the program.
std::chrono::milliseconds steadyMs();

class DeliveryPace {
public:
    using Clock = std::function<std::chrono::milliseconds()>;  // since any moment, never less

    explicit DeliveryPace(Clock clock);

    // Around each delivery; `isText`: it had text to show.
    void begin();
    void end(bool isText);
    // Until the next one, at least 0.
    std::chrono::milliseconds untilNext() const;

private:
    Clock m_clock;
    std::chrono::milliseconds m_begin;
    std::chrono::milliseconds m_pause;  // from that moment to the next delivery
};

}  // namespace sotto::app
