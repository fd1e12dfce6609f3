#include "app/chat/message_removal.h"

#include <QHash>
#include <QPointer>
#include <memory>
#include <utility>

#include "app/chat/chat_list_model.h"
#include "app/chat/chat_session.h"
#include "app/chat/message.h"

namespace sotto::app {
namespace {

// What was typed into open editors of these messages, by message; the editors are closed.
QHash<qint64, QString> closeEdits(MessageListModel& messages,
                                  const storage::RemovedMessages& removed) {
    QHash<qint64, QString> typed;
    for (const storage::RemovedMessages::Row& gone : removed.rows) {
        const QModelIndex row = messages.index(messages.rowOf(gone.message.id));
        const QString text = row.data(MessageListModel::EditTextRole).toString();
        if (!text.trimmed().isEmpty() && text.trimmed().toStdString() != gone.message.content)
            typed[gone.message.id] = text;
        messages.closeEdit(gone.message.id);
    }
    return typed;
}

}  // namespace

MessageRemoval::MessageRemoval(ChatListModel& chats, ChatSession& session, QObject* parent)
    : QObject(parent), m_chats(chats), m_session(session) {}

void MessageRemoval::remove(int row) {
    StorageBridge& storage = m_session.storage();
    const qint64 chatId = m_session.chatId();
    storage.submit(
        this,
        [id = m_session.at(row).id](storage::Database& database) {
            return database.messages().remove(id);
        },
        [this, &storage, chatId](Result<storage::RemovedMessages> outcome) {
            if (!outcome) {
                emit problem(outcome.error());
                return;
            }
            const auto removed =
                std::make_shared<const storage::RemovedMessages>(std::move(*outcome));
            const QHash<qint64, QString> typed = closeEdits(m_session.messages(), *removed);
            const QPointer<ChatSession> session(&m_session);
            const auto showAgain = [session, chatId] {
                if (session && session->chatId() == chatId) session->reload();
            };
            UndoStack::Step step;
            step.chatId = chatId;
            step.sentence = [nRows = static_cast<int>(removed->rows.size())] {
                return tr("%n message(s) removed", "", nRows);
            };
            step.takeBack = [removed](storage::Database& database) {
                return database.messages().restore(*removed);
            };
            step.storage = &storage;
            step.whenTakenBack = [session, showAgain, typed, chatId] {
                for (auto edit = typed.begin(); session && edit != typed.end(); ++edit)
                    session->messages().keepEdit(chatId, edit.key(), edit.value());
                showAgain();
            };
            showAgain();
            m_chats.offerUndo(std::move(step));
        });
}

}  // namespace sotto::app
