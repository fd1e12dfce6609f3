#include "app/chat/chat_controller.h"

#include <utility>

#include "app/chat/sent_turns.h"
#include "app/chat/stop_text.h"
#include "app/chat/suggestions.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {

ChatController::ChatController(const Parts& parts, QObject* parent)
    : QObject(parent),
      m_chats(parts.chats),
      m_models(parts.models),
      m_flow(parts.engine),
      m_session(parts.storage, parts.temporaryStorage, m_flow.answers()),
      m_drafts(parts.storage),
      m_settings(parts.storage, *parts.settings.model()->layer()),
      m_readiness({parts.engine, parts.chats, parts.models, m_flow, m_session}),
      m_asker({parts.chats, parts.models, m_readiness, m_flow, m_session, m_drafts, m_settings}),
      m_overflow({parts.engine, parts.jobs, parts.models, m_session, m_settings, parts.machine}),
      m_use({parts.engine.engine(), parts.jobs, parts.models, m_flow.answers(), m_session, m_drafts,
             m_settings}),
      m_progress(m_flow.answers(), m_session, parts.models),
      m_inspector(
          {parts.engine, parts.jobs, parts.models, m_flow.answers(), m_session, m_settings}),
      m_copies(m_session),
      m_removal(parts.chats, m_session),
      m_unstored(m_flow, m_session, parts.chats),
      m_promptNotice(parts.models, m_settings, parts.settings) {
    connectParts();
    show(0, false);
}

void ChatController::connectParts() {
    connect(&m_chats, &ChatListModel::opened, this, &ChatController::show);
    connect(&m_chats, &ChatListModel::titleChanged, this, &ChatController::titleChanged);
    connect(&m_chats, &ChatListModel::removed, &m_flow, &AskFlow::stop);
    connect(&m_readiness, &ChatReadiness::changed, this, &ChatController::canSendChanged);
    connect(&m_session, &ChatSession::loaded, this, &ChatController::takeLoaded);
    connect(&m_session, &ChatSession::scrollToRow, this, &ChatController::scrollToRow);
    connect(&m_session, &ChatSession::problem, this,
            [this](const Error& error) { setProblem(ChatProblem{error}); });
    connect(&m_session, &ChatSession::pathChanged, this, &ChatController::stateChanged);
    connect(&m_asker, &Asker::chatMade, this, &ChatController::chatChanged);
    connect(this, &ChatController::chatChanged, &m_inspector, &ContextInspector::look);
    connect(this, &ChatController::chatChanged, &m_promptNotice, &PromptNotice::changed);
    connect(&m_promptNotice, &PromptNotice::changed, this, &ChatController::promptNoticeChanged);
    connect(&m_asker, &Asker::problem, this, &ChatController::setProblem);
    connect(&m_flow, &AskFlow::stageChanged, this, [this](qint64 chatId) {
        m_chats.setWriting(chatId, m_flow.stage(chatId) == AskFlow::Stage::Answering);
        emit stateChanged();
    });
    connect(&m_flow, &AskFlow::began, this, [this](const Message& answer) {
        if (answer.chatId != chatId()) return;
        m_toldAnswer = answer.id;
        m_paragraphs.begin(answer.text);
        m_session.put(answer);
        m_session.reload();
    });
    connect(&m_flow.answers(), &AnswerRunner::changed, this,
            [this](qint64, qint64 messageId) { takeAnswer(messageId); });
    connect(&m_flow.answers(), &AnswerRunner::versionBegan, this, [this](qint64 inChat) {
        if (inChat == chatId()) m_session.takeNewVersion();
    });
    connect(m_settings.sampling(), &SamplingModel::changed, this,
            &ChatController::answersDifferChanged);
    connect(&m_flow.answers(), &AnswerRunner::finished, this,
            [this](qint64, const Message& answer) { takeEnd(answer); });
    connect(&m_drafts, &DraftKeeper::changed, this, &ChatController::draftChanged);
    connect(&m_session, &ChatSession::pathChanged, this, &ChatController::tellDropped);
    connect(&m_settings, &ChatSettings::changed, this, &ChatController::tellDropped);
    connect(&m_use, &ContextUse::changed, this, &ChatController::tokensChanged);
    connect(&m_removal, &MessageRemoval::problem, this,
            [this](const Error& error) { setProblem(ChatProblem{error}); });
    connect(&m_copies, &CopyActions::copied, this, &ChatController::copied);
    connect(&m_models, &ModelController::stateChanged, this, &ChatController::suggestionsChanged);
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_session.messages().tellWords();
        emit canSendChanged();
        if (m_problem) emit problemChanged();
        emit suggestionsChanged();
        emit promptNoticeChanged();
    });
}

void ChatController::show(qint64 chatId, bool isTemporary) {
    // A temporary chat cannot be opened again: nobody could stop what is written in it, or read it.
    if (m_session.isTemporary()) {
        m_flow.discard(m_session.chatId(), m_session.storage());
        m_chats.forgetUndo({m_session.chatId()});
    }
    m_overflow.forget();
    m_drafts.show(chatId, isTemporary);
    m_settings.show(chatId, isTemporary);
    m_paragraphs.begin();
    m_use.clear();
    m_session.show(chatId, isTemporary);
    setProblem(std::nullopt);
    emit chatChanged();
    emit titleChanged();
    emit stateChanged();
    emit canSendChanged();
}

void ChatController::takeLoaded(const std::string& settingsJson, const QString& draft) {
    m_settings.takeStored(chatId(), settingsJson);
    m_drafts.takeStored(chatId(), draft);
}

bool ChatController::send(const QString& text) {
    if (text.trimmed().isEmpty() || !canSend()) return false;
    // What is typed on while it waits goes with it.
    const bool isDraft = text == draft();
    return m_overflow.admit(OverflowController::Sending, m_asker.pathWith(text, m_session.count()),
                            [this, text, isDraft] {
                                const QString words = isDraft ? draft() : text;
                                if (!words.trimmed().isEmpty()) m_asker.send(words);
                            });
}

bool ChatController::edit(int row, const QString& text) {
    const bool isAsked = m_session.hasRow(row) && m_session.at(row).isUser() && canSend() &&
                         m_session.at(row).text != text.trimmed() && !text.trimmed().isEmpty();
    if (!isAsked) return m_asker.edit(row, text);
    return m_overflow.admit(OverflowController::Rewriting, m_asker.pathWith(text, row),
                            [this, id = m_session.at(row).id, text, typed = editorText(row)] {
                                editAsTyped(id, text, typed);
                            });
}

// Null: no editor is open there.
QString ChatController::editorText(int row) const {
    const MessageListModel& messages = m_session.messages();
    const QModelIndex index = messages.index(row);
    if (!messages.data(index, MessageListModel::IsEditingRole).toBool()) return {};
    const QString text = messages.data(index, MessageListModel::EditTextRole).toString();
    return text.isNull() ? QStringLiteral("") : text;
}

// What was typed into the editor meanwhile counts; where it was closed, nothing is asked.
void ChatController::editAsTyped(qint64 messageId, const QString& text, const QString& typed) {
    const int row = m_session.rowOf(messageId);
    if (row < 0) return;
    const QString now = editorText(row);
    if (now.isNull() && !typed.isNull()) return;
    m_asker.edit(row, now == typed ? text : now);
}

void ChatController::regenerateAt(int row, int nAnswers) {
    if (!m_session.hasRow(row) || !canSend()) return;
    m_overflow.admit(OverflowController::Rewriting, m_asker.pathBelow(row),
                     [this, id = m_session.at(row).id, nAnswers] {
                         if (const int now = m_session.rowOf(id); now >= 0)
                             m_asker.regenerateAt(now, nAnswers);
                     });
}

void ChatController::continueAnswer() {
    if (!canContinue()) return;
    m_overflow.admit(OverflowController::Continuing, m_session.pathUntil(m_session.count()),
                     [this] { m_asker.continueAnswer(); });
}

void ChatController::tellDropped() {
    const LeftOut leftOut =
        leftOutOf(m_session.pathIds(), std::as_const(m_settings).layer().dropped());
    m_session.messages().setDropped(static_cast<int>(leftOut.nMessages), leftOut.nTokens);
}

void ChatController::openMessage(qint64 chatId, qint64 messageId) {
    if (messageId == 0) return m_chats.open(chatId);
    m_session.openMessage(chatId, messageId, [this](qint64 id) { m_chats.open(id); });
}

void ChatController::showVersion(int row, int offset) {
    if (!m_session.hasRow(row) || isReadOnly()) return;
    if (canChange() || m_session.at(row).nWritten > 0) m_session.showVersion(row, offset);
}

void ChatController::keepReadable(int row) {
    if (m_session.hasRow(row) && m_session.at(row).isDamaged && canChange())
        m_session.keepReadable(row);
}

void ChatController::takeOut(int row) {
    if (m_session.hasRow(row) && m_session.at(row).isDamaged && canChange()) m_session.takeOut(row);
}

void ChatController::removeMessage(int row) {
    if (!m_session.hasRow(row) || !canChange()) return;
    if (m_session.at(row).isDamaged) return m_session.takeOut(row);
    m_removal.remove(row);
}

void ChatController::takeAnswer(qint64 messageId) {
    const Message* live = m_flow.answers().answer(messageId);
    if (live == nullptr || live->chatId != chatId()) return;
    if (m_session.takeAnswer(*live)) announce(*live, false);
    emit stateChanged();  // the state is that of answers which are not shown, too
}

void ChatController::takeEnd(const Message& answer) {
    m_chats.refresh();
    m_session.takeEnd(answer);
    m_inspector.takeCounts();
    if (answer.chatId != chatId()) return;
    if (rowOfMessage(answer.id) >= 0) announce(answer, true);
    emit stateChanged();
    m_use.count();
    // Whether it is to go on, and how, is asked where it has just ended.
    const bool isCut =
        endReason(answer) == QString::fromStdString(stopReasonName(StopReason::ContextFull));
    if (isCut && canContinue() && m_session.at(m_session.count() - 1).id == answer.id)
        m_overflow.offer(m_session.pathUntil(m_session.count()),
                         [this] { m_asker.continueAnswer(); });
}

void ChatController::setProblem(std::optional<ChatProblem> problem) {
    if (!problem && !m_problem) return;
    m_problem = std::move(problem);
    emit problemChanged();
}

void ChatController::announce(const Message& answer, bool isWhole) {
    // Of another version, what stood there when it was turned to was read by then.
    if (std::exchange(m_toldAnswer, answer.id) != answer.id) m_paragraphs.begin(answer.text);
    const QString paragraphs = m_paragraphs.take(answer.text, isWhole);
    if (!paragraphs.isEmpty()) emit paragraphFinished(paragraphs);
}

ChatController::State ChatController::state() const {
    if (m_flow.stage(chatId()) == AskFlow::Stage::Idle)
        return m_session.count() == 0 ? Empty : Idle;
    const Message* live = m_session.liveAnswer();
    // Another version is looked at meanwhile.
    if (const auto answers = m_flow.answers().answersIn(chatId()); !live && !answers.empty())
        live = answers.front();
    switch (live == nullptr ? MessageListModel::Waiting : live->state) {
        case MessageListModel::Reading: return Reading;
        case MessageListModel::Thinking: return Thinking;
        case MessageListModel::Writing: return Writing;
        default: return Waiting;
    }
}

bool ChatController::answersDiffer() const {
    return std::as_const(m_settings).sampling().valueOf(QStringLiteral("temperature")) > 0;
}

QString ChatController::lastQuestion() const {
    for (int row = m_session.count() - 1; row >= 0; --row)
        if (m_session.at(row).isUser()) return m_session.at(row).text;
    return {};
}

QVariantList ChatController::suggestions() const { return app::suggestions(m_models.isDemo()); }

void ChatController::saveNow() {
    m_drafts.flush();
    m_settings.flush();
    m_chats.saveNow();
}

}  // namespace sotto::app
