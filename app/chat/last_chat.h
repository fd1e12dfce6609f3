// LastChat: the chat that was on screen when the program ended is on screen again when it starts.
//
// Once, when the list of chats has been read, and only where a person has not opened another one
// meanwhile. A new chat counts as what it is; a temporary one is never remembered, nor one in the
// bin. Borrows both. GUI thread only.
#pragma once

#include <QObject>

namespace sotto::app {

class ChatListModel;
class SettingsController;

class LastChat : public QObject {
    Q_OBJECT

public:
    LastChat(ChatListModel& chats, SettingsController& settings, QObject* parent = nullptr);

private:
    void openAgain();
    void remember();

    ChatListModel& m_chats;
    SettingsController& m_settings;
};

}  // namespace sotto::app
