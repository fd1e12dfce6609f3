#include "app/chat/chat_controller.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>

#include "app/bridge/error_text.h"
#include "app/chat/message_conversion.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {

ChatController::ChatController(const Parts& parts, QObject* parent)
    : QObject(parent),
      m_engine(parts.engine),
      m_chats(parts.chats),
      m_models(parts.models),
      m_flow(parts.engine),
      m_session(parts.storage, parts.temporaryStorage, m_flow.answers()),
      m_drafts(parts.storage),
      m_settings(parts.storage, *parts.settings.model()->layer()),
      m_counter(parts.engine.engine(), parts.jobs) {
    connectParts();
    show(0, false);
}

ChatController::~ChatController() = default;

void ChatController::connectParts() {
    connect(&m_chats, &ChatListModel::opened, this, &ChatController::show);
    connect(&m_chats, &ChatListModel::binChanged, this, &ChatController::canSendChanged);
    connect(&m_chats, &ChatListModel::titleChanged, this, &ChatController::titleChanged);
    connect(&m_chats, &ChatListModel::removed, &m_flow, &AskFlow::stop);
    connect(&m_session, &ChatSession::loaded, this, &ChatController::takeLoaded);
    connect(&m_session, &ChatSession::loadingChanged, this, &ChatController::canSendChanged);
    connect(&m_session, &ChatSession::scrollToRow, this, &ChatController::scrollToRow);
    connect(&m_session, &ChatSession::problem, this,
            [this](const Error& error) { emit problem(errorText(error)); });
    connect(&m_session, &ChatSession::pathChanged, this, [this] {
        tellState();
        countTokens();
    });
    connect(&m_flow, &AskFlow::stored, this, &ChatController::takeStored);
    connect(&m_flow, &AskFlow::refused, this, &ChatController::takeRefused);
    connect(&m_flow, &AskFlow::stageChanged, this, [this](qint64 chatId) {
        m_chats.setWriting(chatId, m_flow.stage(chatId) == AskFlow::Stage::Answering);
        tellState();
    });
    connect(&m_flow, &AskFlow::began, this, [this](const Message& answer) {
        if (answer.chatId != chatId()) return;
        m_paragraphs.begin(answer.text);
        m_session.put(answer);
        m_session.reload();
        tellState();
    });
    connect(&m_flow.answers(), &AnswerRunner::changed, this, &ChatController::takeAnswer);
    connect(&m_flow.answers(), &AnswerRunner::finished, this,
            [this](qint64, const Message& answer) { takeEnd(answer); });
    connect(&m_drafts, &DraftKeeper::changed, this, [this] {
        emit draftChanged();
        countTokens();
    });
    connect(&m_settings, &ChatSettings::changed, this, &ChatController::countTokens);
    connect(&m_counter, &TokenCounter::counted, this, &ChatController::tokensChanged);
    connect(&m_models, &ModelController::stateChanged, this, [this] {
        emit canSendChanged();
        emit tokensChanged();
        countTokens();
    });
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_session.messages().tellWords();
        emit canSendChanged();
    });
}

// --- which chat ---------------------------------------------------------------------------------

void ChatController::show(qint64 chatId, bool isTemporary) {
    // A temporary chat cannot be opened again: nobody could stop what is written in it, or read it.
    if (m_session.isTemporary()) m_flow.discard(m_session.chatId(), m_session.storage());
    m_drafts.show(chatId, isTemporary);
    m_settings.show(chatId, isTemporary);
    m_paragraphs.begin();
    m_counter.clear();
    m_session.show(chatId, isTemporary);
    emit chatChanged();
    emit titleChanged();
    tellState();
}

void ChatController::takeLoaded(const std::string& settingsJson, const QString& draft) {
    m_settings.takeStored(chatId(), settingsJson);
    m_drafts.takeStored(chatId(), draft);
}

void ChatController::openMessage(qint64 chatId, qint64 messageId) {
    if (messageId == 0) return m_chats.open(chatId);
    m_session.openMessage(chatId, messageId, [this](qint64 id) { m_chats.open(id); });
}

// --- asking -------------------------------------------------------------------------------------

bool ChatController::send(const QString& text) {
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || !canSend()) return false;
    Question question;
    question.isNewChat = chatId() == 0;
    question.isTemporary = isTemporary();
    question.settingsJson = m_settings.toJson();
    if (question.isNewChat) {
        m_session.becomes(m_session.storage().newId());
        m_settings.becomes(chatId());
    }
    std::vector<Message> path = m_session.pathUntil(m_session.count());
    Message& message = question.message;
    message.id = m_session.storage().newId();
    message.chatId = chatId();
    message.parentId = path.empty() ? 0 : path.back().id;
    message.role = MessageListModel::User;
    message.text = trimmed;
    message.time = QDateTime::currentDateTime();
    path.push_back(message);
    question.job = makeJob(path, nullptr);
    m_session.put(message);
    m_drafts.clear();
    m_drafts.becomes(chatId());
    m_flow.send(std::move(question));
    return true;
}

bool ChatController::edit(int row, const QString& text) {
    const QString trimmed = text.trimmed();
    if (!m_session.hasRow(row) || trimmed.isEmpty() || !canChange()) return false;
    const Message& old = m_session.at(row);
    m_session.messages().setEditText(row, trimmed);
    if (trimmed == old.text && !old.isDamaged) {
        m_session.messages().closeEdit(old.id);
        return true;
    }
    Question question;
    question.editedId = old.id;
    question.isTemporary = isTemporary();
    question.wantsAnswer = old.isUser() && canSend();
    Message& message = question.message;
    message.id = m_session.storage().newId();
    message.chatId = chatId();
    message.parentId = old.parentId;
    message.role = old.role;
    message.text = trimmed;
    message.modelName = old.modelName;
    message.time = QDateTime::currentDateTime();
    std::vector<Message> path = m_session.pathUntil(row);
    path.push_back(message);
    question.job = makeJob(path, nullptr);
    m_flow.send(std::move(question));
    return true;
}

void ChatController::takeStored(const Question& question) {
    const Message& message = question.message;
    if (question.isNewChat && message.chatId == chatId()) {
        m_chats.adopt(message.chatId);
        emit chatChanged();
    } else {
        m_chats.refresh();
    }
    if (question.editedId == 0) return;
    m_session.messages().takeStoredEdit(question.editedId, message);
    m_session.put(message);
    if (message.chatId == chatId() && !question.wantsAnswer) m_session.reload();
}

// Nothing was saved: the words go back to where they were typed.
void ChatController::takeRefused(const Question& question, const Error& error) {
    const Message& message = question.message;
    const bool isShown = message.chatId == chatId();
    const QString sentence = errorText(error);
    if (question.editedId != 0) {
        m_session.messages().keepEdit(message.chatId, question.editedId, message.text);
        emit problem(sentence);
        return;
    }
    if (question.isTemporary && !isShown) return;  // given up with its chat
    if (isShown) {
        m_session.takeAway(message.id);
        if (question.isNewChat) {
            m_session.becomes(0);
            m_settings.becomes(ChatSettings::kNewChat);
            m_drafts.becomes(DraftKeeper::kNewChat);
        }
    }
    if (question.isNewChat && !isShown) m_settings.giveBack(question.settingsJson);
    m_drafts.giveBack(question.isNewChat ? DraftKeeper::kNewChat : message.chatId, message.chatId,
                      message.text);
    if (isShown)
        emit problem(tr("%1 Your message is back where you wrote it.").arg(sentence));
    else if (question.isNewChat)
        emit problem(tr("%1 Your message is kept as the draft of the new chat.").arg(sentence));
    else
        emit problem(tr("%1 Your message is kept as the draft of its chat.").arg(sentence));
    tellState();
}

AnswerJob ChatController::makeJob(const std::vector<Message>& path,
                                  const Message* continued) const {
    AnswerJob job;
    job.storage = &m_session.storage();
    job.chatId = chatId();
    job.parentId = path.back().id;
    job.modelName = m_models.name();
    if (continued != nullptr) job.continued = *continued;
    ChatPrompt prompt = toPrompt(path, m_settings.systemPrompt());
    prompt.isContinuing = continued != nullptr;
    const ThinkingSetting thinking = m_settings.layer().thinking();
    if (thinking != ThinkingSetting::Auto) prompt.isThinking = thinking == ThinkingSetting::On;
    job.request.prompt = std::move(prompt);
    m_settings.sampling().apply(job.request);
    return job;
}

void ChatController::stop() { m_flow.stop(chatId()); }

void ChatController::regenerate() { regenerateAt(m_session.count() - 1); }

void ChatController::retry() { regenerate(); }

void ChatController::regenerateAt(int row) {
    if (!m_session.hasRow(row) || !canSend()) return;
    const int nKept = m_session.at(row).isUser() ? row + 1 : row;
    if (nKept > 0) m_flow.ask(makeJob(m_session.pathUntil(nKept), nullptr));
}

void ChatController::continueAnswer() {
    if (!canContinue()) return;
    const std::vector<Message> path = m_session.pathUntil(m_session.count());
    m_flow.ask(makeJob(path, &path.back()));
}

void ChatController::showVersion(int row, int offset) {
    if (m_session.hasRow(row) && canChange()) m_session.showVersion(row, offset);
}

void ChatController::keepReadable(int row) {
    if (m_session.hasRow(row) && m_session.at(row).isDamaged && canChange())
        m_session.keepReadable(row);
}

void ChatController::takeOut(int row) {
    if (m_session.hasRow(row) && m_session.at(row).isDamaged && canChange()) m_session.takeOut(row);
}

void ChatController::takeAnswer(qint64 id) {
    const Message* live = m_flow.answers().answerIn(id);
    if (live == nullptr || !m_session.takeAnswer(*live)) return;
    announce(*live, false);
    emit stateChanged();
    if (live->state == MessageListModel::Reading) emit progressChanged();
}

void ChatController::takeEnd(const Message& answer) {
    m_chats.refresh();
    m_session.takeEnd(answer);
    if (answer.chatId != chatId()) return;
    if (rowOfMessage(answer.id) >= 0) announce(answer, true);
    countTokens();
}

void ChatController::announce(const Message& answer, bool isWhole) {
    const QString paragraphs = m_paragraphs.take(answer.text, isWhole);
    if (!paragraphs.isEmpty()) emit paragraphFinished(paragraphs);
}

// --- what is shown ------------------------------------------------------------------------------

ChatController::State ChatController::state() const {
    if (m_flow.stage(chatId()) == AskFlow::Stage::Idle)
        return m_session.count() == 0 ? Empty : Idle;
    const Message* live = m_flow.answers().answerIn(chatId());
    switch (live == nullptr ? MessageListModel::Waiting : live->state) {
        case MessageListModel::Reading: return Reading;
        case MessageListModel::Thinking: return Thinking;
        case MessageListModel::Writing: return Writing;
        default: return Waiting;
    }
}

void ChatController::tellState() {
    emit stateChanged();
    emit canSendChanged();
}

int ChatController::contextTokens() const { return m_models.contextTokens(); }

bool ChatController::modelHasThinking() const { return m_models.hasThinking(); }

bool ChatController::canSend() const {
    return m_session.loading() == ChatSession::Loading::Done && !isBusy() &&
           blockedReason().isEmpty();
}

bool ChatController::canContinue() const {
    if (m_session.count() == 0 || !canSend()) return false;
    const Message& last = m_session.at(m_session.count() - 1);
    return last.role == MessageListModel::Assistant && !last.text.isEmpty() && !last.isDamaged;
}

QString ChatController::blockedReason() const {
    if (m_engine.engine() == nullptr) return tr("The engine could not be started.");
    switch (m_models.state()) {
        case ModelController::NoModel: return tr("Choose a model to begin.");
        case ModelController::Failed:
            return tr("The model could not be loaded. Choose another one.");
        case ModelController::Loading:
        case ModelController::Loaded: break;
    }
    if (isReadOnly()) return tr("This chat is in the bin. Restore it to go on.");
    if (m_session.loading() == ChatSession::Loading::Failed)
        return tr("This chat could not be read. Open it again.");
    return {};
}

int ChatController::rowOfMessage(qint64 messageId) const { return m_session.rowOf(messageId); }

QList<int> ChatController::findRows(const QString& text) const { return m_session.findRows(text); }

void ChatController::countTokens() {
    if (m_models.state() != ModelController::Loaded) return m_counter.clear();
    m_counter.request([this] {
        return std::pair(
            toPrompt(m_session.pathUntil(m_session.count()), m_settings.systemPrompt()),
            draft().toStdString());
    });
}

void ChatController::saveNow() {
    m_drafts.flush();
    m_settings.flush();
    m_chats.saveNow();
}

// --- clipboard and links ------------------------------------------------------------------------

void ChatController::copyText(const QString& text) {
    QGuiApplication::clipboard()->setText(text);
    emit copied();
}

void ChatController::copyMessage(int row) {
    if (m_session.hasRow(row)) copyText(m_session.at(row).text);
}

// Those of chats that are gone for good cannot be reached any more; a temporary one is not kept.
QStringList ChatController::unsavedEdits() const {
    QStringList texts;
    for (const MessageListModel::Edit& edit : m_session.messages().unsavedEdits())
        if (m_chats.knows(edit.chatId) || (edit.chatId == chatId() && !isTemporary()))
            texts.append(edit.text);
    return texts;
}

void ChatController::copyLastAnswer() {
    for (int row = m_session.count() - 1; row >= 0; --row)
        if (!m_session.at(row).isUser()) return copyText(m_session.at(row).text);
}

void ChatController::openLink(const QUrl& link) {
    static const QStringList kSchemes{QStringLiteral("http"), QStringLiteral("https"),
                                      QStringLiteral("mailto")};
    if (kSchemes.contains(link.scheme().toLower())) QDesktopServices::openUrl(link);
}

}  // namespace sotto::app
