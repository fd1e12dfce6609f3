#include "app/jobs/job_list_model.h"

#include <algorithm>
#include <chrono>

#include "app/hub/download_list_model.h"
#include "app/jobs/job_texts.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

constexpr int kJobProgressMs = 500;  // figures that change faster cannot be read

JobListModel::Tone toneOf(JobState state) {
    switch (state) {
        case JobState::NeedsYou:
        case JobState::Failed: return JobListModel::Trouble;
        case JobState::Running: return JobListModel::Active;
        case JobState::Done: return JobListModel::Finished;
        case JobState::Waiting:
        case JobState::Paused: break;
    }
    return JobListModel::Quiet;
}

bool hasBar(const JobInfo& job) {
    return job.state != JobState::Waiting && job.state != JobState::Done &&
           shareOf(job.progress) >= 0;
}

JobId idOf(double jobId) { return static_cast<JobId>(jobId); }

// Downloads have ids of their own: here they come behind all that a runner gives out, and as exact
// as a double.
constexpr JobId kFirstDownload = JobId{1} << 50;

bool isDownload(JobId id) { return id >= kFirstDownload; }
double downloadOf(JobId id) { return static_cast<double>(id - kFirstDownload); }

}  // namespace

static_assert(int(JobListModel::NeedsYou) == int(JobState::NeedsYou) &&
              int(JobListModel::Done) == int(JobState::Done));

JobListModel::JobListModel(JobRunner& runner, QObject* parent)
    : RowModel(parent), m_runner(runner), m_format(std::make_unique<NumberFormat>()) {
    m_progressTimer.setInterval(kJobProgressMs);
    connect(&m_progressTimer, &QTimer::timeout, this, &JobListModel::refresh);
    m_runner.setListener([this] {
        if (!m_isAwaited.exchange(true))
            QMetaObject::invokeMethod(this, &JobListModel::refresh, Qt::QueuedConnection);
    });
    refresh();
}

JobListModel::~JobListModel() { m_runner.setListener({}); }

void JobListModel::refresh() {
    m_isAwaited = false;
    m_format->followLanguage();
    followRows(m_rows, jobsNow(), &JobInfo::id, [this](int row, JobInfo&& job, Follow) {
        m_rows[static_cast<std::size_t>(row)] = std::move(job);
    });
    noteRates();
    if (!m_rows.empty()) emit dataChanged(index(0), index(count() - 1));
    emit summaryChanged();
    if (countOf(JobState::Running) == 0)
        m_progressTimer.stop();
    else
        m_progressTimer.start();  // the next look is so long from this one
}

std::vector<JobInfo> JobListModel::jobsNow() const {
    std::vector<JobInfo> jobs = m_runner.jobs();
    std::erase_if(jobs, [](const JobInfo& job) { return !job.spec.isShown; });
    if (m_downloads != nullptr)
        for (JobInfo& job : m_downloads->openJobs()) {
            job.id += kFirstDownload;
            jobs.push_back(std::move(job));
        }
    std::ranges::stable_sort(jobs, {}, &JobInfo::state);
    return jobs;
}

void JobListModel::setDownloads(DownloadListModel& downloads) {
    m_downloads = &downloads;
    connect(&downloads, &DownloadListModel::listed, this, &JobListModel::followDownloads);
    refresh();
}

// They are read four times a second, which is more than this list shows of progress; but it looks
// when they do, so that the window is drawn once for both.
void JobListModel::followDownloads() {
    const bool isSoonDue =
        m_progressTimer.isActive() && m_progressTimer.remainingTime() < kJobProgressMs / 4;
    const auto isSame = [](const JobInfo& shown, const JobInfo& now) {
        return shown.id == now.id && shown.state == now.state;
    };
    if (isSoonDue || !std::ranges::equal(m_rows, jobsNow(), isSame)) refresh();
}

void JobListModel::noteRates() {
    std::erase_if(m_rates, [this](const auto& entry) {
        return std::ranges::find(m_rows, entry.first, &JobInfo::id) == m_rows.end();
    });
    const RateMeter::Time now = std::chrono::steady_clock::now();
    for (const JobInfo& job : m_rows) {
        if (isDownload(job.id)) continue;  // measured where its bytes come
        RateMeter& rate =
            m_rates.try_emplace(job.id, kJobRateWindow, kJobShortestLook).first->second;
        if (job.state == JobState::Running)
            rate.note(now, job.progress.done);
        else
            rate.reset();
    }
}

int JobListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

int JobListModel::countOf(JobState state) const {
    return static_cast<int>(std::ranges::count(m_rows, state, &JobInfo::state));
}

int JobListModel::openCount() const { return count() - finishedCount(); }

double JobListModel::share() const {
    double sum = 0;
    int nKnown = 0;
    for (const JobInfo& job : m_rows) {
        const double share = shareOf(job.progress);
        if (job.state != JobState::Running || share < 0) continue;
        sum += share;
        ++nKnown;
    }
    return nKnown == 0 ? -1 : sum / nKnown;
}

QString JobListModel::summary() const {
    return jobSummary(countOf(JobState::Running), countOf(JobState::Waiting));
}

QString JobListModel::spokenSummary() const {
    const QString jobs = summary();
    if (!needsYou()) return jobs;
    return jobs.isEmpty() ? tr("A job needs you.") : tr("A job needs you. %1").arg(jobs);
}

bool JobListModel::canPauseAll() const {
    return std::ranges::any_of(m_rows, [](const JobInfo& job) {
        return job.state == JobState::Waiting ||
               (job.state == JobState::Running && job.spec.canPause && !job.isPausing);
    });
}

QString JobListModel::heading(std::size_t row) const {
    const JobState state = m_rows[row].state;
    const bool isFirst = row == 0 || m_rows[row - 1].state != state;
    return isFirst && state != JobState::Done ? jobSection(state) : QString();
}

// The last job in front of it that uses the same lane.
QString JobListModel::titleBefore(std::size_t row) const {
    for (std::size_t above = row; above-- > 0;) {
        const JobInfo& job = m_rows[above];
        if (job.spec.lane == m_rows[row].spec.lane &&
            (job.state == JobState::Waiting || job.state == JobState::Running))
            return jobTitle(job.spec);
    }
    return {};
}

std::optional<double> JobListModel::perSecond(JobId id) const {
    if (isDownload(id)) return m_downloads->bytesPerSecond(downloadOf(id));
    const auto rate = m_rates.find(id);
    if (rate == m_rates.end()) return std::nullopt;
    return rate->second.perSecond(std::chrono::steady_clock::now());
}

QString JobListModel::sideText(const JobInfo& job) const {
    switch (job.state) {
        case JobState::Running: return jobPace(job.progress, perSecond(job.id), *m_format);
        case JobState::NeedsYou:
        case JobState::Failed:
        case JobState::Paused:
            return job.progress.done == 0 ? QString()
                                          : jobAmount(job.progress, true, *m_format).whole();
        case JobState::Waiting:
        case JobState::Done: return jobSize(job.progress, *m_format);
    }
    return {};
}

QString JobListModel::spokenText(std::size_t row) const {
    const JobInfo& job = m_rows[row];
    QStringList parts{jobTitle(job.spec)};
    for (const std::string& format : job.spec.formats) parts << QString::fromStdString(format);
    parts << jobSection(job.state);
    if (job.state == JobState::Running) parts << jobAmount(job.progress, false, *m_format).whole();
    parts << jobStateText(job, titleBefore(row), *m_format) << sideText(job);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(", "));
}

bool JobListModel::isNextWaiting(std::size_t row, int offset) const {
    const auto next = static_cast<std::ptrdiff_t>(row) + offset;
    return m_rows[row].state == JobState::Waiting && next >= 0 && next < std::ssize(m_rows) &&
           m_rows[static_cast<std::size_t>(next)].state == JobState::Waiting &&
           isDownload(m_rows[static_cast<std::size_t>(next)].id) == isDownload(m_rows[row].id);
}

QVariant JobListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto row = static_cast<std::size_t>(index.row());
    const JobInfo& job = m_rows[row];
    switch (role) {
        case Qt::DisplayRole:
        case TitleRole: return jobTitle(job.spec);
        case JobIdRole: return static_cast<double>(job.id);
        case FormatsRole: {
            QStringList formats;
            for (const std::string& format : job.spec.formats)
                formats << QString::fromStdString(format);
            return formats;
        }
        case IconNameRole: return jobIcon(job.spec.kind);
        case StateRole: return static_cast<int>(job.state);
        case ToneRole: return toneOf(job.state);
        case IsWaitingRole: return job.state == JobState::Waiting;
        case IsOverRole: return isOver(job.state);
        case NeedsYouRole: return job.state == JobState::NeedsYou;
        case HeadingRole: return heading(row);
        case HasBarRole: return hasBar(job);
        case ShareRole: return shareOf(job.progress);
        case DoneTextRole: return jobAmount(job.progress, false, *m_format).done;
        case AmountBeforeRole: return jobAmount(job.progress, false, *m_format).before();
        case AmountAfterRole: return jobAmount(job.progress, false, *m_format).after();
        case SideTextRole: return sideText(job);
        case StateTextRole: return jobStateText(job, titleBefore(row), *m_format);
        case CanPauseRole:
            return job.state == JobState::Running && job.spec.canPause && !job.isPausing;
        case CanResumeRole: return job.state == JobState::Paused || job.state == JobState::NeedsYou;
        case CanMoveEarlierRole: return isNextWaiting(row, -1);
        case CanMoveLaterRole: return isNextWaiting(row, 1);
        case SpokenTextRole: return spokenText(row);
        case IsDownloadRole: return isDownload(job.id);
        case IsQuantizationRole: return job.spec.kind == "quantize";
        case SourcePathRole: return QString::fromStdString(job.spec.source);
        case MadePathRole:
            return job.state == JobState::Done ? QString::fromStdString(job.spec.made) : QString();
        default: return {};
    }
}

QHash<int, QByteArray> JobListModel::roleNames() const {
    return {{JobIdRole, "jobId"},
            {TitleRole, "title"},
            {FormatsRole, "formats"},
            {IconNameRole, "iconName"},
            {StateRole, "jobState"},
            {ToneRole, "tone"},
            {IsWaitingRole, "isWaiting"},
            {IsOverRole, "isOver"},
            {NeedsYouRole, "needsYou"},
            {HeadingRole, "heading"},
            {HasBarRole, "hasBar"},
            {ShareRole, "share"},
            {DoneTextRole, "doneText"},
            {AmountBeforeRole, "amountBefore"},
            {AmountAfterRole, "amountAfter"},
            {SideTextRole, "sideText"},
            {StateTextRole, "stateText"},
            {CanPauseRole, "canPause"},
            {CanResumeRole, "canResume"},
            {CanMoveEarlierRole, "canMoveEarlier"},
            {CanMoveLaterRole, "canMoveLater"},
            {SpokenTextRole, "spokenText"},
            {IsDownloadRole, "isDownload"},
            {IsQuantizationRole, "isQuantization"},
            {SourcePathRole, "sourcePath"},
            {MadePathRole, "madePath"}};
}

void JobListModel::pause(double jobId) {
    const JobId id = idOf(jobId);
    isDownload(id) ? m_downloads->pause(downloadOf(id)) : m_runner.pause(id);
}

void JobListModel::resume(double jobId) {
    const JobId id = idOf(jobId);
    isDownload(id) ? m_downloads->resume(downloadOf(id)) : m_runner.resume(id);
}

void JobListModel::cancel(double jobId) {
    const JobId id = idOf(jobId);
    isDownload(id) ? emit downloadsRequested() : m_runner.cancel(id);
}

void JobListModel::moveEarlier(double jobId) {
    const JobId id = idOf(jobId);
    isDownload(id) ? moveDownload(id, -1) : m_runner.move(id, -1);
}

void JobListModel::moveLater(double jobId) {
    const JobId id = idOf(jobId);
    isDownload(id) ? moveDownload(id, 1) : m_runner.move(id, 1);
}

// Past the one that stands beside it here: among the downloads others may lie between them.
void JobListModel::moveDownload(JobId id, int offset) {
    const auto found = std::ranges::find(m_rows, id, &JobInfo::id);
    if (found == m_rows.end()) return;
    const auto row = static_cast<std::size_t>(found - m_rows.begin());
    if (!isNextWaiting(row, offset)) return;
    const auto next = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(row) + offset);
    m_downloads->moveTo(downloadOf(id), downloadOf(m_rows[next].id));
}

void JobListModel::clearFinished() { m_runner.clearFinished(); }

// What waits first, so that nothing takes the place of what pauses.
void JobListModel::pauseAll() {
    for (const JobState state : {JobState::Waiting, JobState::Running})
        for (const JobInfo& job : m_rows)
            if (job.state == state) pause(static_cast<double>(job.id));
}

std::vector<OpenJob> JobListModel::openJobs() const {
    std::vector<OpenJob> open;
    for (const JobInfo& job : m_rows) {
        if (isOver(job.state)) continue;
        // What cannot stand still has nothing to go on from: the next start begins it again.
        const bool canGoOn = job.isDurable && job.spec.canPause && !job.spec.isBegunAnew;
        open.push_back({jobTitle(job.spec), canGoOn,
                        canGoOn && job.progress.done > 0
                            ? jobAmount(job.progress, true, *m_format).whole()
                            : QString()});
    }
    return open;
}

}  // namespace sotto::app
