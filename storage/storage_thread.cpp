#include "storage/storage_thread.h"

#include <algorithm>
#include <exception>
#include <future>
#include <new>
#include <utility>

namespace sotto::storage {

StorageThread::StorageThread(std::unique_ptr<SqliteDatabase> database, StorageOptions options)
    : m_options(std::move(options)), m_database(std::move(database)) {
    m_database->watchLock(m_options.busyTimeoutMs, m_isWaitingForLock);
    m_thread = std::thread([this] { loop(); });
}

StorageThread::~StorageThread() {
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

bool StorageThread::post(Command command) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_hasEnded) return false;
        m_commands.push_back(std::move(command));
    }
    m_wake.notify_one();
    return true;
}

void StorageThread::runAndWait(const Command& command) {
    // Shared: the waiting side may be gone before set_value has returned.
    auto done = std::make_shared<std::promise<void>>();
    const std::future<void> finished = done->get_future();
    const bool isTaken = post([&command, done](Database& database) {
        // Also when the command throws: who waits must not wait for ever.
        const std::unique_ptr<std::promise<void>, void (*)(std::promise<void>*)> atEnd(
            done.get(), [](std::promise<void>* promise) { promise->set_value(); });
        command(database);
    });
    if (isTaken) finished.wait();
}

void StorageThread::retryNow(std::function<void(Status)> done) {
    const bool isTaken = post([this, done](Database&) {
        Status status = flush();
        if (done) done(std::move(status));
    });
    if (!isTaken && done) done(fail(ErrorCode::Closed, "The storage is closed."));
}

std::optional<IndexMove::Clock::time_point> StorageThread::nextSlice() const {
    if (!m_options.hasUpkeep) return std::nullopt;
    return m_database->indexMove().nextSlice();
}

std::optional<AnswerWriter::Clock::time_point> StorageThread::nextDue() const {
    const auto flush = m_database->nextFlush();
    const auto slice = nextSlice();
    return flush && slice ? std::min(*flush, *slice) : flush ? flush : slice;
}

std::optional<StorageThread::Command> StorageThread::nextCommand() {
    const auto due = nextDue();
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
            moveIfIdle();
        } catch (const std::exception& exception) {
            reportException(exception);
        }
        m_isWaitingForLock = false;
        m_unsavedBytes = m_database->unsavedBytes();
        const std::lock_guard lock(m_mutex);
        m_hasEnded = m_isStopping && m_commands.empty();
        if (m_hasEnded) break;
    }
    // Closed here, because a connection belongs to its thread.
    m_database.reset();
}

void StorageThread::flushIfDue() {
    const auto due = m_database->nextFlush();
    // An answer that could not be written may also have been written by its own end, or deleted.
    if (!due) reportRecovery();
    if (due && *due <= AnswerWriter::Clock::now()) (void)flush();
}

// Nobody waits for it, and none of it is text: it is tried again, and not told when it fails.
void StorageThread::moveIfIdle() {
    const auto due = nextSlice();
    if (!due || *due > IndexMove::Clock::now()) return;
    {
        const std::lock_guard lock(m_mutex);
        if (m_isStopping || !m_commands.empty()) return;
    }
    m_database->indexMove().runSlice();
}

Status StorageThread::flush() {
    Status status = m_database->messages().flushAnswers();
    if (status) {
        reportRecovery();
    } else {
        reportFailure(status.error());
    }
    return status;
}

void StorageThread::reportFailure(const Error& error) {
    const bool isNew = m_reportedFailures.insert(error.code).second;
    if (isNew && m_options.onBackgroundError) m_options.onBackgroundError(error);
}

void StorageThread::reportRecovery() {
    for (const ErrorCode code : std::exchange(m_reportedFailures, {})) {
        if (m_options.onBackgroundRecovered) m_options.onBackgroundRecovered(code);
    }
}

// A command that nobody waits for. Nothing stays failed by it, so nothing recovers from it.
void StorageThread::reportException(const std::exception& exception) {
    if (m_options.onBackgroundError) m_options.onBackgroundError(commandError(exception));
}

Error commandError(const std::exception& exception) {
    const bool isMemory = dynamic_cast<const std::bad_alloc*>(&exception) != nullptr;
    return {isMemory ? ErrorCode::OutOfMemory : ErrorCode::Internal,
            "A change could not be stored because the program ran into a limit of this machine: "
            "close other programs and try again.",
            exception.what(), 0, 0};
}

}  // namespace sotto::storage
