// Calls back once when something took too long. The callback runs on the watchdog's own thread, and
// never after stop().
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace sotto::app {

class ScriptWatchdog {
public:
    explicit ScriptWatchdog(std::function<void()> onLate);

    void start(std::chrono::milliseconds limit);
    // True: it was too late, and the callback has been called.
    bool stop();

private:
    void run(const std::stop_token& ending);

    std::function<void()> m_onLate;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::optional<std::chrono::steady_clock::time_point> m_deadline;  // guarded by m_mutex
    bool m_wasLate = false;                                           // guarded by m_mutex
    std::jthread m_thread;                                            // last: it uses the others
};

}  // namespace sotto::app
