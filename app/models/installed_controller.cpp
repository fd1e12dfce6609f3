#include "app/models/installed_controller.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QDirIterator>
#include <QFileInfo>
#include <QGuiApplication>
#include <QStorageInfo>
#include <QUrl>
#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"
#include "app/models/model_names.h"
#include "app/models/plan_cache.h"
#include "app/system/number_format.h"
#include "base/existing_folder.h"

namespace sotto::app {
namespace {

// Of a file that was never read: what the disk says of it.
storage::ModelRecord plainRecord(const QString& path) {
    storage::ModelRecord record;
    record.path = path.toStdString();
    record.name = QFileInfo(path).completeBaseName().toStdString();
    if (const auto stamp = stampOf(path)) {
        record.sizeBytes = stamp->sizeBytes;
        record.modifiedAt = stamp->modifiedAt;
    }
    return record;
}

// What a hub's record and an earlier reading say of a model's files.
struct KnownHashes {
    QStringList ofHub;       // one per file; empty where the hub's hash is not known
    QString ofFirstReading;  // of all files together
    QString twin;            // another model file with the same content
};

KnownHashes knownHashes(storage::Database& database, const std::string& path,
                        const QStringList& files, const QString& joined) {
    KnownHashes known;
    const auto downloads = database.downloads().list();
    for (const QString& file : files) {
        QString hash;
        if (downloads)
            for (const storage::DownloadRecord& download : *downloads)
                if (download.target == file.toStdString())
                    hash = QString::fromStdString(download.sha256);
        known.ofHub.append(hash);
    }
    const auto models = database.models().list();
    if (!models) return known;
    for (const storage::ModelRecord& model : *models) {
        const QString hash = QString::fromStdString(model.sha256);
        if (model.path == path)
            known.ofFirstReading = hash;
        else if (!hash.isEmpty() && hash == joined)
            known.twin = QString::fromStdString(model.path);
    }
    return known;
}

}  // namespace

InstalledController::InstalledController(Parts parts, QObject* parent)
    : QObject(parent),
      m_parts(std::move(parts)),
      m_twins({*m_parts.models.list(), m_parts.jobs, m_parts.listPlaces, m_parts.cacheFolder}) {
    if (!m_parts.moveToTrash)
        m_parts.moveToTrash = [](const QString& path) { return QFile::moveToTrash(path); };
    connect(m_parts.models.list(), &ModelListModel::countChanged, this, &InstalledController::look);
}

InstalledController::~InstalledController() {
    for (const JobId job : {m_looking, m_checking, m_removing}) m_parts.jobs.cancel(job);
}

void InstalledController::tell(const QString& notice, bool isProblem) {
    m_notice = notice;
    m_isNoticeProblem = isProblem;
    emit noticeChanged();
}

void InstalledController::dismissNotice() { tell({}, false); }

void InstalledController::look() {
    if (m_parts.folder.isEmpty()) return;
    m_parts.jobs.cancel(m_looking);
    m_looking = startForWindow(
        m_parts.jobs, this, shortDiskJob("look at the disk"),
        [folder = m_parts.folder](JobContext& context) -> Result<Disk> {
            const auto place = existingFolder(folder.toStdString());
            const QStorageInfo disk(QString::fromStdString(place.string()));
            Disk found{.total = disk.bytesTotal(), .free = disk.bytesAvailable()};
            QDirIterator parts(folder, {QStringLiteral("*.part")}, QDir::Files,
                               QDirIterator::Subdirectories);
            while (parts.hasNext() && !context.isCancelled()) {
                parts.next();
                found.partial += parts.fileInfo().size();
            }
            return found;
        },
        [this](const Result<Disk>& found) {
            if (!found) return;
            m_disk = *found;
            emit diskChanged();
        });
}

void InstalledController::showInFolder(const QString& path) const {
    QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).absolutePath()));
}

void InstalledController::copyPath(const QString& path) const {
    QGuiApplication::clipboard()->setText(path);
}

void InstalledController::setFavourite(const QString& path, bool isFavourite) {
    const storage::ModelRecord record = plainRecord(path);
    m_parts.storage.submit(
        this,
        [record, isFavourite](storage::Database& database) -> Status {
            // A file that was only met in a folder has no row yet.
            if (!database.models().get(record.path)) SOTTO_TRY(database.models().save(record));
            return database.models().setFavourite(record.path, isFavourite);
        },
        [this](const Status& kept) {
            if (!kept) return tell(errorText(kept.error()), true);
            m_parts.models.refresh();
        });
}

void InstalledController::rename(const QString& path, const QString& name) {
    m_parts.storage.submit(
        this,
        [path, name](storage::Database& database) { return keepModelName(database, path, name); },
        [this](const Status& kept) {
            if (!kept) return tell(errorText(kept.error()), true);
            m_parts.models.refresh();
        });
}

QVariantMap InstalledController::removal(const QString& path) const {
    const QStringList files = modelFilesOf(path);
    qint64 nBytes = 0;
    for (const QString& file : files)
        if (const QFileInfo info(file); !info.isSymLink()) nBytes += info.size();
    return {
        {QStringLiteral("bytes"), static_cast<double>(nBytes)},
        {QStringLiteral("fileCount"), static_cast<int>(files.size())},
        {QStringLiteral("program"),
         programOf(path, m_parts.listPlaces ? m_parts.listPlaces() : std::vector<ModelPlace>())}};
}

QString InstalledController::nameOf(const QString& path) const {
    const ModelEntry* entry = m_parts.models.list()->find(path);
    return entry == nullptr ? QFileInfo(path).fileName() : nameWithType(*entry);
}

QString InstalledController::refusal(const QString& path) const {
    if (m_parts.models.isCompared(path))
        return tr("“%1” is read by a comparison. Wait for its end, or stop it first.")
            .arg(QFileInfo(path).fileName());
    const std::string wanted = path.toStdString();
    for (const JobInfo& job : m_parts.jobs.jobs()) {
        if (isOver(job.state)) continue;
        const bool isRead = std::ranges::find(job.spec.reads, wanted) != job.spec.reads.end();
        if (isRead || job.spec.made == wanted)
            return tr("“%1” is still needed by a job in the list. Wait for it, or cancel it first.")
                .arg(QFileInfo(path).fileName());
    }
    return {};
}

QString InstalledController::sourceRefusal(const QString& path) const {
    const ModelController::State state = m_parts.models.state();
    const bool isInUse = state == ModelController::Loaded || state == ModelController::Loading ||
                         state == ModelController::Resting;
    if (isInUse && m_parts.models.path() == path)
        return tr("“%1” is the model that the chat uses. Load another one first.")
            .arg(QFileInfo(path).fileName());
    return refusal(path);
}

void InstalledController::remove(const QString& path) {
    if (const QString sentence = refusal(path); !sentence.isEmpty()) return tell(sentence, true);
    if (m_parts.models.path() == path) m_parts.models.unload();
    m_removing = startForWindow(
        m_parts.jobs, this, shortDiskJob("remove a model"),
        [path, move = m_parts.moveToTrash](JobContext&) {
            return moveToBin(modelFilesOf(path), move);
        },
        [this, path](const Result<qint64>& removed) { takeRemoval(path, removed); });
}

void InstalledController::removeSource(const QString& path) {
    if (const QString sentence = sourceRefusal(path); !sentence.isEmpty())
        return tell(sentence, true);
    remove(path);
}

void InstalledController::takeRemoval(const QString& path, const Result<qint64>& removed) {
    if (!removed) {
        tell(errorText(removed.error()), true);
    } else {
        NumberFormat format;
        format.followLanguage();
        tell(tr("“%1” is in the bin. Emptying it frees %2.")
                 .arg(QFileInfo(path).fileName(), format.fileSize(static_cast<double>(*removed))),
             false);
        m_twins.forget(path);
        m_parts.storage.submit([path = path.toStdString()](storage::Database& database) -> Status {
            // None where it was never loaded.
            static_cast<void>(database.models().remove(path));
            return {};
        });
    }
    m_parts.models.refresh();
    look();
    emit this->removed(path);
}

void InstalledController::check(const QString& path) {
    stopCheck();
    m_checkedPath = path;
    JobSpec spec = shortDiskJob("check a model");
    spec.isShort = false;
    spec.isShown = true;
    spec.subject = QFileInfo(path).fileName().toStdString();
    // Links and what they lead to are one.
    QStringList files;
    for (const QString& file : modelFilesOf(path))
        if (!QFileInfo(file).isSymLink()) files.append(file);
    m_checking = startForWindow(
        m_parts.jobs, this, spec,
        [files](JobContext& context) { return hashFiles(files, context); },
        [this, path, files](const Result<QStringList>& hashes) {
            takeHashes(path, files, hashes);
        });
    emit checkChanged();
}

void InstalledController::stopCheck() {
    if (m_checkedPath.isEmpty()) return;
    m_parts.jobs.cancel(m_checking);
    m_checkedPath.clear();
    emit checkChanged();
}

void InstalledController::takeHashes(const QString& path, const QStringList& files,
                                     const Result<QStringList>& hashes) {
    if (path != m_checkedPath) return;  // another one took its place
    m_checkedPath.clear();
    emit checkChanged();
    if (hashes) return compare(path, files, *hashes);
    if (hashes.error().code != ErrorCode::Cancelled) tell(errorText(hashes.error()), true);
}

void InstalledController::compare(const QString& path, const QStringList& files,
                                  const QStringList& hashes) {
    const QString joined = hashes.join(QLatin1Char('+'));
    storage::ModelRecord record = plainRecord(path);
    record.sha256 = joined.toStdString();
    m_parts.storage.submit(
        this,
        [record, files, joined](storage::Database& database) -> Result<KnownHashes> {
            KnownHashes known = knownHashes(database, record.path, files, joined);
            if (known.ofFirstReading.isEmpty()) SOTTO_TRY(database.models().save(record));
            return known;
        },
        [this, path, hashes, joined](const Result<KnownHashes>& known) {
            if (!known) return tell(errorText(known.error()), true);
            const QString name = QFileInfo(path).fileName();
            const bool isOfHub = !known->ofHub.contains(QString());
            const bool isSame =
                isOfHub ? known->ofHub == hashes
                        : known->ofFirstReading.isEmpty() || known->ofFirstReading == joined;
            if (!isSame)
                return tell(tr("“%1” is not what it was: its content has changed. Download it "
                               "again.")
                                .arg(name),
                            true);
            QString text = isOfHub ? tr("“%1” is whole: it is what the hub has.").arg(name)
                           : known->ofFirstReading.isEmpty()
                               ? tr("“%1” was read to its end. The next check compares with this "
                                    "one.")
                                     .arg(name)
                               : tr("“%1” is what it was at the first check.").arg(name);
            if (!known->twin.isEmpty())
                text += QLatin1Char(' ') + tr("The same file lies at %1.").arg(known->twin);
            tell(text, false);
        });
}

}  // namespace sotto::app
