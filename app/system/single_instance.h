// SingleInstance: one window per data folder; a second start brings the first to the front and
// ends.
//
// A lock in the data folder (FileLock) says who is first; the system gives it back however its
// holder ends. Only the holder replaces the local socket (QLocalServer, no network) on which later
// starts ask for the window, so a living one is never cut off. The socket lies in the user's
// runtime folder, or in the data folder where there is none; only this user may connect. Owned by
// main(), outlives storage. GUI thread only.
#pragma once

#include <QLocalServer>
#include <QObject>
#include <optional>

#include "base/file_lock.h"

namespace sotto::app {

class SingleInstance : public QObject {
    Q_OBJECT

public:
    enum class Claim {
        First,       // nobody else uses the folder, or it cannot be locked
        Shown,       // another has it and shows its window
        Unanswered,  // another has it and does not answer: see problem()
    };

    // `runtimeFolder`: $XDG_RUNTIME_DIR; empty or not there: the socket lies in the data folder.
    SingleInstance(const QString& dataFolder, const QString& runtimeFolder,
                   QObject* parent = nullptr);

    // Waits up to `timeoutMs` for one that is still starting, hanging or just ending, and becomes
    // the first if it ends meanwhile. Once.
    Claim claim(int timeoutMs);

    // Who has the folder and what to do, for people; empty unless claim() said Unanswered.
    const QString& problem() const { return m_problem; }

signals:
    void activationRequested();

private:
    // True when this process is the first from now on.
    bool takeLock();
    bool askOther(int timeoutMs) const;
    void listen();
    void greet(QLocalSocket* socket);

    QString m_dataFolder;
    QString m_socket;  // a path; on Windows the name of a pipe
    QString m_problem;
    std::optional<FileLock> m_lock;
    QLocalServer m_server;
};

}  // namespace sotto::app
