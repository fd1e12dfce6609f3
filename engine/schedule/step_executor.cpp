#include "engine/schedule/step_executor.h"

#include "engine/schedule/scheduler.h"

namespace sotto {
namespace {

// On every way out of a step: what was not committed is given back, while the tables it belongs to
// still exist.
struct RollBack {
    std::vector<BlockReservation>& reservations;
    ~RollBack() { reservations.clear(); }
};

}  // namespace

StepExecutor::StepExecutor(LoadedModel& model) : m_model(model) {
    const auto maxTokens = static_cast<std::size_t>(model.limits().maxTokens);
    m_reservations.reserve(kMaxDecodeRows);
    m_tokenIds.reserve(maxTokens);
    m_positions.reserve(maxTokens);
    m_sequenceIndex.reserve(maxTokens);
    m_tables.reserve(kMaxDecodeRows);
    m_outputRows.reserve(kMaxDecodeRows);
}

Status StepExecutor::execute(const StepPlan& plan, std::span<const StepSource> sources,
                             const std::atomic<bool>* isCancelled) {
    const RollBack rollBack{m_reservations};
    SOTTO_TRY(reserve(plan, sources));
    gatherRows(plan, sources);
    SOTTO_TRY(
        forward(m_model.views,
                {m_tokenIds, {m_positions, m_sequenceIndex, m_tables}, isCancelled, m_outputRows}));
    const std::size_t nLogits =
        m_outputRows.size() * static_cast<std::size_t>(m_model.file->config.nVocab);
    const LoadedPart& last = m_model.lastPart();
    SOTTO_ASSIGN(m_logits, last.kernels->readback(last.activations.logits, nLogits));
    for (BlockReservation& reservation : m_reservations) reservation.commit();
    return {};
}

Status StepExecutor::reserve(const StepPlan& plan, std::span<const StepSource> sources) {
    for (const StepSlice& slice : plan.slices) {
        m_reservations.emplace_back(*sources[slice.requestIndex].blocks, slice.nTokens);
        if (!m_reservations.back().ok())
            return fail(ErrorCode::Internal, "The KV cache ran out of blocks during a step.");
    }
    return {};
}

void StepExecutor::gatherRows(const StepPlan& plan, std::span<const StepSource> sources) {
    m_tokenIds.clear();
    m_positions.clear();
    m_sequenceIndex.clear();
    m_tables.clear();
    m_outputRows.clear();
    for (const StepSlice& slice : plan.slices) {
        const StepSource& source = sources[slice.requestIndex];
        for (std::int64_t offset = 0; offset < slice.nTokens; ++offset) {
            const std::int64_t position = slice.firstPosition + offset;
            m_tokenIds.push_back(source.tokens[static_cast<std::size_t>(position)]);
            m_positions.push_back(static_cast<std::int32_t>(position));
            m_sequenceIndex.push_back(static_cast<std::int32_t>(m_tables.size()));
        }
        m_tables.push_back(source.blocks->view());
        if (slice.isWantingLogits)
            m_outputRows.push_back(static_cast<std::int32_t>(m_tokenIds.size()) - 1);
    }
}

std::span<const float> StepExecutor::logits(std::size_t outputIndex) const {
    const auto nVocab = static_cast<std::size_t>(m_model.file->config.nVocab);
    return m_logits.subspan(outputIndex * nVocab, nVocab);
}

}  // namespace sotto
