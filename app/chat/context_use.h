// ContextUse: how much of the model's context the conversation on screen and the draft take,
// counted anew when any of them changes.
//
// Borrows all of it. GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QObject>

#include "app/chat/token_counter.h"

namespace sotto::app {

class AnswerRunner;
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
        const AnswerRunner& answers;
        const ChatSession& session;
        const DraftKeeper& drafts;
        const ChatSettings& settings;
    };
    explicit ContextUse(const Parts& parts, QObject* parent = nullptr);

    // As it would be sent now; of an answer that is being written, with what is written so far.
    int usedTokens() const;
    int draftTokens() const { return m_counter.draftTokens(); }
    int contextTokens() const;  // capacity; 0 without a model
    bool modelHasThinking() const;

    // After a pause; 0 until then where there is no model.
    void count();
    void clear() { m_counter.clear(); }  // another chat: the numbers are not its

signals:
    void changed();

private:
    void takeWritten(qint64 messageId);

    Parts m_parts;
    TokenCounter m_counter;
    // Of the context, by an answer in work; kept until its end has been counted. 0: none.
    int m_writtenTokens = 0;
    qint64 m_writtenAnswer = 0;
    QElapsedTimer m_sinceTold;
};

}  // namespace sotto::app
