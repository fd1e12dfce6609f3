// startForWindow(): a job whose result is wanted on the GUI thread, by an object that may be gone
// by then.
//
// Called on the GUI thread; the work runs on a worker and must not use `context`.
#pragma once

#include <QCoreApplication>
#include <QPointer>
#include <memory>
#include <type_traits>
#include <utility>

#include "app/core/job_runner.h"

namespace sotto::app {

// A question that a person waits for: to the disk, or of what is there already.
inline JobSpec shortJob(JobLane lane, const char* kind) {
    JobSpec spec;
    spec.lane = lane;
    spec.kind = kind;
    spec.isShort = true;
    return spec;
}
inline JobSpec shortDiskJob(const char* kind) { return shortJob(JobLane::Disk, kind); }
inline JobSpec shortCountJob(const char* kind) { return shortJob(JobLane::Processor, kind); }

// done(Result<T>) of work(JobContext&) -> Result<T>, only while `context` is alive.
template <typename Work, typename Done>
JobId startForWindow(JobRunner& runner, QObject* context, JobSpec spec, Work work, Done done) {
    using Outcome = std::invoke_result_t<Work&, JobContext&>;
    return runner.start(
        std::move(spec), std::move(work),
        [context = QPointer<QObject>(context), done = std::move(done)](Outcome outcome) {
            if (QCoreApplication::instance() == nullptr) return;
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [context, done, outcome = std::move(outcome)]() mutable {
                    if (context) done(std::move(outcome));
                },
                Qt::QueuedConnection);
        });
}

}  // namespace sotto::app
