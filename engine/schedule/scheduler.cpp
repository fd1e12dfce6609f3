#include "engine/schedule/scheduler.h"

#include <algorithm>
#include <optional>

namespace sotto {
namespace {

std::optional<std::size_t> firstPrefilling(std::span<const SchedulableRequest> requests) {
    std::optional<std::size_t> background;
    for (std::size_t requestIndex = 0; requestIndex < requests.size(); ++requestIndex) {
        if (!requests[requestIndex].isPrefilling()) continue;
        if (!requests[requestIndex].isBackground) return requestIndex;
        if (!background) background = requestIndex;
    }
    return background;
}

bool hasInteractiveAnswer(std::span<const SchedulableRequest> requests) {
    return std::any_of(requests.begin(), requests.end(), [](const SchedulableRequest& request) {
        return !request.isPrefilling() && !request.isBackground;
    });
}

}  // namespace

void Scheduler::plan(std::span<const SchedulableRequest> requests, StepPlan& plan) {
    plan.slices.clear();
    if (requests.empty()) return;
    auto prefilling = firstPrefilling(requests);
    // A person reads that answer: the prompt of a background job waits until it is written.
    if (prefilling && requests[*prefilling].isBackground && hasInteractiveAnswer(requests))
        prefilling.reset();
    const bool hasDecoding =
        std::any_of(requests.begin(), requests.end(),
                    [](const SchedulableRequest& request) { return !request.isPrefilling(); });

    // In turn, so that a long prompt does not stop answers that are being written.
    if (prefilling && !(hasDecoding && m_hasReadPrompt)) {
        const SchedulableRequest& request = requests[*prefilling];
        const std::int64_t nTokens = std::min(m_prefillChunk, request.nPrompt - request.nComputed);
        const bool isLast = request.nComputed + nTokens == request.nPrompt;
        plan.slices.push_back(
            {*prefilling, request.nComputed, nTokens, isLast ? 1 : 0, StepPhase::Reading});
        m_hasReadPrompt = true;
        return;
    }
    for (std::size_t requestIndex = 0; requestIndex < requests.size(); ++requestIndex)
        if (!requests[requestIndex].isPrefilling())
            plan.slices.push_back(
                {requestIndex, requests[requestIndex].nComputed, 1, 1, StepPhase::Answering});
    m_hasReadPrompt = false;
}

}  // namespace sotto
