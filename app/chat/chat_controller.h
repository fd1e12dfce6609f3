// ChatController: the conversation on screen, as QML sees it: send, stop, edit, versions, draft,
// and what is happening right now.
//
// A thin face: ChatSession knows which chat it is and its path, AskFlow commits and asks,
// DraftKeeper keeps what is unsent. One per window; it follows ChatListModel's current chat; an
// answer goes on when another chat is opened. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QUrl>

#include "app/bridge/language_watch.h"
#include "app/chat/ask_flow.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/chat/draft_keeper.h"
#include "app/chat/paragraph_teller.h"
#include "app/chat/token_counter.h"

namespace sotto::app {

class ModelController;
class SettingsController;

class ChatController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(bool isBusy READ isBusy NOTIFY
                   stateChanged)  // Waiting, Reading, Thinking or Writing: Stop is shown
    Q_PROPERTY(double chatId READ chatId NOTIFY chatChanged)
    Q_PROPERTY(QString title READ title NOTIFY titleChanged)
    Q_PROPERTY(bool isTemporary READ isTemporary NOTIFY chatChanged)
    Q_PROPERTY(sotto::app::MessageListModel* messages READ messages CONSTANT)
    Q_PROPERTY(sotto::app::ChatSettings* settings READ settings CONSTANT)  // this chat's layer
    Q_PROPERTY(QString draft READ draft WRITE setDraft NOTIFY
                   draftChanged)  // kept per chat, stored after a pause
    Q_PROPERTY(int usedTokens READ usedTokens NOTIFY
                   tokensChanged)  // conversation as it would be sent now
    Q_PROPERTY(int draftTokens READ draftTokens NOTIFY tokensChanged)  // of the composer's text
    Q_PROPERTY(
        int contextTokens READ contextTokens NOTIFY tokensChanged)  // capacity; 0 without a model
    Q_PROPERTY(double readProgress READ readProgress NOTIFY progressChanged)  // 0..1 while Reading
    Q_PROPERTY(bool canSend READ canSend NOTIFY canSendChanged)
    // Nothing of it is changed: it lies in the bin.
    Q_PROPERTY(bool isReadOnly READ isReadOnly NOTIFY canSendChanged)
    Q_PROPERTY(bool canChange READ canChange NOTIFY canSendChanged)  // edits, versions
    Q_PROPERTY(bool canContinue READ canContinue NOTIFY
                   canSendChanged)  // the last answer was stopped or cut
    Q_PROPERTY(bool canRegenerate READ canRegenerate NOTIFY canSendChanged)
    Q_PROPERTY(QString blockedReason READ blockedReason NOTIFY
                   canSendChanged)  // why canSend is false, a sentence; may be empty
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
    Q_INVOKABLE bool edit(int row, const QString& text);  // a user message: new version and a new
                                                          // answer; an answer: new version
    Q_INVOKABLE void showVersion(int row, int offset);    // -1 previous, +1 next
    Q_INVOKABLE void keepReadable(int row);  // of a damaged message: it counts as whole
    Q_INVOKABLE void takeOut(int row);       // a damaged message; what followed it stays
    Q_INVOKABLE void copyMessage(int row);   // its Markdown source to the clipboard
    Q_INVOKABLE void copyLastAnswer();
    Q_INVOKABLE void copyText(const QString& text);
    Q_INVOKABLE void openLink(
        const QUrl& link);  // http(s) and mailto only, by the system, on the user's click
    Q_INVOKABLE int rowOfMessage(qint64 messageId) const;  // -1: not on the shown path
    // Opens the chat on the branch that has this message, then tells scrollToRow().
    Q_INVOKABLE void openMessage(qint64 chatId, qint64 messageId);
    Q_INVOKABLE QList<int> findRows(
        const QString& text) const;  // rows whose text has it, case ignored
    Q_INVOKABLE void retry();        // after a failed answer

    // For closing: writes what was typed last without the pause; the answers of all chats that may
    // not be on `disk`; those of them that `disk` could not begin; and what stands in open editors.
    void saveNow();
    QStringList answersInMemory(const StorageBridge& disk) const {
        return m_flow.answers().inMemory(disk);
    }
    QStringList unsavedEdits() const;
    void noteAllWritten() { m_flow.answers().keeper().forgetUnwritten(); }
    QStringList unbegunAnswers(const StorageBridge& disk) const {
        return m_flow.answers().unbegun(disk);
    }

    struct Parts {
        EngineBridge& engine;
        StorageBridge& storage;
        StorageBridge& temporaryStorage;
        ChatListModel& chats;
        ModelController& models;
        SettingsController& settings;
        JobRunner& jobs;
    };
    explicit ChatController(const Parts& parts, QObject* parent = nullptr);
    ~ChatController() override;

    State state() const;
    bool isBusy() const { return state() >= Waiting; }
    qint64 chatId() const { return m_session.chatId(); }
    QString title() const { return m_chats.titleOf(chatId()); }
    bool isTemporary() const { return m_session.isTemporary(); }
    MessageListModel* messages() { return &m_session.messages(); }
    ChatSettings* settings() { return &m_settings; }
    QString draft() const { return m_drafts.text(); }
    void setDraft(const QString& text) { m_drafts.type(text); }
    int usedTokens() const { return m_counter.conversationTokens(); }
    int draftTokens() const { return m_counter.draftTokens(); }
    int contextTokens() const;
    double readProgress() const { return m_flow.answers().readProgress(chatId()); }
    bool canSend() const;
    bool isReadOnly() const { return m_chats.isInBin(chatId()); }
    bool canChange() const { return !isBusy() && !isReadOnly(); }
    bool canContinue() const;
    bool canRegenerate() const { return m_session.count() > 0 && canSend(); }
    QString blockedReason() const;
    bool modelHasThinking() const;

signals:
    void stateChanged();
    void chatChanged();
    void titleChanged();
    void draftChanged();
    void tokensChanged();
    void progressChanged();
    void canSendChanged();
    void paragraphFinished(const QString& plainText);  // for screen readers
    void copied();
    void scrollToRow(int row);
    void problem(const QString& sentence);  // something could not be saved; the text is kept

private:
    void connectParts();
    void show(qint64 chatId, bool isTemporary);
    void takeLoaded(const std::string& settingsJson, const QString& draft);
    void takeStored(const Question& question);
    void takeRefused(const Question& question, const Error& error);
    void takeAnswer(qint64 chatId);
    void takeEnd(const Message& answer);
    // Everything that an answer below `path` needs, as the chat on screen has it now.
    AnswerJob makeJob(const std::vector<Message>& path, const Message* continued) const;
    void announce(const Message& answer, bool isWhole);
    void countTokens();
    void tellState();

    EngineBridge& m_engine;
    ChatListModel& m_chats;
    ModelController& m_models;
    AskFlow m_flow;
    ChatSession m_session;
    DraftKeeper m_drafts;
    ChatSettings m_settings;
    TokenCounter m_counter;
    ParagraphTeller m_paragraphs;
    LanguageWatch m_language;
};

}  // namespace sotto::app
