// Jobs for tests that do what they are told: they stand at a progress until they are let go, paused
// or cancelled. The window's pictures are made of them, too.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "app/core/job_runner.h"

namespace sotto::app {

inline JobSpec shownJob(const char* kind, const char* subject, JobLane lane,
                        std::vector<std::string> formats = {}) {
    JobSpec spec;
    spec.lane = lane;
    spec.kind = kind;
    spec.subject = subject;
    spec.formats = std::move(formats);
    spec.isShown = spec.canPause = true;
    return spec;
}

// Shared by the jobs of a test, and outlives its runner.
struct JobGate {
    std::atomic<bool> isOpen = false;
};

// Stands at `progress` until the gate opens.
inline JobId startStanding(JobRunner& runner, JobSpec spec, JobProgress progress, JobGate& gate) {
    return runner.start(
        std::move(spec),
        [progress, &gate](JobContext& context) -> Result<int> {
            context.setProgress(progress);
            while (!gate.isOpen && !context.isCancelled() && !context.isPausing())
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (context.isPausing()) return context.pause();
            if (context.isCancelled()) return fail(ErrorCode::Cancelled, "Stopped.");
            return 0;
        },
        [](const Result<int>&) {});
}

// Ends at once: well, with an error, or with one that a person can mend.
enum class Ending { Done, Failed, NeedsYou };
inline JobId startEnding(JobRunner& runner, JobSpec spec, JobProgress progress, Ending ending,
                         Error error = {}) {
    return runner.start(
        std::move(spec),
        [=](JobContext& context) -> Result<int> {
            context.setProgress(progress);
            if (ending == Ending::NeedsYou) return context.needYou(error);
            if (ending == Ending::Failed) return fail(error);
            return 0;
        },
        [](const Result<int>&) {});
}

}  // namespace sotto::app
