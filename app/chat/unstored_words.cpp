#include "app/chat/unstored_words.h"

#include "app/chat/ask_flow.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/chat_session.h"

namespace sotto::app {

QStringList UnstoredWords::questions() const { return m_flow.onTheirWay(); }

QStringList UnstoredWords::edits() const {
    QStringList texts;
    for (const MessageListModel::Edit& edit : m_session.messages().unsavedEdits())
        if (m_chats.knows(edit.chatId) ||
            (edit.chatId == m_session.chatId() && !m_session.isTemporary()))
            texts.append(edit.text);
    return texts;
}

QStringList UnstoredWords::answers(const StorageBridge& disk) const {
    return m_flow.answers().inMemory(disk);
}

QStringList UnstoredWords::endedAnswers(const StorageBridge& disk) const {
    return m_flow.answers().keeper().unwritten(disk);
}

QStringList UnstoredWords::unbegunAnswers(const StorageBridge& disk) const {
    return m_flow.answers().unbegun(disk);
}

}  // namespace sotto::app
