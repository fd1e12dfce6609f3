// FailingVfs: a SQLite file system that does what the real one does until it is told to fail.
//
// Wraps the system's default VFS under a name of its own, registered while the object lives.
// Counts every operation that changes a file (write, truncate, sync) and fails from the n-th on,
// for good (a full disk) or once (a transient fault), optionally after writing half of the bytes
// (a torn write). A sync is counted but not passed on: power cuts are not what it tests, and sweeps
// over every write stay fast. Thread-safe: the counters are atomic.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <string>

class FailingVfs {
public:
    enum class Kind {
        DiskFull,    // SQLITE_FULL from the n-th operation on
        IoError,     // SQLITE_IOERR_WRITE from the n-th operation on
        TornOnce,    // the n-th writes half of its bytes and fails; the next ones work
        FullShared,  // as DiskFull, and the shared memory file cannot grow either
    };

    explicit FailingVfs(std::string name);
    ~FailingVfs();
    FailingVfs(const FailingVfs&) = delete;
    FailingVfs& operator=(const FailingVfs&) = delete;

    const std::string& name() const { return m_name; }
    // `nthOperation` counts from this call, 1 being the next one.
    void failFrom(int nthOperation, Kind kind);
    void heal();
    int operations() const { return m_operations; }  // since failFrom or heal

    // For the file methods: the result code that this operation must give, SQLITE_OK to go on.
    int nextOperation();
    bool isTorn() const { return m_kind == Kind::TornOnce; }
    bool isSharedMemoryFull() const;
    sqlite3_vfs* base() const { return m_base; }

private:
    std::string m_name;
    sqlite3_vfs* m_base;
    sqlite3_vfs m_vfs{};
    std::atomic<int> m_operations{0};
    std::atomic<int> m_failFrom{0};  // 0: never
    std::atomic<Kind> m_kind{Kind::DiskFull};
};
