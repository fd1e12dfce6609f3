#include "engine/schedule/engine_invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sotto {
namespace {

std::optional<std::string> brokenInRequest(const EngineState& state, const RequestState& request) {
    if (request.nPrompt < 1 || request.nTokens < request.nPrompt)
        return fmt::format("request {} has {} tokens with a prompt of {}", request.id,
                           request.nTokens, request.nPrompt);
    if (request.nTokens > state.contextTokens)
        return fmt::format("request {} has {} tokens in a context of {}", request.id,
                           request.nTokens, state.contextTokens);
    // Prefilling: part of the prompt is computed. Decoding: all but the newest token, whose step
    // may be under way.
    const bool isDecoding = request.nTokens > request.nPrompt;
    const std::int64_t nDecoded = request.nTokens - (request.isRunningAhead ? 0 : 1);
    if (isDecoding && request.nComputed != nDecoded)
        return fmt::format("request {} has {} tokens but {} computed", request.id, request.nTokens,
                           request.nComputed);
    if (request.nComputed > request.nTokens)
        return fmt::format("request {} has more tokens computed than it has", request.id);
    const std::int64_t needed = (request.nComputed + state.blockTokens - 1) / state.blockTokens;
    if (static_cast<std::int64_t>(request.blocks.size()) != needed)
        return fmt::format("request {} holds {} blocks for {} computed tokens", request.id,
                           request.blocks.size(), request.nComputed);
    if (needed > request.nBlocksCharged)
        return fmt::format("request {} holds {} blocks and was charged {}", request.id, needed,
                           request.nBlocksCharged);
    return std::nullopt;
}

}  // namespace

std::optional<std::string> findBrokenInvariant(const EngineState& state) {
    std::vector<std::int32_t> counted(state.holders.size(), 0);
    std::set<std::uint64_t> ids(state.waiting.begin(), state.waiting.end());
    if (ids.size() != state.waiting.size()) return "a request waits twice";
    std::int64_t charged = 0;
    for (const RequestState& request : state.running) {
        if (!ids.insert(request.id).second)
            return fmt::format("request {} is known twice", request.id);
        if (auto broken = brokenInRequest(state, request)) return broken;
        charged += request.nBlocksCharged;
        for (const BlockId block : request.blocks) {
            if (block < 0 || static_cast<std::size_t>(block) >= counted.size())
                return fmt::format("request {} holds block {}, which is none", request.id, block);
            ++counted[static_cast<std::size_t>(block)];
        }
    }
    if (counted != state.holders) return "the pool's holders are not those of the block tables";
    // Without shared prefixes a block has one holder.
    if (std::any_of(counted.begin(), counted.end(), [](std::int32_t n) { return n > 1; }))
        return "two requests hold one block";
    if (std::count(counted.begin(), counted.end(), 0) != state.nBlocksFree)
        return "the pool's free list has another length than its free blocks";
    if (charged > static_cast<std::int64_t>(state.holders.size()))
        return "the running requests are charged more blocks than there are";
    return std::nullopt;
}

}  // namespace sotto
