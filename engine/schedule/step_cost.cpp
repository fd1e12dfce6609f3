#include "engine/schedule/step_cost.h"

#include <algorithm>

namespace sotto {

// A quarter: one step that the machine disturbed moves the mean by a quarter of its excess, and
// after eight steps nine tenths of what was before are forgotten.
void StepCost::FadingMean::note(double sample) {
    constexpr double kShare = 0.25;
    value = isKnown ? value + kShare * (sample - value) : sample;
    isKnown = true;
}

void StepCost::note(std::int64_t nPromptRows, double seconds) {
    if (nPromptRows <= 0) {
        m_base.note(seconds);
        return;
    }
    m_perRow.note(std::max(0.0, seconds - base()) / static_cast<double>(nPromptRows));
}

double StepCost::allowance(double target, std::int64_t nReading, std::int64_t nAnswering) const {
    if (nAnswering <= 0) return target;
    const auto load = static_cast<double>(nReading * nAnswering);
    return std::max(target, base() * (1 + load * load));
}

std::int64_t StepCost::rowsWithin(double seconds) const {
    // More rows than any step has; also where a row seems to cost nothing.
    constexpr double kMaxRows = 1 << 20;
    const double left = seconds - base();
    if (!m_perRow.isKnown || left <= 0) return 0;
    if (left >= kMaxRows * perRow()) return static_cast<std::int64_t>(kMaxRows);
    return static_cast<std::int64_t>(left / perRow());
}

}  // namespace sotto
