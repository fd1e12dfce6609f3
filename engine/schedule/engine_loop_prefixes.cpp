// The engine loop's prefixes: what of an answer stays in the cache when it ends, who goes on from
// it, how room is made of it, and what comes from and goes to the store behind it.
#include <algorithm>
#include <thread>
#include <utility>

#include "base/rounding.h"
#include "engine/schedule/engine_loop.h"
#include "engine/schedule/prefix_model_key.h"

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

// Whether a request that begins alike would have to compute more than a block of these tokens
// without it.
bool EngineLoop::isWorthWarming(const Request& request) const {
    if (!m_prefixes) return false;
    std::int64_t nUseful = request.nToRead;
    if (m_executor->exactRows() != kAnyRows) nUseful -= nUseful % m_scheduler->piece();
    return nUseful - shareablePrefix(request).nTokens > kBlockTokens;
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
    const auto kept = tokens.first(static_cast<std::size_t>(nTokens));
    m_prefixes->keep(request.memory, kept);
    if (m_transfer && request.isLasting) m_transfer->note(request.conversation, kept);
}

// Of the model that was just loaded.
void EngineLoop::openPrefixes() {
    PrefixStore* const store = m_options.prefixStore;
    const std::string model = store != nullptr ? prefixModelKey(*m_model) : "";
    const bool isLasting = !model.empty();
    auto hash = KeyedHash::create(isLasting ? store->key() : freshHashKey());
    if (!hash) return;
    const ChainDigest root = hash->of(std::as_bytes(std::span(model)));
    m_prefixes.emplace(m_model->cache->groups(), kBlockTokens, std::move(*hash), root);
    if (isLasting)
        m_transfer.emplace(*m_model->cache, *m_prefixes, *store,
                           [&commands = m_shared.commands](RestoredBlocks blocks) {
                               commands.push(std::move(blocks));
                           });
}

PrefixWish EngineLoop::wishOf(const Request& request) const {
    const std::span tokens(request.tokens);
    return {.tokens = tokens.first(static_cast<std::size_t>(request.nToRead - 1)),
            .nInMemory = shareablePrefix(request).nTokens,
            .secondsPerToken = m_cost.perRow()};
}

// Of those that wait, what the store has of the first one's prompt is read now; the others wait for
// their turn, where it has more of theirs than memory.
void EngineLoop::restorePrefixes() {
    if (!m_transfer) return;
    if (findRequest(m_waiting, m_transfer->restoring()) == m_waiting.end()) m_transfer->stop();
    for (const auto& request : m_waiting) {
        if (!request->isToBeRestored || request->id == m_transfer->restoring()) continue;
        const PrefixWish wish = wishOf(*request);
        const bool isWaiting = m_transfer->restoring() != 0 ? m_transfer->isWorthRestoring(wish)
                                                            : m_transfer->begin(request->id, wish);
        if (!isWaiting) request->isToBeRestored = false;
    }
}

void EngineLoop::handle(RestoredBlocks& command) {
    if (!m_transfer) return;
    const RequestId id = m_transfer->restoring();
    const Status accepted = m_transfer->accept(std::move(command));
    if (!accepted) {
        failAll(accepted.error());
        giveUpModel();
        return;
    }
    const auto place = findRequest(m_waiting, id);
    if (place == m_waiting.end()) return;
    Request& request = **place;
    request.nRestored = m_transfer->nRestored();
    request.restoreSeconds = secondsBetween(m_transfer->start(), Clock::now());
    request.isToBeRestored = m_transfer->restoring() == id;
    tellProgress(request, shareablePrefix(request).nTokens);
}

// Before the model goes, while it can be waited for.
void EngineLoop::flushPrefixes() {
    constexpr auto kPause = std::chrono::milliseconds(2);
    const auto end = Clock::now() + std::chrono::milliseconds(m_options.prefixFlushMs);
    while (m_transfer && m_transfer->hasUnwritten() && Clock::now() < end) {
        if (!m_transfer->writeBehind(PrefixStore::Pace::Alone)) return;
        if (m_transfer->hasUnwritten()) std::this_thread::sleep_for(kPause);
    }
}

// A card's steps that run ahead are not waited for.
void EngineLoop::writeBehind() {
    if (!m_transfer || m_ahead.isUnderWay) return;
    const Status written = m_transfer->writeBehind(m_running.empty() ? PrefixStore::Pace::Alone
                                                                     : PrefixStore::Pace::Beside);
    if (written) return;
    failAll(written.error());
    giveUpModel();
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
        if (m_prefixes) m_prefixes->makeRoom(nBlocks + nAhead);  // of the one pool that it has
        if (nBlocks > groups[groupIndex].pool.nFree()) return false;
    }
    return true;
}

}  // namespace sotto
