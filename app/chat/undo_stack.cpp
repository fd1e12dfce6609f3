#include "app/chat/undo_stack.h"

#include <algorithm>
#include <utility>

namespace sotto::app {
namespace {

// More than anyone takes back step by step; each holds a few numbers.
constexpr std::size_t kMostSteps = 1000;

}  // namespace

void UndoStack::push(Step step) {
    if (m_steps.size() == kMostSteps) m_steps.erase(m_steps.begin());
    step.serial = ++m_lastSerial;
    m_steps.push_back(std::move(step));
}

void UndoStack::giveBack(Step step) {
    const auto place = std::ranges::upper_bound(m_steps, step.serial, {}, &Step::serial);
    m_steps.insert(place, std::move(step));
}

std::optional<UndoStack::Step> UndoStack::pop() {
    if (m_steps.empty()) return std::nullopt;
    std::optional<Step> step(std::move(m_steps.back()));
    m_steps.pop_back();
    return step;
}

}  // namespace sotto::app
