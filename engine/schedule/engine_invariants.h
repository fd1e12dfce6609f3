// The scheduler's promises, checked on a snapshot of plain data: in all engine tests after every
// step, and in debug builds. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/kvcache/prefix_cache.h"

namespace sotto {

struct RequestState {
    std::uint64_t id = 0;
    std::int64_t nPrompt = 0;
    std::int64_t nToRead = 0;  // before a token is sampled
    std::vector<std::int32_t> tokens;
    std::int64_t nComputed = 0;
    std::int64_t nMost = 0;       // tokens it may ever have
    std::int64_t nExpected = 0;   // it was admitted, or goes on, with
    bool isRunningAhead = false;  // the step of its newest token is under way
    std::vector<BlockId> blocks;

    std::int64_t nTokens() const { return static_cast<std::int64_t>(tokens.size()); }
};

struct WaitingState {
    std::uint64_t id = 0;
    std::int64_t nBlocks = 0;  // that it holds
    std::uint64_t nBytesAside = 0;
};

struct EngineState {
    std::int32_t blockTokens = 0;
    std::int64_t contextTokens = 0;
    std::int32_t nBlocksFree = 0;
    std::vector<std::int32_t> holders;  // by block id
    std::int32_t nBlocksIdle = 0;
    std::vector<PrefixCache::Kept> kept;  // to be found again
    std::vector<RequestState> running;    // hold blocks
    std::vector<WaitingState> waiting;    // hold none
    std::uint64_t maxAsideBytes = 0;      // of all that wait
};

// The first promise that is broken, as a sentence; nothing when all hold.
std::optional<std::string> findBrokenInvariant(const EngineState& state);

}  // namespace sotto
