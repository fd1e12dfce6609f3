// TokenCounter: how many tokens the conversation and the draft take, counted off the GUI thread
// after a short pause.
//
// A short job of the processor's lane. Borrows the engine (Engine::countTokens is thread-safe) and
// the runner, which must end before the engine does. GUI thread only.
#pragma once

#include <QObject>
#include <QTimer>
#include <functional>
#include <string>
#include <utility>

#include "app/core/job_runner.h"
#include "engine/api/engine.h"

namespace sotto::app {

class TokenCounter : public QObject {
    Q_OBJECT

public:
    TokenCounter(const Engine* engine, JobRunner& jobs, QObject* parent = nullptr);
    ~TokenCounter() override;

    // Asks for what is to be counted after a pause in the calls, and counts it: conversation and
    // draft.
    using Question = std::function<std::pair<ChatPrompt, std::string>()>;
    void request(Question question);
    // Both are 0 from now on, until the next request is answered: another chat, or no model.
    void clear();

    int conversationTokens() const { return m_conversationTokens; }
    int draftTokens() const { return m_draftTokens; }

signals:
    void counted();

private:
    void start();

    const Engine* m_engine;
    JobRunner& m_jobs;
    JobId m_counting = 0;  // the newest count; 0: none yet
    QTimer m_pause;
    Question m_question;
    int m_conversationTokens = 0;
    int m_draftTokens = 0;
    quint64 m_generation = 0;  // of the newest request; older outcomes are dropped
};

}  // namespace sotto::app
