// ReadingJob: what of the Compare page reads models with engines of its own: a job of the
// processor's lane that is shown and can be stopped, one at a time on the page, and how far it is.
//
// A part of TextMeasurement and of ForcedAnswers; borrows all of its own parts. While it runs no
// comparison begins, and the chat's model rests where no answer would end by it. GUI thread only.
#pragma once

#include <QObject>
#include <QTimer>
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
    // work(JobContext&) -> Result<T>, done(Result<T>): nothing of it runs then. `formats`: of the
    // models that are read, the reference's first.
    template <typename Work, typename Done>
    void start(std::vector<std::string> formats, Work work, Done done) {
        m_job = startForWindow(m_parts.jobs, this, begin(std::move(formats)), std::move(work),
                               [this, done = std::move(done)](auto outcome) {
                                   end();
                                   done(std::move(outcome));
                               });
        emit progressed();
    }
    void stop();

    double share() const;  // 0..1
    QString progressText(const NumberFormat& format) const;
    EngineOptions engine() const;  // for the work

signals:
    void progressed();

private:
    JobSpec begin(std::vector<std::string> formats);
    void end();
    void look();

    Parts m_parts;
    JobId m_job = 0;
    JobProgress m_progress;
    JobState m_state = JobState::Waiting;
    QTimer m_watch;  // while it runs
};

}  // namespace sotto::app
