// The engine loop's prefixes: what of an answer stays in the cache when it ends, who goes on from
// it, and how room is made of it.
#include <algorithm>

#include "base/rounding.h"
#include "engine/schedule/engine_loop.h"

namespace sotto {

// How much of what a request is to read may be taken from what was kept: never its last token,
// behind which its first logits are.
PrefixCache::Match EngineLoop::shareablePrefix(const Request& request) const {
    if (!m_prefixes) return {};
    const std::span tokens(request.tokens);
    PrefixCache::Match match =
        m_prefixes->find(tokens.first(static_cast<std::size_t>(request.nToRead - 1)));
    // A prompt's pieces end where they would have ended anyway, and so meet the same kernels.
    if (m_executor->exactRows() != kAnyRows) match.nTokens -= match.nTokens % m_scheduler->piece();
    // It goes on in a copy of a block that it shares in part. While that is made it holds both, and
    // it must have room for all it reads even if it runs alone.
    if (ceilDiv(request.nToRead, kBlockTokens) >= m_model->cache->pool().nBlocks())
        match.nTokens -= match.nTokens % kBlockTokens;
    match.nHeldBlocks = std::min(match.nHeldBlocks, match.nTokens / kBlockTokens);
    return match;
}

// The request, which holds nothing, goes on behind what was kept of its tokens; how many they are.
std::int64_t EngineLoop::takePrefix(Request& request) {
    const auto nTokens = static_cast<std::size_t>(shareablePrefix(request).nTokens);
    if (nTokens == 0) return 0;
    request.nAlike = m_prefixes->share(request.memory, std::span(request.tokens).first(nTokens));
    return request.nAlike;
}

// A slice of it was computed.
void EngineLoop::notePrefix(Request& request, const StepSlice& slice) {
    const bool isAlike =
        m_executor->exactRows() == kAnyRows ||
        (slice.phase == StepPhase::Reading && slice.nTokens > m_executor->exactRows());
    if (isAlike && request.nAlike == slice.firstPosition) request.nAlike += slice.nTokens;
}

// Of its first `nTokens` tokens, those that were computed: for whoever begins alike.
void EngineLoop::keepPrefix(Request& request, std::int64_t nTokens) {
    if (!m_prefixes) return;
    nTokens = std::min({nTokens, request.nAlike, request.nComputed()});
    const std::span tokens(request.tokens);
    m_prefixes->keep(request.memory, tokens.first(static_cast<std::size_t>(nTokens)));
}

// So many blocks of a pool are free afterwards, if what nobody holds suffices.
void EngineLoop::makeRoom(std::size_t groupIndex, std::int64_t nBlocks) {
    if (m_prefixes && groupIndex == 0) m_prefixes->makeRoom(nBlocks);
}

// Whether every pool has the blocks that the planned step takes. A step that will run ahead of it
// finds room, too, where there is any.
bool EngineLoop::makeRoom(const StepPlan& plan) {
    MemoryGroups& groups = m_model->cache->groups();
    for (std::size_t groupIndex = 0; groupIndex < groups.size(); ++groupIndex) {
        std::int64_t nBlocks = 0;
        for (const StepSlice& slice : plan.slices)
            nBlocks +=
                m_running[slice.requestIndex]->memory.nBlocksWanted(groupIndex, slice.nTokens);
        const std::int64_t nAhead = m_executor->isRunningAhead() ? std::ssize(m_running) : 0;
        makeRoom(groupIndex, nBlocks + nAhead);
        if (nBlocks > groups[groupIndex].pool.nFree()) return false;
    }
    return true;
}

}  // namespace sotto
