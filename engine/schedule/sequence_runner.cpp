#include "engine/schedule/sequence_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/schedule/unusable_numbers.h"

namespace sotto {

SequenceRunner::SequenceRunner(LoadedModel& model)
    : m_model(model), m_memory(model.cache->groups(), kBlockTokens, model.contextTokens()) {}

Status SequenceRunner::run(std::span<const std::int32_t> tokens, std::int64_t firstWanted,
                           const LogitsSink& sink, const std::function<bool()>& isContinuing) {
    const auto nTokens = static_cast<std::int64_t>(tokens.size());
    if (m_memory.nTokens() + nTokens > m_model.contextTokens()) {
        Error error{ErrorCode::ContextFull,
                    fmt::format("The text has {} tokens and the context holds {}.",
                                m_memory.nTokens() + nTokens, m_model.contextTokens())};
        error.needed = static_cast<std::uint64_t>(m_memory.nTokens() + nTokens);
        error.available = static_cast<std::uint64_t>(m_model.contextTokens());
        return fail(std::move(error));
    }
    const std::int64_t maxTokens = m_model.limits().maxTokens;
    for (std::int64_t begin = 0; begin < nTokens; begin += maxTokens) {
        if (isContinuing && !isContinuing()) return fail(ErrorCode::Cancelled, "Cancelled.");
        const std::int64_t count = std::min(maxTokens, nTokens - begin);
        SOTTO_ASSIGN(const auto unusable, runStep(tokens.subspan(static_cast<std::size_t>(begin),
                                                                 static_cast<std::size_t>(count)),
                                                  firstWanted, sink));
        if (unusable) return fail(unusableNumbers(m_model, *unusable, isContinuing));
    }
    return {};
}

Result<std::optional<std::int64_t>> SequenceRunner::runStep(std::span<const std::int32_t> tokens,
                                                            std::int64_t firstWanted,
                                                            const LogitsSink& sink) {
    const auto nTokens = static_cast<std::int64_t>(tokens.size());
    const std::int64_t firstPosition = m_memory.nTokens();
    SOTTO_ASSIGN(SequenceReservation reservation, m_model.cache->reserve(m_memory, nTokens));
    m_positions.clear();
    for (std::int64_t offset = 0; offset < nTokens; ++offset)
        m_positions.push_back(static_cast<std::int32_t>(firstPosition + offset));
    m_sequenceIndex.assign(tokens.size(), 0);
    const BlockTableView table = m_memory.view();
    SOTTO_TRY(forward(m_model.views,
                      {.tokenIds = tokens, .rows = {m_positions, m_sequenceIndex, {&table, 1}}}));
    SOTTO_TRY(m_model.file->file.checkPages());
    SOTTO_ASSIGN(const auto unusable, tellLogits(firstPosition, nTokens, firstWanted, sink));
    reservation.commit();
    return unusable;
}

// In groups of the planned output rows: all logits of a step at once would take nVocab floats per
// token.
Result<std::optional<std::int64_t>> SequenceRunner::tellLogits(std::int64_t firstPosition,
                                                               std::int64_t nTokens,
                                                               std::int64_t firstWanted,
                                                               const LogitsSink& sink) {
    const std::int64_t maxOutputs = m_model.limits().maxOutputs;
    const auto nVocab = static_cast<std::size_t>(m_model.file->config.nVocab);
    std::int64_t begin = std::max<std::int64_t>(0, firstWanted - firstPosition);
    while (begin < nTokens) {
        const std::int64_t count = std::min(maxOutputs, nTokens - begin);
        m_outputRows.clear();
        for (std::int64_t offset = 0; offset < count; ++offset)
            m_outputRows.push_back(static_cast<std::int32_t>(begin + offset));
        SOTTO_TRY(computeLogits(m_model.views.back(), m_outputRows));
        const LoadedPart& last = m_model.lastPart();
        SOTTO_ASSIGN(const std::span<const float> logits,
                     last.kernels->readback(last.activations.logits,
                                            static_cast<std::size_t>(count) * nVocab));
        for (std::int64_t offset = 0; offset < count; ++offset) {
            const auto row = logits.subspan(static_cast<std::size_t>(offset) * nVocab, nVocab);
            const std::int64_t position = firstPosition + begin + offset;
            if (!std::all_of(row.begin(), row.end(),
                             [](float logit) { return std::isfinite(logit); }))
                return std::optional(position);
            sink(position, row);
        }
        begin += count;
    }
    return std::optional<std::int64_t>();
}

}  // namespace sotto
