#include "app/hub/download_list_model.h"

#include <algorithm>
#include <cmath>

#include "app/bridge/error_text.h"
#include "app/core/hub/hub_entries.h"
#include "app/core/shard_name.h"
#include "app/hub/hub_texts.h"
#include "app/hub/hub_worker.h"
#include "app/jobs/job_texts.h"
#include "app/system/number_format.h"
#include "base/existing_folder.h"

namespace sotto::app {
namespace {

constexpr int kBytesMs = 250;  // "live numbers change 4 times a second"
using net::DownloadState;

// Of a split model's parts the one whose state speaks for all.
int weightOf(DownloadState state) {
    switch (state) {
        case DownloadState::Damaged: return 6;
        case DownloadState::Interrupted: return 5;
        case DownloadState::Running: return 4;
        case DownloadState::Checking: return 3;
        case DownloadState::Paused: return 2;
        case DownloadState::Waiting: return 1;
        case DownloadState::Verified: return 0;
    }
    return 0;
}

bool isMoving(DownloadState state) {
    return state == DownloadState::Running || state == DownloadState::Checking;
}

bool canPause(DownloadState state) { return isMoving(state) || state == DownloadState::Waiting; }

DownloadListModel::Tone downloadTone(DownloadState state) {
    switch (state) {
        case DownloadState::Running: return DownloadListModel::Active;
        case DownloadState::Checking: return DownloadListModel::Checking;
        case DownloadState::Verified: return DownloadListModel::Finished;
        case DownloadState::Interrupted:
        case DownloadState::Damaged: return DownloadListModel::Trouble;
        case DownloadState::Waiting:
        case DownloadState::Paused: break;
    }
    return DownloadListModel::Quiet;
}

JobState jobStateOf(DownloadState state) {
    switch (state) {
        case DownloadState::Running:
        case DownloadState::Checking: return JobState::Running;
        case DownloadState::Paused: return JobState::Paused;
        case DownloadState::Interrupted: return JobState::NeedsYou;
        case DownloadState::Verified:
        case DownloadState::Damaged: return JobState::Done;
        case DownloadState::Waiting: break;
    }
    return JobState::Waiting;
}

// A matrix beside a model of its name is none of its parts.
std::string stemOf(const std::string& path) {
    if (isImportancePath(path)) return path;
    return parseShard(std::string_view(path).substr(0, path.rfind('.'))).stem;
}

// "Q4_K_M", or that it is no model.
std::string formatOf(const std::string& path) {
    return isImportancePath(path) ? "imatrix" : typeOfName(path);
}

// What says how far a row is.
QList<int> progressRoles() {
    using List = DownloadListModel;
    return {List::ShareRole, List::StateTextRole, List::SideTextRole, List::KeptTextRole,
            List::SpokenTextRole};
}

JobProgress progressOf(std::uint64_t received, std::uint64_t total) {
    return {.done = received, .total = total, .unit = JobUnit::Bytes};
}

}  // namespace

bool DownloadListModel::Row::isAsFarAs(const Row& other) const {
    return nReceivedBytes == other.nReceivedBytes && bytesPerSecond == other.bytesPerSecond;
}

bool DownloadListModel::Row::standsAs(const Row& other) const {
    return ids == other.ids && state == other.state && nBytes == other.nBytes &&
           problem.message == other.problem.message;
}

DownloadListModel::DownloadListModel(ModelHub* hub, HubWorker& worker, QObject* parent)
    : RowModel(parent), m_hub(hub), m_worker(worker), m_format(std::make_unique<NumberFormat>()) {
    m_progress.setInterval(kBytesMs);
    connect(&m_progress, &QTimer::timeout, this, &DownloadListModel::refresh);
    connect(&m_language, &LanguageWatch::changed, this, &DownloadListModel::followLanguage);
    if (m_hub != nullptr) {
        m_speedLimit = static_cast<double>(m_hub->downloads().bytesPerSecond());
        m_hub->downloads().setListener([this] {
            if (!m_isAwaited.exchange(true))
                QMetaObject::invokeMethod(this, &DownloadListModel::refresh, Qt::QueuedConnection);
        });
    }
    followLanguage();
    refresh();
    for (const net::DownloadInfo& info : m_infos)
        if (info.record.state == DownloadState::Interrupted) m_leftAlone.insert(info.record.id);
}

DownloadListModel::~DownloadListModel() {
    if (m_hub != nullptr) m_hub->downloads().setListener({});
}

void DownloadListModel::followLanguage() {
    m_format->followLanguage();
    if (!m_rows.empty()) emit dataChanged(index(0), index(count() - 1));
    emit languageChanged();
    emit problemChanged();
    emit listed();
}

void DownloadListModel::refresh() {
    m_isAwaited = false;
    if (m_hub == nullptr) return;
    m_infos = m_hub->downloads().list();
    for (const net::DownloadInfo& info : m_infos)
        if (canPause(info.record.state)) m_leftAlone.erase(info.record.id);
    resumeLateRefused();
    takeRows(rowsOf(m_infos));
    if (runningCount() == 0)
        m_progress.stop();
    else if (!m_progress.isActive())
        m_progress.start();
    emit listed();
}

std::vector<DownloadListModel::Row> DownloadListModel::rowsOf(
    const std::vector<net::DownloadInfo>& infos) const {
    std::vector<Row> rows;
    for (const net::DownloadInfo& info : infos) {
        const net::DownloadRecord& record = info.record;
        const std::string key = record.repository + '\n' + stemOf(record.path);
        auto row = std::ranges::find(rows, key, &Row::key);
        if (row == rows.end()) {
            rows.push_back({.key = key,
                            .ids = {},
                            .first = record,
                            .state = record.state,
                            .problem = record.problem});
            row = rows.end() - 1;
        }
        row->ids.push_back(record.id);
        if (weightOf(record.state) > weightOf(row->state)) {
            row->state = record.state;
            row->problem = record.problem;
        }
        row->nBytes += record.nBytes;
        row->nReceivedBytes +=
            record.state == DownloadState::Verified ? record.nBytes : info.nReceivedBytes;
        row->bytesPerSecond += info.bytesPerSecond;
    }
    return rows;
}

void DownloadListModel::takeRows(std::vector<Row> rows) {
    const auto take = [this](int at, Row&& wanted, Follow follow) {
        Row& shown = m_rows[static_cast<std::size_t>(at)];
        // A small one may have come between two readings.
        if (follow == Follow::Came) return tellWhole(shown);
        const bool hasOnlyGrown = follow == Follow::Stayed && shown.standsAs(wanted);
        if (hasOnlyGrown && shown.isAsFarAs(wanted)) return;
        // Also one that was fetched anew between two readings.
        const bool isNewlyWhole = shown.state != DownloadState::Verified || shown.ids != wanted.ids;
        shown = std::move(wanted);
        // Four times a second: what is bound to the other roles need not look again.
        emit dataChanged(index(at), index(at), hasOnlyGrown ? progressRoles() : QList<int>());
        if (isNewlyWhole) tellWhole(shown);
    };
    // Whether a row can be moved is a matter of its neighbours.
    if (followRows(m_rows, std::move(rows), &Row::key, take) && !m_rows.empty())
        emit dataChanged(index(0), index(count() - 1), {CanMoveEarlierRole, CanMoveLaterRole});
}

void DownloadListModel::tellWhole(const Row& row) {
    if (row.state == DownloadState::Verified)
        emit finished(QString::fromStdString(row.first.target.string()));
}

int DownloadListModel::rowOf(double downloadId) const {
    const auto found = std::ranges::find_if(m_rows, [downloadId](const Row& row) {
        return row.ids.front() == static_cast<net::DownloadId>(downloadId);
    });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

std::vector<net::DownloadId> DownloadListModel::idsOf(double downloadId) const {
    const int row = rowOf(downloadId);
    return row < 0 ? std::vector<net::DownloadId>() : m_rows[static_cast<std::size_t>(row)].ids;
}

void DownloadListModel::orderEach(std::vector<net::DownloadId> ids,
                                  void (net::DownloadQueue::*what)(net::DownloadId)) {
    if (ids.empty()) return;
    order([ids = std::move(ids), what](net::DownloadQueue& queue) {
        for (const net::DownloadId id : ids) (queue.*what)(id);
    });
}

void DownloadListModel::order(std::function<void(net::DownloadQueue&)> work) {
    if (m_hub == nullptr) return;
    m_worker.start(
        this,
        [hub = m_hub, work = std::move(work)](const std::stop_token&) -> Status {
            work(hub->downloads());
            return {};
        },
        [this](const Status&) { refresh(); });
}

void DownloadListModel::pause(double downloadId) {
    orderEach(idsOf(downloadId), &net::DownloadQueue::pause);
}

void DownloadListModel::resume(double downloadId) {
    for (const net::DownloadId id : idsOf(downloadId)) m_leftAlone.erase(id);
    orderEach(idsOf(downloadId), &net::DownloadQueue::resume);
}

void DownloadListModel::remove(double downloadId) {
    orderEach(idsOf(downloadId), &net::DownloadQueue::remove);
}

void DownloadListModel::moveEarlier(double downloadId) {
    const int row = rowOf(downloadId);
    move(row, row - 1);
}

void DownloadListModel::moveLater(double downloadId) {
    const int row = rowOf(downloadId);
    move(row, row + 1);
}

void DownloadListModel::moveTo(double downloadId, double otherId) {
    move(rowOf(downloadId), rowOf(otherId));
}

// Past all parts of those on the way, and those of the row itself in their order.
void DownloadListModel::move(int row, int other) {
    if (row < 0 || other < 0 || row >= count() || other >= count() || row == other) return;
    const int step = other > row ? 1 : -1;
    int distance = 0;
    for (int at = row; at != other; at += step)
        distance += step * static_cast<int>(m_rows[static_cast<std::size_t>(at + step)].ids.size());
    order([ids = m_rows[static_cast<std::size_t>(row)].ids, distance](net::DownloadQueue& queue) {
        queue.move(ids, distance);
    });
}

void DownloadListModel::pauseAll() {
    order([](net::DownloadQueue& queue) {
        for (const net::DownloadInfo& info : queue.list()) queue.pause(info.record.id);
    });
}

// Those that were under way when the token came, and went without it.
void DownloadListModel::resumeLateRefused() {
    std::erase_if(m_begunBefore, [this](net::DownloadId id) {
        const auto found = std::ranges::find_if(
            m_infos, [id](const net::DownloadInfo& info) { return info.record.id == id; });
        if (found == m_infos.end() || found->record.state == DownloadState::Verified) return true;
        if (found->record.state != DownloadState::Interrupted) return false;
        if (isOfTheToken(found->record.problem.code)) orderEach({id}, &net::DownloadQueue::resume);
        return true;
    });
}

void DownloadListModel::resumeRefused() {
    for (const net::DownloadInfo& info : m_infos)
        if (canPause(info.record.state)) m_begunBefore.insert(info.record.id);
    std::vector<net::DownloadId> ids;
    for (const net::DownloadInfo& info : m_infos) {
        const net::DownloadRecord& record = info.record;
        if (record.state == DownloadState::Interrupted && isOfTheToken(record.problem.code) &&
            !m_leftAlone.contains(record.id))
            ids.push_back(record.id);
    }
    orderEach(std::move(ids), &net::DownloadQueue::resume);
}

void DownloadListModel::resumeAllRefused() {
    m_leftAlone.clear();
    resumeRefused();
}

void DownloadListModel::clearFinished() {
    std::vector<net::DownloadId> ids;
    for (const Row& row : m_rows)
        if (row.state == DownloadState::Verified)
            ids.insert(ids.end(), row.ids.begin(), row.ids.end());
    orderEach(std::move(ids), &net::DownloadQueue::remove);
}

std::vector<JobInfo> DownloadListModel::openJobs() const {
    std::vector<JobInfo> jobs;
    for (const Row& row : m_rows) {
        if (row.state == DownloadState::Verified || row.state == DownloadState::Damaged) continue;
        JobInfo job{.id = static_cast<JobId>(row.ids.front()),
                    .spec = {.lane = JobLane::Network,
                             .kind = "download",
                             .subject = modelNameOf(row.first.repository).toStdString(),
                             .isShown = true,
                             .canPause = true},
                    .state = jobStateOf(row.state),
                    .progress = progressOf(row.nReceivedBytes, row.nBytes),
                    .isDurable = true};
        const std::string format = formatOf(row.first.path);
        if (!format.empty()) job.spec.formats.push_back(format);
        if (!row.problem.message.empty()) job.error = row.problem;
        jobs.push_back(std::move(job));
    }
    return jobs;
}

std::optional<double> DownloadListModel::bytesPerSecond(double downloadId) const {
    const int row = rowOf(downloadId);
    if (row < 0 || m_rows[static_cast<std::size_t>(row)].state != DownloadState::Running)
        return std::nullopt;
    return m_rows[static_cast<std::size_t>(row)].bytesPerSecond;
}

int DownloadListModel::runningCount() const {
    return static_cast<int>(std::ranges::count_if(m_rows, isMoving, &Row::state));
}

int DownloadListModel::finishedCount() const {
    return static_cast<int>(std::ranges::count(m_rows, DownloadState::Verified, &Row::state));
}

QString DownloadListModel::summary() const {
    if (m_rows.empty()) return {};
    return tr("%1 of %2 running").arg(runningCount()).arg(count());
}

bool DownloadListModel::canPauseAll() const {
    return std::ranges::any_of(m_rows, canPause, &Row::state);
}

void DownloadListModel::setSpeedLimit(double bytesPerSecond) {
    if (bytesPerSecond == m_speedLimit) return;
    m_speedLimit = bytesPerSecond;
    if (m_hub != nullptr)
        m_hub->downloads().setBytesPerSecond(static_cast<std::uint64_t>(bytesPerSecond));
    emit speedLimitChanged();
}

QVariantList DownloadListModel::speedLimits() const { return speedLimitChoices(); }

void DownloadListModel::begin(EntryDownload wanted) {
    if (m_hub == nullptr) return;
    forgetProblem();
    const QString repository = QString::fromStdString(wanted.repository);
    m_worker.start(
        this,
        [hub = m_hub, wanted = std::move(wanted)](const std::stop_token&) -> Status {
            const std::uint64_t nFree = freeBytesAt(wanted.folder).value_or(0);
            return beginDownload(hub->downloads(), wanted, nFree);
        },
        [this, repository](const Status& begun) {
            refresh();
            if (begun) return;
            m_problem = begun.error();
            emit problemChanged();
            emit refused(repository);
        });
}

QString DownloadListModel::problem() const {
    return m_problem ? downloadProblem(*m_problem, *m_format) : QString();
}

void DownloadListModel::forgetProblem() {
    if (!m_problem) return;
    m_problem.reset();
    emit problemChanged();
}

int DownloadListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant DownloadListModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count()) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const bool isWaiting = row.state == DownloadState::Waiting;
    switch (role) {
        case DownloadIdRole: return static_cast<double>(row.ids.front());
        case ToneRole: return downloadTone(row.state);
        case HasBarRole:
            return !isWaiting && row.state != DownloadState::Verified &&
                   row.state != DownloadState::Damaged && row.nBytes > 0;
        case ShareRole:
            return row.nBytes == 0 ? 0.0
                                   : std::min(1.0, static_cast<double>(row.nReceivedBytes) /
                                                       static_cast<double>(row.nBytes));
        case CanPauseRole: return canPause(row.state);
        case CanResumeRole:
            return row.state == DownloadState::Paused || row.state == DownloadState::Interrupted;
        case CanBeginAnewRole: return row.state == DownloadState::Damaged;
        case CanMoveEarlierRole: return isWaiting && index.row() > 0;
        case CanMoveLaterRole: return isWaiting && index.row() + 1 < count();
        case CanLoadRole:
            return row.state == DownloadState::Verified && !isImportancePath(row.first.path);
        case PathRole: return QString::fromStdString(row.first.target.string());
        default: return textOf(row, role);
    }
}

QVariant DownloadListModel::textOf(const Row& row, int role) const {
    switch (role) {
        case TitleRole: return modelNameOf(row.first.repository);
        case FormatRole: return QString::fromStdString(formatOf(row.first.path));
        case StateTextRole: return stateText(row);
        case SideTextRole: return sideText(row);
        case ProblemRole: return row.problem.message.empty() ? QString() : errorText(row.problem);
        case SizeTextRole: return jobSize(progressOf(0, row.nBytes), *m_format);
        case KeptTextRole:
            return row.state == DownloadState::Verified || row.nReceivedBytes == 0
                       ? QString()
                       : m_format->fileSize(static_cast<double>(row.nReceivedBytes));
        case SpokenTextRole: return spokenText(row);
        default: return {};
    }
}

QString DownloadListModel::stateText(const Row& row) const {
    if (row.state != DownloadState::Running) return downloadStateText(row.state, row.problem);
    if (row.nBytes == 0) return tr("Connecting");
    return jobAmount(progressOf(row.nReceivedBytes, row.nBytes), false, *m_format).whole();
}

QString DownloadListModel::sideText(const Row& row) const {
    const JobProgress progress = progressOf(row.nReceivedBytes, row.nBytes);
    switch (row.state) {
        case DownloadState::Running: return jobPace(progress, row.bytesPerSecond, *m_format);
        case DownloadState::Checking: return jobAmount(progress, false, *m_format).whole();
        case DownloadState::Paused:
        case DownloadState::Interrupted: return jobAmount(progress, true, *m_format).whole();
        case DownloadState::Waiting:
            return row.nReceivedBytes > 0 ? jobAmount(progress, true, *m_format).whole()
                                          : jobSize(progress, *m_format);
        case DownloadState::Verified:
        case DownloadState::Damaged: return jobSize(progress, *m_format);
    }
    return {};
}

QString DownloadListModel::spokenText(const Row& row) const {
    QStringList parts{modelNameOf(row.first.repository)};
    for (const QString& text :
         {QString::fromStdString(formatOf(row.first.path)), stateText(row), sideText(row),
          row.problem.message.empty() ? QString() : errorText(row.problem)})
        if (!text.isEmpty()) parts.append(text);
    return parts.join(QStringLiteral(", "));
}

QHash<int, QByteArray> DownloadListModel::roleNames() const {
    return {{DownloadIdRole, "downloadId"},
            {TitleRole, "title"},
            {FormatRole, "format"},
            {ToneRole, "tone"},
            {HasBarRole, "hasBar"},
            {ShareRole, "share"},
            {StateTextRole, "stateText"},
            {SideTextRole, "sideText"},
            {ProblemRole, "problem"},
            {CanPauseRole, "canPause"},
            {CanResumeRole, "canResume"},
            {CanBeginAnewRole, "canBeginAnew"},
            {SizeTextRole, "sizeText"},
            {KeptTextRole, "keptText"},
            {CanMoveEarlierRole, "canMoveEarlier"},
            {CanMoveLaterRole, "canMoveLater"},
            {CanLoadRole, "canLoad"},
            {PathRole, "path"},
            {SpokenTextRole, "spokenText"}};
}

}  // namespace sotto::app
