#include "engine/schedule/step_plan.h"

namespace sotto {

std::int64_t StepPlan::nRows() const {
    return nRowsOf(StepPhase::Reading) + nRowsOf(StepPhase::Answering);
}

std::int64_t StepPlan::nRowsOf(StepPhase phase) const {
    std::int64_t nRows = 0;
    for (const StepSlice& slice : slices) nRows += slice.phase == phase ? slice.nTokens : 0;
    return nRows;
}

std::size_t partEnd(std::span<const StepSlice> slices, std::size_t begin, std::int64_t exactRows) {
    const bool isLong = slices[begin].nTokens > exactRows;
    std::int64_t nRows = 0;
    std::size_t end = begin;
    while (end < slices.size() && (slices[end].nTokens > exactRows) == isLong) {
        nRows += slices[end].nTokens;
        if (!isLong && nRows > exactRows) break;
        ++end;
    }
    return end;
}

}  // namespace sotto
