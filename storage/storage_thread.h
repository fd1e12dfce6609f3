// StorageThread: the one thread that touches the database: runs commands in order and flushes
// streamed answers when they are due, also in the middle of a busy queue; where nothing waits, it
// moves the search index of an older library on.
//
// Owns the thread and the Database. post() and runAndWait() from any thread; the rest is the
// thread's own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "storage/api/storage.h"
#include "storage/sqlite_database.h"

namespace sotto::storage {

class StorageThread {
public:
    using Command = std::function<void(Database&)>;

    StorageThread(std::unique_ptr<SqliteDatabase> database, StorageOptions options);
    // Runs what is queued, then closes the database on the thread and joins.
    ~StorageThread();
    StorageThread(const StorageThread&) = delete;
    StorageThread& operator=(const StorageThread&) = delete;

    // False: it has ended already, the command was dropped.
    bool post(Command command);
    // Returns without having run the command when the thread has ended.
    void runAndWait(const Command& command);
    void retryNow(std::function<void(Status)> done);
    std::int64_t unsavedBytes() const { return m_unsavedBytes.load(); }
    bool isWaitingForLock() const { return m_isWaitingForLock.load(); }

private:
    void loop();
    std::optional<IndexMove::Clock::time_point> nextSlice() const;
    std::optional<AnswerWriter::Clock::time_point> nextDue() const;
    std::optional<Command> nextCommand();  // nothing: something is due, or it is time to stop
    void flushIfDue();
    void moveIfIdle();
    Status flush();
    void reportFailure(const Error& error);
    void reportRecovery();
    void reportException(const std::exception& exception);

    StorageOptions m_options;
    std::atomic<bool> m_isWaitingForLock{false};  // the database refers to it
    std::unique_ptr<SqliteDatabase> m_database;   // used by the thread only
    std::set<ErrorCode> m_reportedFailures;       // used by the thread only
    std::atomic<std::int64_t> m_unsavedBytes{0};

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Command> m_commands;  // guarded by m_mutex
    bool m_isStopping = false;       // guarded by m_mutex
    bool m_hasEnded = false;         // guarded by m_mutex: no command is taken any more

    std::thread m_thread;  // last: it uses everything above
};

// Of a command that threw.
Error commandError(const std::exception& exception);

}  // namespace sotto::storage
