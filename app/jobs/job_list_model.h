// JobListModel: the jobs that a person started or has to act on, and the downloads that are not
// whole, in the order of the popover: what needs them first, then running, waiting, paused and
// finished ones.
//
// Flow: JobRunner tells of changes from any thread; they are read on the GUI thread, at most once
// per turn of the event loop, and progress twice a second while something runs. Borrows the runner,
// which must outlive it. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <QStringList>
#include <QTimer>
#include <QVariantList>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "app/bridge/row_model.h"
#include "app/core/job_runner.h"
#include "base/rate_meter.h"

namespace sotto::app {

class DownloadListModel;
class NumberFormat;

// A job that is not over, for the question when the window closes.
struct OpenJob {
    QString title;
    bool canGoOn = false;  // at the next start; otherwise closing ends it
    QString keptText;      // "9.80 of 16.07 GB kept"; empty: nothing to tell
};

class JobListModel : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(int count READ count NOTIFY summaryChanged)
    Q_PROPERTY(int openCount READ openCount NOTIFY summaryChanged)  // not over
    Q_PROPERTY(bool needsYou READ needsYou NOTIFY summaryChanged)   // one of them does
    Q_PROPERTY(double share READ share NOTIFY summaryChanged)  // of what runs: 0..1, -1 not known
    Q_PROPERTY(QString summary READ summary NOTIFY summaryChanged)  // "3 running, 2 waiting"
    Q_PROPERTY(QString spokenSummary READ spokenSummary NOTIFY summaryChanged)  // and who needs you
    Q_PROPERTY(int finishedCount READ finishedCount NOTIFY summaryChanged)
    Q_PROPERTY(bool canPauseAll READ canPauseAll NOTIFY summaryChanged)

public:
    enum State { NeedsYou, Failed, Running, Waiting, Paused, Done };
    Q_ENUM(State)

    // What a row looks like; the theme has a colour for each.
    enum Tone { Quiet, Active, Finished, Trouble };
    Q_ENUM(Tone)

    enum Role {
        JobIdRole = Qt::UserRole + 1,
        TitleRole,
        FormatsRole,   // badges: "Q4_K_M"
        IconNameRole,  // a file of resources/icons
        StateRole,
        ToneRole,
        IsWaitingRole,
        IsOverRole,
        NeedsYouRole,
        HeadingRole,       // of its section, of the first row only; what is done needs none
        HasBarRole,        // how far it is can be drawn
        ShareRole,         // 0..1; -1: not known
        DoneTextRole,      // "8.91", which stands out between the two
        AmountBeforeRole,  // ""
        AmountAfterRole,   // " of 14.33 GB"
        SideTextRole,      // pace and time left, what is kept, the size
        StateTextRole,     // why it stands, or after which it starts
        CanPauseRole,
        CanResumeRole,
        CanMoveEarlierRole,
        CanMoveLaterRole,
        SpokenTextRole,  // the row as a sentence, for screen readers
        IsDownloadRole,  // it stands among the downloads, too
        IsQuantizationRole,
        SourcePathRole,  // of the model that it reads; empty: none
        MadePathRole,    // and of the one that it has made; empty: none, or not yet
    };
    Q_ENUM(Role)
    // role names: jobId title formats iconName jobState tone isWaiting isOver needsYou heading
    // hasBar share doneText amountBefore amountAfter sideText stateText canPause canResume
    // canMoveEarlier canMoveLater spokenText isDownload isQuantization sourcePath madePath

    explicit JobListModel(JobRunner& runner, QObject* parent = nullptr);
    ~JobListModel() override;

    // From now on the list has those, too; it must outlive this.
    void setDownloads(DownloadListModel& downloads);

    Q_INVOKABLE void pause(double jobId);
    Q_INVOKABLE void resume(double jobId);
    // Of a job that is over: takes it from the list. Of a download: downloadsRequested(), because
    // hours of it would go without a question.
    Q_INVOKABLE void cancel(double jobId);
    Q_INVOKABLE void moveEarlier(double jobId);
    Q_INVOKABLE void moveLater(double jobId);
    Q_INVOKABLE void clearFinished();
    Q_INVOKABLE void pauseAll();

    std::vector<OpenJob> openJobs() const;

    int count() const { return static_cast<int>(m_rows.size()); }
    int openCount() const;
    bool needsYou() const { return countOf(JobState::NeedsYou) > 0; }
    double share() const;
    QString summary() const;
    QString spokenSummary() const;
    int finishedCount() const { return countOf(JobState::Done) + countOf(JobState::Failed); }
    bool canPauseAll() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    // Reads everything again; also when the language has changed.
    void refresh();

signals:
    void summaryChanged();
    void downloadsRequested();

private:
    std::vector<JobInfo> jobsNow() const;
    void followDownloads();
    void noteRates();
    int countOf(JobState state) const;
    QString heading(std::size_t row) const;
    QString titleBefore(std::size_t row) const;
    std::optional<double> perSecond(JobId id) const;  // in the progress's unit
    QString sideText(const JobInfo& job) const;
    QString spokenText(std::size_t row) const;
    void moveDownload(JobId id, int offset);
    bool isNextWaiting(std::size_t row, int offset) const;

    JobRunner& m_runner;
    DownloadListModel* m_downloads = nullptr;
    std::unique_ptr<NumberFormat> m_format;
    std::vector<JobInfo> m_rows;
    std::map<JobId, RateMeter> m_rates;
    QTimer m_progressTimer;
    std::atomic<bool> m_isAwaited = false;  // refresh() is on its way
};

}  // namespace sotto::app
