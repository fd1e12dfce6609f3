#include "app/chat/answer_progress.h"

#include <memory>

#include "app/chat/answer_runner.h"
#include "app/chat/chat_session.h"
#include "app/chat/message.h"
#include "app/models/model_controller.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

std::unique_ptr<NumberFormat> numberFormat() {
    auto format = std::make_unique<NumberFormat>();
    format->followLanguage();
    return format;
}

}  // namespace

AnswerProgress::AnswerProgress(const AnswerRunner& answers, const ChatSession& session,
                               const ModelController& models, QObject* parent)
    : QObject(parent), m_answers(answers), m_session(session), m_models(models) {
    connect(&answers, &AnswerRunner::changed, this, [this](qint64, qint64 messageId) {
        const Message* answer = m_session.liveAnswer();
        const bool isWaiting =
            answer != nullptr && answer->id == messageId &&
            (answer->state <= MessageListModel::Reading ||
             (answer->state == MessageListModel::Writing && answer->text.isEmpty()));
        if (isWaiting) emit changed();
    });
    connect(&answers, &AnswerRunner::finished, this, &AnswerProgress::changed);
    connect(&session, &ChatSession::pathChanged, this, &AnswerProgress::changed);
    connect(&models, &ModelController::stateChanged, this, &AnswerProgress::changed);
    connect(&models, &ModelController::loadProgressChanged, this, &AnswerProgress::changed);
    connect(&m_language, &LanguageWatch::changed, this, &AnswerProgress::changed);
}

AnswerProgress::WaitingFor AnswerProgress::waitingFor() const {
    if (m_models.state() == ModelController::Loading) return Model;
    return m_answers.isAlone(m_session.chatId()) ? Turn : OtherAnswers;
}

double AnswerProgress::loadShare() const { return m_models.loadProgress(); }

double AnswerProgress::readShare() const {
    const PromptProgress progress = now();
    if (progress.promptTokens <= 0) return 0;
    return static_cast<double>(progress.processedTokens) /
           static_cast<double>(progress.promptTokens);
}

QString AnswerProgress::sentence() const {
    const Message* answer = m_session.liveAnswer();
    const auto state = answer == nullptr ? MessageListModel::Waiting : answer->state;
    if (state == MessageListModel::Writing) return tr("Writing");
    if (state == MessageListModel::Reading) return readingSentence();
    switch (waitingFor()) {
        case Model: return tr("Loading the model, %1").arg(numberFormat()->percent(loadShare()));
        case OtherAnswers: return tr("Waiting for other answers");
        case Turn: break;
    }
    return tr("Waiting");
}

QString AnswerProgress::readingSentence() const {
    const auto format = numberFormat();
    const QString read = format->count(readTokens());
    const QString whole = format->count(promptTokens());
    if (reusedTokens() > 0)
        return tr("Reading the prompt: %1 of %2 tokens, %3 reused", nullptr, promptTokens())
            .arg(read, whole, format->count(reusedTokens()));
    return tr("Reading the prompt: %1 of %2 tokens", nullptr, promptTokens()).arg(read, whole);
}

PromptProgress AnswerProgress::now() const {
    const Message* answer = m_session.liveAnswer();
    return answer == nullptr ? PromptProgress{} : m_answers.readProgress(answer->id);
}

}  // namespace sotto::app
