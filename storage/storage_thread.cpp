#include "storage/storage_thread.h"

#include <exception>
#include <future>
#include <utility>

namespace sotto::storage {

StorageThread::StorageThread(std::unique_ptr<SqliteDatabase> database, StorageOptions options)
    : m_options(std::move(options)),
      m_database(std::move(database)),
      m_thread([this] { loop(); }) {}

StorageThread::~StorageThread() {
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

void StorageThread::post(Command command) {
    {
        const std::lock_guard lock(m_mutex);
        m_commands.push_back(std::move(command));
    }
    m_wake.notify_one();
}

void StorageThread::runAndWait(const Command& command) {
    // Shared: the waiting side may be gone before set_value has returned.
    auto done = std::make_shared<std::promise<void>>();
    const std::future<void> finished = done->get_future();
    post([&command, done](Database& database) {
        // Also when the command throws: who waits must not wait for ever.
        const std::unique_ptr<std::promise<void>, void (*)(std::promise<void>*)> atEnd(
            done.get(), [](std::promise<void>* promise) { promise->set_value(); });
        command(database);
    });
    finished.wait();
}

std::optional<StorageThread::Command> StorageThread::nextCommand() {
    const auto due = m_database->nextFlush();
    std::unique_lock lock(m_mutex);
    const auto isAwake = [this] { return m_isStopping || !m_commands.empty(); };
    if (due) {
        m_wake.wait_until(lock, *due, isAwake);
    } else {
        m_wake.wait(lock, isAwake);
    }
    if (m_commands.empty()) return std::nullopt;
    std::optional<Command> command(std::move(m_commands.front()));
    m_commands.pop_front();
    return command;
}

void StorageThread::loop() {
    while (true) {
        // The one place that catches: an exception (out of memory) ends its command, not the
        // program; the transaction it was in is rolled back on its way here.
        try {
            if (const std::optional<Command> command = nextCommand()) (*command)(*m_database);
            flushIfDue();
        } catch (const std::exception& exception) {
            reportException(exception);
        }
        const std::lock_guard lock(m_mutex);
        if (m_isStopping && m_commands.empty()) break;
    }
    // Closed here, because a connection belongs to its thread.
    m_database.reset();
}

void StorageThread::flushIfDue() {
    const auto due = m_database->nextFlush();
    if (!due || *due > AnswerWriter::Clock::now()) return;
    reportFlush(m_database->messages().flushAnswers());
}

void StorageThread::reportException(const std::exception& exception) {
    if (!m_options.onBackgroundError) return;
    m_options.onBackgroundError({ErrorCode::Internal,
                                 "A change could not be stored because the program ran into a "
                                 "limit of this machine: close other programs and try again.",
                                 exception.what()});
}

void StorageThread::reportFlush(const Status& status) {
    if (status) {
        if (m_reportedFailure && m_options.onBackgroundRecovered) m_options.onBackgroundRecovered();
        m_reportedFailure.reset();
        return;
    }
    if (m_reportedFailure == status.error().code) return;
    m_reportedFailure = status.error().code;
    if (m_options.onBackgroundError) m_options.onBackgroundError(status.error());
}

}  // namespace sotto::storage
