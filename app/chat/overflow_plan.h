// OverflowPlan: what may be done about a chat that outgrows its context: which of its turns would
// go, and what a longer context would take of the memory and of the speed.
//
// Made on a worker: the prompt is rendered and counted by the loaded model, and the longer context
// is planned by the allocator's dry run with the memory that is free now. Plain values.
#pragma once

#include <atomic>
#include <optional>

#include "app/core/turn_drop.h"
#include "app/models/machine.h"
#include "engine/api/engine.h"

namespace sotto::app {

// What is asked of the worker. `growth`: the loaded model as it is loaded now; nothing: only what
// is sent is counted.
struct OverflowQuestion {
    const Engine* engine = nullptr;  // null: nothing can be counted
    ChatPrompt chat;                 // as it would be sent
    TurnRoom room;
    std::int64_t trainedContext = 0;
    std::optional<ForecastSetting> growth;
    MachineProbe machine;
};

struct GrowthPlan {
    std::int64_t contextTokens = 0;  // 0: it does not grow
    LoadOptions load;                // with that context
    std::optional<ModelForecast> forecast;
    ModelSpeed speedNow;   // with the prompt as it is
    ModelSpeed speedFull;  // when that context is full
    // Why it does not grow, where it was planned; nothing: the model was made for no more.
    std::optional<Error> refusal;
};

struct OverflowPlan {
    std::int64_t promptTokens = 0;
    std::int64_t systemTokens = 0;  // of them
    bool isOutgrown = false;
    Result<TurnDrop> drop;
    GrowthPlan growth;
};

// Errors: those of Engine::describePrompt(); Cancelled.
Result<OverflowPlan> planOverflow(const OverflowQuestion& question,
                                  const std::atomic<bool>& isCancelled);

}  // namespace sotto::app
