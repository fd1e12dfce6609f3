#include "app/bridge/health_controller.h"

#include <QCoreApplication>
#include <algorithm>
#include <utility>
#include <vector>

#include "app/bridge/error_text.h"

namespace sotto::app {
namespace {

class HealthText {
    Q_DECLARE_TR_FUNCTIONS(HealthText)

public:
    static QString of(const StorageProblem& problem) {
        if (!StorageHealth::isLasting(problem.error.code)) return errorText(problem.error);
        return problem.store == StoreKind::Temporary ? ofTemporary() : ofDisk(problem.error);
    }

private:
    static QString ofDisk(const Error& error) {
        switch (error.code) {
            case ErrorCode::DiskFull:
                return tr(
                    "The disk is full: new text is kept in memory only. Free some space to "
                    "save it.");
            case ErrorCode::ReadOnly:
                return tr(
                    "The chats may not be written: new text is kept in memory only. Allow "
                    "writing to their folder.");
            case ErrorCode::Locked:
                return tr(
                    "Another program holds the chats: new text is kept in memory only. Close "
                    "that program.");
            case ErrorCode::Io:
                return tr(
                    "The disk reported an error: new text is kept in memory only. Check the "
                    "disk.");
            case ErrorCode::DatabaseDamaged:
                return tr(
                    "The chat database is damaged: new text may be kept in memory only. "
                    "Start Sotto again; it reads what can be read.");
            default: return errorText(error);
        }
    }
    static QString ofTemporary() {
        return tr(
            "The memory for temporary chats is full: what is on screen stays. Leave a "
            "temporary chat to go on.");
    }
};

}  // namespace

HealthController::HealthController(StorageBridge& disk, StorageBridge& temporary,
                                   std::optional<StartProblem> startProblem, int pauseMs,
                                   QObject* parent)
    : QObject(parent),
      m_disk(disk),
      m_temporary(temporary),
      m_startProblem(std::move(startProblem)),
      m_pauseMs(pauseMs) {
    connect(&m_disk, &StorageBridge::failed, this,
            [this](const Error& error) { noteFailure(StoreKind::Disk, error); });
    connect(&m_temporary, &StorageBridge::failed, this,
            [this](const Error& error) { noteFailure(StoreKind::Temporary, error); });
    m_nextTry.setSingleShot(true);
    connect(&m_nextTry, &QTimer::timeout, this, &HealthController::tryAgain);
    connect(&m_language, &LanguageWatch::changed, this, &HealthController::changed);
}

void HealthController::noteFailure(StoreKind store, const Error& error) {
    const bool isOther = m_health.noteFailure(store, error);
    if (isWorthATry() && !isTrying() && !m_nextTry.isActive()) m_nextTry.start(m_pauseMs);
    if (isOther) emit changed();
}

void HealthController::tryAgain() {
    if (isTrying()) return;
    m_nextTry.stop();
    m_attempt.start();
    // Counted before they start, so that the first outcome does not count as the last.
    std::vector<StoreKind> ailing;
    for (const StoreKind store : {StoreKind::Disk, StoreKind::Temporary})
        if (m_health.isWorthATry(store)) ailing.push_back(store);
    if (ailing.empty()) return;
    m_nTrying = static_cast<int>(ailing.size());
    emit isTryingChanged();
    for (const StoreKind store : ailing) tryIn(store);
}

void HealthController::tryIn(StoreKind store) {
    StorageBridge& bridge = store == StoreKind::Disk ? m_disk : m_temporary;
    bridge.retry(this, [this, store](const Status& status) { takeAttempt(store, status); });
}

void HealthController::takeAttempt(StoreKind store, const Status& status) {
    if (status && m_health.noteProvenWrite(store)) emit changed();
    if (--m_nTrying > 0) return;
    emit isTryingChanged();
    // A lock is waited for in the storage's queue: reading gets at least as much time as trying.
    if (isWorthATry())
        m_nextTry.start(static_cast<int>(std::max<qint64>(m_pauseMs, m_attempt.elapsed())));
    emit tried(!isAiling());
}

void HealthController::dismiss() {
    if (m_health.dismissRefusals()) emit changed();
}

QString HealthController::text() const {
    if (m_startProblem) return startProblemText(m_startProblem->error, m_startProblem->isCopyShown);
    const StorageProblem* problem = m_health.worst();
    return problem == nullptr ? QString() : HealthText::of(*problem);
}

QString HealthController::cause() const {
    const StorageProblem* problem = m_health.worst();
    if (problem == nullptr) return {};
    const std::string_view name = errorCodeName(problem->error.code);
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

bool HealthController::canTryAgain() const {
    const StorageProblem* problem = m_health.worst();
    return !m_startProblem && problem != nullptr &&
           StorageHealth::isProvenByAWrite(problem->error.code);
}

bool HealthController::canDismiss() const {
    const StorageProblem* problem = m_health.worst();
    return !m_startProblem && problem != nullptr && !StorageHealth::isLasting(problem->error.code);
}

bool HealthController::isWorthATry() const {
    return m_health.isWorthATry(StoreKind::Disk) || m_health.isWorthATry(StoreKind::Temporary);
}

bool HealthController::isAiling() const {
    return m_health.isAiling(StoreKind::Disk) || m_health.isAiling(StoreKind::Temporary);
}

}  // namespace sotto::app
