#include "app/formula/script_watchdog.h"

namespace sotto::app {

ScriptWatchdog::ScriptWatchdog(std::function<void()> onLate)
    : m_onLate(std::move(onLate)),
      m_thread([this](const std::stop_token& ending) { run(ending); }) {}

void ScriptWatchdog::start(std::chrono::milliseconds limit) {
    {
        const std::lock_guard lock(m_mutex);
        m_deadline = std::chrono::steady_clock::now() + limit;
        m_wasLate = false;
    }
    m_changed.notify_one();
}

bool ScriptWatchdog::stop() {
    const std::lock_guard lock(m_mutex);
    m_deadline.reset();
    return m_wasLate;
}

void ScriptWatchdog::run(const std::stop_token& ending) {
    std::unique_lock lock(m_mutex);
    while (!ending.stop_requested()) {
        if (!m_deadline) {
            m_changed.wait(lock, ending, [this] { return m_deadline.has_value(); });
            continue;
        }
        const auto deadline = *m_deadline;
        m_changed.wait_until(lock, ending, deadline, [&] { return m_deadline != deadline; });
        if (m_deadline != deadline || std::chrono::steady_clock::now() < deadline) continue;
        m_deadline.reset();
        m_wasLate = true;
        m_onLate();  // under the lock, so that stop() waits for it
    }
}

}  // namespace sotto::app
