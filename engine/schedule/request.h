// Request: one generation in work, from its tokens to its clock. A plain struct of the engine
// thread.
//
// Made by startRequests() when it is submitted, admitted when the cache has room for what it will
// probably need, perhaps paused and admitted again, gone with its last event. Only RequestControl
// is touched by other threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/engine_event.h"
#include "engine/api/generation_request.h"
#include "engine/kvcache/sequence_memory.h"
#include "engine/schedule/admission.h"
#include "engine/schedule/answer_draft.h"
#include "engine/schedule/answer_stream.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/telemetry.h"
#include "engine/schedule/window_slide.h"
#include "engine/token/sampler.h"

namespace sotto {

struct RequestControl {
    std::atomic<bool> isCancelled{false};
    bool isWarming = false;  // GenerationRequest's; as it was made
};

// As it was submitted.
struct SubmittedRequest {
    RequestId id = 0;
    GenerationRequest request;
    // One per answer, of the ids from `id` on; shared: set by any thread, read by the engine's.
    std::vector<std::shared_ptr<RequestControl>> controls;
    Clock::time_point submitted;
};

// The cache's blocks of a paused request, in its canonical form.
struct BlocksAside {
    std::vector<std::byte> bytes;  // empty: none, or they are computed again
    std::int64_t nTokens = 0;
};

struct Request {
    RequestId id = 0;
    std::shared_ptr<RequestControl> control;
    // Prompt, then generated, without what the window went over: those of the positions.
    std::vector<std::int32_t> tokens;
    std::vector<std::int32_t> written;  // all that were generated, of one that slides
    std::int64_t nPrompt = 0;           // in `tokens`
    // Tokens that are read before one is sampled: the prompt; all there were when its blocks were
    // given back to be computed again.
    std::int64_t nToRead = 0;
    std::int64_t nReused = 0;    // of the prompt, in the cache when it was admitted first
    std::int64_t nRestored = 0;  // of those, read from the store for it
    double restoreSeconds = 0;   // that took so long
    // Of its first positions, those that hold what reading its tokens anew would give to the bit:
    // on a card answers are computed by other kernels than prompts.
    std::int64_t nAlike = 0;
    std::int64_t maxTokens = -1;
    std::int64_t contextTokens = 0;
    WindowShape window;         // of one that slides
    std::int64_t nLeftOut = 0;  // tokens of the conversation that are not in the prompt
    std::int64_t nSlid = 0;     // that went out of `tokens` since
    std::int64_t nSlidOfPrompt = 0;
    std::int64_t nMost = 0;      // tokens that it may ever occupy
    std::int64_t nExpected = 0;  // that it will probably occupy
    std::uint64_t conversation = 0;
    RequestId firstAnswer = 0;  // to the same question: the lowest id
    Standing standing;
    BlocksAside aside;
    std::int64_t nProgressTold = -1;  // of the prompt; -1: nothing yet
    bool isBegun = false;             // was admitted once
    bool isBackground = false;
    bool isWarming = false;  // is read and writes nothing
    bool isIgnoringEnd = false;
    bool isLasting = false;       // as GenerationRequest's
    bool isToBeRestored = false;  // waits for what the store has of its prompt
    bool isEnded = false;         // its last event was told
    std::uint64_t seed = 0;
    SequenceMemory memory;
    Sampler sampler;
    AnswerStream answer;
    AnswerDraft draft;
    RequestClock clock;

    bool isNew() const { return !isBegun; }
    bool isReading() const { return nComputed() < nToRead; }
    std::int64_t nComputed() const { return memory.nTokens(); }
    std::int64_t nGenerated() const { return std::ssize(tokens) - nPrompt + nSlid - nSlidOfPrompt; }
    bool isSliding() const { return window.isUsable(); }
};

// Encodes and checks; one request per answer, in order of their ids. Errors: InvalidArgument,
// BadTemplate, ContextFull (the prompt does not fit).
Result<std::vector<std::unique_ptr<Request>>> startRequests(SubmittedRequest submitted,
                                                            LoadedModel& model);

// What one sampled token leads to, in the order to be told.
struct TokenOutcome {
    std::optional<TokenSampled> token;  // none: the one that ends the answer
    std::vector<TextSegment> texts;
    std::optional<StopReason> reason;  // set: the request ends here
};

// Its window went on a step: what its memory is without its tokens are without, too, and the next
// position is a smaller one.
void forgetGap(Request& request);

// Appends a token that was sampled from usable numbers and turns it into text.
TokenOutcome acceptToken(Request& request, const SampledToken& sampled, const Tokenizer* tokenizer);

RequestStats requestStats(const Request& request, double readBandwidthGbS);

// What the text of an answer that has ended was written in (GenerationFinished::tokens).
AnswerTokens answerTokens(const Request& request, const Tokenizer* tokenizer);

}  // namespace sotto
