// Storage: the door to the database for the rest of Sotto. Commands in by queue, results out by
// callback; nothing blocks the caller.
//
// Owns: the storage thread, which owns the Database and its one writing connection.
// Thread rule: every method may be called from any thread. Callbacks run on the storage thread and
// must be short; the app's bridge turns them into events of the window's thread.
// What is safe when: every command that succeeded survives the death of the process. Messages, ends
// of answers and everything that a person decided also survive a power cut (fsync); pieces of a
// streaming answer, drafts and the choice of a version may lose their last seconds then.
// Commands run in the order they were submitted, one at a time. Destroying the Storage runs the
// queue empty, flushes and closes open answers, and joins. Every submitted command ends with its
// `done`, also one that throws (OutOfMemory, Internal) or comes too late (Closed).
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "storage/api/database.h"

namespace sotto::storage {

// Longest time that streamed text stays in memory only, milliseconds. Four writes a second cost
// nothing that can be measured and keep the loss by a kill well under the promised second.
inline constexpr int kAnswerFlushMs = 250;

struct StorageOptions {
    std::filesystem::path path;  // the database file; created when absent (not its folder)
    // Told on the storage thread about failures that no command waits for (a flush on a full
    // disk), once per cause until a write succeeds again.
    std::function<void(const Error&)> onBackgroundError;
    // Told when what failed for this cause works again, or nothing is left that would fail; once
    // for every cause that was told.
    std::function<void(ErrorCode)> onBackgroundRecovered;
    // After a run that did not close the file, it is checked behind the opening; told once, with
    // DatabaseDamaged or another failure of reading, on a thread of the check's own. Not called
    // when the storage is closed before. What can be read of a damaged file: rescue.h.
    std::function<void(Status)> onCheckFinished;
    // False: nothing is brought up to date behind the commands; for a copy that goes with its
    // storage.
    bool hasUpkeep = true;
    int busyTimeoutMs = 3000;  // how long another program's lock is waited for
    std::string vfs;           // SQLite VFS by name; empty: the system's (tests inject faults)

    // A database that lives in memory only: temporary chats, tests, and the way out when no file
    // can be opened. Each one is separate.
    static StorageOptions inMemory();
};

// What opening found and did.
struct OpenReport {
    bool isNew = false;            // the file did not exist
    bool wasUncleanClose = false;  // the last run did not close it; see onCheckFinished
    int migratedFrom = 0;          // schema version before; 0: no migration was needed
    std::filesystem::path backup;  // copy made before migrating; empty when none was needed
    int recoveredAnswers = 0;      // answers that were being written, now Stopped with their text
};

class Storage {
public:
    // Opens or creates the file, checks, migrates and recovers it, starts the thread. A file that
    // is damaged or newer is left as it is. Errors: DiskFull, ReadOnly, Locked, Corrupted,
    // NewerVersion, NotFound (the folder), Io.
    static Result<std::unique_ptr<Storage>> open(StorageOptions options);

    ~Storage();
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    const OpenReport& openReport() const;

    // A fresh id for a chat, folder or message; each is larger than those before. Never blocks.
    std::int64_t newId();

    // Bytes of answers that are in memory only. While one is written the figure is above 0 for up
    // to kAnswerFlushMs at a time; it stays there when writing fails.
    std::int64_t unsavedBytes() const;
    // The storage thread waits now for a lock that another program holds.
    bool isWaitingForLock() const;
    // Bytes of the database and its journal on the disk; 0 in memory.
    std::int64_t fileBytes() const;
    // Writes now what could not be written before, instead of within a second. `done` (may be
    // empty) gets the outcome on the storage thread.
    void retryNow(std::function<void(Status)> done = {});

    // Queues `command`; it gets the Database on the storage thread. `onDropped` is called instead,
    // on the caller's thread, when the storage has been closed already.
    void post(std::function<void(Database&)> command, std::function<void(Error)> onDropped = {});

    // Queues `operation(Database&) -> Result<T>`; `done(Result<T>)` is called with its outcome on
    // the storage thread:
    //   storage.submit([=](Database& db) { return db.chats().rename(id, title); },
    //                  [=](Status status) { … });
    template <typename Operation, typename Done>
    void submit(Operation operation, Done done) {
        using Outcome = std::invoke_result_t<Operation, Database&>;
        // Shared: one of the two calls it.
        auto shared = std::make_shared<Done>(std::move(done));
        post([operation = std::move(operation),
              shared](Database& database) mutable { (*shared)(guard(operation, database)); },
             [shared](Error error) { (*shared)(Outcome(fail(std::move(error)))); });
    }

    // Runs `operation(Database&) -> Result<T>` and waits: for start-up, tests and the command line,
    // never for the window's thread. Not from inside a command (it would wait for itself).
    template <typename Operation>
    auto call(Operation operation) -> std::invoke_result_t<Operation, Database&> {
        using Outcome = std::invoke_result_t<Operation, Database&>;
        Outcome outcome = fail(ErrorCode::Closed, "The storage is closed.");
        runAndWait([&](Database& database) { outcome = guard(operation, database); });
        return outcome;
    }

private:
    class Impl;
    explicit Storage(std::unique_ptr<Impl> impl);
    static Error errorOf(const std::exception& exception);
    // The transaction that an exception leaves is rolled back on its way.
    template <typename Operation>
    static std::invoke_result_t<Operation, Database&> guard(Operation& operation,
                                                            Database& database) {
        try {
            return operation(database);
        } catch (const std::exception& exception) {
            return fail(errorOf(exception));
        }
    }
    void runAndWait(const std::function<void(Database&)>& command);

    std::unique_ptr<Impl> m_impl;
};

// Renames a damaged database and its side files to "<name>.damaged-<UTC time>…", so that a new one
// can be created in its place; nothing is deleted. Returns the new path.
Result<std::filesystem::path> setDatabaseAside(const std::filesystem::path& path);

}  // namespace sotto::storage
