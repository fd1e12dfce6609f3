#include "app/hub/hub_worker.h"

#include <system_error>

namespace sotto::app {

namespace {

constexpr int kQuestionsAtOnce = 4;

}  // namespace

HubWorker::~HubWorker() {
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
        if (m_kind == Kind::Questions) {
            m_waiting.clear();
            for (std::stop_source& running : m_running) running.request_stop();
        }
        m_wake.notify_all();
    }
    for (std::thread& thread : m_threads) thread.join();
}

Error HubWorker::noThread() {
    return {.code = ErrorCode::OutOfMemory,
            .message =
                "The system gives no thread for the network: close other programs and start "
                "Sotto again."};
}

void HubWorker::startThreads() {
    const int nThreads = m_kind == Kind::Orders ? 1 : kQuestionsAtOnce;
    try {
        for (int index = 0; index < nThreads; ++index) m_threads.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
        // Those that could be had do all of it.
    }
}

bool HubWorker::add(Task task) {
    if (m_threads.empty()) startThreads();
    if (m_threads.empty()) return false;
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(task));
    m_wake.notify_one();
    return true;
}

void HubWorker::work() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return m_isClosing || !m_waiting.empty(); });
        if (m_waiting.empty()) return;
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
