// Telemetry: the times of one request, and the numbers of the engine that other threads read.
//
// Local only, never sent. RequestClock and StepMeter belong to the engine thread; SnapshotCell is
// written by it and read by any thread without a lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "engine/api/stats.h"

namespace sotto {

using Clock = std::chrono::steady_clock;

inline double secondsBetween(Clock::time_point begin, Clock::time_point end) {
    return std::chrono::duration<double>(end - begin).count();
}

// The value below which `fraction` of the samples lie (nearest rank); sorts a copy. 0 when empty.
double percentile(std::vector<float> samples, double fraction);
// The same; leaves the samples in another order.
double percentileOf(std::span<float> samples, double fraction);

class RequestClock {
public:
    explicit RequestClock(Clock::time_point submitted) : m_submitted(submitted) {}

    // Room for the answer's tokens, so that noting one allocates nothing.
    void reserve(std::int64_t nTokens) {
        m_tokenMs.reserve(static_cast<std::size_t>(nTokens));
        m_sorted.reserve(static_cast<std::size_t>(nTokens));
    }
    void notePrefillStart(Clock::time_point now) { m_prefillStart = now; }
    void noteToken(Clock::time_point now);
    // The last `nTokens` came in one step: each took its part of it.
    void spreadLast(std::int64_t nTokens);
    // Of a step that gave this request a token behind its first: all that the step read.
    void noteDecodeBytes(std::uint64_t bytes);

    // Everything but the token counts and the seed, of the tokens so far; allocates nothing.
    // `readBandwidth` in GB/s, 0: not measured.
    RequestStats stats(double readBandwidthGbS) const;

private:
    Clock::time_point m_submitted;
    Clock::time_point m_prefillStart{};
    Clock::time_point m_firstToken{};
    Clock::time_point m_lastToken{};
    bool m_hasToken = false;
    std::vector<float> m_tokenMs;         // of each token after the first
    mutable std::vector<float> m_sorted;  // room for stats()
    double m_decodeBytes = 0;
    std::int64_t m_nDecodeSteps = 0;
};

// Tokens and bytes of the last second's steps with answers in them. A step that reads prompts
// beside them counts whole, as its readers see it: the tokens are those of running answers (a
// prompt's first one belongs to its TTFT), the time is all of the step's, and the bytes are the
// weights once and the cache of each sequence, so that rate and bandwidth fall together while a
// prompt is read. Steps of prompts alone are left out.
class StepMeter {
public:
    struct Seconds {
        double whole = 0;    // with sampling and telling
        double reading = 0;  // of it: the forward pass
    };
    void note(Clock::time_point end, Seconds seconds, std::int64_t nTokens, std::uint64_t nBytes);
    double tokensPerSecond(Clock::time_point now) const;
    double bandwidthGbS(Clock::time_point now) const;

private:
    struct Step {
        Clock::time_point end{};
        Seconds seconds;
        std::int64_t nTokens = 0;
        std::uint64_t nBytes = 0;
    };
    static constexpr std::size_t kSteps = 512;
    struct Sum {
        Seconds seconds;
        double tokens = 0, bytes = 0;
    };
    Sum lastSecond(Clock::time_point now) const;

    std::array<Step, kSteps> m_steps{};
    std::size_t m_next = 0;
};

// What one device reads for a token, and how fast it can.
struct ReadShare {
    std::uint64_t bytes = 0;
    double gbS = 0;  // measured
};

// The rate at which devices that work one after the other read all of it, 1e9 bytes per second; 0
// when one of them was not measured.
double combinedReadGbS(std::span<const ReadShare> shares);

// A value one thread writes and others read without waiting for it: a sequence lock whose words are
// atomics, so that a torn read is noticed and repeated and is no data race.
class SnapshotCell {
public:
    void store(const EngineSnapshot& snapshot);
    EngineSnapshot load() const;

private:
    static constexpr std::size_t kWords = (sizeof(EngineSnapshot) + 7) / 8;

    std::atomic<std::uint64_t> m_version{0};  // odd while a store is under way
    std::array<std::atomic<std::uint64_t>, kWords> m_words{};
};

}  // namespace sotto
