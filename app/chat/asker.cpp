#include "app/chat/asker.h"

#include <algorithm>
#include <utility>

#include "app/chat/chat_list_model.h"
#include "app/chat/chat_readiness.h"
#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/chat/draft_keeper.h"
#include "app/chat/message_conversion.h"
#include "app/chat/sent_turns.h"
#include "app/models/model_controller.h"

namespace sotto::app {

ChatPrompt promptFor(const std::vector<Message>& path, const ChatSettings& settings) {
    return promptFor(path, settings, settings.layer().dropped());
}

ChatPrompt promptFor(const std::vector<Message>& path, const ChatSettings& settings,
                     const std::vector<DroppedTurns>& dropped) {
    ChatPrompt prompt = toPrompt(sentPart(path, dropped), settings.systemPrompt());
    const ThinkingSetting thinking = settings.layer().thinking();
    if (thinking != ThinkingSetting::Auto) prompt.isThinking = thinking == ThinkingSetting::On;
    return prompt;
}

Asker::Asker(const Parts& parts, QObject* parent) : QObject(parent), m_parts(parts) {
    connect(&m_parts.flow, &AskFlow::stored, this, &Asker::takeStored);
    connect(&m_parts.flow, &AskFlow::refused, this, &Asker::takeRefused);
}

std::vector<Message> Asker::pathWith(const QString& text, int nRows) const {
    std::vector<Message> path = m_parts.session.pathUntil(nRows);
    Message message;
    message.role = MessageListModel::User;
    message.text = text.trimmed();
    path.push_back(std::move(message));
    return path;
}

std::vector<Message> Asker::pathBelow(int row) const {
    const ChatSession& session = m_parts.session;
    if (!session.hasRow(row)) return {};
    return session.pathUntil(session.at(row).isUser() ? row + 1 : row);
}

bool Asker::send(const QString& text) {
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || !m_parts.readiness.canSend()) return false;
    ChatSession& session = m_parts.session;
    const bool isNewChat = session.chatId() == 0;
    const std::string settingsJson = m_parts.settings.toJson();
    if (isNewChat) {
        session.becomes(session.storage().newId());
        m_parts.settings.becomes(session.chatId());
    }
    Message message;
    message.parentId = session.count() == 0 ? 0 : session.at(session.count() - 1).id;
    message.role = MessageListModel::User;
    message.text = trimmed;
    Question question = newQuestion(message, session.count());
    question.isNewChat = isNewChat;
    question.settingsJson = settingsJson;
    session.put(question.message);
    m_parts.drafts.clear();
    m_parts.drafts.becomes(session.chatId());
    m_parts.flow.send(std::move(question));
    return true;
}

bool Asker::edit(int row, const QString& text) {
    const QString trimmed = text.trimmed();
    ChatSession& session = m_parts.session;
    if (!session.hasRow(row) || trimmed.isEmpty() || !m_parts.readiness.canChange()) return false;
    const Message& old = session.at(row);
    session.messages().setEditText(row, trimmed);
    if (trimmed == old.text && !old.isDamaged) {
        session.messages().closeEdit(old.id);
        return true;
    }
    Message message;
    message.parentId = old.parentId;
    message.role = old.role;
    message.text = trimmed;
    message.modelName = old.modelName;
    Question question = newQuestion(message, row);
    question.editedId = old.id;
    question.wantsAnswer = old.isUser() && m_parts.readiness.canSend();
    m_parts.flow.send(std::move(question));
    return true;
}

// The message below the first `nKept` rows, with what an answer to it needs.
Question Asker::newQuestion(const Message& message, int nKept) const {
    const ChatSession& session = m_parts.session;
    Question question;
    question.isTemporary = session.isTemporary();
    question.message = message;
    question.message.id = session.storage().newId();
    question.message.chatId = session.chatId();
    question.message.time = QDateTime::currentDateTime();
    std::vector<Message> path = session.pathUntil(nKept);
    path.push_back(question.message);
    question.job = makeJob(path, nullptr);
    return question;
}

void Asker::regenerateAt(int row, int nAnswers) {
    const ChatSession& session = m_parts.session;
    if (!session.hasRow(row) || !m_parts.readiness.canSend()) return;
    const Message& message = session.at(row);
    const int nKept = message.isUser() ? row + 1 : row;
    if (nKept == 0) return;
    AnswerJob job = makeJob(session.pathUntil(nKept), nullptr);
    // One that was stopped before its first word is no version to come back to.
    const bool isEmpty = !message.isUser() && !message.isDamaged && message.text.isEmpty() &&
                         message.thinking.isEmpty() && message.modelName == job.modelName;
    if (isEmpty) job.continued = message;
    job.request.nAnswers = std::clamp(nAnswers, 1, kMostAnswers);
    m_parts.flow.ask(job);
}

void Asker::continueAnswer() {
    if (!m_parts.readiness.canContinue()) return;
    const std::vector<Message> path = m_parts.session.pathUntil(m_parts.session.count());
    m_parts.flow.ask(makeJob(path, &path.back()));
}

AnswerJob Asker::makeJob(const std::vector<Message>& path, const Message* continued) const {
    // What rests is loaded again; the question waits for it as for any other load.
    m_parts.models.wake();
    AnswerJob job;
    job.storage = &m_parts.session.storage();
    job.chatId = m_parts.session.chatId();
    job.parentId = path.back().id;
    job.modelName = m_parts.models.name();
    if (continued != nullptr) job.continued = *continued;
    job.droppedTokens =
        static_cast<int>(leftOutOf(path, m_parts.settings.layer()->dropped()).nTokens);
    ChatPrompt prompt = promptFor(path, m_parts.settings);
    prompt.isContinuing = continued != nullptr;
    job.request.prompt = std::move(prompt);
    std::as_const(m_parts.settings).sampling().apply(job.request);
    job.request.conversation = static_cast<std::uint64_t>(job.chatId);
    job.request.isLasting = !m_parts.session.isTemporary();
    return job;
}

void Asker::takeStored(const Question& question) {
    const Message& message = question.message;
    ChatSession& session = m_parts.session;
    if (question.isNewChat && message.chatId == session.chatId()) {
        m_parts.chats.adopt(message.chatId);
        emit chatMade();
    } else {
        m_parts.chats.refresh();
    }
    if (question.editedId == 0) return;
    session.messages().takeStoredEdit(question.editedId, message);
    session.put(message);
    if (message.chatId == session.chatId() && !question.wantsAnswer) session.reload();
}

// Nothing was saved: the words go back to where they were typed.
void Asker::takeRefused(const Question& question, const Error& error) {
    const Message& message = question.message;
    ChatSession& session = m_parts.session;
    const bool isShown = message.chatId == session.chatId();
    if (question.editedId != 0) {
        session.messages().keepEdit(message.chatId, question.editedId, message.text);
        emit problem({error, ChatProblem::InEditor});
        return;
    }
    if (question.isTemporary && !isShown) return;  // given up with its chat
    if (isShown) {
        session.takeAway(message.id);
        if (question.isNewChat) {
            session.becomes(0);
            m_parts.settings.becomes(ChatSettings::kNewChat);
            m_parts.drafts.becomes(DraftKeeper::kNewChat);
        }
    } else if (question.isNewChat) {
        m_parts.settings.giveBack(question.settingsJson);
    }
    m_parts.drafts.giveBack(question.isNewChat ? DraftKeeper::kNewChat : message.chatId,
                            message.chatId, message.text);
    emit problem({error, isShown              ? ChatProblem::InComposer
                         : question.isNewChat ? ChatProblem::NewDraft
                                              : ChatProblem::DraftOfChat});
}

}  // namespace sotto::app
