// ChatController: the conversation on screen: send, stop, edit, versions, draft, and what is
// happening right now.
//
// One per window; it follows ChatListModel's current chat. The user's message is committed to
// storage before the engine is asked; the answer is appended to storage while it is written. An
// answer goes on when another chat is opened. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QSet>
#include <QTimer>
#include <QUrl>

#include "app/chat/answer_runner.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/message.h"
#include "app/chat/message_list_model.h"
#include "app/chat/token_counter.h"
#include "app/settings/sampling_model.h"

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
    Q_INVOKABLE bool edit(int row, const QString& text);  // a user message: new version and a new
                                                          // answer; an answer: new version
    Q_INVOKABLE void showVersion(int row, int offset);    // -1 previous, +1 next
    Q_INVOKABLE void copyMessage(int row);                // its Markdown source to the clipboard
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

    struct Parts {
        EngineBridge& engine;
        StorageBridge& storage;
        StorageBridge& temporaryStorage;
        ChatListModel& chats;
        ModelController& models;
        SettingsController& settings;
    };
    explicit ChatController(const Parts& parts, QObject* parent = nullptr);
    ~ChatController() override;

    State state() const;
    bool isBusy() const { return state() >= Waiting; }
    qint64 chatId() const { return m_chatId; }
    QString title() const;
    bool isTemporary() const { return m_isTemporary; }
    MessageListModel* messages() { return &m_messages; }
    SamplingModel* sampling() { return &m_sampling; }
    QString systemPrompt() const { return m_systemPrompt; }
    void setSystemPrompt(const QString& prompt);
    QString effectiveSystemPrompt() const;
    QString draft() const { return m_draft; }
    void setDraft(const QString& text);
    int usedTokens() const { return m_usedTokens; }
    int draftTokens() const { return m_draftTokens; }
    int contextTokens() const;
    double readProgress() const;
    bool canSend() const {
        return m_loading == Loading::Done && !isBusy() && blockedReason().isEmpty();
    }
    bool canContinue() const;
    bool canRegenerate() const;
    QString blockedReason() const;
    int thinkingMode() const { return m_thinkingMode; }
    void setThinkingMode(int mode);
    bool modelHasThinking() const;

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
    void scrollToRow(int row);
    // An edit that was taken could not be saved: the editor opens again with the text.
    void editFailed(qint64 messageId, const QString& text);
    void problem(const QString& sentence);  // something could not be saved; the text is kept

private:
    struct Loaded;
    enum class Loading { Running, Done, Failed };  // of the chat on screen, from storage

    // The draft of a chat that does not exist yet is kept with the app's settings.
    static constexpr const char* newDraftKey() { return "chat.newDraft"; }

    void show(qint64 chatId, bool isTemporary);
    void take(Loaded loaded);
    void reloadPath();
    std::vector<Message> withLiveAnswer(std::vector<Message> path) const;
    std::vector<Message> pathUntil(int nRows) const;
    // Everything that an answer below `path` needs, as the chat on screen has it now.
    AnswerJob makeJob(const std::vector<Message>& path, const Message* continued) const;
    void ask(AnswerJob job, std::vector<Message> path);
    void takeBack(const Message& question, qint64 chatId, bool isNewChat, const Error& error);
    void createAndAsk(const Message& question, std::vector<Message> path);
    void takeAnswerChange(qint64 chatId, qint64 messageId);
    void takeAnswerEnd(qint64 chatId, const Message& message);
    void announceParagraphs(const Message& message, bool isWhole);
    void saveChatSettings();
    void saveDraft();
    void countTokens();
    std::string settingsJson() const;
    StorageBridge& storage() const;

    EngineBridge& m_engine;
    StorageBridge& m_diskStorage;
    StorageBridge& m_temporaryStorage;
    ChatListModel& m_chats;
    ModelController& m_models;
    SettingsController& m_settings;
    AnswerRunner m_runner;
    MessageListModel m_messages;
    SamplingModel m_sampling;
    TokenCounter m_counter;
    QTimer m_draftPause;
    qint64 m_chatId = 0;
    bool m_isTemporary = false;
    QString m_systemPrompt;
    QString m_draft;
    int m_thinkingMode = 0;
    int m_usedTokens = 0;
    int m_draftTokens = 0;
    Loading m_loading = Loading::Running;
    QSet<qint64> m_asking;       // chats whose question is being committed
    quint64 m_nEnded = 0;        // answers that have ended; a path that was read before is stale
    qint64 m_messageToShow = 0;  // scrolled to when the path has arrived
    qsizetype m_nAnnounced = 0;  // characters of the running answer already told to screen readers
};

}  // namespace sotto::app
