#include "app/chat/chat_list_model.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sotto::app {
namespace {

QDateTime toTime(storage::TimeMs time) { return QDateTime::fromMSecsSinceEpoch(time); }

ChatListModel::SectionKey sectionOf(const QDateTime& time, const QDate& today) {
    const qint64 nDays = time.date().daysTo(today);
    if (nDays <= 0) return ChatListModel::Today;
    if (nDays == 1) return ChatListModel::Yesterday;
    if (nDays <= 7) return ChatListModel::Last7Days;
    if (nDays <= 30) return ChatListModel::Last30Days;
    return ChatListModel::Older;
}

qint64 msUntilMidnight() {
    const QDateTime now = QDateTime::currentDateTime();
    return now.msecsTo(now.date().addDays(1).startOfDay()) + 1000;
}

}  // namespace

bool ChatListModel::Row::isSameItem(const Row& other) const {
    return kind == other.kind && id == other.id && section == other.section;
}

ChatListModel::ChatListModel(StorageBridge& storage, QObject* parent)
    : QAbstractListModel(parent), m_storage(storage) {
    m_midnight.setSingleShot(true);
    connect(&m_midnight, &QTimer::timeout, this, [this] {
        replaceRows(buildRows());
        m_midnight.start(static_cast<int>(msUntilMidnight()));
    });
    m_midnight.start(static_cast<int>(msUntilMidnight()));
    refresh();
}

template <typename Operation>
void ChatListModel::change(Operation operation) {
    m_storage.submit(std::move(operation));
    refresh();
}

void ChatListModel::refresh() {
    using Lists = std::pair<std::vector<storage::ChatSummary>, std::vector<storage::Folder>>;
    m_storage.submit(
        this,
        [](storage::Database& database) -> Result<Lists> {
            auto chats = database.chats().list();
            if (!chats) return fail(chats.error());
            auto folders = database.folders().list();
            if (!folders) return fail(folders.error());
            return Lists{std::move(*chats), std::move(*folders)};
        },
        [this](Result<Lists> lists) {
            if (lists)
                take(std::move(lists->first), std::move(lists->second));
            else
                emit m_storage.failed(lists.error());
        });
}

void ChatListModel::take(std::vector<storage::ChatSummary> chats,
                         std::vector<storage::Folder> folders) {
    const bool wasEmpty = isEmpty();
    const QString title = titleOf(m_currentChatId);
    m_chats = std::move(chats);
    m_folders = std::move(folders);
    replaceRows(buildRows());
    emit foldersChanged();
    if (wasEmpty != isEmpty()) emit isEmptyChanged();
    if (title != titleOf(m_currentChatId)) emit titleChanged(m_currentChatId);
}

std::vector<ChatListModel::Row> ChatListModel::buildRows() const {
    std::vector<const storage::ChatSummary*> pinned;
    std::map<qint64, std::vector<const storage::ChatSummary*>> byFolder;
    std::map<SectionKey, std::vector<const storage::ChatSummary*>> byAge;
    const QDate today = QDate::currentDate();
    for (const storage::ChatSummary& chat : m_chats) {
        if (chat.isPinned)
            pinned.push_back(&chat);
        else if (chat.folderId != 0)
            byFolder[chat.folderId].push_back(&chat);
        else
            byAge[sectionOf(toTime(chat.updatedAt), today)].push_back(&chat);
    }
    std::vector<Row> rows;
    if (!pinned.empty()) {
        rows.push_back({.kind = Section, .section = Pinned});
        appendChats(rows, Pinned, pinned);
    }
    if (!m_folders.empty()) rows.push_back({.kind = Section, .section = Folders});
    for (const storage::Folder& folder : m_folders) {
        const auto& chats = byFolder[folder.id];
        rows.push_back({.kind = Folder,
                        .section = Folders,
                        .id = folder.id,
                        .folderId = folder.id,
                        .title = QString::fromStdString(folder.name),
                        .isExpanded = !folder.isCollapsed,
                        .count = static_cast<int>(chats.size())});
        if (!folder.isCollapsed) appendChats(rows, Folders, chats);
    }
    for (const auto& [section, chats] : byAge) {
        rows.push_back({.kind = Section, .section = section});
        appendChats(rows, section, chats);
    }
    return rows;
}

void ChatListModel::appendChats(std::vector<Row>& rows, SectionKey section,
                                const std::vector<const storage::ChatSummary*>& chats) const {
    for (const storage::ChatSummary* chat : chats) {
        rows.push_back({.kind = Chat,
                        .section = section,
                        .id = chat->id,
                        .folderId = chat->folderId,
                        .title = QString::fromStdString(chat->title),
                        .isPinned = chat->isPinned,
                        .depth = section == Folders ? 1 : 0,
                        .time = toTime(chat->updatedAt)});
    }
}

// Keeps the equal beginning and end, so that the view's place and an open rename field survive most
// changes.
void ChatListModel::replaceRows(std::vector<Row> rows) {
    const std::size_t nShorter = std::min(rows.size(), m_rows.size());
    std::size_t nFront = 0;
    while (nFront < nShorter && rows[nFront].isSameItem(m_rows[nFront])) ++nFront;
    std::size_t nBack = 0;
    while (nBack < nShorter - nFront &&
           rows[rows.size() - 1 - nBack].isSameItem(m_rows[m_rows.size() - 1 - nBack]))
        ++nBack;
    if (m_rows.size() > nFront + nBack) {
        beginRemoveRows({}, static_cast<int>(nFront), static_cast<int>(m_rows.size() - nBack) - 1);
        m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(nFront),
                     m_rows.end() - static_cast<std::ptrdiff_t>(nBack));
        endRemoveRows();
    }
    if (rows.size() > nFront + nBack) {
        beginInsertRows({}, static_cast<int>(nFront), static_cast<int>(rows.size() - nBack) - 1);
        m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(nFront),
                      rows.begin() + static_cast<std::ptrdiff_t>(nFront),
                      rows.end() - static_cast<std::ptrdiff_t>(nBack));
        endInsertRows();
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (m_rows[row] == rows[row]) continue;
        m_rows[row] = std::move(rows[row]);
        const QModelIndex changed = index(static_cast<int>(row));
        emit dataChanged(changed, changed);
    }
}

QVariantList ChatListModel::folders() const {
    QVariantList list;
    for (const storage::Folder& folder : m_folders)
        list.append(QVariantMap{{QStringLiteral("folderId"), static_cast<qint64>(folder.id)},
                                {QStringLiteral("title"), QString::fromStdString(folder.name)}});
    return list;
}

QString ChatListModel::titleOf(qint64 chatId) const {
    const auto found = std::find_if(m_chats.begin(), m_chats.end(),
                                    [chatId](const auto& chat) { return chat.id == chatId; });
    return found == m_chats.end() ? QString() : QString::fromStdString(found->title);
}

void ChatListModel::setCurrent(qint64 chatId, bool isTemporary) {
    m_currentChatId = chatId;
    m_isTemporary = isTemporary;
    emit currentChatIdChanged();
    if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1), {IsCurrentRole});
}

void ChatListModel::newChat() {
    setCurrent(0, false);
    emit opened(0, false);
}

void ChatListModel::newTemporaryChat() {
    setCurrent(0, true);
    emit opened(0, true);
}

void ChatListModel::open(qint64 chatId) {
    if (chatId == m_currentChatId && !m_isTemporary) return;
    setCurrent(chatId, false);
    emit opened(chatId, false);
}

void ChatListModel::adopt(qint64 chatId) {
    setCurrent(chatId, m_isTemporary);
    refresh();
}

void ChatListModel::setWriting(qint64 chatId, bool isWriting) {
    if (isWriting)
        m_writing.insert(chatId);
    else
        m_writing.remove(chatId);
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].kind != Chat || m_rows[row].id != chatId) continue;
        const QModelIndex changed = index(static_cast<int>(row));
        emit dataChanged(changed, changed, {IsWritingRole});
    }
}

void ChatListModel::rename(qint64 chatId, const QString& title) {
    change([chatId, text = title.trimmed().toStdString()](storage::Database& database) {
        return database.chats().rename(chatId, text);
    });
}

void ChatListModel::setPinned(qint64 chatId, bool isPinned) {
    change(
        [=](storage::Database& database) { return database.chats().setPinned(chatId, isPinned); });
}

void ChatListModel::moveToFolder(qint64 chatId, qint64 folderId) {
    change([=](storage::Database& database) {
        return database.chats().moveToFolder(chatId, folderId);
    });
}

void ChatListModel::duplicate(qint64 chatId) {
    change([chatId, title = titleOf(chatId).toStdString()](storage::Database& database) {
        return database.chats().duplicate(chatId, title);
    });
}

void ChatListModel::remove(qint64 chatId) {
    const QString title = titleOf(chatId);
    change([chatId](storage::Database& database) { return database.chats().moveToBin(chatId); });
    offerUndo(title, [this, chatId] {
        change([chatId](storage::Database& database) { return database.chats().restore(chatId); });
    });
    emit removed(chatId);
    if (chatId == m_currentChatId) newChat();
}

void ChatListModel::newFolder(const QString& title, qint64 chatId) {
    const std::string name = title.trimmed().toStdString();
    if (name.empty()) return;
    const qint64 folderId = m_storage.newId();
    change([=](storage::Database& database) -> Status {
        if (auto made = database.folders().create(name, folderId); !made) return fail(made.error());
        return chatId == 0 ? Status{} : database.chats().moveToFolder(chatId, folderId);
    });
}

void ChatListModel::renameFolder(qint64 folderId, const QString& title) {
    change([folderId, name = title.trimmed().toStdString()](storage::Database& database) {
        return database.folders().rename(folderId, name);
    });
}

void ChatListModel::removeFolder(qint64 folderId) {
    const auto folder = std::find_if(m_folders.begin(), m_folders.end(),
                                     [folderId](const auto& row) { return row.id == folderId; });
    if (folder == m_folders.end()) return;
    std::vector<qint64> inside;
    for (const storage::ChatSummary& chat : m_chats)
        if (chat.folderId == folderId) inside.push_back(chat.id);
    const std::string name = folder->name;
    change([folderId](storage::Database& database) { return database.folders().remove(folderId); });
    offerUndo(QString::fromStdString(name), [this, folderId, name, inside] {
        change([=](storage::Database& database) -> Status {
            if (auto made = database.folders().create(name, folderId); !made)
                return fail(made.error());
            for (const qint64 chatId : inside)
                if (auto moved = database.chats().moveToFolder(chatId, folderId); !moved)
                    return moved;
            return {};
        });
    });
}

void ChatListModel::toggleFolder(qint64 folderId) {
    for (storage::Folder& folder : m_folders) {
        if (folder.id != folderId) continue;
        folder.isCollapsed = !folder.isCollapsed;
        replaceRows(buildRows());  // at once; storage only remembers it
        m_storage.submit([folderId, isCollapsed = folder.isCollapsed](storage::Database& database) {
            return database.folders().setCollapsed(folderId, isCollapsed);
        });
    }
}

void ChatListModel::offerUndo(const QString& title, std::function<void()> undo) {
    m_undo = std::move(undo);
    m_undoText = tr("“%1” moved to the bin").arg(title.isEmpty() ? tr("New chat") : title);
    emit canUndoChanged();
}

void ChatListModel::undo() {
    const auto undo = std::exchange(m_undo, {});
    m_undoText.clear();
    emit canUndoChanged();
    if (undo) undo();
}

int ChatListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ChatListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const bool isChat = row.kind == Chat;
    switch (role) {
        case KindRole: return row.kind;
        case SectionRole: return row.section;
        case Qt::DisplayRole:
        case TitleRole: return row.title;
        case ChatIdRole: return isChat ? row.id : 0;
        case FolderIdRole: return row.folderId;
        case IsPinnedRole: return row.isPinned;
        case IsExpandedRole: return row.isExpanded;
        case CountRole: return row.count;
        case IsCurrentRole: return isChat && !m_isTemporary && row.id == m_currentChatId;
        case IsWritingRole: return isChat && m_writing.contains(row.id);
        case TimeRole: return row.time;
        case DepthRole: return row.depth;
        default: return {};
    }
}

QHash<int, QByteArray> ChatListModel::roleNames() const {
    return {{KindRole, "kind"},
            {SectionRole, "section"},
            {TitleRole, "title"},
            {ChatIdRole, "chatId"},
            {FolderIdRole, "folderId"},
            {IsPinnedRole, "isPinned"},
            {IsExpandedRole, "isExpanded"},
            {CountRole, "count"},
            {IsCurrentRole, "isCurrent"},
            {IsWritingRole, "isWriting"},
            {TimeRole, "time"},
            {DepthRole, "depth"}};
}

}  // namespace sotto::app
