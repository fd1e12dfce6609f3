// --overflow: what becomes of a conversation that outgrows the context, before the model is asked.
#pragma once

#include <cstdint>

#include "app/cli/engine_session.h"
#include "app/cli/options.h"
#include "app/core/turn_drop.h"

namespace sotto::cli {

struct RoomWish {
    OverflowChoice choice = OverflowChoice::Error;
    LoadOptions load;                // of the session's model, to be loaded again with
    std::int64_t longestAnswer = 0;  // so far, in tokens
};

// Makes room for the request's prompt and its answer where they need it: the model is loaded with
// more context, which stderr says, or the oldest turns leave the prompt. Gives what was dropped.
// Errors: ContextFull (nothing more can go, or the model was made for no more), those of loading
// and of Engine::describePrompt().
Result<app::TurnDrop> makeRoom(EngineSession& session, const RoomWish& wish,
                               GenerationRequest& request);
// One line on stderr, where something was; `nBefore` messages had been dropped already.
void tellDropped(const app::TurnDrop& drop, std::size_t nBefore);
// What slid out of the context; nothing where nothing did.
void tellForgotten(const RequestStats& stats);

}  // namespace sotto::cli
