#include "app/unattended_run.h"

#include <QBuffer>
#include <QGuiApplication>
#include <QImage>
#include <span>

#include "app/bridge/error_text.h"
#include "app/chat/message.h"
#include "app/system/message_handler.h"
#include "base/atomic_file.h"

namespace sotto::app {

namespace {

constexpr int kDeadlineMs = 180'000;  // a slow machine under load, with room
constexpr int kRunSettleMs = 800;     // fades are over, the live numbers have been read once more

// A window that drew nothing has one colour.
bool isBlank(const QImage& image) {
    if (image.isNull()) return true;
    const QRgb first = image.pixel(0, 0);
    int nDifferent = 0;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3) nDifferent += image.pixel(x, y) != first;
    }
    return nDifferent < image.width() * image.height() / 9 / 50;  // under 2 %
}

// As PNG, whatever the file is called: the whole picture or none, and never in place of a device.
Status save(const QImage& image, const QString& file) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    SOTTO_ASSIGN(AtomicFile output, AtomicFile::create(file.toStdString()));
    SOTTO_TRY(
        output.append(std::as_bytes(std::span(bytes.constData(), std::size_t(bytes.size())))));
    return output.commit();
}

}  // namespace

UnattendedRun::UnattendedRun(const StartOptions& options, AppFacade& facade, QQuickWindow& window,
                             QObject* parent)
    : QObject(parent), m_options(options), m_facade(facade), m_window(window) {
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this,
            [this] { fail(QStringLiteral("No answer within three minutes.")); });
    m_deadline.start(kDeadlineMs);
    m_window.resize(options.size);
    if (options.screenshot.isEmpty()) {
        connect(&m_window, &QQuickWindow::frameSwapped, this, &UnattendedRun::finish,
                Qt::QueuedConnection);
        return;
    }
    connect(m_facade.models(), &ModelController::stateChanged, this, &UnattendedRun::ask);
    connect(m_facade.chat(), &ChatController::stateChanged, this, &UnattendedRun::follow);
    QTimer::singleShot(0, this, &UnattendedRun::ask);
}

void UnattendedRun::applyOptions(const StartOptions& options, AppFacade& facade) {
    if (!options.theme.isEmpty()) {
        facade.settings()->setTheme(options.theme == QStringLiteral("light")
                                        ? SettingsController::Light
                                        : SettingsController::Dark);
    }
    if (!options.language.isEmpty()) facade.settings()->setLanguage(options.language);
    if (!options.screenshot.isEmpty()) facade.settings()->finishFirstRun();
}

void UnattendedRun::ask() {
    ModelController& models = *m_facade.models();
    if (m_isAsked) return;
    if (models.state() == ModelController::Failed) return fail(models.errorText());
    if (models.state() == ModelController::NoModel) return models.loadDemo();
    if (models.state() != ModelController::Loaded) return;
    m_isAsked = true;
    if (!m_facade.chat()->send(QStringLiteral("Tell me a short story about a fox."))) {
        fail(m_facade.chat()->blockedReason());
    }
}

void UnattendedRun::follow() {
    if (!m_isAsked || m_facade.chat()->isBusy() || m_facade.chat()->state() != ChatController::Idle)
        return;
    const MessageListModel& messages = *m_facade.chat()->messages();
    if (messages.rowCount() < 2) return;
    const Message& answer = messages.at(messages.rowCount() - 1);
    if (answer.state == MessageListModel::Failed || answer.text.isEmpty())
        return fail(QStringLiteral("The model gave no answer. ") + answer.error);
    QTimer::singleShot(kRunSettleMs, this, &UnattendedRun::finish);
}

void UnattendedRun::finish() {
    if (m_isFinishing) return;
    m_isFinishing = true;
    const QImage image = m_window.grabWindow();
    if (isBlank(image)) return fail(QStringLiteral("The window is blank."));
    if (!m_options.screenshot.isEmpty()) {
        const Status saved = save(image, m_options.screenshot);
        if (!saved) return fail(errorText(saved.error()));
    }
    QCoreApplication::exit(warningCount() > 0 ? 2 : 0);
}

void UnattendedRun::fail(const QString& sentence) {
    m_isFinishing = true;
    qCritical("%s", qPrintable(sentence));
    QCoreApplication::exit(1);
}

}  // namespace sotto::app
