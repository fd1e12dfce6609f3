#include "app/chat/close_guard.h"

#include <QStorageInfo>
#include <algorithm>
#include <utility>

#include "app/chat/chat_controller.h"
#include "app/jobs/job_list_model.h"
#include "app/settings/settings_controller.h"
#include "app/system/number_format.h"

namespace sotto::app {

namespace {

qint64 bytesOf(const QStringList& texts) {
    qint64 nBytes = 0;
    for (const QString& text : texts) nBytes += text.toUtf8().size();
    return nBytes;
}

}  // namespace

CloseGuard::CloseGuard(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_words(m_parts.chat.unstored()) {
    m_patience.setInterval(kPatienceMs);
    connect(&m_patience, &QTimer::timeout, this, &CloseGuard::noteWait);
}

bool CloseGuard::request() {
    if (m_state == Closing) return true;
    if (m_state != Open) return false;
    m_parts.chat.saveNow();
    m_parts.settings.saveNow();
    // Behind a lock it is not known yet what can be written.
    const bool isAllWell = !m_parts.health.isAiling() && !m_parts.disk.isWaitingForLock() &&
                           m_parts.disk.unsavedBytes() == 0 && unstoredTexts().isEmpty() &&
                           m_words.endedAnswers(m_parts.bridge).isEmpty() &&
                           m_words.edits().isEmpty() && !hasJobToLose();
    if (!isAllWell) {
        tryAgain();
        return false;
    }
    setState(Closing);
    return true;
}

void CloseGuard::tryAgain() {
    if (isTrying() || m_state == Closing) return;
    setState(Trying);
    m_parts.bridge.retry(this, [this, attempt = ++m_nAttempts](const Status& status) {
        // One that somebody did not wait for says nothing of the next.
        if (attempt == m_nAttempts) take(status);
    });
}

void CloseGuard::noteWait() {
    m_unwrittenBytes = bytesOf(unstoredTexts()) + m_parts.disk.unsavedBytes();
    m_unsavedBytes = m_unwrittenBytes + bytesOf(m_words.edits());
    setState(Waiting);
}

// On a disk that has just taken more than that, what a running answer has and still gets is written
// when the storage closes.
void CloseGuard::take(const Status& status) {
    if (!isTrying()) return;
    // A question that was refused meanwhile is a draft again.
    m_parts.chat.saveNow();
    // What the bridge still holds after an attempt that went well fails by itself (a damaged row).
    m_unwrittenBytes = status ? bytesOf(m_parts.bridge.heldTexts())
                              : bytesOf(unstoredTexts()) + m_parts.disk.unsavedBytes();
    m_unsavedBytes = m_unwrittenBytes + bytesOf(m_words.edits());
    if (m_unsavedBytes == 0 && !hasJobToLose()) {
        setState(Closing);
        emit mayClose();
        return;
    }
    if (!status) m_parts.health.noteFailure(StoreKind::Disk, status.error());
    setState(Asking);
}

void CloseGuard::closeAnyway() {
    setState(Closing);
    emit mayClose();
}

void CloseGuard::stay() {
    if (m_state == Asking || isTrying()) setState(Open);
}

void CloseGuard::copyText() {
    QStringList texts = unstoredTexts() + m_words.edits();
    if (m_parts.disk.unsavedBytes() > 0) texts += m_words.answers(m_parts.bridge);
    texts.removeDuplicates();
    m_parts.chat.copyText(texts.join(QStringLiteral("\n\n")));
}

QStringList CloseGuard::unstoredTexts() const {
    return m_parts.bridge.unstoredTexts() + m_words.questions() +
           m_words.unbegunAnswers(m_parts.bridge);
}

bool CloseGuard::hasJobToLose() const {
    const std::vector<OpenJob> open = m_parts.jobs.openJobs();
    return std::any_of(open.begin(), open.end(), [](const OpenJob& job) { return !job.canGoOn; });
}

double CloseGuard::storedBytes() const { return static_cast<double>(m_parts.disk.fileBytes()); }

ErrorCode CloseGuard::cause() const {
    const StorageProblem* problem = m_parts.health.health().worst();
    return problem == nullptr ? ErrorCode::Internal : problem->error.code;
}

bool CloseGuard::tellsCause() const {
    const ErrorCode known = cause();
    if (m_state == Waiting) return known == ErrorCode::Locked && m_parts.disk.isWaitingForLock();
    return m_unwrittenBytes > 0 && (known == ErrorCode::DiskFull || known == ErrorCode::ReadOnly ||
                                    known == ErrorCode::Locked || known == ErrorCode::Io);
}

QString CloseGuard::reason() const {
    if (m_state == Waiting)
        return m_parts.disk.isWaitingForLock()
                   ? tr("Another program holds the chats. Sotto waits for it, and closes as soon "
                        "as everything is written.")
                   : tr("The disk has not answered yet. Sotto closes as soon as everything is "
                        "written.");
    if (m_unsavedBytes == 0) return {};
    if (m_unwrittenBytes == 0)
        return tr(
            "A message is still being edited. Stay to send or save it; its text is kept as long as "
            "Sotto stays open.");
    switch (cause()) {
        case ErrorCode::DiskFull: {
            const QStorageInfo disk(m_parts.dataFolder);
            NumberFormat format;
            format.followLanguage();
            return tr("The disk is full: %1 free on %2. The text is kept as long as Sotto stays "
                      "open.")
                .arg(format.fileSize(static_cast<double>(disk.bytesAvailable())), disk.rootPath());
        }
        case ErrorCode::ReadOnly:
            return tr(
                "The chats may not be written. The text is kept as long as Sotto stays "
                "open.");
        case ErrorCode::Locked:
            return tr(
                "Another program holds the chats. The text is kept as long as Sotto stays "
                "open.");
        case ErrorCode::Io:
            return tr("The disk reported an error. The text is kept as long as Sotto stays open.");
        default:
            return tr(
                "The chats could not be written. The text is kept as long as Sotto stays "
                "open.");
    }
}

QVariantList CloseGuard::jobs() const {
    QVariantList rows;
    for (const OpenJob& job : m_parts.jobs.openJobs())
        rows.append(QVariantMap{{QStringLiteral("title"), job.title},
                                {QStringLiteral("canGoOn"), job.canGoOn},
                                {QStringLiteral("kept"), job.keptText}});
    return rows;
}

void CloseGuard::setState(State state) {
    m_state = state;
    // Goes on while it waits: what it waits for may change.
    if (!isTrying())
        m_patience.stop();
    else if (!m_patience.isActive())
        m_patience.start();
    emit changed();
}

}  // namespace sotto::app
