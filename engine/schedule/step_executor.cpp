#include "engine/schedule/step_executor.h"

#include "base/check.h"
#include "base/guarded.h"

namespace sotto {
namespace {

// On every way out of start(): what was not committed is given back, while the tables it belongs to
// still exist.
struct RollBack {
    std::vector<SequenceReservation>& reservations;
    ~RollBack() { reservations.clear(); }
};

}  // namespace

StepExecutor::StepExecutor(LoadedModel& model) : m_model(model) {
    const auto maxTokens = static_cast<std::size_t>(model.limits().maxTokens);
    const auto maxSlices = static_cast<std::size_t>(model.limits().maxSlices);
    const auto maxOutputs = static_cast<std::size_t>(model.limits().maxOutputs);
    m_reservations.reserve(maxSlices);
    m_tokenIds.reserve(maxTokens);
    m_positions.reserve(maxTokens);
    m_sequenceIndex.reserve(maxTokens);
    m_tables.reserve(maxSlices);
    m_outputRows.reserve(maxOutputs);
    m_choices.reserve(maxOutputs);
}

bool StepExecutor::isChoosing() const { return m_model.lastPart().kernels->isChoosing(); }

// With two parts the hidden rows cross the border through the host, which has to wait anyway.
bool StepExecutor::isRunningAhead() const { return isChoosing() && m_model.parts.size() == 1; }

Status StepExecutor::start(const StepPlan& plan, std::span<const StepSource> sources,
                           CancelFlags cancels) {
    SOTTO_DCHECK(m_nStarted - m_nWaited < kStepsInFlight);
    const RollBack rollBack{m_reservations};
    SOTTO_TRY(reserve(plan, sources));
    gatherRows(plan, sources);
    const ForwardBatch batch{.tokenIds = m_tokenIds,
                             .rows = {m_positions, m_sequenceIndex, m_tables},
                             .cancels = cancels,
                             .outputRows = m_outputRows,
                             .choices = m_choices,
                             .onLayer = m_onLayer ? &m_onLayer : nullptr};
    if (isRunningAhead()) {
        SOTTO_TRY(queueForward(m_model.views.front(), batch));
    } else {
        SOTTO_ASSIGN(m_outcome, forward(m_model.views, batch));
    }
    m_nOutputs[m_nStarted++ % kStepsInFlight] = m_outputRows.size();
    for (SequenceReservation& reservation : m_reservations) reservation.commit();
    return {};
}

Status StepExecutor::wait() {
    SOTTO_DCHECK(m_nWaited < m_nStarted);
    ++m_nWaited;
    m_logits = {};
    if (isRunningAhead()) {
        SOTTO_ASSIGN(m_outcome, m_model.lastPart().kernels->awaitStep());
    }
    return m_model.file->file.checkPages();
}

Status StepExecutor::execute(const StepPlan& plan, std::span<const StepSource> sources,
                             CancelFlags cancels) {
    SOTTO_TRY(start(plan, sources, cancels));
    return wait();
}

void StepExecutor::drain() {
    // A failure was told when it mattered, or concerns nobody any more.
    while (m_nWaited < m_nStarted) static_cast<void>(guarded([this] { return wait(); }));
}

Status StepExecutor::reserve(const StepPlan& plan, std::span<const StepSource> sources) {
    for (const StepSlice& slice : plan.slices) {
        m_reservations.emplace_back(*sources[slice.requestIndex].memory, slice.nTokens);
        if (!m_reservations.back().ok())
            return fail(ErrorCode::Internal, "The KV cache ran out of blocks during a step.");
        for (const BlockCopy& copy : m_reservations.back().copies())
            SOTTO_TRY(m_model.cache->copyBlock(copy.from, copy.to));
    }
    return {};
}

void StepExecutor::gatherRows(const StepPlan& plan, std::span<const StepSource> sources) {
    m_tokenIds.clear();
    m_positions.clear();
    m_sequenceIndex.clear();
    m_tables.clear();
    m_outputRows.clear();
    [[maybe_unused]] const std::size_t nFeeding = m_choices.size();
    m_choices.clear();
    for (const StepSlice& slice : plan.slices) {
        const StepSource& source = sources[slice.requestIndex];
        for (std::int64_t offset = 0; offset < slice.nTokens; ++offset) {
            const auto position = static_cast<std::size_t>(slice.firstPosition + offset);
            const bool isKnown = position < source.tokens.size();
            SOTTO_DCHECK(isKnown ||
                         (source.fedBy >= 0 && static_cast<std::size_t>(source.fedBy) < nFeeding));
            m_tokenIds.push_back(isKnown ? source.tokens[position] : -1 - source.fedBy);
            m_positions.push_back(static_cast<std::int32_t>(position));
            m_sequenceIndex.push_back(static_cast<std::int32_t>(m_tables.size()));
        }
        m_tables.push_back(source.memory->view());
        for (std::int64_t output = slice.nOutputs; output > 0; --output)
            m_outputRows.push_back(static_cast<std::int32_t>(std::ssize(m_tokenIds) - output));
        // The choice depends on all tokens before it, so there is one behind the last row.
        if (slice.nOutputs == 1 && source.choice) m_choices.push_back(*source.choice);
    }
    // The device chooses for all rows or for none: one sampler that needs the host makes it wait.
    if (!isChoosing() || m_choices.size() != m_outputRows.size()) m_choices.clear();
}

const ChosenToken* StepExecutor::chosen(std::size_t outputIndex) const {
    return outputIndex < m_outcome.chosen.size() ? &m_outcome.chosen[outputIndex] : nullptr;
}

Result<std::span<const float>> StepExecutor::logits(std::size_t outputIndex) {
    SOTTO_DCHECK(m_nWaited == m_nStarted);
    const auto nVocab = static_cast<std::size_t>(m_model.file->config.nVocab);
    if (m_logits.empty()) {
        const LoadedPart& last = m_model.lastPart();
        const std::size_t nOutputs = m_nOutputs[(m_nWaited - 1) % kStepsInFlight];
        SOTTO_ASSIGN(m_logits, last.kernels->readback(last.activations.logits, nOutputs * nVocab));
    }
    return m_logits.subspan(outputIndex * nVocab, nVocab);
}

}  // namespace sotto
