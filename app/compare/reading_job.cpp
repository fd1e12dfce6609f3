#include "app/compare/reading_job.h"

#include <QPointer>
#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/compare/compare_controller.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

constexpr int kReadingLookMs = 250;

}  // namespace

ReadingJob::ReadingJob(const Parts& parts, QObject* parent) : QObject(parent), m_parts(parts) {
    m_watch.setInterval(kReadingLookMs);
    connect(&m_watch, &QTimer::timeout, this, &ReadingJob::look);
    connect(&m_parts.compare, &CompareController::changed, this, &ReadingJob::follow);
}

ReadingJob::~ReadingJob() { m_parts.jobs.cancel(m_job); }

bool ReadingJob::canStart() const {
    return !m_parts.compare.isMeasuring() && !m_parts.compare.isRunning();
}

JobSpec ReadingJob::begin(std::vector<std::string> formats) {
    JobSpec spec;
    spec.lane = JobLane::Processor;
    spec.kind = "compare";
    spec.subject = m_parts.compare.columns()->columns().front().name;
    spec.formats = std::move(formats);
    for (const ReportColumn& column : m_parts.compare.columns()->columns())
        spec.reads.push_back(column.path);
    spec.isShown = true;
    m_progress = {};
    m_state = JobState::Waiting;
    m_run = m_parts.compare.shownRun();
    m_problem.reset();
    m_parts.compare.setMeasuring(true);
    m_watch.start();
    return spec;
}

void ReadingJob::end() {
    m_watch.stop();
    m_job = 0;
    m_parts.compare.setMeasuring(false);
}

void ReadingJob::stop() { m_parts.jobs.cancel(m_job); }

bool ReadingJob::isOfShownRun() const { return m_run == m_parts.compare.shownRun(); }

// What is read for another run than the one that is shown is nobody's any more.
void ReadingJob::follow() {
    if (isOfShownRun()) return;
    m_problem.reset();
    if (isRunning()) stop();
}

QString ReadingJob::problem() const { return m_problem ? readingErrorText(*m_problem) : QString(); }

void ReadingJob::refuse(Error error) {
    if (isRunning()) return;
    m_run = m_parts.compare.shownRun();
    m_problem = std::move(error);
}

std::function<void()> ReadingJob::begunTeller() {
    return [job = QPointer<ReadingJob>(this)] {
        if (QCoreApplication::instance() == nullptr) return;
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [job] {
                if (job) job->look();
            },
            Qt::QueuedConnection);
    };
}

// The chat's memory is the models' that are read, where no answer would end by it.
void ReadingJob::makeRoom() {
    if (!m_parts.compare.isEngineBusy()) m_parts.models.rest();
}

void ReadingJob::look() {
    const JobState before = m_state;
    if (const auto job = m_parts.jobs.job(m_job)) {
        m_progress = job->progress;
        m_state = job->state;
    }
    if (m_job != 0 && m_state == JobState::Running && before != JobState::Running) makeRoom();
    emit progressed();
}

double ReadingJob::share() const { return std::max(0.0, shareOf(m_progress)); }

QString ReadingJob::progressText(const NumberFormat& format) const {
    if (m_job == 0) return {};
    if (m_state == JobState::Waiting) return tr("Waits for another job");
    if (m_progress.total == 0) return tr("Loads the models");
    return tr("%1 of %2 tokens")
        .arg(format.count(static_cast<double>(m_progress.done)),
             format.count(static_cast<double>(m_progress.total)));
}

EngineOptions ReadingJob::engine() const {
    EngineOptions engine;
    engine.device = m_parts.models.deviceFor({});
    engine.nThreads = m_parts.settings.threads();
    engine.isMeasuringBandwidth = false;
    return engine;
}

}  // namespace sotto::app
