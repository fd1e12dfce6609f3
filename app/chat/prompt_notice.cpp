#include "app/chat/prompt_notice.h"

#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/models/model_controller.h"

namespace sotto::app {

PromptNotice::PromptNotice(const ModelController& models, const ChatSession& session,
                           const ChatSettings& settings, QObject* parent)
    : QObject(parent), m_models(models), m_session(session), m_settings(settings) {
    connect(&models, &ModelController::stateChanged, this, &PromptNotice::changed);
    connect(&settings, &ChatSettings::changed, this, &PromptNotice::changed);
}

QString PromptNotice::text() const {
    const bool isConcerned =
        m_models.refusesSystemRole() && !m_settings.systemPrompt().trimmed().isEmpty();
    if (!isConcerned || m_read.contains({m_session.chatId(), m_models.path()})) return {};
    return tr(
        "This model's chat template takes no system prompt; its text is put in front "
        "of your first question.");
}

void PromptNotice::dismiss() {
    m_read.insert({m_session.chatId(), m_models.path()});
    emit changed();
}

void PromptNotice::noteMade() {
    QSet<Place> made;
    for (const Place& place : m_read)
        if (place.first == ChatSettings::kNewChat) made.insert({m_session.chatId(), place.second});
    m_read.removeIf([](const Place& place) { return place.first == ChatSettings::kNewChat; });
    m_read.unite(made);
}

}  // namespace sotto::app
