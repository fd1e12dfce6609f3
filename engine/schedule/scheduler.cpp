#include "engine/schedule/scheduler.h"

#include <algorithm>

namespace sotto {
namespace {

bool hasOutput(const StepPlan& plan) {
    return std::ranges::any_of(plan.slices,
                               [](const StepSlice& slice) { return slice.nOutputs > 0; });
}

// Whatever a person waits for or reads goes before the prompt of a background job.
bool isHeld(const SchedulableRequest& request, bool hasInteractive) {
    return request.isBackground && hasInteractive;
}

bool hasInteractive(std::span<const SchedulableRequest> requests) {
    return !std::ranges::all_of(requests, &SchedulableRequest::isBackground);
}

}  // namespace

WorkCount countWork(std::span<const SchedulableRequest> requests) {
    WorkCount count;
    const bool isHolding = hasInteractive(requests);
    for (const SchedulableRequest& request : requests) {
        if (!request.isPrefilling())
            ++count.nAnswering;
        else if (!isHeld(request, isHolding))
            ++count.nReading;
    }
    return count;
}

Scheduler::Scheduler(const SchedulerOptions& options) : m_options(options) {
    m_options.prefillChunk = std::max<std::int64_t>(1, m_options.prefillChunk);
    m_options.piece = std::clamp<std::int64_t>(m_options.piece, 1, m_options.prefillChunk);
}

void Scheduler::plan(std::span<const SchedulableRequest> requests, std::int64_t timedRows,
                     StepPlan& plan) const {
    plan.slices.clear();
    if (m_options.isMixing) {
        addAnswers(requests, plan);
        addPrompts(requests, timedRows, plan);
        return;
    }
    const bool hasAnswers = !std::ranges::all_of(requests, &SchedulableRequest::isPrefilling);
    if (!hasAnswers || !m_hasReadPrompt) addPrompts(requests, timedRows, plan);
    if (plan.isEmpty()) addAnswers(requests, plan);
}

void Scheduler::addAnswers(std::span<const SchedulableRequest> requests, StepPlan& plan) const {
    for (std::size_t index = 0; index < requests.size(); ++index) {
        const SchedulableRequest& request = requests[index];
        if (request.isPrefilling()) continue;
        const std::int64_t nRows = 1 + request.nDraft;
        plan.slices.push_back({index, request.nComputed, nRows, nRows, StepPhase::Answering});
    }
}

void Scheduler::addPrompts(std::span<const SchedulableRequest> requests, std::int64_t timedRows,
                           StepPlan& plan) const {
    const bool isHolding = hasInteractive(requests);
    std::int64_t nAdded = 0;
    for (std::size_t index = 0; index < requests.size(); ++index) {
        const SchedulableRequest& request = requests[index];
        if (!request.isPrefilling() || isHeld(request, isHolding)) continue;
        // With the first output, of an answer or of a prompt that ends here, somebody waits.
        const bool isTimed = m_options.isMixing && hasOutput(plan);
        const std::int64_t limit =
            isTimed ? std::min(timedRows, m_options.prefillChunk) : m_options.prefillChunk;
        const std::int64_t room = std::min(limit - nAdded, m_options.maxRows - plan.nRows());
        const std::int64_t nRows = promptRows(request, room, nAdded == 0);
        if (nRows == 0) return;  // those behind it wait for their turn
        const bool isLast = request.nComputed + nRows == request.nPrompt;
        plan.slices.push_back(
            {index, request.nComputed, nRows, isLast ? 1 : 0, StepPhase::Reading});
        nAdded += nRows;
        if (!m_options.isMixing) return;
    }
}

// Whole pieces within `room`; of the first prompt one in any case.
std::int64_t Scheduler::promptRows(const SchedulableRequest& request, std::int64_t room,
                                   bool isFirst) const {
    std::int64_t nRows = 0;
    std::int64_t position = request.nComputed;
    while (position < request.nPrompt) {
        const std::int64_t end =
            std::min(request.nPrompt, (position / m_options.piece + 1) * m_options.piece);
        const std::int64_t nPiece = end - position;
        const bool isOwed = isFirst && nRows == 0;
        if (nRows + nPiece > room && !isOwed) break;
        if (isAlone(nPiece) && nRows > 0) break;
        nRows += nPiece;
        position = end;
        if (isAlone(nPiece)) break;
    }
    return nRows;
}

// A piece that other kernels would compute together with the one beside it comes by itself, as it
// has to where the one beside it came in another step.
bool Scheduler::isAlone(std::int64_t nRows) const {
    return m_options.exactRows != kAnyRows && nRows <= m_options.exactRows;
}

}  // namespace sotto
