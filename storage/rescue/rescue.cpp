#include "storage/api/rescue.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <system_error>

#include "storage/open_library.h"
#include "storage/rescue/chat_writer.h"
#include "storage/rescue/page_file.h"
#include "storage/rescue/salvage.h"
#include "storage/schema/library_schema.h"

namespace sotto::storage {
namespace {

std::filesystem::path withSuffix(const std::filesystem::path& path, const char* suffix) {
    std::filesystem::path side = path;
    side += suffix;
    return side;
}

// A new library under another name; it gets its own when it is whole, or goes.
class UnfinishedFile {
public:
    explicit UnfinishedFile(std::filesystem::path target)
        : m_target(std::move(target)), m_path(withSuffix(m_target, ".part")) {
        remove();
    }
    ~UnfinishedFile() { remove(); }
    UnfinishedFile(const UnfinishedFile&) = delete;
    UnfinishedFile& operator=(const UnfinishedFile&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    Status finish() {
        std::error_code error;
        std::filesystem::rename(m_path, m_target, error);
        if (!error) return {};
        return fail(
            ErrorCode::Io,
            fmt::format("{} cannot be put in its place ({}).", m_target.string(), error.message()),
            m_target.string());
    }

private:
    void remove() {
        for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"}) {
            std::error_code ignored;
            std::filesystem::remove(withSuffix(m_path, suffix), ignored);
        }
    }

    std::filesystem::path m_target;
    std::filesystem::path m_path;
};

Status refuseExisting(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return {};
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} exists: it is set aside before another takes its place.", path.string()),
        path.string());
}

// "…-20261120-175301.db", as fileTimestamp() writes it.
TimeMs timeInName(const std::string& name) {
    constexpr std::size_t kStampSize = 15;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos || dot < kStampSize) return 0;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const std::string stamp = name.substr(dot - kStampSize, kStampSize);
    if (std::sscanf(stamp.c_str(), "%4d%2d%2d-%2d%2d%2d", &year, &month, &day, &hour, &minute,
                    &second) != 6) {
        return 0;
    }
    using namespace std::chrono;
    const sys_days date =
        std::chrono::year(year) / month / std::chrono::day(static_cast<unsigned>(day));
    const auto time = date + hours(hour) + minutes(minute) + seconds(second);
    return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

// Also of a file that was set aside: its backups keep the name that it had.
std::vector<LibraryBackup> backupsOf(const std::filesystem::path& path) {
    std::string name = path.filename().string();
    if (const auto aside = name.find(".damaged-"); aside != std::string::npos) name.resize(aside);
    const std::string prefix = std::filesystem::path(name).stem().string() + ".backup-v";
    std::vector<LibraryBackup> backups;
    std::error_code error;
    std::filesystem::directory_iterator entry(path.parent_path(), error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        const std::string file = entry->path().filename().string();
        if (!file.starts_with(prefix) || !file.ends_with(".db")) continue;
        auto connection = Connection::open({.path = entry->path(), .mode = OpenMode::ReadOnly});
        if (!connection) continue;
        const auto nChats =
            connection->queryInteger("SELECT count(*) FROM chats WHERE deleted_at = 0");
        if (!nChats) continue;
        backups.push_back({entry->path(), timeInName(file), static_cast<int>(*nChats)});
    }
    std::sort(backups.begin(), backups.end(), [](const LibraryBackup& a, const LibraryBackup& b) {
        return std::pair(a.madeAt, a.path) > std::pair(b.madeAt, b.path);
    });
    return backups;
}

// The newest of the backups that holds each chat.
void nameBackups(const std::vector<LibraryBackup>& backups, std::vector<IncompleteChat>& chats) {
    for (const LibraryBackup& backup : backups) {
        auto connection = Connection::open({.path = backup.path, .mode = OpenMode::ReadOnly});
        if (!connection) continue;
        for (IncompleteChat& chat : chats) {
            if (!chat.backup.empty()) continue;
            auto row = connection->query("SELECT title FROM chats WHERE id = ?", chat.id);
            if (!row) continue;
            const Result<bool> isThere = row->step();
            if (!isThere || !*isThere) continue;
            chat.backup = backup.path;
            if (chat.title.empty()) chat.title = row->text(0);
        }
    }
}

class Rescue {
public:
    Rescue(PageFile& source, const Salvage& found, Connection& target)
        : m_source(source), m_found(found), m_writer(source, found, target) {}

    Result<RescueReport> run(const std::function<void(const RescueProgress&)>& progress,
                             const std::function<bool()>& isCancelled) {
        m_report.totalChats = static_cast<int>(m_found.chats.size());
        m_report.hasAllSettings = m_found.isAllSmallWhole;
        SOTTO_TRY(m_writer.writeRest());
        int nSeen = 0;
        for (const auto& [chatId, chat] : m_found.chats) {
            if (isCancelled && isCancelled()) {
                return fail(ErrorCode::Cancelled,
                            "Reading the damaged library was stopped; it stays as it is.");
            }
            SOTTO_TRY(take(chatId, chat));
            ++nSeen;
            if (progress) progress(progressAt(nSeen));
        }
        return std::move(m_report);
    }

private:
    Status take(ChatId chatId, const FoundChat& chat) {
        IncompleteChat outcome;
        outcome.id = chatId;
        outcome.totalMessages = static_cast<int>(chat.messages.size());
        if (chat.isReadable()) {
            SOTTO_ASSIGN(outcome, m_writer.writeChat(chatId, chat));
            ++m_report.chats;
        }
        m_report.messages += outcome.messages;
        m_report.messagesLeftOut += outcome.totalMessages - outcome.messages;
        const bool isWhole =
            chat.row && outcome.shortened == 0 && outcome.messages == outcome.totalMessages;
        if (!isWhole) m_report.incomplete.push_back(std::move(outcome));
        return {};
    }

    RescueProgress progressAt(int nSeen) const {
        RescueProgress progress;
        progress.chats = m_report.chats;
        progress.totalChats = m_report.totalChats;
        progress.messages = m_report.messages;
        progress.messagesLeftOut = m_report.messagesLeftOut;
        progress.totalBytes = m_source.fileBytes();
        progress.bytes = progress.totalBytes * nSeen / std::max(m_report.totalChats, 1);
        return progress;
    }

    PageFile& m_source;
    const Salvage& m_found;
    ChatWriter m_writer;
    RescueReport m_report;
};

}  // namespace

Result<DamageReport> inspectDamaged(const std::filesystem::path& path) {
    SOTTO_ASSIGN(PageFile file, PageFile::open(path));
    SOTTO_ASSIGN(const Salvage found, salvage(file));
    DamageReport report;
    report.path = path;
    report.fileBytes = file.fileBytes();
    report.pages = found.nPages;
    report.unreadablePages = found.nUnreadablePages;
    report.chats = static_cast<int>(found.chats.size());
    report.readableChats = static_cast<int>(
        std::count_if(found.chats.begin(), found.chats.end(),
                      [](const auto& entry) { return entry.second.isReadable(); }));
    report.backups = backupsOf(path);
    return report;
}

Result<RescueReport> rescue(const std::filesystem::path& from, const std::filesystem::path& to,
                            const std::function<void(const RescueProgress&)>& progress,
                            const std::function<bool()>& isCancelled) {
    SOTTO_TRY(refuseExisting(to));
    SOTTO_ASSIGN(PageFile file, PageFile::open(from));
    SOTTO_ASSIGN(const Salvage found, salvage(file, isCancelled));
    const bool hasAny = !found.settings.empty() ||
                        std::any_of(found.chats.begin(), found.chats.end(),
                                    [](const auto& entry) { return entry.second.isReadable(); });
    if (!hasAny) {
        return fail(ErrorCode::DatabaseDamaged,
                    fmt::format("Nothing in {} can be read: it stays as it is.", from.string()),
                    from.string());
    }
    UnfinishedFile unfinished(to);
    Result<RescueReport> report = fail(ErrorCode::Internal, "");
    {
        SOTTO_ASSIGN(OpenedLibrary library,
                     openLibrary({.path = unfinished.path()}, libraryMigrations()));
        report = Rescue(file, found, library.connection).run(progress, isCancelled);
        // Closing copies the journal into the file and syncs it.
    }
    if (!report) return report;
    SOTTO_TRY(unfinished.finish());
    nameBackups(backupsOf(from), report->incomplete);
    return report;
}

Status restoreBackup(const std::filesystem::path& backup, const std::filesystem::path& to) {
    SOTTO_TRY(refuseExisting(to));
    SOTTO_ASSIGN(Connection source, Connection::open({.path = backup, .mode = OpenMode::ReadOnly}));
    return backupDatabase(source, to);
}

Result<int> takeFromBackup(const std::filesystem::path& backup, const std::filesystem::path& to,
                           const std::vector<ChatId>& chats) {
    SOTTO_ASSIGN(PageFile file, PageFile::open(backup));
    SOTTO_ASSIGN(const Salvage found, salvage(file));
    SOTTO_ASSIGN(Connection target, Connection::open({.path = to, .mode = OpenMode::ReadWrite}));
    SOTTO_TRY(target.execute("PRAGMA foreign_keys=ON"));
    ChatWriter writer(file, found, target);
    int nTaken = 0;
    for (const ChatId chatId : chats) {
        const auto chat = found.chats.find(chatId);
        if (chat == found.chats.end() || !chat->second.isReadable()) continue;
        SOTTO_TRY(writer.writeChat(chatId, chat->second).map([](const IncompleteChat&) {}));
        ++nTaken;
    }
    return nTaken;
}

}  // namespace sotto::storage
