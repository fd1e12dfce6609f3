#include "engine/schedule/engine_invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "base/rounding.h"

namespace sotto {
namespace {

std::optional<std::string> brokenInRequest(const EngineState& state, const RequestState& request) {
    if (request.nPrompt < 1 || request.nTokens() < request.nPrompt)
        return fmt::format("request {} has {} tokens with a prompt of {}", request.id,
                           request.nTokens(), request.nPrompt);
    if (request.nTokens() > state.contextTokens)
        return fmt::format("request {} has {} tokens in a context of {}", request.id,
                           request.nTokens(), state.contextTokens);
    // Reading: part of the prompt is computed, or of what was given back. Decoding: all but the
    // newest token, whose step may be under way.
    if (request.nToRead < request.nPrompt || request.nToRead > request.nTokens())
        return fmt::format("request {} is to read {} of its {} tokens", request.id, request.nToRead,
                           request.nTokens());
    const bool isDecoding =
        request.nTokens() > request.nPrompt && request.nComputed >= request.nToRead;
    const std::int64_t nDecoded = request.nTokens() - (request.isRunningAhead ? 0 : 1);
    if (isDecoding && request.nComputed != nDecoded)
        return fmt::format("request {} has {} tokens but {} computed", request.id,
                           request.nTokens(), request.nComputed);
    if (request.nComputed > request.nTokens())
        return fmt::format("request {} has more tokens computed than it has", request.id);
    const std::int64_t needed = ceilDiv(request.nComputed, state.blockTokens);
    if (static_cast<std::int64_t>(request.blocks.size()) != needed)
        return fmt::format("request {} holds {} blocks for {} computed tokens", request.id,
                           request.blocks.size(), request.nComputed);
    if (request.nTokens() > request.nMost || request.nExpected > request.nMost)
        return fmt::format("request {} has {} tokens, is expected to have {}, and may have {}",
                           request.id, request.nTokens(), request.nExpected, request.nMost);
    return std::nullopt;
}

// Those that wait hold nothing of the cache, and not more memory than they may.
std::optional<std::string> brokenInWaiting(const EngineState& state, std::set<std::uint64_t>& ids) {
    std::uint64_t nBytesAside = 0;
    for (const WaitingState& request : state.waiting) {
        if (!ids.insert(request.id).second)
            return fmt::format("request {} waits twice", request.id);
        if (request.nBlocks > 0)
            return fmt::format("request {} waits and holds {} blocks", request.id, request.nBlocks);
        nBytesAside += request.nBytesAside;
    }
    if (nBytesAside > state.maxAsideBytes)
        return fmt::format("{} bytes are set aside, and {} may be", nBytesAside,
                           state.maxAsideBytes);
    return std::nullopt;
}

// Who holds a block: the first that was seen, and how many.
struct Holding {
    const RequestState* request = nullptr;
    std::size_t blockIndex = 0;
    std::int32_t nHolders = 0;
};

// A block is shared at the same place only, where both have the same tokens up to it and in it as
// far as both are computed.
bool isShareable(const Holding& holding, const RequestState& other, std::size_t blockIndex,
                 std::int32_t blockTokens) {
    if (holding.blockIndex != blockIndex) return false;
    const std::int64_t blockEnd = (static_cast<std::int64_t>(blockIndex) + 1) * blockTokens;
    const RequestState& first = *holding.request;
    const auto nCommon = std::min({blockEnd, first.nComputed, other.nComputed,
                                   std::ssize(first.tokens), std::ssize(other.tokens)});
    return std::equal(first.tokens.begin(), first.tokens.begin() + nCommon, other.tokens.begin());
}

// A kept block has what its holders have at its place, and whoever holds it holds what it hangs on:
// what is idle can be freed.
std::optional<std::string> brokenInKept(const EngineState& state, std::span<const Holding> held) {
    const auto holdingOf = [&](BlockId block) { return held[static_cast<std::size_t>(block)]; };
    std::int32_t nIdle = 0;
    for (const PrefixCache::Kept& kept : state.kept) {
        const Holding holding = holdingOf(kept.block);
        if (holding.request == nullptr) {
            ++nIdle;
            continue;
        }
        if (kept.parent >= 0 && holdingOf(kept.parent).request == nullptr)
            return fmt::format("block {} is held and {} before it is idle", kept.block,
                               kept.parent);
        const auto& tokens = holding.request->tokens;
        const auto begin = static_cast<std::int64_t>(holding.blockIndex) * state.blockTokens;
        const auto nThere = std::min({std::ssize(kept.tokens), holding.request->nComputed - begin,
                                      std::ssize(tokens) - begin});
        if (!std::equal(kept.tokens.begin(), kept.tokens.begin() + nThere, tokens.begin() + begin))
            return fmt::format("request {} holds block {} with other tokens than were kept of it",
                               holding.request->id, kept.block);
    }
    if (nIdle != state.nBlocksIdle) return "the pool counts other idle blocks than are kept";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> findBrokenInvariant(const EngineState& state) {
    std::vector<Holding> held(state.holders.size());
    std::set<std::uint64_t> ids;
    if (auto broken = brokenInWaiting(state, ids)) return broken;
    for (const RequestState& request : state.running) {
        if (!ids.insert(request.id).second)
            return fmt::format("request {} is known twice", request.id);
        if (auto broken = brokenInRequest(state, request)) return broken;
        for (std::size_t blockIndex = 0; blockIndex < request.blocks.size(); ++blockIndex) {
            const BlockId block = request.blocks[blockIndex];
            if (block < 0 || static_cast<std::size_t>(block) >= held.size())
                return fmt::format("request {} holds block {}, which is none", request.id, block);
            Holding& holding = held[static_cast<std::size_t>(block)];
            if (holding.request == nullptr)
                holding = {&request, blockIndex, 0};
            else if (!isShareable(holding, request, blockIndex, state.blockTokens))
                return fmt::format("requests {} and {} hold block {}", holding.request->id,
                                   request.id, block);
            ++holding.nHolders;
        }
    }
    for (std::size_t block = 0; block < held.size(); ++block)
        if (held[block].nHolders != state.holders[block])
            return "the pool's holders are not those of the block tables";
    if (auto broken = brokenInKept(state, held)) return broken;
    const auto nHeld = std::ranges::count_if(state.holders, [](auto count) { return count > 0; });
    if (state.nBlocksFree + state.nBlocksIdle + nHeld != std::ssize(state.holders))
        return fmt::format("of {} blocks {} are free, {} idle and {} held", state.holders.size(),
                           state.nBlocksFree, state.nBlocksIdle, nHeld);
    return std::nullopt;
}

}  // namespace sotto
