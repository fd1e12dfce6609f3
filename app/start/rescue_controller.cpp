#include "app/start/rescue_controller.h"

#include <QDesktopServices>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QUrl>
#include <algorithm>
#include <map>
#include <memory>
#include <ranges>
#include <system_error>
#include <utility>
#include <vector>

#include "app/bridge/error_text.h"

namespace sotto::app {
namespace {

constexpr qint64 kRescueProgressMs = 100;
constexpr int kLockWaitMs = 500;
constexpr int kShownBackups = 3;  // newest first; the card has room for no more

QString toText(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

constexpr const char* kSideFiles[] = {"", "-wal", "-shm", "-journal"};

std::filesystem::path withSuffix(const std::filesystem::path& path, const char* suffix) {
    std::filesystem::path side = path;
    side += suffix;
    return side;
}

}  // namespace

bool RescueController::isFor(ErrorCode code) {
    return code == ErrorCode::DatabaseDamaged || code == ErrorCode::NewerVersion ||
           code == ErrorCode::Locked;
}

RescueController::RescueController(std::filesystem::path database, const Error& error,
                                   QObject* parent)
    : QObject(parent), m_database(std::move(database)), m_sentence(errorText(error)) {
    m_fileBytes = QFileInfo(toText(m_database)).size();
    if (error.code == ErrorCode::NewerVersion) {
        m_step = Newer;
    } else if (error.code == ErrorCode::Locked) {
        m_step = Locked;
    } else {
        inspect();
    }
}

RescueController::~RescueController() {
    m_isCancelled = true;
    if (m_worker.joinable()) m_worker.join();
}

template <typename Work, typename Done>
void RescueController::run(Work work, Done done) {
    if (m_isBusy) return;
    if (m_worker.joinable()) m_worker.join();  // it has told its outcome and is over
    m_isBusy = true;
    m_isCancelled = false;
    m_problem.clear();
    emit changed();
    m_worker = std::thread([this, work = std::move(work), done = std::move(done)]() mutable {
        auto outcome = work();
        QMetaObject::invokeMethod(
            this, [this, done = std::move(done), outcome = std::move(outcome)]() mutable {
                m_isBusy = false;
                done(std::move(outcome));
                emit changed();
            });
    });
}

void RescueController::setStep(Step step) {
    m_step = step;
    emit changed();
}

void RescueController::fail(const Error& error) { m_problem = errorText(error); }

void RescueController::inspect() {
    run([path = m_database] { return storage::inspectDamaged(path); },
        [this](sotto::Result<storage::DamageReport> damage) {
            if (damage) {
                m_damage = std::move(*damage);
                m_fileBytes = m_damage.fileBytes;
            } else {
                fail(damage.error());
            }
            m_step = Damaged;
        });
}

Status RescueController::setAside() {
    if (!m_aside.empty()) return {};
    SOTTO_ASSIGN(m_aside, storage::setDatabaseAside(m_database));
    tellAsideName();
    return {};
}

void RescueController::tellAsideName() {
    QMetaObject::invokeMethod(this, [this, name = toText(m_aside.filename())] {
        m_asideName = name;
        emit changed();
    });
}

// Only while nothing stands in its place.
Status RescueController::putBack() {
    if (m_aside.empty()) return {};
    std::error_code error;
    if (std::filesystem::exists(m_database, error)) return {};
    for (const char* suffix : kSideFiles) {
        const std::filesystem::path from = withSuffix(m_aside, suffix);
        if (!std::filesystem::exists(from, error)) continue;
        std::filesystem::rename(from, withSuffix(m_database, suffix), error);
        if (error)
            return sotto::fail(
                ErrorCode::Io,
                from.string() + " cannot be renamed: " + error.message() + ". Nothing was deleted.",
                from.string());
    }
    m_aside.clear();
    tellAsideName();
    return {};
}

void RescueController::readAll() {
    if (m_isBusy || m_step != Damaged) return;
    m_progress = {};
    m_progress.totalChats = m_damage.readableChats;
    m_progress.totalBytes = m_damage.fileBytes;
    // Told at most ten times a second: a small chat takes microseconds.
    auto clock = std::make_shared<QElapsedTimer>();
    clock->start();
    const auto tell = [this, clock](const storage::RescueProgress& progress) {
        if (clock->elapsed() < kRescueProgressMs && progress.chats < progress.totalChats) return;
        clock->restart();
        QMetaObject::invokeMethod(this, [this, progress] {
            m_progress = progress;
            emit progressed();
        });
    };
    run(
        [this, tell]() -> sotto::Result<storage::RescueReport> {
            SOTTO_TRY(setAside());
            auto report =
                storage::rescue(m_aside, m_database, tell, [this] { return m_isCancelled.load(); });
            if (!report) static_cast<void>(putBack());
            return report;
        },
        [this](sotto::Result<storage::RescueReport> report) {
            m_step = report ? Result : Damaged;
            if (report)
                m_report = std::move(*report);
            else if (report.error().code != ErrorCode::Cancelled)
                fail(report.error());
        });
    setStep(Reading);
    emit progressed();
}

void RescueController::stop() { m_isCancelled = true; }

void RescueController::restoreBackup(int row) {
    if (m_isBusy || row < 0 || row >= static_cast<int>(m_damage.backups.size())) return;
    const storage::LibraryBackup& backup = m_damage.backups[static_cast<std::size_t>(row)];
    run(
        [this, path = backup.path]() -> Status {
            SOTTO_TRY(setAside());
            Status restored = storage::restoreBackup(path, m_database);
            if (!restored) static_cast<void>(putBack());
            return restored;
        },
        [this](const Status& status) {
            if (!status) return fail(status.error());
            goOn();
        });
}

void RescueController::startEmpty() {
    run([this] { return setAside(); },
        [this](const Status& status) {
            if (!status) return fail(status.error());
            goOn();
        });
}

void RescueController::takeFromBackup() {
    if (!canTakeFromBackup()) return;
    std::map<std::filesystem::path, std::vector<storage::ChatId>> wanted;
    for (const storage::IncompleteChat& chat : m_report.incomplete)
        if (!chat.backup.empty()) wanted[chat.backup].push_back(chat.id);
    run(
        [to = m_database, wanted]() -> Status {
            for (const auto& [backup, chats] : wanted)
                SOTTO_TRY(storage::takeFromBackup(backup, to, chats));
            return {};
        },
        [this](const Status& status) {
            if (!status) return fail(status.error());
            std::erase_if(m_report.incomplete,
                          [](const storage::IncompleteChat& chat) { return !chat.backup.empty(); });
        });
}

void RescueController::tryNow() {
    run(
        [path = m_database]() -> Status {
            storage::StorageOptions options;
            options.path = path;
            options.busyTimeoutMs = kLockWaitMs;
            auto opened = storage::Storage::open(std::move(options));
            return opened ? Status{} : sotto::fail(opened.error());
        },
        [this](const Status& status) {
            if (status || status.error().code != ErrorCode::Locked)
                goOn();
            else
                fail(status.error());
        });
}

void RescueController::goOn() { emit finished(OpenAgain); }

void RescueController::startBeside() { emit finished(OpenBeside); }

void RescueController::quit() { emit finished(Quit); }

void RescueController::showInFolder() {
    QDesktopServices::openUrl(QUrl::fromLocalFile(toText(m_database.parent_path())));
}

QString RescueController::fileName() const { return toText(m_database.filename()); }

QVariantList RescueController::backups() const {
    QVariantList rows;
    for (const storage::LibraryBackup& backup : m_damage.backups | std::views::take(kShownBackups))
        rows.append(
            QVariantMap{{QStringLiteral("madeAt"), QDateTime::fromMSecsSinceEpoch(backup.madeAt)},
                        {QStringLiteral("chats"), backup.chats}});
    return rows;
}

QVariantList RescueController::missing() const {
    QVariantList rows;
    for (const storage::IncompleteChat& chat : m_report.incomplete)
        rows.append(QVariantMap{{QStringLiteral("title"), QString::fromStdString(chat.title)},
                                {QStringLiteral("messages"), chat.messages},
                                {QStringLiteral("totalMessages"), chat.totalMessages},
                                {QStringLiteral("isInBackup"), !chat.backup.empty()}});
    return rows;
}

bool RescueController::canTakeFromBackup() const {
    return std::any_of(m_report.incomplete.begin(), m_report.incomplete.end(),
                       [](const auto& chat) { return !chat.backup.empty(); });
}

QDateTime RescueController::backupTime() const {
    return m_damage.backups.empty()
               ? QDateTime()
               : QDateTime::fromMSecsSinceEpoch(m_damage.backups.front().madeAt);
}

}  // namespace sotto::app
