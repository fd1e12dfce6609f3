#include "app/chat/prompt_notice.h"

#include "app/chat/chat_settings.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {

PromptNotice::PromptNotice(const ModelController& models, const ChatSettings& chat,
                           SettingsController& settings, QObject* parent)
    : QObject(parent), m_models(models), m_chat(chat), m_settings(settings) {
    connect(&models, &ModelController::stateChanged, this, &PromptNotice::changed);
    connect(&chat, &ChatSettings::changed, this, &PromptNotice::changed);
}

QString PromptNotice::text() const {
    const bool isConcerned =
        m_models.refusesSystemRole() && !m_chat.systemPrompt().trimmed().isEmpty();
    if (!isConcerned || m_settings.isPromptNoticeRead(m_models.path())) return {};
    return tr(
        "This model's chat template takes no system prompt; its text is put in front "
        "of your first question.");
}

void PromptNotice::dismiss() {
    if (text().isEmpty()) return;
    m_settings.setPromptNoticeRead(m_models.path());
    emit changed();
}

}  // namespace sotto::app
