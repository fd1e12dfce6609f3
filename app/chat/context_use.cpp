#include "app/chat/context_use.h"

#include <utility>

#include "app/chat/answer_runner.h"
#include "app/chat/asker.h"
#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/chat/draft_keeper.h"
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
    connect(&m_parts.answers, &AnswerRunner::changed, this, [this](qint64, qint64 messageId) {
        if (m_parts.session.rowOf(messageId) >= 0) takeWritten(messageId);
    });
    connect(&m_counter, &TokenCounter::counted, this, [this] {
        m_writtenTokens = m_parts.answers.contextTokens(m_writtenAnswer);
        emit changed();
    });
}

// A meter is looked at, not read: it moves a few times a second, not with each token.
void ContextUse::takeWritten(qint64 messageId) {
    constexpr qint64 kTellingMs = 250;
    const bool isFirst = m_writtenTokens == 0 || m_writtenAnswer != messageId;
    m_writtenAnswer = messageId;
    m_writtenTokens = m_parts.answers.contextTokens(messageId);
    if (!isFirst && m_sinceTold.elapsed() < kTellingMs) return;
    m_sinceTold.start();
    emit changed();
}

int ContextUse::usedTokens() const {
    const bool isWritten = m_writtenTokens > 0 && m_parts.session.rowOf(m_writtenAnswer) >= 0;
    return isWritten ? m_writtenTokens : m_counter.conversationTokens();
}

int ContextUse::contextTokens() const { return m_parts.models.contextTokens(); }

bool ContextUse::modelHasThinking() const { return m_parts.models.hasThinking(); }

void ContextUse::count() {
    if (m_writtenTokens > 0) emit changed();  // its last words
    if (m_parts.models.state() != ModelController::Loaded) return clear();
    m_counter.request([this] {
        const ChatSession& session = m_parts.session;
        return std::pair(promptFor(session.pathUntil(session.count()), m_parts.settings),
                         m_parts.drafts.text().toStdString());
    });
}

}  // namespace sotto::app
