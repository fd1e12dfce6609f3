#include "app/hub/hub_worker.h"

#include <system_error>

namespace sotto::app {

HubWorker::HubWorker(int nThreads) {
    try {
        for (int index = 0; index < nThreads; ++index) m_threads.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
        // Those that could be had do all of it; with none, a question gets no answer.
    }
}

HubWorker::~HubWorker() {
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
        for (std::stop_source& running : m_running) running.request_stop();
        m_wake.notify_all();
    }
    for (std::thread& thread : m_threads) thread.join();
}

void HubWorker::add(Task task) {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(task));
    m_wake.notify_one();
}

void HubWorker::work() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return m_isClosing || !m_waiting.empty(); });
        if (m_isClosing) return;
        Task task = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (task.stop.stop_requested()) continue;
        const auto running = m_running.insert(m_running.end(), task.stop);
        lock.unlock();
        task.run(task.stop.get_token());
        task.run = nullptr;
        lock.lock();
        m_running.erase(running);
    }
}

}  // namespace sotto::app
