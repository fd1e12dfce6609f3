#include "engine/schedule/step_executor.h"

#include <algorithm>

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

// Of what is fed by the step under way, which only the device knows: as ForwardBatch names it.
std::int32_t tokenAt(const StepSource& source, std::size_t position) {
    if (position < source.tokens.size()) return source.tokens[position];
    const std::size_t guess = position - source.tokens.size();
    return guess < source.draft.size() ? source.draft[guess] : -1 - source.fedBy;
}

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
    if (!isChoosing()) return;
    m_chosen.reserve(maxOutputs);
    m_keptLogits.reserve(maxOutputs * kMaxCandidates);
    m_keptIds.reserve(maxOutputs * kMaxCandidates);
}

std::int64_t StepExecutor::exactRows() const { return m_model.limits().exactRows; }

std::int64_t StepExecutor::promptPiece() const {
    std::int64_t nRows = 1;
    for (const LoadedPart& part : m_model.parts)
        nRows = std::max(nRows, part.kernels->promptPiece());
    return nRows;
}

bool StepExecutor::isChoosing() const { return m_model.lastPart().kernels->isChoosing(); }

// With two parts the hidden rows cross the border through the host, which has to wait anyway.
bool StepExecutor::isRunningAhead() const { return isChoosing() && m_model.parts.size() == 1; }

Status StepExecutor::start(const StepPlan& plan, std::span<const StepSource> sources,
                           CancelFlags cancels) {
    SOTTO_DCHECK(m_nStarted - m_nWaited < kStepsInFlight);
    const RollBack rollBack{m_reservations};
    SOTTO_TRY(reserve(plan, sources));
    StartedStep& step = m_started[m_nStarted % kStepsInFlight];
    step.isDone = true;
    step.nOutputs = 0;
    for (const StepSlice& slice : plan.slices)
        step.nOutputs += static_cast<std::size_t>(slice.nOutputs);
    if (partEnd(plan.slices, 0, exactRows()) < plan.slices.size()) {
        SOTTO_TRY(runParts(plan, sources, cancels));
    } else if (isRunningAhead()) {
        step.isDone = false;
        SOTTO_TRY(queueForward(m_model.views.front(), gatherRows(plan.slices, sources, cancels)));
    } else {
        SOTTO_ASSIGN(m_outcome, forward(m_model.views, gatherRows(plan.slices, sources, cancels)));
    }
    ++m_nStarted;
    for (SequenceReservation& reservation : m_reservations) reservation.commit();
    return {};
}

// Nothing is under way behind or before it.
Status StepExecutor::runParts(const StepPlan& plan, std::span<const StepSource> sources,
                              CancelFlags cancels) {
    SOTTO_DCHECK(m_nStarted == m_nWaited);
    m_chosen.clear();
    m_keptLogits.clear();
    m_keptIds.clear();
    const std::span<const StepSlice> slices(plan.slices);
    std::int64_t nOutputs = 0;
    double seconds = 0;
    for (std::size_t begin = 0; begin < slices.size();) {
        const std::size_t end = partEnd(slices, begin, exactRows());
        ForwardBatch batch = gatherRows(slices.subspan(begin, end - begin), sources, cancels);
        batch.firstOutput = nOutputs;
        SOTTO_ASSIGN(const StepOutcome part, forward(m_model.views, batch));
        if (isChoosing()) keepChosen(part.chosen, m_outputRows.size());
        nOutputs += std::ssize(m_outputRows);
        seconds += part.seconds;
        begin = end;
    }
    m_choices.clear();  // the next step is not fed by several
    m_outcome = {m_chosen, seconds};
    return {};
}

void StepExecutor::keepChosen(std::span<const ChosenToken> chosen, std::size_t nOutputs) {
    for (std::size_t index = 0; index < nOutputs; ++index) {
        ChosenToken& kept = m_chosen.emplace_back();
        if (index >= chosen.size()) continue;  // the host's choice
        kept = chosen[index];
        const std::size_t begin = m_keptLogits.size();
        m_keptLogits.insert(m_keptLogits.end(), kept.topLogits.begin(), kept.topLogits.end());
        m_keptIds.insert(m_keptIds.end(), kept.topIds.begin(), kept.topIds.end());
        kept.topLogits = std::span(m_keptLogits).subspan(begin);
        kept.topIds = std::span(m_keptIds).subspan(begin);
    }
}

Status StepExecutor::wait() {
    SOTTO_DCHECK(m_nWaited < m_nStarted);
    const bool isDone = m_started[m_nWaited++ % kStepsInFlight].isDone;
    m_logits = {};
    if (!isDone) {
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
        SOTTO_ASSIGN(SequenceReservation reservation,
                     m_model.cache->reserve(*sources[slice.requestIndex].memory, slice.nTokens));
        m_reservations.push_back(std::move(reservation));
    }
    return {};
}

ForwardBatch StepExecutor::gatherRows(std::span<const StepSlice> slices,
                                      std::span<const StepSource> sources, CancelFlags cancels) {
    m_tokenIds.clear();
    m_positions.clear();
    m_sequenceIndex.clear();
    m_tables.clear();
    m_outputRows.clear();
    [[maybe_unused]] const std::size_t nFeeding = m_choices.size();
    m_choices.clear();
    for (const StepSlice& slice : slices) {
        const StepSource& source = sources[slice.requestIndex];
        for (std::int64_t offset = 0; offset < slice.nTokens; ++offset) {
            const auto position = static_cast<std::size_t>(slice.firstPosition + offset);
            SOTTO_DCHECK(position < source.tokens.size() + source.draft.size() ||
                         (source.fedBy >= 0 && static_cast<std::size_t>(source.fedBy) < nFeeding));
            m_tokenIds.push_back(tokenAt(source, position));
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
    return {.tokenIds = m_tokenIds,
            .rows = {m_positions, m_sequenceIndex, m_tables},
            .cancels = cancels,
            .outputRows = m_outputRows,
            .choices = m_choices,
            .onLayer = m_onLayer ? &m_onLayer : nullptr};
}

const ChosenToken* StepExecutor::chosen(std::size_t outputIndex) const {
    return outputIndex < m_outcome.chosen.size() ? &m_outcome.chosen[outputIndex] : nullptr;
}

Result<std::span<const float>> StepExecutor::logits(std::size_t outputIndex) {
    SOTTO_DCHECK(m_nWaited == m_nStarted);
    const auto nVocab = static_cast<std::size_t>(m_model.file->config.nVocab);
    if (m_logits.empty()) {
        const LoadedPart& last = m_model.lastPart();
        const std::size_t nOutputs = m_started[(m_nWaited - 1) % kStepsInFlight].nOutputs;
        SOTTO_ASSIGN(m_logits, last.kernels->readback(last.activations.logits, nOutputs * nVocab));
    }
    return m_logits.subspan(outputIndex * nVocab, nVocab);
}

}  // namespace sotto
