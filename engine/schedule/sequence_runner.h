// SequenceRunner: one sequence through a loaded model, without scheduler or sampler: what
// evaluation and benchmarks need. The caller's thread; the model must outlive it.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "engine/kvcache/sequence_memory.h"
#include "engine/schedule/loaded_model.h"

namespace sotto {

// `position` within the sequence, `logits` [nVocab], valid during the call.
using LogitsSink = std::function<void(std::int64_t position, std::span<const float> logits)>;

class SequenceRunner {
public:
    explicit SequenceRunner(LoadedModel& model);

    // Reads tokens behind those before, in steps of the model's limit, and tells the logits of
    // every position from `firstWanted` on. Errors: ContextFull, DeviceFailed, Cancelled (when
    // `isContinuing` returns false between steps), FileDamaged (a logit is NaN or infinite; names
    // the tensor that it comes from).
    Status run(std::span<const std::int32_t> tokens, std::int64_t firstWanted,
               const LogitsSink& sink, const std::function<bool()>& isContinuing);

    // Forgets what was read after the first `nTokens`.
    void restart(std::int64_t nTokens = 0) { m_memory.truncate(nTokens); }
    SequenceMemory& memory() { return m_memory; }
    std::int64_t nTokens() const { return m_memory.nTokens(); }

private:
    // Of every position from `firstWanted` on; the first one whose logits are no numbers, if any.
    Result<std::optional<std::int64_t>> runStep(std::span<const std::int32_t> tokens,
                                                std::int64_t firstWanted, const LogitsSink& sink);
    Result<std::optional<std::int64_t>> tellLogits(std::int64_t firstPosition, std::int64_t nTokens,
                                                   std::int64_t firstWanted,
                                                   const LogitsSink& sink);

    LoadedModel& m_model;
    SequenceMemory m_memory;
    std::vector<std::int32_t> m_positions;
    std::vector<std::int32_t> m_sequenceIndex;
    std::vector<std::int32_t> m_outputRows;
};

}  // namespace sotto
