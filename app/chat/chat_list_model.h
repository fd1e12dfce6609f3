// ChatListModel: the side list, flattened: section headings, folders, chats, in the order they are
// drawn.
//
// Reads summaries only (never message bodies) through StorageBridge; every verb goes to storage and
// returns at once. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QQmlEngine>

namespace sotto::app {

class ChatListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(qint64 currentChatId READ currentChatId NOTIFY
                   currentChatIdChanged)  // 0: none yet (a new chat)
    Q_PROPERTY(bool canUndo READ canUndo NOTIFY
                   canUndoChanged)  // a chat or folder was just moved to the bin
    Q_PROPERTY(
        QString undoText READ undoText NOTIFY canUndoChanged)  // the title of what was deleted
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
    Q_INVOKABLE void setPinned(qint64 chatId, bool isPinned);
    Q_INVOKABLE void moveToFolder(qint64 chatId, qint64 folderId);  // 0: out of its folder
    Q_INVOKABLE void duplicate(qint64 chatId);
    Q_INVOKABLE void remove(qint64 chatId);  // to the bin; undo() brings it back
    Q_INVOKABLE void undo();
    Q_INVOKABLE void newFolder(const QString& title);
    Q_INVOKABLE void renameFolder(qint64 folderId, const QString& title);
    Q_INVOKABLE void removeFolder(qint64 folderId);  // its chats stay, outside
    Q_INVOKABLE void toggleFolder(qint64 folderId);

signals:
    void currentChatIdChanged();
    void canUndoChanged();
    void isEmptyChanged();
    void foldersChanged();
};

}  // namespace sotto::app
