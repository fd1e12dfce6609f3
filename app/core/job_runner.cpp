#include "app/core/job_runner.h"

#include <algorithm>
#include <system_error>
#include <thread>

#include "base/guarded.h"
#include "base/log.h"

namespace sotto::app {

struct JobRunner::Job {
    JobSpec spec;
    JobWork work;
    JobDone done;
    JobContext context;
    JobState state = JobState::Waiting;  // this and the following: guarded by m_mutex
    std::optional<Error> error;
    JobRecord record;  // of a durable job
    bool isDurable = false;
    bool isGivenUp = false;  // cancelled by cancel(), not by the end of the program
    bool isKept = false;     // over, but its record stays for the next start
    bool isLeaving = false;  // not to be listed any more
    bool isSettled = false;  // `done` has returned
};

namespace {

// Nobody works on it, and it is not over.
bool isIdle(JobState state) {
    return state == JobState::Waiting || state == JobState::Paused || state == JobState::NeedsYou;
}

Error noThread() {
    return {ErrorCode::OutOfMemory, "The system refuses to start another thread.", {}, 0, 0};
}

}  // namespace

// The workers of one lane, for short or for other jobs. Guarded by m_mutex.
struct JobRunner::Track {
    JobLane lane = JobLane::Disk;
    bool isShort = false;
    int nMost = 1;
    int nIdle = 0;
    std::vector<std::thread> threads;
};

void JobContext::setParameters(std::string json) { m_runner->setParameters(m_id, std::move(json)); }

JobRunner::JobRunner(JobRunnerOptions options)
    : m_store(options.store), m_startThread(std::move(options.startThread)) {
    for (std::size_t lane = 0; lane < kNJobLanes; ++lane)
        for (const bool isShort : {false, true}) {
            auto track = std::make_unique<Track>();
            track->lane = static_cast<JobLane>(lane);
            track->isShort = isShort;
            track->nMost = isShort ? 1 : options.nWorkers[lane];
            m_tracks.push_back(std::move(track));
        }
}

JobRunner::~JobRunner() {
    setListener({});
    std::vector<JobPointer> stopped;  // not running
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
        for (const JobPointer& job : m_jobs) {
            job->context.m_isCancelled = true;
            if (isIdle(job->state)) stopped.push_back(job);
        }
    }
    m_wake.notify_all();
    for (const std::unique_ptr<Track>& track : m_tracks)
        for (std::thread& thread : track->threads) thread.join();
    for (const JobPointer& job : stopped)
        end(job, fail(ErrorCode::Closed, "Sotto is closing.", job->spec.subject));
}

void JobRunner::registerKind(std::string kind, JobFactory factory) {
    const std::lock_guard lock(m_mutex);
    m_kinds[std::move(kind)] = std::move(factory);
}

Result<JobId> JobRunner::startKind(const std::string& kind, std::string parametersJson) {
    JobFactory factory;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_kinds.find(kind);
        if (found == m_kinds.end())
            return fail(ErrorCode::InvalidArgument, "There is no such kind of job.", kind);
        factory = found->second;
    }
    SOTTO_ASSIGN(JobPlan plan, guarded([&] { return factory(parametersJson); }));
    return add(std::move(plan), {kind, std::move(parametersJson), false}, true);
}

Status JobRunner::restore() {
    if (m_store == nullptr) return {};
    SOTTO_ASSIGN(std::vector<JobRecord> records, m_store->load());
    {
        // In the store until each of them is a job: adding the first writes the list.
        const std::lock_guard lock(m_mutex);
        m_notOffered = records;
    }
    std::ptrdiff_t nLeft = 0;  // of those before this one
    for (JobRecord& record : records) {
        JobFactory factory;
        {
            const std::lock_guard lock(m_mutex);
            if (const auto found = m_kinds.find(record.kind); found != m_kinds.end())
                factory = found->second;
        }
        auto plan = factory ? guarded([&] { return factory(record.parametersJson); })
                            : fail(ErrorCode::Unsupported, "This version does not know it.");
        if (!plan)
            logMessage(LogLevel::Warning,
                       "An unfinished job (" + record.kind + "): " + plan.error().message);
        if (!plan && plan.error().code != ErrorCode::InvalidArgument) {
            ++nLeft;
            continue;
        }
        {
            const std::lock_guard lock(m_mutex);
            m_notOffered.erase(m_notOffered.begin() + nLeft);
        }
        if (plan) add(std::move(*plan), std::move(record), true);
    }
    save();
    return {};
}

JobId JobRunner::add(JobPlan plan, JobRecord record, bool isDurable) {
    auto job = std::make_shared<Job>();
    job->spec = std::move(plan.spec);
    job->work = std::move(plan.work);
    job->done = std::move(plan.done);
    job->state = record.isPaused ? JobState::Paused : JobState::Waiting;
    job->record = std::move(record);
    job->isDurable = isDurable;
    job->context.m_runner = this;
    bool isClosing = false;
    bool isWithoutThread = false;
    {
        const std::lock_guard lock(m_mutex);
        job->context.m_id = ++m_lastId;
        isClosing = m_isClosing;
        m_jobs.push_back(job);
        // A paused one needs none before it is resumed.
        isWithoutThread =
            !isClosing && job->state == JobState::Waiting && !canStartThread(trackOf(job->spec));
    }
    if (isClosing)
        end(job, fail(ErrorCode::Closed, "Sotto is closing.", job->spec.subject));
    else if (isWithoutThread)
        end(job, fail(noThread()));
    else
        m_wake.notify_all();
    if (isDurable) save();
    tell();
    return job->context.m_id;
}

JobRunner::Track& JobRunner::trackOf(const JobSpec& spec) {
    return *m_tracks[2 * static_cast<std::size_t>(spec.lane) + (spec.isShort ? 1 : 0)];
}

// False when there is no thread that will ever do the work. Under m_mutex.
bool JobRunner::canStartThread(Track& track) {
    const auto nWaiting = std::ranges::count_if(m_jobs, [&](const JobPointer& job) {
        return job->state == JobState::Waiting && &trackOf(job->spec) == &track;
    });
    if (nWaiting <= track.nIdle || std::ssize(track.threads) >= track.nMost)
        return !track.threads.empty();
    try {
        track.threads.push_back(m_startThread([this, &track] { work(track); }));
    } catch (const std::system_error&) {
        return !track.threads.empty();
    }
    return true;
}

void JobRunner::work(Track& track) {
    std::unique_lock lock(m_mutex);
    while (true) {
        ++track.nIdle;
        JobPointer job;
        m_wake.wait(lock, [&] { return m_isClosing || (job = nextOf(track)) != nullptr; });
        --track.nIdle;
        if (m_isClosing) return;
        job->state = JobState::Running;
        job->error.reset();
        job->context.m_yield = JobContext::Yield::No;
        lock.unlock();
        tell();
        Status status = guarded([&] { return job->work(job->context); });
        lock.lock();
        const bool isDone = settle(*job, status);
        lock.unlock();
        if (isDone)
            end(job, std::move(status));
        else
            save();
        tell();
        job.reset();
        m_wake.notify_all();  // what was resumed meanwhile waits again
        lock.lock();
    }
}

JobRunner::JobPointer JobRunner::nextOf(const Track& track) const {
    for (const JobPointer& job : m_jobs)
        if (job->state == JobState::Waiting && job->spec.lane == track.lane &&
            job->spec.isShort == track.isShort)
            return job;
    return nullptr;
}

// What a job that has returned comes to; false when it stays to be called again. Under m_mutex.
bool JobRunner::settle(Job& job, Status& status) {
    const bool isPausing = job.context.m_isPausing.exchange(false);
    const bool isCancelled = job.context.m_isCancelled;
    if (status) return true;
    if (isCancelled) {
        if (!job.isGivenUp && (job.context.m_yield != JobContext::Yield::No ||
                               status.error().code == ErrorCode::Cancelled))
            status = fail(ErrorCode::Closed, "Sotto is closing.", job.spec.subject);
        else if (job.context.m_yield != JobContext::Yield::No)
            status = fail(ErrorCode::Cancelled, "Stopped.", job.spec.subject);
        return true;
    }
    switch (job.context.m_yield) {
        case JobContext::Yield::No: return true;
        case JobContext::Yield::Pause:
            // Resumed before it had paused: it waits for its next turn.
            job.state = isPausing ? JobState::Paused : JobState::Waiting;
            job.record.isPaused = isPausing;
            return false;
        case JobContext::Yield::NeedYou:
            job.state = JobState::NeedsYou;
            job.error = status.error();
            return false;
    }
    return true;
}

// Gives the result, once, and lets go of what the job held.
void JobRunner::end(const JobPointer& job, Status status) {
    const bool isCut = !status && status.error().code == ErrorCode::Closed;
    const bool isStopped = !status && status.error().code == ErrorCode::Cancelled;
    {
        const std::lock_guard lock(m_mutex);
        job->state = status ? JobState::Done : JobState::Failed;
        if (!status) job->error = status.error();
        // A durable job that the end of the program cut short stays in the store.
        job->isKept = isCut && job->isDurable;
        job->isLeaving = !job->spec.isShown || isStopped || isCut;
    }
    if (job->isDurable) save();
    // A throwing `done` is a defect, told in the log; it must not end the worker. What it holds
    // goes here, too: cancelAndWait promises that nothing is left.
    if (const JobDone done = std::exchange(job->done, {}))
        static_cast<void>(guarded([&]() -> Status { return done(status), Status(); }));
    job->work = {};
    {
        const std::lock_guard lock(m_mutex);
        job->isSettled = true;
        dropLeaving();
    }
    m_ended.notify_all();
}

// Under m_mutex.
void JobRunner::dropLeaving() {
    std::erase_if(m_jobs, [](const JobPointer& job) {
        return job->isLeaving && job->isSettled && !job->isKept;
    });
}

JobRunner::JobPointer JobRunner::find(JobId id) const {
    const auto found = std::ranges::find_if(
        m_jobs, [id](const JobPointer& job) { return job->context.m_id == id; });
    return found == m_jobs.end() ? nullptr : *found;
}

void JobRunner::cancel(JobId id) {
    JobPointer stopped;
    {
        const std::lock_guard lock(m_mutex);
        const JobPointer job = find(id);
        if (job == nullptr) return;
        if (job->state == JobState::Running) {
            job->isGivenUp = true;
            job->context.m_isCancelled = true;
        } else if (isOver(job->state)) {
            job->isLeaving = true;
            dropLeaving();
        } else {
            job->state = JobState::Failed;  // so that no worker takes it
            job->isLeaving = true;
            stopped = job;
        }
    }
    if (stopped != nullptr)
        end(stopped, fail(ErrorCode::Cancelled, "Stopped.", stopped->spec.subject));
    tell();
}

void JobRunner::cancelAndWait(JobId id) {
    JobPointer job;
    {
        const std::lock_guard lock(m_mutex);
        job = find(id);
    }
    if (job == nullptr) return;
    cancel(id);
    std::unique_lock lock(m_mutex);
    m_ended.wait(lock, [&] { return job->isSettled; });
}

void JobRunner::pause(JobId id) {
    bool isStill = false;
    {
        const std::lock_guard lock(m_mutex);
        const JobPointer job = find(id);
        if (job == nullptr) return;
        if (job->state == JobState::Waiting) {
            job->state = JobState::Paused;
            isStill = job->record.isPaused = true;
        } else if (job->state == JobState::Running && job->spec.canPause) {
            job->context.m_isPausing = true;
        }
    }
    if (isStill) save();
    tell();
}

void JobRunner::resume(JobId id) {
    {
        const std::lock_guard lock(m_mutex);
        const JobPointer job = find(id);
        if (job == nullptr) return;
        if (job->state == JobState::Running) job->context.m_isPausing = false;
        if (job->state != JobState::Paused && job->state != JobState::NeedsYou) return;
        job->state = JobState::Waiting;
        job->error.reset();
        job->record.isPaused = false;
        // Waiting for ever would look like a job among others: a person can try it again.
        if (!m_isClosing && !canStartThread(trackOf(job->spec))) {
            job->state = JobState::NeedsYou;
            job->error = noThread();
        }
    }
    m_wake.notify_all();
    save();
    tell();
}

void JobRunner::move(JobId id, int offset) {
    {
        const std::lock_guard lock(m_mutex);
        std::vector<std::size_t> waiting;  // places of what a person sees waiting
        std::optional<std::size_t> place;
        for (std::size_t index = 0; index < m_jobs.size(); ++index) {
            const Job& job = *m_jobs[index];
            if (job.state != JobState::Waiting || !job.spec.isShown) continue;
            if (job.context.m_id == id) place = waiting.size();
            waiting.push_back(index);
        }
        const auto target = place ? static_cast<std::ptrdiff_t>(*place) + offset : -1;
        if (target < 0 || target >= std::ssize(waiting)) return;
        const auto from = m_jobs.begin() + static_cast<std::ptrdiff_t>(waiting[*place]);
        const auto to =
            m_jobs.begin() + static_cast<std::ptrdiff_t>(waiting[static_cast<std::size_t>(target)]);
        if (from < to)
            std::rotate(from, from + 1, to + 1);
        else
            std::rotate(to, from, from + 1);
    }
    save();
    tell();
}

void JobRunner::clearFinished() {
    {
        const std::lock_guard lock(m_mutex);
        for (const JobPointer& job : m_jobs) job->isLeaving |= isOver(job->state);
        dropLeaving();
    }
    tell();
}

std::vector<JobInfo> JobRunner::jobs() const {
    const std::lock_guard lock(m_mutex);
    std::vector<JobInfo> infos;
    for (const JobPointer& job : m_jobs)
        if (!job->isLeaving) infos.push_back(infoOf(*job));
    return infos;
}

std::optional<JobInfo> JobRunner::job(JobId id) const {
    const std::lock_guard lock(m_mutex);
    const JobPointer job = find(id);
    if (job == nullptr || job->isLeaving) return std::nullopt;
    return infoOf(*job);
}

// Under m_mutex.
JobInfo JobRunner::infoOf(const Job& job) {
    return {job.context.m_id,       job.spec,  job.state,
            job.context.progress(), job.error, job.isDurable,
            job.context.m_isPausing};
}

void JobRunner::setListener(std::function<void()> listener) {
    const std::lock_guard lock(m_listenerMutex);
    m_listener = std::move(listener);
}

void JobRunner::tell() {
    const std::lock_guard lock(m_listenerMutex);
    if (m_listener) m_listener();
}

void JobRunner::setParameters(JobId id, std::string json) {
    {
        const std::lock_guard lock(m_mutex);
        const JobPointer job = find(id);
        if (job == nullptr || !job->isDurable) return;
        job->record.parametersJson = std::move(json);
    }
    save();
}

void JobRunner::save() {
    if (m_store == nullptr) return;
    const std::lock_guard order(m_storeMutex);
    std::vector<JobRecord> records;
    {
        const std::lock_guard lock(m_mutex);
        for (const JobPointer& job : m_jobs)
            if (job->isDurable && (job->isKept || !isOver(job->state)))
                records.push_back(job->record);
        records.insert(records.end(), m_notOffered.begin(), m_notOffered.end());
    }
    m_store->save(std::move(records));
}

}  // namespace sotto::app
