// InstalledController: what a person does with the model files that are here: favourites, the
// system's bin, checking that a file is what it was, and how the disk is used.
//
// Owned by AppFacade; borrows all of its parts. Files are read and moved on workers. GUI thread
// only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QVariantMap>
#include <functional>
#include <vector>

#include "app/bridge/storage_bridge.h"
#include "app/core/job_runner.h"
#include "app/core/model_places.h"
#include "app/models/model_names.h"
#include "app/models/model_removal.h"
#include "app/models/twin_list_model.h"

namespace sotto::app {

class ModelController;

class InstalledController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    // Bytes of the disk that the program's own folder for models lies on; 0: not known yet.
    Q_PROPERTY(double totalBytes READ totalBytes NOTIFY diskChanged)
    Q_PROPERTY(double freeBytes READ freeBytes NOTIFY diskChanged)
    Q_PROPERTY(double partialBytes READ partialBytes NOTIFY diskChanged)  // of unfinished downloads
    // What became of the last check or removal, a sentence; empty: nothing to tell.
    Q_PROPERTY(QString notice READ notice NOTIFY noticeChanged)
    Q_PROPERTY(bool isNoticeProblem READ isNoticeProblem NOTIFY noticeChanged)
    Q_PROPERTY(int longestName READ longestName CONSTANT)  // UTF-16 units of a name for rename()
    Q_PROPERTY(sotto::app::TwinListModel* twins READ twins CONSTANT)      // what lies here twice
    Q_PROPERTY(QString checkedPath READ checkedPath NOTIFY checkChanged)  // empty: none is checked

public:
    Q_INVOKABLE void look();  // at the disk
    Q_INVOKABLE void showInFolder(const QString& path) const;
    Q_INVOKABLE void copyPath(const QString& path) const;
    Q_INVOKABLE void setFavourite(const QString& path, bool isFavourite);
    // Shown under this name from now on; empty: its own. The file stays as it is.
    Q_INVOKABLE void rename(const QString& path, const QString& name);
    // What would go: {bytes, fileCount, program}; `program`: whose folder it lies in, else empty.
    Q_INVOKABLE QVariantMap removal(const QString& path) const;
    Q_INVOKABLE QString nameOf(const QString& path) const;  // with its type: "Qwen3 8B F16"
    // Why it must stay now: a job or a comparison reads it, or a job makes it. Empty: nothing
    // stands against it.
    Q_INVOKABLE QString refusal(const QString& path) const;
    // The same of what a model was made of, which nobody means to take from a chat that uses it.
    Q_INVOKABLE QString sourceRefusal(const QString& path) const;
    // To the system's bin, with all parts; a loaded one is let go first. `notice` where a job needs
    // it.
    Q_INVOKABLE void remove(const QString& path);
    Q_INVOKABLE void removeSource(const QString& path);  // never from the chat: sourceRefusal()
    // Reads the file and compares: with the hub's hash where it was downloaded here, else with the
    // first reading. A check under way gives way.
    Q_INVOKABLE void check(const QString& path);
    Q_INVOKABLE void stopCheck();
    Q_INVOKABLE void dismissNotice();

    struct Parts {
        ModelController& models;
        StorageBridge& storage;
        JobRunner& jobs;
        QString folder;  // the program's own for models; empty: none
        std::function<std::vector<ModelPlace>()> listPlaces;
        TrashMover moveToTrash = {};  // empty: the system's
        QString cacheFolder = {};     // where hashes are remembered; empty: nowhere
    };
    explicit InstalledController(Parts parts, QObject* parent = nullptr);
    ~InstalledController() override;

    qint64 totalBytes() const { return m_disk.total; }
    qint64 freeBytes() const { return m_disk.free; }
    qint64 partialBytes() const { return m_disk.partial; }
    QString notice() const { return m_notice; }
    bool isNoticeProblem() const { return m_isNoticeProblem; }
    QString checkedPath() const { return m_checkedPath; }
    int longestName() const { return static_cast<int>(kLongestModelName); }
    TwinListModel* twins() { return &m_twins; }

signals:
    void diskChanged();
    void noticeChanged();
    void checkChanged();
    void removed(const QString& path);

private:
    struct Disk {
        qint64 total = 0, free = 0, partial = 0;
    };
    void tell(const QString& notice, bool isProblem);
    void takeRemoval(const QString& path, const Result<qint64>& removed);
    void takeHashes(const QString& path, const QStringList& files,
                    const Result<QStringList>& hashes);
    void compare(const QString& path, const QStringList& files, const QStringList& hashes);

    Parts m_parts;
    TwinListModel m_twins;
    Disk m_disk;
    QString m_notice;
    bool m_isNoticeProblem = false;
    QString m_checkedPath;
    JobId m_looking = 0, m_checking = 0, m_removing = 0;
};

}  // namespace sotto::app
