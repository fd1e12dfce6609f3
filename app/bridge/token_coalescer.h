// TokenCoalescer: the buffer between the engine thread and the window: events in, merged batches
// out.
//
// Adjacent token texts of one request become one event, so that a fast model costs the window one
// update per frame, not one per token. Any thread may push; one thread takes.
#pragma once

#include <mutex>
#include <vector>

#include "engine/api/engine_event.h"

namespace sotto::app {

// A run of tokens of one request and one kind.
struct TextRun {
    RequestId request = 0;
    TextKind kind = TextKind::Answer;
    std::string text;
    int nTokens = 0;
};

using BridgeEvent = std::variant<LoadProgress, ModelLoaded, LoadFailed, ModelUnloaded,
                                 PromptProgress, TextRun, GenerationFinished, GenerationFailed>;

class TokenCoalescer {
public:
    // Returns true when the buffer was empty before: the taker has to be woken.
    bool push(const EngineEvent& event);

    // Everything since the last call, in order.
    std::vector<BridgeEvent> take();

private:
    std::mutex m_mutex;
    std::vector<BridgeEvent> m_events;  // guarded by m_mutex
};

}  // namespace sotto::app
