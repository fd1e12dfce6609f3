// HubWorker: questions to the hub and orders to its downloads, off the GUI thread; what comes of
// them is told there.
//
// Two of them: questions wait for the network, several at once; orders wait for a disk, one after
// the other, and never behind a question. Owns its threads, made when there is something to do;
// what the work borrows must outlive it. start() is for the GUI thread.
#pragma once

#include <QCoreApplication>
#include <QPointer>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"

namespace sotto::app {

class HubWorker {
public:
    enum class Kind { Questions, Orders };

    explicit HubWorker(Kind kind) : m_kind(kind) {}
    // Questions: stops what runs and waits for its end; what has not begun never does. Orders: all
    // that were given are carried out first.
    ~HubWorker();
    HubWorker(const HubWorker&) = delete;
    HubWorker& operator=(const HubWorker&) = delete;

    // work(const std::stop_token&) -> Result<T>; done(Result<T>) on the GUI thread, only while
    // `context` is alive and nobody has stopped it by what this returns.
    template <typename Work, typename Done>
    std::stop_source start(QObject* context, Work work, Done done);

private:
    struct Task {
        std::stop_source stop;
        std::function<void(const std::stop_token&)> run;
    };

    static Error noThread();
    void startThreads();
    bool add(Task task);  // false: there is no thread to do it
    void work();

    const Kind m_kind;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Task> m_waiting;             // guarded by m_mutex
    std::list<std::stop_source> m_running;  // guarded by m_mutex
    bool m_isClosing = false;               // guarded by m_mutex
    std::vector<std::thread> m_threads;
};

template <typename Work, typename Done>
std::stop_source HubWorker::start(QObject* context, Work work, Done done) {
    using Outcome = std::invoke_result_t<Work&, const std::stop_token&>;
    Task task;
    std::stop_source stop = task.stop;
    const auto tell = [context = QPointer<QObject>(context), done = std::move(done)](
                          const std::stop_token& token, Outcome outcome) {
        if (QCoreApplication::instance() == nullptr || token.stop_requested()) return;
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [context, token, done, outcome = std::move(outcome)]() mutable {
                if (context && !token.stop_requested()) done(std::move(outcome));
            },
            Qt::QueuedConnection);
    };
    task.run = [work = std::move(work), tell](const std::stop_token& token) mutable {
        std::optional<Outcome> outcome;
        const Status status = guarded([&]() -> Status {
            outcome.emplace(work(token));
            return {};
        });
        if (!status) outcome.emplace(fail(status.error()));
        tell(token, std::move(*outcome));
    };
    if (!add(std::move(task))) tell(stop.get_token(), Outcome(fail(noThread())));
    return stop;
}

}  // namespace sotto::app
