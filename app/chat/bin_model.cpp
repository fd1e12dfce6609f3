#include "app/chat/bin_model.h"

#include <algorithm>
#include <utility>

#include "app/chat/chat_list_rows.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {
namespace {

constexpr int kHourMs = 60 * 60 * 1000;

}  // namespace

BinModel::BinModel(StorageBridge& storage, ChatListModel& chats, SettingsController& settings,
                   QObject* parent)
    : RowModel(parent), m_storage(storage), m_chats(chats), m_settings(settings) {
    connect(&m_chats, &ChatListModel::binChanged, this, &BinModel::take);
    connect(&m_chats, &ChatListModel::currentChatIdChanged, this, &BinModel::take);
    connect(&m_settings, &SettingsController::binDaysChanged, this, [this] {
        removeOld();
        take();
    });
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1), {TitleRole});
    });
    connect(&m_hourly, &QTimer::timeout, this, [this] {
        removeOld();
        take();
    });
    m_hourly.start(kHourMs);
    removeOld();
}

// --- the bin as a whole -------------------------------------------------------------------------

int BinModel::days() const { return m_settings.binDays(); }

void BinModel::setDays(int days) { m_settings.setBinDays(days); }

void BinModel::removeOld() {
    if (days() <= 0) return;
    const qint64 before = QDateTime::currentDateTime().addDays(-days()).toMSecsSinceEpoch();
    std::vector<qint64> gone;
    if (const auto* chat = shown(); chat != nullptr && chat->deletedAt < before)
        gone.push_back(chat->id);
    m_storage.submit(
        this, [before](storage::Database& database) { return database.chats().emptyBin(before); },
        [this, gone](const Result<int>& nRemoved) {
            if (!nRemoved || *nRemoved == 0) return;
            m_chats.forget(gone);
            emit removedForGood(gone);
        });
}

void BinModel::empty() {
    std::vector<qint64> ids;
    for (const storage::ChatSummary& chat : m_chats.bin()) ids.push_back(chat.id);
    remove(std::move(ids));  // by name: what came into the bin since it was looked at stays
}

void BinModel::removeForGood(qint64 chatId) {
    if (m_chats.isInBin(chatId)) remove({chatId});
}

void BinModel::remove(std::vector<qint64> ids) {
    m_storage.submit(
        this,
        [ids](storage::Database& database) -> Status {
            for (const qint64 id : ids) {
                const Status removed = database.chats().remove(id);
                if (!removed && removed.error().code != ErrorCode::NotFound) return removed;
            }
            return {};
        },
        [this, ids](const Status& status) {
            emit removedForGood(ids);  // those that were, where not all could be
            if (status) return m_chats.forget(ids);
            if (!StorageHealth::isLasting(status.error().code))
                emit m_storage.failed(status.error());
            m_chats.refresh();  // some of them may be gone
        });
}

void BinModel::restore(qint64 chatId) { m_chats.restore(chatId); }

void BinModel::open(qint64 chatId) { m_chats.open(chatId); }

QString BinModel::titleOf(qint64 chatId) const { return m_chats.titleOf(chatId); }

void BinModel::take() {
    takeRows(makeRows());
    if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1), {IsCurrentRole});
    emit changed();
    readSizes();
}

void BinModel::readSizes() {
    if (m_chats.bin().empty()) {
        m_bytes = 0;
        return;
    }
    using Sizes = std::pair<std::int64_t, storage::ChatSize>;
    const qint64 shownId = isShown() ? m_chats.currentChatId() : 0;
    m_storage.submit(
        this,
        [shownId](storage::Database& database) -> Result<Sizes> {
            Sizes sizes;
            SOTTO_ASSIGN(sizes.first, database.chats().binBytes());
            if (shownId == 0) return sizes;
            SOTTO_ASSIGN(sizes.second, database.chats().size(shownId));
            return sizes;
        },
        [this, shownId](const Result<Sizes>& sizes) {
            if (!sizes) return;
            m_bytes = sizes->first;
            m_shownSize = sizes->second;
            m_sizedChatId = shownId;
            emit changed();
        });
}

// --- the chat on screen -------------------------------------------------------------------------

const storage::ChatSummary* BinModel::shown() const {
    if (m_chats.isTemporary()) return nullptr;
    const auto& bin = m_chats.bin();
    const auto found = std::find_if(bin.begin(), bin.end(), [this](const auto& chat) {
        return chat.id == m_chats.currentChatId();
    });
    return found == bin.end() ? nullptr : &*found;
}

double BinModel::shownChatId() const {
    return isShown() ? static_cast<double>(m_chats.currentChatId()) : 0;
}

QString BinModel::shownTitle() const {
    const auto* chat = shown();
    return chat == nullptr ? QString() : QString::fromStdString(chat->title);
}

QString BinModel::shownFolder() const {
    const auto* chat = shown();
    return chat == nullptr ? QString() : m_chats.folderTitle(chat->folderId);
}

QDateTime BinModel::shownDeletedAt() const {
    const auto* chat = shown();
    return chat == nullptr ? QDateTime() : toTime(chat->deletedAt);
}

QDateTime BinModel::shownGoneAt() const {
    const auto* chat = shown();
    return chat == nullptr ? QDateTime() : goneAt(*chat);
}

int BinModel::shownMessages() const {
    return m_sizedChatId == m_chats.currentChatId() ? m_shownSize.messages : 0;
}

double BinModel::shownBytes() const {
    return m_sizedChatId == m_chats.currentChatId() ? static_cast<double>(m_shownSize.bytes) : 0;
}

QDateTime BinModel::goneAt(const storage::ChatSummary& chat) const {
    return days() > 0 ? toTime(chat.deletedAt).addDays(days()) : QDateTime();
}

// --- rows ---------------------------------------------------------------------------------------

void BinModel::setSearch(const QString& text) {
    if (text == m_search) return;
    m_search = text;
    takeRows(makeRows());
    emit searchChanged();
}

std::vector<BinModel::Row> BinModel::makeRows() const {
    const QDateTime now = QDateTime::currentDateTime();
    const QString wanted = m_search.trimmed();
    std::vector<Row> rows;
    auto section = ChatListModel::NoSection;
    for (const storage::ChatSummary& chat : m_chats.bin()) {
        const QString title = QString::fromStdString(chat.title);
        if (!wanted.isEmpty() && !title.contains(wanted, Qt::CaseInsensitive)) continue;
        const auto ofChat = sectionOf(toTime(chat.deletedAt), now.date());
        if (ofChat != section) rows.push_back({.isSection = true, .section = ofChat});
        section = ofChat;
        const QDateTime end = goneAt(chat);
        // A day that has begun counts, so that the last one is 1 and a chat just deleted has all.
        const qint64 msLeft = std::max<qint64>(0, now.msecsTo(end));
        constexpr qint64 kDayMs = 24LL * kHourMs;
        const int nDays = static_cast<int>((msLeft + kDayMs - 1) / kDayMs);
        rows.push_back({.section = ofChat,
                        .chatId = chat.id,
                        .title = title,
                        .daysLeft = end.isValid() ? nDays : -1});
    }
    return rows;
}

void BinModel::takeRows(std::vector<Row> rows) {
    const bool hadRows = hasRows();
    replaceRows(m_rows, std::move(rows));
    if (hadRows != hasRows()) emit rowsChanged();
}

int BinModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant BinModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case IsSectionRole: return row.isSection;
        case SectionRole: return row.section;
        case Qt::DisplayRole:
        case TitleRole: return row.isSection ? sectionTitle(row.section) : row.title;
        case ChatIdRole: return row.chatId;
        case DaysLeftRole: return row.daysLeft;
        case IsCurrentRole: return row.chatId != 0 && row.chatId == m_chats.currentChatId();
        default: return {};
    }
}

QHash<int, QByteArray> BinModel::roleNames() const {
    return {{IsSectionRole, "isSection"}, {SectionRole, "section"},   {TitleRole, "title"},
            {ChatIdRole, "chatId"},       {DaysLeftRole, "daysLeft"}, {IsCurrentRole, "isCurrent"}};
}

}  // namespace sotto::app
