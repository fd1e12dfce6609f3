// ContextUse: how much of the model's context the conversation on screen and the draft take,
// counted anew when any of them changes.
//
// Borrows all of it. GUI thread only.
#pragma once

#include <QObject>

#include "app/chat/token_counter.h"

namespace sotto::app {

class ChatSession;
class ChatSettings;
class DraftKeeper;
class ModelController;

class ContextUse : public QObject {
    Q_OBJECT

public:
    struct Parts {
        const Engine* engine;
        JobRunner& jobs;
        const ModelController& models;
        const ChatSession& session;
        const DraftKeeper& drafts;
        const ChatSettings& settings;
    };
    explicit ContextUse(const Parts& parts, QObject* parent = nullptr);

    int usedTokens() const { return m_counter.conversationTokens(); }  // as it would be sent now
    int draftTokens() const { return m_counter.draftTokens(); }
    int contextTokens() const;  // capacity; 0 without a model
    bool modelHasThinking() const;

    // After a pause; 0 until then where there is no model.
    void count();
    void clear() { m_counter.clear(); }  // another chat: the numbers are not its

signals:
    void changed();

private:
    Parts m_parts;
    TokenCounter m_counter;
};

}  // namespace sotto::app
