#include "app/chat/answer_progress.h"

#include "app/chat/answer_runner.h"
#include "app/chat/chat_session.h"
#include "app/models/model_controller.h"

namespace sotto::app {

AnswerProgress::AnswerProgress(const AnswerRunner& answers, const ChatSession& session,
                               const ModelController& models, QObject* parent)
    : QObject(parent), m_answers(answers), m_session(session), m_models(models) {
    connect(&answers, &AnswerRunner::changed, this, [this](qint64 chatId) {
        const Message* answer = m_answers.answerIn(chatId);
        const bool isBegun = answer == nullptr || answer->state > MessageListModel::Reading;
        if (!isBegun && chatId == m_session.chatId()) emit changed();
    });
    connect(&answers, &AnswerRunner::finished, this, &AnswerProgress::changed);
    connect(&session, &ChatSession::pathChanged, this, &AnswerProgress::changed);
    connect(&models, &ModelController::stateChanged, this, &AnswerProgress::changed);
    connect(&models, &ModelController::loadProgressChanged, this, &AnswerProgress::changed);
}

AnswerProgress::WaitingFor AnswerProgress::waitingFor() const {
    if (m_models.state() == ModelController::Loading) return Model;
    return m_answers.isAlone() ? Turn : OtherAnswers;
}

double AnswerProgress::loadShare() const { return m_models.loadProgress(); }

double AnswerProgress::readShare() const {
    const PromptProgress progress = now();
    if (progress.promptTokens <= 0) return 0;
    return static_cast<double>(progress.processedTokens) /
           static_cast<double>(progress.promptTokens);
}

PromptProgress AnswerProgress::now() const { return m_answers.readProgress(m_session.chatId()); }

}  // namespace sotto::app
