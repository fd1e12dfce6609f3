// StepPlan: what one step computes, as plain data. Written by the scheduler, carried out by
// step_executor, looked at by tests.
//
// A plan has no kind: its slices may read prompts, go on with answers, or both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto {

// What a slice is to its request; the model computes both alike.
enum class StepPhase : std::uint8_t {
    Reading,    // tokens of the prompt
    Answering,  // tokens that were generated, and guesses behind them
};

// Consecutive tokens of one request: its tokens[firstPosition .. firstPosition + nTokens), which
// end in guesses that are no tokens of it yet (StepSource::draft).
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
    std::int64_t nRows() const;
    std::int64_t nRowsOf(StepPhase phase) const;
};

// Where kernels are the same for any number of rows the whole step is one batch. Where they are not
// (KernelSet::exactRows()), it is cut so that a slice meets the same kernels in company as alone:
// those of up to `exactRows` rows together with as many of their kind as fit in that number, longer
// ones with their kind. The end of the part that begins with slice `begin`.
std::size_t partEnd(std::span<const StepSlice> slices, std::size_t begin, std::int64_t exactRows);

}  // namespace sotto
