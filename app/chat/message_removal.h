// MessageRemoval: single messages go out of the chat on screen, and come back by undo.
//
// A question goes with its answers, an answer alone; what followed stays, and so do other versions
// (storage::Messages::remove has the rules). What was typed into their editors comes back as well.
// Borrows all of it. GUI thread only.
#pragma once

#include <QObject>

#include "base/error.h"

namespace sotto::app {

class ChatListModel;
class ChatSession;

class MessageRemoval : public QObject {
    Q_OBJECT

public:
    MessageRemoval(ChatListModel& chats, ChatSession& session, QObject* parent = nullptr);

    void remove(int row);

signals:
    void problem(const sotto::Error& error);

private:
    ChatListModel& m_chats;  // has the undo stack
    ChatSession& m_session;
};

}  // namespace sotto::app
