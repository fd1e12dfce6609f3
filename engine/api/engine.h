// Engine: the one door to the inference engine. Loads a model, answers requests, tells events.
//
// Owns: the engine thread, which owns model, scheduler, KV cache and device.
// Threads: every method may be called from any thread and returns at once; work is queued, results
// come as events. Order of a normal life: create, load, submit*, unload, destroy (destroying
// cancels and joins). Pure virtual, because the app's tests run on a scripted fake (tests/fakes).
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "engine/api/engine_event.h"
#include "engine/api/engine_options.h"
#include "engine/api/generation_request.h"
#include "engine/api/prompt_description.h"
#include "engine/api/stats.h"

namespace sotto {

class Engine {
public:
    virtual ~Engine() = default;

    // Replaces a loaded model; requests in work are finished as Cancelled first. Ends in
    // ModelLoaded or LoadFailed. The loaded model stays until the new file has been read, checked
    // and planned, with the memory that the other gives back: a load that fails or is cancelled
    // before that leaves it as it is. Then ModelUnloaded is told, and what fails in reading the
    // weights ends without a model.
    virtual void load(const LoadOptions& options) = 0;
    virtual void cancelLoad() = 0;
    virtual void unload() = 0;

    // Queues a request, also while a model is still loading (it then waits). Ends in
    // GenerationFinished or GenerationFailed, always exactly one of them. With no model and none
    // loading it fails with InvalidArgument. With GenerationRequest::nAnswers the answers have that
    // many consecutive ids, of which the first is returned: each has events and an end of its own,
    // and can be cancelled by its own id.
    // Where the cache runs out, a request may be paused and go on later: its events stop for a
    // while, and none is told twice (RequestStats::preemptions).
    virtual RequestId submit(GenerationRequest request) = 0;

    // Takes effect within one step; the request ends with StopReason::Cancelled. Unknown ids are
    // ignored.
    virtual void cancel(RequestId request) = 0;

    // Tokens this prompt would take with the loaded model, for the composer's meter. Thread-safe,
    // does not wait for a step. Errors: InvalidArgument (no model, not UTF-8), BadTemplate.
    virtual Result<std::int64_t> countTokens(const Prompt& prompt) const = 0;

    // What the model would get of this chat, for whoever wants to look at it. As countTokens().
    virtual Result<PromptDescription> describePrompt(const ChatPrompt& chat) const = 0;

    // Tokens of a message's text alone, without the template's and BOS; what looks like a special
    // token is text. As countTokens(); errors: InvalidArgument (no model, no vocabulary, not
    // UTF-8).
    virtual Result<std::int64_t> countTextTokens(std::string_view text) const = 0;

    virtual EngineSnapshot snapshot() const = 0;
};

// Starts the engine thread. Errors: Unsupported (a device that is not there), OutOfMemory.
Result<std::unique_ptr<Engine>> createEngine(const EngineOptions& options, EventSink sink);

}  // namespace sotto
