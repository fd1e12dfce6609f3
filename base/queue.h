// Queue: a bounded, closable first-in-first-out queue between threads.
//
// Any thread pushes, any thread pops. Pushing into a full queue waits; closing wakes everyone, lets
// what is inside be taken out and refuses what comes after.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace sotto {

template <typename T>
class Queue {
public:
    // kUnbounded: pushing never waits.
    explicit Queue(std::size_t capacity) : m_capacity(capacity) {}
    static constexpr std::size_t kUnbounded = SIZE_MAX;

    // False when the queue is closed; `value` is dropped then.
    bool push(T value) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_isClosed || m_values.size() < m_capacity; });
        if (m_isClosed) return false;
        m_values.push_back(std::move(value));
        m_changed.notify_all();
        return true;
    }

    // Nothing when empty.
    std::optional<T> tryPop() {
        const std::lock_guard lock(m_mutex);
        return takeFront();
    }

    // Waits; nothing when closed and empty.
    std::optional<T> pop() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_isClosed || !m_values.empty(); });
        return takeFront();
    }

    // Waits; nothing when none came until `end`, or closed and empty.
    template <typename Clock, typename Duration>
    std::optional<T> popUntil(const std::chrono::time_point<Clock, Duration>& end) {
        std::unique_lock lock(m_mutex);
        m_changed.wait_until(lock, end, [this] { return m_isClosed || !m_values.empty(); });
        return takeFront();
    }

    void close() {
        const std::lock_guard lock(m_mutex);
        m_isClosed = true;
        m_changed.notify_all();
    }

    bool isClosed() const {
        const std::lock_guard lock(m_mutex);
        return m_isClosed;
    }

private:
    std::optional<T> takeFront() {
        if (m_values.empty()) return std::nullopt;
        std::optional<T> value(std::move(m_values.front()));
        m_values.pop_front();
        m_changed.notify_all();
        return value;
    }

    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<T> m_values;   // guarded by m_mutex
    bool m_isClosed = false;  // guarded by m_mutex
};

}  // namespace sotto
