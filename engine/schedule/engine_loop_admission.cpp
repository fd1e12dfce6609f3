// The engine loop's admission: who starts or goes on, what it is charged with, and who steps back
// when the cache has run out.
#include <algorithm>

#include "base/guarded.h"
#include "base/rounding.h"
#include "engine/device/system_memory.h"
#include "engine/schedule/engine_loop.h"

namespace sotto {
namespace {

std::int64_t blocksOf(std::int64_t nTokens) { return ceilDiv(nTokens, kBlockTokens); }

AnswerKind kindOf(const Request& request) { return {request.isBackground, request.conversation}; }

}  // namespace

// Positions that the request will probably fill, with so many generated as it has.
std::int64_t EngineLoop::expectedTokens(const Request& request) const {
    // One whose window slides fills the context again and again: it is charged with what it has and
    // some more, so that others find room while it is short.
    if (request.nSlid > 0)
        return std::min(request.nMost, std::ssize(request.tokens) + request.window.stepTokens / 4);
    if (request.isIgnoringEnd) return request.nMost;
    const std::int64_t nAnswer = m_answerLengths.expected(kindOf(request), request.nGenerated());
    return std::min(request.nMost, request.nPrompt + nAnswer);
}

// What ended says how long the next one will be; what was cut off, how long at least.
void EngineLoop::noteLength(const Request& request, StopReason reason) {
    if (reason == StopReason::Cancelled || request.isIgnoringEnd || request.maxTokens == 0) return;
    // Where there is no memory for it, the answer is none the worse.
    static_cast<void>(guarded([&]() -> Status {
        if (reason == StopReason::EndOfText || reason == StopReason::StopString)
            m_answerLengths.note(kindOf(request), request.nGenerated());
        else
            m_answerLengths.noteCut(kindOf(request), request.nGenerated());
        return {};
    }));
}

// The answer to the same question whose blocks this one may share: all of the prompt but its last
// token, which it computes itself, for the logits behind it. Null: none, or not so far.
const Request* EngineLoop::donorOf(const Request& request) const {
    if (!request.isNew() || request.nPrompt < 2) return nullptr;
    for (const auto& other : m_running)
        if (other->firstAnswer == request.firstAnswer && other->nSlid == 0 &&
            other->nComputed() >= request.nPrompt - 1)
            return other.get();
    return nullptr;
}

// Whether nobody is reading the prompt that it will share, and the store has no more of it.
bool EngineLoop::isReady(const Request& request) const {
    if (request.isToBeRestored) return false;
    if (!request.isNew() || request.nPrompt < 2 || donorOf(request) != nullptr) return true;
    return std::ranges::none_of(
        m_running, [&](const auto& other) { return other->firstAnswer == request.firstAnswer; });
}

// Blocks that a waiting request will probably take of the pool.
std::int64_t EngineLoop::blocksWanted(const Request& request) const {
    const std::int64_t nBlocks = blocksOf(request.nExpected);
    if (donorOf(request) != nullptr) return nBlocks - (request.nPrompt - 1) / kBlockTokens;
    if (!request.aside.bytes.empty()) return nBlocks;
    // What nobody holds counts as free before it is shared. Of a block that it shares in part it
    // takes a copy.
    const PrefixCache::Match match = shareablePrefix(request);
    return nBlocks - match.nHeldBlocks + (match.nTokens % kBlockTokens != 0 ? 1 : 0);
}

AdmissionState EngineLoop::admissionState() const {
    AdmissionState state;
    // What nobody holds goes when the room is needed.
    const BlockPool& pool = m_model->cache->pool();
    state.nBlocksFree = pool.nFree() + pool.nIdle();
    state.nRunning = m_running.size();
    state.maxRunning = static_cast<std::size_t>(m_model->limits().maxSlices);
    for (const auto& request : m_running) {
        state.nBlocksOutstanding += std::max<std::int64_t>(
            0, blocksOf(request->nExpected) - std::ssize(request->memory.blocks()));
        // It goes on in a copy, unless the others did so before it.
        if (request->memory.isWritingIntoShared(0)) ++state.nBlocksOutstanding;
    }
    return state;
}

void EngineLoop::admit() {
    if (m_waiting.empty()) return;
    // Those that outgrew what was expected of them; the newest token has no block yet.
    for (const auto& request : m_running)
        if (std::ssize(request->tokens) >= request->nExpected)
            request->nExpected = expectedTokens(*request);
    while (!m_waiting.empty()) {
        m_line.clear();
        for (const auto& request : m_waiting)
            m_line.push_back({request->standing, isReady(*request)});
        const auto chosen = nextInLine(m_line);
        if (!chosen) return;
        const auto place = m_waiting.begin() + static_cast<std::ptrdiff_t>(*chosen);
        (*place)->nExpected = expectedTokens(**place);
        if (!isFitting(blocksWanted(**place), admissionState())) return;
        // While it still waits, so that a failure finds it in one of the two lists.
        if (const Status begun = begin(**place); !begun) {
            failAll(begun.error());
            if (begun.error().code == ErrorCode::DeviceFailed) giveUpModel();
            return;
        }
        for (auto older = m_waiting.begin(); older != place; ++older)
            ++(*older)->standing.nOvertaken;
        for (const auto& older : m_running)
            if (older->isReading() && isOvertaking((*place)->standing, older->standing))
                ++older->standing.nOvertaken;
        m_running.push_back(std::move(*place));
        m_waiting.erase(place);
        tellProgress(*m_running.back(), m_running.back()->nComputed());
    }
}

// What it shares, or what was set aside, is in the cache from here on.
Status EngineLoop::begin(Request& request) {
    if (request.isNew()) {
        request.clock.notePrefillStart(Clock::now());
        if (const Request* donor = donorOf(request)) {
            request.nReused = request.memory.share(donor->memory, request.nPrompt - 1);
            request.nAlike = std::min(request.nReused, donor->nAlike);
        } else {
            request.nReused = takePrefix(request);
        }
        request.isBegun = true;
    } else if (request.aside.bytes.empty()) {
        takePrefix(request);
    } else {
        if (m_prefixes)
            m_prefixes->makeRoom(request.memory.nBlocksWanted(0, request.aside.nTokens));
        SOTTO_ASSIGN(SequenceReservation blocks,
                     m_model->cache->reserve(request.memory, request.aside.nTokens));
        SOTTO_TRY(m_model->cache->writeBlocks(request.memory.blocks(), request.aside.bytes));
        blocks.commit();
        request.aside = {};
    }
    return {};
}

// No step may be under way. Errors: Internal (nobody is left to step back), DeviceFailed.
Status EngineLoop::pauseOne() {
    std::vector<Standing> running;
    for (const auto& request : m_running) running.push_back(request->standing);
    const auto chosen = nextPause(running);
    if (!chosen) return fail(ErrorCode::Internal, "The KV cache ran out of blocks during a step.");
    m_waiting.reserve(m_waiting.size() + 1);  // so that it is lost in neither list
    const auto place = m_running.begin() + static_cast<std::ptrdiff_t>(*chosen);
    SOTTO_TRY(setAside(**place));
    ++(*place)->standing.nPauses;
    ++m_snapshot.preemptions;
    const auto later = std::ranges::find_if(
        m_waiting, [&](const auto& request) { return request->id > (*place)->id; });
    m_waiting.insert(later, std::move(*place));
    m_running.erase(place);
    return {};
}

// Gives its blocks back; their bytes are kept where there is room, and computed again otherwise:
// on a processor to the same bits, on a card by the kernels for prompts, which round differently.
Status EngineLoop::setAside(Request& request) {
    const std::size_t nBytes = request.memory.blocks().size() * m_model->cache->blockBytes();
    if (nBytes > 0 && nBytes <= roomAside()) {
        const Status kept = guarded([&]() -> Status {
            request.aside.bytes.resize(nBytes);
            return m_model->cache->readBlocks(request.memory.blocks(), request.nComputed(),
                                              request.aside.bytes);
        });
        if (!kept) request.aside = {};
        if (!kept && kept.error().code != ErrorCode::OutOfMemory) return kept;
        request.aside.nTokens = request.aside.bytes.empty() ? 0 : request.nComputed();
    }
    keepPrefix(request, std::ssize(request.tokens));
    if (request.aside.bytes.empty()) {
        request.nToRead = std::ssize(request.tokens);
        request.nAlike = 0;
    }
    request.memory.clear();
    return {};
}

// Bytes that may be set aside beside those that are.
std::uint64_t EngineLoop::roomAside() const {
    std::uint64_t taken = 0;
    for (const auto& request : m_waiting) taken += request->aside.bytes.size();
    // Asking costs a system call.
    if (taken >= m_options.maxAsideBytes) return 0;
    return sotto::roomAside(m_options.maxAsideBytes, taken, systemMemory().availableBytes);
}

}  // namespace sotto
