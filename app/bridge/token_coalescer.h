// TokenCoalescer: the buffer between the engine thread and the window: events in, merged batches
// out.
//
// Tokens and texts of one answer that follow each other become one event, whatever other answers
// were told between, so that a fast model costs the window one update per frame and answer, not one
// per token. Any thread may push; one thread takes.
#pragma once

#include <mutex>
#include <vector>

#include "app/core/engine_hub.h"
#include "engine/api/engine_event.h"

namespace sotto::app {

// What was added to an answer: text of one kind and how many tokens were sampled for it; or, behind
// it, tokens whose text has not come yet.
struct TextRun {
    RequestId request = 0;
    TextKind kind = TextKind::Answer;
    std::string text;
    int nTokens = 0;
};

// Of the load that the handle names.
struct ModelNews {
    ModelHandle handle;
    ModelEvent event;
};

using BridgeEvent = std::variant<ModelNews, PromptProgress, TextRun, AnswerWasThinking,
                                 GenerationFinished, GenerationFailed>;

class TokenCoalescer {
public:
    // Both return true when the buffer was empty before: the taker has to be woken. Of an
    // EngineEvent only those of requests.
    bool push(const EngineEvent& event);
    bool push(ModelHandle handle, const ModelEvent& event);

    // Everything since the last call: of each answer in order, and no answer's across news of the
    // model.
    std::vector<BridgeEvent> take();

private:
    std::mutex m_mutex;
    std::vector<BridgeEvent> m_events;  // guarded by m_mutex
};

}  // namespace sotto::app
