// A window that slides over a conversation longer than the context: the first tokens stay, as
// attention sinks, with the system prompt among them, and of the others the newest. Where the
// context is full, about half of what it holds between goes at once, so that each key moves once at
// most before it goes itself.
//
// What a conversation of so many tokens leaves out is a multiple of one number, so that the next
// turn's prompt is cut where the last one's was, and finds it in the cache. Pure but for
// slideMemory(). Source: Xiao et al. 2023 (StreamingLLM).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "engine/api/window_shape.h"
#include "engine/kvcache/prefix_cache.h"

namespace sotto {

struct LoadedModel;

// Of a prompt of so many tokens: how many behind the sinks it goes without, so that an eighth of
// the context is left for its answer. 0: none.
std::int64_t nLeftOutOf(std::int64_t nPrompt, const WindowShape& window,
                        std::int64_t contextTokens);

// The first step of a window behind its sinks goes out of a sequence's memory, and what lies behind
// it moves forward. False where blocks that others hold cannot be copied for lack of room: nothing
// has changed then but that `prefixes` (null: there is none) has forgotten them. No step may be
// under way. Errors: DeviceFailed.
Result<bool> slideMemory(LoadedModel& model, SequenceMemory& memory, const WindowShape& window,
                         PrefixCache* prefixes);

}  // namespace sotto
