#include <condition_variable>
#include <mutex>

#include "net/api/clock.h"

namespace sotto::net {

Clock::Time SystemClock::now() const { return std::chrono::steady_clock::now(); }

std::int64_t SystemClock::wallMs() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

bool SystemClock::wait(Span span, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    return !stopped.wait_for(lock, stop, span, [&] { return stop.stop_requested(); });
}

}  // namespace sotto::net
