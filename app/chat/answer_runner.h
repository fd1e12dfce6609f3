// AnswerRunner: the answers that are being written, whichever chat is on screen.
//
// For each: the request in the engine and a live copy for the window; the AnswerKeeper brings it
// into storage. An answer is a request on the EngineHub and no job of the JobRunner: the engine's
// own scheduler decides how many are written side by side. Borrows both bridges. GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <map>
#include <memory>
#include <optional>
#include <set>
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
    qint64 parentId = 0;        // the user's message
    GenerationRequest request;  // for as many answers as its nAnswers
    QString modelName;
    int droppedTokens = 0;  // of the chat, that the request leaves out
    std::optional<Message> continued;
};

class AnswerRunner : public QObject {
    Q_OBJECT

public:
    explicit AnswerRunner(EngineBridge& engine, QObject* parent = nullptr);
    ~AnswerRunner() override;  // what is still being written ends as Stopped

    // Begins at once; returns the (still empty) message as it is to be shown. Of several answers it
    // is the first; each other one becomes a version beside it with its first word, and none where
    // it ends before that and has nothing to say.
    Message start(const AnswerJob& job);
    // Asks the engine to stop; the chat's answers end as Stopped within one step.
    void stop(qint64 chatId);
    // The chat goes: its answers are stopped, told to nobody and stored nowhere.
    void forget(qint64 chatId);

    // That are being written there, oldest first; they hold until the next event.
    std::vector<const Message*> answersIn(qint64 chatId) const;
    const Message* answer(qint64 messageId) const;  // null: it is not being written
    int countTo(qint64 questionId) const;           // answers to it that are being written
    // How far the prompt of an answer is read; zeros before its turn has come.
    PromptProgress readProgress(qint64 messageId) const;
    // Of an answer's prompt and what is written behind it; 0 before its turn has come.
    int contextTokens(qint64 messageId) const;
    bool isAlone(qint64 chatId) const;  // no other chat's answers are in work
    // What is written so far of answers that this storage could not begin.
    QStringList unbegun(const StorageBridge& storage) const;
    // Of all answers that are being written to it, or that it could not put on the disk.
    QStringList inMemory(const StorageBridge& storage) const;
    AnswerKeeper& keeper() { return m_keeper; }
    const AnswerKeeper& keeper() const { return m_keeper; }

signals:
    void changed(qint64 chatId, qint64 messageId);
    void versionBegan(qint64 chatId);  // storage gets one more of a message that is shown
    void finished(qint64 chatId, const sotto::app::Message& message);

private:
    struct Answer {
        Message message;
        StorageBridge* storage = nullptr;
        bool isBegun = false;  // in storage
        PromptProgress progress;
        QElapsedTimer sinceFirstToken;
        MessageStats before;        // of the part that is continued
        int tokensWithoutText = 0;  // since the last text; they count as what the next one is
        qsizetype lengthBefore = 0;
        AnswerTokens tokensBefore;
        // Of all answers that were asked for with it: why some failed, as far as it was told.
        std::shared_ptr<std::set<ErrorCode>> toldCauses;
    };

    void takeProgress(const PromptProgress& progress);
    void takeText(const TextRun& run);
    void takeThinking(RequestId request);
    static void noteThinkingTime(Answer& answer);
    void begin(Answer& answer);
    void beginAgain(const StorageBridge* storage);
    static bool isVersion(const Answer& ended);
    const Answer* find(qint64 messageId) const;
    void takeFinish(const GenerationFinished& finish);
    void takeFailure(const GenerationFailed& failure);
    void end(RequestId request);

    EngineBridge& m_engine;
    AnswerKeeper m_keeper;
    std::map<RequestId, Answer> m_answers;
    RequestId m_lastRefused = 0;  // ids of requests that were refused count down from the highest
};

}  // namespace sotto::app
