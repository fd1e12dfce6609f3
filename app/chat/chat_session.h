// ChatSession: the conversation on screen: which chat it is, its path through the versions, and
// whether it has been read yet.
//
// Owns the list of its messages. What is being written, or ended and is not stored yet, comes from
// the AnswerRunner, which is ahead of storage. Borrows bridges and runner. GUI thread only.
#pragma once

#include <QObject>
#include <functional>
#include <string>
#include <vector>

#include "app/chat/answer_runner.h"
#include "app/chat/message_list_model.h"

namespace sotto::app {

class ChatSession : public QObject {
    Q_OBJECT

public:
    enum class Loading { Running, Done, Failed };  // of the chat from storage

    ChatSession(StorageBridge& disk, StorageBridge& temporary, const AnswerRunner& answers,
                QObject* parent = nullptr);

    qint64 chatId() const { return m_chatId; }  // 0: a new chat, not stored yet
    bool isTemporary() const { return m_isTemporary; }
    Loading loading() const { return m_loading; }
    MessageListModel& messages() { return m_messages; }
    const MessageListModel& messages() const { return m_messages; }
    int count() const { return m_messages.rowCount(); }
    const Message& at(int row) const { return m_messages.at(row); }
    bool hasRow(int row) const { return row >= 0 && row < count(); }
    StorageBridge& storage() const { return m_isTemporary ? m_temporary : m_disk; }
    int rowOf(qint64 messageId) const { return m_messages.rowOf(messageId); }  // -1: not shown
    std::vector<Message> pathUntil(int nRows) const;
    std::vector<qint64> pathIds() const;  // of all rows, without a copy of their words
    // The answer on the shown path that is being written, as its writer has it; null: none is, or
    // another version of it.
    const Message* liveAnswer() const;

    // Another chat; its rows, settings and draft follow with loaded().
    void show(qint64 chatId, bool isTemporary);
    // The new chat on screen has this id from its first message on; 0: it was not stored after all.
    void becomes(qint64 chatId) { m_chatId = chatId; }
    void reload();

    // Shows a message of this chat below its parent, in the place of what stood there.
    void put(const Message& message);
    // Takes a message off the screen, and what stands below it.
    void takeAway(qint64 messageId);
    // An answer has more text, or its end. False: it is not on the shown path.
    bool takeAnswer(const Message& answer);
    void takeEnd(const Message& answer);
    // Storage is given one more version of a message here; told with others of the same moment.
    void takeNewVersion();

    void showVersion(int row, int offset);
    // A damaged message: what can be read of it counts as whole from now on, or it goes.
    void keepReadable(int row);
    void takeOut(int row);
    // The branch that has this message, of whichever chat; then scrollToRow(). `open` brings the
    // chat on screen.
    void openMessage(qint64 chatId, qint64 messageId, std::function<void(qint64)> open);

signals:
    void loaded(const std::string& settingsJson, const QString& draft);
    void pathChanged();
    void loadingChanged();
    void scrollToRow(int row);
    void problem(const sotto::Error& error);

private:
    struct Found;

    void take(const Found& found);
    void repair(std::function<Status(storage::Database&)> operation);
    void showPath(std::vector<Message> path);
    std::vector<Message> withLiveAnswers(std::vector<Message> path) const;
    Message inPlaceOf(const Message& row, Message answer) const;

    StorageBridge& m_disk;
    StorageBridge& m_temporary;
    const AnswerRunner& m_answers;
    MessageListModel m_messages;
    qint64 m_chatId = 0;
    bool m_isTemporary = false;
    Loading m_loading = Loading::Running;
    quint64 m_nEnded = 0;        // answers that have ended; a path that was read before is stale
    qint64 m_messageToShow = 0;  // scrolled to when the path has arrived
    bool m_isReloadDue = false;
};

}  // namespace sotto::app
