#include "app/chat/token_counter.h"

#include <tuple>

#include "app/jobs/window_job.h"

namespace sotto::app {
namespace {

constexpr int kCountPauseMs = 200;  // while someone types, not every key is worth a count

int orNone(const Result<std::int64_t>& tokens) { return tokens ? static_cast<int>(*tokens) : 0; }

}  // namespace

TokenCounter::TokenCounter(const Engine* engine, JobRunner& jobs, QObject* parent)
    : QObject(parent), m_engine(engine), m_jobs(jobs) {
    m_pause.setSingleShot(true);
    m_pause.setInterval(kCountPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &TokenCounter::start);
}

TokenCounter::~TokenCounter() { m_jobs.cancel(m_counting); }

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
    m_jobs.cancel(m_counting);
    auto [conversation, draft] = m_question();
    m_counting = startForWindow(
        m_jobs, this, shortCountJob("count tokens"),
        [engine = m_engine, conversation = std::move(conversation),
         draft = std::move(draft)](JobContext&) -> Result<std::pair<int, int>> {
            const bool isEmpty = conversation.messages.empty();
            return std::pair(isEmpty ? 0 : orNone(engine->countTokens(conversation)),
                             orNone(engine->countTextTokens(draft)));
        },
        [this, generation = m_generation](const Result<std::pair<int, int>>& tokens) {
            if (!tokens || generation != m_generation) return;
            std::tie(m_conversationTokens, m_draftTokens) = *tokens;
            emit counted();
        });
}

}  // namespace sotto::app
