// TokenCounter: how many tokens the conversation and the draft take, counted off the GUI thread
// after a short pause.
//
// Borrows the engine (Engine::countTokens is thread-safe). Destroying it waits for a count in work.
// GUI thread only.
#pragma once

#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include "engine/api/engine.h"

namespace sotto::app {

class TokenCounter : public QObject {
    Q_OBJECT

public:
    explicit TokenCounter(const Engine* engine, QObject* parent = nullptr);
    ~TokenCounter() override;

    // Counts these soon; a newer call replaces an older one.
    void request(ChatPrompt conversation, std::string draft);

signals:
    void counted(int conversationTokens, int draftTokens);

private:
    void start();

    const Engine* m_engine;
    QThreadPool m_pool;
    QTimer m_pause;
    ChatPrompt m_conversation;
    std::string m_draft;
    quint64 m_generation = 0;  // of the newest request; older outcomes are dropped
};

}  // namespace sotto::app
