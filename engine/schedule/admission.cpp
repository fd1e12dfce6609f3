#include "engine/schedule/admission.h"

#include <algorithm>

namespace sotto {

std::optional<std::size_t> nextAdmission(std::span<const WaitingRequest> waiting,
                                         const AdmissionState& state) {
    if (waiting.empty() || state.nRunning >= state.maxRunning) return std::nullopt;
    const auto interactive =
        std::find_if(waiting.begin(), waiting.end(),
                     [](const WaitingRequest& request) { return !request.isBackground; });
    const auto chosen = interactive != waiting.end() ? interactive : waiting.begin();
    if (state.nBlocksCharged + chosen->nBlocks > state.nBlocksTotal) return std::nullopt;
    return static_cast<std::size_t>(chosen - waiting.begin());
}

std::int64_t longestSequence(std::int64_t nPrompt, std::int64_t maxTokens,
                             std::int64_t contextTokens) {
    if (maxTokens < 0 || maxTokens >= contextTokens - nPrompt) return contextTokens;
    return nPrompt + maxTokens;
}

}  // namespace sotto
