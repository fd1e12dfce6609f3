#include "app/chat/last_chat.h"

#include "app/chat/chat_list_model.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {

LastChat::LastChat(ChatListModel& chats, SettingsController& settings, QObject* parent)
    : QObject(parent), m_chats(chats), m_settings(settings) {
    connect(&m_chats, &ChatListModel::foldersChanged, this, &LastChat::openAgain,
            Qt::SingleShotConnection);
    connect(&m_chats, &ChatListModel::currentChatIdChanged, this, &LastChat::remember);
}

void LastChat::openAgain() {
    const qint64 chatId = m_settings.lastChat();
    const bool isUntouched = m_chats.currentChatId() == 0 && !m_chats.isTemporary();
    if (m_settings.opensLastChat() && isUntouched && m_chats.knows(chatId) &&
        !m_chats.isInBin(chatId))
        m_chats.open(chatId);
}

void LastChat::remember() {
    const qint64 chatId = m_chats.currentChatId();
    if (!m_chats.isTemporary() && !m_chats.isInBin(chatId)) m_settings.setLastChat(chatId);
}

}  // namespace sotto::app
