// StepPlan: what one step computes, as plain data. Written by the scheduler, carried out by
// step_executor, looked at by tests.
//
// A plan has no kind: its slices may read prompts, go on with answers, or both.
#pragma once

#include <cstdint>
#include <vector>

namespace sotto {

// What a slice is to its request; the model computes both alike.
enum class StepPhase : std::uint8_t {
    Reading,    // tokens of the prompt
    Answering,  // tokens that were generated
};

// Consecutive tokens of one request: its tokens[firstPosition .. firstPosition + nTokens).
struct StepSlice {
    std::size_t requestIndex = 0;
    std::int64_t firstPosition = 0;
    std::int64_t nTokens = 0;   // rows
    std::int64_t nOutputs = 0;  // its last rows whose logits are wanted, 0 .. nTokens
    StepPhase phase = StepPhase::Reading;
};

struct StepPlan {
    std::vector<StepSlice> slices;  // at most one per request

    bool isEmpty() const { return slices.empty(); }
    std::int64_t nRows() const {
        return nRowsOf(StepPhase::Reading) + nRowsOf(StepPhase::Answering);
    }
    std::int64_t nRowsOf(StepPhase phase) const {
        std::int64_t nRows = 0;
        for (const StepSlice& slice : slices) nRows += slice.phase == phase ? slice.nTokens : 0;
        return nRows;
    }
};

}  // namespace sotto
