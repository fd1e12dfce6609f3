// StorageBridge: storage commands from the window's thread, their outcomes back on it as queued
// calls.
//
// Borrows the Storage, which must outlive it. Created and used on the GUI thread; `done` runs
// there, and only while its `context` object is alive. Destroying the bridge waits for the commands
// that are still queued.
// Failures: a lasting cause (a full disk, a lock: StorageHealth::isLasting) is told by failed()
// whoever asked; another failure by the caller's own `done`, or by failed() where there is none.
#pragma once

#include <QMap>
#include <QObject>
#include <QPointer>
#include <QStringList>
#include <functional>
#include <optional>
#include <utility>

#include "app/core/storage_health.h"
#include "storage/api/storage.h"

namespace sotto::app {

class StorageBridge : public QObject {
    Q_OBJECT

public:
    explicit StorageBridge(storage::Storage& storage, QObject* parent = nullptr);
    ~StorageBridge() override;

    // A fresh id for a chat, folder or message; see Storage::newId.
    qint64 newId() { return m_storage.newId(); }

    // Runs operation(Database&) -> Result<T> on the storage thread, then done(Result<T>) on this
    // one.
    template <typename Operation, typename Done>
    void submit(QObject* context, Operation operation, Done done) {
        m_storage.submit(std::move(operation), [this, context = QPointer<QObject>(context),
                                                done = std::move(done)](auto outcome) mutable {
            QMetaObject::invokeMethod(
                this,
                [this, context, done = std::move(done), outcome = std::move(outcome)]() mutable {
                    if (!outcome && StorageHealth::isLasting(outcome.error().code))
                        emit failed(outcome.error());
                    if (context) done(std::move(outcome));
                },
                Qt::QueuedConnection);
        });
    }

    // The same for commands whose outcome only matters when it is a failure.
    template <typename Operation>
    void submit(Operation operation) {
        submit(this, std::move(operation), [this](const auto& outcome) {
            if (!outcome && !StorageHealth::isLasting(outcome.error().code))
                emit failed(outcome.error());
        });
    }

    // A write that can be repeated and that a later one of the same key replaces (a draft, a
    // setting): when a lasting cause keeps it from the disk, it is held here and written with the
    // next retry(). `text` is what a person would lose.
    using Write = std::function<Status(storage::Database&)>;
    void keep(const QString& key, const QString& text, Write write);

    // Writes everything that is held, here and in the storage, and then as much new text as shows
    // that there is room again; done(Status) with a failure that another attempt may not meet. What
    // stays held because the database is damaged is not one: damage is told by failed().
    void retry(QObject* context, std::function<void(const Status&)> done) {
        retry(context, std::move(done), 2);
    }

    // True until the newest write of this key is stored, or refused for good.
    bool isHeld(const QString& key) const { return m_held.contains(key); }
    // What is held here, whether it could not be written or is on its way.
    QStringList unstoredTexts() const;
    // What is held here because it could not be written.
    qint64 heldBytes() const;
    QStringList heldTexts() const;

signals:
    void failed(const sotto::Error& error);
    void heldChanged();

private:
    struct Held {
        QString text;
        Write write;
        quint64 serial = 0;            // tells a write from the one that replaced it
        std::optional<Error> failure;  // otherwise it is on its way
    };
    using RetryDone = std::function<void(const Status&)>;
    void submitHeld(const QString& key);
    void retry(QObject* context, RetryDone done, int nRounds);

    storage::Storage& m_storage;
    QMap<QString, Held> m_held;
    quint64 m_nKept = 0;
};

}  // namespace sotto::app
