#include "app/chat/context_use.h"

#include <utility>

#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/chat/draft_keeper.h"
#include "app/chat/message_conversion.h"
#include "app/models/model_controller.h"

namespace sotto::app {

ContextUse::ContextUse(const Parts& parts, QObject* parent)
    : QObject(parent), m_parts(parts), m_counter(parts.engine, parts.jobs) {
    connect(&m_parts.session, &ChatSession::pathChanged, this, &ContextUse::count);
    connect(&m_parts.drafts, &DraftKeeper::changed, this, &ContextUse::count);
    connect(&m_parts.settings, &ChatSettings::changed, this, &ContextUse::count);
    connect(&m_parts.models, &ModelController::stateChanged, this, [this] {
        emit changed();
        count();
    });
    connect(&m_counter, &TokenCounter::counted, this, &ContextUse::changed);
}

int ContextUse::contextTokens() const { return m_parts.models.contextTokens(); }

bool ContextUse::modelHasThinking() const { return m_parts.models.hasThinking(); }

void ContextUse::count() {
    if (m_parts.models.state() != ModelController::Loaded) return clear();
    m_counter.request([this] {
        const ChatSession& session = m_parts.session;
        return std::pair(
            toPrompt(session.pathUntil(session.count()), m_parts.settings.systemPrompt()),
            m_parts.drafts.text().toStdString());
    });
}

}  // namespace sotto::app
