#include "engine/schedule/admission.h"

#include <algorithm>
#include <tuple>

namespace sotto {

std::optional<std::size_t> nextInLine(std::span<const WaitingRequest> waiting) {
    const auto rank = [&](std::size_t index) {
        const Standing& standing = waiting[index].standing;
        return std::tuple(standing.isYielding(), standing.nPauses == 0, standing.arrival);
    };
    std::optional<std::size_t> next;
    for (std::size_t index = 0; index < waiting.size(); ++index)
        if (waiting[index].isReady && (!next || rank(index) < rank(*next))) next = index;
    return next;
}

bool isOvertaking(const Standing& started, const Standing& admitted) {
    return admitted.isYielding() && !started.isYielding() && admitted.arrival < started.arrival;
}

bool isFitting(std::int64_t nBlocks, const AdmissionState& state) {
    if (state.nRunning >= state.maxRunning) return false;
    return state.nRunning == 0 || nBlocks + state.nBlocksOutstanding <= state.nBlocksFree;
}

std::optional<std::size_t> nextPause(std::span<const Standing> running) {
    if (running.size() < 2) return std::nullopt;
    const auto rank = [&](std::size_t index) {
        return std::tuple(running[index].isYielding(), running[index].arrival);
    };
    std::size_t last = 0;
    for (std::size_t index = 1; index < running.size(); ++index)
        if (rank(index) > rank(last)) last = index;
    return last;
}

std::int64_t longestSequence(std::int64_t nPrompt, std::int64_t maxTokens,
                             std::int64_t contextTokens) {
    if (maxTokens < 0 || maxTokens >= contextTokens - nPrompt) return contextTokens;
    return nPrompt + maxTokens;
}

std::uint64_t roomAside(std::uint64_t limit, std::uint64_t taken, std::uint64_t available) {
    return std::min(limit - std::min(limit, taken), available / 4);
}

}  // namespace sotto
