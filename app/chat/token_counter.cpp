#include "app/chat/token_counter.h"

namespace sotto::app {
namespace {

constexpr int kPauseMs = 200;  // while someone types, not every key is worth a count

int count(const Engine& engine, const Prompt& prompt) {
    const Result<std::int64_t> tokens = engine.countTokens(prompt);
    return tokens ? static_cast<int>(*tokens) : 0;
}

}  // namespace

TokenCounter::TokenCounter(const Engine* engine, QObject* parent)
    : QObject(parent), m_engine(engine) {
    m_pool.setMaxThreadCount(1);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &TokenCounter::start);
}

TokenCounter::~TokenCounter() { m_pool.waitForDone(); }

void TokenCounter::request(Question question) {
    m_question = std::move(question);
    ++m_generation;
    m_pause.start();
}

void TokenCounter::clear() {
    ++m_generation;
    m_pause.stop();
    m_conversationTokens = m_draftTokens = 0;
    emit counted();
}

void TokenCounter::start() {
    if (m_engine == nullptr || !m_question) return;
    m_pool.clear();
    auto [conversation, draft] = m_question();
    m_pool.start([this, generation = m_generation, conversation = std::move(conversation),
                  draft = std::move(draft)] {
        const int nConversation =
            conversation.messages.empty() ? 0 : count(*m_engine, conversation);
        const int nDraft = draft.empty() ? 0 : count(*m_engine, TextPrompt{draft});
        QMetaObject::invokeMethod(
            this,
            [this, generation, nConversation, nDraft] {
                if (generation != m_generation) return;
                m_conversationTokens = nConversation;
                m_draftTokens = nDraft;
                emit counted();
            },
            Qt::QueuedConnection);
    });
}

}  // namespace sotto::app
