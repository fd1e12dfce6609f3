// StorageBridge: storage commands from the window's thread, their outcomes back on it as queued
// calls.
//
// Borrows the Storage, which must outlive it. Created and used on the GUI thread; `done` runs
// there, and only while its `context` object is alive. Destroying the bridge waits for the commands
// that are still queued.
#pragma once

#include <QObject>
#include <QPointer>
#include <utility>

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
                [context, done = std::move(done), outcome = std::move(outcome)]() mutable {
                    if (context) done(std::move(outcome));
                },
                Qt::QueuedConnection);
        });
    }

    // The same for commands whose outcome only matters when it is a failure: that is told by
    // failed().
    template <typename Operation>
    void submit(Operation operation) {
        submit(this, std::move(operation), [this](auto outcome) {
            if (outcome)
                emit worked();
            else
                emit failed(outcome.error());
        });
    }

signals:
    void failed(const sotto::Error& error);
    void worked();

private:
    storage::Storage& m_storage;
};

}  // namespace sotto::app
