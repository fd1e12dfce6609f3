// ReadingJob: what of the Compare page reads models with engines of its own: a job of the
// processor's lane that is shown and can be stopped, one at a time on the page, and how far it is.
// It belongs to the run that is shown when it starts: where another one is shown it is stopped, and
// neither its result nor its problem is told.
//
// A part of TextMeasurement and of ForcedAnswers; borrows all of its own parts. While it runs no
// comparison begins, and the chat's model rests from when models are read, where no answer would
// end by it. GUI thread only.
#pragma once

#include <QObject>
#include <QTimer>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/jobs/window_job.h"
#include "engine/api/engine_options.h"

namespace sotto::app {

class CompareController;
class ModelController;
class NumberFormat;
class SettingsController;

class ReadingJob : public QObject {
    Q_OBJECT

public:
    struct Parts {
        CompareController& compare;
        ModelController& models;
        SettingsController& settings;
        JobRunner& jobs;
    };
    explicit ReadingJob(const Parts& parts, QObject* parent = nullptr);
    ~ReadingJob() override;

    bool isRunning() const { return m_job != 0; }
    // None runs on the page, and no comparison.
    bool canStart() const;
    // Of the run that is shown.
    bool isRunningHere() const { return isRunning() && isOfShownRun(); }
    // work(JobContext&) -> Result<T>, take(T): nothing of it runs then. `formats`: of the models
    // that are read, the reference's first. ended() in any case.
    template <typename Work, typename Take>
    void start(std::vector<std::string> formats, Work work, Take take) {
        m_job = startForWindow(
            m_parts.jobs, this, begin(std::move(formats)),
            [tellBegun = begunTeller(), work = std::move(work)](JobContext& context) mutable {
                tellBegun();
                return work(context);
            },
            [this, take = std::move(take)](auto outcome) {
                end();
                if (isOfShownRun() && outcome)
                    take(std::move(*outcome));
                else if (isOfShownRun() && outcome.error().code != ErrorCode::Cancelled)
                    m_problem = std::move(outcome.error());
                emit ended();
            });
        emit progressed();
    }
    void stop();
    // Why the last one came to nothing, other than by stop(), or was refused.
    QString problem() const;
    void refuse(Error error);
    void dropProblem() { m_problem.reset(); }

    double share() const;  // 0..1
    QString progressText(const NumberFormat& format) const;
    EngineOptions engine() const;  // for the work

signals:
    void progressed();
    void ended();

private:
    JobSpec begin(std::vector<std::string> formats);
    void end();
    void look();
    void follow();
    bool isOfShownRun() const;
    void makeRoom();
    std::function<void()> begunTeller();  // called by the work, on any thread

    Parts m_parts;
    JobId m_job = 0;
    int m_run = -1;  // that was shown when the last one was started
    std::optional<Error> m_problem;
    JobProgress m_progress;
    JobState m_state = JobState::Waiting;
    QTimer m_watch;  // while it runs
};

}  // namespace sotto::app
