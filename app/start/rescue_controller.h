// RescueController: what the window shows instead of the chats when the database cannot be opened:
// damaged, written by a newer Sotto, or locked.
//
// Made by main() before there is a storage or an AppFacade, and gone before they are made: so
// nothing that lives in the window has to survive a change of database. The work runs on a thread
// of its own, at most one task at a time; destroying the controller stops it and joins. Nothing is
// deleted: the damaged file is set aside first, under a name that is told. GUI thread only.
#pragma once

#include <QDateTime>
#include <QObject>
#include <QQmlEngine>
#include <QStringList>
#include <QVariantList>
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/error.h"
#include "storage/api/rescue.h"
#include "storage/api/storage.h"

namespace sotto::app {

class RescueController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("created by main()")
    Q_PROPERTY(Step step READ step NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)  // what went wrong on the way
    Q_PROPERTY(bool isBusy READ isBusy NOTIFY changed)
    Q_PROPERTY(QString fileName READ fileName CONSTANT)
    Q_PROPERTY(double fileBytes READ fileBytes NOTIFY changed)
    Q_PROPERTY(QString sentence READ sentence CONSTANT)  // why it could not be opened
    // Counted before anything is asked.
    Q_PROPERTY(double pages READ pages NOTIFY changed)
    Q_PROPERTY(double unreadablePages READ unreadablePages NOTIFY changed)
    Q_PROPERTY(int chats READ chats NOTIFY changed)
    Q_PROPERTY(int readableChats READ readableChats NOTIFY changed)
    Q_PROPERTY(QVariantList backups READ backups NOTIFY changed)  // the newest: [{madeAt, chats}]
    // While it is read.
    Q_PROPERTY(int doneChats READ doneChats NOTIFY progressed)
    Q_PROPERTY(int totalChats READ totalChats NOTIFY progressed)
    Q_PROPERTY(int messages READ messages NOTIFY progressed)
    Q_PROPERTY(int messagesLeftOut READ messagesLeftOut NOTIFY progressed)
    Q_PROPERTY(double doneBytes READ doneBytes NOTIFY progressed)
    Q_PROPERTY(double totalBytes READ totalBytes NOTIFY progressed)
    Q_PROPERTY(QString asideName READ asideName NOTIFY changed)  // empty: not set aside yet
    // Afterwards: [{title, messages, totalMessages, isInBackup}], titles may be empty.
    Q_PROPERTY(QVariantList missing READ missing NOTIFY changed)
    Q_PROPERTY(bool hasAllSettings READ hasAllSettings NOTIFY changed)
    Q_PROPERTY(bool canTakeFromBackup READ canTakeFromBackup NOTIFY changed)
    Q_PROPERTY(
        QDateTime backupTime READ backupTime NOTIFY changed)  // of the newest; may be invalid

public:
    enum Step {
        Inspecting,
        Damaged,  // choose
        Reading,
        Result,
        Newer,
        Locked,
    };
    Q_ENUM(Step)

    enum Outcome { Quit, OpenAgain, OpenBeside };
    Q_ENUM(Outcome)

    // `error`: why `database` could not be opened.
    RescueController(std::filesystem::path database, const Error& error, QObject* parent = nullptr);
    ~RescueController() override;

    // The errors that it is made for; all others leave the program in memory, with a sentence.
    static bool isFor(ErrorCode code);

    Q_INVOKABLE void readAll();
    Q_INVOKABLE void restoreBackup(int row);
    Q_INVOKABLE void startEmpty();
    Q_INVOKABLE void stop();            // reading; what was set aside is put back
    Q_INVOKABLE void takeFromBackup();  // what could not be read, as far as a backup has it
    Q_INVOKABLE void goOn();
    Q_INVOKABLE void startBeside();  // an empty library beside the newer one
    Q_INVOKABLE void tryNow();       // whether the lock is gone
    Q_INVOKABLE void showInFolder();
    Q_INVOKABLE void quit();

    Step step() const { return m_step; }
    QString problem() const { return m_problem; }
    bool isBusy() const { return m_isBusy; }
    QString fileName() const;
    double fileBytes() const { return static_cast<double>(m_fileBytes); }
    QString sentence() const { return m_sentence; }
    double pages() const { return static_cast<double>(m_damage.pages); }
    double unreadablePages() const { return static_cast<double>(m_damage.unreadablePages); }
    int chats() const { return m_damage.chats; }
    int readableChats() const { return m_damage.readableChats; }
    QVariantList backups() const;
    int doneChats() const { return m_progress.chats; }
    int totalChats() const { return m_progress.totalChats; }
    int messages() const { return m_progress.messages; }
    int messagesLeftOut() const { return m_progress.messagesLeftOut; }
    double doneBytes() const { return static_cast<double>(m_progress.bytes); }
    double totalBytes() const { return static_cast<double>(m_progress.totalBytes); }
    QString asideName() const { return m_asideName; }
    QVariantList missing() const;
    bool hasAllSettings() const { return m_report.hasAllSettings; }
    bool canTakeFromBackup() const;
    QDateTime backupTime() const;

signals:
    void changed();
    void progressed();
    void finished(sotto::app::RescueController::Outcome outcome);

private:
    void inspect();
    // Runs `work` on the worker, then `done` with its outcome on the GUI thread.
    template <typename Work, typename Done>
    void run(Work work, Done done);
    Status setAside();  // once; worker
    Status putBack();   // worker
    void tellAsideName();
    void fail(const Error& error);
    void setStep(Step step);

    const std::filesystem::path m_database;
    const QString m_sentence;
    std::int64_t m_fileBytes = 0;
    Step m_step = Inspecting;
    QString m_problem;
    bool m_isBusy = false;
    std::filesystem::path m_aside;  // of the worker; one follows the other
    QString m_asideName;
    storage::DamageReport m_damage;
    storage::RescueProgress m_progress;
    storage::RescueReport m_report;
    std::atomic<bool> m_isCancelled = false;
    std::thread m_worker;
};

}  // namespace sotto::app
