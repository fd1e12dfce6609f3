#include "app/bridge/delivery_pace.h"

#include <algorithm>
#include <utility>

namespace sotto::app {
namespace {

using std::chrono::milliseconds;

// 30 deliveries a second: streamed text is drawn no faster (UI.md section 3).
constexpr milliseconds kFrame{33};
// The next delivery comes after so many times what the last one cost, but before the answer seems
// to stand still.
constexpr int kTimesPause = 12;
constexpr milliseconds kLongestFrame{300};

}  // namespace

std::chrono::milliseconds steadyMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

DeliveryPace::DeliveryPace(Clock clock)
    : m_clock(std::move(clock)), m_begin(m_clock()), m_pause(kFrame) {}

void DeliveryPace::begin() { m_begin = m_clock(); }

void DeliveryPace::end(bool isText) {
    const milliseconds cost = isText ? m_clock() - m_begin : milliseconds(0);
    m_pause = std::clamp(kTimesPause * cost, kFrame, kLongestFrame);
}

milliseconds DeliveryPace::untilNext() const {
    return std::max(milliseconds(0), m_begin + m_pause - m_clock());
}

}  // namespace sotto::app
