// StorageThread: the one thread that touches the database: runs commands in order and flushes
// streamed answers when they are due, also in the middle of a busy queue.
//
// Owns the thread and the Database. post() and runAndWait() from any thread; the rest is the
// thread's own.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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

    void post(Command command);
    void runAndWait(const Command& command);

private:
    void loop();
    std::optional<Command> nextCommand();  // nothing: a flush is due, or it is time to stop
    void flushIfDue();
    void reportFlush(const Status& status);
    void reportException(const std::exception& exception);

    StorageOptions m_options;
    std::unique_ptr<SqliteDatabase> m_database;  // used by the thread only
    std::optional<ErrorCode> m_reportedFailure;  // used by the thread only

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Command> m_commands;  // guarded by m_mutex
    bool m_isStopping = false;       // guarded by m_mutex

    std::thread m_thread;  // last: it uses everything above
};

}  // namespace sotto::storage
