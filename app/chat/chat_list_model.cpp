#include "app/chat/chat_list_model.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "app/chat/chat_list_rows.h"

namespace sotto::app {

struct ChatListModel::Lists {
    std::vector<storage::ChatSummary> chats;
    std::vector<storage::ChatSummary> bin;
    std::vector<storage::Folder> folders;
};

ChatListModel::ChatListModel(StorageBridge& storage, QObject* parent)
    : RowModel(parent), m_storage(storage) {
    m_midnight.setSingleShot(true);
    connect(&m_midnight, &QTimer::timeout, this, [this] {
        replaceRows(m_rows, chatListRows(m_chats, m_folders, QDate::currentDate()));
        m_midnight.start(msUntilMidnight());
    });
    m_midnight.start(msUntilMidnight());
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        emit undoTextChanged();
        if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1), {TitleRole});
    });
    refresh();
}

template <typename Operation>
void ChatListModel::change(Operation operation) {
    m_storage.submit(std::move(operation));
    refresh();
}

void ChatListModel::change(std::function<Status(storage::Database&)> operation,
                           std::function<void()> done, std::function<void(const Error&)> failed) {
    change(m_storage, std::move(operation), std::move(done), std::move(failed));
}

void ChatListModel::change(StorageBridge& storage,
                           std::function<Status(storage::Database&)> operation,
                           std::function<void()> done, std::function<void(const Error&)> failed) {
    storage.submit(
        this, std::move(operation),
        [this, &storage, done = std::move(done), failed = std::move(failed)](const Status& status) {
            if (status) {
                if (done) done();
                return;
            }
            if (!StorageHealth::isLasting(status.error().code)) emit storage.failed(status.error());
            if (failed) failed(status.error());
        });
    refresh();
}

void ChatListModel::refresh() {
    m_storage.submit(
        this,
        [](storage::Database& database) -> Result<Lists> {
            Lists lists;
            SOTTO_ASSIGN(lists.chats, database.chats().list());
            SOTTO_ASSIGN(lists.bin, database.chats().list(true));
            SOTTO_ASSIGN(lists.folders, database.folders().list());
            return lists;
        },
        [this](Result<Lists> lists) {
            if (lists)
                take(std::move(*lists));
            else
                emit m_storage.failed(lists.error());
        });
}

void ChatListModel::take(Lists lists) {
    const bool wasEmpty = isEmpty();
    const QString title = titleOf(m_currentChatId);
    m_chats = std::move(lists.chats);
    m_bin = std::move(lists.bin);
    m_folders = std::move(lists.folders);
    replaceRows(m_rows, chatListRows(m_chats, m_folders, QDate::currentDate()));
    emit foldersChanged();
    emit binChanged();
    if (wasEmpty != isEmpty()) emit isEmptyChanged();
    if (title != titleOf(m_currentChatId)) emit titleChanged(m_currentChatId);
}

QVariantList ChatListModel::folders() const {
    QVariantList list;
    for (const storage::Folder& folder : m_folders)
        list.append(QVariantMap{{QStringLiteral("folderId"), static_cast<qint64>(folder.id)},
                                {QStringLiteral("title"), QString::fromStdString(folder.name)}});
    return list;
}

QString ChatListModel::titleOf(qint64 chatId) const {
    for (const auto* list : {&m_chats, &m_bin})
        for (const storage::ChatSummary& chat : *list)
            if (chat.id == chatId) return QString::fromStdString(chat.title);
    return {};
}

QString ChatListModel::folderTitle(qint64 folderId) const {
    for (const storage::Folder& folder : m_folders)
        if (folder.id == folderId) return QString::fromStdString(folder.name);
    return {};
}

bool ChatListModel::isInBin(qint64 chatId) const {
    return std::any_of(m_bin.begin(), m_bin.end(),
                       [chatId](const auto& chat) { return chat.id == chatId; });
}

bool ChatListModel::knows(qint64 chatId) const {
    return isInBin(chatId) || std::any_of(m_chats.begin(), m_chats.end(),
                                          [chatId](const auto& chat) { return chat.id == chatId; });
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

void ChatListModel::typeName(qint64 chatId, qint64 folderId, const QString& name) {
    m_typedName = {chatId, folderId, name.trimmed()};
}

void ChatListModel::saveNow() {
    const TypedName typed = std::exchange(m_typedName, {});
    if (typed.name.isEmpty()) return;
    m_storage.keep(
        QStringLiteral("name of %1").arg(typed.chatId != 0 ? typed.chatId : typed.folderId),
        typed.name, [typed, name = typed.name.toStdString()](storage::Database& database) {
            return typed.chatId != 0 ? database.chats().rename(typed.chatId, name)
                                     : database.folders().rename(typed.folderId, name);
        });
}

void ChatListModel::rename(qint64 chatId, const QString& title) {
    change([chatId, text = title.trimmed().toStdString()](
               storage::Database& database) { return database.chats().rename(chatId, text); },
           {}, [this, chatId, title](const Error&) { emit renameFailed(chatId, 0, title); });
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
    change([chatId](storage::Database& database) { return database.chats().moveToBin(chatId); },
           [this, chatId, title] {
               offerUndo({chatId,
                          [title] {
                              return tr("“%1” moved to the bin")
                                  .arg(title.isEmpty() ? tr("New chat") : title);
                          },
                          [chatId](storage::Database& database) {
                              return database.chats().restore(chatId);
                          }});
               emit removed(chatId);
               if (chatId == m_currentChatId) newChat();
           });
}

void ChatListModel::restore(qint64 chatId) {
    const QString title = titleOf(chatId);
    change(
        [chatId](storage::Database& database) { return database.chats().restore(chatId); },
        [this, chatId, title] {
            offerUndo({chatId,
                       [title] {
                           return tr("“%1” restored").arg(title.isEmpty() ? tr("New chat") : title);
                       },
                       [chatId](storage::Database& database) {
                           return database.chats().moveToBin(chatId);
                       }});
        });
}

void ChatListModel::forget(const std::vector<qint64>& chatIds) {
    forgetUndo(chatIds);
    if (std::ranges::find(chatIds, m_currentChatId) != chatIds.end()) newChat();
    refresh();
}

void ChatListModel::forgetUndo(const std::vector<qint64>& chatIds) {
    const bool wasLast = m_undo.forgetChats(
        [&chatIds](qint64 chatId) { return std::ranges::find(chatIds, chatId) != chatIds.end(); });
    // The sentence would take back the step before the one that it names.
    if (wasLast) setUndoText(nullptr);
}

void ChatListModel::newFolder(const QString& title, qint64 chatId) {
    const std::string name = title.trimmed().toStdString();
    if (name.empty()) return;
    const qint64 folderId = m_storage.newId();
    change(
        [=](storage::Database& database) -> Status {
            if (auto made = database.folders().create(name, folderId); !made)
                return fail(made.error());
            return chatId == 0 ? Status{} : database.chats().moveToFolder(chatId, folderId);
        },
        {}, [this, title, chatId](const Error&) { emit newFolderFailed(title, chatId); });
}

void ChatListModel::renameFolder(qint64 folderId, const QString& title) {
    change([folderId, name = title.trimmed().toStdString()](
               storage::Database& database) { return database.folders().rename(folderId, name); },
           {}, [this, folderId, title](const Error&) { emit renameFailed(0, folderId, title); });
}

void ChatListModel::removeFolder(qint64 folderId) {
    const auto folder = std::find_if(m_folders.begin(), m_folders.end(),
                                     [folderId](const auto& row) { return row.id == folderId; });
    if (folder == m_folders.end()) return;
    const int nInside =
        static_cast<int>(std::count_if(m_chats.begin(), m_chats.end(), [folderId](const auto& row) {
            return row.folderId == folderId;
        }));
    const QString title = QString::fromStdString(folder->name);
    // Filled and read on the storage thread alone.
    const auto removed = std::make_shared<std::optional<storage::RemovedFolder>>();
    change(
        [folderId, removed](storage::Database& database) -> Status {
            SOTTO_ASSIGN(*removed, database.folders().remove(folderId));
            return {};
        },
        [this, title, nInside, removed] {
            offerUndo({0,
                       [title, nInside] {
                           if (nInside == 0)
                               return tr("Folder “%1” deleted. It was empty.").arg(title);
                           return tr("Folder “%1” deleted. Its %n chat(s) are kept below, by date.",
                                     "", nInside)
                               .arg(title);
                       },
                       [removed](storage::Database& database) -> Status {
                           return *removed ? database.folders().restore(**removed) : Status{};
                       }});
        });
}

void ChatListModel::toggleFolder(qint64 folderId) {
    for (storage::Folder& folder : m_folders) {
        if (folder.id != folderId) continue;
        folder.isCollapsed = !folder.isCollapsed;
        // At once; storage only remembers it.
        replaceRows(m_rows, chatListRows(m_chats, m_folders, QDate::currentDate()));
        m_storage.submit([folderId, isCollapsed = folder.isCollapsed](storage::Database& database) {
            return database.folders().setCollapsed(folderId, isCollapsed);
        });
    }
}

void ChatListModel::offerUndo(UndoStack::Step step) {
    const auto sentence = step.sentence;
    m_undo.push(std::move(step));
    setUndoText(sentence);
}

void ChatListModel::setUndoText(std::function<QString()> sentence) {
    m_undoText = std::move(sentence);
    emit undoTextChanged();
    emit canUndoChanged();
}

void ChatListModel::undo() {
    // Behind what was asked for before: only then it is known what was done last.
    m_storage.submit(
        this, [](storage::Database&) -> Status { return {}; },
        [this](const Status&) { takeBackLast(); });
}

void ChatListModel::takeBackLast() {
    const auto step = m_undo.pop();
    setUndoText(nullptr);
    if (!step) return;
    StorageBridge& storage = step->storage == nullptr ? m_storage : *step->storage;
    change(storage, step->takeBack, step->whenTakenBack, [this, step](const Error& error) {
        // It can be taken back when there is room again; what is refused for good would stand in
        // the way of the steps before it.
        if (StorageHealth::isLasting(error.code)) m_undo.giveBack(*step);
    });
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
        case TitleRole: return row.kind == Section ? sectionTitle(row.section) : row.title;
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
