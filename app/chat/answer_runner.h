// AnswerRunner: the answers that are being written, whichever chat is on screen.
//
// For each: the request in the engine and a live copy for the window; the AnswerKeeper brings it
// into storage. An answer is a request on the EngineHub and no job of the JobRunner: the engine's
// own scheduler decides how many are written side by side. Borrows both bridges. GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <map>
#include <optional>
#include <vector>

#include "app/bridge/engine_bridge.h"
#include "app/chat/answer_keeper.h"
#include "app/chat/message.h"
#include "engine/api/generation_request.h"

namespace sotto::app {

// What a new answer needs. With `continued` set it is carried on instead of a new message being
// begun.
struct AnswerJob {
    StorageBridge* storage = nullptr;
    qint64 chatId = 0;
    qint64 parentId = 0;  // the user's message
    GenerationRequest request;
    QString modelName;
    std::optional<Message> continued;
};

class AnswerRunner : public QObject {
    Q_OBJECT

public:
    explicit AnswerRunner(EngineBridge& engine, QObject* parent = nullptr);
    ~AnswerRunner() override;  // what is still being written ends as Stopped

    // Begins at once; returns the (still empty) message as it is to be shown.
    Message start(const AnswerJob& job);
    // Asks the engine to stop; the answer ends as Stopped within one step.
    void stop(qint64 chatId);
    // The chat goes: its answer is stopped, told to nobody and stored nowhere.
    void forget(qint64 chatId);

    const Message* answerIn(qint64 chatId) const;  // null: none is being written there
    // How far its prompt is read; zeros before its turn has come.
    PromptProgress readProgress(qint64 chatId) const;
    // Of the prompt and what is written behind it; 0 before its turn has come.
    int contextTokens(qint64 chatId) const;
    bool isAlone() const { return m_answers.size() <= 1; }  // no two answers are in work
    // What is written so far of answers that this storage could not begin.
    QStringList unbegun(const StorageBridge& storage) const;
    // Of all answers that are being written to it, or that it could not put on the disk.
    QStringList inMemory(const StorageBridge& storage) const;
    AnswerKeeper& keeper() { return m_keeper; }
    const AnswerKeeper& keeper() const { return m_keeper; }

signals:
    void changed(qint64 chatId, qint64 messageId);
    void finished(qint64 chatId, const sotto::app::Message& message);

private:
    struct Answer {
        Message message;
        PromptProgress progress;
        QElapsedTimer sinceFirstToken;
        MessageStats before;        // of the part that is continued
        int tokensWithoutText = 0;  // since the last text; they count as what the next one is
        qsizetype lengthBefore = 0;
    };

    void takeProgress(const PromptProgress& progress);
    void takeText(const TextRun& run);
    void takeThinking(RequestId request);
    static void noteThinkingTime(Answer& answer);
    void takeFinish(const GenerationFinished& finish);
    void takeFailure(const GenerationFailed& failure);
    void end(RequestId request);

    EngineBridge& m_engine;
    AnswerKeeper m_keeper;
    std::map<RequestId, Answer> m_answers;
    RequestId m_lastRefused = 0;  // ids of requests that were refused count down from the highest
};

}  // namespace sotto::app
