#include "app/models/folder_watch.h"

#include <QDateTime>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPointer>
#include <QSet>
#include <utility>

#include "base/guarded.h"

namespace sotto::app {
namespace {

// A look ends between two entries; a drive that takes longer for one does not answer.
constexpr unsigned long kLongestEndMs = 2000;

QString textOfPath(const std::filesystem::path& path) {
    return QString::fromStdString(path.string());
}

// On the watcher's thread.
void watchPaths(QFileSystemWatcher& watcher, const std::vector<std::filesystem::path>& paths) {
    QSet<QString> wanted;
    for (const auto& path : paths) wanted.insert(textOfPath(path));
    QStringList gone;
    for (const QStringList& there : {watcher.directories(), watcher.files()})
        for (const QString& path : there)
            if (!wanted.remove(path)) gone.append(path);
    if (!gone.isEmpty()) watcher.removePaths(gone);
    if (!wanted.isEmpty()) watcher.addPaths(QStringList(wanted.begin(), wanted.end()));
}

}  // namespace

bool Restless::has(const std::filesystem::path& file) const {
    if (!folders.contains(file.parent_path())) return false;
    const FileTrace now = traceOf(file);
    const auto known = settled.find(file);
    return known == settled.end() ? now.nBytes > 0 || now.modifiedAtMs > 0 : known->second != now;
}

FolderWatch::FolderWatch(QObject* parent)
    : QObject(parent), m_thread(new QThread), m_watcher(new QFileSystemWatcher) {
    m_watcher->moveToThread(m_thread);
    connect(m_thread, &QThread::finished, m_watcher, &QObject::deleteLater);
    m_thread->start();
    m_settle.setSingleShot(true);
    m_settle.setInterval(kSettleMs);
    connect(&m_settle, &QTimer::timeout, this, &FolderWatch::look);
    connect(m_watcher, &QFileSystemWatcher::directoryChanged, this, &FolderWatch::noteFolder);
    connect(m_watcher, &QFileSystemWatcher::fileChanged, this,
            [this](const QString& file) { noteFolder(QFileInfo(file).path()); });
    if (auto* window = qobject_cast<QGuiApplication*>(QCoreApplication::instance()))
        connect(window, &QGuiApplication::applicationStateChanged, this,
                [this](Qt::ApplicationState state) {
                    if (state == Qt::ApplicationActive) lookSoon();
                });
}

FolderWatch::~FolderWatch() {
    if (m_isStopped) *m_isStopped = true;
    m_thread->quit();
    if (m_thread->wait(kLongestEndMs)) delete m_thread;
}

void FolderWatch::setFolders(const QStringList& folders) {
    // One of them may not have been there before; and where a system tells nothing, a copy under
    // way is met by the look behind each reading of the list.
    if (folders == m_folders) return lookSoon();
    m_folders = folders;
    m_last.reset();
    m_told.reset();
    m_restless.clear();
    if (m_isStopped) *m_isStopped = true;
    startLook();
}

void FolderWatch::noteFolder(const QString& folder) {
    m_restless.insert(folder.toStdString());
    lookSoon();
}

// Not put off by what happens meanwhile: a folder in which something always happens is looked at,
// too.
void FolderWatch::lookSoon() {
    if (!m_settle.isActive() && !m_folders.isEmpty()) m_settle.start();
}

// A look that takes long is not ended by what happens meanwhile: it would never come to its end.
void FolderWatch::look() {
    m_settle.stop();
    if (m_isLooking)
        m_isWanted = true;
    else
        startLook();
}

void FolderWatch::startLook() {
    std::vector<std::filesystem::path> folders;
    for (const QString& folder : m_folders) folders.emplace_back(folder.toStdString());
    m_isLooking = true;
    m_isWanted = false;
    m_isStopped = std::make_shared<std::atomic<bool>>(false);
    // Nothing of this object is used on the thread, which may outlive it.
    QMetaObject::invokeMethod(
        m_watcher, [self = QPointer(this), watcher = m_watcher, folders = std::move(folders),
                    isStopped = m_isStopped, number = ++m_nLooks] {
            std::optional<FolderLook> look;
            const Status seen = guarded([&]() -> Status {
                look = lookAtFolders(folders, [&isStopped] { return isStopped->load(); });
                if (!*isStopped) watchPaths(*watcher, look->watched);
                return {};
            });
            if (!seen || *isStopped) look.reset();
            if (*isStopped || QCoreApplication::instance() == nullptr) return;
            QMetaObject::invokeMethod(QCoreApplication::instance(),
                                      [self, number, look = std::move(look)]() mutable {
                                          if (self) self->takeLook(number, std::move(look));
                                      });
        });
}

void FolderWatch::takeLook(int number, std::optional<FolderLook> look) {
    if (number != m_nLooks) return;  // of other folders
    m_isLooking = false;
    if (look) take(std::move(*look));
    if (m_isWanted) lookSoon();
    emit looked();
}

void FolderWatch::take(FolderLook look) {
    const bool isFirst = !m_told;
    const bool isSettled = isFirst || look.files == m_last->files;
    if (!isSettled)
        for (const auto& [file, trace] : look.files) {
            // What grows where the system tells nothing is found by its size.
            const auto before = m_last->files.find(file);
            if (before == m_last->files.end() || before->second != trace)
                m_restless.insert(file.parent_path());
        }
    const bool isOther = !isFirst && isSettled && look.files != m_told->files;
    m_last = std::move(look);
    if (isSettled) {
        m_told = m_last;
        if (isFirst) return doubtYoungFiles();
        // What happened since then is seen by the next look.
        if (!m_settle.isActive() && !m_isWanted) m_restless.clear();
    } else {
        lookSoon();
    }
    if (isOther) emit changed();
}

// What was written a moment before the first look may still be on its way.
void FolderWatch::doubtYoungFiles() {
    const qint64 youngest = QDateTime::currentMSecsSinceEpoch() - 2 * kSettleMs;
    const std::size_t nYoung = std::erase_if(m_told->files, [&](const auto& entry) {
        const bool isYoung = entry.second.modifiedAtMs > youngest;
        if (isYoung) m_restless.insert(entry.first.parent_path());
        return isYoung;
    });
    if (nYoung > 0) lookSoon();
}

Restless FolderWatch::restless() const {
    Restless restless{.folders = m_restless, .settled = {}};
    if (m_told) restless.settled = m_told->files;
    return restless;
}

}  // namespace sotto::app
