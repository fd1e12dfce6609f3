// Scheduler: chooses the next step over plain data. Continuous batching at iteration level:
// answers first, each of which gets its token in every step, then pieces of prompts within what
// time is left for them, those for a person before those of background jobs.
//
// Prompts are cut at multiples of a fixed number of positions. Time only decides how many pieces a
// step takes, and a piece meets the same kernels whatever else is in its step (partEnd()), so that
// a sequence's tokens do not depend on who else is running, nor on the clock. Pure; the engine
// thread. Sources: Yu et al. 2022 (Orca), Agrawal et al. 2024 (Sarathi-Serve).
#pragma once

#include <cstdint>
#include <span>

#include "engine/kernels/kernel_set.h"
#include "engine/schedule/step_plan.h"

namespace sotto {

struct SchedulerOptions {
    std::int64_t prefillChunk = 512;    // prompt rows of a step in which no answer waits
    std::int64_t piece = 1;             // KernelSet::promptPiece(); at most a chunk is taken
    std::int64_t exactRows = kAnyRows;  // KernelSet::exactRows()
    std::int64_t maxRows = kAnyRows;    // StepLimits::maxTokens
    bool isMixing = true;               // false: answers and one prompt in turn
};

// What the scheduler must know of an admitted request. Prompt tokens come first; a decoding request
// has exactly one token that is not computed yet.
struct SchedulableRequest {
    bool isBackground = false;
    std::int64_t nPrompt = 0;
    std::int64_t nTokens = 0;    // prompt and generated
    std::int64_t nComputed = 0;  // tokens whose keys and values are in the cache
    std::int64_t nDraft = 0;     // guesses behind the one token of a decoding request

    bool isPrefilling() const { return nComputed < nPrompt; }
};

// Prompts that may be read now, and answers.
struct WorkCount {
    std::int64_t nReading = 0;
    std::int64_t nAnswering = 0;
};
WorkCount countWork(std::span<const SchedulableRequest> requests);

class Scheduler {
public:
    explicit Scheduler(const SchedulerOptions& options);

    // `requests` in order of admission, at most StepLimits::maxSlices. `timedRows`: prompt rows
    // that a step with an answer in it has time for; it takes one piece at least, so that a prompt
    // gets on however slow the machine is. Writes into `plan`, whose vector is reused so that a
    // step allocates nothing. Planning again without noteStarted() gives the same turn.
    void plan(std::span<const SchedulableRequest> requests, std::int64_t timedRows,
              StepPlan& plan) const;
    // Prompts are cut at multiples of so many positions.
    std::int64_t piece() const { return m_options.piece; }
    // Whose turn is next follows from the step that was started last.
    void noteStarted(const StepPlan& plan) {
        m_hasReadPrompt = plan.nRowsOf(StepPhase::Reading) > 0;
    }

private:
    void addAnswers(std::span<const SchedulableRequest> requests, StepPlan& plan) const;
    void addPrompts(std::span<const SchedulableRequest> requests, std::int64_t timedRows,
                    StepPlan& plan) const;
    std::int64_t promptRows(const SchedulableRequest& request, std::int64_t room,
                            bool isFirst) const;
    bool isAlone(std::int64_t nRows) const;

    SchedulerOptions m_options;
    bool m_hasReadPrompt = false;  // in the last step
};

}  // namespace sotto
