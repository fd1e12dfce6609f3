// HealthController: StorageHealth for the window: the one sentence of the banner, and the attempts
// to write again.
//
// Borrows both bridges. While a cause holds that a write can disprove, one is tried about every
// second, and only a try that went well clears it; damage is not written to. GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QQmlEngine>
#include <QTimer>
#include <optional>

#include "app/bridge/language_watch.h"
#include "app/bridge/storage_bridge.h"
#include "app/core/storage_health.h"

namespace sotto::app {

// Why the disk cannot be used at all in a run.
struct StartProblem {
    Error error;
    bool isCopyShown = false;  // the chats on it can be read
};

class HealthController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    // What keeps text from the disk, what is kept and what to do; empty when all is well.
    Q_PROPERTY(QString text READ text NOTIFY changed)
    // The cause's name as in sotto::errorCodeName ("diskFull"); empty when all is well.
    Q_PROPERTY(QString cause READ cause NOTIFY changed)
    Q_PROPERTY(bool canTryAgain READ canTryAgain NOTIFY changed)
    Q_PROPERTY(bool canDismiss READ canDismiss NOTIFY changed)  // a refusal, over with its command
    Q_PROPERTY(bool isTrying READ isTrying NOTIFY isTryingChanged)

public:
    static constexpr int kPauseMs = 1000;
    // `startProblem`: why the disk cannot be used at all in this run. `pauseMs`: before the next
    // attempt, at least.
    HealthController(StorageBridge& disk, StorageBridge& temporary,
                     std::optional<StartProblem> startProblem, int pauseMs = kPauseMs,
                     QObject* parent = nullptr);

    Q_INVOKABLE void tryAgain();
    Q_INVOKABLE void dismiss();

    // A failure that no command waits for (StorageOptions::onBackgroundError).
    void noteFailure(StoreKind store, const Error& error);

    QString text() const;
    QString cause() const;
    bool canTryAgain() const;
    bool canDismiss() const;
    bool isTrying() const { return m_nTrying > 0; }
    bool isAiling() const;  // something lasting keeps text from the disk
    const StorageHealth& health() const { return m_health; }

signals:
    void changed();
    void isTryingChanged();
    void tried(bool isWell);  // an attempt on all ailing databases is over

private:
    bool isWorthATry() const;
    void tryIn(StoreKind store);
    void takeAttempt(StoreKind store, const Status& status);

    StorageBridge& m_disk;
    StorageBridge& m_temporary;
    const std::optional<StartProblem> m_startProblem;
    const int m_pauseMs;
    StorageHealth m_health;
    QTimer m_nextTry;
    LanguageWatch m_language;
    QElapsedTimer m_attempt;
    int m_nTrying = 0;
};

}  // namespace sotto::app
