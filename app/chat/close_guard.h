// CloseGuard: whether the window may close now: not while text is in memory only and cannot be
// written or stands in an open editor, nor while a job would end that cannot go on at the next
// start.
//
// Where there is nothing of the kind the window closes at once. Otherwise everything is written
// first; when that fails or takes longer than a moment, a person is asked. Borrows all of it; GUI
// thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QStringList>
#include <QTimer>
#include <QVariantList>

#include "app/bridge/health_controller.h"
#include "app/bridge/storage_bridge.h"

namespace sotto::app {

class ChatController;
class JobListModel;
class SettingsController;
class UnstoredWords;

class CloseGuard : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(double unsavedBytes READ unsavedBytes NOTIFY changed)
    Q_PROPERTY(double storedBytes READ storedBytes NOTIFY changed)  // the chats on the disk
    // Some of it may get onto the disk; false: it stands in open editors, or is none.
    Q_PROPERTY(bool canTryAgain READ canTryAgain NOTIFY changed)
    Q_PROPERTY(QString reason READ reason NOTIFY changed)  // the cause and what is kept; a sentence
    // `reason` says what the banner over the pages says.
    Q_PROPERTY(bool tellsCause READ tellsCause NOTIFY changed)
    Q_PROPERTY(QVariantList jobs READ jobs NOTIFY changed)  // [{title, canGoOn, kept}], not over

public:
    enum State {
        Open,
        Trying,   // what is not on the disk is being written
        Waiting,  // that takes long; a person may stay or close anyway
        Asking,   // it could not be, or a job would be lost
        Closing,
    };
    Q_ENUM(State)

    struct Parts {
        storage::Storage& disk;
        StorageBridge& bridge;
        HealthController& health;
        ChatController& chat;
        JobListModel& jobs;
        SettingsController& settings;
        QString dataFolder;  // whose disk it is
    };
    // An attempt of which nobody needs to know.
    static constexpr int kPatienceMs = 200;
    explicit CloseGuard(Parts parts, QObject* parent = nullptr);

    // The window wants to close. True: it may, now. False: mayClose() or state Asking follows,
    // after kPatienceMs by way of Waiting.
    Q_INVOKABLE bool request();
    Q_INVOKABLE void tryAgain();  // writes, and closes when that went well
    Q_INVOKABLE void copyText();  // what is not on the disk
    Q_INVOKABLE void closeAnyway();
    Q_INVOKABLE void stay();

    State state() const { return m_state; }
    double unsavedBytes() const { return static_cast<double>(m_unsavedBytes); }
    bool canTryAgain() const { return m_unwrittenBytes > 0; }
    double storedBytes() const;
    QString reason() const;
    bool tellsCause() const;
    QVariantList jobs() const;

signals:
    void changed();
    void mayClose();

private:
    // On their way to the disk or refused by it.
    QStringList unstoredTexts() const;
    bool hasJobToLose() const;
    ErrorCode cause() const;  // of what keeps text from the disk; Internal: nothing known
    void take(const Status& status);
    void noteWait();
    bool isTrying() const { return m_state == Trying || m_state == Waiting; }
    void setState(State state);

    Parts m_parts;
    const UnstoredWords& m_words;
    State m_state = Open;
    QTimer m_patience;
    int m_nAttempts = 0;
    qint64 m_unwrittenBytes = 0;  // of what the disk did not take
    qint64 m_unsavedBytes = 0;    // with the open editors
};

}  // namespace sotto::app
