// JobContext: what the work of a job may ask and tell while it runs. Borrowed for the length of the
// call; used on the job's own thread, as are flags that are handed on from it.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "app/core/jobs/job.h"

namespace sotto::app {

class JobRunner;

class JobContext {
public:
    // The work should return soon, with any error; ErrorCode::Cancelled is usual.
    bool isCancelled() const { return m_isCancelled; }
    const std::atomic<bool>* cancelFlag() const { return &m_isCancelled; }

    // The work should keep what it has and `return context.pause()`; it is called again when the
    // job is resumed.
    bool isPausing() const { return m_isPausing; }
    [[nodiscard]] tl::unexpected<Error> pause() {
        m_yield = Yield::Pause;
        return fail(ErrorCode::Cancelled, "Paused.");
    }
    // A person has to act: the work is called again when they resume the job.
    [[nodiscard]] tl::unexpected<Error> needYou(Error error) {
        m_yield = Yield::NeedYou;
        return fail(std::move(error));
    }

    // Cheap: nobody is woken, readers look now and then.
    void setProgress(const JobProgress& progress) {
        const std::lock_guard lock(m_mutex);
        m_progress = progress;
    }
    JobProgress progress() const {
        const std::lock_guard lock(m_mutex);
        return m_progress;
    }
    // Of a durable job: what it needs to go on with after a restart. Kept at once.
    void setParameters(std::string json);

private:
    friend class JobRunner;
    enum class Yield { No, Pause, NeedYou };

    JobRunner* m_runner = nullptr;
    JobId m_id = 0;
    std::atomic<bool> m_isCancelled = false;
    std::atomic<bool> m_isPausing = false;
    Yield m_yield = Yield::No;  // the job's own thread
    mutable std::mutex m_mutex;
    JobProgress m_progress;  // guarded by m_mutex
};

}  // namespace sotto::app
