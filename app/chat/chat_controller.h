// ChatController: the conversation on screen: send, stop, edit, versions, draft, and what is
// happening right now.
//
// One per window; it follows ChatListModel's current chat. The user's message is committed to
// storage before the engine is asked; the answer is appended to storage while it is written. An
// answer goes on when another chat is opened. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QUrl>

#include "app/chat/message_list_model.h"
#include "app/settings/sampling_model.h"

namespace sotto::app {

class ChatController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(bool isBusy READ isBusy NOTIFY
                   stateChanged)  // Waiting, Reading, Thinking or Writing: Stop is shown
    Q_PROPERTY(qint64 chatId READ chatId NOTIFY chatChanged)
    Q_PROPERTY(QString title READ title NOTIFY titleChanged)
    Q_PROPERTY(bool isTemporary READ isTemporary NOTIFY chatChanged)
    Q_PROPERTY(sotto::app::MessageListModel* messages READ messages CONSTANT)
    Q_PROPERTY(sotto::app::SamplingModel* sampling READ sampling CONSTANT)  // this chat's layer
    Q_PROPERTY(QString systemPrompt READ systemPrompt WRITE setSystemPrompt NOTIFY
                   systemPromptChanged)  // this chat's; empty: the app's
    Q_PROPERTY(QString effectiveSystemPrompt READ effectiveSystemPrompt NOTIFY systemPromptChanged)
    Q_PROPERTY(QString draft READ draft WRITE setDraft NOTIFY
                   draftChanged)  // kept per chat, stored after a pause
    Q_PROPERTY(int usedTokens READ usedTokens NOTIFY
                   tokensChanged)  // conversation as it would be sent now
    Q_PROPERTY(int draftTokens READ draftTokens NOTIFY tokensChanged)  // of the composer's text
    Q_PROPERTY(
        int contextTokens READ contextTokens NOTIFY tokensChanged)  // capacity; 0 without a model
    Q_PROPERTY(double readProgress READ readProgress NOTIFY progressChanged)  // 0..1 while Reading
    Q_PROPERTY(bool canSend READ canSend NOTIFY canSendChanged)
    Q_PROPERTY(bool canContinue READ canContinue NOTIFY
                   canSendChanged)  // the last answer was stopped or cut
    Q_PROPERTY(bool canRegenerate READ canRegenerate NOTIFY canSendChanged)
    Q_PROPERTY(QString blockedReason READ blockedReason NOTIFY
                   canSendChanged)  // why canSend is false, a sentence; may be empty
    Q_PROPERTY(int thinkingMode READ thinkingMode WRITE setThinkingMode NOTIFY
                   thinkingModeChanged)  // 0 auto, 1 on, 2 off
    Q_PROPERTY(bool modelHasThinking READ modelHasThinking NOTIFY tokensChanged)

public:
    enum State {
        Empty,    // no message yet
        Idle,     // nothing is being written
        Waiting,  // queued: the model is loading or busy with another chat
        Reading,  // prefill
        Thinking,
        Writing,
    };
    Q_ENUM(State)

    // Sends the text (also while a model loads: it then waits). Returns false and keeps the draft
    // when it cannot.
    Q_INVOKABLE bool send(const QString& text);
    Q_INVOKABLE void stop();
    Q_INVOKABLE void regenerate();                        // a new version of the last answer
    Q_INVOKABLE void regenerateAt(int row);               // of the answer in this row
    Q_INVOKABLE void continueAnswer();                    // carries on the last answer
    Q_INVOKABLE void edit(int row, const QString& text);  // a user message: new version and a new
                                                          // answer; an answer: new version
    Q_INVOKABLE void showVersion(int row, int offset);    // -1 previous, +1 next
    Q_INVOKABLE void copyMessage(int row);                // its Markdown source to the clipboard
    Q_INVOKABLE void copyLastAnswer();
    Q_INVOKABLE void copyText(const QString& text);
    Q_INVOKABLE void openLink(
        const QUrl& link);  // http(s) and mailto only, by the system, on the user's click
    Q_INVOKABLE int rowOfMessage(qint64 messageId) const;  // -1: not on the shown path
    Q_INVOKABLE void retry();                              // after a failed answer

signals:
    void stateChanged();
    void chatChanged();
    void titleChanged();
    void systemPromptChanged();
    void draftChanged();
    void tokensChanged();
    void progressChanged();
    void canSendChanged();
    void thinkingModeChanged();
    void paragraphFinished(const QString& plainText);  // for screen readers
    void copied();
};

}  // namespace sotto::app
