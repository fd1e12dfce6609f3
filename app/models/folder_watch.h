// FolderWatch: tells when what lies in the folders of models has become another, once it has
// settled: a file that is still being copied is told when it does not grow any more.
//
// What the system tells of the folders starts a look at them; two looks that see the same are the
// end of a change. Where a system tells nothing (drives of a network) the window's coming to the
// front does. Looks and questions to the system are made on a thread of its own, one at a time: a
// drive that answers late holds up nothing else, and one that never answers is left behind at the
// end. Owned by ModelController. GUI thread only.
#pragma once

#include <QFileSystemWatcher>
#include <QObject>
#include <QStringList>
#include <QThread>
#include <QTimer>
#include <atomic>
#include <memory>
#include <optional>
#include <set>

#include "app/core/folder_look.h"

namespace sotto::app {

// What is on its way, and so is not to be read. A value, for whoever reads on a worker.
struct Restless {
    std::set<std::filesystem::path> folders;  // in which something happens
    std::map<std::filesystem::path, FileTrace> settled;

    // Whether the file lies in such a folder and is not what it was when it was last settled.
    // Asks the disk.
    bool has(const std::filesystem::path& file) const;
};

class FolderWatch : public QObject {
    Q_OBJECT

public:
    // Between two looks: as long as a copy may pause without being taken for whole.
    static constexpr int kSettleMs = 1500;

    explicit FolderWatch(QObject* parent = nullptr);
    ~FolderWatch() override;

    // What lies in other folders than before is known already.
    void setFolders(const QStringList& folders);
    void lookSoon();  // something may have happened
    void look();      // now, or again once the look under way has ended
    Restless restless() const;
    void setSettleMs(int ms) { m_settle.setInterval(ms); }  // tests

signals:
    void changed();  // and has settled
    void looked();   // whatever was seen, and what is there is watched

private:
    void noteFolder(const QString& folder);
    void startLook();
    void takeLook(int number, std::optional<FolderLook> look);
    void take(FolderLook look);
    void doubtYoungFiles();

    QThread* m_thread;              // the watcher's; left behind where a drive holds it
    QFileSystemWatcher* m_watcher;  // goes with its thread
    QTimer m_settle;
    QStringList m_folders;
    std::shared_ptr<std::atomic<bool>> m_isStopped;  // of the look, which may outlast our wish
    int m_nLooks = 0;  // the running one has this number; what comes of others is old
    bool m_isLooking = false;
    bool m_isWanted = false;                     // another one
    std::set<std::filesystem::path> m_restless;  // folders
    std::optional<FolderLook> m_last;            // as it was seen last
    std::optional<FolderLook> m_told;            // as it was when it had settled
};

}  // namespace sotto::app
