// SingleInstance: one window per data folder; a second start brings the first to the front and
// ends.
//
// A local socket (QLocalServer, no network) named after the data folder; only this user may
// connect. Owned by main(). GUI thread only.
#pragma once

#include <QLocalServer>
#include <QObject>
#include <memory>

namespace sotto::app {

class SingleInstance : public QObject {
    Q_OBJECT

public:
    explicit SingleInstance(const QString& dataFolder, QObject* parent = nullptr);

    // True when another process answers for this data folder; it has been asked to show its window.
    bool notifyOther() const;
    // Listens for later starts. A socket left behind by a crash is replaced.
    void listen();

signals:
    void activationRequested();

private:
    QString m_name;
    QLocalServer m_server;
};

}  // namespace sotto::app
