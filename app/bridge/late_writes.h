// LateWrites: values that change with every key or every step of a slider, written once after a
// short pause in their changes.
//
// What waits here is given to StorageBridge::keep() by flush(), which whoever shows another
// subject, or ends, calls; destroying this flushes. Borrows the bridge. GUI thread only.
#pragma once

#include <QMap>
#include <QObject>
#include <QTimer>

#include "app/bridge/storage_bridge.h"

namespace sotto::app {

class LateWrites : public QObject {
    Q_OBJECT

public:
    static constexpr int kPauseMs = 300;

    explicit LateWrites(StorageBridge& storage, QObject* parent = nullptr);
    ~LateWrites() override;

    // A later one of the same key replaces it; see StorageBridge::keep for `text`.
    void put(const QString& key, const QString& text, StorageBridge::Write write);
    // Not given to the disk yet, or not taken by it.
    bool isPending(const QString& key) const {
        return m_waiting.contains(key) || m_storage.isHeld(key);
    }
    // It must not be written any more.
    void drop(const QString& key) { m_waiting.remove(key); }
    void flush();

private:
    struct Waiting {
        QString text;
        StorageBridge::Write write;
    };

    StorageBridge& m_storage;
    QMap<QString, Waiting> m_waiting;
    QTimer m_pause;
};

// Which text of a value a person would lose with the next write of it: none as long as the text is
// the one that is on the disk. For values of which only a part is a person's words.
class UnwrittenText {
public:
    // `stored`: what the disk has.
    explicit UnwrittenText(QString stored = {}) : m_stored(std::move(stored)) {}

    // `isPending`: the disk has not taken the write before this one.
    const QString& of(const QString& text, bool isPending) {
        m_isLost = (m_isLost && isPending) || text != m_stored;
        m_stored = text;
        static const QString kNone;
        return m_isLost ? m_stored : kNone;
    }

private:
    QString m_stored;
    bool m_isLost = false;
};

}  // namespace sotto::app
