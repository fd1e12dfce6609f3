// DownloadListModel: what is on its way from a hub, in the order of the queue; the parts of a split
// model are one row.
//
// Flow: the queue tells of changes from any thread; they are read on the GUI thread, and progress
// four times a second while bytes come, so that a fast line costs the window no more than a slow
// one. Orders go to the worker, because the queue writes them to a disk. Borrows hub and worker,
// which must outlive it. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <QTimer>
#include <QVariantList>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/bridge/row_model.h"
#include "app/core/hub/entry_download.h"
#include "app/core/hub/model_hub.h"
#include "app/core/jobs/job.h"

namespace sotto::app {

class HubWorker;
class NumberFormat;

class DownloadListModel : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by HubController")
    Q_PROPERTY(int count READ count NOTIFY listed)
    Q_PROPERTY(int runningCount READ runningCount NOTIFY listed)
    Q_PROPERTY(int finishedCount READ finishedCount NOTIFY listed)
    Q_PROPERTY(QString summary READ summary NOTIFY listed)  // "1 of 5 running"; empty: no rows
    // Why the last download that was asked for did not begin; empty: it did.
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    Q_PROPERTY(bool canPauseAll READ canPauseAll NOTIFY listed)
    // Bytes per second of all together; 0: none.
    Q_PROPERTY(double speedLimit READ speedLimit WRITE setSpeedLimit NOTIFY speedLimitChanged)
    Q_PROPERTY(QVariantList speedLimits READ speedLimits NOTIFY languageChanged)

public:
    enum Tone { Quiet, Active, Checking, Finished, Trouble };
    Q_ENUM(Tone)

    enum Role {
        DownloadIdRole = Qt::UserRole + 1,
        TitleRole,   // of the model
        FormatRole,  // "Q4_K_M", "imatrix"; empty: its name does not say
        ToneRole,
        HasBarRole,     // how far it is can be drawn
        ShareRole,      // 0..1
        StateTextRole,  // "Paused", or "8.91 of 14.33 GB" while it runs
        SideTextRole,   // "48.2 MB/s, 1 min 52 s left", or what is kept
        ProblemRole,    // why it does not go on, with the remedy
        CanPauseRole,
        CanResumeRole,     // Paused, Interrupted
        CanBeginAnewRole,  // Damaged
        SizeTextRole,      // "8.71 GB"; empty: not known
        KeptTextRole,      // "9.80 GB" that remove() would delete; empty: nothing
        CanMoveEarlierRole,
        CanMoveLaterRole,
        CanLoadRole,     // whole, and a model
        PathRole,        // of its first file
        SpokenTextRole,  // the row as a sentence, for screen readers
    };
    Q_ENUM(Role)
    // role names: downloadId title format tone hasBar share stateText sideText problem canPause
    // canResume canBeginAnew sizeText keptText canMoveEarlier canMoveLater canLoad path spokenText

    DownloadListModel(ModelHub* hub, HubWorker& worker, QObject* parent = nullptr);
    ~DownloadListModel() override;

    Q_INVOKABLE void pause(double downloadId);
    Q_INVOKABLE void resume(double downloadId);  // a damaged one begins anew
    Q_INVOKABLE void remove(double downloadId);  // of one that is not whole the part goes, too
    Q_INVOKABLE void moveEarlier(double downloadId);
    Q_INVOKABLE void moveLater(double downloadId);
    void moveTo(double downloadId, double otherId);  // the place of the other one
    Q_INVOKABLE void pauseAll();
    // Those that an access token was missing for: of this run of the program, which may have asked
    // before a keyring answered; or all.
    void resumeRefused();
    void resumeAllRefused();
    Q_INVOKABLE void clearFinished();
    Q_INVOKABLE void forgetProblem();

    int count() const { return static_cast<int>(m_rows.size()); }
    int runningCount() const;
    int finishedCount() const;
    QString summary() const;
    QString problem() const;
    const std::optional<Error>& problemError() const { return m_problem; }
    bool canPauseAll() const;
    double speedLimit() const { return m_speedLimit; }
    void setSpeedLimit(double bytesPerSecond);
    QVariantList speedLimits() const;

    // What may still become whole, as the list of jobs has it: by the rows' ids, in their order.
    std::vector<JobInfo> openJobs() const;
    // As its row tells it; nothing where it does not run.
    std::optional<double> bytesPerSecond(double downloadId) const;
    // The queue's own list as of the last reading.
    const std::vector<net::DownloadInfo>& infos() const { return m_infos; }
    // Puts a model on its way; what stands against it becomes `problem`, and refused() tells it.
    void begin(EntryDownload wanted);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    bool isReading() const { return m_progress.isActive(); }  // again and again, while bytes come
    // Reads everything again.
    void refresh();

signals:
    void listed();                // after each reading
    void finished(QString path);  // a model is whole
    void refused(QString repository);
    void problemChanged();
    void speedLimitChanged();
    void languageChanged();

private:
    // One model; of a split one all parts.
    struct Row {
        std::string key;
        std::vector<net::DownloadId> ids;
        net::DownloadRecord first;
        net::DownloadState state = net::DownloadState::Waiting;
        Error problem;  // empty message: none
        std::uint64_t nBytes = 0;
        std::uint64_t nReceivedBytes = 0;
        double bytesPerSecond = 0;

        bool isAsFarAs(const Row& other) const;
        bool standsAs(const Row& other) const;  // but for how far it is
    };

    std::vector<Row> rowsOf(const std::vector<net::DownloadInfo>& infos) const;
    void takeRows(std::vector<Row> rows);
    void tellWhole(const Row& row);
    int rowOf(double downloadId) const;
    QVariant textOf(const Row& row, int role) const;
    QString stateText(const Row& row) const;
    QString sideText(const Row& row) const;
    QString spokenText(const Row& row) const;
    std::vector<net::DownloadId> idsOf(double downloadId) const;
    void order(std::function<void(net::DownloadQueue&)> work);
    void orderEach(std::vector<net::DownloadId> ids,
                   void (net::DownloadQueue::*what)(net::DownloadId));
    void move(int row, int other);
    void followLanguage();
    void resumeLateRefused();

    ModelHub* m_hub;  // null: there is none, and the list stays empty
    HubWorker& m_worker;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    QTimer m_progress;
    std::vector<net::DownloadInfo> m_infos;
    std::vector<Row> m_rows;
    std::set<net::DownloadId> m_leftAlone;    // that stood when the program began, and stand still
    std::set<net::DownloadId> m_begunBefore;  // the token came, and may still be refused
    std::optional<Error> m_problem;
    double m_speedLimit = 0;
    std::atomic<bool> m_isAwaited = false;  // refresh() is on its way
};

}  // namespace sotto::app
