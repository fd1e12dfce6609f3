// ChatListModel: the side list, flattened: section headings, folders, chats, in the order they are
// drawn.
//
// Reads summaries only (never message bodies) through StorageBridge; every verb goes to storage and
// returns at once. GUI thread only.
#pragma once

#include <QDateTime>
#include <QQmlEngine>
#include <QSet>
#include <QTimer>
#include <QVariantList>
#include <functional>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/bridge/row_model.h"
#include "app/bridge/storage_bridge.h"
#include "app/chat/undo_stack.h"
#include "storage/api/chat_record.h"

namespace sotto::app {

class ChatListModel : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(double currentChatId READ currentChatId NOTIFY
                   currentChatIdChanged)  // 0: none yet (a new chat)
    // Something was just done that can be taken back; undo() goes on taking back after that.
    Q_PROPERTY(bool canUndo READ canUndo NOTIFY canUndoChanged)
    Q_PROPERTY(QString undoText READ undoText NOTIFY undoTextChanged)  // what happened, a sentence
    Q_PROPERTY(bool isEmpty READ isEmpty NOTIFY isEmptyChanged)
    Q_PROPERTY(QVariantList folders READ folders NOTIFY
                   foldersChanged)  // [{folderId, title}] for "Move to"

public:
    enum Kind { Section, Folder, Chat };
    Q_ENUM(Kind)

    // Section headings are one of these; QML translates them.
    enum SectionKey { NoSection, Pinned, Folders, Today, Yesterday, Last7Days, Last30Days, Older };
    Q_ENUM(SectionKey)

    enum Role {
        KindRole = Qt::UserRole + 1,
        SectionRole,   // SectionKey
        TitleRole,     // chat or folder; empty: QML shows "New chat"
        ChatIdRole,    // qint64, 0 for others
        FolderIdRole,  // qint64: of the folder row, or the folder that the chat lies in; 0: none
        IsPinnedRole,
        IsExpandedRole,  // folders
        CountRole,       // chats in a folder
        IsCurrentRole,
        IsWritingRole,  // an answer is being written in it
        TimeRole,       // QDateTime of the last message
        DepthRole,      // 0, or 1 inside a folder
    };
    Q_ENUM(Role)
    // role names: kind section title chatId folderId isPinned isExpanded count isCurrent isWriting
    // time depth

    Q_INVOKABLE void
    newChat();  // an unsaved empty chat becomes current; stored with its first message
    Q_INVOKABLE void newTemporaryChat();  // memory only, never stored
    Q_INVOKABLE void open(qint64 chatId);
    Q_INVOKABLE void rename(qint64 chatId, const QString& title);
    // A new name as it is typed into its field, of a chat or (chatId 0) of a folder: it takes
    // effect by rename() or renameFolder(), or when the window closes over it.
    Q_INVOKABLE void typeName(qint64 chatId, qint64 folderId, const QString& name);
    Q_INVOKABLE void setPinned(qint64 chatId, bool isPinned);
    Q_INVOKABLE void moveToFolder(qint64 chatId, qint64 folderId);  // 0: out of its folder
    Q_INVOKABLE void duplicate(qint64 chatId);
    Q_INVOKABLE void remove(qint64 chatId);   // to the bin; undo() brings it back
    Q_INVOKABLE void restore(qint64 chatId);  // out of the bin, into its folder if that is there
    Q_INVOKABLE void undo();  // of bin, restoring, folders, messages; the last one first
    // A new folder, with this chat in it (0: empty). Does nothing without a title.
    Q_INVOKABLE void newFolder(const QString& title, qint64 chatId = 0);
    Q_INVOKABLE void renameFolder(qint64 folderId, const QString& title);
    Q_INVOKABLE void removeFolder(qint64 folderId);  // its chats stay, outside; undo() as above
    Q_INVOKABLE void toggleFolder(qint64 folderId);

    explicit ChatListModel(StorageBridge& storage, QObject* parent = nullptr);

    qint64 currentChatId() const { return m_isTemporary ? 0 : m_currentChatId; }
    bool isTemporary() const { return m_isTemporary; }
    bool canUndo() const { return m_undoText != nullptr; }
    QString undoText() const { return m_undoText ? m_undoText() : QString(); }
    bool isEmpty() const { return m_chats.empty(); }
    QVariantList folders() const;
    QString titleOf(qint64 chatId) const;  // empty when it has none
    QString folderTitle(qint64 folderId) const;
    // The bin, last deleted first.
    const std::vector<storage::ChatSummary>& bin() const { return m_bin; }
    bool isInBin(qint64 chatId) const;
    bool knows(qint64 chatId) const;  // in the list or in the bin

    // A chat was stored under this id and is the current one; or a message changed its place in
    // time.
    void adopt(qint64 chatId);
    void setWriting(qint64 chatId, bool isWriting);
    // For closing: stores the name that is being typed.
    void saveNow();
    // Reads chats and folders again; the rows follow a moment later.
    void refresh();
    // Something was done that undo() takes back; it is told with the step's sentence.
    void offerUndo(UndoStack::Step step);
    // What was done in chats that nobody can come back to cannot be taken back any more.
    void forgetUndo(const std::vector<qint64>& chatIds);
    // Chats that were deleted for good; what was done to them cannot be taken back any more.
    void forget(const std::vector<qint64>& chatIds);

    struct Row {
        Kind kind = Chat;
        SectionKey section = NoSection;
        qint64 id = 0;  // chat or folder
        qint64 folderId = 0;
        QString title;
        bool isPinned = false;
        bool isExpanded = false;
        int count = 0;
        int depth = 0;
        QDateTime time;

        bool isSameItem(const Row& other) const {
            return kind == other.kind && id == other.id && section == other.section;
        }
        bool operator==(const Row&) const = default;
    };

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void currentChatIdChanged();
    void canUndoChanged();
    void undoTextChanged();
    // Not stored: the title as it was typed, of a chat or (chatId 0) of a folder.
    void renameFailed(double chatId, double folderId, const QString& title);
    void newFolderFailed(const QString& title, double chatId);  // as asked for
    void isEmptyChanged();
    void foldersChanged();
    // Another conversation is to be shown: chatId 0 is a new one.
    void opened(qint64 chatId, bool isTemporary);
    void titleChanged(qint64 chatId);
    void removed(qint64 chatId);  // to the bin
    void binChanged();

private:
    struct Lists;

    void setCurrent(qint64 chatId, bool isTemporary);
    void takeBackLast();
    void setUndoText(std::function<QString()> sentence);
    void take(Lists lists);
    template <typename Operation>
    void change(Operation operation);
    // `done` follows when it went well, `failed` when it did not and that has been told.
    void change(std::function<Status(storage::Database&)> operation, std::function<void()> done,
                std::function<void(const Error&)> failed = {});
    void change(StorageBridge& storage, std::function<Status(storage::Database&)> operation,
                std::function<void()> done, std::function<void(const Error&)> failed);

    StorageBridge& m_storage;
    std::vector<storage::ChatSummary> m_chats;
    std::vector<storage::ChatSummary> m_bin;
    std::vector<storage::Folder> m_folders;
    std::vector<Row> m_rows;
    QSet<qint64> m_writing;
    struct TypedName {
        qint64 chatId = 0;
        qint64 folderId = 0;
        QString name;
    };
    TypedName m_typedName;  // without a name: none is being typed
    qint64 m_currentChatId = 0;
    bool m_isTemporary = false;
    UndoStack m_undo;
    std::function<QString()> m_undoText;  // of what was just done; null once it is taken back
    QTimer m_midnight;                    // "Today" becomes "Yesterday" while the program runs
    LanguageWatch m_language;
};

}  // namespace sotto::app
