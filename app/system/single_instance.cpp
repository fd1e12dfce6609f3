#include "app/system/single_instance.h"

#include <QCryptographicHash>
#include <QDir>
#include <QLocalSocket>

namespace sotto::app {

namespace {

constexpr int kConnectTimeoutMs = 200;

QString serverName(const QString& dataFolder) {
    const QByteArray path = QDir(dataFolder).absolutePath().toUtf8();
    const QByteArray hash = QCryptographicHash::hash(path, QCryptographicHash::Sha256).toHex();
    return QStringLiteral("sotto-") + QString::fromLatin1(hash.left(16));
}

}  // namespace

SingleInstance::SingleInstance(const QString& dataFolder, QObject* parent)
    : QObject(parent), m_name(serverName(dataFolder)) {
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* socket = m_server.nextPendingConnection()) socket->deleteLater();
        emit activationRequested();
    });
}

bool SingleInstance::notifyOther() const {
    QLocalSocket socket;
    socket.connectToServer(m_name, QIODevice::WriteOnly);
    return socket.waitForConnected(kConnectTimeoutMs);
}

void SingleInstance::listen() {
    if (m_server.listen(m_name)) return;
    QLocalServer::removeServer(m_name);
    if (!m_server.listen(m_name)) {
        qWarning("A second start will open a second window: %s",
                 qPrintable(m_server.errorString()));
    }
}

}  // namespace sotto::app
