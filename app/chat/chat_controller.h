// ChatController: the conversation on screen, as QML sees it: send, stop, edit, versions, draft,
// and what is happening right now.
//
// A thin face that holds its parts together: ChatSession knows which chat it is and its path, Asker
// makes questions of it, AskFlow commits and asks, DraftKeeper keeps what is unsent, ChatSettings
// what is set, ChatReadiness says what may be done, ContextUse counts. One per window; it follows
// ChatListModel's current chat; an answer goes on when another chat is opened. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QUrl>
#include <QVariantList>
#include <optional>

#include "app/bridge/language_watch.h"
#include "app/chat/answer_progress.h"
#include "app/chat/ask_flow.h"
#include "app/chat/asker.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/chat_readiness.h"
#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/chat/context_inspector.h"
#include "app/chat/context_use.h"
#include "app/chat/copy_actions.h"
#include "app/chat/draft_keeper.h"
#include "app/chat/message_removal.h"
#include "app/chat/overflow_controller.h"
#include "app/chat/paragraph_teller.h"
#include "app/chat/prompt_notice.h"
#include "app/chat/unstored_words.h"

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
    Q_PROPERTY(sotto::app::AnswerProgress* progress READ progress CONSTANT)
    Q_PROPERTY(sotto::app::ContextInspector* inspector READ inspector CONSTANT)
    Q_PROPERTY(sotto::app::OverflowController* overflow READ overflow CONSTANT)
    Q_PROPERTY(bool canSend READ canSend NOTIFY canSendChanged)
    // Nothing of it is changed: it lies in the bin.
    Q_PROPERTY(bool isReadOnly READ isReadOnly NOTIFY canSendChanged)
    Q_PROPERTY(bool canChange READ canChange NOTIFY canSendChanged)  // edits, versions
    Q_PROPERTY(bool canContinue READ canContinue NOTIFY
                   canSendChanged)  // the last answer was stopped or cut
    Q_PROPERTY(bool canRegenerate READ canRegenerate NOTIFY canSendChanged)
    // Answers to one question would differ: they are drawn, not always the likeliest.
    Q_PROPERTY(bool answersDiffer READ answersDiffer NOTIFY answersDifferChanged)
    Q_PROPERTY(QString blockedReason READ blockedReason NOTIFY
                   canSendChanged)  // why canSend is false, a sentence; may be empty
    Q_PROPERTY(bool isCompared READ isCompared NOTIFY
                   canSendChanged)  // the reason is a comparison, which can be stopped
    // What could not be saved, a sentence; empty: nothing, or it was dismissed.
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    // That the model takes no system prompt, where this chat has one; empty: nothing to say, or it
    // was read once.
    Q_PROPERTY(QString promptNotice READ promptNotice NOTIFY promptNoticeChanged)
    // Questions to begin with: rows of {text, question}, what is offered and what is sent.
    Q_PROPERTY(QVariantList suggestions READ suggestions NOTIFY suggestionsChanged)
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
    // when it cannot; where the chat outgrows its context it stays until that is decided.
    Q_INVOKABLE bool send(const QString& text);
    Q_INVOKABLE void stop() { m_flow.stop(chatId()); }
    // Another version, or several at once: they differ by their seeds.
    Q_INVOKABLE void regenerate(int nAnswers = 1) { regenerateAt(m_session.count() - 1, nAnswers); }
    Q_INVOKABLE void regenerateAt(int row, int nAnswers = 1);
    Q_INVOKABLE void continueAnswer();          // of the last answer
    Q_INVOKABLE void retry() { regenerate(); }  // after a failed answer
    // A user message: new version and a new answer; an answer: new version.
    Q_INVOKABLE bool edit(int row, const QString& text);
    // -1 previous, +1 next; also while versions of that message are written.
    Q_INVOKABLE void showVersion(int row, int offset);
    Q_INVOKABLE void keepReadable(int row);  // of a damaged message: it counts as whole
    Q_INVOKABLE void takeOut(int row);       // a damaged message; what followed it stays
    // A message that is whole; undo() of the chat list brings it back. See MessageRemoval.
    Q_INVOKABLE void removeMessage(int row);
    Q_INVOKABLE void copyMessage(int row) { m_copies.copyMessage(row); }
    Q_INVOKABLE void copyLastAnswer() { m_copies.copyLastAnswer(); }
    Q_INVOKABLE void copyText(const QString& text) { m_copies.copyText(text); }
    Q_INVOKABLE QString lastQuestion() const;  // of the shown chat, its text; empty: none
    Q_INVOKABLE void openLink(const QUrl& link) { CopyActions::openLink(link); }
    Q_INVOKABLE int rowOfMessage(qint64 messageId) const { return m_session.rowOf(messageId); }
    // Opens the chat on the branch that has this message, then tells scrollToRow().
    Q_INVOKABLE void openMessage(qint64 chatId, qint64 messageId);

    Q_INVOKABLE void dismissProblem() { setProblem(std::nullopt); }
    Q_INVOKABLE void dismissPromptNotice() { m_promptNotice.dismiss(); }

    // For closing: writes what was typed last without the pause.
    void saveNow();
    const UnstoredWords& unstored() const { return m_unstored; }
    void noteAllWritten() { m_flow.answers().keeper().forgetUnwritten(); }

    struct Parts {
        EngineBridge& engine;
        StorageBridge& storage;
        StorageBridge& temporaryStorage;
        ChatListModel& chats;
        ModelController& models;
        SettingsController& settings;
        JobRunner& jobs;
        MachineProbe machine;
    };
    explicit ChatController(const Parts& parts, QObject* parent = nullptr);

    State state() const;
    bool isBusy() const { return m_readiness.isBusy(); }
    qint64 chatId() const { return m_session.chatId(); }
    QString title() const { return m_chats.titleOf(chatId()); }
    bool isTemporary() const { return m_session.isTemporary(); }
    MessageListModel* messages() { return &m_session.messages(); }
    ChatSettings* settings() { return &m_settings; }
    QString draft() const { return m_drafts.text(); }
    void setDraft(const QString& text) { m_drafts.type(text); }
    int usedTokens() const { return m_use.usedTokens(); }
    int draftTokens() const { return m_use.draftTokens(); }
    int contextTokens() const { return m_use.contextTokens(); }
    AnswerProgress* progress() { return &m_progress; }
    ContextInspector* inspector() { return &m_inspector; }
    OverflowController* overflow() { return &m_overflow; }
    bool canSend() const { return m_readiness.canSend(); }
    bool isReadOnly() const { return m_readiness.isReadOnly(); }
    bool canChange() const { return m_readiness.canChange(); }
    bool canContinue() const { return m_readiness.canContinue(); }
    bool canRegenerate() const { return m_readiness.canRegenerate(); }
    bool answersDiffer() const;
    bool isCompared() const { return m_readiness.isCompared(); }
    QString blockedReason() const { return m_readiness.blockedReason(); }
    QVariantList suggestions() const;
    QString problem() const { return m_problem ? m_problem->text() : QString(); }
    QString promptNotice() const { return m_promptNotice.text(); }
    bool modelHasThinking() const { return m_use.modelHasThinking(); }

signals:
    void stateChanged();
    void chatChanged();
    void titleChanged();
    void draftChanged();
    void tokensChanged();
    void canSendChanged();
    void answersDifferChanged();
    void paragraphFinished(const QString& plainText);  // for screen readers
    void copied();
    void scrollToRow(int row);
    void problemChanged();
    void promptNoticeChanged();
    void suggestionsChanged();

private:
    void connectParts();
    void show(qint64 chatId, bool isTemporary);
    void takeLoaded(const std::string& settingsJson, const QString& draft);
    void takeAnswer(qint64 messageId);
    void takeEnd(const Message& answer);
    QString editorText(int row) const;
    void editAsTyped(qint64 messageId, const QString& text, const QString& typed);
    void tellDropped();
    void setProblem(std::optional<ChatProblem> problem);
    void announce(const Message& answer, bool isWhole);

    ChatListModel& m_chats;
    const ModelController& m_models;
    AskFlow m_flow;
    ChatSession m_session;
    DraftKeeper m_drafts;
    ChatSettings m_settings;
    ChatReadiness m_readiness;
    Asker m_asker;
    OverflowController m_overflow;
    ContextUse m_use;
    AnswerProgress m_progress;
    ContextInspector m_inspector;
    CopyActions m_copies;
    MessageRemoval m_removal;
    UnstoredWords m_unstored;
    PromptNotice m_promptNotice;
    ParagraphTeller m_paragraphs;
    qint64 m_toldAnswer = 0;  // whose paragraphs they are
    std::optional<ChatProblem> m_problem;
    LanguageWatch m_language;
};

}  // namespace sotto::app
