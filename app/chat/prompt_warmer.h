// PromptWarmer: while a person reads an answer, the engine reads what the next question in its chat
// will begin with, where that is not what it has: templates drop the thinking of earlier turns, and
// on a card an answer's own blocks are not used.
//
// Place: beside the AnswerRunner, of which the AskFlow tells it. Whether there is anything to be
// read is for the engine to say, and the next question ends it. Borrows the bridge. GUI thread
// only.
#pragma once

#include <QHash>

#include "app/chat/answer_runner.h"

namespace sotto::app {

class PromptWarmer {
public:
    explicit PromptWarmer(EngineBridge& engine) : m_engine(engine) {}

    void begin(const AnswerJob& job);
    // One of the answers ended; `isLast`: the last one that was written there.
    void end(const Message& answer, bool isLast);
    void forget(qint64 chatId) { m_requests.remove(chatId); }

private:
    EngineBridge& m_engine;
    // By chat, of answers in work: what is to be read when they have ended.
    QHash<qint64, GenerationRequest> m_requests;
};

}  // namespace sotto::app
