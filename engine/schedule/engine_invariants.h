// The scheduler's promises, checked on a snapshot of plain data: in all engine tests after every
// step, and in debug builds. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/kvcache/block_pool.h"

namespace sotto {

struct RequestState {
    std::uint64_t id = 0;
    std::int64_t nPrompt = 0;
    std::int64_t nTokens = 0;
    std::int64_t nComputed = 0;
    std::int32_t nBlocksCharged = 0;
    bool isRunningAhead = false;  // the step of its newest token is under way
    std::vector<BlockId> blocks;
};

struct EngineState {
    std::int32_t blockTokens = 0;
    std::int64_t contextTokens = 0;
    std::int32_t nBlocksFree = 0;
    std::vector<std::int32_t> holders;   // by block id
    std::vector<RequestState> running;   // hold blocks
    std::vector<std::uint64_t> waiting;  // ids; hold none
};

// The first promise that is broken, as a sentence; nothing when all hold.
std::optional<std::string> findBrokenInvariant(const EngineState& state);

}  // namespace sotto
