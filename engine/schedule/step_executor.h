// StepExecutor: carries out StepPlans: reserve → forward → logits or chosen tokens → commit.
//
// Reserves cache blocks first (RAII: when a step cannot start, the tables are as before), then runs
// the model over all rows. On a device that chooses tokens itself a second step may start before
// the first was awaited, on the tokens that the first will have chosen: the device then never waits
// for the host. Where slices together would run in other kernels than each alone, the step is
// computed in parts, one after another, and start() waits for it. Owns the steps' index arrays,
// made once; start() and wait() allocate nothing. Engine thread; the model must outlive it.
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/kvcache/sequence_memory.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/step_plan.h"

namespace sotto {

// What a slice of the plan refers to.
struct StepSource {
    std::span<const std::int32_t> tokens;  // prompt and generated
    SequenceMemory* memory = nullptr;
    // How the device may choose the token behind the slice; nothing: it only computes the logits.
    std::optional<TokenChoice> choice;
    // The output row of the step under way whose token follows `tokens`; -1: none.
    std::int32_t fedBy = -1;
    std::span<const std::int32_t> draft = {};  // guesses that follow `tokens`
};

class StepExecutor {
public:
    explicit StepExecutor(LoadedModel& model);

    // Of all parts of the model: KernelSet::exactRows() and KernelSet::promptPiece().
    std::int64_t exactRows() const;
    std::int64_t promptPiece() const;
    // Whether tokens are chosen where the model computes; choices are ignored otherwise.
    bool isChoosing() const;
    // Whether a step may start on tokens of a step that was not awaited.
    bool isRunningAhead() const;

    // Who is told of the layers of all steps; empty: nobody.
    void watchLayers(LayerSink sink) { m_onLayer = std::move(sink); }

    // `sources` by StepSlice::requestIndex. `cancels` as in ForwardBatch. When it returns well, the
    // rows belong to the tables. Errors: Cancelled, DeviceFailed, Internal (the pool ran out
    // although admission had charged).
    Status start(const StepPlan& plan, std::span<const StepSource> sources, CancelFlags cancels);
    // Whether the step that was started last chooses the tokens of all its output rows in one
    // batch, so that one may start behind it.
    bool isFeeding() const { return !m_choices.empty(); }
    // For the oldest step that was started and not waited for. Errors: DeviceFailed; FileUnreadable
    // (the step read pages of the model's file that are lost).
    Status wait();
    // Both.
    Status execute(const StepPlan& plan, std::span<const StepSource> sources, CancelFlags cancels);
    // Waits for all that was started, whatever became of it.
    void drain();

    // Of the step that was waited for last, for its n-th output, in order of the slices; until the
    // next start() but one. Null: nothing was chosen.
    const ChosenToken* chosen(std::size_t outputIndex) const;
    // [nVocab]. Not with a further step under way, which overwrites them. Errors: DeviceFailed.
    Result<std::span<const float>> logits(std::size_t outputIndex);
    // What the step took on the device's own clock; 0: unknown.
    double seconds() const { return m_outcome.seconds; }

private:
    Status reserve(const StepPlan& plan, std::span<const StepSource> sources);
    ForwardBatch gatherRows(std::span<const StepSlice> slices, std::span<const StepSource> sources,
                            CancelFlags cancels);
    Status runParts(const StepPlan& plan, std::span<const StepSource> sources, CancelFlags cancels);
    void keepChosen(std::span<const ChosenToken> chosen, std::size_t nOutputs);

    LoadedModel& m_model;
    LayerSink m_onLayer;
    std::vector<SequenceReservation> m_reservations;
    // Of the step that starts.
    std::vector<std::int32_t> m_tokenIds;
    std::vector<std::int32_t> m_positions;
    std::vector<std::int32_t> m_sequenceIndex;
    std::vector<BlockTableView> m_tables;
    std::vector<std::int32_t> m_outputRows;
    std::vector<TokenChoice> m_choices;

    struct StartedStep {
        std::size_t nOutputs = 0;
        bool isDone = false;  // start() waited for it
    };
    std::size_t m_nStarted = 0;
    std::size_t m_nWaited = 0;
    std::array<StartedStep, kStepsInFlight> m_started;  // step n at n % kStepsInFlight
    StepOutcome m_outcome;                              // of the last step waited for
    std::span<const float> m_logits;  // its [outputs, nVocab], once they were asked for
    // What the parts of a step chose, which the kernels keep for two steps only.
    std::vector<ChosenToken> m_chosen;
    std::vector<float> m_keptLogits;
    std::vector<std::int32_t> m_keptIds;
};

}  // namespace sotto
