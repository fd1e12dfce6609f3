// Admission: which waiting requests may start, so that a started one can always run to its end.
//
// A request is charged at its start with every block it can ever need (its prompt and its longest
// answer, at most one context). Nothing is preempted then, so no answer is ever recomputed, which
// would round differently. The price: two requests without a token limit run one after the other
// unless the pool holds two contexts. Pure; the engine thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sotto {

struct WaitingRequest {
    bool isBackground = false;
    std::int32_t nBlocks = 0;  // charge
};

struct AdmissionState {
    std::int32_t nBlocksTotal = 0;
    std::int32_t nBlocksCharged = 0;  // by the running requests
    std::size_t nRunning = 0;
    std::size_t maxRunning = SIZE_MAX;  // a step holds no more sequences
};

// Index of the request to start now, in order of arrival, interactive ones first; nothing when none
// fits. A large request at the head is waited for, not overtaken by its own kind.
std::optional<std::size_t> nextAdmission(std::span<const WaitingRequest> waiting,
                                         const AdmissionState& state);

// Tokens a request may occupy: prompt and answer, cut at the context. `maxTokens` -1: no limit.
std::int64_t longestSequence(std::int64_t nPrompt, std::int64_t maxTokens,
                             std::int64_t contextTokens);

}  // namespace sotto
