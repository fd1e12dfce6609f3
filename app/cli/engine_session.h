// An engine with one loaded model, seen as ordinary calls: load, answer, done.
//
// Owns the engine. The engine's events arrive on its own thread and are queued here; the calls run
// and return on the caller's thread. Ctrl-C cancels the load or the answer within one step.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "app/core/prefix/disk_prefix_store.h"
#include "app/core/turn_drop.h"
#include "base/queue.h"
#include "engine/api/engine.h"

namespace sotto::cli {

struct Answer {
    std::string text;
    std::string thinking;
    std::vector<std::int32_t> ids;
    std::vector<TokenSampled> sampled;  // the same tokens, with what their model gave them
    StopReason reason = StopReason::EndOfText;
    RequestStats stats;
    AnswerTokens tokens;    // those of `text` alone
    app::TurnDrop dropped;  // of what was asked, with --overflow drop
};

// As `generate --json` and `chat --json` tell it.
Json answerJson(const Answer& answer);

class EngineSession {
public:
    // Shows a progress bar on a terminal. `prefixCacheFile`: what is read is kept there, and what
    // was is not read again; empty: nowhere. Errors: those of createEngine and of loading.
    static Result<std::unique_ptr<EngineSession>> open(const EngineOptions& engine,
                                                       const LoadOptions& model,
                                                       const std::string& prefixCacheFile = {});
    ~EngineSession();

    // `onText` is called as the answer grows. Errors: those of GenerationFailed. Cancelled by
    // Ctrl-C it is an Answer with that reason.
    Result<Answer> answer(GenerationRequest request,
                          const std::function<void(const AnswerText&)>& onText);

    // Of the loaded model, as Engine says it.
    Result<std::int64_t> countTokens(const Prompt& prompt) const {
        return m_engine->countTokens(prompt);
    }
    Result<PromptDescription> describe(const ChatPrompt& chat) const {
        return m_engine->describePrompt(chat);
    }
    // The model with other options. A load that fails before the old one goes leaves it.
    Status reload(const LoadOptions& model) { return load(model); }

    const ModelInfo& model() const { return m_info; }

private:
    using Mailbox = Queue<EngineEvent>;
    EngineSession();
    Status load(const LoadOptions& model);

    // Events on their way from the engine's thread to ours; shared with its sink.
    std::shared_ptr<Mailbox> m_mailbox;
    std::unique_ptr<app::DiskPrefixStore> m_prefixes;  // or null; outlives the engine
    std::unique_ptr<Engine> m_engine;
    ModelInfo m_info;
};

struct AnswerOptions;

// The request's sampling and stopping from the flags.
void applyAnswerOptions(const AnswerOptions& options, std::optional<std::uint64_t> seed,
                        GenerationRequest& request);
// The load, with the draft model that the flags name.
LoadOptions loadFor(const AnswerOptions& options, LoadOptions model);
std::optional<bool> thinkingChoice(const AnswerOptions& options);

}  // namespace sotto::cli
