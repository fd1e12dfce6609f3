// DraftKeeper: what stands unsent in the composer, per chat and for the new chat.
//
// What is typed in this run stays here, so that no draft depends on the disk. It is stored after a
// pause in the typing and when this is destroyed; while a full disk prevents that, the bridge holds
// it (StorageBridge::keep). A temporary chat's draft goes with the chat. Borrows the bridge of the
// disk. GUI thread only.
#pragma once

#include <QHash>
#include <QObject>
#include <QTimer>

#include "app/bridge/storage_bridge.h"

namespace sotto::app {

class DraftKeeper : public QObject {
    Q_OBJECT

public:
    static constexpr qint64 kNewChat = 0;

    explicit DraftKeeper(StorageBridge& storage, QObject* parent = nullptr);
    ~DraftKeeper() override;

    // Reads the stored draft of a chat or of the new chat; on the storage thread.
    static QString load(storage::Database& database, qint64 chatId);
    // Forgets it; part of the commit of the message that it became.
    static Status remove(storage::Database& database, qint64 chatId);

    const QString& text() const { return m_text; }  // of the chat on screen

    // Another chat is on screen. What its storage holds is told by takeStored().
    void show(qint64 chatId, bool isTemporary);
    // Whoever began to type before it arrived keeps what was typed.
    void takeStored(qint64 chatId, const QString& stored);
    void type(const QString& text);
    // It was sent; the stored copy goes with the commit.
    void clear();
    // The chat on screen, so far the new one, has this id now.
    void becomes(qint64 chatId);
    // Words that could not be sent return, before whatever was typed since. `sentFrom` is the id
    // that their chat would have got when it is the new one (`chatId` kNewChat).
    void giveBack(qint64 chatId, qint64 sentFrom, const QString& text);
    void flush();

signals:
    void changed();

private:
    struct Draft {
        QString text;
        bool isBeforeStored = false;  // what is stored is not known: it follows behind `text`
        bool isSaved = false;         // given to the bridge
    };

    void keep(qint64 chatId, const Draft& draft);
    void show(const QString& text);

    StorageBridge& m_storage;
    QTimer m_pause;
    qint64 m_chatId = kNewChat;  // on screen
    bool m_isTemporary = false;
    QString m_text;
    bool m_isStoredKnown = false;   // of the chat on screen
    QHash<qint64, Draft> m_drafts;  // of this run, by chat
};

}  // namespace sotto::app
