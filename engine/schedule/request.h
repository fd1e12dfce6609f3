// Request: one generation in work, from its tokens to its clock. A plain struct of the engine
// thread.
//
// Made by startRequest() when it is submitted, admitted when the cache has room for all of it, gone
// with its last event. Only RequestControl is touched by other threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/engine_event.h"
#include "engine/api/generation_request.h"
#include "engine/kvcache/sequence_memory.h"
#include "engine/schedule/answer_stream.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/telemetry.h"
#include "engine/token/sampler.h"

namespace sotto {

struct RequestControl {
    std::atomic<bool> isCancelled{false};
};

// As it was submitted.
struct SubmittedRequest {
    RequestId id = 0;
    GenerationRequest request;
    std::shared_ptr<RequestControl> control;  // shared: set by any thread, read by the engine's
    Clock::time_point submitted;
};

struct Request {
    RequestId id = 0;
    std::shared_ptr<RequestControl> control;
    std::vector<std::int32_t> tokens;  // prompt, then generated
    std::int64_t nPrompt = 0;
    std::int64_t nReused = 0;  // of the prompt, in the cache when it was admitted
    std::int64_t maxTokens = -1;
    std::int64_t contextTokens = 0;
    std::int32_t nBlocksCharged = 0;
    bool isBackground = false;
    bool isIgnoringEnd = false;
    bool isEnded = false;  // its last event was told
    std::uint64_t seed = 0;
    SequenceMemory memory;
    Sampler sampler;
    AnswerStream answer;
    RequestClock clock;

    std::int64_t nComputed() const { return memory.nTokens(); }
    std::int64_t nGenerated() const { return static_cast<std::int64_t>(tokens.size()) - nPrompt; }
};

// Encodes and checks. Errors: InvalidArgument, BadTemplate, ContextFull (the prompt does not fit).
Result<std::unique_ptr<Request>> startRequest(SubmittedRequest submitted, LoadedModel& model);

// What one sampled token leads to, in the order to be told.
struct TokenOutcome {
    std::optional<TokenSampled> token;  // none: the one that ends the answer
    std::vector<TextSegment> texts;
    std::optional<StopReason> reason;  // set: the request ends here
    std::optional<Error> failure;      // set: it ends here, in this error; the rest is empty
};

// Appends a sampled token and turns it into text.
TokenOutcome acceptToken(Request& request, const SampledToken& sampled, const Tokenizer* tokenizer);

RequestStats requestStats(const Request& request, double readBandwidthGbS);

}  // namespace sotto
