// JobRunner: everything long that runs beside the window: one list, a few workers per lane, and
// exactly one result for each job.
//
// Place: below downloads, quantizing, compare and import, and the reading of model files; answers
// are no jobs but requests on the EngineHub. Above it app/jobs/job_list_model.h shows the list.
// Owns its threads, made when they are first needed. Destroying it cancels what runs, joins, and
// ends all jobs; durable ones (of a registered kind) stay in the JobStore and are offered again by
// restore(). The store must outlive it.
// Threads: every method may be called from any thread. Work runs on a worker. `done` runs on that
// worker, or, of a job that was not running, on the thread that cancels it or destroys the runner;
// it must be short and must not destroy the runner or wait for a job. Nothing is called under a
// lock of the runner's but the listener and the store.
// Errors: what work throws is OutOfMemory or Internal. A job that was cancelled before it ended
// gives Cancelled, one that the end of the program cut short Closed.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "app/core/jobs/job.h"
#include "app/core/jobs/job_context.h"

namespace sotto::app {

struct JobRunnerOptions {
    // Workers of each lane beside the one for short jobs. One disk, and the processor's jobs use
    // all cores themselves; a second connection fills a line that a first one leaves idle.
    std::array<int, kNJobLanes> nWorkers{1, 1, 2};
    JobStore* store = nullptr;  // null: nothing survives
    // Makes the threads; a seam for tests. Throws std::system_error when the system refuses.
    std::function<std::thread(std::function<void()>)> startThread = [](std::function<void()> run) {
        return std::thread(std::move(run));
    };
};

class JobRunner {
public:
    explicit JobRunner(JobRunnerOptions options = {});
    ~JobRunner();
    JobRunner(const JobRunner&) = delete;
    JobRunner& operator=(const JobRunner&) = delete;

    // Queues work(JobContext&) -> Result<T>; done(Result<T>) gets its outcome:
    //   runner.start(spec, [](JobContext& context) -> Result<int> { … }, [](Result<int> n) { … });
    template <typename Work, typename Done>
    JobId start(JobSpec spec, Work work, Done done) {
        return add(planOf(std::move(spec), std::move(work), std::move(done)), {}, false);
    }
    // The same as a plan, for the factories of durable kinds.
    template <typename Work, typename Done>
    static JobPlan planOf(JobSpec spec, Work work, Done done);

    // Durable jobs. A kind is registered once, before restore() and the first start of it.
    void registerKind(std::string kind, JobFactory factory);
    // Errors: InvalidArgument (a kind that is not registered), the factory's.
    Result<JobId> startKind(const std::string& kind, std::string parametersJson);
    // Offers again what the last run left unfinished: paused jobs paused, the others waiting.
    // Records of kinds that this version does not know, or that their factory cannot make now, are
    // kept for the next start. Once. Errors: the store's.
    Status restore();

    // A waiting, paused or stopped job ends at once, a running one soon. Of a job that is over: it
    // leaves the list.
    void cancel(JobId id);
    // Returns once `done` has run and nothing of the job is left. Never from work or `done`.
    void cancelAndWait(JobId id);
    void pause(JobId id);  // waiting jobs, and running ones that can
    // Paused, NeedsYou; which it still is, with OutOfMemory, when no thread can be had for it.
    void resume(JobId id);
    // Among the waiting jobs of the shown list; `offset` -1: one earlier, 1: one later.
    void move(JobId id, int offset);
    void clearFinished();  // Done and Failed

    // In the list's own order: of arrival, as changed by move(). Progress is as of now.
    std::vector<JobInfo> jobs() const;
    // One of them; nothing: it is not in the list.
    std::optional<JobInfo> job(JobId id) const;

    // Told after any change but progress, from any thread; must be short and must not call the
    // runner. Setting it waits for a call that is under way. One listener; empty: nobody.
    void setListener(std::function<void()> listener);

private:
    struct Job;
    struct Track;
    friend class JobContext;
    using JobPointer = std::shared_ptr<Job>;  // held by the list and by the worker that runs it

    JobId add(JobPlan plan, JobRecord record, bool isDurable);
    Track& trackOf(const JobSpec& spec);
    bool canStartThread(Track& track);
    void work(Track& track);
    JobPointer nextOf(const Track& track) const;
    bool settle(Job& job, Status& status);
    void end(const JobPointer& job, Status status);
    JobPointer find(JobId id) const;
    static JobInfo infoOf(const Job& job);
    void dropLeaving();
    void setParameters(JobId id, std::string json);
    void tell();
    void save();

    JobStore* m_store;
    std::function<std::thread(std::function<void()>)> m_startThread;
    std::map<std::string, JobFactory> m_kinds;  // guarded by m_mutex
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;       // work for a worker, or closing
    std::condition_variable m_ended;      // a job is over
    std::vector<JobPointer> m_jobs;       // guarded by m_mutex
    std::vector<JobRecord> m_notOffered;  // guarded by m_mutex; what restore() could not offer
    JobId m_lastId = 0;                   // guarded by m_mutex
    bool m_isClosing = false;             // guarded by m_mutex
    std::vector<std::unique_ptr<Track>> m_tracks;
    std::mutex m_storeMutex;  // before m_mutex: saved lists reach the store in their order
    std::mutex m_listenerMutex;
    std::function<void()> m_listener;  // guarded by m_listenerMutex
};

template <typename Work, typename Done>
JobPlan JobRunner::planOf(JobSpec spec, Work work, Done done) {
    using Outcome = std::invoke_result_t<Work&, JobContext&>;
    JobPlan plan;
    plan.spec = std::move(spec);
    // Shared by the two functions: the work leaves its value there, `done` takes it.
    auto kept = std::make_shared<std::optional<Outcome>>();
    plan.work = [work = std::move(work), kept](JobContext& context) mutable -> Status {
        kept->emplace(work(context));
        if (!kept->value()) return fail(kept->value().error());
        return {};
    };
    plan.done = [done = std::move(done), kept](const Status& status) mutable {
        if (status && kept->has_value())
            done(std::move(kept->value()));
        else
            done(Outcome(fail(status ? Error{} : status.error())));
    };
    return plan;
}

}  // namespace sotto::app
