#include "app/system/single_instance.h"

#include <QCryptographicHash>
#include <QDeadlineTimer>
#include <QDir>
#include <QFileInfo>
#include <QLocalSocket>
#include <QThread>
#include <algorithm>

namespace sotto::app {

namespace {

// What a second start writes, and what the first answers once its event loop runs. A connection
// alone says nothing: the system accepts it for a program that hangs.
constexpr char kAsk[] = "show\n";
constexpr char kAnswer[] = "shown\n";
// Between two tries while the other has no socket yet: nothing tells when it comes.
constexpr int kRetryMs = 50;

std::filesystem::path lockPath(const QString& dataFolder) {
    return std::filesystem::path(QFile::encodeName(dataFolder).toStdString()) / "sotto.lock";
}

// The same for every way to the folder.
QString socketPath(const QString& dataFolder, const QString& runtimeFolder) {
    const QString folder = QFileInfo(dataFolder).canonicalFilePath();
    const QByteArray hash =
        QCryptographicHash::hash(folder.toUtf8(), QCryptographicHash::Sha256).toHex();
    const QString name = QStringLiteral("sotto-") + QString::fromLatin1(hash.left(16));
#ifdef Q_OS_WIN
    Q_UNUSED(runtimeFolder)
    return name;
#else
    const QFileInfo runtime(runtimeFolder);
    // Relative values are to be ignored, as the XDG specification says; others' are not ours.
    const bool isUsable = runtime.isAbsolute() && runtime.isDir() && runtime.isWritable();
    return (isUsable ? runtime.filePath() : folder) + QLatin1Char('/') + name;
#endif
}

}  // namespace

SingleInstance::SingleInstance(const QString& dataFolder, const QString& runtimeFolder,
                               QObject* parent)
    : QObject(parent), m_dataFolder(dataFolder), m_socket(socketPath(dataFolder, runtimeFolder)) {
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* socket = m_server.nextPendingConnection()) greet(socket);
    });
}

SingleInstance::Claim SingleInstance::claim(int timeoutMs) {
    const QDeadlineTimer deadline(timeoutMs);
    while (true) {
        if (takeLock()) {
            listen();
            return Claim::First;
        }
        const auto remaining = static_cast<int>(deadline.remainingTime());
        if (askOther(std::max(remaining, kRetryMs))) return Claim::Shown;
        if (deadline.hasExpired()) break;
        QThread::msleep(kRetryMs);
    }
    const std::string holder = FileLock::lastHolder(lockPath(m_dataFolder));
    // English: the language is a setting, and those lie in the folder that the other has.
    m_problem = QStringLiteral(
                    "Sotto already runs on %1 (process %2) and does not answer. Wait until it has "
                    "started, or end it, and try again.")
                    .arg(m_dataFolder, holder.empty() ? QStringLiteral("unknown")
                                                      : QString::fromStdString(holder));
    return Claim::Unanswered;
}

bool SingleInstance::takeLock() {
    if (m_dataFolder.isEmpty()) return true;  // an account without a home: nothing is kept
    auto lock = FileLock::tryTake(lockPath(m_dataFolder));
    if (lock && !*lock) return false;
    if (lock) {
        m_lock = std::move(*lock);
    } else {
        // A folder that cannot be written holds no chats of two programs either.
        qWarning("A second start will open a second window: %s", lock.error().message.c_str());
    }
    return true;
}

bool SingleInstance::askOther(int timeoutMs) const {
    const QDeadlineTimer deadline(timeoutMs);
    const auto remaining = [&deadline] { return static_cast<int>(deadline.remainingTime()); };
    QLocalSocket socket;
    socket.connectToServer(m_socket, QIODevice::ReadWrite);
    if (!socket.waitForConnected(remaining())) return false;
    socket.write(kAsk);
    if (!socket.waitForBytesWritten(remaining())) return false;
    while (!socket.canReadLine())
        if (!socket.waitForReadyRead(remaining())) return false;
    return socket.readLine() == kAnswer;
}

void SingleInstance::listen() {
    if (!m_lock) return;
    // A crash left it behind, and nobody else may take it away while we hold the lock.
    QLocalServer::removeServer(m_socket);
    if (!m_server.listen(m_socket))
        qWarning("A second start cannot show this window: %s", qPrintable(m_server.errorString()));
}

void SingleInstance::greet(QLocalSocket* socket) {
    connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
    const auto answer = [this, socket] {
        if (!socket->canReadLine()) return;
        if (socket->readLine() == kAsk) {
            socket->write(kAnswer);
            emit activationRequested();
        }
        socket->disconnectFromServer();  // when the answer is written
    };
    connect(socket, &QLocalSocket::readyRead, this, answer);
    answer();  // it may have come before
}

}  // namespace sotto::app
