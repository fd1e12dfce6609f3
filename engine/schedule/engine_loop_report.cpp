// What the engine loop measures and tells of itself: bandwidth, snapshot, state for the invariant
// checker.
#include <algorithm>

#include "base/check.h"
#include "base/guarded.h"
#include "engine/api/device_info.h"
#include "engine/schedule/engine_loop.h"
#include "engine/schedule/kernel_choice.h"

namespace sotto {

// Before the first weights are read, so that nothing else uses the memory meanwhile.
void EngineLoop::measureOnce() {
    if (m_isMeasured || !m_options.isMeasuringBandwidth) return;
    const std::atomic<bool>& isStopping = m_shared.loads.stopFlag();
    m_processorBandwidth = measureBandwidth(m_options.nThreads, &isStopping);
    if (isStopping) return;  // the next load measures
    m_isMeasured = true;
    m_snapshot.readBandwidthGbS = m_processorBandwidth.readGbS;
    m_snapshot.copyBandwidthGbS = m_processorBandwidth.copyGbS;
    const std::string card = cardOf(m_options);
    // A card without room for the measurement has no figure: zeros, shown as unknown.
    if (!card.empty()) m_cardBandwidth = measureDeviceBandwidth(card).value_or(m_cardBandwidth);
}

const BandwidthMeasurement& EngineLoop::bandwidthOf(const LoadedPart& part) const {
    return part.isOnCard ? m_cardBandwidth : m_processorBandwidth;
}

// Which figures limit the model that was just loaded, and who tells how its card is.
void EngineLoop::describeDevice() {
    const LoadedPart& last = m_model->lastPart();
    m_telemetry = openDeviceTelemetry(last.deviceId);
    std::vector<ReadShare> shares;
    for (const LoadedPart& part : m_model->parts)
        shares.push_back({part.bytesPerToken, bandwidthOf(part).readGbS});
    m_snapshot.readBandwidthGbS = combinedReadGbS(shares);
    m_snapshot.copyBandwidthGbS = bandwidthOf(last).copyGbS;
}

void EngineLoop::readDevice() {
    if (m_telemetry == nullptr) return;
    MemoryEstimate own = m_model->lastPart().memory;
    if (m_model->draft && m_model->draft->lastPart().deviceId == m_model->lastPart().deviceId)
        own = own + m_model->draft->lastPart().memory;
    m_snapshot.device = m_telemetry->read(own.total());
    m_snapshot.device.memoryWeights = own.weights;
    m_snapshot.device.memoryKv = own.kv;
    m_snapshot.device.memoryScratch = own.scratch;
}

void EngineLoop::readAnswer(Clock::time_point now) {
    constexpr auto kReadingTime = std::chrono::milliseconds(200);
    const auto last = std::find_if(m_running.rbegin(), m_running.rend(), [](const auto& request) {
        return request != nullptr && !request->isBackground;
    });
    if (last == m_running.rend()) {
        m_snapshot.answerRequest = 0;
        m_snapshot.answer = {};
        return;
    }
    const Request& request = **last;
    const bool isFirst = request.id != m_snapshot.answerRequest ||
                         (m_snapshot.answer.generatedTokens == 0 && request.nGenerated() > 0);
    if (!isFirst && now - m_answerReadAt < kReadingTime) return;
    m_answerReadAt = now;
    m_snapshot.answerRequest = request.id;
    m_snapshot.answer = requestStats(request, m_snapshot.readBandwidthGbS);
}

void EngineLoop::publish(bool isRefreshingMemory) {
    const Clock::time_point now = Clock::now();
    m_snapshot.isModelLoaded = m_model != nullptr;
    m_snapshot.isGenerating = !std::ranges::all_of(m_running, &Request::isWarming);
    m_snapshot.isWarming = !m_running.empty() && !m_snapshot.isGenerating;
    m_snapshot.tokensPerSecond = m_running.empty() ? 0 : m_meter.tokensPerSecond(now);
    m_snapshot.bandwidthGbS = m_running.empty() ? 0 : m_meter.bandwidthGbS(now);
    readAnswer(now);
    m_snapshot.kvBlockTokens = kBlockTokens;
    m_snapshot.kvBlocksTotal = m_model == nullptr ? 0 : m_model->cache->pool().nBlocks();
    m_snapshot.kvBlocksUsed = m_model == nullptr ? 0 : m_model->cache->pool().nUsed();
    m_snapshot.kvBlocksCached = m_model == nullptr ? 0 : m_model->cache->pool().nIdle();
    m_snapshot.contextTokens = m_model == nullptr ? 0 : m_model->contextTokens();
    // Asking the system costs a file read, asking a card some calls: once a second is enough.
    if (isRefreshingMemory || now - m_memoryReadAt > std::chrono::seconds(1)) {
        m_memoryReadAt = now;
        // Figures keep no event back: where there is no memory to ask with, these stay.
        const Status read = guarded([&]() -> Status {
            m_snapshot.memory = m_model == nullptr ? MemoryStats{} : memoryStats(*m_model);
            readDevice();
            return {};
        });
        static_cast<void>(read);  // the reason, if it is a defect, is in the log
    }
    m_shared.snapshot.store(m_snapshot);
}

void EngineLoop::checkState() {
#ifdef NDEBUG
    if (!m_hook) return;
#endif
    EngineState state;
    state.blockTokens = kBlockTokens;
    state.contextTokens = m_model->contextTokens();
    state.nBlocksFree = m_model->cache->pool().nFree();
    const auto holders = m_model->cache->pool().holders();
    state.holders.assign(holders.begin(), holders.end());
    state.nBlocksIdle = m_model->cache->pool().nIdle();
    if (m_prefixes) state.kept = m_prefixes->kept();
    const auto isAhead = [this](RequestId id) {
        return m_ahead.isUnderWay && std::ranges::count(m_ahead.requests, id) > 0;
    };
    for (const auto& request : m_running)
        state.running.push_back({.id = request->id,
                                 .nPrompt = request->nPrompt,
                                 .nToRead = request->nToRead,
                                 .tokens = request->tokens,
                                 .nComputed = request->nComputed(),
                                 .nMost = request->nMost,
                                 .nExpected = request->nExpected,
                                 .isRunningAhead = isAhead(request->id),
                                 .blocks = request->memory.blocks()});
    for (const auto& request : m_waiting)
        state.waiting.push_back({.id = request->id,
                                 .nBlocks = std::ssize(request->memory.blocks()),
                                 .nBytesAside = request->aside.bytes.size()});
    state.maxAsideBytes = m_options.maxAsideBytes;
    SOTTO_DCHECK(!findBrokenInvariant(state));
    if (!m_hook) return;
    spoilFreed();
    m_hook(state);
}

void EngineLoop::spoilFreed() {
    const BlockPool& pool = m_model->cache->pool();
    std::vector<BlockId> freed;
    m_wasFree.resize(static_cast<std::size_t>(pool.nBlocks()));
    for (BlockId block = 0; block < pool.nBlocks(); ++block) {
        const bool isFree = pool.nHolders(block) == 0 && !pool.isKept(block);
        if (isFree && !m_wasFree[static_cast<std::size_t>(block)]) freed.push_back(block);
        m_wasFree[static_cast<std::size_t>(block)] = isFree;
    }
    if (freed.empty()) return;  // a step under way is not waited for
    // All bits set are no number in every type of the cache.
    const std::vector<std::byte> spoil(freed.size() * m_model->cache->blockBytes(),
                                       std::byte{0xff});
    static_cast<void>(m_model->cache->writeBlocks(freed, spoil));
}

}  // namespace sotto
