// Measured numbers of requests and of the engine. Every number here was measured; predictions live
// elsewhere.
#pragma once

#include <cstdint>

#include "engine/api/device_info.h"

namespace sotto {

// Of one request. TTFT: submit to first token. TPOT: time per output token after the first.
struct RequestStats {
    std::int64_t promptTokens = 0;
    // Of the prompt: those whose keys and values were in memory already, those that were read from
    // where they outlive the engine (EngineOptions::prefixStore), and the others.
    std::int64_t reusedTokens = 0;
    std::int64_t restoredTokens = 0;
    std::int64_t computedTokens() const { return promptTokens - reusedTokens - restoredTokens; }
    // With Overflow::Sinks: what of the conversation was forgotten before it was read (promptTokens
    // are without it), and what of prompt and answer while the answer was written.
    std::int64_t leftOutTokens = 0;
    std::int64_t slidTokens = 0;
    std::int64_t generatedTokens = 0;
    double ttftMs = 0;
    double restoreMs = 0;  // of ttftMs: until the restored tokens were in memory
    double prefillMs = 0;
    double tpotMeanMs = 0;
    double tpotP50Ms = 0;
    double tpotP95Ms = 0;        // 0 below 20 samples
    double tpotP99Ms = 0;        // 0 below 100 samples
    double tokensPerSecond = 0;  // generated tokens after the first over the time they took
    // Weights and KV read by one step with a token of this answer, for all its rows, those of
    // prompts that were read beside it too; mean over the request.
    double bytesPerStep = 0;
    // Bytes of those steps over the time they took, over measured read bandwidth; 0: not measured.
    double mbu = 0;
    std::int64_t preemptions = 0;  // how often it was paused for others
    // Tokens that were guessed, of them those that stood, and the steps that checked them.
    std::int64_t draftProposed = 0;
    std::int64_t draftAccepted = 0;
    std::int64_t draftSteps = 0;
    // How much faster the answer's own steps gave its tokens than steps without guesses, as they
    // were measured since the model was loaded; 0: not known, or too few guesses.
    double draftGain = 0;
    std::uint64_t seed = 0;  // with the request it makes the answer repeatable
};

// Bytes by owner.
struct MemoryStats {
    std::uint64_t weightsMapped = 0;    // the file's own pages
    std::uint64_t weightsResident = 0;  // repacked copies
    std::uint64_t kvCache = 0;
    std::uint64_t scratch = 0;
    std::uint64_t draft = 0;        // what of all these is the draft model's
    std::uint64_t systemTotal = 0;  // of the device: RAM for the CPU
    std::uint64_t systemAvailable = 0;
};

// Of the engine, as of its last step; read from any thread through Engine::snapshot().
struct EngineSnapshot {
    bool isModelLoaded = false;
    bool isGenerating = false;
    bool isWarming = false;  // reads for a request that may come, while it is not generating
    bool isWorking() const { return isGenerating || isWarming; }
    double tokensPerSecond = 0;  // over the last second of decoding, 0 when idle
    double bandwidthGbS = 0;     // GB/s (1e9) of the last decode steps
    // Measured limit of the device that the model lies on; 0 until measured, and where it lies on
    // two: no one figure limits it then.
    double readBandwidthGbS = 0;
    double copyBandwidthGbS = 0;
    // Of the last step of the loaded model with an answer in it: weights once and the cache of all
    // its sequences. Where several rows share a mixture's experts,
    // the mean of rows that choose them evenly (Weights::bytesPerStep). 0 before the first.
    std::uint64_t bytesPerStep = 0;
    std::int64_t rowsPerStep = 0;  // answers that each got a token by it
    std::int64_t kvBlocksTotal = 0;
    std::int64_t kvBlocksUsed = 0;    // of answers in work
    std::int64_t kvBlocksCached = 0;  // kept to be found again, and given when they are needed
    std::int64_t preemptions = 0;     // requests that were paused, since the model was loaded
    std::int32_t kvBlockTokens = 0;
    std::int64_t contextTokens = 0;  // capacity of one sequence
    // Of the answer in work that began last, background jobs aside: its numbers so far, at most
    // 0.2 s old; those of its first token at once. Request 0: none is in work.
    std::uint64_t answerRequest = 0;
    RequestStats answer;
    MemoryStats memory;
    DeviceStats device;  // of the card that the model, or its last part, lies on
};

}  // namespace sotto
