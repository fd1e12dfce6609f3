// Scheduler: chooses the next step over plain data. Continuous batching at iteration level, prompts
// in chunks, decode steps in between, interactive requests before background ones.
//
// A step is either one chunk of one prompt or one token of every decoding sequence, never a
// mixture: kernels round the same way for 1..8 rows, so a sequence's tokens do not depend on who
// else is running. Chunks begin at multiples of the chunk length for the same reason. Pure; the
// engine thread. Sources: Yu et al. 2022 (Orca), Agrawal et al. 2024 (Sarathi-Serve).
#pragma once

#include <cstdint>
#include <span>

#include "engine/schedule/step_plan.h"

namespace sotto {

// What the scheduler must know of an admitted request. Prompt tokens come first; a decoding request
// has exactly one token that is not computed yet.
struct SchedulableRequest {
    bool isBackground = false;
    std::int64_t nPrompt = 0;
    std::int64_t nTokens = 0;    // prompt and generated
    std::int64_t nComputed = 0;  // tokens whose keys and values are in the cache

    bool isPrefilling() const { return nComputed < nPrompt; }
};

class Scheduler {
public:
    explicit Scheduler(std::int64_t prefillChunk) : m_prefillChunk(prefillChunk) {}

    // `requests` in order of admission, at most StepLimits::maxSlices. Writes into `plan`, whose
    // vector is reused so that a step allocates nothing.
    void plan(std::span<const SchedulableRequest> requests, StepPlan& plan);

private:
    std::int64_t m_prefillChunk;
    bool m_hasReadPrompt = false;  // in the last step
};

}  // namespace sotto
