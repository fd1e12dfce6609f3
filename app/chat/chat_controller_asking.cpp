// The verbs of ChatController that ask the model: send, regenerate, continue, edit, versions.
#include "app/bridge/error_text.h"
#include "app/chat/chat_controller.h"
#include "app/chat/message_conversion.h"
#include "app/models/model_controller.h"

namespace sotto::app {

std::vector<Message> ChatController::pathUntil(int nRows) const {
    std::vector<Message> path;
    for (int row = 0; row < nRows; ++row) path.push_back(m_messages.at(row));
    return path;
}

bool ChatController::send(const QString& text) {
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || !canSend()) return false;
    std::vector<Message> path = pathUntil(m_messages.rowCount());
    Message question;
    question.id = storage().newId();
    question.parentId = path.empty() ? 0 : path.back().id;
    question.isUser = true;
    question.text = trimmed;
    question.time = QDateTime::currentDateTime();
    path.push_back(question);
    m_messages.append(question);
    m_draftPause.stop();
    m_draft.clear();
    emit draftChanged();
    createAndAsk(question, std::move(path));
    return true;
}

// Commits the question (and the chat, when it is new) and only then asks the model. Everything that
// the answer needs is taken now: another chat may be on screen by then.
void ChatController::createAndAsk(const Message& question, std::vector<Message> path) {
    const bool isNewChat = m_chatId == 0;
    const bool hasDraft = !m_isTemporary;
    if (isNewChat) m_chatId = storage().newId();
    for (Message& message : path) message.chatId = m_chatId;
    const storage::NewChat chat{
        m_chatId, 0, titleFromMessage(question.text).toStdString(), {}, settingsJson()};
    storage::NewMessage row;
    row.id = question.id;
    row.chatId = m_chatId;
    row.parentId = question.parentId;
    row.content = question.text.toStdString();
    m_asking.insert(m_chatId);
    AnswerJob job = makeJob(path, nullptr);
    storage().submit(
        this,
        [=](storage::Database& database) -> Status {
            if (isNewChat)
                if (auto made = database.chats().create(chat); !made) return fail(made.error());
            auto added = database.messages().add(row);
            if (!added && isNewChat) static_cast<void>(database.chats().remove(row.chatId));
            if (!added) return fail(added.error());
            // The stored draft goes only after the message is safe.
            if (!hasDraft) return {};
            return isNewChat ? database.settings().set(newDraftKey(), "\"\"")
                             : database.chats().setDraft(row.chatId, {});
        },
        [this, isNewChat, question, job = std::move(job),
         path = std::move(path)](const Status& status) mutable {
            m_asking.remove(job.chatId);
            if (!status) return takeBack(question, job.chatId, isNewChat, status.error());
            if (isNewChat && job.chatId == m_chatId) {
                m_chats.adopt(job.chatId);
                emit chatChanged();
            } else {
                m_chats.refresh();
            }
            ask(std::move(job), std::move(path));
        });
    emit stateChanged();
    emit canSendChanged();
}

// Nothing was saved: the words go back to where they were typed, before whatever was typed since.
void ChatController::takeBack(const Message& question, qint64 chatId, bool isNewChat,
                              const Error& error) {
    emit problem(errorText(error));
    if (chatId == m_chatId) {
        if (isNewChat) m_chatId = 0;
        const int row = m_messages.rowOf(question.id);
        if (row >= 0) m_messages.update(pathUntil(row));
        m_draft =
            m_draft.isEmpty() ? question.text : question.text + QStringLiteral("\n\n") + m_draft;
        emit draftChanged();
        m_draftPause.start();
    } else if (!isNewChat) {
        m_diskStorage.submit(
            [chatId, text = question.text.toStdString()](storage::Database& database) {
                return database.chats().setDraft(chatId, text);
            });
    }
    emit stateChanged();
    emit canSendChanged();
}

AnswerJob ChatController::makeJob(const std::vector<Message>& path,
                                  const Message* continued) const {
    AnswerJob job;
    job.storage = &storage();
    job.chatId = m_chatId;
    job.parentId = path.back().id;
    job.modelName = m_models.name();
    if (continued != nullptr) job.continued = *continued;
    ChatPrompt prompt = toPrompt(path, effectiveSystemPrompt());
    prompt.isContinuing = continued != nullptr;
    if (m_thinkingMode != 0) prompt.isThinking = m_thinkingMode == 1;
    job.request.prompt = std::move(prompt);
    m_sampling.apply(job.request);
    return job;
}

void ChatController::ask(AnswerJob job, std::vector<Message> path) {
    if (m_engine.engine() == nullptr) return;
    const bool isContinuing = job.continued.has_value();
    if (job.chatId == m_chatId) m_nAnnounced = isContinuing ? job.continued->text.size() : 0;
    const Message answer = m_runner.start(job);
    if (job.chatId != m_chatId) return;
    if (!isContinuing) path.push_back(answer);
    m_messages.update(withLiveAnswer(std::move(path)));
    reloadPath();
    emit stateChanged();
    emit canSendChanged();
}

void ChatController::stop() { m_runner.stop(m_chatId); }

void ChatController::regenerate() { regenerateAt(m_messages.rowCount() - 1); }

void ChatController::regenerateAt(int row) {
    if (row < 0 || row >= m_messages.rowCount() || !canSend()) return;
    const int nKept = m_messages.at(row).isUser ? row + 1 : row;
    if (nKept == 0) return;
    std::vector<Message> path = pathUntil(nKept);
    AnswerJob job = makeJob(path, nullptr);
    ask(std::move(job), std::move(path));
}

void ChatController::retry() { regenerate(); }

void ChatController::continueAnswer() {
    if (!canContinue()) return;
    std::vector<Message> path = pathUntil(m_messages.rowCount());
    const Message last = path.back();
    AnswerJob job = makeJob(path, &last);
    ask(std::move(job), std::move(path));
}

bool ChatController::edit(int row, const QString& text) {
    const QString trimmed = text.trimmed();
    if (row < 0 || row >= m_messages.rowCount() || trimmed.isEmpty() || isBusy()) return false;
    const Message old = m_messages.at(row);
    if (trimmed == old.text) return true;
    const qint64 newId = storage().newId();
    storage().submit(
        this,
        [id = old.id, content = trimmed.toStdString(), newId](storage::Database& database) {
            return database.messages().edit(id, content, newId);
        },
        [this, chatId = m_chatId, row, old, trimmed](const Result<storage::MessageRecord>& edited) {
            if (!edited) {
                emit problem(errorText(edited.error()));
                if (chatId == m_chatId) emit editFailed(old.id, trimmed);
                return;
            }
            if (chatId != m_chatId) return;
            std::vector<Message> path = pathUntil(qMin(row, m_messages.rowCount()));
            path.push_back(toMessage(*edited));
            if (!old.isUser || !canSend()) return reloadPath();
            AnswerJob job = makeJob(path, nullptr);
            ask(std::move(job), std::move(path));
        });
    return true;
}

void ChatController::showVersion(int row, int offset) {
    if (row < 0 || row >= m_messages.rowCount() || isBusy()) return;
    const Message& message = m_messages.at(row);
    const qint64 id = offset < 0 ? message.previousVersionId : message.nextVersionId;
    if (id == 0) return;
    storage().submit(
        [id](storage::Database& database) { return database.messages().setActiveVersion(id); });
    reloadPath();
}

}  // namespace sotto::app
