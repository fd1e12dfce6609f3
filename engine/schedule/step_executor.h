// StepExecutor: carries out one StepPlan: reserve → forward → logits → commit.
//
// Reserves cache blocks first (RAII: whatever goes wrong, the tables are as before), then runs the
// model over all rows, then commits. Owns the step's index arrays, made once; execute() allocates
// nothing. Engine thread; the model must outlive it.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/kvcache/block_table.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/step_plan.h"

namespace sotto {

// What a slice of the plan refers to.
struct StepSource {
    std::span<const std::int32_t> tokens;  // prompt and generated
    BlockTable* blocks = nullptr;
};

class StepExecutor {
public:
    explicit StepExecutor(LoadedModel& model);

    // `sources` by StepSlice::requestIndex. `isCancelled` may be null.
    // Errors: Cancelled, DeviceFailed, Internal (the pool ran out although admission had charged).
    Status execute(const StepPlan& plan, std::span<const StepSource> sources,
                   const std::atomic<bool>* isCancelled);

    // [nVocab] of the plan's n-th slice that wanted logits; until the next execute().
    std::span<const float> logits(std::size_t outputIndex) const;

private:
    Status reserve(const StepPlan& plan, std::span<const StepSource> sources);
    void gatherRows(const StepPlan& plan, std::span<const StepSource> sources);

    LoadedModel& m_model;
    std::vector<BlockReservation> m_reservations;
    std::vector<std::int32_t> m_tokenIds;
    std::vector<std::int32_t> m_positions;
    std::vector<std::int32_t> m_sequenceIndex;
    std::vector<BlockTableView> m_tables;
    std::vector<std::int32_t> m_outputRows;
    std::span<const float> m_logits;  // [outputs, nVocab] of the last step
};

}  // namespace sotto
