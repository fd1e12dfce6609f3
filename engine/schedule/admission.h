// Admission: which waiting request starts next, whether the cache has room for what it will
// probably need, and who steps back when the cache runs out all the same.
//
// A request is charged with its prompt and the answer it will probably write (answer_lengths.h),
// not with a whole context. Where that was too little, one of those that run is paused: its blocks
// are set aside, and it goes on later. No deadlock: whoever runs alone has room for all it can ever
// need, since the cache holds one context. No starvation: those of persons go in order of arrival,
// whoever comes last is paused first, and a paused one is not overtaken; so whoever is oldest is
// never paused and ends, and everybody becomes the oldest. A background job counts as a person's
// request once it was overtaken or paused too often, whether it waits or was admitted and its
// prompt is held back (scheduler.h). Pure; the engine thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sotto {

// Where a request stands among the others.
struct Standing {
    static constexpr std::int32_t kMaxOvertaken = 8;
    static constexpr std::int32_t kMaxPauses = 2;

    std::uint64_t arrival = 0;  // in order of arrival; nobody has the same
    bool isBackground = false;
    std::int32_t nOvertaken = 0;  // by younger ones that started while it waited or was held back
    std::int32_t nPauses = 0;

    // Whether those of persons go before it.
    bool isYielding() const {
        return isBackground && nOvertaken < kMaxOvertaken && nPauses < kMaxPauses;
    }
};

struct WaitingRequest {
    Standing standing;
    // False: what it will share is still being computed. It lets others pass.
    bool isReady = true;
};

// The one to start next: those of persons before background jobs, of both who was paused first,
// each in order of arrival. Nothing when none is ready. Who does not fit yet is waited for.
std::optional<std::size_t> nextInLine(std::span<const WaitingRequest> waiting);

// Whether `started` passes a job that was admitted before and whose prompt is not read yet.
bool isOvertaking(const Standing& started, const Standing& admitted);

struct AdmissionState {
    std::int64_t nBlocksFree = 0;
    // That the running requests will probably take in addition to those that they hold.
    std::int64_t nBlocksOutstanding = 0;
    std::size_t nRunning = 0;
    std::size_t maxRunning = SIZE_MAX;  // a step holds no more sequences
};

// Whether a request that will probably take `nBlocks` may start.
bool isFitting(std::int64_t nBlocks, const AdmissionState& state);

// Of those that run: who is paused when the cache has run out: the youngest background job, or else
// the latest. Nothing where there is no other one to go on.
std::optional<std::size_t> nextPause(std::span<const Standing> running);

// Tokens a request may occupy: prompt and answer, cut at the context. `maxTokens` -1: no limit.
std::int64_t longestSequence(std::int64_t nPrompt, std::int64_t maxTokens,
                             std::int64_t contextTokens);

// Bytes of paused requests that may be set aside beside the `taken` ones, of `limit` in all, with
// `available` bytes of memory free: not what the rest of the machine is about to need.
std::uint64_t roomAside(std::uint64_t limit, std::uint64_t taken, std::uint64_t available);

}  // namespace sotto
