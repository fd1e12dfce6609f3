#include "app/workshop/importance_finder.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/core/hub/entry_download.h"
#include "app/hub/hub_texts.h"
#include "app/jobs/job_texts.h"
#include "app/jobs/window_job.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

using net::DownloadState;

QString pathText(const std::filesystem::path& path) {
    return QDir::cleanPath(QString::fromStdString(path.string()));
}

bool isOnItsWay(DownloadState state) {
    return state == DownloadState::Waiting || state == DownloadState::Running ||
           state == DownloadState::Checking;
}

EntryDownload downloadOf(const PublishedImportance& wanted, const QString& folder) {
    HubEntry entry;
    entry.kind = HubEntryKind::Matrix;
    entry.name = wanted.file.path;
    entry.parts = {wanted.file};
    entry.nBytes = wanted.file.nBytes;
    return {.repository = wanted.repository,
            .commit = wanted.commit,
            .entry = std::move(entry),
            .folder = folder.toStdString()};
}

}  // namespace

ImportanceFinder::ImportanceFinder(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_format(std::make_unique<NumberFormat>()) {
    m_format->followLanguage();
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        emit changed();
        emit foundChanged();
        emit progressed();
    });
    if (m_parts.hub == nullptr) return;
    DownloadListModel* const downloads = m_parts.hub->downloads();
    connect(m_parts.hub, &HubController::networkChanged, this, &ImportanceFinder::changed);
    connect(downloads, &DownloadListModel::listed, this, &ImportanceFinder::followDownloads);
    connect(downloads, &DownloadListModel::refused, this, [this, downloads](const QString& of) {
        if (m_state != Fetching || infoOfTarget() != nullptr ||
            !m_target.startsWith(QDir(m_folder).filePath(of) + QLatin1Char('/')))
            return;
        m_target.clear();
        if (const auto error = downloads->problemError()) fail(*error);
    });
}

ImportanceFinder::~ImportanceFinder() { m_asking.request_stop(); }

void ImportanceFinder::setState(State state) {
    m_state = state;
    emit changed();
    emit progressed();
}

bool ImportanceFinder::canLook() const { return m_parts.hub != nullptr && !m_folder.isEmpty(); }

QString ImportanceFinder::host() const {
    return m_parts.hub == nullptr ? QString() : m_parts.hub->host();
}

void ImportanceFinder::begin(const QString& source, const QString& folder) {
    m_asking.request_stop();
    ++m_nSources;
    m_source = source;
    m_folder = folder;
    m_model.clear();
    m_isModelTyped = m_isPrepared = false;
    m_found.clear();
    m_chosenRow = -1;
    m_error.reset();
    m_target.clear();
    setState(Idle);
    emit foundChanged();
    followDownloads();
}

void ImportanceFinder::prepare() {
    if (m_state == Fetched) setState(m_found.empty() ? Idle : Found);
    if (std::exchange(m_isPrepared, true) || m_source.isEmpty()) return;
    startForWindow(
        m_parts.jobs, this, shortDiskJob("read whose model it is"),
        [source = m_source.toStdString()](JobContext&) -> Result<std::string> {
            // What cannot be read is called by its name.
            const auto origin = readModelOrigin(source);
            return modelLookedFor(origin.value_or(ModelOrigin()), source);
        },
        [this, number = m_nSources](const Result<std::string>& model) {
            if (!model || number != m_nSources || m_isModelTyped) return;
            m_model = QString::fromStdString(*model);
            emit changed();
        });
}

void ImportanceFinder::setModel(const QString& model) {
    if (model == m_model) return;
    m_model = model;
    m_isModelTyped = true;
    emit changed();
}

// --- looking ------------------------------------------------------------------------------------

void ImportanceFinder::look() {
    const bool isBusy = m_state == Looking || m_state == Fetching || m_state == Stopped;
    if (isBusy || !canLook() || m_model.trimmed().isEmpty()) return;
    m_error.reset();
    m_found.clear();
    m_chosenRow = -1;
    m_asking = m_parts.hub->questions().start(
        this,
        [hub = m_parts.hub->modelHub(),
         model = m_model.trimmed().toStdString()](const std::stop_token& stop) {
            return findPublishedImportance(hub->client(), model, stop);
        },
        [this](Result<std::vector<PublishedImportance>> found) { takeFound(std::move(found)); });
    setState(Looking);
}

void ImportanceFinder::stop() {
    if (m_state != Looking) return;
    m_asking.request_stop();
    setState(Idle);
}

void ImportanceFinder::takeFound(Result<std::vector<PublishedImportance>> found) {
    if (!found) return fail(found.error());
    m_found = std::move(*found);
    m_chosenRow = m_found.empty() ? -1 : 0;
    setState(m_found.empty() ? NoneFound : Found);
    emit foundChanged();
}

void ImportanceFinder::fail(const Error& error) {
    m_error = error;
    setState(Failed);
}

void ImportanceFinder::setChosenRow(int row) {
    if (row == m_chosenRow || row < 0 || row >= static_cast<int>(m_found.size())) return;
    m_chosenRow = row;
    emit changed();
}

QVariantList ImportanceFinder::found() const {
    QVariantList list;
    for (const PublishedImportance& one : m_found) {
        const QString repository = QString::fromStdString(one.repository);
        const QString file = QString::fromStdString(one.file.path);
        const QString size = m_format->fileSize(static_cast<double>(one.file.nBytes));
        const QString downloads =
            tr("%1 downloads").arg(m_format->shortCount(static_cast<double>(one.nDownloads)));
        QStringList spoken{repository, file, size, downloads};
        if (one.isGated) spoken.append(tr("gated"));
        list.append(QVariantMap{{QStringLiteral("repository"), repository},
                                {QStringLiteral("file"), file},
                                {QStringLiteral("size"), size},
                                {QStringLiteral("downloads"), downloads},
                                {QStringLiteral("isGated"), one.isGated},
                                {QStringLiteral("spoken"), spoken.join(QStringLiteral(", "))}});
    }
    return list;
}

// --- the download -------------------------------------------------------------------------------

QString ImportanceFinder::targetOf(const PublishedImportance& wanted) const {
    return pathText(entryFolder(m_folder.toStdString(), wanted.repository) /
                    std::filesystem::path(wanted.file.path));
}

void ImportanceFinder::fetch() {
    if (m_state != Found || m_chosenRow < 0) return;
    const EntryDownload wanted =
        downloadOf(m_found[static_cast<std::size_t>(m_chosenRow)], m_folder);
    m_target = targetOf(m_found[static_cast<std::size_t>(m_chosenRow)]);
    m_info = {};
    m_error.reset();
    startForWindow(
        m_parts.jobs, this, shortDiskJob("look for a file"),
        [wanted](JobContext&) -> Result<bool> {
            return isEntryThere(wanted.entry, entryFolder(wanted.folder, wanted.repository));
        },
        [this, target = m_target, wanted](Result<bool> isThere) {
            if (target != m_target || m_state != Fetching || infoOfTarget() != nullptr) return;
            if (isThere.value_or(false)) return take(target);
            m_parts.hub->downloads()->begin(wanted);
        });
    setState(Fetching);
}

const net::DownloadInfo* ImportanceFinder::infoOfTarget() const {
    if (m_parts.hub == nullptr || m_target.isEmpty()) return nullptr;
    const auto& infos = m_parts.hub->downloads()->infos();
    const auto found = std::ranges::find_if(infos, [this](const net::DownloadInfo& info) {
        return pathText(info.record.target) == m_target;
    });
    return found == infos.end() ? nullptr : &*found;
}

void ImportanceFinder::followDownloads() {
    if (!canLook()) return;
    // One that was begun for this source before.
    if (m_target.isEmpty() && m_state == Idle)
        for (const net::DownloadInfo& info : m_parts.hub->downloads()->infos()) {
            const QString target = pathText(info.record.target);
            if (info.record.state != DownloadState::Verified &&
                target.startsWith(m_folder + QLatin1Char('/')))
                m_target = target;
        }
    const net::DownloadInfo* const info = infoOfTarget();
    if (info == nullptr) {
        // Taken from the list by a person.
        if (m_info.record.id == 0 || (m_state != Fetching && m_state != Stopped)) return;
        m_info = {};
        m_target.clear();
        return setState(m_found.empty() ? Idle : Found);
    }
    const bool isNew = m_info.record.state != info->record.state || m_info.record.id == 0;
    m_info = *info;
    if (m_info.record.state == DownloadState::Verified) return take(m_target);
    const State now = isOnItsWay(m_info.record.state) ? Fetching : Stopped;
    if (now != m_state || isNew) return setState(now);
    emit progressed();
}

void ImportanceFinder::take(const QString& target) {
    const QString path = target;  // which may be the one that is forgotten here
    m_target.clear();
    m_info = {};
    setState(Fetched);
    m_parts.take(path);
    emit fetched();
}

void ImportanceFinder::cancel() {
    if (m_state != Fetching && m_state != Stopped) return;
    if (m_info.record.id != 0)
        m_parts.hub->downloads()->remove(static_cast<double>(m_info.record.id));
    m_target.clear();
    m_info = {};
    setState(m_found.empty() ? Idle : Found);
}

void ImportanceFinder::tryAgain() {
    if (m_state == Stopped)
        return m_parts.hub->downloads()->resume(static_cast<double>(m_info.record.id));
    if (m_state != Failed) return;
    m_error.reset();
    if (m_found.empty()) return look();
    setState(Found);
    fetch();
}

// --- what is told -------------------------------------------------------------------------------

bool ImportanceFinder::isOfflineProblem() const {
    const Error& error = m_error ? *m_error : m_info.record.problem;
    return !error.message.empty() && error.code == ErrorCode::Offline;
}

QString ImportanceFinder::problemTitle() const {
    if (m_state == Stopped) return downloadStateText(m_info.record.state, m_info.record.problem);
    if (!m_error) return {};
    return m_found.empty() ? HubSearchModel::titleOf(m_error->code)
                           : tr("The download did not begin");
}

QString ImportanceFinder::problem() const {
    if (m_state == Stopped)
        return m_info.record.problem.message.empty() ? QString() : errorText(m_info.record.problem);
    return m_error ? downloadProblem(*m_error, *m_format) : QString();
}

QString ImportanceFinder::fetchedName() const { return QFileInfo(m_target).fileName(); }

double ImportanceFinder::share() const {
    return std::max(0.0, shareOf({m_info.nReceivedBytes, m_info.record.nBytes, JobUnit::Bytes}));
}

QString ImportanceFinder::progressText() const {
    if (m_state != Fetching && m_state != Stopped) return {};
    if (m_info.record.state == DownloadState::Checking || m_state == Stopped)
        return downloadStateText(m_info.record.state, m_info.record.problem);
    if (m_info.record.nBytes == 0) return tr("Connecting");
    return jobAmount({m_info.nReceivedBytes, m_info.record.nBytes, JobUnit::Bytes}, false,
                     *m_format)
        .whole();
}

QString ImportanceFinder::paceText() const {
    if (m_state != Fetching) return {};
    return jobPace({m_info.nReceivedBytes, m_info.record.nBytes, JobUnit::Bytes},
                   m_info.bytesPerSecond, *m_format);
}

}  // namespace sotto::app
