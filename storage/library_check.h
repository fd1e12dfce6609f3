// LibraryCheck: reads a whole library for damage behind the opening, after a run that did not close
// it.
//
// Owns a thread with a reading connection of its own, so that nobody waits for it. Destroying it
// stops the check within a moment; then it says nothing.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "base/result.h"
#include "storage/api/storage.h"

namespace sotto::storage {

class LibraryCheck {
public:
    // `onFinished` is called on the check's thread, at most once.
    LibraryCheck(const StorageOptions& options, std::function<void(Status)> onFinished);
    ~LibraryCheck();
    LibraryCheck(const LibraryCheck&) = delete;
    LibraryCheck& operator=(const LibraryCheck&) = delete;

private:
    Status check(const StorageOptions& options);

    std::atomic<bool> m_isStopping{false};
    std::thread m_thread;  // last: it uses what is above
};

}  // namespace sotto::storage
