// What a job is: how it is described, what it tells while it runs, and what is kept of it over a
// restart. Plain values; JobRunner (app/core/job_runner.h) owns and runs the jobs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace sotto::app {

using JobId = std::uint64_t;  // of this run of the program; 0: none

// What a job uses most: jobs of one lane wait for one another, those of different lanes do not.
enum class JobLane : std::uint8_t { Disk, Processor, Network };
inline constexpr std::size_t kNJobLanes = 3;

// In the order in which a list shows them. NeedsYou: stopped by something that a person can mend
// (a lost connection, a full disk); what was done so far is kept. Failed and Done are over.
enum class JobState : std::uint8_t { NeedsYou, Failed, Running, Waiting, Paused, Done };

// Before a job's own work, or between two parts of it. Tokens: of a text that something is measured
// on. ReadTokens: of one that the work goes by. Samples: bytes of what samples are taken of.
enum class JobUnit : std::uint8_t {
    None,
    Bytes,
    Files,
    Tensors,
    Chats,
    Texts,
    Tokens,
    ReadTokens,
    Samples
};

// Rate and time left are computed by whoever shows it (base/rate_meter.h).
struct JobProgress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: not known
    JobUnit unit = JobUnit::None;

    bool operator==(const JobProgress&) const = default;
};

// 0..1; below 0: not known.
inline double shareOf(const JobProgress& progress) {
    if (progress.total == 0) return -1;
    return std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
}

inline bool isOver(JobState state) { return state == JobState::Done || state == JobState::Failed; }

struct JobSpec {
    JobLane lane = JobLane::Disk;
    std::string kind;                  // "download", "quantize": chooses icon and wording
    std::string subject;               // what it is about: "Qwen3 14B"
    std::vector<std::string> formats;  // "Q4_K_M"
    std::string source, made;          // paths: what the model is made of, and it; empty: none
    std::vector<std::string> reads;    // paths of all files that have to stay until it is over
    // Over within seconds and waited for: has a worker of its own in each lane, so that it does not
    // stand behind an hour's download.
    bool isShort = false;
    bool isShown = false;   // a person started it or may have to act: it is in the window's list
    bool canPause = false;  // the work looks at JobContext::isPausing()
    // Durable, but what it has done is lost with the program: a restart begins it again.
    bool isBegunAnew = false;
};

struct JobInfo {
    JobId id = 0;
    JobSpec spec;
    JobState state = JobState::Waiting;
    JobProgress progress;
    std::optional<Error> error;  // NeedsYou, Failed
    bool isDurable = false;      // goes on after a restart
    bool isPausing = false;      // Running, asked to pause
};

class JobContext;

// The work returns a Result<T> and gets its JobContext; `done` gets that Result<T>, exactly once.
using JobWork = std::function<Status(JobContext&)>;
using JobDone = std::function<void(const Status&)>;

// A durable job as its kind's factory makes it, new or after a restart.
struct JobPlan {
    JobSpec spec;
    JobWork work;
    JobDone done;  // may be empty
};

// Makes the job from its parameters (JSON). Errors: InvalidArgument (parameters that cannot be
// used; such a record is dropped); after others the record is offered again at the next start.
using JobFactory = std::function<Result<JobPlan>(const std::string& parametersJson)>;

// What is kept of a job that survives a restart.
struct JobRecord {
    std::string kind;
    std::string parametersJson;  // what it needs to go on
    bool isPaused = false;

    bool operator==(const JobRecord&) const = default;
};

// Where unfinished durable jobs are kept. Calls come one at a time, from any thread, and must not
// call the runner.
class JobStore {
public:
    virtual ~JobStore() = default;

    // In the order of the list. Called once at start.
    virtual Result<std::vector<JobRecord>> load() = 0;
    // Replaces what was kept. Must not wait for a disk.
    virtual void save(std::vector<JobRecord> records) = 0;
};

}  // namespace sotto::app
