// The window of a conversation that slides (Overflow::Sinks): how many of its first tokens stay,
// and how many behind them go at once when the context is full. For the engine, and for whoever
// says beforehand what it would do. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/rounding.h"

namespace sotto {

// A conversation slides by whole blocks of the KV cache.
inline constexpr std::int64_t kWindowBlockTokens = 32;

struct WindowShape {
    std::int64_t sinkTokens = 0;  // whole blocks, as all of it
    std::int64_t stepTokens = 0;  // that go at once; 0: nothing slides

    bool isUsable() const { return stepTokens > 0; }
};

// Of a context of at least three blocks; a smaller one does not slide. `nWanted`: tokens that the
// sinks shall hold, a system prompt's; a block at least, and a quarter of the context at most.
constexpr WindowShape windowShape(std::int64_t contextTokens, std::int64_t nWanted = 0) {
    const std::int64_t nBlocks = contextTokens / kWindowBlockTokens;
    if (nBlocks < 3) return {};
    const std::int64_t nSinks = std::clamp<std::int64_t>(ceilDiv(nWanted, kWindowBlockTokens), 1,
                                                         std::max<std::int64_t>(1, nBlocks / 4));
    return {.sinkTokens = nSinks * kWindowBlockTokens,
            .stepTokens = ceilDiv(nBlocks - nSinks, 2) * kWindowBlockTokens};
}

}  // namespace sotto
